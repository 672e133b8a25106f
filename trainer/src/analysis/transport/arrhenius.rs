//! The activation energy from runs at several temperatures, upper limits among them.
//!
//! D = D₀ exp(−E_a / k T). A measured D adds −½ (Δ ln D / σ)² to the logarithm of the likelihood. A 95 % upper limit U adds
//! −ln 20 · D / U: the probability to see nothing where something would be seen with a probability of 95 % at D = U, with
//! events at random. The interval is that of the profile of the likelihood, which has no upper end where one D is measured
//! and all others are limits.

use super::super::quantiles::{NORMAL_95, chi_squared, chi_squared_above};
use super::blocks::Estimate;
use crate::constants::units::BOLTZMANN;

/// Energies between which the best is looked for, eV.
const SEARCHED: [f64; 2] = [-5.0, 10.0];

/// What one run says of D, cm²/s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    /// A value with its interval.
    Value(Estimate),
    /// A one-sided 95 % upper limit.
    UpperLimit(f64),
}

/// One run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Temperature, K.
    pub temperature: f64,
    /// What was found.
    pub measured: Measured,
}

/// The line through the runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrhenius {
    /// E_a, eV; none if the likelihood has no maximum.
    pub activation_energy: Option<f64>,
    /// Ends of its 95 % interval, eV; an end is none if the runs do not bound it.
    pub activation_energy_interval_95: [Option<f64>; 2],
    /// ln D₀, D₀ in cm²/s, that goes with E_a.
    pub ln_prefactor: Option<f64>,
    /// Probability of a misfit of the measured values as bad as this one or worse, if a straight line holds; none for fewer
    /// than three.
    pub probability: Option<f64>,
}

impl Arrhenius {
    /// D on the line at a temperature, K, in cm²/s.
    pub fn diffusivity(&self, temperature: f64) -> Option<f64> {
        Some((self.ln_prefactor? - self.activation_energy? / (BOLTZMANN * temperature)).exp())
    }
}

/// The most likely line; none without two temperatures and one measured D.
pub fn arrhenius(points: &[Point]) -> Option<Arrhenius> {
    let line = Likelihood::new(points)?;
    let [low, high] = SEARCHED;
    let best = line.best_energy();
    let at_end = line.has_one_place() || (best - low).min(high - best) < 1e-3;
    // With limits alone on one side, what they exclude has the probability of 5 % that they are made for.
    let fall = if at_end { 20.0_f64.ln() } else { 0.5 * chi_squared(0.95, 1.0) };
    let threshold = line.profile(best) - fall;
    let end =
        |outside: f64| (line.profile(outside) < threshold).then(|| line.crossing(best, outside, threshold));
    Some(Arrhenius {
        activation_energy: (!at_end).then_some(best),
        activation_energy_interval_95: [end(low), end(high)],
        ln_prefactor: (!at_end).then(|| line.level(best) + best * line.middle),
        probability: line.misfit(best),
    })
}

/// Logarithm of the likelihood over the level of the line at the middle of 1/kT, and E_a.
struct Likelihood {
    /// Mean of 1/kT, 1/eV.
    middle: f64,
    /// 1/kT − middle, ln D and its error.
    values: Vec<[f64; 3]>,
    /// 1/kT − middle and ln U.
    limits: Vec<[f64; 2]>,
}

impl Likelihood {
    fn new(points: &[Point]) -> Option<Self> {
        let inverse = |point: &Point| 1.0 / (BOLTZMANN * point.temperature);
        let middle = points.iter().map(inverse).sum::<f64>() / points.len().max(1) as f64;
        let mut line = Self { middle, values: Vec::new(), limits: Vec::new() };
        for point in points {
            let place = inverse(point) - middle;
            match point.measured {
                Measured::Value(of) => {
                    let [low, high] = of.interval_95.map(f64::ln);
                    let error = (high - low) / (2.0 * NORMAL_95);
                    line.values.push([place, of.value.ln(), error]);
                }
                Measured::UpperLimit(limit) => line.limits.push([place, limit.ln()]),
            }
        }
        let sound = line.values.iter().flatten().chain(line.limits.iter().flatten()).all(|x| x.is_finite());
        let errors = line.values.iter().all(|value| value[2] > 0.0);
        let apart = points.iter().any(|point| (point.temperature - points[0].temperature).abs() > 1e-6);
        (sound && errors && apart && !line.values.is_empty()).then_some(line)
    }

