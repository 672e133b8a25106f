//! What is told of a potential when its fit is done: errors on all sets, as tables, as a page, as JSON.

use mtprs_core::evaluate::Evaluator;
use serde::Serialize;

use super::{SetErrors, Task, Trained, advice as session_advice};
use crate::Failure;
use crate::dataset::{Grouping, Groups, Recount, Side};
use crate::figures::History;
use crate::pipeline::{Evaluated, Pipeline, RunSettings, Supply};
use crate::processes::Interrupt;
use crate::report::html::{self, Head, Report, SetReport};
use crate::report::mlip::Dialect;
use crate::report::{Comparison, Files, GroupSummary, Parity, Summary, advice, text};
use crate::structure_files::Voice;
use crate::text::{PROGRAM, Table, significant};
use crate::training::Ending;

/// Errors of a trained potential on its sets.
pub struct FitReport<'a> {
    trained: &'a Trained,
    grouping: &'a Grouping,
    training: Summary,
    training_parity: Parity,
    /// None where nothing validates.
    validation: Option<Summary>,
    validation_parity: Parity,
}

/// Everything that the JSON report says.
#[derive(Serialize)]
struct AsJson<'a, J> {
    program: &'static str,
    job: &'a J,
    history: &'a History,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    folds: &'a [SetErrors],
    training: &'a Summary,
    validation: Option<&'a Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Groups>,
}

/// What is told of errors beside the figures of whole sets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Feature by which errors are grouped.
    pub by: Option<&'a str>,
    /// Whether there is to be a page with plots.
    pub plots: bool,
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
            parity: Parity::new(species, by),
        }
    }
}

impl<'a> FitReport<'a> {
    /// Compares the potential, which is called `output`, with all labels: those of the training and of the validation.
    pub fn new(
        task: &'a Task,
        trained: &'a Trained,
        output: &str,
        wanted: Wanted<'_>,
        interrupt: Interrupt,
    ) -> Result<Self, Failure> {
        let [training, validation] = compared(task, trained, output, wanted, interrupt)?;
        let summary = |set: &SetFigures, label| {
            Summary::new(&trained.potential, output, label, &set.files, &set.comparison)
        };
        Ok(Self {
            trained,
            grouping: &task.sources.grouping,
            training: summary(&training, "training set"),
            training_parity: training.parity,
            validation: (!validation.comparison.is_empty()).then(|| summary(&validation, "validation set")),
            validation_parity: validation.parity,
        })
    }

    /// As tables, or as another program prints it.
    pub fn render(&self, dialect: Option<Dialect>) -> String {
        if let Some(dialect) = dialect {
            let sets = [("TRAIN", Some(&self.training)), ("VALIDATION", self.validation.as_ref())];
            let sets = sets.into_iter().filter_map(|(name, set)| Some((name, set?)));
            return sets.map(|(name, set)| set.mlip2.render_set(dialect, name)).collect();
        }
        let validation = self.validation.iter().map(|set| format!("\n{}", text::render(set)));
        text::render(&self.training) + &validation.collect::<String>()
    }

    /// As a page under a head, which gets the end of the fit and what to do next.
    pub fn page(&self, mut head: Head) -> String {
        let Trained { steps, ending, history, .. } = self.trained;
        let ending = match ending {
            Ending::Converged => "converged",
            Ending::Steps => "all that were allowed",
            Ending::Patience => "the best on the validation set",
        };
        head.facts.push(("Steps".into(), format!("{steps}, {ending}")));
        head.advice.extend(session_advice(history, self.trained.ending));
        head.advice.extend(advice(self.validation.as_ref().unwrap_or(&self.training)));
        let mut sets =
            vec![SetReport { label: "Training", summary: &self.training, parity: &self.training_parity }];
        if let Some(summary) = &self.validation {
            sets.push(SetReport { label: "Validation", summary, parity: &self.validation_parity });
        }
        html::render(&Report { head, sets, history: &self.trained.history })
    }

    /// Figures of the validation set by value of the feature that was wanted.
    pub fn validation_groups(&self) -> &[GroupSummary] {
        let by_feature = self.validation.as_ref().and_then(|set| set.by_feature.as_ref());
        by_feature.map_or(&[], |by_feature| &by_feature.groups)
    }

    /// As JSON, with the options of the job and the errors of the folds.
    pub fn as_json<'r, J: Serialize>(
        &'r self,
        job: &'r J,
        folds: &'r [SetErrors],
    ) -> impl Serialize + use<'r, 'a, J> {
        AsJson {
            program: PROGRAM,
            job,
            history: &self.trained.history,
            folds,
            training: &self.training,
            validation: self.validation.as_ref(),
            groups: self.trained.sides.kept.groups(self.grouping),
        }
    }
}

fn compared(
    task: &Task,
    trained: &Trained,
    output: &str,
    wanted: Wanted<'_>,
    interrupt: Interrupt,
) -> Result<[SetFigures; 2], Failure> {
    let Trained { potential, sides, .. } = trained;
    let settings = RunSettings { quiet: true, threads: task.settings.threads };
    let pipeline = Pipeline::new(Evaluator::new(potential)?, settings, interrupt)?;
    let species = potential.species().count();
    let mut sets = [(), ()].map(|()| SetFigures::new(species, wanted.by));
    let mut reading = task.sources.reading.for_potential(potential, &task.potential)?;
    // It has been told when the sets were read.
    reading.voice = Voice::Silent;
    let files = task.sources.training.iter().map(|input| (input, Side::Training));
    let files = files.chain(task.sources.validation.iter().map(|input| (input, Side::Validation)));
    let (mut number, mut recount) = (0_u64, Recount::default());
    for (input, side) in files {
        let name = input.name();
        recount.begin(side);
        if side == Side::Training {
            sets[0].files.begin(number, &name);
        }
        if side == Side::Validation || task.sources.validation_fraction > 0.0 || task.sources.fold.is_some() {
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
            if wanted.plots {
                set.parity.add(number, &configuration, &efs);
            }
            Ok(())
        })?;
    }
    trained.expect_same(&recount, &task.sources.training_names(), output)?;
    Ok(sets)
}

/// The errors of all folds as a table.
pub fn cross_validation(folds: &[SetErrors]) -> String {
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
