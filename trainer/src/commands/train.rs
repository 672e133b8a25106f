//! `mtprs train`: fits a potential to reference energies, forces and stresses.

use std::fs;

use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;

use super::{provenance, train_state};
use crate::Failure;
use crate::active_set::Settings;
use crate::active_set::state_files::{has_ending, holds_state};
use crate::cli::{JobOptions, TrainingOptions};
use crate::dataset::{Sets, Sources};
use crate::endpoint::{Input, Output, print, print_on, say};
use crate::job::TrainJob;
use crate::processes::group::{Group, by_first, together};
use crate::processes::{Interrupt, call};
use crate::report::Provenance;
use crate::report::html::{self, Head, Report};
use crate::report::mlip::Dialect;
use crate::session::report::{Wanted, cross_validation};
use crate::session::{self, Course, FitReport, Keeper, SetErrors, Trained};
use crate::text::general;

pub(super) fn print_job(job: &TrainJob) -> Result<(), Failure> {
    print(&job.options.to_toml()?)
}

pub(super) fn run(job: &TrainJob, group: &dyn Group, interrupt: Interrupt) -> Result<(), Failure> {
    let job = &job.of_process(group);
    let mode = together(group, train_state::mode(job))?;
    session::expect_same_task(group, &format!("{:?}", job.options))?;
    let mut folds = Vec::new();
    for fold in 0..job.folds {
        let job = job.fold(fold);
        if !job.quiet {
            say(format!("fold {} of {}", fold + 1, job.folds));
        }
        let (sets, trained) = train(&job, group, &interrupt, &mut Course::default())?;
        folds.push(session::errors(&trained.potential, &sets, &job.task.settings, group)?);
    }
    let mut course = Course::default();
    by_first(group, || show(job, &mut course))?;
    let (_, trained) = train(job, group, &interrupt, &mut course)?;
    by_first(group, || {
        train_state::write(job, &trained, mode, &interrupt)?;
        report(job, &trained, &folds, course, interrupt)?;
        print_ending(job, mode)?;
        // All is on the disk: nothing is lost with the checkpoints.
        let of_folds = (0..job.folds).map(|fold| job.fold(fold).keeping.checkpoint);
        for checkpoint in of_folds.chain([job.keeping.checkpoint.clone()]) {
            let _ = fs::remove_file(checkpoint);
        }
        Ok(())
    })
}

/// What MLIP-3 prints when all is written.
fn print_ending(job: &TrainJob, mode: Option<GradeMode>) -> Result<(), Failure> {
    if job.quiet || job.compat != Some(Dialect::Mlip3) {
        return Ok(());
    }
    let mut text = String::new();
    if let Some(mode) = mode {
        let Settings { start, threshold, .. } = Settings::new(mode);
        let weights = match mode {
            GradeMode::Configuration => [1.0, 0.0],
            GradeMode::Neighborhood => [0.0, 1.0],
        };
        let lines = [
            ("energy_weight", weights[0]),
            ("force_weight", 0.0),
            ("init_value", start),
            ("site_en_weight", weights[1]),
            ("stress_weight", 0.0),
            ("threshold", threshold),
        ];
        text = lines.iter().map(|(name, value)| format!("\t{name} = {value:.6}\n")).collect();
        text += &format!("Selection: state saved to \"{}\"\n", job.output.name());
    }
    print_on(&(text + "training complete\n"))
}

/// What MLIP prints before a fit.
fn print_heading(job: &TrainJob, sets: &Sets) -> Result<(), Failure> {
    let (potential, files) = (job.task.potential.display(), job.task.sources.training_names());
    match job.compat.filter(|_| !job.quiet) {
        Some(Dialect::Mlip2) => print_on(&format!("MTPR from {potential}, Database: {files}\n")),
        Some(Dialect::Mlip3) => {
            let updated =
                if job.task.settings.update_mindist { " MTP's mindist will be updated" } else { "" };
            print_on(&format!(
                "Basic trainer initialization complete\n{} configurations found in the training set\n\
                 Minimal interatomic distance in the training set is {}.{updated}\n",
                sets.fitted(),
                general(sets.shortest_distance, 6)
            ))
        }
        None => Ok(()),
    }
}

