//! The crystal that structures are compared with.

use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::analysis::crystal::Crystal;
use crate::analysis::{label, number};
use crate::job::ReferenceJob;
use crate::pipeline::{Source, Supply};
use crate::structure_files::Reading;

/// The first configuration of a file as a crystal.
pub(super) fn read(job: &ReferenceJob, reading: &Reading) -> Result<Crystal, Failure> {
    let file = job.input.name();
    let supply = [Supply::Input(job.input.clone(), reading.clone())];
    let mut source = Source::new(&supply);
    let item = source.next()?;
    source.tell(item.is_none());
    let Some(item) = item else {
        let message = "it has no configurations";
        return Err(Error::new(ErrorKind::InvalidConfiguration, message).in_file(&file).into());
    };
    let names = reading.naming.names().unwrap_or_default();
    let crystal = of(&item.configuration, &job.compare, &names);
    Ok(crystal.map_err(|error| error.in_file(&file))?)
}

/// Species of a configuration as a crystal; all of them if none is named.
pub(super) fn of(
    configuration: &Configuration,
    compare: &[String],
    names: &[String],
) -> Result<Crystal, Error> {
    let species = species(configuration, compare, names)?;
    let named: Vec<(usize, String)> = species.into_iter().map(|one| (one, label(Some(one), names))).collect();
    Crystal::new(configuration, &named)
}

/// The species of a configuration that are named, or all of them.
pub(super) fn species(
    configuration: &Configuration,
    wanted: &[String],
    names: &[String],
) -> Result<Vec<usize>, Error> {
    let mut present: Vec<usize> = configuration.species.iter().map(|species| *species as usize).collect();
    present.sort_unstable();
    present.dedup();
    if wanted.is_empty() {
        return Ok(present);
    }
    let find = |name: &String| {
        let found = number(name, names).filter(|number| present.contains(number));
        found.ok_or_else(|| {
            let known: Vec<String> = present.iter().map(|one| label(Some(*one), names)).collect();
            let message = format!("there is no {name}: its species are {}", known.join(" "));
            let error = Error::new(ErrorKind::Species, message);
            if names.is_empty() {
                error.hint("name the species in the order of their numbers: --species Mg,V,O")
            } else {
                error
            }
        })
    };
    wanted.iter().map(find).collect()
}
