//! Distances from a crystal over the frames of a trajectory.

use serde::Serialize;

use super::fit::Match;
use crate::analysis::scatter::Scatter;

/// Root mean square displacements by the spacing of like sites up to which a structure is the crystal, and beyond which it is
/// not. Crystals near their melting point have 0.15 to 0.25; of α-V₂O₅ the most distorted frames of DFT have 0.27, melts and
/// glasses 0.5 and more, as have atoms that lie anywhere.
const CRYSTALLINE: f64 = 0.3;
const AMORPHOUS: f64 = 0.4;

/// How far structures are from a crystal.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CrystalReport {
    /// The file of the crystal.
    pub reference: String,
    /// Frames that were compared.
    pub frames: u64,
    /// Root mean square displacement, Å, over the frames.
    pub distance: Scatter,
    /// Least and largest of the frames, Å.
    pub extremes: [f64; 2],
    /// The species.
    pub species: Vec<SpeciesCrystal>,
    /// Root mean square displacement by the spacing of like sites.
    pub ratio: f64,
    /// Cells of the reference along a, b, c of the first frame.
    pub cells: String,
    /// The largest factor, from one, by which the reference is stretched or compressed in the first frame.
    pub stretch: f64,
    /// Whether it is that crystal.
    pub verdict: Likeness,
}

/// Distance of a species.
#[derive(Clone, Debug, Serialize)]
pub struct SpeciesCrystal {
    /// Its name.
    pub species: String,
    /// Its atoms.
    pub atoms: usize,
    /// Root mean square displacement, Å, on average.
    pub distance: f64,
    /// Distance of like sites in the reference, Å.
    pub spacing: f64,
}

/// Whether a structure is a crystal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Likeness {
    /// It is the crystal with its atoms a little away from their sites.
    Crystalline,
    /// It may be either.
    #[default]
    Distorted,
    /// It is not this crystal.
    Amorphous,
}

impl Likeness {
    /// By the root mean square displacement by the spacing of like sites.
    pub fn of(ratio: f64) -> Self {
        match ratio {
            x if x <= CRYSTALLINE => Self::Crystalline,
            x if x <= AMORPHOUS => Self::Distorted,
            _ => Self::Amorphous,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crystalline => "crystalline",
            Self::Distorted => "distorted",
            Self::Amorphous => "amorphous",
        }
    }

    /// What it says of a structure beside a crystal.
    pub fn words(self) -> &'static str {
        match self {
            Self::Crystalline => "the crystal",
            Self::Distorted => "between the crystal and a glass",
            Self::Amorphous => "not the crystal",
        }
    }
}

/// Distances of frames.
#[derive(Clone, Debug, Default)]
pub struct CrystalAverage {
    matches: Vec<(f64, f64)>,
    /// Sums over the frames of the squared distances of the species.
    squares: Vec<f64>,
    first: Option<Match>,
}

impl CrystalAverage {
    /// Adds a frame.
    pub fn add(&mut self, found: Match) {
        self.matches.push((found.distance, found.ratio));
        self.squares.resize(found.species.len(), 0.0);
        for (sum, species) in self.squares.iter_mut().zip(&found.species) {
            *sum += species.distance.powi(2);
        }
        self.first.get_or_insert(found);
    }

    /// What all frames say; nothing without any.
    pub fn report(&self, reference: &str) -> Option<CrystalReport> {
        let first = self.first.as_ref()?;
        let count = self.matches.len() as f64;
        let distances = self.matches.iter().map(|one| one.0);
        let ratio = self.matches.iter().map(|one| one.1).sum::<f64>() / count;
        let species = first.species.iter().zip(&self.squares).map(|(species, sum)| SpeciesCrystal {
            species: species.species.clone(),
            atoms: species.atoms,
            distance: (sum / count).sqrt(),
            spacing: species.spacing,
        });
        let extremes =
            [distances.clone().fold(f64::INFINITY, f64::min), distances.clone().fold(0.0, f64::max)];
        Some(CrystalReport {
            reference: reference.to_owned(),
            frames: self.matches.len() as u64,
            distance: Scatter::of(distances),
            extremes,
            species: species.collect(),
            ratio,
            cells: first.cells.clone(),
            stretch: first.stretch,
            verdict: Likeness::of(ratio),
        })
    }
}
