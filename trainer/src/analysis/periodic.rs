//! Fractional coordinates in cells that are periodic in three directions.

use mtprs_core::geometry::{Configuration, Vector3, dot};
use mtprs_core::{Error, ErrorKind, Result};

/// Refuses cells that are periodic in fewer than three directions; the duals of the others, Å⁻¹.
pub(super) fn require_three_periods(configuration: &Configuration) -> Result<[Vector3; 3]> {
    configuration.cell.duals().try_into().map_err(|duals: Vec<Vector3>| {
        let count = duals.len();
        let message = format!("the cell is periodic in {count} of three directions: expected all three");
        Error::new(ErrorKind::InvalidConfiguration, message)
    })
}

/// Fractional coordinates of all atoms; refuses cells that are periodic in fewer directions.
pub(super) fn fractional(configuration: &Configuration) -> Result<Vec<Vector3>> {
    let [a, b, c] = require_three_periods(configuration)?;
    Ok(configuration.positions.iter().map(|r| [dot(a, *r), dot(b, *r), dot(c, *r)]).collect())
}

/// Those among values of atoms that belong to a species.
pub(super) fn of_species<'a, T: Copy>(
    configuration: &'a Configuration,
    species: usize,
    values: &'a [T],
) -> impl Iterator<Item = T> + 'a {
    let atoms = configuration.species.iter().zip(values);
    atoms.filter(move |(kind, _)| **kind as usize == species).map(|(_, value)| *value)
}
