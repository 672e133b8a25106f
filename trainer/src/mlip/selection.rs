//! `mlp calc-grade`, `calculate_grade`, `select-add`, `select_add`.

use mtprs_core::format::load_state;
use mtprs_core::selection::GradeMode;

use super::evaluation::of_first_process;
use super::training::holds_state;
use super::{Call, Words};
use crate::Failure;
use crate::cli::usage_error;
use crate::report::mlip::Dialect;

pub(super) fn grade(call: &mut Call<'_>) -> Result<(), Failure> {
    if call.dialect == Dialect::Mlip3 {
        let (potential, input, output) = (call.file(0), call.file(1), call.file(2));
        let words = Words::new(["grade"]).file(&potential).file(&potential).file(input);
        let words = words.file(of_first_process(output, ".0")).flag("force", true);
        return call.mtprs(words.option("threads", call.threads()));
    }
    let words = Words::new(["grade"]).file(call.file(0)).file(call.file(1)).file(call.file(2));
    let words = words.file(call.file(3)).flag("force", true);
    let words = state_options(call, words)?;
    // It is about candidates.
    call.line.take("select-threshold");
    call.mtprs(words.option("threads", call.threads()))
}

pub(super) fn select(call: &mut Call<'_>) -> Result<(), Failure> {
    let [potential, training_set, candidates, output] = [0, 1, 2, 3].map(|place| call.file(place));
    call.refuse_same(&output, &training_set)?;
    let words = Words::new(["select"]).file(&potential).file(training_set).file(candidates).file(output);
    let mut words = words.flag("force", true);
    match call.dialect {
        Dialect::Mlip2 => {
            words = state_options(call, words)?;
            let line = &mut call.line;
            let selected = line.take_file("selected-filename").unwrap_or_else(|| "selected.cfg".to_owned());
            words = words.option("selected-filename", Some(selected));
            for name in ["select-threshold", "selection-limit"] {
                words = words.option(name, line.take(name));
            }
        }
        Dialect::Mlip3 => {
            let is_of_atoms =
                holds_state(&potential) && load_state(&potential)?.mode == GradeMode::Neighborhood;
            words = words.option("mode", is_of_atoms.then_some("neighborhood"));
        }
    }
    call.mtprs(words.option("threads", call.threads()))
}

/// How MLIP-2 builds a state, and where it goes.
fn state_options(call: &mut Call<'_>, mut words: Words) -> Result<Words, Failure> {
    let line = &mut call.line;
    if let Some(other) = line.take("weighting").filter(|word| word != "vibrations") {
        let message = format!("--weighting={other}: grades are those of vibrations only");
        return Err(usage_error(message).into());
    }
    let named = line.take_file("als-filename").or(line.take_file("mvs-filename"));
    words = words.option("als-filename", Some(named.unwrap_or_else(|| "state.als".to_owned())));
    for name in
        ["init-threshold", "swap-threshold", "nbh-weight", "energy-weight", "force-weight", "stress-weight"]
    {
        words = words.option(name, line.take(name));
    }
    Ok(words)
}
