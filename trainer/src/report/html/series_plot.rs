//! Lines through points, one for each name, with a legend.

use super::frame::{Frame, note};
use super::markup::{escape, pixel};

/// Colors of the lines, by number.
const COLORS: usize = 6;

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
) -> String {
    let class = format!("series{}", number % COLORS);
    let (mut path, mut dots) = (String::new(), String::new());
    for &(abscissa, value) in &series.points {
        let (x, y) = (pixel(frame.x.at(abscissa)), pixel(frame.down(value)));
        let letter = if path.is_empty() { 'M' } else { 'L' };
        path.push_str(&format!("{letter}{x} {y}"));
        let title = escape(&describe(abscissa, value));
        dots.push_str(&format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"3\"><title>{title}</title></circle>\n"));
    }
    format!("<g class=\"series {class}\">\n<path d=\"{path}\"/>\n{dots}</g>\n")
}

/// Pixels from one name to the next.
pub(crate) const LEGEND_STEP: f64 = 17.0;

/// The names of the lines, the first `left` and `top` pixels from the corner of the area.
pub(crate) fn legend(series: &[Series], [left, top]: [f64; 2]) -> String {
    let mut svg = String::new();
    for (number, series) in series.iter().enumerate() {
        let (y, class) = (top + LEGEND_STEP * number as f64, number % COLORS);
        svg.push_str(&format!(
            "<g class=\"series series{class}\"><path d=\"M{} {}h22\"/></g>\n",
            pixel(left),
            y - 4.0
        ));
        svg.push_str(&note(left + 29.0, y, "start", std::slice::from_ref(&series.name)));
    }
    svg
}
