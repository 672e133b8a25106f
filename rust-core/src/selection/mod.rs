//! The selection state: which rows of parameter derivatives span the known region, and for which potential.
//!
//! A row b is (1/N) ∂E/∂θ of a configuration or ∂V_i/∂θ of one atom, θ in the order of
//! [`ParameterLayout`](crate::potential::ParameterLayout). With the rows of the active set in the square matrix A the
//! extrapolation grade is γ = max_k |(b A⁻¹)_k|; up to one is interpolation (Podryabinkin and Shapeev 2017). Rows
//! come from `evaluate`, files are read and written by `format`, active sets are chosen by the crate `mtprs`.

mod active_set;
mod identity;
mod state;

pub use active_set::{ActiveSet, grade_of_entries};
pub use identity::{Checksum, PotentialIdentity};
pub use state::{GradeMode, RowSource, SelectionState, UNSUPPORTED_SCALE, Weights};
