//! What mends faults of labels.

use super::super::energies::ENERGY_UNITS;
use super::problem::{Case, Labels, Problem};
use crate::constants::units::GIGAPASCAL;

/// Smallest factor between units that shows.
const SHOWS: f64 = 3.0;

/// What mends a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Cure {
    /// Energies are multiplied.
    Energy(&'static str, f64),
    /// Energies are multiplied by the number of atoms.
    PerAtom,
    /// Energies change their sign.
    EnergySign,
    /// Energies are less by this many eV per atom.
    Shift(f64),
    /// Energies are less by this many eV for each atom of a species.
    SpeciesShift(usize, f64),
    /// Forces are multiplied.
    Forces(&'static str, f64),
    /// Virials are multiplied by the volume (Å³) and a factor.
    Virial(&'static str, f64),
    /// Virials change their sign.
    VirialSign,
    /// Species get the names of a renaming.
    Renaming(usize),
}

impl Cure {
    /// The labels mended; `None` where the cure changes nothing to speak of.
    pub(in super::super) fn apply(self, case: &Case<'_>, labels: &Labels) -> Option<Labels> {
        let mut mended = *labels;
        let volume = case.record.volume;
        match self {
            Self::Energy(_, factor) => mended.energy = Some(labels.energy? * factor),
            Self::PerAtom => mended.energy = Some(labels.energy? * case.atoms),
            Self::EnergySign => mended.energy = Some(-labels.energy?),
            Self::Shift(shift) => mended.energy = Some(labels.energy? - shift * case.atoms),
            Self::SpeciesShift(species, shift) => {
                let count = case.record.composition.get(species).copied().filter(|count| *count > 0)?;
                mended.energy = Some(labels.energy? - shift * f64::from(count));
            }
            Self::Forces(_, factor) => mended.force = labels.force * factor,
            Self::VirialSign => mended.virial = Some(labels.virial?.map(|w| -w)),
            Self::Virial(_, factor) => {
                let factor = factor * volume?;
                if factor.ln().abs() < SHOWS.ln() {
                    return None;
                }
                mended.virial = Some(labels.virial?.map(|w| factor * w));
            }
            Self::Renaming(renaming) => {
                if labels.renaming != 0 {
                    return None;
                }
                mended.renaming = renaming;
            }
        }
        Some(mended)
    }

    pub(super) fn is_of_energies(self) -> bool {
        !matches!(self, Self::Forces(..) | Self::Virial(..) | Self::VirialSign | Self::Renaming(_))
    }

    pub(super) fn is_shift(self) -> bool {
        matches!(self, Self::Shift(_) | Self::SpeciesShift(..))
    }

    /// The same cure with another shift.
    pub(super) fn shifted(self, by: f64) -> Self {
        match self {
            Self::Shift(shift) => Self::Shift(shift + by),
            Self::SpeciesShift(species, shift) => Self::SpeciesShift(species, shift + by),
            other => other,
        }
    }
}

/// Energies in other units, and of the other sign.
pub(in super::super) fn energy_units() -> impl Iterator<Item = Cure> {
    let units = ENERGY_UNITS.iter().map(|(name, unit)| Cure::Energy(name, *unit));
    units.chain([Cure::PerAtom, Cure::EnergySign])
}

/// All cures that may be tried, but for units of forces and the shift of energies.
pub(super) fn candidates(problem: &Problem<'_>, species: usize) -> Vec<Cure> {
    let mut all: Vec<Cure> = energy_units().collect();
    all.push(Cure::VirialSign);
    let virials = [("eV/Å³", 1.0), ("GPa", 1.0 / GIGAPASCAL), ("kbar", 0.1 / GIGAPASCAL)];
    all.extend(virials.map(|(name, factor)| Cure::Virial(name, factor)));
    if varies(problem) {
        all.extend((0..species).map(|k| Cure::SpeciesShift(k, 0.0)));
    }
    all.extend((1..problem.renamings.len()).filter(|&k| is_possible(problem, k)).map(Cure::Renaming));
    all
}

/// Whether a set has all species that a renaming exchanges.
fn is_possible(problem: &Problem<'_>, renaming: usize) -> bool {
    let has = |species: usize| {
        problem.cases.iter().any(|case| case.record.composition.get(species).is_some_and(|count| *count > 0))
    };
    problem.renamings[renaming].iter().enumerate().all(|(k, to)| k == *to as usize || has(k))
}

/// Whether configurations differ in their shares of species.
fn varies(problem: &Problem<'_>) -> bool {
    let share = |case: &Case<'_>| super::super::shares(case.record, problem.renamings[0].len());
    let first = problem.cases.first().map(share);
    problem.cases.iter().any(|case| {
        first.as_ref().is_some_and(|first| first.iter().zip(share(case)).any(|(a, b)| (a - b).abs() > 0.02))
    })
}
