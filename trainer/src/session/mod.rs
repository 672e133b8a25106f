//! A fit from its files to the trained potential, as the commands `train`, `tune` and `learn` have it made.
//!
//! [`prepare`] reads what a [`Task`] names, [`train`] fits, and an [`Observer`] sees every step: a [`Keeper`] shows how it goes,
//! keeps it in checkpoints and ends it at a signal. [`report`] compares what came of it with the labels. Nothing is printed or
//! written here but what a keeper is told to.

mod advice;
mod announce;
mod course;
mod errors;
mod event_file;
mod keeper;
mod mlip_log;
mod prepare;
mod progress;
pub mod report;
mod task;
mod train;

pub use advice::advice;
pub use announce::{announce, long_cutoff};
pub use course::Course;
pub use errors::{SetErrors, errors, evaluate};
pub use event_file::EVENTS;
pub use keeper::{Keeper, Keeping};
pub use prepare::{check, expect_same_task, prepare, with_names};
pub use progress::Telling;
pub use report::FitReport;
pub use task::{Settings, Task};
pub use train::{Observer, Trained, quadratic_model, train};
