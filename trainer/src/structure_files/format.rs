//! The formats: one table, and what the program asks of it. A format is a file of this room that holds its [`Entry`], and a
//! line in [`FORMATS`].

use std::fmt;

use mtprs_core::{Error, ErrorKind, Result};
use serde::Serialize;

use super::reader::Source;
use super::structure::Structure;
use super::{
    ReadSettings, ase, cfg, extxyz_reader, lammps_data, lammps_dump, outcar, poscar, vasprun, xdatcar,
};
use crate::endpoint::{Input, Stream};
use crate::text::alternatives;

/// All formats. The first whose pattern fits is that of a file name; of those for which the content is equally good
/// [`Evidence`], the first is that of a file.
const FORMATS: &[&Entry] = &[
    &cfg::ENTRY,
    &extxyz_reader::ENTRY,
    &vasprun::ENTRY,
    &outcar::ENTRY,
    &xdatcar::ENTRY,
    &poscar::ENTRY,
    &lammps_dump::ENTRY,
    &lammps_data::ENTRY,
    &ase::ENTRY,
];

/// What the program knows about a format.
pub(super) struct Entry {
    /// What people call it.
    pub(super) name: &'static str,
    /// What options call it; messages tell the first, the others are those of MLIP-2 and of habit.
    pub(super) option_names: &'static [&'static str],
    /// A name under which options ask for what is not read, and why it is not.
    pub(super) refused: Option<(&'static str, &'static str)>,
    /// Endings of file names, in lower case.
    pub(super) endings: &'static [&'static str],
    /// Beginnings of file names, in lower case.
    pub(super) beginnings: &'static [&'static str],
    /// How well the beginning of a file fits, if it does.
    pub(super) recognize: fn(&Head) -> Option<Evidence>,
    /// Whether a file holds any number of configurations.
    pub(super) holds_many: bool,
    /// Whether species are numbers in a file, whose order must be known to write it.
    pub(super) numbers_species: bool,
    /// How it is read.
    pub(super) reader: Reader,
    /// How it is written, if it is.
    pub(super) writer: Option<Writer>,
}

impl Entry {
    /// A format of files of many configurations that name their elements, which is read and not written.
    pub(super) const fn read(
        name: &'static str,
        option_names: &'static [&'static str],
        reader: Reader,
    ) -> Self {
        Self {
            name,
            option_names,
            refused: None,
            endings: &[],
            beginnings: &[],
            recognize: |_| None,
            holds_many: true,
            numbers_species: false,
            reader,
            writer: None,
        }
    }
}

/// What opens a file.
pub(super) enum Reader {
    /// A reader of text: a stream, the name of the file, settings.
    OfText(fn(Stream, &str, &ReadSettings) -> Box<dyn Source>),
    Program(Program),
}

/// A program that reads the file by itself; it may be told by name what the file is.
type Program = fn(&Input, Option<&str>, &ReadSettings) -> Result<Box<dyn Source>>;

/// What puts a structure into a file, and what of it a file has a place for.
pub(super) struct Writer {
    /// Appends a structure, with further columns or without, or says why the format cannot hold it.
    pub(super) write: fn(&Structure, bool, &mut Vec<u8>) -> Result<()>,
    pub(super) holds_labels: bool,
    pub(super) holds_velocities: bool,
    pub(super) columns: Columns,
}

/// Which columns without a meaning here a format has a place for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    /// Any.
    All,
    /// Those of files of the same format: others would not be understood.
    Own,
    /// None.
    None,
}

/// How much the beginning of a file says about its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Evidence {
    /// A number or a word where the format has one.
    Word,
    /// Several lines are what the format has there.
    Layout,
    /// The first line is that of no other format.
    Mark,
}

/// The beginning of a file.
pub(super) struct Head<'a> {
    /// All of it.
    pub(super) text: &'a str,
    /// Its first lines.
    pub(super) lines: Vec<&'a str>,
    /// The first line that is not blank, without blanks at its ends.
    pub(super) first: &'a str,
}

impl Head<'_> {
    /// A mark in the first line.
    pub(super) fn begins_with(&self, mark: &str) -> Option<Evidence> {
        self.first.starts_with(mark).then_some(Evidence::Mark)
    }
}

/// Lines that may tell the format.
const HEAD_LINES: usize = 60;

/// A format of this room; with a name where a program that reads many is told which.
#[derive(Clone, Copy, Serialize)]
#[serde(into = "String")]
pub struct Format {
    entry: &'static Entry,
    detail: Option<&'static str>,
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        (self.option_name(), self.detail) == (other.option_name(), other.detail)
    }
}

impl Eq for Format {}

