//! The verdict on a run, and the figures that it rests on.

use std::fmt;
use std::str::FromStr;

use mtprs_core::geometry::norm;
use mtprs_core::{Error, Result};
use serde::Serialize;

use super::coordination::Coordination;
use super::range::long_range;
use super::settings::MeltSettings;
use super::track::Track;
use crate::analysis::crystal::{Crystal, CrystalAverage, CrystalReport, Likeness};
use crate::analysis::{label, number};

/// Displacements by the distance of the nearest neighbor below which atoms have stayed, and from which on they have left.
const STAYED: f64 = 0.5;
const LEFT: f64 = 1.0;

/// Whether a run melted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Melting {
    /// Atoms have left their neighbors, and the end is not the crystal.
    Melted,
    /// One of them alone, or something between.
    #[serde(rename = "partly melted")]
    Partly,
    /// Atoms have stayed, or lie on sites of the crystal again.
    #[serde(rename = "not melted")]
    Not,
}

/// What a run is like.
#[derive(Clone, Debug, Serialize)]
pub struct MeltReport {
    /// Program and version.
    pub program: &'static str,
    /// What was asked for.
    #[serde(flatten)]
    pub settings: MeltSettings,
    /// Its files.
    pub files: Vec<String>,
    /// Its frames.
    pub frames: u64,
    /// Frames of its last part that were looked at.
    pub frames_of_last_part: u64,
    /// Whether it melted.
    pub verdict: Melting,
    /// What it ends with.
    pub structure: Likeness,
    /// The species of the crystal.
    pub species: Vec<SpeciesMelt>,
    /// How far the last part is from the crystal.
    pub crystal: CrystalReport,
    /// Root mean square of g(r) − 1 at long range in the first frame, and in the last part.
    pub long_range: [f64; 2],
    /// Neighbors.
    pub coordination: Vec<Coordination>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// What became of a species.
#[derive(Clone, Debug, Serialize)]
pub struct SpeciesMelt {
    /// Its name.
    pub species: String,
    /// Its atoms.
    pub atoms: usize,
    /// Root mean square displacement from the first frame to the last part, Å.
    pub displacement: f64,
    /// Mean distance from the nearest neighbor in the first frame, Å.
    pub nearest: f64,
    /// Distance from sites of the crystal, Å.
    pub distance: f64,
    /// Distance of like sites of the crystal, Å.
    pub spacing: f64,
    /// Whether it melted.
    pub verdict: Melting,
    /// Why.
    pub reason: &'static str,
}

impl Melting {
    /// Of displacements by the distance of the nearest neighbor, and the likeness of a species to the crystal.
    fn of(moved: f64, likeness: Likeness) -> (Self, &'static str) {
        match likeness {
            Likeness::Crystalline if moved < LEFT => {
                (Self::Not, "on the sites of the crystal, near its initial positions")
            }
            Likeness::Crystalline => (Self::Not, "on the sites of the crystal, but not the initial ones"),
            Likeness::Amorphous if moved >= LEFT => {
                (Self::Melted, "displaced beyond the nearest neighbors, and off the sites")
            }
            _ if moved < STAYED => (Self::Not, "near its initial positions"),
            _ => (Self::Partly, "between"),
        }
    }

    /// Of all species together.
    fn of_all(species: &[SpeciesMelt]) -> Self {
        let first = species.first().map_or(Self::Partly, |one| one.verdict);
        if species.iter().all(|one| one.verdict == first) { first } else { Self::Partly }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Melted => "melted",
            Self::Partly => "partly melted",
            Self::Not => "not melted",
        }
    }
}

