//! A prediction of how runs scale as a page: speed and efficiency against cores, what a step is spent on, and the tables.

use super::report::{COLUMNS, ScalingReport, SystemReport, cells};
use super::{Parts, Prediction};
use crate::report::html::{
    Axis, Frame, HtmlTable, LEGEND_STEP, Series, escape, grouped, legend, line, note, page, pixel,
};
use crate::text::general;

/// Pixels of the area of a plot.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 300.0;

/// What is drawn of a step, and its name.
type Part = (&'static str, fn(&Parts) -> f64);

const PARTS: [Part; 6] = [
    ("pair", |parts| parts.pair),
    ("uneven", |parts| parts.imbalance),
    ("lists, rest", |parts| parts.lists + parts.integrate),
    ("ghosts", |parts| parts.ghosts),
    ("messages", |parts| parts.messages),
    ("sums", |parts| parts.reductions),
];

/// The whole page.
pub fn render(report: &ScalingReport) -> String {
    let mut main = String::from("<section class=\"part\">\n<h2>Speed and efficiency</h2>\n");
    main.push_str(&format!(
        "<p class=\"about\">Dashed: every core as fast as one alone. Large dots: the most ranks with an efficiency of {} % or \
         more.</p>\n<div class=\"figures two\">\n",
        general(100.0 * report.efficiency, 3)
    ));
    let plots = [speed(report), efficiency(report)];
    for svg in plots.into_iter().flatten() {
        main.push_str(&format!("<figure>\n{svg}</figure>\n"));
    }
    main.push_str("</div>\n</section>\n");
    for system in &report.systems {
        main.push_str(&of_system(system));
    }
    let mut facts = report.facts.clone();
    facts.push(("Costs".into(), report.origin_of_costs()));
    facts.push(("Machine".into(), report.machine()));
    let run = format!("{} ps in steps of {} ps", general(report.time, 6), general(report.timestep, 6));
    facts.push(("Run".into(), run));
    let notes = "<p>µs of a step: pair, the potential for the mean number of atoms; uneven, waiting for the rank with most atoms; \
                 lists, neighbor lists by their share of the steps; ghosts, copying and adding within a rank; messages, to the \
                 neighboring ranks; sums, over all ranks; rest, integration. kB that a rank sends in a step. Hours for the time \
                 of the run.</p>\n";
    page("How the run scales", &facts, &main, notes)
}

fn of_system(system: &SystemReport) -> String {
    let mut table = HtmlTable::new(&COLUMNS);
    for row in &system.rows {
        table.row(&cells(system, row));
    }
    let figure = parts(system).map_or(String::new(), |svg| {
        format!("<div class=\"figures two\">\n<figure>\n{svg}</figure>\n</div>\n")
    });
    format!(
        "<section class=\"part\">\n<h2>{} atoms</h2>\n<p class=\"about\">{}</p>\n{figure}{}</section>\n",
        grouped(system.atoms.round() as u64),
        escape(&system.describe()),
        table.finish()
    )
}

fn series(report: &ScalingReport, value: fn(&Prediction) -> f64) -> Vec<Series> {
    let of_system = |system: &SystemReport| Series {
        name: format!("{} atoms", grouped(system.atoms.round() as u64)),
        points: system.rows.iter().map(|row| (row.cores as f64, value(row))).collect(),
    };
    report.systems.iter().map(of_system).filter(|series| !series.points.is_empty()).collect()
}

fn speed(report: &ScalingReport) -> Option<String> {
    let series = series(report, |row| row.ns_per_day);
    let frame = frame(&series, "ns per day", true, 1.0)?;
    let mut contents = String::new();
    for system in &report.systems {
        let Some(first) = system.rows.first() else { continue };
        // Up to the upper edge of the area, where it would leave it.
        let per_core = first.ns_per_day / first.efficiency / first.cores as f64;
        let last = frame.x.high().min(frame.y.high() / per_core).max(first.cores as f64);
        let place =
            |cores: f64| format!("{} {}", pixel(frame.x.at(cores)), pixel(frame.down(per_core * cores)));
        contents.push_str(&format!(
            "<path class=\"normal\" d=\"M{}L{}\"/>\n",
            place(first.cores as f64),
            place(last)
        ));
    }
    contents.push_str(&lines(&frame, &series, "ns/day", WIDTH - 140.0, false));
    contents.push_str(&knees(report, &frame, |row| row.ns_per_day));
    Some(frame.render(&contents))
}

fn efficiency(report: &ScalingReport) -> Option<String> {
    let series = series(report, |row| 100.0 * row.efficiency);
    let frame = frame(&series, "efficiency, %", false, 1.0)?;
    let height = pixel(frame.down(100.0 * report.efficiency));
    let mut contents = format!("<path class=\"normal\" d=\"M0 {height}H{WIDTH}\"/>\n");
    contents.push_str(&lines(&frame, &series, "%", 12.0, false));
    contents.push_str(&knees(report, &frame, |row| 100.0 * row.efficiency));
    Some(frame.render(&contents))
}

/// The parts of a step, each a line.
fn parts(system: &SystemReport) -> Option<String> {
    let of = |&(name, value): &Part| {
        let point = |row: &Prediction| (row.cores as f64, 1e6 * value(&row.seconds));
        let points = system.rows.iter().map(point).filter(|(_, micro)| *micro > 0.0).collect();
        Series { name: name.into(), points }
    };
    let series: Vec<Series> = PARTS.iter().map(of).filter(|series| !series.points.is_empty()).collect();
    let frame = frame(&series, "µs of a step", true, 1.5)?;
    Some(frame.render(&lines(&frame, &series, "µs", WIDTH - 110.0, true)))
}

/// Axes for all points, the horizontal one `stretch` times as long as they need; nothing for fewer than two numbers of
/// cores.
fn frame(series: &[Series], label: &str, is_logarithmic: bool, stretch: f64) -> Option<Frame> {
    let points = || series.iter().flat_map(|series| &series.points);
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)))
    };
    let (first, last) = range(&mut points().map(|(cores, _)| *cores));
    let (low, high) = range(&mut points().map(|(_, value)| *value));
    if first >= last || high <= 0.0 {
        return None;
    }
    let y = if is_logarithmic {
        let margin = (high / low).powf(0.06).max(1.3);
        Axis::logarithmic(low / margin, high * margin, HEIGHT)
    } else {
        Axis::linear(0.0, 1.05 * high.max(100.0), HEIGHT)
    };
    Some(Frame {
        description: format!("{label} against cores"),
        x: Axis::logarithmic(0.8 * first, 1.25 * first * (last / first).powf(stretch), WIDTH),
        y: y.upright(),
        x_label: "cores".into(),
        y_label: label.to_owned(),
    })
}