impl fmt::Debug for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&String::from(*self))
    }
}

impl From<Format> for String {
    fn from(format: Format) -> Self {
        let name = format.option_name();
        format.detail.map_or_else(|| name.to_owned(), |detail| format!("{name}:{detail}"))
    }
}

impl Format {
    pub(super) const fn new(entry: &'static Entry) -> Self {
        Self { entry, detail: None }
    }

    /// All formats that the program reads by itself.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().copied().map(Self::new).filter(|format| *format != Self::ASE)
    }

    /// The formats that are written, as a choice, each by what `called` says.
    pub fn written(called: fn(Self) -> &'static str) -> String {
        alternatives(Self::all().filter(|format| format.is_written()).map(called))
    }

    /// The format that an option names; `ase:NAME` with ASE's name of a format.
    pub fn parse(name: &str) -> std::result::Result<Self, String> {
        let detail = name.split_once(':').filter(|(before, detail)| *before == "ase" && !detail.is_empty());
        if let Some((_, detail)) = detail {
            // The name is never freed: there is one for each time it is typed.
            return Ok(Self { detail: Some(Box::leak(detail.to_owned().into_boxed_str())), ..Self::ASE });
        }
        let refused = FORMATS.iter().filter_map(|entry| entry.refused).find(|(refused, _)| *refused == name);
        if let Some((_, reason)) = refused {
            return Err(reason.to_owned());
        }
        let entry = FORMATS.iter().copied().find(|entry| entry.option_names.contains(&name));
        entry.map(Self::new).ok_or_else(|| {
            let names: Vec<&str> = Self::all().map(Self::option_name).collect();
            format!("expected {}, ase or ase:NAME", names.join(", "))
        })
    }

    pub(super) fn entry(self) -> &'static Entry {
        self.entry
    }

    /// What the program that reads the file is told about its format.
    pub(super) fn detail(self) -> Option<&'static str> {
        self.detail
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        self.entry.name
    }

    /// What options call it.
    pub fn option_name(self) -> &'static str {
        self.entry.option_names[0]
    }

    /// Whether a file holds any number of configurations.
    pub fn holds_many(self) -> bool {
        self.entry.holds_many
    }

    /// Whether species are numbers in a file, whose order must be known to write it.
    pub fn numbers_species(self) -> bool {
        self.entry.numbers_species
    }

    /// Whether files of this format can be written.
    pub fn is_written(self) -> bool {
        self.entry.writer.is_some()
    }

    /// What of a structure from a file of the format `from` has no place in a file of this format.
    pub fn dropped(self, structure: &Structure, from: Self) -> Vec<String> {
        let Some(writer) = &self.entry.writer else { return Vec::new() };
        let mut dropped = Vec::new();
        let configuration = &structure.configuration;
        let has_labels = configuration.energy.is_some()
            || configuration.forces.is_some()
            || configuration.virial.is_some();
        if has_labels && !writer.holds_labels {
            dropped.push("energies, forces and virials".to_owned());
        }
        if structure.velocities.is_some() && !writer.holds_velocities {
            dropped.push("velocities".to_owned());
        }
        if writer.columns == Columns::None || (writer.columns == Columns::Own && from != self) {
            dropped.extend(structure.columns.iter().map(|column| format!("column {}", column.name)));
        }
        dropped
    }

    /// The format that a file name stands for; endings of compressed files do not count.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
        let name = [".gz", ".zst"].into_iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        let fits = |entry: &&Entry| {
            entry.endings.iter().any(|end| name.ends_with(end))
                || entry.beginnings.iter().any(|begin| name.starts_with(begin))
        };
        FORMATS.iter().copied().find(fits).map(Self::new)
    }

    /// The format of a file with this name that begins with these bytes.
    pub(super) fn recognize(name: &str, head: &[u8]) -> Result<Self> {
        let failed = |message: &str| Error::new(ErrorKind::Unsupported, message).in_file(name);
        let text = String::from_utf8_lossy(head);
        if let Some(format) = Self::of_content(&text) {
            return Ok(format);
        }
        if head.is_empty() {
            return Err(failed("the file is empty"));
        }
        if let Some((_, what)) = ase::MARKS.iter().find(|(mark, _)| text.contains(mark)) {
            return Err(failed(&format!("this is {what}")).hint(ase::HINT));
        }
        if head.contains(&0) {
            let error =
                failed("the file is not text: binary files, including those of MLIP-2, cannot be read");
            return Err(error.hint(BINARY_HINT));
        }
        if text.starts_with("MTP\n") || text.starts_with("MTP\r") {
            return Err(failed("this is a potential: expected configurations"));
        }
        if text.contains("Number of particles") {
            return Err(failed("this is a .cfg file of AtomEye, not of MLIP-2"));
        }
        Self::of_name(name).ok_or_else(|| {
            failed("neither the name nor the content shows the format of this file")
                .hint("name it with --input-format; use --input-format ase for formats that ASE reads")
        })
    }

    /// The format of a file that begins with this text, if the text tells.
    pub(super) fn of_content(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().take(HEAD_LINES).collect();
        let first = lines.iter().find(|line| !line.trim().is_empty())?.trim();
        let head = Head { text, lines, first };
        let evidence = |entry: &'static Entry| Some(((entry.recognize)(&head)?, entry));
        // Of equal ones the last is taken, which is the first of the table.
        let best = FORMATS.iter().copied().rev().filter_map(evidence).max_by_key(|(evidence, _)| *evidence);
        best.map(|(_, entry)| Self::new(entry))
    }
}

