//! The files of this repository, for tests that read sources instead of running them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace;

/// Folders that hold what was built or installed, not sources.
const NOT_SOURCES: [&str; 5] = ["target", "build", "corpus", "artifacts", "__pycache__"];

/// All source files under a folder of the repository (`""` for all of it), as paths relative to the top, sorted.
/// Hidden folders are left out, except `.ci`, and so is the file `.git` of a linked working tree.
pub fn files(under: &str) -> Vec<PathBuf> {
    let root = workspace();
    let mut found = Vec::new();
    collect(&root.join(under), &mut found);
    let mut relative: Vec<PathBuf> = found
        .into_iter()
        .map(|path| path.strip_prefix(&root).expect("collected below the top").to_path_buf())
        .collect();
    relative.sort();
    relative
}

/// Text of a file given relative to the top; `None` if it is not text.
pub fn text(relative: &Path) -> Option<String> {
    let bytes = fs::read(workspace().join(relative))
        .unwrap_or_else(|error| panic!("{}: {error}", relative.display()));
    String::from_utf8(bytes).ok()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.expect("a readable folder");
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().expect("an entry with a type");
        if kind.is_dir() {
            let hidden = name.starts_with('.') && name != ".ci";
            if !hidden && !NOT_SOURCES.contains(&name.as_str()) {
                collect(&entry.path(), found);
            }
        } else if kind.is_file() && name != ".git" {
            found.push(entry.path());
        }
    }
}
