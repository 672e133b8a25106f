//! Frames of a run, evenly spaced and no more than some, whatever its length.

use mtprs_core::geometry::{Configuration, Vector3};

/// Most frames that are kept.
const MOST: usize = 24;

/// A frame with the displacements that led to it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) frame: Configuration,
    /// From the first frame, Å, without the drift of all atoms.
    pub(super) displacements: Vec<Vector3>,
    number: u64,
}

/// Frames at even distances, and the newest.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    frames: Vec<Kept>,
    every: u64,
    count: u64,
    newest: Option<Kept>,
}

impl Sample {
    pub(super) fn new() -> Self {
        Self { frames: Vec::new(), every: 1, count: 0, newest: None }
    }

    pub(super) fn add(&mut self, frame: Configuration, displacements: Vec<Vector3>) {
        let kept = Kept { frame, displacements, number: self.count };
        if self.count.is_multiple_of(self.every) {
            self.frames.push(kept.clone());
        }
        self.newest = Some(kept);
        self.count += 1;
        if self.frames.len() > MOST {
            self.every *= 2;
            let every = self.every;
            self.frames.retain(|kept| kept.number.is_multiple_of(every));
        }
    }

    /// Those in the last share of the run, at least the newest.
    pub(super) fn last(&self, share: f64) -> Vec<&Kept> {
        let begin = ((1.0 - share) * self.count as f64).ceil() as u64;
        let newest = self.newest.as_ref();
        let is_older = |kept: &&Kept| newest.is_some_and(|newest| kept.number < newest.number);
        self.frames.iter().filter(|kept| kept.number >= begin).filter(is_older).chain(newest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_even_and_few() {
        for count in [1, 2, 24, 25, 1000, 4321] {
            let mut sample = Sample::new();
            (0..count).for_each(|_| sample.add(Configuration::default(), Vec::new()));
            let numbers: Vec<u64> = sample.last(0.25).iter().map(|kept| kept.number).collect();
            assert_eq!(numbers.last(), Some(&(count - 1)));
            assert!(numbers.len() <= 8 && numbers.is_sorted(), "{numbers:?}");
            assert!(numbers[0] as f64 >= 0.75 * count as f64 - 1.0, "{count}: {numbers:?}");
            assert!(numbers.len() as u64 >= (count / 4).min(3), "{count}: {numbers:?}");
        }
    }
}
