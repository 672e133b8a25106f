//! A search as a page: error against cost, the Pareto front and all trials.

use maud::{Markup, html};

use super::Criterion;
use super::cost_plot::{self, CostPoint};
use super::report::{COLUMNS, TABLE_NOTE, TuneReport, TuneRow};
use crate::report::Provenance;
use crate::report::html::{ERROR_COLUMNS_NOTE, Head, RMSE_NOTE, figure, figures, grouped, page, table};
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
pub fn render<J>(report: &TuneReport<J>, facts: &[(String, String)], provenance: &Provenance) -> String {
    let by = report.by;
    let plot = |(criterion, label, value): Plot| {
        let point = |row: &TuneRow| {
            let (cost, error) = (row.microseconds_per_atom?, value(row)?);
            let (settings, shown) = (row.settings.describe(), figure(Some(error), 4));
            let description = format!("{settings}: {} µs per atom, {shown}", figure(Some(cost), 3));
            Some(CostPoint { cost, error, label: short(row), description, on_front: row.on_front })
        };
        let points: Vec<CostPoint> = report.trials.iter().filter_map(point).collect();
        cost_plot::render(&points, label, criterion == Some(by))
    };
    let main = html! {
        section.part {
            h2 { "Error against cost" }
            p.about {
                "Large dots: the Pareto front of " (by.describe()) " and time; no other potential is both cheaper and "
                "better. Labels: moment table, cutoff, number of Chebyshev polynomials."
            }
            (figures("two", PLOTS.into_iter().filter_map(plot)))
        }
        (front(report))
        (all(report))
        (set_aside(report))
    };
    let note = format!(
        "{RMSE_NOTE} Loss: of the validation set, with the weights {}. µs per atom: energy, forces and virial on one \
         thread by the fastest of many passes, all potentials in turns, without neighbor lists. Steps with + ended \
         while the loss was still falling.",
        report.loss_weights.map(|weight| general(weight, 6)).join(", ")
    );
    let head = Head {
        title: "Search for potentials".into(),
        facts: facts.to_vec(),
        advice: advice(report),
        provenance: Some(provenance),
        is_running: false,
    };
    page(&head, &main, &note)
}

/// Error, as a multiple of the least one, that is as good as that.
const AS_GOOD: f64 = 1.1;

/// Which potential to take, and how to find better ones.
fn advice<J>(report: &TuneReport<J>) -> Vec<String> {
    let by = report.by;
    let front = report.trials.iter().filter(|row| row.on_front);
    let candidates: Vec<(&TuneRow, f64, f64)> = front
        .filter_map(|row| {
            Some((row, by.of(&row.validation, row.validation_loss)?, row.microseconds_per_atom?))
        })
        .collect();
    let best = candidates.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let mut sentences = Vec::new();
    if let Some((best_row, least, most_time)) = best {
        let good = candidates.iter().filter(|(_, error, _)| *error <= AS_GOOD * least);
        match good.min_by(|a, b| a.2.total_cmp(&b.2)) {
            Some((row, error, time)) if row.potential != best_row.potential => sentences.push(format!(
                "take {}: its {} is within {} % of the least, in {} % of the time",
                row.potential,
                by.describe(),
                figure(Some(100.0 * (error / least - 1.0)), 2),
                figure(Some(100.0 * time / most_time), 2)
            )),
            _ => sentences.push(format!(
                "take {}, which has the least {}, or a cheaper one of the front whose error you can live with",
                best_row.potential,
                by.describe()
            )),
        }
        if best_row.still_falling {
            sentences.push("the loss of the best trial was still falling: allow more steps".into());
        }
    }
    sentences
}

/// Moment table, cutoff and size.
fn short(row: &TuneRow) -> String {
    let settings = &row.settings;
    format!("{} · {} Å · {}", settings.table, general(settings.cutoff, 6), settings.radial_basis_size)
}

/// The best potential for each cost.
fn front<J>(report: &TuneReport<J>) -> Markup {
    let headings = [">µs per atom", ">energy, meV/atom", ">force, eV/Å", ">virial, meV/atom"];
    let headings = [&headings[..], &report.group_headings(), &["potential"]].concat();
    let row = |row: &TuneRow| {
        let mut cells = vec![figure(row.microseconds_per_atom, 3)];
        cells.extend(row.validation.in_report_units().map(|error| figure(error, 4)));
        cells.extend(report.group_cells(row, figure));
        cells.push(row.potential.clone());
        cells
    };
    let rows: Vec<_> = report.trials.iter().filter(|row| row.on_front).map(row).collect();
    html! {
        section.part {
            h2 { "The best for each cost" }
            p.about { "RMS errors on the validation set." }
            (table(&headings, &rows))
        }
    }
}

fn all<J>(report: &TuneReport<J>) -> Markup {
    let ends = (["front"].as_slice(), [">multiply-adds", ">µs per atom"].as_slice());
    let row = |row: &TuneRow| {
        let mut cells = row.cells("●", grouped(row.parameters as u64), figure);
        cells.push(grouped(row.multiply_adds.round() as u64));
        cells.push(figure(row.microseconds_per_atom, 3));
        cells
    };
    html! {
        section.part {
            h2 { "All trials" }
            p.about { (ERROR_COLUMNS_NOTE) " Multiply-adds per atom; " (TABLE_NOTE) "." }
            (table(&[ends.0, &COLUMNS, ends.1].concat(), &report.trials.iter().map(row).collect::<Vec<_>>()))
        }
    }
}

fn set_aside<J>(report: &TuneReport<J>) -> Markup {
    html! {
        @if !report.set_aside.is_empty() {
            section.part {
                h2 { "Failed trials" }
                @for trial in &report.set_aside { p { (trial.settings.describe()) ": " (trial.reason) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::TrialSettings;
    use super::super::report::SetAside;
    use super::*;
    use crate::figures::RmseFigures;
    use crate::report::html::tests::{NASTY, assert_harmless};

    #[test]
    fn names_and_reasons_are_text_whatever_they_are() {
        let settings = TrialSettings {
            table: "8".parse().unwrap(),
            cutoff: 5.0,
            radial_basis_size: 8,
            energy_weight: 1.0,
            force_weight: 0.1,
            stress_weight: 0.0,
        };
        let errors = RmseFigures { energy: Some(0.01), force: Some(0.1), virial: Some(0.02) };
        let row = TuneRow {
            settings: settings.clone(),
            potential: NASTY.into(),
            parameters: 100,
            steps: 10,
            still_falling: true,
            seconds: 1.0,
            training: errors,
            validation: errors,
            validation_loss: 0.5,
            validation_groups: Vec::new(),
            multiply_adds: 1e4,
            microseconds_per_atom: Some(3.0),
            on_front: true,
        };
        let report = TuneReport {
            program: "mtprs",
            job: (),
            by: Criterion::Force,
            min_dist: 1.5,
            loss_weights: [1.0, 0.1, 0.0],
            groups: None,
            trials: vec![row],
            set_aside: vec![SetAside { settings, reason: NASTY.into() }],
        };
        let page = render(&report, &[(NASTY.into(), NASTY.into())], &Provenance::default());
        // A fact, the front, what was set aside, the advice.
        assert_harmless(&page, 2 + 1 + 1 + 1);
        assert_eq!((page.matches("<circle").count(), page.matches("class=\"stairs\"").count()), (4, 1));
    }
}
