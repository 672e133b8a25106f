//! The schedule of contractions: products of moments, and the energy as a quadratic form of moments.
//!
//! Compiled from the list of a potential: moments that reach no basis function are dropped, products of the same pair
//! into the same target are merged, and a scalar that only the energy reads is not needed for it: its products enter the
//! energy with the coefficient ξ, E += w M\[l\] M\[r\].

use std::collections::BTreeMap;

use super::sphere::SphereMoments;
use crate::potential::{MomentBasis, Product};

/// One term of a target: factor · M\[left\] · M\[right\].
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub(crate) struct Term {
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) factor: f64,
}

/// A moment and the end of its terms in [`Contractions::terms`]; they begin where those of the target before end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) moment: u32,
    pub(crate) end: u32,
}

/// What the schedule is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The energy with fixed coefficients: scalars that only the energy reads are never formed.
    Folded,
    /// Every basis function B_α is formed, those that only the energy reads after all else, and coefficients can be
    /// exchanged.
    Symbolic,
}

/// The compiled schedule. Moments are numbered sphere, extended, then targets in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contractions {
    /// Number of all moments.
    pub(crate) moments_count: usize,
    pub(crate) terms: Vec<Term>,
    pub(crate) targets: Vec<Target>,
    /// E += Σ factor · M\[left\] · M\[right\]; in the folded form.
    pub(crate) energy_terms: Vec<Term>,
    /// E += Σ coefficient · M\[moment\], of moments that others need, too.
    pub(crate) energy_moments: Vec<(u32, f64)>,
    /// The moment that is B_α, and ξ_α, for all α; in the symbolic form.
    pub(crate) basis_functions: Vec<(u32, f64)>,
    /// Number of the last targets, which only the energy reads; in the symbolic form.
    pub(crate) scalars: usize,
}

impl Contractions {
    pub(crate) fn new(
        basis: &MomentBasis,
        sphere: &SphereMoments,
        moment_coeffs: &[f64],
        form: Form,
    ) -> Self {
        let basic_count = basis.basic().len();
        let mut coefficients = vec![0.0; basis.moments_count()];
        for (&moment, &coefficient) in basis.scalar_moments().iter().zip(moment_coeffs) {
            coefficients[moment as usize] += coefficient;
        }
        if form == Form::Symbolic {
            basis.scalar_moments().iter().for_each(|&moment| coefficients[moment as usize] = 1.0);
        }
        let by_target = products_by_target(basis);
        let formed = moments_to_form(basis, &by_target, &coefficients);
        let only_in_energy =
            |moment: usize| moment >= basic_count && !formed[moment] && coefficients[moment] != 0.0;

        let mut schedule = Self { moments_count: sphere.total(), ..Self::default() };
        let mut numbers = vec![u32::MAX; basis.moments_count()];
        numbers[..basic_count].copy_from_slice(&sphere.of_basic);
        let order = targets_in_order(basis);
        for &target in order.iter().filter(|&&target| formed[target]) {
            schedule.form(target, &by_target, &mut numbers);
        }
        if form == Form::Symbolic {
            for &target in order.iter().filter(|&&target| only_in_energy(target)) {
                schedule.form(target, &by_target, &mut numbers);
                schedule.scalars += 1;
            }
            let functions = basis.scalar_moments().iter().zip(moment_coeffs);
            schedule.basis_functions =
                functions.map(|(&moment, &xi)| (numbers[moment as usize], xi)).collect();
            schedule.set_coefficients(moment_coeffs);
            return schedule;
        }
        let folded = (basic_count..basis.moments_count()).filter(|&moment| only_in_energy(moment));
        let folded = folded.flat_map(|moment| by_target[moment].iter().map(move |product| (product, moment)));
        let folded = folded.map(|(product, moment)| (product, coefficients[moment]));
        schedule.energy_terms = merged(folded, &numbers);
        let linear = (0..basis.moments_count()).filter(|&moment| coefficients[moment] != 0.0);
        let linear = linear.filter(|&moment| moment < basic_count || formed[moment]);
        schedule.energy_moments = linear.map(|moment| (numbers[moment], coefficients[moment])).collect();
        schedule
    }

