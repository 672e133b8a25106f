//! Targets that are sums of other targets: on the unit sphere many contractions of two tensors depend on each other.
//!
//! A product of two basic moments is a quadratic form of sphere moments. Since x̂² + ŷ² + ẑ² = 1, a tensor contracted
//! with itself is a tensor of lower rank, and so the forms of a template span half as many dimensions as there are of
//! them: at level 28, 2502 for 5033. A dependent target is formed as a short sum instead of a dozen products.
//!
//! Dependence is found modulo a prime; the coefficients are then reconstructed as fractions, and each relation is
//! checked exactly before it is used.

mod elimination;
mod forms;
mod sparse;

use std::collections::BTreeMap;

use crate::plan::contractions::Term;
use crate::plan::sphere::SphereMoments;
use crate::potential::residues;
use elimination::{Dependences, Effort};
use forms::{Class, Form};

/// A target as a sum over targets before it in the order of the list of sums: moment and factor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Relation {
    pub(super) target: u32,
    pub(super) summands: Vec<(u32, f64)>,
}

/// Largest numerator and denominator of a factor: large factors cancel, and lose digits.
const LARGEST: i64 = 64;

/// Relations in an order in which they can be applied; the targets of none of them need products.
pub(super) fn relations(sphere: &SphereMoments, lists: &[(u32, &[Term])]) -> Vec<Relation> {
    let Some(forms) = Form::of_basic_products(sphere, lists) else { return Vec::new() };
    let mut found = Vec::new();
    let mut effort = Effort::default();
    for class in forms::classes(forms) {
        let Some(dependences) = Dependences::new(&class, &mut effort) else { return Vec::new() };
        for (member, summands) in sparse::sums(&dependences, &mut effort) {
            if summands.len() <= class.forms[member].terms {
                found.extend(relation(&class, member, &summands));
            }
        }
    }
    found
}

/// The relation with its factors as fractions, if these are small and it holds exactly.
fn relation(class: &Class, member: usize, summands: &BTreeMap<usize, u64>) -> Option<Relation> {
    let mut denominator = 1;
    let mut fractions = Vec::new();
    for (&summand, &factor) in summands {
        let fraction = residues::fraction(factor, LARGEST)?;
        denominator = least_common_multiple(denominator, fraction.1)?;
        fractions.push((summand, fraction));
    }
    let mut rest: BTreeMap<u64, i128> = BTreeMap::new();
    for &(column, value) in &class.forms[member].entries {
        *rest.entry(column).or_default() += i128::from(denominator) * i128::from(value);
    }
    for &(summand, (numerator, divisor)) in &fractions {
        let factor = i128::from(numerator * (denominator / divisor));
        for &(column, value) in &class.forms[summand].entries {
            *rest.entry(column).or_default() -= factor * i128::from(value);
        }
    }
    let moment = |member: usize| class.forms[member].target;
    let factor = |(numerator, divisor): (i64, i64)| numerator as f64 / divisor as f64;
    rest.values().all(|&value| value == 0).then(|| Relation {
        target: moment(member),
        summands: fractions.iter().map(|&(summand, fraction)| (moment(summand), factor(fraction))).collect(),
    })
}

fn least_common_multiple(a: i64, b: i64) -> Option<i64> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x).checked_mul(b).filter(|&multiple| multiple < 1 << 30)
}
