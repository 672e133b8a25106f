//! What was selected, in words and figures.

use serde::Serialize;

use super::{Chosen, Pick, Reason, SetAside};
use crate::text::{Table, counted, general, significant};

/// Selected configurations that the table shows at most.
const MOST_LINES: usize = 20;
/// Atoms that a reason names at most.
const MOST_ATOMS: usize = 8;

/// A selection in figures.
#[derive(Debug, Serialize)]
pub struct Report {
    mode: &'static str,
    threshold: f64,
    candidates: u64,
    above_threshold_before: u64,
    above_threshold_after: u64,
    largest_grade_before: f64,
    largest_grade_after: f64,
    log10_determinant_before: f64,
    log10_determinant_after: f64,
    /// Largest grade of a candidate by a state built anew from the training set and the selected ones.
    largest_grade_built_anew: Option<f64>,
    /// How many there would be without a limit.
    wanted: usize,
    passes: usize,
    selected: Vec<Selected>,
    set_aside: Vec<Unfit>,
}

/// One selected configuration.
#[derive(Clone, Debug, Serialize)]
pub struct Selected {
    /// Place in the order, from one.
    pub order: usize,
    /// File and configuration.
    #[serde(flatten)]
    pub place: Place,
    /// Grade by the set before the selection.
    pub start_grade: f64,
    /// Grade by the set with those before it.
    pub grade: f64,
    /// What it adds to log10 |det A|.
    pub log10_gain: f64,
    /// Atoms that joined the active set, from one; empty in configuration mode.
    pub atoms: Vec<usize>,
    /// Why it was selected.
    pub reason: String,
}

/// A configuration of a file.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Configuration in it, from one.
    pub configuration: u64,
}

/// A candidate that cannot be selected.
#[derive(Clone, Debug, Serialize)]
struct Unfit {
    #[serde(flatten)]
    place: Place,
    reason: String,
}

impl Selected {
    /// The figures of the configuration that comes after `before` others.
    pub fn new(pick: &Pick, before: usize, file: &str) -> Self {
        let place = Place { file: file.to_owned(), configuration: pick.number };
        let Pick { start_grade, grade, log10_gain, .. } = *pick;
        let atoms: Vec<usize> = pick.atoms.iter().map(|atom| atom + 1).collect();
        let order = before + 1;
        let reason = why(pick, before);
        Self { order, place, start_grade, grade, log10_gain, atoms, reason }
    }
}

/// The reason in words; `before` others were selected before.
fn why(pick: &Pick, before: usize) -> String {
    let grade = general(pick.grade, 5);
    let by = match (pick.reason, before) {
        (Reason::Grade, 0) => String::new(),
        (Reason::Grade, count) => format!(" given the {count} before"),
        (Reason::Volume, count) => {
            format!(" given the {count} before, but part of the set of largest volume")
        }
        (Reason::BuiltAnew, count) => format!(" with a selection state rebuilt from the {count} before"),
    };
    let atoms = match pick.atoms.len() {
        0 => String::new(),
        count => {
            let named: Vec<String> =
                pick.atoms.iter().take(MOST_ATOMS).map(|atom| (atom + 1).to_string()).collect();
            let more = if count > MOST_ATOMS { ", ..." } else { "" };
            let noun = if count == 1 { "atom" } else { "atoms" };
            format!(" by {noun} {}{more}", named.join(", "))
        }
    };
    format!("grade {grade}{by}{atoms}")
}

impl Report {
    /// The figures of a selection; `files` are the names of the files of candidates.
    pub fn new(
        selection: &Chosen,
        selected: Vec<Selected>,
        files: &[String],
        mode: &'static str,
        threshold: f64,
    ) -> Self {
        let set_aside = selection.set_aside.iter().map(|SetAside { file, number, reason }| {
            let file = files.get(*file).cloned().unwrap_or_default();
            Unfit { place: Place { file, configuration: *number }, reason: reason.clone() }
        });
        let [above_threshold_before, above_threshold_after] = selection.above;
        let [largest_grade_before, largest_grade_after] = selection.largest_grade;
        let [log10_determinant_before, log10_determinant_after] = selection.log10_determinant;
        Self {
            mode,
            threshold,
            candidates: selection.candidates,
            above_threshold_before,
            above_threshold_after,
            largest_grade_before,
            largest_grade_after,
            log10_determinant_before,
            log10_determinant_after,
            largest_grade_built_anew: selection.built_anew.map(|built| built.largest_grade),
            wanted: selection.wanted,
            passes: selection.passes,
            selected,
            set_aside: set_aside.collect(),
        }
    }

    /// The summary with a table of the first that were selected.
    pub fn render(&self) -> String {
        let threshold = general(self.threshold, 6);
        let grade = |value: f64| general(value, 6);
        let mut facts = Table::new(&["mode", self.mode]);
        let mut fact = |label: &str, value: String| facts.row(vec![label.into(), value]);
        fact("candidates", self.candidates.to_string());
        if let Some(Unfit { place: Place { file, configuration }, reason }) = self.set_aside.first() {
            let count = self.set_aside.len();
            fact("discarded", format!("{count}, the first {file}:{configuration}: {reason}"));
        }
        let (before, after) = (self.above_threshold_before, self.above_threshold_after);
        fact(&format!("above {threshold}"), format!("{before} before, {after} after the selection"));
        let (before, after) = (grade(self.largest_grade_before), grade(self.largest_grade_after));
        let built_anew = self
            .largest_grade_built_anew
            .map(|largest| format!(", {} with the selection state rebuilt", grade(largest)))
            .unwrap_or_default();
        fact("largest grade", format!("{before} before, {after} after{built_anew}"));
        let (before, after) = (self.log10_determinant_before, self.log10_determinant_after);
        fact("log10 |det|", format!("{} before, {} after", general(before, 8), general(after, 8)));
        let limited = if self.wanted > self.selected.len() {
            format!(" of {} wanted", self.wanted)
        } else {
            String::new()
        };
        fact("selected", format!("{}{limited}", counted(self.selected.len() as u64, "configuration")));
        let mut text = facts.render();
        if !self.selected.is_empty() {
            text.push('\n');
            text.push_str(&self.table());
        }
        text
    }

    fn table(&self) -> String {
        let headings = [">order", "source", ">grade before", ">grade", ">gain, log10 |det|", "reason"];
        let mut table = Table::new(&headings);
        for selected in self.selected.iter().take(MOST_LINES) {
            table.row(vec![
                selected.order.to_string(),
                format!("{}:{}", selected.place.file, selected.place.configuration),
                significant(Some(selected.start_grade), 5),
                significant(Some(selected.grade), 5),
                significant(Some(selected.log10_gain), 4),
                selected.reason.clone(),
            ]);
        }
        let mut text = table.render();
        if self.selected.len() > MOST_LINES {
            text.push_str(&format!("  ... and {} more\n", self.selected.len() - MOST_LINES));
        }
        text
    }
}
