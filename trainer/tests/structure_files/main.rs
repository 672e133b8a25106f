//! Readers of structure files on small files of each format: labels with their signs and units, and what is left out.

mod cases;
mod extxyz;
mod extxyz_breaks;
mod extxyz_cases;
mod extxyz_labels;
mod lammps;
mod lammps_breaks;
mod vasp;
mod vasp_breaks;
mod vasp_kinds;

use mtprs::structure_files::{Format, LeftOut, ReadSettings, Structure, StructureReader};
use mtprs_core::Error;
use mtprs_core::geometry::Virial;

/// 1 eV/Å³ in kB.
const KILOBAR: f64 = 1_602.176_634;

/// The text with `to` for `from`, which must stand in it.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "nothing to replace: {from:?}");
    text.replace(from, to)
}

/// The text with `to` for the first `from`, which must stand in it.
fn replaced_once(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "nothing to replace: {from:?}");
    text.replacen(from, to, 1)
}

/// What is read: structures up to the end or an error, steps that were left out, notes.
struct Outcome {
    structures: Vec<Structure>,
    error: Option<Error>,
    left_out: Vec<LeftOut>,
    notes: Vec<String>,
}

impl Outcome {
    fn of(mut reader: StructureReader) -> Self {
        let (mut structures, mut error) = (Vec::new(), None);
        for structure in reader.by_ref() {
            match structure {
                Ok(structure) => structures.push(structure),
                Err(failure) => error = Some(failure),
            }
        }
        let remarks = reader.remarks();
        Self { structures, error, left_out: remarks.left_out, notes: remarks.notes }
    }

    /// All structures, or the error.
    fn whole(self) -> Result<Vec<Structure>, String> {
        self.error.map_or(Ok(self.structures), |error| Err(error.to_string()))
    }

    /// All structures, which end without an error, and the notes.
    fn kept(self) -> (Vec<Structure>, Vec<String>) {
        let notes = self.notes.clone();
        (self.whole().unwrap_or_else(|error| panic!("{error}")), notes)
    }

    fn energies(&self) -> Vec<f64> {
        self.structures.iter().map(|structure| structure.configuration.energy.unwrap()).collect()
    }

    /// Elements of each structure.
    fn elements(&self) -> Vec<String> {
        self.structures.iter().map(elements_of).collect()
    }

    /// What was left out, with the first lines of the reasons.
    fn told(&self) -> Vec<String> {
        let reason = |step: &LeftOut| step.reason.lines().next().unwrap_or_default().to_owned();
        self.left_out.iter().map(|step| format!("{}: {}", step.step, reason(step))).collect()
    }

    /// Whether all of it was kept and nothing said.
    fn is_whole(&self) -> bool {
        self.error.is_none() && self.left_out.is_empty() && self.notes.is_empty()
    }
}

/// What is read of a text in a file called `in`.
fn outcome(text: impl AsRef<[u8]>, format: Format, settings: &ReadSettings) -> Outcome {
    Outcome::of(StructureReader::from_text(text.as_ref(), "in", format, settings))
}

fn elements_of(structure: &Structure) -> String {
    let atoms = 0..structure.configuration.len();
    atoms.map(|atom| structure.element(atom).unwrap_or("?")).collect::<Vec<_>>().join(" ")
}

/// Settings with which a step that would be left out is an error.
fn strict() -> ReadSettings {
    ReadSettings { strict: true, ..ReadSettings::default() }
}

/// All structures of a text, or the first error.
fn parse(text: impl AsRef<[u8]>, format: Format) -> Result<Vec<Structure>, String> {
    outcome(text, format, &ReadSettings::default()).whole()
}

/// The same where a step that would be left out is an error.
fn parse_strictly(text: impl AsRef<[u8]>, format: Format) -> Result<Vec<Structure>, String> {
    outcome(text, format, &strict()).whole()
}

/// Each text is refused, as strictly as can be, by a message that begins as stands beside it.
fn assert_refused(format: Format, cases: impl IntoIterator<Item = (impl AsRef<[u8]>, impl AsRef<str>)>) {
    for (text, expected) in cases {
        let message = parse_strictly(text, format).unwrap_err();
        assert!(message.starts_with(expected.as_ref()), "{message}");
    }
}

fn assert_close(virial: Option<Virial>, expected: Virial) {
    let virial = virial.expect("there is a virial").to_cfg_order();
    for (got, expected) in virial.into_iter().zip(expected.to_cfg_order()) {
        assert!((got - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{got} {expected}");
    }
}
