//! Fractional coordinates in cells that are periodic in three directions.

use mtprs_core::geometry::{Configuration, Vector3, dot};
use mtprs_core::{Error, ErrorKind, Result};

/// Fractional coordinates of all atoms; refuses cells that are periodic in fewer directions.
pub(super) fn fractional(configuration: &Configuration) -> Result<Vec<Vector3>> {
    let [a, b, c] = configuration.cell.duals()[..] else {
        let count = configuration.cell.vectors().len();
        let message = format!("the cell is periodic in {count} of three directions: expected all three");
        return Err(Error::new(ErrorKind::InvalidConfiguration, message));
    };
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
