//! Cells that are repeated, and the primitive cell of a crystal.

use mtprs_core::Result;
use mtprs_core::geometry::{Cell, Configuration, Vector3, cross, dot, duals, norm};

/// Atoms that a translation brings this close to others are at their places, Å.
const SAME_PLACE: f64 = 1e-3;
/// Most atoms of a cell in which a smaller one is searched.
const MOST_ATOMS: usize = 2000;
/// Multiples of each vector of the cell among which those of the smaller one are searched.
const REACH: i32 = 2;

/// The three vectors of a cell, if it has as many.
pub(super) fn vectors(cell: &Cell) -> Option<[Vector3; 3]> {
    cell.vectors().try_into().ok()
}

/// Σ n_k a_k.
pub(super) fn combined(vectors: &[Vector3; 3], numbers: [i32; 3]) -> Vector3 {
    std::array::from_fn(|axis| (0..3).map(|k| f64::from(numbers[k]) * vectors[k][axis]).sum())
}

/// a + b.
pub(super) fn sum(a: Vector3, b: Vector3) -> Vector3 {
    std::array::from_fn(|k| a[k] + b[k])
}

/// a − b.
pub(super) fn difference(a: Vector3, b: Vector3) -> Vector3 {
    std::array::from_fn(|k| a[k] - b[k])
}

/// Copies along each vector after which no two opposite faces are closer than a width, Å.
pub(super) fn copies_for(vectors: &[Vector3; 3], width: f64) -> [usize; 3] {
    duals(vectors).map(|dual| ((width * norm(dual) - 1e-9).ceil() as usize).max(1))
}

/// A cell that is repeated; the atoms of the first copy come first.
pub(super) fn repeated(atoms: &Configuration, copies: [usize; 3]) -> Result<Configuration> {
    let vectors: [Vector3; 3] = std::array::from_fn(|k| atoms.cell.vectors()[k]);
    let (mut species, mut positions) = (Vec::new(), Vec::new());
    for number in 0..copies.iter().product() {
        let along = [number / (copies[1] * copies[2]), number / copies[2] % copies[1], number % copies[2]];
        let shift = combined(&vectors, along.map(|count| i32::try_from(count).unwrap_or(i32::MAX)));
        species.extend_from_slice(&atoms.species);
        positions.extend(atoms.positions.iter().map(|&position| sum(position, shift)));
    }
    let large: [Vector3; 3] = std::array::from_fn(|k| vectors[k].map(|x| x * copies[k] as f64));
    Configuration::new(Cell::new(&large)?, species, positions)
}

/// A displacement without whole vectors of the lattice.
fn nearest(displacement: Vector3, vectors: &[Vector3; 3], duals: &[Vector3; 3]) -> Vector3 {
    let shares: [f64; 3] = std::array::from_fn(|k| {
        let share = dot(displacement, duals[k]);
        share - share.round()
    });
    std::array::from_fn(|axis| (0..3).map(|k| shares[k] * vectors[k][axis]).sum())
}

/// The smallest cell that makes the same crystal; the given one where there is no smaller one.
pub(super) fn primitive(atoms: &Configuration) -> Result<Configuration> {
    let Some(vectors) = vectors(&atoms.cell).filter(|_| atoms.len() <= MOST_ATOMS) else {
        return Ok(atoms.clone());
    };
    let translations = translations(atoms, &vectors);
    if translations.is_empty() {
        return Ok(atoms.clone());
    }
    let expected = atoms.len() / (translations.len() + 1);
    let volume = atoms.cell.volume().unwrap_or_default() / (translations.len() + 1) as f64;
    let Some(smaller) = shortest(&vectors, &translations, volume) else { return Ok(atoms.clone()) };
    let duals = duals(&smaller);
    let mut kept: Vec<usize> = Vec::new();
    for atom in 0..atoms.len() {
        let is_there = |&&known: &&usize| {
            let apart = difference(atoms.positions[atom], atoms.positions[known]);
            atoms.species[known] == atoms.species[atom] && norm(nearest(apart, &smaller, &duals)) < SAME_PLACE
        };
        if kept.iter().find(is_there).is_none() {
            kept.push(atom);
        }
    }
    if kept.len() != expected {
        return Ok(atoms.clone());
    }
    let species = kept.iter().map(|&atom| atoms.species[atom]).collect();
    let positions = kept.iter().map(|&atom| atoms.positions[atom]).collect();
    Configuration::new(Cell::new(&smaller)?, species, positions)
}

/// Translations within the cell that bring each atom to the place of one of its species.
fn translations(atoms: &Configuration, vectors: &[Vector3; 3]) -> Vec<Vector3> {
    let count = |species: u32| atoms.species.iter().filter(|other| **other == species).count();
    let Some(rarest) = (0..atoms.len()).min_by_key(|&atom| count(atoms.species[atom])) else {
        return Vec::new();
    };
    let duals = duals(vectors);
    let maps = |translation: Vector3| {
        (0..atoms.len()).all(|atom| {
            let place = sum(atoms.positions[atom], translation);
            (0..atoms.len()).any(|other| {
                atoms.species[other] == atoms.species[atom]
                    && norm(nearest(difference(place, atoms.positions[other]), vectors, &duals)) < SAME_PLACE
            })
        })
    };
    (0..atoms.len())
        .filter(|&atom| atom != rarest && atoms.species[atom] == atoms.species[rarest])
        .map(|atom| difference(atoms.positions[atom], atoms.positions[rarest]))
        .filter(|&translation| maps(translation))
        .collect()
}

/// The three shortest independent vectors of a lattice, if they span its cell. In three dimensions they do unless the vectors are
/// so skewed that shorter ones lie beyond the multiples that are searched.
fn shortest(vectors: &[Vector3; 3], translations: &[Vector3], volume: f64) -> Option<[Vector3; 3]> {
    let steps = -REACH..=REACH;
    let mut found: Vec<Vector3> = Vec::new();
    for shift in translations.iter().copied().chain([[0.0; 3]]) {
        for a in steps.clone() {
            for b in steps.clone() {
                found.extend(steps.clone().map(|c| sum(shift, combined(vectors, [a, b, c]))));
            }
        }
    }
    found.retain(|&vector| norm(vector) > SAME_PLACE);
    found.sort_by(|&a, &b| norm(a).total_cmp(&norm(b)));
    let first = *found.first()?;
    let crosses = |a: Vector3, b: Vector3| norm(cross(a, b)) > 1e-3 * norm(a) * norm(b);
    let second = *found.iter().find(|&&vector| crosses(first, vector))?;
    let normal = cross(first, second);
    let leaves = |vector: Vector3| dot(normal, vector).abs() > 1e-3 * norm(normal) * norm(vector);
    let third = *found.iter().find(|&&vector| leaves(vector))?;
    let content = dot(normal, third);
    let third = if content < 0.0 { third.map(|x| -x) } else { third };
    ((content.abs() / volume - 1.0).abs() < 1e-3).then_some([first, second, third])
}
