//! `mtprs cutout`: the surroundings of single atoms as periodic cells of their own.

use std::collections::VecDeque;

use mtprs_core::evaluate::Evaluator;
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;
use mtprs_core::{Error, ErrorKind, Place};
use rayon::prelude::*;

use super::convert_output::StructureOutput;
use super::cutout_search::{Found, Search};
use crate::Failure;
use crate::cli::MinDistance;
use crate::cutout::report::{Figures, Report};
use crate::cutout::{Cutout, Cutting, GivenDistances, Parent, Relaxation, Settings, relax};
use crate::endpoint::{load_potential, load_state, tell};
use crate::job::CutoutJob;
use crate::processes::{Interrupt, threads};
use crate::structure_files::Structure;

pub(super) fn run(job: &CutoutJob, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = load_potential(&job.typed.potential)?;
    let grader = grader(job, &potential)?;
    let cutoff = potential.cutoff();
    let radius = job.typed.radius.unwrap_or(cutoff);
    let settings = Settings { radius, cutoff, distances: distances(&potential, &job.typed.min_distance)? };
    let pool = threads::pool(job.run.threads)?;
    let separation = job.typed.separation.unwrap_or((radius - cutoff).max(0.0));
    let search = Search::new(job, &potential, grader.clone(), separation)?;
    let found = search.run(&pool, &interrupt)?;
    let maker =
        Maker { job, potential: &potential, settings, evaluator: Evaluator::new(&potential)?, grader };
    let make = |maker: &mut Maker<'_>, found: &Found| {
        interrupt.check()?;
        let place = Place { file: found.file.clone(), line: found.structure.line, column: 0 };
        let explain = |error: Error| error.within(&format!("configuration {}", found.number)).at(place);
        Ok(maker.make(found).map_err(explain)?)
    };
    // One thread for each cut-out: the result is the same for any number of them.
    let made: Vec<Result<Made, Failure>> =
        pool.install(|| found.par_iter().with_max_len(1).map_init(|| maker.clone(), make).collect());
    let made = made.into_iter().collect::<Result<Vec<_>, _>>()?;
    write_cells(job, &made)?;
    let figures = made.into_iter().map(|made| made.figures).collect();
    let report =
        Report::new(figures, job.typed.state.as_ref().map(|_| job.typed.threshold), radius, job.limits);
    if let Some(output) = &job.json {
        output.write_json(&report)?;
    }
    if !job.run.quiet {
        tell(report.render());
    }
    Ok(())
}

/// What grades atoms, if there is a state.
fn grader(job: &CutoutJob, potential: &Potential) -> Result<Option<Grader>, Error> {
    let Some(path) = &job.typed.state else { return Ok(None) };
    let name = path.display().to_string();
    let state = load_state(path)?;
    if state.mode != GradeMode::Neighborhood {
        let message =
            format!("cut-outs need a selection state in neighborhood mode, got one in {} mode", state.mode);
        let error = Error::new(ErrorKind::Argument, message).in_file(&name);
        return Err(error.hint("build one: mtprs state build POT.mtp TRAIN.cfg STATE --mode neighborhood"));
    }
    let grader = Grader::new(potential, state).map_err(|error| match error.kind() {
        ErrorKind::InvalidState => error.in_file(&name),
        _ => error.in_file(&job.typed.potential.display().to_string()),
    })?;
    Ok(Some(grader))
}

/// The smallest distances that are given, with species as the potential numbers them.
fn distances(potential: &Potential, given: &[MinDistance]) -> Result<GivenDistances, Error> {
    let species = potential.species();
    let mut distances = GivenDistances::new(species.count(), potential.radial_basis().min_dist());
    for MinDistance { distance, .. } in given.iter().filter(|given| given.pair.is_none()) {
        distances.set_all(*distance);
    }
    for MinDistance { pair, distance } in given {
        if let Some([a, b]) = pair {
            let resolve = |word: &str| species.resolve(word).map_err(|error| error.within("--min-distance"));
            distances.set(resolve(a)?, resolve(b)?, *distance);
        }
    }
    Ok(distances)
}

fn write_cells(job: &CutoutJob, made: &[Made]) -> Result<(), Failure> {
    if made.is_empty() && job.output_format.holds_many() {
        return job.output.create()?.finish();
    }
    let mut output = StructureOutput::new(&job.output, job.output_format, job.read());
    for made in made {
        output.write(&made.structure, false, |error| error.in_file(&job.output.name()))?;
    }
    output.finish()
}

/// A cell and what is to be said about it.
struct Made {
    structure: Structure,
    figures: Figures,
}

/// Makes cells; clones are independent, one per thread.
#[derive(Clone)]
struct Maker<'a> {
    job: &'a CutoutJob,
    potential: &'a Potential,
    settings: Settings,
    evaluator: Evaluator,
    grader: Option<Grader>,
}

impl Maker<'_> {
    fn make(&mut self, found: &Found) -> Result<Made, Error> {
        let parent = Parent::new(&found.structure.configuration)?;
        let (mut cutout, relaxation) = self.best(&Cutting::new(&parent, found.center, &self.settings)?)?;
        let grades = match &mut self.grader {
            Some(grader) => grader.grade(&cutout.configuration)?.atoms,
            None => None,
        };
        let figures = Figures::new(
            found.origin(),
            found.grade,
            &parent,
            &cutout,
            relaxation,
            grades.as_deref(),
            self.potential,
        );
        cutout.configuration.neighborhood_grades = grades;
        for (key, value) in figures.features(cutout.center) {
            cutout.configuration.set_feature(key, value);
        }
        let elements = found.structure.elements.clone();
        let structure = Structure {
            configuration: cutout.configuration,
            is_ordered: elements.is_some(),
            elements,
            ..Structure::default()
        };
        Ok(Made { structure, figures })
    }

    /// The first cut-out that relaxes with no atom held back, or else the one that comes closest to it. Cells in which atoms
    /// found no room come last.
    fn best(&mut self, cutting: &Cutting<'_>) -> Result<(Cutout, Option<Relaxation>), Error> {
        let mut best: Option<(Cutout, Relaxation)> = None;
        let mut put_off = VecDeque::new();
        let mut indices = 0..cutting.count();
        loop {
            let mut cutout = match indices.next() {
                Some(index) => {
                    let cutout = cutting.cutout(index)?;
                    if cutout.lost > 0 {
                        put_off.push_back(cutout);
                        continue;
                    }
                    cutout
                }
                None => match put_off.pop_front() {
                    Some(cutout) => cutout,
                    None => break,
                },
            };
            let Some(relaxation) = self.relax(&mut cutout)? else { return Ok((cutout, None)) };
            let is_last = relaxation.is_free(self.job.limits) || relaxation.is_hopeless(&cutout);
            let is_better = |(_, known): &(Cutout, Relaxation)| relaxation.is_better(known);
            if best.as_ref().is_none_or(is_better) {
                best = Some((cutout, relaxation));
            }
            if is_last {
                break;
            }
        }
        let (cutout, relaxation) = best.ok_or_else(|| Error::new(ErrorKind::Bug, "there is no cell"))?;
        Ok((cutout, Some(relaxation)))
    }

    /// Relaxes what is not of the core; a cell that is whole has no border.
    fn relax(&mut self, cutout: &mut Cutout) -> Result<Option<Relaxation>, Error> {
        let limits = self.job.limits;
        if cutout.is_whole || limits.max_steps == 0 || cutout.core == cutout.configuration.len() {
            return Ok(None);
        }
        relax(&mut self.evaluator, cutout, self.settings.radius, limits).map(Some)
    }
}
