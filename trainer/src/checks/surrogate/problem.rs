//! Equations of a surrogate: energies, forces and virials of configurations, linear in the coefficients of functions of pairs
//! and surroundings and in an energy of each species.

use std::collections::BTreeMap;

use faer::Mat;
use faer::Side;
use faer::linalg::solvers::{Llt, Solve};

use super::super::record::Record;
use super::features::Block;

/// Penalty on a coefficient beside its diagonal.
const PENALTY: f64 = 1e-6;

/// A configuration in the equations.
#[derive(Clone, Debug)]
pub(in super::super) struct Case<'a> {
    pub(in super::super) record: &'a Record,
    pub(in super::super) atoms: f64,
    /// Sum of the squares of the forces, (eV/Å)², where their equations were kept.
    pub(in super::super) square: Option<f64>,
    /// Σ W·W of the functions: the normal equations of the virial, the lower triangle by rows.
    virial_products: Vec<f32>,
    /// Unknowns of the functions, by renaming of species; the first renames none.
    unknowns: Vec<Vec<usize>>,
    /// Unknowns of the species with their counts, likewise.
    species: Vec<Vec<(usize, f64)>>,
}

/// Labels of a configuration as they are taken to be meant.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Labels {
    pub(in super::super) energy: Option<f64>,
    pub(in super::super) virial: Option<[f64; 6]>,
    /// Factor on the forces.
    pub(in super::super) force: f64,
    /// Which of the renamings of species.
    pub(in super::super) renaming: usize,
}

/// Weights of the labels of a configuration: of the energy and each component of the virial per atom, and of the forces.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weights {
    pub(super) energy: f64,
    pub(super) virial: f64,
    pub(super) forces: f64,
}

/// All configurations with what is unknown.
#[derive(Debug)]
pub(in super::super) struct Problem<'a> {
    pub(in super::super) cases: Vec<Case<'a>>,
    /// Renamings of species that are considered; the first is none.
    pub(in super::super) renamings: Vec<Vec<u32>>,
    functions: usize,
    unknowns: usize,
}

/// A solution with what solves for other right sides.
pub(super) struct Solution {
    pub(super) coefficients: Vec<f64>,
    scales: Vec<f64>,
    factors: Llt<f64>,
}