/// What stands above a page, whose work may go on.
fn head<'a>(job: &TrainJob, facts: Vec<(String, String)>, provenance: &'a Provenance) -> Head<'a> {
    let TrainingOptions { energy_weight, force_weight, stress_weight, fit, .. } = &job.options.training;
    let weights = [energy_weight, force_weight, stress_weight].map(|weight| general(*weight, 6)).join(", ");
    let more = [
        ("Training set", job.task.sources.training_names()),
        ("Weights (energy, force, stress)", weights),
        ("Seed", fit.seed.to_string()),
    ];
    let more = more.into_iter().map(|(label, value)| (label.to_owned(), value));
    Head {
        title: format!("Training of {}", html::file_name(&job.output.name())),
        facts: facts.into_iter().chain(more).collect(),
        provenance: Some(provenance),
        ..Head::default()
    }
}

fn origin(job: &TrainJob) -> Result<Provenance, Failure> {
    let Sources { training, validation, .. } = &job.task.sources;
    let inputs = [Input::from(job.task.potential.clone())].into_iter();
    let inputs = inputs.chain(training.iter().chain(validation).cloned());
    Ok(provenance(inputs, Some(job.options.to_toml()?)))
}

/// What shows the course of the fit while it goes on.
fn show(job: &TrainJob, course: &mut Course) -> Result<(), Failure> {
    let mut new = Course::default();
    if let Some(output) = &job.history {
        new = new.in_table(output);
    }
    if let Some(folder) = &job.tensorboard {
        new = new.on_tensorboard(folder)?;
    }
    if let Some(output) = &job.report {
        let (job, origin) = (job.clone(), origin(job)?);
        new = new.on_page(output, move |history, is_running| {
            let elapsed = call::current().map(|call| call.at.elapsed());
            let provenance = Provenance { elapsed, ..origin.clone() };
            let head = Head { is_running, ..head(&job, Vec::new(), &provenance) };
            html::render(&Report { head, sets: Vec::new(), history })
        });
    }
    *course = new;
    Ok(())
}

fn train(
    job: &TrainJob,
    group: &dyn Group,
    interrupt: &Interrupt,
    course: &mut Course,
) -> Result<(Sets, Trained), Failure> {
    let (potential, sets) = session::prepare(&job.task, group)?;
    announce(job, &potential, &sets);
    together(group, print_heading(job, &sets))?;
    let keeper = Keeper::new(&job.task, &sets, &job.keeping, job.telling(), group, interrupt);
    let keeper = keeper.showing(course);
    let trained = keeper.train(&potential)?;
    Ok((sets, trained))
}

/// Errors of the trained potential on its sets, printed and written.
fn report(
    job: &TrainJob,
    trained: &Trained,
    folds: &[SetErrors],
    course: Course,
    interrupt: Interrupt,
) -> Result<(), Failure> {
    let name = job.output.name();
    let wanted = Wanted { by: job.by.as_deref(), plots: job.report.is_some() };
    let report = FitReport::new(&job.task, trained, &name, wanted, interrupt)?;
    let to_stdout =
        [&job.json, &job.report, &job.history].into_iter().flatten().any(|output| *output == Output::Stdout);
    if !job.quiet && !to_stdout {
        print_on(&report.render(job.compat))?;
        if !folds.is_empty() {
            print_on(&cross_validation(folds))?;
        }
    }
    if let Some(output) = &job.report {
        let facts = html::facts(&trained.potential, &name, &[]);
        let page = report.page(head(job, facts, &origin(job)?));
        course.complete(output, &page)?;
    }
    match &job.json {
        Some(output) => output.write_json(&report.as_json(&job.options, folds)),
        None => Ok(()),
    }
}

/// Tells what will be fitted, and what badly.
fn announce(job: &TrainJob, potential: &Potential, sets: &Sets) {
    if job.quiet {
        return;
    }
    session::announce(&job.task, potential, sets);
    let leaves_state = job.al_mode.is_none() && !has_ending(&job.output.path, "almtp");
    if leaves_state && holds_state(&job.task.potential).unwrap_or(false) {
        let (from, to) = (job.task.potential.display(), job.output.name());
        say(format!(
            "note: the selection state of {from} is not written to {to}: it belongs to the potential before"
        ));
    }
}
