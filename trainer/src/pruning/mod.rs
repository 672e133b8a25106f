//! The parts of a path from a trained potential to ever cheaper ones.
//!
//! [`Surgeon`] predicts what the loss rises by if parameters are removed and all others take their best values, [`cost`]
//! counts what is saved, and [`functions`] removes what saves most for the least rise. [`radial`] makes radial functions with
//! a shorter cutoff. `commands/prune` fits what comes of either again and keeps the better; [`folder`], [`report`] and
//! [`page`] are the path as it is kept and shown.

pub mod cost;
pub mod folder;
pub mod functions;
pub mod page;
pub mod radial;
pub mod report;
mod surgeon;

pub use surgeon::Surgeon;