impl<'a> Problem<'a> {
    pub(in super::super) fn new(records: &[&'a Record], species: usize, renamings: &[Vec<u32>]) -> Self {
        let identity: Vec<u32> = (0..).take(species).collect();
        let mut renamings = renamings.to_vec();
        renamings.insert(0, identity);
        let mut places: BTreeMap<Block, usize> = BTreeMap::new();
        for record in records {
            for renaming in &renamings {
                for block in &record.features.blocks {
                    places.insert(block.renamed(|a| renaming[a as usize]), 0);
                }
            }
        }
        let mut functions = 0;
        for (block, place) in &mut places {
            *place = functions;
            functions += block.len();
        }
        let case = |record: &&'a Record| Case::new(record, &places, functions, &renamings);
        let cases = records.iter().map(case).collect();
        Self { cases, renamings, functions, unknowns: functions + species }
    }

    /// Functions and counts of species per atom.
    pub(super) fn row(&self, case: &Case<'_>) -> Vec<f64> {
        let mut row = vec![0.0; self.unknowns];
        for (&k, value) in case.unknowns[0].iter().zip(&case.record.features.energy) {
            row[k] += f64::from(*value) / case.atoms;
        }
        for &(k, count) in &case.species[0] {
            row[k] += count / case.atoms;
        }
        row
    }

    /// The same with a part of the configurations, ready to be solved.
    pub(in super::super) fn part(&self, chosen: &[usize]) -> Self {
        let mut cases: Vec<Case<'a>> = chosen.iter().map(|&k| self.cases[k].clone()).collect();
        cases.iter_mut().for_each(Case::multiply_virials);
        Self { cases, renamings: self.renamings.clone(), functions: self.functions, unknowns: self.unknowns }
    }

    /// Solves for the coefficients.
    pub(super) fn solve(&self, labels: &[Labels], weights: &[Weights]) -> Option<Solution> {
        let size = self.unknowns;
        let (mut matrix, right) = self.normal_equations(labels, weights);
        // Renaming may turn the order of unknowns within a configuration.
        for row in 0..size {
            for column in row + 1..size {
                let above = std::mem::take(&mut matrix[row * size + column]);
                matrix[column * size + row] += above;
            }
        }
        let scales: Vec<f64> = (0..size)
            .map(|k| matrix[k * size + k])
            .map(|x| if x > 0.0 { 1.0 / x.sqrt() } else { 1.0 })
            .collect();
        let scaled = Mat::from_fn(size, size, |row, column| {
            if row == column {
                1.0 + PENALTY
            } else {
                let (row, column) = (row.max(column), row.min(column));
                matrix[row * size + column] * scales[row] * scales[column]
            }
        });
        let factors = scaled.llt(Side::Lower).ok()?;
        let right = Mat::from_fn(size, 1, |row, _| right[row] * scales[row]);
        let solved = factors.solve(&right);
        let coefficients: Vec<f64> = (0..size).map(|k| solved[(k, 0)] * scales[k]).collect();
        coefficients.iter().all(|value| value.is_finite()).then_some(Solution {
            coefficients,
            scales,
            factors,
        })
    }

    /// The weighted normal equations, each product once on either side of the diagonal, row by row, and their right-hand side.
    fn normal_equations(&self, labels: &[Labels], weights: &[Weights]) -> (Vec<f64>, Vec<f64>) {
        let size = self.unknowns;
        let mut matrix = vec![0.0; size * size];
        let mut right = vec![0.0; size];
        for ((case, labels), weights) in self.cases.iter().zip(labels).zip(weights) {
            let unknowns = &case.unknowns[labels.renaming];
            let features = &case.record.features;
            let per_atom = 1.0 / (case.atoms * case.atoms);
            let (of_virial, of_energy) = (weights.virial * per_atom, weights.energy * per_atom);
            let mut from = 0;
            for (k, &row) in unknowns.iter().enumerate() {
                let energy = of_energy * f64::from(features.energy[k]);
                let line = &mut matrix[row * size..(row + 1) * size];
                // By blocks, whose unknowns follow each other.
                let mut l = 0;
                for block in &features.blocks {
                    let until = (l + block.len()).min(k + 1);
                    if l >= until {
                        break;
                    }
                    let sums = line[unknowns[l]..].iter_mut();
                    let forces = &features.products[from + l..from + until];
                    let virials = &case.virial_products[from + l..from + until];
                    let energies = &features.energy[l..until];
                    for (((sum, forces), virials), own) in sums.zip(forces).zip(virials).zip(energies) {
                        *sum += weights.forces * f64::from(*forces)
                            + of_virial * f64::from(*virials)
                            + energy * f64::from(*own);
                    }
                    l = until;
                }
                right[row] += weights.forces * labels.force * f64::from(features.forces[k]);
                if let Some(value) = labels.energy {
                    right[row] += energy * value;
                }
                if let Some(virial) = labels.virial {
                    let count = unknowns.len();
                    let product =
                        |(c, value): (usize, f64)| value * f64::from(features.virial[c * count + k]);
                    right[row] += of_virial * virial.into_iter().enumerate().map(product).sum::<f64>();
                }
                from += k + 1;
            }
            for &(row, count) in &case.species[labels.renaming] {
                let energy = of_energy * count;
                for (l, &column) in unknowns.iter().enumerate() {
                    matrix[row * size + column] += energy * f64::from(features.energy[l]);
                }
                for &(column, other) in &case.species[labels.renaming] {
                    if column <= row {
                        matrix[row * size + column] += energy * other;
                    }
                }
                right[row] += energy * labels.energy.unwrap_or(0.0);
            }
        }
        (matrix, right)
    }

    /// How much of the energy per atom of each configuration follows from that energy itself, from zero to one.
    pub(super) fn leverages(&self, solution: &Solution, labels: &[Labels], weights: &[Weights]) -> Vec<f64> {
        let mut rows = Mat::<f64>::zeros(self.unknowns, self.cases.len());
        for (k, (case, labels)) in self.cases.iter().zip(labels).enumerate() {
            let unknowns = &case.unknowns[labels.renaming];
            for (&row, value) in unknowns.iter().zip(&case.record.features.energy) {
                rows[(row, k)] += f64::from(*value) / case.atoms * solution.scales[row];
            }
            for &(row, count) in &case.species[labels.renaming] {
                rows[(row, k)] += count / case.atoms * solution.scales[row];
            }
        }
        let solved = solution.factors.solve(&rows);
        let product = |k: usize| (0..self.unknowns).map(|row| rows[(row, k)] * solved[(row, k)]).sum::<f64>();
        (0..self.cases.len()).map(|k| (weights[k].energy * product(k)).clamp(0.0, 0.999)).collect()
    }
}

impl<'a> Case<'a> {
    fn new(
        record: &'a Record,
        places: &BTreeMap<Block, usize>,
        functions: usize,
        renamings: &[Vec<u32>],
    ) -> Self {
        let features = &record.features;
        let unknowns = |renaming: &Vec<u32>| {
            let place = |block: &Block| {
                let from = places[&block.renamed(|a| renaming[a as usize])];
                from..from + block.len()
            };
            features.blocks.iter().flat_map(place).collect()
        };
        let species = |renaming: &Vec<u32>| {
            let counts = record.composition.iter().zip(renaming);
            let present = counts.filter(|(count, _)| **count > 0);
            present.map(|(count, name)| (functions + *name as usize, f64::from(*count))).collect()
        };
        Self {
            record,
            atoms: record.atoms(),
            square: record
                .forces
                .filter(|_| !features.products.is_empty())
                .map(|forces| forces.mean_square * record.atoms()),
            virial_products: Vec::new(),
            unknowns: renamings.iter().map(unknowns).collect(),
            species: renamings.iter().map(species).collect(),
        }
    }

