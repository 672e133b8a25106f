//! What a search found: its trials with errors and costs, and which of them are the best for what they cost.

use serde::Serialize;

use super::group_errors::heading;
use super::{Criterion, GroupErrors, TrialSettings, pareto};
use crate::dataset::Groups;
use crate::figures::RmseFigures;
use crate::text::{Table, general, significant};

/// Columns of the tables of trials that all have.
pub(super) const COLUMNS: [&str; 13] = [
    ">table",
    ">cutoff, Å",
    ">size",
    ">weights",
    ">parameters",
    ">steps",
    ">training: E",
    ">F",
    ">W",
    ">validation: E",
    ">F",
    ">W",
    ">loss",
];

/// What stands in the first column.
pub(super) const TABLE_NOTE: &str =
    "table: a level, or the name of another moment table (mtprs init --table)";

/// Columns that tables hide unless they are wide, behind that of the mark.
const HIDDEN: [usize; 4] = [7, 8, 9, 13];

/// Everything that is said about a search with the options `J`.
#[derive(Clone, Debug, Serialize)]
pub struct TuneReport<J> {
    /// Program and version.
    pub program: &'static str,
    /// The job with all defaults.
    pub job: J,
    /// Which error decides.
    #[serde(skip)]
    pub by: Criterion,
    /// Shortest distance of all potentials, Å.
    pub min_dist: f64,
    /// Weights of energies, forces and virials in the losses of this report.
    pub loss_weights: [f64; 3],
    /// What stays on one side of the training and the validation set, if anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Groups>,
    /// The trials with a potential, the cheapest first.
    pub trials: Vec<TuneRow>,
    /// The trials that failed.
    pub set_aside: Vec<SetAside>,
}

/// A trial with its potential.
#[derive(Clone, Debug, Serialize)]
pub struct TuneRow {
    /// Its settings.
    #[serde(flatten)]
    pub settings: TrialSettings,
    /// File of the potential.
    pub potential: String,
    /// Number of parameters.
    pub parameters: usize,
    /// Steps of the fit.
    pub steps: u64,
    /// Whether the loss was still falling after as many steps as were allowed.
    pub still_falling: bool,
    /// Seconds that the fit took, in all runs.
    pub seconds: f64,
    /// Errors on the training set.
    pub training: RmseFigures,
    /// Errors on the validation set, or on all parts that were set aside.
    pub validation: RmseFigures,
    /// Loss of the validation set, with the weights of the report.
    pub validation_loss: f64,
    /// Errors of each group of the validation set, if a feature tells groups apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub validation_groups: Vec<GroupErrors>,
    /// Multiply-adds per atom by the plan of the potential, at the mean number of neighbors.
    pub multiply_adds: f64,
    /// Measured time for energy, forces and virial per atom on one thread, µs.
    pub microseconds_per_atom: Option<f64>,
    /// Whether no other trial is both cheaper and better.
    pub on_front: bool,
}

/// A trial without a potential.
#[derive(Clone, Debug, Serialize)]
pub struct SetAside {
    /// Its settings.
    #[serde(flatten)]
    pub settings: TrialSettings,
    /// What went wrong.
    pub reason: String,
}

