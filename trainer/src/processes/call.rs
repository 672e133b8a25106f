//! The command line that is carried out, and since when: what a report says of its origin.

use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

static CALL: Mutex<Option<Call>> = Mutex::new(None);

/// A command line that is carried out.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its words, the program's name first.
    pub words: Vec<OsString>,
    /// When it began.
    pub begun: SystemTime,
    /// The same on a clock that nobody sets.
    pub at: Instant,
}

/// Notes that a command line is carried out from now on.
pub fn begin(words: &[OsString]) {
    let call = Call { words: words.to_vec(), begun: SystemTime::now(), at: Instant::now() };
    *CALL.lock().unwrap_or_else(PoisonError::into_inner) = Some(call);
}

/// The command line of this process; another program that uses this library has none.
pub fn current() -> Option<Call> {
    CALL.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
