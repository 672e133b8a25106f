//! Neighborhood cut-outs: from a large crystal or glass the surroundings of one atom as a periodic cell that is small
//! enough for a reference calculation.
//!
//! The atoms within a radius of the center, the core, stay exactly where they are. The cell is the smallest in which the
//! center sees no image of its core; what the core leaves free is filled with the atoms of the parent, made fit where the
//! cut brought them together, and relaxed. As in E. V. Podryabinkin et al., J. Chem. Phys. 159, 084112 (2023).

mod centers;
mod contents;
mod cut;
mod filling;
mod frame;
mod least_distances;
mod parent;
mod relaxation;
pub mod report;
mod walls;

pub use centers::{Center, centers};
pub use cut::{Cutout, Cutting, Settings};
pub use least_distances::{GivenDistances, LeastDistances};
pub use parent::{Parent, reduced};
pub use relaxation::{Limits, Relaxation, relax};