    /// Adds a target with its products.
    fn form(&mut self, target: usize, by_target: &[Vec<Product>], numbers: &mut [u32]) {
        numbers[target] = self.moments_count as u32;
        self.moments_count += 1;
        self.terms.extend(merged(by_target[target].iter().map(|product| (product, 1.0)), numbers));
        self.targets.push(Target { moment: numbers[target], end: self.terms.len() as u32 });
    }

    /// Takes up other coefficients ξ_α; for the symbolic form only.
    pub(crate) fn set_coefficients(&mut self, moment_coeffs: &[f64]) {
        debug_assert!(self.energy_terms.is_empty() && self.basis_functions.len() == moment_coeffs.len());
        for ((_, coefficient), &xi) in self.basis_functions.iter_mut().zip(moment_coeffs) {
            *coefficient = xi;
        }
        let first = self.first_scalar();
        let linear = self.basis_functions.iter().filter(|function| (function.0 as usize) < first);
        self.energy_moments.clear();
        self.energy_moments.extend(linear);
    }

    /// Number of the first moment that only the energy reads.
    pub(crate) fn first_scalar(&self) -> usize {
        self.moments_count - self.scalars
    }

    /// ξ of each moment that only the energy reads, from [`first_scalar`](Self::first_scalar) on.
    pub(crate) fn scalar_coefficients(&self) -> Vec<f64> {
        let first = self.first_scalar();
        let mut coefficients = vec![0.0; self.scalars];
        for &(moment, xi) in self.basis_functions.iter().filter(|function| function.0 as usize >= first) {
            coefficients[moment as usize - first] += xi;
        }
        coefficients
    }

    /// The targets in order of evaluation, each with its terms.
    pub(crate) fn lists(&self) -> impl Iterator<Item = (u32, &[Term])> {
        let mut start = 0;
        self.targets.iter().map(move |target| {
            let terms = start..target.end as usize;
            start = target.end as usize;
            (target.moment, &self.terms[terms])
        })
    }

    /// Multiply-adds for one atom: each term once forward and twice backward.
    pub(crate) fn multiply_adds(&self) -> usize {
        let linear =
            if self.basis_functions.is_empty() { &self.energy_moments } else { &self.basis_functions };
        3 * (self.terms.len() + self.energy_terms.len()) + 2 * linear.len()
    }
}

fn products_by_target(basis: &MomentBasis) -> Vec<Vec<Product>> {
    let mut by_target = vec![Vec::new(); basis.moments_count()];
    for &product in basis.products() {
        by_target[product.target as usize].push(product);
    }
    by_target
}

/// Targets in the order in which they are complete, which is an order of evaluation.
fn targets_in_order(basis: &MomentBasis) -> Vec<usize> {
    let mut last = vec![None; basis.moments_count()];
    for (index, product) in basis.products().iter().enumerate() {
        last[product.target as usize] = Some(index);
    }
    let mut targets: Vec<usize> = (0..last.len()).filter(|&moment| last[moment].is_some()).collect();
    targets.sort_by_key(|&moment| last[moment]);
    targets
}

/// Which moments must be formed: those read by a product of a moment that is formed or that the energy needs.
fn moments_to_form(basis: &MomentBasis, by_target: &[Vec<Product>], coefficients: &[f64]) -> Vec<bool> {
    let mut formed = vec![false; basis.moments_count()];
    for target in targets_in_order(basis).into_iter().rev() {
        if formed[target] || coefficients[target] != 0.0 {
            for product in &by_target[target] {
                formed[product.left as usize] = true;
                formed[product.right as usize] = true;
            }
        }
    }
    formed
}

/// Products as terms, those of the same unordered pair merged, in order of the pairs.
fn merged<'a>(products: impl Iterator<Item = (&'a Product, f64)>, numbers: &[u32]) -> Vec<Term> {
    let mut factors = BTreeMap::new();
    for (product, weight) in products {
        let (left, right) = (numbers[product.left as usize], numbers[product.right as usize]);
        *factors.entry((left.min(right), left.max(right))).or_insert(0.0) +=
            weight * f64::from(product.factor);
    }
    let terms = factors.into_iter().map(|((left, right), factor)| Term { left, right, factor });
    terms.filter(|term| term.factor != 0.0).collect()
}
