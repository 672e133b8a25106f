//! Pareto fronts of points with a cost and an error, both to be small.

/// Whether a point is nowhere worse than another and somewhere better.
fn dominates(a: [f64; 2], b: [f64; 2]) -> bool {
    a[0] <= b[0] && a[1] <= b[1] && a != b
}

/// Number of the front that each point lies on: zero for those that no other dominates, one for those that only points of
/// front zero dominate, and so on. Points with something missing or not a number lie on none.
pub fn fronts(points: &[Option<[f64; 2]>]) -> Vec<Option<usize>> {
    let is_number = |point: &[f64; 2]| !point.iter().any(|x| x.is_nan());
    let points: Vec<Option<[f64; 2]>> = points.iter().map(|point| point.filter(is_number)).collect();
    let mut fronts = vec![None; points.len()];
    let mut left: Vec<usize> = (0..points.len()).filter(|&index| points[index].is_some()).collect();
    for number in 0.. {
        let dominated = |index: &usize| {
            let Some(point) = points[*index] else { return false };
            left.iter().filter_map(|&other| points[other]).any(|other| dominates(other, point))
        };
        let (rest, front): (Vec<usize>, Vec<usize>) = left.iter().partition(|index| dominated(index));
        if front.is_empty() {
            break;
        }
        front.into_iter().for_each(|index| fronts[index] = Some(number));
        left = rest;
    }
    fronts
}

/// The better half of the points, at least one: front by front, within the last one those of the smallest errors.
/// The indices ascend.
pub fn better_half(points: &[Option<[f64; 2]>]) -> Vec<usize> {
    let fronts = fronts(points);
    let mut order: Vec<(usize, f64, usize)> =
        (0..points.len()).filter_map(|index| Some((fronts[index]?, points[index]?[1], index))).collect();
    order.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    order.truncate(order.len().div_ceil(2));
    let mut chosen: Vec<usize> = order.into_iter().map(|(_, _, index)| index).collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::splitmix;

    /// Points on a coarse grid, so that costs and errors are often equal; some have none.
    fn points(seed: u64) -> Vec<Option<[f64; 2]>> {
        let mut state = seed;
        let mut next = |most: u64| {
            state = splitmix(state);
            state % most
        };
        let count = next(40);
        (0..count).map(|_| (next(8) > 0).then(|| [next(12) as f64, next(12) as f64])).collect()
    }

    #[test]
    fn no_point_of_a_front_is_dominated_and_each_other_one_is() {
        for seed in 0..500 {
            let points = points(seed);
            let fronts = fronts(&points);
            for (index, point) in points.iter().enumerate() {
                let Some(point) = *point else {
                    assert_eq!(fronts[index], None);
                    continue;
                };
                let number = fronts[index].unwrap();
                let dominated_from = |front: usize| {
                    (0..points.len()).any(|other| {
                        fronts[other] == Some(front) && points[other].is_some_and(|q| dominates(q, point))
                    })
                };
                assert!(!dominated_from(number), "seed {seed}, point {index}");
                assert!(number == 0 || dominated_from(number - 1), "seed {seed}, point {index}");
            }
        }
    }

    #[test]
    fn equal_points_share_a_front_and_what_is_not_a_number_has_none() {
        let points = [Some([1.0, 2.0]), Some([1.0, 2.0]), Some([1.0, 3.0]), None, Some([0.5, f64::NAN])];
        assert_eq!(fronts(&points), [Some(0), Some(0), Some(1), None, None]);
    }

    #[test]
    fn the_better_half_keeps_the_cheap_ones_of_the_front() {
        // The first two are the front, though the first has the largest error of all.
        let points = [Some([1.0, 9.0]), Some([3.0, 1.0]), Some([4.0, 2.0]), Some([5.0, 3.0]), None];
        assert_eq!(better_half(&points), [0, 1]);
        assert_eq!(better_half(&points[..1]), [0]);
        assert_eq!(better_half(&points[4..]), [0; 0]);
        for seed in 0..200 {
            let points = self::points(seed);
            let (fronts, chosen) = (fronts(&points), better_half(&points));
            let worst = chosen.iter().map(|&index| fronts[index]).max().flatten();
            assert_eq!(chosen.len(), points.iter().flatten().count().div_ceil(2));
            let left_out =
                (0..points.len()).filter(|index| points[*index].is_some() && !chosen.contains(index));
            assert!(left_out.into_iter().all(|index| fronts[index] >= worst), "seed {seed}");
        }
    }
}
