//! Random numbers that depend on nothing but a seed and a number, the same on every thread and machine.

/// A bijection of 64 bits that looks random (G. L. Steele et al., OOPSLA 2014).
pub(crate) fn splitmix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
