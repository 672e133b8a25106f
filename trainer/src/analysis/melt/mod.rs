//! Whether a run melted a crystal, and whether what it ends with is one.
//!
//! Displacements are followed from frame to frame ([`Track`]); frames of the last part of the run are compared with the
//! crystal, and their neighbors are counted. Memory does not grow with the number of frames: of long runs few are kept.

mod coordination;
mod kept;
mod range;
mod report;
mod settings;
pub mod table;
#[cfg(test)]
mod tests;
mod track;

pub use coordination::Coordination;
pub use report::{Expectation, MeltReport, Melting, SpeciesMelt};
pub use settings::MeltSettings;
pub use track::Track;
