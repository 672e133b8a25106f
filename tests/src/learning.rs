//! `mtprs learn` as the tests run it: a folder with a job, real LAMMPS, a potential in the place of the electronic structure,
//! and the program that is started, killed, and started again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::{CfgReader, save_potential, write_configuration};
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use serde_json::Value;

use crate::lammps::Lammps;
use crate::process::{self, End};
use mtprs_testing::random::Random;
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic::{MIN_DIST, ROCK_SALT_EDGE, potential};
use mtprs_testing::workspace;

const SPECIES: [&str; 2] = ["Mg", "O"];
const CUTOFF: f64 = 4.5;
/// A loop of the tests takes some seconds; a busy machine must not make it fail.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// The input script for all runs: Langevin dynamics with grades.
const SCRIPT: &str = "plugin load ${plugin}
units metal
atom_modify map array
read_data ${structure}
pair_style mtp/rs state ${state} mode ${mode} select ${select} break ${break} every ${every} save ${save}
pair_coeff * * ${potential} ${elements}
timestep ${timestep}
velocity all create ${temperature} ${seed}
fix move all nve
fix bath all langevin ${temperature} ${temperature} 0.1 ${seed}
run ${steps}
";

/// The program that these tests start. `cargo test --workspace` builds it; after changes `cargo build --workspace --bin
/// mtprs` does.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its file");
    let folder = test.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
    let program = folder.join("mtprs");
    assert!(program.exists(), "{} is missing: run `cargo build --workspace --bin mtprs`", program.display());
    program
}

/// A folder for a loop.
#[derive(Debug)]
pub struct Bench {
    folder: PathBuf,
    lammps: Lammps,
}

/// How the program ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; 128 and more for a signal.
    pub code: i32,
    /// What it printed and said.
    pub output: String,
}

impl Bench {
    /// An empty folder.
    pub fn new(name: &str) -> Self {
        let folder = workspace().join("target/tmp/learn").join(name);
        let _absent_at_first = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the folder of a test can be made");
        Self { folder, lammps: Lammps::current() }
    }

    /// A folder with a teacher, ten frames that it labeled, an untrained potential, a structure, an input script, and
    /// `label.sh`, which asks the teacher and writes a line for each frame that it has done.
    pub fn with_teacher(name: &str) -> Self {
        let bench = Self::new(name);
        let teacher = potential(31, 6, &SPECIES, CUTOFF);
        save_potential(&teacher, &bench.path("teacher.mtp")).expect("a potential of a test can be written");
        let species = Species::named(&SPECIES).expect("the tests name elements");
        let new = Potential::untrained(6, species, MIN_DIST, CUTOFF, 4).expect("the level has a template");
        save_potential(&new, &bench.path("new.mtp")).expect("a potential of a test can be written");
        let mut evaluator = Evaluator::new(&teacher).expect("the teacher is trained");
        let mut random = Random::new(5);
        let mut text = Vec::new();
        for _ in 0..8 {
            let crystal = Structure::rock_salt([1, 1, 1], ROCK_SALT_EDGE, 2).perturbed(&mut random, 0.05);
            let mut frame = crystal.plain_configuration();
            let efs = evaluator.evaluate(&frame).expect("the crystal can be evaluated");
            efs.store_in(&mut frame, false);
            frame.set_feature("elements", "Mg O");
            write_configuration(&frame, &mut text).expect("memory can be written");
        }
        bench.write("start.cfg", &text);
        let crystal = Structure::rock_salt([1, 1, 1], ROCK_SALT_EDGE, 2);
        bench.write("crystal.data", crystal.to_data_file().replace("50.9415", "15.9999").as_bytes());
        bench.write("in.md", SCRIPT.as_bytes());
        let program = program();
        bench.script(
            "label.sh",
            &format!(
                "set -e\n'{}' evaluate -q \"$(dirname \"$0\")/teacher.mtp\" \"$1\" \"$2\"\n\
                 echo \"$2\" >> \"$(dirname \"$0\")/labeled.log\"\n",
                program.display()
            ),
        );
        bench
    }

    /// Path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &[u8]) {
        fs::write(self.path(name), text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Writes a shell script that can be run.
    pub fn script(&self, name: &str, text: &str) {
        self.write(name, format!("#!/bin/sh\n{text}").as_bytes());
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).expect("it is there");
    }

    /// Text of a file.
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Configurations of a file.
    pub fn frames(&self, name: &str) -> Vec<Configuration> {
        let frames = CfgReader::open(&self.path(name)).unwrap_or_else(|error| panic!("{error}"));
        frames.map(|frame| frame.unwrap_or_else(|error| panic!("{error}"))).collect()
    }

    /// Writes the job `NAME.toml` of a loop in the folder NAME with two runs; `more` is TOML with further keys for the top,
    /// `labels` the table of labels.
    pub fn job(&self, name: &str, more: &str, labels: &str) {
        // Labels are counted by most tests.
        let trial = if more.contains("trial = ") { "" } else { "trial = false\n" };
        let text = format!(
            "potential = \"new.mtp\"\ntraining-sets = [\"start.cfg\"]\nfolder = \"{name}\"\n{trial}{more}\n\
             [lammps]\ncommand = \"{} -in {{input}} -nocite\"\ninput = \"in.md\"\nplugin = \"{}\"\ntimestep = 0.002\n\
             [[runs]]\nname = \"cold\"\nstructure = \"crystal.data\"\ntime = 0.4\nvariables = {{ temperature = 300 }}\n\
             [[runs]]\nname = \"hot\"\nstructure = \"crystal.data\"\ntime = 0.4\nvariables = {{ temperature = 900 }}\n\
             [training]\nmax-iter = 60\nstarts = 2\ncheckpoint-interval = 0.0\n[labels]\n{labels}\n",
            self.lammps.program().display(),
            self.lammps.plugin().display(),
        );
        self.write(&format!("{name}.toml"), text.as_bytes());
    }

