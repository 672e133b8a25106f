//! The error report as text for people.

use super::comparison::LeftOut;
use super::files::configuration;
use super::summary::{FeatureSummary, ForceSummary, Located, Quantities, SetSummary, Summary};
use crate::text::{Table, counted, significant};

const NOTES: &str = "\
Δ = potential − reference; MAE: mean |Δ|; RMSE: RMS Δ; relative: RMSE divided by the RMS of the reference.
force component: each x, y, z separately; force vector: |ΔF| of each atom.
virial (PlusStress) and stress component: the six xx yy zz yz xz xy, each once; norm: Frobenius norm of the 3×3 tensor.
";

/// The whole report.
pub fn render(summary: &Summary) -> String {
    let SetSummary { configurations, atoms, left_out, errors } = &summary.total;
    let mut text = format!(
        "Errors of {} (species {}) on {}: {}, {}\n\n",
        summary.potential,
        summary.species.join(" "),
        summary.database,
        counted(*configurations, "configuration"),
        counted(*atoms, "atom")
    );
    text.push_str(&quantities_table(errors).render());
    text.push('\n');
    text.push_str(NOTES);
    text.push_str(&left_out_line(left_out));
    if let Some(feature) = &summary.by_feature {
        text.push_str(&format!(
            "\nBy feature {}: E energy, meV/atom; F force component, eV/Å; σ stress component, GPa\n\n",
            feature.feature
        ));
        text.push_str(&groups_table(feature).render());
    }
    if errors.force_component.count > 0 {
        text.push_str("\nForces by species, eV/Å\n\n");
        text.push_str(&forces_table("species", &summary.forces_by_species).render());
        text.push_str("\nForces by magnitude of the reference force, eV/Å\n\n");
        text.push_str(&forces_table("|F|", &summary.forces_by_magnitude).render());
    }
    text
}

fn quantities_table(errors: &Quantities) -> Table {
    let mut table = Table::new(&[
        "quantity",
        "unit",
        ">MAE",
        ">RMSE",
        ">max |Δ|",
        ">mean Δ",
        ">relative",
        ">count",
        "max |Δ| in configuration",
    ]);
    for (name, quantity) in errors.named().into_iter().filter(|(_, quantity)| quantity.count > 0) {
        table.row(vec![
            name.into(),
            quantity.unit.into(),
            figure(quantity.mean_absolute),
            figure(quantity.rms),
            figure(quantity.max_absolute),
            figure(quantity.mean),
            percent(quantity.relative_rms),
            quantity.count.to_string(),
            quantity.largest_in.as_ref().map(numbers).unwrap_or_default(),
        ]);
    }
    table
}

fn groups_table(feature: &FeatureSummary) -> Table {
    let mut table = Table::new(&[
        "value",
        ">configurations",
        ">atoms",
        ">E MAE",
        ">E RMSE",
        ">F MAE",
        ">F RMSE",
        ">σ MAE",
        ">σ RMSE",
    ]);
    for group in &feature.groups {
        let SetSummary { configurations, atoms, errors, .. } = &group.figures;
        table.row(vec![
            group.value.clone().unwrap_or_else(|| "(without)".into()),
            configurations.to_string(),
            atoms.to_string(),
            figure(errors.energy_per_atom.mean_absolute),
            figure(errors.energy_per_atom.rms),
            figure(errors.force_component.mean_absolute),
            figure(errors.force_component.rms),
            figure(errors.stress_component.mean_absolute),
            figure(errors.stress_component.rms),
        ]);
    }
    table
}

fn forces_table(heading: &str, rows: &[ForceSummary]) -> Table {
    let mut table = Table::new(&[
        heading,
        ">atoms",
        ">component MAE",
        ">RMSE",
        ">max |Δ|",
        ">relative",
        ">vector MAE",
        ">RMSE",
    ]);
    let filled = rows.iter().filter(|row| row.force_vector.count > 0);
    for ForceSummary { atoms, force_component, force_vector } in filled {
        table.row(vec![
            atoms.clone(),
            force_vector.count.to_string(),
            figure(force_component.mean_absolute),
            figure(force_component.rms),
            figure(force_component.max_absolute),
            percent(force_component.relative_rms),
            figure(force_vector.mean_absolute),
            figure(force_vector.rms),
        ]);
    }
    table
}

pub(super) fn left_out_line(left_out: &LeftOut) -> String {
    let LeftOut { energy, forces, virial, stress } = left_out;
    let lacks = [
        (*energy, "energy"),
        (*forces, "forces"),
        (*virial, "virial"),
        (stress - virial, "three periodic directions (no stress in GPa)"),
    ];
    let parts: Vec<String> = lacks
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} without {what}", counted(*count, "configuration")))
        .collect();
    if parts.is_empty() { String::new() } else { format!("left out: {}.\n", parts.join(", ")) }
}

fn figure(value: Option<f64>) -> String {
    significant(value, 5)
}

fn percent(value: Option<f64>) -> String {
    value.map_or("-".into(), |value| format!("{:.2} %", 100.0 * value))
}

/// A place in words.
pub(super) fn place(located: &Located) -> String {
    format!("configuration {}", numbers(located))
}

/// A place below a heading that says that it is a configuration.
fn numbers(Located { file, location }: &Located) -> String {
    let mut text = configuration(file.as_deref(), location.configuration);
    if let Some(atom) = location.atom {
        text.push_str(&format!(", atom {atom}"));
    }
    if let Some(component) = location.component {
        text.push_str(&format!(", {component}"));
    }
    text
}
