//! The processes that train together.
//!
//! Every process runs the same program on the same numbers; only sums over the training set are shared. A sum is made
//! exact by giving each number to one process and zeros to the others. What one process alone can fail in, such as
//! reading its share or writing a file, ends in [`together`], so that none waits for another that has given up.

use mtprs_core::{Error, ErrorKind};

/// Processes that share a training set.
pub trait Group: Sync {
    /// Number of this process, from zero. Process zero writes files and tells the user.
    fn rank(&self) -> usize;

    /// Number of processes.
    fn size(&self) -> usize;

    /// Processes that have the same processor cores as this one, itself included.
    fn sharing_cores(&self) -> usize;

    /// Replaces the values by their sums over the processes, the same bits in all of them and for any number of them;
    /// zeros are positive.
    fn sum(&self, values: &mut [f64]) -> Result<(), Error>;

    /// Hands the bytes of process zero to all.
    fn broadcast(&self, bytes: Vec<u8>) -> Result<Vec<u8>, Error>;

    /// Whether any of the processes has failed. All come here at the same point of the program, some after a long time;
    /// if one has failed, all of them end, and it is settled which one says why.
    fn any_failed(&self, failed: bool) -> Result<bool, Error>;
}

/// A process by itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Group for Alone {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn sharing_cores(&self) -> usize {
        1
    }

    fn sum(&self, values: &mut [f64]) -> Result<(), Error> {
        // Adding the zeros of others would make negative zeros positive.
        values.iter_mut().for_each(|value| *value += 0.0);
        Ok(())
    }

    fn broadcast(&self, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
        Ok(bytes)
    }

    fn any_failed(&self, failed: bool) -> Result<bool, Error> {
        Ok(failed)
    }
}

/// Refuses to be one of several processes that an MPI launcher has started, but that know nothing of each other.
#[cfg(not(feature = "mpi"))]
pub(crate) fn refuse_copies() -> Result<(), Error> {
    // Set by the launchers of MPICH and Intel MPI, and of Open MPI.
    for variable in ["PMI_SIZE", "OMPI_COMM_WORLD_SIZE"] {
        let size = std::env::var(variable).ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
        if size > 1 {
            let message = format!(
                "this is one of {size} processes ({variable}), but mtprs was built without MPI: all would write the same files"
            );
            return Err(Error::new(ErrorKind::Argument, message)
                .hint("build it with --features mpi, or start one process with --threads"));
        }
    }
    Ok(())
}

/// The outcome of this process if none has failed, or why to end.
pub fn together<T, E: From<Error>>(group: &dyn Group, outcome: Result<T, E>) -> Result<T, E> {
    let any_failed = group.any_failed(outcome.is_err())?;
    match outcome {
        Ok(_) if any_failed => Err(another_failed().into()),
        outcome => outcome,
    }
}

/// What this process ends with where all know already that some have failed; `own` are its failures.
pub fn failure(group: &dyn Group, own: Vec<Error>) -> Error {
    let own = own.into_iter().next().map_or(Ok(()), Err);
    together(group, own).err().unwrap_or_else(another_failed)
}

fn another_failed() -> Error {
    Error::new(ErrorKind::Io, "another process of this training failed")
}

/// Has process zero do something that the others wait for.
pub fn by_first<E: From<Error>>(group: &dyn Group, work: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
    together(group, if group.rank() == 0 { work() } else { Ok(()) })
}

/// Replaces the values by those of process zero: processors of another kind may have come to other last digits.
pub fn from_first(group: &dyn Group, values: &mut [f64]) -> Result<(), Error> {
    if group.rank() > 0 {
        values.fill(0.0);
    }
    group.sum(values)
}

/// The number that each process gives, by process.
pub fn gather(group: &dyn Group, value: f64) -> Result<Vec<f64>, Error> {
    let mut values = vec![0.0; group.size()];
    values[group.rank()] = value;
    group.sum(&mut values)?;
    Ok(values)
}

/// Ends all processes with an error unless they give the same number.
pub fn expect_same(group: &dyn Group, value: u64, error: impl FnOnce() -> Error) -> Result<(), Error> {
    if group.size() == 1 {
        return Ok(());
    }
    let mut halves = vec![0.0; 2 * group.size()];
    // Halves are exact as doubles.
    let own = [value >> 32, value & 0xFFFF_FFFF].map(|half| half as f64);
    halves[2 * group.rank()..][..2].copy_from_slice(&own);
    group.sum(&mut halves)?;
    let (pairs, _) = halves.as_chunks::<2>();
    if pairs.iter().all(|pair| *pair == pairs[0]) { Ok(()) } else { together(group, Err(error())) }
}
