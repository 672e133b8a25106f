//! `mtprs learn` as the program needs it: the job file with its paths resolved and its values checked.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mtprs_core::{Error, ErrorKind, Place};

use super::{RunSettings, TrainJob, usage_error};
use crate::cli::{
    GradeModeName, LabelKind, LabelOptions, LearnArguments, LearnOptions, OnFailure, RunArguments,
    TrainArguments, TrainOptions,
};
use crate::learning::template;

/// What was typed.
#[derive(Clone, Debug)]
pub struct LearnCall {
    /// The job file.
    pub job: PathBuf,
    /// Whether a loop must be there to go on with.
    pub resume: bool,
    /// Whether frames that were set aside are to be labeled again.
    pub retry: bool,
    /// Whether only to tell what has been done.
    pub status: bool,
    /// Whether only to print the job.
    pub print_job: bool,
    /// Threads and progress.
    pub run: RunSettings,
}

/// A loop.
#[derive(Clone, Debug)]
pub struct LearnJob {
    /// The job file as it stands, with the defaults.
    pub options: LearnOptions,
    /// Where labels come from.
    pub labels: LabelJob,
    /// Folder of the job file.
    base: PathBuf,
    /// Threads and progress.
    pub run: RunSettings,
}

/// Where labels come from, and what is believed.
#[derive(Clone, Debug)]
pub struct LabelJob {
    /// Who computes them.
    pub source: LabelSource,
    /// Further attempts after the first.
    pub retries: u64,
    /// What happens once a frame has failed for the last time.
    pub on_failure: OnFailure,
    /// Largest share of the frames of a cycle that may be set aside.
    pub most_failures: f64,
    /// Largest force (length) that is believed, eV/Å.
    pub max_force: f64,
}

/// Who computes labels.
#[derive(Clone, Debug)]
pub enum LabelSource {
    /// A program that is called here.
    Command(CommandLabels),
    /// Somebody else.
    Directory(DirectoryLabels),
}

/// A program that reads a file of frames and writes one with labels.
#[derive(Clone, Debug)]
pub struct CommandLabels {
    /// Shell command with its places.
    pub command: String,
    /// Name of the file of frames.
    pub input: String,
    /// Name of the file with labels.
    pub output: String,
    /// Frames for each call.
    pub batch_size: usize,
    /// Calls at the same time.
    pub parallel: usize,
    /// After which a call is ended.
    pub time_limit: Option<Duration>,
    /// The calculator, if the program is the script of mtprs itself.
    pub calculator: Option<Calculator>,
}

/// A calculator of ASE.
#[derive(Clone, Debug)]
pub struct Calculator {
    /// Import path.
    pub path: String,
    /// Keyword arguments.
    pub arguments: serde_json::Map<String, serde_json::Value>,
}

/// Folders that somebody else works in.
#[derive(Clone, Debug)]
pub struct DirectoryLabels {
    /// Files that are copied into every folder.
    pub templates: Vec<PathBuf>,
    /// POTCAR of each element.
    pub potcar: Vec<(String, PathBuf)>,
    /// How long to wait between two looks; `None` to end when labels are missing.
    pub poll: Option<Duration>,
}

pub(super) fn learn(arguments: LearnArguments) -> LearnCall {
    let LearnArguments { job, resume, retry, status, print_job, run } = arguments;
    LearnCall { job, resume, retry, status, print_job, run: run.into() }
}

