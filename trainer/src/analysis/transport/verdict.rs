//! The whole analysis of one run: displacements, diffusivities, escapes, and what can be said of them.

use std::fmt;

use mtprs_core::{Error, ErrorKind, Result};

use super::blocks::blocks;
use super::checks::{self, Check};
use super::diffusivities::{Diffusivities, diffusivities};
use super::displacement::{Displacements, displacements};
use super::escapes::{EscapeSettings, Escapes, escapes};
use super::host::{Host, HostMotion, host_motion};
use super::limits::{deciding_length, of_escapes, of_spectrum};
use super::mixing::mixing;
use super::plateau::plateau;
use super::spectrum::spectra;
use super::tracks::Tracks;
use crate::constants::units::SQUARE_ANGSTROM_PER_PICOSECOND;

/// Frames below which nothing is said.
const LEAST_FRAMES: usize = 40;
/// Net escapes up to which ions count as caged.
const CAGED: u64 = 2;

/// What kind of motion it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is a diffusivity.
    Diffusive,
    /// Ions leave their places, but there is no diffusivity yet.
    NotYetDiffusive,
    /// Ions stay where they are.
    Caged,
}

impl fmt::Display for Verdict {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Diffusive => "diffusive",
            Self::NotYetDiffusive => "not yet diffusive",
            Self::Caged => "caged",
        })
    }
}

/// What an analysis takes for granted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What is taken for an escape.
    pub escapes: EscapeSettings,
    /// Length of a jump, Å, in upper limits where fewer than five were seen.
    pub jump_length: f64,
    /// Longest lag of the mean squared displacements, in frames, where half of the run is not enough.
    pub longest_lag: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { escapes: EscapeSettings::default(), jump_length: 3.0, longest_lag: None }
    }
}

/// All results of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Transport {
    /// Time between frames, ps.
    pub step: f64,
    /// Mean squared displacements.
    pub displacements: Displacements,
    /// Escapes of the ions.
    pub escapes: Escapes,
    /// The motion of the host, if it is known.
    pub host: Option<HostMotion>,
    /// What kind of motion it is.
    pub verdict: Verdict,
    /// What the verdict rests on.
    pub checks: Vec<Check>,
    /// Stated if the verdict is `Diffusive`.
    pub diffusivities: Option<Diffusivities>,
    /// One-sided 95 % upper limit of D*, cm²/s, where none is stated.
    pub diffusivity_upper_limit_95: Option<f64>,
    /// The length of run, ps, that would decide where no D* is stated, and the host does not carry the ions.
    pub deciding_length: Option<f64>,
}

impl Transport {
    /// Whether the host moves by itself.
    pub fn host_flows(&self) -> bool {
        self.host.is_some_and(|host| host.flows)
    }

    /// Checks that were not passed, in words.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().filter(|check| !check.passed).map(|check| check.finding.as_str())
    }
}

/// Analyses the tracks of one run.
pub fn transport(tracks: &Tracks, host: Host<'_>, settings: &Settings) -> Result<Transport> {
    let frames = tracks.frames();
    if frames < LEAST_FRAMES {
        let message = format!("expected {LEAST_FRAMES} frames or more, got {frames}");
        return Err(Error::new(ErrorKind::InvalidConfiguration, message));
    }
    let displacements = displacements(tracks, settings.longest_lag.unwrap_or(0).max(frames / 2));
    let sums = [0, 1, 2].map(|axis| tracks.collective(axis));
    let whole = spectra(tracks, &sums, 0..frames, frames / 2);
    let single = plateau(&whole.single, tracks.ions());
    let collective = plateau(&whole.collective, 1);
    let parts = single.as_ref().zip(collective.as_ref());
    let parts = parts.and_then(|(single, collective)| blocks(tracks, &sums, single, collective));
    let escapes = escapes(tracks, &settings.escapes);
    let host = host_motion(host, &displacements.msd, frames, &settings.escapes);
    let found =
        parts.as_ref().and_then(|parts| diffusivities(parts, &displacements, tracks, single.as_ref()?.used));

    let windows = single.as_ref().zip(collective.as_ref()).map_or(0, |(one, all)| one.used.min(all.used));
    let mut checks =
        vec![checks::escaped(&escapes, settings.escapes.distance), checks::windows(windows, tracks.length())];
    checks.extend(single.as_ref().map(checks::exponent));
    checks.extend(parts.as_ref().map(checks::stationary));
    checks.extend(mixing(&escapes.parts).map(|mixing| checks::mixed(&mixing, escapes.hops_total())));
    if parts.is_some() {
        let estimate = found.as_ref().map(|found| &found.diffusivity);
        checks.push(checks::above_zero(estimate, escapes.hops_total()));
    }
    checks.extend(host.as_ref().map(checks::host));

    let of_blocks = found.as_ref().map_or(0.0, |found| found.diffusivity.interval_95[1]);
    let stated = found.filter(|_| checks.iter().all(|check| check.passed));
    let net = escapes.net_total();
    let limit = || {
        let limit = of_spectrum(&whole.single, single.as_ref(), tracks.ions(), net);
        let limit = limit.max(of_escapes(&escapes, tracks.length(), settings.jump_length));
        of_blocks.max(limit * SQUARE_ANGSTROM_PER_PICOSECOND)
    };
    let verdict = match &stated {
        Some(_) => Verdict::Diffusive,
        None if net <= CAGED => Verdict::Caged,
        None => Verdict::NotYetDiffusive,
    };
    Ok(Transport {
        step: tracks.step(),
        verdict,
        diffusivity_upper_limit_95: stated.is_none().then(limit),
        // No run is long enough to tell ions from a host that carries them.
        deciding_length: (stated.is_none() && !host.is_some_and(|host| host.carries))
            .then(|| deciding_length(tracks.length(), net, tracks.ions(), windows)),
        diffusivities: stated,
        checks,
        displacements,
        escapes,
        host,
    })
}
