//! A path as a page: errors against time, and all points.

use maud::{Markup, html};

use super::report::{PruneReport, Row};
use crate::report::Provenance;
use crate::report::html::{Head, RMSE_NOTE, figure, figures, grouped, page, table};
use crate::text::general;
use crate::tuning::cost_plot::{self, CostPoint};

/// Label of a plot, and the value in its unit.
type Plot = (&'static str, fn(&Row) -> Option<f64>);

const PLOTS: [Plot; 3] = [
    ("force RMSE, eV/Å", |row| row.errors().force),
    ("energy RMSE, meV/atom", |row| row.errors().in_report_units()[0]),
    ("virial RMSE, meV/atom", |row| row.errors().in_report_units()[2]),
];

/// The whole page, with facts (label and value) at its head.
pub fn render(report: &PruneReport, facts: &[(String, String)], provenance: &Provenance) -> String {
    let set = report.set();
    let plot = |(label, value): Plot| {
        let point = |(number, row): (usize, &Row)| {
            let (cost, error) = (row.microseconds_per_atom, value(row)?);
            let description = format!(
                "{number}: {}: {} µs per atom, {}",
                row.describe(),
                figure(Some(cost), 3),
                figure(Some(error), 4)
            );
            Some(CostPoint { cost, error, label: number.to_string(), description, on_front: true })
        };
        let points: Vec<CostPoint> = report.points.iter().enumerate().filter_map(point).collect();
        cost_plot::render(&points, &format!("{set} {label}"), false)
    };
    let main = html! {
        section.part {
            h2 { "Error against time" }
            p.about {
                "Each dot is a potential of the path; 0 is the one that was given. A dot below and to the left of another one is "
                "both cheaper and better."
            }
            (figures("two", PLOTS.into_iter().filter_map(plot)))
        }
        (points(report))
    };
    let note = format!(
        "{RMSE_NOTE} µs per atom: energy, forces and virial on one thread, the fastest of many passes, all potentials in \
         turns, without neighbor lists."
    );
    let head = Head {
        title: "Cheaper potentials".into(),
        facts: facts.to_vec(),
        advice: vec![report.advice()],
        provenance: Some(provenance),
        is_running: false,
    };
    page(&head, &main, &note)
}

fn points(report: &PruneReport) -> Markup {
    let headings = [
        ">point",
        "made by",
        ">µs per atom",
        ">training: E",
        ">F",
        ">W",
        ">validation: E",
        ">F",
        ">W",
        ">functions",
        ">products",
        "ranks",
        ">polynomials",
        ">cutoff, Å",
        ">neighbors",
        ">parameters",
        "potential",
    ];
    let row = |(number, row): (usize, &Row)| {
        let point = &row.point;
        let mut cells = vec![
            number.to_string(),
            point.change.describe().into(),
            figure(Some(row.microseconds_per_atom), 3),
        ];
        let validation = point.validation.unwrap_or_default();
        for errors in [&point.training, &validation] {
            cells.extend(errors.in_report_units().map(|error| figure(error, 4)));
        }
        cells.extend([grouped(point.basis_functions as u64), grouped(point.products as u64), row.ranks()]);
        cells.extend([point.radial_basis_size.to_string(), general(point.cutoff, 6)]);
        cells.extend([
            figure(Some(point.neighbors), 3),
            grouped(point.parameters as u64),
            row.potential.clone(),
        ]);
        cells
    };
    html! {
        section.part {
            h2 { "The points" }
            p.about { "RMS errors of energies (meV/atom), force components (eV/Å) and virial components (meV/atom). Ranks: the \
                       highest of each radial function." }
            (table(&headings, &report.points.iter().enumerate().map(row).collect::<Vec<_>>()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::folder::{Change, Point};
    use super::*;
    use crate::figures::RmseFigures;
    use crate::report::html::tests::{NASTY, assert_harmless};

    fn row(potential: &str, time: f64, force: f64) -> Row {
        let errors = RmseFigures { energy: Some(0.01), force: Some(force), virial: None };
        let point = Point {
            change: Change::Functions,
            counted_microseconds: time,
            multiply_adds: 1e4,
            cutoff: 5.0,
            neighbors: 40.0,
            radial_basis_size: 8,
            ranks: vec![4, 2, 0],
            basis_functions: 29,
            products: 117,
            parameters: 300,
            loss: 0.5,
            training: errors,
            validation: Some(errors),
            seconds: 3.0,
        };
        Row { potential: potential.into(), point, microseconds_per_atom: time }
    }

    #[test]
    fn names_are_text_whatever_they_are_and_every_point_is_drawn() {
        let points = vec![row(NASTY, 3.0, 0.1), row("01.mtp", 2.0, 0.11), row("02.mtp", 1.0, 0.3)];
        let report = PruneReport { program: "mtprs", points };
        let page = render(&report, &[(NASTY.into(), NASTY.into())], &Provenance::default());
        // A fact and a row of the table.
        assert_harmless(&page, 2 + 1);
        assert_eq!(page.matches("<circle").count(), 2 * 3);
    }

    #[test]
    fn the_cheapest_point_that_is_as_good_is_recommended() {
        let of = |points: Vec<Row>| PruneReport { program: "mtprs", points };
        let report = of(vec![
            row("00.mtp", 4.0, 0.100),
            row("01.mtp", 3.0, 0.095),
            row("02.mtp", 2.0, 0.1019),
            row("03.mtp", 1.0, 0.103),
        ]);
        let advice =
            "02.mtp takes 50 % of the time; its validation force error is 1.02 times that of the potential";
        assert_eq!(report.advice(), advice);
        let worse = of(vec![row("00.mtp", 4.0, 0.1), row("01.mtp", 3.0, 0.2)]);
        assert!(worse.advice().starts_with("no cheaper point"), "{}", worse.advice());
        // Noise may make a pruned potential look dearer.
        let dearer = of(vec![row("00.mtp", 4.0, 0.1), row("01.mtp", 4.1, 0.1)]);
        assert!(dearer.advice().starts_with("no cheaper point"), "{}", dearer.advice());
        let mut energies = of(vec![row("00.mtp", 4.0, 0.1), row("01.mtp", 2.0, 0.3)]);
        for row in &mut energies.points {
            row.point.validation = Some(RmseFigures { energy: Some(0.0), ..RmseFigures::default() });
        }
        let advice =
            "01.mtp takes 50 % of the time; its validation energy error is 0, as that of the potential";
        assert_eq!(energies.advice(), advice);
    }
}
