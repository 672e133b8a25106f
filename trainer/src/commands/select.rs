//! `mtprs select`: from candidates those whose labels the training set lacks.

use mtprs_core::Error;
use mtprs_core::format::write_configuration;
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;

use crate::Failure;
use crate::active_set::report::{Report, Selected};
use crate::active_set::state_files::{self, add_sources, check_mode, reading_beside, save};
use crate::active_set::{self, Choice, Chosen, Pick, Settings, Start};
use crate::cli::SelectArguments;
use crate::dataset::CfgSink;
use crate::endpoint::{Input, Output, load_potential, load_state, tell};
use crate::job::Ready;
use crate::pipeline::{RunSettings, Supply};
use crate::processes::Interrupt;
use crate::structure_files::{Reading, holds_configurations};

pub(super) fn run(job: &Ready<SelectArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    let (run, write) = (RunSettings::from(job.common.run), job.common.write);
    let potential = load_potential(&job.potential)?;
    let is_set = holds_configurations(&job.training_set, &job.reading)?;
    let given = (!is_set).then_some(job.state.as_path());
    let reading = reading_beside(&job.reading, &potential, &job.potential, given)?.quiet(run.quiet);
    let (start, mode) = start(job, is_set, &potential, &reading)?;
    let nearest = potential.radial_basis().min_dist();
    let choice = Choice {
        settings: Settings { mode, ..job.build.settings()? },
        threshold: job.select_threshold,
        limit: job.selection_limit,
        min_distance: job.min_distance.unwrap_or(nearest / 2.0),
    };
    let candidates = Supply::of_inputs(&job.inputs, &reading);
    let selection = active_set::select(&potential, start, &candidates, choice, run, interrupt.clone())?;
    let files: Vec<String> = job.inputs.iter().map(Input::name).collect();
    let selected: Vec<Selected> = selection
        .picks
        .iter()
        .enumerate()
        .map(|(before, pick)| Selected::new(pick, before, &files[pick.file]))
        .collect();
    write_selected(&write.output(&job.output), &selection, &selected)?;
    if job.als_filename.is_some() {
        keep_state(job, &potential, &reading, choice.settings, interrupt)?;
    }
    let report = Report::new(&selection, selected, &files, mode.name(), job.select_threshold);
    if let Some(output) = write.optional(&job.json) {
        output.write_json(&report)?;
    }
    if !run.quiet {
        tell(report.render());
    }
    Ok(())
}

/// The training set, or the state with its mode.
fn start(
    job: &Ready<SelectArguments>,
    is_set: bool,
    potential: &Potential,
    reading: &Reading,
) -> Result<(Start, mtprs_core::selection::GradeMode), Failure> {
    let settings = job.build.settings()?;
    let is_empty = |input: &Input| input.size() == Some(0);
    if is_set && job.training_set.iter().all(is_empty) {
        return Ok((Start::Nothing, settings.mode));
    }
    if is_set {
        let training_set = Supply::of_inputs(&job.training_set, reading);
        return Ok((Start::TrainingSet(training_set), settings.mode));
    }
    let name = job.state.display().to_string();
    let state = load_state(&job.state)?;
    state.check_potential(potential).map_err(|error| error.in_file(&name))?;
    check_mode(&state, &name, job.build.asks_for_mode().then_some(settings.mode))?;
    if job.als_filename.is_some() {
        let message = "--als-filename needs the training set itself";
        let error = Error::new(mtprs_core::ErrorKind::Argument, message);
        return Err(error.in_file(&name).hint("give it instead of the selection state").into());
    }
    let mode = state.mode;
    Ok((Start::State(Box::new(state)), mode))
}

fn write_selected(output: &Output, selection: &Chosen, selected: &[Selected]) -> Result<(), Failure> {
    let mut sink = output.create()?;
    for (pick, selected) in selection.picks.iter().zip(selected) {
        let mut text = Vec::new();
        write_configuration(&labeled(pick, selected), &mut text)
            .map_err(|error| Error::io("write", &output.name(), &error))?;
        sink.write(&text)?;
    }
    sink.finish()
}

/// The configuration with its grades and the place in the order.
fn labeled(pick: &Pick, selected: &Selected) -> Configuration {
    let mut configuration = pick.configuration.clone();
    let place = &selected.place;
    configuration.neighborhood_grades.clone_from(&pick.atom_grades);
    for (key, value) in [
        ("MV_grade", pick.start_grade.to_string()),
        ("selection_order", selected.order.to_string()),
        ("selection_grade", selected.grade.to_string()),
        ("selection_gain", selected.log10_gain.to_string()),
        ("selection_source", format!("{}:{}", place.file, place.configuration)),
        ("selection_reason", selected.reason.clone()),
    ] {
        configuration.set_feature(key, value);
    }
    configuration
}

/// Builds and writes the state of training set and selected configurations.
fn keep_state(
    job: &Ready<SelectArguments>,
    potential: &Potential,
    reading: &Reading,
    settings: Settings,
    interrupt: Interrupt,
) -> Result<(), Failure> {
    let write = job.common.write;
    let (Some(keep), Output::File(selected)) = (&job.als_filename, write.output(&job.output)) else {
        return Ok(());
    };
    let mut inputs = job.training_set.clone();
    inputs.push(Input::File(selected.path.clone()));
    let supplies = Supply::of_inputs(&inputs, reading);
    let run = RunSettings { quiet: true, ..job.common.run.into() };
    let built = active_set::build(potential, &supplies, settings, run, interrupt)?;
    let names = format!("{} and {}", job.state.display(), selected.path.display());
    let mut state = built.state(potential, &names)?;
    let Some(path) = &job.selected_filename else { return save(state, &supplies, &write.file(keep)) };
    add_sources(&mut state, &supplies)?;
    let mut sink = CfgSink::create(&write.output(path))?;
    state.configurations.values().try_for_each(|configuration| sink.write(configuration))?;
    sink.finish()?;
    state_files::write(&state, &write.file(keep))
}
