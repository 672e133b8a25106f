//! The state: active set, mode, where its rows come from, and the potential that it belongs to.

use std::collections::BTreeMap;
use std::fmt;

use super::active_set::ActiveSet;
use super::identity::{Checksum, PotentialIdentity};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Configuration;
use crate::potential::{ParameterLayout, Potential};

/// Entry of the active set in a direction that no training row supports; the start of MLIP-2's selection.
pub const UNSUPPORTED_SCALE: f64 = 1e-5;

/// How far the species entries of a row may be from what the mode says: they are exact up to their division by N.
const ROW_TOLERANCE: f64 = 1e-9;

/// Relative difference up to which two parameters are the same: programs write 16 digits.
const SAME_PARAMETER: f64 = 1e-12;

/// What gets a grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GradeMode {
    /// A configuration: its row is (1/N) ∂E/∂θ.
    Configuration,
    /// Each atom: its row is ∂V_i/∂θ. The grade of a configuration is the largest of its atoms.
    Neighborhood,
}

impl GradeMode {
    /// The mode's name in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Neighborhood => "neighborhood",
        }
    }

    /// The mode of a name; `None` if there is no such mode.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Configuration, Self::Neighborhood].into_iter().find(|mode| mode.name() == name)
    }
}

impl fmt::Display for GradeMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which rows took part in a selection of MLIP-2 or MLIP-3, and with what weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Weight of ∂V_i/∂θ (`site_en_weight`).
    pub site_energy: f64,
    /// Weight of (1/N) ∂E/∂θ (`energy_weight`).
    pub energy: f64,
    /// Weight of rows of forces (`force_weight`).
    pub force: f64,
    /// Weight of rows of stresses (`stress_weight`).
    pub stress: f64,
}

impl Weights {
    /// The weights that stand for a mode.
    pub fn of_mode(mode: GradeMode) -> Self {
        let (site_energy, energy) = match mode {
            GradeMode::Configuration => (0.0, 1.0),
            GradeMode::Neighborhood => (1.0, 0.0),
        };
        Self { site_energy, energy, force: 0.0, stress: 0.0 }
    }

    /// The mode that the weights stand for; weights that no mode has are refused by name.
    pub fn mode(self) -> Result<GradeMode> {
        let unsupported = |message: String| Err(Error::new(ErrorKind::Unsupported, message));
        for (name, weight) in [("force", self.force), ("stress", self.stress)] {
            if weight != 0.0 {
                return unsupported(format!(
                    "a {name} weight of {weight} is not supported: grades by {name} rows do not exist here"
                ));
            }
        }
        match (self.site_energy, self.energy) {
            (1.0, 0.0) => Ok(GradeMode::Neighborhood),
            (0.0, 1.0) => Ok(GradeMode::Configuration),
            (site_energy, energy) => unsupported(format!(
                "an energy weight of {energy} with a site energy weight of {site_energy} is not supported: \
                 expected 1 and 0 (configuration mode) or 0 and 1 (neighborhood mode)"
            )),
        }
    }
}

/// Where a row of the active set comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowSource {
    /// From nowhere: the row is [`UNSUPPORTED_SCALE`] times a unit vector, because no configuration supports it.
    Unsupported,
    /// From a configuration, counted from zero, and in neighborhood mode from one of its atoms, where that is known.
    Configuration {
        /// Index of the configuration.
        index: usize,
        /// Index of the atom.
        atom: Option<usize>,
    },
}

/// A selection state, checked when it is made.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectionState {
    /// What gets a grade.
    pub mode: GradeMode,
    /// The potential that the rows were computed with.
    pub identity: PotentialIdentity,
    /// The rows and their inverse.
    pub active_set: ActiveSet,
    /// Where each row comes from.
    pub sources: Vec<RowSource>,
    /// Name of the file that the configurations of the sources are counted in; empty if there is none.
    pub training_set: String,
    /// The potential, where the file holds it.
    pub potential: Option<Potential>,
    /// The configurations of the sources by their indices, as far as they are known.
    pub configurations: BTreeMap<usize, Configuration>,
}

impl SelectionState {
    /// A state without potential and configurations. Fails if the sources do not fit the rows.
    pub fn new(
        mode: GradeMode,
        identity: PotentialIdentity,
        active_set: ActiveSet,
        sources: Vec<RowSource>,
    ) -> Result<Self> {
        let sizes = [active_set.size(), sources.len()];
        if sizes != [identity.parameters; 2] {
            let message = format!(
                "expected {} rows and sources, as the potential has parameters, got {} and {}",
                identity.parameters, sizes[0], sizes[1]
            );
            return Err(Error::new(ErrorKind::InvalidState, message));
        }
        Ok(Self {
            mode,
            identity,
            active_set,
            sources,
            training_set: String::new(),
            potential: None,
            configurations: BTreeMap::new(),
        })
    }

