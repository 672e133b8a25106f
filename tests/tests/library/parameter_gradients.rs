//! Derivatives by the parameters: against finite differences of plain loops, and against the Jacobians of motep.
//!
//! Site energies, forces and virials are polynomials of at most fourth degree in any one parameter: four factors in a
//! product, each linear in the radial coefficients. The difference formula of five points is exact for those, whatever
//! the step, so that nothing but rounding is left.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use std::path::Path;

use mtprs_core::evaluate::{
    Efs, GradientEvaluator, InstructionSet, LossDerivatives, LossEvaluator, Wanted, reference,
};
use mtprs_core::geometry::{Configuration, Vector3, Virial};
use mtprs_core::potential::{Parameters, Potential};
use mtprs_tests::agreement::{Deviation, largest};
use mtprs_tests::compare::assert_close;
use mtprs_tests::motep;
use mtprs_tests::random::Random;
use mtprs_tests::sample::{Arrangement, Recipe, potential};
use mtprs_tests::vectors::{dot, random_vector};

/// Relative to the largest derivative of the same block of parameters. Measured: 4e-12 and below, the rounding of the
/// differences.
const TOLERANCE: f64 = 1e-9;

/// Template levels with numbers of species and atoms.
const CASES: [(usize, usize, usize); 8] =
    [(2, 1, 5), (4, 2, 5), (6, 4, 5), (8, 2, 9), (10, 3, 4), (12, 2, 4), (16, 3, 4), (20, 2, 3)];

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

fn with_parameters(potential: &Potential, flat: &[f64]) -> Potential {
    let mut parts = potential.clone().into_parts();
    parts.parameters = Parameters::from_flat(&potential.parameter_layout(), flat).unwrap();
    Potential::new(parts).unwrap()
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
    let (near, far) = ((at(1.0), at(-1.0)), (at(2.0), at(-2.0)));
    let near = near.0.iter().zip(near.1).map(|(plus, minus)| plus - minus);
    let far = far.0.iter().zip(far.1).map(|(plus, minus)| plus - minus);
    near.zip(far).map(|(near, far)| (8.0 * near - far) / (12.0 * step)).collect()
}

/// Largest deviation over pairs of one block, relative to the largest expected number.
fn deviation(pairs: &[(f64, f64)]) -> f64 {
    let scale = largest(pairs.iter().map(|(_, expected)| expected));
    let difference = pairs.iter().map(|(got, expected)| (got - expected).abs()).fold(0.0, f64::max);
    if difference == 0.0 { 0.0 } else { difference / scale }
}

/// Rows of all atoms.
fn rows(evaluator: &mut LossEvaluator, configuration: &Configuration) -> Vec<Vec<f64>> {
    let atoms = evaluator.gradients().neighborhoods(configuration).unwrap();
    let mut rows = Vec::new();
    evaluator
        .gradients()
        .site_gradients(&atoms, Wanted::default(), |_, row| rows.push(row.to_vec()))
        .unwrap();
    rows
}

/// A loss that is linear in energy, forces and virial, with random coefficients.
struct LinearLoss {
    energy: f64,
    forces: Vec<Vector3>,
    virial: Virial,
}

impl LinearLoss {
    fn random(atoms: usize, random: &mut Random) -> Self {
        let forces = (0..atoms).map(|_| random_vector(random, 1.0)).collect();
        let virial = Virial::from_cfg_order(std::array::from_fn(|_| random.symmetric(0.3)));
        Self { energy: random.symmetric(2.0), forces, virial }
    }

    fn value(&self, efs: &Efs) -> f64 {
        let forces: f64 = self.forces.iter().zip(&efs.forces).map(|(&a, &b)| dot(a, b)).sum();
        let virial = self.virial.to_cfg_order().into_iter().zip(efs.virial.to_cfg_order());
        self.energy * efs.energy + forces + virial.map(|(a, b)| a * b).sum::<f64>()
    }

    fn derivatives(&self) -> LossDerivatives<'_> {
        LossDerivatives { energy: self.energy, forces: &self.forces, virial: self.virial }
    }

    fn gradient(&self, evaluator: &mut LossEvaluator, configuration: &Configuration) -> Vec<f64> {
        let atoms = evaluator.gradients().neighborhoods(configuration).unwrap();
        let mut gradient = vec![0.0; evaluator.gradients().layout().len()];
        evaluator.loss_gradient(&atoms, &self.derivatives(), &mut gradient).unwrap();
        gradient
    }
}

