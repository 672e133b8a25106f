//! D*, D_J and the Haven ratio, in the units that are printed.

use super::blocks::{Blocks, Estimate, mean, ratio};
use super::displacement::Displacements;
use super::tracks::Tracks;
use crate::constants::units::SQUARE_ANGSTROM_PER_PICOSECOND;

/// Diffusivities, cm²/s.
#[derive(Clone, Debug, PartialEq)]
pub struct Diffusivities {
    /// D* of the single ions, the tracer diffusivity.
    pub diffusivity: Estimate,
    /// D* along x, y and z; none where it is not above zero.
    pub diffusivity_components: [Option<Estimate>; 3],
    /// D_J of all ions together, the jump diffusivity.
    pub jump_diffusivity: Option<Estimate>,
    /// D_J along x, y and z.
    pub jump_diffusivity_components: [Option<Estimate>; 3],
    /// D* / D_J.
    pub haven_ratio: Option<Estimate>,
    /// A of MSD = A + 6 D* τ, Å²: what vibrations add.
    pub offset: f64,
    /// The lag, ps, from which on MSD is straight.
    pub shortest_lag: f64,
}

/// Means over the blocks; none if D* is not above zero.
pub(super) fn diffusivities(
    parts: &Blocks,
    displacements: &Displacements,
    tracks: &Tracks,
    used: usize,
) -> Option<Diffusivities> {
    let over_axes =
        |values: &[[f64; 3]]| values.iter().map(|parts| parts.iter().sum::<f64>() / 3.0).collect::<Vec<_>>();
    let along = |values: &[[f64; 3]]| {
        [0, 1, 2].map(|axis| in_units(mean(&values.iter().map(|parts| parts[axis]).collect::<Vec<_>>())))
    };
    let (single, collective) = (over_axes(&parts.single), over_axes(&parts.collective));
    let found = mean(&single)?;
    let first = tracks.frames().div_ceil(used).max(1);
    let msd = &displacements.msd.total;
    let lags = first..(2 * first + 1).min(msd.len());
    let count = lags.len().max(1) as f64;
    let offset =
        lags.map(|lag| msd[lag] - 6.0 * found.value * lag as f64 * tracks.step()).sum::<f64>() / count;
    Some(Diffusivities {
        diffusivity: found.scaled(SQUARE_ANGSTROM_PER_PICOSECOND),
        diffusivity_components: along(&parts.single),
        jump_diffusivity: in_units(mean(&collective)),
        jump_diffusivity_components: along(&parts.collective),
        haven_ratio: ratio(&single, &collective),
        offset,
        shortest_lag: first as f64 * tracks.step(),
    })
}

fn in_units(estimate: Option<Estimate>) -> Option<Estimate> {
    estimate.map(|estimate| estimate.scaled(SQUARE_ANGSTROM_PER_PICOSECOND))
}
