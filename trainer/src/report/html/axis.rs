//! Axes: where a value lies, and which values are marked and how they are written.

use super::markup::power_of_ten;
use crate::text::general;

/// Pixels that a label needs at least, beside others and above others.
const PIXELS_PER_LABEL: f64 = 48.0;
const PIXELS_PER_LINE: f64 = 26.0;

/// A range of values and the pixels it is drawn on.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    is_logarithmic: bool,
    is_whole: bool,
    low: f64,
    high: f64,
    length: f64,
    pixels_per_label: f64,
}

/// A value that is marked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    /// Where it is, in pixels from the low end.
    pub(crate) position: f64,
    /// What is written beside it; small ticks have no label.
    pub(crate) label: Option<String>,
}

impl Axis {
    /// An axis on which equal differences are equally long.
    pub(crate) fn linear(low: f64, high: f64, length: f64) -> Self {
        // A range of no width has no scale: show the value in the middle of one.
        let least = 1e-9 * low.abs().max(high.abs()).max(1e-3);
        let (low, high) =
            if high - low > least { (low, high) } else { (low - 1e3 * least, high + 1e3 * least) };
        Self { is_logarithmic: false, is_whole: false, low, high, length, pixels_per_label: PIXELS_PER_LABEL }
    }

    /// An axis on which equal ratios are equally long; both ends must be positive.
    pub(crate) fn logarithmic(low: f64, high: f64, length: f64) -> Self {
        let (low, high) = if high > 1.01 * low { (low, high) } else { (0.8 * low, 1.25 * high) };
        Self { is_logarithmic: true, is_whole: false, low, high, length, pixels_per_label: PIXELS_PER_LABEL }
    }

    /// A logarithmic axis for positive values with room at both ends: this share of its length, at least this factor.
    pub(crate) fn around(values: impl Iterator<Item = f64>, [share, least]: [f64; 2], length: f64) -> Self {
        let (low, high) = extent(values);
        let margin = (high / low).powf(share).max(least);
        Self::logarithmic(low / margin, high * margin, length)
    }

    /// The same axis for counts: only whole numbers are marked.
    pub(crate) fn of_whole_numbers(self) -> Self {
        Self { is_whole: true, ..self }
    }

    /// The same axis with as many labels as fit above each other.
    pub(crate) fn upright(self) -> Self {
        Self { pixels_per_label: PIXELS_PER_LINE, ..self }
    }

    /// Length in pixels.
    pub(crate) fn length(&self) -> f64 {
        self.length
    }

    /// Least value.
    pub(crate) fn low(&self) -> f64 {
        self.low
    }

    /// Largest value.
    pub(crate) fn high(&self) -> f64 {
        self.high
    }

    /// Pixels from the low end to a value.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let share = if self.is_logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share * self.length
    }

    /// The marked values in ascending order.
    pub(crate) fn ticks(&self) -> Vec<Tick> {
        let decades = (self.high / self.low).log10();
        if self.is_logarithmic && decades >= 0.7 {
            self.logarithmic_ticks(decades)
        } else {
            self.linear_ticks()
        }
    }

    fn linear_ticks(&self) -> Vec<Tick> {
        let step = nice_step((self.high - self.low) * self.pixels_per_label / self.length);
        let step = if self.is_whole { step.max(1.0) } else { step };
        let (first, last) =
            ((self.low / step - 1e-9).ceil() as i64, (self.high / step + 1e-9).floor() as i64);
        let largest = self.low.abs().max(self.high.abs());
        let label = |number: i64| linear_label(number as f64 * step, step, largest);
        (first..=last)
            .map(|number| Tick { position: self.at(number as f64 * step), label: Some(label(number)) })
            .collect()
    }

    fn logarithmic_ticks(&self, decades: f64) -> Vec<Tick> {
        let room = (self.length / self.pixels_per_label).max(1.0);
        let stride = (decades / room).ceil().max(1.0) as i32;
        // With few decades, 2 and 5 are labeled, too.
        let labeled: &[i32] = if decades * 3.0 <= room { &[1, 2, 5] } else { &[1] };
        let (lowest, highest) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
        // One way of writing for all labels of an axis.
        let as_powers = self.low < 0.9e-3 || self.high > 1.1e4;
        let mut ticks = Vec::new();
        for exponent in lowest..=highest {
            for digit in 1..10 {
                let value = f64::from(digit) * 10.0_f64.powi(exponent);
                let is_labeled = labeled.contains(&digit) && exponent.rem_euclid(stride) == 0;
                let is_drawn = is_labeled || (stride == 1 || digit == 1);
                if is_drawn && (self.low * (1.0 - 1e-9)..=self.high * (1.0 + 1e-9)).contains(&value) {
                    let label = is_labeled.then(|| logarithmic_label(digit, exponent, as_powers));
                    ticks.push(Tick { position: self.at(value), label });
                }
            }
        }
        ticks
    }
}