    /// Logarithm of the likelihood, its slope and curvature over the level.
    fn derivatives(&self, level: f64, energy: f64) -> [f64; 3] {
        let mut sum = [0.0; 3];
        for [place, value, error] in &self.values {
            let off = (value - level + energy * place) / error;
            sum[0] -= 0.5 * off * off;
            sum[1] += off / error;
            sum[2] -= 1.0 / (error * error);
        }
        for [place, limit] in &self.limits {
            let term = 20.0_f64.ln() * (level - energy * place - limit).min(600.0).exp();
            // The derivatives of the exponential are itself.
            sum.iter_mut().for_each(|derivative| *derivative -= term);
        }
        sum
    }

    /// The most likely level for an energy: by Newton's method, since the likelihood is concave.
    fn level(&self, energy: f64) -> f64 {
        let start = |[place, value, _]: &[f64; 3]| value + energy * place;
        let mut level = self.values.iter().map(start).fold(f64::INFINITY, f64::min);
        for [place, limit] in &self.limits {
            level = level.min(limit + energy * place);
        }
        for _ in 0..200 {
            let [_, slope, curvature] = self.derivatives(level, energy);
            let change = (-slope / curvature).clamp(-3.0, 3.0);
            level += change;
            if change.abs() < 1e-12 {
                break;
            }
        }
        level
    }

    fn profile(&self, energy: f64) -> f64 {
        self.derivatives(self.level(energy), energy)[0]
    }

    /// Whether all values are of one temperature, so that limits alone bound the energy.
    fn has_one_place(&self) -> bool {
        self.values.iter().all(|value| (value[0] - self.values[0][0]).abs() < 1e-9)
    }

    /// The energy of the highest profile, by thirds, since it is concave; where it is level, the end of the range that is
    /// as high, if one is.
    fn best_energy(&self) -> f64 {
        let [mut low, mut high] = SEARCHED;
        if self.has_one_place() {
            let least = self.profile(0.5 * (low + high)) - 1e-9;
            let is_as_high = |end: &f64| self.profile(*end) >= least;
            if let Some(end) = SEARCHED.into_iter().find(is_as_high) {
                return end;
            }
        }
        for _ in 0..80 {
            let third = (high - low) / 3.0;
            if self.profile(low + third) < self.profile(high - third) { low += third } else { high -= third }
        }
        0.5 * (low + high)
    }

    /// The energy between two where the profile falls through a threshold.
    fn crossing(&self, inside: f64, outside: f64, threshold: f64) -> f64 {
        let (mut inside, mut outside) = (inside, outside);
        for _ in 0..60 {
            let middle = 0.5 * (inside + outside);
            if self.profile(middle) < threshold { outside = middle } else { inside = middle }
        }
        inside
    }

