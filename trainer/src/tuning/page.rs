//! A search as a page: error against cost, the Pareto front and all trials.

use super::Criterion;
use super::cost_plot::{self, CostPoint};
use super::report::{COLUMNS, SetAside, TuneReport, TuneRow};
use crate::report::html::{ERROR_COLUMNS_NOTE, HtmlTable, RMSE_NOTE, escape, figure, grouped, page};
use crate::text::general;

/// What a plot shows: the error that it stands for, its label, and the value in the unit of the label.
type Plot = (Option<Criterion>, &'static str, fn(&TuneRow) -> Option<f64>);

const PLOTS: [Plot; 4] = [
    (Some(Criterion::Force), "validation force RMSE, eV/Å", |row| row.validation.force),
    (Some(Criterion::Energy), "validation energy RMSE, meV/atom", |row| row.validation.in_report_units()[0]),
    (None, "validation virial RMSE, meV/atom", |row| row.validation.in_report_units()[2]),
    (Some(Criterion::Loss), "validation loss", |row| Some(row.validation_loss)),
];

/// The whole page, with facts (label and value) at its head.
pub fn render<J>(report: &TuneReport<J>, facts: &[(String, String)]) -> String {
    let by = report.by;
    let mut main = String::from("<section class=\"part\">\n<h2>Error against cost</h2>\n");
    main.push_str(&format!(
        "<p class=\"about\">Large dots: the Pareto front of {} and time; no other potential is both cheaper and \
         better. Labels: level, cutoff, number of Chebyshev polynomials.</p>\n<div class=\"figures two\">\n",
        by.describe()
    ));
    for (criterion, label, value) in PLOTS {
        let point = |row: &TuneRow| {
            let cost = row.microseconds_per_atom?;
            Some(CostPoint {
                cost,
                error: value(row)?,
                label: short(row),
                description: format!(
                    "{}: {} µs per atom, {}",
                    row.settings.describe(),
                    figure(Some(cost), 3),
                    figure(value(row), 4)
                ),
                on_front: row.on_front,
            })
        };
        let points: Vec<CostPoint> = report.trials.iter().filter_map(point).collect();
        if let Some(svg) = cost_plot::render(&points, label, criterion == Some(by)) {
            main.push_str(&format!("<figure>\n{svg}</figure>\n"));
        }
    }
    main.push_str("</div>\n</section>\n");
    main.push_str(&front(report));
    main.push_str(&all(report));
    main.push_str(&set_aside(report));
    let footer = format!(
        "<p>{RMSE_NOTE} Loss: of the validation set, with the weights {}. µs per atom: energy, forces and virial on one \
         thread by the fastest of many passes, all potentials in turns, without neighbor lists. Steps with + ended \
         while the loss was still falling.</p>\n",
        report.loss_weights.map(|weight| general(weight, 6)).join(", ")
    );
    page("Search for potentials", facts, &main, &footer)
}

/// Level, cutoff and size.
fn short(row: &TuneRow) -> String {
    let settings = &row.settings;
    format!("{} · {} Å · {}", settings.level, general(settings.cutoff, 6), settings.radial_basis_size)
}

/// The best potential for each cost.
fn front<J>(report: &TuneReport<J>) -> String {
    let mut table = HtmlTable::new(&[
        ">µs per atom",
        ">energy, meV/atom",
        ">force, eV/Å",
        ">virial, meV/atom",
        "potential",
    ]);
    for row in report.trials.iter().filter(|row| row.on_front) {
        let mut cells = vec![figure(row.microseconds_per_atom, 3)];
        cells.extend(row.validation.in_report_units().map(|error| figure(error, 4)));
        cells.push(row.potential.clone());
        table.row(&cells);
    }
    format!(
        "<section class=\"part\">\n<h2>The best for each cost</h2>\n<p class=\"about\">RMS errors on the validation set.</p>\n{}</section>\n",
        table.finish()
    )
}

fn all<J>(report: &TuneReport<J>) -> String {
    let ends = (["front"].as_slice(), [">multiply-adds", ">µs per atom"].as_slice());
    let mut table = HtmlTable::new(&[ends.0, &COLUMNS, ends.1].concat());
    for row in &report.trials {
        let mut cells = row.cells("●", grouped(row.parameters as u64), figure);
        cells.push(grouped(row.multiply_adds.round() as u64));
        cells.push(figure(row.microseconds_per_atom, 3));
        table.row(&cells);
    }
    format!(
        "<section class=\"part\">\n<h2>All trials</h2>\n<p class=\"about\">{ERROR_COLUMNS_NOTE} \
         Multiply-adds per atom.</p>\n{}</section>\n",
        table.finish()
    )
}

fn set_aside<J>(report: &TuneReport<J>) -> String {
    if report.set_aside.is_empty() {
        return String::new();
    }
    let entry = |trial: &SetAside| {
        format!("<p>{}: {}</p>\n", escape(&trial.settings.describe()), escape(&trial.reason))
    };
    let entries: String = report.set_aside.iter().map(entry).collect();
    format!("<section class=\"part\">\n<h2>Set aside</h2>\n{entries}</section>\n")
}
