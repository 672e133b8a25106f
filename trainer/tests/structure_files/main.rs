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

use mtprs::structure_files::{Format, ReadSettings, Structure, StructureReader};
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

/// All structures of a text, or the first error.
fn parse(text: &[u8], format: Format) -> Result<Vec<Structure>, String> {
    let reader = StructureReader::from_text(text, "in", format, &ReadSettings::default());
    reader.map(|structure| structure.map_err(|error| error.to_string())).collect()
}

/// The same where a step that would be left out is an error.
fn parse_strictly(text: &[u8], format: Format) -> Result<Vec<Structure>, String> {
    let settings = ReadSettings { strict: true, ..ReadSettings::default() };
    let reader = StructureReader::from_text(text, "in", format, &settings);
    reader.map(|structure| structure.map_err(|error| error.to_string())).collect()
}

fn assert_close(virial: Option<Virial>, expected: Virial) {
    let virial = virial.expect("there is a virial").to_cfg_order();
    for (got, expected) in virial.into_iter().zip(expected.to_cfg_order()) {
        assert!((got - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{got} {expected}");
    }
}
