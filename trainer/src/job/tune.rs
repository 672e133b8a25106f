//! `mtprs tune` as the program needs it: the trials, and the training that each of them is.

use std::fs;
use std::path::{Path, PathBuf};

use mtprs_core::potential::template::BasisRule;
use mtprs_core::species::Species;

use super::train::deciding;
use super::{Files, Job, RunSettings, TrainJob, usage_error};
use crate::cli::{FitOptions, TrainOptions, TrainingOptions, TuneArguments, TuneOptions, parse_species};
use crate::dataset::Grouping;
use crate::endpoint::{Output, OutputFile};
use crate::structure_files::Voice;
use crate::training::identity::Options;
use crate::tuning::TrialSettings;
use crate::tuning::folder::{JSON, PAGE, STUDY};

/// What to try, on what, and how.
#[derive(Clone, Debug)]
pub struct TuneJob {
    /// Files of the training.
    pub training_sets: Vec<PathBuf>,
    /// Species of all potentials.
    pub species: Species,
    /// The trials, every combination of the lists.
    pub trials: Vec<TrialSettings>,
    /// Steps that the trials get, one round after the other.
    pub rounds: Vec<u64>,
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
    /// Whether the table has all columns.
    pub wide: bool,
}

impl Job for TuneJob {
    type Typed = TuneArguments;

    fn new(arguments: TuneArguments) -> Result<Self, clap::Error> {
        let TuneArguments { training_sets, resume, write, options, .. } = arguments;
        let options = options.filled();
        let Some(species) = &options.species else {
            return Err(usage_error("--species: expected element symbols or a count"));
        };
        let species = parse_species(species).map_err(|error| usage_error(format!("--species: {error}")))?;
        check_validation(&options.train)?;
        // The search itself wrote a copy of the report in its folder.
        let replaces = |path: &Path| write.force || (resume && same_bytes(path, &options.output.join(JSON)));
        let job = Self {
            training_sets,
            species,
            trials: combinations(&options)?,
            rounds: rounds(options.halving, options.train.max_iter),
            resume,
            force: write.force,
            json: arguments.report_json.map(|path| Output::new(path.clone(), replaces(&path))),
            run: arguments.run.into(),
            options,
            job_file: arguments.job,
            wide: arguments.wide,
            print_job: arguments.print_job,
        };
        // Whatever a training would refuse is refused before the first one.
        for trial in &job.trials {
            job.training(trial, 0)?;
        }
        Ok(job)
    }

    fn files(&self) -> Files {
        let files = Files::default().reads(&self.training_sets).reads(&self.options.train.valid_cfgs);
        let mut files = files.reads(&self.job_file).makes(&self.json);
        let study = self.options.output.join(STUDY);
        let goes_on = self.resume && study.exists();
        if !goes_on && !self.force {
            let hint = "continue with --resume, start over with --force, or choose another folder with -o";
            files = files.unless(study, "there is an earlier search here", hint);
            for name in ["trials", PAGE, JSON] {
                let hint = "choose another folder with -o, or replace it with --force";
                files = files.unless(
                    self.options.output.join(name),
                    "it exists, and the search would overwrite it",
                    hint,
                );
            }
        }
        let own = [STUDY, PAGE, JSON]
            .map(|name| OutputFile { path: self.options.output.join(name), replaces: true });
        files.writes(&own).makes_folder(&self.options.output)
    }
}

/// Whether two files hold the same; a file that cannot be read is like no other.
pub(super) fn same_bytes(a: &Path, b: &Path) -> bool {
    fs::read(a).is_ok_and(|a| fs::read(b).is_ok_and(|b| a == b))
}

impl TuneJob {
    /// The options that decide the numbers of the trials.
    pub fn deciding(&self) -> Result<Options, mtprs_core::Error> {
        deciding(&self.options.train)
    }

    /// Folder of a trial.
    pub fn folder_of(&self, trial: &TrialSettings) -> PathBuf {
        self.options.output.join("trials").join(trial.name())
    }

