//! The descriptions for conda, EasyBuild and Spack: their options are options of CMake, their versions and licences those of the
//! workspace, what they name is there, and the scripts of conda change the environment and put it back.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use mtprs_testing::workspace;
use mtprs_tests::installed::{cmake, folder};
use mtprs_tests::lammps::Lammps;
use mtprs_tests::process::{output, succeed};
use mtprs_tests::python;

fn text(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Words of a text that begin as our options of CMake do.
fn options_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
    let ours = words.map(|word| word.strip_prefix('D').unwrap_or(word));
    ours.filter(|word| word.starts_with("MTPRS_") || word.starts_with("LAMMPS_")).map(str::to_owned).collect()
}

/// The cache variables of the CMake project, read from its listing.
fn options_of_cmake() -> BTreeSet<String> {
    let build = lammps_prefix().with_file_name("options");
    let mut command = cmake();
    command
        .arg("--fresh")
        .arg("-S")
        .arg(workspace())
        .arg("-B")
        .arg(&build)
        .args(["-LA", "-DMTPRS_CARGO_PROFILE=dev"]);
    command.arg(format!("-DLAMMPS_PREFIX={}", lammps_prefix().display()));
    command.arg(format!("-DMTPRS_MPI_INCLUDE_DIR={}", mpi_prefix().join("include").display()));
    let listing = succeed(&mut command);
    listing.lines().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
}

/// An installed LAMMPS: links to the one of `.venv`.
fn lammps_prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let prefix = folder().join("packaging/lammps");
        let program = Lammps::current().program().to_owned();
        let package = program.parent().expect("lmp lies in its package");
        let _absent_at_first = fs::remove_dir_all(&prefix);
        for (link, file) in
            [("bin/lmp", "lmp"), ("lib/liblammps.so", "liblammps.so"), ("include/lammps", "include/lammps")]
        {
            let link = prefix.join(link);
            fs::create_dir_all(link.parent().expect("a folder")).expect("target is writable");
            symlink(package.join(file), link).expect("target is writable");
        }
        prefix
    })
}

fn mpi_prefix() -> PathBuf {
    let environment = Lammps::current().libraries();
    environment.parent().expect("lib lies in the environment").to_owned()
}

#[test]
fn conda_gives_options_that_there_are() {
    let given = options_in(&text("packaging/conda/build.sh"));
    assert!(given.contains("LAMMPS_PREFIX") && given.contains("LAMMPS_SOURCE_DIR"), "{given:?}");
    let known = options_of_cmake();
    let unknown: Vec<_> = given.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?} are no options of CMake: {known:?}");
}

/// The recipe of EasyBuild is a program in Python, whose variables are its parameters.
fn easybuild() -> serde_json::Value {
    let recipe = workspace().join("packaging/easybuild/mtprs-0.1.0-foss-2025b-LAMMPS-22Jul2025_update4.eb");
    let script = "import json, sys; values = {}; exec(open(sys.argv[1]).read(), values); \
                  print(json.dumps({k: v for k, v in values.items() if not k.startswith('_')}))";
    let mut command = Command::new(python::interpreter());
    serde_json::from_str(&succeed(command.arg("-c").arg(script).arg(recipe))).expect("JSON")
}

#[test]
fn easybuild_gives_options_that_there_are_and_looks_for_files_that_are_installed() {
    let recipe = easybuild();
    assert_eq!(recipe["version"], env!("CARGO_PKG_VERSION"));
    let given = options_in(recipe["configopts"].as_str().expect("text"));
    assert!(given.contains("LAMMPS_PREFIX"), "{given:?}");
    let known = options_of_cmake();
    assert!(given.is_subset(&known), "{given:?} are not all options of CMake: {known:?}");
    let installed = include_str!("installed.txt");
    let looked_for = recipe["sanity_check_paths"]["files"].as_array().expect("files");
    assert!(looked_for.len() >= 5);
    for file in looked_for {
        let file = file.as_str().expect("a path");
        assert!(installed.lines().any(|line| line == file), "{file} is not installed");
    }
    for folder in recipe["sanity_check_paths"]["dirs"].as_array().expect("folders") {
        let folder = folder.as_str().expect("a path");
        assert!(installed.lines().any(|line| line.starts_with(folder)), "{folder} is not installed");
    }
}

