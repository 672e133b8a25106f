//! Configurations of files one after the other, for commands that hand them on as `.cfg`: one in memory at a time.

use std::cell::Cell;

use mtprs_core::format::write_configuration;
use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind};

use super::changed_file;
use crate::Failure;
use crate::endpoint::{Input, Output, Sink};
use crate::pipeline::{Item, Origin, Progress, Source, Supply, Tally};
use crate::processes::Interrupt;
use crate::structure_files::Reading;

/// Files that are read in their order, as if they were one.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    inputs: &'a [Input],
    supplies: Vec<Supply>,
    /// Whether to keep silent on standard error.
    quiet: bool,
    /// Notices that the program should stop.
    interrupt: Interrupt,
    /// Configurations and atoms that the first of several passes has found.
    found: Cell<Option<(u64, u64)>>,
}

impl<'a> Walk<'a> {
    /// The files and how they are read.
    pub fn new(inputs: &'a [Input], reading: &Reading, quiet: bool, interrupt: Interrupt) -> Self {
        let supplies = Supply::of_inputs(inputs, &reading.clone().quiet(quiet));
        Self { inputs, supplies, quiet, interrupt, found: Cell::new(None) }
    }

    /// The files, as they are to be read.
    pub fn supplies(&self) -> &[Supply] {
        &self.supplies
    }

    /// Calls `visit` for every configuration; there must be at least one, and as many in every pass. Errors of `visit` get
    /// file, line and number of the configuration.
    pub fn run(
        &self,
        mut visit: impl FnMut(Origin, Configuration) -> Result<(), Failure>,
    ) -> Result<Tally, Failure> {
        let mut source = Source::new(&self.supplies);
        let outcome = self.visit(&mut source, &mut visit);
        source.tell(outcome.is_err());
        outcome?;
        let names = || self.inputs.iter().map(Input::name).collect::<Vec<_>>().join(", ");
        if source.tally.configurations == 0 {
            let error = Error::new(ErrorKind::InvalidConfiguration, "there is no configuration");
            return Err(error.in_file(&names()).into());
        }
        let found = (source.tally.configurations, source.tally.atoms);
        if self.found.replace(Some(found)).is_some_and(|before| before != found) {
            return Err(changed_file(&names()).into());
        }
        Ok(source.tally)
    }

    fn visit(
        &self,
        source: &mut Source<'_>,
        visit: &mut impl FnMut(Origin, Configuration) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut progress = Progress::new(None, self.quiet);
        while let Some(Item { origin, configuration, .. }) = source.next()? {
            self.interrupt.check()?;
            visit(origin, configuration).map_err(|failure| match failure {
                Failure::Runtime(error) if error.place().is_none() => {
                    origin.explain(error, &self.inputs[origin.file].name()).into()
                }
                failure => failure,
            })?;
            progress.update(source.tally);
        }
        progress.clear();
        Ok(())
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

#[cfg(test)]
mod tests {
    use std::fs;

    use mtprs_testing::scratch;

    use super::*;

    #[test]
    fn a_file_that_grows_or_shrinks_between_two_passes_is_an_error() {
        let path = scratch("walk").join("one.cfg");
        let one =
            "BEGIN_CFG\n Size\n 1\n AtomData: id type cartes_x cartes_y cartes_z\n 1 0 0 0 0\nEND_CFG\n";
        let inputs = [Input::File(path.clone())];
        for after in [1, 3] {
            fs::write(&path, one.repeat(2)).unwrap();
            let walk = Walk::new(&inputs, &Reading::default(), true, Interrupt::default());
            assert_eq!(walk.run(|_, _| Ok(())).ok().map(|tally| tally.configurations), Some(2));
            fs::write(&path, one.repeat(after)).unwrap();
            match walk.run(|_, _| Ok(())) {
                Err(Failure::Runtime(error)) => {
                    assert!(error.to_string().contains("the file changed while it was read"), "{error}");
                }
                _ => panic!("{after} configurations in place of 2 are not noticed"),
            }
        }
    }
}
