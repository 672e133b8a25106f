//! What jobs read and write, checked before anything is read: no output is an input, nothing is written twice, no name
//! stands for another format than is written, and what exists is replaced only if the user said so.
//!
//! Two names are one file if they lead to the same inode (links, `./x`, relative and absolute paths).

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use mtprs_core::{Error, ErrorKind};

use super::usage_error;
use crate::Failure;
use crate::endpoint::{Input, Output, OutputFile, READ_TWICE, is_pipe};
use crate::structure_files::Format;
use crate::structure_files::numbered_files::existing;

/// Endings of compressed files, which are read only.
const COMPRESSED: [&str; 2] = [".gz", ".zst"];

/// What a job reads and writes.
#[derive(Clone, Debug, Default)]
pub struct Files {
    inputs: Vec<PathBuf>,
    outputs: Vec<OutputFile>,
    /// Files that are signs of earlier work, and what to say of them.
    signs: Vec<(PathBuf, &'static str, &'static str)>,
    /// A folder that is made if it is missing.
    folder: Option<PathBuf>,
    /// Outputs that are standard output.
    stdouts: usize,
    /// Whether configurations are written as `.cfg` only.
    cfg_only: bool,
}

impl Files {
    /// Of a command that writes configurations as `.cfg` only.
    pub fn cfg_only(self) -> Self {
        Self { cfg_only: true, ..self }
    }

    /// With files that are read.
    pub fn reads(mut self, paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Self {
        self.inputs.extend(paths.into_iter().map(|path| path.as_ref().to_owned()));
        self
    }

    /// With inputs.
    pub fn takes<'a>(self, inputs: impl IntoIterator<Item = &'a Input>) -> Self {
        self.reads(inputs.into_iter().filter_map(Input::path))
    }

    /// With files that are read more than once, which pipes cannot be.
    pub fn rereads<'a>(self, paths: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let (message, hint) = READ_TWICE;
        let pipes = paths.into_iter().filter(|path| is_pipe(path));
        pipes.fold(self, |files, path| files.unless(path, message, hint))
    }

    /// With files that are written.
    pub fn writes<'a>(mut self, files: impl IntoIterator<Item = &'a OutputFile>) -> Self {
        self.outputs.extend(files.into_iter().cloned());
        self
    }

    /// With outputs.
    pub fn makes<'a>(mut self, outputs: impl IntoIterator<Item = &'a Output>) -> Self {
        for output in outputs {
            self.stdouts += usize::from(*output == Output::Stdout);
            self.outputs.extend(output.file().cloned());
        }
        self
    }

    /// With an output of at most this many structures; where its format holds a single one, its name is numbered.
    pub fn makes_series(self, output: &Output, format: Format, most: usize) -> Self {
        let files = self.makes([output]);
        let Some(file) = output.file().filter(|_| !format.holds_many() && most > 1) else { return files };
        // How many there will be shows at the end, when it would be too late to say that their names are taken.
        let series = existing(&file.path).into_iter().map(|(_, path)| OutputFile { path, ..file.clone() });
        files.writes(&series.collect::<Vec<_>>())
    }

    /// With a folder of outputs, which is made if it is missing.
    pub fn makes_folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// With a file that must not be there, what it would be a sign of, and what to do then.
    pub fn unless(mut self, path: impl Into<PathBuf>, message: &'static str, hint: &'static str) -> Self {
        self.signs.push((path.into(), message, hint));
        self
    }

    /// Refuses what would be lost. Inputs that are not there are left to whoever reads them.
    pub fn check(&self) -> Result<(), Failure> {
        let inputs = self.inputs.iter().filter_map(|path| Some((path, path.metadata().ok()?)));
        let inputs: Vec<(&PathBuf, Metadata)> = inputs.collect();
        for (k, output) in self.outputs.iter().enumerate() {
            let metadata = output.path.metadata().ok();
            if let Some((input, _)) =
                inputs.iter().find(|(path, input)| replaces(output, &metadata, path, input))
            {
                let message = format!("the output would replace the input {}", input.display());
                return Err(usage_error(message).into());
            }
            if self.outputs[..k].iter().any(|other| is_same(&output.path, &other.path)) {
                return Err(usage_error(format!("{} would be written twice", output.name())).into());
            }
        }
        if self.stdouts > 1 {
            return Err(usage_error("<stdout> would be written twice").into());
        }
        check_stdout(&inputs)?;
        self.outputs.iter().try_for_each(|output| check_name(&output.path, self.cfg_only))?;
        for (path, message, hint) in &self.signs {
            if path.exists() {
                let error = Error::new(ErrorKind::Io, *message).in_file(&path.display().to_string());
                return Err(error.hint(*hint).into());
            }
        }
        for output in &self.outputs {
            output.check()?;
            let is_made = self.folder.as_ref().is_some_and(|folder| output.path.starts_with(folder));
            let folder = output.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !is_made && !folder.is_dir()) {
                let message = format!("cannot write: there is no folder {}", folder.display());
                return Err(Error::new(ErrorKind::Io, message).in_file(&output.name()).into());
            }
        }
        Ok(())
    }
}

