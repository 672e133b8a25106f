//! `mlp train`: a fit by the options of either program. MLIP-3 adds the species that the training set has and the potential lacks, sets
//! `min_dist` and writes the state; MLIP-2 does what it is told.

use std::ffi::OsString;
use std::iter;
use std::path::{Path, PathBuf};

use mtprs_core::potential::{Potential, Upgrade};
use mtprs_core::selection::GradeMode;
use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind};

use super::files::{Results, is_same};
use super::species::{types_in, untrained_for};
use super::{Call, Temporary, Words};
use crate::Failure;
use crate::active_set::state_files::{has_ending, holds_state};
use crate::cli::usage_error;
use crate::commands::watch;
use crate::endpoint::{Input, Output, load_potential, load_state, print_on};
use crate::processes::group::by_first;
use crate::random::Sequence;
use crate::report::mlip::Dialect;
use crate::structure_files::{ReadSettings, StructureReader};
use crate::training::checkpoint;

/// Decides the radial functions of species that are added.
const SEED: u64 = 1;

/// Whose training it is by the potential: one that a state follows is MLIP-3's.
pub(super) fn dialect(files: &[OsString]) -> Option<Dialect> {
    let potential = Path::new(files.first()?);
    let is_three = has_ending(potential, "almtp") || holds_state(potential).unwrap_or(false);
    is_three.then_some(Dialect::Mlip3)
}

pub(super) fn train(call: &mut Call<'_>) -> Result<(), Failure> {
    let (potential, training_set) = (call.file(0), call.file(1));
    let dialect = call.dialect;
    let weighting = weighting(call)?;
    let line = &mut call.line;
    let output = match (line.take_file("save_to").map(PathBuf::from), dialect) {
        (Some(output), _) => output,
        (None, Dialect::Mlip2) => "Trained.mtp_".into(),
        (None, Dialect::Mlip3) => potential.clone(),
    };
    let (current, validation) = (line.take_file("curr-pot-name"), line.take_file("valid-cfgs"));
    let current = current.map(PathBuf::from);
    let inputs: Vec<&Path> = iter::once(&*training_set).chain(validation.as_deref().map(Path::new)).collect();
    Results::default().add(&output, &inputs)?;
    Results::default().add(&checkpoint::beside(&output), &inputs)?;
    if let Some(current) = &current {
        Results::default().add(current, &inputs)?;
    }
    // What the checkpoint belongs to stays until the end, so that --resume finds it.
    let current = current.filter(|current| !is_same(current, &potential));
    line.take("init-params");
    let resume = line.take_flag("resume")?.unwrap_or(false);
    let update = line.take_flag("update-mindist")?;
    let keep = line.take_flag("no_mindist_update")?;
    let updates = update.unwrap_or(dialect == Dialect::Mlip3 && keep != Some(true));
    let known = load_potential(&potential)?;
    let mode = match (line.take("al_mode"), dialect) {
        (Some(mode), _) => Some(match mode.to_ascii_lowercase().as_str() {
            "cfg" | "configuration" => GradeMode::Configuration,
            "nbh" | "neighborhood" => GradeMode::Neighborhood,
            _ => return Err(usage_error(format!("--al_mode: expected cfg or nbh, got {mode}")).into()),
        }),
        (None, Dialect::Mlip2) if !has_ending(&output, "almtp") => None,
        // As the state that is there, or of configurations.
        (None, _) if holds_state(&potential)? => Some(load_state(&potential)?.mode),
        (None, _) => Some(GradeMode::Configuration),
    };
    let larger = match dialect {
        Dialect::Mlip3 => with_types_of(call, &known, &training_set)?,
        Dialect::Mlip2 => None,
    };
    let begins_with = larger.as_ref().map(|_| Temporary::beside(&output, "larger"));
    if let (Some(larger), Some(file)) = (&larger, &begins_with) {
        by_first(call.group, || Output::own(file.0.clone()).write_potential(larger))?;
    }
    let file = begins_with.as_ref().map_or(&potential, |file| &file.0);
    let line = &mut call.line;
    let mut words = Words::new(["train"]).file(file).file(&training_set);
    words = words.option("trained-pot-name", Some(&output)).flag("force", true).flag("resume", resume);
    for name in
        ["max-iter", "bfgs-conv-tol", "energy-weight", "force-weight", "stress-weight", "scale-by-force"]
    {
        words = words.option(name, line.take(name));
    }
    let skips = line.take_flag("skip-preinit")?.unwrap_or(false);
    words = words
        .option("curr-pot-name", current.as_ref())
        .option("valid-cfgs", validation.as_ref())
        .option("weighting", Some(weighting))
        .flag("skip-preinit", skips)
        .flag("update-mindist", updates)
        .option("al-mode", mode.map(GradeMode::name))
        .option("compat", Some(if dialect == Dialect::Mlip2 { "mlip2" } else { "mlip3" }));
    call.mtprs(call.with_common(words))
}

