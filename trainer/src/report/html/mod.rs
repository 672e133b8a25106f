//! The report as one HTML file: figures, parity plots, histograms and the course of a training.
//!
//! Everything is in the file, as HTML and SVG that is well-formed XML as well; nothing is loaded and no script runs.
//! It follows the reader's choice of light or dark, and prints.

mod axis;
mod curves;
mod frame;
mod histogram;
mod markup;
mod parity_plot;
mod series_plot;
mod set;
mod tables;
mod view;

use mtprs_core::potential::Potential;

use super::parity::Parity;
use super::summary::{Quantities, Quantity, Summary};
use crate::figures::HistoryPoint;
use crate::text::{PROGRAM, general};
pub(crate) use axis::Axis;
use curves::{Abscissa, CURVES};
pub(crate) use frame::{Frame, note};
pub(crate) use markup::{escape, figure, grouped, pixel};
pub(crate) use series_plot::{LEGEND_STEP, Series, legend, line};
pub(crate) use tables::{ERROR_COLUMNS_NOTE, HtmlTable, RMSE_NOTE};

const STYLE: &str = include_str!("style.css");

/// What the figures of errors mean.
const NOTES: &str = "<p>Δ = potential − reference. Force component: every x, y, z of every atom by itself; force vector: |ΔF| \
                     of every atom. Virial and stress component: xx, yy, zz, yz, xz, xy, each once, positive under \
                     compression; norm: Frobenius norm of the 3×3 tensor. Relative: RMSE by RMS of the reference.</p>\n";

/// What a report is about.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// Heading of the page.
    pub title: String,
    /// What was done with what: label and value.
    pub facts: Vec<(String, String)>,
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
    let mut main = cards(&report.sets);
    main.push_str(&training(report.history));
    for set in &report.sets {
        main.push_str(&set::render(set));
    }
    page(&report.title, &report.facts, &main, NOTES)
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

/// A page with a heading, facts, contents and notes at its end, the last two as HTML.
pub(crate) fn page(title: &str, of_whole: &[(String, String)], main: &str, notes: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"generator\" content=\"{PROGRAM}\"/>\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<header>\n<h1>{title}</h1>\n{}</header>\n<main>\n{main}</main>\n<footer>\n{notes}\
         <p>Made by {PROGRAM}.</p>\n</footer>\n</body>\n</html>\n",
        fact_list(of_whole)
    )
}

fn fact_list(facts: &[(String, String)]) -> String {
    if facts.is_empty() {
        return String::new();
    }
    let entry = |(label, value): &(String, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(label), escape(value))
    };
    format!("<dl class=\"facts\">\n{}</dl>\n", facts.iter().map(entry).collect::<String>())
}

/// The figures that everybody looks for first: one card for each quantity, one line in it for each set.
fn cards(sets: &[SetReport]) -> String {
    type Choice = fn(&Quantities) -> &Quantity;
    let quantities: [(&str, Choice); 3] = [
        ("Energy", |errors| &errors.energy_per_atom),
        ("Force component", |errors| &errors.force_component),
        ("Stress component", |errors| &errors.stress_component),
    ];
    // One set needs no name here: it has a heading below.
    let name_of = |set: &SetReport| match sets.len() {
        1 => String::new(),
        _ => format!("<span class=\"set\">{}</span>", escape(set.label)),
    };
    let mut text = String::from("<div class=\"cards\">\n");
    for (name, quantity_of) in quantities {
        let mut lines = String::new();
        for set in sets {
            let quantity = quantity_of(&set.summary.total.errors);
            if quantity.count == 0 {
                continue;
            }

            lines.push_str(&format!(
                "<p>{}<span class=\"big\">{}</span> {} RMSE<span class=\"small\">MAE {}, \
                 max {}</span></p>\n",
                name_of(set),
                figure(quantity.rms, 3),
                escape(quantity.unit),
                figure(quantity.mean_absolute, 3),
                figure(quantity.max_absolute, 3),
            ));
        }
        if !lines.is_empty() {
            text.push_str(&format!("<section class=\"card\"><h2>{name}</h2>\n{lines}</section>\n"));
        }
    }
    text + "</div>\n"
}

/// Curves against iterations on the left, against time on the right.
fn training(history: &[HistoryPoint]) -> String {
    let mut figures = String::new();
    for curve in &CURVES {
        for abscissa in [Abscissa::Iteration, Abscissa::Time] {
            if let Some(svg) = curves::render(history, curve, abscissa) {
                figures.push_str(&format!("<figure>\n{svg}</figure>\n"));
            }
        }
    }
    if figures.is_empty() {
        return String::new();
    }
    format!(
        "<section class=\"part\">\n<h2>Course of the training</h2>\n<div class=\"figures two\">\n{figures}</div>\n</section>\n"
    )
}

#[cfg(test)]
mod tests;
