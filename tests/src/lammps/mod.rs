//! LAMMPS as the tests run it: where it is, runs in folders of their own, and what they leave behind.

mod dump;
mod installation;
mod job;
mod probe;
mod script;

pub use dump::{Frame, read_dump};
pub use installation::Lammps;
pub(crate) use installation::environment_of;
pub use job::{Finished, Job, feature_number};
pub use probe::{PRESSURE_UNIT, Probe, SAME_NUMBERS, probe};
pub use script::{atoms, pair, setup};
