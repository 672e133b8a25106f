//! `mtprs train`: fits a potential to reference energies, forces and stresses.

use std::cell::Cell;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use mtprs_core::format::{load_potential, write_potential};
use mtprs_core::potential::{Parameters, Potential, RadialBasis};
use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind};
use serde::Serialize;

use super::state::has_ending;
pub(super) use super::train_report::report;
use super::train_state::{self, holds_state};
use crate::Failure;
use crate::dataset::{self, Contents, Labels, Recount, Sets, Side, Sides, Sources, TrainingSet};
use crate::endpoint::{Input, OutputFile, print};
use crate::figures::{History, RmseFigures};
use crate::job::TrainJob;
use crate::processes::Interrupt;
use crate::processes::group::{Group, by_first, expect_same, from_first, gather, together};
use crate::structure_files::{Reading, Sentence};
use crate::text::counted;
use crate::train_progress::TrainProgress;
use crate::training::{
    Ending, Fit, Identity, Objective, Problem, Stage, Workers, beginning_stride, checkpoint,
};

pub(super) fn print_job(job: &TrainJob) -> Result<(), Failure> {
    print(&job.options.to_toml()?)
}

pub(super) fn run(job: &TrainJob, group: &dyn Group, interrupt: Interrupt) -> Result<(), Failure> {
    let job = &job.of_process(group);
    let mode = together(group, train_state::mode(job))?;
    let mut folds = Vec::new();
    for fold in 0..job.folds {
        let job = job.fold(fold);
        if !job.run.quiet {
            // A closed standard error is no reason to stop.
            let _ = writeln!(io::stderr(), "fold {} of {}", fold + 1, job.folds);
        }
        let (prepared, trained) = train(&job, group, &interrupt)?;
        folds.push(errors_of(&job, &prepared, &trained.potential, group)?);
    }
    let (_, trained) = train(job, group, &interrupt)?;
    by_first(group, || {
        train_state::write(job, &trained, mode, &interrupt)?;
        report(job, &trained, folds, interrupt)?;
        // All is on the disk: nothing is lost with the checkpoints.
        for checkpoint in (0..job.folds).map(|fold| job.fold(fold).checkpoint).chain([job.checkpoint.clone()])
        {
            let _ = fs::remove_file(checkpoint);
        }
        Ok(())
    })
}

/// A trained potential, and how it came about.
pub(super) struct Trained {
    pub(super) potential: Potential,
    pub(super) history: History,
    /// Steps of the main stage.
    pub(super) steps: u64,
    /// Why the fit ended.
    pub(super) ending: Ending,
    /// What was fitted, and what validated.
    pub(super) sides: Arc<Sides>,
    /// What was read.
    contents: Contents,
}

impl Trained {
    /// Refuses files that do not hold any more what they held when they were read for the fit; what was counted of none is
    /// not looked at.
    pub(super) fn expect_same(&self, recount: &Recount, job: &TrainJob) -> Result<(), Error> {
        let found = Contents {
            training: recount.describe(Side::Training).unwrap_or_else(|| self.contents.training.clone()),
            validation: recount
                .describe(Side::Validation)
                .unwrap_or_else(|| self.contents.validation.clone()),
            ..Contents::default()
        };
        let hint = format!(
            "{} is written, and fitted to what they held then; its errors and its active set would be those of other data",
            job.output.name()
        );
        self.expect_contents(&found, job).map_err(|error| error.hint(hint))
    }

    /// The same for what has been read.
    pub(super) fn expect_contents(&self, found: &Contents, job: &TrainJob) -> Result<(), Error> {
        let Contents { training, validation, .. } = &self.contents;
        if (&found.training, &found.validation) == (training, validation) {
            return Ok(());
        }
        let message = "the files have changed since they were read for the fit";
        Err(Error::new(ErrorKind::Io, message).in_file(&training_files(job)))
    }
}

/// Errors of a potential on the sets of its training.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct SetErrors {
    pub(super) training: RmseFigures,
    pub(super) validation: Option<RmseFigures>,
}

