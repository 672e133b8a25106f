//! `mtprs train`: fits a potential to reference energies, forces and stresses.

use std::fs;

use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;

use super::{train_page, train_state};
use crate::Failure;
use crate::active_set::Settings;
use crate::active_set::state_files::{has_ending, holds_state};
use crate::cli::JobOptions;
use crate::dataset::Sets;
use crate::endpoint::{Output, print, print_on, say};
use crate::job::TrainJob;
use crate::processes::Interrupt;
use crate::processes::group::{Group, by_first, together};
use crate::report::html;
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
    by_first(group, || {
        course = train_page::course(job, &title(job))?;
        Ok::<_, Failure>(())
    })?;
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

fn title(job: &TrainJob) -> String {
    format!("Training of {}", html::file_name(&job.output.name()))
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
    let json = &job.json;
    let json = json.as_ref().map_or(Ok(()), |output| output.write_json(&report.as_json(&job.options, folds)));
    train_page::write(job, &title(job), &name, trained, &report, course).and(json)
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
            "note: the selection state of {from} is not written to {to}: it belongs to the previous potential"
        ));
    }
}
