//! The C header and the programs of `examples/`: they compile without a warning and print what the Rust evaluator says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mtprs_core::evaluate::{Efs, Evaluator};
use mtprs_core::format::parse_potential;
use mtprs_core::geometry::{Cell, Configuration};
use mtprs_tests::c_programs::{Language, build, check, run, static_library};
use mtprs_tests::small_potential::SMALL_POTENTIAL;
use mtprs_tests::workspace;

/// Both languages with the example written in them.
fn examples() -> [(Language, PathBuf); 2] {
    let folder = workspace().join("examples");
    [(Language::C, folder.join("c/evaluate.c")), (Language::Cpp, folder.join("cpp/evaluate.cpp"))]
}

/// A folder of one test, empty.
fn scratch(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).expect("a folder under target/ can be made");
    folder
}

/// The cell of the examples.
fn displaced_cube() -> Configuration {
    let cell = Cell::new(&[[5.8, 0.0, 0.0], [0.0, 5.8, 0.0], [0.0, 0.0, 5.8]]).expect("a cube");
    let position = |atom: i32| {
        let grid = [atom % 2, atom / 2 % 2, atom / 4];
        std::array::from_fn(|axis| {
            let displacement = 0.03 * f64::from((7 * atom + 3 * axis as i32) % 5 - 2);
            2.9 * f64::from(grid[axis]) + displacement
        })
    };
    Configuration::new(cell, (0..8).map(|atom| atom % 2).collect(), (0..8).map(position).collect())
        .expect("eight atoms in a cube")
}

fn expected() -> Efs {
    let potential = parse_potential(SMALL_POTENTIAL.as_bytes(), "small.mtp").expect("a valid potential");
    Evaluator::new(&potential)
        .and_then(|mut evaluator| evaluator.evaluate(&displaced_cube()))
        .expect("it evaluates")
}

/// The numbers of the lines that begin with a word.
fn numbers_after(output: &str, word: &str, labels: usize) -> Vec<f64> {
    let lines = output.lines().filter(|line| line.split(' ').next() == Some(word));
    let words = lines.flat_map(|line| line.split(' ').skip(1 + labels));
    words.map(|word| word.parse().unwrap_or_else(|_| panic!("expected a number, got {word}"))).collect()
}

/// Holds numbers equal to rounding: both come from the same library, but the C program's is compiled apart.
fn assert_close(what: &str, got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{what}: {got:?}");
    let scale = expected.iter().fold(0.0_f64, |scale, value| scale.max(value.abs()));
    assert!(scale > 1e-3, "{what}: nothing to compare, all of {expected:?} is close to zero");
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= 1e-13 * scale, "{what}: got {got}, expected {expected}");
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_header_compiles_without_warnings_in_c11_and_cpp17() {
    let header = workspace().join("rust-core/include/mtprs.h");
    for language in [Language::C, Language::Cpp] {
        check(language, &header).unwrap_or_else(|messages| panic!("{language:?}:\n{messages}"));
    }
}

#[test]
fn the_check_for_warnings_sees_a_warning() {
    let source = scratch("warning").join("warning.c");
    fs::write(&source, "#include \"mtprs.h\"\nint main(void) { int unused; return 0; }\n").expect("writable");
    let messages = check(Language::C, &source).expect_err("an unused variable");
    assert!(messages.contains("unused"), "{messages}");
}

#[test]
fn the_examples_print_the_numbers_of_the_rust_evaluator() {
    let folder = scratch("numbers");
    let file = folder.join("small.mtp");
    fs::write(&file, SMALL_POTENTIAL).expect("writable");
    let efs = expected();
    for (language, source) in examples() {
        let program = folder.join(format!("evaluate_{language:?}"));
        build(language, &source, &program);
        let output = run(Command::new(&program).arg(&file));
        assert!(output.status.success(), "{language:?}: {}", stderr(&output));
        let text = String::from_utf8(output.stdout).expect("numbers in UTF-8");
        assert_close("energy", &numbers_after(&text, "energy", 0), &[efs.energy]);
        assert_close("virial", &numbers_after(&text, "virial", 0), &efs.virial.to_lammps_order());
        assert_close("forces", &numbers_after(&text, "force", 1), efs.forces.as_flattened());
    }
}

#[test]
fn the_examples_report_errors_and_exit_codes() {
    let folder = scratch("errors");
    let broken = folder.join("broken.mtp");
    fs::write(&broken, SMALL_POTENTIAL.replace("species_count = 2", "species_count = two"))
        .expect("writable");
    let untrained = folder.join("untrained.mtp");
    let (head, _) = SMALL_POTENTIAL.split_once("species_coeffs").expect("a trained potential");
    fs::write(&untrained, head).expect("writable");
    let missing = folder.join("missing.mtp");
    for (language, source) in examples() {
        let program = folder.join(format!("evaluate_{language:?}"));
        build(language, &source, &program);
        for (file, status, words) in
            [(&missing, 2, "missing.mtp"), (&broken, 3, "broken.mtp:5:"), (&untrained, 5, "not trained")]
        {
            let output = run(Command::new(&program).arg(file));
            assert_eq!(output.status.code(), Some(1), "{language:?} {file:?}: {}", stderr(&output));
            let messages = stderr(&output);
            assert!(messages.starts_with(&format!("error {status}: ")), "{language:?} {file:?}: {messages}");
            assert!(messages.contains(words), "{language:?} {file:?}: {messages}");
            assert!(output.stdout.is_empty());
        }
        assert_eq!(run(&mut Command::new(&program)).status.code(), Some(2));
    }
}

/// A function that is exported but not in the header would escape the drift test.
#[test]
fn the_library_exports_exactly_the_functions_of_the_header() {
    let output = run(Command::new("nm")
        .args(["--defined-only", "--extern-only", "--format=posix"])
        .arg(static_library()));
    assert!(output.status.success(), "{}", stderr(&output));
    let symbols = String::from_utf8_lossy(&output.stdout);
    let is_ours = |name: &&str| name.starts_with("mtprs_");
    let exported: BTreeSet<&str> =
        symbols.lines().filter_map(|line| line.split(' ').next()).filter(is_ours).collect();

    let header = fs::read_to_string(workspace().join("rust-core/include/mtprs.h")).expect("the header");
    let declared = header.lines().filter(|line| !line.starts_with([' ', '*', '/', '#']));
    let declared: BTreeSet<&str> = declared
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next())
        .filter(is_ours)
        .collect();
    assert!(declared.len() > 10, "{declared:?}");
    assert_eq!(exported, declared);
}