impl LearnJob {
    /// Reads and checks the job file of a call.
    pub fn load(call: &LearnCall) -> Result<Self, clap::Error> {
        let wrong = |message: String| {
            let place = Place { file: call.job.display().to_string(), line: 0, column: 0 };
            usage_error("learn", Error::new(ErrorKind::Argument, message).at(place))
        };
        let options = LearnOptions::load(&call.job).map_err(|error| usage_error("learn", error))?;
        let base = call.job.parent().unwrap_or(Path::new("")).to_owned();
        check(&options).map_err(wrong)?;
        let labels = labels(&options.labels, &base).map_err(wrong)?;
        let job = Self { options, labels, base, run: call.run };
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

    /// Whether single atoms get grades.
    pub fn is_by_neighborhood(&self) -> bool {
        self.options.grades.mode == GradeModeName::Neighborhood
    }

    /// The training of a cycle in its folder, which goes on from its checkpoint if there is one.
    pub fn training(
        &self,
        folder: &Path,
        potential: &Path,
        training_sets: Vec<PathBuf>,
    ) -> Result<TrainJob, clap::Error> {
        let given = &self.options.training;
        let options = TrainOptions {
            trained_pot_name: Some(folder.join("pot.mtp")),
            checkpoint: Some(folder.join("training.checkpoint")),
            valid_cfgs: given.valid_cfgs.iter().map(|path| self.path(path)).collect(),
            ..given.clone()
        };
        TrainJob::of_command(
            "learn",
            TrainArguments {
                potential: potential.to_owned(),
                training_sets,
                job: None,
                print_job: false,
                resume: true,
                report: None,
                report_json: Some(folder.join("training.json")),
                by: None,
                options,
                run: RunArguments {
                    threads: std::num::NonZeroUsize::new(self.run.threads),
                    quiet: self.run.quiet,
                },
            },
        )
    }
}

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

fn check(options: &LearnOptions) -> Result<(), String> {
    let LearnOptions { grades, selection, lammps, runs, .. } = options;
    let positive = |name: &str, value: f64| match value > 0.0 && value.is_finite() {
        true => Ok(()),
        false => Err(format!("{name}: expected a positive number, got {value}")),
    };
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
        positive("lammps.time-limit", limit)?;
    }
    if lammps.parallel == 0 {
        return Err("lammps.parallel: expected one or more, got 0".into());
    }
    template::fill(&lammps.command, &[("input", ""), ("job", "")])
        .map_err(|message| format!("lammps.command: {message}"))?;
    if !template::has(&lammps.command, "input") {
        return Err("lammps.command: expected a place {input} for the input script".into());
    }
    check_variables("lammps.variables", lammps.variables.keys())?;
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
            return Err(format!("runs: there are two of the name {}", run.name));
        }
        positive(&format!("runs.time of {}", run.name), run.time)?;
        if let Some(timestep) = run.timestep {
            positive(&format!("runs.timestep of {}", run.name), timestep)?;
        }
        check_variables(&format!("runs.variables of {}", run.name), run.variables.keys())?;
    }
    check_training(&options.training)
}

fn check_variables<'a>(place: &str, names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    for name in names {
        if RESERVED.contains(&name.as_str()) {
            return Err(format!("{place}: {name} is set by mtprs"));
        }
        if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            return Err(format!("{place}: expected a name of letters, digits and _, got \"{name}\""));
        }
    }
    Ok(())
}

/// Refuses options of a training that a loop sets itself.
fn check_training(training: &TrainOptions) -> Result<(), String> {
    let foreign = [
        ("trained-pot-name", training.trained_pot_name.is_some()),
        ("curr-pot-name", training.curr_pot_name.is_some()),
        ("checkpoint", training.checkpoint.is_some()),
    ];
    if let Some((name, _)) = foreign.into_iter().find(|(_, is_set)| *is_set) {
        return Err(format!("training.{name}: the files of a loop have their places"));
    }
    if training.folds.is_some() {
        return Err("training.folds: a loop does not cross-validate; use valid-cfgs or valid-fraction".into());
    }
    Ok(())
}

