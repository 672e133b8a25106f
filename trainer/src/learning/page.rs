//! A loop as a page: how long the runs lasted, the grades they met, errors and configurations, cycle by cycle.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::journal::{RunRecord, TrainedRecord};
use super::next::Next;
use super::report::{
    CYCLE_COLUMNS, REJECTED_COLUMNS, RUN_COLUMNS, advice, cycle_cells, rejected_cells, run_cells, standing,
};
use super::state::LoopState;
use crate::figures::RmseFigures;
use crate::report::html::{
    Axis, ERROR_COLUMNS_NOTE, Frame, Head, RMSE_NOTE, Series, extent, figure, figures, legend, line, page,
    table, threshold,
};
use crate::text::general;

/// Pixels of the area of a plot.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 230.0;

/// What the values of a plot are measured by.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Grade from which on a frame is saved.
    pub select: f64,
    /// Grade from which on a run stops.
    pub break_at: f64,
    /// How long the runs have to go on, ps.
    pub times: Vec<f64>,
}

/// The whole page under a head, which gets the status of the loop.
pub fn render(state: &LoopState, next: &Next, marks: &Marks, mut head: Head) -> String {
    let errors = |label: &str, figure: fn(&RmseFigures) -> Option<f64>| {
        let of = |choose: fn(&TrainedRecord) -> Option<RmseFigures>, name: &str| Series {
            name: name.into(),
            points: by_cycle(state, |trained| choose(trained).as_ref().and_then(figure)),
        };
        let training = of(|trained| Some(trained.training), "training");
        plot(label, &[training, of(|trained| trained.validation, "validation")], &[], true)
    };
    let configurations = Series {
        name: "training set".into(),
        points: by_cycle(state, |trained| Some(trained.configurations as f64)),
    };
    let mut times = marks.times.clone();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let times: Vec<_> =
        times.into_iter().map(|time| (format!("target {} ps", general(time, 5)), time)).collect();
    let grades = [("select", marks.select), ("break", marks.break_at)];
    let grades = grades.map(|(name, grade)| (format!("{name} {}", general(grade, 4)), grade));
    let plots = [
        plot("time reached, ps", &by_run(state, |run| Some(run.time)), &times, false),
        plot("largest grade", &by_run(state, |run| run.largest_grade), &grades, true),
        plot("configurations", &[configurations], &[], false),
        errors("energy RMSE, meV/atom", |figures| figures.in_report_units()[0]),
        errors("force RMSE, eV/Å", |figures| figures.force),
        errors("virial RMSE, meV/atom", |figures| figures.in_report_units()[2]),
    ];
    let number = |value| figure(value, 4);
    let cycles: Vec<_> = state.cycles.iter().map(|row| cycle_cells(row, number, number, "–")).collect();
    let runs = state.cycles.iter().flat_map(|row| &row.runs);
    let runs: Vec<_> = runs.map(|run| run_cells(run, number)).collect();
    let rejected: Vec<_> = state.rejected().iter().map(rejected_cells).collect();
    let main = html! {
        section.part { h2 { "Course" } (figures("two", plots.into_iter().flatten())) }
        section.part { h2 { "Cycles" } p.about { (ERROR_COLUMNS_NOTE) } (table(&CYCLE_COLUMNS, &cycles)) }
        section.part { h2 { "Runs" } (table(&RUN_COLUMNS, &runs)) }
        @if !rejected.is_empty() {
            section.part { h2 { "Rejected frames" } (table(&REJECTED_COLUMNS, &rejected)) }
        }
    };
    let note = format!("{RMSE_NOTE} Grades of {} and more are drawn there.", general(LARGEST_DRAWN, 3));
    head.facts.insert(0, ("Status".to_owned(), standing(state, next)));
    if !head.is_running {
        head.advice.push(advice(next));
    }
    page(&head, &main, &note)
}

/// Grades beyond tell nothing more, and would flatten all others.
const LARGEST_DRAWN: f64 = 1e6;

fn by_cycle(state: &LoopState, value: impl Fn(&TrainedRecord) -> Option<f64>) -> Vec<(f64, f64)> {
    let trained = state.cycles.iter().filter_map(|row| row.trained.as_ref());
    trained.filter_map(|trained| Some((trained.cycle as f64, value(trained)?))).collect()
}

