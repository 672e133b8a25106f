//! `mtprs prune` as the program needs it: the fits, how far the path goes, and its folder.

use std::path::{Path, PathBuf};

use super::train::task;
use super::tune::same_bytes;
use super::{Files, Job, RunSettings, usage_error};
use crate::cli::{Block, FitOptions, PruneArguments, TrainingOptions};
use crate::endpoint::{Output, OutputFile};
use crate::pruning::folder::{BEGUN, JSON, MOST_POINTS, PAGE, STUDY, potential_of};
use crate::session::Task;

/// From what, on what, and how far.
#[derive(Clone, Debug)]
pub struct PruneJob {
    /// The potential, its data and the refits.
    pub task: Task,
    /// Folder of the path.
    pub folder: PathBuf,
    /// Number of cheaper potentials.
    pub points: usize,
    /// Cost of the last one as a share of that of the potential.
    pub until: f64,
    /// Shortest cutoff to try, Å, if it was chosen.
    pub min_cutoff: Option<f64>,
    /// Whether to go on with a path that was begun.
    pub resume: bool,
    /// Whether to begin anew where there is a path already.
    pub force: bool,
    /// Where the results go as JSON, beside the folder.
    pub json: Option<Output>,
    /// Threads and progress.
    pub run: RunSettings,
}

impl Job for PruneJob {
    type Typed = PruneArguments;

    fn new(arguments: PruneArguments) -> Result<Self, clap::Error> {
        let PruneArguments { potential, training_sets, output, training, write, run, .. } = arguments;
        check(&training)?;
        let run = RunSettings::from(run);
        let force = write.force;
        // An earlier run wrote a copy of the report in its folder.
        let own = output.join(JSON);
        let replaces = |path: &Path| force || (arguments.resume && same_bytes(path, &own));
        Ok(Self {
            task: task(potential, training_sets, &training, run)?,
            folder: output,
            points: arguments.points,
            until: arguments.until,
            min_cutoff: arguments.min_cutoff,
            resume: arguments.resume,
            force,
            json: arguments.report_json.map(|path| Output::new(path.clone(), replaces(&path))),
            run,
        })
    }

    fn files(&self) -> Files {
        let sources = &self.task.sources;
        let inputs = || sources.training.iter().chain(&sources.validation);
        let mut files = Files::default().reads([&self.task.potential]).takes(inputs());
        let again: Vec<PathBuf> = inputs()
            .filter_map(|input| input.path().map(Path::to_owned))
            .chain([self.task.potential.clone()])
            .collect();
        files = files.rereads(&again).makes(&self.json);
        let study = self.folder.join(STUDY);
        if !(self.force || self.resume && study.exists()) {
            files = files.unless(study, "there is an earlier path here", BEGUN);
            for path in self.potentials().chain([PAGE, JSON].map(|name| self.folder.join(name))) {
                let hint = "choose another folder with -o, or replace it with --force";
                files = files.unless(path, "it exists, and the path would overwrite it", hint);
            }
        }
        let own = self.potentials().chain([STUDY, PAGE, JSON].map(|name| self.folder.join(name)));
        let own: Vec<OutputFile> = own.map(|path| OutputFile { path, replaces: true }).collect();
        files.writes(&own).makes_folder(&self.folder)
    }
}

impl PruneJob {
    /// Those that are written, and those of a longer path that --force removes: no input may be among them.
    fn potentials(&self) -> impl Iterator<Item = PathBuf> {
        let all = (0..=MOST_POINTS).map(|point| (point, potential_of(&self.folder, point)));
        all.filter(|(point, path)| *point <= self.points || (self.force && path.exists()))
            .map(|(_, path)| path)
    }
}

/// Refuses options of a training that a path has no use for.
fn check(training: &TrainingOptions) -> Result<(), clap::Error> {
    let TrainingOptions { init_params, update_mindist, fit, .. } = training;
    let defaults = FitOptions::default();
    let refused = [
        (
            init_params.is_some(),
            "--init-params: every refit starts from the parameters of the point before it",
        ),
        (*update_mindist, "--update-mindist: the path keeps min_dist; change it with mtprs train first"),
        (
            fit.folds.is_some(),
            "--folds: a path has one fit for each point; use --valid-cfgs or --valid-fraction",
        ),
        (fit.patience.is_some(), "--patience: every refit takes --max-iter steps"),
        (
            fit.starts != defaults.starts,
            "--starts: every refit starts from the parameters of the point before it",
        ),
        (fit.skip_preinit, "--skip-preinit: every refit starts from the parameters of the point before it"),
        (
            fit.freeze.contains(&Block::Radial),
            "--freeze radial: shorter cutoffs and fewer Chebyshev polynomials need new radial coefficients",
        ),
        (
            fit.freeze.contains(&Block::Moment),
            "--freeze moment: the coefficients of basis functions are what is fitted again",
        ),
    ];
    match refused.iter().find(|(is_given, _)| *is_given) {
        Some((_, message)) => Err(usage_error(message)),
        None => Ok(()),
    }
}
