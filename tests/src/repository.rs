//! The files of this repository, for tests that read sources instead of running them.

use std::fs;
use std::path::{Path, PathBuf};

use mtprs_testing::{walk, workspace};

/// Folders that hold what was built or installed, not sources.
const NOT_SOURCES: [&str; 5] = ["target", "build", "corpus", "artifacts", "__pycache__"];

/// All source files under a folder of the repository (`""` for all of it), as paths relative to the top, sorted.
/// Hidden folders are left out, except `.ci`, and so is the file `.git` of a linked working tree.
pub fn files(under: &str) -> Vec<PathBuf> {
    let root = workspace();
    let is_source = |name: &str| {
        let hidden = name.starts_with('.') && name != ".ci";
        !hidden && !NOT_SOURCES.contains(&name)
    };
    let found = walk(&root.join(under), &is_source).into_iter();
    let found = found.filter(|path| path.is_file() && !path.is_symlink() && !path.ends_with(".git"));
    let mut relative: Vec<PathBuf> =
        found.map(|path| path.strip_prefix(&root).expect("collected below the top").to_path_buf()).collect();
    relative.sort();
    relative
}

/// Text of a file given relative to the top; `None` if it is not text.
pub fn text(relative: &Path) -> Option<String> {
    let bytes = fs::read(workspace().join(relative))
        .unwrap_or_else(|error| panic!("{}: {error}", relative.display()));
    String::from_utf8(bytes).ok()
}
