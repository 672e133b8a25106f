//! The course of a fit as MLIP-2 and MLIP-3 print it, line by line: there are programs that search it.

use std::fmt::Write;

use super::Task;
use crate::Failure;
use crate::endpoint::print_on;
use crate::report::mlip::Dialect;
use crate::text::general;
use crate::training::{Ending, Fit, Problem, Stage};

/// Steps over which MLIP judges a decrease.
const WINDOW: u64 = 50;

/// Prints a fit as it goes on.
pub(super) struct MlipLog {
    dialect: Dialect,
    /// What stands before the first step.
    heading: String,
    /// The last step that was printed.
    printed: Option<u64>,
}

impl MlipLog {
    /// Prints what stands before a fit.
    pub(super) fn begin(
        dialect: Dialect,
        task: &Task,
        problem: &Problem<'_>,
        processes: usize,
        fit: &Fit,
    ) -> Result<Self, Failure> {
        let threads = task.settings.threads * processes;
        let started = match dialect {
            Dialect::Mlip2 => "MTPR parallel training started\n".to_owned(),
            Dialect::Mlip3 => format!("MTPR training started on {threads} core(s)\n"),
        };
        let begins = matches!(fit.stage, Stage::Start(_)) && (!problem.is_trained || problem.settings.random);
        let pretrains = begins && !problem.settings.skip_linear;
        if begins && dialect == Dialect::Mlip2 {
            print_on("Random initialization of radial coefficients\n")?;
        }
        if pretrains {
            print_on("Pre-training started\n")?;
        }
        let [steps, tolerance] = match dialect {
            Dialect::Mlip2 => ["BFGS iterations count set to", "BFGS convergence tolerance set to"],
            Dialect::Mlip3 => ["Iteration limit is", "Convergence tolerance is"],
        };
        let mut heading = String::new();
        if pretrains {
            heading += "Pre-training ended\n";
        }
        let weights = &task.sources.weights;
        // Writing to a string cannot fail.
        let _ = writeln!(heading, "{steps} {}", problem.settings.steps);
        let _ = writeln!(heading, "{tolerance} {}", problem.settings.tolerance);
        for (name, weight) in
            [("Energy", weights.energy), ("Force", weights.force), ("Stress", weights.stress)]
        {
            let _ = writeln!(heading, "{name} weight: {weight}");
        }
        heading += &started;
        Ok(Self { dialect, heading, printed: None })
    }

    /// Prints the step that has been made.
    pub(super) fn update(&mut self, fit: &Fit) -> Result<(), Failure> {
        let (Stage::Main | Stage::Done(_), Some(minimizer)) = (fit.stage, &fit.minimizer) else {
            return Ok(());
        };
        if self.printed == Some(fit.step) {
            return Ok(());
        }
        self.printed = Some(fit.step);
        let digits = if self.dialect == Dialect::Mlip2 { 6 } else { 8 };
        let heading = std::mem::take(&mut self.heading);
        print_on(&format!("{heading}BFGS iter {}: f={}\n", fit.step, general(minimizer.lbfgs.value, digits)))
    }

    /// Prints why it ended.
    pub(super) fn finish(self, fit: &Fit) -> Result<(), Failure> {
        let ending = match fit.stage {
            Stage::Done(Ending::Steps) => "step limit reached",
            Stage::Done(Ending::Patience) => "BFGS ended due to the errors of the validation set",
            _ if fit.step < WINDOW => "BFGS ended due to no decr. in an iteration",
            _ => "BFGS ended due to small decr. in 50 iterations",
        };
        print_on(&format!("{}{ending}\nMTPR training ended\n", self.heading))
    }
}