/// Refuses a name that stands for what is not written: whoever opens the file goes by its name. Devices and pipes may
/// have any.
fn check_name(path: &Path, writes_cfg: bool) -> Result<(), Failure> {
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Ok(());
    }
    let name = path.to_string_lossy();
    let ending = COMPRESSED.iter().find(|end| name.to_ascii_lowercase().ends_with(**end));
    if let Some(ending) = ending {
        let plain = &name[..name.len() - ending.len()];
        let message = format!(
            "{name}: compressed files can be read, but not written\n  hint: write {plain}, then compress it"
        );
        return Err(usage_error(message).into());
    }
    match Format::of_name(&name) {
        Some(format) if format != Format::CFG && writes_cfg => {
            let what = format.name();
            let hint = if format.is_written() {
                format!("write a .cfg file, then convert it: mtprs convert FILE.cfg {name}")
            } else {
                "give it another name, like FILE.cfg".to_owned()
            };
            let message =
                format!("{name}: the name is that of {what}, but this command writes .cfg\n  hint: {hint}");
            Err(usage_error(message).into())
        }
        _ => Ok(()),
    }
}

/// Whether an output takes the place of an input, or of a file in a folder that is one.
fn replaces(output: &OutputFile, existing: &Option<Metadata>, path: &Path, input: &Metadata) -> bool {
    let Some(existing) = existing.as_ref().filter(|existing| existing.is_file()) else { return false };
    if input.is_dir() {
        let paths = (output.path.canonicalize(), path.canonicalize());
        return matches!(paths, (Ok(output), Ok(folder)) if output.starts_with(&folder));
    }
    is_file(existing, input)
}

/// Whether two names of regular files, there or not, lead to the same one.
fn is_same(a: &Path, b: &Path) -> bool {
    match (a.metadata(), b.metadata()) {
        (Ok(a), Ok(b)) => a.is_file() && is_file(&a, &b),
        (Err(_), Err(_)) => resolved(a) == resolved(b),
        _ => false,
    }
}

/// Whether two names lead to the same inode.
pub(super) fn is_file(a: &Metadata, b: &Metadata) -> bool {
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// The path of a file that is not there: folders from the root, without links.
fn resolved(path: &Path) -> PathBuf {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().or_else(|_| std::path::absolute(folder));
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Refuses a standard output that was sent into an input: what is read would be what is written.
fn check_stdout(inputs: &[(&PathBuf, Metadata)]) -> Result<(), Failure> {
    let Ok(own) = io::stdout().as_fd().try_clone_to_owned() else { return Ok(()) };
    let Ok(metadata) = File::from(own).metadata() else { return Ok(()) };
    match inputs.iter().find(|(_, input)| metadata.is_file() && is_file(&metadata, input)) {
        None => Ok(()),
        Some((input, _)) => {
            let message = format!("standard output goes into the input {}", input.display());
            Err(usage_error(message).into())
        }
    }
}
