//! Error against cost of many potentials, with the Pareto front as stairs.

use super::axis::Axis;
use super::frame::{Frame, note};
use super::markup::{escape, pixel};

/// Pixels of the area.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 300.0;

/// A potential in the plot.
pub(super) struct CostPoint {
    /// Time per atom, µs.
    pub(super) cost: f64,
    /// Its error, in the unit of the label.
    pub(super) error: f64,
    /// What is written beside it if it is on the front.
    pub(super) label: String,
    /// What is shown when the pointer rests on it.
    pub(super) description: String,
    /// Whether no other one is both cheaper and better by the error that decides.
    pub(super) on_front: bool,
}

/// The plot; stairs only for the error that decides. Nothing where no point can be shown.
pub(super) fn render(points: &[CostPoint], y_label: &str, is_deciding: bool) -> Option<String> {
    // What is not positive has no place on a logarithmic axis.
    let is_shown = |x: f64| x > 0.0 && x.is_finite();
    let shown: Vec<&CostPoint> =
        points.iter().filter(|point| is_shown(point.cost) && is_shown(point.error)).collect();
    let axis = |value: fn(&CostPoint) -> f64, length: f64, share: f64| {
        let values = shown.iter().map(|point| value(point));
        let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
        // Room for the points at the ends, and for their labels.
        let margin = (high / low).powf(share).max(1.1);
        Axis::logarithmic(low / margin, high * margin, length)
    };
    if shown.is_empty() {
        return None;
    }
    let frame = Frame {
        description: format!("{y_label} against time per atom of {} potentials", shown.len()),
        x: axis(|point| point.cost, WIDTH, 0.12),
        y: axis(|point| point.error, HEIGHT, 0.1).upright(),
        x_label: "time per atom on one thread, µs".into(),
        y_label: y_label.to_owned(),
    };
    let mut front: Vec<&CostPoint> = shown.iter().copied().filter(|point| point.on_front).collect();
    front.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let mut contents = if is_deciding { stairs(&frame, &front) } else { String::new() };
    let (others, on_front): (Vec<&CostPoint>, Vec<&CostPoint>) =
        shown.into_iter().partition(|point| !point.on_front);
    contents.push_str(&dots(&frame, &others, "dots", 3.5));
    contents.push_str(&dots(&frame, &on_front, "front", 5.0));
    for point in front {
        let (x, y) = (frame.x.at(point.cost), frame.down(point.error));
        let (x, anchor) = if x < 0.7 * WIDTH { (x + 8.0, "start") } else { (x - 8.0, "end") };
        contents.push_str(&note(x, y - 7.0, anchor, std::slice::from_ref(&point.label)));
    }
    Some(frame.render(&contents))
}

/// Along the best error that can be had for a cost.
fn stairs(frame: &Frame, front: &[&CostPoint]) -> String {
    let mut path = String::new();
    for point in front {
        let (x, y) = (pixel(frame.x.at(point.cost)), pixel(frame.down(point.error)));
        let start = if path.is_empty() { format!("M{x} 0V{y}") } else { format!("H{x}V{y}") };
        path.push_str(&start);
    }
    if path.is_empty() { path } else { format!("<path class=\"stairs\" d=\"{path}H{WIDTH}\"/>\n") }
}

fn dots(frame: &Frame, points: &[&CostPoint], class: &str, radius: f64) -> String {
    let mut svg = format!("<g class=\"{class}\">\n");
    for point in points {
        let (x, y) = (pixel(frame.x.at(point.cost)), pixel(frame.down(point.error)));
        let title = escape(&point.description);
        svg.push_str(&format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"><title>{title}</title></circle>\n"
        ));
    }
    svg + "</g>\n"
}
