//! Ions that go nowhere.

use super::noise::Noise;
use super::synthetic::{Case, Size, add, tracks};

/// Ions in harmonic cages of a width, Å along each axis, which they cross within a relaxation time, ps.
pub(super) fn caged(seed: u64, size: Size, width: f64, relaxation: f64) -> Case {
    let mut noise = Noise::new(seed);
    let positions: Vec<_> =
        (0..size.ions).map(|_| noise.vibration(size.frames, size.step, width, relaxation)).collect();
    Case { tracks: tracks(size, &positions), host: None, single: Some(0.0), collective: Some(0.0) }
}

/// Ions in cages within cages, one for each octave of time: MSD grows as a power below one from the shortest to the
/// longest time, with widths that grow as the time to half that power.
pub(super) fn nested(seed: u64, size: Size, width: f64, exponent: f64, octaves: i32) -> Case {
    let mut noise = Noise::new(seed);
    let positions: Vec<_> = (0..size.ions)
        .map(|_| {
            let mut track = vec![[0.0; 3]; size.frames];
            for octave in 0..octaves {
                let time = size.step * 2.0_f64.powi(octave);
                let part = noise.vibration(
                    size.frames,
                    size.step,
                    width * 2.0_f64.powf(0.5 * exponent * f64::from(octave)),
                    time,
                );
                for (position, shift) in track.iter_mut().zip(part) {
                    add(position, shift);
                }
            }
            track
        })
        .collect();
    Case { tracks: tracks(size, &positions), host: None, single: Some(0.0), collective: Some(0.0) }
}

/// Ions that jump to and fro between two sites, some Å apart, at a rate, 1/ps.
pub(super) fn two_sites(seed: u64, size: Size, apart: f64, rate: f64) -> Case {
    let mut noise = Noise::new(seed);
    let positions: Vec<_> = (0..size.ions)
        .map(|_| {
            let mut track = noise.vibration(size.frames, size.step, 0.2, 0.3);
            let (mut there, mut next) = (noise.uniform() < 0.5, noise.wait(1.0 / rate));
            for (frame, position) in track.iter_mut().enumerate() {
                while next < frame as f64 * size.step {
                    there = !there;
                    next += noise.wait(1.0 / rate);
                }
                position[0] += if there { apart } else { 0.0 };
            }
            track
        })
        .collect();
    Case { tracks: tracks(size, &positions), host: None, single: Some(0.0), collective: Some(0.0) }
}
