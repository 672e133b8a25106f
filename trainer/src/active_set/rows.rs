//! Rows of parameter derivatives of configurations.

use mtprs_core::Error;
use mtprs_core::evaluate::{GradientEvaluator, Wanted};
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::{ParameterLayout, Potential};
use mtprs_core::selection::{GradeMode, RowSource};

/// Where a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The start: a multiple of the unit vector of this parameter.
    Unit(usize),
    /// A configuration of the training set and, in neighborhood mode, an atom of it; both from zero.
    Training {
        /// Index of the configuration.
        configuration: usize,
        /// Index of the atom.
        atom: Option<usize>,
    },
}

impl Source {
    /// The configuration, if the row comes from one.
    pub fn configuration(&self) -> Option<usize> {
        match *self {
            Self::Unit(_) => None,
            Self::Training { configuration, .. } => Some(configuration),
        }
    }
}

impl From<Source> for RowSource {
    fn from(source: Source) -> Self {
        match source {
            Source::Unit(_) => Self::Unsupported,
            Source::Training { configuration, atom } => Self::Configuration { index: configuration, atom },
        }
    }
}

/// Makes rows in one mode; clones are independent, one per thread.
#[derive(Clone, Debug)]
pub struct RowMaker {
    evaluator: GradientEvaluator,
    mode: GradeMode,
}

impl RowMaker {
    /// Compiles a trained potential.
    pub fn new(potential: &Potential, mode: GradeMode) -> Result<Self, Error> {
        Ok(Self { evaluator: GradientEvaluator::new(potential)?, mode })
    }

    /// Order and number of the entries of a row.
    pub fn layout(&self) -> ParameterLayout {
        self.evaluator.layout()
    }

    /// The rows of a configuration, shape (m, n), with the atom of each: none or one row in configuration mode, one per
    /// atom in neighborhood mode.
    pub fn rows(&mut self, configuration: &Configuration) -> Result<(Vec<f64>, Vec<Option<usize>>), Error> {
        if configuration.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let size = self.layout().len();
        let atoms = self.evaluator.neighborhoods(configuration)?;
        match self.mode {
            GradeMode::Configuration => {
                let mut row = vec![0.0; size];
                self.evaluator.energy_gradient(&atoms, Wanted::default(), &mut row)?;
                let share = 1.0 / configuration.len() as f64;
                row.iter_mut().for_each(|value| *value *= share);
                Ok((row, vec![None]))
            }
            GradeMode::Neighborhood => {
                let mut rows = vec![0.0; configuration.len() * size];
                self.evaluator.site_gradients(&atoms, Wanted::default(), |center, row| {
                    rows[center.atom * size..(center.atom + 1) * size].copy_from_slice(row);
                })?;
                Ok((rows, (0..configuration.len()).map(Some).collect()))
            }
        }
    }
}
