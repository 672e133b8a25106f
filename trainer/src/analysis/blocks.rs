//! Sums over blocks of consecutive frames, in bounded memory: when there are too many blocks, neighbors become one.
//!
//! A block holds one row of numbers for each group. A frame that says nothing about a group does not count for it.

/// Most blocks; there are at least half as many once there are as many frames.
const MOST_BLOCKS: usize = 64;

/// Sums of the groups over some frames.
#[derive(Clone, Debug, Default)]
struct Block {
    /// Frames that count, by group.
    frames: Vec<u64>,
    /// Sums, group by group.
    sums: Vec<f64>,
}

impl Block {
    fn merge(mut self, other: &Self) -> Self {
        let grown = |length: usize, other: usize| length.max(other);
        self.frames.resize(grown(self.frames.len(), other.frames.len()), 0);
        self.sums.resize(grown(self.sums.len(), other.sums.len()), 0.0);
        self.frames.iter_mut().zip(&other.frames).for_each(|(a, b)| *a += b);
        self.sums.iter_mut().zip(&other.sums).for_each(|(a, b)| *a += b);
        self
    }
}

/// Sums of rows of numbers over blocks of frames.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    /// Numbers in the row of a group.
    width: usize,
    /// Frames in a full block.
    length: u64,
    full: Vec<Block>,
    open: Block,
    open_frames: u64,
}

/// Sums of a group over frames, and how many these are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sums {
    pub(super) frames: u64,
    pub(super) sums: Vec<f64>,
}

impl Sums {
    /// Those over these frames and others.
    pub(super) fn with(mut self, other: Self) -> Self {
        self.frames += other.frames;
        self.sums.iter_mut().zip(&other.sums).for_each(|(all, part)| *all += part);
        self
    }

    /// Those over the frames that are not among others.
    pub(super) fn without(&self, other: &Self) -> Self {
        let sums = self.sums.iter().zip(&other.sums).map(|(all, part)| all - part).collect();
        Self { frames: self.frames - other.frames, sums }
    }

    /// Averages over the frames.
    pub(super) fn means(&self) -> Vec<f64> {
        self.sums.iter().map(|sum| sum / self.frames as f64).collect()
    }
}

impl Blocks {
    /// For rows of this many numbers.
    pub(super) fn new(width: usize) -> Self {
        Self { width, length: 1, full: Vec::new(), open: Block::default(), open_frames: 0 }
    }

    /// Adds what the frame says about a group: `add` adds to its sums.
    pub(super) fn add(&mut self, group: usize, add: impl FnOnce(&mut [f64])) {
        if self.open.frames.len() <= group {
            self.open.frames.resize(group + 1, 0);
            self.open.sums.resize((group + 1) * self.width, 0.0);
        }
        self.open.frames[group] += 1;
        add(&mut self.open.sums[group * self.width..][..self.width]);
    }

    /// Ends a frame.
    pub(super) fn end_frame(&mut self) {
        self.open_frames += 1;
        if self.open_frames < self.length {
            return;
        }
        self.full.push(std::mem::take(&mut self.open));
        self.open_frames = 0;
        if self.full.len() == MOST_BLOCKS {
            let pairs = self.full.chunks(2);
            self.full = pairs.map(|pair| pair[0].clone().merge(&pair[1])).collect();
            self.length *= 2;
        }
    }

    /// Frames in a block.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Sums over all frames.
    pub(super) fn total(&self, group: usize) -> Sums {
        let zero = Sums { frames: 0, sums: vec![0.0; self.width] };
        self.full
            .iter()
            .chain([&self.open])
            .filter_map(|block| self.sums(block, group))
            .fold(zero, Sums::with)
    }

    /// Sums over the full blocks that say something about a group, in the order of time.
    pub(super) fn series(&self, group: usize) -> Vec<Sums> {
        self.full.iter().filter_map(|block| self.sums(block, group)).collect()
    }

    fn sums(&self, block: &Block, group: usize) -> Option<Sums> {
        let frames = block.frames.get(group).copied().filter(|frames| *frames > 0)?;
        Some(Sums { frames, sums: block.sums[group * self.width..][..self.width].to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_merge_and_sums_stay() {
        for frames in [1_u64, 5, 63, 64, 65, 1000] {
            let mut blocks = Blocks::new(2);
            for frame in 0..frames {
                blocks.add(0, |sums| {
                    sums[0] += frame as f64;
                    sums[1] += 1.0;
                });
                // Every third frame says something about a second group.
                if frame % 3 == 2 {
                    blocks.add(1, |sums| sums[1] += 2.0);
                }
                blocks.end_frame();
            }
            let total = blocks.total(0);
            assert_eq!((total.frames, total.sums[0]), (frames, (frames * (frames - 1) / 2) as f64));
            let series = blocks.series(0);
            assert_eq!(series.len() as u64, frames / blocks.length());
            assert!(series.iter().all(|block| block.frames == blocks.length()));
            let other = blocks.total(1);
            assert_eq!((other.frames, other.sums[1]), (frames / 3, 2.0 * (frames / 3) as f64));
            assert!(frames < 32 || (32..64).contains(&series.len()), "{} blocks", series.len());
        }
    }
}
