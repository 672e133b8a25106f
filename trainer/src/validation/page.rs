//! A report as a page: the comparison, energies against volume, the density of states of the phonons, and all tables.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::grades::SELECT;
use super::report::{Figure, Part, Report};
use super::table::{cells, details, headings, headline};
use crate::report::Provenance;
use crate::report::html::{Axis, Frame, Head, Series, curve, dot, extent, figures, note, page, pixel, table};
use crate::text::general;

/// Pixels of the area of a plot.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 260.0;

const NOTE: &str = "±: accuracy of the computation where it is known, not the error of the potential. Bulk modulus: difference \
                    from a fit to the inner half of the volumes. Elastic constants: largest difference between C_ij and C_ji, or \
                    from a tenth of the strain. Vacancies: difference from a supercell with one copy less. Surfaces: share of the \
                    innermost layers of the slab. Phonons lack long-range electric fields, so that optical modes do not split at Γ.";

/// The whole page.
pub fn render(report: &Report, provenance: &Provenance) -> String {
    let comparison = headings(report);
    let comparison: Vec<&str> = comparison.iter().map(String::as_str).collect();
    let rows: Vec<_> = report.figures.iter().map(|figure| cells(report, figure)).collect();
    let main = html! {
        section.part {
            h2 { "Properties" }
            p.about { (headline(report)) }
            @if let Some(source) = &report.source { p.about { "Reference: " (source) } }
            (table(&comparison, &rows))
            @for note in &report.notes { p.about { (note) } }
        }
        @if report.eos.is_some() || report.phonons.is_some() {
            section.part {
                h2 { "Curves" }
                (figures("two", [equation(report), density(report)].into_iter().flatten()))
            }
        }
        @for (title, headings, rows) in details(report) {
            section.part {
                h2 { (capitalized(title.split([';', ',']).next().unwrap_or_default())) }
                p.about { (title) }
                (table(&headings, &rows))
            }
        }
    };
    let settings = &report.settings;
    let mut facts = report.facts.clone();
    facts.extend([
        ("Strain".to_owned(), general(settings.strain, 4)),
        ("Displacement".to_owned(), format!("{} Å", general(settings.displacement, 4))),
        ("Supercells of vacancies".to_owned(), format!("at least {} Å wide", general(settings.width, 4))),
        ("Slabs".to_owned(), format!("at least {} Å thick", general(settings.thickness, 4))),
        ("Largest force of both".to_owned(), format!("{} eV/Å", general(settings.max_force, 3))),
    ]);
    let head = Head {
        title: format!("Validation of a potential: {}", report.crystal.formula),
        facts,
        advice: advice(report),
        provenance: Some(provenance),
        ..Head::default()
    };
    page(&head, &main, NOTE)
}

/// What to do next: first what makes figures worthless, then what differs from the reference.
fn advice(report: &Report) -> Vec<String> {
    let mut advice = Vec::new();
    let worst = |figure: &&Figure| figure.grade.filter(|&grade| grade > SELECT);
    let parts: BTreeSet<&str> =
        report.figures.iter().filter(|f| worst(f).is_some()).map(|f| f.part.name()).collect();
    if !parts.is_empty() {
        let parts: Vec<&str> = parts.into_iter().collect();
        advice.push(format!(
            "Label configurations of the kind met in {}, whose grades are above {}, and train again: mtprs learn finds them.",
            parts.join(", "),
            general(SELECT, 2)
        ));
    }
    let outside: Vec<&str> = report
        .figures
        .iter()
        .filter(|figure| figure.is_within == Some(false))
        .map(|figure| figure.label.as_str())
        .collect();
    if !outside.is_empty() {
        advice.push(format!(
            "Not within the tolerance: {}. If the reference comes from the same DFT settings, add strained, displaced or defective \
             cells of this crystal to the training set.",
            outside.join(", ")
        ));
    }
    if advice.is_empty()
        && report.source.is_none()
        && report.figures.iter().all(|figure| figure.reference.is_none())
    {
        advice.push("Compare with measured values or DFT: --reference FILE.toml.".into());
    }
    advice
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
}

/// A reference value of a key, if it is there.
fn reference(report: &Report, key: &str) -> Option<f64> {
    report.figures.iter().find(|figure| figure.key == key)?.reference
}

