//! Diffusion as a page: the verdicts, mean squared displacements and their local exponents, the line through temperatures.

use maud::{Markup, html};

use super::report::{ArrheniusReport, DiffusionReport, RunReport};
use super::summary::{QUANTITIES, RUNS, line, quantity_cells, remarks, run_cells};
use crate::analysis::quantiles::NORMAL_95;
use crate::report::Provenance;
use crate::report::html::{Axis, Frame, Head, Series, curve, dot, extent, figures, legend, page, table};
use crate::text::{general, significant};

/// Pixels of the area of a plot.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 260.0;
/// Room at both ends of logarithmic axes.
const ROOM: [f64; 2] = [0.03, 1.1];
/// Where legends begin, pixels from the corner of the area.
const CORNER: [f64; 2] = [12.0, 20.0];
/// The largest part of a value that a band on a logarithmic axis goes below it.
const MOST_BELOW: f64 = 0.99;

const NOTE: &str = "MSD: mean squared displacement of the ions; MSCD: that of their center, times their number. They \
                    grow as 6 D* τ and 6 D_J τ where there is diffusion; the exponent is then one, and zero for caged \
                    ions. Bands: 95 %. D* is reported only if all checks are passed; otherwise a one-sided 95 % upper \
                    limit is.";

/// The whole page.
pub fn render(report: &DiffusionReport, provenance: &Provenance) -> String {
    let runs: Vec<_> = report.trajectories.iter().map(run_cells).collect();
    let quantities: Vec<_> = report.trajectories.iter().flat_map(quantity_cells).collect();
    let main = html! {
        section.part {
            h2 { "Runs" }
            (table(&RUNS, &runs))
            (table(&QUANTITIES, &quantities))
            @if let Some(arrhenius) = &report.arrhenius { p.about { (line(arrhenius)) } }
        }
        section.part {
            h2 { "Displacements" }
            (figures("two", displacements(report)))
        }
        @if let Some(arrhenius) = &report.arrhenius {
            section.part {
                h2 { "Temperatures" }
                (figures("two", temperatures(report, arrhenius)))
            }
        }
        section.part {
            h2 { "Checks" }
            @for run in &report.trajectories {
                h3 { (run.label) ": " (run.verdict.to_string()) }
                (table(&["check", "outcome", "finding"], &check_cells(run)))
                @for remark in remarks(run) { p.about { (remark) } }
            }
        }
    };
    let head = Head {
        title: format!("Diffusion of {}", report.mobile),
        facts: facts(report),
        provenance: Some(provenance),
        ..Head::default()
    };
    page(&head, &main, NOTE)
}

fn facts(report: &DiffusionReport) -> Vec<(String, String)> {
    let files = |run: &RunReport| (run.label.clone(), run.files.join(", "));
    let mut facts: Vec<(String, String)> = report.trajectories.iter().map(files).collect();
    facts.push(("Frame".into(), report.frame.into()));
    facts.push(("Escape beyond".into(), format!("{} Å", general(report.escape_distance, 6))));
    facts.push(("Program".into(), report.program.into()));
    facts
}

fn check_cells(run: &RunReport) -> Vec<Vec<String>> {
    let outcome = |passed: bool| if passed { "passed" } else { "not passed" };
    run.checks
        .iter()
        .map(|check| vec![check.name.to_owned(), outcome(check.passed).to_owned(), check.finding.clone()])
        .collect()
}

fn displacements(report: &DiffusionReport) -> Vec<Markup> {
    let msd = squared(report, "MSD, Å²", |run| (&run.msd, &run.msd_std_dev));
    let mscd = squared(report, "MSCD, Å²", |run| (&run.mscd, &run.mscd_std_dev));
    [msd, exponents(report), mscd].into_iter().flatten().collect()
}

/// Mean squared displacements over lags, both on logarithmic axes.
fn squared(
    report: &DiffusionReport,
    label: &str,
    choice: impl Fn(&RunReport) -> (&Vec<f64>, &Vec<f64>),
) -> Option<Markup> {
    let lines = Lines::new(report, |run| {
        let (values, errors) = choice(run);
        let rows = run.dt.iter().zip(values).zip(errors);
        rows.filter(|((lag, value), _)| **lag > 0.0 && **value > 0.0)
            .map(|((lag, value), error)| ((*lag, *value), (NORMAL_95 * error).min(MOST_BELOW * value)))
            .collect()
    })?;
    let heights = Axis::around(lines.points().map(|point| point.1), ROOM, HEIGHT);
    Some(lines.over_lags(label, heights))
}

