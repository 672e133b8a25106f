//! POSCAR and CONTCAR of VASP 4 (without element names) and 5: one structure, with velocities if there are any.
//!
//! Names lose what follows an underscore or slash (`Hf_sv`). Rows that all end in an element and a number, as our own
//! writer puts them, give the atoms their ids back.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, Result};

use super::elements;
use super::lines::{Lines, shown};
use super::reader::Source;
use super::structure::{Lattice, Names, Structure};
use crate::endpoint::Stream;

/// 1 Å/fs in Å/ps.
const PER_FEMTOSECOND: f64 = 1000.0;

/// Reads one POSCAR.
pub(super) struct PoscarSource {
    lines: Lines,
    ended: bool,
}

impl PoscarSource {
    pub(super) fn new(stream: Stream, name: &str) -> Self {
        Self { lines: Lines::new(stream, name), ended: false }
    }
}

impl Source for PoscarSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        if std::mem::replace(&mut self.ended, true) || !self.lines.advance()? {
            return Ok(None);
        }
        let lines = &mut self.lines;
        let header = Header::read(lines)?;
        let mode = header.read_mode(lines)?;
        let (positions, ids) = read_positions(lines, &header, mode)?;
        let mut structure = header.structure(lines, positions)?;
        structure.velocities = read_velocities(lines, header.atoms())?;
        if let Some(ids) = ids {
            structure.configuration.ids = ids;
        }
        Ok(Some(structure))
    }
}

/// Lattice and atoms, as POSCAR and XDATCAR begin.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// Line of the comment.
    line: usize,
    /// Scale of Cartesian positions.
    scale: Vector3,
    lattice: Lattice,
    elements: Option<Vec<String>>,
    species: Vec<u32>,
}

/// How positions are given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Direct,
    Cartesian,
}

impl Header {
    /// Reads from the comment, which is the current line, to the numbers of atoms.
    pub(super) fn read(lines: &mut Lines) -> Result<Self> {
        let line = lines.number();
        lines.require("the scale of the lattice")?;
        let words = lines.words().map(|word| lines.float(word, "the scale of the lattice"));
        let scales = words.take(3).collect::<Result<Vec<f64>>>()?;
        let mut vectors = [[0.0; 3]; 3];
        let place = lines.place(0);
        for vector in &mut vectors {
            *vector = lines.next_vector("a lattice vector")?;
        }
        let unscaled = Lattice::crystal(vectors);
        let volume = unscaled.volume().ok_or_else(|| {
            lines.error("expected three lattice vectors that span a volume, got a flat cell")
        })?;
        let scale = match scales[..] {
            [volume_wanted] if volume_wanted < 0.0 => [(-volume_wanted / volume).cbrt(); 3],
            [scale] if scale > 0.0 => [scale; 3],
            [x, y, z] if x > 0.0 && y > 0.0 && z > 0.0 => [x, y, z],
            _ => {
                let message = "expected one scale (negative: a volume) or three positive ones".to_owned();
                return Err(Error::new(mtprs_core::ErrorKind::Syntax, message).at(place));
            }
        };
        let vectors = vectors.map(|vector| scaled(vector, scale));
        let (elements, species) = read_types(lines)?;
        Ok(Self { line, scale, lattice: Lattice::crystal(vectors), elements, species })
    }

    pub(super) fn atoms(&self) -> usize {
        self.species.len()
    }

    /// Reads the line that says how positions are given, and that of selective dynamics before it.
    fn read_mode(&self, lines: &mut Lines) -> Result<Mode> {
        lines.require("Direct or Cartesian")?;
        if lines.text().trim_start().starts_with(['S', 's']) {
            lines.require("Direct or Cartesian")?;
        }
        match lines.text().trim_start().chars().next() {
            Some('C' | 'c' | 'K' | 'k') => Ok(Mode::Cartesian),
            Some('D' | 'd') => Ok(Mode::Direct),
            _ => {
                Err(lines.error(format!("expected Direct or Cartesian, got {}", shown(lines.text().trim()))))
            }
        }
    }

    /// Cartesian position (Å) of three numbers of the file.
    pub(super) fn position(&self, numbers: Vector3, mode: Mode) -> Vector3 {
        match mode {
            Mode::Direct => self.lattice.cartesian(numbers),
            Mode::Cartesian => scaled(numbers, self.scale),
        }
    }