impl<J> TuneReport<J> {
    /// Marks the front and puts the trials into the order of their costs.
    pub fn rank(&mut self) {
        let by = self.by;
        let error = |row: &TuneRow| by.of(&row.validation, row.validation_loss);
        let points: Vec<_> =
            self.trials.iter().map(|row| Some([row.microseconds_per_atom?, error(row)?])).collect();
        for (row, front) in self.trials.iter_mut().zip(pareto::fronts(&points)) {
            row.on_front = front == Some(0);
        }
        let key = |row: &TuneRow| [row.microseconds_per_atom, error(row)].map(|x| x.unwrap_or(f64::INFINITY));
        self.trials.sort_by(|a, b| {
            let (a, b) = (key(a), key(b));
            a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]))
        });
    }

    /// The trials as a table for people; unless it is `wide`, without the errors of the training set and the losses.
    pub fn render(&self, wide: bool) -> String {
        let by = self.by.describe();
        let (set, hint) = if wide {
            ("", "")
        } else {
            (" on the validation set", " Errors on the training set, losses: --wide.")
        };
        let mut text = format!("Trials, cheapest first; RMS errors{set}\n\n");
        let table = if wide { self.table() } else { self.table().without(|column| HIDDEN.contains(&column)) };
        text.push_str(&table.render());
        text.push_str(&format!(
            "\n* Pareto front of {by} and time: no other potential is both cheaper and better.\n\
             {TABLE_NOTE}.\n\
             E energy, meV/atom; F force component, eV/Å; W virial component, meV/atom; weights: of E, F, W.{hint}\n\
             + the loss was still falling.\n\
             µs/atom: energy, forces and virial on one thread, fastest pass, without neighbor lists.\n"
        ));
        let front: Vec<&TuneRow> = self.trials.iter().filter(|row| row.on_front).collect();
        if !front.is_empty() {
            text.push_str("\nPotentials on the Pareto front\n\n");
            let mut table = Table::new(&[&[">µs/atom"], &self.group_headings()[..], &["potential"]].concat());
            for row in front {
                let cells =
                    [vec![significant(row.microseconds_per_atom, 3)], self.group_cells(row, significant)];
                table.row([cells.concat(), vec![row.potential.clone()]].concat());
            }
            text.push_str(&table.render());
        }
        if !self.set_aside.is_empty() {
            text.push_str("\nFailed trials\n\n");
            for SetAside { settings, reason } in &self.set_aside {
                text.push_str(&format!("  {}: {}\n", settings.describe(), reason.replace('\n', " ")));
            }
        }
        text
    }

    /// Headings of the worst group of a trial, where a feature tells groups apart.
    pub(super) fn group_headings(&self) -> Vec<&'static str> {
        match self.trials.iter().any(|row| !row.validation_groups.is_empty()) {
            true => vec!["worst group", heading(self.by).0],
            false => Vec::new(),
        }
    }

    /// What stands below them; `figure` writes with this many digits.
    pub(super) fn group_cells(&self, row: &TuneRow, figure: fn(Option<f64>, usize) -> String) -> Vec<String> {
        if self.group_headings().is_empty() {
            return Vec::new();
        }
        let worst = GroupErrors::worst(&row.validation_groups, self.by);
        let error = worst.map(|(_, error)| heading(self.by).1 * error);
        vec![worst.map_or("-", |(group, _)| group.name()).to_owned(), figure(error, 4)]
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&[[""].as_slice(), &COLUMNS, &[">µs/atom"]].concat());
        for row in &self.trials {
            let mut cells = row.cells("*", row.parameters.to_string(), significant);
            cells.push(significant(row.microseconds_per_atom, 3));
            table.row(cells);
        }
        table
    }
}

impl TuneRow {
    /// A mark if it is on the front, and what stands below [`COLUMNS`]; `figure` writes with this many digits.
    pub(super) fn cells(
        &self,
        mark: &str,
        parameters: String,
        figure: fn(Option<f64>, usize) -> String,
    ) -> Vec<String> {
        let TrialSettings { table, cutoff, radial_basis_size, .. } = &self.settings;
        let mut cells = vec![
            if self.on_front { mark.to_owned() } else { String::new() },
            table.to_string(),
            general(*cutoff, 6),
            radial_basis_size.to_string(),
            self.settings.weights().map(|weight| general(weight, 6)).join(", "),
            parameters,
            self.steps.to_string() + if self.still_falling { "+" } else { "" },
        ];
        for figures in [self.training, self.validation] {
            cells.extend(figures.in_report_units().map(|error| figure(error, 4)));
        }
        cells.push(figure(Some(self.validation_loss), 4));
        cells
    }
}
