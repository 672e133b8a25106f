//! What a training has reached when: loss and errors by iteration and by time.
//!
//! It is kept in checkpoints, so that a resumed run has the whole story, and drawn in the report.

use serde::{Deserialize, Serialize};

/// The points of a training, in the order of the iterations.
pub type History = Vec<HistoryPoint>;

/// Where a training stood after an iteration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// Iterations done.
    pub iteration: u64,
    /// Wall time since the start, without the time between a break and its resumption, s.
    pub seconds: f64,
    /// The loss that is minimized.
    pub loss: f64,
    /// Errors on the training set.
    pub training: RmseFigures,
    /// Errors on the validation set, if there is one and it was evaluated.
    pub validation: Option<RmseFigures>,
}

/// Root mean square errors of a set; missing where the set has no such reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RmseFigures {
    /// Energy, eV per atom.
    pub energy: Option<f64>,
    /// Force component, eV/Å.
    pub force: Option<f64>,
    /// Virial component, eV per atom.
    pub virial: Option<f64>,
}

impl RmseFigures {
    /// Energy in meV/atom, force in eV/Å and virial in meV/atom.
    pub fn in_report_units(&self) -> [Option<f64>; 3] {
        let milli = |energy: Option<f64>| energy.map(|energy| 1000.0 * energy);
        [milli(self.energy), self.force, milli(self.virial)]
    }

    /// In a line that goes on from another text.
    pub fn describe(&self) -> String {
        let [energy, force, virial] = self.in_report_units();
        let part = |figure: Option<f64>, digits: usize, unit: &str| {
            figure.map_or(String::new(), |figure| format!(" {figure:.digits$} {unit}"))
        };
        part(energy, 3, "meV/atom") + &part(force, 4, "eV/Å") + &part(virial, 2, "meV/atom (virial)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_survives_being_written_and_read() {
        let training = RmseFigures { energy: Some(0.1 + 0.2), force: Some(1.0 / 3.0), virial: None };
        let point = HistoryPoint { iteration: 7, seconds: 1.5, loss: 1e-300, training, validation: None };
        let history: History =
            vec![point.clone(), HistoryPoint { iteration: 8, validation: Some(training), ..point }];
        let text = serde_json::to_string(&history).unwrap();
        assert_eq!(serde_json::from_str::<History>(&text).unwrap(), history);
    }
}
