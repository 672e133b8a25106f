//! The checks that a run has to pass before a diffusivity is stated, each with its figures in words.

use serde::Serialize;

use super::blocks::{Blocks, Estimate, LEAST_WINDOWS, stationarity};
use super::escapes::Escapes;
use super::host::HostMotion;
use super::limits::ENOUGH_ESCAPES;
use super::mixing::Mixing;
use super::plateau::Plateau;

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What is looked at, in a word.
    pub name: &'static str,
    /// Whether the run passed it.
    pub passed: bool,
    /// What was found, in words and figures.
    pub finding: String,
}

/// Share of the ions that have to be displaced by more than 2 Å over half of the run.
const DISPLACED: f64 = 0.1;
/// Probability at which a difference between halves is taken for one.
const HALVES: f64 = 0.01;
/// Probability at which escapes are taken for bunched, and what it becomes times their number where they are few: a test
/// of few escapes finds little, so it has to find less.
const BUNCHED: [f64; 2] = [0.02, 6.0];
/// Standard deviations at which an exponent differs from one: below it, as motion that slows down, and above.
const EXPONENT: [f64; 2] = [2.3, 3.0];
/// What an exponent may be off by itself: over two decades of lag it changes D by a twentieth.
const EXPONENT_FLOOR: f64 = 0.01;
/// The largest standard deviation of the exponent that says anything.
const EXPONENT_ERROR: f64 = 0.15;
/// Standard deviations that a diffusivity has to be above zero.
const ABOVE_ZERO: f64 = 3.0;
/// The same with less than 20 escapes.
const ABOVE_ZERO_OF_FEW: f64 = 7.0;

/// Ions have left their cages.
pub(super) fn escaped(escapes: &Escapes, distance: f64) -> Check {
    let percent = 100.0 * escapes.displaced;
    let finding = format!(
        "{percent:.1} % of the ions are displaced by more than {distance} Å over half of the run (10 % needed); {} \
         escapes, {} of them not reversed",
        escapes.hops_total(),
        escapes.net_total()
    );
    Check { name: "escapes", passed: escapes.displaced >= DISPLACED, finding }
}

/// The plateau is long enough for independent blocks; `length` is that of the run, ps.
pub(super) fn windows(windows: usize, length: f64) -> Check {
    let lag = length / windows.max(1) as f64;
    let finding = if windows == 0 {
        "the motion has no diffusive regime: its spectrum has no plateau".to_owned()
    } else {
        format!(
            "the spectrum is flat from {lag:.3} ps on: {windows} independent windows ({LEAST_WINDOWS} needed)"
        )
    };
    Check { name: "windows", passed: windows >= LEAST_WINDOWS, finding }
}

/// Towards long lags MSD grows in proportion to them.
pub(super) fn exponent(plateau: &Plateau) -> Check {
    let (exponent, error) = (plateau.exponent, plateau.exponent_std_dev);
    let off = (exponent - 1.0) / error.hypot(EXPONENT_FLOOR);
    let passed = off > -EXPONENT[0] && off < EXPONENT[1] && error < EXPONENT_ERROR;
    Check {
        name: "exponent",
        passed,
        finding: format!("MSD grows with lag to the power {exponent:.3} ± {error:.3}"),
    }
}

/// Both halves of the run have the same D.
pub(super) fn stationary(blocks: &Blocks) -> Check {
    let values: Vec<f64> = blocks.single.iter().map(|parts| parts.iter().sum::<f64>() / 3.0).collect();
    let half = values.len() / 2;
    let ratio = values[values.len() - half..].iter().sum::<f64>() / values[..half].iter().sum::<f64>();
    let probability = stationarity(&values);
    let finding = format!("D of the second half is {ratio:.2} of the first (chance {probability:.3})");
    Check { name: "stationarity", passed: probability > HALVES, finding }
}

/// Escapes come at random over ions and times.
pub(super) fn mixed(mixing: &Mixing, escapes: u64) -> Check {
    let Mixing { in_quarters, in_all, probability } = mixing;
    let least = (BUNCHED[1] / escapes.max(1) as f64).clamp(BUNCHED[0], 10.0 * BUNCHED[0]);
    let finding = format!(
        "the number of escapes per ion varies {in_quarters:.2} times as much in quarters of the run, and {in_all:.2} \
         times as much in the whole run, as for random escapes (chance {probability:.3}, {least:.2} needed)"
    );
    Check { name: "mixing", passed: *probability > least, finding }
}

/// D is above its error, and rests on enough escapes, unless it is known so well that the ions do not jump.
pub(super) fn above_zero(estimate: Option<&Estimate>, escapes: u64) -> Check {
    let Some(estimate) = estimate else {
        return Check { name: "precision", passed: false, finding: "D is not above zero".to_owned() };
    };
    let errors = estimate.value / estimate.std_dev;
    let least = if escapes < ENOUGH_ESCAPES { ABOVE_ZERO_OF_FEW } else { ABOVE_ZERO };
    let finding = format!("D is {errors:.1} errors above zero ({least} needed with {escapes} escapes)");
    Check { name: "precision", passed: errors > least, finding }
}

/// The ions move in the host and not with it.
pub(super) fn host(motion: &HostMotion) -> Check {
    let finding = format!(
        "the MSD of the host is {:.2} Å² over half of the run and grows by {:.2} of that of the ions",
        motion.msd, motion.share
    );
    Check { name: "host", passed: !motion.carries, finding }
}
