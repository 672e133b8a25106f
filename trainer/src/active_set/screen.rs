//! Configurations that no reference calculation could label, and that say nothing about the potential.

use mtprs_core::Error;
use mtprs_core::geometry::{Configuration, NeighborList};

/// What makes a configuration unfit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Screen {
    /// Shortest distance that is allowed, Å; zero allows all.
    pub min_distance: f64,
    /// Species that the potential knows; others are left for it to complain about.
    pub species: usize,
}

impl Screen {
    /// Why a configuration is unfit, if it is.
    pub(crate) fn reason(&self, configuration: &Configuration) -> Result<Option<String>, Error> {
        let is_known = |species: &u32| (*species as usize) < self.species;
        if self.min_distance <= 0.0 || !configuration.species.iter().all(is_known) {
            return Ok(None);
        }
        let closest = NeighborList::new(configuration, self.min_distance)?.closest();
        Ok(closest.map(|(distance, [atom, other])| {
            let (atom, other, least) = (atom + 1, other + 1, self.min_distance);
            format!("atoms {atom} and {other} are {distance:.3} Å apart, closer than {least} Å")
        }))
    }
}
