//! The basis functions of one table in another one.
//!
//! A moment is a polynomial in the basic moments with whole coefficients. Two moments are the same up to a factor if
//! their values have the same ratios at a few random points, which is looked at modulo a prime: exact, and wrong with
//! a chance below 10⁻²⁰ (Schwartz 1980, Zippel 1979).

use std::collections::HashMap;

use crate::error::Result;
use crate::potential::residues::{PRIME, fraction, inverse};
use crate::potential::{BasicMoment, MomentBasis, Product};

/// Points at which moments are compared.
const POINTS: usize = 4;
/// Largest numerator and denominator of a factor between two moments.
const LARGEST: i64 = 1 << 14;

type Values = [u64; POINTS];
/// Values at all points but the first, by that at the first.
type Ratios = [u64; POINTS - 1];

/// The template with the coefficients of the potential, and how many of its basis functions had to be added to it.
pub(super) fn raised(
    own: &MomentBasis,
    coefficients: &[f64],
    template: &MomentBasis,
) -> Result<(MomentBasis, Vec<f64>, usize)> {
    let of_template = values(template);
    let mut known: HashMap<Ratios, usize> = HashMap::new();
    for (function, &moment) in template.scalar_moments().iter().enumerate() {
        if let Some(ratios) = ratios(&of_template[moment as usize]) {
            known.entry(ratios).or_insert(function);
        }
    }
    let of_own = values(own);
    let mut raised = vec![0.0; template.scalar_moments().len()];
    let mut missing = Vec::new();
    for (&moment, &coefficient) in own.scalar_moments().iter().zip(coefficients) {
        let values = &of_own[moment as usize];
        let same = ratios(values).and_then(|ratios| known.get(&ratios).copied());
        let factor = same.and_then(|function| {
            let other = &of_template[template.scalar_moments()[function] as usize];
            fraction(values[0] * inverse(other[0]) % PRIME, LARGEST)
        });
        match (same, factor) {
            (Some(function), Some((numerator, denominator))) => {
                raised[function] += coefficient * numerator as f64 / denominator as f64;
            }
            _ => {
                missing.push(moment);
                raised.push(coefficient);
            }
        }
    }
    Ok((extended(template, own, &missing)?, raised, missing.len()))
}

fn ratios(values: &Values) -> Option<Ratios> {
    let [first, rest @ ..] = values;
    (*first != 0).then(|| rest.map(|value| value * inverse(*first) % PRIME))
}

/// All moments at the points, the same for basic moments of the same name.
fn values(basis: &MomentBasis) -> Vec<Values> {
    let mut values: Vec<Values> = basis.basic().iter().map(at_points).collect();
    values.resize(basis.moments_count(), [0; POINTS]);
    for product in basis.products() {
        let factor = i64::from(product.factor).rem_euclid(PRIME as i64) as u64;
        for point in 0..POINTS {
            let [left, right] = [product.left, product.right].map(|moment| values[moment as usize][point]);
            let target = &mut values[product.target as usize][point];
            *target = (*target + left * right % PRIME * factor) % PRIME;
        }
    }
    values
}

/// Numbers that nothing connects: those of SplitMix64 (Steele, Lea, Flood 2014).
fn at_points(moment: &BasicMoment) -> Values {
    let [a, b, c] = moment.powers.map(u64::from);
    let mut state = u64::from(moment.mu) << 24 | a << 16 | b << 8 | c;
    [(); POINTS].map(|()| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % PRIME
    })
}

/// A table with these moments of another one as further basis functions, and with what makes them.
fn extended(template: &MomentBasis, other: &MomentBasis, scalars: &[u32]) -> Result<MomentBasis> {
    if scalars.is_empty() {
        return Ok(template.clone());
    }
    let needed = other.needed_for(scalars.iter().copied());
    let mut basic = template.basic().to_vec();
    let mut place: HashMap<BasicMoment, usize> = basic.iter().copied().zip(0..).collect();
    for moment in other.basic().iter().zip(&needed).filter(|(_, needed)| **needed).map(|(moment, _)| moment) {
        place.entry(*moment).or_insert_with(|| {
            basic.push(*moment);
            basic.len() - 1
        });
    }
    let shift = basic.len() - template.basic().len();
    let of_template = |moment: u32| match (moment as usize) < template.basic().len() {
        true => moment,
        false => moment + shift as u32,
    };
    let mut count = template.moments_count() + shift;
    let mut of_other: Vec<u32> =
        other.basic().iter().map(|moment| place.get(moment).copied().unwrap_or(0) as u32).collect();
    for needed in &needed[other.basic().len()..] {
        of_other.push(count as u32);
        count += usize::from(*needed);
    }
    let mut products: Vec<Product> =
        template.products().iter().map(|product| product.renumbered(of_template)).collect();
    let others = other.products().iter().filter(|product| needed[product.target as usize]);
    products.extend(others.map(|product| product.renumbered(|moment| of_other[moment as usize])));
    let mut scalar_moments: Vec<u32> =
        template.scalar_moments().iter().map(|&moment| of_template(moment)).collect();
    scalar_moments.extend(scalars.iter().map(|&moment| of_other[moment as usize]));
    MomentBasis::new(basic, products, scalar_moments, count)
}
