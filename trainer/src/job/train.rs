//! `mtprs train` as the program needs it: options of command line and job file, checked, with their defaults.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use mtprs_core::selection::GradeMode;
use mtprs_core::{Error, ErrorKind};
use serde::Serialize;
use serde_json::Value;

use super::streams::{inputs, reading};
use super::{Files, Job, RunSettings, usage_error};
use crate::cli::{
    Block, InitParams, ReadingArguments, RunArguments, TrainArguments, TrainOptions, TrainingOptions,
    WriteArguments,
};
use crate::dataset::{Sources, WeightSettings};
use crate::endpoint::{Output, OutputFile};
use crate::processes::Group;
use crate::report::mlip::Dialect;
use crate::session::EVENTS;
use crate::session::{Keeping, Settings, Task, Telling};
use crate::structure_files::Voice;
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
    /// Where loss and errors of every step go.
    pub history: Option<Output>,
    /// Folder for TensorBoard.
    pub tensorboard: Option<OutputFile>,
    /// Mode of the active set that is written behind the potential, if the user wants one.
    pub al_mode: Option<GradeMode>,
    /// The program whose layout the report has.
    pub compat: Option<Dialect>,
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

impl Job for TrainJob {
    type Typed = TrainArguments;

    fn new(arguments: TrainArguments) -> Result<Self, clap::Error> {
        let TrainArguments { potential, training_sets, resume, write, mut options, .. } = arguments;
        let shares_cores = arguments.run.threads.is_none();
        let RunSettings { threads, quiet } = arguments.run.into();
        let training = &options.training;
        let task = task(potential, training_sets, training, RunSettings { threads, quiet })?;
        let checkpoint =
            options.checkpoint.get_or_insert_with(|| checkpoint::beside(&options.trained_pot_name));
        let checkpoint = checkpoint.clone();
        let kept = checkpoints(&checkpoint, training.fit.folds).filter(|_| resume);
        // What a run wrote before it was stopped is its own.
        let own: BTreeSet<_> = kept.flat_map(|path| checkpoint::outputs(&path)).collect();
        let replaces = |path: &PathBuf| write.force || own.contains(path);
        let file = |path: &PathBuf| OutputFile { path: path.clone(), replaces: replaces(path) };
        let output = file(&options.trained_pot_name);
        let current = options.curr_pot_name.as_ref().map(file);
        let [report, json, history] = [arguments.report, arguments.report_json, arguments.history]
            .map(|path| path.map(|path| Output::new(path.clone(), replaces(&path))));
        if arguments.tensorboard.as_ref().is_some_and(|folder| folder.as_os_str() == "-") {
            return Err(usage_error("--tensorboard: expected a folder, got -, standard output"));
        }
        let tensorboard = arguments.tensorboard.map(|folder| file(&folder.join(EVENTS)));
        let interval = training.fit.checkpoint_interval;
        let written = [&report, &json, &history].into_iter().flatten().filter_map(Output::file);
        let written = written.chain([&output]).chain(&current).chain(&tensorboard);
        let outputs = written.map(|file| file.path.clone()).chain(own.iter().cloned()).collect();
        Ok(Self {
            task,
            keeping: Keeping { checkpoint, interval, resume, replaces: write.force, outputs, current },
            folds: training.fit.folds.unwrap_or_default(),
            output,
            by: arguments.by,
            report,
            json,
            history,
            tensorboard,
            al_mode: arguments.al_mode.map(Into::into),
            compat: arguments.compat,
            quiet,
            shares_cores,
            options,
            job_file: arguments.job,
            print_job: arguments.print_job,
        })
    }

    fn files(&self) -> Files {
        self.files_with(Some(&self.output))
    }
}

impl TrainJob {
    /// What is read and written but for the trained potential, which another program keeps in memory.
    pub fn files_beside_output(&self) -> Files {
        self.files_with(None)
    }

