//! Synthetic tracks with known diffusivities.

use mtprs::analysis::transport::Tracks;

/// Tracks and what is true of them.
pub(super) struct Case {
    /// The tracks of the ions.
    pub(super) tracks: Tracks,
    /// The tracks of atoms of the host, if there are any.
    pub(super) host: Option<Tracks>,
    /// D*, Å²/ps, over times without end; none where there is no such thing.
    pub(super) single: Option<f64>,
    /// D_J, Å²/ps.
    pub(super) collective: Option<f64>,
}

/// How many ions, for how many frames.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Ions.
    pub(super) ions: usize,
    /// Frames.
    pub(super) frames: usize,
    /// Time between frames, ps.
    pub(super) step: f64,
}

/// Makes tracks of positions [ion][frame], Å.
pub(super) fn tracks(size: Size, positions: &[Vec<[f64; 3]>]) -> Tracks {
    let mut tracks = Tracks::new(positions.len(), size.frames).unwrap();
    let mut frame = vec![[0.0; 3]; positions.len()];
    for t in 0..size.frames {
        for (to, ion) in frame.iter_mut().zip(positions) {
            *to = ion[t];
        }
        tracks.push(t as f64 * size.step, &frame).unwrap();
    }
    tracks
}

/// Adds b to a.
pub(super) fn add(a: &mut [f64; 3], b: [f64; 3]) {
    for axis in 0..3 {
        a[axis] += b[axis];
    }
}
