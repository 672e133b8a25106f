//! A loop as a page: how long the runs lasted, the grades they met, errors and configurations, cycle by cycle.

use super::journal::RunRecord;
use super::report::{CYCLE_COLUMNS, CycleRow, LearnReport, REJECTED_COLUMNS, RUN_COLUMNS, run_cells};
use crate::figures::RmseFigures;
use crate::report::html::{
    Axis, ERROR_COLUMNS_NOTE, Frame, HtmlTable, RMSE_NOTE, Series, figure, legend, line, page,
};
use crate::text::general;

/// Pixels of the area of a plot.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 230.0;
/// The whole page.
pub fn render(report: &LearnReport, title: &str, facts: &[(String, String)]) -> String {
    let mut main = String::from("<section class=\"part\">\n<h2>Course</h2>\n<div class=\"figures two\">\n");
    let errors = |label: &str, figure: fn(&RmseFigures) -> Option<f64>| {
        let of = |choose: fn(&CycleRow) -> Option<RmseFigures>, name: &str| Series {
            name: name.into(),
            points: by_cycle(report, |row| choose(row).as_ref().and_then(figure)),
        };
        plot(label, &[of(|row| row.training, "training"), of(|row| row.validation, "validation")], true)
    };
    let plots = [
        plot("time reached, ps", &by_run(report, |run| Some(run.time)), false),
        plot("largest grade", &by_run(report, |run| run.largest_grade), true),
        plot(
            "configurations",
            &[Series {
                name: "training set".into(),
                points: by_cycle(report, |row| row.configurations.map(|count| count as f64)),
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
    main.push_str(&cycles(report));
    main.push_str(&runs(report));
    main.push_str(&set_aside(report));
    let notes =
        format!("<p>{RMSE_NOTE} Grades of {} and more are drawn there.</p>\n", general(LARGEST_DRAWN, 3));
    let mut all = vec![("Standing".to_owned(), report.standing())];
    all.extend_from_slice(facts);
    page(title, &all, &main, &notes)
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

fn cycles(report: &LearnReport) -> String {
    let mut table = HtmlTable::new(&CYCLE_COLUMNS);
    for row in &report.cycles {
        table.row(&row.cells(|error| figure(error, 4), |grade| figure(grade, 4), "–"));
    }
    format!(
        "<section class=\"part\">\n<h2>Cycles</h2>\n<p class=\"about\">{ERROR_COLUMNS_NOTE}</p>\n{}</section>\n",
        table.finish()
    )
}

fn runs(report: &LearnReport) -> String {
    let mut table = HtmlTable::new(&RUN_COLUMNS);
    for run in report.cycles.iter().flat_map(|row| &row.runs) {
        table.row(&run_cells(run, |grade| figure(grade, 4)));
    }
    format!("<section class=\"part\">\n<h2>Runs</h2>\n{}</section>\n", table.finish())
}

fn set_aside(report: &LearnReport) -> String {
    if report.rejected.is_empty() {
        return String::new();
    }
    let mut table = HtmlTable::new(&REJECTED_COLUMNS);
    report.rejected.iter().for_each(|row| table.row(&row.cells()));
    format!("<section class=\"part\">\n<h2>Frames set aside</h2>\n{}</section>\n", table.finish())
}

#[cfg(test)]
mod tests {
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
        let row = |cycle: u64, grade: f64| CycleRow {
            cycle,
            configurations: Some(10),
            runs: vec![run(cycle, grade)],
            ..CycleRow::default()
        };
        let report = LearnReport { cycles: vec![row(1, f64::MAX), row(2, 3.0)], ..LearnReport::default() };
        let page = render(&report, "Loop", &[]);
        assert_eq!(page.matches("<circle").count(), 3 * 2, "time, grade, configurations");
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