    fn files_with(&self, output: Option<&OutputFile>) -> Files {
        let (potential, Keeping { checkpoint, current, resume, .. }) = (&self.task.potential, &self.keeping);
        let Sources { training, validation, .. } = &self.task.sources;
        let files =
            Files::default().reads([potential]).rereads([potential]).takes(training.iter().chain(validation));
        let files = files.reads(&self.job_file).writes(output).writes(current).writes(&self.tensorboard);
        let files = match self.tensorboard.as_ref().and_then(|events| events.path.parent()) {
            Some(folder) => files.makes_folder(folder),
            None => files,
        };
        let mut files = files.makes(&self.json).makes(&self.report).makes(&self.history);
        for path in checkpoints(checkpoint, self.options.training.fit.folds) {
            if path.is_file() && !checkpoint::is_one(&path) {
                files = files.unless(
                    path.clone(),
                    "this is not a checkpoint and is not replaced by one",
                    "choose another name with --checkpoint",
                );
            }
            if !resume && !self.output.replaces {
                files = files.unless(
                    path.clone(),
                    "there is a checkpoint of a stopped run here",
                    "continue with --resume, or start over with --force",
                );
            }
            files = files.writes([&OutputFile { path, replaces: true }]);
        }
        files
    }

    /// The training that another command does as a part of its work, among files of its own: it replaces them, and goes on
    /// from its checkpoint if there is one.
    pub(super) fn part_of(
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
            history: None,
            tensorboard: None,
            by: None,
            al_mode: None,
            compat: None,
            options,
            write: WriteArguments { force: true },
            run: RunArguments { threads: NonZeroUsize::new(run.threads), quiet: run.quiet },
        };
        Self::new(arguments)
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

