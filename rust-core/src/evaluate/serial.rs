//! An evaluator on one thread: sites in one of two precisions, and grades where there is a selection state.

use super::close_pair::ClosePair;
use super::grade_evaluator::GradeEvaluator;
use super::neighborhoods::Neighborhoods;
use super::precision::Precision;
use super::sites::SiteEvaluator;
use super::tally::{Tally, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::kernels::InstructionSet;
use crate::kernels::unrolled::single_pays;
use crate::plan::Plan;
use crate::potential::Potential;

/// Evaluates one potential; clones share what is compiled and have a workspace of their own.
#[derive(Clone, Debug)]
pub(super) struct SerialEvaluator {
    sites: Sites,
    /// Evaluates when derivatives by the parameters are wanted.
    grading: Option<Box<GradeEvaluator>>,
}

#[derive(Clone, Debug)]
enum Sites {
    Double(SiteEvaluator<f64>),
    Mixed(SiteEvaluator<f32>),
}

/// Takes the same from the evaluator of either precision.
macro_rules! either {
    ($evaluator:expr, $sites:ident => $result:expr) => {
        match $evaluator {
            Sites::Double($sites) => $result,
            Sites::Mixed($sites) => $result,
        }
    };
}

impl SerialEvaluator {
    /// Compiles a trained potential, with kernels of a set that this processor must have.
    pub(super) fn new(
        potential: &Potential,
        set: InstructionSet,
        precision: Precision,
        grading: Option<GradeEvaluator>,
    ) -> Result<Self> {
        let plan = Plan::new(potential)?;
        let sites = match precision {
            Precision::Mixed if single_pays(&plan.sphere) => Sites::Mixed(SiteEvaluator::new(plan, set)?),
            _ => Sites::Double(SiteEvaluator::new(plan, set)?),
        };
        Ok(Self { sites, grading: grading.map(Box::new) })
    }

    /// Energies, forces and virials of whatever lists neighborhoods.
    pub(super) fn tally<N: Neighborhoods>(&mut self, atoms: &N, wanted: Wanted) -> Result<&Tally> {
        if !wanted.parameters() {
            return either!(&mut self.sites, sites => sites.visit(atoms, wanted, |_| ()));
        }
        let Some(grading) = &mut self.grading else {
            let message = "grades were asked of an evaluator without an active set";
            return Err(Error::new(ErrorKind::Argument, message));
        };
        // Sums change places with those of the grading evaluator, so that both keep their memory.
        either!(&mut self.sites, sites => {
            grading.tally(atoms, wanted, &mut sites.tally)?;
            sites.closest = grading.closest_pair();
            Ok(&sites.tally)
        })
    }

    /// What the last evaluation summed.
    pub(super) fn last_tally(&self) -> &Tally {
        either!(&self.sites, sites => &sites.tally)
    }

    /// The same, for sums over several evaluators.
    pub(super) fn last_tally_mut(&mut self) -> &mut Tally {
        either!(&mut self.sites, sites => &mut sites.tally)
    }

    pub(super) fn plan(&self) -> &Plan {
        either!(&self.sites, sites => &sites.plan)
    }

    /// The closest pair of the last evaluation that succeeded, if it was closer than `min_dist`.
    pub(super) fn closest_pair(&self) -> Option<ClosePair> {
        either!(&self.sites, sites => sites.closest)
    }

    /// The kernels in use.
    pub(super) fn instruction_set(&self) -> InstructionSet {
        either!(&self.sites, sites => sites.kernels.instruction_set())
    }

    /// The precision in use: double, even if mixed was asked for, where that would be slower.
    pub(super) fn precision(&self) -> Precision {
        match &self.sites {
            Sites::Double(_) => Precision::Double,
            Sites::Mixed(_) => Precision::Mixed,
        }
    }

    /// Bytes of memory held by the workspace.
    pub(super) fn memory(&self) -> usize {
        let grading = self.grading.as_ref().map_or(0, |grading| grading.memory());
        either!(&self.sites, sites => sites.memory()) + grading
    }
}
