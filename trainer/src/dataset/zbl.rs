//! Screened repulsion of two nuclei: J. F. Ziegler, J. P. Biersack and U. Littmark, *The Stopping and Range of Ions in
//! Matter* (1985), the universal screening function.

use crate::constants::units::COULOMB;

/// Factors and exponents of the screening function.
const TERMS: [(f64, f64); 4] =
    [(0.18175, 3.19980), (0.50986, 0.94229), (0.28022, 0.40290), (0.02817, 0.20162)];
/// Unit of the screening length, Å, and the exponent of the atomic numbers in it.
const LENGTH: (f64, f64) = (0.46850, 0.23);

/// Energy (eV) of two nuclei of these atomic numbers at a distance (Å).
pub(super) fn zbl(atomic_numbers: [usize; 2], distance: f64) -> f64 {
    let [a, b] = atomic_numbers.map(|number| number as f64);
    let screening = (a.powf(LENGTH.1) + b.powf(LENGTH.1)) / LENGTH.0;
    let screened: f64 =
        TERMS.iter().map(|(factor, exponent)| factor * (-exponent * screening * distance).exp()).sum();
    COULOMB * a * b / distance * screened
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_the_force_of_pair_style_zbl_in_lammps() {
        // pair_style zbl 9 10, a Mg and an O atom; its energy has a small constant that the forces do not see
        for (distance, force) in [(1.5, 18.069_336_061_8), (0.9, 169.596_459_467)] {
            let h = 1e-4;
            let slope = (zbl([12, 8], distance + h) - zbl([12, 8], distance - h)) / (2.0 * h);
            assert!((slope / force + 1.0).abs() < 1e-6, "{distance} Å: {slope} eV/Å");
        }
    }
}
