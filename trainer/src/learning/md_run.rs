//! A run of LAMMPS in a folder of its own: its files, and what came of it.
//!
//! The input script is that of the job behind a head of variables: `index` variables, which the script may give defaults
//! for, since the first definition counts. Files are named relative to the folder, in which LAMMPS runs.

use std::path::Path;
use std::time::Duration;

use mtprs_core::format::CfgReader;
use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind, Result};

use super::call::{self, End};
use super::files::{read, write};
use super::lammps_log::Account;
use crate::endpoint::Input;
use crate::structure_files::{
    Format, NamedType, ReadSettings, SpeciesOrder, Structure, StructureReader, write_structure,
};

/// The input script in the folder of a run.
pub const SCRIPT: &str = "in.lammps";
/// The frames that a run saves.
pub const SAVED: &str = "saved.cfg";
/// The structure that it starts from.
pub const STRUCTURE: &str = "structure.data";

/// Lines at the end of a log that are told.
const TOLD_LINES: usize = 15;

/// Variables of an input script in their order.
pub type Variables = Vec<(String, String)>;

/// The line of a variable. Outside of quotes LAMMPS makes something else of `&`, `#` and `$`.
pub fn variable(name: &str, value: &str) -> Result<String> {
    if value.contains(['"', '\n', '\r']) {
        let message =
            format!("variable {name}: expected a text without quotes and line breaks, got {value:?}");
        return Err(Error::new(ErrorKind::Argument, message));
    }
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-+./,:=".contains(letter);
    let quote = if !value.is_empty() && value.chars().all(is_plain) { "" } else { "\"" };
    Ok(format!("variable {name} index {quote}{value}{quote}\n"))
}

/// Writes the input script: variables, and the script of the job behind them.
pub fn write_script(folder: &Path, head: &str, variables: &Variables, script: &str) -> Result<()> {
    let mut text = format!("# {head}\n");
    for (name, value) in variables {
        text.push_str(&variable(name, value)?);
    }
    text.push('\n');
    text.push_str(script);
    write(&folder.join(SCRIPT), text.as_bytes())
}

/// The structure of a run, as its files have it.
#[derive(Debug)]
pub struct RunStructure {
    /// The LAMMPS data file.
    text: Vec<u8>,
    /// Species of its types, in their order, if the potential has them: what `pair_coeff` is told by names.
    pub species: Vec<Option<usize>>,
    /// What the user should know.
    pub note: Option<String>,
}

impl RunStructure {
    /// Reads a structure for a potential of these species: a LAMMPS data file stays as it is, others get the species of the
    /// potential as types.
    pub fn read(source: &Path, species: &Species) -> Result<Self> {
        let input = Input::File(source.to_owned());
        let name = input.name();
        let mut reader = StructureReader::open(&input, None, &ReadSettings::default())?;
        let first = reader.next().transpose();
        if reader.format() == Format::LAMMPS_DATA {
            return Self::of_data(read(source)?, first, species, &name).map_err(|error| error.in_file(&name));
        }
        let structure = first?.ok_or_else(|| {
            Error::new(ErrorKind::InvalidConfiguration, "expected a structure, got none").in_file(&name)
        })?;
        Self::of_other(structure, species).map_err(|error| error.in_file(&name))
    }

    fn of_other(mut structure: Structure, species: &Species) -> Result<Self> {
        match (species.names(), &structure.elements) {
            (Some(names), _) => SpeciesOrder::new(names, None, "the potential").apply(&mut structure)?,
            (None, Some(elements)) if species.count() > 1 => {
                let message = format!(
                    "the file names its elements, {}, but the {} species of the potential have no names",
                    elements.join(" "),
                    species.count()
                );
                let hint = "name those of the potential: species = \"Mg,O\" in [training] of the job";
                return Err(Error::new(ErrorKind::Species, message).hint(hint));
            }
            _ => {}
        }
        let mut text = Vec::new();
        write_structure(&structure, Format::LAMMPS_DATA, false, &mut text)?;
        Ok(Self { text, species: (0..species.count()).map(Some).collect(), note: None })
    }

