//! A quick model of the energy surface: linear in functions of pairs and of the surroundings of atoms.
mod center;
mod cures;
mod features;
mod fit;
mod likeness;
mod problem;
pub(super) use cures::{Cure, Cured, Understood, sort, understand};
pub(super) use features::Features;
pub(super) use problem::{Labels, Problem};
