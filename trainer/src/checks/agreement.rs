//! Whether the energies, forces and virials of a whole set belong to one energy surface in one system of units.
//!
//! The model of the forces predicts how energies and virials vary within a composition. In sound sets of crystals,
//! surfaces, melts and glasses they vary 0.8 to 2.6 times as much; limits leave a factor of three beside that.

use std::collections::BTreeMap;

use super::energies::ENERGY_UNITS;
use super::finding::{Finding, Kind};
use super::forces::{FORCE_UNITS, SIGN_HINT};
use super::pair_model::PairModel;
use super::record::{Place, Record};
use super::statistics::regression;
use crate::constants::units::GIGAPASCAL;
use crate::statistics::median;
use crate::text::general;

/// Configurations of a composition and file from which its scales count.
const ENOUGH: usize = 8;
/// Correlation with the model from which a scale counts.
const CORRELATED: f64 = 0.8;
/// Scales of sound data with a margin.
const SCALES: [f64; 2] = [0.25, 8.0];
/// Scale and energy per mean square force (Å²/eV) in the middle of sound data.
const USUAL_SCALE: f64 = 1.3;
const USUAL_COMPLIANCE: f64 = 0.06;
/// Energy per mean square force, Å²/eV, in any solid or liquid, and the correlation from which it counts.
const COMPLIANCES: [f64; 2] = [2e-3, 1.0];
const COMPLIANT: f64 = 0.7;
/// Mean square force in units of the median above which a configuration is left out of that.
const LARGEST: f64 = 10.0;
/// Of this many configurations of a file one must tell that the file is wrong.
const WHOLE: usize = 4;
/// Ratio up to which a factor explains a scale.
const NEAR: f64 = 3.5;

/// How labels of one composition and file vary beside what the forces suggest.
pub(super) struct Scales {
    /// Spread of the energies by that of the energies that the forces suggest, where they go together.
    pub(super) energy: Option<f64>,
    /// The same of virials.
    pub(super) virial: Option<f64>,
    /// Energy per mean square force, Å²/eV, where they go together.
    pub(super) compliance: Option<f64>,
    /// Volume per configuration, Å³, and atoms.
    volume: Option<f64>,
    atoms: f64,
    places: Vec<Place>,
}

/// Scales by composition and file, where there are enough configurations.
pub(super) fn scales<'a>(
    records: &'a [Record],
    model: Option<&PairModel>,
) -> BTreeMap<(&'a [u32], usize), Scales> {
    let mut groups: BTreeMap<(&[u32], usize), Vec<&Record>> = BTreeMap::new();
    for record in records {
        groups.entry((&record.composition, record.place.file)).or_default().push(record);
    }
    groups.retain(|_, group| group.len() >= ENOUGH);
    groups.into_iter().map(|(key, group)| (key, Scales::new(&group, model))).collect()
}

/// What is wrong with files as a whole: most of their configurations tell, and most of these agree.
pub(super) fn find(scales: &BTreeMap<(&[u32], usize), Scales>, records: &[Record]) -> Vec<Finding> {
    let mut findings: Vec<(Finding, String)> = Vec::new();
    for (&(_, file), scales) in scales {
        for (finding, key) in [scales.energies(), scales.virials()].into_iter().flatten() {
            let key = format!("{file} {key}");
            match findings.iter_mut().find(|(_, known)| *known == key) {
                Some((known, _)) => known.places.extend(finding.places),
                None => findings.push((finding, key)),
            }
        }
    }
    findings.retain(|(finding, _)| {
        let Some(file) = finding.places.first().map(|place| place.file) else { return false };
        let tells = |scales: &Scales| scales.energy.is_some() || scales.virial.is_some();
        let own = scales.iter().filter(|((_, own), scales)| *own == file && tells(scales));
        let telling: usize = own.map(|(_, scales)| scales.places.len()).sum();
        let all = records.iter().filter(|record| record.place.file == file).count();
        2 * finding.places.len() > telling && WHOLE * finding.places.len() >= all
    });
    let counted = |(mut finding, _): (Finding, String)| {
        finding.message += &format!(" ({} configurations)", finding.places.len());
        finding
    };
    findings.into_iter().map(counted).collect()
}

impl Scales {
    fn new(group: &[&Record], model: Option<&PairModel>) -> Self {
        let model = model.filter(|model| model.describes(group));
        let scale = |value: fn(&Record, &PairModel) -> Option<(f64, f64)>| {
            let points: Vec<(f64, f64)> = group.iter().filter_map(|record| value(record, model?)).collect();
            let (slope, correlation) = regression(&points).filter(|_| points.len() >= ENOUGH)?;
            // The ratio of the spreads, because neither axis is free of error.
            (correlation.abs() >= CORRELATED).then_some(slope / correlation.abs())
        };
        let mut squares: Vec<(f64, f64)> = group
            .iter()
            .filter_map(|record| Some((record.forces?.mean_square, record.energy_per_atom()?)))
            .collect();
        let middle = median(&squares.iter().map(|(square, _)| *square).collect::<Vec<_>>());
        squares.retain(|(square, _)| *square <= LARGEST * middle);
        let compliance =
            regression(&squares).filter(|(_, correlation)| model.is_some() && *correlation >= COMPLIANT);
        Self {
            energy: scale(|record, model| Some((model.energy_per_atom(record), record.energy_per_atom()?))),
            virial: scale(|record, model| Some((model.virial_per_atom(record), record.virial_per_atom()?))),
            compliance: compliance.filter(|_| squares.len() >= ENOUGH).map(|(slope, _)| slope),
            volume: group.first().and_then(|record| record.volume),
            atoms: group.first().map_or(1.0, |record| record.atoms()),
            places: group.iter().map(|record| record.place).collect(),
        }
    }

