//! Names of files for formats that hold one structure, where there are more: `POSCAR-1`, `frame-1.vasp`.

use std::path::{Path, PathBuf};

/// Endings that stay at the end of a numbered name.
const ENDINGS: [&str; 4] = ["vasp", "poscar", "data", "lmp"];

/// The name with a number.
pub(crate) fn numbered(path: &Path, number: u64) -> PathBuf {
    let (before, after) = parts(path);
    path.with_file_name(format!("{before}-{number}{after}"))
}

/// The files that are there under numbered names, in the order of their numbers.
pub(crate) fn existing(path: &Path) -> Vec<(u64, PathBuf)> {
    let (before, after) = parts(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let number = |name: &str| {
        let digits = name.strip_prefix(&before)?.strip_prefix('-')?.strip_suffix(&after)?;
        let number = digits.parse().ok()?;
        (format!("{before}-{number}{after}") == name).then_some(number)
    };
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut files: Vec<(u64, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            Some((number(name.to_str()?)?, path.with_file_name(name)))
        })
        .collect();
    files.sort();
    files
}

/// What stands before and after the number.
fn parts(path: &Path) -> (String, String) {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let known = ending.filter(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()));
    match (known, path.file_stem()) {
        (Some(ending), Some(stem)) => (stem.to_string_lossy().into_owned(), format!(".{ending}")),
        _ => (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use mtprs_testing::scratch;

    use super::*;

    #[test]
    fn numbers_stand_before_endings_that_mean_something() {
        let name = |path: &str| numbered(Path::new(path), 3).to_string_lossy().into_owned();
        assert_eq!(name("runs/POSCAR"), "runs/POSCAR-3");
        assert_eq!(name("cell.vasp"), "cell-3.vasp");
        assert_eq!(name("data.glass"), "data.glass-3");
    }

    #[test]
    fn files_of_a_series_are_found_and_nothing_else() {
        let folder = scratch("series");
        let names = [
            "cell-1.vasp",
            "cell-10.vasp",
            "cell-2.vasp",
            "cell-02.vasp",
            "cell-x.vasp",
            "cell-1",
            "cell.vasp",
        ];
        for name in names {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let numbers: Vec<u64> =
            existing(&folder.join("cell.vasp")).into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, [1, 2, 10]);
        assert_eq!(existing(&folder.join("cell")), [(1, folder.join("cell-1"))]);
    }
}
