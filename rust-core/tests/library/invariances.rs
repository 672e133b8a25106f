//! What must not change the energy: where the atoms are looked at from, how they are numbered, which cell describes
//! the lattice. Forces and virials must turn with the atoms.
//!
//! Tolerances: coordinates change and are rounded anew, by 1e-14 to 1e-13 Å where atoms are hundreds of Å away from the
//! origin, as in the sparse cells here; second derivatives of the energy turn that into 1e-12 of the largest force. The
//! largest deviation measured stands beside each bound.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use mtprs_core::evaluate::{Efs, Evaluator};
use mtprs_core::geometry::{AtomVirial, Cell, Configuration, Virial, norm};
use mtprs_core::potential::Potential;
use mtprs_testing::agreement::{Deviation, atom_virial_matrices, largest, virial_matrix};
use mtprs_testing::random::Random;
use mtprs_testing::sample::{Arrangement, Recipe, Table, potential};
use mtprs_testing::transform::{
    in_other_images, mapped, permuted, relabelled, relabelled_potential, supercell, translated,
    with_other_basis,
};
use mtprs_testing::vectors::{
    Matrix3, add_scaled, apply, difference, random_rotation, random_vector, rotated_tensor,
};

/// Moment tables and numbers of species that every invariance is tried on.
const POTENTIALS: [(&str, usize); 8] = [
    ("6", 1),
    ("12", 4),
    ("16", 3),
    ("20", 2),
    ("22-4321", 2),
    ("10-321-w1.1", 3),
    ("14-210-t5", 1),
    ("18-1.0.1.3", 2),
];

fn evaluate(potential: &Potential, configuration: &Configuration) -> Efs {
    Evaluator::new(potential).unwrap().evaluate(configuration).unwrap()
}

/// Calls `check` with a potential and a configuration of every kind; it returns how far the results are apart.
fn for_all(bound: f64, mut check: impl FnMut(u64, &Potential, &Configuration) -> Deviation) {
    let mut worst = Deviation::default();
    for (table, species) in POTENTIALS {
        let level = table.seed() as usize;
        let potential = potential(table, species, level as u64);
        for arrangement in Arrangement::ALL {
            for periodic in 0..=3 {
                let seed = (100 * level + 10 * periodic) as u64;
                let configuration = Recipe { arrangement, periodic, atoms: 7, species }.make(seed);
                let deviation = check(seed, &potential, &configuration);
                assert!(
                    deviation.largest() <= bound,
                    "table {table}, {arrangement:?}, {periodic} periodic directions: {deviation}"
                );
                worst = worst.max(deviation);
            }
        }
    }
    println!("{worst}");
}

/// The result as an observer sees it whose axes are turned or reflected.
fn turned(efs: &Efs, rotation: &Matrix3) -> Efs {
    let [[xx, xy, xz], [_, yy, yz], [_, _, zz]] = rotated_tensor(rotation, &virial_matrix(efs));
    let nine = |tensor: Matrix3| {
        let [[xx, xy, xz], [yx, yy, yz], [zx, zy, zz]] = rotated_tensor(rotation, &tensor);
        AtomVirial { xx, yy, zz, xy, xz, yz, yx, zx, zy }
    };
    Efs {
        energy: efs.energy,
        site_energies: efs.site_energies.clone(),
        forces: efs.forces.iter().map(|&force| apply(rotation, force)).collect(),
        virial: Virial { xx, yy, zz, yz, xz, xy },
        atom_virials: atom_virial_matrices(efs).into_iter().map(nine).collect(),
    }
}

#[test]
fn rotation() {
    // measured: 9e-13
    for_all(5e-12, |seed, potential, configuration| {
        let rotation = random_rotation(&mut Random::new(seed));
        let expected = turned(&evaluate(potential, configuration), &rotation);
        Deviation::between(&evaluate(potential, &mapped(configuration, &rotation)), &expected)
    });
}

#[test]
fn reflection_and_inversion() {
    let mirror = [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]];
    let inversion = [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]];
    // measured: 2e-12
    for_all(1e-11, |seed, potential, configuration| {
        let oblique = random_rotation(&mut Random::new(seed)).map(|row| apply(&mirror, row));
        let efs = evaluate(potential, configuration);
        let deviations = [mirror, inversion, oblique].map(|map| {
            Deviation::between(&evaluate(potential, &mapped(configuration, &map)), &turned(&efs, &map))
        });
        deviations.into_iter().fold(Deviation::default(), Deviation::max)
    });
}

