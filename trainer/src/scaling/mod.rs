//! How a run of LAMMPS with a potential scales: what every rank owns, copies and sends in each step, and how long that
//! takes. The equations and what they leave out stand in `docs/src/inside-large-runs.md`.

mod bricks;
mod lammps_times;
mod lattice;
mod loads;
mod model;
mod network;
pub mod page;
mod rebuilds;
mod report;

pub use bricks::{SimulationBox, grid};
pub use lammps_times::LammpsTimes;
pub use lattice::disordered_lattice;
pub use loads::{Atoms, Loads, by_count, by_volume};
pub use model::{Costs, Parts, Prediction, Simulation, System, predict};
pub use network::Network;
pub use rebuilds::steps_between_rebuilds;
pub use report::{CostSource, ScalingReport, SystemReport};
