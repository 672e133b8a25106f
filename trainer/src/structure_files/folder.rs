//! Folders of runs as inputs: walked for the files of VASP, one of each run, with an account of what became of every file.
//!
//! Of a run that has several files the OUTCAR is taken, unless nothing of it can be kept, or it is cut and the
//! vasprun.xml is whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use mtprs_core::{Error, ErrorKind};

use super::remarks::UNCONVERGED;
use super::stream::is_of_compression;
use super::{Format, ReadSettings, StructureReader};
use crate::endpoint::Input;
use crate::text::Table;

/// Bytes at the end of a file that tell whether it is whole.
const TAIL_BYTES: u64 = 1 << 16;

/// Files of folders, and what became of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    rows: Vec<Row>,
    is_told: bool,
    /// What is to be said of files that are read in place of others.
    replacing: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
struct Row {
    file: String,
    /// Configurations that were read, once the file was read to its end.
    configurations: Option<u64>,
    left_out: usize,
    reason: String,
}

impl Ledger {
    /// The files of a folder and of those below it, in the order of their names; none if there are none.
    pub(super) fn walk(
        &mut self,
        folder: &Path,
        format: Option<Format>,
        settings: &ReadSettings,
    ) -> Vec<PathBuf> {
        let (folders, files, taken) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
        let mut walk = Walk { format, settings, folders, files, taken };
        walk.enter(folder, self);
        for path in &walk.taken {
            let file = path.display().to_string();
            if !self.has(&file) {
                self.rows.push(Row { file, configurations: None, left_out: 0, reason: String::new() });
            }
        }
        walk.taken
    }

    /// Whether a file was found in a folder.
    pub(super) fn has(&self, file: &str) -> bool {
        self.rows.iter().any(|row| row.file == file)
    }

    /// What the user should know who does not see the account: that the file is read in place of another, and why.
    pub(super) fn replacing(&self, file: &str) -> Option<String> {
        self.replacing.get(file).cloned()
    }

    fn pass_over(&mut self, path: &Path, reason: String) {
        let file = path.display().to_string();
        if !self.has(&file) {
            self.rows.push(Row { file, configurations: Some(0), left_out: 0, reason });
        }
    }

    /// Notes that a file was read to its end, or as far as it can be.
    pub(super) fn done(&mut self, file: &str, configurations: u64, left_out: usize, reason: String) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.file == file) {
            (row.configurations, row.left_out, row.reason) = (Some(configurations), left_out, reason);
        }
    }

    /// The account, once, when all files have been read.
    pub(super) fn account(&mut self) -> Option<String> {
        if self.is_told || self.rows.is_empty() || self.rows.iter().any(|row| row.configurations.is_none()) {
            return None;
        }
        self.is_told = true;
        let mut table = Table::new(&["file", ">configurations", ">left out", "reason"]);
        let (mut taken, mut left_out) = (0, 0);
        for row in &self.rows {
            let configurations = row.configurations.unwrap_or_default();
            (taken, left_out) = (taken + configurations, left_out + row.left_out);
            let counts = [configurations.to_string(), row.left_out.to_string()];
            let [configurations, left] = counts;
            table.row(vec![row.file.clone(), configurations, left, row.reason.clone()]);
        }
        table.row(vec!["all".into(), taken.to_string(), left_out.to_string(), String::new()]);
        Some(table.render())
    }
}

/// Whether what is wrong lies in the file, so that others can be read without it. What was read of a compressed file
/// before it turned out to be corrupt cannot be relied on: then all ends.
pub(super) fn is_of_file(error: &Error, configurations: u64) -> bool {
    match error.kind() {
        ErrorKind::Io => configurations == 0 && is_of_compression(error),
        ErrorKind::Bug => false,
        _ => true,
    }
}

struct Walk<'a> {
    format: Option<Format>,
    settings: &'a ReadSettings,
    /// Folders and files that have been seen, by their real paths: links may lead to them again.
    folders: BTreeSet<PathBuf>,
    files: BTreeMap<PathBuf, PathBuf>,
    taken: Vec<PathBuf>,
}

