//! Figures that pass from the fits to whoever tells of them: errors of a set, and the course of a training.

mod history;

pub use history::{History, HistoryPoint, RmseFigures};
