//! Folders of runs as inputs: walked for the files of VASP, one of each run, with an account of what became of every file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mtprs_core::{Error, ErrorKind};

use super::Format;
use crate::report::table::Table;

/// Why one of two files of a run is passed over.
const LESS_SAFE: &str = "of the same run, and whole even where the run was killed";

/// Files of folders, and what became of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    rows: Vec<Row>,
    is_told: bool,
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
    pub(super) fn walk(&mut self, folder: &Path, format: Option<Format>) -> Vec<PathBuf> {
        let mut walk = Walk { format, folders: BTreeSet::new(), files: BTreeMap::new(), taken: Vec::new() };
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

/// Whether what is wrong lies in the file, so that others can be read without it.
pub(super) fn is_of_file(error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::Io | ErrorKind::Bug)
}

struct Walk {
    format: Option<Format>,
    /// Folders and files that have been seen, by their real paths: links may lead to them again.
    folders: BTreeSet<PathBuf>,
    files: BTreeMap<PathBuf, PathBuf>,
    taken: Vec<PathBuf>,
}

impl Walk {
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
            let mut of_run = of_run.into_iter();
            let Some(first) = of_run.next() else { continue };
            for other in of_run {
                ledger.pass_over(&other, format!("{} is {LESS_SAFE}", name(&first)));
            }
            let real = first.canonicalize().unwrap_or_else(|_| first.clone());
            match self.files.get(&real) {
                Some(known) => ledger.pass_over(&first, format!("the same file as {}", known.display())),
                None => {
                    self.files.insert(real, first.clone());
                    self.taken.push(first);
                }
            }
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Which file of a run is best: one that is not empty, an OUTCAR, one that is not compressed.
fn rank(path: &Path) -> (bool, bool, bool) {
    let name = name(path);
    let is_empty = path.metadata().is_ok_and(|metadata| metadata.len() == 0);
    (is_empty, !name.starts_with("OUTCAR"), [".gz", ".zst"].iter().any(|ending| name.ends_with(ending)))
}

/// The format of a file of VASP by its name, and which of the runs of its folder it belongs to: `OUTCAR.relax1.gz`,
/// `vasprun.relax1.xml` and `vasprun.xml.relax1` are of one run.
fn run_of(name: &str) -> Option<(Format, String)> {
    let plain = name.trim_end_matches(".gz").trim_end_matches(".zst");
    let (format, rest) = if let Some(rest) = plain.strip_prefix("OUTCAR") {
        (Format::Outcar, rest.to_owned())
    } else {
        let rest = plain.strip_prefix("vasprun").filter(|rest| rest.contains(".xml"))?;
        (Format::VaspRun, rest.replacen(".xml", "", 1))
    };
    Some((format, rest.trim_matches(['.', '_', '-']).to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder(name: &str, files: &[&str]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mtprs-folder-{}-{name}", std::process::id()));
        let _absent_at_first = fs::remove_dir_all(&folder);
        for file in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, if file.contains("empty") { "" } else { "x" }).unwrap();
        }
        folder
    }

    fn walk(folder: &Path, format: Option<Format>) -> (Vec<String>, Ledger) {
        let mut ledger = Ledger::default();
        let taken = ledger.walk(folder, format);
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
        let (taken, _) = walk(&folder, Some(Format::VaspRun));
        assert_eq!(taken, ["b/vasprun.xml", "c/vasprun.xml.zst"]);
        fs::remove_dir_all(folder).unwrap();
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
