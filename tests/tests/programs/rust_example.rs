//! `examples/rust` prints the numbers of the library.

use std::fs;
use std::path::Path;
use std::process::Command;

use mtprs_testing::small_potential::SMALL_POTENTIAL;
use mtprs_testing::workspace;
use mtprs_tests::example_cell::assert_prints_the_numbers;

#[test]
fn the_example_prints_the_numbers_or_says_what_is_wrong() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rust-example.mtp");
    fs::write(&file, SMALL_POTENTIAL).expect("a folder under target/ is writable");
    let run = |path: &Path| {
        let cargo = ["run", "--quiet", "--locked", "-p", "mtprs-example", "--"];
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(workspace()).args(cargo).arg(path).output().expect("cargo runs")
    };
    let output = run(&file);
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{messages}");
    assert_prints_the_numbers("examples/rust", &String::from_utf8(output.stdout).expect("text in UTF-8"));
    let output = run(Path::new("missing.mtp"));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("error: missing.mtp: "));
}