/// What the table `labels` asks for.
fn labels(options: &LabelOptions, base: &Path) -> Result<LabelJob, String> {
    check_keys(options)?;
    if !(0.0..=1.0).contains(&options.most_failures) {
        return Err(format!(
            "labels.most-failures: expected a share from 0 to 1, got {}",
            options.most_failures
        ));
    }
    let max_force = options.max_force;
    if max_force <= 0.0 || max_force.is_nan() {
        return Err(format!("labels.max-force: expected a positive number, got {max_force}"));
    }
    let source = match options.kind {
        LabelKind::Command => {
            let command = options.command.clone().ok_or("labels.command: expected a command, got none")?;
            LabelSource::Command(command_labels(options, command, None)?)
        }
        LabelKind::Python => LabelSource::Command(python_labels(options, base)?),
        LabelKind::Directory => {
            let poll = options.poll.unwrap_or(60.0);
            if !(poll > 0.0 && poll.is_finite()) {
                return Err(format!("labels.poll: expected a positive number of seconds, got {poll}"));
            }
            LabelSource::Directory(DirectoryLabels {
                templates: options.templates.iter().map(|path| base.join(path)).collect(),
                potcar: options
                    .potcar
                    .iter()
                    .map(|(element, path)| (element.clone(), base.join(path)))
                    .collect(),
                poll: options.wait.unwrap_or(false).then(|| Duration::from_secs_f64(poll)),
            })
        }
    };
    let retries = options.retries.unwrap_or(u64::from(options.kind != LabelKind::Directory));
    Ok(LabelJob {
        source,
        retries,
        on_failure: options.on_failure,
        most_failures: options.most_failures,
        max_force: options.max_force,
    })
}

/// Refuses keys that belong to another kind.
fn check_keys(options: &LabelOptions) -> Result<(), String> {
    use LabelKind::{Command, Directory, Python};
    let called: &[LabelKind] = &[Command, Python];
    let keys: [(&str, bool, &[LabelKind]); 15] = [
        ("command", options.command.is_some(), &[Command]),
        ("input", options.input.is_some(), &[Command]),
        ("output", options.output.is_some(), &[Command]),
        ("batch-size", options.batch_size.is_some(), called),
        ("parallel", options.parallel.is_some(), called),
        ("time-limit", options.time_limit.is_some(), called),
        ("templates", !options.templates.is_empty(), &[Directory]),
        ("potcar", !options.potcar.is_empty(), &[Directory]),
        ("wait", options.wait.is_some(), &[Directory]),
        ("poll", options.poll.is_some(), &[Directory]),
        ("python", options.python.is_some(), &[Python]),
        ("calculator", options.calculator.is_some(), &[Python]),
        ("arguments", !options.arguments.is_empty(), &[Python]),
        ("command", options.kind == Command && options.command.is_none(), &[]),
        ("calculator", options.kind == Python && options.calculator.is_none(), &[]),
    ];
    let kind = format!("{:?}", options.kind).to_lowercase();
    for (key, is_there, kinds) in keys {
        if is_there && kinds.is_empty() {
            return Err(format!("labels.{key} is missing: the kind {kind} needs it"));
        }
        if is_there && !kinds.contains(&options.kind) {
            return Err(format!("labels.{key} does not go with the kind {kind}"));
        }
    }
    Ok(())
}

fn command_labels(
    options: &LabelOptions,
    command: String,
    calculator: Option<Calculator>,
) -> Result<CommandLabels, String> {
    let (input, output) = match calculator {
        Some(_) => ("input.xyz", "output.xyz"),
        None => ("input.cfg", "output.cfg"),
    };
    let input = options.input.clone().unwrap_or_else(|| input.to_owned());
    let output = options.output.clone().unwrap_or_else(|| output.to_owned());
    for (key, name) in [("input", &input), ("output", &output)] {
        if name.is_empty() || name.contains(['/', '\\']) {
            return Err(format!("labels.{key}: expected the name of a file without folders, got \"{name}\""));
        }
    }
    if input == output {
        return Err(format!("labels.output: expected another file than the input, {input}"));
    }
    let format = crate::structure_files::Format::of_name(&input).filter(|format| format.is_written());
    let Some(format) = format else {
        return Err(format!(
            "labels.input: expected a name that says .cfg, extended XYZ, POSCAR or LAMMPS data, got {input}"
        ));
    };
    template::fill(&command, &[("input", ""), ("output", ""), ("job", "")])
        .map_err(|message| format!("labels.command: {message}"))?;
    let batch_size = options.batch_size.unwrap_or(usize::from(calculator.is_none()));
    if batch_size != 1 && !format.holds_many() {
        return Err(format!("labels.batch-size: {} holds one frame, so it must be 1", format.name()));
    }
    let time_limit = options.time_limit;
    if let Some(limit) = time_limit.filter(|limit| !(*limit > 0.0 && limit.is_finite())) {
        return Err(format!("labels.time-limit: expected a positive number of seconds, got {limit}"));
    }
    let parallel = options.parallel.unwrap_or(1);
    if parallel == 0 {
        return Err("labels.parallel: expected one or more, got 0".into());
    }
    Ok(CommandLabels {
        command,
        input,
        output,
        batch_size: if batch_size == 0 { usize::MAX } else { batch_size },
        parallel,
        time_limit: time_limit.map(Duration::from_secs_f64),
        calculator,
    })
}