/// Local exponents of the MSD over lags.
fn exponents(report: &DiffusionReport) -> Option<Markup> {
    let lines = Lines::new(report, |run| {
        let octaves = run.exponents.iter().filter(|octave| octave.exponent.is_finite());
        octaves.map(|octave| ((octave.lag, octave.exponent), NORMAL_95 * octave.std_dev.min(1.0))).collect()
    })?;
    let (low, high) = extent(lines.points().map(|point| point.1));
    Some(lines.over_lags("d ln MSD / d ln τ", Axis::linear(low.min(-0.1), high.max(1.3), HEIGHT)))
}

/// A curve of each run with half the widths of its band.
struct Lines(Vec<(Series, Vec<f64>)>);

impl Lines {
    /// Points and half widths of every run; nothing without any point.
    fn new(report: &DiffusionReport, rows: impl Fn(&RunReport) -> Vec<((f64, f64), f64)>) -> Option<Self> {
        let line = |run: &RunReport| {
            let (points, margins) = rows(run).into_iter().unzip();
            (Series { name: run.label.clone(), points }, margins)
        };
        let lines = Self(report.trajectories.iter().map(line).collect());
        let has_points = lines.points().next().is_some();
        has_points.then_some(lines)
    }

    fn points(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.0.iter().flat_map(|(series, _)| &series.points)
    }

    /// The curves over a logarithmic axis of lags.
    fn over_lags(&self, label: &str, heights: Axis) -> Markup {
        let frame = Frame {
            description: format!("{label} against the lag"),
            x: Axis::around(self.points().map(|point| point.0), ROOM, WIDTH),
            y: heights.upright(),
            x_label: "lag τ, ps".into(),
            y_label: label.into(),
        };
        let names = self.0.iter().map(|(series, _)| Series { name: series.name.clone(), points: Vec::new() });
        let names: Vec<Series> = names.collect();
        frame.render(&html! {
            @for (number, (series, margins)) in self.0.iter().enumerate() {
                (curve(&frame, series, Some(margins.as_slice()), number))
            }
            @if names.len() > 1 { (legend(&names, CORNER)) }
        })
    }
}

/// D* over 1000/T with its interval, limits as strokes that go down, and the line.
fn temperatures(report: &DiffusionReport, arrhenius: &ArrheniusReport) -> Option<Markup> {
    let mut values: Vec<(f64, f64, [f64; 2], String)> = Vec::new();
    let mut limits: Vec<(f64, f64, String)> = Vec::new();
    for run in &report.trajectories {
        let Some(place) = run.temperature.map(|temperature| 1e3 / temperature) else { continue };
        let digits = |value: f64| significant(Some(value), 3);
        if let (Some(value), Some(ends)) = (run.stated.diffusivity, run.stated.diffusivity_interval_95) {
            values.push((place, value, ends, format!("{}: {} cm²/s", run.label, digits(value))));
        } else if let Some(limit) = run.diffusivity_upper_limit_95 {
            limits.push((place, limit, format!("{}: below {} cm²/s", run.label, digits(limit))));
        }
    }
    let places = || values.iter().map(|value| value.0).chain(limits.iter().map(|limit| limit.0));
    let heights = values
        .iter()
        .flat_map(|value| value.2)
        .chain(limits.iter().flat_map(|limit| [limit.1, 0.3 * limit.1]));
    let (low, high) = extent(places());
    let room = 0.05 * (high - low).max(0.1);
    let frame = Frame {
        description: "D* against the inverse temperature".into(),
        x: Axis::linear(low - room, high + room, WIDTH),
        y: Axis::around(heights, ROOM, HEIGHT).upright(),
        x_label: "1000 K / T".into(),
        y_label: "D*, cm²/s".into(),
    };
    let on_line = |place: f64| Some((place, arrhenius.line.diffusivity(1e3 / place)?));
    let points: Vec<(f64, f64)> = [low, high].into_iter().filter_map(on_line).collect();
    let fit = Series { name: "line".into(), points };
    let stroke = |place: f64, [from, to]: [f64; 2]| Series {
        name: String::new(),
        points: vec![(place, from), (place, to)],
    };
    Some(frame.render(&html! {
        @if fit.points.len() == 2 { (curve(&frame, &fit, None, 1)) }
        @for (place, value, ends, title) in &values {
            (curve(&frame, &stroke(*place, *ends), None, 0))
            g.series.series0 { (dot([frame.x.at(*place), frame.down(*value)], 4.0, title)) }
        }
        @for (place, limit, title) in &limits {
            (curve(&frame, &stroke(*place, [*limit, 0.3 * limit]), None, 2))
            g.series.series2 { (dot([frame.x.at(*place), frame.down(*limit)], 3.0, title)) }
        }
    }))
}
