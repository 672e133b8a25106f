//! Contractions of eight atoms side by side: energies from sphere moments, and back the adjoints.
//!
//! In: sphere moments M (one block per moment, one lane per atom). Out: the energy of each lane without its species
//! coefficient, and the adjoints D = ∂V/∂M of the sphere moments.

use super::simd::{Block, LANES, Simd};
use crate::plan::contractions::Contractions;
use crate::plan::sphere::SphereMoments;

/// Fills `moments` beyond the sphere moments and all of `adjoints`; both have one block for each moment of the
/// schedule. Returns the energy of each lane, eV.
#[inline(always)]
pub(crate) fn contract<S: Simd>(
    simd: S,
    sphere: &SphereMoments,
    schedule: &Contractions,
    moments: &mut [Block],
    adjoints: &mut [Block],
) -> [f64; LANES] {
    forward(simd, sphere, schedule, moments);
    let energy = seed(simd, schedule, moments, adjoints);
    reverse(simd, sphere, schedule, moments, adjoints);
    energy
}

#[inline(always)]
fn forward<S: Simd>(simd: S, sphere: &SphereMoments, schedule: &Contractions, moments: &mut [Block]) {
    for extension in &sphere.extensions {
        let plus = simd.load(&moments[extension.plus as usize]);
        let first = simd.load(&moments[extension.minus[0] as usize]);
        let second = simd.load(&moments[extension.minus[1] as usize]);
        simd.store(simd.sub(simd.sub(plus, first), second), &mut moments[extension.target as usize]);
    }
    let mut start = 0;
    for target in &schedule.targets {
        let end = target.end as usize;
        let mut sum = simd.zero();
        for term in &schedule.terms[start..end] {
            let left = simd.mul(simd.splat(term.factor), simd.load(&moments[term.left as usize]));
            sum = simd.mul_add(left, simd.load(&moments[term.right as usize]), sum);
        }
        simd.store(sum, &mut moments[target.moment as usize]);
        start = end;
    }
}

/// The energy, and its derivatives by the moments that it reads directly.
#[inline(always)]
fn seed<S: Simd>(
    simd: S,
    schedule: &Contractions,
    moments: &[Block],
    adjoints: &mut [Block],
) -> [f64; LANES] {
    adjoints.fill(Block::splat(0.0));
    let mut energy = simd.zero();
    for &(moment, coefficient) in &schedule.energy_moments {
        let coefficient = simd.splat(coefficient);
        energy = simd.mul_add(coefficient, simd.load(&moments[moment as usize]), energy);
        add(simd, &mut adjoints[moment as usize], coefficient);
    }
    for term in &schedule.energy_terms {
        let factor = simd.splat(term.factor);
        let left = simd.mul(factor, simd.load(&moments[term.left as usize]));
        let right = simd.load(&moments[term.right as usize]);
        energy = simd.mul_add(left, right, energy);
        add(simd, &mut adjoints[term.left as usize], simd.mul(factor, right));
        add(simd, &mut adjoints[term.right as usize], left);
    }
    let mut lanes = Block::default();
    simd.store(energy, &mut lanes);
    lanes.0
}

#[inline(always)]
fn reverse<S: Simd>(
    simd: S,
    sphere: &SphereMoments,
    schedule: &Contractions,
    moments: &[Block],
    adjoints: &mut [Block],
) {
    for (index, target) in schedule.targets.iter().enumerate().rev() {
        let start = if index == 0 { 0 } else { schedule.targets[index - 1].end as usize };
        let adjoint = simd.load(&adjoints[target.moment as usize]);
        for term in &schedule.terms[start..target.end as usize] {
            let weighted = simd.mul(simd.splat(term.factor), adjoint);
            let (left, right) = (term.left as usize, term.right as usize);
            let by_left = simd.mul(weighted, simd.load(&moments[right]));
            let by_right = simd.mul(weighted, simd.load(&moments[left]));
            add(simd, &mut adjoints[left], by_left);
            add(simd, &mut adjoints[right], by_right);
        }
    }
    for extension in sphere.extensions.iter().rev() {
        let adjoint = simd.load(&adjoints[extension.target as usize]);
        add(simd, &mut adjoints[extension.plus as usize], adjoint);
        for minus in extension.minus {
            let block = &mut adjoints[minus as usize];
            simd.store(simd.sub(simd.load(block), adjoint), block);
        }
    }
}

#[inline(always)]
fn add<S: Simd>(simd: S, block: &mut Block, value: S::Vector) {
    simd.store(simd.add(simd.load(block), value), block);
}