fn train(job: &TrainJob, group: &dyn Group, interrupt: &Interrupt) -> Result<(Prepared, Trained), Failure> {
    let prepared = prepare(job, group)?;
    announce(job, &prepared);
    let trained = fit(job, &prepared, group, interrupt)?;
    Ok((prepared, trained))
}

/// What is fitted to what.
pub(super) struct Prepared {
    potential: Potential,
    /// Whether the potential was trained before.
    is_trained: bool,
    sets: Sets,
}

impl Prepared {
    /// Configurations of the training files that are fitted.
    pub(super) fn configurations(&self) -> u64 {
        (self.sets.training.configurations() - self.sets.pushed) as u64
    }

    /// What stays on one side, in words.
    pub(super) fn groups(&self, job: &TrainJob) -> Option<String> {
        self.sets.sides.kept.describe(&job.sources.grouping)
    }
}

/// Errors of a potential on the sets of a training.
pub(super) fn errors_of(
    job: &TrainJob,
    prepared: &Prepared,
    potential: &Potential,
    group: &dyn Group,
) -> Result<SetErrors, Failure> {
    let sets = &prepared.sets;
    let workers = Workers::new(potential, job.run.threads)?;
    let parameters = potential.parameters().to_flat().unwrap_or_default();
    let of = |set: &TrainingSet| -> Result<RmseFigures, Error> {
        let objective = Objective::new(set, &workers, group, job.fit.huber);
        Ok(objective.evaluate(&parameters, false)?.figures.rmse())
    };
    let validation = (sets.validation.configurations() > 0).then(|| of(&sets.validation)).transpose()?;
    Ok(SetErrors { training: of(&sets.training)?, validation })
}

/// Reads potential and configurations, or this process's share of them, and refuses what cannot be fitted.
pub(super) fn prepare(job: &TrainJob, group: &dyn Group) -> Result<Prepared, Failure> {
    let loaded = together(group, load_potential(&job.potential))?;
    let reading = job.sources.reading.for_potential(&loaded, &job.potential);
    let sources = Sources { reading: together(group, reading)?, ..job.sources.clone() };
    let sets = dataset::read(&sources, &loaded, group)?;
    expect_same_task(job, group, &loaded, &sets)?;
    let is_trained = loaded.is_trained();
    let loaded = together(group, with_names(&job.potential, loaded, &sources.reading))?;
    let mut potential = together(group, with_first_parameters(job, loaded, &sets))?;
    let mut first = potential.parameters().to_flat().unwrap_or_default();
    from_first(group, &mut first)?;
    potential = with_parameters(&potential, &first)?;
    together(group, check(job, &sets))?;
    Ok(Prepared { potential, is_trained, sets })
}

/// Refuses processes that have read different files or got different options.
fn expect_same_task(
    job: &TrainJob,
    group: &dyn Group,
    potential: &Potential,
    sets: &Sets,
) -> Result<(), Error> {
    let identity = job.identity(potential, sets)?;
    let task = format!("{:?} {identity:?}", job.options);
    expect_same(group, checkpoint::checksum(task.as_bytes()), || {
        let message =
            "the processes have read different potentials or configurations, or got different options";
        Error::new(ErrorKind::Argument, message).hint("give all nodes the same files")
    })
}