    /// What is told of the fit on its way.
    pub fn telling(&self) -> Telling {
        match self.compat {
            _ if self.quiet => Telling::Nothing,
            Some(dialect) => Telling::Log(dialect),
            None => Telling::Progress,
        }
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
pub(super) fn task(
    potential: PathBuf,
    training_sets: Vec<PathBuf>,
    options: &TrainingOptions,
    run: RunSettings,
) -> Result<Task, clap::Error> {
    let TrainingOptions { energy_weight, force_weight, stress_weight, fit, .. } = options;
    if [energy_weight, force_weight, stress_weight].iter().all(|weight| **weight == 0.0) {
        return Err(usage_error("expected a weight above zero for energies, forces or stresses"));
    }
    if fit.patience.is_some() && fit.valid_cfgs.is_empty() && fit.valid_fraction == 0.0 {
        return Err(usage_error("--patience: needs --valid-cfgs or --valid-fraction"));
    }
    let how = ReadingArguments { species: options.species.clone(), files: fit.reading.clone() };
    let reading = reading(how)?.quiet(run.quiet);
    Ok(Task {
        potential,
        sources: Sources {
            training: inputs(training_sets, 2, &reading)?,
            validation: inputs(fit.valid_cfgs.clone(), 2, &reading)?,
            reading,
            validation_fraction: fit.valid_fraction,
            seed: fit.seed,
            fold: None,
            grouping: fit.group.clone(),
            grouped: None,
            repulsion: fit.repulsion,
            weights: WeightSettings {
                energy: *energy_weight,
                force: *force_weight,
                stress: *stress_weight,
                weighting: fit.weighting,
                scale_by_force: fit.scale_by_force,
                feature: fit.weight_feature.clone(),
            },
        },
        settings: Settings {
            fit: fit_settings(options),
            update_mindist: options.update_mindist,
            threads: run.threads,
        },
        accept_outliers: fit.accept_outliers,
        options: deciding(options).map_err(usage_error)?,
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

/// Options that may differ from run to run, since they decide no number. Files are told apart by their contents, and what is
/// read decides, not how.
const UNDECIDING: [&str; 5] = ["checkpoint-interval", "max-iter", "valid-cfgs", "species", "reading"];

/// The options of a training that decide its numbers.
pub(super) fn deciding<T: Serialize + Default>(options: &T) -> Result<Options, Error> {
    let table = |options: &T| match serde_json::to_value(options) {
        Ok(Value::Object(mut table)) => {
            table.retain(|key, _| !UNDECIDING.contains(&key.as_str()));
            Ok(table)
        }
        Ok(_) => Err(Error::new(ErrorKind::Bug, "the options of a training are no table")),
        // Names of files are the only options that can hold it.
        Err(error) => Err(Error::new(ErrorKind::Argument, format!("the options of a training: {error}"))
            .hint("checkpoints store file names: rename the file, or use a link to it")),
    };
    Ok(Options::new(table(options)?, &table(&T::default())?))
}

fn fit_settings(options: &TrainingOptions) -> FitSettings {
    let fit = &options.fit;
    let frozen = |block| fit.freeze.contains(&block);
    let infinite = |threshold: Option<f64>| threshold.unwrap_or(f64::INFINITY);
    FitSettings {
        method: fit.method,
        steps: fit.max_iter,
        tolerance: fit.bfgs_conv_tol,
        patience: fit.patience,
        random: options.init_params == Some(InitParams::Random),
        starts: fit.starts,
        skip_linear: fit.skip_preinit,
        seed: fit.seed,
        frozen: Frozen {
            radial: frozen(Block::Radial),
            species: frozen(Block::Species),
            moment: frozen(Block::Moment),
        },
        species_energies: (!fit.species_energies.is_empty()).then(|| fit.species_energies.clone()),
        huber: Huber {
            energy: infinite(fit.huber_energy),
            force: infinite(fit.huber_force),
            stress: infinite(fit.huber_stress),
        },
        ridge: fit.ridge,
        ..FitSettings::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{FitOptions, parsed};
    use crate::training::Identity;

    #[test]
    fn what_does_not_decide_the_numbers_may_differ() {
        let of = |text: &str| deciding(&parsed::<TrainingOptions>(text).unwrap()).unwrap();
        assert_eq!(of("max-iter = 7\nvalid-cfgs = [\"b.cfg\"]\ncheckpoint-interval = 3.0"), of(""));
        assert_ne!(of("ridge = 0.5"), of(""));
    }

    #[test]
    fn checkpoints_and_searches_of_earlier_programs_go_on() {
        let of = |options: Options| Identity { options, ..Identity::default() };
        // As a program wrote them that had the options in several places.
        let common = r#""accept-outliers":false,"bfgs-conv-tol":0.001,"group":"auto","method":"gauss-newton","repulsion":0.0,
            "scale-by-force":0.0,"seed":1,"skip-preinit":false,"update-mindist":false,"weighting":"vibrations""#;
        let at_default = r#""accept-outliers","bfgs-conv-tol","group","method","repulsion","scale-by-force","seed","skip-preinit",
            "update-mindist","weighting""#;
        let before = |values: &str, defaults: &str| {
            let text = format!(r#"{{"values":{{{common},{values}}},"at_default":[{at_default}{defaults}]}}"#);
            of(serde_json::from_str(&text).unwrap())
        };
        let training = before(
            r#""energy-weight":1.0,"force-weight":0.01,"freeze":["species"],"ridge":1e-6,"starts":1000,
                "stress-weight":0.001,"valid-fraction":0.2"#,
            r#","energy-weight","force-weight","stress-weight""#,
        );
        let typed = "valid-fraction = 0.2\nstarts = 1000\nridge = 1e-6\nfreeze = [\"species\"]\n";
        let now = |more: &str| {
            of(deciding(&parsed::<TrainingOptions>(&format!("{typed}{more}")).unwrap()).unwrap())
        };
        assert_eq!(now("").options.values, training.options.values);
        assert_eq!(now("").change_from(&training), None);
        assert_eq!(now("seed = 2").change_from(&training).unwrap().what, "seed");
        let search = before(
            r#""folds":2,"ridge":0.0,"starts":1,"valid-fraction":0.0"#,
            r#","ridge","valid-fraction""#,
        );
        let now = |folds| {
            of(deciding(&FitOptions { folds: Some(folds), starts: 1, ..FitOptions::default() }).unwrap())
        };
        assert_eq!(now(2).change_from(&search), None);
        assert_eq!(now(3).change_from(&search).unwrap().what, "folds");
    }
}
