//! Prediction against reference: dots where there are few, the density of pairs as color where there are many.

use maud::{Markup, html};

use super::axis::Axis;
use super::frame::{Frame, note};
use super::markup::{grouped, pixel};
use super::series_plot::COLORS;
use super::view::{Counted, range};
use crate::report::cells::{Cell, Cells};

/// Pixels of a side of the square area.
const SIDE: f64 = 270.0;
/// Most pairs that are drawn as dots.
const MOST_DOTS: u64 = 2000;
/// Cells across the plot, at least and at most, up to a factor of two.
const FEWEST_CELLS: f64 = 45.0;
const MOST_CELLS: f64 = 100.0;
/// Colors of the style sheet for densities.
const LEVELS: usize = 10;

/// What a parity plot says about its quantity.
pub(super) struct ParityLabels<'a> {
    /// The quantity, as in "energy".
    pub(super) quantity: &'a str,
    /// Its unit.
    pub(super) unit: &'a str,
    /// What is subtracted from it, if anything is.
    pub(super) less: &'a str,
    /// Lines in the upper left corner.
    pub(super) notes: Vec<String>,
}

/// The plot of pairs (reference, prediction) multiplied with `factor`, on two equal axes; nothing for no pairs. Pairs in groups
/// are dots in the colors of their groups.
pub(super) fn render(
    pairs: &Cells<2>,
    factor: f64,
    labels: &ParityLabels,
    groups: &[Vec<[f64; 2]>],
) -> Option<Markup> {
    let cells = pairs.cells();
    let (low, high) = range(&both_coordinates(&cells))?;
    let margin = 0.05 * (high - low).max(1e-6 * low.abs().max(high.abs()));
    let axis = Axis::linear(factor * (low - margin), factor * (high + margin), SIDE);
    let ParityLabels { quantity, unit, less, notes } = labels;
    let frame = Frame {
        description: format!("parity plot of the {quantity} in {unit}: {}", notes.join(", ")),
        x_label: format!("reference {quantity}{less}, {unit}"),
        y_label: format!("predicted {quantity}{less}, {unit}"),
        x: axis.clone(),
        y: axis,
    };
    let is_inside = |x: f64| (frame.x.low()..=frame.x.high()).contains(&(factor * x));
    let (inside, outside): (Vec<&Cell<2>>, Vec<&Cell<2>>) =
        cells.iter().partition(|cell| cell.center.iter().all(|&x| is_inside(x)));
    let outside: u64 = pairs.beyond() + outside.iter().map(|cell| cell.count).sum::<u64>();
    let mut lines = notes.clone();
    if outside > 0 {
        lines.push(format!("{} outside the plot", grouped(outside)));
    }
    let has_density = groups.is_empty() && pairs.total() > MOST_DOTS;
    let place = |[x, y]: [f64; 2]| [frame.x.at(factor * x), frame.down(factor * y)];
    Some(frame.render(&html! {
        @if has_density { (density(&frame, pairs, factor)) }
        path.diagonal d={ "M0 " (SIDE) "L" (SIDE) " 0" } {}
        @if !groups.is_empty() { (colored(groups, place)) } @else if !has_density { (dots(&inside, place)) }
        (corner_note(&lines, has_density, &inside, place))
    }))
}

/// Lines in the upper left corner, or in the lower right one if there they hide fewer of the pairs.
fn corner_note(
    lines: &[String],
    lower_is_taken: bool,
    cells: &[&Cell<2>],
    place: impl Fn([f64; 2]) -> [f64; 2],
) -> Markup {
    let (width, height) = (160.0, 16.0 * lines.len() as f64 + 10.0);
    let (mut upper, mut lower) = (0, 0);
    for cell in cells {
        let [x, y] = place(cell.center);
        upper += u64::from(x < width && y < height);
        lower += u64::from(x > SIDE - width && y > SIDE - height);
    }
    if upper <= lower || lower_is_taken {
        note(10.0, 19.0, "start", lines)
    } else {
        note(SIDE - 10.0, SIDE - height + 19.0, "end", lines)
    }
}

