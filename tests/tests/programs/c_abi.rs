//! The C header and the programs of `examples/`: they compile without a warning and print what the Rust evaluator says.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use mtprs_testing::small_potential::SMALL_POTENTIAL;
use mtprs_testing::{scratch, wellformed, workspace};
use mtprs_tests::c_programs::{
    Language, build, check, declared_functions, exported_functions, static_library,
};
use mtprs_tests::example_cell::assert_prints_the_numbers;
use mtprs_tests::process::output;

/// Both languages with the example written in them.
fn examples() -> [(Language, PathBuf); 2] {
    let folder = workspace().join("examples");
    [(Language::C, folder.join("c/evaluate.c")), (Language::Cpp, folder.join("cpp/evaluate.cpp"))]
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_header_compiles_without_warnings_in_c11_and_cpp17() {
    let header = workspace().join("rust-core/capi/include/mtprs.h");
    for language in [Language::C, Language::Cpp] {
        check(language, &header).unwrap_or_else(|messages| panic!("{language:?}:\n{messages}"));
    }
}

#[test]
fn the_check_for_warnings_sees_a_warning() {
    let source = scratch("c-abi/warning").join("warning.c");
    fs::write(&source, "#include \"mtprs.h\"\nint main(void) { int unused; return 0; }\n").expect("writable");
    let messages = check(Language::C, &source).expect_err("an unused variable");
    assert!(messages.contains("unused"), "{messages}");
}

#[test]
fn the_examples_print_the_numbers_of_the_rust_evaluator() {
    let folder = scratch("c-abi/numbers");
    let file = folder.join("small.mtp");
    fs::write(&file, SMALL_POTENTIAL).expect("writable");
    for (language, source) in examples() {
        let program = folder.join(format!("evaluate_{language:?}"));
        build(language, &source, &program);
        let output = output(Command::new(&program).arg(&file));
        assert!(output.status.success(), "{language:?}: {}", stderr(&output));
        let text = String::from_utf8(output.stdout).expect("numbers in UTF-8");
        assert_prints_the_numbers(&format!("{language:?}"), &text);
    }
}

#[test]
fn the_examples_report_errors_and_exit_codes() {
    let folder = scratch("c-abi/errors");
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
            let output = output(Command::new(&program).arg(file));
            assert_eq!(output.status.code(), Some(1), "{language:?} {file:?}: {}", stderr(&output));
            let messages = stderr(&output);
            assert!(messages.starts_with(&format!("error {status}: ")), "{language:?} {file:?}: {messages}");
            assert!(messages.contains(words), "{language:?} {file:?}: {messages}");
            assert!(output.stdout.is_empty());
        }
        assert_eq!(output(&mut Command::new(&program)).status.code(), Some(2));
    }
}

/// Structs of programs of other headers, each at the end of a page: with a library that reads or writes beyond `struct_size`
/// the program would crash.
#[test]
fn structs_of_older_and_newer_headers_are_understood() {
    let folder = scratch("c-abi/growing");
    let (program, potential) = (folder.join("growing"), folder.join("small.mtp"));
    fs::write(&potential, SMALL_POTENTIAL).expect("writable");
    build(Language::C, &workspace().join("tests/programs/growing.c"), &program);
    let state = wellformed("state.mtps");
    let output = output(Command::new(&program).arg(&potential).arg(&state));
    assert!(output.status.success(), "{:?}: {}", output.status, stderr(&output));
    let text = String::from_utf8(output.stdout).expect("reports in UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    // Bytes by which the struct of the header is longer or shorter, and the status; what may be left out is what the first
    // header did not have.
    let shorter =
        |accepted: i32| [-8, -16, -24].map(|change| (change, if change >= -accepted { 0 } else { 1 }));
    for (name, left_out) in [
        ("potential_facts", 0),
        ("selection_facts", 0),
        ("options", 8),
        ("configuration", 0),
        ("outputs", 16),
        ("atoms", 0),
    ] {
        for (change, status) in [(0, 0), (8, 0), (64, 0), (72, 4)].into_iter().chain(shorter(left_out)) {
            let beginning = format!("{name} {change:+}: {status} ");
            let place = lines.iter().position(|line| line.starts_with(&beginning));
            let place = place.unwrap_or_else(|| panic!("expected {beginning}, got\n{text}"));
            let words =
                ["", "struct_size of ", "", "", " uses something that this library, version "][status];
            assert!(lines[place].contains(words), "{}", lines[place]);
            match (name, status) {
                ("potential_facts", _) if change >= 0 => {
                    let facts = if status == 0 { "  2 species, cutoff 5" } else { "  0 species, cutoff 0" };
                    assert_eq!(lines[place + 1], facts);
                }
                ("configuration" | "outputs" | "atoms", _) => {
                    let energy: f64 = lines[place + 1].trim().parse().expect("an energy");
                    let expected = lines.iter().position(|line| line.starts_with("configuration +0: 0"));
                    let expected: f64 =
                        lines[expected.expect("the first") + 1].trim().parse().expect("an energy");
                    assert!(expected != 0.0);
                    assert!(
                        if status == 0 { (energy - expected).abs() < 1e-9 } else { energy == 0.0 },
                        "{text}"
                    );
                }
                _ => {}
            }
        }
    }
    for line in lines.iter().filter(|line| line.starts_with("nonsense")) {
        assert!(line.contains(": 1 struct_size of outputs is "), "{line}");
    }
    assert_eq!(lines.iter().filter(|line| line.starts_with("nonsense")).count(), 5);
}

/// A function that is exported but not in the header would escape the drift test.
#[test]
fn the_library_exports_exactly_the_functions_of_the_header() {
    let exported = exported_functions(&[], static_library());
    let declared = declared_functions();
    assert!(declared.len() > 10, "{declared:?}");
    assert_eq!(exported, declared);
}