#[test]
fn translation() {
    // measured: 2e-13
    for_all(5e-12, |seed, potential, configuration| {
        let shift = random_vector(&mut Random::new(seed), 30.0);
        let moved = translated(configuration, shift);
        Deviation::between(&evaluate(potential, &moved), &evaluate(potential, configuration))
    });
}

#[test]
fn other_images_of_the_same_atoms() {
    // measured: 2e-12
    for_all(2e-11, |seed, potential, configuration| {
        let mut random = Random::new(seed);
        let images: Vec<[i32; 3]> =
            (0..configuration.len()).map(|_| std::array::from_fn(|_| random.below(11) as i32 - 5)).collect();
        let moved = in_other_images(configuration, |atom, k| images[atom][k]);
        Deviation::between(&evaluate(potential, &moved), &evaluate(potential, configuration))
    });
}

#[test]
fn permutation_of_atoms() {
    // measured: 1e-15
    for_all(1e-14, |seed, potential, configuration| {
        let mut random = Random::new(seed);
        let mut order: Vec<usize> = (0..configuration.len()).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, random.below(last + 1));
        }
        assert!(!order.is_sorted());
        let expected = evaluate(potential, configuration);
        let reordered = Efs {
            site_energies: order.iter().map(|&atom| expected.site_energies[atom]).collect(),
            forces: order.iter().map(|&atom| expected.forces[atom]).collect(),
            atom_virials: order.iter().map(|&atom| expected.atom_virials[atom]).collect(),
            ..expected
        };
        Deviation::between(&evaluate(potential, &permuted(configuration, &order)), &reordered)
    });
}

#[test]
fn permutation_of_species() {
    // measured: 1e-15
    for_all(1e-14, |_, potential, configuration| {
        let count = potential.species().count();
        let labels: Vec<usize> = (0..count).map(|species| (species + 1) % count).collect();
        let other = relabelled_potential(potential, &labels);
        let expected = evaluate(potential, configuration);
        if count > 1 {
            let wrong = evaluate(&other, configuration);
            assert!(Deviation::between(&wrong, &expected).energy > 1e-3, "species make no difference");
        }
        Deviation::between(&evaluate(&other, &relabelled(configuration, &labels)), &expected)
    });
}

#[test]
fn supercells() {
    // measured: 3e-12
    for_all(2e-11, |_, potential, configuration| {
        let periodic = configuration.cell.vectors().len();
        let copies = &[2, 3, 2][..periodic];
        let count: usize = copies.iter().product();
        let small = evaluate(potential, configuration);
        let [xx, yy, zz, yz, xz, xy] = small.virial.to_cfg_order().map(|w| w * count as f64);
        let expected = Efs {
            energy: small.energy * count as f64,
            site_energies: small.site_energies.repeat(count),
            forces: small.forces.repeat(count),
            virial: Virial { xx, yy, zz, yz, xz, xy },
            atom_virials: small.atom_virials.repeat(count),
        };
        Deviation::between(&evaluate(potential, &supercell(configuration, copies)), &expected)
    });
}

