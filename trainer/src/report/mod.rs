//! Error statistics of a potential against reference values, and the reports made of them.
//!
//! A [`Comparison`] takes in one configuration after another, a [`Summary`] holds the figures with their units, and
//! [`text`] and [`mlip2`] print it; as JSON it is written by serde.

mod comparison;
pub mod history;
pub mod mlip2;
pub mod number;
pub mod state;
mod statistics;
mod summary;
pub mod table;
pub mod text;

pub use comparison::{Comparison, ErrorStatistics, GPA_PER_EV_PER_CUBIC_ANGSTROM, LeftOut};
pub use statistics::{ComponentsAndNorm, Location, Statistics};
pub use summary::{Quantity, Summary};
