//! The samples of one set, cut into chunks that are the same for any number of threads and processes.
//!
//! Whatever is summed over a set is summed within each chunk first and then over the chunks in their order, so that
//! a result does not depend on who did which chunk.

use std::ops::Range;

use super::Sample;

/// Most chunks of a set, and so the most threads that can work on one in all processes together.
const MOST_CHUNKS: usize = 512;

/// Consecutive samples.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Number of the chunk in the whole set.
    pub number: usize,
    /// The samples.
    pub samples: Vec<Sample>,
}

/// The samples of a set, or one process's share of them.
#[derive(Clone, Debug, Default)]
pub struct TrainingSet {
    chunks: Vec<Chunk>,
    chunk_count: usize,
    configurations: usize,
    atoms: usize,
}

impl TrainingSet {
    /// Boundaries of the chunks of configurations with these numbers of atoms: about as many atoms in each.
    pub fn boundaries(sizes: &[usize]) -> Vec<Range<usize>> {
        let total: usize = sizes.iter().sum();
        let count = sizes.len().min(MOST_CHUNKS);
        let mut ranges = Vec::with_capacity(count);
        let (mut start, mut done) = (0, 0);
        for (index, size) in sizes.iter().enumerate() {
            done += size;
            let left = sizes.len() - index - 1;
            let chunks_left = count - ranges.len() - 1;
            if done * count >= total * (ranges.len() + 1) || left == chunks_left {
                ranges.push(start..index + 1);
                start = index + 1;
                if ranges.len() == count {
                    break;
                }
            }
        }
        if let Some(last) = ranges.last_mut() {
            last.end = sizes.len();
        }
        ranges
    }

    /// A share of a set: some of its chunks; `configurations` and `atoms` count the whole set.
    pub fn new(chunks: Vec<Chunk>, chunk_count: usize, configurations: usize, atoms: usize) -> Self {
        Self { chunks, chunk_count, configurations, atoms }
    }

    /// Every n-th configuration, in the same chunks; the number of atoms is an estimate.
    pub fn thinned(&self, stride: usize) -> Self {
        let stride = stride.max(1);
        let kept = |sample: &&Sample| sample.index.is_multiple_of(stride);
        let renumbered = |sample: &Sample| {
            let mut sample = sample.clone();
            sample.index /= stride;
            sample
        };
        let thinned = |chunk: &Chunk| Chunk {
            number: chunk.number,
            samples: chunk.samples.iter().filter(kept).map(renumbered).collect(),
        };
        Self {
            chunks: self.chunks.iter().map(thinned).collect(),
            chunk_count: self.chunk_count,
            configurations: self.configurations.div_ceil(stride),
            atoms: self.atoms / stride,
        }
    }

    /// The chunks of this share.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// Number of chunks of the whole set.
    pub fn chunk_count(&self) -> usize {
        self.chunk_count
    }

    /// Number of configurations of the whole set.
    pub fn configurations(&self) -> usize {
        self.configurations
    }

    /// Number of atoms of the whole set.
    pub fn atoms(&self) -> usize {
        self.atoms
    }

    /// The samples of this share in their order.
    pub fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.chunks.iter().flat_map(|chunk| &chunk.samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_everything_once_and_are_about_equal() {
        for sizes in [vec![], vec![5], vec![1; 3], (1..5000).map(|k| 1 + k % 97).collect::<Vec<_>>()] {
            let ranges = TrainingSet::boundaries(&sizes);
            assert_eq!(ranges.len(), sizes.len().min(MOST_CHUNKS));
            let mut next = 0;
            for range in &ranges {
                assert_eq!(range.start, next);
                assert!(!range.is_empty());
                next = range.end;
            }
            assert_eq!(next, sizes.len());
        }
        let sizes: Vec<usize> = (1..50000).map(|k| 1 + k % 97).collect();
        let total: usize = sizes.iter().sum();
        let most =
            TrainingSet::boundaries(&sizes).into_iter().map(|range| sizes[range].iter().sum::<usize>()).max();
        assert!(most.unwrap() < 2 * total / MOST_CHUNKS);
    }

    #[test]
    fn one_large_configuration_leaves_no_chunk_empty() {
        let mut sizes = vec![1; 1000];
        sizes[0] = 100_000;
        let ranges = TrainingSet::boundaries(&sizes);
        assert_eq!(ranges.len(), MOST_CHUNKS);
        assert!(ranges.iter().all(|range| !range.is_empty()));
        assert_eq!(ranges.last().unwrap().end, 1000);
    }
}