    /// The structure with these positions.
    pub(super) fn structure(&self, lines: &Lines, positions: Vec<Vector3>) -> Result<Structure> {
        let structure = Structure::new(self.lattice, self.species.clone(), positions);
        let mut structure = structure.map_err(|error| error.at(lines.place(0)))?;
        structure.elements.clone_from(&self.elements);
        structure.line = self.line;
        Ok(structure)
    }
}

fn scaled(vector: Vector3, scale: Vector3) -> Vector3 {
    std::array::from_fn(|k| vector[k] * scale[k])
}

/// Reads the lines with element names, if there is one, and numbers of atoms.
fn read_types(lines: &mut Lines) -> Result<(Option<Vec<String>>, Vec<u32>)> {
    lines.require("element names or numbers of atoms")?;
    let is_count = |word: &str| word.parse::<usize>().is_ok();
    let mut named: Option<Vec<String>> = None;
    if !lines.words().next().is_some_and(is_count) {
        let names = lines.words().map(|word| {
            let name = word.split(['_', '/']).next().unwrap_or(word);
            elements::is_element(name).then(|| name.to_owned()).ok_or_else(|| {
                lines.error_at(word, format!("expected the symbol of an element, got {}", shown(word)))
            })
        });
        named = Some(names.collect::<Result<_>>()?);
        lines.require("numbers of atoms")?;
    }
    let counts = lines.words().take_while(|word| !word.starts_with(['!', '#']));
    let counts = counts.map(|word| lines.integer(word, "a number of atoms"));
    let counts = counts.collect::<Result<Vec<usize>>>()?;
    let expected = named.as_ref().map_or(counts.len().max(1), Vec::len);
    if counts.len() != expected {
        return Err(lines.error(format!("expected {expected} numbers of atoms, got {}", counts.len())));
    }
    let total = counts.iter().try_fold(0_usize, |sum, &count| sum.checked_add(count));
    if total.is_none_or(|total| total > MAX_ATOMS) {
        return Err(lines.error(format!("expected at most {MAX_ATOMS} atoms")));
    }
    let mut names = Names::default();
    let mut species = Vec::new();
    for (index, &count) in counts.iter().enumerate() {
        let number = named.as_ref().and_then(|named| named.get(index)).map(|name| names.index(name));
        let number = number.unwrap_or_else(|| u32::try_from(index).unwrap_or(u32::MAX));
        species.extend(std::iter::repeat_n(number, count));
    }
    Ok((named.map(|_| names.into_vec()), species))
}

/// Most atoms of a file, so that its word alone takes no more than some memory.
const MAX_ATOMS: usize = 1 << 22;

type Positions = (Vec<Vector3>, Option<Vec<i64>>);

fn read_positions(lines: &mut Lines, header: &Header, mode: Mode) -> Result<Positions> {
    let mut positions = Vec::new();
    let mut ids = Vec::new();
    for _ in 0..header.atoms() {
        let numbers = lines.next_vector("a position")?;
        positions.push(header.position(numbers, mode));
        ids.extend(tagged_id(lines));
    }
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    let is_complete = !positions.is_empty() && sorted.len() == positions.len();
    Ok((positions, is_complete.then_some(ids)))
}

/// The id at the end of a row like `0.0 0.0 0.0 Mg 5`.
fn tagged_id(lines: &Lines) -> Option<i64> {
    let words: Vec<&str> = lines.words().skip(3).collect();
    let [.., element, id] = words[..] else { return None };
    if elements::is_element(element) && words.len() == 2 { id.parse().ok() } else { None }
}

