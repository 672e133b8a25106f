//! Lists the files of `examples` for `mtprs examples`, which carries them inside the program: OUT_DIR/examples.rs holds an
//! array of paths, whether they are programs, and contents.

use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../examples");
    println!("cargo::rerun-if-changed=../examples");
    let mut names = known_to_git(&root).unwrap_or_default();
    if names.is_empty() {
        collect(&root, Path::new(""), &mut names)?;
    }
    names.retain(|name| !name.iter().any(|part| part == "results"));
    names.sort();
    let mut list = String::from("[\n");
    for name in &names {
        let path = root.join(name);
        let is_program = fs::metadata(&path)?.permissions().mode() & 0o100 != 0;
        writeln!(list, "    ({:?}, {is_program}, include_bytes!({:?})),", name.display().to_string(), path)
            .expect("memory can be written");
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("examples.rs"), list)
}

/// The files of a checkout, less what runs have left there and git is told to ignore.
fn known_to_git(root: &Path) -> Option<Vec<PathBuf>> {
    let words = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let output = Command::new("git").args(words).current_dir(root).output().ok()?;
    let listed = String::from_utf8(output.stdout).ok()?;
    let names = listed.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    output.status.success().then(|| names.filter(|name| root.join(name).is_file()).collect())
}

/// All files below a folder, less hidden ones and what Python leaves behind.
fn collect(root: &Path, folder: &Path, names: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let file_name = entry.file_name();
        let name = folder.join(&file_name);
        if file_name.to_string_lossy().starts_with('.')
            || file_name == "__pycache__"
            || file_name == "results"
        {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(root, &name, names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}
