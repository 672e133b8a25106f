//! Training: the loss, its derivatives over a training set, and the course of a fit.

pub mod checkpoint;
pub mod fit;
pub mod identity;
pub mod loss;
pub mod minimizer;
pub mod objective;
pub mod problem;
pub mod residuals;
pub mod settings;

pub use fit::{Ending, Fit, Stage, beginning_stride};
pub use identity::Identity;
pub use loss::{Figures, Huber};
pub use objective::{Evaluation, Objective, Workers};
pub use problem::Problem;
pub use settings::{FitSettings, Frozen, Method};
