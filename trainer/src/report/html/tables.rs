//! The error figures as tables of HTML.

use super::markup::{escape, figure, grouped};
use crate::report::files::configuration;
use crate::report::summary::{FeatureSummary, ForceSummary, Quantities, Quantity};
use crate::report::text::place;
use crate::report::worst::{Worst, WorstConfiguration};

const DIGITS: usize = 4;
/// Columns of figures that every table of errors has.
const FIGURES: [&str; 3] = ["MAE", "RMSE", "max"];

/// What RMSE stands for in plots.
pub(crate) const RMSE_NOTE: &str = "RMSE: energy by number of atoms; every force component by itself; the six virial components \
                                    by number of atoms.";
/// What the columns E, F and W of a table hold.
pub(crate) const ERROR_COLUMNS_NOTE: &str =
    "RMS errors: energy E in meV/atom, force component F in eV/Å, virial component W in meV/atom.";

/// A table of HTML; columns whose heading begins with `>` hold numbers and end flush.
pub(crate) struct HtmlTable {
    flush_right: Vec<bool>,
    text: String,
}

impl HtmlTable {
    pub(crate) fn new(headings: &[&str]) -> Self {
        let flush_right = headings.iter().map(|heading| heading.starts_with('>')).collect();
        let mut table = Self { flush_right, text: "<div class=\"table\"><table>\n<thead>\n".into() };
        let headings = headings.iter().map(|heading| heading.trim_start_matches('>').to_owned());
        table.line("th", &headings.collect::<Vec<_>>());
        table.text.push_str("</thead>\n<tbody>\n");
        table
    }

    pub(crate) fn row(&mut self, cells: &[String]) {
        self.line("td", cells);
    }

    fn line(&mut self, tag: &str, cells: &[String]) {
        self.text.push_str("<tr>");
        for (cell, &flush_right) in cells.iter().zip(&self.flush_right) {
            let class = if flush_right { " class=\"number\"" } else { "" };
            self.text.push_str(&format!("<{tag}{class}>{}</{tag}>", escape(cell)));
        }
        self.text.push_str("</tr>\n");
    }

    pub(crate) fn finish(self) -> String {
        self.text + "</tbody>\n</table></div>\n"
    }
}

/// Figures of all quantities.
pub(super) fn quantities(errors: &Quantities) -> String {
    let mut table = HtmlTable::new(&[
        "quantity",
        "unit",
        ">MAE",
        ">RMSE",
        ">max",
        ">mean",
        ">relative",
        ">count",
        "largest in",
    ]);
    for (name, quantity) in errors.named().into_iter().filter(|(_, quantity)| quantity.count > 0) {
        let mut cells = vec![name.to_owned(), quantity.unit.to_owned()];
        cells.extend(figures(quantity));
        cells.push(figure(quantity.mean, DIGITS));
        cells.push(share(quantity.relative_rms));
        cells.push(grouped(quantity.count));
        cells.push(quantity.largest_in.as_ref().map(place).unwrap_or_default());
        table.row(&cells);
    }
    table.finish()
}

/// Figures by value of a feature.
pub(super) fn groups(feature: &FeatureSummary) -> String {
    let mut headings = vec![feature.feature.clone(), ">configurations".into(), ">atoms".into()];
    for quantity in ["E", "F", "σ"] {
        headings.extend(FIGURES.iter().map(|name| format!(">{quantity} {name}")));
    }
    // A feature may be called anything, also something that begins with >.
    let mut table = HtmlTable::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for group in &feature.groups {
        let errors = &group.figures.errors;
        let mut cells = vec![
            group.value.clone().unwrap_or_else(|| "(without)".into()),
            grouped(group.figures.configurations),
            grouped(group.figures.atoms),
        ];
        for quantity in [&errors.energy_per_atom, &errors.force_component, &errors.stress_component] {
            cells.extend(figures(quantity));
        }
        table.row(&cells);
    }
    table.finish()
}

/// Force errors of some of the atoms, under a heading for what tells them apart.
pub(super) fn forces(heading: &str, rows: &[ForceSummary]) -> String {
    let mut table = HtmlTable::new(&[heading, ">atoms", ">MAE", ">RMSE", ">max", ">relative", ">RMS |ΔF|"]);
    for row in rows.iter().filter(|row| row.force_vector.count > 0) {
        let mut cells = vec![row.atoms.clone(), grouped(row.force_vector.count)];
        cells.extend(figures(&row.force_component));
        cells.push(share(row.force_component.relative_rms));
        cells.push(figure(row.force_vector.rms, DIGITS));
        table.row(&cells);
    }
    table.finish()
}

/// The worst configurations by each quantity, beside each other.
pub(super) fn worst(worst: &Worst, species: &[String]) -> String {
    let mut text = String::from("<div class=\"side\">\n");
    let number = |entry: &WorstConfiguration| configuration(entry.file.as_deref(), entry.configuration);
    let signed = |entry: &WorstConfiguration, factor: f64| figure(Some(factor * entry.difference), DIGITS);
    let mut section = |title: &str, headings: &[&str], rows: Vec<Vec<String>>| {
        if rows.is_empty() {
            return;
        }
        let mut table = HtmlTable::new(headings);
        rows.iter().for_each(|row| table.row(row));
        text.push_str(&format!("<section><h4>{}</h4>\n{}</section>\n", escape(title), table.finish()));
    };
    let energies = worst.energy_per_atom.iter();
    section(
        "by energy",
        &[">configuration", ">atoms", ">Δ, meV/atom"],
        energies.map(|entry| vec![number(entry), entry.atoms.to_string(), signed(entry, 1000.0)]).collect(),
    );
    let forces = worst.force_vector.iter();
    let label = |entry: &WorstConfiguration| {
        entry.species.and_then(|index| species.get(index as usize)).cloned().unwrap_or_default()
    };
    section(
        "by the force on one atom",
        &[">configuration", ">atom", "species", ">|ΔF|, eV/Å", ">|F|, eV/Å"],
        forces
            .map(|entry| {
                let atom = entry.atom.map(|atom| atom.to_string()).unwrap_or_default();
                let force = figure(Some(entry.reference), DIGITS);
                vec![number(entry), atom, label(entry), signed(entry, 1.0), force]
            })
            .collect(),
    );
    let stresses = worst.stress_norm.iter();
    section(
        "by stress (Frobenius norms)",
        &[">configuration", ">|Δσ|, GPa", ">|σ|, GPa"],
        stresses
            .map(|entry| {
                let stress = figure(Some(entry.reference), DIGITS);
                vec![number(entry), signed(entry, 1.0), stress]
            })
            .collect(),
    );
    text + "</div>\n"
}

/// A ratio in percent.
fn share(value: Option<f64>) -> String {
    value.map_or("–".into(), |value| figure(Some(100.0 * value), 3) + " %")
}

fn figures(quantity: &Quantity) -> [String; 3] {
    [quantity.mean_absolute, quantity.rms, quantity.max_absolute].map(|value| figure(value, DIGITS))
}
