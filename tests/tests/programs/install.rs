//! `cmake --install`: what lies where, that the prefix may be moved, that C and C++ programs find the library through
//! CMake and pkg-config in both forms, that LAMMPS finds the plugin, and the environment modules.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mtprs_testing::small_potential::SMALL_POTENTIAL;
use mtprs_testing::synthetic;
use mtprs_testing::{scratch, workspace};
use mtprs_tests::c_programs::{declared_functions, exported_functions};
use mtprs_tests::example_cell::assert_prints_the_numbers;
use mtprs_tests::installed::{cmake, configure, files_in, folder, installed, mtprs, pkg_config};
use mtprs_tests::lammps::{Job, Lammps, Probe, SAME_NUMBERS, probe, setup};
use mtprs_tests::process::succeed;

/// The file of a potential that the examples are run with.
fn small_potential() -> PathBuf {
    let file = folder().join("small.mtp");
    fs::write(&file, SMALL_POTENTIAL).expect("target is writable");
    file
}

fn compiler(variable: &str, program: &str) -> Command {
    let mut command = Command::new(env::var_os(variable).unwrap_or_else(|| program.into()));
    command.args(["-Wall", "-Wextra", "-Werror"]);
    command
}

#[test]
#[ignore = "long: run by make test-long"]
fn every_file_has_its_place() {
    let found = files_in(&installed().prefix);
    // What users and other programs rely on. The plugin is among them where a LAMMPS was named.
    let expected = include_str!("installed.txt").replace("VERSION", env!("CARGO_PKG_VERSION"));
    assert_eq!(expected.lines().count(), 28);
    for file in expected.lines() {
        assert!(found.iter().any(|found| found == file), "{file} is missing among {found:#?}");
    }
    let mlp = installed().prefix.join("bin/mlp");
    assert_eq!(fs::read_link(&mlp).expect("it is a link"), Path::new("mtprs"));
    assert!(succeed(Command::new(mlp).arg("list")).starts_with("train\ncalc-efs\n"));
    let version = succeed(mtprs(&installed().prefix).arg("--version"));
    assert_eq!(version, concat!("mtprs ", env!("CARGO_PKG_VERSION"), "\n"));
}

/// Packages are made this way.
#[test]
#[ignore = "long: run by make test-long"]
fn a_staged_installation_has_the_same_files() {
    let stage = scratch("install/stage");
    let mut install = cmake();
    install.arg("--install").arg(&installed().build).args(["--strip", "--prefix", "/opt/mtprs"]);
    succeed(install.env("DESTDIR", &stage));
    let staged = stage.join("opt/mtprs");
    assert_eq!(files_in(&staged), files_in(&installed().prefix));
    let size = |prefix: &Path| fs::metadata(prefix.join("bin/mtprs")).expect("it is there").len();
    assert!(size(&staged) < size(&installed().prefix), "bin/mtprs was not stripped");
    succeed(mtprs(&staged).arg("--version"));
}

/// The command is left out: its development profile names sources for backtraces.
#[test]
#[ignore = "long: run by make test-long"]
fn nothing_remembers_where_it_was_built_or_installed_first() {
    let traces = [workspace(), installed().first_prefix.clone()].map(|path| path.display().to_string());
    for file in
        files_in(&installed().prefix).iter().filter(|file| !["bin/mtprs", "bin/mlp"].contains(&file.as_str()))
    {
        let bytes = fs::read(installed().prefix.join(file)).expect("an installed file can be read");
        for trace in &traces {
            let found = bytes.windows(trace.len()).any(|window| window == trace.as_bytes());
            assert!(!found, "{file} names {trace}");
        }
    }
}

#[test]
#[ignore = "long: run by make test-long"]
fn both_libraries_show_the_functions_of_the_header_and_nothing_else() {
    let library = installed().prefix.join("lib");
    assert_eq!(exported_functions(&[], &library.join("libmtprs.a")), declared_functions());
    assert_eq!(exported_functions(&["-D"], &library.join("libmtprs.so")), declared_functions());
    let global = |options: &[&str], file: &str| {
        let mut command = Command::new("nm");
        command.args(options).args(["--defined-only", "--extern-only", "--format=posix"]);
        let listing = succeed(command.arg(library.join(file)));
        listing.lines().filter(|line| !line.is_empty() && !line.ends_with("]:")).count()
    };
    assert_eq!(global(&[], "libmtprs.a"), declared_functions().len());
    assert_eq!(global(&["-D"], "libmtprs.so"), declared_functions().len());
}

/// Programs name the interface, not the version, so that a new library serves them as long as it keeps its interface.
#[test]
#[ignore = "long: run by make test-long"]
fn the_shared_library_is_named_by_its_interface() {
    let library = installed().prefix.join("lib");
    let dynamic = succeed(Command::new("readelf").arg("-d").arg(library.join("libmtprs.so")));
    assert!(dynamic.contains("Library soname: [libmtprs.so.1]"), "{dynamic}");
    assert!(!dynamic.contains("RPATH") && !dynamic.contains("RUNPATH"), "{dynamic}");
    let target = |link: &str| fs::read_link(library.join(link)).expect("a link").display().to_string();
    assert_eq!(target("libmtprs.so"), "libmtprs.so.1");
    assert_eq!(target("libmtprs.so.1"), concat!("libmtprs.so.", env!("CARGO_PKG_VERSION")));
}

