//! The beginning of a LAMMPS data file: counts and the box, up to the first section.

use mtprs_core::Result;

use super::lammps_box::{is_periodic, of_bounds};
use super::lines::{Lines, shown};
use super::structure::Lattice;

/// Sections of a data file; what follows them counts rows that are read or passed over.
const SECTIONS: [&str; 8] = [
    "Masses",
    "Atoms",
    "Velocities",
    "Atom Type Labels",
    "Bonds",
    "Pair Coeffs",
    "PairIJ Coeffs",
    "Bond Coeffs",
];

/// Counts and box.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) atoms: usize,
    pub(super) types: usize,
    pub(super) lattice: Lattice,
}

impl Header {
    /// Reads from the first line, which is the current one, to the first section heading, which becomes the current one.
    pub(super) fn read(lines: &mut Lines) -> Result<Self> {
        let mut reading = Reading { periodic: read_title(lines)?, ..Reading::default() };
        while lines.advance_over_blank()? {
            if is_section(lines.text()) {
                return reading.finish(lines);
            }
            reading.take(lines)?;
        }
        Err(lines.error("expected the section Atoms, got the end of the file"))
    }
}

/// Whether a line is the heading of a section: it begins with a capital letter, and no number stands before.
pub(super) fn is_section(line: &str) -> bool {
    let text = line.trim();
    SECTIONS.iter().any(|section| text.starts_with(section))
        || (text.starts_with(|first: char| first.is_ascii_uppercase())
            && text.split('#').next().is_some_and(|heading| {
                heading.chars().all(|character| character.is_ascii_alphabetic() || character == ' ')
            }))
}

/// A line without its comment.
pub(super) fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

/// Reads the first line: `boundary p p f` as our writer puts it, and the units as write_data of LAMMPS does.
fn read_title(lines: &Lines) -> Result<Option<[bool; 3]>> {
    let words: Vec<&str> = lines.text().split([' ', ',', '\t']).filter(|word| !word.is_empty()).collect();
    if let Some(position) = words.windows(2).position(|pair| pair == ["units", "="]) {
        let units = words.get(position + 2).copied().unwrap_or_default();
        if units != "metal" {
            let error = lines.error_at(units, format!("expected units metal, got {}", shown(units)));
            return Err(error.hint("only Å, eV and ps are read: write the file with units metal"));
        }
    }
    let Some(position) = words.iter().position(|word| *word == "boundary") else { return Ok(None) };
    let periodic: Option<Vec<bool>> =
        words.iter().skip(position + 1).take(3).map(|word| is_periodic(word)).collect();
    Ok(periodic.and_then(|periodic| periodic.try_into().ok()))
}

/// Reads the bounds of the box in a direction, the lower one first.
fn bounds(lines: &Lines, [lower, upper]: [&str; 2]) -> Result<[f64; 2]> {
    let [low, high] = lines.floats(&mut lines.words(), &format!("{lower} {upper}"))?;
    if low < high {
        return Ok([low, high]);
    }
    Err(lines.error(format!("expected {lower} below {upper}, got {low} and {high}")))
}

#[derive(Default)]
struct Reading {
    periodic: Option<[bool; 3]>,
    atoms: Option<usize>,
    types: Option<usize>,
    bounds: [Option<[f64; 2]>; 3],
    tilts: [f64; 3],
    vectors: [Option<[f64; 3]>; 3],
    origin: Option<[f64; 3]>,
}

impl Reading {
    fn take(&mut self, lines: &Lines) -> Result<()> {
        let text = without_comment(lines.text());
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut values = words.iter().copied();
        match words[..] {
            [] => {}
            [count, "atoms"] => self.atoms = Some(lines.integer(count, "the number of atoms")?),
            [count, "atom", "types"] => self.types = Some(lines.integer(count, "the number of atom types")?),
            [_, _, "xlo", "xhi"] => self.bounds[0] = Some(bounds(lines, ["xlo", "xhi"])?),
            [_, _, "ylo", "yhi"] => self.bounds[1] = Some(bounds(lines, ["ylo", "yhi"])?),
            [_, _, "zlo", "zhi"] => self.bounds[2] = Some(bounds(lines, ["zlo", "zhi"])?),
            [_, _, _, "xy", "xz", "yz"] => self.tilts = lines.floats(&mut values, "xy xz yz")?,
            [_, _, _, "avec"] => self.vectors[0] = Some(lines.floats(&mut values, "avec")?),
            [_, _, _, "bvec"] => self.vectors[1] = Some(lines.floats(&mut values, "bvec")?),
            [_, _, _, "cvec"] => self.vectors[2] = Some(lines.floats(&mut values, "cvec")?),
            [_, _, _, "abc", "origin"] => self.origin = Some(lines.floats(&mut values, "abc origin")?),
            // Bonds, angles and what else belongs to molecules.
            [count, ..] if count.parse::<f64>().is_ok() => {}
            [word, ..] => {
                let message =
                    format!("expected a count or a bound of a LAMMPS data file, got {}", shown(word));
                return Err(lines.error_at(word, message));
            }
        }
        Ok(())
    }

    fn finish(self, lines: &Lines) -> Result<Header> {
        let missing = |what: &str| lines.error(format!("expected {what} before the first section"));
        let periodic = self.periodic.unwrap_or([true; 3]);
        let lattice = if let [Some(a), Some(b), Some(c)] = self.vectors {
            Lattice { vectors: [a, b, c], periodic, origin: self.origin.unwrap_or_default() }
        } else {
            let [Some(x), Some(y), Some(z)] = self.bounds else {
                return Err(missing("xlo xhi, ylo yhi and zlo zhi"));
            };
            of_bounds([x, y, z], self.tilts, periodic)
        };
        let atoms = self.atoms.ok_or_else(|| missing("the number of atoms"))?;
        Ok(Header { atoms, types: self.types.ok_or_else(|| missing("the number of atom types"))?, lattice })
    }
}
