//! The distance of a structure from a crystal: the root mean square of the displacements that would bring its atoms onto the
//! sites of the crystal, after the best shift, flip and assignment of atoms to sites of their species.
//!
//! The cell of the crystal is repeated and stretched until it fills the cell of the structure; axes may be exchanged and
//! mirrored as long as the cell allows it. What is found is the least distance among the arrangements that were tried, so it
//! is an upper bound; of crystals it is exact.

mod assignment;
mod fit;
mod metric;
mod reference;
mod report;
mod search;
#[cfg(test)]
mod tests;

pub use fit::{Match, SpeciesDistance};
pub(super) use metric::Metric;
pub use reference::Crystal;
pub use report::{CrystalAverage, CrystalReport, Likeness, SpeciesCrystal};
