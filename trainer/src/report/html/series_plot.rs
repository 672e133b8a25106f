//! Lines through points, one for each name, with a legend.

use maud::{Markup, html};

use super::frame::{Frame, note};
use super::markup::{pixel, polyline};

/// Colors of the lines, by number.
pub(super) const COLORS: usize = 6;

/// A line of a plot: its name and its points.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// The line with a dot for each point; `describe` says what a point is.
pub(crate) fn line(
    frame: &Frame,
    series: &Series,
    number: usize,
    describe: impl Fn(f64, f64) -> String,
) -> Markup {
    let place = |&(abscissa, value): &(f64, f64)| [frame.x.at(abscissa), frame.down(value)];
    html! {
        g class={ "series series" (number % COLORS) } {
            path d=(polyline(series.points.iter().map(place))) {}
            @for point in &series.points { (dot(place(point), 3.0, &describe(point.0, point.1))) }
        }
    }
}

/// The line without dots, and a band as wide as the margins above and below it, if they are known.
pub(crate) fn curve(frame: &Frame, series: &Series, margins: Option<&[f64]>, number: usize) -> Markup {
    let edge =
        |(&(abscissa, value), margin): (&(f64, f64), f64)| [frame.x.at(abscissa), frame.down(value + margin)];
    let band = |margins: &[f64]| {
        let upper = series.points.iter().zip(margins.iter().copied()).map(edge);
        let lower = series.points.iter().zip(margins.iter().map(|margin| -margin)).rev().map(edge);
        polyline(upper.chain(lower)) + "Z"
    };
    html! {
        g class={ "series series" (number % COLORS) } {
            @if let Some(margins) = margins { path.band d=(band(margins)) {} }
            path d=(polyline(series.points.iter().map(|&(x, y)| [frame.x.at(x), frame.down(y)]))) {}
        }
    }
}

/// A value of the vertical axis that something is measured by, as a line across the plot with its name.
pub(crate) fn threshold(frame: &Frame, value: f64, name: &str) -> Markup {
    let is_inside = value.is_finite() && (frame.y.low()..=frame.y.high()).contains(&value);
    let y = if is_inside { frame.down(value) } else { 0.0 };
    html! {
        @if is_inside {
            path.threshold d={ "M0 " (pixel(y)) "h" (pixel(frame.x.length())) } {}
            (note(6.0, if y < 16.0 { y + 13.0 } else { y - 4.0 }, "start", &[name.to_owned()]))
        }
    }
}

/// A dot that says what it is when the pointer rests on it.
pub(crate) fn dot([x, y]: [f64; 2], radius: f64, description: &str) -> Markup {
    html! { circle cx=(pixel(x)) cy=(pixel(y)) r=(radius) { title { (description) } } }
}

/// Pixels from one name to the next.
pub(crate) const LEGEND_STEP: f64 = 17.0;

/// The names of the lines, the first `left` and `top` pixels from the corner of the area.
pub(crate) fn legend(series: &[Series], [left, top]: [f64; 2]) -> Markup {
    html! {
        @for (number, series) in series.iter().enumerate() {
            @let y = top + LEGEND_STEP * number as f64;
            g class={ "series series" (number % COLORS) } {
                path d={ "M" (pixel(left)) " " (pixel(y - 4.0)) "h22" } {}
            }
            (note(left + 29.0, y, "start", std::slice::from_ref(&series.name)))
        }
    }
}
