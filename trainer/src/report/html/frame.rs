//! The frame of a plot: axes with ticks and labels around an area that clips what is drawn in it.

use super::axis::Axis;
use super::markup::{escape, pixel};

/// Pixels around the area.
const LEFT: f64 = 68.0;
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
    pub(crate) fn render(&self, contents: &str) -> String {
        let (width, height) = (self.x.length(), self.y.length());
        let (w, h) = (pixel(width), pixel(height));
        let description = escape(&self.description);
        let mut svg = format!(
            "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" \
             aria-label=\"{description}\">\n<g transform=\"translate({LEFT} {TOP})\">\n",
            pixel(LEFT + width + RIGHT),
            pixel(TOP + height + BOTTOM),
        );
        svg.push_str(&format!("<rect class=\"area\" width=\"{w}\" height=\"{h}\"/>\n"));
        svg.push_str(&self.grid());
        svg.push_str(&format!("<svg width=\"{w}\" height=\"{h}\">\n{contents}</svg>\n"));
        svg.push_str(&format!("<path class=\"frame\" d=\"M0 0V{h}H{w}\"/>\n"));
        svg.push_str(&self.labels());
        svg.push_str("</g>\n</svg>\n");
        svg
    }

    fn grid(&self) -> String {
        let (width, height) = (pixel(self.x.length()), pixel(self.y.length()));
        let mut path = String::new();
        for tick in self.x.ticks().iter().filter(|tick| tick.label.is_some()) {
            path.push_str(&format!("M{} 0v{height}", pixel(tick.position)));
        }
        for tick in self.y.ticks().iter().filter(|tick| tick.label.is_some()) {
            path.push_str(&format!("M0 {}h{width}", pixel(self.y.length() - tick.position)));
        }
        format!("<path class=\"grid\" d=\"{path}\"/>\n")
    }

    fn labels(&self) -> String {
        let (width, height) = (self.x.length(), self.y.length());
        let mut marks = String::new();
        let mut texts = String::new();
        for tick in self.x.ticks() {
            let size = if tick.label.is_some() { 5 } else { 3 };
            marks.push_str(&format!("M{} {}v{size}", pixel(tick.position), pixel(height)));
            if let Some(label) = tick.label {
                let (x, y) = (pixel(tick.position), pixel(height + 18.0));
                texts.push_str(&format!("<text class=\"tick x\" x=\"{x}\" y=\"{y}\">{label}</text>\n"));
            }
        }
        for tick in self.y.ticks() {
            let size = if tick.label.is_some() { 5 } else { 3 };
            let y = height - tick.position;
            marks.push_str(&format!("M0 {}h-{size}", pixel(y)));
            if let Some(label) = tick.label {
                let y = pixel(y + 4.0);
                texts.push_str(&format!("<text class=\"tick y\" x=\"-9\" y=\"{y}\">{label}</text>\n"));
            }
        }
        let (x, y) = (pixel(0.5 * width), pixel(height + 38.0));
        texts.push_str(&format!(
            "<text class=\"axis\" x=\"{x}\" y=\"{y}\">{}</text>\n",
            escape(&self.x_label)
        ));
        let y = pixel(0.5 * height);
        texts.push_str(&format!(
            "<text class=\"axis\" transform=\"translate(-56 {y}) rotate(-90)\">{}</text>\n",
            escape(&self.y_label)
        ));
        format!("<path class=\"frame\" d=\"{marks}\"/>\n{texts}")
    }
}

/// Lines of text in a corner of the area, readable on whatever lies under them.
pub(crate) fn note(x: f64, y: f64, anchor: &str, lines: &[String]) -> String {
    let x = pixel(x);
    let spans: String = lines
        .iter()
        .enumerate()
        .map(|(number, line)| {
            let y = pixel(y + 15.0 * number as f64);
            format!("<tspan x=\"{x}\" y=\"{y}\">{}</tspan>", escape(line))
        })
        .collect();
    format!("<text class=\"note\" text-anchor=\"{anchor}\">{spans}</text>\n")
}
