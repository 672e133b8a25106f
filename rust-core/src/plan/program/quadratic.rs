//! The quadratic form of the energy by rows, four rows at a time.

use std::collections::BTreeMap;

use super::blocks::Four;
use super::quads::{NONE, Output, group};
use crate::plan::contractions::Term;

/// E = ½ Mᵀ W M with a symmetric W, whose rows are the derivatives: ∂E/∂M\[l\] = Σ_r W\[l,r\] M\[r\].
#[derive(Clone, Debug)]
pub(crate) struct QuadraticForm<F> {
    pub(crate) rows: Vec<Rows<F>>,
    /// Columns of the rows: the moment r, and W\[l,r\] for each of four l.
    pub(crate) moments: Vec<u32>,
    pub(crate) weights: Vec<[f64; 4]>,
}

/// Four rows; their columns begin where those of the rows before end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<F> {
    pub(crate) moments: F,
    pub(crate) end: u32,
}

impl<F: Four> QuadraticForm<F> {
    /// From E = Σ factor · M\[left\] · M\[right\]; rows that stay empty belong to the block `zero`.
    pub(super) fn new(terms: &[Term], zero: u32) -> Self {
        let mut matrix: BTreeMap<u32, BTreeMap<u32, f64>> = BTreeMap::new();
        for term in terms {
            *matrix.entry(term.left).or_default().entry(term.right).or_default() += term.factor;
            *matrix.entry(term.right).or_default().entry(term.left).or_default() += term.factor;
        }
        let outputs: Vec<Output> = matrix
            .iter()
            .map(|(&block, row)| Output { block, pairs: row.keys().map(|&moment| [moment, NONE]).collect() })
            .collect();
        let mut form = Self { rows: Vec::new(), moments: Vec::new(), weights: Vec::new() };
        for quad in group(&outputs) {
            let mut columns: BTreeMap<u32, [f64; 4]> = BTreeMap::new();
            let mut moments = [zero; 4];
            for (k, &output) in quad.iter().enumerate() {
                moments[k] = outputs[output].block;
                for (&moment, &weight) in &matrix[&moments[k]] {
                    columns.entry(moment).or_default()[k] = weight;
                }
            }
            form.moments.extend(columns.keys());
            form.weights.extend(columns.values());
            form.rows.push(Rows { moments: F::pack(moments), end: form.moments.len() as u32 });
        }
        form
    }

    /// One for each weight, and one for each row in the energy.
    pub(super) fn multiply_adds(&self) -> usize {
        let weights = self.weights.as_flattened().iter().filter(|&&weight| weight != 0.0).count();
        weights + 4 * self.rows.len()
    }
}
