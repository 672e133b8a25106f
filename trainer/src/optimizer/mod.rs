//! Minimizers of a smooth function of some hundred to some thousand variables; relaxation of all atoms of a structure
//! ([`relax`]), and of its cell ([`relax_cell`]).

mod cell_relaxation;
pub mod curvature;
pub mod descent;
pub mod lbfgs;
pub mod levenberg_marquardt;
pub mod line_search;
mod relaxation;

pub use cell_relaxation::{CellRelaxation, Pressure, relax_cell};
pub use curvature::{Curvature, Damping, Gram};
pub use descent::{Descent, Limits, Relaxed, nowhere};
pub use lbfgs::{Function, Lbfgs, Pair, Step};
pub use relaxation::{Relaxation, relax};