/// The potential with the names of the elements that it is fitted to, if it has none and they are known.
pub(super) fn with_names(path: &Path, potential: Potential, reading: &Reading) -> Result<Potential, Error> {
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
                "{name} has the potential_tag {tag}, which is kept: no place for {}",
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

/// The potential with parameters to begin with and, if wanted, its new shortest distance.
fn with_first_parameters(job: &TrainJob, potential: Potential, sets: &Sets) -> Result<Potential, Failure> {
    let is_trained = potential.is_trained();
    let layout = potential.parameter_layout();
    let mut flat = potential.parameters().to_flat().unwrap_or_else(|| vec![0.0; layout.len()]);
    if !is_trained || job.fit.random {
        flat[layout.species_coeffs()].copy_from_slice(&sets.labels.species_energies());
    }
    if let Some(energies) = &job.fit.species_energies {
        if energies.len() != potential.species().count() {
            let message = format!(
                "species-energies: expected {} numbers, got {}",
                potential.species().count(),
                energies.len()
            );
            return Err(Error::new(ErrorKind::Argument, message).into());
        }
        flat[layout.species_coeffs()].copy_from_slice(energies);
    }
    let mut parts = potential.into_parts();
    parts.parameters = Parameters::from_flat(&layout, &flat)?;
    if job.update_mindist {
        let basis = &parts.radial_basis;
        let distance = sets.shortest_distance;
        parts.radial_basis =
            RadialBasis::new(distance, basis.max_dist(), basis.size(), basis.functions_count())?;
    }
    Ok(Potential::new(parts)?)
}

/// Refuses what cannot be fitted.
pub(super) fn check(job: &TrainJob, sets: &Sets) -> Result<(), Failure> {
    let Labels { with: [energies, forces, virials], .. } = sets.labels;
    let invalid =
        |message: String| Error::new(ErrorKind::InvalidConfiguration, message).in_file(&training_files(job));
    if sets.training.configurations() == 0 {
        return Err(invalid("expected at least one configuration to train on, got none".into()).into());
    }
    let weights = &job.sources.weights;
    let counted_labels = [(energies, weights.energy), (forces, weights.force), (virials, weights.stress)];
    if counted_labels.iter().all(|&(count, weight)| count == 0 || weight == 0.0) {
        let message = "no configuration has an energy, forces or a virial with a weight above zero";
        return Err(invalid(message.into()).into());
    }
    if !job.accept_outliers {
        sets.labels.check_energies()?;
    }
    Ok(())
}

/// Tells what will be fitted, and what badly.
fn announce(job: &TrainJob, prepared: &Prepared) {
    if job.run.quiet {
        return;
    }
    let Prepared { potential, sets, .. } = prepared;
    let [energies, forces, virials] = sets.labels.with;
    let mut out = io::stderr().lock();
    // A closed standard error is no reason to stop.
    let _ = writeln!(
        out,
        "{}: {} with {}; {energies} energies, {forces} with forces, {virials} virials; shortest distance {:.3} Å",
        training_files(job),
        counted(prepared.configurations(), "configuration"),
        counted(sets.labels.atoms_by_species.iter().sum(), "atom"),
        sets.shortest_distance,
    );
    if sets.pushed > 0 {
        let configurations = counted(sets.pushed as u64, "configuration");
        let _ = writeln!(out, "repulsion: {configurations} more, with atoms pushed together");
    } else if job.sources.repulsion > 0.0 {
        let _ = writeln!(
            out,
            "note: no repulsion: expected configurations with an energy and atoms within the cutoff"
        );
    }
    if let Some(groups) = prepared.groups(job) {
        let _ = writeln!(out, "note: {groups}");
    }
    if sets.validation.configurations() > 0 {
        let configurations = counted(sets.validation.configurations() as u64, "configuration");
        let _ = writeln!(
            out,
            "validation: {configurations} with {}",
            counted(sets.validation.atoms() as u64, "atom")
        );
    } else if job.sources.validation_fraction > 0.0 {
        let _ = writeln!(out, "note: the seed sets none of the configurations aside to validate with");
    }
    if !has_ending(&job.output.path, "almtp") && holds_state(&job.potential).unwrap_or(false) {
        let (from, to) = (job.potential.display(), job.output.name());
        let _ = writeln!(
            out,
            "note: the selection state of {from} is not written to {to}: it belongs to the potential before"
        );
    }
    let min_dist = potential.radial_basis().min_dist();
    if sets.shortest_distance < min_dist {
        let _ = writeln!(
            out,
            "note: atoms are closer than min_dist of the potential, {min_dist} Å; --update-mindist takes the shortest distance"
        );
    }
    for species in sets.labels.missing_species() {
        let name = potential.species().label(species);
        let _ = writeln!(out, "note: no atom is of species {name}: its parameters keep their first values");
    }
}

/// The files of the training in one line.
pub(super) fn training_files(job: &TrainJob) -> String {
    job.sources.training.iter().map(Input::name).collect::<Vec<_>>().join(", ")
}

fn with_parameters(potential: &Potential, flat: &[f64]) -> Result<Potential, Error> {
    let mut parts = potential.clone().into_parts();
    parts.parameters = Parameters::from_flat(&potential.parameter_layout(), flat)?;
    Potential::new(parts)
}

/// Fits until the end or a signal; either is kept in the checkpoint.
pub(super) fn fit(
    job: &TrainJob,
    prepared: &Prepared,
    group: &dyn Group,
    interrupt: &Interrupt,
) -> Result<Trained, Failure> {
    let Prepared { potential, is_trained, sets } = prepared;
    let workers = Workers::new(potential, job.run.threads)?;
    let objective = |set| Objective::new(set, &workers, group, job.fit.huber);
    let validation = &sets.validation;
    let stride = beginning_stride(&sets.training, potential.parameter_layout().len());
    let thinned = (stride > 1).then(|| sets.training.thinned(stride));
    let problem = Problem {
        training: objective(&sets.training),
        beginning: objective(thinned.as_ref().unwrap_or(&sets.training)),
        validation: (validation.configurations() > 0).then(|| objective(validation)),
        settings: &job.fit,
        first: potential.parameters().to_flat().unwrap_or_default(),
        is_trained: *is_trained,
    };
    let identity = job.identity(potential, sets)?;
    let mut fit = begin(job, group, &problem, &identity)?;
    let begun = Instant::now();
    let mut saved = begun;
    let mut progress = TrainProgress::new(job.run.quiet, job.fit.steps, fit.step);
    let has_written = Cell::new(false);
    let keep = |fit: &Fit| -> Result<(), Failure> {
        checkpoint::save(&job.checkpoint, fit, &identity, begun.elapsed().as_secs_f64())?;
        if let (Some(current), Some(parameters)) = (&job.current, fit.parameters()) {
            let potential = with_parameters(potential, parameters)?;
            // What the run itself has written may be replaced.
            let file =
                OutputFile { replaces: current.replaces || has_written.replace(true), ..current.clone() };
            file.write(|file| write_potential(&potential, file))?;
        }
        Ok(())
    };
    let ending = loop {
        if let Stage::Done(ending) = fit.stage {
            break ending;
        }
        fit.advance(&problem, begun)?;
        progress.update(&fit);
        let signal = interrupt.of_any(group)?;
        by_first(group, || {
            if signal.is_some() || saved.elapsed().as_secs_f64() >= job.checkpoint_interval {
                keep(&fit)?;
                saved = Instant::now();
            }
            Ok::<_, Failure>(())
        })?;
        if let Some(signal) = signal {
            let message = format!("kept in {}; --resume goes on from there", job.checkpoint.display());
            return together(group, Err(Failure::Suspended(signal, message)));
        }
    };
    by_first(group, || keep(&fit))?;
    progress.finish(&fit, begun.elapsed(), job.run.threads, group.size());
    let parameters = fit.outcome(&job.fit).unwrap_or_default();
    let potential = with_parameters(potential, parameters)?;
    let (sides, contents) = (Arc::clone(&sets.sides), sets.contents.clone());
    Ok(Trained { potential, steps: fit.step, ending, history: fit.history, sides, contents })
}

/// A new fit, or that of the checkpoint.
fn begin(
    job: &TrainJob,
    group: &dyn Group,
    problem: &Problem<'_>,
    identity: &Identity,
) -> Result<Fit, Failure> {
    let exists = gather(group, f64::from(u8::from(job.checkpoint.exists())))?[0] > 0.0;
    let name = job.checkpoint.display().to_string();
    // Without --resume a file may be replaced only if the user said so.
    let anew = !job.resume && job.output.replaces;
    if exists && !job.resume && !anew {
        let error =
            Error::new(ErrorKind::Io, "the checkpoint of a run that was stopped is here").in_file(&name);
        return Ok(together(group, Err(error.hint("go on with --resume, or begin anew with --force")))?);
    }
    if !exists || anew {
        return Ok(Fit::new());
    }
    let mut fit = checkpoint::load(&job.checkpoint, problem, identity)?;
    if matches!(fit.stage, Stage::Done(Ending::Steps)) {
        // More steps may be wanted this time.
        fit.stage = Stage::Main;
    }
    Ok(fit)
}
