//! Panics stop at the C interface: every function goes through its guard, and a library that could not catch them is not
//! compiled.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use mtprs_testing::{files_below, workspace};
use mtprs_tests::c_programs::declared_functions;
use mtprs_tests::process::output;

/// Name and body of each C function of a source.
fn functions(source: &str) -> Vec<(&str, &str)> {
    let after_marks = source.split("extern \"C\" fn ").skip(1);
    after_marks
        .map(|rest| {
            let name = rest.split('(').next().expect("a name");
            let end = rest.find("\n}").expect("functions end at the margin");
            let start = rest.find("{\n").expect("a body");
            (name, &rest[start + 1..end])
        })
        .collect()
}

/// A body without comments, and without the block `unsafe` around it.
fn first_statement(body: &str) -> String {
    let lines = body.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    let text = lines.collect::<Vec<_>>().join(" ");
    text.strip_prefix("unsafe { ").unwrap_or(&text).to_owned()
}

fn is_guarded(body: &str) -> bool {
    ["guarded(", "guarded_value(", "guarded_evaluation("]
        .iter()
        .any(|guard| first_statement(body).starts_with(guard))
}

#[test]
fn every_c_function_goes_through_the_guard() {
    let sources = files_below(&workspace().join("rust-core"), "rs");
    let mut found = BTreeSet::new();
    for path in sources {
        let source = std::fs::read_to_string(&path).expect("a source");
        assert_eq!(
            source.matches("no_mangle").count() + source.matches("export_name").count(),
            functions(&source).len(),
            "{}: what is exported is written as `extern \"C\" fn`",
            path.display()
        );
        for (name, body) in functions(&source) {
            assert!(is_guarded(body), "{}: {name} begins with {}", path.display(), first_statement(body));
            found.insert(name.to_owned());
        }
    }
    assert_eq!(found, declared_functions());
}

#[test]
fn a_function_without_guard_is_seen() {
    let source = "pub extern \"C\" fn one() -> u32 {\n    // SAFETY: none.\n    unsafe {\n        guarded_value(0, || 1)\n    }\n}\n\
                  pub unsafe extern \"C\" fn two(x: *mut u8) {\n    if x.is_null() {\n        return;\n    }\n    guarded_value((), || ());\n}\n";
    let guarded: Vec<(&str, bool)> =
        functions(source).into_iter().map(|(name, body)| (name, is_guarded(body))).collect();
    assert_eq!(guarded, [("one", true), ("two", false)]);
}

#[test]
fn a_library_that_aborts_on_panics_does_not_compile() {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["check", "--package", "mtprs-capi", "--lib", "--locked", "--config"]);
    command.arg("profile.dev.panic = \"abort\"").arg("--target-dir");
    command.arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("panic"));
    let output = output(command.current_dir(workspace()));
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{messages}");
    assert!(messages.contains("mtprs-capi must be compiled with panic = \"unwind\""), "{messages}");
    assert_eq!(messages.matches("error: ").count(), 2, "one error, and that there was one\n{messages}");
}
