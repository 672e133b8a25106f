//! What the report says about one set of configurations: its plots, then its tables.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use maud::{Markup, html};

use super::histogram::{self, HistogramLabels};
use super::markup::{figure, grouped};
use super::parity_plot::{self, ParityLabels};
use super::series_plot::COLORS;
use super::{SetReport, extent, figures, tables};
use crate::report::cells::Cells;
use crate::report::parity::{Distribution, EnergyParity, EnergyPoint, MOST_ENERGIES};
use crate::report::summary::{ForceSummary, Quantities, Quantity};
use crate::report::text::left_out_line;
use crate::text::counted;

/// A range of energies below which meV are the better unit, eV.
const SMALL_RANGE: f64 = 0.5;

/// The section of a set.
pub(super) fn render(set: &SetReport) -> Markup {
    let SetReport { label, summary, parity } = set;
    let (total, errors) = (&summary.total, &summary.total.errors);
    let counted_by =
        |count: u64, noun: &str| format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" });
    let left_out = left_out_line(&total.left_out);
    let shown = parity.energy_count() as u64;
    html! {
        section.part {
            h2 { (label) }
            p.about {
                (counted_by(total.configurations, "configuration")) ", " (counted_by(total.atoms, "atom")) ": "
                (summary.database) @if !left_out.is_empty() { "; " (left_out.trim_end()) }
            }
            (main_figures(set, errors))
            (species_figures(set))
            h3 { "Errors" }
            (tables::quantities(errors))
            @if let Some(feature) = &summary.by_feature {
                h3 { "By " (feature.feature) }
                p.about { "Energy E in meV/atom, force component F in eV/Å, stress component σ in GPa." }
                (tables::groups(feature))
            }
            @if errors.force_component.count > 0 {
                h3 { "Force components, eV/Å" }
                div.side {
                    (tables::forces("species", &summary.forces_by_species))
                    (tables::forces("reference |F|, eV/Å", &summary.forces_by_magnitude))
                }
            }
            h3 { "Worst configurations" }
            p.about { "Numbers count from one in the order of the file." }
            (tables::worst(&summary.worst_configurations, &summary.species))
            @if errors.energy.count > shown {
                p.about {
                    "The parity plot of the energy shows " (counted(shown, "configuration")) ", at most " (MOST_ENERGIES)
                    " at even distances; everything else counts all."
                }
            }
        }
    }
}

/// Parity plots of energy, forces and stress, with the histograms of their differences below them.
fn main_figures(set: &SetReport, errors: &Quantities) -> Markup {
    let parity = set.parity;
    let (forces, stress) = (&errors.force_component, &errors.stress_component);
    let columns = [
        energy_column(set, &errors.energy_per_atom),
        distribution_column(&parity.forces(), "force component", "Force component", forces),
        distribution_column(parity.stress(), "stress component", "Stress component", stress),
    ];
    figures("three", columns.into_iter().flatten())
}

fn energy_column(set: &SetReport, quantity: &Quantity) -> Option<Markup> {
    let EnergyParity { species_energies, points } = set.parity.energies();
    let reach = points.iter().map(|point| point.pair[0].abs()).fold(0.0, f64::max);
    let (factor, unit) = if reach < SMALL_RANGE { (1000.0, "meV/atom") } else { (1.0, "eV/atom") };
    let mut pairs = Cells::new(points.len());
    points.iter().for_each(|point| pairs.add(point.pair));
    let (names, groups) = by_group(points);
    let labels = ParityLabels { quantity: "energy", unit, less: " − Σ species", notes: notes(quantity) };
    let plot = parity_plot::render(&pairs, factor, &labels, &groups)?;
    let labels = HistogramLabels {
        quantity: "error of the energy",
        unit: quantity.unit,
        mean: quantity.mean,
        rms: quantity.rms,
    };
    let histogram = histogram::render(set.parity.energy_differences(), 1000.0, &labels)?;
    Some(html! {
        figcaption { "Energy per atom" }
        (plot)
        @if !names.is_empty() {
            p.key {
                @for (number, name) in names.iter().enumerate() { span class={ "series" (number) } { (name) } }
            }
        }
        p.about.caption { (zero(set, &species_energies)) }
        (histogram)
    })
}