#[test]
#[ignore = "long: run by make test-long"]
fn cmake_programs_find_both_forms() {
    let prefix = &installed().prefix;
    for language in ["c", "cpp"] {
        for shared in ["ON", "OFF"] {
            let build = scratch(&format!("install/cmake-{language}-{shared}"));
            let source = prefix.join("share/mtprs/examples").join(language);
            configure(
                &source,
                &build,
                &[&format!("-DCMAKE_PREFIX_PATH={}", prefix.display()), &format!("-DSHARED={shared}")],
            );
            succeed(cmake().arg("--build").arg(&build));
            let program = build.join("evaluate");
            let what = format!("{language}, SHARED={shared}");
            assert_eq!(needs_the_shared_library(&program), shared == "ON", "{what}");
            assert_prints_the_numbers(&what, &succeed(Command::new(program).arg(small_potential())));
        }
    }
}

#[test]
#[ignore = "long: run by make test-long"]
fn cmake_programs_are_refused_a_version_or_a_part_that_is_not_there() {
    let source = scratch("install/refused");
    let configured = |arguments: &str| {
        let project =
            format!("cmake_minimum_required(VERSION 3.21)\nproject(x C)\nfind_package(mtprs {arguments})\n");
        fs::write(source.join("CMakeLists.txt"), project).expect("target is writable");
        let mut command = cmake();
        command.arg("-S").arg(&source).arg("-B").arg(source.join("build"));
        command.arg(format!("-DCMAKE_PREFIX_PATH={}", installed().prefix.display()));
        command.output().expect("cmake starts").status.success()
    };
    assert!(configured("0.1 REQUIRED COMPONENTS static shared plugin"));
    assert!(!configured("0.2 REQUIRED"));
    assert!(!configured("1.0 REQUIRED"));
    assert!(!configured("0.1 REQUIRED COMPONENTS fortran"));
}

#[test]
#[ignore = "long: run by make test-long"]
fn pkg_config_programs_find_both_forms() {
    let prefix = &installed().prefix;
    let folder = scratch("install/pkg-config");
    let library = prefix.join("lib");
    for (language, compiler_of, source) in
        [("c", ("CC", "cc"), "examples/c/evaluate.c"), ("cpp", ("CXX", "c++"), "examples/cpp/evaluate.cpp")]
    {
        // the last is a program without any shared library, of which the C library warns
        for (form, options, further) in [
            ("shared", &["--cflags", "--libs", "mtprs"][..], &[][..]),
            ("static", &["--cflags", "--libs", "mtprs-static"], &[]),
            ("alone", &["--cflags", "--static", "--libs", "mtprs"], &["-static"]),
        ] {
            let program = folder.join(format!("{language}-{form}"));
            let mut command = compiler(compiler_of.0, compiler_of.1);
            command.args(further).arg(workspace().join(source)).args(pkg_config(prefix, options));
            succeed(command.arg("-o").arg(&program));
            let what = format!("{language}, {form}");
            assert_eq!(needs_the_shared_library(&program), form == "shared", "{what}");
            let mut command = Command::new(program);
            command.arg(small_potential()).env("LD_LIBRARY_PATH", &library);
            assert_prints_the_numbers(&what, &succeed(&mut command));
        }
    }
    let version = pkg_config(prefix, &["--modversion", "mtprs"]);
    assert_eq!(version, [env!("CARGO_PKG_VERSION")]);
}

fn needs_the_shared_library(program: &Path) -> bool {
    let dynamic = succeed(Command::new("readelf").arg("-d").arg(program));
    dynamic.contains("Shared library: [libmtprs.so.1]")
}

