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
    /// Whether the numbers contradict nothing but are larger than mtprs takes.
    too_large: bool,
}

impl Fault {
    pub(crate) fn new(key: &'static str, message: String) -> Self {
        Self { key, entry: None, message, too_large: false }
    }

    pub(crate) fn in_entry(key: &'static str, entry: usize, message: String) -> Self {
        Self { key, entry: Some(entry), message, too_large: false }
    }

    /// The same for a number beyond a limit of mtprs.
    pub(crate) fn beyond_limit(self) -> Self {
        Self { too_large: true, ..self }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let kind = if fault.too_large { ErrorKind::Unsupported } else { ErrorKind::InvalidPotential };
        Self::new(kind, fault.message)
    }
}
