//! Structures relaxed with a potential, and graded by a state.

use mtprs_core::Error;
use mtprs_core::evaluate::Evaluator;
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use rayon::prelude::*;

use super::{Made, pool};
use crate::Failure;
use crate::active_set::state_files::load_grader;
use crate::insertion::report::{NamedPair, RelaxedFigures};
use crate::job::InsertJob;
use crate::optimizer::relax;
use crate::processes::Interrupt;
use crate::text::PROGRAM;

/// What relaxes and grades; clones of its parts are independent, one per thread.
pub(super) struct Relaxer<'a> {
    job: &'a InsertJob,
    evaluator: Evaluator,
    grader: Option<Grader>,
}

impl<'a> Relaxer<'a> {
    pub(super) fn new(job: &'a InsertJob, potential: &Potential) -> Result<Self, Error> {
        let file = job.typed.potential.iter().map(|path| path.display().to_string()).collect::<String>();
        let evaluator = Evaluator::new(potential).map_err(|error| error.in_file(&file))?;
        let grader = job.typed.state.as_deref().map(|path| load_grader(potential, path)).transpose()?;
        Ok(Self { job, evaluator, grader })
    }

    /// Relaxes each structure on a thread of its own.
    pub(super) fn relax(
        &self,
        made: Vec<Made>,
        names: &[String],
        interrupt: &Interrupt,
    ) -> Result<Vec<Made>, Failure> {
        let bar = pool::bar(self.job, made.len(), "relaxed");
        let relax = |(evaluator, grader): &mut (Evaluator, Option<Grader>), mut made: Made| {
            let rank = made.figures.ewald_rank;
            let done = self.relax_one(evaluator, grader.as_mut(), &mut made, names, interrupt);
            done.map_err(|failure| match failure {
                Failure::Runtime(error) => {
                    Failure::Runtime(error.within(&format!("structure {rank} by Ewald energy")))
                }
                other => other,
            })?;
            bar.inc(1);
            Ok(made)
        };
        let parts = || (self.evaluator.clone(), self.grader.clone());
        let relaxed: Vec<Result<Made, Failure>> =
            made.into_par_iter().with_max_len(1).map_init(parts, relax).collect();
        bar.finish_and_clear();
        relaxed.into_iter().collect()
    }

    fn relax_one(
        &self,
        evaluator: &mut Evaluator,
        grader: Option<&mut Grader>,
        made: &mut Made,
        names: &[String],
        interrupt: &Interrupt,
    ) -> Result<(), Failure> {
        let configuration = &mut made.structure.configuration;
        let relaxation = relax(evaluator, configuration, self.job.limits, |_| interrupt.check())?;
        let grades = grader.map(|grader| grader.grade(configuration)).transpose()?;
        made.figures.closest = NamedPair::of(configuration, names)?;
        made.figures.relaxed = Some(RelaxedFigures {
            energy: relaxation.efs.energy,
            first_energy: relaxation.first_energy,
            steps: relaxation.steps,
            largest_force: relaxation.largest_force,
            grade: grades.as_ref().map(|grades| grades.configuration),
        });
        relaxation.efs.store_in(configuration, false);
        configuration.set_feature("EFS_by", PROGRAM);
        if let Some(grades) = grades {
            grades.store_in(configuration);
        }
        Ok(())
    }
}
