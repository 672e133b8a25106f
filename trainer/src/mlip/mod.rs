//! The command lines of MLIP-2 and MLIP-3: `mlp NAME FILES --options`, as scripts and other programs type them, done by the
//! commands of mtprs and told in the words that those programs search for.
//!
//! What differs from other commands is what users of MLIP expect: results replace files that exist and also the input, options
//! stand anywhere, those that nobody knows are warned of and left out, and of several copies that `mpirun` has started the first
//! one works. A [`Line`](line::Line) is read by the [`catalog`], whose functions say what it comes to.

mod catalog;
mod cells;
mod conversion;
mod evaluation;
mod files;
mod line;
mod neighborhoods;
mod relaxation;
mod selection;
mod sets;
mod species;
mod training;

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::Failure;
use crate::cli::{Cli, usage_error};
use crate::commands;
use crate::endpoint::{OutputFile, print, say};
use crate::processes::{Copies, Group, together};
use crate::report::mlip::Dialect;
use crate::text::PROGRAM;
use line::Line;

/// The words behind the name of the program, if these are the words of MLIP.
pub(crate) fn words(arguments: &[OsString]) -> Option<&[OsString]> {
    let (program, words) = arguments.split_first()?;
    if NAMES.contains(&Path::new(program).file_name()?.to_str()?) {
        return Some(words);
    }
    words.split_first().filter(|(command, _)| *command == "mlp").map(|(_, words)| words)
}

/// Names under which the program is MLIP.
const NAMES: [&str; 5] = ["mlp", "mlp2", "mlp3", "mlip2", "mlip3"];
/// The variable that says which of them it is where nothing else does.
const WHICH: &str = "MTPRS_MLP";
/// The variable that has each of several copies do its own work.
const EACH: &str = "MTPRS_MLP_EACH";

/// Whether the words are those of a training, which processes share.
#[cfg(feature = "mpi")]
pub(crate) fn is_training(words: &[OsString]) -> bool {
    words.first().is_some_and(|command| command == "train")
}

/// Ends this process with the code of success if it is a copy of one that works; else threads for it, if there are copies.
pub(crate) fn among_copies() -> Result<Option<usize>, ExitCode> {
    let copies = Copies::found().filter(|_| std::env::var_os(EACH).is_none_or(|each| each != "1"));
    let Some(copies) = copies else { return Ok(None) };
    if copies.rank > 0 {
        let Copies { rank, told_by, .. } = copies;
        if rank == 1 {
            say(format!(
                "note: process 0 does the work of all ({told_by}), the others end; with {EACH}=1 each does its own"
            ));
        }
        return Err(ExitCode::SUCCESS);
    }
    Ok(Some(copies.threads()))
}

/// What is to be done, and by whom.
struct Call<'a> {
    line: Line,
    dialect: Dialect,
    /// Threads, where it is not for the machine to say.
    threads: Option<usize>,
    /// Elements of types without names, if the user gives them.
    species: Option<String>,
    group: &'a dyn Group,
}

/// Does what the words ask for; `threads` where it is not for the machine to say.
pub(crate) fn run(
    program: Option<&OsString>,
    words: &[OsString],
    threads: Option<usize>,
    group: &dyn Group,
) -> Result<(), Failure> {
    let outcome = carry_out(program, words, threads, group).map_err(|failure| match failure {
        // Without the usage of a command, with which others are told, it does not end its line.
        Failure::Usage(error) if error.use_stderr() && !error.to_string().ends_with('\n') => {
            let text = error.to_string();
            usage_error(format!("{}\n", text.strip_prefix("error: ").unwrap_or(&text))).into()
        }
        failure => failure,
    });
    if let Err(failure) = &outcome
        && group.rank() == 0
        && !io::stdout().is_terminal()
    {
        // Programs look for the reason on standard output.
        let _ = complaint(failure).map(|text| print(&format!("ERROR: {text}\n")));
    }
    outcome
}

fn carry_out(
    program: Option<&OsString>,
    words: &[OsString],
    threads: Option<usize>,
    group: &dyn Group,
) -> Result<(), Failure> {
    let usual = usual_dialect(program)?;
    let Some((command, words)) = words.split_first() else {
        return print(&catalog::help(usual));
    };
    let command = command.to_string_lossy();
    match &*command {
        "help" | "--help" | "-h" => {
            return match words.first() {
                None => print(&catalog::help(usual)),
                Some(name) if name == "help" || name == "list" => print(&catalog::help(usual)),
                Some(name) => print(&catalog::find(&name.to_string_lossy())?.help()),
            };
        }
        "list" => return print(&catalog::list(usual)),
        "version" | "--version" | "-V" => return print(&format!("{PROGRAM}\n")),
        _ => {}
    }
    let entry = catalog::find(&command)?;
    let mut line = Line::read(words, entry)?;
    if line.asks_for_help() {
        return print(&entry.help());
    }
    let dialect = line.dialect(&command, usual);
    line.check_files(dialect)?;
    if group.rank() == 0 {
        line.warn(dialect);
    }
    let threads = match line.take("threads") {
        Some(text) => Some(line::number::<usize>("threads", &text)?),
        None => threads,
    };
    let species = line.take_file("species");
    let mut call = Call { line, dialect, threads, species, group };
    (entry.run)(&mut call).map_err(|failure| in_words_of_mlip(failure, entry.name(dialect)))
}

