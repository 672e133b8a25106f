//! The processes that `mpiexec` started, as a [`Group`].
//!
//! Nothing may hang because one of them failed. Where all notice a failure in [`Group::any_failed`], one of them says why
//! and all end in order. Where a process fails beside that, it says why and aborts the others; process zero at once, the
//! others after a moment, for where all fail in the same way one message is enough. A process that dies without a word is
//! the business of `mpiexec`.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use mpi::Threading;
use mpi::collective::SystemOperation;
use mpi::environment::initialize_with_threading;
use mpi::request;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives, Root};
use mtprs_core::{Error, ErrorKind};

use super::Group;
use crate::failure::{Failure, PANIC};

/// Most numbers in one message: their count must fit 32 bits, and a copy of them memory.
const MESSAGE: usize = 1 << 20;
/// How long process zero may take to fail in the same way as another.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a process waits for others without sleeping, and for how long it sleeps at most.
const AWAKE: Duration = Duration::from_micros(100);
const LONGEST_SLEEP: Duration = Duration::from_millis(10);
/// How long mpiexec may take to hand on what was printed: an abort overtakes it, and the message would be lost.
const HANDING_ON: Duration = Duration::from_millis(500);

/// All processes of this run.
struct World {
    rank: usize,
    size: usize,
    sharing_cores: usize,
    main_thread: ThreadId,
    verdict: OnceLock<Verdict>,
}

/// A failure that all processes know of.
struct Verdict {
    /// Who says why.
    speaker: usize,
    /// Whether all failed.
    everywhere: bool,
}

/// Starts MPI, does `work` as one of its processes, and ends all of them in the same way.
pub fn run(work: impl FnOnce(&dyn Group) -> Result<(), Failure>) -> ExitCode {
    let Some((universe, threading)) = initialize_with_threading(Threading::Funneled) else {
        return Failure::from(Error::new(ErrorKind::Bug, "MPI was already started")).report();
    };
    let world = World::new();
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        // Threads compute, this one alone communicates.
        let message = "the MPI library does not support threads";
        let able =
            if threading == Threading::Single { Err(Error::new(ErrorKind::Io, message)) } else { Ok(()) };
        super::group::together(&world, able)?;
        work(&world)
    }));
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(payload) if world.size == 1 => panic::resume_unwind(payload),
        // The message is printed by now.
        Err(_) => world.abort(PANIC),
    };
    if world.size == 1 {
        drop(universe);
        return outcome.map_or_else(Failure::report, |()| ExitCode::SUCCESS);
    }
    let code = world.end(outcome);
    drop(universe);
    ExitCode::from(code)
}

impl World {
    fn new() -> Self {
        let world = SimpleCommunicator::world();
        let (rank, size) = (index(world.rank()), index(world.size()));
        let node = world.split_shared(world.rank());
        let own = processor_set();
        let mut all = vec![0_u64; index(node.size())];
        node.all_gather_into(&own, &mut all[..]);
        let sharing_cores = all.into_iter().filter(|&set| set == own).count();
        Self { rank, size, sharing_cores, main_thread: thread::current().id(), verdict: OnceLock::new() }
    }

    fn communicator(&self) -> Result<SimpleCommunicator, Error> {
        if thread::current().id() != self.main_thread {
            return Err(Error::new(ErrorKind::Bug, "a thread that computes wanted to communicate"));
        }
        Ok(SimpleCommunicator::world())
    }

    /// Sums over the processes. Those that wait for others sleep, where MPI itself would keep a core busy that the
    /// others may need.
    fn all_reduce(&self, values: &[f64], sums: &mut [f64]) -> Result<(), Error> {
        let world = self.communicator()?;
        request::scope(|scope| {
            let mut request = world.immediate_all_reduce_into(scope, values, sums, SystemOperation::sum());
            let begun = Instant::now();
            while let Err(unfinished) = request.test() {
                request = unfinished;
                let waited = begun.elapsed();
                if waited < AWAKE {
                    thread::yield_now();
                } else {
                    thread::sleep((waited / 10).min(LONGEST_SLEEP));
                }
            }
        });
        Ok(())
    }

    /// Tells the user why all end, if that is for this process to do; the exit code of all.
    fn end(&self, outcome: Result<(), Failure>) -> u8 {
        let code = match outcome {
            Ok(()) => 0,
            Err(failure) => {
                let code = failure.code();
                let Some(verdict) = self.verdict.get() else {
                    if self.rank > 0 {
                        thread::sleep(PATIENCE);
                    }
                    failure.tell(&self.name());
                    self.abort(code)
                };
                if self.rank == verdict.speaker {
                    failure.tell(&if verdict.everywhere { String::new() } else { self.name() });
                    code
                } else {
                    0
                }
            }
        };
        let mut common = [0.0];
        match self.all_reduce(&[f64::from(code)], &mut common) {
            Ok(()) => common[0] as u8,
            Err(_) => self.abort(code.max(1)),
        }
    }

    fn name(&self) -> String {
        format!("MPI rank {}: ", self.rank)
    }

    /// Ends all processes, wherever they are.
    fn abort(&self, code: u8) -> ! {
        thread::sleep(HANDING_ON);
        SimpleCommunicator::world().abort(i32::from(code))
    }
}

impl Group for World {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn sharing_cores(&self) -> usize {
        self.sharing_cores
    }

    fn sum(&self, values: &mut [f64]) -> Result<(), Error> {
        let mut given = Vec::with_capacity(values.len().min(MESSAGE));
        for block in values.chunks_mut(MESSAGE) {
            given.clear();
            given.extend(block.iter().map(|value| value + 0.0));
            self.all_reduce(&given, block)?;
        }
        Ok(())
    }

    fn broadcast(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
        let world = self.communicator()?;
        let root = world.process_at_rank(0);
        let mut length = bytes.len() as u64;
        root.broadcast_into(&mut length);
        bytes.resize(length as usize, 0);
        bytes.chunks_mut(MESSAGE).for_each(|block| root.broadcast_into(block));
        Ok(bytes)
    }

    fn any_failed(&self, failed: bool) -> Result<bool, Error> {
        let mut flags = vec![0.0; self.size];
        flags[self.rank] = f64::from(u8::from(failed));
        self.sum(&mut flags)?;
        let Some(speaker) = flags.iter().position(|&flag| flag > 0.0) else { return Ok(false) };
        // The first verdict counts: what follows from it fails, too.
        self.verdict.get_or_init(|| Verdict { speaker, everywhere: flags.iter().all(|&flag| flag > 0.0) });
        Ok(true)
    }
}

/// A rank or size as an index.
fn index(rank: mpi::Rank) -> usize {
    usize::try_from(rank).unwrap_or_default()
}

/// Tells apart which processor cores this process may run on; zero where the system does not say.
fn processor_set() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let Some(line) = status.lines().find(|line| line.starts_with("Cpus_allowed_list:")) else { return 0 };
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}
