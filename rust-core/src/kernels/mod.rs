//! The arithmetic: pure functions on slices, no allocation, no I/O, no `Result`.
//!
//! A central atom's neighbors stand in blocks of eight, or of sixteen in single precision, one per vector lane
//! ([`neighbors`]); eight central atoms stand side by side in the contractions ([`contractions`]). Every kernel is
//! written once over [`arithmetic::Arithmetic`] or, for doubles alone, [`simd::Simd`], and compiled for each instruction set;
//! [`dispatch`] chooses at run time.

pub(crate) mod arithmetic;
pub(crate) mod contraction_tangents;
pub(crate) mod contractions;
pub(crate) mod dispatch;
pub(crate) mod gather;
pub(crate) mod grades;
pub(crate) mod neighbors;
pub(crate) mod radial;
pub(crate) mod simd;
mod single;
pub(crate) mod tangents;
#[cfg(target_arch = "x86_64")]
pub(crate) mod unrolled;
#[cfg(target_arch = "x86_64")]
pub(crate) mod unrolled_tangents;

pub use dispatch::InstructionSet;
pub use gather::ListedNeighbors;
