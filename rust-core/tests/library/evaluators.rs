//! The compiled evaluator on every instruction set against plain loops, on every template level, and what every
//! evaluation must satisfy by itself: isolated atoms, sums over atoms, the same bits every time.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use mtprs_core::evaluate::{
    ConfigurationNeighborhoods, Efs, Evaluator, InstructionSet, Precision, Wanted, reference,
};
use mtprs_core::geometry::{Cell, Configuration};
use mtprs_core::potential::Potential;
use mtprs_testing::agreement::{Deviation, largest};
use mtprs_testing::sample::{Arrangement, OTHER_TABLES, Recipe, Table, potential};

/// What the project promises.
const TOLERANCE: f64 = 1e-12;

const LEVELS: [usize; 14] = [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28];

/// The evaluators of every instruction set that this processor has.
pub(crate) fn evaluators(potential: &Potential, precision: Precision) -> Vec<Evaluator> {
    let sets = InstructionSet::ALL.into_iter().filter(|set| set.is_available());
    sets.map(|set| Evaluator::builder(potential).instruction_set(set).precision(precision).build().unwrap())
        .collect()
}

/// Configurations of every arrangement and periodicity; atom counts are not multiples of eight.
pub(crate) fn configurations(most_atoms: usize, species: usize, seed: u64) -> Vec<Configuration> {
    let mut made = Vec::new();
    for arrangement in Arrangement::ALL {
        for periodic in 0..=3 {
            let number = made.len();
            let atoms = [1, 3, 5, 9, 13, 19, 21][(number * 5 + seed as usize) % 7].min(most_atoms);
            let recipe = Recipe { arrangement, periodic, atoms, species };
            made.push(recipe.make(1000 * seed + number as u64));
        }
    }
    made
}

/// Largest deviation of every instruction set from plain loops.
fn worst_deviation(table: impl Table, species: usize, most_atoms: usize) -> Deviation {
    let seed = 10 * table.seed() + species as u64;
    let potential = potential(table, species, seed);
    let mut evaluators = evaluators(&potential, Precision::Double);
    let mut worst = Deviation::default();
    for (number, configuration) in configurations(most_atoms, species, seed).iter().enumerate() {
        let expected = reference::evaluate(&potential, configuration).unwrap();
        for evaluator in &mut evaluators {
            let deviation = Deviation::between(&evaluator.evaluate(configuration).unwrap(), &expected);
            let set = evaluator.instruction_set().name();
            assert!(
                deviation.largest() <= TOLERANCE,
                "table {table}, {species} species, configuration {number}, {set}: {deviation}"
            );
            worst = worst.max(deviation);
        }
    }
    worst
}

#[test]
fn every_instruction_set_agrees_with_plain_loops_on_tables_of_other_rules() {
    for (number, table) in OTHER_TABLES.into_iter().enumerate() {
        println!("{table}: {}", worst_deviation(table, 1 + number % 3, 13));
    }
}

#[test]
fn every_instruction_set_agrees_with_plain_loops_on_every_level_with_one_to_four_species() {
    let mut forces = 0.0_f64;
    for level in LEVELS {
        let most_atoms = match level {
            ..16 => 21,
            16..22 => 9,
            _ => 5,
        };
        let deviations = (1..=4).map(|species| worst_deviation(level, species, most_atoms));
        let worst = deviations.fold(Deviation::default(), Deviation::max);
        println!("level {level}: {worst}");
        forces = forces.max(worst.force);
    }
    // Other orders of summation cannot give the same bits; if they do, a thing was compared with itself.
    assert!(forces > 0.0);
}

#[test]
fn every_number_of_atoms_up_to_two_batches_agrees_with_plain_loops() {
    let potential = potential(12, 2, 5);
    let mut evaluators = evaluators(&potential, Precision::Double);
    let mut worst = Deviation::default();
    for atoms in 1..=17 {
        let recipe = Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms, species: 2 };
        let configuration = recipe.make(atoms as u64);
        let expected = reference::evaluate(&potential, &configuration).unwrap();
        for evaluator in &mut evaluators {
            let deviation = Deviation::between(&evaluator.evaluate(&configuration).unwrap(), &expected);
            assert!(deviation.largest() <= TOLERANCE, "{atoms} atoms: {deviation}");
            worst = worst.max(deviation);
        }
    }
    println!("{worst}");
}

