//! `mlp remap_species` and `mlp add_species`.

use mtprs_core::format::load_potential;
use mtprs_core::{Error, ErrorKind};

use super::{Call, Words, sets};
use crate::Failure;
use crate::cli::usage_error;
use crate::dataset::Walk;
use crate::endpoint::{Input, say};
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
            let count = map.iter().map(|(_, to)| *to as usize + 1).max().unwrap_or(0);
            let mut renamed: Vec<Option<String>> = vec![None; count];
            for (from, to) in &map {
                if let (Some(place), Some(name)) = (renamed.get_mut(*to as usize), names.get(*from as usize)) {
                    *place = Some(name.clone());
                }
            }
            let renamed: Option<Vec<String>> = renamed.into_iter().collect();
            configuration.features.retain(|(key, _)| key != "elements");
            if let Some(names) = renamed {
                configuration.set_feature("elements", names.join(" "));
            }
        }
        sink.write(&configuration)
    })
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
        pairs.iter().enumerate().all(|(place, (from, to))| {
            *to < 1000 && pairs[..place].iter().all(|(other, _)| other != from)
        })
    };
    pairs.filter(is_clear).ok_or_else(|| {
        usage_error(format!("expected new types like 2,0,1 or 0:2,1:0, got {text}")).into()
    })
}

pub(super) fn add(call: &mut Call<'_>) -> Result<(), Failure> {
    let (potential, wanted) = (call.file(0), call.file(1));
    let named = call.line.take_file("save_to").map(Into::into);
    let output = match call.line.files.get(2) {
        Some(_) => call.file(2),
        None => named.unwrap_or_else(|| potential.clone()),
    };
    let species = match wanted.is_file() {
        true => {
            let count = types_in(call, Input::from(wanted))?.to_string();
            let known = load_potential(&potential)?;
            if known.species().names().is_some() {
                let message = format!(
                    "the potential names its elements ({}), and types of a file have no names",
                    known.species().describe()
                );
                let error = Error::new(ErrorKind::Species, message).in_file(&potential.display().to_string());
                return Err(error.hint("name all elements in place of the file: Mg,V,O").into());
            }
            if known.species().count() >= count.parse().unwrap_or(0) {
                say(format!("note: the potential has {} species already", known.species().count()));
                if output == potential {
                    return Ok(());
                }
                known.species().count().to_string()
            } else {
                count
            }
        }
        false => wanted.to_string_lossy().into_owned(),
    };
    let words = Words::new(["upgrade"]).file(&potential).file(output).option("species", Some(species));
    call.mtprs(words.flag("force", true))
}

/// How many types the configurations of a file have: the largest number and one.
fn types_in(call: &Call<'_>, input: Input) -> Result<u32, Failure> {
    let inputs = [input];
    if !holds_configurations(&inputs, &Reading::default())? {
        let error = Error::new(ErrorKind::Argument, "expected species or a file of configurations");
        return Err(error.in_file(&inputs[0].name()).into());
    }
    let walk = Walk::new(&inputs, &Reading::default(), true, call.interrupt()?);
    let mut largest = 0;
    walk.run(|_, configuration| {
        largest = configuration.species.iter().copied().fold(largest, u32::max);
        Ok(())
    })?;
    Ok(largest + 1)
}
