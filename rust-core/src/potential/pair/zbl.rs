//! `zbl`: the screened repulsion of two nuclei, switched off between two distances.
//!
//! φ(r) = k Z_i Z_j / r · φ_u(r / a) + S(r), with the universal screening function φ_u and
//! a = 0.46850 Å / (Z_i^0.23 + Z_j^0.23) (J. F. Ziegler, J. P. Biersack, U. Littmark, The Stopping and Range of Ions in
//! Matter, 1985). S(r) is constant up to `inner` and a polynomial of degree four from there on, such that value, slope and
//! curvature are zero at `outer`: the same as `pair_style zbl inner outer` of LAMMPS.

use super::super::Fault;
use crate::error::Result;

/// As files name it.
pub(super) const KEY: &str = "zbl";

/// e² / 4πε₀ in eV Å, as LAMMPS has it in metal units.
const COULOMB: f64 = 14.399_645;
/// Factors and exponents of the screening function.
const TERMS: [(f64, f64); 4] =
    [(0.18175, 3.19980), (0.50986, 0.94229), (0.28022, 0.40290), (0.02817, 0.20162)];
/// Unit of the screening length, Å, and the exponent of the atomic numbers in it.
const LENGTH: (f64, f64) = (0.46850, 0.23);

/// The range of the switch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zbl {
    inner: f64,
    outer: f64,
}

impl Zbl {
    /// Where the switch begins and where the term ends, Å: 0 < inner < outer.
    pub fn new(inner: f64, outer: f64) -> Result<Self> {
        Ok(Self::checked(inner, outer)?)
    }

    /// The same, with the key that is at fault.
    pub(crate) fn checked(inner: f64, outer: f64) -> std::result::Result<Self, Fault> {
        if inner > 0.0 && outer > inner && outer.is_finite() {
            return Ok(Self { inner, outer });
        }
        let message = format!(
            "expected two distances {{inner, outer}} with 0 < inner < outer, got {{{inner}, {outer}}}"
        );
        Err(Fault::new(KEY, message))
    }

    /// Where the switch begins, Å.
    pub fn inner(&self) -> f64 {
        self.inner
    }

    /// Where the term ends, Å.
    pub fn outer(&self) -> f64 {
        self.outer
    }

    /// The repulsion of two nuclei of these atomic numbers at a distance r > 0 (Å) without the switch: eV.
    pub fn unswitched(atomic_numbers: [usize; 2], r: f64) -> f64 {
        Screened::new(atomic_numbers).derivatives(r)[0]
    }

    /// φ of two nuclei.
    pub(super) fn function(self, atomic_numbers: [usize; 2]) -> ZblFunction {
        let Self { inner, outer } = self;
        let screened = Screened::new(atomic_numbers);
        let [value, slope, curvature] = screened.derivatives(outer);
        let width = outer - inner;
        ZblFunction {
            screened,
            inner,
            outer,
            cubic: (-3.0 * slope + width * curvature) / (width * width),
            quartic: (2.0 * slope - width * curvature) / (width * width * width),
            constant: -value + width * slope / 2.0 - width * width * curvature / 12.0,
        }
    }
}

/// φ of one pair of species.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ZblFunction {
    screened: Screened,
    inner: f64,
    outer: f64,
    /// S(r) = cubic (r − inner)³ / 3 + quartic (r − inner)⁴ / 4 + constant.
    cubic: f64,
    quartic: f64,
    constant: f64,
}

impl ZblFunction {
    /// φ(r), eV, and its derivative, eV/Å.
    pub(super) fn evaluate(&self, r: f64) -> (f64, f64) {
        if r >= self.outer {
            return (0.0, 0.0);
        }
        let [value, slope, _] = self.screened.derivatives(r);
        let beyond = (r - self.inner).max(0.0);
        let square = beyond * beyond;
        let switch = square * beyond * (self.cubic / 3.0 + self.quartic / 4.0 * beyond) + self.constant;
        (value + switch, slope + square * (self.cubic + self.quartic * beyond))
    }
}

/// Two nuclei with their screening.
#[derive(Clone, Copy, Debug)]
struct Screened {
    /// k Z_i Z_j, eV Å.
    strength: f64,
    /// 1/a, Å⁻¹.
    inverse_length: f64,
}

impl Screened {
    fn new(atomic_numbers: [usize; 2]) -> Self {
        let [a, b] = atomic_numbers.map(|number| number as f64);
        let inverse_length = (a.powf(LENGTH.1) + b.powf(LENGTH.1)) / LENGTH.0;
        Self { strength: COULOMB * a * b, inverse_length }
    }

    /// The repulsion and its first two derivatives at a distance.
    fn derivatives(&self, r: f64) -> [f64; 3] {
        let mut screening = [0.0; 3];
        for (factor, exponent) in TERMS {
            let rate = -exponent * self.inverse_length;
            let term = factor * (rate * r).exp();
            screening[0] += term;
            screening[1] += rate * term;
            screening[2] += rate * rate * term;
        }
        let [s, s1, s2] = screening;
        let over = self.strength / r;
        [over * s, over * (s1 - s / r), over * (s2 - 2.0 * s1 / r + 2.0 * s / (r * r))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_differences_and_the_end_is_smooth() {
        let function = Zbl::new(1.0, 2.0).unwrap().function([12, 8]);
        for r in [0.3, 0.9, 1.0, 1.4, 1.99] {
            let h = 1e-5;
            let slope = (function.evaluate(r + h).0 - function.evaluate(r - h).0) / (2.0 * h);
            let (_, expected) = function.evaluate(r);
            assert!(
                (slope - expected).abs() < 1e-6 * expected.abs().max(1.0),
                "{r} Å: {slope} and {expected}"
            );
        }
        let (value, slope) = function.evaluate(2.0 - 1e-6);
        assert!(value.abs() < 1e-12 && slope.abs() < 1e-9, "{value} {slope}");
        assert_eq!(function.evaluate(2.0), (0.0, 0.0));
    }

    #[test]
    fn the_slope_is_the_force_of_pair_style_zbl_in_lammps() {
        // pair_style zbl 9 10, an Mg and an O atom: up to 9 Å the forces are those without the switch
        for (r, force) in [(1.5, 18.069_336_061_8), (0.9, 169.596_459_467)] {
            let slope = Screened::new([12, 8]).derivatives(r)[1];
            assert!((slope / force + 1.0).abs() < 1e-10, "{r} Å: {slope} eV/Å");
        }
    }

    #[test]
    fn ranges_that_cannot_be_are_refused() {
        for (inner, outer) in [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
            assert!(Zbl::new(inner, outer).unwrap_err().message().contains("0 < inner < outer"));
        }
    }
}