/// Every evaluator in both precisions, and plain loops, on the configurations of a seed, level 14 with three species.
pub(crate) fn for_all_evaluations(seed: u64, mut check: impl FnMut(&str, Precision, &Configuration, &Efs)) {
    let potential = potential(14, 3, seed);
    let mut evaluators = Precision::ALL.map(|precision| evaluators(&potential, precision)).concat();
    for configuration in configurations(21, 3, seed) {
        let efs = reference::evaluate(&potential, &configuration).unwrap();
        check("plain loops", Precision::Double, &configuration, &efs);
        for evaluator in &mut evaluators {
            let (name, precision) = (evaluator.instruction_set().name(), evaluator.precision());
            check(name, precision, &configuration, &evaluator.evaluate(&configuration).unwrap());
        }
    }
}

#[test]
fn an_isolated_atom_has_the_energy_of_its_species_and_no_force() {
    let potential = potential(16, 3, 8);
    let species_coeffs = potential.parameters().species_coeffs.clone().unwrap();
    let wide = Cell::new(&[[9.0, 0.0, 0.0], [2.0, 8.0, 0.0], [0.0, -3.0, 11.0]]).unwrap();
    for (cell, count) in [(wide, 1), (Cell::open(), 3)] {
        for first in 0..3 {
            let species: Vec<u32> = (0..count).map(|atom| (first + atom) % 3).collect();
            let positions = (0..count).map(|atom| [f64::from(atom) * 5.0, 0.0, 0.0]).collect();
            let configuration = Configuration::new(cell.clone(), species.clone(), positions).unwrap();
            let mut results = vec![reference::evaluate(&potential, &configuration).unwrap()];
            for precision in Precision::ALL {
                let evaluators = &mut evaluators(&potential, precision);
                results.extend(evaluators.iter_mut().map(|e| e.evaluate(&configuration).unwrap()));
            }
            let expected: Vec<f64> = species.iter().map(|&kind| species_coeffs[kind as usize]).collect();
            for efs in results {
                assert_eq!(efs.site_energies, expected);
                assert_eq!(efs.energy, expected.iter().sum::<f64>());
                assert!(efs.forces.as_flattened().iter().all(|&force| force == 0.0));
                assert!(efs.virial.to_cfg_order().iter().all(|&component| component == 0.0));
            }
        }
    }
}

#[test]
fn no_atoms_at_all_have_no_energy() {
    let potential = potential(8, 2, 8);
    let nothing = Configuration::new(Cell::open(), Vec::new(), Vec::new()).unwrap();
    for mut evaluator in Precision::ALL.into_iter().flat_map(|precision| evaluators(&potential, precision)) {
        assert_eq!(evaluator.evaluate(&nothing).unwrap(), Efs::default());
    }
    assert_eq!(reference::evaluate(&potential, &nothing).unwrap(), Efs::default());
}

#[test]
fn energies_and_virials_of_the_atoms_sum_to_those_of_the_whole() {
    let mut worst = [0.0_f64; 2];
    for_all_evaluations(21, |name, precision, _, efs| {
        let total: f64 = efs.site_energies.iter().map(|energy| energy.abs()).sum();
        let energy = (efs.energy - efs.site_energies.iter().sum::<f64>()).abs() / total;
        let nine: Vec<[f64; 9]> = efs.atom_virials.iter().map(|virial| virial.to_lammps_order()).collect();
        let scale: f64 = nine.as_flattened().iter().map(|component| component.abs()).sum::<f64>().max(1e-300);
        let sums: [f64; 9] = std::array::from_fn(|k| nine.iter().map(|atom| atom[k]).sum());
        let six = efs.virial.to_lammps_order();
        // xx yy zz xy xz yz and then yx zx zy: the sum is symmetric, the shares of the atoms are not
        // in single precision to single precision only
        let components = if precision == Precision::Double { 9 } else { 6 };
        let virial = (0..components).map(|k| (sums[k] - six[if k < 6 { k } else { k - 3 }]).abs() / scale);
        worst = [worst[0].max(energy), virial.fold(worst[1], f64::max)];
        // measured: 0 and 2e-16
        assert!(worst.iter().all(|&deviation| deviation < 1e-14), "{name}: {worst:?}");
    });
    println!("energies {:.1e}, virials {:.1e}", worst[0], worst[1]);
}

