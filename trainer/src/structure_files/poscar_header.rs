//! How POSCAR, CONTCAR and XDATCAR begin: scale, lattice, element names and numbers of atoms.
//!
//! Names lose what follows the symbol (`Hf_sv`, `O_h`, `Mg_pv/8a1f`). Names and numbers may stand on several lines, as
//! VASP 6 writes them from twenty species on, and comments behind `!` or `#`.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, ErrorKind, Result};

use super::format::Head;
use super::lines::{Lines, shown};
use super::remarks::Remarks;
use super::structure::{Lattice, Structure};
use super::type_names::{self, NamedType};
use crate::constants::elements;

/// Most atoms of a file, so that its word alone takes no more than some memory.
const MAX_ATOMS: usize = 1 << 22;

/// Lattice and atoms, as POSCAR and XDATCAR begin.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// Line of the comment.
    line: usize,
    comment: String,
    /// Scale of Cartesian positions.
    scale: Vector3,
    lattice: Lattice,
    /// The types by the line of names; empty without one.
    pub(super) types: Vec<Option<NamedType>>,
    /// Type of each atom, from zero.
    pub(super) numbers: Vec<u32>,
}

/// How positions are given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Direct,
    Cartesian,
}

/// Whether a file begins with a comment, a scale and three vectors.
pub(super) fn has_lattice(head: &Head) -> bool {
    let is_numbers = |line: usize, counts: &[usize]| {
        let words: Vec<&str> =
            head.lines.get(line).map(|line| line.split_whitespace().collect()).unwrap_or_default();
        counts.contains(&words.len()) && words.iter().all(|word| word.parse::<f64>().is_ok())
    };
    is_numbers(1, &[1, 3]) && (2..5).all(|line| is_numbers(line, &[3]))
}

impl Header {
    /// Reads from the comment, which is the current line, to the numbers of atoms.
    pub(super) fn read(lines: &mut Lines) -> Result<Self> {
        let (line, comment) = (lines.number(), lines.text().to_owned());
        lines.require("the scale of the lattice")?;
        let scales = read_scales(lines)?;
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
                return Err(Error::new(ErrorKind::Syntax, message).at(place));
            }
        };
        let vectors = vectors.map(|vector| scaled(vector, scale));
        let (types, numbers) = read_types(lines)?;
        Ok(Self { line, comment, scale, lattice: Lattice::crystal(vectors), types, numbers })
    }

    pub(super) fn atoms(&self) -> usize {
        self.numbers.len()
    }

    /// Types by the first line, if it holds just the symbol of each: so ASE and VASP 4 name elements.
    fn types_of_comment(&self) -> Option<Vec<Option<NamedType>>> {
        let types = self.numbers.iter().max().map_or(0, |&number| number as usize + 1);
        let words: Vec<&str> = self.comment.split_whitespace().collect();
        let is_list = words.len() == types && words.iter().all(|word| elements::is_element(word));
        let source = || format!("the first line, {}", shown(self.comment.trim()));
        let named = |word: &&str| Some(NamedType { element: (*word).to_owned(), source: source() });
        is_list.then(|| words.iter().map(named).collect())
    }

    /// Names the types by the first line where no other does, and says so.
    pub(super) fn name_by_comment(&mut self, remarks: &mut Remarks) {
        if self.types.iter().all(Option::is_none)
            && let Some(types) = self.types_of_comment()
        {
            self.types = types;
            remarks.note("the first line names the elements, as in files of VASP 4 and ASE");
        }
    }

    /// Reads the line that says how positions are given, and that of selective dynamics before it.
    pub(super) fn read_mode(&self, lines: &mut Lines) -> Result<Mode> {
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
        let structure = Structure::new(self.lattice, self.numbers.clone(), positions);
        let mut structure = structure.map_err(|error| error.at(lines.place(0)))?;
        if let Some(names) = type_names::elements(&self.types) {
            type_names::merge(&mut structure, &names);
        }
        structure.types = self.types.clone().into();
        structure.line = self.line;
        Ok(structure)
    }
}

fn scaled(vector: Vector3, scale: Vector3) -> Vector3 {
    std::array::from_fn(|k| vector[k] * scale[k])
}

/// The words of a line up to a comment.
pub(super) fn uncommented(lines: &Lines) -> impl Iterator<Item = &str> {
    let end = lines.text().find(['!', '#']).unwrap_or(lines.text().len());
    lines.text()[..end].split_whitespace()
}

/// Reads the scale, or the three scales, of the current line; what follows is a comment.
fn read_scales(lines: &Lines) -> Result<Vec<f64>> {
    let words: Vec<&str> = uncommented(lines).take(3).collect();
    let numbers = words.iter().take_while(|word| word.parse::<f64>().is_ok()).count();
    words[..numbers.max(1).min(words.len())]
        .iter()
        .map(|word| lines.float(word, "the scale of the lattice"))
        .collect()
}

/// Reads the lines with element names, if there are any, and numbers of atoms.
fn read_types(lines: &mut Lines) -> Result<(Vec<Option<NamedType>>, Vec<u32>)> {
    lines.require("element names or numbers of atoms")?;
    let is_count = |word: &str| word.parse::<usize>().is_ok();
    let mut types: Vec<Option<NamedType>> = Vec::new();
    while !uncommented(lines).next().is_some_and(is_count) {
        let names = uncommented(lines).map(|word| {
            let name = elements::of_pseudopotential(word).map(str::to_owned);
            name.ok_or_else(|| {
                lines.error_at(word, format!("expected the symbol of an element, got {}", shown(word)))
            })
        });
        let source = || format!("the names in line {}", lines.number());
        let named = names.map(|name| Ok(Some(NamedType { element: name?, source: source() })));
        let before = types.len();
        types.extend(named.collect::<Result<Vec<_>>>()?);
        if types.len() == before {
            return Err(lines.error("expected element names or numbers of atoms, got an empty line"));
        }
        lines.require("numbers of atoms")?;
    }
    let mut counts: Vec<usize> = Vec::new();
    loop {
        let more = uncommented(lines).map(|word| lines.integer(word, "a number of atoms"));
        counts.extend(more.collect::<Result<Vec<usize>>>()?);
        // Further lines of numbers belong to species that were named, or to a VASP 4 file of many.
        let number = lines.number();
        if (!types.is_empty() && counts.len() >= types.len()) || !lines.advance()? {
            break;
        }
        let holds_counts = uncommented(lines).next().is_some() && uncommented(lines).all(is_count);
        if !holds_counts {
            lines.give_back();
            if !types.is_empty() {
                let message = format!("expected {} numbers of atoms, got {}", types.len(), counts.len());
                let place = mtprs_core::Place { line: number, ..lines.place(0) };
                return Err(Error::new(ErrorKind::Syntax, message).at(place));
            }
            break;
        }
    }
    if !types.is_empty() && counts.len() != types.len() {
        return Err(lines.error(format!("expected {} numbers of atoms, got {}", types.len(), counts.len())));
    }
    let total = counts.iter().try_fold(0_usize, |sum, &count| sum.checked_add(count));
    if total.is_none_or(|total| total > MAX_ATOMS) {
        return Err(lines.error(format!("expected at most {MAX_ATOMS} atoms")));
    }
    let numbers = (0..).zip(&counts).flat_map(|(number, &count)| std::iter::repeat_n(number, count));
    Ok((types, numbers.collect()))
}
