//! Whole numbers and fractions modulo a prime: exact arithmetic of bounded size.

/// 2³¹ − 1: products of two residues fit in 64 bits.
pub(crate) const PRIME: u64 = (1 << 31) - 1;

/// a − f · b
pub(crate) fn subtract(a: u64, factor: u64, b: u64) -> u64 {
    (a + PRIME * PRIME - factor * b) % PRIME
}

/// 1 / value by Fermat's little theorem, value^(p − 2).
pub(crate) fn inverse(value: u64) -> u64 {
    let (mut power, mut result, mut exponent) = (value, 1, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * power % PRIME;
        }
        power = power * power % PRIME;
        exponent >>= 1;
    }
    result
}

pub(crate) fn negative(value: u64) -> u64 {
    (PRIME - value) % PRIME
}

/// The fraction with this residue whose numerator and denominator are at most `largest`, if there is one: rational
/// reconstruction by half of the extended Euclidean algorithm (P. S. Wang, SYMSAC 1981).
///
/// 3/4 is 3 · 2²⁹ = 1610612736. Remainders and factors go (p, 0), (1610612736, 1), (536870911, −1), (3, 4), and 3 is the
/// first remainder that is not above 64.
pub(crate) fn fraction(residue: u64, largest: i64) -> Option<(i64, i64)> {
    let (mut r, mut next_r) = (PRIME as i64, residue as i64);
    let (mut s, mut next_s) = (0_i64, 1_i64);
    while next_r > largest {
        let quotient = r / next_r;
        (r, next_r) = (next_r, r - quotient * next_r);
        (s, next_s) = (next_s, s - quotient * next_s);
    }
    let sign = next_s.signum();
    (next_s != 0 && next_s.abs() <= largest).then_some((sign * next_r, sign * next_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_found_again() {
        for (numerator, denominator) in [(1, 1), (-1, 1), (3, 4), (-5, 12), (64, 63), (0, 1)] {
            let residue =
                i64::rem_euclid(numerator, PRIME as i64) as u64 * inverse(denominator as u64) % PRIME;
            assert_eq!(fraction(residue, 64), Some((numerator, denominator)));
        }
        assert_eq!(fraction(1_000_003, 64), None);
    }
}
