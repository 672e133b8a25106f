//! What many numbers have in common: their middle, their divisor, and energies by the composition alone.

pub(crate) mod composition;
mod median;

pub(crate) use median::median;

/// The greatest common divisor of two counts, by the algorithm of Euclid; with zero the other one.
pub(crate) fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
