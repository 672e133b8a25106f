//! The loss over a training set: its gradient, its curvature, and that nothing depends on threads.

use mtprs::dataset::{Chunk, Sample, TrainingSet, WeightSettings, Weighting};
use mtprs::optimizer::Gram;
use mtprs::processes::Alone;
use mtprs::training::{Huber, Objective, Workers};
use mtprs_core::evaluate::Evaluator;
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::species::Species;

use mtprs_testing::random::Numbers;
use mtprs_testing::sample::{atoms_in, trained};

fn potential() -> Potential {
    trained(8, Species::unnamed(2))
}

/// Configurations of 3 to 8 atoms, labeled by the potential with errors of about `noise`; some labels are missing.
fn labeled(count: usize, noise: f64) -> Vec<Configuration> {
    let mut evaluator = Evaluator::new(&potential()).unwrap();
    let mut numbers = Numbers(2);
    (0..count)
        .map(|index| {
            let mut configuration = atoms_in(crate::TRICLINIC, 3 + index % 6, 0.3, &mut numbers);
            let mut efs = evaluator.evaluate(&configuration).unwrap();
            efs.energy += noise * numbers.next();
            efs.virial.xy += noise * numbers.next();
            efs.virial.zz += noise * numbers.next();
            efs.forces.iter_mut().flatten().for_each(|force| *force += noise * numbers.next());
            efs.store_in(&mut configuration, false);
            match index % 7 {
                3 => configuration.energy = None,
                4 => configuration.forces = None,
                5 => configuration.virial = None,
                _ => {}
            }
            configuration
        })
        .collect()
}

fn set(configurations: &[Configuration], weights: &WeightSettings) -> TrainingSet {
    let sizes: Vec<usize> = configurations.iter().map(Configuration::len).collect();
    let boundaries = TrainingSet::boundaries(&sizes);
    let count = boundaries.len();
    let sample = |index: usize| {
        let configuration = &configurations[index];
        Sample::new(configuration, 4.0, weights.of(configuration).unwrap(), index).unwrap()
    };
    let chunks = boundaries
        .into_iter()
        .enumerate()
        .map(|(number, range)| Chunk { number, samples: range.map(sample).collect() })
        .collect();
    TrainingSet::new(chunks, count, configurations.len(), sizes.iter().sum())
}

fn weights(weighting: Weighting) -> WeightSettings {
    // Terms of about equal size, so that an error in one is not hidden by the others.
    WeightSettings { energy: 1.0, force: 0.1, stress: 0.3, weighting, ..WeightSettings::default() }
}

fn parameters() -> Vec<f64> {
    potential().parameters().to_flat().unwrap()
}

#[test]
fn the_gradient_is_that_of_the_loss_for_every_weighting_and_with_hubers_loss() {
    let configurations = labeled(12, 0.5);
    let workers = Workers::new(&potential(), 2).unwrap();
    let theta = parameters();
    let robust = Huber { energy: 0.02, force: 0.4, stress: 0.05 };
    for (weighting, huber) in [
        (Weighting::Vibrations, Huber::default()),
        (Weighting::Structures, Huber::default()),
        (Weighting::Molecules, Huber::default()),
        (Weighting::Vibrations, robust),
    ] {
        let set = set(&configurations, &weights(weighting));
        let objective = Objective::new(&set, &workers, &Alone, huber);
        let gradient = objective.evaluate(&theta, true).unwrap().gradient;
        let largest = gradient.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let loss = |index: usize, step: f64| {
            let mut moved = theta.clone();
            moved[index] += step;
            objective.evaluate(&moved, false).unwrap().loss
        };
        for index in 0..theta.len() {
            // Huber's loss has kinks in its second derivative, which the formula feels.
            let (step, tolerance) = if huber == Huber::default() { (1e-4, 1e-8) } else { (1e-6, 1e-3) };
            // Five points: the error is of the fourth power of the step; coefficients are about 0.1.
            let difference = (8.0 * (loss(index, step) - loss(index, -step))
                - (loss(index, 2.0 * step) - loss(index, -2.0 * step)))
                / (12.0 * step);
            let error = (gradient[index] - difference).abs();
            assert!(error < tolerance * largest, "{weighting:?}, parameter {index}: {error} of {largest}");
        }
    }
}

#[test]
fn robust_loss_is_smaller_and_grows_linearly() {
    let configurations = labeled(12, 0.5);
    let workers = Workers::new(&potential(), 1).unwrap();
    let set = set(&configurations, &weights(Weighting::Vibrations));
    let loss =
        |huber| Objective::new(&set, &workers, &Alone, huber).evaluate(&parameters(), false).unwrap().loss;
    let (square, robust) = (loss(Huber::default()), loss(Huber { force: 1e-6, ..Huber::default() }));
    let more_robust = loss(Huber { force: 0.5e-6, ..Huber::default() });
    let forces = |loss: f64| loss - loss_without_forces(&configurations, &workers);
    assert!(robust < square);
    assert!((forces(robust) / forces(more_robust) - 2.0).abs() < 1e-4);
}

