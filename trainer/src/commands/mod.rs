//! One file per command; each takes what is to be done and either does it or says why not.

mod analyze;
mod check;
mod convert;
mod convert_output;
mod cutout;
mod cutout_search;
mod errors;
mod evaluate;
mod examples;
mod filter;
mod grade;
mod info;
mod init;
mod insert;
mod learn;
mod manual;
mod merge;
mod provenance;
mod prune;
mod relax;
mod scaling;
mod select;
mod split;
mod state;
mod subsample;
mod tables;
mod train;
pub mod train_page;
mod train_state;
mod tune;
mod upgrade;
mod validate;
mod voltage;

pub use provenance::provenance;

use crate::Failure;
use crate::cli::{AnalyzeCommand, Cli, Command, StateCommand};
use crate::job::{CompletionsJob, ExamplesJob, Files, Job, ManJob, TrainJob, TuneJob};
use crate::processes::group::by_first;
use crate::processes::{Group, Interrupt};

/// A command that can begin.
pub struct Prepared {
    /// None of a command with rules of its own for its files.
    files: Option<Files>,
    work: Work,
}

type Work = Box<dyn FnOnce(&dyn Group) -> Result<(), Failure>>;

/// Checks what was typed.
pub fn prepare(cli: Cli) -> Result<Prepared, clap::Error> {
    match cli.command {
        Command::Init(typed) => {
            Ok(short(Files::default().makes([&typed.output()]), move || init::run(&typed)))
        }
        Command::Tables(typed) => Ok(prepared(Some(Files::default()), move |group| {
            let interrupt = watch(group)?;
            by_first(group, || tables::run(&typed, &interrupt))
        })),
        Command::Upgrade(typed) => {
            let files = Files::default().reads([&typed.potential]).rereads([&typed.potential]);
            Ok(short(files.makes([&typed.output()]), move || upgrade::run(&typed)))
        }
        Command::Info(typed) => {
            Ok(short(Files::default().reads([&typed.potential]), move || info::run(&typed)))
        }
        Command::Convert(typed) => long(*typed, convert::run),
        Command::Check(typed) => long(typed, check::run),
        Command::Split(typed) => long(typed, split::run),
        Command::Merge(typed) => long(typed, merge::run),
        Command::Filter(typed) => long(*typed, filter::run),
        Command::Subsample(typed) => long(*typed, subsample::run),
        Command::Evaluate(typed) => long(typed, evaluate::run),
        Command::Errors(typed) => long(typed, errors::run),
        Command::Relax(typed) => long(*typed, relax::run),
        Command::Validate(typed) => long(*typed, validate::run),
        Command::Grade(typed) => long(typed, grade::run),
        Command::Select(typed) => long(*typed, select::run),
        Command::Cutout(typed) => long(*typed, cutout::run),
        Command::Insert(typed) => long(*typed, insert::run),
        Command::Train(typed) => {
            let job = TrainJob::new(*typed)?;
            Ok(match job.print_job {
                true => prepared(None, move |group| by_first(group, || train::print_job(&job))),
                // Training is the only command that a group of processes shares.
                false => prepared(Some(job.files()), move |group| train::run(&job, group, watch(group)?)),
            })
        }
        Command::Tune(typed) if typed.print_job => {
            let job = TuneJob::new(*typed)?;
            Ok(prepared(None, move |_| tune::print_job(&job)))
        }
        Command::Tune(typed) => long(*typed, tune::run),
        Command::Prune(typed) => long(*typed, prune::run),
        Command::Learn(typed) => Ok(prepared(None, move |group| learn::run(&typed, watch(group)?))),
        Command::Analyze(typed) => match typed.command {
            AnalyzeCommand::Rdf(typed) => long(*typed, analyze::rdf::run),
            AnalyzeCommand::Diffusion(typed) => long(*typed, analyze::diffusion::run),
            AnalyzeCommand::Melt(typed) => long(*typed, analyze::melt::run),
            AnalyzeCommand::Order(typed) => long(*typed, analyze::order::run),
        },
        Command::Voltage(typed) => long(*typed, voltage::run),
        Command::Scaling(typed) => long(*typed, scaling::run),
        Command::State(typed) => match typed.command {
            StateCommand::Build(typed) => long(*typed, state::build),
            StateCommand::Show(typed) => {
                let files = Files::default().reads([&typed.state]).reads(&typed.potential);
                Ok(short(files, move || state::show(&typed)))
            }
        },
        // Its words are read before these commands are.
        Command::Mlp(_) => Ok(prepared(None, |_| {
            Err(mtprs_core::Error::new(mtprs_core::ErrorKind::Bug, "mlp was not read as MLIP's").into())
        })),
        Command::Man(typed) => {
            let job = ManJob::new(typed)?;
            Ok(short(job.files(), move || manual::man(&job)))
        }
        Command::Examples(typed) => {
            let job = ExamplesJob::new(typed)?;
            Ok(short(job.files(), move || examples::run(&job)))
        }
        Command::Completions(typed) => {
            let job = CompletionsJob::new(typed)?;
            Ok(short(job.files(), move || manual::completions(&job)))
        }
    }
}

fn prepared(
    files: Option<Files>,
    work: impl FnOnce(&dyn Group) -> Result<(), Failure> + 'static,
) -> Prepared {
    Prepared { files, work: Box::new(work) }
}

/// A command that ends by itself when it is interrupted.
fn long<J: Job + 'static>(
    typed: J::Typed,
    run: fn(&J, Interrupt) -> Result<(), Failure>,
) -> Result<Prepared, clap::Error> {
    let job = J::new(typed)?;
    Ok(prepared(Some(job.files()), move |group| run(&job, watch(group)?)))
}

/// A command that is done at once.
fn short(files: Files, work: impl FnOnce() -> Result<(), Failure> + 'static) -> Prepared {
    prepared(Some(files), move |_| work())
}

impl Prepared {
    /// Refuses to replace inputs, and files that exist unless the user said so.
    pub fn check_files(&self) -> Result<(), Failure> {
        self.files.as_ref().map_or(Ok(()), Files::check)
    }

    /// Carries it out.
    pub fn run(self, group: &dyn Group) -> Result<(), Failure> {
        (self.work)(group)
    }
}

/// Notices from now on that the program should stop.
pub(crate) fn watch(group: &dyn Group) -> Result<Interrupt, Failure> {
    Interrupt::install(group).map_err(|error| {
        Failure::Runtime(mtprs_core::Error::new(
            mtprs_core::ErrorKind::Io,
            format!("cannot watch for signals: {error}"),
        ))
    })
}