    /// Writes what VASP needs beside POSCAR, with a POTCAR for each element.
    pub fn write_vasp_files(&self) {
        for (file, text) in [
            ("INCAR", "NELM = 60\n"),
            ("KPOINTS", "Gamma\n"),
            ("POTCAR.Mg", "potential of Mg\n"),
            ("POTCAR.O", "potential of O\n"),
        ] {
            self.write(file, text.as_bytes());
        }
    }

    /// Makes a folder `bin` with an `srun` that notes how it was called, and with `vasp_std` and `lmp` for it.
    pub fn srun(&self) {
        fs::create_dir_all(self.path("bin")).expect("the folder of a test can be written to");
        let log = self.path("srun.log");
        self.script(
            "bin/srun",
            &format!(
                "echo \"$@\" >> '{}'\nwhile [ \"${{1#-}}\" != \"$1\" ]; do shift; done\nexec \"$@\"\n",
                log.display()
            ),
        );
        let vasp = workspace().join("tests/programs/vasp.sh");
        self.script(
            "bin/vasp_std",
            &format!(
                "MTPRS='{}' TEACHER='{}' exec '{}'\n",
                program().display(),
                self.path("teacher.mtp").display(),
                vasp.display()
            ),
        );
        self.script("bin/lmp", &format!("exec '{}' \"$@\"\n", self.lammps.program().display()));
    }

    /// The program `lmp`.
    pub fn lmp(&self) -> String {
        self.lammps.program().display().to_string()
    }

    /// The plugin of LAMMPS.
    pub fn plugin(&self) -> String {
        self.lammps.plugin().display().to_string()
    }

    /// Runs what stands for VASP in a folder.
    pub fn vasp(&self, folder: &Path) {
        let mut command = Command::new(workspace().join("tests/programs/vasp.sh"));
        command.current_dir(folder).env("MTPRS", program()).env("TEACHER", self.path("teacher.mtp"));
        command.env("LD_LIBRARY_PATH", self.lammps.libraries());
        let output = command.output().expect("a shell starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", folder.display());
    }

    /// The folders with labels to come of the last cycle of a loop, those that have none.
    pub fn open_folders(&self, name: &str) -> Vec<PathBuf> {
        let cycles = fs::read_dir(self.path(&format!("{name}/cycles"))).map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.path().join("labels"))
                .filter(|labels| labels.is_dir())
                .collect()
        });
        let cycles: Vec<PathBuf> = cycles.unwrap_or_default();
        let Some(labels) = cycles.iter().max() else { return Vec::new() };
        let entries =
            fs::read_dir(labels).expect("a folder can be listed").flatten().map(|entry| entry.path());
        let is_open = |folder: &PathBuf| {
            let hidden = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            folder.is_dir() && !hidden && !folder.join("OUTCAR").exists() && !folder.join("FAILED").exists()
        };
        let mut folders: Vec<PathBuf> = entries.filter(is_open).collect();
        folders.sort();
        folders
    }

    /// The program with arguments separated by blanks.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(program());
        command.current_dir(&self.folder).args(arguments.split_whitespace());
        command.env("LD_LIBRARY_PATH", self.lammps.libraries()).env("OMP_NUM_THREADS", "1");
        command.env_remove("LAMMPS_PLUGIN_PATH").env_remove("LAMMPS_POTENTIALS");
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &str) -> Ended {
        let output = self.path("output");
        let end = process::run(&mut self.command(arguments), &output, TIME_LIMIT);
        let text = fs::read_to_string(&output).expect("the output was written");
        let End::Exited(status) = end else { panic!("mtprs {arguments} hangs:\n{text}") };
        use std::os::unix::process::ExitStatusExt;
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
        Ended { code, output: text }
    }

    /// Runs the program, which must end with this exit code; returns what it said.
    pub fn end(&self, code: i32, arguments: &str) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, code, "mtprs {arguments}:\n{}", ended.output);
        ended.output
    }

    /// Starts the program.
    pub fn spawn(&self, arguments: &str) -> Child {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("spawned.log"));
        let log = log.expect("the folder of a test can be written to");
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().expect("the program starts")
    }

    /// What `--status --json` says of the loop with this name.
    pub fn status(&self, name: &str) -> Value {
        serde_json::from_str(&self.end(0, &format!("learn {name}.toml --status --json"))).expect("JSON")
    }

    /// The journal of the loop in a folder.
    pub fn journal(&self, name: &str) -> Vec<Value> {
        let text = self.text(&format!("{name}/journal.jsonl"));
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// Events of a kind in the journal.
    pub fn events(&self, name: &str, kind: &str) -> Vec<Value> {
        self.journal(name).into_iter().filter(|event| event["event"] == kind).collect()
    }

    /// Labels in the training set are those of the teacher, but for the digits that a format has.
    pub fn assert_same_as_teacher(&self, tolerance: f64) {
        self.end(0, "errors teacher.mtp loop/training.cfg --json errors.json -q");
        let errors: Value = serde_json::from_str(&self.text("errors.json")).expect("JSON");
        let labeled = self.events("loop", "labeled").len();
        assert!(labeled > 0);
        assert_eq!(errors["configurations"], 8 + labeled);
        for quantity in ["energy", "force_component", "virial_component"] {
            let largest = errors["errors"][quantity]["max_absolute"].as_f64().expect("a figure");
            assert!(largest < tolerance, "{quantity}: {largest}");
        }
    }
}