/// Reads the velocities (Å/fs) behind a blank line, if they are there and not all zero.
fn read_velocities(lines: &mut Lines, atoms: usize) -> Result<Option<Vec<Vector3>>> {
    if atoms == 0 || !lines.advance()? {
        return Ok(None);
    }
    let heading = lines.text().trim_start();
    // Other headings belong to fractional velocities, whose unit is a time step that is not in the file, or to other
    // blocks.
    if !(heading.is_empty() || heading.starts_with(['C', 'c', 'K', 'k'])) {
        return Ok(None);
    }
    let mut velocities = Vec::new();
    for _ in 0..atoms {
        if !lines.advance()? {
            break;
        }
        let words: Vec<&str> = lines.words().collect();
        let first = words.first().is_some_and(|word| word.parse::<f64>().is_ok());
        if velocities.is_empty() && !(first && words.len() == 3) {
            return Ok(None);
        }
        let velocity: Vector3 = lines.floats(&mut words.into_iter(), "a velocity")?;
        velocities.push(velocity.map(|component| component * PER_FEMTOSECOND));
    }
    if velocities.is_empty() {
        return Ok(None);
    }
    if velocities.len() < atoms {
        return Err(lines.error(format!("expected {atoms} velocities, got {}", velocities.len())));
    }
    let moves = velocities.iter().flatten().any(|&component| component != 0.0);
    Ok(moves.then_some(velocities))
}

#[cfg(test)]
mod tests {
    use super::super::{Format, ReadSettings, StructureReader};
    use super::*;

    fn read(text: &str) -> Result<Structure> {
        let settings = ReadSettings::default();
        StructureReader::from_text(text.as_bytes(), "POSCAR", Format::Poscar, &settings).next().unwrap()
    }

    const HEAD: &str = "rock salt\n2.0\n2 0 0\n0 2 0\n1 0 2\n";

    #[test]
    fn names_scale_selective_dynamics_and_velocities_are_read() {
        let text = format!(
            "{HEAD} Mg_pv O/8a1f\n 1 1\nSelective dynamics\nDirect\n0.5 0 0.5 T T F\n0 0 0 F F F\n\n0.001 0 0\n0 0 -0.5\n"
        );
        let structure = read(&text).unwrap();
        assert_eq!(structure.elements.as_deref().unwrap(), ["Mg", "O"]);
        assert_eq!(structure.configuration.cell.vectors()[2], [2.0, 0.0, 4.0]);
        assert_eq!(structure.configuration.positions[0], [3.0, 0.0, 2.0]);
        assert_eq!(structure.velocities.unwrap(), [[1.0, 0.0, 0.0], [0.0, 0.0, -500.0]]);
    }

    #[test]
    fn vasp_4_has_numbers_only_and_a_negative_scale_is_a_volume() {
        let text = format!("{}2 1\nCart\n0 0 0\n1 1 1\n.5 0 0\n", HEAD.replace("2.0\n", "-64\n"));
        let structure = read(&text).unwrap();
        assert_eq!(structure.elements, None);
        assert_eq!(structure.configuration.species, [0, 0, 1]);
        assert!((structure.configuration.cell.volume().unwrap() - 64.0).abs() < 1e-12);
        assert!((structure.configuration.positions[1][0] - 2.0).abs() < 1e-15);
    }

    #[test]
    fn repeated_elements_are_one_species_and_tags_give_ids() {
        let text = format!("{HEAD}O Mg O\n1 1 1\nDirect\n0 0 0 O 7\n.5 0 0 Mg 5\n0 .5 0 O 6\n");
        let structure = read(&text).unwrap();
        assert_eq!(structure.configuration.species, [0, 1, 0]);
        assert_eq!(structure.configuration.ids, [7, 5, 6]);
    }

    #[test]
    fn errors_say_what_was_expected() {
        let cases = [
            (format!("{HEAD}Mg Vo\n1 1\n"), "POSCAR:6:4: expected the symbol of an element, got Vo"),
            (format!("{HEAD}Mg O\n1\n"), "POSCAR:7: expected 2 numbers of atoms, got 1"),
            (format!("{HEAD}Mg\n1\nx\n"), "POSCAR:8: expected Direct or Cartesian, got x"),
            (
                format!("{HEAD}Mg\n2\nDirect\n0 0 0\n"),
                "POSCAR:9: expected a position, got the end of the file",
            ),
            (format!("{HEAD}Mg\n1\nDirect\n0 O\n"), "POSCAR:9:3: expected a number for a position, got O"),
            (HEAD.replace("0 2 0", "4 0 0"), "POSCAR:5: expected three lattice vectors that span a volume"),
        ];
        for (text, expected) in cases {
            let message = read(&text).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
