//! Files that ASE reads, by way of a Python process that writes extended XYZ to a pipe: one structure in memory, every digit.
//!
//! Energies, forces and stresses are what ASE has, in eV, eV/Å and eV/Å³; forces are those without constraints. The process
//! ends with the reader, however that ends.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, ErrorKind as IoErrorKind};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use mtprs_core::{Error, ErrorKind, Place, Result};

use super::extxyz_reader::ExtendedXyzSource;
use super::format::{Entry, Reader};
use super::reader::Source;
use super::remarks::Remarks;
use super::structure::Structure;
use super::{Format, ReadSettings};
use crate::endpoint::Input;

impl Format {
    /// Whatever ASE reads, by way of Python.
    pub const ASE: Self = Self::new(&ENTRY);
}

pub(super) static ENTRY: Entry = Entry {
    ..Entry::read(
        "what ASE reads",
        &["ase"],
        Reader::Program(|input, format, settings| Ok(Box::new(AseSource::open(input, format, settings)?))),
    )
};

/// What stands near the beginning of files that ASE reads, and what they are.
pub(super) const MARKS: [(&str, &str); 11] = [
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
pub(super) const HINT: &str = "use --input-format ase for formats that ASE reads (needs Python with ASE)";

/// What reads the file and writes it to its standard output.
const SCRIPT: &str = include_str!("ase_bridge.py");

/// Tells by its exit code whether Python has ASE, without the time that loading it takes.
const LOOK: &str = "import importlib.util as look, sys; sys.exit(look.find_spec('ase') is None)";

/// Names the Python to be used.
const PYTHON: &str = "MTPRS_PYTHON";

/// Lines of the process's standard error that are kept; the last one says why it failed.
const KEPT_LINES: usize = 100;

/// Reads what ASE reads.
pub(super) struct AseSource {
    frames: ExtendedXyzSource,
    process: Process,
    file: String,
    notes: Vec<String>,
}

impl AseSource {
    /// Starts Python with ASE on a file, which is recognized unless ASE's name of its format is given.
    fn open(input: &Input, format: Option<&str>, settings: &ReadSettings) -> Result<Self> {
        let file = input.name();
        let Input::File(path) = input else {
            let error = Error::new(ErrorKind::Unsupported, "ASE reads files, and not standard input");
            return Err(error.in_file(&file));
        };
        // Whether it is there is said in the words of all commands.
        drop(input.open()?);
        let mut process = Process::start(path, format, settings.keep_unconverged, &file)?;
        let stdout = process.child.stdout.take();
        let stdout = stdout.ok_or_else(|| Error::new(ErrorKind::Bug, "the output of Python is missing"))?;
        let frames =
            ExtendedXyzSource::new(Box::new(BufReader::with_capacity(1 << 16, stdout)), &file, settings);
        Ok(Self { frames, process, file, notes: Vec::new() })
    }
}

impl Source for AseSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        let next = self.frames.read().map_err(|error| {
            // Lines are those of the pipe, which nobody sees.
            let place = Place { file: self.file.clone(), line: 0, column: 0 };
            error.within("as ASE reads it").at(place)
        });
        match next {
            Ok(Some(structure)) => Ok(Some(Structure { line: 0, ..structure })),
            Ok(None) => {
                self.notes = self.process.finish(&self.file)?;
                Ok(None)
            }
            // An output that breaks off is the fault of what ended the process.
            Err(error) => Err(error),
        }
    }

    fn remarks(&self) -> Remarks {
        let mut remarks = self.frames.remarks();
        for step in &mut remarks.left_out {
            step.line = 0;
        }
        for note in &self.notes {
            remarks.note(note.clone());
        }
        remarks
    }
}

/// A running Python, which does not outlive this.
struct Process {
    child: Child,
    said: Option<JoinHandle<Vec<String>>>,
}

impl Process {
    fn start(path: &Path, format: Option<&str>, keeps: bool, file: &str) -> Result<Self> {
        let python = python_with_ase().map_err(|error| error.in_file(file))?;
        let mut command = command(&python);
        command.args(["-c", SCRIPT]).arg(path).arg(format.unwrap_or_default());
        command.arg(if keeps { "keep" } else { "" });
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().map_err(|error| Error::io("start", &python.to_string_lossy(), &error))?;
        let said =
            child.stderr.take().map(|stderr| std::thread::spawn(move || last_lines(BufReader::new(stderr))));
        Ok(Self { child, said })
    }

    /// Waits for the end; what the process has to note, or why it failed.
    fn finish(&mut self, file: &str) -> Result<Vec<String>> {
        let status = self.child.wait().map_err(|error| Error::io("wait for Python", file, &error))?;
        let said = self.said.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        if status.success() {
            let notes = said.iter().filter_map(|line| line.strip_prefix("note: "));
            return Ok(notes.map(str::to_owned).collect());
        }
        let reason = said.iter().rev().find(|line| !line.trim().is_empty() && !line.starts_with("note: "));
        let reason = reason.map_or_else(|| status.to_string(), |line| line.trim().to_owned());
        let error = Error::new(ErrorKind::Syntax, format!("ASE cannot read it: {reason}"));
        Err(error
            .in_file(file)
            .hint("name the format as ASE does: --input-format ase:FORMAT; `ase info --formats` lists them"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Where it has ended there is nothing to kill, and nobody is left to tell of anything else.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last lines of a stream; notes are all kept, of which there are few.
fn last_lines(stream: impl BufRead) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in stream.split(b'\n').map_while(std::result::Result::ok) {
        if lines.len() == KEPT_LINES {
            let oldest = lines.iter().position(|line| !line.starts_with("note: ")).unwrap_or_default();
            lines.remove(oldest);
        }
        lines.push(String::from_utf8_lossy(&line).into_owned());
    }
    lines
}

/// Python without the working folder among those of its modules: a file `json.py` of the user is not meant.
fn command(python: &OsString) -> Command {
    let mut command = Command::new(python);
    command.env("PYTHONSAFEPATH", "1").env("PYTHONIOENCODING", "utf-8");
    command
}

/// The first Python that has ASE.
fn python_with_ase() -> Result<OsString> {
    let chosen = std::env::var_os(PYTHON).filter(|python| !python.is_empty());
    let candidates: Vec<OsString> =
        chosen.clone().map_or_else(|| vec!["python3".into(), "python".into()], |python| vec![python]);
    let mut missing = Vec::new();
    for python in candidates {
        let mut probe = command(&python);
        probe.args(["-c", LOOK]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        match probe.output() {
            Ok(output) if output.status.success() => return Ok(python),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no ASE");
                missing.push(format!("{}: {}", python.to_string_lossy(), last.trim()));
            }
            Err(error) if error.kind() == IoErrorKind::NotFound => {
                missing.push(format!("{}: not found", python.to_string_lossy()));
            }
            Err(error) => return Err(Error::io("start", &python.to_string_lossy(), &error)),
        }
    }
    let message = format!("reading this with ASE needs a Python that has it ({})", missing.join("; "));
    let error = Error::new(ErrorKind::Unsupported, message);
    Err(error.hint(format!("pip install ase, or set {PYTHON}=/path/to/python to a Python that has it")))
}
