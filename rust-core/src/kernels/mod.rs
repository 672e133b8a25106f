//! The arithmetic: pure functions on slices, no allocation, no I/O, no `Result`.
//!
//! | stage | forward | reverse |
//! |---|---|---|
//! | neighbors within the cutoff, by species | [`gather::Gather`] | |
//! | radial functions f_μ, f'_μ of each neighbor | [`radial::ForwardRadial`] | [`radial::ReverseRadial`]: sums for ∂/∂c |
//! | moments M = Σ_j f_μ x̂^a ŷ^b ẑ^c of a central atom | [`moments::ForwardMoments`] | [`moments::ReverseMoments`]: ∂V_i/∂r_ij |
//! | contractions of eight central atoms | [`contractions::Contract`]: V_i | and in the same run ∂V_i/∂M |
//! | the same along a direction, for the gradient of a loss | [`moment_tangents`], [`contraction_tangents`] | |
//! | grades | [`grade_products::SquaredGrades`] | |
//!
//! A central atom's neighbors stand in blocks of eight, or of sixteen in single precision, one per vector lane; in the
//! contractions eight central atoms stand side by side. Every kernel is a struct ([`dispatch::Kernel`]), written once over
//! [`simd::Simd`] and compiled for each instruction set; [`dispatch`] chooses at run time.

pub(crate) mod arithmetic;
pub(crate) mod contraction_tangents;
#[allow(unsafe_code)]
pub(crate) mod contractions;
#[allow(unsafe_code)]
pub(crate) mod dispatch;
#[allow(unsafe_code)]
pub(crate) mod gather;
pub(crate) mod grade_products;
pub(crate) mod lanes;
pub(crate) mod moment_tangents;
pub(crate) mod moments;
pub(crate) mod radial;
#[allow(unsafe_code)]
pub(crate) mod simd;
mod single;
#[allow(unsafe_code)]
pub(crate) mod unrolled;

pub use dispatch::InstructionSet;
pub use gather::ListedNeighbors;
