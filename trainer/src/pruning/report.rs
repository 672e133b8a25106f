//! A path with times and errors, as a table and as JSON.

use serde::Serialize;

use super::folder::{Change, Point};
use crate::figures::RmseFigures;
use crate::text::{Table, general, significant};

/// Error, as a multiple of that of the potential that was given, that is as good as that.
const AS_GOOD: f64 = 1.02;

/// Everything that is said about a path.
#[derive(Clone, Debug, Serialize)]
pub struct PruneReport {
    /// Program and version.
    pub program: &'static str,
    /// The points, from the potential that was given.
    pub points: Vec<Row>,
}

/// A point of the path.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// File of the potential.
    pub potential: String,
    /// What it is.
    #[serde(flatten)]
    pub point: Point,
    /// Measured time for energy, forces and virial per atom on one thread, µs.
    pub microseconds_per_atom: f64,
}

impl Row {
    /// Errors on the validation set, or on the training set if there is no other.
    pub fn errors(&self) -> &RmseFigures {
        self.point.validation.as_ref().unwrap_or(&self.point.training)
    }

    /// What the point is, in a line.
    pub fn describe(&self) -> String {
        let Point { cutoff, radial_basis_size, basis_functions, .. } = self.point;
        format!(
            "{basis_functions} basis functions, ranks {}, {radial_basis_size} Chebyshev polynomials, cutoff {} Å",
            self.ranks(),
            general(cutoff, 6)
        )
    }

    /// Highest rank of each radial function.
    pub fn ranks(&self) -> String {
        self.point.ranks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

impl PruneReport {
    /// Which errors [`Row::errors`] are.
    pub fn set(&self) -> &'static str {
        let validates = self.points.iter().all(|row| row.point.validation.is_some());
        if validates { "validation" } else { "training" }
    }

    /// The error that decides, and that of each point: of forces, or of energies where there are none.
    fn errors(&self) -> Option<(&'static str, Vec<f64>)> {
        let forces: Option<Vec<f64>> = self.points.iter().map(|row| row.errors().force).collect();
        let energies = || self.points.iter().map(|row| row.errors().energy).collect::<Option<Vec<f64>>>();
        forces.map(|errors| ("force", errors)).or_else(|| Some(("energy", energies()?)))
    }

    /// Number of the cheapest point whose error is as good as that of the potential that was given.
    fn as_good(&self, errors: &[f64]) -> Option<usize> {
        let first = errors.first()?;
        let good = (1..self.points.len()).filter(|&number| errors[number] <= AS_GOOD * first);
        let time = |number: usize| self.points[number].microseconds_per_atom;
        let cheapest = good.min_by(|&a, &b| time(a).total_cmp(&time(b)))?;
        (time(cheapest) < time(0)).then_some(cheapest)
    }

    /// What to take.
    pub fn advice(&self) -> String {
        let Some((what, errors)) = self.errors() else {
            return "there are no errors of forces or energies to compare".to_owned();
        };
        let Some(number) = self.as_good(&errors) else {
            return format!(
                "no cheaper point has a {} {what} error within {} % of that of the potential",
                self.set(),
                general(100.0 * (AS_GOOD - 1.0), 3)
            );
        };
        let (row, first) = (&self.points[number], &self.points[0]);
        let share = 100.0 * row.microseconds_per_atom / first.microseconds_per_atom;
        let error = match errors[0] {
            0.0 => "0, as that of the potential".to_owned(),
            first => format!("{} times that of the potential", significant(Some(errors[number] / first), 3)),
        };
        format!(
            "{} takes {} % of the time; its {} {what} error is {error}",
            row.potential,
            significant(Some(share), 2),
            self.set()
        )
    }

    /// The path as a table for people.
    pub fn render(&self) -> String {
        let mut table = Table::new(&[
            "potential",
            ">µs/atom",
            ">E",
            ">F",
            ">W",
            ">functions",
            ">products",
            "ranks",
            ">polynomials",
            ">cutoff, Å",
        ]);
        for row in &self.points {
            let mut cells = vec![row.potential.clone(), significant(Some(row.microseconds_per_atom), 3)];
            cells.extend(row.errors().in_report_units().map(|error| significant(error, 4)));
            cells.extend([
                row.point.basis_functions.to_string(),
                row.point.products.to_string(),
                row.ranks(),
            ]);
            cells.extend([row.point.radial_basis_size.to_string(), general(row.point.cutoff, 6)]);
            table.row(cells);
        }
        format!(
            "The path, from the potential that was given; RMS errors on the {} set\n\n{}\n\
             E energy, meV/atom; F force component, eV/Å; W virial component, meV/atom; ranks: of each radial function.\n\
             µs/atom: energy, forces and virial on one thread, fastest pass, without neighbor lists.\n\n{}\n",
            self.set(),
            table.render(),
            self.advice()
        )
    }
}

impl Change {
    /// What was done, in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::None => "as given",
            Self::Functions => "functions removed",
            Self::Cutoff => "cutoff shortened",
        }
    }
}
