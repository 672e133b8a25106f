//! Which basis functions, and which Chebyshev polynomial, save most time for the least rise of the loss.
//!
//! Basis functions share moments, so that a single one may save nothing. What can go together is therefore each function by
//! itself, all functions that need the same product, all that need a radial function above some rank, and the last
//! Chebyshev polynomial. The choice is greedy, by the rise that a [`Surgeon`] predicts for each µs of [`Sizes`].

use std::collections::HashSet;

use mtprs_core::Result;
use mtprs_core::potential::Potential;
use rayon::prelude::*;

use super::Surgeon;
use super::cost::Sizes;

/// Most functions of a product that go together; more are seldom worth it.
const MOST_TOGETHER: usize = 32;
/// Saving below which nothing is saved, µs.
const LEAST_SAVING: f64 = 1e-6;

/// Makes a potential cheaper, a few functions at a time.
pub struct Pruning<'a> {
    potential: &'a Potential,
    neighbors: f64,
    surgeon: Surgeon,
    kept: Vec<bool>,
    polynomials: usize,
    /// Parameters that were removed.
    removed: Vec<usize>,
    groups: Vec<Vec<usize>>,
}

/// What goes together: a group, by its number, or the last polynomial.
#[derive(Clone, Copy)]
enum Move {
    Functions(usize),
    Polynomial,
}

impl<'a> Pruning<'a> {
    /// Of a trained potential with this many neighbors, and the quadratic model of its loss.
    pub fn new(potential: &'a Potential, surgeon: Surgeon, neighbors: f64) -> Self {
        let functions = potential.moment_basis().scalar_moments().len();
        let (kept, polynomials) = (vec![true; functions], potential.radial_basis().size());
        let (removed, groups) = (Vec::new(), groups(potential));
        Self { potential, neighbors, surgeon, kept, polynomials, removed, groups }
    }

    /// Removes what is worth it most on the way to a time per atom (µs, by the counts); false where that is reached, or nothing
    /// can be removed.
    pub fn step(&mut self, target: f64) -> bool {
        let cost = self.cost(&self.kept, self.polynomials);
        if cost <= target {
            return false;
        }
        let Some(best) = self.best(cost, target) else { return false };
        let parameters = self.parameters_of(best);
        if !self.surgeon.remove(&parameters) {
            return false;
        }
        self.removed.extend(parameters);
        match best {
            Move::Functions(group) => {
                self.groups[group].iter().for_each(|&function| self.kept[function] = false);
            }
            Move::Polynomial => self.polynomials -= 1,
        }
        true
    }

    /// The potential without what was removed, the other parameters where the model has its minimum.
    pub fn potential(&self) -> Result<Potential> {
        self.with_parameters(&self.surgeon)
    }

    /// The same with the minimum of another model, from which the same is removed; `None` if that cannot be.
    pub fn potential_of(&self, mut other: Surgeon) -> Result<Option<Potential>> {
        if !self.removed.is_empty() && !other.remove(&self.removed) {
            return Ok(None);
        }
        self.with_parameters(&other).map(Some)
    }

    fn with_parameters(&self, surgeon: &Surgeon) -> Result<Potential> {
        let potential = self.potential.with_parameters(&surgeon.parameters())?;
        let potential = potential.with_basis_functions(&self.kept)?;
        super::radial::with_polynomials(&potential, self.polynomials)
    }

    /// What saves most for its rise. What is saved beyond the target does not count, so that no large
    /// group goes where a small one is enough.
    fn best(&self, cost: f64, target: f64) -> Option<Move> {
        let scored = |of: Move| {
            let after = self.cost_after(of);
            let saved = cost - after.max(target);
            let rise = self.surgeon.rise(&self.parameters_of(of)).max(0.0);
            (saved > LEAST_SAVING && after.is_finite()).then_some((rise / saved, of))
        };
        let groups = (0..self.groups.len()).into_par_iter().map(Move::Functions);
        let mut all: Vec<_> = groups.filter_map(scored).collect();
        all.extend((self.polynomials > 2).then_some(Move::Polynomial).and_then(scored));
        let (score, best) = all.into_iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
        score.is_finite().then_some(best)
    }

    fn cost(&self, kept: &[bool], polynomials: usize) -> f64 {
        let basis = self.potential.moment_basis();
        let species = self.potential.species().count();
        Sizes::with_functions(basis, kept, species, polynomials, self.neighbors).microseconds()
    }

    /// Infinite if no function would be left.
    fn cost_after(&self, of: Move) -> f64 {
        match of {
            Move::Functions(group) => {
                let mut kept = self.kept.clone();
                self.groups[group].iter().for_each(|&function| kept[function] = false);
                if kept.contains(&true) { self.cost(&kept, self.polynomials) } else { f64::INFINITY }
            }
            Move::Polynomial => self.cost(&self.kept, self.polynomials - 1),
        }
    }

    /// The parameters that go.
    fn parameters_of(&self, of: Move) -> Vec<usize> {
        let layout = self.potential.parameter_layout();
        match of {
            Move::Functions(group) => {
                let first = layout.moment_coeffs().start;
                let kept = self.groups[group].iter().filter(|&&function| self.kept[function]);
                kept.map(|function| first + function).collect()
            }
            Move::Polynomial => {
                let size = self.potential.radial_basis().size();
                layout.radial_coeffs().skip(self.polynomials - 1).step_by(size).collect()
            }
        }
    }
}

