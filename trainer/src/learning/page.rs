//! A loop as a page: how long the runs lasted, the grades they met, errors and configurations, cycle by cycle.

use maud::{Markup, html};

use super::journal::RunRecord;
use super::report::{CYCLE_COLUMNS, CycleRow, LearnReport, REJECTED_COLUMNS, RUN_COLUMNS, run_cells};
use crate::figures::RmseFigures;
use crate::report::html::{
    Axis, ERROR_COLUMNS_NOTE, Frame, RMSE_NOTE, Series, extent, figure, figures, legend, line, page, table,
};
use crate::text::general;

/// Pixels of the area of a plot.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 230.0;

/// The whole page.
pub fn render(report: &LearnReport, title: &str, facts: &[(String, String)]) -> String {
    let errors = |label: &str, figure: fn(&RmseFigures) -> Option<f64>| {
        let of = |choose: fn(&CycleRow) -> Option<RmseFigures>, name: &str| Series {
            name: name.into(),
            points: by_cycle(report, |row| choose(row).as_ref().and_then(figure)),
        };
        plot(label, &[of(|row| row.training, "training"), of(|row| row.validation, "validation")], true)
    };
    let configurations = Series {
        name: "training set".into(),
        points: by_cycle(report, |row| row.configurations.map(|count| count as f64)),
    };
    let plots = [
        plot("time reached, ps", &by_run(report, |run| Some(run.time)), false),
        plot("largest grade", &by_run(report, |run| run.largest_grade), true),
        plot("configurations", &[configurations], false),
        errors("energy RMSE, meV/atom", |figures| figures.in_report_units()[0]),
        errors("force RMSE, eV/Å", |figures| figures.force),
        errors("virial RMSE, meV/atom", |figures| figures.in_report_units()[2]),
    ];
    let of_cycle = |row: &CycleRow| row.cells(|error| figure(error, 4), |grade| figure(grade, 4), "–");
    let cycles: Vec<_> = report.cycles.iter().map(of_cycle).collect();
    let runs = report.cycles.iter().flat_map(|row| &row.runs);
    let runs: Vec<_> = runs.map(|run| run_cells(run, |grade| figure(grade, 4))).collect();
    let rejected: Vec<_> = report.rejected.iter().map(|row| row.cells()).collect();
    let main = html! {
        section.part { h2 { "Course" } (figures("two", plots.into_iter().flatten())) }
        section.part { h2 { "Cycles" } p.about { (ERROR_COLUMNS_NOTE) } (table(&CYCLE_COLUMNS, &cycles)) }
        section.part { h2 { "Runs" } (table(&RUN_COLUMNS, &runs)) }
        @if !rejected.is_empty() {
            section.part { h2 { "Frames set aside" } (table(&REJECTED_COLUMNS, &rejected)) }
        }
    };
    let note = format!("{RMSE_NOTE} Grades of {} and more are drawn there.", general(LARGEST_DRAWN, 3));
    let mut all = vec![("Standing".to_owned(), report.standing())];
    all.extend_from_slice(facts);
    page(title, &all, &main, &note)
}

/// Grades beyond tell nothing more, and would flatten all others.
const LARGEST_DRAWN: f64 = 1e6;

fn by_cycle(report: &LearnReport, value: impl Fn(&CycleRow) -> Option<f64>) -> Vec<(f64, f64)> {
    report.cycles.iter().filter_map(|row| Some((row.cycle as f64, value(row)?))).collect()
}

fn by_run(report: &LearnReport, value: impl Fn(&RunRecord) -> Option<f64>) -> Vec<Series> {
    let of_run = |name: String| {
        let runs = report.cycles.iter().flat_map(|row| row.runs.iter());
        let points =
            runs.filter(|run| run.run == name).filter_map(|run| Some((run.cycle as f64, value(run)?)));
        let points = points.map(|(cycle, value)| (cycle, value.min(LARGEST_DRAWN))).collect();
        Series { name, points }
    };
    report.run_names().into_iter().map(of_run).collect()
}

/// Values by cycle; nothing where there is no value.
fn plot(label: &str, series: &[Series], is_logarithmic: bool) -> Option<Markup> {
    let is_shown = |value: f64| value.is_finite() && (value > 0.0 || !is_logarithmic);
    let shown = |series: &Series| Series {
        name: series.name.clone(),
        points: series.points.iter().copied().filter(|(_, value)| is_shown(*value)).collect(),
    };
    let series: Vec<Series> = series.iter().map(shown).filter(|series| !series.points.is_empty()).collect();
    let points = || series.iter().flat_map(|series| &series.points);
    let last = points().map(|(cycle, _)| *cycle).max_by(f64::total_cmp)?;
    let values = || points().map(|(_, value)| *value);
    let y = if is_logarithmic {
        Axis::around(values(), [0.06, 1.1], HEIGHT)
    } else {
        Axis::linear(0.0, 1.06 * extent(values()).1.max(f64::MIN_POSITIVE), HEIGHT)
    };
    let frame = Frame {
        description: format!("{label} by cycle"),
        x: Axis::linear(0.5, last + 0.5, WIDTH),
        y: y.upright(),
        x_label: "cycle".into(),
        y_label: label.to_owned(),
    };
    let describe = |name: &str, cycle, value| format!("{name}, cycle {cycle}: {}", general(value, 4));
    Some(frame.render(&html! {
        @for (number, one) in series.iter().enumerate() {
            (line(&frame, one, number, |cycle, value| describe(&one.name, cycle, value)))
        }
        @if series.len() > 1 { (legend(&series, [WIDTH - 125.0, 20.0])) }
    }))
}

#[cfg(test)]
mod tests {
    use super::super::report::RejectedRow;
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
        let row = |cycle: u64, grade: f64| CycleRow {
            cycle,
            configurations: Some(10),
            runs: vec![run(cycle, grade)],
            ..CycleRow::default()
        };
        let rejected = vec![RejectedRow { cycle: 1, frame: 2, reason: NASTY.into() }];
        let cycles = vec![row(1, f64::MAX), row(2, 3.0)];
        let report = LearnReport { cycles, rejected, ..LearnReport::default() };
        let page = render(&report, NASTY, &[(NASTY.into(), NASTY.into())]);
        assert_eq!(page.matches("<circle").count(), 3 * 2, "time, grade, configurations");
        assert!(!page.contains("NaN") && !page.contains("inf") && page.contains(", cycle 2: 3"), "{page}");
        // Title and heading, a fact, name and end of both runs, the frame, two dots of two plots.
        assert_harmless(&page, 2 + 2 + 4 + 1 + 4);
    }
}
