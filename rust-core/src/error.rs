//! The one error type of the library: what kind of trouble, where, and what the user can do about it.
//!
//! Messages are lower case without a final stop and say what was got and what was expected. A [`Place`] names the
//! file, the line and the column, both counted from one; the hint, if any, is printed on a line of its own.

use std::fmt;

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of trouble an [`Error`] reports; callers choose exit codes by it. The numbers are the status
/// codes of `mtprs.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file or stream could not be opened, read or written.
    Io = 2,
    /// Text does not follow the grammar of its format.
    Syntax = 3,
    /// The file is well formed but asks for something that mtprs does not do.
    Unsupported = 4,
    /// Numbers of a potential contradict each other or the model.
    InvalidPotential = 5,
    /// Numbers of a configuration contradict each other or cannot be evaluated.
    InvalidConfiguration = 6,
    /// A selection state is singular or damaged, or belongs to another potential.
    InvalidState = 10,
    /// An element or species index does not exist in the potential.
    Species = 7,
    /// The evaluation gave a result that is not finite.
    NotFinite = 8,
    /// A caller passed an argument outside its documented range.
    Argument = 1,
    /// A defect of mtprs itself.
    Bug = 9,
}

/// A position in a file: lines and columns count from one, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Name of the file as the user gave it.
    pub file: String,
    /// Line, from one; zero when the whole file is meant.
    pub line: usize,
    /// Column, from one; zero when the whole line is meant.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Report {
    kind: ErrorKind,
    message: String,
    place: Option<Place>,
    hint: Option<String>,
    atom: Option<usize>,
}

/// An error with its kind, message, place and hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Report>);

impl Error {
    /// A new error without place or hint.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Report { kind, message: message.into(), place: None, hint: None, atom: None }))
    }

    /// An error of [`ErrorKind::Io`] for `file`: "cannot `action`: reason".
    pub fn io(action: &str, file: &str, source: &std::io::Error) -> Self {
        Self::new(ErrorKind::Io, format!("cannot {action}: {source}")).in_file(file)
    }

    /// The error for an extrapolation grade that is not finite. Such a grade is never compared with a threshold: it is not above
    /// one, nor below.
    pub fn not_finite_grade(of: &str) -> Self {
        let message = format!("the extrapolation grade of {of} is not finite");
        let hint = "atoms are much too close, or the active set does not fit the potential";
        Self::new(ErrorKind::NotFinite, message).hint(hint)
    }

    /// The same error at a line and column of a file.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    /// The same error in a file as a whole.
    #[must_use]
    pub fn in_file(self, file: &str) -> Self {
        self.at(Place { file: file.to_owned(), line: 0, column: 0 })
    }

    /// The same error with `context` and a colon before its message.
    #[must_use]
    pub fn within(mut self, context: &str) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// The same error with a line of advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same error in other words: those of its message and its advice.
    #[must_use]
    pub fn reworded(mut self, words: impl Fn(&str) -> String) -> Self {
        self.0.message = words(&self.0.message);
        self.0.hint = self.0.hint.as_deref().map(words);
        self
    }

    /// The same error about one atom (index from zero in the caller's arrays).
    #[must_use]
    pub fn about_atom(mut self, atom: usize) -> Self {
        self.0.atom = Some(atom);
        self
    }

    /// What kind of trouble this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message without place and hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where the trouble is, if it is in a file.
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// The line of advice, if there is one.
    pub fn advice(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The atom that the error is about, if it is about one.
    pub fn atom(&self) -> Option<usize> {
        self.0.atom
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.0.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(hint) = &self.0.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_puts_the_place_first_and_the_hint_last() {
        let place = Place { file: "pot.mtp".into(), line: 14, column: 23 };
        let error = Error::new(ErrorKind::Syntax, "expected 8 numbers, got 7").at(place).hint("count them");
        assert_eq!(error.to_string(), "pot.mtp:14:23: expected 8 numbers, got 7\n  hint: count them");
        let error = Error::new(ErrorKind::Io, "cannot read").in_file("a.cfg").within("configuration 2");
        assert_eq!(error.to_string(), "a.cfg: configuration 2: cannot read");
    }
}
