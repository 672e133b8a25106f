//! Configurations of `.cfg` files one after the other, for commands that hand them on: one in memory at a time.

use mtprs_core::format::write_configuration;
use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::endpoint::{Input, Output, Sink};
use crate::interrupt::Interrupt;
use crate::pipeline::{Item, Origin, Source, Supply};
use crate::progress::{Progress, Tally};

/// Files that are read in their order, as if they were one.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    /// The files.
    pub inputs: &'a [Input],
    /// Whether to keep silent on standard error.
    pub quiet: bool,
    /// Notices that the program should stop.
    pub interrupt: Interrupt,
}

impl Walk<'_> {
    /// Calls `visit` for every configuration; there must be at least one. Errors of `visit` get file, line and number of
    /// the configuration.
    pub fn run(
        &self,
        mut visit: impl FnMut(Origin, Configuration) -> Result<(), Failure>,
    ) -> Result<Tally, Failure> {
        let mut progress = Progress::new(None, self.quiet);
        let supplies: Vec<Supply> = self.inputs.iter().cloned().map(Supply::Input).collect();
        let mut source = Source::new(&supplies);
        while let Some(Item { origin, configuration }) = source.next()? {
            self.interrupt.check()?;
            visit(origin, configuration).map_err(|failure| match failure {
                Failure::Runtime(error) if error.place().is_none() => {
                    origin.explain(error, &self.inputs[origin.file].name()).into()
                }
                failure => failure,
            })?;
            progress.update(source.tally);
        }
        if source.tally.configurations == 0 {
            let names = self.inputs.iter().map(Input::name).collect::<Vec<_>>().join(", ");
            let error = Error::new(ErrorKind::InvalidConfiguration, "there is no configuration");
            return Err(error.in_file(&names).into());
        }
        Ok(source.tally)
    }
}

/// A `.cfg` file that is being written, with the counts of what is in it.
pub struct CfgSink {
    sink: Sink,
    name: String,
    /// Configurations and atoms written.
    pub written: Tally,
}

impl CfgSink {
    /// Begins to write; a file gets its name when [`finish`](Self::finish) is called.
    pub fn create(output: &Output) -> Result<Self, Failure> {
        Ok(Self { sink: output.create()?, name: output.name(), written: Tally::default() })
    }

    /// Writes a configuration with everything that was read.
    pub fn write(&mut self, configuration: &Configuration) -> Result<(), Failure> {
        let mut text = Vec::new();
        write_configuration(configuration, &mut text)
            .map_err(|error| Error::io("write", &self.name, &error))?;
        self.written.configurations += 1;
        self.written.atoms += configuration.len() as u64;
        self.sink.write(&text)
    }

    /// Completes the file, and returns what is in it.
    pub fn finish(self) -> Result<Tally, Failure> {
        self.sink.finish()?;
        Ok(self.written)
    }
}
