//! What `mtprsplugin.so` shows to the process that loads it: its entry point, and no dependency on one LAMMPS or MPI.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use mtprs_testing::workspace;
use mtprs_tests::process::succeed;

/// The plugins of `make plugins`, one for each LAMMPS that the tests run.
fn plugins() -> [PathBuf; 3] {
    [
        ("MTPRS_PLUGIN", "build/plugin"),
        ("MTPRS_PLUGIN_2024", "build/plugin-2024"),
        ("MTPRS_PLUGIN_2023", "build/plugin-2023"),
    ]
    .map(|(variable, folder)| {
        let default = workspace().join(folder).join("mtprsplugin.so");
        let plugin = env::var_os(variable).map_or(default, |plugin| workspace().join(plugin));
        assert!(plugin.exists(), "{} is missing: run `make plugins`", plugin.display());
        plugin
    })
}

/// Names of the dynamic symbols, without their versions.
fn symbols(plugin: &PathBuf, which: &str) -> Vec<String> {
    let listing = succeed(Command::new("nm").args(["-D", which, "--format=posix"]).arg(plugin));
    let names = listing.lines().filter_map(|line| line.split([' ', '@']).next());
    names.map(str::to_owned).collect()
}

#[test]
#[ignore = "long: run by make test-long"]
fn the_entry_point_is_the_only_symbol_defined() {
    for plugin in plugins() {
        assert_eq!(symbols(&plugin, "--defined-only"), ["lammpsplugin_init"], "{}", plugin.display());
    }
}

#[test]
#[ignore = "long: run by make test-long"]
fn the_rust_library_is_inside() {
    for plugin in plugins() {
        let undefined = symbols(&plugin, "--undefined-only");
        assert!(undefined.iter().any(|name| name == "MPI_Bcast"), "{undefined:?}");
        assert!(!undefined.iter().any(|name| name.starts_with("mtprs_")), "{undefined:?}");
    }
}

#[test]
#[ignore = "long: run by make test-long"]
fn neither_lammps_nor_mpi_is_linked() {
    for plugin in plugins() {
        let dynamic = succeed(Command::new("readelf").arg("-d").arg(&plugin));
        let needed: Vec<&str> = dynamic.lines().filter(|line| line.contains("(NEEDED)")).collect();
        assert!(needed.iter().any(|line| line.contains("libc.so")), "{dynamic}");
        assert!(!needed.iter().any(|line| line.contains("lammps") || line.contains("mpi")), "{needed:?}");
        assert!(!dynamic.contains("RPATH") && !dynamic.contains("RUNPATH"), "{dynamic}");
    }
}
