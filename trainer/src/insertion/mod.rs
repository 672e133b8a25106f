//! Ions put into a host: sites ([`Sites`], from the vertices of its Voronoi tessellation), electrostatic energies of charges on
//! them ([`PairMatrix`], [`SiteEnergies`]), and the occupations with the lowest energies ([`Search`]).
//!
//! Equations and papers stand in `docs/src/insert.md`.

mod charges;
mod ewald;
mod occupation;
mod polyhedron;
pub mod report;
mod search;
mod sites;
mod voronoi;

pub use charges::{Balance, Charge, Charges, Contents};
pub use ewald::{MOST_POINTS, PairMatrix};
pub use occupation::SiteEnergies;
pub use search::{Chain, Found, Pool, Search};
pub use sites::{ClosestPair, SiteSettings, Sites, check_overlap};
pub use voronoi::{Vertex, vertices};
