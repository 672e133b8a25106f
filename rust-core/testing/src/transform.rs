//! The same atoms described otherwise, and the same potential with other numbers for its species or other parameters.

use mtprs_core::geometry::{Cell, Configuration, Vector3};
use mtprs_core::potential::Potential;

use crate::vectors::{Matrix3, add_scaled, apply};

/// The configuration with `change` applied to every position, and another cell.
fn changed(
    configuration: &Configuration,
    vectors: &[Vector3],
    change: impl Fn(usize, Vector3) -> Vector3,
) -> Configuration {
    let positions = configuration.positions.iter().enumerate().map(|(atom, &r)| change(atom, r)).collect();
    let cell = Cell::new(vectors).expect("the changed vectors make a cell");
    Configuration::new(cell, configuration.species.clone(), positions).expect("one species for each atom")
}

/// Cell and positions under a linear map: a rotation, a reflection or a strain.
pub fn mapped(configuration: &Configuration, map: &Matrix3) -> Configuration {
    let vectors: Vec<Vector3> =
        configuration.cell.vectors().iter().map(|&vector| apply(map, vector)).collect();
    changed(configuration, &vectors, |_, position| apply(map, position))
}

/// All atoms moved by a vector, the cell left where it is.
pub fn translated(configuration: &Configuration, shift: Vector3) -> Configuration {
    changed(configuration, configuration.cell.vectors(), |_, position| add_scaled(position, 1.0, shift))
}

/// Atoms moved by `factor` times a vector each.
pub fn displaced(configuration: &Configuration, factor: f64, directions: &[Vector3]) -> Configuration {
    let vectors = configuration.cell.vectors();
    changed(configuration, vectors, |atom, position| add_scaled(position, factor, directions[atom]))
}

/// Each atom moved by `images(atom, k)` times the k-th vector of the cell.
pub fn in_other_images(configuration: &Configuration, images: impl Fn(usize, usize) -> i32) -> Configuration {
    let vectors = configuration.cell.vectors();
    changed(configuration, vectors, |atom, position| {
        let shifts = vectors.iter().enumerate();
        shifts.fold(position, |r, (k, &vector)| add_scaled(r, f64::from(images(atom, k)), vector))
    })
}

/// The same lattice by other vectors: rows of integers times the old ones. The determinant must be ±1.
pub fn with_other_basis(configuration: &Configuration, integers: &[[i32; 3]; 3]) -> Configuration {
    let old = configuration.cell.vectors();
    assert_eq!(old.len(), 3, "a lattice in space has three vectors");
    let new = integers.map(|row| {
        row.iter()
            .zip(old)
            .fold([0.0; 3], |sum, (&factor, &vector)| add_scaled(sum, f64::from(factor), vector))
    });
    changed(configuration, &new, |_, position| position)
}

/// `order[k]` is the old index of the atom that becomes the k-th.
pub fn permuted(configuration: &Configuration, order: &[usize]) -> Configuration {
    let species = order.iter().map(|&atom| configuration.species[atom]).collect();
    let positions = order.iter().map(|&atom| configuration.positions[atom]).collect();
    Configuration::new(configuration.cell.clone(), species, positions).expect("one species for each atom")
}

/// Copies of all periodic vectors: the first copy holds the atoms in their order, then comes the next.
pub fn supercell(configuration: &Configuration, copies: &[usize]) -> Configuration {
    let vectors = configuration.cell.vectors();
    assert_eq!(copies.len(), vectors.len(), "one number of copies for each periodic direction");
    let larger: Vec<Vector3> =
        vectors.iter().zip(copies).map(|(vector, &count)| vector.map(|x| x * count as f64)).collect();
    let (mut species, mut positions) = (Vec::new(), Vec::new());
    for copy in 0..copies.iter().product() {
        let mut shift = [0.0; 3];
        let mut rest = copy;
        for (&vector, &count) in vectors.iter().zip(copies) {
            shift = add_scaled(shift, (rest % count) as f64, vector);
            rest /= count;
        }
        species.extend_from_slice(&configuration.species);
        positions.extend(configuration.positions.iter().map(|&position| add_scaled(position, 1.0, shift)));
    }
    Configuration::new(Cell::new(&larger).unwrap(), species, positions).expect("one species for each atom")
}

/// The same atoms with species s called `labels[s]`.
pub fn relabelled(configuration: &Configuration, labels: &[usize]) -> Configuration {
    let mut changed = configuration.clone();
    for species in &mut changed.species {
        *species = u32::try_from(labels[*species as usize]).expect("there are few species");
    }
    changed
}

/// The same potential with species s called `labels[s]`.
pub fn relabelled_potential(potential: &Potential, labels: &[usize]) -> Potential {
    let layout = potential.parameter_layout();
    let old = potential.parameters().to_flat().expect("the potential is trained");
    let mut new = old.clone();
    for (z, &new_z) in labels.iter().enumerate() {
        new[layout.species_coeffs().start + new_z] = old[layout.species_coeffs().start + z];
        for (neighbor, &new_neighbor) in labels.iter().enumerate() {
            for mu in 0..potential.radial_basis().functions_count() {
                let source = layout.radial_function(z, neighbor, mu);
                new[layout.radial_function(new_z, new_neighbor, mu)].copy_from_slice(&old[source]);
            }
        }
    }
    with_parameters(potential, &new)
}

/// The same potential with other parameters, all in the order of the layout.
///
/// # Panics
/// If there are more or fewer than the layout has.
pub fn with_parameters(potential: &Potential, flat: &[f64]) -> Potential {
    potential.with_parameters(flat).expect("as many finite parameters as the layout has")
}

/// The same potential with parameters that come one by one.
pub fn filled(potential: &Potential, mut next: impl FnMut() -> f64) -> Potential {
    let flat: Vec<f64> = (0..potential.parameter_layout().len()).map(|_| next()).collect();
    with_parameters(potential, &flat)
}