impl MeltReport {
    /// What a run is like beside a crystal. `go_on` is asked before every frame.
    pub fn new<E: From<Error>>(
        track: &Track,
        crystal: &Crystal,
        reference: &str,
        settings: &MeltSettings,
        names: &[String],
        go_on: impl Fn() -> std::result::Result<(), E>,
    ) -> std::result::Result<Self, E> {
        let kept = track.last(settings.last);
        let frames: Vec<_> = kept.iter().map(|kept| &kept.frame).collect();
        let mut average = CrystalAverage::default();
        for frame in &frames {
            go_on()?;
            average.add(crystal.distance(frame)?);
        }
        let crystal = average.report(reference).unwrap_or_default();
        let species: Vec<SpeciesMelt> = crystal
            .species
            .iter()
            .filter_map(|one| {
                let species = number(&one.species, names)?;
                let displacement = kept.iter().map(|kept| kept.displacement(species).powi(2)).sum::<f64>();
                let displacement = (displacement / kept.len() as f64).sqrt();
                let nearest = track.nearest(species);
                let (verdict, reason) =
                    Melting::of(displacement / nearest, Likeness::of(one.distance / one.spacing));
                let (name, atoms) = (label(Some(species), names), one.atoms);
                let (distance, spacing) = (one.distance, one.spacing);
                Some(SpeciesMelt {
                    species: name,
                    atoms,
                    displacement,
                    nearest,
                    distance,
                    spacing,
                    verdict,
                    reason,
                })
            })
            .collect();
        let heights = track.first.cell.duals().into_iter().map(|dual| 1.0 / norm(dual));
        let half = 0.5 * heights.fold(f64::INFINITY, f64::min);
        let pairs = settings.pairs.iter();
        let coordination =
            pairs.map(|pair| Coordination::new(pair, settings.within, names, &track.first, &frames));
        Ok(Self {
            program: crate::text::PROGRAM,
            settings: settings.clone(),
            files: Vec::new(),
            frames: track.frames(),
            frames_of_last_part: kept.len() as u64,
            verdict: Melting::of_all(&species),
            structure: crystal.verdict,
            long_range: [long_range(&[&track.first], half)?, long_range(&frames, half)?],
            coordination: coordination.collect::<Result<_>>()?,
            notes: notes(&crystal),
            species,
            crystal,
        })
    }
}

fn notes(crystal: &CrystalReport) -> Vec<String> {
    let stretch = (crystal.stretch > 1.15).then(|| {
        format!(
            "the cell of the reference is stretched by {:.0} %: is it the right crystal?",
            100.0 * (crystal.stretch - 1.0)
        )
    });
    stretch.into_iter().collect()
}

/// A verdict that a script expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// On the run.
    Melting(Melting),
    /// On what it ends with.
    Structure(Likeness),
}

impl Expectation {
    /// Whether it has come true.
    pub fn holds(self, report: &MeltReport) -> bool {
        match self {
            Self::Melting(melting) => report.verdict == melting,
            Self::Structure(structure) => report.structure == structure,
        }
    }
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "melted" => Ok(Self::Melting(Melting::Melted)),
            "not-melted" => Ok(Self::Melting(Melting::Not)),
            "amorphous" => Ok(Self::Structure(Likeness::Amorphous)),
            "crystalline" => Ok(Self::Structure(Likeness::Crystalline)),
            _ => Err("expected melted, not-melted, amorphous or crystalline".to_owned()),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Melting(melting) => melting.words(),
            Self::Structure(structure) => structure.name(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_need_both_displacement_and_structure() {
        use Likeness::{Amorphous, Crystalline, Distorted};
        let verdict = |moved, likeness| Melting::of(moved, likeness).0;
        assert_eq!(verdict(1.5, Amorphous), Melting::Melted);
        assert_eq!(verdict(0.7, Amorphous), Melting::Partly);
        assert_eq!(verdict(3.0, Distorted), Melting::Partly);
        assert_eq!(verdict(3.0, Crystalline), Melting::Not);
        assert_eq!(verdict(0.2, Crystalline), Melting::Not);
        // A run that begins with a glass: far from the crystal, but nothing has moved.
        assert_eq!(verdict(0.2, Amorphous), Melting::Not);
    }
}
