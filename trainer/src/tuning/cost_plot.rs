//! Error against cost of many potentials, with the Pareto front as stairs.

use maud::{Markup, html};

use crate::report::html::{Axis, Frame, dot, note, pixel};

/// Pixels of the area.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 300.0;

/// A potential in the plot.
pub struct CostPoint {
    /// Time per atom, µs.
    pub cost: f64,
    /// Its error, in the unit of the label.
    pub error: f64,
    /// What is written beside it if it is on the front.
    pub label: String,
    /// What is shown when the pointer rests on it.
    pub description: String,
    /// Whether no other one is both cheaper and better by the error that decides.
    pub on_front: bool,
}

/// The plot; stairs only for the error that decides. Nothing where no point can be shown.
pub fn render(points: &[CostPoint], y_label: &str, is_deciding: bool) -> Option<Markup> {
    // What is not positive has no place on a logarithmic axis.
    let is_shown = |x: f64| x > 0.0 && x.is_finite();
    let shown: Vec<&CostPoint> =
        points.iter().filter(|point| is_shown(point.cost) && is_shown(point.error)).collect();
    let axis = |value: fn(&CostPoint) -> f64, length: f64, share: f64| {
        // Room for the points at the ends, and for their labels.
        Axis::around(shown.iter().map(|point| value(point)), [share, 1.1], length)
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
    let (on_front, others): (Vec<&CostPoint>, Vec<&CostPoint>) =
        shown.into_iter().partition(|point| point.on_front);
    Some(frame.render(&html! {
        @if is_deciding { (stairs(&frame, &front)) }
        (dots(&frame, &others, "dots", 3.5))
        (dots(&frame, &on_front, "front", 5.0))
        (labels(&frame, &front))
    }))
}

/// Labels above or below their points on the side that has room; one that would cover another is left out.
fn labels(frame: &Frame, front: &[&CostPoint]) -> Markup {
    let mut shown = Vec::new();
    let mut taken: Vec<[f64; 2]> = Vec::new();
    for point in front {
        let (x, y) = (frame.x.at(point.cost), frame.down(point.error));
        let is_left = x < 0.7 * WIDTH;
        let (x, anchor) = if is_left { (x + 8.0, "start") } else { (x - 8.0, "end") };
        let width = 7.0 * point.label.chars().count() as f64;
        let left = if is_left { x } else { x - width };
        let is_free = |y: &f64| {
            let covers =
                |[other, height]: &[f64; 2]| (other - left).abs() < width && (height - y).abs() < 14.0;
            !taken.iter().any(covers) && (12.0..HEIGHT - 4.0).contains(y)
        };
        let Some(y) = [y - 7.0, y + 18.0].into_iter().find(is_free) else { continue };
        taken.push([left, y]);
        shown.push(note(x, y, anchor, std::slice::from_ref(&point.label)));
    }
    html! { @for label in &shown { (label) } }
}

/// Along the best error that can be had for a cost.
fn stairs(frame: &Frame, front: &[&CostPoint]) -> Markup {
    let mut path = String::new();
    for point in front {
        let (x, y) = (pixel(frame.x.at(point.cost)), pixel(frame.down(point.error)));
        let start = if path.is_empty() { format!("M{x} 0V{y}") } else { format!("H{x}V{y}") };
        path.push_str(&start);
    }
    html! { @if !path.is_empty() { path.stairs d={ (path) "H" (WIDTH) } {} } }
}

fn dots(frame: &Frame, points: &[&CostPoint], class: &str, radius: f64) -> Markup {
    let place = |point: &CostPoint| [frame.x.at(point.cost), frame.down(point.error)];
    html! { g class=(class) { @for point in points { (dot(place(point), radius, &point.description)) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(cost: f64, error: f64, on_front: bool) -> CostPoint {
        CostPoint { cost, error, label: format!("[{cost}]"), description: "a < b".into(), on_front }
    }

    #[test]
    fn the_front_has_stairs_and_labels_that_do_not_cover_each_other() {
        let points = [
            point(1.0, 5.0, true),
            point(1.001, 4.99, true),
            point(1.002, 4.98, true),
            point(20.0, 0.5, true),
            point(3.0, 7.0, false),
        ];
        let svg = render(&points, "error", true).unwrap().0;
        assert_eq!((svg.matches("<circle").count(), svg.matches("class=\"stairs\"").count()), (5, 1));
        // The third of the points close together has no room.
        let labeled: Vec<bool> =
            points.iter().map(|point| svg.contains(&format!(">{}<", point.label))).collect();
        assert_eq!(labeled, [true, true, false, true, false]);
        assert!(svg.contains("<title>a &lt; b</title>"));
        assert!(!render(&points, "error", false).unwrap().0.contains("stairs"));
    }

    #[test]
    fn what_has_no_place_on_the_axes_is_left_out() {
        let svg =
            render(&[point(1.0, 1.0, true), point(f64::NAN, 1.0, true), point(1.0, 0.0, true)], "e", true);
        let svg = svg.unwrap().0;
        assert_eq!(svg.matches("<circle").count(), 1);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert!(render(&[], "e", true).is_none());
    }
}
