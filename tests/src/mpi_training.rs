//! `mtprs train` under `mpiexec`: a folder with a small training set, the program built with MPI, ranks and their signals.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::save_potential;
use mtprs_core::potential::Potential;
use mtprs_core::species::Species;

use crate::lammps::environment_of;
use crate::process::{self, End, TIME_LIMIT};
use mtprs_testing::random::Random;
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic::{MIN_DIST, ROCK_SALT_EDGE, potential};
use mtprs_testing::{cfg_text, scratch, workspace};

const SPECIES: [&str; 2] = ["Mg", "O"];
const CUTOFF: f64 = 4.5;

/// A folder with `train.cfg`, labeled by a potential, and the untrained `new.mtp`.
#[derive(Debug)]
pub struct Bench {
    folder: PathBuf,
    environment: PathBuf,
    program: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; 128 and more for a signal.
    pub code: i32,
    /// What it printed, rank by rank as it came.
    pub stdout: String,
    /// Messages.
    pub stderr: String,
}

impl Bench {
    /// An empty folder with a training set of this many frames of eight atoms.
    pub fn new(name: &str, frames: usize) -> Self {
        let program = workspace().join("build/mpi/mtprs");
        assert!(program.exists(), "{} is missing: run `make mtprs-mpi`", program.display());
        let folder = scratch(&format!("train_mpi/{name}"));
        let bench = Self { folder, environment: environment_of("MTPRS_PYTHON", ".venv"), program };
        bench.write_frames("train.cfg", frames);
        let species = Species::named(&SPECIES).expect("the tests name elements");
        let new = Potential::untrained(6, species, MIN_DIST, CUTOFF, 4).expect("the level has a template");
        save_potential(&new, &bench.path("new.mtp")).expect("a potential of a test can be written");
        bench
    }

    /// Writes frames of a perturbed crystal with energies, forces and virials.
    pub fn write_frames(&self, file: &str, frames: usize) {
        let mut evaluator =
            Evaluator::new(&potential(3, 6, &SPECIES, CUTOFF)).expect("the potential is trained");
        let configurations = (0..frames).map(|frame| {
            let random = &mut Random::new(frame as u64);
            let crystal = Structure::rock_salt([1, 1, 1], ROCK_SALT_EDGE, 2).perturbed(random, 0.25);
            let mut configuration = crystal.plain_configuration();
            let efs = evaluator.evaluate(&configuration).expect("the crystal can be evaluated");
            efs.store_in(&mut configuration, false);
            configuration
        });
        let text = cfg_text(&configurations.collect::<Vec<_>>());
        fs::write(self.path(file), text).expect("the folder of a test can be written to");
    }

    /// Path of a file in the folder.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Text of a file in the folder.
    pub fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// The program by itself.
    pub fn alone(&self, arguments: &str) -> Ended {
        let mut command = Command::new(&self.program);
        command.args(arguments.split_whitespace());
        self.finish(self.start(command), "the program by itself")
    }

    /// The program on some ranks.
    pub fn on_ranks(&self, ranks: usize, arguments: &str) -> Ended {
        self.finish(self.start_on_ranks(ranks, arguments), "the program on ranks")
    }

    /// Starts the program on some ranks.
    pub fn start_on_ranks(&self, ranks: usize, arguments: &str) -> Child {
        self.start(self.mpiexec(&[(ranks, "", arguments)]))
    }

    /// Groups of ranks with options of mpiexec and arguments of their own.
    pub fn in_groups(&self, groups: &[(usize, &str, &str)]) -> Ended {
        self.finish(self.start(self.mpiexec(groups)), "the program on groups of ranks")
    }

    fn mpiexec(&self, groups: &[(usize, &str, &str)]) -> Command {
        let mpiexec = self.environment.join("bin/mpiexec");
        assert!(mpiexec.exists(), "{} is missing: run `make venv`", mpiexec.display());
        let mut command = Command::new(mpiexec);
        for (index, (ranks, options, arguments)) in groups.iter().enumerate() {
            if index > 0 {
                command.arg(":");
            }
            command.arg("-n").arg(ranks.to_string()).args(options.split_whitespace());
            command.arg(&self.program).args(arguments.split_whitespace());
        }
        command
    }

    fn start(&self, mut command: Command) -> Child {
        let file =
            |name: &str| File::create(self.path(name)).expect("the folder of a test can be written to");
        command.current_dir(&self.folder).env("LD_LIBRARY_PATH", self.environment.join("lib"));
        command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
        command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"))
    }

    /// Waits for the end of a run that was started; `what` names it if it hangs.
    pub fn finish(&self, mut run: Child, what: &str) -> Ended {
        let end = process::finish(&mut run, TIME_LIMIT);
        let (stdout, stderr) = (self.text("stdout"), self.text("stderr"));
        let End::Exited(status) = end else { panic!("{what} hung: {stdout}{stderr}") };
        let by_signal = || status.signal().map(|signal| 128 + signal);
        let code = status.code().or_else(by_signal).expect("a program exits or is killed");
        Ended { code, stdout, stderr }
    }

    /// Waits until a file is there that a run makes.
    pub fn wait_for(&self, file: &str) {
        let begun = Instant::now();
        while !self.path(file).exists() {
            assert!(begun.elapsed() < TIME_LIMIT, "{file} never came: {}", self.text("stderr"));
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The process number of a rank.
    pub fn process_of_rank(&self, run: &Child, rank: usize) -> u32 {
        let is_rank = |process: &u32| {
            let folder = Path::new("/proc").join(process.to_string());
            let is_program = fs::read_link(folder.join("exe")).is_ok_and(|path| path == self.program);
            let environment = fs::read(folder.join("environ")).unwrap_or_default();
            let wanted = format!("PMI_RANK={rank}");
            is_program && environment.split(|&byte| byte == 0).any(|entry| entry == wanted.as_bytes())
        };
        let family = process::family(run.id());
        family.into_iter().find(is_rank).unwrap_or_else(|| panic!("rank {rank} is not running"))
    }
}