    fn misfit(&self, energy: f64) -> Option<f64> {
        let freedom = self.values.len().checked_sub(2).filter(|freedom| *freedom > 0)? as f64;
        let level = self.level(energy);
        let square = |[place, value, error]: &[f64; 3]| ((value - level + energy * place) / error).powi(2);
        Some(chi_squared_above(self.values.iter().map(square).sum(), freedom))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(temperature: f64, value: f64, error: f64) -> Point {
        let factor = (NORMAL_95 * error).exp();
        let measured =
            Estimate { value, std_dev: value * error, interval_95: [value / factor, value * factor] };
        Point { temperature, measured: Measured::Value(measured) }
    }

    fn on_line(temperature: f64) -> f64 {
        1e-3 * (-0.5 / (BOLTZMANN * temperature)).exp()
    }

    /// The error of the slope of a weighted line, by its formula.
    #[test]
    fn values_alone_are_a_weighted_line() {
        let temperatures = [600.0, 800.0, 1000.0, 1200.0];
        let found = arrhenius(&temperatures.map(|t| point(t, on_line(t), 0.1))).unwrap();
        let x = temperatures.map(|t| 1.0 / (BOLTZMANN * t));
        let mean = x.iter().sum::<f64>() / 4.0;
        let error = 0.1 / x.iter().map(|x| (x - mean).powi(2)).sum::<f64>().sqrt();
        assert!((found.activation_energy.unwrap() - 0.5).abs() < 1e-6);
        let [low, high] = found.activation_energy_interval_95.map(Option::unwrap);
        assert!(
            (low - 0.5 + NORMAL_95 * error).abs() < 1e-5 && (high - 0.5 - NORMAL_95 * error).abs() < 1e-5
        );
        assert!((found.ln_prefactor.unwrap() - 1e-3_f64.ln()).abs() < 1e-4);
        assert!((found.diffusivity(900.0).unwrap() / on_line(900.0) - 1.0).abs() < 1e-4);
        assert!(found.probability.unwrap() > 0.99);
    }

    #[test]
    fn a_limit_bounds_the_energy_from_below() {
        let limit = |temperature: f64, at: f64| Point { temperature, measured: Measured::UpperLimit(at) };
        let found = arrhenius(&[point(1200.0, on_line(1200.0), 0.1), limit(900.0, on_line(900.0))]).unwrap();
        assert_eq!((found.activation_energy, found.activation_energy_interval_95[1]), (None, None));
        let low = found.activation_energy_interval_95[0].unwrap();
        // The limit is on a line of 0.5 eV, and the value is known within a tenth.
        assert!((low - 0.5).abs() < 0.01, "{low}");
    }

    /// One value, and limits at any lower temperature: no energy, and the same kind of bound.
    #[test]
    fn limits_beside_one_value_bound_the_energy_alone() {
        for temperature in [350.0, 400.0, 450.0, 500.0, 600.0, 700.0, 850.0] {
            let limit = Point { temperature, measured: Measured::UpperLimit(on_line(temperature)) };
            let found = arrhenius(&[point(900.0, on_line(900.0), 0.02), limit]).unwrap();
            assert_eq!((found.activation_energy, found.activation_energy_interval_95[1]), (None, None));
            let low = found.activation_energy_interval_95[0].unwrap();
            assert!((low - 0.5).abs() < 0.05, "{temperature}: {low}");
        }
    }

    /// A limit far above the line changes nothing; one below it makes the line steeper.
    #[test]
    fn limits_are_weighed() {
        let values = [1000.0, 1100.0, 1200.0].map(|t| point(t, on_line(t), 0.2));
        let with = |factor: f64| {
            let limit = Point { temperature: 700.0, measured: Measured::UpperLimit(factor * on_line(700.0)) };
            arrhenius(&[values[0], values[1], values[2], limit]).unwrap().activation_energy.unwrap()
        };
        assert!((with(1e6) - 0.5).abs() < 1e-3);
        assert!(with(0.1) > 0.6);
    }

    #[test]
    fn too_little_is_refused() {
        assert!(arrhenius(&[]).is_none());
        assert!(arrhenius(&[point(900.0, 1e-7, 0.1)]).is_none());
        assert!(arrhenius(&[point(900.0, 1e-7, 0.1), point(900.0, 1e-7, 0.1)]).is_none());
        assert!(arrhenius(&[Point { temperature: 1.0, measured: Measured::UpperLimit(1.0) }; 2]).is_none());
    }
}
