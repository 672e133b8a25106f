//! POSCAR and CONTCAR of VASP 4 (without a line of element names) and 5: one structure, with velocities if there are any.
//!
//! Symbols at the end of the rows name the elements where no line does, and must not contradict it where one does. Rows
//! that all end in an element and a number, as our own writer puts them, give the atoms their ids back. What has no place
//! in a structure is told: velocities of the lattice, fractional velocities, the state of the predictor and corrector.

use mtprs_core::Result;
use mtprs_core::geometry::Vector3;

use super::format::{Columns, Entry, Evidence, Reader, Writer};
use super::glued::separated;
use super::lines::{Lines, shown};
use super::poscar_header::{Header, Mode, has_lattice};
use super::reader::Source;
use super::remarks::Remarks;
use super::structure::Structure;
use super::type_names::NamedType;
use super::{Format, ReadSettings, poscar_writer};
use crate::constants::elements;
use crate::endpoint::Stream;

impl Format {
    /// POSCAR and CONTCAR of VASP 4 and 5.
    pub const POSCAR: Self = Self::new(&ENTRY);
}

pub(super) static ENTRY: Entry = Entry {
    endings: &["poscar", "contcar", ".vasp"],
    beginnings: &["poscar", "contcar"],
    recognize: |head| has_lattice(head).then_some(Evidence::Layout),
    holds_many: false,
    writer: Some(Writer {
        write: poscar_writer::write,
        holds_labels: false,
        holds_velocities: true,
        columns: Columns::None,
    }),
    ..Entry::read("POSCAR", &["poscar", "vasp-poscar", "contcar"], Reader::OfText(PoscarSource::open))
};

/// 1 Å/fs in Å/ps.
const PER_FEMTOSECOND: f64 = 1000.0;

/// Lines of a block of lattice velocities after its heading: its state, velocities, vectors.
const LATTICE_LINES: usize = 7;

/// Reads one POSCAR.
pub(super) struct PoscarSource {
    lines: Lines,
    remarks: Remarks,
    ended: bool,
}

impl PoscarSource {
    fn open(stream: Stream, name: &str, _: &ReadSettings) -> Box<dyn Source> {
        Box::new(Self { lines: Lines::new(stream, name), remarks: Remarks::default(), ended: false })
    }

    fn read_file(&mut self) -> Result<Structure> {
        let lines = &mut self.lines;
        let mut header = Header::read(lines)?;
        let mode = header.read_mode(lines)?;
        let rows = read_rows(lines, &header, mode)?;
        self.remarks.notes.extend(lines.note_of_cut());
        if header.types.is_empty() {
            header.types = rows.types;
            header.name_by_comment(&mut self.remarks);
        }
        let mut structure = header.structure(lines, rows.positions)?;
        structure.velocities = read_velocities(lines, header.atoms(), &mut self.remarks)?;
        note_rest(lines, &mut self.remarks)?;
        if let Some(ids) = rows.ids {
            structure.configuration.ids = ids;
        }
        Ok(structure)
    }
}

impl Source for PoscarSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        if std::mem::replace(&mut self.ended, true) || !self.lines.advance()? {
            return Ok(None);
        }
        self.read_file().map(Some)
    }

    fn remarks(&self) -> Remarks {
        self.remarks.clone()
    }
}

/// What the rows of the atoms hold.
struct Rows {
    positions: Vec<Vector3>,
    ids: Option<Vec<i64>>,
    /// Types by the symbols at the end of rows.
    types: Vec<Option<NamedType>>,
}

fn read_rows(lines: &mut Lines, header: &Header, mode: Mode) -> Result<Rows> {
    let types = header.numbers.iter().max().map_or(0, |&number| number as usize + 1);
    let mut rows = Rows { positions: Vec::new(), ids: None, types: vec![None; types] };
    let mut ids = Vec::new();
    for &number in &header.numbers {
        let numbers = lines.next_vector("a position")?;
        rows.positions.push(header.position(numbers, mode));
        // The flags of selective dynamics may stay where the line Selective dynamics was taken out.
        let is_flag =
            |word: &str| ["T", "F", ".TRUE.", ".FALSE."].contains(&word.to_ascii_uppercase().as_str());
        let flags = separated(lines.text()).skip(3).take(3).filter(|word| is_flag(word)).count();
        let mut words = separated(lines.text()).skip(if flags == 3 { 6 } else { 3 });
        let (tag, id) = (words.next(), words.next());
        let Some((word, element)) = tag.and_then(|word| Some((word, symbol(word)?))) else { continue };
        ids.extend(id.filter(|_| words.next().is_none()).and_then(|id| id.parse::<i64>().ok()));
        let type_number = number as usize;
        let known = header.types.get(type_number).or(rows.types.get(type_number));
        match known.and_then(Option::as_ref) {
            Some(known) if known.element != element => {
                let message = format!(
                    "type {} is {} by {}, but {} in this row",
                    number + 1,
                    known.element,
                    known.source,
                    shown(word)
                );
                return Err(lines.error_at(word, message));
            }
            Some(_) => {}
            None => {
                let source = format!("the row in line {}", lines.number());
                rows.types[type_number] = Some(NamedType { element: element.to_owned(), source });
            }
        }
    }
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    let is_complete = !rows.positions.is_empty() && sorted.len() == rows.positions.len();
    rows.ids = is_complete.then_some(ids);
    Ok(rows)
}

