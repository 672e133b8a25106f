//! Compiles C and C++ programs against `mtprs.h` and links them with the static library.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::process::{output, succeed};
use mtprs_testing::workspace;

/// Languages that the header promises to be valid in.
#[derive(Clone, Copy, Debug)]
pub enum Language {
    /// C11.
    C,
    /// C++17.
    Cpp,
}

impl Language {
    fn compiler(self) -> Command {
        let mut build = cc::Build::new();
        match self {
            Self::C => build.std("c11"),
            Self::Cpp => build.cpp(true).std("c++17"),
        };
        build.target(env!("TARGET")).host(env!("TARGET")).opt_level(0).debug(false).cargo_metadata(false);
        build.warnings(true).extra_warnings(true).warnings_into_errors(true).flag("-pedantic");
        build.include(workspace().join("rust-core/capi/include")).get_compiler().to_command()
    }

    fn name(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Cpp => "c++",
        }
    }
}

/// Compiles a file for its warnings alone; the text of the compiler if there are any.
pub fn check(language: Language, source: &Path) -> Result<(), String> {
    let mut command = language.compiler();
    command.args(["-fsyntax-only", "-x", language.name()]).arg(source);
    let output = output(&mut command);
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Compiles a program and links it with the static library.
///
/// # Panics
/// With the compiler's messages if that fails.
pub fn build(language: Language, source: &Path, program: &Path) {
    let mut command = language.compiler();
    command.arg(source).arg(static_library()).args(["-lpthread", "-ldl", "-lm", "-o"]).arg(program);
    succeed(&mut command);
}

/// The static library `libmtprs_capi.a` of this source tree, built when it is out of date.
///
/// # Panics
/// If cargo cannot build it.
pub fn static_library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["build", "-p", "mtprs-capi", "--locked", "--message-format", "json"]);
        let report = succeed(command.current_dir(workspace()));
        let end = report.find("/libmtprs_capi.a\"").expect("cargo names the static library")
            + "/libmtprs_capi.a".len();
        let start = report[..end].rfind('"').expect("the name is quoted") + 1;
        PathBuf::from(&report[start..end])
    })
}

/// Names of our functions among the global symbols of a library; `options` are further ones of `nm`, as `-D`.
///
/// # Panics
/// If `nm` cannot read the library.
pub fn exported_functions(options: &[&str], library: &Path) -> BTreeSet<String> {
    let mut command = Command::new("nm");
    command.args(options).args(["--defined-only", "--extern-only", "--format=posix"]).arg(library);
    let symbols = succeed(&mut command);
    symbols.lines().filter_map(|line| line.split(' ').next()).filter(is_ours).map(str::to_owned).collect()
}

/// Names of the functions that `mtprs.h` declares.
///
/// # Panics
/// If it cannot be read.
pub fn declared_functions() -> BTreeSet<String> {
    let header = fs::read_to_string(workspace().join("rust-core/capi/include/mtprs.h")).expect("the header");
    let declared = header.lines().filter(|line| !line.starts_with([' ', '*', '/', '#']));
    declared
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next())
        .filter(is_ours)
        .map(str::to_owned)
        .collect()
}

fn is_ours(name: &&str) -> bool {
    name.starts_with("mtprs_")
}
