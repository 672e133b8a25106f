//! Structures whose distance from a crystal is known.

use std::array::from_fn;

use mtprs_core::geometry::{Cell, Configuration, Vector3, dot};

use super::{Crystal, Likeness};
use crate::random::Sequence;

/// A crystal without symmetry but its periods: three atoms of one species, five of another.
fn unit(vectors: [Vector3; 3]) -> Configuration {
    let mut numbers = Sequence::new(8);
    let cell = Cell::new(&vectors).unwrap();
    let mut site = |k: usize| {
        // Places of a 2 × 2 × 2 grid, moved a little, are never close to each other.
        let place = from_fn(|axis| 0.5 * (k >> axis & 1) as f64 + 0.12 * numbers.uniform());
        cell.cartesian(place).unwrap()
    };
    let positions = (0..8).map(&mut site).collect();
    Configuration::new(cell, (0..8).map(|k| u32::from(k > 2)).collect(), positions).unwrap()
}

const ORTHOGONAL: [Vector3; 3] = [[5.0, 0.0, 0.0], [0.0, 6.0, 0.0], [0.0, 0.0, 7.3]];
const SKEWED: [Vector3; 3] = [[5.0, 0.0, 0.0], [1.9, 6.0, 0.0], [-1.2, 0.8, 7.3]];

fn names() -> [(usize, String); 2] {
    [(0, "V".into()), (1, "O".into())]
}

/// 2 × 3 × 1 cells, moved as a whole and by some noise for each atom, wrapped and in another order.
fn large(unit: &Configuration, noise: f64) -> (Configuration, f64) {
    let mut numbers = Sequence::new(21);
    let vectors = unit.cell.vectors();
    let mut atoms: Vec<(u32, Vector3)> = Vec::new();
    let mut moves: Vec<Vector3> = Vec::new();
    for (species, r) in unit.species.iter().zip(&unit.positions) {
        for cell in 0..6 {
            let (a, b) = (f64::from(cell % 2), f64::from(cell / 2));
            let moved: Vector3 = from_fn(|_| noise * (numbers.uniform() - 0.5));
            let shift = [1.234, -0.71, 3.3];
            atoms.push((
                *species,
                from_fn(|k| r[k] + a * vectors[0][k] + b * vectors[1][k] + moved[k] + shift[k]),
            ));
            moves.push(moved);
        }
    }
    let mean: Vector3 = from_fn(|k| moves.iter().map(|d| d[k]).sum::<f64>() / moves.len() as f64);
    let square = |d: &Vector3| {
        let d: Vector3 = from_fn(|k| d[k] - mean[k]);
        dot(d, d)
    };
    let expected = (moves.iter().map(square).sum::<f64>() / moves.len() as f64).sqrt();
    atoms.reverse();
    let tall = [vectors[0].map(|x| 2.0 * x), vectors[1].map(|x| 3.0 * x), vectors[2]];
    let (species, positions) = atoms.into_iter().unzip();
    (Configuration::new(Cell::new(&tall).unwrap(), species, positions).unwrap(), expected)
}

#[test]
fn a_crystal_is_found_wherever_its_atoms_are_and_however_they_tremble() {
    for vectors in [ORTHOGONAL, SKEWED] {
        let unit = unit(vectors);
        let crystal = Crystal::new(&unit, &names()).unwrap();
        for noise in [0.0, 0.2, 0.6] {
            let (structure, expected) = large(&unit, noise);
            let found = crystal.distance(&structure).unwrap();
            assert!((found.distance - expected).abs() < 1e-9, "{noise}: {} {expected}", found.distance);
            assert_eq!(found.species.iter().map(|one| one.atoms).collect::<Vec<_>>(), [18, 30]);
            assert_eq!(found.cells, "2 a, 3 b, 1 c");
            assert_eq!(Likeness::of(found.ratio), Likeness::Crystalline);
        }
    }
}

#[test]
fn exchanged_and_mirrored_axes_and_a_stretched_cell_are_seen_through() {
    let unit = unit(ORTHOGONAL);
    let crystal = Crystal::new(&unit, &names()).unwrap();
    let turned = |r: &Vector3| [1.1 * r[2], -1.1 * r[0], 1.1 * r[1]];
    let (structure, _) = large(&unit, 0.0);
    // Its vectors in the order of the new axes; a mirrored vector is a vector of the same lattice.
    let old = structure.cell.vectors();
    let vectors = [turned(&old[2]), turned(&old[0]).map(|x| -x), turned(&old[1])];
    let positions = structure.positions.iter().map(turned).collect();
    let turned =
        Configuration::new(Cell::new(&vectors).unwrap(), structure.species.clone(), positions).unwrap();
    let found = crystal.distance(&turned).unwrap();
    assert!(found.distance < 1e-9, "{}", found.distance);
    assert!((found.stretch - 1.1).abs() < 1e-9 && found.cells == "1 c, 2 -a, 3 b", "{}", found.cells);
}

#[test]
fn atoms_anywhere_are_far_from_the_crystal() {
    let unit = unit(ORTHOGONAL);
    let (mut structure, _) = large(&unit, 0.0);
    let mut numbers = Sequence::new(5);
    for r in &mut structure.positions {
        *r = structure.cell.cartesian(from_fn(|_| numbers.uniform())).unwrap();
    }
    let found = Crystal::new(&unit, &names()).unwrap().distance(&structure).unwrap();
    assert_eq!(Likeness::of(found.ratio), Likeness::Amorphous, "{}", found.ratio);
}

#[test]
fn another_composition_is_refused_with_what_is_there() {
    let unit = unit(ORTHOGONAL);
    let mut structure = unit.clone();
    structure.species[0] = 1;
    let crystal = Crystal::new(&unit, &names()).unwrap();
    let error = crystal.distance(&structure).unwrap_err();
    let expected = "there are 2 V, 6 O: expected a whole multiple of the reference, 3 V, 5 O";
    assert_eq!(error.message(), expected);
    let oxygen = Crystal::new(&unit, &[(1, "O".into())]).unwrap();
    assert!(oxygen.distance(&structure).is_err());
    assert_eq!(Crystal::new(&unit, &[(4, "Mg".into())]).unwrap_err().message(), "the reference has no Mg");
}
