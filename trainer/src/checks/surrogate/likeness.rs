//! Whether a group of configurations differs from the others by its structures.

use super::problem::Problem;

/// Neighbors among structures that are looked at.
const NEIGHBORS: usize = 3;

/// How many of the members have one of the others among their nearest structures.
pub(super) fn mixed(problem: &Problem<'_>, members: &[usize]) -> usize {
    let rows = problem.descriptors();
    let mut is_member = vec![false; rows.len()];
    members.iter().for_each(|&k| is_member[k] = true);
    let is_mixed = |&&k: &&usize| {
        let square =
            |other: usize| rows[k].iter().zip(&rows[other]).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        let mut near: Vec<(f64, usize)> =
            (0..rows.len()).filter(|other| *other != k).map(|other| (square(other), other)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.iter().take(NEIGHBORS).any(|(_, other)| !is_member[*other])
    };
    members.iter().filter(is_mixed).count()
}

impl Problem<'_> {
    /// Functions and counts of species per atom, in units of their spread over all configurations.
    fn descriptors(&self) -> Vec<Vec<f64>> {
        let mut rows: Vec<Vec<f64>> = self.cases.iter().map(|case| self.row(case)).collect();
        let count = rows.len() as f64;
        for column in 0..rows.first().map_or(0, Vec::len) {
            let mean = rows.iter().map(|row| row[column]).sum::<f64>() / count;
            let square = rows.iter().map(|row| (row[column] - mean).powi(2)).sum::<f64>() / count;
            let scale = if square > 1e-16 * mean * mean { 1.0 / square.sqrt() } else { 0.0 };
            rows.iter_mut().for_each(|row| row[column] = (row[column] - mean) * scale);
        }
        rows
    }
}