/// Energies against volume, with the fit and the volume of the reference.
fn equation(report: &Report) -> Option<Markup> {
    let eos = report.eos.as_ref()?;
    let marked = reference(report, "volume");
    let (low, high) = extent(eos.volumes.iter().copied().chain(marked));
    let energies = || eos.energies.iter().map(|energy| 1e3 * (energy - eos.energy));
    let top = extent(energies()).1;
    let frame = Frame {
        description: "energy against volume".into(),
        x: Axis::linear(low - 0.03 * (high - low), high + 0.03 * (high - low), WIDTH),
        y: Axis::linear(-0.05 * top, 1.08 * top, HEIGHT).upright(),
        x_label: "volume, Å³/atom".into(),
        y_label: "energy above E₀, meV/atom".into(),
    };
    let points = eos.curve.iter().map(|&(volume, energy)| (volume, 1e3 * (energy - eos.energy))).collect();
    let fit = Series { name: "Birch-Murnaghan".into(), points };
    Some(frame.render(&html! {
        @if let Some(volume) = marked { (mark(&frame, volume, "reference")) }
        (curve(&frame, &fit, None, 0))
        g class="series series0" {
            @for (volume, energy) in eos.volumes.iter().zip(energies()) {
                @let place = [frame.x.at(*volume), frame.down(energy)];
                (dot(place, 3.0, &format!("{} Å³: {} meV", general(*volume, 5), general(energy, 4))))
            }
        }
    }))
}

/// Density of states of the phonons, with the highest frequency of the reference.
fn density(report: &Report) -> Option<Markup> {
    let phonons = report.phonons.as_ref()?;
    let marked = reference(report, "max_frequency");
    let (low, high) = extent(phonons.density.iter().map(|point| point.0).chain(marked));
    let top = extent(phonons.density.iter().map(|point| point.1)).1;
    if top <= 0.0 || low >= high {
        return None;
    }
    let frame = Frame {
        description: "density of states against frequency".into(),
        x: Axis::linear(low, high, WIDTH),
        y: Axis::linear(0.0, 1.05 * top, HEIGHT).upright(),
        x_label: "frequency, THz (imaginary ones negative)".into(),
        y_label: "modes per THz and primitive cell".into(),
    };
    let states = Series { name: Part::Phonons.name().into(), points: phonons.density.clone() };
    Some(frame.render(&html! {
        @if let Some(frequency) = marked { (mark(&frame, frequency, "reference, highest")) }
        (curve(&frame, &states, None, 0))
    }))
}

/// A dashed line at a value, with its name.
fn mark(frame: &Frame, value: f64, name: &str) -> Markup {
    let x = frame.x.at(value);
    let (left, anchor) = if x < 0.6 * WIDTH { (x + 6.0, "start") } else { (x - 6.0, "end") };
    html! {
        path.normal d={ "M" (pixel(x)) " 0V" (pixel(HEIGHT)) } {}
        (note(left, 18.0, anchor, &[name.to_owned()]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reference;
    use super::super::crystal::Description;
    use super::super::eos::EquationOfState;
    use super::super::phonons::{Phonons, Point};
    use super::super::report::Settings;
    use super::*;
    use crate::report::html::tests::{NASTY, assert_harmless};

    #[test]
    fn facts_are_text_whatever_they_are_and_every_plot_is_there() {
        let report = Report {
            program: "mtprs",
            facts: vec![(NASTY.into(), NASTY.into())],
            crystal: Description {
                formula: NASTY.into(),
                atoms: 2,
                primitive_atoms: 2,
                lengths: [3.0; 3],
                angles: [90.0; 3],
                volume: 27.0,
                volume_change: 0.2,
                energy_per_atom: -3.0,
                largest_force: 0.0,
                largest_stress: 0.0,
                grade: Some(20.0),
            },
            settings: Settings {
                strain: 0.01,
                displacement: 0.01,
                width: 10.0,
                thickness: 20.0,
                max_force: 1e-3,
            },
            source: None,
            figures: Vec::new(),
            eos: Some(EquationOfState {
                volumes: vec![13.0, 13.5, 14.0],
                energies: vec![-2.9, -3.0, -2.9],
                curve: vec![(13.0, -2.9), (14.0, -2.9)],
                volume: 13.5,
                energy: -3.0,
                bulk_modulus: 100.0,
                derivative: 4.0,
                residual: 0.0,
                inner: (101.0, 4.1),
                grade: None,
            }),
            elastic: None,
            phonons: Some(Phonons {
                atoms: 2,
                displacements: 12,
                mesh: [2; 3],
                points: vec![Point { q: [0.0; 3], frequencies: vec![0.0, 0.0, 0.0, 3.0, 3.0, 4.0] }],
                lowest: -1.0,
                highest: 4.0,
                imaginary_share: 0.1,
                density: vec![(0.0, 0.0), (2.0, 1.0), (4.0, 0.0)],
                heat: None,
                asymmetry: 0.0,
                sum_rule: 0.0,
                grade: None,
            }),
            vacancies: None,
            surfaces: Vec::new(),
            notes: vec![NASTY.into()],
        };
        let reference =
            Reference::parse("source = \"a <b> table\"\nvolume = 12.0\nmax_frequency = 5", "r").unwrap();
        let page = render(&report.complete(Some(&reference)), &Provenance::default());
        assert_harmless(&page, 2);
        assert_eq!(page.matches("class=\"plot\"").count(), 2, "energies, density of states");
        assert!(page.contains("reference, highest"));
    }
}