/// The lines with their names, `left` pixels from the left and in the upper or lower part.
fn lines(frame: &Frame, series: &[Series], unit: &str, left: f64, is_high: bool) -> String {
    let mut contents = String::new();
    for (number, series) in series.iter().enumerate() {
        let describe = |cores, value| format!("{}, {cores} cores: {} {unit}", series.name, general(value, 3));
        contents.push_str(&line(frame, series, number, describe));
    }
    if series.len() > 1 {
        let top = if is_high { 20.0 } else { HEIGHT - LEGEND_STEP * series.len() as f64 };
        contents.push_str(&legend(series, [left, top]));
    }
    contents
}

/// Where it stops to make sense, with the number of cores.
fn knees(report: &ScalingReport, frame: &Frame, value: fn(&Prediction) -> f64) -> String {
    let mut svg = String::new();
    for system in &report.systems {
        let Some(row) = system.rows.iter().find(|row| system.sensible_ranks == Some(row.ranks)) else {
            continue;
        };
        let (x, y) = (frame.x.at(row.cores as f64), frame.down(value(row)));
        svg.push_str(&format!(
            "<g class=\"front\"><circle cx=\"{}\" cy=\"{}\" r=\"5\"/></g>\n",
            pixel(x),
            pixel(y)
        ));
        let (x, anchor) = if x < 0.7 * WIDTH { (x + 8.0, "start") } else { (x - 8.0, "end") };
        svg.push_str(&note(x, y + 18.0, anchor, &[row.cores.to_string()]));
    }
    svg
}
