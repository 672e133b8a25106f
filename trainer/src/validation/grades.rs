//! What an extrapolation grade says about a result.

/// Grade above which atoms are strange to a potential, and above which their energies are not to be trusted: where MLIP-3 selects,
/// and where it breaks.
pub const SELECT: f64 = 2.0;
/// See [`SELECT`].
pub const BREAK: f64 = 10.0;

/// The largest grade of the atoms of a result, in words.
pub fn verdict(grade: f64) -> &'static str {
    match grade {
        _ if grade <= 1.0 => "interpolated",
        _ if grade <= SELECT => "at the edge of the training set",
        _ if grade <= BREAK => "extrapolated",
        _ => "extrapolated far, not to be trusted",
    }
}
