//! What is asked of a run.

use serde::Serialize;

use crate::analysis::Pair;

/// What is asked of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeltSettings {
    /// Share of the frames that are its last part.
    pub last: f64,
    /// Pairs whose neighbors are counted.
    #[serde(skip)]
    pub pairs: Vec<Pair>,
    /// Distance within which they are, Å.
    pub within: f64,
}

impl Default for MeltSettings {
    fn default() -> Self {
        Self { last: 0.25, pairs: Vec::new(), within: 2.3 }
    }
}
