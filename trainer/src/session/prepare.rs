//! What a training needs before its first step: the potential and the sets, read, named alike and found fit.

use std::path::Path;

use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind};

use super::{Settings, Task};
use crate::Failure;
use crate::dataset::{self, Labels, Sets, Sources};
use crate::endpoint::load_potential;
use crate::processes::group::{Group, expect_same, together};
use crate::structure_files::{Reading, Sentence};
use crate::training::checkpoint::checksum;

/// Reads potential and configurations, or this process's share of them, and refuses what cannot be fitted.
pub fn prepare(task: &Task, group: &dyn Group) -> Result<(Potential, Sets), Failure> {
    let loaded = together(group, load_potential(&task.potential))?;
    let reading = task.sources.reading.for_potential(&loaded, &task.potential);
    let sources = Sources { reading: together(group, reading)?, ..task.sources.clone() };
    let sets = dataset::read(&sources, &loaded, group)?;
    expect_same_task(group, &format!("{:?}", task.identity(&loaded, &sets)))?;
    let potential = together(group, with_names(&task.potential, loaded, &sources.reading))?;
    together(group, check_species_energies(&task.settings, &potential))?;
    together(group, check(task, &sets))?;
    Ok((potential, sets))
}

/// Refuses processes that have read different files or got different options; `task` tells them apart.
pub fn expect_same_task(group: &dyn Group, task: &str) -> Result<(), Error> {
    expect_same(group, checksum(task.as_bytes()), || {
        let message = "the processes read different potentials or configurations, or got different options";
        Error::new(ErrorKind::Argument, message).hint("give all nodes the same files")
    })
}

/// The potential with the names of the elements that it is fitted to, if it has none and they are known.
pub fn with_names(path: &Path, potential: Potential, reading: &Reading) -> Result<Potential, Error> {
    let species = potential.species();
    let Some(names) = reading.naming.names().filter(|_| species.names().is_none()) else {
        return Ok(potential);
    };
    let name = path.display();
    let note = |text: String| reading.tell(vec![Sentence::Note(text)], false);
    match Species::named(&names) {
        Ok(named) if named.count() == species.count() && potential.tag().is_empty() => {
            note(format!("the species of the trained potential get their names: {}", names.join(" ")));
            let mut parts = potential.into_parts();
            (parts.tag, parts.species) = (names.join(" "), named);
            Potential::new(parts)
        }
        Ok(named) if named.count() == species.count() => {
            let tag = potential.tag();
            note(format!(
                "{name} has the potential_tag {tag}, which is kept, so it has no place for {}",
                names.join(" ")
            ));
            Ok(potential)
        }
        _ => {
            let (count, names) = (species.count(), names.join(" "));
            note(format!("{name} has {count} species, which {names} do not name: it stays without names"));
            Ok(potential)
        }
    }
}

/// Refuses energies of single atoms that are not those of the species.
pub(super) fn check_species_energies(settings: &Settings, potential: &Potential) -> Result<(), Error> {
    let count = potential.species().count();
    match &settings.fit.species_energies {
        Some(energies) if energies.len() != count => {
            let message = format!("species-energies: expected {count} numbers, got {}", energies.len());
            Err(Error::new(ErrorKind::Argument, message))
        }
        _ => Ok(()),
    }
}

/// Refuses what cannot be fitted.
pub fn check(task: &Task, sets: &Sets) -> Result<(), Failure> {
    let Labels { with: [energies, forces, virials], .. } = sets.labels;
    let invalid = |message: String| {
        Error::new(ErrorKind::InvalidConfiguration, message).in_file(&task.sources.training_names())
    };
    if sets.training.configurations() == 0 {
        return Err(invalid("expected at least one configuration to train on, got none".into()).into());
    }
    let weights = &task.sources.weights;
    let counted_labels = [(energies, weights.energy), (forces, weights.force), (virials, weights.stress)];
    if counted_labels.iter().all(|&(count, weight)| count == 0 || weight == 0.0) {
        let message = "no configuration has an energy, forces or a virial with a weight above zero";
        return Err(invalid(message.into()).into());
    }
    if !task.accept_outliers {
        sets.labels.check_energies()?;
    }
    Ok(())
}