fn loss_without_forces(configurations: &[Configuration], workers: &Workers) -> f64 {
    let weights = WeightSettings { force: 0.0, ..weights(Weighting::Vibrations) };
    let set = set(configurations, &weights);
    Objective::new(&set, workers, &Alone, Huber::default()).evaluate(&parameters(), false).unwrap().loss
}

#[test]
fn rows_make_up_the_curvature_of_a_loss_without_residuals() {
    let configurations = labeled(14, 0.0);
    let workers = Workers::new(&potential(), 2).unwrap();
    for weights in [
        WeightSettings { force: 0.0, stress: 0.0, ..weights(Weighting::Vibrations) },
        WeightSettings { energy: 0.0, stress: 0.0, ..weights(Weighting::Vibrations) },
        WeightSettings { energy: 0.0, force: 0.0, ..weights(Weighting::Vibrations) },
    ] {
        let set = set(&configurations, &weights);
        let objective = Objective::new(&set, &workers, &Alone, Huber::default());
        let theta = parameters();
        let length = theta.len();
        let mut rows = Vec::new();
        objective.sample_rows(&theta, 20_000, 3, |more| rows.extend_from_slice(more)).unwrap();
        assert!(rows.len() >= 20_000 * length);
        let mut exact_rows = Vec::new();
        objective.exact_rows(&theta, |more| exact_rows.extend_from_slice(more)).unwrap();
        assert_eq!(exact_rows.len(), objective.most_residuals() * length);
        let mut numbers = Numbers(5);
        for _ in 0..4 {
            let direction: Vec<f64> = (0..length).map(|_| numbers.next()).collect();
            let product = |row: &[f64]| row.iter().zip(&direction).map(|(a, b)| a * b).sum::<f64>();
            let sum_of = |rows: &[f64]| rows.chunks(length).map(|row| product(row).powi(2)).sum::<f64>();
            let (sampled, summed) = (sum_of(&rows), sum_of(&exact_rows));
            // At the labels' own parameters the loss is quadratic: L(θ + εv) = ε²/2 vᵀHv.
            let loss = |step: f64| {
                let moved: Vec<f64> = theta.iter().zip(&direction).map(|(x, v)| x + step * v).collect();
                objective.evaluate(&moved, false).unwrap().loss
            };
            let step = 1e-5;
            let exact = (loss(step) + loss(-step)) / (step * step);
            // The mean of n squares of about normal numbers has a relative error of √(2/n), a hundredth here.
            assert!((sampled / exact - 1.0).abs() < 0.05, "{weights:?}: {sampled} instead of {exact}");
            // The difference has an error of the order of the step.
            assert!((summed / exact - 1.0).abs() < 1e-4, "{weights:?}: {summed} instead of {exact}");
        }
    }
}

#[test]
fn every_bit_is_the_same_on_any_number_of_threads() {
    let configurations = labeled(40, 0.5);
    let set = set(&configurations, &weights(Weighting::Vibrations));
    let results: Vec<_> = [1, 2, 5]
        .map(|threads| {
            let workers = Workers::new(&potential(), threads).unwrap();
            let objective = Objective::new(&set, &workers, &Alone, Huber::default());
            let evaluation = objective.evaluate(&parameters(), true).unwrap();
            let mut gram = Gram::new(objective.parameters());
            objective.sample_rows(&parameters(), 300, 1, |rows| gram.add_rows(rows)).unwrap();
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            (evaluation.loss.to_bits(), bits(&evaluation.gradient), bits(&gram.diagonal()))
        })
        .into_iter()
        .collect();
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}

#[test]
fn a_thinned_set_is_that_of_every_third_configuration() {
    let configurations = labeled(40, 0.5);
    let third: Vec<Configuration> = configurations.iter().step_by(3).cloned().collect();
    let weights = weights(Weighting::Vibrations);
    let (all, expected) = (set(&configurations, &weights), set(&third, &weights));
    let thinned = all.thinned(3);
    assert_eq!((thinned.configurations(), thinned.samples().count()), (14, 14));
    let workers = Workers::new(&potential(), 2).unwrap();
    let rows_and_loss = |set: &TrainingSet| {
        let objective = Objective::new(set, &workers, &Alone, Huber::default());
        let mut gram = Gram::new(objective.parameters());
        objective.sample_rows(&parameters(), 100, 1, |rows| gram.add_rows(rows)).unwrap();
        (objective.evaluate(&parameters(), false).unwrap().loss, gram.diagonal())
    };
    let ((loss, diagonal), (expected_loss, expected_diagonal)) =
        (rows_and_loss(&thinned), rows_and_loss(&expected));
    // Sums over other chunks.
    assert!((loss / expected_loss - 1.0).abs() < 1e-13);
    assert_eq!(diagonal, expected_diagonal);
    assert_eq!(all.thinned(1).samples().count(), 40);
}
