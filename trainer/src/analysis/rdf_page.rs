//! Radial distribution functions as a page: for each pair g(r) and the running coordination number of all trajectories, and the
//! tables.

use maud::{Markup, html};

use super::rdf_report::{Curve, PairReport, RdfReport, TrajectoryReport};
use super::rdf_table::{TRAJECTORY, cells, headings, of_name, pair_names, trajectory_cells};
use crate::report::Provenance;
use crate::report::html::{Axis, Frame, Head, Series, curve, extent, figures, legend, page, table};
use crate::text::general;

/// Pixels of the area of a plot.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 260.0;

/// Neighbors are drawn up to this many times the distance of the first minimum: beyond, they grow as the cube of the distance.
const BEYOND_MINIMUM: f64 = 1.6;

/// Room for errors above the highest value, by that value.
const MOST_ROOM: f64 = 1.5;

const NOTE: &str = "g(r): density of neighbors at distance r relative to the mean density. Neighbors: those up to r \
                    around a central atom, the first of the pair. Bands, and ±: 95 % confidence interval from block \
                    averages. Minimum: the first one \
                    behind the first peak; neighbors in the table: those up to there.";

/// The whole page.
pub fn render(report: &RdfReport, provenance: &Provenance) -> String {
    let trajectories: Vec<_> = report.trajectories.iter().map(trajectory_cells).collect();
    let names = pair_names(report);
    let rows: Vec<_> = names
        .iter()
        .flat_map(|name| of_name(report, name).map(|(trajectory, pair)| cells(trajectory, pair)))
        .collect();
    let headings = headings(report);
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let main = html! {
        section.part {
            h2 { "First shells" }
            (table(&headings, &rows))
        }
        @for name in &names {
            section.part {
                h2 { (name) }
                (figures("two", plots(report, name)))
            }
        }
        section.part {
            h2 { "Trajectories" }
            (table(&TRAJECTORY, &trajectories))
            @for trajectory in &report.trajectories {
                @for note in &trajectory.notes { p.about { (trajectory.label) ": " (note) } }
            }
        }
    };
    let settings = &report.settings;
    let files = |trajectory: &TrajectoryReport| (trajectory.label.clone(), trajectory.files.join(", "));
    let mut facts: Vec<(String, String)> = report.trajectories.iter().map(files).collect();
    facts.push(("Cutoff".into(), format!("{} Å", general(settings.cutoff, 6))));
    facts.push(("Intervals".into(), format!("{} of {} Å", settings.bins, general(settings.width(), 6))));
    facts.push(("Program".into(), report.program.into()));
    let head = Head {
        title: "Radial distribution functions".into(),
        facts,
        provenance: Some(provenance),
        ..Head::default()
    };
    page(&head, &main, NOTE)
}

/// g(r), and the running coordination number as far as it is of use.
fn plots(report: &RdfReport, name: &str) -> Vec<Markup> {
    let pairs: Vec<(&TrajectoryReport, &PairReport)> = of_name(report, name).collect();
    let minima = pairs.iter().filter_map(|(_, pair)| Some(pair.minimum_position?.value));
    let cutoff = report.settings.cutoff;
    let near = minima
        .map(|minimum| BEYOND_MINIMUM * minimum)
        .reduce(f64::max)
        .map_or(cutoff, |near| near.min(cutoff));
    let middles = report.r.clone();
    let ends = report.r.iter().map(|r| r + 0.5 * report.settings.width()).collect();
    let g = Plot { label: format!("g(r), {name}"), places: middles, end: cutoff, curve: |pair| &pair.g };
    let n =
        Plot { label: format!("neighbors up to r, {name}"), places: ends, end: near, curve: |pair| &pair.n };
    [g.render(&pairs, [WIDTH - 150.0, 20.0]), n.render(&pairs, [12.0, 20.0])].into_iter().flatten().collect()
}

/// What is drawn against r.
struct Plot {
    label: String,
    /// Distances of the values, Å.
    places: Vec<f64>,
    /// Where the plot ends, Å.
    end: f64,
    curve: fn(&PairReport) -> &Curve,
}

impl Plot {
    /// A line for each trajectory; nothing where all values are zero.
    fn render(&self, pairs: &[(&TrajectoryReport, &PairReport)], corner: [f64; 2]) -> Option<Markup> {
        let shown = self.places.partition_point(|place| *place <= self.end * (1.0 + 1e-9));
        let series = |(trajectory, pair): &(&TrajectoryReport, &PairReport)| {
            let values = (self.curve)(pair).value.iter().copied();
            Series {
                name: trajectory.label.clone(),
                points: self.places[..shown].iter().copied().zip(values).collect(),
            }
        };
        let series: Vec<Series> = pairs.iter().map(series).collect();
        let highest = extent(series.iter().flat_map(|series| &series.points).map(|point| point.1)).1;
        if highest <= 0.0 || !highest.is_finite() {
            return None;
        }
        let margins: Vec<Option<&[f64]>> =
            pairs.iter().map(|(_, pair)| Some(&(self.curve)(pair).margin_95.as_ref()?[..shown])).collect();
        let edges = series.iter().zip(&margins).flat_map(|(one, margins)| {
            one.points.iter().zip(margins.unwrap_or_default()).map(|(point, margin)| point.1 + margin)
        });
        // The errors of very few frames would leave no room for the curves.
        let top = extent(edges).1.clamp(highest, MOST_ROOM * highest);
        let frame = Frame {
            description: format!("{} against r", self.label),
            x: Axis::linear(0.0, self.end, WIDTH),
            y: Axis::linear(0.0, 1.05 * top, HEIGHT).upright(),
            x_label: "r, Å".into(),
            y_label: self.label.clone(),
        };
        Some(frame.render(&html! {
            @for (number, (one, margins)) in series.iter().zip(&margins).enumerate() {
                (curve(&frame, one, *margins, number))
            }
            @if series.len() > 1 { (legend(&series, corner)) }
        }))
    }
}
