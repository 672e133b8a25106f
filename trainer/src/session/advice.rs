//! What is told of a fit that has ended: signs that another one would be better.

use crate::figures::{HistoryPoint, RmseFigures};
use crate::training::Ending;

/// Validation error, as a multiple of the training error, from which a fit has learned its training set by heart.
const OVERFITTED: f64 = 1.5;
/// Growth of an error in the course of a fit that is worth a word.
const GROWN: f64 = 1.3;

/// Sentences on a fit that has ended, each with what to do.
pub fn advice(history: &[HistoryPoint], ending: Ending) -> Vec<String> {
    let mut sentences = Vec::new();
    if ending == Ending::Steps {
        sentences.push("the loss was still falling; --max-iter allows more steps".to_owned());
    }
    sentences.extend(overfitted(history));
    sentences.extend(grown_energy(history));
    sentences
}

/// Whether what is not fitted has much larger errors than what is.
fn overfitted(history: &[HistoryPoint]) -> Option<String> {
    let (training, validation) =
        history.iter().rev().find_map(|point| Some((point.training, point.validation?)))?;
    let of = |figure: fn(&RmseFigures) -> Option<f64>| Some((figure(&training)?, figure(&validation)?));
    let (training, validation) = of(|rmse| rmse.force).or_else(|| of(|rmse| rmse.energy))?;
    (training > 0.0 && validation > OVERFITTED * training).then(|| {
        format!(
            "validation errors are {:.1} times those on the training set; more such data, a lower level or --patience may help",
            validation / training
        )
    })
}

/// Whether energies were better when the fit began.
fn grown_energy(history: &[HistoryPoint]) -> Option<String> {
    let (first, last) = (history.first()?.training, history.last()?.training);
    let (before, after) = (first.energy?, last.energy?);
    (last.force.is_some() && after > GROWN * before).then(|| {
        format!(
            "the energy error grew from {:.2} to {:.2} meV/atom while the loss fell: forces or virials outweigh energies; \
             try a larger --energy-weight",
            1000.0 * before,
            1000.0 * after
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(energy: f64, force: f64, validation: Option<f64>) -> HistoryPoint {
        let rmse = |energy, force| RmseFigures { energy: Some(energy), force: Some(force), virial: None };
        HistoryPoint {
            iteration: 0,
            seconds: 0.0,
            loss: 1.0,
            training: rmse(energy, force),
            validation: validation.map(|force| rmse(energy, force)),
        }
    }

    #[test]
    fn signs_of_a_bad_fit_are_told() {
        let told = |history: Vec<HistoryPoint>| advice(&history, Ending::Converged);
        assert_eq!(told(vec![point(0.003, 0.3, Some(0.3)), point(0.003, 0.2, Some(0.25))]), [""; 0]);
        let overfitted =
            told(vec![point(0.003, 0.3, None), point(0.003, 0.2, Some(0.44)), point(0.003, 0.2, None)]);
        assert_eq!(overfitted.len(), 1);
        assert!(
            overfitted[0].starts_with("validation errors are 2.2 times those on the training set"),
            "{overfitted:?}"
        );
        let grown = told(vec![point(0.003, 0.3, None), point(0.0091, 0.2, None)]);
        assert!(grown.len() == 1 && grown[0].contains("from 3.00 to 9.10 meV/atom"), "{grown:?}");
        assert_eq!(told(Vec::new()), [""; 0]);
    }
}
