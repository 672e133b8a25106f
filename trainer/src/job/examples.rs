//! `mtprs examples` as the program needs it: the files that it carries, and where their copies go.

use std::path::PathBuf;

use super::{Files, Job};
use crate::cli::ExamplesArguments;
use crate::endpoint::OutputFile;

/// Paths, whether they are programs, and contents.
static CARRIED: &[(&str, bool, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// Copying or listing the examples.
#[derive(Debug)]
pub struct ExamplesJob {
    /// Whether to print the names only.
    pub list: bool,
    /// The folder that is made.
    pub folder: PathBuf,
    /// The files.
    pub files: Vec<Example>,
}

/// One file.
#[derive(Debug)]
pub struct Example {
    /// Its path in the folder of examples.
    pub name: &'static str,
    /// What it holds.
    pub content: &'static [u8],
    /// Whether it is a program.
    pub is_program: bool,
    /// What is written.
    pub copy: OutputFile,
}

impl Job for ExamplesJob {
    type Typed = ExamplesArguments;

    fn new(arguments: ExamplesArguments) -> Result<Self, clap::Error> {
        let example = |&(name, is_program, content): &(&'static str, bool, &'static [u8])| {
            let copy = arguments.write.file(&arguments.folder.join(name));
            Example { name, content, is_program, copy }
        };
        let files = CARRIED.iter().map(example).collect();
        Ok(Self { list: arguments.list, folder: arguments.folder, files })
    }

    fn files(&self) -> Files {
        if self.list {
            return Files::default();
        }
        Files::default().writes(self.files.iter().map(|example| &example.copy)).makes_folder(&self.folder)
    }
}