    /// Number of rows that come from no configuration.
    pub fn unsupported(&self) -> usize {
        self.sources.iter().filter(|source| **source == RowSource::Unsupported).count()
    }

    /// Fails unless the state belongs to this potential.
    pub fn check_potential(&self, potential: &Potential) -> Result<()> {
        let other = PotentialIdentity::of(potential);
        let difference = if self.identity.parameters != other.parameters {
            format!("{} parameters, not {}", self.identity.parameters, other.parameters)
        } else if self.identity.species.count() != other.species.count() {
            format!("{} species, not {}", self.identity.species.count(), other.species.count())
        } else if let (Some(own), Some(other)) = (self.identity.species.names(), other.species.names())
            && own != other
        {
            format!("the species {}, not {}", own.join(" "), other.join(" "))
        } else if let Some(own) = &self.potential {
            match difference(own, potential) {
                None => return Ok(()),
                Some(difference) => format!("other {difference}"),
            }
        } else if self.identity.checksum == other.checksum {
            return Ok(());
        } else {
            let [own, other] = [&self.identity.checksum, &other.checksum].map(|sum| sum.value());
            format!("checksum {own:016x}, not {other:016x}")
        };
        let message = format!(
            "the state belongs to another potential: {} has {difference}",
            if self.identity.name.is_empty() { "its own" } else { &self.identity.name }
        );
        Err(Error::new(ErrorKind::InvalidState, message)
            .hint("build the state anew after training: mtprs state build POT.mtp TRAIN.cfg STATE"))
    }

    /// Checks that every row is what the mode says, or a multiple of a unit vector: ∂V_i/∂s is one for the species of
    /// the atom, and the entries of (1/N) ∂E/∂s sum to one.
    pub fn check_rows(&self, layout: &ParameterLayout) -> Result<()> {
        for (k, source) in self.sources.iter().enumerate() {
            let row = self.active_set.row(k);
            let species = &row[layout.species_coeffs()];
            let fits = match source {
                RowSource::Unsupported => row.iter().filter(|value| **value != 0.0).count() == 1,
                RowSource::Configuration { .. } => {
                    let sum: f64 = species.iter().sum();
                    let largest = species.iter().copied().fold(0.0, f64::max);
                    let one = if self.mode == GradeMode::Configuration { sum } else { largest };
                    (one - 1.0).abs() <= ROW_TOLERANCE && (sum - 1.0).abs() <= ROW_TOLERANCE
                }
            };
            if !fits {
                let message = format!(
                    "row {} of the active set is not one of {} mode: its entries for species_coeffs are {}",
                    k + 1,
                    self.mode,
                    species.iter().take(8).map(|value| format!("{value}")).collect::<Vec<_>>().join(" ")
                );
                return Err(Error::new(ErrorKind::InvalidState, message).hint(
                    "the file is damaged, or its rows are weighted or ordered in a way that is not supported",
                ));
            }
        }
        Ok(())
    }
}

/// The first thing in which two potentials differ, beyond the digits that files keep.
fn difference(own: &Potential, other: &Potential) -> Option<&'static str> {
    if Checksum::of_potential(own) == Checksum::of_potential(other) {
        return None;
    }
    let same = |a: f64, b: f64| (a - b).abs() <= SAME_PARAMETER * a.abs().max(b.abs());
    let (radial, others) = (own.radial_basis(), other.radial_basis());
    if !(same(radial.min_dist(), others.min_dist()) && same(radial.max_dist(), others.max_dist())) {
        return Some("min_dist or max_dist");
    }
    if (radial.size(), radial.functions_count()) != (others.size(), others.functions_count()) {
        return Some("sizes of the radial basis");
    }
    if own.moment_basis() != other.moment_basis() {
        return Some("tables of moments");
    }
    if !same(own.scaling(), other.scaling()) {
        return Some("scaling");
    }
    let (own, other) = (own.parameters(), other.parameters());
    let blocks = [
        ("radial_coeffs", &own.radial_coeffs, &other.radial_coeffs),
        ("species_coeffs", &own.species_coeffs, &other.species_coeffs),
        ("moment_coeffs", &own.moment_coeffs, &other.moment_coeffs),
    ];
    let differs = |(_, own, other): &(_, &Option<Vec<f64>>, &Option<Vec<f64>>)| match (own, other) {
        (Some(own), Some(other)) => !own.iter().zip(other.iter()).all(|(&a, &b)| same(a, b)),
        (own, other) => own.is_some() != other.is_some(),
    };
    blocks.into_iter().find(differs).map(|(name, ..)| name)
}
