//! What an extrapolation grade says about a result.

/// Grade above which atoms are strange to a potential, and above which their energies are not to be trusted: where MLIP-3 selects,
/// and where it breaks.
pub(super) const SELECT: f64 = 2.0;
const BREAK: f64 = 10.0;

/// The largest grade of the atoms of a result, in words.
pub fn verdict(grade: f64) -> &'static str {
    match grade {
        _ if grade <= 1.0 => "interpolated",
        _ if grade <= SELECT => "nearly interpolated",
        _ if grade <= BREAK => "extrapolated",
        _ => "not to be trusted",
    }
}
