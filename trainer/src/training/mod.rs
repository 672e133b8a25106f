//! Training: the loss, its derivatives over a training set, and the course of a fit.

pub mod checkpoint;
pub mod figures;
pub mod fit;
pub mod gauss_newton;
pub mod identity;
pub mod loss;
pub mod minimizer;
pub mod problem;
pub mod settings;
pub mod summation;

pub use figures::Figures;
pub use fit::{Ending, Fit, Stage, beginning_stride};
pub use identity::Identity;
pub use loss::{Evaluation, Huber, Objective};
pub use problem::Problem;
pub use settings::{FitSettings, Frozen, Method};
pub use summation::Workers;
