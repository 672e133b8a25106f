//! What trajectories say: of structure, by accumulators that take one frame after another and keep no frame; of transport,
//! by the tracks of the mobile ions ([`transport`]).
//!
//! Radial distribution functions and coordination numbers ([`Rdf`]), with standard errors from blocks of frames
//! ([`blocking`]). Layers of a species and the disorder along directions ([`order`]); the distance from a crystal ([`crystal`]);
//! whether a run melted one ([`melt`]). Voltages of electrodes ([`voltage`]). Equations and papers stand in `docs/src/analysis.md`.

mod bin_rows;
pub mod blocking;
mod blocks;
pub mod crystal;
pub mod melt;
pub mod order;
mod pair_counts;
mod pairs;
mod periodic;
mod quantiles;
mod rdf;
mod rdf_estimates;
pub mod rdf_page;
mod rdf_report;
pub mod rdf_table;
mod scatter;
mod shells;
#[cfg(test)]
mod tests;
pub mod transport;
mod unwrapping;
pub mod voltage;

pub use pair_counts::{MOST_SPECIES, PairCounter, PairCounts};
pub use pairs::{Atoms, Pair, label, number};
pub use rdf::{Frame, Rdf, RdfSettings};
pub use rdf_report::{Average, Curve, Estimate, PairReport, RdfReport, TrajectoryReport, Within};
pub use scatter::Scatter;
