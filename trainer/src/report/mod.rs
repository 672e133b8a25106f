//! Error statistics of a potential against reference values, and the reports made of them.
//!
//! A [`Comparison`] takes in one configuration after another, a [`Summary`] holds the figures with their units, and
//! [`text`] and [`mlip`] print it; as JSON it is written by serde. [`html`] makes a page of it, with the plots of
//! a [`Parity`] and of a [`History`](crate::figures::History).

mod advice;
mod cells;
mod comparison;
mod files;
pub mod html;
pub mod mlip;
mod parity;
mod provenance;
mod statistics;
mod summary;
pub mod text;
mod worst;

pub use advice::advice;
pub use cells::{Cell, Cells};
pub use comparison::{Comparison, ErrorStatistics, LeftOut, MOST_GROUPS};
pub use files::Files;
pub use parity::{Distribution, EnergyParity, EnergyPoint, Parity};
pub use provenance::{FileRecord, Provenance};
pub use statistics::{ComponentsAndNorm, Location, Statistics};
pub use summary::{GroupSummary, Located, Quantity, Summary};
pub use worst::{Worst, WorstConfiguration};