#[test]
fn conda_names_the_version_and_files_that_are_there() {
    let recipe = text("packaging/conda/recipe.yaml");
    let version = format!("\n  version: \"{}\"\n", env!("CARGO_PKG_VERSION"));
    assert!(recipe.contains(&version), "expected {version} in\n{recipe}");
    let (_, after) = recipe.split_once("license_file:\n").expect("the recipe names the licences");
    let licences = after.lines().map_while(|line| line.trim().strip_prefix("- "));
    let (_, after) = recipe.split_once("      source:\n").expect("the recipe names files of its test");
    let test = after.lines().map_while(|line| line.trim().strip_prefix("- "));
    let files: Vec<&str> = licences.chain(test).filter(|file| *file != "THIRDPARTY.yml").collect();
    assert!(files.len() >= 6, "{files:?}");
    for file in files {
        assert!(workspace().join(file).exists(), "{file} is missing");
    }
    let license = "license: (MIT OR Apache-2.0) AND GPL-2.0-or-later";
    assert!(recipe.contains(license), "{recipe}");
}

#[test]
fn environments_of_conda_lead_lammps_to_the_plugin_and_back() {
    let scripts = workspace().join("packaging/conda");
    for (before, within, after) in [
        ("", "/env/lib/lammps/plugins", "unset"),
        ("/other", "/env/lib/lammps/plugins:/other", "/other"),
        ("/other:/third", "/env/lib/lammps/plugins:/other:/third", "/other:/third"),
    ] {
        let mut command = Command::new("sh");
        command.args([
            "-euc",
            ". ./activate.sh; echo $LAMMPS_PLUGIN_PATH; . ./deactivate.sh; echo ${LAMMPS_PLUGIN_PATH-unset}",
        ]);
        command.current_dir(&scripts).env("CONDA_PREFIX", "/env").env_remove("LAMMPS_PLUGIN_PATH");
        if !before.is_empty() {
            command.env("LAMMPS_PLUGIN_PATH", before);
        }
        assert_eq!(succeed(&mut command), format!("{within}\n{after}\n"));
    }
}

/// What the package of Spack makes of some variants, as JSON.
fn spack(variants: &str) -> serde_json::Value {
    let prefixes = [lammps_prefix().to_owned(), mpi_prefix()].map(|path| path.display().to_string());
    let arguments = [&[variants.to_owned()][..], &prefixes].concat();
    let output = python::output_of("spack_arguments.py", &arguments);
    serde_json::from_str(&output).expect("JSON")
}

#[test]
fn cmake_takes_what_spack_gives_it() {
    for (variants, plugin) in [("+plugin+mpi", true), ("~plugin~shared", false), ("+plugin~command", true)] {
        let build = folder().join("packaging").join(variants);
        let _absent_at_first = fs::remove_dir_all(&build);
        let given = spack(variants);
        let mut command = cmake();
        command.arg("-S").arg(workspace()).arg("-B").arg(&build);
        command.args(
            given["cmake"].as_array().expect("arguments").iter().map(|word| word.as_str().expect("text")),
        );
        let output = output(&mut command);
        let said =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        assert!(output.status.success(), "{variants}: {said}");
        assert!(!said.contains("not used by the project"), "{variants}: {said}");
        assert_eq!(
            said.contains("LAMMPS 22 Jul 2025 (stable_22Jul2025_update4)"),
            plugin,
            "{variants}: {said}"
        );
        assert_eq!(given["run"]["LAMMPS_PLUGIN_PATH"].is_string(), plugin, "{variants}: {given}");
    }
}

#[test]
fn spack_names_the_licences_of_the_parts() {
    let declared = &spack("")["declared"];
    assert_eq!(
        declared["license"].to_string(),
        r#"[["MIT OR Apache-2.0"],["(MIT OR Apache-2.0) AND GPL-2.0-or-later"]]"#
    );
    let rust = declared["depends_on"].to_string();
    let minimum = text("Cargo.toml");
    let (_, minimum) = minimum.split_once("rust-version = \"").expect("the workspace says which Rust");
    let (minimum, _) = minimum.split_once('"').expect("a version in quotes");
    assert!(rust.contains(&format!("rust@{minimum}:")), "{rust}");
}
