//! Numbers for the moments of a schedule: the tables of a [`MomentBasis`].
//!
//! Basic moments come first (μ, then rank, then descending powers), then the components of tensors of two, three and
//! four nodes, then products of scalars. So a moment is complete before a product reads it.

use std::collections::HashMap;

use super::super::{BasicMoment, MomentBasis, Product};
use super::catalog::Catalog;
use super::monomials;
use super::schedule::Schedule;
use crate::error::Result;

/// The tables for these basis functions: each a list of scalar tensors (ascending, by number in the catalog) to multiply.
pub(super) fn moment_basis(
    catalog: &Catalog,
    schedule: &Schedule,
    functions: &[Vec<usize>],
) -> Result<MomentBasis> {
    let mut tables = Tables::default();
    tables.number_basic_moments(catalog, schedule);
    let mut tensors: Vec<usize> = (0..catalog.len())
        .filter(|&tensor| schedule.is_used(tensor) && catalog.tensor(tensor).nodes() > 1)
        .collect();
    tensors.sort_by_key(|&tensor| (catalog.tensor(tensor).nodes(), tensor));
    for tensor in tensors {
        tables.make_tensor(catalog, schedule, tensor);
    }
    let scalar_moments = tables.make_functions(functions);
    MomentBasis::new(tables.basic, tables.products, scalar_moments, tables.moments as usize)
}

#[derive(Default)]
struct Tables {
    basic: Vec<BasicMoment>,
    products: Vec<Product>,
    moments: u32,
    /// Moment of each component of the tensors made so far.
    components: HashMap<usize, Vec<u32>>,
}

impl Tables {
    fn number_basic_moments(&mut self, catalog: &Catalog, schedule: &Schedule) {
        let mut families: Vec<(u8, usize, usize)> = (0..catalog.len())
            .filter(|&tensor| schedule.is_used(tensor) && catalog.tensor(tensor).nodes() == 1)
            .map(|tensor| {
                let graph = catalog.tensor(tensor).graph();
                (graph.colors()[0], graph.degree(0), tensor)
            })
            .collect();
        families.sort_unstable();
        for (mu, rank, tensor) in families {
            let first = self.moments;
            self.basic.extend(monomials::all(rank).map(|powers| BasicMoment { mu: mu.into(), powers }));
            self.moments = self.basic.len() as u32;
            // A node without other nodes has one slot or none, so its components are the monomials in order.
            self.components.insert(tensor, (first..self.moments).collect());
        }
    }

    fn make_tensor(&mut self, catalog: &Catalog, schedule: &Schedule, tensor: usize) {
        let candidate = &catalog.candidates(tensor)[schedule.choice(tensor)];
        let mut moments = Vec::new();
        for component in 0..catalog.tensor(tensor).components() {
            let target = self.new_moment();
            moments.push(target);
            for (left, right, factor) in catalog.terms(tensor, candidate, component) {
                let left = self.components[&candidate.left][left as usize];
                let right = self.components[&candidate.right][right as usize];
                let factor = i32::try_from(factor).expect("multinomials of these ranks are small");
                self.products.push(Product { left: left.min(right), right: left.max(right), factor, target });
            }
        }
        self.components.insert(tensor, moments);
    }

    /// Moment of every basis function; those of several parts become one product each.
    fn make_functions(&mut self, functions: &[Vec<usize>]) -> Vec<u32> {
        let mut moments: HashMap<&[usize], u32> = HashMap::new();
        let mut by_parts: Vec<&Vec<usize>> = functions.iter().collect();
        by_parts.sort_by_key(|parts| parts.len());
        for parts in by_parts {
            let moment = match parts.as_slice() {
                [scalar] => self.components[scalar][0],
                [first, rest @ ..] => {
                    let (left, right) = (self.components[first][0], moments[rest]);
                    let target = self.new_moment();
                    self.products.push(Product {
                        left: left.min(right),
                        right: left.max(right),
                        factor: 1,
                        target,
                    });
                    target
                }
                [] => unreachable!("a basis function has at least one part"),
            };
            moments.insert(parts, moment);
        }
        functions.iter().map(|parts| moments[parts.as_slice()]).collect()
    }

    fn new_moment(&mut self) -> u32 {
        self.moments += 1;
        self.moments - 1
    }
}
