//! Brownian walks: alone, correlated, drifting, with a host that moves.

use super::noise::Noise;
use super::synthetic::{Case, Size, add, tracks};

/// Width, Å, and relaxation time, ps, of vibrations that everything has on top.
pub(super) const VIBRATION: (f64, f64) = (0.2, 0.3);

/// A walk with a diffusivity along each axis, Å²/ps.
fn walk(noise: &mut Noise, size: Size, diffusivities: [f64; 3]) -> Vec<[f64; 3]> {
    let mut position = [0.0; 3];
    let mut result = Vec::with_capacity(size.frames);
    for _ in 0..size.frames {
        result.push(position);
        let kick = noise.normals(1.0);
        add(&mut position, [0, 1, 2].map(|axis| kick[axis] * (2.0 * diffusivities[axis] * size.step).sqrt()));
    }
    result
}

fn vibrate(noise: &mut Noise, size: Size, track: &mut [[f64; 3]]) {
    let vibration = noise.vibration(size.frames, size.step, VIBRATION.0, VIBRATION.1);
    for (position, shift) in track.iter_mut().zip(vibration) {
        add(position, shift);
    }
}

/// Ions that walk by themselves.
pub(super) fn brownian(seed: u64, size: Size, diffusivity: f64, vibrating: bool) -> Case {
    anisotropic(seed, size, [diffusivity; 3], vibrating)
}

/// Ions that walk by themselves, not as fast along each axis.
pub(super) fn anisotropic(seed: u64, size: Size, diffusivities: [f64; 3], vibrating: bool) -> Case {
    let mut noise = Noise::new(seed);
    let positions: Vec<_> = (0..size.ions)
        .map(|_| {
            let mut track = walk(&mut noise, size, diffusivities);
            if vibrating {
                vibrate(&mut noise, size, &mut track);
            }
            track
        })
        .collect();
    let mean = diffusivities.iter().sum::<f64>() / 3.0;
    Case { tracks: tracks(size, &positions), host: None, single: Some(mean), collective: Some(mean) }
}

/// Ions that walk together to a part, so that D* / D_J is the Haven ratio given.
pub(super) fn correlated(seed: u64, size: Size, diffusivity: f64, haven: f64) -> Case {
    let mut noise = Noise::new(seed);
    let shared = (1.0 / haven - 1.0) / (size.ions as f64 - 1.0);
    let together = walk(&mut noise, size, [shared * diffusivity; 3]);
    let positions: Vec<_> = (0..size.ions)
        .map(|_| {
            let mut track = walk(&mut noise, size, [(1.0 - shared) * diffusivity; 3]);
            vibrate(&mut noise, size, &mut track);
            for (position, shift) in track.iter_mut().zip(&together) {
                add(position, *shift);
            }
            track
        })
        .collect();
    let collective = Some(diffusivity / haven);
    Case { tracks: tracks(size, &positions), host: None, single: Some(diffusivity), collective }
}

/// Walks of ions with a drift of all of them, Å/ps along x, that was not taken out.
pub(super) fn drifting(seed: u64, size: Size, diffusivity: f64, drift: f64) -> Case {
    let mut noise = Noise::new(seed);
    let positions: Vec<_> = (0..size.ions)
        .map(|_| {
            let mut track = walk(&mut noise, size, [diffusivity; 3]);
            vibrate(&mut noise, size, &mut track);
            for (frame, position) in track.iter_mut().enumerate() {
                position[0] += drift * frame as f64 * size.step;
            }
            track
        })
        .collect();
    Case {
        tracks: tracks(size, &positions),
        host: None,
        single: Some(diffusivity),
        collective: Some(diffusivity),
    }
}

/// What a host does.
#[derive(Clone, Copy, Debug)]
pub(super) enum HostKind {
    /// It vibrates.
    Solid,
    /// Its atoms diffuse, Å²/ps.
    Flows(f64),
    /// It shears: x moves with y, this many times per ps.
    Creeps(f64),
    /// It turns around z, radians per ps.
    Rotates(f64),
}

/// Ions that walk in a host of 60 atoms, which carries them.
pub(super) fn in_host(seed: u64, size: Size, diffusivity: f64, host: HostKind) -> Case {
    let mut noise = Noise::new(seed);
    let carried = |mut track: Vec<[f64; 3]>, place: [f64; 3]| {
        for (frame, position) in track.iter_mut().enumerate() {
            let time = frame as f64 * size.step;
            add(position, place);
            match host {
                HostKind::Creeps(rate) => position[0] += rate * time * place[1],
                HostKind::Rotates(rate) => {
                    let (sin, cos) = (rate * time).sin_cos();
                    let [x, y, _] = *position;
                    (position[0], position[1]) = (cos * x - sin * y, sin * x + cos * y);
                }
                HostKind::Solid | HostKind::Flows(_) => {}
            }
        }
        track
    };
    let of_host = if let HostKind::Flows(rate) = host { rate } else { 0.0 };
    let mut moved = |count: usize, rate: f64| -> Vec<Vec<[f64; 3]>> {
        (0..count)
            .map(|_| {
                let mut track = walk(&mut noise, size, [rate; 3]);
                vibrate(&mut noise, size, &mut track);
                let place = [0; 3].map(|_: usize| 20.0 * (noise.uniform() - 0.5));
                carried(track, place)
            })
            .collect()
    };
    let (ions, atoms) = (moved(size.ions, diffusivity), moved(60, of_host));
    let (single, collective) = (Some(diffusivity), Some(diffusivity));
    Case { tracks: tracks(size, &ions), host: Some(tracks(size, &atoms)), single, collective }
}