fn both_coordinates(cells: &[Cell<2>]) -> Vec<Counted> {
    let mut values: Vec<Counted> =
        cells.iter().flat_map(|cell| cell.center.map(|coordinate| (coordinate, cell.count))).collect();
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    values
}

/// Dots in the colors of their groups; of very many every second, third and so on.
fn colored(groups: &[Vec<[f64; 2]>], place: impl Fn([f64; 2]) -> [f64; 2]) -> Markup {
    let total: usize = groups.iter().map(Vec::len).sum();
    let stride = total.div_ceil(MOST_DOTS as usize).max(1);
    html! {
        @for (number, group) in groups.iter().enumerate() {
            g class={ "points series series" (number % COLORS) } {
                @for [x, y] in group.iter().step_by(stride).map(|&pair| place(pair)) {
                    circle cx=(pixel(x)) cy=(pixel(y)) r="2.4" {}
                }
            }
        }
    }
}

fn dots(cells: &[&Cell<2>], place: impl Fn([f64; 2]) -> [f64; 2]) -> Markup {
    html! {
        g.dots {
            @for [x, y] in cells.iter().map(|cell| place(cell.center)) {
                circle cx=(pixel(x)) cy=(pixel(y)) r="2.4" {}
            }
        }
    }
}

/// Cells with their number of pairs as color, on a logarithmic scale, with the scale beside them.
fn density(frame: &Frame, pairs: &Cells<2>, factor: f64) -> Markup {
    let span = (frame.x.high() - frame.x.low()) / factor;
    let across = (1.2 * (pairs.total() as f64).sqrt()).clamp(FEWEST_CELLS, MOST_CELLS);
    let (width, cells) = pairs.regrouped((span / across).log2().floor().exp2());
    let first = (frame.x.low() / factor / width).floor() as i64;
    let last = (frame.x.high() / factor / width).floor() as i64;
    let shown: Vec<&([i64; 2], u64)> =
        cells.iter().filter(|(cell, _)| cell.iter().all(|index| (first..=last).contains(index))).collect();
    let most = shown.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let mut paths: [String; LEVELS] = Default::default();
    for ([column, row], count) in shown {
        // A square as a line that is one cell wide: a coordinate in whole cells from the first one is short.
        paths[level(*count, most)].push_str(&format!("M{} {}h1", column - first, row - first));
    }
    let scale = width * factor * SIDE / (frame.x.high() - frame.x.low());
    let x = frame.x.at(first as f64 * width * factor);
    let y = frame.down((first as f64 + 0.5) * width * factor);
    html! {
        g.density transform=(format!("translate({x:.3} {y:.3}) scale({scale:.5} -{scale:.5})")) {
            @for (number, path) in paths.iter().enumerate().filter(|(_, path)| !path.is_empty()) {
                path class={ "d" (number) } d=(path) {}
            }
        }
        (color_scale(most))
    }
}

fn level(count: u64, most: u64) -> usize {
    let share = (count as f64).ln() / (most.max(2) as f64).ln();
    ((share * LEVELS as f64) as usize).min(LEVELS - 1)
}

fn color_scale(most: u64) -> Markup {
    let (size, right, bottom) = (9.0, SIDE - 12.0, SIDE - 26.0);
    let left = right - size * LEVELS as f64;
    html! {
        g.density {
            @for number in 0..LEVELS {
                @let x = left + size * number as f64;
                path class={ "d" (number) " wide" } d={ "M" (pixel(x)) " " (pixel(bottom)) "h" (size) } {}
            }
        }
        (note(left, bottom + 17.0, "start", &["1".into()]))
        (note(right, bottom + 17.0, "end", &[grouped(most)]))
        (note(0.5 * (left + right), bottom - 9.0, "middle", &["per cell".into()]))
    }
}
