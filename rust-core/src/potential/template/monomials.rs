//! Monomials x^a y^b z^c of one degree, numbered in the order of the files: a descending, then b descending.

/// Powers of x, y and z.
pub(super) type Powers = [u8; 3];

/// Number of monomials of a degree.
pub(super) fn count(degree: usize) -> usize {
    (degree + 1) * (degree + 2) / 2
}

/// Number of a monomial among those of its degree.
pub(super) fn index(powers: Powers) -> usize {
    let [_, b, c] = powers.map(usize::from);
    (b + c) * (b + c + 1) / 2 + c
}

/// All monomials of a degree, in order.
pub(super) fn all(degree: usize) -> impl Iterator<Item = Powers> {
    let degree = u8::try_from(degree).expect("ranks are bounded by the level");
    (0..=degree).flat_map(move |rest| (0..=rest).map(move |c| [degree - rest, rest - c, c]))
}

/// Number of sequences of directions that give the monomial: (a + b + c)! / (a! b! c!).
pub(super) fn multinomial(powers: Powers) -> i64 {
    let [a, b, c] = powers.map(i64::from);
    binomial(a + b + c, a) * binomial(b + c, b)
}

/// Power by power sum.
pub(super) fn add(first: Powers, second: Powers) -> Powers {
    std::array::from_fn(|axis| first[axis] + second[axis])
}

/// Power by power difference, if none is negative.
pub(super) fn subtract(first: Powers, second: Powers) -> Option<Powers> {
    let mut difference = [0; 3];
    for axis in 0..3 {
        difference[axis] = first[axis].checked_sub(second[axis])?;
    }
    Some(difference)
}

fn binomial(n: i64, k: i64) -> i64 {
    (0..k).fold(1, |product, step| product * (n - step) / (step + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monomials_are_numbered_in_the_order_of_the_files() {
        let degree_two: Vec<Powers> = all(2).collect();
        assert_eq!(degree_two, [[2, 0, 0], [1, 1, 0], [1, 0, 1], [0, 2, 0], [0, 1, 1], [0, 0, 2]]);
        for degree in 0..12 {
            let numbers: Vec<usize> = all(degree).map(index).collect();
            assert_eq!(numbers, (0..count(degree)).collect::<Vec<_>>());
            let directions: i64 = all(degree).map(multinomial).sum();
            assert_eq!(directions, 3_i64.pow(degree as u32));
        }
    }
}
