//! `mtprs train` as the program needs it: options of command line and job file, checked, with their defaults.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use mtprs_core::{Error, ErrorKind};
use serde_json::Value;

use super::files::output_file;
use super::streams::{inputs, reading, refuse_stdout_twice};
use super::{Files, RunSettings, usage_error};
use crate::cli::{
    Block, FileArguments, InitParams, ReadingArguments, RunArguments, TrainArguments, TrainOptions,
    WriteArguments,
};
use crate::dataset::{Grouping, Sources, WeightSettings};
use crate::endpoint::{Output, OutputFile};
use crate::processes::Group;
use crate::session::{Keeping, Settings, Task};
use crate::structure_files::{Reading, Voice};
use crate::training::identity::Options;
use crate::training::{FitSettings, Frozen, Huber, checkpoint};

/// What to train, on what, and how.
#[derive(Clone, Debug)]
pub struct TrainJob {
    /// What to fit to what, and how.
    pub task: Task,
    /// Where the fit is kept on its way.
    pub keeping: Keeping,
    /// Parts for the cross-validation; none if there is none.
    pub folds: u64,
    /// Where the trained potential goes.
    pub output: OutputFile,
    /// Feature by which the errors of the report are grouped.
    pub by: Option<String>,
    /// Where the page with errors and plots goes.
    pub report: Option<Output>,
    /// Where the JSON report goes.
    pub json: Option<Output>,
    /// Whether to keep silent on standard error.
    pub quiet: bool,
    /// Whether the number of threads is a default, which leaves cores to other processes.
    pub shares_cores: bool,
    /// All options with their defaults, as a job file holds them.
    pub options: TrainOptions,
    /// The job file, if there is one.
    pub job_file: Option<PathBuf>,
    /// Whether only to print the job.
    pub print_job: bool,
}

impl TrainJob {
    /// Checks what was typed and what the job file says.
    pub fn from_arguments(arguments: TrainArguments) -> Result<Self, clap::Error> {
        Self::of_command("train", arguments)
    }

    /// The training that another command does as a part of its work, among files of its own: it replaces them, and goes on
    /// from its checkpoint if there is one.
    pub(super) fn part_of(
        command: &str,
        potential: PathBuf,
        training_sets: Vec<PathBuf>,
        json: PathBuf,
        options: TrainOptions,
        run: RunSettings,
    ) -> Result<Self, clap::Error> {
        let arguments = TrainArguments {
            potential,
            training_sets,
            job: None,
            print_job: false,
            resume: true,
            report: None,
            report_json: Some(json),
            by: None,
            options,
            write: WriteArguments { force: true },
            run: RunArguments { threads: NonZeroUsize::new(run.threads), quiet: run.quiet },
        };
        Self::of_command(command, arguments)
    }

    fn of_command(command: &str, arguments: TrainArguments) -> Result<Self, clap::Error> {
        let TrainArguments {
            potential,
            training_sets,
            job,
            print_job,
            resume,
            report,
            report_json,
            by,
            options,
            write,
            run,
        } = arguments;
        let options = match &job {
            None => options,
            Some(path) => options.or(TrainOptions::load(path).map_err(|error| usage_error(command, error))?),
        };
        let options = with_defaults(options);
        check(command, &options)?;
        let shares_cores = run.threads.is_none();
        let RunSettings { threads, quiet } = run.into();
        let task = task(command, potential, training_sets, &options, RunSettings { threads, quiet })?;
        let checkpoint = options.checkpoint.clone().unwrap_or_default();
        // What a run wrote before it was stopped is its own.
        let goes_on = resume && checkpoints(&checkpoint, options.folds).any(|path| path.exists());
        let replaces = write.force || goes_on;
        let file = |option: &str, path: &PathBuf| output_file(command, option, path.clone(), replaces);
        let output = file("--trained-pot-name", &options.trained_pot_name.clone().unwrap_or_default())?;
        let current = options.curr_pot_name.as_ref().map(|path| file("--curr-pot-name", path)).transpose()?;
        let [report, json] = [report, report_json].map(|path| Some(Output::new(path?, replaces)));
        refuse_stdout_twice(command, [&report, &json].into_iter().flatten())?;
        let interval = options.checkpoint_interval.unwrap_or_default();
        let keeping = Keeping { checkpoint, interval, resume, replaces, current };
        let folds = options.folds.unwrap_or_default();
        let job_file = job;
        Ok(Self {
            task,
            keeping,
            folds,
            output,
            by,
            report,
            json,
            quiet,
            shares_cores,
            options,
            job_file,
            print_job,
        })
    }

