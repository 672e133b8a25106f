//! Which format a file has: by its content, and where that says too little by its name.

use mtprs_core::{Error, ErrorKind, Result};

use super::ase::AseFormat;

/// A format of this room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `.cfg` text of MLIP-2.
    Cfg,
    /// POSCAR and CONTCAR of VASP 4 and 5.
    Poscar,
    /// OUTCAR of VASP 5 and 6.
    Outcar,
    /// vasprun.xml.
    VaspRun,
    /// XDATCAR of VASP 5 and 6.
    Xdatcar,
    /// XYZ, plain and extended.
    ExtendedXyz,
    /// LAMMPS data file.
    LammpsData,
    /// LAMMPS dump, text.
    LammpsDump,
    /// Whatever ASE reads, by way of Python.
    Ase(AseFormat),
}

impl Format {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cfg => ".cfg",
            Self::Poscar => "POSCAR",
            Self::Outcar => "OUTCAR",
            Self::VaspRun => "vasprun.xml",
            Self::Xdatcar => "XDATCAR",
            Self::ExtendedXyz => "extended XYZ",
            Self::LammpsData => "LAMMPS data",
            Self::LammpsDump => "LAMMPS dump",
            Self::Ase(_) => "what ASE reads",
        }
    }

    /// Whether a file holds any number of configurations.
    pub fn holds_many(self) -> bool {
        !matches!(self, Self::Poscar | Self::LammpsData)
    }

    /// Whether species are numbers in a file, whose order must be known to write it.
    pub fn numbers_species(self) -> bool {
        matches!(self, Self::Cfg | Self::LammpsData)
    }

    /// The format that a file name stands for; endings of compressed files do not count.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
        let name = [".gz", ".zst"].into_iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let begins = |begins: &[&str]| begins.iter().any(|begin| name.starts_with(begin));
        if ends(&[".cfg"]) {
            Some(Self::Cfg)
        } else if ends(&[".xyz", ".extxyz"]) {
            Some(Self::ExtendedXyz)
        } else if ends(&[".xml"]) || begins(&["vasprun"]) {
            Some(Self::VaspRun)
        } else if begins(&["outcar"]) || ends(&["outcar"]) {
            Some(Self::Outcar)
        } else if begins(&["xdatcar"]) || ends(&["xdatcar"]) {
            Some(Self::Xdatcar)
        } else if begins(&["poscar", "contcar"]) || ends(&["poscar", "contcar", ".vasp"]) {
            Some(Self::Poscar)
        } else if ends(&[".lammpstrj", ".dump"]) || begins(&["dump."]) {
            Some(Self::LammpsDump)
        } else if ends(&[".data", ".lmp", ".lammps-data"]) || begins(&["data."]) {
            Some(Self::LammpsData)
        } else {
            None
        }
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
        if let Some((_, what)) = FOR_ASE.iter().find(|(mark, _)| text.contains(mark)) {
            return Err(failed(&format!("this is {what}")).hint(ASE_HINT));
        }
        if head.contains(&0) {
            let error = failed("the file is not text: binary files are not read, those of MLIP-2 among them");
            return Err(error.hint(BINARY_HINT));
        }
        if text.starts_with("MTP\n") || text.starts_with("MTP\r") {
            return Err(failed("this is a potential: expected configurations"));
        }
        if text.contains("Number of particles") {
            return Err(failed("this is a .cfg file of AtomEye, not of MLIP-2"));
        }
        Self::of_name(name).ok_or_else(|| {
            failed("neither the name nor the content tells which format this file has")
                .hint("name it with --input-format; what ASE reads is opened by --input-format ase")
        })
    }

    /// The format of a file that begins with this text, if the text tells.
    pub(super) fn of_content(head: &str) -> Option<Format> {
        let lines: Vec<&str> = head.lines().take(60).collect();
        let first = lines.iter().find(|line| !line.trim().is_empty())?.trim();
        if first.starts_with("BEGIN_CFG") {
            return Some(Format::Cfg);
        }
        if first.starts_with("ITEM:") {
            return Some(Format::LammpsDump);
        }
        if first.starts_with("vasp.") {
            return Some(Format::Outcar);
        }
        if first.starts_with('<') && head.contains("<modeling") {
            return Some(Format::VaspRun);
        }
        let is_numbers = |line: usize, counts: &[usize]| {
            let words: Vec<&str> =
                lines.get(line).map(|line| line.split_whitespace().collect()).unwrap_or_default();
            counts.contains(&words.len()) && words.iter().all(|word| word.parse::<f64>().is_ok())
        };
        if is_numbers(1, &[1, 3]) && (2..5).all(|line| is_numbers(line, &[3])) {
            let is_trajectory =
                |line: &&str| line.to_ascii_lowercase().trim_start().starts_with("direct configuration");
            return Some(if lines.iter().any(is_trajectory) { Format::Xdatcar } else { Format::Poscar });
        }
        if first.parse::<u64>().is_ok() {
            return Some(Format::ExtendedXyz);
        }
        let counts_atoms = |line: &&str| {
            let mut words = line.split_whitespace();
            words.next().is_some_and(|word| word.parse::<u64>().is_ok()) && words.next() == Some("atoms")
        };
        lines.iter().any(counts_atoms).then_some(Format::LammpsData)
    }
}

