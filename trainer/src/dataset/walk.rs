//! Configurations of `.cfg` files one after the other, for commands that hand them on: one in memory at a time.

use mtprs_core::format::{CfgReader, write_configuration};
use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::endpoint::{Input, Output, Sink};
use crate::interrupt::Interrupt;
use crate::pipeline::Origin;
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
        let mut tally = Tally::default();
        let mut place = 0;
        for (file, input) in self.inputs.iter().enumerate() {
            let name = input.name();
            let (stream, _) = input.open()?;
            let mut reader = CfgReader::new(stream, &name);
            let (before, mut number) = (tally.bytes, 0);
            while let Some(configuration) = reader.next().transpose()? {
                self.interrupt.check()?;
                number += 1;
                tally.configurations += 1;
                tally.atoms += configuration.len() as u64;
                tally.bytes = before + reader.bytes_read();
                let origin = Origin { place, file, number, line: reader.begin_line() };
                place += 1;
                visit(origin, configuration).map_err(|failure| match failure {
                    Failure::Runtime(error) if error.place().is_none() => origin.explain(error, &name).into(),
                    failure => failure,
                })?;
                progress.update(tally);
            }
        }
        if place == 0 {
            let names = self.inputs.iter().map(Input::name).collect::<Vec<_>>().join(", ");
            let error = Error::new(ErrorKind::InvalidConfiguration, "there is no configuration");
            return Err(error.in_file(&names).into());
        }
        Ok(tally)
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
