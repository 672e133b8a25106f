//! Which atoms of a configuration are worth a cut-out of their own.

use super::parent::Parent;

/// An atom around which to cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Center {
    /// Its index.
    pub atom: usize,
    /// Its grade.
    pub grade: f64,
}

/// The atoms with grades above a threshold, the largest first, without those that are no farther than `separation` (Å) from
/// one before.
pub fn centers(parent: &Parent<'_>, grades: &[f64], threshold: f64, separation: f64) -> Vec<Center> {
    let mut above: Vec<Center> = (grades.iter().enumerate())
        .filter(|(_, grade)| **grade > threshold)
        .map(|(atom, &grade)| Center { atom, grade })
        .collect();
    above.sort_by(|a, b| b.grade.total_cmp(&a.grade).then(a.atom.cmp(&b.atom)));
    let mut chosen: Vec<Center> = Vec::new();
    for center in above {
        let is_known = |known: &Center| parent.distance(known.atom, center.atom) <= separation;
        if !chosen.iter().any(is_known) {
            chosen.push(center);
        }
    }
    chosen
}
