//! Radial distribution functions as text: a summary for people, and the columns that LAMMPS writes.

use super::rdf_report::{Average, Curve, Estimate, PairReport, RdfReport, TrajectoryReport};
use crate::text::{Table, general, printable, significant};

/// Digits of numbers without an error.
const DIGITS: usize = 4;

/// Digits of the table of curves, as LAMMPS writes them.
const COLUMN_DIGITS: usize = 6;

/// What a number with its error is.
const LEGEND: &str = "\
±: half of the 95 % confidence interval, from block averages. Minimum: the first one behind the first peak; neighbors: up to there.
";

/// A number with half of its 95 % interval, to two digits of that.
pub fn with_margin(estimate: Option<Estimate>) -> String {
    let Some(Estimate { value, margin_95, .. }) = estimate else { return "-".to_owned() };
    match margin_95 {
        Some(margin) if margin > 0.0 && margin.is_finite() => {
            let decimals = (1.0 - margin.log10().floor()).clamp(0.0, 6.0) as usize;
            format!("{value:.decimals$} ± {margin:.decimals$}")
        }
        Some(_) => format!("{} ± 0", significant(Some(value), DIGITS)),
        None => significant(Some(value), DIGITS),
    }
}

/// Headings of a line for each pair and trajectory; `>` stands before those of numbers.
pub(super) fn headings(report: &RdfReport) -> Vec<String> {
    let mut headings = ["pair", "trajectory", ">first peak, Å", ">height", ">minimum, Å", ">neighbors"]
        .map(str::to_owned)
        .to_vec();
    headings.extend(report.settings.within.iter().map(|radius| format!(">within {} Å", general(*radius, 6))));
    headings
}

/// The cells of that line.
pub(super) fn cells(trajectory: &TrajectoryReport, pair: &PairReport) -> Vec<String> {
    let mut cells = vec![pair.name(), trajectory.label.clone()];
    let shell = [pair.peak_position, pair.peak_height, pair.minimum_position, pair.coordination_number];
    cells.extend(shell.map(with_margin));
    cells.extend(pair.within.iter().map(|within| with_margin(Some(within.coordination_number))));
    cells
}

/// Headings of a line for each trajectory.
pub(super) const TRAJECTORY: [&str; 5] =
    ["trajectory", ">frames", ">atoms", ">volume, Å³", ">half of the cell, Å"];

/// The cells of that line.
pub(super) fn trajectory_cells(trajectory: &TrajectoryReport) -> Vec<String> {
    let range = |average: Average, digits: usize| {
        let [least, largest] = [average.least, average.largest].map(|number| general(number, digits));
        if least == largest { least } else { format!("{least} to {largest}") }
    };
    vec![
        trajectory.label.clone(),
        trajectory.frames.to_string(),
        range(trajectory.atoms, 9),
        range(trajectory.volume, 6),
        significant(trajectory.half_height, DIGITS),
    ]
}

/// What was computed.
pub(super) fn title(report: &RdfReport) -> String {
    let settings = &report.settings;
    format!(
        "g(r) up to {} Å in {} intervals of {} Å",
        general(settings.cutoff, 6),
        settings.bins,
        general(settings.width(), 6)
    )
}

/// The summary: trajectories, and for each pair the first shell.
pub fn summary(report: &RdfReport) -> String {
    let mut text = title(report) + "\n\n";
    let mut table = Table::new(&TRAJECTORY);
    report.trajectories.iter().for_each(|trajectory| table.row(trajectory_cells(trajectory)));
    text.push_str(&table.render());
    text.push('\n');
    let headings = headings(report);
    let mut table = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for name in pair_names(report) {
        for (trajectory, pair) in of_name(report, &name) {
            table.row(cells(trajectory, pair));
        }
    }
    text.push_str(&table.render());
    text.push('\n');
    text.push_str(LEGEND);
    for trajectory in &report.trajectories {
        for note in &trajectory.notes {
            text.push_str(&format!("note: {}: {note}\n", trajectory.label));
        }
    }
    text
}

/// The names of all pairs in their order.
pub(super) fn pair_names(report: &RdfReport) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in report.trajectories.iter().flat_map(|trajectory| &trajectory.pairs).map(PairReport::name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A pair in the trajectories that have it.
pub(super) fn of_name<'a>(
    report: &'a RdfReport,
    name: &'a str,
) -> impl Iterator<Item = (&'a TrajectoryReport, &'a PairReport)> {
    let pairs =
        |trajectory: &'a TrajectoryReport| trajectory.pairs.iter().map(move |pair| (trajectory, pair));
    report.trajectories.iter().flat_map(pairs).filter(move |(_, pair)| pair.name() == name)
}

/// The curves as `fix ave/time mode vector` writes those of `compute rdf`: row, r, then g and n of each pair. Standard errors of
/// these columns follow where they are known. Each trajectory has a part of its own.
pub fn columns(report: &RdfReport) -> String {
    let mut text = format!("# {} by {}\n# Trajectory Number-of-rows\n", title(report), report.program);
    for (number, trajectory) in report.trajectories.iter().enumerate() {
        let curves: Vec<(String, &Curve)> = trajectory
            .pairs
            .iter()
            .flat_map(|pair| {
                [(format!("g({})", pair.name()), &pair.g), (format!("n({})", pair.name()), &pair.n)]
            })
            .collect();
        let errors: Vec<(&str, &Vec<f64>)> = curves
            .iter()
            .filter_map(|(name, curve)| Some((name.as_str(), curve.standard_error.as_ref()?)))
            .collect();
        let name = printable(&trajectory.label);
        text.push_str(&format!("# Trajectory {}: {name}\n# Row r", number + 1));
        curves.iter().for_each(|(name, _)| text.push_str(&format!(" {name}")));
        errors.iter().for_each(|(name, _)| text.push_str(&format!(" error_{name}")));
        text.push_str(&format!("\n{} {}\n", number + 1, report.r.len()));
        for (row, r) in report.r.iter().enumerate() {
            text.push_str(&format!("{} {}", row + 1, general(*r, COLUMN_DIGITS)));
            let values = curves.iter().map(|(_, curve)| curve.value[row]);
            for value in values.chain(errors.iter().map(|(_, errors)| errors[row])) {
                text.push(' ');
                text.push_str(&general(value, COLUMN_DIGITS));
            }
            text.push('\n');
        }
    }
    text
}
