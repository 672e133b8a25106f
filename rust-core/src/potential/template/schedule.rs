//! The choice of one split for every tensor that is needed, so that the whole takes few products and moments.
//!
//! Tensors are shared, so the best split of one depends on the others. From a greedy start the choices are improved one
//! at a time; then tensors are made available, or withdrawn, on trial, together with the choices that follow from it.

use super::catalog::Catalog;

/// Cost of a product in units of the cost of a moment. A product is a multiplication and an addition in the energy and
/// twice that in the forces; a moment is a number to clear and to keep.
const PRODUCT_COST: usize = 4;
const MOMENT_COST: usize = 1;

/// Most rounds of trials; they end earlier when a round brings nothing.
const MAX_ROUNDS: usize = 12;

/// For every tensor the number of its users and the candidate that makes it.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    choices: Vec<usize>,
    users: Vec<usize>,
    withdrawn: Vec<bool>,
    cost: usize,
}

impl Schedule {
    /// Chooses how to make the first `required` tensors of the catalog.
    pub(super) fn new(catalog: &Catalog, required: usize) -> Self {
        let tensors = catalog.len();
        let mut schedule = Self {
            choices: vec![0; tensors],
            users: vec![0; tensors],
            withdrawn: vec![false; tensors],
            cost: 0,
        };
        for tensor in 0..required {
            schedule.acquire(catalog, tensor);
        }
        schedule.improve_all(catalog);
        let neighbors = joint_candidates(catalog);
        for _ in 0..MAX_ROUNDS {
            let before = schedule.cost;
            for tensor in required..tensors {
                if !catalog.candidates(tensor).is_empty() {
                    schedule.try_change(catalog, tensor, &neighbors[tensor]);
                }
            }
            schedule.improve_all(catalog);
            if schedule.cost == before {
                break;
            }
        }
        schedule
    }

    /// Whether a tensor is made at all.
    pub(super) fn is_used(&self, tensor: usize) -> bool {
        self.users[tensor] > 0
    }

    /// The candidate that makes a tensor.
    pub(super) fn choice(&self, tensor: usize) -> usize {
        self.choices[tensor]
    }

    /// Makes an unused tensor available, or withdraws a used one, and keeps the change if it pays.
    fn try_change(&mut self, catalog: &Catalog, tensor: usize, affected: &[usize]) {
        let mut trial = self.clone();
        let was_used = self.is_used(tensor);
        if was_used {
            trial.withdrawn[tensor] = true;
        } else {
            trial.acquire(catalog, tensor);
        }
        for &other in affected {
            trial.improve(catalog, other);
        }
        if !was_used {
            trial.release(catalog, tensor);
        }
        trial.withdrawn[tensor] = false;
        if trial.cost < self.cost {
            *self = trial;
        }
    }

    fn improve_all(&mut self, catalog: &Catalog) {
        loop {
            let before = self.cost;
            for tensor in 0..catalog.len() {
                self.improve(catalog, tensor);
            }
            if self.cost >= before {
                return;
            }
        }
    }

    /// Chooses the best split of one used tensor, all other choices given.
    fn improve(&mut self, catalog: &Catalog, tensor: usize) {
        if !self.is_used(tensor) || catalog.candidates(tensor).is_empty() {
            return;
        }
        self.drop_choice(catalog, tensor);
        self.choose(catalog, tensor);
    }

    fn acquire(&mut self, catalog: &Catalog, tensor: usize) {
        self.users[tensor] += 1;
        if self.users[tensor] > 1 {
            return;
        }
        self.cost += MOMENT_COST * catalog.tensor(tensor).components();
        self.choose(catalog, tensor);
    }

    fn release(&mut self, catalog: &Catalog, tensor: usize) {
        self.users[tensor] -= 1;
        if self.users[tensor] > 0 {
            return;
        }
        self.cost -= MOMENT_COST * catalog.tensor(tensor).components();
        if !catalog.candidates(tensor).is_empty() {
            self.drop_choice(catalog, tensor);
        }
    }

    fn choose(&mut self, catalog: &Catalog, tensor: usize) {
        let Some(best) = self.cheapest(catalog, tensor) else { return };
        self.choices[tensor] = best;
        let candidate = &catalog.candidates(tensor)[best];
        self.cost += PRODUCT_COST * candidate.products;
        self.acquire(catalog, candidate.left);
        self.acquire(catalog, candidate.right);
    }

    fn drop_choice(&mut self, catalog: &Catalog, tensor: usize) {
        let candidate = &catalog.candidates(tensor)[self.choices[tensor]];
        self.cost -= PRODUCT_COST * candidate.products;
        self.release(catalog, candidate.left);
        self.release(catalog, candidate.right);
    }

    /// The candidate that adds the least, the first of equals; one with a withdrawn tensor only where all have one.
    fn cheapest(&self, catalog: &Catalog, tensor: usize) -> Option<usize> {
        let candidates = catalog.candidates(tensor);
        let is_withdrawn = |number: usize| {
            let candidate = &candidates[number];
            self.withdrawn[candidate.left] || self.withdrawn[candidate.right]
        };
        (0..candidates.len())
            .min_by_key(|&number| (is_withdrawn(number), self.added_by(catalog, tensor, number)))
    }

    fn added_by(&self, catalog: &Catalog, tensor: usize, number: usize) -> usize {
        let candidate = &catalog.candidates(tensor)[number];
        let right =
            if candidate.left == candidate.right { 0 } else { self.added_cost(catalog, candidate.right) };
        PRODUCT_COST * candidate.products + self.added_cost(catalog, candidate.left) + right
    }

    fn added_cost(&self, catalog: &Catalog, tensor: usize) -> usize {
        if self.is_used(tensor) {
            return 0;
        }
        let moments = MOMENT_COST * catalog.tensor(tensor).components();
        let cheapest = self.cheapest(catalog, tensor);
        moments + cheapest.map_or(0, |number| self.added_by(catalog, tensor, number))
    }
}

/// For every tensor the tensors that may be made with it.
fn joint_candidates(catalog: &Catalog) -> Vec<Vec<usize>> {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); catalog.len()];
    for tensor in 0..catalog.len() {
        for candidate in catalog.candidates(tensor) {
            for factor in [candidate.left, candidate.right] {
                if users[factor].last() != Some(&tensor) {
                    users[factor].push(tensor);
                }
            }
        }
    }
    users
}
