//! The evaluator that everyone uses: that of sites in one of the two precisions.

use super::Efs;
use super::close_pair::ClosePair;
use super::grade_evaluator::GradeEvaluator;
use super::neighborhoods::{ConfigurationNeighborhoods, Neighborhoods};
use super::sites::SiteEvaluator;
use super::tally::{Tally, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Configuration;
use crate::kernels::InstructionSet;
use crate::kernels::unrolled::single_pays;
use crate::plan::Plan;
use crate::potential::Potential;

/// Precision of an evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Double precision throughout.
    #[default]
    Double,
    /// Single precision for the work per neighbor: radial functions, monomials, gradients of polynomials. Distances,
    /// contractions, energies and all sums over atoms are double. For templates above level 20 this is slower than double
    /// precision, which is then used.
    Mixed,
}

impl Precision {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Double, Self::Mixed];

    /// Name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Double => "double",
            Self::Mixed => "mixed",
        }
    }

    /// The precision of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|precision| precision.name() == name)
    }
}

/// Evaluates one potential; clones share what is compiled and have a workspace of their own, one per thread.
///
/// Same atoms in the same order give the same bits.
#[derive(Clone, Debug)]
pub struct Evaluator {
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

impl Evaluator {
    /// Compiles a trained potential for double precision, with the kernels that `MTPRS_KERNEL` asks for or the widest of
    /// this processor.
    pub fn new(potential: &Potential) -> Result<Self> {
        Self::with_precision(potential, Precision::Double)
    }

    /// The same for either precision.
    pub fn with_precision(potential: &Potential, precision: Precision) -> Result<Self> {
        Self::with_kernels(potential, InstructionSet::from_environment()?, precision)
    }

    /// Compiles a trained potential for double precision, with kernels of a set that this processor must have.
    pub fn with_instruction_set(potential: &Potential, set: InstructionSet) -> Result<Self> {
        Self::with_kernels(potential, set, Precision::Double)
    }

    /// The same for either precision.
    pub fn with_kernels(potential: &Potential, set: InstructionSet, precision: Precision) -> Result<Self> {
        let plan = Plan::new(potential)?;
        let sites = match precision {
            Precision::Mixed if single_pays(&plan.sphere) => Sites::Mixed(SiteEvaluator::new(plan, set)?),
            _ => Sites::Double(SiteEvaluator::new(plan, set)?),
        };
        Ok(Self { sites, grading: None })
    }

    /// Makes grades available ([`Wanted::grades`], [`Wanted::energy_gradient`]). They cost nothing when not wanted; evaluations
    /// with them are in double precision throughout.
    #[must_use]
    pub fn with_grades(mut self, grading: GradeEvaluator) -> Self {
        self.grading = Some(Box::new(grading));
        self
    }

    /// Energies, forces and virials of a configuration, with our own neighbor search.
    pub fn evaluate(&mut self, configuration: &Configuration) -> Result<Efs> {
        let atoms = self.neighborhoods(configuration)?;
        let wanted = Wanted { site_energies: true, centroid_virials: true, ..Wanted::default() };
        Ok(self.tally(&atoms, wanted)?.to_efs())
    }

    /// The neighborhoods of a configuration, by our own neighbor search.
    pub fn neighborhoods<'a>(
        &self,
        configuration: &'a Configuration,
    ) -> Result<ConfigurationNeighborhoods<'a>> {
        ConfigurationNeighborhoods::new(configuration, self.cutoff(), self.species_count())
    }

    /// Energies, forces and virials of whatever lists neighborhoods.
    pub fn tally<N: Neighborhoods>(&mut self, atoms: &N, wanted: Wanted) -> Result<&Tally> {
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

    /// Distance beyond which atoms do not interact, Å.
    pub fn cutoff(&self) -> f64 {
        either!(&self.sites, sites => sites.plan.cutoff)
    }

    /// Number of species of the potential.
    pub fn species_count(&self) -> usize {
        either!(&self.sites, sites => sites.plan.species_count)
    }

    /// The closest pair of the last evaluation that succeeded, if it was closer than `min_dist`, where
    /// the radial functions begin.
    pub fn closest_pair(&self) -> Option<ClosePair> {
        either!(&self.sites, sites => sites.closest)
    }

    /// Makes the next evaluation panic, for tests of what follows from that.
    #[cfg(test)]
    pub(crate) fn sabotage(&mut self) {
        either!(&mut self.sites, sites => sites.workspace.moments.clear());
    }

    /// The kernels in use.
    pub fn instruction_set(&self) -> InstructionSet {
        either!(&self.sites, sites => sites.kernels.instruction_set())
    }

    /// The precision in use: double, even if mixed was asked for, where that would be slower.
    pub fn precision(&self) -> Precision {
        match &self.sites {
            Sites::Double(_) => Precision::Double,
            Sites::Mixed(_) => Precision::Mixed,
        }
    }

    /// Bytes of memory held by the workspace.
    pub fn memory(&self) -> usize {
        let grading = self.grading.as_ref().map_or(0, |grading| grading.memory());
        either!(&self.sites, sites => sites.memory()) + grading
    }
}
