//! `mlp calc-grade`, `calculate_grade`, `select-add`, `select_add`.

use std::path::{Path, PathBuf};

use mtprs_core::selection::GradeMode;

use super::evaluation::of_first_process;
use super::files::{Results, is_same};
use super::{Call, Words};
use crate::Failure;
use crate::active_set::state_files::holds_state;
use crate::cli::usage_error;
use crate::endpoint::{load_state, say};
use crate::report::mlip::Dialect;

pub(super) fn grade(call: &mut Call<'_>) -> Result<(), Failure> {
    let mut results = Results::default();
    if call.dialect == Dialect::Mlip3 {
        let (potential, input) = (call.file(0), call.file(1));
        let output = of_first_process(call.file(2), ".0");
        results.add(&output, &[&potential])?;
        let words = Words::new(["grade"]).file(&potential).file(&potential).file(input).file(output);
        return call.mtprs(call.with_common(words.flag("force", true)));
    }
    let [potential, training_set, input, output] = [0, 1, 2, 3].map(|place| call.file(place));
    // One file for all three is what some scripts name.
    let other = if is_same(&training_set, &input) { &potential } else { &training_set };
    results.add(&output, &[&potential, other])?;
    let state = state_file(call, &mut results, &[&potential, &training_set, &input])?;
    let words = Words::new(["grade"]).file(potential).file(training_set).file(input).file(output);
    let words = state_options(call, words.flag("force", true).option("als-filename", state))?;
    // It is about candidates.
    call.line.take("select-threshold");
    call.mtprs(call.with_common(words))
}

pub(super) fn select(call: &mut Call<'_>) -> Result<(), Failure> {
    let [potential, training_set, candidates, output] = [0, 1, 2, 3].map(|place| call.file(place));
    let mut results = Results::default();
    results.add(&output, &[&potential, &training_set])?;
    let inputs = [&*potential, &*training_set, &*candidates];
    let words = Words::new(["select"]).file(&potential).file(&training_set).file(&candidates).file(&output);
    let mut words = words.flag("force", true);
    match call.dialect {
        Dialect::Mlip2 => {
            let state = state_file(call, &mut results, &inputs)?;
            let selected = named(call, "selected-filename", "selected.cfg", &mut results, &inputs)?;
            words = words.option("selected-filename", state.as_ref().and(selected));
            words = state_options(call, words.option("als-filename", state))?;
            for name in ["select-threshold", "selection-limit"] {
                words = words.option(name, call.line.take(name));
            }
        }
        Dialect::Mlip3 => {
            let is_of_atoms =
                holds_state(&potential)? && load_state(&potential)?.mode == GradeMode::Neighborhood;
            words = words.option("mode", is_of_atoms.then_some("neighborhood"));
        }
    }
    call.mtprs(call.with_common(words))
}

/// Where the state goes.
fn state_file(
    call: &mut Call<'_>,
    results: &mut Results,
    inputs: &[&Path],
) -> Result<Option<PathBuf>, Failure> {
    if let Some(old) = call.line.take_file("mvs-filename") {
        let path = PathBuf::from(old);
        call.line.take_file("als-filename");
        results.add(&path, inputs)?;
        return Ok(Some(path));
    }
    named(call, "als-filename", "state.als", results, inputs)
}

/// A file that has a name unless the user gives another one; where that is the name of an input, the input stays.
fn named(
    call: &mut Call<'_>,
    option: &str,
    usual: &str,
    results: &mut Results,
    inputs: &[&Path],
) -> Result<Option<PathBuf>, Failure> {
    if let Some(name) = call.line.take_file(option) {
        let path = PathBuf::from(name);
        results.add(&path, inputs)?;
        return Ok(Some(path));
    }
    let path = PathBuf::from(usual);
    if results.add(&path, inputs).is_err() {
        say(format!(
            "note: {usual} is another file of this command: what MLIP writes under that name is not written (--{option} names a file for it)"
        ));
        return Ok(None);
    }
    Ok(Some(path))
}

/// How MLIP-2 builds a state.
fn state_options(call: &mut Call<'_>, mut words: Words) -> Result<Words, Failure> {
    let line = &mut call.line;
    if let Some(other) = line.take("weighting").filter(|word| word != "vibrations") {
        let message = format!("--weighting={other}: grades are those of vibrations only");
        return Err(usage_error(message).into());
    }
    for name in
        ["init-threshold", "swap-threshold", "nbh-weight", "energy-weight", "force-weight", "stress-weight"]
    {
        words = words.option(name, line.take(name));
    }
    Ok(words)
}
