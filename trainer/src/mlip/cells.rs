//! `mlp fix_cfg`, `replicate_cell`, `invert_stress`: other descriptions of the same crystals.

use mtprs_core::geometry::{Cell, Configuration, Vector3, Virial, cross, dot, duals};
use mtprs_core::{Error, ErrorKind};

use super::{Call, sets};
use crate::Failure;
use crate::cli::usage_error;
use crate::cutout::reduced;
use crate::endpoint::say;
use crate::structure_files::{Structure, in_lammps_box};

pub(super) fn fix(call: &mut Call<'_>) -> Result<(), Failure> {
    let mut columns = false;
    sets::each(call, |mut configuration, sink| {
        columns |= fixed(&mut configuration)? && !configuration.extra_columns.is_empty();
        sink.write(&configuration)
    })?;
    if columns {
        say(
            "note: columns that have no meaning here are written as they were: vectors among them are not turned",
        );
    }
    Ok(())
}

/// Describes a crystal by short vectors, lower triangular, with its atoms inside: whether it is one.
pub(super) fn fixed(configuration: &mut Configuration) -> Result<bool, Error> {
    let &[a, b, c] = configuration.cell.vectors() else { return Ok(false) };
    let [a, b, mut c] = reduced([a, b, c]);
    if dot(cross(a, b), c) < 0.0 {
        c = c.map(|component| -component);
    }
    configuration.cell = Cell::new(&[a, b, c])?;
    let (turned, lattice) =
        in_lammps_box(&Structure { configuration: configuration.clone(), ..Structure::default() })?;
    *configuration = turned.configuration;
    let (vectors, of_vectors) = (lattice.vectors, duals(&lattice.vectors));
    for at in &mut configuration.positions {
        let turns = of_vectors.map(|dual| -dot(*at, dual).floor());
        *at = std::array::from_fn(|k| at[k] + (0..3).map(|v| turns[v] * vectors[v][k]).sum::<f64>());
    }
    configuration.cell = Cell::new(&vectors)?;
    Ok(true)
}

fn scaled(vector: Vector3, factor: f64) -> Vector3 {
    vector.map(|component| component * factor)
}

pub(super) fn replicate(call: &mut Call<'_>) -> Result<(), Failure> {
    let mut times = [1_usize; 3];
    for (time, word) in times.iter_mut().zip(call.line.files.iter().skip(2)) {
        let number =
            word.to_str().and_then(|word| word.parse().ok()).filter(|number| (1..=1000).contains(number));
        *time = number.ok_or_else(|| {
            usage_error(format!(
                "expected how often to repeat the cell, 1 to 1000, got {}",
                word.to_string_lossy()
            ))
        })?;
    }
    sets::each(call, |configuration, sink| sink.write(&repeated(&configuration, times)?))
}

/// A cell as often along its vectors.
fn repeated(configuration: &Configuration, times: [usize; 3]) -> Result<Configuration, Error> {
    let vectors = configuration.cell.vectors();
    if times[vectors.len()..].iter().any(|times| *times > 1) {
        let message = format!("the cell repeats in {} directions only", vectors.len());
        return Err(Error::new(ErrorKind::InvalidConfiguration, message));
    }
    let count: usize = times.iter().product();
    if configuration.len().saturating_mul(count) > MOST_ATOMS {
        let message = format!("{} atoms {count} times are more than {MOST_ATOMS}", configuration.len());
        return Err(Error::new(ErrorKind::InvalidConfiguration, message));
    }
    let mut repeated = configuration.clone();
    let long: Vec<Vector3> = vectors.iter().zip(times).map(|(vector, n)| scaled(*vector, n as f64)).collect();
    repeated.cell = Cell::new(&long)?;
    repeated.positions.clear();
    for i in 0..times[0] {
        for j in 0..times[1] {
            for k in 0..times[2] {
                let shifts = vectors.iter().zip([i, j, k]).map(|(vector, n)| scaled(*vector, n as f64));
                let shift: Vector3 = shifts.fold([0.0; 3], |sum, by| std::array::from_fn(|k| sum[k] + by[k]));
                let places = configuration.positions.iter();
                repeated
                    .positions
                    .extend(places.map(|at| -> Vector3 { std::array::from_fn(|k| at[k] + shift[k]) }));
            }
        }
    }
    repeated.ids = (1..).take(repeated.positions.len()).collect();
    repeated.species = configuration.species.repeat(count);
    repeated.forces = configuration.forces.as_ref().map(|forces| forces.repeat(count));
    repeated.site_energies = configuration.site_energies.as_ref().map(|energies| energies.repeat(count));
    repeated.neighborhood_grades =
        configuration.neighborhood_grades.as_ref().map(|grades| grades.repeat(count));
    for (column, of_one) in repeated.extra_columns.iter_mut().zip(&configuration.extra_columns) {
        column.words = (0..count).flat_map(|_| of_one.words.iter().cloned()).collect();
    }
    repeated.energy = configuration.energy.map(|energy| energy * count as f64);
    repeated.virial = configuration.virial.map(|virial| {
        Virial::from_cfg_order(virial.to_cfg_order().map(|component| component * count as f64))
    });
    Ok(repeated)
}

/// Most atoms of a cell that is made.
const MOST_ATOMS: usize = 10_000_000;

pub(super) fn invert_stress(call: &mut Call<'_>) -> Result<(), Failure> {
    sets::each(call, |mut configuration, sink| {
        configuration.virial = configuration
            .virial
            .map(|virial| Virial::from_cfg_order(virial.to_cfg_order().map(|component| -component)));
        sink.write(&configuration)
    })
}
