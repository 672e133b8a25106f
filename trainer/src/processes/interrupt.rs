//! Ctrl-C and the queue's request to stop: noticed between two configurations, so that temporary files are removed.

use std::cell::RefCell;
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

thread_local! {
    /// What stands for signals inside another program, which has handlers of its own.
    static OF_HOST: RefCell<Option<Interrupt>> = const { RefCell::new(None) };
}

impl Interrupt {
    /// Does something on this thread that is asked to stop by [`ask`](Self::ask) instead of by signals.
    pub fn in_place_of_signals<T>(&self, work: impl FnOnce() -> T) -> T {
        let before = OF_HOST.replace(Some(self.clone()));
        let outcome = work();
        OF_HOST.set(before);
        outcome
    }

    /// What asks the work of this thread to stop, inside another program; nothing does elsewhere.
    pub fn for_work() -> Self {
        OF_HOST.with_borrow(Clone::clone).unwrap_or_default()
    }

    /// From now on the first SIGINT or SIGTERM is remembered; a second one ends the program at once, unless it is one of
    /// several processes: those may get each signal twice, from the queue and through mpiexec.
    pub fn install(group: &dyn Group) -> io::Result<Self> {
        if let Some(interrupt) = OF_HOST.with_borrow(Clone::clone) {
            return Ok(interrupt);
        }
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

    /// Asks the program to stop, as this signal would.
    pub fn ask(&self, signal: i32) {
        self.0.store(signal.unsigned_abs() as usize, Ordering::Relaxed);
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