    fn multiply_virials(&mut self) {
        let features = &self.record.features;
        let size = features.energy.len();
        self.virial_products = Vec::with_capacity(features.products.len());
        for row in 0..size {
            for column in 0..=row {
                let product =
                    (0..6).map(|c| features.virial[c * size + row] * features.virial[c * size + column]);
                self.virial_products.push(product.sum());
            }
        }
    }

    /// Coefficients of the functions of this configuration.
    fn own(&self, coefficients: &[f64], renaming: usize) -> Vec<f64> {
        self.unknowns[renaming].iter().map(|&k| coefficients[k]).collect()
    }

    /// Energy, eV.
    pub(super) fn energy(&self, coefficients: &[f64], renaming: usize) -> f64 {
        let of_species =
            self.species[renaming].iter().map(|&(k, count)| count * coefficients[k]).sum::<f64>();
        let own = self.unknowns[renaming].iter().zip(&self.record.features.energy);
        of_species + own.map(|(&k, value)| coefficients[k] * f64::from(*value)).sum::<f64>()
    }

    /// Virial, eV.
    pub(super) fn virial(&self, coefficients: &[f64], renaming: usize) -> [f64; 6] {
        let own = self.own(coefficients, renaming);
        let of = |c: usize| &self.record.features.virial[c * own.len()..(c + 1) * own.len()];
        std::array::from_fn(|c| of(c).iter().zip(&own).map(|(value, k)| f64::from(*value) * k).sum())
    }

    /// Forces: product with the labels, and sum of squares.
    pub(super) fn forces(&self, coefficients: &[f64], renaming: usize) -> [f64; 2] {
        let features = &self.record.features;
        if features.products.is_empty() {
            return [0.0; 2];
        }
        let own = self.own(coefficients, renaming);
        let product = features.forces.iter().zip(&own).map(|(value, k)| f64::from(*value) * k).sum();
        let (mut square, mut from) = (0.0, 0);
        for (row, coefficient) in own.iter().enumerate() {
            let line = &features.products[from..=from + row];
            let sum = product_of(line, &own);
            square += coefficient * (2.0 * sum - f64::from(line[row]) * coefficient);
            from += row + 1;
        }
        [product, square.max(0.0)]
    }
}

/// Σ a b, in several sums at once.
fn product_of(a: &[f32], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let b = &b[..a.len()];
    let mut sums = [0.0; LANES];
    let (mut left, mut right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    for (a, b) in left.by_ref().zip(right.by_ref()) {
        for lane in 0..LANES {
            sums[lane] += f64::from(a[lane]) * b[lane];
        }
    }
    let rest = left.remainder().iter().zip(right.remainder());
    sums.iter().sum::<f64>() + rest.map(|(a, b)| f64::from(*a) * b).sum::<f64>()
}