    /// The training of a trial with this many steps, which goes on from its checkpoint if there is one.
    pub fn training(&self, trial: &TrialSettings, steps: u64) -> Result<TrainJob, clap::Error> {
        let folder = self.folder_of(trial);
        let file = |name: &str| folder.join(name);
        let options = TrainOptions {
            trained_pot_name: file("pot.mtp"),
            checkpoint: Some(file("checkpoint")),
            curr_pot_name: None,
            training: TrainingOptions {
                energy_weight: trial.energy_weight,
                force_weight: trial.force_weight,
                stress_weight: trial.stress_weight,
                species: self.species.names().map(|names| names.join(",")),
                fit: FitOptions { max_iter: steps, ..self.options.train.clone() },
                ..TrainingOptions::default()
            },
        };
        let (potential, sets) = (file("untrained.mtp"), self.training_sets.clone());
        let mut job = TrainJob::part_of(potential, sets, file("report.json"), options, self.run)?;
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

/// Refuses to validate with nothing, or in two ways.
fn check_validation(train: &FitOptions) -> Result<(), clap::Error> {
    let (has_files, has_fraction) = (!train.valid_cfgs.is_empty(), train.valid_fraction > 0.0);
    if has_files && !has_fraction && matches!(train.group, Grouping::Blocks(_) | Grouping::Feature(_)) {
        let message = format!(
            "--group {}: needs --valid-fraction or --folds; the files of --valid-cfgs are",
            train.group
        );
        return Err(usage_error(format!("{message} a validation set as they are")));
    }
    match train.folds {
        Some(_) if has_fraction || has_files => {
            Err(usage_error("--folds: cannot be combined with --valid-cfgs or --valid-fraction"))
        }
        None if !has_fraction && !has_files => {
            Err(usage_error("--valid-fraction: expected a fraction above zero"))
        }
        _ => Ok(()),
    }
}

/// Every combination of the lists, each once: a level and the table of its name are the same.
fn combinations(options: &TuneOptions) -> Result<Vec<TrialSettings>, clap::Error> {
    let levels = options
        .levels
        .iter()
        .map(|&level| BasisRule::of_level(level).map_err(|error| usage_error(format!("--levels: {error}"))));
    let tables: Vec<BasisRule> =
        levels.chain(options.tables.iter().cloned().map(Ok)).collect::<Result<_, _>>()?;
    let mut trials: Vec<TrialSettings> = Vec::new();
    for table in &tables {
        for &cutoff in &options.cutoffs {
            for &radial_basis_size in &options.radial_basis_sizes {
                for &energy_weight in &options.energy_weights {
                    for &force_weight in &options.force_weights {
                        for &stress_weight in &options.stress_weights {
                            trials.push(TrialSettings {
                                table: table.clone(),
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
    Ok(different)
}

/// Steps of each round: doubled until they are all.
fn rounds(first: Option<u64>, all: u64) -> Vec<u64> {
    let first = first.unwrap_or(all);
    let doubled = std::iter::successors(Some(first), |steps| steps.checked_mul(2));
    doubled.take_while(|&steps| steps < all).chain([all]).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    #[test]
    fn rounds_double_until_they_are_all() {
        assert_eq!(rounds(None, 1000), [1000]);
        assert_eq!(rounds(Some(100), 1000), [100, 200, 400, 800, 1000]);
        assert_eq!(rounds(Some(100), 100), [100]);
        assert_eq!(rounds(Some(100), 50), [50]);
        assert_eq!(rounds(Some(10), 0), [0]);
    }

    fn options(words: &str) -> TuneOptions {
        let cli = Cli::try_parse_from(["mtprs", "tune", "a.cfg"].into_iter().chain(words.split(' ')));
        let Ok(Cli { command: Command::Tune(arguments) }) = cli else { panic!("it is a search") };
        arguments.options.filled()
    }

    #[test]
    fn every_combination_is_tried_once() {
        let options = options("--levels 8,12,8 --cutoffs=5,6.5 --force-weights=0.01,0.1");
        let trials = combinations(&options).unwrap();
        assert_eq!(trials.len(), 8);
        assert_eq!(trials[0].name(), "level8-cutoff5-size8-energy1-force0.01-stress0.001");
        assert_eq!(trials[7].name(), "level12-cutoff6.5-size8-energy1-force0.1-stress0.001");
    }

    #[test]
    fn levels_and_tables_are_one_list() {
        let tables = |words: &str| -> Vec<String> {
            let trials = combinations(&options(words)).unwrap();
            trials.iter().map(|trial| trial.table.to_string()).collect()
        };
        assert_eq!(tables("--cutoffs 5"), ["8", "12", "16", "16-210", "14-3210-w1.1", "20-44200"]);
        assert_eq!(tables("--cutoffs 5 --levels 8,10"), ["8", "10"]);
        assert_eq!(tables("--cutoffs 5 --tables 16-210,8"), ["16-210", "8"]);
        assert_eq!(tables("--cutoffs 5 --levels 8,12 --tables 12,22-4321,8"), ["8", "12", "22-4321"]);
        let error = combinations(&options("--cutoffs 5 --levels 40")).unwrap_err().to_string();
        assert!(error.contains("--levels: expected a level from 2 to 28, got 40"), "{error}");
    }
}
