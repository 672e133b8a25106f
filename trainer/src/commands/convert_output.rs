//! Where converted structures go: one file for all, or one for each where a format holds a single structure.

use std::path::{Path, PathBuf};

use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::endpoint::{Input, Output, Sink};
use crate::structure_files::{Format, Structure, write_structure};

/// Endings that stay at the end of a numbered name.
const ENDINGS: [&str; 4] = ["vasp", "poscar", "data", "lmp"];

/// An output being written.
pub(super) struct StructureOutput {
    output: Output,
    format: Format,
    inputs: Vec<Input>,
    sink: Option<Sink>,
    /// The first structure of a format that holds one: its name depends on whether another follows.
    first: Option<Vec<u8>>,
    count: u64,
}

impl StructureOutput {
    /// An output that is no input.
    pub(super) fn new(output: &Output, format: Format, inputs: &[Input]) -> Self {
        let (output, inputs) = (output.clone(), inputs.to_vec());
        Self { output, format, inputs, sink: None, first: None, count: 0 }
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
            self.write_numbered(1, &first)?;
        }
        self.write_numbered(self.count, &text)
    }

    /// Completes the output.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if let Some(text) = self.first {
            return write_whole(&self.output, &text);
        }
        self.sink.map_or(Ok(()), Sink::finish)
    }

    fn write_numbered(&self, number: u64, text: &[u8]) -> Result<(), Failure> {
        let Output::File(path) = &self.output else {
            let message = format!("{} holds one configuration, and there are more", self.format.name());
            let error = Error::new(ErrorKind::Unsupported, message).in_file(&self.output.name());
            return Err(error.hint("choose one with --last, or name a file: its name is numbered").into());
        };
        let output = Output::File(numbered(path, number));
        let is_input = |input: &Input| matches!(input, Input::File(input) if output.is_file(input));
        if self.inputs.iter().any(is_input) {
            let error = Error::new(ErrorKind::Argument, "the output would replace an input");
            return Err(error.in_file(&output.name()).into());
        }
        write_whole(&output, text)
    }
}

fn write_whole(output: &Output, text: &[u8]) -> Result<(), Failure> {
    let mut sink = output.create()?;
    sink.write(text)?;
    sink.finish()
}

/// The name with a number: `POSCAR-1`, `frame-1.vasp`.
fn numbered(path: &Path, number: u64) -> PathBuf {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let known = ending.filter(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()));
    match (known, path.file_stem()) {
        (Some(ending), Some(stem)) => {
            path.with_file_name(format!("{}-{number}.{ending}", stem.to_string_lossy()))
        }
        _ => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            path.with_file_name(format!("{name}-{number}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_before_endings_that_mean_something() {
        let name = |path: &str| numbered(Path::new(path), 3).to_string_lossy().into_owned();
        assert_eq!(name("runs/POSCAR"), "runs/POSCAR-3");
        assert_eq!(name("cell.vasp"), "cell-3.vasp");
        assert_eq!(name("data.glass"), "data.glass-3");
    }
}
