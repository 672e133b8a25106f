//! What LAMMPS says about a run that was watched by grades: how far it came, the largest grade, why it stopped.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Where LAMMPS says that the atoms have gone astray.
const ASTRAY: [&str; 7] = [
    "Lost atoms",
    "Out of range atoms",
    "Non-numeric",
    "non-finite",
    "is not finite",
    "Neighbor list overflow",
    "Too many neighbors",
];

/// What was found in the output of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Steps of all parts that came to their end.
    pub steps: u64,
    /// Largest grade, if grades were computed.
    pub largest_grade: Option<f64>,
    /// Step and grade at which the run was stopped.
    pub stopped: Option<(u64, f64)>,
    /// The line that tells of atoms gone astray.
    pub astray: Option<String>,
    /// The first line with an error.
    pub error: Option<String>,
}

impl Account {
    /// Reads what LAMMPS wrote to a file; nothing if there is none.
    pub fn of_file(path: &Path) -> Self {
        let mut account = Self::default();
        let Ok(file) = File::open(path) else { return account };
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
            account.take(String::from_utf8_lossy(&line).trim());
            line.clear();
        }
        account
    }

    /// What two files of the same run say together.
    pub fn or(self, other: Self) -> Self {
        Self {
            steps: self.steps.max(other.steps),
            largest_grade: self.largest_grade.or(other.largest_grade),
            stopped: self.stopped.or(other.stopped),
            astray: self.astray.or(other.astray),
            error: self.error.or(other.error),
        }
    }

    fn take(&mut self, line: &str) {
        if let Some(steps) = loop_time(line) {
            self.steps += steps;
        } else if let Some(grade) = number_after(line, "largest extrapolation grade ") {
            self.note(grade);
        } else if line.contains("has reached the break threshold") {
            let step = number_after(line, ", step ").map_or(0, |step| step as u64);
            let grade = number_after(line, "the extrapolation grade ").unwrap_or(f64::MAX);
            self.note(grade);
            self.stopped.get_or_insert((step, grade));
        } else if line.starts_with("ERROR") {
            self.error.get_or_insert_with(|| line.to_owned());
            if ASTRAY.iter().any(|sign| line.contains(sign)) {
                self.astray.get_or_insert_with(|| line.to_owned());
            }
        }
    }

    fn note(&mut self, grade: f64) {
        self.largest_grade = Some(self.largest_grade.map_or(grade, |largest| largest.max(grade)));
    }
}

/// Steps in a line like `Loop time of 1.5 on 2 procs for 100 steps with 64 atoms`.
fn loop_time(line: &str) -> Option<u64> {
    let rest = line.strip_prefix("Loop time of ")?;
    let (_, rest) = rest.split_once(" procs for ")?;
    rest.split_whitespace().next()?.parse().ok()
}

fn number_after(line: &str, words: &str) -> Option<f64> {
    let (_, rest) = line.split_once(words)?;
    let word = rest.split([' ', ',', ':']).next()?;
    word.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(text: &str) -> Account {
        let mut account = Account::default();
        text.lines().for_each(|line| account.take(line.trim()));
        account
    }

    #[test]
    fn a_run_that_lasted_has_its_steps_and_its_largest_grade() {
        let found = account(
            "Loop time of 0.5 on 1 procs for 100 steps with 64 atoms
             pair style mtp/rs: largest extrapolation grade 1.25 at step 12, 0 frames saved in saved.cfg
             Loop time of 0.5 on 1 procs for 400 steps with 64 atoms
             pair style mtp/rs: largest extrapolation grade 2.5e+00 at step 300, 1 frames saved in saved.cfg",
        );
        assert_eq!((found.steps, found.largest_grade, found.stopped), (500, Some(2.5), None));
    }

    #[test]
    fn a_stop_is_told_from_other_errors() {
        let found = account(
            "ERROR: pair style mtp/rs, step 37: the extrapolation grade 11.25 has reached the break threshold 10; \
             the frame is in saved.cfg",
        );
        assert_eq!((found.stopped, found.largest_grade), (Some((37, 11.25)), Some(11.25)));
        assert_eq!(found.error, None);
        let lost = account("ERROR: Lost atoms: original 64 current 61 (src/thermo.cpp:494)");
        assert!(lost.astray.is_some() && lost.stopped.is_none());
        let wrong = account("ERROR: Unknown command: rnu 100 (src/input.cpp:314)\nERROR: Lost atoms");
        assert!(wrong.error.unwrap().contains("Unknown command"));
    }
}