#[test]
fn other_vectors_of_the_same_lattice() {
    let bases = [
        [[1, 0, 0], [2, 1, 0], [-1, 1, 1]],
        [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
        [[-1, 0, 0], [0, 1, 3], [0, 0, 1]],
    ];
    let mut cells = 0;
    // measured: 2e-12
    for_all(2e-11, |_, potential, configuration| {
        if configuration.cell.vectors().len() < 3 {
            return Deviation::default();
        }
        let expected = evaluate(potential, configuration);
        let deviations = bases.map(|integers| {
            cells += 1;
            let other = with_other_basis(configuration, &integers);
            Deviation::between(&evaluate(potential, &other), &expected)
        });
        deviations.into_iter().fold(Deviation::default(), Deviation::max)
    });
    assert_eq!(cells, POTENTIALS.len() * Arrangement::ALL.len() * bases.len());
}

/// A direction of length one along no axis.
const DIRECTION: [f64; 3] = [2.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0];

/// Two atoms at a distance.
fn pair(distance: f64) -> Configuration {
    Configuration::new(Cell::open(), vec![0, 1], vec![[0.0; 3], DIRECTION.map(|x| x * distance)]).unwrap()
}

fn largest_force(efs: &Efs) -> f64 {
    largest(efs.forces.as_flattened().iter())
}

#[test]
fn a_pair_parts_smoothly_at_the_cutoff() {
    for level in [2, 8, 16, 20] {
        let potential = potential(level, 2, 77);
        let cutoff = potential.cutoff();
        let free: f64 = potential.parameters().species_coeffs.iter().flatten().sum();
        // Q_β is (R_cut − r)² times a polynomial: energies vanish like the square of the gap, forces like the gap.
        let steps = [1e-2, 1e-3, 1e-4, 1e-5].map(|gap| {
            let efs = evaluate(&potential, &pair(cutoff - gap));
            ((efs.energy - free) / gap.powi(2), largest_force(&efs) / gap)
        });
        println!("level {level}: energy/gap², force/gap {steps:?}");
        assert!(steps[3].1 > 1e-3, "level {level}: no interaction to see");
        let changes = steps.windows(2).map(|pair| (pair[1].0 / pair[0].0 - 1.0, pair[1].1 / pair[0].1 - 1.0));
        let changes: Vec<(f64, f64)> = changes.collect();
        // Measured: 2.5 and 0.5 %. Any other power of the gap changes by a factor of ten from step to step. At the
        // smallest gap the energy drowns in that of the free atoms.
        assert!(changes[1].0.abs() < 0.2 && changes[1].1.abs() < 0.2, "level {level}: {changes:?}");
        assert!(changes[2].1.abs() < 0.02, "level {level}: {changes:?}");
        for beyond in [0.0, 1e-12, 1e-3, 1.0] {
            let efs = evaluate(&potential, &pair(cutoff + beyond));
            assert_eq!(efs.energy, free);
            assert_eq!(largest_force(&efs), 0.0);
        }
    }
}

/// The cluster with its last atom at a distance from the first one in the direction of the others.
fn with_last_at(cluster: &Configuration, distance: f64) -> Configuration {
    let first = cluster.positions[0];
    let others = &cluster.positions[1..6];
    let center = others.iter().fold([0.0; 3], |sum, &position| add_scaled(sum, 0.2, position));
    let way = difference(center, first);
    let mut moved = cluster.clone();
    moved.positions[6] = add_scaled(first, distance / norm(way), way);
    moved
}

/// Whether the last atom has neighbors, none too close, when it leaves the first one's neighborhood.
fn leaves_among_others(cluster: &Configuration, cutoff: f64) -> bool {
    let at_cutoff = with_last_at(cluster, cutoff);
    let last = at_cutoff.positions[6];
    let mut distances: Vec<f64> =
        at_cutoff.positions[1..6].iter().map(|&r| norm(difference(r, last))).collect();
    distances.sort_by(f64::total_cmp);
    distances[0] > 2.0 && distances[1] < 4.0
}

#[test]
fn an_atom_leaves_the_neighborhood_of_another_smoothly() {
    for level in [8, 16, 20] {
        let potential = potential(level, 2, 78);
        let cutoff = potential.cutoff();
        let recipe = Recipe { arrangement: Arrangement::Dense, periodic: 0, atoms: 7, species: 2 };
        let cluster = (0..1000)
            .map(|seed| recipe.make(seed))
            .find(|cluster| leaves_among_others(cluster, cutoff))
            .expect("there is one");
        let at = |distance: f64| evaluate(&potential, &with_last_at(&cluster, distance));
        let alone = potential.parameters().species_coeffs.as_ref().unwrap()[cluster.species[6] as usize];
        assert_ne!(at(cutoff).site_energies[6], alone, "the atom that leaves has other neighbors");
        let jumps = [1e-2, 1e-3, 1e-4, 1e-5].map(|gap| {
            let (inside, outside) = (at(cutoff - gap), at(cutoff + gap));
            let forces = inside.forces.as_flattened().iter().zip(outside.forces.as_flattened());
            let energy = (inside.energy - outside.energy).abs() / gap;
            (energy, forces.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / gap)
        });
        println!("level {level}: |ΔE|/gap, |ΔF|/gap {jumps:?}");
        assert!(jumps[3].0 > 1e-3 && jumps[3].1 > 1e-3, "level {level}: nothing changes");
        for window in jumps.windows(2) {
            // measured: 2 % at first, then less; a jump would give a factor of ten
            for (wide, narrow) in [(window[0].0, window[1].0), (window[0].1, window[1].1)] {
                assert!((narrow / wide - 1.0).abs() < 0.5, "level {level}: {jumps:?}");
            }
        }
    }
}