    pub(super) fn files(&self) -> Files {
        let (potential, Keeping { checkpoint, current, resume, .. }) = (&self.task.potential, &self.keeping);
        let Sources { training, validation, .. } = &self.task.sources;
        let files =
            Files::default().reads([potential]).rereads([potential]).takes(training.iter().chain(validation));
        let files = files.reads(&self.job_file).writes([&self.output]).writes(current);
        let mut files = files.makes(&self.json).makes(&self.report);
        for path in checkpoints(checkpoint, self.options.folds) {
            if path.is_file() && !checkpoint::is_one(&path) {
                files = files.unless(
                    path.clone(),
                    "this is no checkpoint, and is not replaced by one",
                    "give the checkpoint another name with --checkpoint",
                );
            }
            if !resume && !self.output.replaces {
                files = files.unless(
                    path.clone(),
                    "the checkpoint of a run that was stopped is here",
                    "go on with --resume, or begin anew with --force",
                );
            }
            files = files.writes([&OutputFile { path, replaces: true }]);
        }
        files
    }

    /// The same job for one part of the cross-validation, from zero: that part validates, and nothing else does.
    pub fn fold(&self, fold: u64) -> Self {
        let mut job = self.clone();
        job.task.sources.fold = Some((fold, self.folds));
        job.task.sources.validation.clear();
        job.keeping.checkpoint = fold_checkpoint(&self.keeping.checkpoint, fold);
        job.keeping.current = None;
        job
    }

    /// The same job for one of a group of processes: only the first tells how it goes, and they share their cores.
    pub fn of_process(&self, group: &dyn Group) -> Self {
        let mut job = self.clone();
        job.quiet |= group.rank() > 0;
        if group.rank() > 0 {
            job.task.sources.reading.voice = Voice::Silent;
        }
        if job.shares_cores {
            let threads = &mut job.task.settings.threads;
            *threads = (*threads / group.sharing_cores()).max(1);
        }
        job
    }
}

/// What is fitted to what, and how.
fn task(
    command: &str,
    potential: PathBuf,
    training_sets: Vec<PathBuf>,
    options: &TrainOptions,
    run: RunSettings,
) -> Result<Task, clap::Error> {
    let how = ReadingArguments { species: options.species.clone(), files: options.reading.clone() };
    let reading = reading(command, how)?.quiet(run.quiet);
    let sources = sources(command, options, training_sets, reading)?;
    if options.patience.is_some() && sources.validation.is_empty() && sources.validation_fraction == 0.0 {
        return Err(usage_error(command, "--patience: expected --valid-cfgs or --valid-fraction beside it"));
    }
    let (fit, update_mindist) = (fit_settings(options), options.update_mindist);
    Ok(Task {
        potential,
        sources,
        settings: Settings { fit, update_mindist, threads: run.threads },
        accept_outliers: options.accept_outliers,
        options: deciding(options).map_err(|error| usage_error(command, error))?,
    })
}

/// What is read, and what weight it has.
fn sources(
    command: &str,
    options: &TrainOptions,
    training_sets: Vec<PathBuf>,
    reading: Reading,
) -> Result<Sources, clap::Error> {
    let value = |option: Option<f64>| option.unwrap_or_default();
    Ok(Sources {
        training: inputs(command, training_sets, 2, &reading)?,
        validation: inputs(command, options.valid_cfgs.clone(), 2, &reading)?,
        reading,
        validation_fraction: value(options.valid_fraction),
        seed: options.seed.unwrap_or_default(),
        fold: None,
        grouping: options.group.clone().unwrap_or_default(),
        grouped: None,
        repulsion: value(options.repulsion),
        weights: WeightSettings {
            energy: value(options.energy_weight),
            force: value(options.force_weight),
            stress: value(options.stress_weight),
            weighting: options.weighting.unwrap_or_default(),
            scale_by_force: value(options.scale_by_force),
            feature: options.weight_feature.clone(),
        },
    })
}

/// The checkpoint of one part of the cross-validation, from zero.
fn fold_checkpoint(checkpoint: &Path, fold: u64) -> PathBuf {
    let mut name = checkpoint.to_owned().into_os_string();
    name.push(format!(".fold{}", fold + 1));
    name.into()
}

/// The checkpoints of a fit and of all parts of its cross-validation.
fn checkpoints(checkpoint: &Path, folds: Option<u64>) -> impl Iterator<Item = PathBuf> {
    let folds = (0..folds.unwrap_or_default()).map(|fold| fold_checkpoint(checkpoint, fold));
    [checkpoint.to_owned()].into_iter().chain(folds)
}

/// The options of a training that decide its numbers, without those that may differ from run to run.
pub(super) fn deciding(options: &TrainOptions) -> Result<Options, Error> {
    let table = |options: &TrainOptions| {
        let mut options = options.clone();
        (options.trained_pot_name, options.curr_pot_name, options.checkpoint) = (None, None, None);
        (options.checkpoint_interval, options.max_iter) = (None, None);
        // Files are told apart by their contents, and what is read decides, not how.
        options.valid_cfgs.clear();
        (options.species, options.reading) = (None, FileArguments::default());
        match serde_json::to_value(&options) {
            Ok(Value::Object(table)) => Ok(table),
            _ => Err(Error::new(ErrorKind::Bug, "the options of a training are no table")),
        }
    };
    Ok(Options::new(table(options)?, &table(&with_defaults(TrainOptions::default()))?))
}

