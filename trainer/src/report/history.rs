//! The course of a fit as it is written down: losses and errors by step and time.

use serde::{Deserialize, Serialize};

/// Root mean square errors; `None` where there are no labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RmseFigures {
    /// Energies, eV per atom.
    pub energy: Option<f64>,
    /// Force components, eV/Å.
    pub force: Option<f64>,
    /// Virial components, eV per atom.
    pub virial: Option<f64>,
}

/// One moment of a fit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// Steps taken.
    pub iteration: u64,
    /// Wall time since the beginning, s.
    pub seconds: f64,
    /// Loss of the training set.
    pub loss: f64,
    /// Errors of the training set.
    pub training: RmseFigures,
    /// Errors of the validation set, if there is one.
    pub validation: Option<RmseFigures>,
}

/// A fit from its beginning on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Moments in their order.
    pub points: Vec<HistoryPoint>,
}
