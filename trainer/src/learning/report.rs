//! What a loop has done, cycle by cycle: runs, frames, labels, errors, and the grades that were met.

use serde::Serialize;

use super::journal::{self, Event, RunRecord};
use crate::figures::RmseFigures;
use crate::text::{Table, counted, general, significant};

/// Everything that is told of a loop.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LearnReport {
    /// Configurations that the loop began with.
    pub begun_with: u64,
    /// The cycles in their order.
    pub cycles: Vec<CycleRow>,
    /// The cycle in which the loop reached its aim.
    pub converged: Option<u64>,
    /// Frames that were set aside.
    pub rejected: Vec<RejectedRow>,
}

/// A cycle.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CycleRow {
    /// Its number, from one.
    pub cycle: u64,
    /// Configurations of the training set.
    pub configurations: Option<u64>,
    /// Errors on the training set.
    pub training: Option<RmseFigures>,
    /// Errors on the validation set.
    pub validation: Option<RmseFigures>,
    /// The runs that have ended.
    pub runs: Vec<RunRecord>,
    /// Frames that were saved, selected and labeled.
    pub frames: Option<Frames>,
    /// Whether the next cycle may begin.
    pub is_closed: bool,
}

/// Frames of a cycle.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Frames {
    /// Saved by all runs.
    pub saved: u64,
    /// Selected for labels.
    pub selected: u64,
    /// With a label.
    pub labeled: u64,
    /// Set aside.
    pub rejected: u64,
}

/// A frame without a label.
#[derive(Clone, Debug, Serialize)]
pub struct RejectedRow {
    /// Its cycle.
    pub cycle: u64,
    /// Its number in `selected.cfg` of the cycle.
    pub frame: u64,
    /// Why.
    pub reason: String,
}

impl LearnReport {
    /// Puts together what a journal tells.
    pub fn new(events: &[Event]) -> Self {
        let mut report = Self::default();
        for event in events {
            report.take(event);
        }
        let row = |(cycle, frame, reason)| RejectedRow { cycle, frame, reason };
        report.rejected = journal::rejected(events).into_iter().map(row).collect();
        report
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Begun { configurations, .. } => self.begun_with = *configurations,
            Event::Trained { cycle, configurations, training, validation, .. } => {
                let row = self.row(*cycle);
                row.configurations = Some(*configurations);
                row.training = Some(*training);
                row.validation = *validation;
            }
            Event::Run(run) => {
                self.converged = None;
                let runs = &mut self.row(run.cycle).runs;
                runs.retain(|other| other.run != run.run);
                runs.push(run.clone());
            }
            Event::Selected { cycle, saved, selected, .. } => {
                let frames = Frames { saved: *saved, selected: *selected, ..Frames::default() };
                self.row(*cycle).frames = Some(frames);
            }
            Event::Labeled { cycle, .. } => self.frames(*cycle).labeled += 1,
            Event::Rejected { cycle, .. } => self.frames(*cycle).rejected += 1,
            Event::Retried { cycle } => self.frames(*cycle).rejected = 0,
            Event::Closed { cycle } => self.row(*cycle).is_closed = true,
            Event::Converged { cycle } => self.converged = Some(*cycle),
            Event::State { .. } | Event::Failed { .. } => {}
        }
    }

    fn row(&mut self, cycle: u64) -> &mut CycleRow {
        let index = self.cycles.iter().position(|row| row.cycle == cycle).unwrap_or_else(|| {
            self.cycles.push(CycleRow { cycle, ..CycleRow::default() });
            self.cycles.len() - 1
        });
        &mut self.cycles[index]
    }

    fn frames(&mut self, cycle: u64) -> &mut Frames {
        self.row(cycle).frames.get_or_insert_default()
    }

    /// Names of all runs in the order in which they first appear, sorted.
    pub fn run_names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.cycles.iter().flat_map(|row| row.runs.iter().map(|run| run.run.clone())).collect();
        names.sort();
        names.dedup();
        names
    }

    /// What the loop is doing, in a sentence.
    pub fn standing(&self) -> String {
        if let Some(cycle) = self.converged {
            return format!("all runs lasted in cycle {cycle}");
        }
        let Some(row) = self.cycles.last() else { return "nothing is done yet".into() };
        let what = match (&row.frames, row.configurations) {
            _ if row.is_closed => "is over".to_owned(),
            (Some(frames), _) => {
                let open = frames.selected.saturating_sub(frames.labeled + frames.rejected);
                format!("has {} without a label", counted(open, "frame"))
            }
            (None, Some(_)) => format!("has {}", counted(row.runs.len() as u64, "run") + " behind it"),
            (None, None) => "has begun".to_owned(),
        };
        format!("cycle {} {what}", row.cycle)
    }

    /// The report as text.
    pub fn render(&self) -> String {
        let mut text = format!(
            "Begun with {}; {}\n\n{}",
            counted(self.begun_with, "configuration"),
            self.standing(),
            self.cycles_table()
        );
        text.push_str(
            "\nRMS errors: E energy, meV/atom; F force component, eV/Å; W virial component, meV/atom.\n",
        );
        let runs = self.runs_table();
        if !runs.is_empty() {
            text.push_str(&format!("\nRuns\n\n{runs}"));
        }
        if !self.rejected.is_empty() {
            let mut table = Table::new(&REJECTED_COLUMNS);
            self.rejected.iter().for_each(|row| table.row(row.cells()));
            text.push_str(&format!("\nFrames set aside (rejected.cfg)\n\n{}", table.render()));
        }
        text
    }

    fn cycles_table(&self) -> String {
        let mut table = Table::new(&CYCLE_COLUMNS);
        for row in &self.cycles {
            table.row(row.cells(|figure| significant(figure, 4), grade, "-"));
        }
        table.render()
    }

    fn runs_table(&self) -> String {
        let mut table = Table::new(&RUN_COLUMNS);
        let runs: Vec<&RunRecord> = self.cycles.iter().flat_map(|row| &row.runs).collect();
        if runs.is_empty() {
            return String::new();
        }
        runs.into_iter().for_each(|run| table.row(run_cells(run, grade)));
        table.render()
    }
}

