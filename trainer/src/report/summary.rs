//! The figures of a comparison with their units, ready to be printed or written as JSON.

use mtprs_core::potential::Potential;
use serde::Serialize;

use super::comparison::{Comparison, ErrorStatistics, FORCE_MAGNITUDES, LeftOut};
use super::files::Files;
use super::mlip::MlipReport;
use super::statistics::{ComponentsAndNorm, Location, Statistics};
use super::worst::Worst;
use crate::text::PROGRAM;

/// Everything that the report says.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Program and version.
    pub program: &'static str,
    /// The potential, as the user named its file.
    pub potential: String,
    /// Species of the potential: element symbols, or numbers where there are none.
    pub species: Vec<String>,
    /// The configurations, as the user named their file.
    pub database: String,
    /// What the figures mean.
    pub definitions: Definitions,
    /// Figures of all configurations.
    #[serde(flatten)]
    pub total: SetSummary,
    /// Figures by value of a feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_feature: Option<FeatureSummary>,
    /// Force errors by species.
    pub forces_by_species: Vec<ForceSummary>,
    /// Force errors by magnitude of the reference force.
    pub forces_by_magnitude: Vec<ForceSummary>,
    /// The configurations with the largest errors.
    pub worst_configurations: Worst,
    /// The figures that MLIP-2 prints.
    pub mlip2: MlipReport,
}

/// What the figures mean, in words.
#[derive(Debug, Serialize)]
pub struct Definitions {
    difference: &'static str,
    force_component: &'static str,
    force_vector: &'static str,
    virial_component: &'static str,
    virial_norm: &'static str,
    stress: &'static str,
    relative: &'static str,
    mlip2: &'static str,
}

/// The one set of definitions that there is.
const DEFINITIONS: Definitions = Definitions {
    difference: "potential minus reference",
    force_component: "every x, y, z of every atom by itself",
    force_vector: "length of the error of an atom's force",
    virial_component: "xx, yy, zz, yz, xz, xy, each by itself and once",
    virial_norm: "Frobenius norm of the 3x3 tensor",
    stress: "virial by volume; configurations periodic in three directions only",
    relative: "maximum by largest reference value, RMS by RMS of the reference",
    mlip2: "maximum of lengths; average: mean length by 3 (forces) or 9 (stresses); RMS per component of 3 or 9",
};

/// Figures of a set of configurations.
#[derive(Debug, Serialize)]
pub struct SetSummary {
    /// Configurations in the set.
    pub configurations: u64,
    /// Atoms in them.
    pub atoms: u64,
    /// Configurations without energy, forces, virial, or without volume or virial.
    pub left_out: LeftOut,
    /// The figures.
    pub errors: Quantities,
}

/// Figures of every quantity.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Quantities {
    pub energy: Quantity,
    pub energy_per_atom: Quantity,
    pub force_component: Quantity,
    pub force_vector: Quantity,
    pub virial_component: Quantity,
    pub virial_norm: Quantity,
    pub stress_component: Quantity,
    pub stress_norm: Quantity,
}

/// Figures of one quantity, in its unit; what cannot be computed is missing.
#[derive(Debug, Serialize)]
pub struct Quantity {
    /// Unit of the figures that have one.
    pub unit: &'static str,
    /// Number of differences.
    pub count: u64,
    /// Largest |Δ|.
    pub max_absolute: Option<f64>,
    /// Mean |Δ|.
    pub mean_absolute: Option<f64>,
    /// Root mean square of Δ.
    pub rms: Option<f64>,
    /// Mean Δ, for quantities with a sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Largest |Δ| by largest reference value; not for energies, whose zero is arbitrary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative_max: Option<f64>,
    /// RMS of Δ by RMS of the reference; not for energies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative_rms: Option<f64>,
    /// Where the largest |Δ| is.
    pub largest_in: Option<Located>,
}

/// Where a difference is in one of several files.
#[derive(Debug, Serialize)]
pub struct Located {
    /// The file, if there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Configuration in the file, atom, component.
    #[serde(flatten)]
    pub location: Location,
}

/// Figures by value of a feature.
#[derive(Debug, Serialize)]
pub struct FeatureSummary {
    /// The feature.
    pub feature: String,
    /// Its values in alphabetical order.
    pub groups: Vec<GroupSummary>,
}

/// Figures of the configurations that share a value of a feature.
#[derive(Debug, Serialize)]
pub struct GroupSummary {
    /// The value; missing for configurations without that feature.
    pub value: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub figures: SetSummary,
}

/// Force errors of some of the atoms.
#[derive(Debug, Serialize)]
pub struct ForceSummary {
    /// Which atoms.
    pub atoms: String,
    /// Per component.
    pub force_component: Quantity,
    /// Length of the error.
    pub force_vector: Quantity,
}

