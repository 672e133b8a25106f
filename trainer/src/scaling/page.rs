//! A prediction of how runs scale as a page: speed and efficiency against cores, what a step is spent on, and the tables.

use maud::{Markup, html};

use super::report::{COLUMNS, ScalingReport, SystemReport, cells};
use super::{Parts, Prediction};
use crate::report::Provenance;
use crate::report::html::{
    Axis, Frame, Head, LEGEND_STEP, Series, extent, figures, grouped, legend, line, note, page, pixel,
    polyline, table,
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
pub fn render(report: &ScalingReport, provenance: &Provenance) -> String {
    let main = html! {
        section.part {
            h2 { "Speed and efficiency" }
            p.about {
                "Dashed: every core as fast as one alone. Large dots: the most ranks with an efficiency of "
                (general(100.0 * report.efficiency, 3)) " % or more."
            }
            (figures("two", [speed(report), efficiency(report)].into_iter().flatten()))
        }
        @for system in &report.systems { (of_system(system)) }
    };
    let mut facts = report.facts.clone();
    facts.push(("Costs".into(), report.origin_of_costs()));
    facts.push(("Machine".into(), report.machine()));
    let run = format!("{} ps in steps of {} ps", general(report.time, 6), general(report.timestep, 6));
    facts.push(("Run".into(), run));
    let note = "µs of a step: pair, the potential for the mean number of atoms; uneven, waiting for the rank with most atoms; \
                lists, neighbor lists by their share of the steps; ghosts, copying and adding within a rank; messages, to the \
                neighboring ranks; sums, over all ranks; rest, integration. kB that a rank sends in a step. Hours for the time \
                of the run.";
    let head =
        Head { title: "How the run scales".into(), facts, provenance: Some(provenance), ..Head::default() };
    page(&head, &main, note)
}

fn of_system(system: &SystemReport) -> Markup {
    let rows: Vec<_> = system.rows.iter().map(|row| cells(system, row)).collect();
    html! {
        section.part {
            h2 { (grouped(system.atoms.round() as u64)) " atoms" }
            p.about { (system.describe()) }
            (figures("two", parts(system)))
            (table(&COLUMNS, &rows))
        }
    }
}

fn series(report: &ScalingReport, value: fn(&Prediction) -> f64) -> Vec<Series> {
    let of_system = |system: &SystemReport| Series {
        name: format!("{} atoms", grouped(system.atoms.round() as u64)),
        points: system.rows.iter().map(|row| (row.cores as f64, value(row))).collect(),
    };
    report.systems.iter().map(of_system).filter(|series| !series.points.is_empty()).collect()
}

fn speed(report: &ScalingReport) -> Option<Markup> {
    let series = series(report, |row| row.ns_per_day);
    let frame = frame(&series, "ns per day", true, 1.0)?;
    let ideal = |system: &SystemReport| {
        let first = system.rows.first()?;
        // Up to the upper edge of the area, where it would leave it.
        let per_core = first.ns_per_day / first.efficiency / first.cores as f64;
        let last = frame.x.high().min(frame.y.high() / per_core).max(first.cores as f64);
        let place = |cores: f64| [frame.x.at(cores), frame.down(per_core * cores)];
        Some(polyline([first.cores as f64, last].map(place)))
    };
    Some(frame.render(&html! {
        @for path in report.systems.iter().filter_map(ideal) { path.normal d=(path) {} }
        (lines(&frame, &series, "ns/day", WIDTH - 140.0, false))
        (knees(report, &frame, |row| row.ns_per_day))
    }))
}

fn efficiency(report: &ScalingReport) -> Option<Markup> {
    let series = series(report, |row| 100.0 * row.efficiency);
    let frame = frame(&series, "efficiency, %", false, 1.0)?;
    Some(frame.render(&html! {
        path.normal d={ "M0 " (pixel(frame.down(100.0 * report.efficiency))) "H" (WIDTH) } {}
        (lines(&frame, &series, "%", 12.0, false))
        (knees(report, &frame, |row| 100.0 * row.efficiency))
    }))
}

/// The parts of a step, each a line.
fn parts(system: &SystemReport) -> Option<Markup> {
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
    let values = || points().map(|(_, value)| *value);
    let (first, last) = extent(points().map(|(cores, _)| *cores));
    let high = extent(values()).1;
    if first >= last || high <= 0.0 {
        return None;
    }
    let y = if is_logarithmic {
        Axis::around(values(), [0.06, 1.3], HEIGHT)
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
fn lines(frame: &Frame, series: &[Series], unit: &str, left: f64, is_high: bool) -> Markup {
    let top = if is_high { 20.0 } else { HEIGHT - LEGEND_STEP * series.len() as f64 };
    let describe = |name: &str, cores, value| format!("{name}, {cores} cores: {} {unit}", general(value, 3));
    html! {
        @for (number, one) in series.iter().enumerate() {
            (line(frame, one, number, |cores, value| describe(&one.name, cores, value)))
        }
        @if series.len() > 1 { (legend(series, [left, top])) }
    }
}

/// Where it stops to make sense, with the number of cores.
fn knees(report: &ScalingReport, frame: &Frame, value: fn(&Prediction) -> f64) -> Markup {
    let knee = |system: &SystemReport| {
        let row = system.rows.iter().find(|row| system.sensible_ranks == Some(row.ranks))?;
        let (x, y) = (frame.x.at(row.cores as f64), frame.down(value(row)));
        let (left, anchor) = if x < 0.7 * WIDTH { (x + 8.0, "start") } else { (x - 8.0, "end") };
        Some(html! {
            g.front { circle cx=(pixel(x)) cy=(pixel(y)) r="5" {} }
            (note(left, y + 18.0, anchor, &[row.cores.to_string()]))
        })
    };
    html! { @for knee in report.systems.iter().filter_map(knee) { (knee) } }
}

#[cfg(test)]
mod tests {
    use super::super::report::CostSource;
    use super::super::{Costs, Network};
    use super::*;
    use crate::report::html::tests::{NASTY, assert_harmless};

    #[test]
    fn facts_are_text_whatever_they_are_and_every_plot_is_there() {
        let row = |cores: usize| Prediction {
            ranks: cores,
            cores,
            nodes: 1,
            grid: [cores, 1, 1],
            atoms_per_rank: 1000.0 / cores as f64,
            most_atoms: 1000.0 / cores as f64,
            ghosts_per_rank: 100.0,
            messages_per_step: 6.0,
            bytes_per_step: 1e4,
            seconds: Parts { pair: 0.01 / cores as f64, ghosts: 1e-5, ..Parts::default() },
            ns_per_day: cores as f64,
            efficiency: 0.9,
            hours: 1.0 / cores as f64,
            core_hours: 1.0,
        };
        let system = SystemReport {
            atoms: 1000.0,
            replicate: None,
            density: 0.05,
            listed_neighbors: 40.0,
            rebuild_every: 10.0,
            rows: vec![row(1), row(2)],
            sensible_ranks: Some(2),
            fastest_ranks: Some(2),
        };
        let report = ScalingReport {
            program: "mtprs",
            facts: vec![(NASTY.into(), NASTY.into())],
            costs: Costs { pair: 1e-5, call: 1e-6, list: 1e-8, ghost: 1e-8, integrate: 1e-8 },
            cost_source: CostSource::Given,
            network: Network {
                ranks_per_node: 2,
                latency: 1e-6,
                bandwidth: 1e10,
                node_latency: 1e-7,
                node_bandwidth: 1e10,
            },
            threads_per_rank: 1,
            time: 1.0,
            timestep: 0.001,
            efficiency: 0.5,
            systems: vec![system],
        };
        let page = render(&report, &Provenance::default());
        assert_harmless(&page, 2);
        assert_eq!(page.matches("class=\"plot\"").count(), 3, "speed, efficiency, parts of a step");
    }
}
