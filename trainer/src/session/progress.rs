//! How far a training has come: a bar on a terminal, a line now and then in a log.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::Task;
use super::advice::advice;
use super::mlip_log::MlipLog;
use crate::Failure;
use crate::endpoint::say;
use crate::figures::HistoryPoint;
use crate::pipeline::on_stderr;
use crate::report::mlip::Dialect;
use crate::text::counted;
use crate::training::{Ending, Fit, Problem, Stage};

/// What a bar shows; the message is cut where the terminal ends.
const BAR: &str = "{bar:16} {pos}/{len}{prefix}  {wide_msg}";
/// Time between two lines in a log, at first; it grows with the length of the run.
const LOG_INTERVAL: Duration = Duration::from_secs(5);
/// Shortest share of the time so far between two lines.
const LOG_SHARE: f64 = 0.05;

/// What is told of a fit on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Nothing.
    Nothing,
    /// How far it is, on standard error.
    Progress,
    /// Every step, on standard output, in the words of another program.
    Log(Dialect),
}

impl Telling {
    /// Progress, unless the user wants to be left in peace.
    pub fn unless(quiet: bool) -> Self {
        if quiet { Self::Nothing } else { Self::Progress }
    }
}

/// Shows a [`Fit`] as it goes on.
pub(super) struct FitProgress {
    bar: Option<ProgressBar>,
    shows: bool,
    log: Option<MlipLog>,
    begun: Instant,
    last: Instant,
    /// When the main stage was first seen, and its step.
    main: Option<(Instant, u64)>,
    steps: u64,
}

impl FitProgress {
    /// Of a fit of a task on this many processes.
    pub(super) fn new(
        telling: Telling,
        task: &Task,
        problem: &Problem<'_>,
        processes: usize,
        fit: &Fit,
    ) -> Result<Self, Failure> {
        let begun = Instant::now();
        let steps = problem.settings.steps;
        let shows = telling == Telling::Progress;
        let bar = (shows && io::stderr().is_terminal()).then(|| on_stderr(ProgressBar::new(steps), BAR));
        let log = match telling {
            Telling::Log(dialect) => Some(MlipLog::begin(dialect, task, problem, processes, fit)?),
            _ => None,
        };
        Ok(Self { bar, shows, log, begun, last: begun, main: None, steps })
    }

    /// Shows the present state.
    pub(super) fn update(&mut self, fit: &Fit) -> Result<(), Failure> {
        if let Some(Err(failure)) = self.log.as_mut().map(|log| log.update(fit)) {
            // The training is worth more than what is told of it.
            failure.tell("progress is no longer printed: ");
            self.log = None;
        }
        if !self.shows {
            return Ok(());
        }
        if self.main.is_none() && !matches!(fit.stage, Stage::Start(_)) {
            self.main = Some((Instant::now(), fit.step));
        }
        let left =
            self.left(fit.step).map_or(String::new(), |left| format!(", at most {} left", brief(left)));
        if let Some(bar) = &self.bar {
            bar.set_position(fit.step);
            bar.set_prefix(left);
            bar.set_message(message(fit));
            return Ok(());
        }
        let interval = LOG_INTERVAL.max(self.begun.elapsed().mul_f64(LOG_SHARE));
        if self.last.elapsed() >= interval {
            self.last = Instant::now();
            let step = if self.main.is_some() { format!("step {}  ", fit.step) } else { String::new() };
            say(format!("{:7.0} s  {step}{}{left}", self.begun.elapsed().as_secs_f64(), message(fit)));
        }
        Ok(())
    }

    /// Seconds until all steps are taken, from the time of those so far. Nobody knows it while the fit looks for where to
    /// begin: steps are others then.
    fn left(&self, step: u64) -> Option<f64> {
        let (begun, first) = self.main?;
        let done = step.checked_sub(first).filter(|&done| done > 0)?;
        Some(begun.elapsed().as_secs_f64() / done as f64 * self.steps.saturating_sub(step) as f64)
    }

    /// Says how the fit ended; `threads` are those of each process.
    pub(super) fn finish(
        self,
        fit: &Fit,
        elapsed: Duration,
        threads: usize,
        processes: usize,
    ) -> Result<(), Failure> {
        if let Some(log) = self.log {
            log.finish(fit)?;
        }
        if !self.shows {
            return Ok(());
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let ending = match fit.stage {
            Stage::Done(Ending::Converged) => "converged",
            Stage::Done(Ending::Patience) => "ended at the best validation loss",
            _ => "ended",
        };
        let (steps, evaluations) = (counted(fit.step, "step"), counted(fit.evaluations, "evaluation"));
        let (seconds, mut threads) = (elapsed.as_secs_f64(), counted(threads as u64, "thread"));
        if processes > 1 {
            threads = format!("{processes} processes of {threads} each");
        }
        say(format!(
            "{ending} after {steps} and {evaluations} of the loss and its gradient in {seconds:.1} s on {threads}"
        ));
        if let Stage::Done(ending) = fit.stage {
            advice(&fit.history, ending).into_iter().for_each(|sentence| say(format!("note: {sentence}")));
        }
        Ok(())
    }
}

/// What is told of a fit on its way, but for the step.
fn message(fit: &Fit) -> String {
    match (fit.stage, fit.history.last()) {
        (Stage::Start(number), _) => {
            let best =
                fit.best_start.as_ref().map_or(String::new(), |(_, loss)| format!(", best loss {loss:.4e}"));
            format!("{number} random initializations tried{best}")
        }
        (_, None) => String::new(),
        (_, Some(point)) => {
            let loss = fit.minimizer.as_ref().map_or(point.loss, |minimizer| minimizer.lbfgs.value);
            format!("loss {loss:.4e}{}", errors(point))
        }
    }
}

fn errors(point: &HistoryPoint) -> String {
    let validation =
        point.validation.map_or(String::new(), |rmse| format!("  validation{}", rmse.describe()));
    format!("  RMSE{}{validation}", point.training.describe())
}

/// A time in the unit that it is told in.
fn brief(seconds: f64) -> String {
    match seconds {
        ..100.0 => format!("{seconds:.0} s"),
        ..6000.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_a_unit_of_their_size() {
        let told = [0.4, 99.0, 100.0, 5999.0, 6000.0, 90000.0].map(brief);
        assert_eq!(told, ["0 s", "99 s", "2 min", "100 min", "1.7 h", "25.0 h"]);
    }
}
