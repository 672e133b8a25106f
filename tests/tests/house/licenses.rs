//! What is linked into the LAMMPS plugin must go together with GPL-2.0: the core and its dependencies.

use std::process::Command;

use mtprs_testing::workspace;

/// Licences that GPL-2.0-or-later code may contain even where somebody takes it under version 2 alone. Apache-2.0 is
/// not among them.
const GO_WITH_GPL2: [&str; 9] =
    ["MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "0BSD", "Unlicense", "CC0-1.0", "BSL-1.0"];

/// Whether an SPDX expression without parentheses offers a choice that consists of compatible licences only.
fn goes_with_gpl2(expression: &str) -> bool {
    let fine = |license: &str| GO_WITH_GPL2.contains(&license.trim());
    expression.replace('/', " OR ").split(" OR ").any(|choice| choice.split(" AND ").all(fine))
}

#[test]
fn everything_linked_into_the_plugin_goes_with_gpl2() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--package", "mtprs-capi", "--edges", "normal"])
        .args(["--all-features", "--target", "all", "--prefix", "none", "--format", "{p}|{l}"])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    let listing = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(listing.starts_with("mtprs-capi "), "expected the C interface first, got {listing:?}");
    for line in listing.lines() {
        let (package, license) = line.split_once('|').expect("a package and its licence");
        assert!(goes_with_gpl2(license), "{package} may not be linked into the plugin: licence {license:?}");
    }
}

#[test]
fn licences_are_judged_by_their_best_choice() {
    for fine in ["MIT", "MIT OR Apache-2.0", "Apache-2.0/MIT", "MIT AND BSD-3-Clause"] {
        assert!(goes_with_gpl2(fine), "{fine}");
    }
    for bad in ["Apache-2.0", "MIT AND Apache-2.0", "GPL-3.0-only", ""] {
        assert!(!goes_with_gpl2(bad), "{bad}");
    }
}
