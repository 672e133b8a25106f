//! `mtprs tune` as the program needs it: the trials, and the training that each of them is.

use std::path::PathBuf;

use mtprs_core::species::Species;

use super::init::parse_species;
use super::train::{deciding, with_defaults};
use super::{Files, RunSettings, TrainJob, usage_error};
use crate::cli::{TrainOptions, TuneArguments, TuneOptions};
use crate::dataset::WeightSettings;
use crate::endpoint::{Output, OutputFile};
use crate::structure_files::Voice;
use crate::training::identity::Options;
use crate::tuning::folder::{JSON, PAGE, STUDY};
use crate::tuning::{Criterion, TrialSettings};

/// Share of the training set that validates if nothing else was chosen.
const VALIDATION_FRACTION: f64 = 0.1;

/// What to try, on what, and how.
#[derive(Clone, Debug)]
pub struct TuneJob {
    /// Files of the training.
    pub training_sets: Vec<PathBuf>,
    /// Species of all potentials.
    pub species: Species,
    /// Folder of the search.
    pub folder: PathBuf,
    /// The trials, every combination of the lists.
    pub trials: Vec<TrialSettings>,
    /// Steps that the trials get, one round after the other.
    pub rounds: Vec<u64>,
    /// Which error decides.
    pub by: Criterion,
    /// Whether to go on with a search that was begun.
    pub resume: bool,
    /// Whether to begin anew where there is a search already.
    pub force: bool,
    /// Where the results go as JSON, beside the folder.
    pub json: Option<Output>,
    /// Threads and progress.
    pub run: RunSettings,
    /// All options with their defaults, as a job file holds them.
    pub options: TuneOptions,
    /// The job file, if there is one.
    pub job_file: Option<PathBuf>,
    /// Whether only to print the job.
    pub print_job: bool,
}

impl TuneJob {
    /// Checks what was typed and what the job file says.
    pub fn from_arguments(arguments: TuneArguments) -> Result<Self, clap::Error> {
        let TuneArguments {
            training_sets,
            job,
            print_job,
            resume,
            report_json,
            mut options,
            fit,
            write,
            run,
        } = arguments;
        options.train = fit.into();
        let options = match &job {
            None => options,
            Some(path) => options.or(TuneOptions::load(path).map_err(|error| usage_error("tune", error))?),
        };
        refuse_foreign(&options.train)?;
        let options = with_tune_defaults(options)?;
        let Some(species) = &options.species else {
            return Err(usage_error("tune", "--species: expected element symbols or a count"));
        };
        let species =
            parse_species(species).map_err(|error| usage_error("tune", format!("--species: {error}")))?;
        check(&options)?;
        let folder = options.output.clone().unwrap_or_default();
        // What a search wrote before it was stopped is its own.
        let replaces = write.force || (resume && folder.join(STUDY).exists());
        let job = Self {
            training_sets,
            species,
            folder,
            trials: combinations(&options),
            rounds: rounds(options.halving, options.train.max_iter.unwrap_or_default()),
            by: options.by.unwrap_or_default(),
            resume,
            force: write.force,
            json: report_json.map(|path| Output::new(path, replaces)),
            run: run.into(),
            options,
            job_file: job,
            print_job,
        };
        // Whatever a training would refuse is refused before the first one.
        for trial in &job.trials {
            job.training(trial, 0)?;
        }
        Ok(job)
    }

    pub(super) fn files(&self) -> Files {
        let files = Files::default().reads(&self.training_sets).reads(&self.options.train.valid_cfgs);
        let mut files = files.reads(&self.job_file).makes(&self.json);
        let study = self.folder.join(STUDY);
        let goes_on = self.resume && study.exists();
        if !goes_on && !self.force {
            let hint = "go on with --resume, begin anew with --force, or give another folder by -o";
            files = files.unless(study, "a search that was begun before is here", hint);
            for name in ["trials", PAGE, JSON] {
                let hint = "give another folder by -o, or --force to replace it";
                files = files.unless(self.folder.join(name), "it exists, and a search would write it", hint);
            }
        }
        let own = [STUDY, PAGE, JSON].map(|name| OutputFile { path: self.folder.join(name), replaces: true });
        files.writes(&own).makes_folder(&self.folder)
    }

    /// The options that decide the numbers of the trials.
    pub fn deciding(&self) -> Result<Options, mtprs_core::Error> {
        deciding(&self.options.train)
    }

    /// Folder of a trial.
    pub fn folder_of(&self, trial: &TrialSettings) -> PathBuf {
        self.folder.join("trials").join(trial.name())
    }

    /// The training of a trial with so many steps, which goes on from its checkpoint if there is one.
    pub fn training(&self, trial: &TrialSettings, steps: u64) -> Result<TrainJob, clap::Error> {
        let folder = self.folder_of(trial);
        let file = |name: &str| folder.join(name);
        let options = TrainOptions {
            trained_pot_name: Some(file("pot.mtp")),
            checkpoint: Some(file("checkpoint")),
            energy_weight: Some(trial.energy_weight),
            force_weight: Some(trial.force_weight),
            stress_weight: Some(trial.stress_weight),
            max_iter: Some(steps),
            species: self.species.names().map(|names| names.join(",")),
            ..self.options.train.clone()
        };
        let (potential, sets) = (file("untrained.mtp"), self.training_sets.clone());
        let mut job = TrainJob::part_of("tune", potential, sets, file("report.json"), options, self.run)?;
        // What there is to tell about the data has been told before the first trial.
        job.task.sources.reading.voice = Voice::Silent;
        Ok(job)
    }

    /// The weights by which losses of trials with different ones are compared.
    pub fn common_weights(&self) -> [f64; 3] {
        let TuneOptions { energy_weights, force_weights, stress_weights, .. } = &self.options;
        [energy_weights, force_weights, stress_weights].map(|list| list.first().copied().unwrap_or_default())
    }
}