/// What to do about binary `.cfg` files: no public description of them is known.
pub(super) const BINARY_HINT: &str = "have MLIP-2 write the configurations as text, because its binary .cfg is not \
     documented; convert LAMMPS binary dumps with binary2txt";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn content_counts_more_than_the_name() {
        let poscar = "1\n1.0\n4 0 0\n0 4 0\n0 0 4\nMg\n1\nDirect\n0 0 0\n";
        let cases = [
            ("BEGIN_CFG\n Size\n", Format::CFG),
            ("\nITEM: UNITS\nmetal\n", Format::LAMMPS_DUMP),
            (" vasp.5.4.4.18Apr17 (build) complex\n", Format::OUTCAR),
            ("<?xml version=\"1.0\"?>\n<modeling>\n", Format::VASPRUN),
            (poscar, Format::POSCAR),
            ("x\n1.0\n4 0 0\n0 4 0\n0 0 4\nMg\n1\nDirect configuration=     1\n0 0 0\n", Format::XDATCAR),
            ("2\n\nMg 0 0 0\nO 1 0 0\n", Format::EXTXYZ),
            ("# made by hand\n\n 2 atoms\n", Format::LAMMPS_DATA),
        ];
        for (head, format) in cases {
            assert_eq!(Format::recognize("misleading.xml", head.as_bytes()).unwrap(), format, "{head}");
        }
        assert_eq!(cases.len(), Format::all().count(), "every format is recognized");
    }

    #[test]
    fn names_count_where_the_content_says_nothing() {
        for (name, format) in [
            ("runs/OUTCAR_1.gz", Some(Format::OUTCAR)),
            ("a.OUTCAR/CONTCAR", Some(Format::POSCAR)),
            ("dump.lammpstrj.zst", Some(Format::LAMMPS_DUMP)),
            ("data.glass", Some(Format::LAMMPS_DATA)),
            ("x.EXTXYZ", Some(Format::EXTXYZ)),
            ("dump.xyz", Some(Format::EXTXYZ)),
            ("dump.POSCAR", Some(Format::POSCAR)),
            ("vasprun.1", Some(Format::VASPRUN)),
            ("XDATCAR.cfg", Some(Format::CFG)),
            ("pot.mtp", None),
        ] {
            assert_eq!(Format::of_name(name), format, "{name}");
        }
        for (name, head, expected) in [
            ("pot.mtp", b"x\n".as_slice(), "hint: name it with --input-format; "),
            (
                "a.out",
                b"\n     Program PWSCF v.7.2 starts on  1Jan2024",
                "hint: use --input-format ase for formats that ASE reads",
            ),
            (
                "a.out",
                b"- of UlmASE-Trajectory\0\0",
                "hint: use --input-format ase for formats that ASE reads",
            ),
            ("a.cfg", b"\x01\0\0\0binary", "binary files, including those of MLIP-2, cannot be read"),
            ("a.cfg", b"Number of particles = 4\n", "AtomEye"),
        ] {
            let message = Format::recognize(name, head).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn options_name_every_format_and_no_two_alike() {
        let names: Vec<&str> = FORMATS.iter().flat_map(|entry| entry.option_names).copied().collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        for name in names.into_iter().chain(["ase:espresso-out"]) {
            let format = Format::parse(name).unwrap();
            assert_eq!(Format::parse(&String::from(format)), Ok(format), "{name}");
        }
        assert_eq!(Format::parse("xyz"), Ok(Format::EXTXYZ));
        for text in ["ase:", "Ase", "nonsense", "x:ase"] {
            let message = Format::parse(text).unwrap_err();
            assert!(message.starts_with("expected cfg, extxyz") && message.ends_with("ase or ase:NAME"));
        }
    }
}