/// The script of mtprs with a calculator.
fn python_labels(options: &LabelOptions, base: &Path) -> Result<CommandLabels, String> {
    let path = options.calculator.clone().unwrap_or_default();
    if !path.contains(['.', ':']) {
        return Err(format!("labels.calculator: expected module.Class or module:function, got \"{path}\""));
    }
    let python = options.python.clone().unwrap_or_else(|| "python3".into());
    // A name without folders is looked for on the path; it is not resolved further: a link in a virtual environment
    // says where its packages are.
    let python = if python.components().count() > 1 { absolute(&base.join(python)) } else { python };
    let python = template::quoted(&python.display().to_string()).replace('{', "{{").replace('}', "}}");
    let calculator = Calculator { path, arguments: options.arguments.clone() };
    command_labels(options, format!("{python} label.py {{input}} {{output}}"), Some(calculator))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = "potential = \"pot.mtp\"\ntraining-sets = [\"a.cfg\"]\n[lammps]\ninput = \"in.md\"\n\
                       [[runs]]\nname = \"cold\"\nstructure = \"a.data\"\ntime = 1.0\n\
                       [labels]\nkind = \"command\"\ncommand = \"dft {input} {output}\"\n";

    fn load(text: &str) -> Result<LearnJob, String> {
        let number = text.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let path = std::env::temp_dir().join(format!("mtprs-learn-{}-{number}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let call = LearnCall {
            job: path.clone(),
            resume: false,
            retry: false,
            status: false,
            print_job: false,
            run: RunSettings { threads: 1, quiet: true },
        };
        let job = LearnJob::load(&call).map_err(|error| error.to_string());
        std::fs::remove_file(path).unwrap();
        job
    }

    #[test]
    fn a_short_job_has_defaults_and_can_be_written() {
        let job = load(JOB).unwrap();
        assert_eq!((job.options.grades.select, job.options.grades.break_at), (2.1, 10.0));
        assert!(job.is_by_neighborhood() && job.labels.retries == 1);
        let again = load(&job.options.to_toml().unwrap()).unwrap();
        assert_eq!(again.options, job.options);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (from, to, expected) in [
            ("time = 1.0", "tiem = 1.0", ".toml:8:1: unknown field `tiem`"),
            ("time = 1.0", "time = \"long\"", ".toml:8:8: invalid type: string \"long\", expected f64"),
            ("time = 1.0", "time = 0.0", "runs.time of cold: expected a positive number, got 0"),
            ("{input} {output}", "{inputs}", "labels.command: {inputs} stands for nothing"),
            (
                "command = \"dft",
                "templates = [\"INCAR\"]\ncommand = \"dft",
                "labels.templates does not go with",
            ),
            ("kind = \"command\"", "kind = \"python\"", "labels.command does not go with the kind python"),
            (
                "time = 1.0",
                "time = 1.0\nvariables = { seed = 1 }",
                "runs.variables of cold: seed is set by mtprs",
            ),
            ("[labels]", "[training]\nfolds = 3\n[labels]", "training.folds: a loop does not cross-validate"),
            ("[labels]", "[training]\nmax-iter = -3\n[labels]", "invalid value: integer `-3`, expected u64"),
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
