//! Whether the host stays where it is while the ions move through it.

use serde::Serialize;

use super::displacement::{SquaredDisplacement, displacements};
use super::escapes::{EscapeSettings, escapes};
use super::tracks::Tracks;

/// Share of the host's atoms, or of the rise of the ions' MSD, from which on the host flows.
const FLOWS: f64 = 0.1;

/// What is known of the atoms of the host.
#[derive(Clone, Copy, Debug)]
pub enum Host<'a> {
    /// Nothing.
    Unknown,
    /// Its mean squared displacement, Å²; entry m belongs to a lag of m frames of the ions.
    Displacement(&'a [f64]),
    /// Tracks of some of its atoms, in its own frame, with as many frames as those of the ions.
    Sample(&'a Tracks),
}

/// How the host moved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HostMotion {
    /// Rise of its MSD from an eighth of the run to a half, as a share of that of the ions.
    pub share: f64,
    /// Its MSD over half of the run, Å².
    pub msd: f64,
    /// The slope of ln MSD over ln τ of its atoms from a quarter of the run to half of it.
    pub exponent: f64,
    /// Share of its atoms that are displaced by more than 2 Å over half of the run, if their tracks are known.
    pub displaced: Option<f64>,
    /// Largest displacement of one of its atoms, Å, if their tracks are known.
    pub largest_displacement: Option<f64>,
    /// It moves by itself: the ions do not go through a solid.
    pub flows: bool,
    /// It moves as far as the ions do, or evenly in one direction: what they do is no motion of their own.
    pub carries: bool,
}

/// Compares the host with the ions; none if nothing is known of it, or not for lags long enough.
pub(super) fn host_motion(
    host: Host<'_>,
    ions: &SquaredDisplacement,
    frames: usize,
    settings: &EscapeSettings,
) -> Option<HostMotion> {
    match host {
        Host::Unknown => None,
        Host::Displacement(msd) => compared(msd, &ions.total, frames),
        Host::Sample(tracks) => {
            let mut motion = compared(&displacements(tracks, frames / 2).msd.total, &ions.total, frames)?;
            let escapes = escapes(tracks, settings);
            motion.displaced = Some(escapes.displaced);
            motion.largest_displacement = Some(escapes.largest_displacement);
            motion.flows |= escapes.displaced > FLOWS;
            Some(motion)
        }
    }
}

fn compared(host: &[f64], ions: &[f64], frames: usize) -> Option<HostMotion> {
    let at = |msd: &[f64], part: usize| msd.get(frames / part).copied();
    let (early, middle, late) = (at(host, 8)?, at(host, 4)?, at(host, 2)?);
    let rise = at(ions, 2)? - at(ions, 8)?;
    let share = if rise > 0.0 { (late - early) / rise } else { 0.0 };
    let exponent = if middle > 0.0 { (late / middle).log2() } else { 0.0 };
    // A solid's MSD is that of its vibrations and does not rise: then its share says nothing.
    let grows = exponent > 0.2 && late > 0.1;
    let flows = grows && share > FLOWS;
    let carries = grows && (late > at(ions, 2)? || (flows && exponent > 1.5));
    Some(HostMotion {
        share,
        msd: late,
        exponent,
        displaced: None,
        largest_displacement: None,
        flows,
        carries,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn msd(of: impl Fn(f64) -> f64) -> Vec<f64> {
        (0..=50).map(|lag| of(f64::from(lag))).collect()
    }

    #[test]
    fn what_a_host_does_is_told() {
        let ions = msd(|t| 0.3 + 0.2 * t);
        let solid = compared(&msd(|t| 0.3 * (1.0 - (-t).exp())), &ions, 100).unwrap();
        assert!(!solid.flows && !solid.carries);
        let melt = compared(&msd(|t| 0.3 + 0.1 * t), &ions, 100).unwrap();
        assert!(melt.flows && !melt.carries);
        let creeping = compared(&msd(|t| 0.3 + 2e-3 * t * t), &ions, 100).unwrap();
        assert!(creeping.flows && creeping.carries);
        assert!(compared(&[0.0; 3], &ions, 100).is_none());
    }
}