/// Columns of the tables, those that are aligned to the right with a `>`.
pub const CYCLE_COLUMNS: [&str; 14] = [
    ">cycle",
    ">configurations",
    ">training: E",
    ">F",
    ">W",
    ">validation: E",
    ">F",
    ">W",
    ">runs unbroken",
    ">largest grade",
    ">saved",
    ">selected",
    ">labeled",
    ">set aside",
];
/// The same of the runs.
pub const RUN_COLUMNS: [&str; 7] = [">cycle", "run", ">time, ps", ">largest grade", ">frames", ">s", "end"];
/// The same of the frames that were set aside.
pub const REJECTED_COLUMNS: [&str; 3] = [">cycle", ">frame", "reason"];

/// The cells of a run; `grade` writes its grade.
pub fn run_cells(run: &RunRecord, grade: impl Fn(Option<f64>) -> String) -> Vec<String> {
    vec![
        run.cycle.to_string(),
        run.run.clone(),
        general(run.time, 5),
        grade(run.largest_grade),
        run.frames.to_string(),
        format!("{:.1}", run.seconds),
        run.reason.clone().unwrap_or_else(|| "lasted".into()),
    ]
}

impl RejectedRow {
    /// Its cells.
    pub fn cells(&self) -> Vec<String> {
        vec![self.cycle.to_string(), self.frame.to_string(), self.reason.clone()]
    }
}

impl CycleRow {
    /// Unbroken runs among those that have ended.
    pub fn unbroken(&self) -> String {
        let unbroken = self.runs.iter().filter(|run| run.unbroken).count();
        format!("{unbroken} of {}", self.runs.len())
    }

    /// Its cells: `error` writes errors, `grade` the grade, and `none` stands for counts that are not known.
    pub fn cells(
        &self,
        error: impl Fn(Option<f64>) -> String,
        grade: impl Fn(Option<f64>) -> String,
        none: &str,
    ) -> Vec<String> {
        let count = |count: Option<u64>| count.map_or(none.to_owned(), |count| count.to_string());
        let mut cells = vec![self.cycle.to_string(), count(self.configurations)];
        for figures in [self.training, self.validation] {
            cells.extend(figures.unwrap_or_default().in_report_units().map(&error));
        }
        cells.push(self.unbroken());
        cells.push(grade(self.largest_grade()));
        let frames = |of: fn(&Frames) -> u64| count(self.frames.as_ref().map(of));
        cells.push(frames(|frames| frames.saved));
        cells.push(frames(|frames| frames.selected));
        cells.push(frames(|frames| frames.labeled));
        cells.push(frames(|frames| frames.rejected));
        cells
    }

    /// Largest grade of all runs.
    pub fn largest_grade(&self) -> Option<f64> {
        self.runs.iter().filter_map(|run| run.largest_grade).reduce(f64::max)
    }
}

/// A grade with four digits.
fn grade(value: Option<f64>) -> String {
    value.map_or("-".into(), |value| general(value, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(cycle: u64, unbroken: bool, grade: f64) -> Event {
        Event::Run(RunRecord {
            cycle,
            run: "hot".into(),
            unbroken,
            reason: (!unbroken).then(|| "grade 12".into()),
            time: 0.5,
            largest_grade: Some(grade),
            frames: 3,
            seconds: 1.25,
        })
    }

    #[test]
    fn a_journal_becomes_a_table() {
        let figures = RmseFigures { energy: Some(0.001), force: Some(0.05), virial: None };
        let trained = |cycle| Event::Trained {
            cycle,
            configurations: 9 + cycle,
            unchanged: false,
            steps: 7,
            training: figures,
            validation: None,
            seconds: 2.0,
        };
        let events = [
            Event::Begun { format: String::new(), configurations: 10, identity: String::new() },
            trained(1),
            run(1, false, 12.0),
            Event::Selected { cycle: 1, saved: 3, selected: 2, left_out: 0, unfit: 0 },
            Event::Labeled { cycle: 1, frame: 1 },
            Event::Failed { cycle: 1, frame: 2, reason: "no".into() },
            Event::Rejected { cycle: 1, frame: 2, reason: "no".into() },
            Event::Closed { cycle: 1 },
            trained(2),
            run(2, true, 1.5),
        ];
        let report = LearnReport::new(&events);
        assert_eq!(report.standing(), "cycle 2 has 1 run behind it");
        let text = report.render();
        for line in [
            "      1              10        1.000  0.05000  -              -  -  -         0 of 1             12      3         2        1          1",
            "      2              11        1.000  0.05000  -              -  -  -         1 of 1            1.5      -         -        -          -",
            "      1      2  no",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
