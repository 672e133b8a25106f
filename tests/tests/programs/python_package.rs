//! The Python package and its calculator for ASE: the numbers of the command line to the last bit, those of motep's
//! calculator to rounding, derivatives, dynamics, relaxation, and what ASE expects of a calculator.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mtprs_core::format::{load_potential, save_potential, save_state};
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;
use mtprs_testing::active_set::state;
use mtprs_testing::sample::{Arrangement, Recipe, potential};
use mtprs_testing::{cfg_text, read_cfg, scratch, workspace};
use mtprs_tests::learning::program;
use mtprs_tests::process::succeed;
use mtprs_tests::python;

/// Measured: 4e-12 beside motep. What the project promises is 1e-9.
const TOLERANCE: &str = "1e-10";

/// An empty folder of one test.
fn folder(name: &str) -> PathBuf {
    scratch(&format!("python_package/{name}"))
}

/// The trained potential of the repository.
fn mgvo() -> PathBuf {
    workspace().join("examples/mgv2o5/mgvo.mtp")
}

/// Configurations of every arrangement, periodic in zero to three directions.
fn configurations(species: usize, seed: u64) -> Vec<Configuration> {
    let recipes = Arrangement::ALL.into_iter().flat_map(|arrangement| {
        (0..=3).map(move |periodic| Recipe { arrangement, periodic, atoms: 3 + periodic, species })
    });
    recipes.enumerate().map(|(number, recipe)| recipe.make(100 * seed + number as u64)).collect()
}

/// Writes a potential and configurations for it.
fn write(folder: &Path, potential: &Potential, configurations: &[Configuration]) -> [PathBuf; 2] {
    let paths = [folder.join("pot.mtp"), folder.join("in.cfg")];
    save_potential(potential, &paths[0]).expect("the folder is writable");
    fs::write(&paths[1], cfg_text(configurations)).expect("the folder is writable");
    paths
}

/// What the command line writes for a file of configurations.
fn by_command(arguments: &[&Path], options: &[&str]) -> Vec<Configuration> {
    succeed(
        Command::new(program())
            .arg(options[0])
            .args(arguments)
            .args(&options[1..])
            .args(["-q", "-j", "1", "--force"]),
    );
    read_cfg(arguments.last().expect("the output is the last one"))
}

/// The numbers that the script prints for each configuration.
fn by_package(arguments: &[&Path]) -> Vec<Vec<f64>> {
    let threads = std::iter::once("1".to_owned());
    let arguments: Vec<String> =
        threads.chain(arguments.iter().map(|path| path.display().to_string())).collect();
    let output = python::output_with_package("tests/python/package_numbers.py", &arguments);
    let numbers = |line: &str| line.split(' ').map(|word| word.parse().expect("a number")).collect();
    output.lines().map(numbers).collect()
}

/// Energy, energies of atoms, forces and virial in the order of the script.
fn efs(labeled: &Configuration) -> Vec<f64> {
    let mut numbers = vec![labeled.energy.expect("the energy is written")];
    numbers.extend(labeled.site_energies.as_ref().expect("--site-energies was asked for"));
    numbers.extend(labeled.forces.as_ref().expect("forces are written").as_flattened());
    numbers.extend(labeled.virial.expect("the virial is written").to_cfg_order());
    numbers
}

/// Holds numbers that come with grades to those without: another schedule, which rounds in another order.
fn assert_close(got: &[f64], expected: &[f64]) {
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= 1e-12 * expected.abs().max(100.0), "{got} instead of {expected}");
    }
}

/// Holds the package to the command line, with a state of each mode.
fn assert_same_as_command_line(folder: &Path, potential: &Potential, configurations: &[Configuration]) {
    let [mtp, cfg] = write(folder, potential, configurations);
    let evaluated =
        by_command(&[&mtp, &cfg, &folder.join("evaluated.cfg")], &["evaluate", "--site-energies"]);
    let expected: Vec<Vec<f64>> = evaluated.iter().map(efs).collect();
    assert_eq!(by_package(&[&mtp, &cfg]), expected);
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        let path = folder.join(format!("{mode}.mtps"));
        save_state(&state(potential, mode, 3), &path).expect("the folder is writable");
        let graded = by_command(&[&mtp, &path, &cfg, &folder.join("graded.cfg")], &["grade"]);
        let got = by_package(&[&mtp, &cfg, &path]);
        assert_eq!(got.len(), graded.len());
        let mut largest = 0.0_f64;
        for ((got, graded), plain) in got.iter().zip(&graded).zip(&expected) {
            let grade: f64 = graded.feature("MV_grade").expect("grades are written").parse().unwrap();
            let atoms = graded.neighborhood_grades.clone().unwrap_or_default();
            assert_eq!(atoms.is_empty(), mode == GradeMode::Configuration || graded.is_empty());
            let (numbers, grades) = got.split_at(plain.len());
            assert_close(numbers, plain);
            assert_eq!(grades, [vec![grade], atoms].concat(), "{mode}");
            largest = largest.max(grade);
        }
        assert!(largest > 0.1, "nothing to compare: the largest grade is {largest}");
    }
}