impl Walk<'_> {
    fn enter(&mut self, folder: &Path, ledger: &mut Ledger) {
        match folder.canonicalize() {
            Ok(real) if !self.folders.insert(real.clone()) => return,
            _ => {}
        }
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return ledger.pass_over(folder, format!("cannot be read: {error}")),
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| !name(path).starts_with('.'));
        paths.sort();
        let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
            paths.into_iter().partition(|path| path.is_dir());
        self.take(files, ledger);
        for folder in folders {
            self.enter(&folder, ledger);
        }
    }

    /// Takes one file of each run.
    fn take(&mut self, files: Vec<PathBuf>, ledger: &mut Ledger) {
        let mut runs: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for path in files {
            let Some((format, run)) = run_of(&name(&path)) else { continue };
            if self.format.is_none_or(|asked| asked == format) && path.is_file() {
                runs.entry(run).or_default().push(path);
            }
        }
        for mut of_run in runs.into_values() {
            of_run.sort_by_key(|path| rank(path));
            let (best, faults) = best(&of_run, self.settings);
            let best = of_run.remove(best);
            for (other, fault) in of_run.iter().zip(faults) {
                if !fault.is_empty() && rank(other) < rank(&best) {
                    let sentence =
                        format!("it is read in place of {}: {}", name(other), fault.trim_end_matches(": "));
                    ledger.replacing.insert(best.display().to_string(), sentence);
                }
                ledger.pass_over(other, format!("{fault}{} is of the same run", name(&best)));
            }
            let real = best.canonicalize().unwrap_or_else(|_| best.clone());
            match self.files.get(&real) {
                Some(known) => ledger.pass_over(&best, format!("the same file as {}", known.display())),
                None => {
                    self.files.insert(real, best.clone());
                    self.taken.push(best);
                }
            }
        }
    }
}

/// Which file of a run is to be read, and what is wrong with each of the others, as far as that is known.
fn best(of_run: &[PathBuf], settings: &ReadSettings) -> (usize, Vec<String>) {
    let told = |path: &PathBuf| if is_empty(path) { "it is empty: " } else { "" }.to_owned();
    let mut faults: Vec<String> = of_run.iter().map(told).collect();
    let mut best = 0;
    // Strict reading is to end at the first fault, and not to look for a file that has none.
    if of_run.len() > 1 && !settings.strict {
        let mut cut = None;
        let mut chosen = None;
        for (index, path) in of_run.iter().enumerate() {
            match fault(path, &of_run[index + 1..], settings) {
                Fault::None => {
                    chosen = Some(index);
                    break;
                }
                Fault::Cut => {
                    cut.get_or_insert(index);
                    faults[index] = "it ends in the middle of a line: the whole ".to_owned();
                }
                Fault::Nothing(reason) => faults[index] = format!("nothing of it is kept ({reason}): "),
            }
        }
        best = chosen.or(cut).unwrap_or(0);
    }
    faults.remove(best);
    (best, faults)
}

/// What is wrong with a file.
enum Fault {
    None,
    /// The run, or what wrote the file, was killed, and another file of the run is whole.
    Cut,
    /// No step can be kept, and why the first one cannot.
    Nothing(String),
}

/// Reads a file up to its first step that is kept.
fn fault(path: &Path, others: &[PathBuf], settings: &ReadSettings) -> Fault {
    let format = run_of(&name(path)).map(|(format, _)| format);
    let first_line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let read = StructureReader::open(&Input::from(path.to_owned()), format, settings).map(|mut reader| {
        let first = reader.next().transpose();
        (first, reader.remarks())
    });
    match read {
        Ok((Ok(Some(_)), _)) if is_cut_off(path) && others.iter().any(|other| is_closed(other)) => Fault::Cut,
        Ok((Ok(Some(_)), _)) => Fault::None,
        // Another file of the run says less about convergence.
        Ok((Ok(None), remarks)) if remarks.left_out.iter().any(|step| step.reason == UNCONVERGED) => {
            Fault::None
        }
        Ok((Ok(None), remarks)) => Fault::Nothing(
            remarks.left_out.first().map_or("it has no step".to_owned(), |step| first_line(&step.reason)),
        ),
        Ok((Err(error), _)) | Err(error) => Fault::Nothing(first_line(error.message())),
    }
}

/// Whether an OUTCAR ends in the middle of a line, and not with VASP's account of times.
fn is_cut_off(path: &Path) -> bool {
    let name = name(path);
    name.starts_with("OUTCAR") && !is_compressed(&name) && {
        let tail = tail(path);
        tail.last().is_some_and(|&last| last != b'\n') && !contains(&tail, b"General timing")
    }
}

