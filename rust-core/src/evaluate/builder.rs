//! The choices that an evaluator is made with.

use super::evaluator::Evaluator;
use super::grade_evaluator::GradeEvaluator;
use super::precision::Precision;
use super::serial::SerialEvaluator;
use crate::error::Result;
use crate::kernels::InstructionSet;
use crate::potential::Potential;
use crate::selection::SelectionState;

/// Choices for an [`Evaluator`], begun with [`Evaluator::builder`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct EvaluatorBuilder<'a> {
    potential: &'a Potential,
    precision: Precision,
    threads: usize,
    selection: Option<&'a SelectionState>,
    instruction_set: Option<InstructionSet>,
}

impl Evaluator {
    /// Compiles a trained potential for double precision on one thread; [`builder`](Self::builder) has all choices.
    pub fn new(potential: &Potential) -> Result<Self> {
        Self::builder(potential).build()
    }

    /// The choices for a potential: precision, threads, a selection state, an instruction set.
    pub fn builder(potential: &Potential) -> EvaluatorBuilder<'_> {
        let precision = Precision::default();
        EvaluatorBuilder { potential, precision, threads: 1, selection: None, instruction_set: None }
    }
}

impl<'a> EvaluatorBuilder<'a> {
    /// Precision of the work per neighbor [default: double].
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Number of threads, 1 to [`Evaluator::MOST_THREADS`] [default: 1]. The calling thread is one of them.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// A selection state of the potential, for grades ([`Wanted::grades`](super::Wanted::grades),
    /// [`Wanted::energy_gradient`](super::Wanted::energy_gradient)). They cost nothing when not wanted; evaluations with
    /// them are in double precision throughout.
    pub fn selection(mut self, state: &'a SelectionState) -> Self {
        self.selection = Some(state);
        self
    }

    /// Kernels of a set that this processor must have [default: the one that `MTPRS_KERNEL` names, else the widest].
    pub fn instruction_set(mut self, set: InstructionSet) -> Self {
        self.instruction_set = Some(set);
        self
    }

    /// Compiles the potential. Fails if it is not trained, if the state belongs to another potential, if the processor lacks the
    /// instruction set, or if there are too many threads.
    pub fn build(self) -> Result<Evaluator> {
        let set = self.instruction_set.map_or_else(InstructionSet::from_environment, Ok)?;
        let grading = self.selection.map(|state| GradeEvaluator::of_state(self.potential, state, set));
        let serial = SerialEvaluator::new(self.potential, set, self.precision, grading.transpose()?)?;
        Evaluator::of_parts(serial, self.threads)
    }
}
