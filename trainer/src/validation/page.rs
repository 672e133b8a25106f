//! A report as a page: the comparison, energies against volume, the density of states of the phonons, and all tables.

use maud::{Markup, html};

use super::report::{Part, Report};
use super::table::{cells, details, headings, headline};
use crate::report::html::{Axis, Frame, Series, curve, dot, extent, figures, note, page, pixel, table};
use crate::text::general;

/// Pixels of the area of a plot.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 260.0;

const NOTE: &str = "±: how far the method of computation may be off, where that is known, not the error of the potential. Bulk \
                    modulus: the fit to the inner half of the volumes. Elastic constants: the largest difference between C_ij and \
                    C_ji. Vacancies: a cell that is smaller by one copy. Surfaces: what the middle of the slab adds. Phonons have no \
                    long-range electric fields, so that optical modes do not split at Γ.";

/// The whole page.
pub fn render(report: &Report) -> String {
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
        ("Cells of vacancies".to_owned(), format!("{} Å wide or more", general(settings.width, 4))),
        ("Slabs".to_owned(), format!("{} Å thick or more", general(settings.thickness, 4))),
        ("Forces of both up to".to_owned(), format!("{} eV/Å", general(settings.max_force, 3))),
    ]);
    page("What the potential says of the crystal", &facts, &main, NOTE)
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
        y_label: "modes per THz and smallest cell".into(),
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
