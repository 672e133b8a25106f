//! The processes that train together.
//!
//! Every process runs the same program on the same numbers; only sums over the training set are shared. A sum is made
//! exact by giving each number to one process and zeros to the others.

use mtprs_core::Result;

/// Processes that share a training set.
pub trait Group: Sync {
    /// Number of this process, from zero.
    fn rank(&self) -> usize;

    /// Number of processes.
    fn size(&self) -> usize;

    /// Replaces the values by their sums over the processes, the same bits in all of them.
    fn sum(&self, values: &mut [f64]) -> Result<()>;
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

    fn sum(&self, _values: &mut [f64]) -> Result<()> {
        Ok(())
    }
}
