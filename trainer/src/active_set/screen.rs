//! Configurations that no reference calculation could label, and that say nothing about the potential.

use mtprs_core::Error;
use mtprs_core::geometry::{Configuration, NeighborList, norm};

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
        let list = NeighborList::new(configuration, self.min_distance)?;
        let mut closest: Option<(f64, usize, u32)> = None;
        for atom in 0..list.len() {
            let (neighbors, vectors) = list.neighbors(atom);
            for (&other, vector) in neighbors.iter().zip(vectors) {
                let distance = norm(*vector);
                if closest.is_none_or(|(shortest, ..)| distance < shortest) {
                    closest = Some((distance, atom, other));
                }
            }
        }
        Ok(closest.map(|(distance, atom, other)| {
            let (atom, other, least) = (atom + 1, other + 1, self.min_distance);
            format!("atoms {atom} and {other} are {distance:.3} Å apart, closer than {least} Å")
        }))
    }
}