/// What stands near the beginning of files that ASE reads, and what they are.
const FOR_ASE: [(&str, &str); 11] = [
    ("- of UlmASE-Trajectory", "a trajectory of ASE"),
    ("SQLite format 3", "a database, perhaps one of ASE"),
    ("Program PWSCF", "an output of Quantum ESPRESSO"),
    ("Invoking FHI-aims", "an output of FHI-aims"),
    ("CP2K|", "an output of CP2K"),
    ("of ABINIT", "an output of ABINIT"),
    ("Northwest Computational Chemistry Package", "an output of NWChem"),
    ("* O   R   C   A *", "an output of ORCA"),
    ("Entering Gaussian System", "an output of Gaussian"),
    ("CCC   AA    SSS  TTTTT  EEEEE  PPPP", "an output of CASTEP"),
    ("Welcome to SIESTA", "an output of Siesta"),
];

/// How to open them.
const ASE_HINT: &str = "--input-format ase opens what ASE reads, with Python and ASE installed";

/// What to do about binary `.cfg` files: no public description of them is known.
pub(super) const BINARY_HINT: &str = "have MLIP-2 write the configurations as text: its binary .cfg is not described anywhere; \
     for LAMMPS binary dumps there is binary2txt";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_counts_more_than_the_name() {
        let poscar = "1\n1.0\n4 0 0\n0 4 0\n0 0 4\nMg\n1\nDirect\n0 0 0\n";
        let cases = [
            ("BEGIN_CFG\n Size\n", Format::Cfg),
            ("\nITEM: UNITS\nmetal\n", Format::LammpsDump),
            (" vasp.5.4.4.18Apr17 (build) complex\n", Format::Outcar),
            ("<?xml version=\"1.0\"?>\n<modeling>\n", Format::VaspRun),
            (poscar, Format::Poscar),
            ("x\n1.0\n4 0 0\n0 4 0\n0 0 4\nMg\n1\nDirect configuration=     1\n0 0 0\n", Format::Xdatcar),
            ("2\n\nMg 0 0 0\nO 1 0 0\n", Format::ExtendedXyz),
            ("# made by hand\n\n 2 atoms\n", Format::LammpsData),
        ];
        for (head, format) in cases {
            assert_eq!(Format::recognize("misleading.xml", head.as_bytes()).unwrap(), format, "{head}");
        }
    }

    #[test]
    fn names_count_where_the_content_says_nothing() {
        let of = |name: &str| Format::of_name(name);
        assert_eq!(of("runs/OUTCAR_1.gz"), Some(Format::Outcar));
        assert_eq!(of("a.OUTCAR/CONTCAR"), Some(Format::Poscar));
        assert_eq!(of("dump.lammpstrj.zst"), Some(Format::LammpsDump));
        assert_eq!(of("data.glass"), Some(Format::LammpsData));
        assert_eq!(of("x.EXTXYZ"), Some(Format::ExtendedXyz));
        assert_eq!(of("pot.mtp"), None);
        let message = Format::recognize("pot.mtp", b"x\n").unwrap_err().to_string();
        assert!(message.contains("hint: name it with --input-format; "), "{message}");
        for head in ["\n     Program PWSCF v.7.2 starts on  1Jan2024", "- of UlmASE-Trajectory\0\0"] {
            let message = Format::recognize("a.out", head.as_bytes()).unwrap_err().to_string();
            assert!(message.contains("hint: --input-format ase opens what ASE reads"), "{message}");
        }
        let message = Format::recognize("a.cfg", b"\x01\0\0\0binary").unwrap_err().to_string();
        assert!(message.contains("binary files are not read, those of MLIP-2 among them"), "{message}");
        let message = Format::recognize("a.cfg", b"Number of particles = 4\n").unwrap_err().to_string();
        assert!(message.contains("AtomEye"), "{message}");
    }
}
