//! `mtprs split` as the program needs it.

use std::path::PathBuf;

use super::streams::{inputs, reading};
use super::{Files, Job, usage_error};
use crate::cli::SplitArguments;
use crate::dataset::Grouping;
use crate::endpoint::{Input, Output, OutputFile};
use crate::structure_files::Reading;

/// What to divide into what.
#[derive(Debug)]
pub struct SplitJob {
    /// The files, read as if they were one.
    pub inputs: Vec<Input>,
    /// The parts.
    pub parts: Parts,
    /// How they are read.
    pub reading: Reading,
    /// What is divided alike, if anything is.
    pub stratify: Option<Stratum>,
    /// What stays together.
    pub grouping: Grouping,
    /// Decides which configuration goes where.
    pub seed: u64,
    /// Whether to keep silent on standard error.
    pub quiet: bool,
}

/// What is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Parts {
    /// Files with how much goes there.
    Files(Vec<(Output, Amount)>),
    /// Training and validation set of each fold.
    Folds(Vec<[Output; 2]>),
}

/// How much goes into a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// So many configurations.
    Count(u64),
    /// This share of all, up to one.
    Share(f64),
    /// What the others leave.
    Rest,
}

/// What is the same for all configurations of a stratum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stratum {
    /// The composition.
    Composition,
    /// The value of a feature.
    Feature(String),
}

impl Parts {
    /// What is written, in its order.
    pub fn outputs(&self) -> Vec<&Output> {
        match self {
            Self::Files(files) => files.iter().map(|(output, _)| output).collect(),
            Self::Folds(folds) => folds.iter().flatten().collect(),
        }
    }
}

impl Job for SplitJob {
    type Typed = SplitArguments;

    fn new(arguments: SplitArguments) -> Result<Self, clap::Error> {
        let reading = reading(arguments.common.reading)?;
        let inputs = inputs(arguments.inputs, 2, &reading)?;
        let force = arguments.common.write.force;
        let parts = match (arguments.folds, arguments.prefix) {
            (Some(folds), Some(prefix)) => {
                let file = |fold: u64, set: &str| {
                    let path = PathBuf::from(format!("{prefix}{fold}-{set}.cfg"));
                    Output::File(OutputFile { path, replaces: force })
                };
                Parts::Folds(
                    (1..=folds).map(|fold| ["train", "validation"].map(|set| file(fold, set))).collect(),
                )
            }
            _ => Parts::Files(arguments.into.iter().map(|text| part(text, force)).collect::<Result<_, _>>()?),
        };
        if let Parts::Files(files) = &parts {
            check_amounts(files)?;
        }
        let stratify = arguments.stratify.map(|word| match word.as_str() {
            "composition" => Stratum::Composition,
            _ => Stratum::Feature(word),
        });
        let (grouping, seed, quiet) = (arguments.group, arguments.seed, arguments.common.quiet);
        Ok(Self { inputs, reading, parts, stratify, grouping, seed, quiet })
    }

    fn files(&self) -> Files {
        Files::default().cfg_only().takes(&self.inputs).makes(self.parts.outputs())
    }
}

fn part(text: &str, force: bool) -> Result<(Output, Amount), clap::Error> {
    let expected = || {
        let message = format!("--into: expected FILE=80%, FILE=0.8, FILE=100 or FILE=rest, got {text}");
        usage_error(message)
    };
    let (file, amount) = text.rsplit_once('=').filter(|(file, _)| !file.is_empty()).ok_or_else(expected)?;
    let share = |number: &str, whole: f64| {
        let share = number.parse::<f64>().ok()? / whole;
        (share > 0.0 && share <= 1.0).then_some(Amount::Share(share))
    };
    let amount = match (amount, amount.strip_suffix('%')) {
        ("rest", _) => Some(Amount::Rest),
        (_, Some(percent)) => share(percent, 100.0),
        (number, None) if number.contains('.') => share(number, 1.0),
        (number, None) => number.parse().ok().map(Amount::Count),
    };
    Ok((Output::new(PathBuf::from(file), force), amount.ok_or_else(expected)?))
}

fn check_amounts(files: &[(Output, Amount)]) -> Result<(), clap::Error> {
    let rests = files.iter().filter(|(_, amount)| *amount == Amount::Rest).count();
    if rests > 1 {
        return Err(usage_error("--into: only one file can get the rest"));
    }
    let shares = files.iter().map(|(_, amount)| if let Amount::Share(share) = amount { *share } else { 0.0 });
    let sum: f64 = shares.sum();
    if sum > 1.0 + 1e-9 {
        let message = format!("--into: the shares add up to {:.4} %", 100.0 * sum);
        return Err(usage_error(message));
    }
    Ok(())
}
