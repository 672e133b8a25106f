//! The frame of a plot: axes with ticks and labels around an area that clips what is drawn in it.

use maud::{Markup, html};

use super::axis::{Axis, Tick};
use super::markup::pixel;

/// Pixels around the area.
const LEFT: f64 = 76.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 46.0;

/// A plot without its contents.
pub(crate) struct Frame {
    /// What the plot shows, for those who cannot see it.
    pub(crate) description: String,
    /// Horizontal axis.
    pub(crate) x: Axis,
    /// Vertical axis, upwards.
    pub(crate) y: Axis,
    /// Quantity and unit of the horizontal axis.
    pub(crate) x_label: String,
    /// Quantity and unit of the vertical axis.
    pub(crate) y_label: String,
}

impl Frame {
    /// Where a value of the vertical axis is, in pixels downwards from the top of the area.
    pub(crate) fn down(&self, value: f64) -> f64 {
        self.y.length() - self.y.at(value)
    }

    /// The plot with `contents`, which is SVG in pixels from the upper left corner of the area.
    pub(crate) fn render(&self, contents: &Markup) -> Markup {
        let (width, height) = (self.x.length(), self.y.length());
        let (w, h) = (pixel(width), pixel(height));
        let view = format!("0 0 {} {}", pixel(LEFT + width + RIGHT), pixel(TOP + height + BOTTOM));
        html! {
            svg.plot xmlns="http://www.w3.org/2000/svg" viewBox=(view) role="img" aria-label=(self.description) {
                g transform={ "translate(" (LEFT) " " (TOP) ")" } {
                    rect.area width=(w) height=(h) {}
                    (self.grid())
                    svg width=(w) height=(h) { (contents) }
                    path.frame d={ "M0 0V" (h) "H" (w) } {}
                    (self.labels())
                }
            }
        }
    }

    fn grid(&self) -> Markup {
        let (width, height) = (self.x.length(), self.y.length());
        let labeled = |axis: &Axis| axis.ticks().into_iter().filter(|tick| tick.label.is_some());
        html! {
            path.grid d={
                @for tick in labeled(&self.x) { "M" (pixel(tick.position)) " 0v" (pixel(height)) }
                @for tick in labeled(&self.y) { "M0 " (pixel(height - tick.position)) "h" (pixel(width)) }
            } {}
        }
    }

    fn labels(&self) -> Markup {
        let (width, height) = (self.x.length(), self.y.length());
        let size = |tick: &Tick| if tick.label.is_some() { 5 } else { 3 };
        let (across, upwards) = (self.x.ticks(), self.y.ticks());
        html! {
            path.frame d={
                @for tick in &across { "M" (pixel(tick.position)) " " (pixel(height)) "v" (size(tick)) }
                @for tick in &upwards { "M0 " (pixel(height - tick.position)) "h-" (size(tick)) }
            } {}
            @for tick in &across {
                @if let Some(label) = &tick.label {
                    text.tick.x x=(pixel(tick.position)) y=(pixel(height + 18.0)) { (label) }
                }
            }
            @for tick in &upwards {
                @if let Some(label) = &tick.label {
                    text.tick.y x="-9" y=(pixel(height - tick.position + 4.0)) { (label) }
                }
            }
            text.axis x=(pixel(0.5 * width)) y=(pixel(height + 38.0)) { (self.x_label) }
            text.axis transform={ "translate(-64 " (pixel(0.5 * height)) ") rotate(-90)" } { (self.y_label) }
        }
    }
}

/// Lines of text in a corner of the area, readable on whatever lies under them.
pub(crate) fn note(x: f64, y: f64, anchor: &str, lines: &[String]) -> Markup {
    html! {
        text.note text-anchor=(anchor) {
            @for (number, line) in lines.iter().enumerate() {
                tspan x=(pixel(x)) y=(pixel(y + 15.0 * number as f64)) { (line) }
            }
        }
    }
}
