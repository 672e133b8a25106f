//! The page as a whole: read by a real XML parser, with names that try to break it.

use std::time::{Duration, SystemTime};

use mtprs_core::evaluate::Efs;
use mtprs_core::geometry::{Cell, Configuration, Virial};
use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use roxmltree::{Document, Node, ParsingOptions};

use super::*;
use crate::figures::RmseFigures;
use crate::report::{Comparison, FileRecord, Files, Provenance};

/// A name that tries to become markup.
pub(crate) const NASTY: &str = "a<b>&\"c\"'d'</title><script>alert(1)</script>\u{1}.cfg";

/// A comparison of `count` configurations of four atoms with errors of a few percent, as summary and parity.
fn compared(count: u64, by: Option<&str>) -> (Summary, Parity) {
    let species = Species::named(&["Mg", "O"]).unwrap();
    let potential = Potential::untrained(4, species, 1.5, 4.0, 4).unwrap();
    let (mut comparison, mut parity) = (Comparison::new(2, by), Parity::new(2, by));
    for number in 1..=count {
        let wave = |k: u64| (number as f64 * 0.37 + k as f64).sin();
        let cell = Cell::new(&[[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0]]).unwrap();
        let positions = (0..4).map(|atom| [f64::from(atom), 0.0, 0.0]).collect();
        let mut reference = Configuration::new(cell, vec![0, 1, 0, 1], positions).unwrap();
        let forces: Vec<[f64; 3]> =
            (0..4).map(|atom| [wave(atom), 3.0 * wave(atom + 5), wave(atom + 9)]).collect();
        reference.energy = Some(-20.0 + wave(1));
        reference.virial = Some(Virial { xx: wave(2), yy: wave(3), xy: wave(4), ..Virial::default() });
        reference.set_feature("><phase>", ["glass & \"melt\"", NASTY][(number % 2) as usize]);
        let off = |x: f64, k: u64| x * (1.0 + 0.05 * wave(20 + k)) + 0.02 * wave(30 + k);
        let efs = Efs {
            energy: -20.0 + off(wave(1), 0),
            site_energies: Vec::new(),
            forces: forces.iter().map(|force| force.map(|x| off(x, 1))).collect(),
            virial: Virial { xx: off(wave(2), 2), yy: wave(3), xy: wave(4), ..Virial::default() },
            atom_virials: Vec::new(),
        };
        reference.forces = Some(forces);
        comparison.add(number, &reference, &efs).unwrap();
        parity.add(number, &reference, &efs);
    }
    (Summary::new(&potential, NASTY, NASTY, &Files::default(), &comparison), parity)
}

fn history(points: u64) -> Vec<HistoryPoint> {
    let figures =
        |error: f64| RmseFigures { energy: Some(error), force: Some(10.0 * error), virial: Some(error) };
    let point = |iteration: u64| {
        let error = 0.5 / (1.0 + iteration as f64).powf(0.8) + 0.003;
        HistoryPoint {
            iteration,
            seconds: 0.02 + 0.11 * iteration as f64,
            loss: 1e4 * error * error,
            training: figures(error),
            validation: iteration.is_multiple_of(5).then(|| figures(1.3 * error)),
        }
    };
    (0..points).map(point).collect()
}

/// Where something comes from whose names are anything.
fn nasty_provenance() -> Provenance {
    let file = FileRecord { name: NASTY.into(), size: 12_345, checksum: Some("00ff".into()) };
    Provenance {
        command: Some(NASTY.into()),
        begun: Some(SystemTime::UNIX_EPOCH),
        elapsed: Some(Duration::from_secs(61)),
        settings: Some(NASTY.into()),
        files: vec![file; 60],
    }
}

/// A page with everything that a page can have.
fn full_page() -> String {
    let (training, training_parity) = compared(700, Some("><phase>"));
    let (validation, validation_parity) = compared(60, None);
    render(&Report {
        head: Head {
            title: format!("Training of {NASTY}"),
            facts: vec![("Potential".into(), NASTY.into()), ("Cutoff".into(), "5 Å".into())],
            advice: vec![NASTY.into()],
            provenance: Some(&nasty_provenance()),
            is_running: true,
        },
        sets: vec![
            SetReport { label: "Training", summary: &training, parity: &training_parity },
            SetReport { label: "Validation", summary: &validation, parity: &validation_parity },
        ],
        history: &history(500),
    })
}

