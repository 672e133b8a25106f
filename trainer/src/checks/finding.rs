//! One thing that is wrong or odd: what, where, what it means and what to do.

use serde::{Serialize, Serializer};

use super::record::Place;

/// What can be found; the names stand in reports and JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file could not be read to its end: malformed lines, numbers that are not finite.
    Unreadable,
    /// Labels that only a part of the set has.
    MissingLabels,
    /// Atoms closer than any bond.
    AtomsTooClose,
    /// Lengths that look like bohr.
    LengthUnit,
    /// Equal configurations.
    Duplicates,
    /// Equal configurations with different energies.
    Disagreement,
    /// Energies far from the rest.
    EnergyOutliers,
    /// Energies in another unit, or per atom.
    EnergyUnit,
    /// Groups of energies that differ by a constant.
    EnergyReference,
    /// Forces beyond any matter.
    ForceOutliers,
    /// Forces in another unit.
    ForceUnit,
    /// Forces that do not sum to zero.
    NetForce,
    /// Virials with the wrong sign.
    StressSign,
    /// Virials in another unit.
    StressUnit,
    /// Labels of species that are exchanged.
    PermutedSpecies,
}

impl Kind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::MissingLabels => "missing-labels",
            Self::AtomsTooClose => "atoms-too-close",
            Self::LengthUnit => "length-unit",
            Self::Duplicates => "duplicates",
            Self::Disagreement => "disagreement",
            Self::EnergyOutliers => "energy-outliers",
            Self::EnergyUnit => "energy-unit",
            Self::EnergyReference => "energy-reference",
            Self::ForceOutliers => "force-outliers",
            Self::ForceUnit => "force-unit",
            Self::NetForce => "net-force",
            Self::StressSign => "stress-sign",
            Self::StressUnit => "stress-unit",
            Self::PermutedSpecies => "permuted-species",
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One finding about some configurations.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) kind: Kind,
    pub(super) message: String,
    pub(super) hint: String,
    pub(super) places: Vec<Place>,
}

impl Finding {
    pub(super) fn new(
        kind: Kind,
        message: impl Into<String>,
        hint: impl Into<String>,
        places: Vec<Place>,
    ) -> Self {
        Self { kind, message: message.into(), hint: hint.into(), places }
    }
}