/// Refuses options of a training that a search sets itself.
fn refuse_foreign(train: &TrainOptions) -> Result<(), clap::Error> {
    let foreign = [
        (
            "trained-pot-name",
            train.trained_pot_name.is_some(),
            "the potentials of a search have their places",
        ),
        ("curr-pot-name", train.curr_pot_name.is_some(), "the potentials of a search have their places"),
        ("checkpoint", train.checkpoint.is_some(), "the checkpoints of a search have their places"),
        ("energy-weight", train.energy_weight.is_some(), "expected the list energy-weights in its place"),
        ("force-weight", train.force_weight.is_some(), "expected the list force-weights in its place"),
        ("stress-weight", train.stress_weight.is_some(), "expected the list stress-weights in its place"),
        ("species", train.species.is_some(), "expected it outside of the table"),
        ("update-mindist", train.update_mindist, "the shortest distance is that of the training set anyway"),
        ("init-params", train.init_params.is_some(), "a trial begins with random parameters"),
    ];
    match foreign.into_iter().find(|&(_, is_set, _)| is_set) {
        Some((name, _, why)) => Err(usage_error("tune", format!("train.{name}: {why}"))),
        None => Ok(()),
    }
}

/// The defaults where nothing was chosen.
fn with_tune_defaults(mut options: TuneOptions) -> Result<TuneOptions, clap::Error> {
    let weights = WeightSettings::default();
    let train = &mut options.train;
    let has_fraction = train.valid_fraction.is_some_and(|fraction| fraction > 0.0);
    if train.folds.is_some() && (has_fraction || !train.valid_cfgs.is_empty()) {
        let message = "--folds: expected neither --valid-cfgs nor --valid-fraction beside it";
        return Err(usage_error("tune", message));
    }
    if train.folds.is_none() && train.valid_cfgs.is_empty() {
        let fraction = *train.valid_fraction.get_or_insert(VALIDATION_FRACTION);
        if fraction == 0.0 {
            return Err(usage_error(
                "tune",
                "--valid-fraction: expected a share above zero to validate with",
            ));
        }
    }
    let defaults = with_defaults(TrainOptions::default());
    *train = TrainOptions {
        trained_pot_name: None,
        checkpoint: None,
        energy_weight: None,
        force_weight: None,
        stress_weight: None,
        ..std::mem::take(train).or(defaults)
    };
    Ok(options.or(TuneOptions {
        output: Some("tune".into()),
        levels: vec![8, 12, 16],
        cutoffs: vec![5.0, 6.0],
        radial_basis_sizes: vec![8],
        energy_weights: vec![weights.energy],
        force_weights: vec![weights.force],
        stress_weights: vec![weights.stress],
        by: Some(Criterion::default()),
        ..TuneOptions::default()
    }))
}

fn check(options: &TuneOptions) -> Result<(), clap::Error> {
    let wrong = |message: String| Err(usage_error("tune", message));
    if let Some(level) = options.levels.iter().find(|&level| level % 2 == 1) {
        return wrong(format!("--levels: expected even numbers, got {level}"));
    }
    if let Some(cutoff) = options.cutoffs.iter().find(|&cutoff| !(*cutoff > 0.0 && cutoff.is_finite())) {
        return wrong(format!("--cutoffs: expected positive numbers, got {cutoff}"));
    }
    match options.halving {
        Some(steps) if steps < 10 => wrong(format!("--halving: expected 10 steps or more, got {steps}")),
        _ => Ok(()),
    }
}

/// Every combination of the lists, each once.
fn combinations(options: &TuneOptions) -> Vec<TrialSettings> {
    let mut trials: Vec<TrialSettings> = Vec::new();
    for &level in &options.levels {
        for &cutoff in &options.cutoffs {
            for &radial_basis_size in &options.radial_basis_sizes {
                for &energy_weight in &options.energy_weights {
                    for &force_weight in &options.force_weights {
                        for &stress_weight in &options.stress_weights {
                            trials.push(TrialSettings {
                                level,
                                cutoff,
                                radial_basis_size,
                                energy_weight,
                                force_weight,
                                stress_weight,
                            });
                        }
                    }
                }
            }
        }
    }
    let mut different: Vec<TrialSettings> = Vec::new();
    for trial in trials {
        if !different.contains(&trial) {
            different.push(trial);
        }
    }
    different
}

/// Steps of each round: doubled until they are all.
fn rounds(first: Option<u64>, all: u64) -> Vec<u64> {
    let first = first.unwrap_or(all);
    let doubled = std::iter::successors(Some(first), |steps| steps.checked_mul(2));
    doubled.take_while(|&steps| steps < all).chain([all]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_double_until_they_are_all() {
        assert_eq!(rounds(None, 1000), [1000]);
        assert_eq!(rounds(Some(100), 1000), [100, 200, 400, 800, 1000]);
        assert_eq!(rounds(Some(100), 100), [100]);
        assert_eq!(rounds(Some(100), 50), [50]);
        assert_eq!(rounds(Some(10), 0), [0]);
    }

    #[test]
    fn every_combination_is_tried_once() {
        let options = TuneOptions {
            levels: vec![8, 12, 8],
            cutoffs: vec![5.0, 6.5],
            force_weights: vec![0.01, 0.1],
            ..TuneOptions::default()
        };
        let trials = combinations(&with_tune_defaults(options).unwrap());
        assert_eq!(trials.len(), 8);
        assert_eq!(trials[0].name(), "level8-cutoff5-size8-energy1-force0.01-stress0.001");
        assert_eq!(trials[7].name(), "level12-cutoff6.5-size8-energy1-force0.1-stress0.001");
    }
}
