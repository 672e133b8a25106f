//! A search as a page: error against cost, the Pareto front and all trials.

use super::cost_plot::{self, CostPoint};
use super::markup::{escape, figure, grouped};
use super::tables::{ERROR_COLUMNS_NOTE, HtmlTable, RMSE_NOTE};
use crate::PROGRAM;
use crate::cli::Criterion;
use crate::report::tune::{TuneReport, TuneRow};
use crate::text::general;

/// What a plot shows: the error that it stands for, its label, and the value in the unit of the label.
type Plot = (Option<Criterion>, &'static str, fn(&TuneRow) -> Option<f64>);

const PLOTS: [Plot; 4] = [
    (Some(Criterion::Force), "validation force RMSE, eV/Å", |row| row.validation.force),
    (Some(Criterion::Energy), "validation energy RMSE, meV/atom", |row| row.validation.in_report_units()[0]),
    (None, "validation virial RMSE, meV/atom", |row| row.validation.in_report_units()[2]),
    (Some(Criterion::Loss), "validation loss", |row| Some(row.validation_loss)),
];

/// The whole page.
pub fn render(report: &TuneReport) -> String {
    let by = report.job.by.unwrap_or_default();
    let mut main = String::from("<section class=\"part\">\n<h2>Error against cost</h2>\n");
    main.push_str(&format!(
        "<p class=\"about\">Large dots: the Pareto front of {} and time; no other potential is both cheaper and \
         better. Labels: level, cutoff, number of Chebyshev polynomials.</p>\n<div class=\"figures two\">\n",
        name(by)
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
    super::page("Search for potentials", &facts(report), &main, &footer)
}

fn name(by: Criterion) -> &'static str {
    match by {
        Criterion::Energy => "validation energy error",
        Criterion::Force => "validation force error",
        Criterion::Loss => "validation loss",
    }
}

/// Level, cutoff and size.
fn short(row: &TuneRow) -> String {
    let settings = &row.settings;
    format!("{} · {} Å · {}", settings.level, general(settings.cutoff, 6), settings.radial_basis_size)
}

fn facts(report: &TuneReport) -> Vec<(String, String)> {
    let train = &report.job.train;
    let files = train.valid_cfgs.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
    let validation = match (train.folds, files.is_empty()) {
        (Some(folds), _) => format!("{folds} folds"),
        (None, false) => files.join(", "),
        (None, true) => {
            format!("{} % of the training set", general(100.0 * train.valid_fraction.unwrap_or(0.0), 4))
        }
    };
    let facts = [
        ("Species", report.job.species.clone().unwrap_or_default()),
        ("min_dist", format!("{} Å", general(report.min_dist, 6))),
        ("Validation", validation),
        ("Trials", (report.trials.len() + report.set_aside.len()).to_string()),
        ("Program", PROGRAM.to_owned()),
    ];
    facts.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
}

/// The best potential for each cost.
fn front(report: &TuneReport) -> String {
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

fn all(report: &TuneReport) -> String {
    let mut table = HtmlTable::new(&[
        "front",
        ">level",
        ">cutoff, Å",
        ">size",
        ">weights E, F, W",
        ">parameters",
        ">steps",
        ">training: E",
        ">F",
        ">W",
        ">validation: E",
        ">F",
        ">W",
        ">loss",
        ">multiply-adds",
        ">µs per atom",
    ]);
    for row in &report.trials {
        let settings = &row.settings;
        let mut cells = vec![
            if row.on_front { "●".to_owned() } else { String::new() },
            settings.level.to_string(),
            general(settings.cutoff, 6),
            settings.radial_basis_size.to_string(),
            row.weights(),
            grouped(row.parameters as u64),
            row.steps.to_string() + if row.still_falling { "+" } else { "" },
        ];
        for figures in [row.training, row.validation] {
            cells.extend(figures.in_report_units().map(|error| figure(error, 4)));
        }
        cells.push(figure(Some(row.validation_loss), 4));
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

fn set_aside(report: &TuneReport) -> String {
    if report.set_aside.is_empty() {
        return String::new();
    }
    let entry = |trial: &crate::report::tune::SetAside| {
        format!("<p>{}: {}</p>\n", escape(&trial.settings.describe()), escape(&trial.reason))
    };
    let entries: String = report.set_aside.iter().map(entry).collect();
    format!("<section class=\"part\">\n<h2>Set aside</h2>\n{entries}</section>\n")
}
