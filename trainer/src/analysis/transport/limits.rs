//! What can be said without a diffusivity: upper limits, and how long a run would decide.

use super::super::quantiles::chi_squared;
use super::blocks::LEAST_WINDOWS;
use super::escapes::Escapes;
use super::plateau::Plateau;
use super::spectrum::Spectrum;

/// Escapes that a run needs: with fewer, no diffusivity is known within a quarter, and nothing tells random ones from others.
pub(super) const ENOUGH_ESCAPES: u64 = 20;

/// One-sided 95 % upper limit of the mean of a Poisson variable that came out as `count`: 3.0 for none.
pub(super) fn poisson_upper(count: u64) -> f64 {
    0.5 * chi_squared(0.95, 2.0 * count as f64 + 2.0)
}

/// Upper limit of D*, Å²/ps, from the escapes: a² ν / 6 with the largest rate ν that goes with their number.
///
/// `time` is the length of the run, ps; a is the length of a jump, Å, or of those that were seen where these are longer.
pub(super) fn of_escapes(escapes: &Escapes, time: f64, jump_length: f64) -> f64 {
    let seen = if escapes.hops_total() < 5 { 0.0 } else { escapes.squared_length };
    let squared_length = seen.max(jump_length.powi(2));
    squared_length * poisson_upper(escapes.net_total()) / (6.0 * escapes.net.len() as f64 * time)
}

/// Upper limit of D*, Å²/ps, from the lowest four frequencies: D(ω) lies above D where jumps are undone later on.
///
/// It bounds motion in steps too small for escapes, of which Poisson's law says nothing. Few escapes make it as uncertain
/// as they are themselves.
pub(super) fn of_spectrum(spectrum: &Spectrum, plateau: Option<&Plateau>, ions: usize, escapes: u64) -> f64 {
    let values = spectrum.means();
    let lowest = &values[..values.len().min(4)];
    let count = lowest.len().max(1) as f64;
    let mean = lowest.iter().sum::<f64>() / count;
    let of_frequencies = plateau.map_or(2.0 / (3.0 * ions as f64), |plateau| plateau.variance) / count;
    let of_escapes = if escapes < 3 { 0.0 } else { 1.0 / escapes as f64 };
    let freedom = 2.0 / (of_frequencies + of_escapes);
    mean * freedom / chi_squared(0.05, freedom)
}

/// The length of run, ps, that would decide.
///
/// It brings enough escapes, which are 20 or as many as displace a tenth of the ions over half of the run, and enough
/// independent windows. Without an escape, it does so if their rate is the largest that goes with none.
pub(super) fn deciding_length(time: f64, escapes: u64, ions: usize, windows: usize) -> f64 {
    let enough = (ENOUGH_ESCAPES as f64).max(0.2 * ions as f64);
    let seen = if escapes == 0 { poisson_upper(0) } else { escapes as f64 };
    let longer = LEAST_WINDOWS as f64 / windows.max(1) as f64;
    time * (enough / seen).max(longer).max(2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Limits of printed tables of Poisson's distribution.
    #[test]
    fn limits_are_those_of_tables() {
        for (count, limit) in [(0, 2.996), (1, 4.744), (3, 7.754), (10, 16.962)] {
            assert!((poisson_upper(count) - limit).abs() < 2e-3, "{count}");
        }
    }

    /// 96 ions in 331 ps without an escape, jumps of 3 Å: 1.4e-8 cm²/s.
    #[test]
    fn no_escape_bounds_diffusion() {
        let none = Escapes {
            hops: vec![0; 96],
            net: vec![0; 96],
            squared_length: 0.0,
            displaced: 0.0,
            largest_displacement: 0.0,
            parts: Vec::new(),
        };
        let limit = of_escapes(&none, 331.0, 3.0) * 1e-4;
        assert!((limit - 1.414e-8).abs() < 1e-11, "{limit}");
        assert!((deciding_length(331.0, 0, 96, 20) / 331.0 - 6.68).abs() < 0.01);
    }
}