impl Summary {
    /// Summarises a comparison of the potential from file `potential` with the configurations from `database`, which are
    /// numbered over all `files`.
    pub fn new(
        model: &Potential,
        potential: &str,
        database: &str,
        files: &Files,
        comparison: &Comparison,
    ) -> Self {
        let species: Vec<String> =
            (0..model.species().count()).map(|index| model.species().label(index)).collect();
        let groups = |feature: &String| FeatureSummary {
            feature: feature.clone(),
            groups: comparison
                .groups
                .iter()
                .map(|(value, figures)| GroupSummary { value: value.clone(), figures: set(figures, files) })
                .collect(),
        };
        Self {
            program: PROGRAM,
            potential: potential.to_owned(),
            database: database.to_owned(),
            definitions: DEFINITIONS,
            total: set(&comparison.total, files),
            by_feature: comparison.by.as_ref().map(groups),
            forces_by_species: force_summaries(species.clone(), &comparison.species, files),
            forces_by_magnitude: force_summaries(magnitude_labels(), &comparison.force_magnitudes, files),
            worst_configurations: comparison.worst.located(files),
            mlip2: MlipReport::new(&comparison.total),
            species,
        }
    }
}

impl Quantities {
    /// The quantities with their names, in the order of the report.
    pub fn named(&self) -> [(&'static str, &Quantity); 8] {
        [
            ("energy", &self.energy),
            ("energy per atom", &self.energy_per_atom),
            ("force component", &self.force_component),
            ("force vector", &self.force_vector),
            ("virial component", &self.virial_component),
            ("virial norm", &self.virial_norm),
            ("stress component", &self.stress_component),
            ("stress norm", &self.stress_norm),
        ]
    }
}

fn set(figures: &ErrorStatistics, files: &Files) -> SetSummary {
    SetSummary {
        configurations: figures.configurations,
        atoms: figures.atoms,
        left_out: figures.left_out,
        errors: Quantities {
            energy: energy(&figures.energy, "eV", 1.0, files),
            energy_per_atom: energy(&figures.energy_per_atom, "meV/atom", 1000.0, files),
            force_component: component(&figures.forces, "eV/Å", files),
            force_vector: norm(&figures.forces, "eV/Å", files),
            virial_component: component(&figures.virial, "eV", files),
            virial_norm: norm(&figures.virial, "eV", files),
            stress_component: component(&figures.stress, "GPa", files),
            stress_norm: norm(&figures.stress, "GPa", files),
        },
    }
}

fn force_summaries(labels: Vec<String>, figures: &[ComponentsAndNorm], files: &Files) -> Vec<ForceSummary> {
    let summary = |(atoms, forces): (String, &ComponentsAndNorm)| ForceSummary {
        atoms,
        force_component: component(forces, "eV/Å", files),
        force_vector: norm(forces, "eV/Å", files),
    };
    labels.into_iter().zip(figures).map(summary).collect()
}

fn magnitude_labels() -> Vec<String> {
    let mut labels = vec![format!("below {}", FORCE_MAGNITUDES[0])];
    labels.extend(FORCE_MAGNITUDES.windows(2).map(|ends| format!("{} to {}", ends[0], ends[1])));
    labels.push(format!("from {}", FORCE_MAGNITUDES[FORCE_MAGNITUDES.len() - 1]));
    labels
}

fn energy(figures: &Statistics, unit: &'static str, factor: f64, files: &Files) -> Quantity {
    let scaled = |figure: Option<f64>| figure.map(|figure| factor * figure);
    Quantity {
        unit,
        count: figures.count(),
        max_absolute: scaled(figures.largest().map(|(largest, _)| largest)),
        mean_absolute: scaled(figures.mean_absolute()),
        rms: scaled(figures.root_mean_square()),
        mean: scaled(figures.mean()),
        relative_max: None,
        relative_rms: None,
        largest_in: figures.largest().map(|(_, location)| {
            let (file, configuration) = files.place(location.configuration);
            Located { file, location: Location { configuration, ..location } }
        }),
    }
}

fn component(figures: &ComponentsAndNorm, unit: &'static str, files: &Files) -> Quantity {
    Quantity {
        relative_max: figures.component.relative_maximum(),
        relative_rms: figures.component.relative_root_mean_square(),
        ..energy(&figures.component, unit, 1.0, files)
    }
}

fn norm(figures: &ComponentsAndNorm, unit: &'static str, files: &Files) -> Quantity {
    Quantity {
        mean: None,
        relative_max: figures.norm.relative_maximum(),
        relative_rms: figures.norm.relative_root_mean_square(),
        ..energy(&figures.norm, unit, 1.0, files)
    }
}
