//! Where blocks stand in the array of a program.

/// Bytes of a block, which the kernel holds against its own: eight doubles.
pub(crate) const SIZE: u32 = 64;

/// A block, as bytes from the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offset(u32);

impl Offset {
    /// Block numbers must be below this.
    pub(crate) const LIMIT: usize = (u32::MAX / SIZE) as usize;

    pub(crate) fn new(number: u32) -> Self {
        debug_assert!((number as usize) < Self::LIMIT);
        Self(number * SIZE)
    }

    #[inline(always)]
    pub(crate) fn bytes(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn number(self) -> u32 {
        self.0 / SIZE
    }
}

/// Four blocks, two in a word: what takes them apart is fewer instructions than with four words, or with numbers that
/// have to be multiplied by the size of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Four([u64; 2]);

impl Four {
    pub(crate) fn new(numbers: [u32; 4]) -> Self {
        let [a, b, c, d] = numbers.map(|number| u64::from(Offset::new(number).0));
        Self([a | b << 32, c | d << 32])
    }

    /// Bytes from the first block.
    #[inline(always)]
    pub(crate) fn offsets(self) -> [usize; 4] {
        let [first, second] = self.0;
        [first as u32 as usize, (first >> 32) as usize, second as u32 as usize, (second >> 32) as usize]
    }

    pub(crate) fn numbers(self) -> [u32; 4] {
        self.offsets().map(|offset| offset as u32 / SIZE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_again() {
        let numbers = [0, 65_535, Offset::LIMIT as u32 - 1, 70_000];
        assert_eq!(Four::new(numbers).numbers(), numbers);
        assert_eq!(Four::new(numbers).offsets(), numbers.map(|number| Offset::new(number).bytes()));
    }
}
