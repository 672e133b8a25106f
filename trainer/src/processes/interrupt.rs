//! Ctrl-C and the queue's request to stop: noticed between two configurations, so that temporary files are removed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mtprs_core::Error;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::group::{Group, gather};
use crate::Failure;

/// Remembers which signal asked the program to stop, if one did.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// From now on the first SIGINT or SIGTERM is remembered; a second one ends the program at once, unless it is one of
    /// several processes: those may get each signal twice, from the queue and through mpiexec.
    pub fn install(group: &dyn Group) -> io::Result<Self> {
        let interrupt = Self::default();
        for signal in [SIGINT, SIGTERM] {
            if group.size() == 1 {
                let seen = Arc::new(AtomicBool::new(false));
                // The order matters: the shutdown looks at the flag before this delivery sets it.
                flag::register_conditional_default(signal, Arc::clone(&seen))?;
                flag::register(signal, seen)?;
            }
            flag::register_usize(signal, Arc::clone(&interrupt.0), signal.unsigned_abs() as usize)?;
        }
        Ok(interrupt)
    }

    /// The signal that has arrived at any process of a group, the same in all of them.
    pub fn of_any(&self, group: &dyn Group) -> Result<Option<i32>, Error> {
        let signals = gather(group, self.0.load(Ordering::Relaxed) as f64)?;
        let signal = signals.into_iter().fold(0.0, f64::max) as i32;
        Ok((signal > 0).then_some(signal))
    }

    /// Fails once a signal has arrived.
    pub fn check(&self) -> Result<(), Failure> {
        match self.0.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => Err(Failure::Interrupted(i32::try_from(signal).unwrap_or(SIGTERM))),
        }
    }
}
