//! The report as one HTML file: figures, parity plots, histograms and the course of a training.
//!
//! Everything is in the file, as HTML and SVG that is well-formed XML as well; nothing is loaded and no script runs.
//! It follows the reader's choice of light or dark, and prints.

mod axis;
mod curves;
mod frame;
mod head;
mod histogram;
mod markup;
mod parity_plot;
mod series_plot;
mod set;
mod tables;
mod view;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use mtprs_core::potential::Potential;

use super::parity::Parity;
use super::summary::{Quantities, Quantity, Summary};
use crate::figures::HistoryPoint;
use crate::text::{PROGRAM, general};
pub(crate) use axis::{Axis, extent};
use curves::{Abscissa, CURVES};
pub(crate) use frame::{Frame, note};
pub use head::Head;
pub(crate) use markup::{figure, grouped, pixel, polyline};
pub(crate) use series_plot::{LEGEND_STEP, Series, curve, dot, legend, line, threshold};
pub(crate) use tables::{ERROR_COLUMNS_NOTE, RMSE_NOTE, table};

const STYLE: &str = include_str!("style.css");

/// What the figures of errors mean.
const NOTES: &str = "Δ = potential − reference. Force component: every x, y, z of every atom by itself; force vector: |ΔF| \
                     of every atom. Virial and stress component: xx, yy, zz, yz, xz, xy, each once, positive under \
                     compression; norm: Frobenius norm of the 3×3 tensor. Relative: RMSE by RMS of the reference.";

/// What a report is about.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// What stands above everything else.
    pub head: Head<'a>,
    /// The sets of configurations that were compared.
    pub sets: Vec<SetReport<'a>>,
    /// The course of the training, if there was one.
    pub history: &'a [HistoryPoint],
}

/// A set of configurations in a report.
#[derive(Clone, Copy, Debug)]
pub struct SetReport<'a> {
    /// What the set is called: "training", "validation", "test".
    pub label: &'a str,
    /// Its error figures.
    pub summary: &'a Summary,
    /// Its pairs and differences.
    pub parity: &'a Parity,
}

/// The whole page.
pub fn render(report: &Report) -> String {
    let main = html! {
        (cards(&report.sets))
        (training(report.history))
        @for set in &report.sets { (set::render(set)) }
    };
    page(&report.head, &main, NOTES)
}

/// What a page says about a potential beside its errors.
pub fn facts(potential: &Potential, name: &str, more: &[(&str, String)]) -> Vec<(String, String)> {
    let species = (0..potential.species().count()).map(|index| potential.species().label(index));
    let level = potential.moment_basis().level();
    let facts = [
        ("Potential", name.to_owned()),
        ("Species", species.collect::<Vec<_>>().join(" ")),
        ("Level", level.map_or("not that of a full level".into(), |level| level.to_string())),
        ("Cutoff", format!("{} Å", general(potential.cutoff(), 6))),
        ("Parameters", potential.parameter_layout().len().to_string()),
    ];
    let all = facts.iter().chain(more).map(|(label, value)| ((*label).to_owned(), value.clone()));
    all.chain([("Program".to_owned(), PROGRAM.to_owned())]).collect()
}

/// The last part of a path, or all of what is none.
pub fn file_name(path: &str) -> &str {
    std::path::Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

/// A page with a head, contents and a note at its end.
pub(crate) fn page(head: &Head, contents: &Markup, note: &str) -> String {
    let page = html! {
        (DOCTYPE) "\n"
        html lang="en" xmlns="http://www.w3.org/1999/xhtml" {
            head { (head.for_browser()) style { (PreEscaped(STYLE)) } }
            body {
                (head.render())
                main { (contents) }
                footer { p { (note) } p { "Made by " (PROGRAM) "." } }
            }
        }
        "\n"
    };
    page.0.chars().map(allowed).collect()
}

/// A character, or what stands for one that XML forbids, escaped or not: names of files may have any.
fn allowed(character: char) -> char {
    match character {
        '\t' | '\n' => character,
        '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        _ if character.is_control() => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

/// Figures beside each other in `columns` (two, three); nothing for none.
pub(crate) fn figures(columns: &str, figures: impl IntoIterator<Item = Markup>) -> Markup {
    let mut figures = figures.into_iter().peekable();
    html! {
        @if figures.peek().is_some() {
            div class={ "figures " (columns) } { @for figure in figures { figure { (figure) } } }
        }
    }
}

/// The figures that everybody looks for first: one card for each quantity, one line in it for each set.
fn cards(sets: &[SetReport]) -> Markup {
    type Choice = fn(&Quantities) -> &Quantity;
    let quantities: [(&str, Choice); 3] = [
        ("Energy", |errors| &errors.energy_per_atom),
        ("Force component", |errors| &errors.force_component),
        ("Stress component", |errors| &errors.stress_component),
    ];
    html! {
        div.cards {
            @for (name, choice) in quantities {
                @let compared = sets.iter().filter(|set| choice(&set.summary.total.errors).count > 0);
                @if compared.clone().next().is_some() {
                    section.card {
                        h2 { (name) }
                        @for (set, quantity) in compared.map(|set| (set, choice(&set.summary.total.errors))) {
                            p {
                                // One set needs no name here: it has a heading below.
                                @if sets.len() > 1 { span.set { (set.label) } }
                                span.big { (figure(quantity.rms, 3)) } " " (quantity.unit) " RMSE"
                                span.small {
                                    "MAE " (figure(quantity.mean_absolute, 3)) ", max " (figure(quantity.max_absolute, 3))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Curves against iterations on the left, against time on the right.
fn training(history: &[HistoryPoint]) -> Markup {
    let abscissas = [Abscissa::Iteration, Abscissa::Time];
    let pairs = CURVES.iter().flat_map(|curve| abscissas.map(|abscissa| (curve, abscissa)));
    let plots: Vec<Markup> =
        pairs.filter_map(|(curve, abscissa)| curves::render(history, curve, abscissa)).collect();
    html! {
        @if !plots.is_empty() {
            section.part { h2 { "Course of the training" } (figures("two", plots)) }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
