//! When the threads of an evaluator begin and end, as a C program that counts the threads of its process sees it.

use std::fs;
use std::process::Command;

use mtprs_testing::small_potential::SMALL_POTENTIAL;
use mtprs_testing::{scratch, workspace};
use mtprs_tests::c_programs::{Language, build};
use mtprs_tests::process::output;

/// Sums in another order differ in the last digits.
const LAST_DIGITS: f64 = 1e-13;

/// What `programs/threads.c` reports on the threads of its process.
fn report(threads: i32) -> (i32, String, String) {
    let folder = scratch(&format!("threads{threads}"));
    let (program, file) = (folder.join("threads"), folder.join("small.mtp"));
    fs::write(&file, SMALL_POTENTIAL).expect("writable");
    build(Language::C, &workspace().join("tests/programs/threads.c"), &program);
    let output = output(Command::new(&program).arg(&file).arg(threads.to_string()));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text in UTF-8");
    (output.status.code().expect("no signal"), text(output.stdout), text(output.stderr))
}

#[test]
fn threads_begin_with_the_first_computation_end_with_the_evaluator_and_come_again_after_a_fork() {
    let energies = [0, 1, 3, 5].map(|threads| {
        let (code, text, messages) = report(threads);
        assert_eq!(code, 0, "{threads} threads: {text}{messages}");
        let line = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name));
            value.unwrap_or_else(|| panic!("no line {name} in {text}")).trim().to_owned()
        };
        let most = threads.max(1).to_string();
        let counts = ["at first", "created", "too few atoms", "computed", "again", "forked", "freed"];
        let expected = ["1", "1", "1", &most, &most, &most, "1"];
        assert_eq!(counts.map(line), expected, "{threads} threads");
        line("energy").parse::<f64>().expect("a number")
    });
    assert!(energies[0] < 0.0 && energies[0].to_bits() == energies[1].to_bits(), "{energies:?}");
    for energy in energies {
        assert!((energy - energies[0]).abs() <= LAST_DIGITS * energies[0].abs(), "{energies:?}");
    }
}

#[test]
fn options_with_a_number_of_threads_that_cannot_be() {
    for (threads, words) in
        [(-1, "threads is -1, expected 0 to 1024"), (1025, "threads is 1025, expected 0 to 1024")]
    {
        let (code, _, messages) = report(threads);
        assert_eq!(code, 1);
        assert!(messages.contains(words), "{messages}");
    }
}
