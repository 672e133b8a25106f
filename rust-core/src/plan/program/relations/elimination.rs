//! Gaussian elimination of sparse rows modulo a prime.

use super::forms::Class;
use crate::potential::residues::{PRIME, inverse, subtract};

/// What may still be spent on all classes of a potential together. No template needs a fortieth of it.
#[derive(Clone, Debug)]
pub(super) struct Effort {
    /// Steps of elimination.
    steps: usize,
    /// Numbers that are kept.
    numbers: usize,
    /// Steps of shortening sums.
    pub(super) shortening: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { steps: 1 << 28, numbers: 1 << 24, shortening: 1 << 28 }
    }
}

/// How the members of a class depend on those that come first.
#[derive(Clone, Debug)]
pub(super) struct Dependences {
    /// For each member `None` if it is independent, else the factors of the independent members that it is the sum of,
    /// in order, none of them zero.
    pub(super) sums: Vec<Option<Vec<(u32, u64)>>>,
}

/// A row that has been made one in its first column, and the members it is the sum of.
struct Pivot {
    row: Vec<(u32, u64)>,
    members: Vec<(u32, u64)>,
}

impl Dependences {
    /// `None` if that takes too much.
    pub(super) fn new(class: &Class, effort: &mut Effort) -> Option<Self> {
        let mut pivots: Vec<Option<Pivot>> = Vec::new();
        pivots.resize_with(class.columns, || None);
        let mut row = vec![0; class.columns];
        let mut members = vec![0; class.forms.len()];
        let mut sums = Vec::new();
        for (member, form) in class.forms.iter().enumerate() {
            for &(column, value) in &form.entries {
                row[column as usize] = value.rem_euclid(PRIME as i64) as u64;
            }
            members[member] = 1;
            let first = form.entries.first().map_or(class.columns, |entry| entry.0 as usize);
            let mut independent = None;
            for column in first..class.columns {
                let factor = row[column];
                if factor == 0 {
                    continue;
                }
                let Some(pivot) = &pivots[column] else {
                    independent = Some(column);
                    break;
                };
                effort.steps = effort.steps.checked_sub(pivot.row.len() + pivot.members.len())?;
                for (values, subtrahend) in [(&mut row, &pivot.row), (&mut members, &pivot.members)] {
                    for &(k, value) in subtrahend {
                        values[k as usize] = subtract(values[k as usize], factor, value);
                    }
                }
            }
            effort.steps = effort.steps.checked_sub(class.columns)?;
            let scale = independent.map_or(PRIME - 1, |column| inverse(row[column]));
            let taken_members = take(&mut members, 0, member, scale);
            match independent {
                Some(column) => {
                    let row = take(&mut row, column, class.columns - 1, scale);
                    effort.numbers = effort.numbers.checked_sub(row.len() + taken_members.len())?;
                    pivots[column] = Some(Pivot { row, members: taken_members });
                    sums.push(None);
                }
                None => {
                    effort.numbers = effort.numbers.checked_sub(taken_members.len())?;
                    sums.push(Some(
                        taken_members.into_iter().filter(|entry| entry.0 != member as u32).collect(),
                    ));
                }
            }
        }
        Some(Self { sums })
    }
}

/// Takes the values that are not zero out of a range, scaled.
fn take(values: &mut [u64], first: usize, last: usize, scale: u64) -> Vec<(u32, u64)> {
    let mut taken = Vec::new();
    for k in first..=last {
        let value = std::mem::take(&mut values[k]);
        if value != 0 {
            taken.push((k as u32, value * scale % PRIME));
        }
    }
    taken
}