    /// Whether energies go with the forces.
    pub(super) fn is_usual(&self) -> bool {
        self.energy.is_some_and(is_sound)
    }

    /// Energies that vary too much or too little for the forces.
    fn energies(&self) -> Option<(Finding, String)> {
        let Some(scale) = self.energy.filter(|scale| !is_sound(*scale)) else { return self.compliances() };
        if scale < 0.0 {
            let message =
                "energies fall where the forces imply a rise: the sign of the forces or energies is wrong"
                    .to_owned();
            let hint = SIGN_HINT;
            return Some((self.finding(Kind::ForceUnit, message, hint), "sign".to_owned()));
        }
        let (energies, forces) = (self.energy_units(scale), self.force_units(scale));
        let virials = self.virial.map(|virial| is_sound(virial.abs()));
        // Virials that go with the forces say that these are right; else, how stiff any matter is decides.
        let deviation = |compliance: f64| (compliance / USUAL_COMPLIANCE).ln().abs();
        let blames_forces = match (virials, self.compliance) {
            (Some(true), _) => false,
            (Some(false), _) => true,
            (None, Some(compliance)) => {
                let relative = scale / USUAL_SCALE;
                deviation(compliance / relative.powi(2)) < deviation(compliance / relative)
            }
            (None, None) => energies.is_empty(),
        };
        let (kind, what, units) = if blames_forces {
            (Kind::ForceUnit, "forces", forces)
        } else {
            (Kind::EnergyUnit, "energies", energies)
        };
        let message = format!(
            "energies vary {} times as much as the forces allow, as if they were {what} {}",
            general(scale, 2),
            if units.is_empty() { "in another unit".to_owned() } else { units.join(" or ") }
        );
        let hint = "energies are for the whole configuration in eV, forces in eV/Å: convert them";
        Some((self.finding(kind, message, hint), format!("{what}{units:?}")))
    }

    /// Energies and forces that go together, but are both of a size that no matter has.
    fn compliances(&self) -> Option<(Finding, String)> {
        let compliance = self.compliance.filter(|c| !(COMPLIANCES[0]..COMPLIANCES[1]).contains(c))?;
        let message = format!(
            "energies rise by {} eV for a mean square force of 1 (eV/Å)²: no matter is so {}",
            general(compliance, 2),
            if compliance > COMPLIANCES[1] { "soft" } else { "stiff" }
        );
        let hint =
            "energies and forces may both be in atomic units (1 Ha = 27.2114 eV, 1 Ha/bohr = 51.422 eV/Å)";
        Some((self.finding(Kind::ForceUnit, message, hint), "both".to_owned()))
    }

    /// Virials that do not go with the forces, where the energies do.
    fn virials(&self) -> Option<(Finding, String)> {
        let scale = self.virial?;
        if scale < 0.0 {
            let message =
                "pressures fall where the forces imply a rise: the sign of PlusStress is wrong".to_owned();
            return Some((
                self.finding(Kind::StressSign, message, super::stress::SIGN_HINT),
                "turned".into(),
            ));
        }
        if is_sound(scale) || self.energy.is_some_and(|energy| !is_sound(energy.abs())) {
            return None;
        }
        let volume = self.volume?;
        let units = [("GPa", GIGAPASCAL), ("kbar", 10.0 * GIGAPASCAL), ("eV/Å³", 1.0)]
            .into_iter()
            .filter(|(_, factor)| is_near(scale, factor / volume))
            .map(|(name, _)| format!("stresses in {name}"))
            .collect::<Vec<_>>();
        let message = format!(
            "virials vary {} times as much as the forces allow, as if they were {}",
            general(scale, 2),
            if units.is_empty() { "another unit".to_owned() } else { units.join(" or ") }
        );
        Some((self.finding(Kind::StressUnit, message, super::stress::UNIT_HINT), format!("{units:?}")))
    }

    fn energy_units(&self, scale: f64) -> Vec<String> {
        let units = ENERGY_UNITS.into_iter().chain([("per atom", self.atoms)]);
        let names = nearest(units.map(|(name, unit)| (name, 1.0 / unit)).collect(), scale).into_iter();
        names.map(|name| if name == "per atom" { name.to_owned() } else { format!("in {name}") }).collect()
    }

    fn force_units(&self, scale: f64) -> Vec<String> {
        nearest(FORCE_UNITS.to_vec(), scale).into_iter().map(|name| format!("in {name}")).collect()
    }

    fn finding(&self, kind: Kind, message: String, hint: &str) -> Finding {
        Finding::new(kind, message, hint, self.places.clone())
    }
}

/// Whether labels of this scale go with the forces.
fn is_sound(scale: f64) -> bool {
    (SCALES[0]..SCALES[1]).contains(&scale)
}

/// Names of the factors that explain a scale, the nearest first.
fn nearest(mut factors: Vec<(&'static str, f64)>, scale: f64) -> Vec<&'static str> {
    factors.retain(|(_, factor)| is_near(scale, *factor));
    let distance = |factor: f64| (scale / USUAL_SCALE / factor).ln().abs();
    factors.sort_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
    factors.into_iter().map(|(name, _)| name).collect()
}

fn is_near(scale: f64, factor: f64) -> bool {
    (scale / USUAL_SCALE / factor).ln().abs() < NEAR.ln()
}
