//! A crystal as it is compared with: sites of species in its cell.

use mtprs_core::geometry::{Configuration, Vector3};
use mtprs_core::{Error, ErrorKind, Result};

use super::metric::{Metric, difference};
use crate::analysis::periodic::{fractional, of_species};

/// Sites of species in a cell.
#[derive(Clone, Debug)]
pub struct Crystal {
    pub(super) vectors: [Vector3; 3],
    pub(super) sites: Vec<Sites>,
}

/// Sites of a species.
#[derive(Clone, Debug)]
pub(super) struct Sites {
    pub(super) species: usize,
    pub(super) name: String,
    /// Fractional coordinates.
    pub(super) places: Vec<Vector3>,
    /// Distance of a site from the nearest one of the same species on average, Å.
    pub(super) spacing: f64,
}

impl Crystal {
    /// Of species by number with their names; all that it has if none is given.
    pub fn new(configuration: &Configuration, species: &[(usize, String)]) -> Result<Self> {
        let places = fractional(configuration)?;
        let vectors: [Vector3; 3] = std::array::from_fn(|k| configuration.cell.vectors()[k]);
        let metric = Metric::new(vectors);
        let sites = species.iter().map(|(number, name)| {
            let places: Vec<Vector3> = of_species(configuration, *number, &places).collect();
            if places.is_empty() {
                let message = format!("the reference has no {name}");
                return Err(Error::new(ErrorKind::Species, message));
            }
            let spacing = spacing(&places, &metric);
            Ok(Sites { species: *number, name: name.clone(), places, spacing })
        });
        Ok(Self { vectors, sites: sites.collect::<Result<_>>()? })
    }

    /// Its species by number.
    pub fn species(&self) -> impl Iterator<Item = usize> {
        self.sites.iter().map(|sites| sites.species)
    }
}

/// Mean distance from the nearest other site; images of a site itself are sites, too.
fn spacing(places: &[Vector3], metric: &Metric) -> f64 {
    let own = metric.shortest_period();
    let nearest = |(number, place): (usize, &Vector3)| {
        let others = places.iter().enumerate().filter(|(other, _)| *other != number);
        let squares = others.map(|(_, other)| metric.squared(difference(*place, *other)));
        squares.fold(own * own, f64::min).sqrt()
    };
    places.iter().enumerate().map(nearest).sum::<f64>() / places.len() as f64
}
