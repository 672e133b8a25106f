//! What the report says about one set of configurations: its plots, then its tables.

use super::SetReport;
use super::histogram::{self, HistogramLabels};
use super::markup::{escape, figure, grouped};
use super::parity_plot::{self, ParityLabels};
use super::tables;
use crate::report::cells::Cells;
use crate::report::parity::{Distribution, MOST_ENERGIES};
use crate::report::summary::{Quantities, Quantity};
use crate::report::text::left_out_line;
use crate::text::counted;

/// A range of energies below which meV are the better unit, eV.
const SMALL_RANGE: f64 = 0.5;

/// The section of a set.
pub(super) fn render(set: &SetReport) -> String {
    let SetReport { label, summary, parity } = set;
    let total = &summary.total;
    let errors = &total.errors;
    let mut text = format!(
        "<section class=\"part\">\n<h2>{}</h2>\n<p class=\"about\">{}, {}: {}{}</p>\n",
        escape(label),
        grouped(total.configurations)
            + if total.configurations == 1 { " configuration" } else { " configurations" },
        grouped(total.atoms) + if total.atoms == 1 { " atom" } else { " atoms" },
        escape(&summary.database),
        left_out(&left_out_line(&total.left_out)),
    );
    text.push_str(&main_figures(set, errors));
    text.push_str(&species_figures(set));
    text.push_str("<h3>Errors</h3>\n");
    text.push_str(&tables::quantities(errors));
    if let Some(feature) = &summary.by_feature {
        text.push_str(&format!("<h3>By {}</h3>\n", escape(&feature.feature)));
        text.push_str(
            "<p class=\"about\">Energy E in meV/atom, force component F in eV/Å, stress component σ in GPa.</p>\n",
        );
        text.push_str(&tables::groups(feature));
    }
    if errors.force_component.count > 0 {
        text.push_str("<h3>Force components, eV/Å</h3>\n<div class=\"side\">\n");
        text.push_str(&tables::forces("species", &summary.forces_by_species));
        text.push_str(&tables::forces("reference |F|, eV/Å", &summary.forces_by_magnitude));
        text.push_str("</div>\n");
    }
    text.push_str("<h3>Worst configurations</h3>\n");
    text.push_str("<p class=\"about\">Numbers count from one in the order of the file.</p>\n");
    text.push_str(&tables::worst(&summary.worst_configurations, &summary.species));
    let shown = parity.energy_count() as u64;
    if errors.energy.count > shown {
        let shown = counted(shown, "configuration");
        text.push_str(&format!(
            "<p class=\"about\">The parity plot of the energy shows {shown}, at most {MOST_ENERGIES} at even distances; \
             everything else counts all.</p>\n"
        ));
    }
    text.push_str("</section>\n");
    text
}

/// Parity plots of energy, forces and stress, with the histograms of their differences below them.
fn main_figures(set: &SetReport, errors: &Quantities) -> String {
    let parity = set.parity;
    let mut columns = Vec::new();
    columns.extend(energy_column(set, &errors.energy_per_atom));
    columns.extend(distribution_column(
        &parity.forces(),
        "force component",
        "Force component",
        &errors.force_component,
    ));
    columns.extend(distribution_column(
        parity.stress(),
        "stress component",
        "Stress component",
        &errors.stress_component,
    ));
    let columns: String = columns.iter().map(|column| format!("<figure>\n{column}</figure>\n")).collect();
    if columns.is_empty() { columns } else { format!("<div class=\"figures three\">\n{columns}</div>\n") }
}

fn energy_column(set: &SetReport, quantity: &Quantity) -> Option<String> {
    let energies = set.parity.energies();
    let reach = energies.iter().map(|pair| pair[0].abs()).fold(0.0, f64::max);
    let (factor, unit) = if reach < SMALL_RANGE { (1000.0, "meV/atom") } else { (1.0, "eV/atom") };
    let mut pairs = Cells::new(energies.len());
    energies.into_iter().for_each(|pair| pairs.add(pair));
    let labels = ParityLabels { quantity: "energy", unit, notes: notes(quantity) };
    let plot = parity_plot::render(&pairs, factor, &labels)?;
    let labels = HistogramLabels {
        quantity: "error of the energy",
        unit: quantity.unit,
        mean: quantity.mean,
        rms: quantity.rms,
    };
    let histogram = histogram::render(set.parity.energy_differences(), 1000.0, &labels)?;
    let caption = "<figcaption>Energy per atom</figcaption>\n";
    Some(format!("{caption}{plot}{histogram}"))
}

fn distribution_column(
    distribution: &Distribution,
    name: &str,
    title: &str,
    quantity: &Quantity,
) -> Option<String> {
    let labels = ParityLabels { quantity: name, unit: quantity.unit, notes: notes(quantity) };
    let plot = parity_plot::render(&distribution.pairs, 1.0, &labels)?;
    let error = format!("error of the {name}");
    let labels =
        HistogramLabels { quantity: &error, unit: quantity.unit, mean: quantity.mean, rms: quantity.rms };
    let histogram = histogram::render(&distribution.differences, 1.0, &labels)?;
    let caption = format!("<figcaption>{}</figcaption>\n", escape(title));
    Some(format!("{caption}{plot}{histogram}"))
}

/// Forces of each species by itself; with one species that is what the main figures show.
fn species_figures(set: &SetReport) -> String {
    if set.summary.species.len() < 2 {
        return String::new();
    }
    let species = set.parity.forces_by_species().iter().zip(&set.summary.forces_by_species);
    let columns: String = species
        .filter_map(|(distribution, forces)| {
            // Species without element names are numbers.
            let is_number = forces.atoms.parse::<u32>().is_ok();
            let title = format!("Forces on {}{}", if is_number { "species " } else { "" }, forces.atoms);
            distribution_column(distribution, "force component", &title, &forces.force_component)
        })
        .map(|column| format!("<figure>\n{column}</figure>\n"))
        .collect();
    if columns.is_empty() {
        return columns;
    }
    format!("<h3>Forces by species</h3>\n<div class=\"figures three\">\n{columns}</div>\n")
}

fn notes(quantity: &Quantity) -> Vec<String> {
    let line = |name: &str, value| format!("{name} {} {}", figure(value, 3), quantity.unit);
    vec![line("RMSE", quantity.rms), line("MAE", quantity.mean_absolute)]
}

fn left_out(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!("; {}", escape(line.trim_end())) }
}
