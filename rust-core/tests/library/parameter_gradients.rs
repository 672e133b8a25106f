//! Derivatives by the parameters against finite differences of plain loops.
//!
//! Site energies, forces and virials are polynomials of at most fifth degree in any one parameter: five factors in a
//! product, each linear in the radial coefficients. The difference formula of seven points is exact for those, whatever
//! the step, so that nothing but rounding is left.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use mtprs_core::evaluate::{
    Efs, GradientEvaluator, InstructionSet, LossDerivatives, LossEvaluator, Wanted, reference,
};
use mtprs_core::geometry::{Configuration, Virial};
use mtprs_core::potential::Potential;
use mtprs_testing::agreement::{Deviation, deviation, largest};
use mtprs_testing::compare::assert_close;
use mtprs_testing::linear_loss::LinearLoss;
use mtprs_testing::random::Random;
use mtprs_testing::rows::site_rows;
use mtprs_testing::sample::{Arrangement, OTHER_TABLES, Recipe, Table, potential};
use mtprs_testing::transform::with_parameters;

/// Relative to the largest derivative of the same block of parameters. Measured: 4e-12 and below, the rounding of the
/// differences.
const TOLERANCE: f64 = 1e-9;

/// Moment tables with numbers of species and atoms.
const CASES: [(&str, usize, usize); 12] = [
    ("2", 1, 5),
    ("4", 2, 5),
    ("6", 4, 5),
    ("8", 2, 9),
    ("10", 3, 4),
    ("12", 2, 4),
    ("16", 3, 4),
    ("20", 2, 3),
    ("18-4321", 2, 4),
    ("8-2100-w1.1", 2, 5),
    ("12-210-t5", 2, 5),
    ("18-1.0.1.3", 1, 4),
];

/// Parameters of each block that are varied.
const VARIED: usize = 12;

fn evaluators(potential: &Potential) -> Vec<LossEvaluator> {
    let sets = InstructionSet::ALL.into_iter().filter(|set| set.is_available());
    sets.map(|set| GradientEvaluator::with_instruction_set(potential, set).unwrap().into()).collect()
}

fn name(evaluator: &mut LossEvaluator) -> &'static str {
    evaluator.gradients().instruction_set().name()
}

fn configurations(species: usize, atoms: usize, seed: u64) -> Vec<Configuration> {
    let kinds = [(Arrangement::Dense, 3), (Arrangement::Thin, 1), (Arrangement::Sparse, 0)];
    kinds.map(|(arrangement, periodic)| Recipe { arrangement, periodic, atoms, species }.make(seed)).into()
}

/// Some parameters of each block, with the block's number.
fn varied(potential: &Potential, random: &mut Random) -> Vec<(usize, usize)> {
    let layout = potential.parameter_layout();
    let blocks = [layout.radial_coeffs(), layout.species_coeffs(), layout.moment_coeffs()];
    let chosen = blocks.into_iter().enumerate().flat_map(|(block, range)| {
        let any: Vec<_> = (0..VARIED).map(|_| (block, range.start + random.below(range.len()))).collect();
        any
    });
    chosen.collect()
}

/// Derivatives by one parameter of whatever `values` makes of the results of plain loops.
fn derivative(
    potential: &Potential,
    configuration: &Configuration,
    parameter: usize,
    values: &impl Fn(&Efs) -> Vec<f64>,
) -> Vec<f64> {
    let flat = potential.parameters().to_flat().unwrap();
    let step = 0.3 * flat[parameter].abs().max(0.01);
    let at = |steps: f64| {
        let mut moved = flat.clone();
        moved[parameter] += steps * step;
        values(&reference::evaluate(&with_parameters(potential, &moved), configuration).unwrap())
    };
    let mut sum = Vec::new();
    for (steps, weight) in [(1.0, 45.0), (2.0, -9.0), (3.0, 1.0)] {
        let (plus, minus) = (at(steps), at(-steps));
        sum.resize(plus.len(), 0.0);
        for ((sum, plus), minus) in sum.iter_mut().zip(plus).zip(minus) {
            *sum += weight * (plus - minus) / (60.0 * step);
        }
    }
    sum
}

/// Largest deviation of what evaluators of every level give for the derivatives of `values` by some parameters; a row of
/// derivatives by all parameters for each of the values.
fn assert_derivatives(
    seed: u64,
    values: impl Fn(&LinearLoss, &Efs) -> Vec<f64>,
    rows: impl Fn(&mut LossEvaluator, &LinearLoss, &Configuration) -> Vec<Vec<f64>>,
) {
    let mut worst = 0.0_f64;
    for (table, species, atoms) in CASES {
        let level = table.seed();
        let potential = potential(table, species, seed * level);
        let mut evaluators = evaluators(&potential);
        for (number, configuration) in configurations(species, atoms, level).iter().enumerate() {
            let random = &mut Random::new(level);
            let loss = LinearLoss::random(configuration.len(), random);
            let chosen = varied(&potential, random);
            let of = |&(_, index): &(usize, usize)| {
                derivative(&potential, configuration, index, &|efs| values(&loss, efs))
            };
            let expected: Vec<Vec<f64>> = chosen.iter().map(of).collect();
            for evaluator in &mut evaluators {
                let rows = rows(evaluator, &loss, configuration);
                for block in 0..3 {
                    let of_block = chosen.iter().zip(&expected).filter(|((b, _), _)| *b == block);
                    let pairs: Vec<(f64, f64)> = of_block
                        .flat_map(|(&(_, index), values)| {
                            rows.iter().map(move |row| row[index]).zip(values.clone())
                        })
                        .collect();
                    let deviation = deviation(&pairs);
                    let set = name(evaluator);
                    assert!(
                        deviation <= TOLERANCE,
                        "table {table}, configuration {number}, block {block}, {set}: {deviation:e}"
                    );
                    worst = worst.max(deviation);
                }
            }
        }
    }
    println!("largest deviation {worst:.1e}");
}

