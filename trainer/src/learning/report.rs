//! What a loop has done, cycle by cycle: runs, frames, labels, errors, and the grades that were met.

use std::ops::Range;

use super::journal::{FrameReason, RunRecord};
use super::next::{End, Next, Step};
use super::state::{CycleState, Frames, LoopState};
use crate::figures::RmseFigures;
use crate::text::{Table, counted, general, significant};

/// What the loop is doing, in a sentence.
pub fn standing(state: &LoopState, next: &Next) -> String {
    if let Some(cycle) = next.converged() {
        return format!("all runs completed in cycle {cycle}");
    }
    if let Step::End(End::Stopped(error)) = &next.step {
        return error.message().to_owned();
    }
    let Some(row) = state.cycles.last() else { return "not started".into() };
    let what = if row.is_closed {
        "finished".to_owned()
    } else if row.selected.is_some() {
        format!("{} still to label", counted(row.open_frames().count() as u64, "frame"))
    } else if row.trained.is_some() {
        format!("{} finished", counted(row.runs.len() as u64, "run"))
    } else {
        "started".to_owned()
    };
    format!("cycle {}: {what}", row.cycle)
}

/// What the user does next, once the loop does not go on by itself.
pub fn advice(next: &Next) -> String {
    match &next.step {
        _ if next.converged().is_some() => {
            "judge pot.mtp by its errors on a validation set, and grade the long runs that you use it in"
                .to_owned()
        }
        Step::End(End::MostCycles) => "raise max-cycles and run the same command to go on".to_owned(),
        Step::End(End::Stopped(_)) => {
            "mend what the status names, then run the same command with --retry".to_owned()
        }
        _ => "run the same command to go on".to_owned(),
    }
}

/// The report as text; unless it is `wide`, with the errors of the validation set alone, if there is one.
pub fn render(state: &LoopState, next: &Next, wide: bool) -> String {
    let begun_with = state.begun.as_ref().map_or(0, |begun| begun.configurations);
    let mut cycles = Table::new(&CYCLE_COLUMNS);
    for row in &state.cycles {
        cycles.row(cycle_cells(row, |figure| significant(figure, 4), grade, "-"));
    }
    let validated =
        |row: &CycleState| row.trained.as_ref().is_some_and(|trained| trained.validation.is_some());
    let (cycles, set, hint) = match state.cycles.iter().any(validated) {
        _ if wide => (cycles, "", ""),
        true => (
            cycles.without(|column| TRAINING.contains(&column)),
            " on the validation set",
            " Training set: --wide.",
        ),
        false => (cycles.without(|column| VALIDATION.contains(&column)), " on the training set", ""),
    };
    let mut text = format!(
        "Started with {}; {}\n\n{}\nRMS errors{set}: E energy, meV/atom; F force component, eV/Å; W virial component, meV/atom.{hint}\n",
        counted(begun_with, "configuration"),
        standing(state, next),
        cycles.render()
    );
    let mut add = |title: &str, columns: &[&str], rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            let mut table = Table::new(columns);
            rows.into_iter().for_each(|row| table.row(row));
            text.push_str(&format!("\n{title}\n\n{}", table.render()));
        }
    };
    let runs = state.cycles.iter().flat_map(|row| &row.runs);
    add("Runs", &RUN_COLUMNS, runs.map(|run| run_cells(run, grade)).collect());
    let rejected = state.rejected();
    add("Rejected frames (rejected.cfg)", &REJECTED_COLUMNS, rejected.iter().map(rejected_cells).collect());
    text
}

/// Columns of the tables, those that are aligned to the right with a `>`.
pub const CYCLE_COLUMNS: [&str; 14] = [
    ">cycle",
    ">training set",
    ">training: E",
    ">F",
    ">W",
    ">validation: E",
    ">F",
    ">W",
    ">runs completed",
    ">largest grade",
    ">saved",
    ">selected",
    ">labeled",
    ">rejected",
];
/// Columns of the errors of the training set, and of the validation set.
const TRAINING: Range<usize> = 2..5;
const VALIDATION: Range<usize> = 5..8;
/// The same of the runs.
pub const RUN_COLUMNS: [&str; 7] = [">cycle", "run", ">time, ps", ">largest grade", ">frames", ">s", "end"];
/// The same of the frames that were set aside.
pub const REJECTED_COLUMNS: [&str; 3] = [">cycle", ">frame", "reason"];

/// The cells of a run; `grade` writes its grade.
pub fn run_cells(run: &RunRecord, grade: impl Fn(Option<f64>) -> String) -> Vec<String> {
    vec![
        run.cycle.to_string(),
        run.run.clone(),
        general(run.time, 5),
        grade(run.largest_grade),
        run.frames.to_string(),
        format!("{:.1}", run.seconds),
        run.reason.clone().unwrap_or_else(|| "completed".into()),
    ]
}

/// The cells of a frame without a label.
pub fn rejected_cells(frame: &FrameReason) -> Vec<String> {
    vec![frame.cycle.to_string(), frame.frame.to_string(), frame.reason.clone()]
}

/// The cells of a cycle: `error` writes errors, `grade` the grade, and `none` stands for counts that are not known.
pub fn cycle_cells(
    row: &CycleState,
    error: impl Fn(Option<f64>) -> String,
    grade: impl Fn(Option<f64>) -> String,
    none: &str,
) -> Vec<String> {
    let count = |count: Option<u64>| count.map_or(none.to_owned(), |count| count.to_string());
    let trained = row.trained.as_ref();
    let mut cells = vec![row.cycle.to_string(), count(trained.map(|trained| trained.configurations))];
    let figures: [Option<RmseFigures>; 2] =
        [trained.map(|trained| trained.training), trained.and_then(|trained| trained.validation)];
    for figures in figures {
        cells.extend(figures.unwrap_or_default().in_report_units().map(&error));
    }
    cells.push(format!("{} of {}", row.unbroken(), row.runs.len()));
    cells.push(grade(row.largest_grade()));
    let counts = row.counts();
    let of: [fn(&Frames) -> u64; 4] =
        [|frames| frames.saved, |frames| frames.selected, |frames| frames.labeled, |frames| frames.rejected];
    cells.extend(of.map(|of| count(counts.as_ref().map(of))));
    cells
}

/// A grade with four digits.
fn grade(value: Option<f64>) -> String {
    value.map_or("-".into(), |value| general(value, 4))
}
