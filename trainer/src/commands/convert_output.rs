//! Where converted structures go: one file for all, or one for each where a format holds a single structure.

use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::endpoint::{Output, OutputFile, Sink, say};
use crate::job::Files;
use crate::structure_files::numbered_files::{existing, numbered};
use crate::structure_files::{Format, Structure, write_structure};

/// An output being written.
pub(super) struct StructureOutput {
    output: Output,
    format: Format,
    /// What the command reads.
    files: Files,
    sink: Option<Sink>,
    /// The first structure of a format that holds one: its name depends on whether another follows.
    first: Option<Vec<u8>>,
    count: u64,
}

impl StructureOutput {
    /// An output of a command that reads some files.
    pub(super) fn new(output: &Output, format: Format, files: Files) -> Self {
        Self { output: output.clone(), format, files, sink: None, first: None, count: 0 }
    }

    /// Adds a structure; `explain` says which one an error is about.
    pub(super) fn write(
        &mut self,
        structure: &Structure,
        keeps_columns: bool,
        explain: impl Fn(Error) -> Error,
    ) -> Result<(), Failure> {
        let mut text = Vec::new();
        write_structure(structure, self.format, keeps_columns, &mut text).map_err(explain)?;
        self.count += 1;
        if self.format.holds_many() {
            if self.sink.is_none() {
                self.sink = Some(self.output.create()?);
            }
            return self.sink.as_mut().map_or(Ok(()), |sink| sink.write(&text));
        }
        if self.count == 1 {
            self.first = Some(text);
            return Ok(());
        }
        if let Some(first) = self.first.take() {
            self.check_numbered()?;
            self.write_numbered(1, &first)?;
        }
        self.write_numbered(self.count, &text)
    }

    /// Refuses numbered names that are taken, whatever their numbers: of two series nobody could tell which file is whose.
    fn check_numbered(&self) -> Result<(), Failure> {
        let file = self.numbered_file()?;
        let files = existing(&file.path).into_iter().map(|(_, path)| OutputFile { path, ..file.clone() });
        self.files.clone().writes(&files.collect::<Vec<_>>()).check()
    }

    /// Completes the output.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if let Some(text) = self.first {
            return write_whole(&self.output, &text);
        }
        if !self.format.holds_many()
            && let Some(file) = self.output.file()
        {
            let count = self.count;
            for (_, path) in existing(&file.path).into_iter().filter(|(number, _)| *number > count) {
                say(format!("warning: {} is left over from an earlier run", path.display()));
            }
        }
        self.sink.map_or(Ok(()), Sink::finish)
    }

    fn write_numbered(&self, number: u64, text: &[u8]) -> Result<(), Failure> {
        let file = self.numbered_file()?;
        write_whole(&Output::File(OutputFile { path: numbered(&file.path, number), ..file.clone() }), text)
    }

    /// The file whose name is numbered.
    fn numbered_file(&self) -> Result<&OutputFile, Error> {
        self.output.file().ok_or_else(|| {
            let message = format!("{} holds one configuration, but there are more", self.format.name());
            let error = Error::new(ErrorKind::Unsupported, message).in_file(&self.output.name());
            error.hint("choose one with --last, or give a file name: it gets a number")
        })
    }
}

fn write_whole(output: &Output, text: &[u8]) -> Result<(), Failure> {
    let mut sink = output.create()?;
    sink.write(text)?;
    sink.finish()
}
