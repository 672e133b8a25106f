//! A loop as a page: how long the runs lasted, the grades they met, errors and configurations, cycle by cycle.

use std::collections::BTreeMap;

use super::journal::{RunRecord, TrainedRecord};
use super::next::Next;
use super::report::{
    CYCLE_COLUMNS, REJECTED_COLUMNS, RUN_COLUMNS, cycle_cells, rejected_cells, run_cells, standing,
};
use super::state::LoopState;
use crate::figures::RmseFigures;
use crate::report::html::{
    Axis, ERROR_COLUMNS_NOTE, Frame, HtmlTable, RMSE_NOTE, Series, figure, legend, line, page,
};
use crate::text::general;

/// Pixels of the area of a plot.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 230.0;
/// The whole page.
pub fn render(state: &LoopState, next: &Next, title: &str, facts: &[(String, String)]) -> String {
    let mut main = String::from("<section class=\"part\">\n<h2>Course</h2>\n<div class=\"figures two\">\n");
    let errors = |label: &str, figure: fn(&RmseFigures) -> Option<f64>| {
        let of = |choose: fn(&TrainedRecord) -> Option<RmseFigures>, name: &str| Series {
            name: name.into(),
            points: by_cycle(state, |trained| choose(trained).as_ref().and_then(figure)),
        };
        let training = of(|trained| Some(trained.training), "training");
        plot(label, &[training, of(|trained| trained.validation, "validation")], true)
    };
    let plots = [
        plot("time reached, ps", &by_run(state, |run| Some(run.time)), false),
        plot("largest grade", &by_run(state, |run| run.largest_grade), true),
        plot(
            "configurations",
            &[Series {
                name: "training set".into(),
                points: by_cycle(state, |trained| Some(trained.configurations as f64)),
            }],
            false,
        ),
        errors("energy RMSE, meV/atom", |figures| figures.in_report_units()[0]),
        errors("force RMSE, eV/Å", |figures| figures.force),
        errors("virial RMSE, meV/atom", |figures| figures.in_report_units()[2]),
    ];
    for svg in plots.into_iter().flatten() {
        main.push_str(&format!("<figure>\n{svg}</figure>\n"));
    }
    main.push_str("</div>\n</section>\n");
    let number = |value| figure(value, 4);
    let rows = state.cycles.iter().map(|row| cycle_cells(row, number, number, "–"));
    main.push_str(&part("Cycles", ERROR_COLUMNS_NOTE, &CYCLE_COLUMNS, rows.collect()));
    let runs = state.cycles.iter().flat_map(|row| &row.runs).map(|run| run_cells(run, number));
    main.push_str(&part("Runs", "", &RUN_COLUMNS, runs.collect()));
    let rejected = state.rejected();
    if !rejected.is_empty() {
        let rows = rejected.iter().map(rejected_cells).collect();
        main.push_str(&part("Frames set aside", "", &REJECTED_COLUMNS, rows));
    }
    let notes =
        format!("<p>{RMSE_NOTE} Grades of {} and more are drawn there.</p>\n", general(LARGEST_DRAWN, 3));
    let mut all = vec![("Standing".to_owned(), standing(state, next))];
    all.extend_from_slice(facts);
    page(title, &all, &main, &notes)
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
fn plot(label: &str, series: &[Series], is_logarithmic: bool) -> Option<String> {
    let is_shown = |value: f64| value.is_finite() && (value > 0.0 || !is_logarithmic);
    let shown = |series: &Series| Series {
        name: series.name.clone(),
        points: series.points.iter().copied().filter(|(_, value)| is_shown(*value)).collect(),
    };
    let series: Vec<Series> = series.iter().map(shown).filter(|series| !series.points.is_empty()).collect();
    let points = || series.iter().flat_map(|series| &series.points);
    let last = points().map(|(cycle, _)| *cycle).max_by(f64::total_cmp)?;
    let (low, high) = points().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, value)| {
        (low.min(*value), high.max(*value))
    });
    let y = if is_logarithmic {
        let margin = (high / low).powf(0.06).max(1.1);
        Axis::logarithmic(low / margin, high * margin, HEIGHT)
    } else {
        Axis::linear(0.0, 1.06 * high.max(f64::MIN_POSITIVE), HEIGHT)
    };
    let frame = Frame {
        description: format!("{label} by cycle"),
        x: Axis::linear(0.5, last + 0.5, WIDTH),
        y: y.upright(),
        x_label: "cycle".into(),
        y_label: label.to_owned(),
    };
    let mut contents = String::new();
    for (number, series) in series.iter().enumerate() {
        let describe = |cycle, value| format!("{}, cycle {cycle}: {}", series.name, general(value, 4));
        contents.push_str(&line(&frame, series, number, describe));
    }
    if series.len() > 1 {
        contents.push_str(&legend(&series, [WIDTH - 125.0, 20.0]));
    }
    Some(frame.render(&contents))
}

/// A table below its title, and what is said about it.
fn part(title: &str, about: &str, columns: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = HtmlTable::new(columns);
    rows.iter().for_each(|row| table.row(row));
    let about = if about.is_empty() { String::new() } else { format!("<p class=\"about\">{about}</p>\n") };
    format!("<section class=\"part\">\n<h2>{title}</h2>\n{about}{}</section>\n", table.finish())
}

#[cfg(test)]
mod tests {
    use super::super::next::{Action, Step};
    use super::super::state::CycleState;
    use super::super::tests::trained;
    use super::*;

    #[test]
    fn lines_have_a_dot_for_each_cycle_and_grades_beyond_all_bounds_stay_in_the_plot() {
        let run = |cycle: u64, grade: f64| RunRecord {
            cycle,
            run: "a<b".into(),
            unbroken: false,
            reason: None,
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
        let state = LoopState { cycles: vec![row(1, f64::MAX), row(2, 3.0)], ..LoopState::default() };
        let next = Next { cycle: 2, step: Step::Do(Action::Select) };
        let page = render(&state, &next, "Loop", &[]);
        assert_eq!(page.matches("<circle").count(), 5 * 2, "time, grade, configurations, energies, forces");
        assert!(
            !page.contains("NaN") && !page.contains("inf") && page.contains("a&lt;b, cycle 2: 3"),
            "{page}"
        );
        roxmltree::Document::parse_with_options(
            &page,
            roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() },
        )
        .unwrap();
    }
}