/// The potential for all species of the training set, where it has fewer: those of MLIP-3 grow with what they are trained on.
fn with_types_of(
    call: &Call<'_>,
    known: &Potential,
    training_set: &Path,
) -> Result<Option<Potential>, Failure> {
    let own = known.species().count();
    if call.species.is_some() {
        return Ok(None);
    }
    let species = match elements_in(call, known, training_set)? {
        Some(names) => Species::named(&names)?,
        // The training says what is wrong with numbers beside names.
        None if known.species().names().is_some() => return Ok(None),
        None => Species::unnamed(types_in(call, Input::from(training_set.to_owned()))?),
    };
    let count = species.count();
    if count <= own {
        return Ok(None);
    }
    if count > MOST_TYPES {
        let message = format!("types up to {} are in it, which look like atomic numbers", count - 1);
        let error = Error::new(ErrorKind::Species, message).in_file(&training_set.display().to_string());
        return Err(error.hint("number them from 0: mlp remap_species IN.cfg OUT.cfg 12:0,23:1,8:2").into());
    }
    if call.group.rank() == 0 {
        let added: Vec<String> = (own..count).map(|number| species.label(number)).collect();
        let added = added.join(", ");
        print_on(&format!("Following atomic numbers will be added to the MTP potential: {added}\n"))?;
    }
    if !known.is_trained() {
        return Ok(Some(untrained_for(known.clone(), species)?));
    }
    let from = (0..count).map(|number| (number < own).then_some(number)).collect();
    let to = Upgrade { from, species, ..Upgrade::none(known) };
    let mut random = Sequence::new(SEED);
    Ok(Some(known.upgraded(&to, &mut || random.symmetric())?.potential))
}

/// The elements of a potential followed by those that a training set adds; nothing where either has numbers only.
fn elements_in(
    call: &Call<'_>,
    known: &Potential,
    training_set: &Path,
) -> Result<Option<Vec<String>>, Failure> {
    if !training_set.is_file() {
        return Ok(None);
    }
    let interrupt = watch(call.group)?;
    let mut names = known.species().names().map(<[String]>::to_vec).unwrap_or_default();
    let input = Input::from(training_set.to_owned());
    for structure in StructureReader::open(&input, None, &ReadSettings::default())? {
        interrupt.check()?;
        let Some(elements) = structure?.elements else { return Ok(None) };
        for name in elements {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok((!names.is_empty()).then_some(names))
}

/// Most types of a potential that grows.
const MOST_TYPES: usize = 12;

/// How terms depend on the number of atoms, by the word of MLIP-2 or the numbers of MLIP-3.
fn weighting(call: &mut Call<'_>) -> Result<String, Failure> {
    let line = &mut call.line;
    // One widespread program says vibration.
    let word =
        line.take("weighting").map(|word| if word == "vibration" { "vibrations".to_owned() } else { word });
    let mut whole = |name: &str| match line.take_real(name)? {
        Some(value) if value.fract() != 0.0 => {
            Err(Failure::from(usage_error(format!("--{name}: expected a whole number, got {value}"))))
        }
        value => Ok(value.map(|value| value as i64)),
    };
    let (scaling, of_forces) = (whole("weight_scaling")?, whole("weight_scaling_forces")?);
    let by_numbers = match (scaling, of_forces) {
        (None, None) => return Ok(word.unwrap_or_else(|| "vibrations".to_owned())),
        (Some(1) | None, Some(0) | None) => "vibrations",
        (Some(0), Some(0) | None) => "molecules",
        (Some(2), Some(1)) => "structures",
        (scaling, of_forces) => {
            let message = format!(
                "expected weight_scaling and weight_scaling_forces 1 and 0, 0 and 0, or 2 and 1, got {} and {}",
                scaling.unwrap_or(1),
                of_forces.unwrap_or(0)
            );
            return Err(usage_error(message).into());
        }
    };
    match word {
        Some(word) if word != by_numbers => Err(usage_error(format!(
            "--weighting={word} contradicts weight_scaling, which asks for {by_numbers}"
        ))
        .into()),
        _ => Ok(by_numbers.to_owned()),
    }
}
