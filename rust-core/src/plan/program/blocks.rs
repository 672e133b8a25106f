//! Numbers of blocks, four in one word.

use std::fmt::Debug;

/// Four block numbers, read together: half as many loads, and two bytes for a number where that is enough.
pub(crate) trait Four: Copy + Debug + Send + Sync + 'static {
    /// Numbers are below this.
    const LIMIT: usize;

    fn pack(numbers: [u32; 4]) -> Self;
    fn unpack(self) -> [usize; 4];
}

/// Up to 65536 blocks.
impl Four for u64 {
    const LIMIT: usize = 1 << 16;

    fn pack(numbers: [u32; 4]) -> Self {
        numbers.into_iter().rev().fold(0, |word, number| word << 16 | Self::from(number))
    }

    #[inline(always)]
    fn unpack(self) -> [usize; 4] {
        [0, 16, 32, 48].map(|shift| (self >> shift & 0xffff) as usize)
    }
}

/// Any number of blocks.
impl Four for [u32; 4] {
    const LIMIT: usize = 1 << 32;

    fn pack(numbers: [u32; 4]) -> Self {
        numbers
    }

    #[inline(always)]
    fn unpack(self) -> [usize; 4] {
        self.map(|number| number as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_numbers_come_out_again() {
        let numbers = [0, 65_535, 1, 40_000];
        assert_eq!(u64::pack(numbers).unpack(), numbers.map(|number| number as usize));
        let numbers = [70_000, 1, u32::MAX, 0];
        assert_eq!(<[u32; 4]>::pack(numbers).unpack(), numbers.map(|number| number as usize));
    }
}
