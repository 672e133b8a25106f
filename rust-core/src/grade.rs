//! Extrapolation grades: rows of parameter derivatives times the inverse of an active set.
//!
//! [`Grader`] is a potential with a state: it evaluates atoms like an [`Evaluator`](crate::evaluate::Evaluator) and
//! grades them on the way. γ = max_k |(b A⁻¹)_k| with b = (1/N) ∂E/∂θ or b = ∂V_i/∂θ (Podryabinkin and Shapeev 2017).
//! A grade that is not finite is an error, never a number that somebody compares with a threshold.

use std::sync::Arc;

use crate::error::Result;
use crate::evaluate::{GradeEvaluator, InstructionSet, Neighborhoods, Tally, Wanted};
use crate::geometry::Configuration;
use crate::potential::Potential;
use crate::selection::{GradeMode, SelectionState};

/// The grades of one configuration, all of them finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Grades {
    /// The grade of the configuration: its own, or the largest of its atoms; zero without atoms.
    pub configuration: f64,
    /// The grade of each atom, in neighborhood mode.
    pub atoms: Option<Vec<f64>>,
}

impl Grades {
    /// Writes the grades into a configuration of the same atoms, in place of its own.
    pub fn store_in(self, configuration: &mut Configuration) {
        configuration.set_feature("MV_grade", self.configuration.to_string());
        configuration.neighborhood_grades = self.atoms;
    }
}

/// Grades atoms with one potential and one state; clones share the state and are independent, one per thread.
#[derive(Clone, Debug)]
pub struct Grader {
    evaluator: GradeEvaluator,
    state: Arc<SelectionState>,
}

impl Grader {
    /// Compiles a potential for the state of it; fails if the state belongs to another one.
    pub fn new(potential: &Potential, state: SelectionState) -> Result<Self> {
        let evaluator = GradeEvaluator::of_state(potential, &state, InstructionSet::from_environment()?)?;
        Ok(Self { evaluator, state: Arc::new(state) })
    }

    /// The state.
    pub fn state(&self) -> &SelectionState {
        &self.state
    }

    /// The grades of a configuration, with our own neighbor search.
    pub fn grade(&mut self, configuration: &Configuration) -> Result<Grades> {
        let atoms = self.evaluator.gradients().neighborhoods(configuration)?;
        let (grades, _) = self.grade_with_efs(&atoms, Wanted::default())?;
        Ok(grades)
    }

    /// The grades of whatever lists neighborhoods, with the energies, forces and virials. N is the number of
    /// central atoms that take part.
    pub fn grade_with_efs<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        wanted: Wanted,
    ) -> Result<(Grades, &Tally)> {
        let active_set = &self.state.active_set;
        match self.state.mode {
            GradeMode::Configuration => {
                let mut row = vec![0.0; active_set.size()];
                let tally = self.evaluator.gradients().energy_gradient(atoms, wanted, &mut row)?;
                let centers = (0..atoms.center_count()).filter(|&k| atoms.center(k).is_some()).count();
                let share = 1.0 / centers.max(1) as f64;
                row.iter_mut().for_each(|value| *value *= share);
                Ok((Grades { configuration: active_set.grade(&row)?, atoms: None }, tally))
            }
            GradeMode::Neighborhood => {
                let (tally, grades) = self.evaluator.neighborhood_grades(atoms, wanted)?;
                let configuration = grades.iter().copied().fold(0.0, f64::max);
                Ok((Grades { configuration, atoms: Some(grades.to_vec()) }, tally))
            }
        }
    }
}