    /// Types that the file names by labels, comments or masses are those elements; the others are taken by number. What
    /// the potential lacks is NULL: other pair styles may be there for it.
    fn of_data(
        text: Vec<u8>,
        read: Result<Option<Structure>>,
        species: &Species,
        name: &str,
    ) -> Result<Self> {
        let by_number = |why: String| {
            let note =
                (species.count() > 1).then(|| format!("{name}: types are matched by number, because {why}"));
            Ok(Self { text: text.clone(), species: (0..species.count()).map(Some).collect(), note })
        };
        let types = match read {
            Ok(structure) => structure.map(|structure| structure.types).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Species => return Err(error),
            // LAMMPS reads more styles than are read here.
            Err(error) => return by_number(error.message().to_owned()),
        };
        if types.is_empty() {
            return by_number("the file does not name them".to_owned());
        }
        let (mut of_types, mut notes) = (Vec::new(), Vec::new());
        for (index, named) in types.iter().enumerate() {
            let (found, note) = species_of(index, named.as_ref(), species);
            of_types.push(found);
            notes.extend(note);
        }
        let note =
            (!notes.is_empty() && species.count() > 1).then(|| format!("{name}: {}", notes.join(", ")));
        Ok(Self { text, species: of_types, note })
    }

    /// Writes the structure into the folder of a run.
    pub fn write(&self, folder: &Path) -> Result<()> {
        write(&folder.join(STRUCTURE), &self.text)
    }
}

/// The species of a type, and what is to be said about it.
fn species_of(index: usize, named: Option<&NamedType>, species: &Species) -> (Option<usize>, Option<String>) {
    let number = index + 1;
    match (named, species.names()) {
        (Some(NamedType { element, source }), Some(names)) => {
            let found = names.iter().position(|name| name == element);
            let names = names.join(" ");
            let lacks = || format!("type {number} is {element} by {source}, which {names} lacks: it is NULL");
            (found, found.is_none().then(lacks))
        }
        _ if index < species.count() => {
            (Some(index), Some(format!("type {number} is matched by number, with {}", species.label(index))))
        }
        _ => (
            None,
            Some(format!(
                "type {number} has no name, and the potential has no species of this number: it is NULL"
            )),
        ),
    }
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Why it did not last, if it did not.
    pub broken: Option<String>,
    /// Steps that were reached.
    pub steps: u64,
    /// Largest grade that was met.
    pub largest_grade: Option<f64>,
    /// Frames that were saved.
    pub frames: u64,
}

/// Looks at what a run of this many steps has left. A run that ended for any other reason than extrapolation is an error.
pub fn outcome(folder: &Path, end: End, limit: Option<Duration>, wanted: u64) -> Result<Outcome> {
    let account =
        Account::of_file(&folder.join(call::OUTPUT)).or(Account::of_file(&folder.join("log.lammps")));
    let frames = frames(&folder.join(SAVED))?;
    let Account { steps, largest_grade, stopped, astray, error } = account;
    let broken = |reason, steps| Ok(Outcome { broken: Some(reason), steps, largest_grade, frames });
    if let Some((step, grade)) = stopped.filter(|_| frames > 0) {
        return broken(format!("grade {}", shown(grade)), step.min(wanted));
    }
    if end == End::Code(0) {
        if largest_grade.is_none() {
            let error = failed(folder, "LAMMPS computed no grades".into());
            let line = "pair_style mtp/rs state ${state} select ${select} break ${break} every ${every} save ${save}";
            return Err(error.hint(format!("the input script needs {line}")));
        }
        if steps < wanted {
            let message = format!("LAMMPS ended normally after {steps} steps, expected {wanted}");
            return Err(failed(folder, message).hint("the input script needs a run of ${steps} steps"));
        }
        return Ok(Outcome { broken: None, steps: wanted, largest_grade, frames });
    }
    if let Some(line) = astray.filter(|_| frames > 0) {
        return broken(line.trim_start_matches("ERROR").trim_start_matches([':', ' ']).to_owned(), steps);
    }
    let what = error.unwrap_or_else(|| end.describe(limit));
    Err(failed(folder, format!("LAMMPS failed for another reason than extrapolation: {what}")))
}

