//! Compositions, and energies by them alone: what single atoms of each species have on average.

use faer::Mat;
use faer::linalg::solvers::SolveLstsq;
use mtprs_core::geometry::Configuration;

/// Atoms by species number, without trailing zeros.
pub(crate) fn counts(configuration: &Configuration) -> Vec<u32> {
    let mut counts = Vec::new();
    for &species in &configuration.species {
        let index = species as usize;
        if counts.len() <= index {
            counts.resize(index + 1, 0);
        }
        counts[index] += 1;
    }
    counts
}

/// Energies of single atoms, eV, that explain energies per atom best (least squares); zero if there are none.
///
/// `energies` holds the share of each species among the atoms, and the energy per atom, eV. What the compositions leave
/// open, as where all are equal, is settled by a penalty on the distance from the mean that is too small to be seen
/// otherwise.
pub(crate) fn species_energies(energies: &[(&[f64], f64)], species: usize) -> Vec<f64> {
    let count = energies.len();
    if count == 0 {
        return vec![0.0; species];
    }
    let mean = energies.iter().map(|(_, energy)| energy).sum::<f64>() / count as f64;
    let penalty = 1e-6 * (count as f64).sqrt();
    let rows = count + species;
    let matrix = Mat::from_fn(rows, species, |row, column| match energies.get(row) {
        Some((composition, _)) => composition[column],
        None if row - count == column => penalty,
        None => 0.0,
    });
    let right = Mat::from_fn(rows, 1, |row, _| energies.get(row).map_or(0.0, |(_, energy)| energy - mean));
    let solution = matrix.qr().solve_lstsq(&right);
    (0..species).map(|k| mean + solution[(k, 0)]).collect()
}

/// The same, made again without the half of the energies that it explains worst.
pub(crate) fn robust_species_energies(energies: &[(&[f64], f64)], species: usize) -> Vec<f64> {
    let mut found = species_energies(energies, species);
    for _ in 0..3 {
        let distance = |(composition, energy): &(&[f64], f64)| {
            (energy - composition.iter().zip(&found).map(|(c, e)| c * e).sum::<f64>()).abs()
        };
        let mut kept = energies.to_vec();
        kept.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        kept.truncate(energies.len().div_ceil(2).max(species + 1));
        found = species_energies(&kept, species);
    }
    found
}
