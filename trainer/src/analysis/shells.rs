//! The first coordination shell: where g(r) has its first maximum and the minimum behind it.
//!
//! An extremum counts if g(r) changes by more than its noise behind it. Curves are smoothed to find one, and taken as they are to
//! tell its place (a parabola through three points) and height.

/// Share of the largest value by which g(r) must fall behind a maximum, and rise behind a minimum.
const LEAST_FALL: f64 = 0.1;
const LEAST_RISE: f64 = 0.02;

/// Standard errors by which a change must exceed noise.
const SIGNIFICANT: f64 = 4.0;

/// The first shell; places are in intervals, the middle of the first one being zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shell {
    pub(super) peak: f64,
    pub(super) height: f64,
    pub(super) minimum: Option<f64>,
}

impl Shell {
    /// The first shell of g(r) with standard errors `noise`, which are zero where they are not known; nothing if no maximum
    /// stands out.
    pub(super) fn first(g: &[f64], noise: &[f64]) -> Option<Self> {
        let smooth = smoothed(&smoothed(g));
        let noise = smoothed_noise(noise);
        let largest = smooth.iter().copied().fold(0.0, f64::max);
        let differs = |a: usize, b: usize, share: f64| {
            let error = (noise[a] * noise[a] + noise[b] * noise[b]).sqrt();
            (smooth[a] - smooth[b]).abs() > share * largest + SIGNIFICANT * error
        };
        let top = extremum(&smooth, 0, |a, b| a > b, |a, b| differs(a, b, LEAST_FALL))?;
        let (peak, height) = vertex(g, highest(g, top));
        // A plateau between shells has its minimum in the middle, where the number of neighbors is meant.
        let minimum = extremum(&smooth, top, |a, b| a < b, |a, b| differs(a, b, LEAST_RISE)).map(|first| {
            let lowest = smooth[first];
            let end = (first..smooth.len()).take_while(|&k| smooth[k] <= lowest).last().unwrap_or(first);
            if end > first { 0.5 * (first + end) as f64 } else { vertex(&smooth, first).0 }
        });
        Some(Self { peak, height, minimum })
    }
}

/// The first place from `begin` on whose value is not passed before values have turned back from it, by what `turned` says.
fn extremum(
    values: &[f64],
    begin: usize,
    passes: impl Fn(f64, f64) -> bool,
    turned: impl Fn(usize, usize) -> bool,
) -> Option<usize> {
    let mut best = begin;
    for place in begin..values.len() {
        if passes(values[place], values[best]) {
            best = place;
        } else if passes(values[best], values[place]) && turned(best, place) {
            return Some(best);
        }
    }
    None
}

/// Averages with the neighbors, with weights 1, 2, 1.
fn smoothed(values: &[f64]) -> Vec<f64> {
    let at = |place: usize| values.get(place).copied().unwrap_or(0.0);
    let before = |place: usize| place.checked_sub(1).map_or(0.0, at);
    let end = values.len().saturating_sub(1);
    let smooth = |k: usize| {
        let after = if k == end { at(k) } else { at(k + 1) };
        0.25 * before(k) + 0.5 * at(k) + 0.25 * after
    };
    (0..values.len()).map(smooth).collect()
}

/// Standard errors of values smoothed twice, where those of the values are independent.
fn smoothed_noise(errors: &[f64]) -> Vec<f64> {
    const WEIGHTS: [f64; 5] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];
    let at = |place: usize| place.checked_sub(2).and_then(|place| errors.get(place)).copied().unwrap_or(0.0);
    let error =
        |k: usize| WEIGHTS.iter().zip(k..).map(|(weight, place)| (weight * at(place)).powi(2)).sum::<f64>();
    (0..errors.len()).map(|k| error(k).sqrt()).collect()
}

/// The highest of the values that smoothing has mixed into one.
fn highest(values: &[f64], place: usize) -> usize {
    let range = place.saturating_sub(2)..(place + 3).min(values.len());
    range.max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap_or(place)
}

/// Place and value of the extremum of the parabola through a value and its neighbors.
fn vertex(values: &[f64], place: usize) -> (f64, f64) {
    let [before, value, after] = match place.checked_sub(1).and_then(|first| values.get(first..first + 3)) {
        Some(&[before, value, after]) => [before, value, after],
        _ => return (place as f64, values[place]),
    };
    let (slope, curvature) = (0.5 * (after - before), after - 2.0 * value + before);
    let offset = -slope / curvature;
    // Not an extremum of its neighbors: stay there.
    if offset.is_nan() || offset.abs() > 0.5 {
        return (place as f64, value);
    }
    (place as f64 + offset, value + 0.5 * slope * offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Sequence;

    /// A liquid: peaks at 30 and 70, a minimum between them.
    fn liquid(place: usize) -> f64 {
        let gauss = |center: f64, width: f64| (-((place as f64 - center) / width).powi(2)).exp();
        let rest = 1.0 / (1.0 + (-(place as f64 - 35.0) / 4.0).exp());
        2.0 * gauss(30.3, 5.0) + 0.3 * gauss(70.0, 10.0) - 0.4 * gauss(48.0, 6.0) + rest
    }

    #[test]
    fn a_liquid_has_its_peak_and_minimum_whatever_the_noise() {
        let clean: Vec<f64> = (0..120).map(liquid).collect();
        let expected = Shell::first(&clean, &vec![0.0; 120]).unwrap();
        assert!((expected.peak - 30.8).abs() < 1.0 && (expected.height - 2.25).abs() < 0.1, "{expected:?}");
        assert!((expected.minimum.unwrap() - 47.0).abs() < 3.0, "{expected:?}");
        let mut numbers = Sequence::new(1);
        for case in 0..100 {
            let noise: Vec<f64> = clean.iter().map(|g| 0.02 * g.sqrt()).collect();
            let mut gauss = || (0..12).map(|_| numbers.uniform()).sum::<f64>() - 6.0;
            let noisy: Vec<f64> = clean.iter().zip(&noise).map(|(g, noise)| g + noise * gauss()).collect();
            let shell = Shell::first(&noisy, &noise).unwrap();
            assert!((shell.peak - expected.peak).abs() < 1.5, "case {case}: {shell:?}");
            let minimum = shell.minimum.unwrap();
            assert!((minimum - expected.minimum.unwrap()).abs() < 5.0, "case {case}: {shell:?}");
        }
    }

    #[test]
    fn nothing_but_noise_has_no_shell() {
        let mut numbers = Sequence::new(3);
        let g: Vec<f64> = (0..200).map(|_| 0.95 + 0.1 * numbers.uniform()).collect();
        assert_eq!(Shell::first(&g, &vec![0.03; 200]), None);
        assert_eq!(Shell::first(&[], &[]), None);
        assert_eq!(Shell::first(&[0.0; 10], &[0.0; 10]), None);
    }

    #[test]
    fn the_minimum_between_sharp_shells_is_in_the_middle() {
        let mut g = vec![0.0; 60];
        (g[20], g[40]) = (9.0, 5.0);
        let shell = Shell::first(&g, &vec![0.0; 60]).unwrap();
        assert_eq!((shell.peak, shell.height), (20.0, 9.0));
        assert_eq!(shell.minimum, Some(30.0));
        let alone = Shell::first(&g[..30], &vec![0.0; 30]).unwrap();
        assert_eq!(alone.minimum, None, "nothing rises behind it");
    }
}
