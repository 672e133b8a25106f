//! Files that are parts of one run: the next one often begins with the last frame of the one before.

use mtprs_core::geometry::{Configuration, Vector3};

use crate::structure_files::Motion;

/// How far the first atom of a frame may be from where it was before, Å, for the frame to be the same: digits of files.
const SAME: f64 = 1e-3;

/// Tells frames that have been read before.
#[derive(Debug, Default)]
pub(super) struct Seam {
    last: Option<Mark>,
}

/// What tells a frame from others.
#[derive(Debug)]
struct Mark {
    file: usize,
    time: Option<f64>,
    step: Option<String>,
    atoms: usize,
    first: Vector3,
}

impl Seam {
    /// Whether the frame is the last one of the file before, once more: a first frame with the same time or step of MD, as
    /// many atoms, and the first of them in the same place. Frames without time and step never are.
    pub(super) fn repeats(
        &mut self,
        file: usize,
        is_first: bool,
        motion: &Motion,
        configuration: &Configuration,
    ) -> bool {
        let mark = Mark {
            file,
            time: motion.time,
            step: configuration.feature("step").map(str::to_owned),
            atoms: configuration.len(),
            first: configuration.positions.first().copied().unwrap_or_default(),
        };
        let repeats =
            is_first && self.last.as_ref().is_some_and(|last| last.file != file && last.is_as(&mark));
        self.last = Some(mark);
        repeats
    }
}

impl Mark {
    fn is_as(&self, other: &Self) -> bool {
        let is_same_moment = match (self.time.zip(other.time), self.step.as_ref().zip(other.step.as_ref())) {
            (Some((time, other)), _) => time == other,
            (None, Some((step, other))) => step == other,
            (None, None) => false,
        };
        let is_near = self.first.iter().zip(other.first).all(|(x, other)| (x - other).abs() < SAME);
        is_same_moment && self.atoms == other.atoms && is_near
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;

    fn frame(step: Option<&str>, x: f64) -> Configuration {
        let mut frame =
            Configuration::new(Cell::default(), vec![0, 0], vec![[x, 0.0, 0.0], [2.0, 0.0, 0.0]]).unwrap();
        if let Some(step) = step {
            frame.set_feature("step", step);
        }
        frame
    }

    #[test]
    fn only_the_last_frame_of_the_file_before_is_told() {
        let mut seam = Seam::default();
        let untimed = Motion::default();
        let mut repeats = |file, is_first, step, x| seam.repeats(file, is_first, &untimed, &frame(step, x));
        assert!(!repeats(0, true, Some("0"), 1.0));
        assert!(!repeats(0, false, Some("10"), 1.1));
        assert!(repeats(1, true, Some("10"), 1.1004));
        assert!(!repeats(1, false, Some("20"), 1.2));
        assert!(!repeats(2, true, Some("20"), 1.3), "another place");
        assert!(!repeats(3, true, Some("30"), 1.3), "another step");
        assert!(!repeats(4, true, None, 1.3));
        assert!(!repeats(5, true, None, 1.3), "no step");
    }

    #[test]
    fn times_count_before_steps() {
        let mut seam = Seam::default();
        let mut repeats = |file, time, step| {
            let motion = Motion { time: Some(time), ..Motion::default() };
            seam.repeats(file, true, &motion, &frame(Some(step), 1.0))
        };
        assert!(!repeats(0, 5.0, "10"));
        assert!(repeats(1, 5.0, "0"));
        assert!(!repeats(2, 6.0, "0"));
    }
}
