//! How often errors of which size occur, beside the normal distribution of the same mean and width.

use maud::{Markup, html};

use super::axis::Axis;
use super::frame::{Frame, note};
use super::markup::{grouped, pixel, polyline};
use super::view::{Counted, range};
use crate::report::cells::Cells;

/// Pixels of the area.
const WIDTH: f64 = 270.0;
const HEIGHT: f64 = 150.0;
/// Bars between the ends, at least and at most, up to a factor of two.
const FEWEST_BARS: f64 = 12.0;
const MOST_BARS: f64 = 45.0;
/// Where the logarithmic axis of counts begins: a bar of one difference is to be seen.
const LEAST_COUNT: f64 = 0.7;

/// What a histogram says about its quantity.
pub(super) struct HistogramLabels<'a> {
    /// The quantity with what is meant by its error, as in "error of the energy".
    pub(super) quantity: &'a str,
    /// Its unit.
    pub(super) unit: &'a str,
    /// Mean of the differences in that unit.
    pub(super) mean: Option<f64>,
    /// Root mean square of the differences in that unit.
    pub(super) rms: Option<f64>,
}

/// Bars: from, to, count; from and to in the unit of the differences.
type Bar = (f64, f64, u64);

/// The histogram of differences multiplied with `factor`; nothing for no differences.
pub(super) fn render(differences: &Cells<1>, factor: f64, labels: &HistogramLabels) -> Option<Markup> {
    let reach = reach(differences)?;
    let (bars, outside) = bars(differences, reach);
    let most = bars.iter().map(|bar| bar.2).max()?;
    let HistogramLabels { quantity, unit, .. } = labels;
    let frame = Frame {
        description: format!("histogram of the {quantity} in {unit}, {} differences", differences.total()),
        x: Axis::linear(-factor * reach, factor * reach, WIDTH),
        y: Axis::logarithmic(LEAST_COUNT, 2.0 * most as f64, HEIGHT).upright(),
        x_label: format!("{quantity}, {unit}"),
        y_label: "count".into(),
    };
    let bar = |&(from, to, count): &Bar| {
        let (left, right) = (frame.x.at(factor * from), frame.x.at(factor * to));
        let top = pixel(frame.down(count as f64));
        format!("M{} {HEIGHT}V{top}H{}V{HEIGHT}z", pixel(left), pixel(right - 0.5))
    };
    let path: String = bars.iter().filter(|bar| bar.2 > 0).map(bar).collect();
    let width = bars.first().map_or(0.0, |(from, to, _)| to - from);
    Some(frame.render(&html! {
        path.bars d=(path) {}
        path.diagonal d={ "M" (pixel(frame.x.at(0.0))) " 0v" (HEIGHT) } {}
        (normal_curve(&frame, labels, differences.total() as f64 * factor * width))
        @if outside > 0 { (note(WIDTH - 8.0, 18.0, "end", &[format!("{} outside", grouped(outside))])) }
    }))
}

/// The largest size of a difference that is drawn; the other end is as far from zero.
fn reach(differences: &Cells<1>) -> Option<f64> {
    let mut sizes: Vec<Counted> =
        differences.cells().iter().map(|cell| (cell.center[0].abs(), cell.count)).collect();
    sizes.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (_, largest) = range(&sizes)?;
    Some(1.06 * largest + differences.width())
}

/// Bars of equal width from end to end, and how many differences lie in none.
fn bars(differences: &Cells<1>, reach: f64) -> (Vec<Bar>, u64) {
    let number = (2.0 * (differences.total() as f64).cbrt()).clamp(FEWEST_BARS, MOST_BARS);
    let (width, cells) = differences.regrouped((2.0 * reach / number).log2().floor().exp2());
    let last = (reach / width).floor() as i64;
    let mut bars: Vec<Bar> =
        (-last - 1..=last).map(|index| (index as f64 * width, (index + 1) as f64 * width, 0)).collect();
    let mut outside = differences.beyond();
    for ([index], count) in cells {
        match usize::try_from(index + last + 1).ok().and_then(|place| bars.get_mut(place)) {
            Some(bar) => bar.2 += count,
            None => outside += count,
        }
    }
    (bars, outside)
}

fn normal_curve(frame: &Frame, labels: &HistogramLabels, area: f64) -> Markup {
    let (mean, rms) = (labels.mean.unwrap_or_default(), labels.rms.unwrap_or_default());
    let width = (rms * rms - mean * mean).max(0.0).sqrt();
    if width <= 0.0 {
        return html! {};
    }
    let point = |step: i32| {
        let share = f64::from(step) / 90.0;
        let x = frame.x.low() + share * (frame.x.high() - frame.x.low());
        let deviation = (x - mean) / width;
        let count =
            area / (width * (2.0 * std::f64::consts::PI).sqrt()) * (-0.5 * deviation * deviation).exp();
        (count >= 0.5 * LEAST_COUNT).then(|| [share * WIDTH, frame.down(count)])
    };
    html! { path.normal d=(polyline((0..=90).filter_map(point))) {} }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_is_in_a_bar_or_counted_as_outside() {
        let mut differences = Cells::new(1 << 12);
        for k in 0..1000_i32 {
            differences.add([f64::from(k % 37 - 18) * 0.01]);
        }
        let counted = |differences: &Cells<1>| {
            let (bars, outside) = bars(differences, reach(differences).unwrap());
            (bars.iter().map(|bar| bar.2).sum::<u64>(), outside)
        };
        assert_eq!(counted(&differences), (1000, 0));
        differences.add([1e5]);
        differences.add([f64::NAN]);
        assert_eq!(counted(&differences), (1000, 2));
    }

    #[test]
    fn bars_touch_and_cover_the_whole_width() {
        let mut differences = Cells::new(100);
        [-0.9, 0.1, 0.2, 0.35].into_iter().for_each(|x| differences.add([x]));
        let reach = reach(&differences).unwrap();
        let (bars, _) = bars(&differences, reach);
        assert!(bars.first().unwrap().0 <= -reach && bars.last().unwrap().1 >= reach);
        assert!(bars.windows(2).all(|pair| pair[0].1 == pair[1].0));
    }
}
