//! `mtprs convert` as the program needs it.

use std::path::PathBuf;

use mtprs_core::species::Species;

use super::streams::{file_reading, inputs};
use super::{Files, Job, usage_error};
use crate::cli::{ConvertArguments, ReadingArguments};
use crate::endpoint::{Input, Output};
use crate::pipeline::Frames;
use crate::structure_files::{Format, Reading};

/// What to convert into what.
#[derive(Debug)]
pub struct ConvertJob {
    /// What is read, in this order.
    pub inputs: Vec<Input>,
    /// How it is read.
    pub reading: Reading,
    /// Where the structures go.
    pub output: Output,
    /// Their format.
    pub output_format: Format,
    /// Where the order of the species comes from, if it is given.
    pub order: Option<OrderSource>,
    /// Which configurations of each input.
    pub choice: FrameChoice,
    /// Whether to keep silent on standard error.
    pub quiet: bool,
}

/// Where the order of the species comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderSource {
    /// The user.
    Given(Vec<String>),
    /// A potential.
    Potential(PathBuf),
}

/// Which configurations of an input are converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameChoice {
    /// The last one.
    Last,
    /// Some of them.
    Range(Frames),
}

impl Job for ConvertJob {
    type Typed = ConvertArguments;

    fn new(arguments: ConvertArguments) -> Result<Self, clap::Error> {
        let output = Output::new(arguments.output, arguments.common.write.force);
        let ReadingArguments { species, files } = arguments.common.reading;
        let mut reading = file_reading(files).quiet(arguments.common.quiet);
        let inputs = inputs(arguments.inputs, 1, &reading)?;
        let output_format = output_format(&output, arguments.output_format)?;
        let order = match (species, arguments.potential) {
            (Some(species), _) => Some(OrderSource::Given(elements("--species", &species)?)),
            (None, Some(potential)) => Some(OrderSource::Potential(potential)),
            (None, None) => None,
        };
        let input_species = arguments.input_species.map(|species| types(&species)).transpose()?;
        let choice =
            if arguments.last { FrameChoice::Last } else { FrameChoice::Range(arguments.frames.into()) };
        reading.settings.input_species = input_species;
        let quiet = arguments.common.quiet;
        Ok(Self { inputs, reading, output, output_format, order, choice, quiet })
    }

    fn files(&self) -> Files {
        self.read().makes([&self.output])
    }
}

impl ConvertJob {
    /// What is read.
    pub fn read(&self) -> Files {
        let files = Files::default().takes(&self.inputs);
        match &self.order {
            Some(OrderSource::Potential(path)) => files.reads([path]),
            _ => files,
        }
    }
}

/// The format of an output by its name or that of the file, if it is written.
pub(super) fn output_format(output: &Output, format: Option<Format>) -> Result<Format, clap::Error> {
    let format = match (format, output) {
        (Some(format), _) => format,
        (None, Output::Stdout | Output::Held(..)) => Format::CFG,
        (None, Output::File(file)) => {
            let text = file.path.to_string_lossy();
            if [".gz", ".zst"].iter().any(|end| text.ends_with(end)) {
                return Err(usage_error(format!("{text}: compressed files can be read, but not written")));
            }
            Format::of_name(&text).ok_or_else(|| {
                let message = format!("{text}: the name does not show the format: give --output-format");
                usage_error(message)
            })?
        }
    };
    if format.is_written() {
        return Ok(format);
    }
    let expected = Format::written(Format::name);
    let message = format!("{} can be read, but not written: expected {expected}", format.name());
    Err(usage_error(message))
}

/// Elements of types, which may be several of one element.
fn types(text: &str) -> Result<Vec<String>, clap::Error> {
    let names: Vec<String> = words(text).collect();
    for name in &names {
        elements("--input-species", name)?;
    }
    if names.is_empty() {
        return elements("--input-species", text);
    }
    Ok(names)
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Element symbols separated by commas or blanks.
pub(super) fn elements(option: &str, text: &str) -> Result<Vec<String>, clap::Error> {
    let names: Vec<String> = words(text).collect();
    if names.is_empty() {
        return Err(usage_error(format!("{option}: expected element symbols like Mg,V,O")));
    }
    match Species::named(&names) {
        Ok(_) => Ok(names),
        Err(error) => Err(usage_error(format!("{option}: {error}"))),
    }
}
