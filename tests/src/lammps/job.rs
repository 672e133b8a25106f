//! One run of LAMMPS: a folder of its own, input files, ranks, a time limit, and what came out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use mtprs_core::format::save_potential;
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;

use super::dump::{Frame, read_dump};
use super::installation::Lammps;
use crate::process::{self, End, TIME_LIMIT};
use mtprs_testing::active_set;
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic::three_species;
use mtprs_testing::{read_cfg, scratch};

/// A run being prepared. Its folder is emptied first and left behind for a look afterwards.
#[derive(Debug)]
pub struct Job {
    lammps: Lammps,
    folder: PathBuf,
    ranks: usize,
    arguments: Vec<String>,
    preparation: String,
    time_limit: Duration,
}

impl Job {
    /// A run of the current LAMMPS; `name` must be different for every job of the tests.
    pub fn new(name: &str) -> Self {
        Self::on(&Lammps::current(), name)
    }

    /// A run of some LAMMPS.
    ///
    /// # Panics
    /// If another job has this name: both would be in one folder, perhaps at the same time.
    pub fn on(lammps: &Lammps, name: &str) -> Self {
        static NAMES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let new = NAMES.lock().expect("no insertion panics").insert(name.to_owned());
        assert!(new, "two jobs are called {name}");
        let folder = scratch(&format!("lammps/{name}"));
        Self {
            lammps: lammps.clone(),
            folder,
            ranks: 1,
            arguments: Vec::new(),
            preparation: String::new(),
            time_limit: TIME_LIMIT,
        }
    }

    /// Number of MPI ranks.
    #[must_use]
    pub fn ranks(mut self, ranks: usize) -> Self {
        self.ranks = ranks;
        self
    }

    /// Further arguments of `lmp`.
    #[must_use]
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(ToString::to_string).collect();
        self
    }

    /// Shell commands that every rank runs before it becomes LAMMPS, with the same process number (`$$`) and with its
    /// rank in `$PMI_RANK` if there are several.
    #[must_use]
    pub fn preparation(mut self, commands: &str) -> Self {
        commands.clone_into(&mut self.preparation);
        self
    }

    /// Another time limit.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Puts a file into the folder.
    #[must_use]
    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
        self
    }

    /// Puts a potential into the folder.
    #[must_use]
    pub fn potential(self, name: &str, potential: &Potential) -> Self {
        save_potential(potential, &self.folder.join(name)).expect("a potential of a test can be written");
        self
    }

    /// Puts a structure into the folder, as a LAMMPS data file.
    #[must_use]
    pub fn structure(self, name: &str, structure: &Structure) -> Self {
        self.file(name, structure.to_data_file())
    }

    /// Puts `crystal.lmp` and the potential of most tests, `crystal.mtp`, into the folder.
    #[must_use]
    pub fn crystal(self, structure: &Structure) -> Self {
        self.structure("crystal.lmp", structure).potential("crystal.mtp", &three_species(5.0))
    }

    /// Puts a selection state of that potential into the folder.
    #[must_use]
    pub fn state(self, name: &str, mode: GradeMode) -> Self {
        static FILES: [OnceLock<Vec<u8>>; 2] = [const { OnceLock::new() }; 2];
        let file = &FILES[usize::from(mode == GradeMode::Neighborhood)];
        self.file(name, file.get_or_init(|| active_set::file(&three_species(5.0), mode, 5)))
    }

    /// The folder of the run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a script with the plugin loaded; it must succeed.
    pub fn run(&self, script: &str) -> Finished {
        let finished = self.run_bare(&format!("{}\n{script}", self.plugin_load()));
        finished.assert_success();
        finished
    }

    /// Runs a script with the plugin loaded; it must end with an error of LAMMPS, on all ranks, and without a crash.
    /// Returns the output.
    pub fn fail(&self, script: &str) -> String {
        let finished = self.run_bare(&format!("{}\n{script}", self.plugin_load()));
        finished.assert_orderly_failure();
        finished.output
    }

    /// The command that loads the plugin.
    pub fn plugin_load(&self) -> String {
        format!("plugin load {}", self.lammps.plugin().display())
    }

    /// Runs a script as it stands; it must end within the time limit.
    pub fn run_bare(&self, script: &str) -> Finished {
        fs::write(self.folder.join("in.lammps"), script).expect("the folder of a job can be written to");
        let output_file = self.folder.join("output");
        let end = process::run(&mut self.command(), &output_file, self.time_limit);
        let read = |path: PathBuf| fs::read(path).map(|text| String::from_utf8_lossy(&text).into_owned());
        let mut output = String::new();
        for rank in 0..if self.ranks == 1 { 0 } else { self.ranks } {
            // a rank that never came to life has no file
            output += &read(self.folder.join(format!("output.{rank}"))).unwrap_or_default();
        }
        output += &read(output_file).expect("the output was written");
        let End::Exited(status) = end else {
            panic!(
                "hang: {} was still running after {:?}\n{}",
                self.folder.display(),
                self.time_limit,
                tail(&output)
            );
        };
        Finished { folder: self.folder.clone(), code: status.code(), output }
    }

    /// What one partition of a finished run with `-partition` left behind; its output is in a file of its own.
    pub fn partition(&self, index: usize) -> Finished {
        let file = self.folder.join(format!("screen.{index}"));
        let output = fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
        Finished { folder: self.folder.clone(), code: Some(0), output }
    }

    fn command(&self) -> Command {
        let become_lammps = format!("{}\nexec \"$0\" \"$@\"", self.preparation);
        let mut command = if self.ranks == 1 {
            let mut command = Command::new("sh");
            command.args(["-c", &become_lammps]);
            command
        } else {
            // every rank has a file of its own: mpiexec forwards output through pipes, and when a rank aborts on a busy
            // machine it may end before it has forwarded the error message
            let mut command = Command::new(self.lammps.mpiexec());
            command.arg("-n").arg(self.ranks.to_string());
            command.args(["sh", "-c", &format!("{become_lammps} > output.$PMI_RANK 2>&1")]);
            command
        };
        command.arg(self.lammps.program());
        command.args(["-in", "in.lammps", "-log", "log.lammps", "-nocite"]).args(&self.arguments);
        command.current_dir(&self.folder);
        // libmpi first, so that a wheel without an MPI of its own finds that of the wheel mpich
        command.env("LD_LIBRARY_PATH", self.lammps.libraries());
        command.env("OMP_NUM_THREADS", "1");
        command.env_remove("LAMMPS_PLUGIN_PATH").env_remove("LAMMPS_POTENTIALS");
        command
    }
}

