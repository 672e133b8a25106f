//! Products of basic moments as quadratic forms of sphere moments, with integer coefficients.

use std::collections::BTreeMap;

use crate::plan::contractions::Term;
use crate::plan::sphere::SphereMoments;

/// Most products of two sphere moments in all forms together, when multiplied out; with more, nothing is looked for.
const MOST_ENTRIES: usize = 1 << 23;

/// Values beyond this are not taken for integers.
const LARGEST_VALUE: f64 = 1e9;

/// A target as a quadratic form.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) target: u32,
    /// Number of products that the target is the sum of.
    pub(super) terms: usize,
    /// Column and coefficient, in order of the columns; a column stands for a pair of sphere moments. In a [`Class`] they are
    /// numbered without gaps.
    pub(super) entries: Vec<(u64, i64)>,
}

/// Forms that have columns in common, directly or through others; those of the fewest products first.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) forms: Vec<Form>,
    pub(super) columns: usize,
}

/// A linear combination of sphere moments: moment and coefficient.
type Expansion = Vec<(u32, i64)>;

impl Form {
    /// The forms of all targets that are made of basic moments alone; `None` if that is too much, or not of integers.
    pub(super) fn of_basic_products(sphere: &SphereMoments, lists: &[(u32, &[Term])]) -> Option<Vec<Self>> {
        let expansions = expansions(sphere);
        let mut entries_left = MOST_ENTRIES;
        let mut forms = Vec::new();
        let is_basic = |term: &Term| (term.left.max(term.right) as usize) < expansions.len();
        for (target, terms) in lists.iter().filter(|list| list.1.iter().all(is_basic)) {
            let mut entries: Vec<(u64, i64)> = Vec::new();
            for term in *terms {
                if term.factor.fract() != 0.0 || term.factor.abs() > LARGEST_VALUE {
                    return None;
                }
                let [left, right] = [term.left, term.right].map(|moment| &expansions[moment as usize]);
                entries_left = entries_left.checked_sub(left.len() * right.len())?;
                for &(a, by_a) in left {
                    for &(b, by_b) in right {
                        let value = by_a.checked_mul(by_b)?.checked_mul(term.factor as i64)?;
                        // as wide as no product of two numbers of moments is
                        let column = u64::from(a.min(b)) << 32 | u64::from(a.max(b));
                        entries.push((column, value));
                    }
                }
            }
            entries.sort_unstable();
            let same = entries.chunk_by(|a, b| a.0 == b.0);
            let merge = |run: &[(u64, i64)]| {
                let value = run.iter().try_fold(0_i64, |sum, entry| sum.checked_add(entry.1))?;
                Some((run[0].0, value))
            };
            let merged = same.map(merge).collect::<Option<Vec<_>>>()?;
            let entries = merged.into_iter().filter(|entry| entry.1 != 0).collect();
            forms.push(Self { target: *target, terms: terms.len(), entries });
        }
        Some(forms)
    }
}

/// Sphere and extended moments as combinations of sphere moments.
fn expansions(sphere: &SphereMoments) -> Vec<Expansion> {
    let mut expansions: Vec<Expansion> = (0..sphere.count as u32).map(|moment| vec![(moment, 1)]).collect();
    for extension in &sphere.extensions {
        let mut sum: BTreeMap<u32, i64> = BTreeMap::new();
        let [first, second] = extension.minus;
        for (source, sign) in [(extension.plus, 1), (first, -1), (second, -1)] {
            for &(moment, coefficient) in &expansions[source as usize] {
                *sum.entry(moment).or_default() += sign * coefficient;
            }
        }
        expansions.push(sum.into_iter().filter(|entry| entry.1 != 0).collect());
    }
    expansions
}

/// Sorts forms into classes that have no column in common with each other, by disjoint sets of columns (union-find; R. E.
/// Tarjan, J. van Leeuwen, J. ACM 31, 245 (1984)).
///
/// Forms in the columns {0, 2}, {2, 5} and {1} make two classes: the first two share column 2.
pub(super) fn classes(mut forms: Vec<Form>) -> Vec<Class> {
    let columns = number_columns(&mut forms);
    let mut parents: Vec<u32> = (0..columns as u32).collect();
    for form in &forms {
        for pair in form.entries.windows(2) {
            let [first, second] = [pair[0].0, pair[1].0].map(|column| root(&mut parents, column as u32));
            parents[first.max(second) as usize] = first.min(second);
        }
    }
    let mut by_root: BTreeMap<Option<u32>, Vec<Form>> = BTreeMap::new();
    for form in forms {
        let class = form.entries.first().map(|entry| root(&mut parents, entry.0 as u32));
        by_root.entry(class).or_default().push(form);
    }
    by_root.into_values().map(Class::new).collect()
}

/// Numbers the columns of forms without gaps, in the same order; how many there are.
fn number_columns(forms: &mut [Form]) -> usize {
    let mut columns: Vec<u64> = forms.iter().flat_map(|form| &form.entries).map(|entry| entry.0).collect();
    columns.sort_unstable();
    columns.dedup();
    for entry in forms.iter_mut().flat_map(|form| &mut form.entries) {
        entry.0 = columns.binary_search(&entry.0).expect("all columns were collected") as u64;
    }
    columns.len()
}

/// The smallest column that is joined with this one; shortens the way for the next time (path halving).
fn root(parents: &mut [u32], mut column: u32) -> u32 {
    while parents[column as usize] != column {
        parents[column as usize] = parents[parents[column as usize] as usize];
        column = parents[column as usize];
    }
    column
}

impl Class {
    fn new(mut forms: Vec<Form>) -> Self {
        forms.sort_by_key(|form| (form.terms, form.target));
        let columns = number_columns(&mut forms);
        Self { forms, columns }
    }
}
