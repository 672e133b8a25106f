//! Training: the loss, its derivatives over a training set, and the schedule of a fit.

pub mod group;
pub mod loss;
pub mod objective;

pub use group::{Alone, Group};
pub use loss::{Figures, Huber};
pub use objective::{Evaluation, Objective, Workers};
