//! `mtprs insert` as the program needs it.

use super::convert::{elements, output_format};
use super::streams::file_reading;
use super::{Files, Job, RunSettings, usage_error};
use crate::cli::InsertArguments;
use crate::endpoint::{Input, Output};
use crate::insertion::SiteSettings;
use crate::optimizer::Limits;
use crate::structure_files::{Format, Reading};

/// What goes into which host, and where the structures go.
#[derive(Debug)]
pub struct InsertJob {
    /// What was typed.
    pub typed: InsertArguments,
    /// The host.
    pub host: Input,
    /// How it is read.
    pub reading: Reading,
    /// Elements in the order of the output, if they are given.
    pub order: Option<Vec<String>>,
    /// Which vertices are sites.
    pub sites: SiteSettings,
    /// When to stop relaxing.
    pub limits: Limits,
    /// Where the structures go.
    pub output: Output,
    /// Their format.
    pub output_format: Format,
    /// Where the JSON goes, if wanted.
    pub json: Option<Output>,
    /// Threads and progress.
    pub run: RunSettings,
}

impl Job for InsertJob {
    type Typed = InsertArguments;

    fn new(typed: InsertArguments) -> Result<Self, clap::Error> {
        let run = RunSettings::from(typed.run);
        let output = typed.write.output(&typed.output);
        let mut reading = file_reading(typed.reading.clone()).quiet(run.quiet);
        let names =
            |option, text: &Option<String>| text.as_ref().map(|text| elements(option, text)).transpose();
        reading.settings.input_species = names("--input-species", &typed.input_species)?;
        let order = names("--order", &typed.order)?;
        if elements("--species", &typed.species)?.len() != 1 {
            let message = format!("--species {}: expected one element, that of the ions", typed.species);
            return Err(usage_error(message));
        }
        for (number, charge) in typed.charges.iter().enumerate() {
            elements("--charges", &charge.species)?;
            if typed.charges[..number].iter().any(|known| known.species == charge.species) {
                return Err(usage_error(format!("--charges names {} twice", charge.species)));
            }
        }
        let (cation_distance, anion_distance) = (typed.cation_distance, typed.anion_distance);
        Ok(Self {
            host: typed.host.clone().into(),
            reading,
            order,
            sites: SiteSettings { cation_distance, anion_distance, merge: typed.merge },
            limits: Limits { max_force: typed.max_force, max_steps: typed.max_steps },
            output_format: output_format(&output, typed.output_format)?,
            output,
            json: typed.write.optional(&typed.json),
            run,
            typed,
        })
    }

    fn files(&self) -> Files {
        self.read().makes(&self.json).makes_series(&self.output, self.output_format, self.typed.keep)
    }
}

impl InsertJob {
    /// What is read.
    pub fn read(&self) -> Files {
        Files::default().takes([&self.host]).reads(&self.typed.potential).reads(&self.typed.state)
    }
}
