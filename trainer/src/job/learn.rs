//! `mtprs learn` as the program needs it: the job file with its paths resolved and its values checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mtprs_core::{Error, ErrorKind, Place};

use super::learn_labels::labels;
use super::{RunSettings, TrainJob, usage_error};
use crate::cli::{
    FitOptions, LearnArguments, LearnOptions, RunOptions, TrainOptions, TrainingOptions, Value,
};
use crate::learning::{LabelSettings, md_run, template};

/// Thirty years.
const MOST_SECONDS: f64 = 1e9;

/// A loop.
#[derive(Clone, Debug)]
pub struct LearnJob {
    /// The job file as it stands, with the defaults.
    pub options: LearnOptions,
    /// Where labels come from.
    pub labels: LabelSettings,
    /// Folder of the job file.
    base: PathBuf,
    /// Threads and progress.
    pub run: RunSettings,
}

impl LearnJob {
    /// Reads and checks the job file of a call.
    pub fn load(call: &LearnArguments) -> Result<Self, clap::Error> {
        let wrong = |message: String| {
            let place = Place { file: call.job.display().to_string(), line: 0, column: 0 };
            usage_error(Error::new(ErrorKind::Argument, message).at(place))
        };
        let options = LearnOptions::load(&call.job).map_err(usage_error)?;
        let base = call.job.parent().unwrap_or(Path::new("")).to_owned();
        check(&options).map_err(wrong)?;
        let labels = labels(&options.labels, &base).map_err(wrong)?;
        let job = Self { options, labels, base, run: call.run.into() };
        job.training(Path::new(""), Path::new("pot.mtp"), Vec::new())?;
        Ok(job)
    }

    /// A path of the job file.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }

    /// Folder of the job file from the root, for commands that run elsewhere.
    pub fn absolute_base(&self) -> String {
        absolute(&self.base).display().to_string()
    }

    /// Folder with the state of the loop.
    pub fn folder(&self) -> PathBuf {
        self.path(&self.options.folder)
    }

    /// Refuses a folder that is no loop's and has files of the names that a loop writes. `lock` is what a loop makes first.
    pub fn check_folder(&self, journal: &str) -> Result<(), Error> {
        let folder = self.folder();
        if ["lock", journal].iter().any(|name| folder.join(name).exists()) {
            return Ok(());
        }
        match WRITTEN.iter().map(|name| folder.join(name)).find(|path| path.exists()) {
            None => Ok(()),
            Some(path) => {
                let message = "it exists, and the loop would overwrite it";
                let error = Error::new(ErrorKind::Io, message).in_file(&path.display().to_string());
                Err(error.hint("set another folder in the job"))
            }
        }
    }

    /// The training of a cycle in its folder, which goes on from its checkpoint if there is one.
    pub fn training(
        &self,
        folder: &Path,
        potential: &Path,
        training_sets: Vec<PathBuf>,
    ) -> Result<TrainJob, clap::Error> {
        let given = &self.options.training;
        let valid_cfgs = given.fit.valid_cfgs.iter().map(|path| self.path(path)).collect();
        let options = TrainOptions {
            trained_pot_name: folder.join("pot.mtp"),
            checkpoint: Some(folder.join("training.checkpoint")),
            curr_pot_name: None,
            training: TrainingOptions {
                fit: FitOptions { valid_cfgs, ..given.fit.clone() },
                ..given.clone()
            },
        };
        let json = folder.join("training.json");
        TrainJob::part_of(potential.to_owned(), training_sets, json, options, self.run)
    }
}

/// What a loop writes into its folder.
const WRITTEN: [&str; 9] = [
    "start",
    "trial",
    "training.cfg",
    "pot.mtp",
    "pot.mtps",
    "cycles",
    "rejected.cfg",
    "rejected.txt",
    "report.html",
];

/// A path from the root.
pub fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Names that the input script gets anyway.
pub const RESERVED: [&str; 15] = [
    "potential",
    "state",
    "save",
    "structure",
    "elements",
    "mode",
    "select",
    "break",
    "every",
    "plugin",
    "seed",
    "steps",
    "timestep",
    "run",
    "cycle",
];

/// A time that clocks can reach.
pub(super) fn seconds(name: &str, value: f64) -> Result<Duration, String> {
    match value > 0.0 && value <= MOST_SECONDS {
        true => Ok(Duration::from_secs_f64(value)),
        false => {
            Err(format!("{name}: expected a number of seconds above 0, up to {MOST_SECONDS:e}, got {value}"))
        }
    }
}

fn positive(name: &str, value: f64) -> Result<(), String> {
    match value > 0.0 && value.is_finite() {
        true => Ok(()),
        false => Err(format!("{name}: expected a positive number, got {value}")),
    }
}

fn check(options: &LearnOptions) -> Result<(), String> {
    let LearnOptions { grades, selection, lammps, runs, .. } = options;
    if options.training_sets.is_empty() {
        return Err("training-sets: expected at least one file".into());
    }
    if options.unbroken_cycles == 0 {
        return Err("unbroken-cycles: expected one or more, got 0".into());
    }
    positive("grades.select", grades.select)?;
    if !(grades.break_at >= grades.select && grades.break_at.is_finite()) {
        let (break_at, select) = (grades.break_at, grades.select);
        return Err(format!("grades.break: expected a number from select ({select}) up, got {break_at}"));
    }
    if grades.every == 0 {
        return Err("grades.every: expected one or more, got 0".into());
    }
    if !(selection.threshold >= 1.0 && selection.threshold.is_finite()) {
        return Err(format!("selection.threshold: expected a number from 1 up, got {}", selection.threshold));
    }
    if let Some(distance) = selection.min_distance.filter(|distance| *distance < 0.0 || !distance.is_finite())
    {
        return Err(format!("selection.min-distance: expected a number from 0 up, got {distance}"));
    }
    positive("lammps.timestep", lammps.timestep)?;
    if let Some(limit) = lammps.time_limit {
        seconds("lammps.time-limit", limit)?;
    }
    if lammps.parallel == 0 {
        return Err("lammps.parallel: expected one or more, got 0".into());
    }
    template::fill(&lammps.command, &[("input", ""), ("job", "")])
        .map_err(|message| format!("lammps.command: {message}"))?;
    if !template::has(&lammps.command, "input") {
        return Err("lammps.command: expected {input} where the input script goes".into());
    }
    check_variables("lammps.variables", &lammps.variables)?;
    check_runs(runs)
}