#[test]
fn rows_of_site_energies_are_their_differences() {
    assert_derivatives(
        7,
        |_, efs| efs.site_energies.clone(),
        |evaluator, _, configuration| site_rows(evaluator.gradients(), configuration),
    );
}

#[test]
fn the_gradient_of_a_loss_is_its_difference() {
    assert_derivatives(
        3,
        |loss, efs| vec![loss.value(efs)],
        |evaluator, loss, configuration| vec![loss.gradient(evaluator, configuration)],
    );
}

/// One evaluator for all levels would do; what is compared here does not depend on differences, so the highest levels
/// are in, too.
#[test]
fn rows_sums_and_losses_fit_together_on_every_level() {
    let levels: Vec<String> = (2..=28).step_by(2).map(|level| level.to_string()).collect();
    for table in levels.iter().map(String::as_str).chain(OTHER_TABLES) {
        let level = table.seed();
        let (species, atoms) = if level < 22 { (2, 11) } else { (1, 9) };
        let potential = potential(table, species, level);
        let configuration = Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms, species }.make(5);
        let expected = reference::evaluate(&potential, &configuration).unwrap();
        let flat = potential.parameters().to_flat().unwrap();
        let mut first: Option<(Vec<f64>, Vec<f64>)> = None;
        for evaluator in &mut evaluators(&potential) {
            let set = name(evaluator);
            let rows = site_rows(evaluator.gradients(), &configuration);
            let atoms = evaluator.gradients().neighborhoods(&configuration).unwrap();
            let mut gradient = vec![0.0; flat.len()];
            let wanted = Wanted { site_energies: true, centroid_virials: true, ..Wanted::default() };
            let tally = evaluator.gradients().energy_gradient(&atoms, wanted, &mut gradient).unwrap();
            let efs = Efs {
                energy: tally.energy,
                site_energies: tally.site_energies.clone(),
                forces: tally.forces.clone(),
                ..expected.clone()
            };
            let deviation = Deviation::between(&efs, &expected).largest();
            assert!(deviation <= 1e-12, "table {table}, {set}: energies and forces {deviation:e}");

            // the energy is linear in species and moment coefficients: rows times coefficients are site energies
            let linear = evaluator.gradients().layout().species_coeffs().start..flat.len();
            for (row, site_energy) in rows.iter().zip(&expected.site_energies) {
                let energy: f64 = linear.clone().map(|k| row[k] * flat[k]).sum();
                assert!((energy - site_energy).abs() <= 1e-12 * largest(expected.site_energies.iter()));
            }
            let sums: Vec<f64> = (0..flat.len()).map(|k| rows.iter().map(|row| row[k]).sum()).collect();
            assert_close(&format!("table {table}, {set}: sum of rows"), &gradient, &sums, 1e-13);

            // a loss that is the energy has the gradient of the energy, with and without the pass over tangents
            let zeros = vec![[0.0; 3]; configuration.len()];
            for forces in [&[][..], &zeros] {
                let loss = LossDerivatives { energy: 1.0, forces, virial: Virial::default() };
                let mut total = vec![1.0; flat.len()];
                evaluator.loss_gradient(&atoms, &loss, &mut total).unwrap();
                total.iter_mut().for_each(|value| *value -= 1.0);
                assert_close(&format!("table {table}, {set}: loss of energy"), &total, &sums, 1e-12);
            }

            let loss = LinearLoss::random(configuration.len(), &mut Random::new(9));
            let total = loss.gradient(evaluator, &configuration);
            assert_eq!(
                total,
                loss.gradient(evaluator, &configuration),
                "table {table}, {set}: not the same bits"
            );
            assert_eq!(
                rows,
                site_rows(evaluator.gradients(), &configuration),
                "table {table}, {set}: not the same bits"
            );
            match &first {
                None => first = Some((sums, total)),
                Some((first_sums, first_total)) => {
                    let what = format!("table {table}: {set} against portable");
                    assert_close(&what, &sums, first_sums, 1e-12);
                    assert_close(&what, &total, first_total, 1e-11);
                }
            }
        }
    }
}

#[test]
fn exchanged_parameters_are_those_of_a_new_evaluator() {
    let (old, new) = (potential(12, 2, 1), potential(12, 2, 2));
    // scalings differ between the two; all else is the same template
    let new = with_parameters(&old, &new.parameters().to_flat().unwrap());
    let configuration = Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms: 9, species: 2 }.make(3);
    let mut exchanged = LossEvaluator::new(&old).unwrap();
    let mut untouched = exchanged.clone();
    exchanged.set_parameters(&new.parameters().to_flat().unwrap());
    let rows = |evaluator: &mut LossEvaluator| site_rows(evaluator.gradients(), &configuration);
    assert_eq!(rows(&mut exchanged), rows(&mut LossEvaluator::new(&new).unwrap()));
    assert_eq!(rows(&mut untouched), rows(&mut LossEvaluator::new(&old).unwrap()));
}