/// What a run left behind.
#[derive(Debug)]
pub struct Finished {
    /// Folder of the run.
    pub folder: PathBuf,
    /// Exit code; `None` if a signal ended the program.
    pub code: Option<i32>,
    /// Standard output and standard error of all ranks.
    pub output: String,
}

impl Finished {
    /// Fails unless the exit code is zero.
    pub fn assert_success(&self) {
        assert_eq!(self.code, Some(0), "{} failed:\n{}", self.folder.display(), tail(&self.output));
    }

    /// Fails unless LAMMPS stopped with an error of its own. A crash ends with a signal, which mpiexec reports.
    pub fn assert_orderly_failure(&self) {
        let folder = self.folder.display();
        let tail = tail(&self.output);
        let code = self.code.unwrap_or_else(|| panic!("{folder} was ended by a signal:\n{tail}"));
        assert!(code != 0, "{folder} succeeded, but an error was expected:\n{tail}");
        for sign in ["EXIT STRING", "egmentation", "panicked", "terminate called"] {
            assert!(!self.output.contains(sign), "{folder} crashed ({sign}):\n{tail}");
        }
        assert!(
            self.output.contains("ERROR"),
            "{folder} ended with {code} and without an error message:\n{tail}"
        );
    }

    /// The number that follows `name` at the start of the last line that begins so (from `print "name $(…)"`).
    pub fn number(&self, name: &str) -> f64 {
        self.numbers(name)[0]
    }

    /// The numbers that follow `name` in the last line that begins with it.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        let rest = self.output.lines().rev().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let rest = rest.unwrap_or_else(|| {
            panic!("no line {name} in {}:\n{}", self.folder.display(), tail(&self.output))
        });
        rest.split_whitespace().map(|word| parse(word, &self.folder)).collect()
    }

    /// A column of the `thermo` tables of the output that have it, one table after the other.
    pub fn thermo(&self, column: &str) -> Vec<f64> {
        let mut values = Vec::new();
        let mut position = None;
        for line in self.output.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if words.first() == Some(&"Step") {
                position = words.iter().position(|word| *word == column);
            } else if line.starts_with("Loop time") {
                position = None;
            } else if let Some(position) = position {
                // warnings may stand between the rows
                if words.first().is_some_and(|word| word.parse::<u64>().is_ok()) {
                    values.push(parse(words[position], &self.folder));
                }
            }
        }
        assert!(
            !values.is_empty(),
            "no thermo output {column} in {}:\n{}",
            self.folder.display(),
            tail(&self.output)
        );
        values
    }

    /// The frames of a dump file (`dump custom` with an id column).
    pub fn dump(&self, name: &str) -> Vec<Frame> {
        read_dump(&self.folder.join(name))
    }

    /// The frames that were saved in `saved.cfg`.
    pub fn saved(&self) -> Vec<Configuration> {
        read_cfg(&self.folder.join("saved.cfg"))
    }

    /// The text of a file of the run.
    pub fn text(&self, name: &str) -> String {
        let path = self.folder.join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
    }
}

/// A feature of a saved frame that is a number.
pub fn feature_number(frame: &Configuration, name: &str) -> f64 {
    let value = frame.feature(name).unwrap_or_else(|| panic!("a saved frame has no feature {name}"));
    value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}"))
}

fn parse(word: &str, folder: &Path) -> f64 {
    word.parse()
        .unwrap_or_else(|_| panic!("expected a number in the output of {}, got {word}", folder.display()))
}

fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
