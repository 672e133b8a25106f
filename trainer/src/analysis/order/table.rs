//! The order of structures as text.

use super::layers::Definition;
use super::report::{AxisReport, DirectionReport, OrderReport, SpeciesOrder, StructureOrder, Value};
use crate::analysis::crystal::CrystalReport;
use crate::text::{Table, counted, general};

/// Headings of the layers along the axes; `>` stands before those of numbers.
pub(super) const AXES: [&str; 8] = [
    "axis",
    ">layers",
    ">phase",
    ">|F|",
    ">1/√N",
    ">random |F|",
    "|F| against random",
    ">frames with layers",
];

/// Headings of the disorder.
pub(super) const DISORDER: [&str; 5] = ["disorder", ">η", ">random η", "against random", "direction"];

/// What the words of the tables mean.
pub(super) const LEGEND: &str = "η in layer spacings. random: mean ± standard deviation for equally many atoms at \
     random positions, with the same search for layers; σ is that standard deviation. Largest and least: over all \
     directions p, given as weights of the axes. signed: deviations with their sign, so those of one atom along two \
     axes may cancel.";

/// All structures.
pub fn summary(report: &OrderReport) -> String {
    let parts: Vec<String> = report.structures.iter().map(structure).collect();
    parts.concat() + LEGEND + "\n" + note(report)
}

/// What a reader should know of the definition.
pub(super) fn note(report: &OrderReport) -> &'static str {
    match report.settings.definition {
        Definition::Circular => "",
        Definition::Pylro => {
            "note: definition of PyLRO, which depends on the origin: only for comparison with published figures\n"
        }
    }
}

fn structure(structure: &StructureOrder) -> String {
    let mut text = String::new();
    for species in &structure.species {
        text += &format!("{}: {}\n\n", structure.label, title(species, structure.frames));
        text += &rendered(&AXES, species.axes.iter().map(|axis| axis_cells(axis, species)));
        text.push('\n');
        text += &rendered(&DISORDER, disorder(species));
        text.push('\n');
    }
    if let Some(crystal) = &structure.crystal {
        text += &format!("{}: {}\n\n", structure.label, crystal_sentence(crystal));
        text += &rendered(&CRYSTAL, crystal_cells(crystal));
        text.push('\n');
    }
    text
}

fn rendered(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new(headings);
    rows.into_iter().for_each(|row| table.row(row));
    table.render()
}

/// What a species is like.
pub(super) fn title(species: &SpeciesOrder, frames: u64) -> String {
    let average = if frames > 1 { format!(" on average over {frames} frames") } else { String::new() };
    format!("{} {}{average}: {}", species.atoms, species.species, species.verdict)
}

/// The cells of an axis.
pub(super) fn axis_cells(axis: &AxisReport, species: &SpeciesOrder) -> Vec<String> {
    vec![
        axis.axis.to_string(),
        axis.layers.to_string(),
        format!("{:.3}", axis.phase),
        value(&axis.amplitude),
        format!("{:.3}", species.amplitude_of_chance),
        random(&axis.amplitude),
        axis.amplitude.verdict.clone(),
        format!("{:.0} %", 100.0 * axis.share_of_frames),
    ]
}

/// The cells of all disorders.
pub(super) fn disorder(species: &SpeciesOrder) -> Vec<Vec<String>> {
    let along = |axis: &AxisReport| cells(format!("along {}", axis.axis), &axis.disorder, String::new());
    let mut rows: Vec<Vec<String>> = species.axes.iter().map(along).collect();
    let mut toward = |name: &str, direction: &DirectionReport| {
        let name = direction.miller.as_ref().map_or(name.to_owned(), |miller| format!("{name}{miller}"));
        rows.push(cells(name, &direction.disorder, weights(direction)));
    };
    toward("largest", &species.largest);
    toward("least", &species.least);
    species.directions.iter().for_each(|direction| toward("along ", direction));
    toward("signed, largest", &species.signed_largest);
    toward("signed, least", &species.signed_least);
    species.signed_directions.iter().for_each(|direction| toward("signed, along ", direction));
    rows
}

fn cells(name: String, disorder: &Value, direction: String) -> Vec<String> {
    vec![name, value(disorder), random(disorder), disorder.verdict.clone(), direction]
}

/// A value with its spread over frames.
fn value(value: &Value) -> String {
    let spread = value.std_dev.map_or(String::new(), |std_dev| format!(" ± {std_dev:.4}"));
    format!("{:.4}{spread}", value.value)
}

fn random(value: &Value) -> String {
    format!("{:.3} ± {:.3}", value.random.mean, value.random.std_dev)
}

fn weights(direction: &DirectionReport) -> String {
    // A minus before a zero says nothing.
    let [a, b, c] = direction.p.map(|x| format!("{:.3}", x + 0.0).replace("-0.000", "0.000"));
    format!("{a} {b} {c}")
}

/// Headings of distances from a crystal.
pub(in crate::analysis) const CRYSTAL: [&str; 5] =
    ["species", ">atoms", ">distance, Å", ">spacing of sites, Å", ">by spacing"];

/// The cells of the species.
pub(in crate::analysis) fn crystal_cells(crystal: &CrystalReport) -> Vec<Vec<String>> {
    let row = |name: &str, atoms: usize, distance: f64, spacing: Option<f64>, ratio: f64| {
        let spacing = spacing.map_or("-".to_owned(), |spacing| format!("{spacing:.3}"));
        vec![name.to_owned(), atoms.to_string(), format!("{distance:.3}"), spacing, format!("{ratio:.3}")]
    };
    let of = crystal
        .species
        .iter()
        .map(|one| row(&one.species, one.atoms, one.distance, Some(one.spacing), one.distance / one.spacing));
    let atoms = crystal.species.iter().map(|one| one.atoms).sum();
    of.chain([row("all", atoms, crystal.distance.mean, None, crystal.ratio)]).collect()
}

/// How far it is from the crystal.
pub(in crate::analysis) fn crystal_sentence(crystal: &CrystalReport) -> String {
    let [least, largest] = crystal.extremes;
    let frames = match crystal.frames {
        1 => String::new(),
        frames => format!(" on average over {} ({least:.3} to {largest:.3} Å)", counted(frames, "frame")),
    };
    format!(
        "crystal distance {:.3} Å from {}{frames}: {}; cells of the reference {}, stretched by up to {} %",
        crystal.distance.mean,
        crystal.reference,
        crystal.verdict.words(),
        crystal.cells,
        general(100.0 * (crystal.stretch - 1.0), 2)
    )
}
