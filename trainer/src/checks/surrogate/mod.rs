//! A quick model of the energy surface, linear in functions of pairs and of the surroundings of atoms, and what it makes of
//! labels.

mod beginnings;
mod center;
mod cures;
mod features;
mod fit;
mod likeness;
mod problem;
mod trial;
mod understanding;
mod units_of_forces;

pub(super) use cures::{Cure, energy_units};
pub(super) use features::Features;
pub(super) use problem::{Labels, Problem};
pub(super) use understanding::{Cured, Understood, sort, understand};