/// A series for each run, in the order of the names.
fn by_run(state: &LoopState, value: impl Fn(&RunRecord) -> Option<f64>) -> Vec<Series> {
    let mut series: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for run in state.cycles.iter().flat_map(|row| &row.runs) {
        let point = value(run).map(|value| (run.cycle as f64, value.min(LARGEST_DRAWN)));
        series.entry(&run.run).or_default().extend(point);
    }
    series.into_iter().map(|(name, points)| Series { name: name.into(), points }).collect()
}

/// Values by cycle; nothing where there is no value.
fn plot(
    label: &str,
    series: &[Series],
    thresholds: &[(String, f64)],
    is_logarithmic: bool,
) -> Option<Markup> {
    let is_shown = |value: f64| value.is_finite() && (value > 0.0 || !is_logarithmic);
    let shown = |series: &Series| Series {
        name: series.name.clone(),
        points: series.points.iter().copied().filter(|(_, value)| is_shown(*value)).collect(),
    };
    let series: Vec<Series> = series.iter().map(shown).filter(|series| !series.points.is_empty()).collect();
    let points = || series.iter().flat_map(|series| &series.points);
    let last = points().map(|(cycle, _)| *cycle).max_by(f64::total_cmp)?;
    let marks = || thresholds.iter().map(|(_, value)| *value).filter(|&value| is_shown(value));
    let values = || points().map(|(_, value)| *value).chain(marks());
    let y = if is_logarithmic {
        Axis::around(values(), [0.06, 1.1], HEIGHT)
    } else {
        Axis::linear(0.0, 1.06 * extent(values()).1.max(f64::MIN_POSITIVE), HEIGHT)
    };
    let frame = Frame {
        description: format!("{label} by cycle"),
        x: Axis::linear(0.5, last + 0.5, WIDTH).of_whole_numbers(),
        y: y.upright(),
        x_label: "cycle".into(),
        y_label: label.to_owned(),
    };
    let describe = |name: &str, cycle, value| format!("{name}, cycle {cycle}: {}", general(value, 4));
    Some(frame.render(&html! {
        @for (name, value) in thresholds { (threshold(&frame, *value, name)) }
        @for (number, one) in series.iter().enumerate() {
            (line(&frame, one, number, |cycle, value| describe(&one.name, cycle, value)))
        }
        @if series.len() > 1 { (legend(&series, [WIDTH - 125.0, 20.0])) }
    }))
}

#[cfg(test)]
mod tests {
    use super::super::next::{Action, Step};
    use super::super::state::{CycleState, FrameState};
    use super::super::tests::trained;
    use super::*;
    use crate::report::html::tests::{NASTY, assert_harmless};

    #[test]
    fn lines_have_a_dot_for_each_cycle_and_grades_beyond_all_bounds_stay_in_the_plot() {
        let run = |cycle: u64, grade: f64| RunRecord {
            cycle,
            run: NASTY.into(),
            unbroken: false,
            reason: Some(NASTY.into()),
            time: cycle as f64,
            largest_grade: Some(grade),
            frames: 1,
            seconds: 1.0,
        };
        let row = |cycle: u64, grade: f64| CycleState {
            cycle,
            trained: Some(trained(cycle, 10)),
            runs: vec![run(cycle, grade)],
            ..CycleState::default()
        };
        let mut first = row(1, f64::MAX);
        let frame = FrameState { rejected: Some(NASTY.into()), ..FrameState::default() };
        first.frames.insert(2, frame);
        let state = LoopState { cycles: vec![first, row(2, 3.0)], ..LoopState::default() };
        let next = Next { cycle: 2, step: Step::Do(Action::Select) };
        let marks = Marks { select: 2.0, break_at: 10.0, times: vec![5.0, 5.0] };
        let facts = vec![(NASTY.into(), NASTY.into())];
        let head = Head { title: NASTY.into(), facts, ..Head::default() };
        let page = render(&state, &next, &marks, head);
        assert_eq!(page.matches("<circle").count(), 5 * 2, "time, grade, configurations, energies, forces");
        assert!(!page.contains("NaN") && !page.contains("inf") && page.contains(", cycle 2: 3"), "{page}");
        for name in ["select 2", "break 10", "target 5 ps"] {
            assert_eq!(page.matches(&format!(">{name}<")).count(), 1, "{name}");
        }
        assert!(!page.contains(">1.5<"), "cycles are whole numbers");
        // Title and heading, a fact, name and end of both runs, the frame, two dots of two plots.
        assert_harmless(&page, 2 + 2 + 4 + 1 + 4);
    }
}