fn check_runs(runs: &[RunOptions]) -> Result<(), String> {
    if runs.is_empty() {
        return Err("runs: expected at least one run".into());
    }
    for (index, run) in runs.iter().enumerate() {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.+".contains(letter);
        if run.name.is_empty() || run.name.starts_with('.') || !run.name.chars().all(is_plain) {
            return Err(format!(
                "runs: expected a name of letters, digits, _, -, . and +, got \"{}\"",
                run.name
            ));
        }
        if runs[..index].iter().any(|other| other.name == run.name) {
            return Err(format!("runs: two have the name {}", run.name));
        }
        positive(&format!("runs.time of {}", run.name), run.time)?;
        if let Some(timestep) = run.timestep {
            positive(&format!("runs.timestep of {}", run.name), timestep)?;
        }
        check_variables(&format!("runs.variables of {}", run.name), &run.variables)?;
    }
    Ok(())
}

fn check_variables(place: &str, variables: &BTreeMap<String, Value>) -> Result<(), String> {
    for (name, value) in variables {
        if RESERVED.contains(&name.as_str()) {
            return Err(format!("{place}: {name} is set by mtprs"));
        }
        if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            return Err(format!("{place}: expected a name of letters, digits and _, got \"{name}\""));
        }
        md_run::variable(name, &value.to_string())
            .map_err(|error| format!("{place}: {}", error.message()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Mode, RunArguments};

    const JOB: &str = "potential = \"pot.mtp\"\ntraining-sets = [\"a.cfg\"]\n[lammps]\ninput = \"in.md\"\n\
                       [[runs]]\nname = \"cold\"\nstructure = \"a.data\"\ntime = 1.0\n\
                       [labels]\nkind = \"command\"\ncommand = \"dft {input} {output}\"\n";

    fn load(text: &str) -> Result<LearnJob, String> {
        let number = text.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let path = std::env::temp_dir().join(format!("mtprs-learn-{}-{number}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let call = LearnArguments {
            job: path.clone(),
            resume: false,
            retry: false,
            status: false,
            json: false,
            wide: false,
            print_job: false,
            run: RunArguments::default(),
        };
        let job = LearnJob::load(&call).map_err(|error| error.to_string());
        std::fs::remove_file(path).unwrap();
        job
    }

    #[test]
    fn a_short_job_has_defaults_and_can_be_written() {
        let job = load(JOB).unwrap();
        assert_eq!((job.options.grades.select, job.options.grades.break_at), (2.1, 10.0));
        assert!(job.options.grades.mode == Mode::Neighborhood && job.labels.retries == 1);
        let again = load(&job.options.to_toml().unwrap()).unwrap();
        assert_eq!(again.options, job.options);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (from, to, expected) in [
            ("time = 1.0", "tiem = 1.0", ".toml:8:1: unknown field `tiem`"),
            ("time = 1.0", "tiem = 1.0", "did you mean time?"),
            ("training-sets", "training-set", "did you mean training-sets?"),
            ("kind = \"command\"", "kind = \"comand\"", "did you mean command?"),
            ("time = 1.0", "time = \"long\"", ".toml:8:8: invalid type: string \"long\", expected a number"),
            ("time = 1.0", "time = 0.0", "runs.time of cold: expected a positive number, got 0"),
            ("{input} {output}", "{inputs}", "labels.command: unknown placeholder {inputs}"),
            (
                "command = \"dft",
                "templates = [\"INCAR\"]\ncommand = \"dft",
                "labels.templates cannot be used with",
            ),
            ("kind = \"command\"", "kind = \"python\"", "labels.command cannot be used with the kind python"),
            (
                "time = 1.0",
                "time = 1.0\nvariables = { seed = 1 }",
                "runs.variables of cold: seed is set by mtprs",
            ),
            (
                "time = 1.0",
                "time = 1.0\nvariables = { u = \"a\\\"b\" }",
                "runs.variables of cold: variable u: expected a text without quotes",
            ),
            (
                "input = \"in.md\"",
                "input = \"in.md\"\ntime-limit = 1e300",
                "lammps.time-limit: expected a number of seconds above 0, up to 1e9, got 1",
            ),
            (
                "potential =",
                "training = 5\npotential =",
                ".toml:1:12: training: expected a table, got integer",
            ),
            (
                "[labels]",
                "[training]\nfolds = 3\n[labels]",
                "training.folds: mtprs learn does not cross-validate",
            ),
            (
                "[labels]",
                "[training]\nmax-iter = -3\n[labels]",
                ".toml:10:12: invalid value '-3' for '--max-iter <STEPS>'",
            ),
            (
                "[labels]",
                "[grades]\nbreak = 1\n[labels]",
                "grades.break: expected a number from select (2.1) up",
            ),
            ("name = \"cold\"", "name = \"a/b\"", "expected a name of letters"),
        ] {
            let message = load(&JOB.replacen(from, to, 1)).unwrap_err();
            assert!(message.contains(expected), "{to}: {message}");
        }
    }
}
