//! What a reader left out of a file and what else its user should know, in sentences.

use mtprs_core::{Error, ErrorKind, Place, Result};

use super::ReadSettings;

/// Steps of one kind that a sentence names one by one.
const NAMED: usize = 5;

/// Kinds that have a sentence of their own.
const KINDS: usize = 10;

/// Why a step whose electrons have not converged is left out.
pub(super) const UNCONVERGED: &str = "the electrons did not converge\n  hint: --keep-unconverged keeps them";

/// A step of a file that became no structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its number among the steps of the file, from one.
    pub step: u64,
    /// Line on which it begins.
    pub line: usize,
    /// Why, in words; a hint may follow on a line of its own.
    pub reason: String,
}

/// What a reader had to leave out, and what else its user should know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Steps that were left out, in their order.
    pub left_out: Vec<LeftOut>,
    /// Steps that were kept although their electrons have not converged.
    pub unconverged_kept: u64,
    /// Sentences about the file.
    pub notes: Vec<String>,
}

impl Remarks {
    /// Adds a sentence unless it is there already.
    pub(super) fn note(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if !self.notes.contains(&sentence) {
            self.notes.push(sentence);
        }
    }

    /// All of it in sentences that begin with the name of the file; steps with the same reason share one.
    pub fn sentences(&self, file: &str) -> Vec<String> {
        let mut kinds: Vec<(&str, Vec<&LeftOut>)> = Vec::new();
        for step in &self.left_out {
            match kinds.iter_mut().find(|(reason, _)| *reason == step.reason) {
                Some((_, steps)) => steps.push(step),
                None => kinds.push((&step.reason, vec![step])),
            }
        }
        let told = kinds.iter().take(KINDS);
        let mut sentences: Vec<String> =
            told.map(|(reason, steps)| format!("{file}: {}: {reason}", listed(steps))).collect();
        let others: usize = kinds.iter().skip(KINDS).map(|(_, steps)| steps.len()).sum();
        if others > 0 {
            sentences.push(format!(
                "{file}: {others} more steps left out for other reasons\n  hint: --strict ends at the first step that would be left out"
            ));
        }
        if self.unconverged_kept > 0 {
            let steps = if self.unconverged_kept == 1 { "step" } else { "steps" };
            sentences.push(format!("{file}: {} {steps} not converged, kept", self.unconverged_kept));
        }
        sentences.extend(self.notes.iter().map(|note| format!("{file}: {note}")));
        sentences
    }
}

/// The steps of a file that is read: how it is read, how many there were, what is to be said of them.
pub(super) struct Steps {
    pub(super) file: String,
    pub(super) settings: ReadSettings,
    /// Steps so far, those that were left out among them.
    pub(super) count: u64,
    pub(super) remarks: Remarks,
}

impl Steps {
    pub(super) fn new(file: &str, settings: &ReadSettings) -> Self {
        Self { file: file.to_owned(), settings: settings.clone(), count: 0, remarks: Remarks::default() }
    }

    /// The last step, unless it is left out for a reason that stands on a line.
    pub(super) fn kept<T>(&mut self, step: std::result::Result<T, (String, usize)>) -> Result<Option<T>> {
        match step {
            Ok(step) => Ok(Some(step)),
            Err((reason, line)) => self.leave_out(line, reason).map(|()| None),
        }
    }

    /// Leaves the last step out; an error instead where the settings are strict.
    pub(super) fn leave_out(&mut self, line: usize, reason: impl Into<String>) -> Result<()> {
        let (step, reason) = (self.count, reason.into());
        if self.settings.strict {
            let (reason, hint) = match reason.split_once("\n  hint: ") {
                Some((reason, hint)) => (reason, Some(hint)),
                None => (reason.as_str(), None),
            };
            let error = Error::new(ErrorKind::Syntax, format!("step {step} would be left out: {reason}"));
            let error = hint.into_iter().fold(error, Error::hint);
            return Err(error.at(Place { file: self.file.clone(), line, column: 0 }));
        }
        self.remarks.left_out.push(LeftOut { step, line, reason });
        Ok(())
    }
}

/// Which steps are left out: some of them by number and line, the rest by their count.
fn listed(steps: &[&LeftOut]) -> String {
    // What another program has read for us has no lines.
    let place = |LeftOut { step, line, .. }: &LeftOut| match line {
        0 => step.to_string(),
        line => format!("{step} on line {line}"),
    };
    if let [step] = steps {
        return match step.line {
            0 => format!("step {} left out", step.step),
            line => format!("step {} left out (line {line})", step.step),
        };
    }
    let named = steps.iter().take(NAMED).map(|step| place(step));
    let rest = steps.len().saturating_sub(NAMED);
    let rest = (rest > 0).then(|| format!("and {rest} more"));
    let named: Vec<String> = named.chain(rest).collect();
    format!("{} steps left out (step {})", steps.len(), named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_with_the_same_reason_share_a_sentence_that_names_five() {
        let mut steps = Steps::new("OUTCAR", &ReadSettings::default());
        for step in 1..=8 {
            steps.count += 1;
            steps.leave_out(10 * step, if step < 8 { UNCONVERGED } else { "stars" }).unwrap();
        }
        let mut remarks = Remarks { unconverged_kept: 1, ..steps.remarks };
        remarks.note("a note");
        remarks.note("a note");
        let expected = [
            "OUTCAR: 7 steps left out (step 1 on line 10, 2 on line 20, 3 on line 30, 4 on line 40, 5 on line 50, and 2 more): \
             the electrons did not converge\n  hint: --keep-unconverged keeps them",
            "OUTCAR: step 8 left out (line 80): stars",
            "OUTCAR: 1 step not converged, kept",
            "OUTCAR: a note",
        ];
        assert_eq!(remarks.sentences("OUTCAR"), expected);
    }

    #[test]
    fn strict_reading_makes_an_error_of_what_would_be_left_out() {
        let settings = ReadSettings { strict: true, ..ReadSettings::default() };
        let mut steps = Steps { count: 3, ..Steps::new("OUTCAR", &settings) };
        let error = steps.leave_out(30, UNCONVERGED).unwrap_err();
        assert_eq!(
            error.to_string(),
            "OUTCAR:30: step 3 would be left out: the electrons did not converge\n  hint: --keep-unconverged keeps them"
        );
        assert_eq!(steps.remarks, Remarks::default());
    }
}