/// Lists of basis functions that may go together, each once.
fn groups(potential: &Potential) -> Vec<Vec<usize>> {
    let basis = potential.moment_basis();
    let functions = basis.scalar_moments().len();
    // Which functions need each moment, a bit for each.
    let words = functions.div_ceil(64);
    let mut users = vec![vec![0_u64; words]; basis.moments_count()];
    for (function, &moment) in basis.scalar_moments().iter().enumerate() {
        users[moment as usize][function / 64] |= 1 << (function % 64);
    }
    for product in basis.products().iter().rev() {
        let of_target = users[product.target as usize].clone();
        for source in [product.left, product.right] {
            join(&mut users[source as usize], &of_target);
        }
    }
    let mut known: HashSet<Vec<u64>> = HashSet::new();
    let mut groups = Vec::new();
    let mut add = |set: &Vec<u64>, most: usize| {
        let count: u32 = set.iter().map(|word| word.count_ones()).sum();
        if (1..=most).contains(&(count as usize)) && known.insert(set.clone()) {
            groups.push(
                (0..functions).filter(|function| set[function / 64] >> (function % 64) & 1 == 1).collect(),
            );
        }
    };
    for function in 0..functions {
        let mut single = vec![0; words];
        single[function / 64] |= 1 << (function % 64);
        add(&single, 1);
    }
    users.iter().for_each(|set| add(set, MOST_TOGETHER));
    for mu in 0..basis.radial_functions_needed() {
        let of_function =
            || basis.basic().iter().zip(&users).filter(|(moment, _)| usize::from(moment.mu) == mu);
        for rank in 0..=of_function().map(|(moment, _)| moment.rank()).max().unwrap_or(0) {
            let mut set = vec![0; words];
            of_function()
                .filter(|(moment, _)| moment.rank() >= rank)
                .for_each(|(_, users)| join(&mut set, users));
            add(&set, functions);
        }
    }
    groups
}

fn join(set: &mut [u64], other: &[u64]) {
    set.iter_mut().zip(other).for_each(|(word, other)| *word |= other);
}

#[cfg(test)]
mod tests {
    use mtprs_core::species::Species;

    use super::*;
    use crate::optimizer::Gram;
    use crate::random::Sequence;

    /// A random potential of level 12, and a model in which its parameters do not know of each other: the rise is half of
    /// θ² times a weight.
    fn potential() -> Potential {
        let untrained = Potential::untrained(12, Species::unnamed(2), 2.0, 5.0, 6).unwrap();
        let (layout, mut random) = (untrained.parameter_layout(), Sequence::new(3));
        let values: Vec<f64> = (0..layout.len()).map(|_| random.symmetric()).collect();
        untrained.with_parameters(&values).unwrap()
    }

    fn surgeon(potential: &Potential, weight: impl Fn(usize) -> f64) -> Surgeon {
        let parameters = potential.parameters().to_flat().unwrap();
        let mut gram = Gram::new(parameters.len());
        (0..parameters.len()).for_each(|index| gram.add_diagonal(index, weight(index)));
        Surgeon::new(&gram, &parameters, &vec![0.0; parameters.len()]).unwrap()
    }

    #[test]
    fn groups_hold_every_function_and_every_rank_of_a_radial_function() {
        let potential = potential();
        let groups = groups(&potential);
        let functions = potential.moment_basis().scalar_moments().len();
        assert!((0..functions).all(|function| groups.contains(&vec![function])));
        // All functions need one of the radial functions: the sets for μ > −1 together are everything.
        let largest = groups.iter().map(Vec::len).max().unwrap();
        assert!(largest > functions / 2 && largest <= functions, "{largest} of {functions}");
        let different: HashSet<_> = groups.iter().collect();
        assert_eq!(different.len(), groups.len());
    }

    #[test]
    fn the_cost_falls_to_the_target_and_what_does_not_matter_goes_first() {
        let potential = potential();
        let first = potential.parameter_layout().moment_coeffs().start;
        // All that needs the highest rank of the first radial function does not matter.
        let basis = potential.moment_basis();
        let top =
            basis.basic().iter().filter(|moment| moment.mu == 0).map(|moment| moment.rank()).max().unwrap();
        let needs_top = |function: usize| {
            let mut only = vec![false; basis.scalar_moments().len()];
            only[function] = true;
            let needed = basis.needed_by(&only);
            basis
                .basic()
                .iter()
                .zip(needed)
                .any(|(moment, needed)| needed && moment.mu == 0 && moment.rank() == top)
        };
        let weight = |index: usize| if index >= first && needs_top(index - first) { 1e-9 } else { 1.0 };
        let cost = Sizes::of(&potential, 60.0).microseconds();
        let mut pruning = Pruning::new(&potential, surgeon(&potential, weight), 60.0);
        while pruning.step(0.85 * cost) {}
        let cheaper = pruning.potential().unwrap();
        let after = Sizes::of(&cheaper, 60.0).microseconds();
        assert!(after <= 0.85 * cost && after > 0.3 * cost, "{after} of {cost}");
        let ranks = cheaper.moment_basis().basic().iter().filter(|moment| moment.mu == 0);
        assert!(ranks.map(|moment| moment.rank()).max() < Some(top));
        assert_eq!(pruning.cost(&pruning.kept, pruning.polynomials), after);
    }

    #[test]
    fn polynomials_without_weight_go_and_one_function_stays_whatever_is_asked_for() {
        let potential = potential();
        let (radial, size) = (potential.parameter_layout().radial_coeffs(), potential.radial_basis().size());
        let weight =
            |index: usize| if radial.contains(&index) && index % size == size - 1 { 1e-12 } else { 1.0 };
        let cost = Sizes::of(&potential, 60.0).microseconds();
        let mut pruning = Pruning::new(&potential, surgeon(&potential, weight), 60.0);
        while pruning.step(cost - 1e-5) {}
        assert_eq!(pruning.potential().unwrap().radial_basis().size(), size - 1);
        while pruning.step(0.0) {}
        assert_eq!(pruning.potential().unwrap().moment_basis().scalar_moments().len(), 1);
    }
}