/// What options of mtprs are called in `mlp`.
const CALLED: [(&str, &str); 9] = [
    ("--max-steps", "--iteration-limit"),
    ("--max-force", "--force-tolerance"),
    ("--max-stress", "--stress-tolerance"),
    ("--min-distance", "--min-dist"),
    ("--fixed-cell", "--stress-tolerance=0"),
    ("--keep-unconverged", "--save-nonconverged"),
    ("--break", "--threshold-break"),
    ("--select ", "--threshold-save "),
    ("For more information, try '--help'.", ""),
];

/// A failure of a command of mtprs in the words in which it was asked for.
fn in_words_of_mlip(failure: Failure, command: &str) -> Failure {
    let translated =
        |text: &str| CALLED.iter().fold(text.to_owned(), |text, (own, theirs)| text.replace(own, theirs));
    match failure {
        Failure::Usage(error) if error.use_stderr() => {
            let text = translated(&error.to_string());
            let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
            let hint = if text.contains("mlp help") {
                String::new()
            } else {
                format!("\n  hint: see mlp help {command}")
            };
            usage_error(format!("{text}{hint}")).into()
        }
        Failure::Runtime(error) => Failure::Runtime(error.reworded(translated)),
        failure => failure,
    }
}

/// The one that is meant where nothing else tells.
fn usual_dialect(program: Option<&OsString>) -> Result<Dialect, Failure> {
    let name = program.map(|program| program.to_string_lossy().into_owned()).unwrap_or_default();
    match std::env::var(WHICH).as_deref() {
        _ if name.ends_with('3') => Ok(Dialect::Mlip3),
        _ if name.ends_with('2') => Ok(Dialect::Mlip2),
        Ok("3") => Ok(Dialect::Mlip3),
        Ok("2" | "") | Err(_) => Ok(Dialect::Mlip2),
        Ok(other) => Err(usage_error(format!("{WHICH}: expected 2 or 3, got {other}")).into()),
    }
}

/// The reason in one line, if there is one to tell.
fn complaint(failure: &Failure) -> Option<String> {
    let text = match failure {
        Failure::Usage(error) if error.use_stderr() => error.to_string(),
        Failure::Runtime(error) => error.to_string(),
        Failure::Interrupted(_) | Failure::Suspended(..) => "interrupted".to_owned(),
        _ => return None,
    };
    let line = text.lines().next().unwrap_or_default();
    Some(line.strip_prefix("error: ").unwrap_or(line).to_owned())
}

impl Call<'_> {
    /// Runs a command of mtprs. Results may replace anything, as in MLIP: every command reads its inputs before the file with
    /// the result gets its name.
    fn mtprs(&self, words: Words) -> Result<(), Failure> {
        let mut line = vec![OsString::from("mtprs")];
        line.extend(words.0);
        let job = Cli::read(&line).and_then(commands::prepare).map_err(Failure::from);
        together(self.group, job)?.run(self.group)
    }

    /// A file, by its place.
    fn file(&self, place: usize) -> PathBuf {
        self.line.files.get(place).map(PathBuf::from).unwrap_or_default()
    }

    /// Words with the options that all commands that evaluate take.
    fn with_common(&self, words: Words) -> Words {
        let threads = self.threads.map(|threads| threads.to_string());
        words.option("threads", threads).option("species", self.species.as_ref())
    }
}

/// A file that may replace another one.
fn replacing(path: impl Into<PathBuf>) -> OutputFile {
    OutputFile { path: path.into(), replaces: true }
}

/// The words of a command of mtprs.
struct Words(Vec<OsString>);

impl Words {
    fn new<'a>(command: impl IntoIterator<Item = &'a str>) -> Self {
        Self(command.into_iter().map(OsString::from).collect())
    }

    fn file(mut self, path: impl Into<OsString>) -> Self {
        let path = path.into();
        let bytes = path.as_encoded_bytes();
        // A name is no option, whatever it begins with.
        let named =
            if bytes.len() > 1 && bytes[0] == b'-' { Path::new(".").join(&path).into() } else { path };
        self.0.push(named);
        self
    }

    /// An option with its value, if there is one.
    fn option(mut self, name: &str, value: Option<impl Into<OsString>>) -> Self {
        if let Some(value) = value {
            let mut word = OsString::from(format!("--{name}="));
            word.push(value.into());
            self.0.push(word);
        }
        self
    }

    fn flag(mut self, name: &str, given: bool) -> Self {
        if given {
            self.0.push(format!("--{name}").into());
        }
        self
    }
}

/// A file beside another one that is gone at the end.
struct Temporary(PathBuf);

impl Temporary {
    /// The mark tells it from others; processes that work together have the same name for it.
    fn beside(path: &Path, mark: &str) -> Self {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{mark}"));
        Self(path.with_file_name(name))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It may have got its name, or never have been there.
        let _ = fs::remove_file(&self.0);
    }
}
