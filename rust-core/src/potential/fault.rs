//! What a check of the potential found wrong, and in which key and entry of the file.
//!
//! Constructors turn it into an [`Error`]; the reader of `.mtp` files adds the line and column first.

use crate::error::{Error, ErrorKind};

/// A failed check, in the words of the `.mtp` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Key of the file whose value is at fault.
    pub(crate) key: &'static str,
    /// Entry of its list, from zero, if one entry is at fault.
    pub(crate) entry: Option<usize>,
    /// The message of the error.
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(key: &'static str, message: String) -> Self {
        Self { key, entry: None, message }
    }

    pub(crate) fn in_entry(key: &'static str, entry: usize, message: String) -> Self {
        Self { key, entry: Some(entry), message }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::new(ErrorKind::InvalidPotential, fault.message)
    }
}
