//! The error figures of `mlp calc-errors` (MLIP-2), for comparison with its reports.
//!
//! Its maximum is that of the lengths |ΔF| and of the Frobenius norms of the 3×3 stress tensors; its average is the
//! mean length divided by the number of components (3 or 9), its RMS is that of a component.

use serde::Serialize;

use super::comparison::ErrorStatistics;
use super::statistics::Statistics;
use crate::text::general;

const RULE: &str = "_______________________________________________";

/// The sections of the report.
#[derive(Debug, Serialize)]
pub struct Mlip2Report {
    /// Energy, eV.
    pub energy: Section,
    /// Energy per atom, eV.
    pub energy_per_atom: Section,
    /// Forces, eV/Å.
    pub forces: Section,
    /// Virial, eV.
    pub stresses_ev: Section,
    /// Virial by volume, GPa.
    pub stresses_gpa: Section,
}

/// Figures of one section.
#[derive(Debug, Serialize)]
pub struct Section {
    /// Configurations or atoms compared.
    pub count: u64,
    /// Maximal absolute difference.
    pub maximum: Option<f64>,
    /// Average absolute difference.
    pub average: Option<f64>,
    /// RMS absolute difference.
    pub rms: Option<f64>,
    /// Maximum by largest reference; not for energies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative_maximum: Option<f64>,
    /// RMS by RMS of the reference; not for energies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative_rms: Option<f64>,
}

impl Mlip2Report {
    /// The figures of a set of configurations.
    pub fn new(figures: &ErrorStatistics) -> Self {
        Self {
            energy: energy(&figures.energy),
            energy_per_atom: energy(&figures.energy_per_atom),
            forces: lengths(&figures.forces.norm, 3.0),
            stresses_ev: lengths(&figures.virial.norm, 9.0),
            stresses_gpa: lengths(&figures.stress.norm, 9.0),
        }
    }

    /// The report in the layout of MLIP-2.
    pub fn render(&self) -> String {
        let sections = [
            self.energy.render("Energy", "configurations", None),
            self.energy_per_atom.render("Energy per atom", "configurations", None),
            self.forces.render("Forces", "atoms", Some("Force")),
            self.stresses_ev.render("Stresses (in eV)", "configurations", Some("Stres")),
            self.stresses_gpa.render("Stresses (in GPa)", "configurations", Some("Stres")),
        ];
        format!("_________________Errors report_________________\n{}{RULE}\n", sections.join("\n"))
    }
}

impl Section {
    fn render(&self, title: &str, counted: &str, relative: Option<&str>) -> String {
        let figure = |value: Option<f64>| general(value.unwrap_or(0.0), 6);
        let mut text = format!(
            "{title}:\n\tErrors checked for {} {counted}\n\tMaximal absolute difference = {}\n\
             \tAverage absolute difference = {}\n\tRMS     absolute difference = {}\n",
            self.count,
            figure(self.maximum),
            figure(self.average),
            figure(self.rms)
        );
        if let Some(name) = relative {
            text.push_str(&format!(
                "\tMax({name}Diff) / Max({name}) = {}\n\tRMS({name}Diff) / RMS({name}) = {}\n",
                figure(self.relative_maximum),
                figure(self.relative_rms)
            ));
        }
        text
    }
}

fn energy(figures: &Statistics) -> Section {
    Section { relative_maximum: None, relative_rms: None, ..lengths(figures, 1.0) }
}

fn lengths(figures: &Statistics, components: f64) -> Section {
    Section {
        count: figures.count(),
        maximum: figures.largest().map(|(largest, _)| largest),
        average: figures.mean_absolute().map(|mean| mean / components),
        rms: figures.root_mean_square().map(|rms| rms / components.sqrt()),
        relative_maximum: figures.relative_maximum(),
        relative_rms: figures.relative_root_mean_square(),
    }
}