/// The element of a word behind a position: `Mg`, `Mg_pv`, `Mg12`.
fn symbol(word: &str) -> Option<&str> {
    let element = elements::of_pseudopotential(word)?;
    let rest = &word[element.len()..];
    let is_suffix =
        rest.is_empty() || rest.starts_with(['_', '/']) || rest.bytes().all(|byte| byte.is_ascii_digit());
    is_suffix.then_some(element)
}

/// Reads the velocities (Å/fs) behind a blank line, if they are there and not all zero.
fn read_velocities(lines: &mut Lines, atoms: usize, remarks: &mut Remarks) -> Result<Option<Vec<Vector3>>> {
    if atoms == 0 || !lines.advance()? {
        return Ok(None);
    }
    if lines.text().trim_start().starts_with(['L', 'l']) {
        remarks.note("the velocities of the lattice are left out");
        for _ in 0..LATTICE_LINES {
            lines.require("the velocities and vectors of the lattice")?;
        }
        if !lines.advance()? {
            return Ok(None);
        }
    }
    let heading = lines.text().trim_start();
    let is_cartesian = heading.is_empty() || heading.starts_with(['C', 'c', 'K', 'k']);
    // Any other heading belongs to fractional velocities, whose unit is a time step that is not in the file.
    if !is_cartesian && !heading.starts_with(['D', 'd']) {
        lines.give_back();
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
            lines.give_back();
            return Ok(None);
        }
        let velocity: Vector3 = lines.floats(&mut words.into_iter(), "a velocity")?;
        velocities.push(velocity.map(|component| component * PER_FEMTOSECOND));
        remarks.notes.extend(lines.note_of_cut());
    }
    if velocities.is_empty() {
        return Ok(None);
    }
    if velocities.len() < atoms {
        return Err(lines.error(format!("expected {atoms} velocities, got {}", velocities.len())));
    }
    let moves = velocities.iter().flatten().any(|&component| component != 0.0);
    if moves && !is_cartesian {
        remarks
            .note("the velocities are fractional, in a time step that is not in the file: they are left out");
        return Ok(None);
    }
    Ok(moves.then_some(velocities))
}

/// Says what stands behind atoms and velocities.
fn note_rest(lines: &mut Lines, remarks: &mut Remarks) -> Result<()> {
    if lines.advance_over_blank()? {
        let line = lines.number();
        let mut words = lines.words();
        // Its first line is 1 where it is in use.
        let is_corrector = words.next() == Some("1") && words.next().is_none();
        remarks.note(if is_corrector {
            format!("the state of the predictor and corrector, from line {line}, is left out")
        } else {
            format!("what follows from line {line} is left out: {}", shown(lines.text().trim()))
        });
        while lines.advance()? {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Format, ReadSettings, StructureReader};
    use super::*;

    fn read(text: &str) -> Result<Structure> {
        let settings = ReadSettings::default();
        StructureReader::from_text(text.as_bytes(), "POSCAR", Format::POSCAR, &settings).next().unwrap()
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
    fn names_stand_in_a_line_in_the_rows_or_in_the_first_line() {
        let elements = |text: &str| read(text).unwrap().elements.unwrap_or_default().join(" ");
        let rows =
            |one: &str, two: &str| format!("{HEAD}1 1\nDirect\n0 0 0 {one}\n.5-0.250000000.25000000 {two}\n");
        assert_eq!(elements(&rows("O", "Mg_pv")), "O Mg");
        assert_eq!(elements(&rows("T T F O", "F F F Mg1")), "O Mg");
        assert_eq!(elements(&rows("F F F", "F F F")), "");
        let first = rows("", "").replacen("rock salt", "Mg O", 1);
        assert_eq!(elements(&first), "Mg O");
        assert_eq!(elements(&first.replacen("Mg O", "Mg O cell", 1)), "");
        let message =
            read(&format!("{HEAD}Mg O\n1 1\nDirect\n0 0 0 Mg\n.5 0 0 V\n")).unwrap_err().to_string();
        assert_eq!(message, "POSCAR:10:8: type 2 is O by the names in line 6, but V in this row");
        let message = read(&rows("O", "Mg").replacen("1 1", "2", 1)).unwrap_err().to_string();
        assert!(message.ends_with("type 1 is O by the row in line 8, but Mg in this row"), "{message}");
    }

    #[test]
    fn blocks_that_have_no_place_are_told() {
        let notes = |rest: &str| {
            let text = format!("{HEAD}Mg\n1\nDirect\n0 0 0\n{rest}");
            let settings = ReadSettings::default();
            let mut reader = StructureReader::from_text(text.as_bytes(), "POSCAR", Format::POSCAR, &settings);
            let structure = reader.next().unwrap().unwrap();
            (structure.velocities.is_some(), reader.remarks().notes.join("; "))
        };
        assert_eq!(notes("\n0.001 0 0\n"), (true, String::new()));
        assert_eq!(notes("\n0 0 0\n\n"), (false, String::new()));
        let fractional =
            "the velocities are fractional, in a time step that is not in the file: they are left out";
        assert_eq!(notes("Direct\n0.001 0 0\n"), (false, fractional.to_owned()));
        let (moves, told) = notes("\n0.001 0 0\n\n1\n0.5\n0 0 0 0\n");
        assert!(moves);
        assert_eq!(told, "the state of the predictor and corrector, from line 13, is left out");
        assert_eq!(notes("something\n").1, "what follows from line 10 is left out: something");
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
            (format!("{HEAD}Mg O\n1\n\nDirect\n"), "POSCAR:7: expected 2 numbers of atoms, got 1"),
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