#[test]
fn numbers_are_those_of_the_command_line() {
    for (level, species) in [(6, 3), (10, 2), (16, 1)] {
        let folder = folder(&format!("numbers-{level}"));
        let all = configurations(species, level as u64);
        assert_same_as_command_line(&folder, &potential(level, species, level as u64), &all);
    }
}

#[test]
fn numbers_for_amorphous_mgv2o5_are_those_of_the_command_line() {
    let frames = read_cfg(&workspace().join("examples/mgv2o5/validation.cfg"));
    let frames: Vec<Configuration> = frames.into_iter().step_by(5).collect();
    let potential = load_potential(&mgvo()).expect("it is a potential");
    assert_same_as_command_line(&folder("numbers-mgvo"), &potential, &frames);
}

#[test]
fn numbers_are_those_of_the_calculator_of_motep() {
    let mut arguments = vec![TOLERANCE.to_owned()];
    let mut add = |paths: [PathBuf; 2]| arguments.extend(paths.map(|path| path.display().to_string()));
    add([mgvo(), workspace().join("examples/mgv2o5/validation.cfg")]);
    for (level, species) in [(2, 1), (8, 4), (12, 2), (16, 3), (20, 1)] {
        let potential = potential(level, species, 7);
        add(write(&folder(&format!("motep-{level}")), &potential, &configurations(species, 7)));
    }
    let said = python::output_with_package("tests/python/ase_motep.py", &arguments);
    assert!(said.contains("stress"), "{said}");
}

/// Runs a case of a script with the potential of the repository.
fn case(script: &str, case: &str, states: &[PathBuf]) {
    let scratch = folder(&format!("{script}-{case}"));
    let mut arguments = vec![case.to_owned()];
    arguments.extend([mgvo(), scratch].iter().chain(states).map(|path| path.display().to_string()));
    python::output_with_package(&format!("tests/python/{script}.py"), &arguments);
}

/// Selection states of the potential of the repository in both modes.
fn states(name: &str) -> [PathBuf; 2] {
    let folder = folder(name);
    let potential = load_potential(&mgvo()).expect("it is a potential");
    [GradeMode::Configuration, GradeMode::Neighborhood].map(|mode| {
        let path = folder.join(format!("{mode}.mtps"));
        save_state(&state(&potential, mode, 5), &path).expect("the folder is writable");
        path
    })
}

#[test]
fn forces_and_stress_are_derivatives_of_the_energy_in_every_kind_of_cell() {
    case("ase_physics", "derivatives", &[]);
    case("ase_physics", "cells", &[]);
}

#[test]
fn dynamics_conserves_the_energy() {
    case("ase_physics", "dynamics", &[]);
}

#[test]
fn positions_and_cell_relax() {
    case("ase_physics", "relaxation", &[]);
}

#[test]
fn copies_pickles_and_other_processes_give_the_same_numbers() {
    case("ase_contract", "copies", &states("copies"));
}

#[test]
fn there_is_one_evaluation_for_each_change_that_matters() {
    case("ase_contract", "changes", &states("changes"));
}

#[test]
fn what_ase_writes_is_read_back() {
    case("ase_contract", "files", &[]);
}

#[test]
fn what_cannot_be_used_is_refused_in_words() {
    case("ase_contract", "errors", &[]);
}

#[test]
fn arrays_and_threads_of_any_kind_give_the_same_numbers() {
    case("package_arrays", "arrays", &[]);
    case("package_arrays", "heat_flux", &[]);
    case("package_arrays", "threads", &[]);
}

#[test]
fn ases_own_tests_pass_with_this_calculator_in_place_of_theirs() {
    let folder = folder("ase_own_tests");
    let script = "tests/python/ase_own_tests.py";
    let path = |name: &str| folder.join(name).display().to_string();
    python::output_with_package(script, &["frames".to_owned(), path("emt.extxyz")]);
    for arguments in [
        "convert emt.extxyz emt.cfg --species Al,Ni,Cu,Pd,Ag,Pt,Au",
        "init --level 8 --species Al,Ni,Cu,Pd,Ag,Pt,Au --cutoff 5.5 --min-dist 1.8 -o 8.mtp",
        "train 8.mtp emt.cfg -o pot.mtp --max-iter 100 --starts 1",
    ] {
        succeed(Command::new(program()).current_dir(&folder).args(arguments.split(' ')));
    }
    let said = python::output_with_package(script, &["run".to_owned(), path("pot.mtp")]);
    assert!(said.contains("of ASE's tests passed, 0 failed"), "{said}");
}

