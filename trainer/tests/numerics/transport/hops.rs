//! Ions that jump from site to site, with vibrations on top.

use super::noise::Noise;
use super::synthetic::{Case, Size, add, tracks};
use super::walks::VIBRATION;

/// Adds jumps at times, ps, to a track.
fn jump(track: &mut [[f64; 3]], step: f64, jumps: &[(f64, [f64; 3])]) {
    let (mut place, mut next) = ([0.0; 3], 0);
    for (frame, position) in track.iter_mut().enumerate() {
        while next < jumps.len() && jumps[next].0 <= frame as f64 * step {
            add(&mut place, jumps[next].1);
            next += 1;
        }
        add(position, place);
    }
}

fn case(noise: &mut Noise, size: Size, jumps: &[Vec<(f64, [f64; 3])>], truth: [Option<f64>; 2]) -> Case {
    let positions: Vec<_> = jumps
        .iter()
        .map(|jumps| {
            let mut track = noise.vibration(size.frames, size.step, VIBRATION.0, VIBRATION.1);
            jump(&mut track, size.step, jumps);
            track
        })
        .collect();
    Case { tracks: tracks(size, &positions), host: None, single: truth[0], collective: truth[1] }
}

/// Jumps of a length, Å, at random times on a simple cubic lattice; D in Å²/ps.
pub(super) fn lattice(seed: u64, size: Size, diffusivity: f64, length: f64) -> Case {
    concerted(seed, size, diffusivity, length, 1)
}

/// The same with groups of ions that jump together: D_J is that many times D*.
pub(super) fn concerted(seed: u64, size: Size, diffusivity: f64, length: f64, group: usize) -> Case {
    let mut noise = Noise::new(seed);
    let mean = length * length / (6.0 * diffusivity);
    let end = size.frames as f64 * size.step;
    let mut jumps: Vec<Vec<(f64, [f64; 3])>> = vec![Vec::new(); size.ions];
    // Each event moves a group that is drawn anew.
    let mut time = noise.wait(mean * group as f64 / size.ions as f64);
    while time < end {
        let direction = noise.jump(length);
        let mut chosen: Vec<usize> = Vec::with_capacity(group);
        while chosen.len() < group {
            let ion = noise.below(size.ions);
            if !chosen.contains(&ion) {
                chosen.push(ion);
                jumps[ion].push((time, direction));
            }
        }
        time += noise.wait(mean * group as f64 / size.ions as f64);
    }
    case(&mut noise, size, &jumps, [Some(diffusivity), Some(diffusivity * group as f64)])
}

/// Jumps that go back the way they came with a probability, within some ps; else in a random direction.
///
/// `rate` counts the jumps that are not undone, 1/ps; each is followed by a jump out and back with the probability `back`.
pub(super) fn back_jumps(
    seed: u64,
    size: Size,
    diffusivity: f64,
    length: f64,
    back: f64,
    within: f64,
) -> Case {
    let mut noise = Noise::new(seed);
    let mean = length * length / (6.0 * diffusivity);
    let end = size.frames as f64 * size.step;
    let jumps: Vec<_> = (0..size.ions)
        .map(|_| {
            let (mut jumps, mut time) = (Vec::new(), noise.wait(mean));
            while time < end {
                jumps.push((time, noise.jump(length)));
                time += noise.wait(mean);
            }
            // Detours, at random times of their own, that change nothing in the long run.
            let (mut time, between) = (-10.0 * within, mean * (1.0 - back) / back.max(1e-9));
            while time < end {
                time += noise.wait(between);
                let out = noise.jump(length);
                jumps.push((time, out));
                time += noise.wait(within);
                jumps.push((time, out.map(|x| -x)));
            }
            jumps.sort_by(|a, b| a.0.total_cmp(&b.0));
            jumps
        })
        .collect();
    case(&mut noise, size, &jumps, [Some(diffusivity); 2])
}

/// Waits with heavy tails: longer than t with the probability (1 + t/scale)^(−α); watched from a time `age`, ps, on.
pub(super) fn heavy_tailed(seed: u64, size: Size, alpha: f64, scale: f64, age: f64, length: f64) -> Case {
    let mut noise = Noise::new(seed);
    let end = size.frames as f64 * size.step;
    let jumps: Vec<_> = (0..size.ions)
        .map(|_| {
            let (mut jumps, mut time) = (Vec::new(), noise.heavy_wait(scale, alpha) - age);
            while time < end {
                if time > 0.0 {
                    jumps.push((time, noise.jump(length)));
                }
                time += noise.heavy_wait(scale, alpha);
            }
            jumps
        })
        .collect();
    case(&mut noise, size, &jumps, [None, None])
}

/// Some of the ions jump at a rate of their own for good, the others do not at all.
pub(super) fn movers(seed: u64, size: Size, diffusivity: f64, length: f64, share: f64) -> Case {
    let mut noise = Noise::new(seed);
    let mean = length * length / (6.0 * diffusivity) * share;
    let end = size.frames as f64 * size.step;
    let moving = (share * size.ions as f64).ceil() as usize;
    let jumps: Vec<_> = (0..size.ions)
        .map(|ion| {
            let (mut jumps, mut time) = (Vec::new(), noise.wait(mean));
            while ion < moving && time < end {
                jumps.push((time, noise.jump(length)));
                time += noise.wait(mean);
            }
            jumps
        })
        .collect();
    case(&mut noise, size, &jumps, [None, None])
}
