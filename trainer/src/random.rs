//! Random numbers that depend on nothing but a seed and a number, the same on every thread and machine.

/// A bijection of 64 bits that looks random (G. L. Steele et al., OOPSLA 2014).
pub(crate) fn splitmix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A random number from zero to below one of a random value.
pub(crate) fn uniform(value: u64) -> f64 {
    (value >> 11) as f64 / (1_u64 << 53) as f64
}

/// A sequence of random numbers.
pub(crate) struct Sequence(u64);

impl Sequence {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From zero to below one.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = splitmix(self.0);
        uniform(self.0)
    }

    /// From minus one to below one.
    pub(crate) fn symmetric(&mut self) -> f64 {
        2.0 * self.uniform() - 1.0
    }

    /// An index below `count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((self.uniform() * count as f64) as usize).min(count.saturating_sub(1))
    }
}