/// What is subtracted from energies, in words.
fn zero(set: &SetReport, energies: &[f64]) -> String {
    let (low, high) = extent(energies.iter().copied());
    // What the compositions leave open is shared by all species.
    if high - low < 1e-4 * high.abs().max(low.abs()) {
        return format!("Σ species: {} eV for each atom, the mean of the reference.", figure(Some(low), 6));
    }
    let one = |(name, &energy): (&String, &f64)| format!("{name} {}", figure(Some(energy), 6));
    let energies = set.summary.species.iter().zip(energies).map(one).collect::<Vec<_>>().join(", ");
    format!("Σ species: an energy for each atom, fitted to the reference, eV: {energies}.")
}

/// Names and pairs of the largest groups, and of all others together behind them; nothing if there are no groups.
fn by_group(points: Vec<EnergyPoint>) -> (Vec<String>, Vec<Vec<[f64; 2]>>) {
    let mut groups: BTreeMap<Option<String>, Vec<[f64; 2]>> = BTreeMap::new();
    for point in points {
        groups.entry(point.group).or_default().push(point.pair);
    }
    if groups.keys().all(Option::is_none) {
        return (Vec::new(), Vec::new());
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, pairs)| Reverse(pairs.len()));
    let rest = if groups.len() > COLORS { groups.split_off(COLORS - 1) } else { Vec::new() };
    let (names, mut pairs): (Vec<Option<String>>, Vec<_>) = groups.into_iter().unzip();
    let mut names: Vec<_> =
        names.into_iter().map(|name| name.unwrap_or_else(|| "(without)".into())).collect();
    if !rest.is_empty() {
        names.push(format!("{} others", rest.len()));
        pairs.push(rest.into_iter().flat_map(|(_, pairs)| pairs).collect());
    }
    (names, pairs)
}

fn distribution_column(
    distribution: &Distribution,
    name: &str,
    title: &str,
    quantity: &Quantity,
) -> Option<Markup> {
    let labels = ParityLabels { quantity: name, unit: quantity.unit, less: "", notes: notes(quantity) };
    let plot = parity_plot::render(&distribution.pairs, 1.0, &labels, &[])?;
    let error = format!("error of the {name}");
    let labels =
        HistogramLabels { quantity: &error, unit: quantity.unit, mean: quantity.mean, rms: quantity.rms };
    let histogram = histogram::render(&distribution.differences, 1.0, &labels)?;
    Some(html! { figcaption { (title) } (plot) (histogram) })
}

/// Forces of each species by itself; with one species that is what the main figures show.
fn species_figures(set: &SetReport) -> Markup {
    let species = set.parity.forces_by_species().iter().zip(&set.summary.forces_by_species);
    let column = |(distribution, forces): (&Distribution, &ForceSummary)| {
        // Species without element names are numbers.
        let is_number = forces.atoms.parse::<u32>().is_ok();
        let title = format!("Forces on {}{}", if is_number { "species " } else { "" }, forces.atoms);
        distribution_column(distribution, "force component", &title, &forces.force_component)
    };
    let has_many = set.summary.species.len() > 1;
    let columns: Vec<Markup> = species.filter(|_| has_many).filter_map(column).collect();
    html! {
        @if !columns.is_empty() { h3 { "Forces by species" } (figures("three", columns)) }
    }
}

fn notes(quantity: &Quantity) -> Vec<String> {
    let line = |name: &str, value| format!("{name} {} {}", figure(value, 3), quantity.unit);
    vec![line("RMSE", quantity.rms), line("MAE", quantity.mean_absolute)]
}
