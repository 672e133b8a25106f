//! The error figures as tables of HTML.

use maud::{Markup, html};

use super::markup::{figure, grouped};
use crate::report::files::configuration;
use crate::report::summary::{FeatureSummary, ForceSummary, GroupSummary, Quantities, Quantity};
use crate::report::text::place;
use crate::report::worst::{Worst, WorstConfiguration};

const DIGITS: usize = 4;
/// Columns of figures that every table of errors has.
const FIGURES: [&str; 3] = ["MAE", "RMSE", "max |Δ|"];

/// What RMSE stands for in plots.
pub(crate) const RMSE_NOTE: &str = "RMSE: energy by number of atoms; every force component by itself; the six virial components \
                                    by number of atoms.";
/// What the columns E, F and W of a table hold.
pub(crate) const ERROR_COLUMNS_NOTE: &str =
    "RMS errors: energy E in meV/atom, force component F in eV/Å, virial component W in meV/atom.";

/// A table; columns whose heading begins with `>` hold numbers and end flush.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> Markup {
    let class = |column: usize| headings[column].starts_with('>').then_some("number");
    html! {
        div.table {
            table {
                thead {
                    tr {
                        @for (column, heading) in headings.iter().enumerate() {
                            th class=[class(column)] { (heading.strip_prefix('>').unwrap_or(heading)) }
                        }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            @for (column, cell) in row.iter().enumerate() { td class=[class(column)] { (cell) } }
                        }
                    }
                }
            }
        }
    }
}

/// Figures of all quantities.
pub(super) fn quantities(errors: &Quantities) -> Markup {
    let headings =
        ["quantity", "unit", ">MAE", ">RMSE", ">max |Δ|", ">mean Δ", ">relative", ">count", "max |Δ| in"];
    let row = |(name, quantity): (&str, &Quantity)| {
        let mut cells = vec![name.to_owned(), quantity.unit.to_owned()];
        cells.extend(figures(quantity));
        cells.push(figure(quantity.mean, DIGITS));
        cells.push(share(quantity.relative_rms));
        cells.push(grouped(quantity.count));
        cells.push(quantity.largest_in.as_ref().map(place).unwrap_or_default());
        cells
    };
    let named = errors.named().into_iter().filter(|(_, quantity)| quantity.count > 0);
    table(&headings, &named.map(row).collect::<Vec<_>>())
}

/// Figures by value of a feature.
pub(super) fn groups(feature: &FeatureSummary) -> Markup {
    // A feature may be called anything, also something that begins with >, of which the table takes one.
    let mark = if feature.feature.starts_with('>') { ">" } else { "" };
    let mut headings = vec![format!("{mark}{}", feature.feature), ">configurations".into(), ">atoms".into()];
    for quantity in ["E", "F", "σ"] {
        headings.extend(FIGURES.iter().map(|name| format!(">{quantity} {name}")));
    }
    let row = |group: &GroupSummary| {
        let errors = &group.figures.errors;
        let mut cells = vec![
            group.value.clone().unwrap_or_else(|| "(without)".into()),
            grouped(group.figures.configurations),
            grouped(group.figures.atoms),
        ];
        for quantity in [&errors.energy_per_atom, &errors.force_component, &errors.stress_component] {
            cells.extend(figures(quantity));
        }
        cells
    };
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    table(&headings, &feature.groups.iter().map(row).collect::<Vec<_>>())
}

/// Force errors of some of the atoms, under a heading for what tells them apart.
pub(super) fn forces(heading: &str, rows: &[ForceSummary]) -> Markup {
    let row = |row: &ForceSummary| {
        let mut cells = vec![row.atoms.clone(), grouped(row.force_vector.count)];
        cells.extend(figures(&row.force_component));
        cells.push(share(row.force_component.relative_rms));
        cells.push(figure(row.force_vector.rms, DIGITS));
        cells
    };
    let rows: Vec<_> = rows.iter().filter(|row| row.force_vector.count > 0).map(row).collect();
    table(&[heading, ">atoms", ">component MAE", ">RMSE", ">max |Δ|", ">relative", ">vector RMSE"], &rows)
}

/// The worst configurations by each quantity, beside each other.
pub(super) fn worst(worst: &Worst, species: &[String]) -> Markup {
    let number = |entry: &WorstConfiguration| configuration(entry.file.as_deref(), entry.configuration);
    let signed = |entry: &WorstConfiguration, factor: f64| figure(Some(factor * entry.difference), DIGITS);
    let reference = |entry: &WorstConfiguration| figure(Some(entry.reference), DIGITS);
    let label = |entry: &WorstConfiguration| {
        entry.species.and_then(|index| species.get(index as usize)).cloned().unwrap_or_default()
    };
    let energy =
        |entry: &WorstConfiguration| vec![number(entry), entry.atoms.to_string(), signed(entry, 1000.0)];
    let force = |entry: &WorstConfiguration| {
        let atom = entry.atom.map(|atom| atom.to_string()).unwrap_or_default();
        vec![number(entry), atom, label(entry), signed(entry, 1.0), reference(entry)]
    };
    let stress = |entry: &WorstConfiguration| vec![number(entry), signed(entry, 1.0), reference(entry)];
    let energies: Vec<_> = worst.energy_per_atom.iter().map(energy).collect();
    let forces: Vec<_> = worst.force_vector.iter().map(force).collect();
    let stresses: Vec<_> = worst.stress_norm.iter().map(stress).collect();
    html! {
        div.side {
            (section("by energy", &[">configuration", ">atoms", ">Δ, meV/atom"], &energies))
            (section(
                "by the force on one atom",
                &[">configuration", ">atom", "species", ">|ΔF|, eV/Å", ">|F|, eV/Å"],
                &forces,
            ))
            (section("by stress (Frobenius norms)", &[">configuration", ">|Δσ|, GPa", ">|σ|, GPa"], &stresses))
        }
    }
}

/// A table under a title; nothing for no rows.
fn section(title: &str, headings: &[&str], rows: &[Vec<String>]) -> Markup {
    html! { @if !rows.is_empty() { section { h4 { (title) } (table(headings, rows)) } } }
}

/// A ratio in percent.
fn share(value: Option<f64>) -> String {
    value.map_or("–".into(), |value| figure(Some(100.0 * value), 3) + " %")
}

fn figures(quantity: &Quantity) -> [String; 3] {
    [quantity.mean_absolute, quantity.rms, quantity.max_absolute].map(|value| figure(value, DIGITS))
}