/// Whether a vasprun.xml ends with the end of its outermost element.
fn is_closed(path: &Path) -> bool {
    name(path).starts_with("vasprun") && contains(&tail(path), b"</modeling>")
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The last bytes of a file; none of one that cannot be read.
fn tail(path: &Path) -> Vec<u8> {
    let read = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut tail = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut tail)?;
        Ok::<_, io::Error>(tail)
    };
    read().unwrap_or_default()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Which file of a run is best: one that is not empty, an OUTCAR, one that is not compressed.
fn rank(path: &Path) -> (bool, bool, bool) {
    let name = name(path);
    (is_empty(path), !name.starts_with("OUTCAR"), is_compressed(&name))
}

fn is_empty(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() == 0)
}

fn is_compressed(name: &str) -> bool {
    [".gz", ".zst"].iter().any(|ending| name.ends_with(ending))
}

/// The format of a file of VASP by its name, and which of the runs of its folder it belongs to: `OUTCAR.relax1.gz`,
/// `vasprun.relax1.xml` and `vasprun.xml.relax1` are of one run.
fn run_of(name: &str) -> Option<(Format, String)> {
    let plain = name.trim_end_matches(".gz").trim_end_matches(".zst");
    let (format, rest) = if let Some(rest) = plain.strip_prefix("OUTCAR") {
        (Format::OUTCAR, rest.to_owned())
    } else {
        let rest = plain.strip_prefix("vasprun").filter(|rest| rest.contains(".xml"))?;
        (Format::VASPRUN, rest.replacen(".xml", "", 1))
    };
    Some((format, rest.trim_matches(['.', '_', '-']).to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use mtprs_testing::scratch;

    use super::*;

    fn folder(name: &str, files: &[&str]) -> PathBuf {
        let folder = scratch(&format!("folder/{name}"));
        for file in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, if file.contains("empty") { "" } else { "x" }).unwrap();
        }
        folder
    }

    fn walk(folder: &Path, format: Option<Format>) -> (Vec<String>, Ledger) {
        let mut ledger = Ledger::default();
        let taken = ledger.walk(folder, format, &ReadSettings::default());
        let relative = |path: &PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
        (taken.iter().map(relative).collect(), ledger)
    }

    #[test]
    fn of_each_run_one_file_is_taken_and_the_others_have_their_reasons() {
        let folder = folder(
            "runs",
            &[
                "b/OUTCAR",
                "b/vasprun.xml",
                "a/OUTCAR.gz",
                "a/OUTCAR",
                "c/vasprun.xml.zst",
                "c/OUTCAR.2",
                ".git/OUTCAR",
            ],
        );
        std::os::unix::fs::symlink(&folder, folder.join("b/loop")).unwrap();
        std::os::unix::fs::symlink(folder.join("a/OUTCAR"), folder.join("c/OUTCAR.link")).unwrap();
        let (taken, mut ledger) = walk(&folder, None);
        assert_eq!(taken, ["a/OUTCAR", "b/OUTCAR", "c/vasprun.xml.zst", "c/OUTCAR.2"]);
        let account = |ledger: &mut Ledger| {
            ledger.account().map(|text| text.replace(&format!("{}/", folder.display()), ""))
        };
        assert_eq!(account(&mut ledger), None);
        for file in &taken {
            ledger.done(&folder.join(file).display().to_string(), 3, 1, "not converged".into());
        }
        let account = account(&mut ledger).unwrap();
        for expected in ["OUTCAR is of the same run", "the same file as a/OUTCAR", "not converged"] {
            assert!(account.contains(expected), "{account}");
        }
        assert!(ledger.account().is_none());
        let (taken, _) = walk(&folder, Some(Format::VASPRUN));
        assert_eq!(taken, ["b/vasprun.xml", "c/vasprun.xml.zst"]);
    }

    #[test]
    fn names_tell_which_files_are_of_one_run() {
        let run = |name: &str| run_of(name).map(|(_, run)| run);
        assert_eq!(run("OUTCAR.relax1.gz").as_deref(), Some("relax1"));
        assert_eq!(run("vasprun.relax1.xml").as_deref(), Some("relax1"));
        assert_eq!(run("vasprun.xml.relax1.zst").as_deref(), Some("relax1"));
        assert_eq!((run("OUTCAR").as_deref(), run("vasprun.xml").as_deref()), (Some(""), Some("")));
        assert_eq!((run("INCAR"), run("vasprun.txt"), run("my.OUTCAR")), (None, None, None));
    }
}
