//! Values in the comment line of extended XYZ: numbers, truths, symmetric tensors, and whether two agree.

use mtprs_core::geometry::Virial;
use mtprs_core::{Error, ErrorKind, Result};

use super::lines::{parse_number, shown};
use super::structure::Lattice;

pub(super) fn contradiction(first: &str, second: &str) -> Error {
    if first == second {
        return invalid(format!("{first} is given twice, and differently"));
    }
    invalid(format!("{first} and {second} contradict each other"))
}

/// Whether numbers agree within a share of the largest and an absolute tolerance.
pub(super) fn agree(first: &[f64], second: &[f64], share: f64, absolute: f64) -> bool {
    let largest = first.iter().chain(second).fold(0.0_f64, |largest, value| largest.max(value.abs()));
    first.iter().zip(second).all(|(a, b)| (a - b).abs() <= share * largest + absolute)
}

pub(super) fn invalid(message: String) -> Error {
    Error::new(ErrorKind::Syntax, message)
}

/// The numbers of a value, from a list or from an array in brackets.
pub(super) fn numbers(key: &str, text: &str) -> Result<Vec<f64>> {
    let flat = text.strip_prefix("_JSON").unwrap_or(text).replace(['[', ']', ','], " ");
    let number = |word: &str| {
        let value = parse_number(word).filter(|value| value.is_finite());
        value.ok_or_else(|| invalid(format!("expected finite numbers for {key}, got {}", shown(word))))
    };
    flat.split_whitespace().map(number).collect()
}

pub(super) fn exactly<const N: usize>(key: &str, values: Vec<f64>) -> Result<[f64; N]> {
    let got = values.len();
    let numbers = if N == 1 { "number" } else { "numbers" };
    values.try_into().map_err(|_| invalid(format!("expected {N} {numbers} for {key}, got {got}")))
}

pub(super) fn periodic(text: &str) -> Result<[bool; 3]> {
    let flat = text.strip_prefix("_JSON").unwrap_or(text).replace(['[', ']', ','], " ");
    let truths: Option<Vec<bool>> = flat
        .split_whitespace()
        .map(|word| match word {
            "T" | "t" | "True" | "true" | "TRUE" | "1" => Some(true),
            "F" | "f" | "False" | "false" | "FALSE" | "0" => Some(false),
            _ => None,
        })
        .collect();
    match truths.as_deref() {
        Some(&[all]) => Ok([all; 3]),
        Some(&[x, y, z]) => Ok([x, y, z]),
        _ => Err(invalid(format!("expected three of T and F for pbc, got {}", shown(text)))),
    }
}

/// A symmetric tensor of 9 or 6 numbers.
pub(super) fn symmetric(key: &str, values: &[f64]) -> Result<Virial> {
    match *values {
        [xx, yy, zz, yz, xz, xy] => Ok(Virial { xx, yy, zz, yz, xz, xy }),
        [xx, xy, xz, yx, yy, yz, zx, zy, zz] => {
            let scale = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
            let is_symmetric = |a: f64, b: f64| (a - b).abs() <= 1e-3 * scale;
            if is_symmetric(xy, yx) && is_symmetric(xz, zx) && is_symmetric(yz, zy) {
                let mean = |a: f64, b: f64| if a == b { a } else { 0.5 * (a + b) };
                return Ok(Virial { xx, yy, zz, yz: mean(yz, zy), xz: mean(xz, zx), xy: mean(xy, yx) });
            }
            Err(invalid(format!("expected a symmetric {key}, got {}", shown(&format!("{values:?}")))))
        }
        _ => Err(invalid(format!("expected 9 or 6 numbers for {key}, got {}", values.len()))),
    }
}

/// The virial W = −V·σ of a stress σ that is positive under tension.
pub(super) fn of_stress(stress: Virial, lattice: &Lattice) -> Result<Virial> {
    let volume = lattice.volume();
    let volume =
        volume.ok_or_else(|| invalid("expected a Lattice with a volume for the stress".to_owned()))?;
    let components = stress.to_cfg_order().map(|component| -component * volume);
    Ok(Virial::from_cfg_order(components))
}
