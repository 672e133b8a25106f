//! The tracks of the ions: where each one was in every frame, in the frame of the host.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, ErrorKind, Result};

use crate::text::general;

/// Unwrapped positions of the ions over time, in the frame of the host.
///
/// Kept as displacements from the first frame in single precision, 12 bytes for an ion and a frame: of ten Å that
/// keeps a millionth of an Å, and 96 ions in 40 000 frames take 46 MB.
#[derive(Clone, Debug)]
pub struct Tracks {
    first: Vec<Vector3>,
    /// Displacements, Å, one list for each ion and axis: ion 0 along x, y, z, ion 1 along x and so on.
    displacements: Vec<Vec<f32>>,
    start: f64,
    end: f64,
    first_step: f64,
    frames: usize,
}

impl Tracks {
    /// No frame yet of a number of ions, with room for a number of frames.
    pub fn new(ions: usize, frames: usize) -> Result<Self> {
        if ions == 0 {
            return Err(invalid("there are no mobile ions".into()));
        }
        let displacements = (0..3 * ions).map(|_| Vec::with_capacity(frames)).collect();
        Ok(Self { first: Vec::new(), displacements, start: 0.0, end: 0.0, first_step: 0.0, frames: 0 })
    }

    /// Takes in one frame: its time, ps, and the unwrapped positions of all ions, Å.
    pub fn push(&mut self, time: f64, positions: &[Vector3]) -> Result<()> {
        let frame = self.frames + 1;
        if positions.len() != self.ions() {
            let (got, expected) = (positions.len(), self.ions());
            let message = format!("frame {frame} has {got} mobile ions: expected {expected} as in the first");
            return Err(invalid(message));
        }
        // What is kept in single precision must be finite there, too.
        if !time.is_finite() || positions.iter().flatten().any(|x| !(*x as f32).is_finite()) {
            return Err(invalid(format!("a position or the time of frame {frame} is not a finite number")));
        }
        self.check_time(time)?;
        if self.frames == 0 {
            self.first = positions.to_vec();
        }
        for ((position, first), lists) in
            positions.iter().zip(&self.first).zip(self.displacements.chunks_exact_mut(3))
        {
            for axis in 0..3 {
                lists[axis].push((position[axis] - first[axis]) as f32);
            }
        }
        self.end = time;
        self.frames += 1;
        Ok(())
    }

    /// Refuses a time that does not follow the one before by the first step, within a hundredth of it.
    fn check_time(&mut self, time: f64) -> Result<()> {
        let got = time - self.end;
        match self.frames {
            0 => self.start = time,
            1 => self.first_step = got,
            _ => {}
        }
        let expected = self.first_step;
        let uneven = (got - expected).abs() > 0.01 * expected;
        if self.frames > 0 && (expected <= 0.0 || uneven) {
            let [got, expected] = [got, expected].map(|time| general(time, 6));
            let message = format!("the frame is {got} ps after the previous one: expected {expected} ps");
            return Err(invalid(message).hint(
                "frames must be equally spaced in time: take a part of them that is (--skip, --limit), or fewer (--every)",
            ));
        }
        Ok(())
    }

    /// Number of ions.
    pub fn ions(&self) -> usize {
        self.displacements.len() / 3
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Time from one frame to the next, ps; zero of fewer than two frames.
    pub fn step(&self) -> f64 {
        if self.frames < 2 { 0.0 } else { (self.end - self.start) / (self.frames - 1) as f64 }
    }

    /// Time from the first frame to the last, ps.
    pub fn length(&self) -> f64 {
        self.end - self.start
    }

    /// Displacements from the first frame of one ion along one axis, Å.
    pub(super) fn track(&self, ion: usize, axis: usize) -> &[f32] {
        &self.displacements[3 * ion + axis]
    }

    /// Maps all displacements.
    pub(super) fn transform(&mut self, map: impl Fn(Vector3) -> Vector3) {
        for lists in self.displacements.chunks_exact_mut(3) {
            for frame in 0..self.frames {
                let mapped = map([0, 1, 2].map(|axis| f64::from(lists[axis][frame])));
                for axis in 0..3 {
                    lists[axis][frame] = mapped[axis] as f32;
                }
            }
        }
    }

    /// Sum over the ions of their displacements along one axis in every frame, Å.
    pub(super) fn collective(&self, axis: usize) -> Vec<f64> {
        let mut sum = vec![0.0; self.frames];
        for ion in 0..self.ions() {
            for (to, x) in sum.iter_mut().zip(self.track(ion, axis)) {
                *to += f64::from(*x);
            }
        }
        sum
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<impl std::fmt::Debug>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn bad_frames_are_refused() {
        assert_eq!(message(Tracks::new(0, 1)), "there are no mobile ions");
        let mut tracks = Tracks::new(1, 4).unwrap();
        tracks.push(5.0, &[[1.0, 2.0, 3.0]]).unwrap();
        assert_eq!(message(tracks.push(5.1, &[])), "frame 2 has 0 mobile ions: expected 1 as in the first");
        assert_eq!(
            message(tracks.push(5.1, &[[f64::NAN, 0.0, 0.0]])),
            "a position or the time of frame 2 is not a finite number"
        );
        tracks.push(5.1, &[[1.5, 2.0, 3.0]]).unwrap();
        assert!(message(tracks.push(5.3, &[[1.0; 3]])).starts_with("the frame is 0.2 ps after"));
        assert_eq!(tracks.track(0, 0), [0.0, 0.5]);
        assert!((tracks.step() - 0.1).abs() < 1e-12);
    }

    #[test]
    fn time_that_stands_still_is_refused() {
        let mut tracks = Tracks::new(1, 4).unwrap();
        tracks.push(1.0, &[[0.0; 3]]).unwrap();
        let found = message(tracks.push(1.0, &[[0.0; 3]]));
        assert!(found.starts_with("the frame is 0 ps after the previous one: expected 0 ps"), "{found}");
    }
}