/// The least and the largest value.
pub(crate) fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn nice_step(least: f64) -> f64 {
    let power = 10.0_f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= least * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

fn linear_label(value: f64, step: f64, largest: f64) -> String {
    let text = if !(1e-3..1e5).contains(&largest) {
        let exponent = largest.log10().floor() as i32;
        let mantissa = value / 10.0_f64.powi(exponent);
        let digits = (f64::from(exponent) - step.log10() - 1e-9).ceil().clamp(0.0, 9.0) as usize;
        if value == 0.0 { "0".into() } else { format!("{mantissa:.digits$}×{}", power_of_ten(exponent)) }
    } else {
        let digits = (-step.log10() - 1e-9).ceil().clamp(0.0, 9.0) as usize;
        format!("{value:.digits$}")
    };
    let is_zero = !text.chars().any(|character| ('1'..='9').contains(&character));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text.replace('-', "−") }
}

fn logarithmic_label(digit: i32, exponent: i32, as_power: bool) -> String {
    match (as_power, digit) {
        (false, _) => general(f64::from(digit) * 10.0_f64.powi(exponent), 6),
        (true, 1) => power_of_ten(exponent),
        (true, _) => format!("{digit}×{}", power_of_ten(exponent)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().filter_map(|tick| tick.label).collect()
    }

    #[test]
    fn linear_axes_are_marked_at_round_numbers() {
        assert_eq!(labels(&Axis::linear(-1.1, 1.1, 280.0)), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(&Axis::linear(0.0, 470.0, 280.0)), ["0", "100", "200", "300", "400"]);
        assert_eq!(labels(&Axis::linear(0.5, 3.5, 420.0).of_whole_numbers()), ["1", "2", "3"]);
        assert_eq!(labels(&Axis::linear(0.0, 2.2e6, 200.0)), ["0", "1×10⁶", "2×10⁶"]);
        assert_eq!(labels(&Axis::linear(0.0, 2.2e-4, 200.0)), ["0", "1×10⁻⁴", "2×10⁻⁴"]);
    }

    #[test]
    fn logarithmic_axes_are_marked_at_powers_of_ten() {
        let wide = Axis::logarithmic(1e-6, 1e3, 280.0);
        assert_eq!(labels(&wide), ["10⁻⁶", "10⁻⁴", "10⁻²", "10⁰", "10²"]);
        let narrow = Axis::logarithmic(0.9, 21.0, 280.0);
        assert_eq!(labels(&narrow), ["1", "2", "5", "10", "20"]);
        assert_eq!(narrow.ticks().len(), 12);
        assert_eq!(labels(&Axis::logarithmic(1.0, 2.0, 280.0)), ["1.0", "1.2", "1.4", "1.6", "1.8", "2.0"]);
    }

    #[test]
    fn values_lie_between_the_ends() {
        assert_eq!(Axis::linear(-1.0, 3.0, 200.0).at(0.0), 50.0);
        assert!((Axis::logarithmic(0.01, 100.0, 200.0).at(1.0) - 100.0).abs() < 1e-12);
        for flat in
            [Axis::linear(5.0, 5.0, 100.0), Axis::linear(0.0, 0.0, 100.0), Axis::logarithmic(3.0, 3.0, 100.0)]
        {
            assert!((10.0..90.0).contains(&flat.at(0.5 * (flat.low() + flat.high()))));
            assert!(flat.ticks().len() < 20);
        }
    }
}
