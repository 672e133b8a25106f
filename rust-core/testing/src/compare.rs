//! Comparisons that say what differs, by how much, and where.

/// Largest difference of two lists relative to the largest number of the second; lists must be equally long, not empty
/// and finite.
pub fn relative_deviation(what: &str, got: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len(), "{what}: number of values");
    assert!(!got.is_empty(), "{what}: nothing to compare");
    assert!(
        got.iter().chain(expected).all(|value| value.is_finite()),
        "{what}: not finite: {got:?} {expected:?}"
    );
    let scale = expected.iter().fold(0.0_f64, |scale, value| scale.max(value.abs()));
    assert!(scale > 0.0, "{what}: expected values are all zero, so the comparison would say nothing");
    got.iter().zip(expected).fold(0.0_f64, |worst, (got, expected)| worst.max((got - expected).abs())) / scale
}

/// Fails unless the lists agree to `tolerance` relative to the largest expected number.
pub fn assert_close(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    let deviation = relative_deviation(what, got, expected);
    if deviation <= tolerance {
        return;
    }
    let differs = |&index: &usize| (got[index] - expected[index]).abs();
    let worst =
        (0..got.len()).max_by(|a, b| differs(a).total_cmp(&differs(b))).expect("the lists are not empty");
    panic!(
        "{what}: relative deviation {deviation:.3e}, allowed {tolerance:.1e}; worst at {worst} of {}: got {:?}, expected {:?}",
        got.len(),
        got[worst],
        expected[worst]
    );
}

/// Fails unless two lists are equal bit by bit.
pub fn assert_identical(what: &str, got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{what}: number of values");
    assert!(!got.is_empty(), "{what}: nothing to compare");
    for (index, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert_eq!(
            got.to_bits(),
            expected.to_bits(),
            "{what}: value {index}: got {got:?}, expected {expected:?}"
        );
    }
}
