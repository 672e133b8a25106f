//! What `mtprs train` tells of a potential when the fit is done: errors on all sets, as tables, as a page, as JSON.

use mtprs_core::evaluate::Evaluator;
use serde::Serialize;

use super::pages::{facts, file_name, write, write_json};
use super::train::{SetErrors, Trained, training_files};
use crate::dataset::{Grouping, Kept, Recount, Side, Sides};
use crate::endpoint::{Output, print};
use crate::figures::History;
use crate::job::TrainJob;
use crate::pipeline::{Evaluated, Pipeline, RunSettings, Supply};
use crate::processes::Interrupt;
use crate::report::html::{self, Report, SetReport};
use crate::report::{Comparison, Files, Parity, Summary, text};
use crate::structure_files::Voice;
use crate::text::{Table, significant};
use crate::{Failure, PROGRAM};

/// Everything that the JSON report says.
#[derive(Serialize)]
struct TrainReport<'a> {
    program: &'static str,
    job: &'a crate::cli::TrainOptions,
    history: &'a History,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    folds: Vec<SetErrors>,
    training: Summary,
    validation: Option<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Groups>,
}

/// What stays on one side.
#[derive(Serialize)]
struct Groups {
    by: Grouping,
    configurations: usize,
    groups: usize,
    largest: usize,
}

impl Groups {
    fn new(job: &TrainJob, sides: &Sides) -> Option<Self> {
        let Kept { together: configurations, groups, largest, .. } = sides.kept;
        (groups > 0).then(|| Self { by: job.sources.grouping.clone(), configurations, groups, largest })
    }
}

/// What a report says of a set.
struct SetFigures {
    files: Files,
    comparison: Comparison,
    parity: Parity,
}

impl SetFigures {
    fn new(species: usize, by: Option<&str>) -> Self {
        Self {
            files: Files::default(),
            comparison: Comparison::new(species, by),
            parity: Parity::new(species),
        }
    }
}

/// Errors of the trained potential on its sets, printed and written.
pub(super) fn report(
    job: &TrainJob,
    trained: &Trained,
    folds: Vec<SetErrors>,
    interrupt: Interrupt,
) -> Result<(), Failure> {
    let Trained { potential, history, sides, .. } = trained;
    let [training_set, validation_set] = figures(job, trained, interrupt)?;
    let name = job.output.name();
    let summary =
        |set: &SetFigures, label| Summary::new(potential, &name, label, &set.files, &set.comparison);
    let training = summary(&training_set, "training set");
    let validation =
        (!validation_set.comparison.is_empty()).then(|| summary(&validation_set, "validation set"));
    let to_stdout = [&job.json, &job.report].into_iter().flatten().any(|output| *output == Output::Stdout);
    if !job.run.quiet && !to_stdout {
        print(&text::render(&training))?;
        if let Some(validation) = &validation {
            print(&format!("\n{}", text::render(validation)))?;
        }
        if !folds.is_empty() {
            print(&cross_validation(&folds))?;
        }
    }
    if let Some(output) = &job.report {
        let mut sets =
            vec![SetReport { label: "Training", summary: &training, parity: &training_set.parity }];
        if let Some(summary) = &validation {
            sets.push(SetReport { label: "Validation", summary, parity: &validation_set.parity });
        }
        let page = html::render(&Report {
            title: format!("Training of {}", file_name(&name)),
            facts: facts(potential, &name, &[("Training set", training_files(job))]),
            sets,
            history,
        });
        write(output, &page)?;
    }
    let Some(output) = &job.json else { return Ok(()) };
    write_json(
        output,
        &TrainReport {
            program: PROGRAM,
            job: &job.options,
            history,
            folds,
            training,
            validation,
            groups: Groups::new(job, sides),
        },
    )
}

/// Compares the potential with all labels: those of the training and of the validation.
fn figures(job: &TrainJob, trained: &Trained, interrupt: Interrupt) -> Result<[SetFigures; 2], Failure> {
    let Trained { potential, sides, .. } = trained;
    let settings = RunSettings { quiet: true, ..job.run };
    let pipeline = Pipeline::new(Evaluator::new(potential)?, settings, interrupt)?;
    let species = potential.species().count();
    let mut sets = [(), ()].map(|()| SetFigures::new(species, job.by.as_deref()));
    let mut reading = job.sources.reading.for_potential(potential, &job.potential)?;
    // It has been told when the sets were read.
    reading.voice = Voice::Silent;
    let files = job.sources.training.iter().map(|input| (input, Side::Training));
    let files = files.chain(job.sources.validation.iter().map(|input| (input, Side::Validation)));
    let (mut number, mut recount) = (0_u64, Recount::default());
    for (input, side) in files {
        let name = input.name();
        recount.begin(side);
        if side == Side::Training {
            sets[0].files.begin(number, &name);
        }
        if side == Side::Validation || job.sources.validation_fraction > 0.0 {
            sets[1].files.begin(number, &name);
        }
        let supplies = [Supply::Input(input.clone(), reading.clone())];
        pipeline.run(&supplies, Evaluated::new, |Evaluated { origin, configuration, efs }| {
            number += 1;
            recount.add(&configuration);
            let side = if side == Side::Training { sides.side(number as usize - 1) } else { side };
            let set = &mut sets[usize::from(side == Side::Validation)];
            let added = set.comparison.add(number, &configuration, &efs);
            added.map_err(|error| origin.explain(error, &name))?;
            if job.report.is_some() {
                set.parity.add(number, &configuration, &efs);
            }
            Ok(())
        })?;
    }
    trained.expect_same(&recount, job)?;
    Ok(sets)
}

/// The errors of all folds as a table.
fn cross_validation(folds: &[SetErrors]) -> String {
    let mut table = Table::new(&[
        "fold",
        ">training: meV/atom",
        ">eV/Å",
        ">virial meV/atom",
        ">validation: meV/atom",
        ">eV/Å",
        ">virial meV/atom",
    ]);
    let of_fold = |fold: &SetErrors| {
        [fold.training, fold.validation.unwrap_or_default()].map(|set| set.in_report_units()).concat()
    };
    let mut row = |name: String, figures: &[Option<f64>]| {
        let figures = figures.iter().map(|&figure| significant(figure, 4));
        table.row([name].into_iter().chain(figures).collect());
    };
    let figures: Vec<Vec<Option<f64>>> = folds.iter().map(of_fold).collect();
    for (number, figures) in figures.iter().enumerate() {
        row((number + 1).to_string(), figures);
    }
    let mean = |column: usize| {
        let values: Vec<f64> = figures.iter().filter_map(|figures| figures[column]).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    row("mean".into(), &[0, 1, 2, 3, 4, 5].map(mean));
    format!("\nCross-validation, RMS errors\n\n{}", table.render())
}