/// Archives that cargo makes define Rust's runtime, each its own. The linker leaves one of them out where they are of the
/// same version of Rust; the option makes it take all, as it must where they are not.
#[test]
#[ignore = "long: run by make test-long"]
fn the_static_library_stands_beside_another_one_from_rust() {
    let folder = scratch("install/beside");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("target is writable");
    write(
        "other.rs",
        "#[unsafe(no_mangle)] pub extern \"C\" fn other() -> i32 {
             std::panic::catch_unwind(|| if std::env::args().count() > 0 { panic!(\"caught\") }).is_err() as i32
         }",
    );
    write("both.c", &both_libraries());
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--crate-type", "staticlib", "--edition", "2024", "-o", "libother.a", "other.rs"]);
    succeed(rustc.current_dir(&folder));
    let mut command = compiler("CC", "cc");
    command.args(["both.c", "-Wl,--whole-archive", "libother.a"]).current_dir(&folder);
    command.args(pkg_config(&installed().prefix, &["--cflags", "--libs", "mtprs-static"]));
    succeed(command.args(["-Wl,--no-whole-archive", "-o", "both"]));
    assert_eq!(succeed(&mut Command::new(folder.join("both"))), "1 1\n");
}

/// A C program that calls both libraries.
fn both_libraries() -> String {
    "#include \"mtprs.h\"
     #include <stdio.h>
     int other(void);
     int main(void) { printf(\"%u %d\\n\", (unsigned) mtprs_abi_version(), other()); return 0; }
    "
    .to_owned()
}

#[test]
#[ignore = "long: run by make test-long"]
fn lammps_finds_the_installed_plugin_by_itself() {
    let potential = synthetic::three_species(5.0);
    let structure = synthetic::crystal(91);
    let plugins = installed().prefix.join("lib/lammps/plugins");
    let script = format!(
        "{}{}
         velocity all create 1000 4711
         fix nve all nve
         run 1 post no
         {}",
        setup(&structure, "crystal", "Mg V O").replace("clear\n", ""),
        probe("start"),
        probe("moved"),
    );
    for ranks in [1, 2] {
        let finished = Job::new(&format!("install-{ranks}"))
            .ranks(ranks)
            .structure("crystal.lmp", &structure)
            .potential("crystal.mtp", &potential)
            .preparation(&format!("export LAMMPS_PLUGIN_PATH='{}'", plugins.display()))
            .run_bare(&script);
        finished.assert_success();
        let loaded = format!("Loaded 1 plugins from {}", plugins.display());
        assert!(finished.output.contains(&loaded), "{}", finished.output);
        let expected = Probe::of_library(&potential, &structure.plain_configuration());
        finished.probe("start").assert_close(&expected, SAME_NUMBERS, "start");
        let moved = finished.structure("moved").with_periodic(structure.periodic);
        let expected = Probe::of_library(&potential, &moved.plain_configuration());
        finished.probe("moved").assert_close(&expected, SAME_NUMBERS, "moved");
    }
}

#[test]
#[ignore = "long: run by make test-long"]
fn the_plugin_can_be_installed_alone() {
    let plugin = Lammps::current().plugin().to_owned();
    let prefix = scratch("install/plugin-alone");
    let build = plugin.parent().expect("the plugin lies in its build folder");
    succeed(cmake().arg("--install").arg(build).arg("--prefix").arg(&prefix));
    let found = files_in(&prefix);
    assert_eq!(
        found.iter().filter(|file| file.starts_with("lib/")).collect::<Vec<_>>(),
        ["lib/lammps/plugins/mtprsplugin.so"]
    );
    assert!(found.iter().any(|file| file == "share/licenses/mtprs/LICENSE-GPL-2.0"), "{found:?}");
    let read = |path: &Path| fs::read(path).expect("a plugin can be read");
    assert!(read(&plugin) == read(&prefix.join("lib/lammps/plugins/mtprsplugin.so")), "they differ");
}

/// Both say the same, in the two languages of module systems, and name folders that are there.
#[test]
#[ignore = "long: run by make test-long"]
fn the_environment_modules_name_what_is_installed() {
    let prefix = &installed().prefix;
    let read = |name: &str| {
        fs::read_to_string(prefix.join("share/modulefiles/mtprs").join(name)).expect("a module file is text")
    };
    let version = env!("CARGO_PKG_VERSION");
    let (lua, tcl) = (read(&format!("{version}.lua")), read(version));
    let folders = folders_of_lua(&lua);
    assert_eq!(folders, folders_of_tcl(&tcl));
    assert!(tcl.starts_with("#%Module1.0\n"), "{tcl}");
    for variable in ["PATH", "LAMMPS_PLUGIN_PATH", "CMAKE_PREFIX_PATH", "PKG_CONFIG_PATH", "MANPATH"] {
        assert!(folders.contains_key(variable), "{variable} is not set by\n{lua}");
    }
    for (variable, folder) in &folders {
        assert!(prefix.join(folder).is_dir(), "{variable} names {folder}, which is not there");
    }
    let place = format!("sub(1, -#\"/share/modulefiles/mtprs/{version}.lua\" - 1)");
    assert!(lua.contains(&place), "{lua}");
    assert!(tcl.contains("[file dirname $ModulesCurrentModulefile] \"../../..\""), "{tcl}");
}

/// Folders by variable, from lines like `prepend_path("PATH", pathJoin(prefix, "bin"))`.
fn folders_of_lua(text: &str) -> BTreeMap<String, String> {
    let commands = text.lines().filter_map(|line| line.strip_prefix("prepend_path("));
    let quoted = commands.map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned));
    quoted.map(|mut words| (words.next().expect("a variable"), words.next().unwrap_or_default())).collect()
}

/// Folders by variable, from lines like `prepend-path PATH "$prefix/bin"`.
fn folders_of_tcl(text: &str) -> BTreeMap<String, String> {
    let commands = text.lines().filter_map(|line| line.strip_prefix("prepend-path "));
    let words = commands.filter_map(|line| line.split_once(' '));
    let folder = |word: &str| {
        let word = word.trim().trim_matches('"').strip_prefix("$prefix").expect("a folder of the prefix");
        word.trim_start_matches('/').to_owned()
    };
    words.map(|(variable, word)| (variable.to_owned(), folder(word))).collect()
}
