//! Which part of a distribution is worth drawing: all of it, unless a few outliers would shrink the rest to a dot.

/// A point with how often it occurs.
pub(super) type Counted = (f64, u64);

/// Share of the points at either end that may lie outside.
const OUTSIDE: f64 = 0.001;
/// All is drawn unless its range is this many times that of the bulk.
const MOST_STRETCHED: f64 = 2.5;

/// The range to draw of values in ascending order; `None` if there are none.
pub(super) fn range(sorted: &[Counted]) -> Option<(f64, f64)> {
    let (&(first, _), &(last, _)) = (sorted.first()?, sorted.last()?);
    let total: u64 = sorted.iter().map(|(_, count)| count).sum();
    // At least one at either end, so that a single outlier is recognised among few.
    let left_out = ((OUTSIDE * total as f64) as u64).max(1);
    let low = beyond(sorted.iter(), left_out).unwrap_or(first);
    let high = beyond(sorted.iter().rev(), left_out).unwrap_or(last);
    let bulk = high - low;
    if total < 8 || bulk <= 0.0 || last - first <= MOST_STRETCHED * bulk {
        return Some((first, last));
    }
    Some(((low - 0.3 * bulk).max(first), (high + 0.3 * bulk).min(last)))
}

/// The first value after this many.
fn beyond<'a>(values: impl Iterator<Item = &'a Counted>, mut count: u64) -> Option<f64> {
    for &(value, here) in values {
        if here > count {
            return Some(value);
        }
        count -= here;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_drawn_unless_outliers_would_shrink_the_rest() {
        let even: Vec<Counted> = (0..100).map(|k| (f64::from(k), 3)).collect();
        assert_eq!(range(&even), Some((0.0, 99.0)));
        let mut with_outlier = even.clone();
        with_outlier.push((1e6, 1));
        let (low, high) = range(&with_outlier).unwrap();
        assert!(low == 0.0 && (99.0..200.0).contains(&high), "{low} {high}");
        assert_eq!(range(&[(1.0, 1), (50.0, 1)]), Some((1.0, 50.0)));
        assert_eq!(range(&[(7.0, 1000)]), Some((7.0, 7.0)));
        assert_eq!(range(&[]), None);
    }
}