/// The defaults where nothing was chosen.
pub(super) fn with_defaults(options: TrainOptions) -> TrainOptions {
    let (fit, weights) = (FitSettings::default(), WeightSettings::default());
    let output = options.trained_pot_name.clone().unwrap_or_else(|| "Trained.mtp".into());
    let mut checkpoint = output.clone().into_os_string();
    checkpoint.push(".checkpoint");
    options.or(TrainOptions {
        trained_pot_name: Some(output),
        checkpoint: Some(checkpoint.into()),
        checkpoint_interval: Some(30.0),
        valid_fraction: Some(0.0),
        group: Some(Grouping::default()),
        energy_weight: Some(weights.energy),
        force_weight: Some(weights.force),
        stress_weight: Some(weights.stress),
        weighting: Some(weights.weighting),
        scale_by_force: Some(0.0),
        ridge: Some(fit.ridge),
        repulsion: Some(0.0),
        starts: Some(fit.starts),
        seed: Some(fit.seed),
        max_iter: Some(fit.steps),
        bfgs_conv_tol: Some(fit.tolerance),
        method: Some(fit.method),
        ..TrainOptions::default()
    })
}

fn fit_settings(options: &TrainOptions) -> FitSettings {
    let fit = FitSettings::default();
    let frozen = |block| options.freeze.contains(&block);
    let infinite = |threshold: Option<f64>| threshold.unwrap_or(f64::INFINITY);
    FitSettings {
        method: options.method.unwrap_or(fit.method),
        steps: options.max_iter.unwrap_or(fit.steps),
        tolerance: options.bfgs_conv_tol.unwrap_or(fit.tolerance),
        patience: options.patience,
        random: options.init_params == Some(InitParams::Random),
        starts: options.starts.unwrap_or(fit.starts),
        skip_linear: options.skip_preinit,
        seed: options.seed.unwrap_or(fit.seed),
        frozen: Frozen {
            radial: frozen(Block::Radial),
            species: frozen(Block::Species),
            moment: frozen(Block::Moment),
        },
        species_energies: (!options.species_energies.is_empty()).then(|| options.species_energies.clone()),
        huber: Huber {
            energy: infinite(options.huber_energy),
            force: infinite(options.huber_force),
            stress: infinite(options.huber_stress),
        },
        ridge: options.ridge.unwrap_or(fit.ridge),
        ..fit
    }
}

/// Refuses numbers outside their ranges, whether typed or read.
fn check(command: &str, options: &TrainOptions) -> Result<(), clap::Error> {
    let wrong = |name: &str, expected: &str, value: f64| {
        Err(usage_error(command, format!("{name}: expected {expected}, got {value}")))
    };
    let not_negative = [
        ("energy-weight", options.energy_weight),
        ("force-weight", options.force_weight),
        ("stress-weight", options.stress_weight),
        ("scale-by-force", options.scale_by_force),
        ("ridge", options.ridge),
        ("repulsion", options.repulsion),
        ("bfgs-conv-tol", options.bfgs_conv_tol),
        ("checkpoint-interval", options.checkpoint_interval),
    ];
    for (name, value) in not_negative {
        match value {
            Some(value) if !(value >= 0.0 && value.is_finite()) => {
                return wrong(name, "a number of zero or more", value);
            }
            _ => {}
        }
    }
    let positive = [
        ("huber-energy", options.huber_energy),
        ("huber-force", options.huber_force),
        ("huber-stress", options.huber_stress),
    ];
    for (name, value) in positive {
        match value {
            Some(value) if !(value > 0.0 && value.is_finite()) => {
                return wrong(name, "a positive number", value);
            }
            _ => {}
        }
    }
    if options.energy_weight == Some(0.0)
        && options.force_weight == Some(0.0)
        && options.stress_weight == Some(0.0)
    {
        return Err(usage_error(command, "expected a weight above zero for energies, forces or stresses"));
    }
    if options.folds.is_some_and(|folds| folds < 2) {
        return Err(usage_error(command, "folds: expected two or more"));
    }
    match options.valid_fraction {
        Some(share) if !(0.0..1.0).contains(&share) => {
            wrong("valid-fraction", "a share from zero to below one", share)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_decide_the_numbers_may_differ() {
        let of = |text: &str| deciding(&with_defaults(toml::from_str(text).unwrap())).unwrap();
        let other =
            "max-iter = 7\ntrained-pot-name = \"a.mtp\"\nvalid-cfgs = [\"b.cfg\"]\ncheckpoint-interval = 3.0";
        assert_eq!(of(other), of(""));
        assert_ne!(of("ridge = 0.5"), of(""));
    }
}