/// A central atom gets the sum of just those numbers that its neighbors get: nothing here is single precision.
#[test]
fn forces_sum_to_zero() {
    let mut worst = 0.0_f64;
    for_all_evaluations(22, |name, _, configuration, efs| {
        let scale = largest(efs.forces.as_flattened().iter()) * configuration.len() as f64;
        for axis in 0..3 {
            let sum: f64 = efs.forces.iter().map(|force| force[axis]).sum();
            // One atom in a cell: forces are nothing but rounding, and so is their scale.
            if configuration.len() > 1 && sum != 0.0 {
                worst = worst.max(sum.abs() / scale);
            }
        }
        // measured: 2e-16
        assert!(worst < 1e-14, "{name}: {worst:e}");
    });
    println!("{worst:.1e}");
}

#[test]
fn virials_by_atom_in_six_components_sum_to_the_virial() {
    let potential = potential(14, 3, 23);
    let wanted = Wanted { atom_virials: true, ..Wanted::default() };
    for configuration in configurations(13, 3, 23) {
        let atoms = ConfigurationNeighborhoods::of_potential(&configuration, &potential).unwrap();
        for mut evaluator in evaluators(&potential, Precision::Double) {
            let tally = evaluator.tally(&atoms, wanted).unwrap();
            assert_eq!(tally.atom_virials.len(), configuration.len());
            assert!(tally.centroid_virials.is_empty());
            let scale = largest(tally.atom_virials.as_flattened().iter());
            for k in 0..6 {
                let sum: f64 = tally.atom_virials.iter().map(|six| six[k]).sum();
                assert!((sum - tally.virial[k]).abs() <= 1e-13 * scale);
            }
        }
    }
}

/// All numbers of a result.
pub(crate) fn bits(efs: &Efs) -> Vec<u64> {
    let virials = efs.atom_virials.iter().flat_map(|virial| virial.to_lammps_order());
    let numbers = efs.site_energies.iter().chain(efs.forces.as_flattened()).copied();
    let total = std::iter::once(efs.energy).chain(efs.virial.to_cfg_order());
    numbers.chain(virials).chain(total).map(f64::to_bits).collect()
}

#[test]
fn the_same_atoms_give_the_same_bits_whatever_was_evaluated_before() {
    let potential = potential(16, 3, 31);
    let configurations = configurations(21, 3, 31);
    for mut evaluator in Precision::ALL.into_iter().flat_map(|precision| evaluators(&potential, precision)) {
        let mut fresh = |configuration: &Configuration| {
            let (set, precision) = (evaluator.instruction_set(), evaluator.precision());
            let mut evaluator =
                Evaluator::builder(&potential).instruction_set(set).precision(precision).build().unwrap();
            bits(&evaluator.evaluate(configuration).unwrap())
        };
        let expected: Vec<Vec<u64>> = configurations.iter().map(&mut fresh).collect();
        let mut clone = evaluator.clone();
        for (configuration, expected) in configurations.iter().zip(&expected).rev() {
            assert_eq!(&bits(&evaluator.evaluate(configuration).unwrap()), expected);
        }
        for (configuration, expected) in configurations.iter().zip(&expected) {
            assert_eq!(&bits(&clone.evaluate(configuration).unwrap()), expected);
            assert_eq!(&bits(&evaluator.clone().evaluate(configuration).unwrap()), expected);
        }
    }
}

#[test]
fn an_evaluation_that_failed_leaves_nothing_behind() {
    let potential = potential(16, 2, 33);
    let recipe = Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms: 11, species: 2 };
    let good = recipe.make(1);
    let mut bad = good.clone();
    bad.positions[9] = bad.positions[4];
    for mut evaluator in evaluators(&potential, Precision::Double) {
        let expected = bits(&evaluator.evaluate(&good).unwrap());
        evaluator.evaluate(&bad).unwrap_err();
        assert_eq!(bits(&evaluator.evaluate(&good).unwrap()), expected);
    }
}
