//! The C header and the programs of `examples/`: they compile without a warning and print what the Rust evaluator says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mtprs_tests::c_programs::{
    Language, build, check, declared_functions, exported_functions, run, static_library,
};
use mtprs_tests::example_cell::assert_prints_the_numbers;
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
    for (language, source) in examples() {
        let program = folder.join(format!("evaluate_{language:?}"));
        build(language, &source, &program);
        let output = run(Command::new(&program).arg(&file));
        assert!(output.status.success(), "{language:?}: {}", stderr(&output));
        let text = String::from_utf8(output.stdout).expect("numbers in UTF-8");
        assert_prints_the_numbers(&format!("{language:?}"), &text);
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
    let exported = exported_functions(&[], static_library());
    let declared = declared_functions();
    assert!(declared.len() > 10, "{declared:?}");
    assert_eq!(exported, declared);
}
