//! `mlp remap_species` and `mlp add_species`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use mtprs_core::potential::{Parameters, Potential};
use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind};

use super::files::Results;
use super::{Call, Words, replacing, sets};
use crate::Failure;
use crate::cli::{parse_species, usage_error};
use crate::commands::watch;
use crate::dataset::Walk;
use crate::endpoint::{Input, Output, load_potential, say};
use crate::structure_files::{Reading, element_names, holds_configurations};

pub(super) fn remap(call: &mut Call<'_>) -> Result<(), Failure> {
    let word = call.file(2).to_string_lossy().into_owned();
    let map = types(&word)?;
    let target = |species: u32| map.iter().find(|(from, _)| *from == species).map(|(_, to)| *to);
    sets::each(call, |mut configuration, sink| {
        // They name the species by their old numbers.
        let names = element_names(&configuration);
        for species in &mut configuration.species {
            *species = target(*species).ok_or_else(|| {
                let message = format!("type {species} is not among those of {word} (numbered from 0)");
                Error::new(ErrorKind::Species, message)
            })?;
        }
        if let Some(names) = names {
            configuration.features.retain(|(key, _)| key != "elements");
            if let Some(names) = renamed(&names, map.iter().map(|(from, to)| (*from as usize, *to as usize)))
            {
                configuration.set_feature("elements", names.join(" "));
            }
        }
        sink.write(&configuration)
    })
}

/// Names by new types, if every type up to the largest has one and only one.
pub(super) fn renamed(names: &[String], map: impl Iterator<Item = (usize, usize)>) -> Option<Vec<String>> {
    let mut renamed: Vec<Option<String>> = Vec::new();
    for (from, to) in map {
        let Some(name) = names.get(from) else { continue };
        if renamed.len() <= to {
            renamed.resize(to + 1, None);
        }
        match &renamed[to] {
            Some(other) if other != name => return None,
            _ => renamed[to] = Some(name.clone()),
        }
    }
    renamed.into_iter().collect::<Option<Vec<String>>>().filter(|names| !names.is_empty())
}

/// Old and new types: `2,0,1` in the order of the old ones, or `0:2,1:0`.
fn types(text: &str) -> Result<Vec<(u32, u32)>, Failure> {
    let pairs = text.split(',').enumerate().map(|(place, word)| {
        let (from, to) = match word.split_once(':') {
            Some((from, to)) => (from.trim().parse().ok()?, to),
            None => (u32::try_from(place).ok()?, word),
        };
        Some((from, to.trim().parse().ok()?))
    });
    let pairs: Option<Vec<(u32, u32)>> = pairs.collect();
    let is_clear = |pairs: &Vec<(u32, u32)>| {
        pairs
            .iter()
            .enumerate()
            .all(|(place, (from, to))| *to < 1000 && pairs[..place].iter().all(|(other, _)| other != from))
    };
    pairs
        .filter(is_clear)
        .ok_or_else(|| usage_error(format!("expected new types like 2,0,1 or 0:2,1:0, got {text}")).into())
}

pub(super) fn add(call: &mut Call<'_>) -> Result<(), Failure> {
    let (potential, wanted) = (call.file(0), call.file(1));
    let named = call.line.take_file("save_to").map(PathBuf::from);
    let output = match call.line.files.get(2) {
        Some(_) => call.file(2),
        None => named.unwrap_or_else(|| potential.clone()),
    };
    Results::default().add(&output, &[&wanted])?;
    let text = wanted.to_string_lossy();
    let known = load_potential(&potential)?;
    let species = match wanted.is_file() {
        true => {
            let count = types_in(call, Input::from(wanted.clone()))?;
            if known.species().names().is_some() {
                let message = format!(
                    "the potential names its elements ({}), and types of a file have no names",
                    known.species().describe()
                );
                let error = Error::new(ErrorKind::Species, message).in_file(&potential.display().to_string());
                return Err(error.hint("name all elements in place of the file: Mg,V,O").into());
            }
            Species::unnamed(count)
        }
        false if text.contains(['/', '.']) => {
            let error = Error::new(ErrorKind::Io, "no such file").in_file(&text);
            return Err(error
                .hint("expected a file of configurations, a number of species or Mg,V,O")
                .into());
        }
        false => parse_species(&text)?,
    };
    let own = known.species();
    if own.count() >= species.count() && (species.names().is_none() || species.names() == own.names()) {
        say(format!("note: the potential has {} already", own.describe()));
        if output != potential {
            let bytes = fs::read(&potential)
                .map_err(|error| Error::io("read", &potential.display().to_string(), &error))?;
            replacing(output).write(|file| file.write_all(&bytes))?;
        }
        return Ok(());
    }
    if !known.is_trained() {
        let larger =
            untrained_for(known, species).map_err(|error| error.in_file(&potential.display().to_string()))?;
        return Output::File(replacing(output)).write_potential(&larger);
    }
    let words = Words::new(["upgrade"]).file(&potential).file(output);
    call.mtprs(words.option("species", Some(&*text_of(&species))).flag("force", true))
}

/// Species as `--species` takes them.
fn text_of(species: &Species) -> String {
    species.names().map_or_else(|| species.count().to_string(), |names| names.join(","))
}

/// An untrained potential for more species, or others.
pub(super) fn untrained_for(potential: Potential, species: Species) -> Result<Potential, Error> {
    let mut parts = potential.into_parts();
    if let Some(names) = species.names() {
        parts.tag = names.join(" ");
    }
    parts.parameters = Parameters::default();
    parts.species = species;
    Potential::new(parts)
}

/// How many types the configurations of a file have: the largest number and one.
pub(super) fn types_in(call: &Call<'_>, input: Input) -> Result<usize, Failure> {
    let inputs = [input];
    if !holds_configurations(&inputs, &Reading::default())? {
        let error = Error::new(ErrorKind::Argument, "expected species or a file of configurations");
        return Err(error.in_file(&inputs[0].name()).into());
    }
    let walk = Walk::new(&inputs, &Reading::default(), true, watch(call.group)?);
    let mut largest = 0;
    walk.run(|_, configuration| {
        largest = configuration.species.iter().copied().fold(largest, u32::max);
        Ok(())
    })?;
    Ok(largest as usize + 1)
}