/// A grade in a message.
fn shown(grade: f64) -> String {
    crate::text::general(grade, 4)
}

/// The end of the output, for an error that is none of ours.
fn failed(folder: &Path, message: String) -> Error {
    let mut text = call::output(folder);
    let log = call::end_of(&folder.join("log.lammps"));
    // What a queue says is not what LAMMPS says.
    if !text.contains("LAMMPS (") && !log.trim().is_empty() {
        text = log;
    }
    let message = format!("{message}; its last output:{}", call::tail(&text, TOLD_LINES));
    Error::new(ErrorKind::Unsupported, message).in_file(&folder.display().to_string())
}

/// How many frames a run has saved.
fn frames(path: &Path) -> Result<u64> {
    if !path.exists() {
        return Ok(0);
    }
    let mut count = 0;
    for frame in CfgReader::open(path)? {
        frame?;
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use mtprs_testing::scratch;

    use super::*;

    const FRAME: &str =
        "BEGIN_CFG\n Size\n 1\n AtomData: id type cartes_x cartes_y cartes_z\n 1 0 0 0 0\nEND_CFG\n";
    const WELL: &str = "Loop time of 1 on 1 procs for 100 steps with 1 atoms\n\
                        pair style mtp/rs: largest extrapolation grade 1.5 at step 9, 0 frames saved in saved.cfg\n";

    fn of(name: &str, output: &str, frames: usize, code: i32) -> Result<Outcome> {
        let folder = scratch(&format!("md_run/{name}"));
        fs::write(folder.join(call::OUTPUT), output).unwrap();
        if frames > 0 {
            fs::write(folder.join(SAVED), FRAME.repeat(frames)).unwrap();
        }
        outcome(&folder, End::Code(code), None, 100)
    }

    #[test]
    fn texts_that_lammps_reads_otherwise_are_quoted() {
        for (value, line) in [
            ("1.5e-3", "variable v index 1.5e-3\n"),
            ("../a/b.so", "variable v index ../a/b.so\n"),
            ("a#b", "variable v index \"a#b\"\n"),
            ("p$x", "variable v index \"p$x\"\n"),
            ("&", "variable v index \"&\"\n"),
            ("Mg V O", "variable v index \"Mg V O\"\n"),
            ("", "variable v index \"\"\n"),
        ] {
            assert_eq!(variable("v", value).unwrap(), line);
        }
        assert!(variable("v", "a\"b").is_err());
    }

    #[test]
    fn only_extrapolation_breaks_a_run() {
        let lasted = of("well", WELL, 1, 0).unwrap();
        assert_eq!((lasted.broken, lasted.steps, lasted.frames), (None, 100, 1));
        let stop = "ERROR: pair style mtp/rs, step 7: the extrapolation grade 12 has reached the break threshold 10\n";
        let broken = of("stop", stop, 2, 3).unwrap();
        assert_eq!((broken.broken.as_deref(), broken.steps), (Some("grade 12"), 7));
        let lost = "ERROR: Lost atoms: original 64 current 61\n";
        assert!(of("lost", lost, 1, 1).unwrap().broken.unwrap().starts_with("Lost atoms"));
        for (name, output, frames, code, expected) in [
            ("lost-none", lost, 0, 1, "another reason than extrapolation: ERROR: Lost atoms"),
            ("typo", "ERROR: Unknown command: rnu\n", 1, 1, "Unknown command"),
            ("crash", "", 1, 139, "exit code 139"),
            ("unwatched", "Loop time of 1 on 1 procs for 100 steps with 1 atoms\n", 0, 0, "no grades"),
            ("short", &WELL.replace("100", "90"), 0, 0, "after 90 steps, expected 100"),
        ] {
            let message = of(name, output, frames, code).unwrap_err().to_string();
            assert!(message.contains(expected), "{name}: {message}");
        }
    }
}