/// Largest deviation of what evaluators of every level give for the derivatives of `values` by some parameters; a row of
/// derivatives by all parameters for each of the values.
fn assert_derivatives(
    seed: u64,
    values: impl Fn(&LinearLoss, &Efs) -> Vec<f64>,
    rows: impl Fn(&mut LossEvaluator, &LinearLoss, &Configuration) -> Vec<Vec<f64>>,
) {
    let mut worst = 0.0_f64;
    for (level, species, atoms) in CASES {
        let potential = potential(level, species, seed * level as u64);
        let mut evaluators = evaluators(&potential);
        for (number, configuration) in configurations(species, atoms, level as u64).iter().enumerate() {
            let random = &mut Random::new(level as u64);
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
                        "level {level}, configuration {number}, block {block}, {set}: {deviation:e}"
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
        |evaluator, _, configuration| rows(evaluator, configuration),
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
    for level in (2..=28).step_by(2) {
        let (species, atoms) = if level < 22 { (2, 11) } else { (1, 9) };
        let potential = potential(level, species, level as u64);
        let configuration = Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms, species }.make(5);
        let expected = reference::evaluate(&potential, &configuration).unwrap();
        let flat = potential.parameters().to_flat().unwrap();
        let mut first: Option<(Vec<f64>, Vec<f64>)> = None;
        for evaluator in &mut evaluators(&potential) {
            let set = name(evaluator);
            let rows = rows(evaluator, &configuration);
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
            assert!(deviation <= 1e-12, "level {level}, {set}: energies and forces {deviation:e}");

            // the energy is linear in species and moment coefficients: rows times coefficients are site energies
            let linear = evaluator.gradients().layout().species_coeffs().start..flat.len();
            for (row, site_energy) in rows.iter().zip(&expected.site_energies) {
                let energy: f64 = linear.clone().map(|k| row[k] * flat[k]).sum();
                assert!((energy - site_energy).abs() <= 1e-12 * largest(expected.site_energies.iter()));
            }
            let sums: Vec<f64> = (0..flat.len()).map(|k| rows.iter().map(|row| row[k]).sum()).collect();
            assert_close(&format!("level {level}, {set}: sum of rows"), &gradient, &sums, 1e-13);

            // a loss that is the energy has the gradient of the energy, with and without the pass over tangents
            let zeros = vec![[0.0; 3]; configuration.len()];
            for forces in [&[][..], &zeros] {
                let loss = LossDerivatives { energy: 1.0, forces, virial: Virial::default() };
                let mut total = vec![1.0; flat.len()];
                evaluator.loss_gradient(&atoms, &loss, &mut total).unwrap();
                total.iter_mut().for_each(|value| *value -= 1.0);
                assert_close(&format!("level {level}, {set}: loss of energy"), &total, &sums, 1e-12);
            }

            let loss = LinearLoss::random(configuration.len(), &mut Random::new(9));
            let total = loss.gradient(evaluator, &configuration);
            assert_eq!(
                total,
                loss.gradient(evaluator, &configuration),
                "level {level}, {set}: not the same bits"
            );
            assert_eq!(
                rows,
                self::rows(evaluator, &configuration),
                "level {level}, {set}: not the same bits"
            );
            match &first {
                None => first = Some((sums, total)),
                Some((first_sums, first_total)) => {
                    let what = format!("level {level}: {set} against portable");
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
    assert_eq!(
        rows(&mut exchanged, &configuration),
        rows(&mut LossEvaluator::new(&new).unwrap(), &configuration)
    );
    assert_eq!(
        rows(&mut untouched, &configuration),
        rows(&mut LossEvaluator::new(&old).unwrap(), &configuration)
    );
}

#[test]
fn gradients_equal_the_jacobians_of_motep() {
    let cases = [(2, 1, 6), (8, 3, 8), (12, 2, 6), (16, 3, 5), (18, 1, 4)];
    let samples: Vec<(Potential, Vec<Configuration>)> = cases
        .iter()
        .map(|&(level, species, atoms)| {
            let periodic = Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms, species };
            (potential(level, species, level as u64), vec![periodic.make(1), periodic.make(2)])
        })
        .collect();
    let work: Vec<(&Potential, &[Configuration])> =
        samples.iter().map(|(potential, configurations)| (potential, &configurations[..])).collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("motep_jacobians");
    let mut worst = 0.0_f64;
    for ((potential, configurations), jacobians) in
        samples.iter().zip(motep::jacobians("numpy", &folder, &work))
    {
        let mut evaluator = LossEvaluator::new(potential).unwrap();
        for (configuration, jacobian) in configurations.iter().zip(jacobians) {
            let loss = LinearLoss::random(configuration.len(), &mut Random::new(4));
            let weights: Vec<f64> = std::iter::once(loss.energy)
                .chain(loss.forces.as_flattened().iter().copied())
                .chain(loss.virial.to_cfg_order())
                .collect();
            let gradient = loss.gradient(&mut evaluator, configuration);
            let rows = rows(&mut evaluator, configuration);
            let (mut of_energy, mut of_loss) = (Vec::new(), Vec::new());
            for (parameter, derivatives) in jacobian.iter().enumerate() {
                assert_eq!(derivatives.len(), weights.len());
                of_energy.push((rows.iter().map(|row| row[parameter]).sum::<f64>(), derivatives[0]));
                of_loss
                    .push((gradient[parameter], derivatives.iter().zip(&weights).map(|(a, b)| a * b).sum()));
            }
            for pairs in [of_energy, of_loss] {
                let deviation = deviation(&pairs);
                assert!(deviation <= 1e-11, "{}: {deviation:e}", potential.name());
                worst = worst.max(deviation);
            }
        }
    }
    println!("largest deviation from motep {worst:.1e}");
}
