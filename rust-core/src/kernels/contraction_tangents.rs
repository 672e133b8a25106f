//! Contractions of eight atoms side by side with their derivatives along a direction.
//!
//! In: sphere moments M and their derivatives Ṁ. Out: all moments and their derivatives, and the adjoints of
//! Φ = e V + V̇: D = ∂Φ/∂Ṁ, which are those of V itself, and D* = ∂Φ/∂M = e D + Ḋ. One schedule run forward over values
//! and tangents and once backward does it, whatever the number of coefficients.

use super::dispatch::Kernel;
use super::simd::{Block, Simd};
use crate::plan::Plan;
use crate::plan::contractions::Contractions;
use crate::plan::sphere::SphereMoments;

/// Runs the schedule forward and backward over eight atoms. The schedule must not be folded. Each slice has one block for
/// each moment of the schedule.
pub(crate) struct ContractTangents<'a> {
    pub(crate) plan: &'a Plan,
    /// e
    pub(crate) energy_weight: f64,
    /// M: sphere moments in, all moments out.
    pub(crate) moments: &'a mut [Block],
    /// Ṁ, likewise.
    pub(crate) moment_tangents: &'a mut [Block],
    /// D, out.
    pub(crate) adjoints: &'a mut [Block],
    /// D*, out.
    pub(crate) value_adjoints: &'a mut [Block],
}

impl Kernel for ContractTangents<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let Plan { sphere, contractions: schedule, .. } = self.plan;
        forward(simd, sphere, schedule, &mut self);
        seed(simd, schedule, &mut self);
        reverse(simd, sphere, schedule, &mut self);
    }
}

#[inline(always)]
fn forward<S: Simd>(
    simd: S,
    sphere: &SphereMoments,
    schedule: &Contractions,
    batch: &mut ContractTangents<'_>,
) {
    for values in [&mut *batch.moments, &mut *batch.moment_tangents] {
        for extension in &sphere.extensions {
            let plus = simd.load(&values[extension.plus as usize]);
            let first = simd.load(&values[extension.minus[0] as usize]);
            let second = simd.load(&values[extension.minus[1] as usize]);
            let sum = simd.sub(simd.sub(plus, first), second);
            simd.store(sum, &mut values[extension.target as usize]);
        }
    }
    let (moments, tangents) = (&mut *batch.moments, &mut *batch.moment_tangents);
    let mut start = 0;
    for target in &schedule.targets {
        let (mut sum, mut tangent) = (simd.zero(), simd.zero());
        for term in &schedule.terms[start..target.end as usize] {
            let (left, right) = (term.left as usize, term.right as usize);
            let factor = simd.splat(term.factor);
            let left_value = simd.mul(factor, simd.load(&moments[left]));
            let left_tangent = simd.mul(factor, simd.load(&tangents[left]));
            let right_value = simd.load(&moments[right]);
            sum = simd.mul_add(left_value, right_value, sum);
            tangent = simd.mul_add(left_value, simd.load(&tangents[right]), tangent);
            tangent = simd.mul_add(left_tangent, right_value, tangent);
        }
        simd.store(sum, &mut moments[target.moment as usize]);
        simd.store(tangent, &mut tangents[target.moment as usize]);
        start = target.end as usize;
    }
}

#[inline(always)]
fn seed<S: Simd>(simd: S, schedule: &Contractions, batch: &mut ContractTangents<'_>) {
    batch.adjoints.fill(Block::splat(0.0));
    batch.value_adjoints.fill(Block::splat(0.0));
    let weight = simd.splat(batch.energy_weight);
    for &(moment, coefficient) in &schedule.basis_functions {
        let coefficient = simd.splat(coefficient);
        add(simd, &mut batch.adjoints[moment as usize], coefficient);
        add(simd, &mut batch.value_adjoints[moment as usize], simd.mul(weight, coefficient));
    }
}

#[inline(always)]
fn reverse<S: Simd>(
    simd: S,
    sphere: &SphereMoments,
    schedule: &Contractions,
    batch: &mut ContractTangents<'_>,
) {
    let (moments, tangents) = (&*batch.moments, &*batch.moment_tangents);
    let (adjoints, value_adjoints) = (&mut *batch.adjoints, &mut *batch.value_adjoints);
    for (index, target) in schedule.targets.iter().enumerate().rev() {
        let start = if index == 0 { 0 } else { schedule.targets[index - 1].end as usize };
        let adjoint = simd.load(&adjoints[target.moment as usize]);
        let value_adjoint = simd.load(&value_adjoints[target.moment as usize]);
        for term in &schedule.terms[start..target.end as usize] {
            let factor = simd.splat(term.factor);
            let weighted = simd.mul(factor, adjoint);
            let value_weighted = simd.mul(factor, value_adjoint);
            for (to, from) in
                [(term.left as usize, term.right as usize), (term.right as usize, term.left as usize)]
            {
                let value = simd.load(&moments[from]);
                add(simd, &mut adjoints[to], simd.mul(weighted, value));
                let sum = simd.mul(value_weighted, value);
                add(simd, &mut value_adjoints[to], simd.mul_add(weighted, simd.load(&tangents[from]), sum));
            }
        }
    }
    for adjoints in [adjoints, value_adjoints] {
        for extension in sphere.extensions.iter().rev() {
            let adjoint = simd.load(&adjoints[extension.target as usize]);
            add(simd, &mut adjoints[extension.plus as usize], adjoint);
            for minus in extension.minus {
                let block = &mut adjoints[minus as usize];
                simd.store(simd.sub(simd.load(block), adjoint), block);
            }
        }
    }
}

/// Adds e B_α + Ḃ_α of eight atoms to `sums`: the derivatives by ξ_α.
pub(crate) struct BasisSums<'a> {
    pub(crate) plan: &'a Plan,
    /// e
    pub(crate) energy_weight: f64,
    /// As [`ContractTangents`] leaves them.
    pub(crate) moments: &'a [Block],
    /// Likewise.
    pub(crate) moment_tangents: &'a [Block],
    /// One block for each basis function.
    pub(crate) sums: &'a mut [Block],
}

impl Kernel for BasisSums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let weight = simd.splat(self.energy_weight);
        for (&(moment, _), sum) in self.plan.contractions.basis_functions.iter().zip(self.sums) {
            let total = simd.mul_add(weight, simd.load(&self.moments[moment as usize]), simd.load(sum));
            simd.store(simd.add(total, simd.load(&self.moment_tangents[moment as usize])), sum);
        }
    }
}

#[inline(always)]
fn add<S: Simd>(simd: S, block: &mut Block, value: S::Vector) {
    simd.store(simd.add(simd.load(block), value), block);
}