/// What is called [`NASTY`] is text everywhere in a page, `times` at least, and nothing else came of it.
pub(crate) fn assert_harmless(page: &str, times: usize) {
    let document = parsed(page);
    for name in ["script", "link", "img", "iframe", "image", "use", "object", "b"] {
        assert_eq!(named(&document, name).count(), 0, "{name}");
    }
    for attribute in ["src", "href", "style", "onload", "onclick", "onerror"] {
        assert!(document.descendants().all(|node| node.attribute(attribute).is_none()), "{attribute}");
    }
    let shown = NASTY.replace('\u{1}', "\u{fffd}");
    let texts = document.descendants().filter_map(|node| node.is_text().then(|| node.text()).flatten());
    let attributes =
        document.descendants().flat_map(|node| node.attributes()).map(|attribute| attribute.value());
    let found = texts.chain(attributes).filter(|text| text.contains(&shown)).count();
    assert!(found >= times, "{found} of {times}\n{page}");
}

pub(crate) fn parsed(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).unwrap_or_else(|error| panic!("{error}\n{page}"))
}

fn named<'a, 'i>(document: &'a Document<'i>, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    document.descendants().filter(move |node| node.tag_name().name() == name)
}

fn plots<'a>(document: &'a Document) -> Vec<&'a str> {
    named(document, "svg").filter_map(|svg| svg.attribute("aria-label")).collect()
}

#[test]
fn the_page_is_well_formed_needs_nothing_but_itself_and_runs_nothing_whatever_things_are_called() {
    let page = full_page();
    // Title, heading, fact, the database of both sets, values of the feature.
    assert_harmless(&page, 6);
    let document = parsed(&page);
    let title = named(&document, "title").next().unwrap().text().unwrap();
    assert_eq!(title, format!("Training of {NASTY}").replace('\u{1}', "\u{fffd}"));
    for (name, text) in
        [("td", "glass & \"melt\""), ("th", "><phase>"), ("h3", "By ><phase>"), ("h4", "by energy")]
    {
        let texts = |node: Node| {
            let texts = node.descendants().filter(Node::is_text);
            texts.filter_map(|node| node.text().map(str::to_owned)).collect::<String>()
        };
        assert!(named(&document, name).any(|node| texts(node) == text), "{text}");
    }
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
}

#[test]
fn every_plot_is_there() {
    let page = full_page();
    let document = parsed(&page);
    let plots = plots(&document);
    let count = |beginning: &str| plots.iter().filter(|plot| plot.starts_with(beginning)).count();
    // For each of two sets: energy, all forces, stress, and forces by two species.
    assert_eq!((count("parity plot of the "), count("histogram of the ")), (10, 10));
    for quantity in ["loss", "energy RMSE, meV/atom", "force RMSE, eV/Å", "virial RMSE, meV/atom"] {
        assert_eq!(count(&format!("{quantity} against ")), 2, "{quantity}");
    }
    assert_eq!(plots.len(), 28);
}

#[test]
fn every_coordinate_is_a_number() {
    let page = full_page();
    for path in named(&parsed(&page), "path").filter_map(|path| path.attribute("d")) {
        let is_fine = |character: char| character.is_ascii_digit() || "MLHVhvz .-".contains(character);
        assert!(path.chars().all(is_fine), "{path}");
    }
}

#[test]
fn what_was_not_compared_is_not_drawn() {
    let (summary, _) = compared(0, None);
    let parity = Parity::new(2, None);
    let page = render(&Report {
        head: Head { title: "nothing".into(), ..Head::default() },
        sets: vec![SetReport { label: "test", summary: &summary, parity: &parity }],
        history: &[],
    });
    let document = parsed(&page);
    assert_eq!((plots(&document).len(), named(&document, "figure").count()), (0, 0));
    let page = render(&Report { head: Head::default(), sets: Vec::new(), history: &[] });
    parsed(&page);
}

#[test]
fn one_point_or_equal_values_make_a_plot_like_any_other() {
    let (summary, parity) = compared(1, None);
    let report = Report {
        head: Head { title: "one".into(), ..Head::default() },
        sets: vec![SetReport { label: "test", summary: &summary, parity: &parity }],
        history: &[],
    };
    let page = render(&report);
    assert_eq!(plots(&parsed(&page)).len(), 10);
    assert!(!page.contains("NaN") && !page.contains("inf "), "{page}");
}