#[test]
fn ase_reads_and_writes_cfg() {
    let arguments = [program(), folder("ase_cfg")].map(|path| path.display().to_string());
    let said = python::output_with_package("tests/python/ase_cfg.py", &arguments);
    assert!(said.contains("24 passed"), "{said}");
}

#[test]
fn commands_in_python_are_those_of_the_program() {
    let arguments = [program(), folder("package_commands")].map(|path| path.display().to_string());
    let said = python::output_with_package("tests/python/package_commands.py", &arguments);
    assert!(said.contains("14 passed"), "{said}");
}

#[test]
fn the_notebooks_run() {
    for name in ["training", "active_learning"] {
        let notebook = workspace().join(format!("examples/notebooks/{name}.ipynb"));
        let arguments =
            [notebook, folder(&format!("notebooks/{name}"))].map(|path| path.display().to_string());
        python::output_with_package("tests/python/notebooks.py", &arguments);
    }
}

#[test]
fn plugins_go_with_the_lammps_that_they_were_built_for() {
    let said = python::output_with_package(
        "tests/python/lammps_plugins.py",
        &[folder("lammps_plugins").display().to_string()],
    );
    assert!(said.contains("23 passed"), "{said}");
}

/// Runs a script of the example in a folder of its own; gives what it prints.
fn example(script: &str, folder: &Path, options: &[&str]) -> String {
    let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
    let out = if script == "relax.py" { folder.join("relaxed.extxyz") } else { folder.to_owned() };
    let arguments = [vec!["--out".to_owned(), out.display().to_string()], options].concat();
    python::output_with_package(&format!("examples/ase/{script}"), &arguments)
}

#[test]
fn the_examples_run() {
    let folder = folder("example");
    let said = example("relax.py", &folder, &["--pressure", "2"]);
    let pressure = |line: &str| line.split(" GPa").next()?.split(' ').next_back()?.parse().ok();
    let pressures: Vec<f64> = said.lines().filter_map(pressure).collect();
    assert!(pressures.len() == 2 && (pressures[1] - 2.0).abs() < 0.1, "{said}");
    assert!(folder.join("relaxed.extxyz").exists());

    // the state was made for crystals: the glass is out of what it knows
    let state = states("example-states")[1].display().to_string();
    let said = example("md.py", &folder, &["--steps", "60", "--every", "20", "--threads", "2"]);
    assert_eq!(said.lines().count(), 5, "{said}");
    assert!(!folder.join("selected.extxyz").exists());
    let options = ["--steps", "20", "--every", "20", "--state", &state];
    let mut command = python::with_package(Command::new(python::interpreter()));
    let script = workspace().join("examples/ase/md.py");
    let output = command.arg(script).arg("--out").arg(&folder).args(options).output().expect("Python starts");
    assert!(String::from_utf8_lossy(&output.stderr).contains("the grade is above 10"), "{output:?}");
    let selected = fs::read_to_string(folder.join("selected.extxyz")).expect("the frame was kept");
    assert!(selected.starts_with("96\nLattice=") && selected.contains(":forces:R:3"), "{selected}");
}

/// `import mtprs` loads neither numpy nor the library; another library than ours, or none, is refused in words.
#[test]
fn the_library_is_loaded_when_it_is_needed() {
    let run = |program: &str, library: &Path| {
        let mut command = python::with_package(Command::new(python::interpreter()));
        let output = command.args(["-c", program]).env("MTPRS_LIBRARY", library).output();
        let output = output.expect("Python starts");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let nowhere = folder("library").join("libmtprs.so");
    let light = "import sys, mtprs; assert not {'numpy', 'ase'} & sys.modules.keys(), sys.modules";
    assert_eq!(run(light, &nowhere), (true, String::new()));
    let version = format!("import mtprs; assert mtprs.__version__ == {:?}", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&version, &python::package_library()), (true, String::new()));
    for (source, words) in [
        (None, "cannot open shared object file"),
        (Some("int other;"), "undefined symbol: mtprs_abi_version"),
        (
            Some("unsigned mtprs_abi_version(void) { return 77; }"),
            "has interface 77, this Python package was made for 1",
        ),
        (Some("unsigned mtprs_abi_version(void) { return 1; }"), "is too old"),
    ] {
        let library = folder("library").join("libmtprs.so");
        if let Some(source) = source {
            fs::write(library.with_extension("c"), source).expect("the folder is writable");
            let mut compiler = Command::new("cc");
            compiler.args(["-shared", "-o"]).arg(&library).arg(library.with_extension("c"));
            assert!(compiler.status().expect("there is a C compiler").success());
        }
        let (success, said) = run(&version, &library);
        assert!(
            !success && said.contains("ImportError: the mtprs library") && said.contains(words),
            "{said}"
        );
        assert!(said.contains("hint: "), "{said}");
    }
}
