//! Processes and threads: those that train together, the pool that computes, signals to end, folders that one process at a
//! time works in, and programs that are ended with all that they started.

pub mod call;
mod copies;
pub(crate) mod folder_lock;
pub mod group;
mod interrupt;
#[cfg(feature = "mpi")]
pub mod mpi_group;
pub mod program;
pub(crate) mod threads;

pub use copies::Copies;
pub use group::{Alone, Group, together};
pub use interrupt::Interrupt;
pub(crate) use threads::in_parallel;
