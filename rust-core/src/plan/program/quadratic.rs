//! The quadratic form of the energy by rows, four rows at a time.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{Four, Offset};
use super::quads::{NONE, Output, group};
use crate::plan::contractions::Term;

/// E = ½ Mᵀ W M with a symmetric W, whose rows are the derivatives: ∂E/∂M\[l\] = Σ_r W\[l,r\] M\[r\].
#[derive(Clone, Debug, Default)]
pub(crate) struct QuadraticForm {
    pub(crate) runs: Vec<RowRun>,
    /// The moments l of each four rows.
    pub(crate) rows: Vec<Four>,
    /// Columns of the rows: the moment r, and W\[l,r\] for each of four l.
    pub(crate) moments: Vec<Offset>,
    pub(crate) weights: Vec<[f64; 4]>,
    /// What the weights are made of, where they can be exchanged.
    parts: Vec<Part>,
}

/// Fours of rows one after the other with the same number of columns, which the processor can foresee.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowRun {
    pub(crate) fours: u32,
    /// Columns of each four.
    pub(crate) columns: u32,
}

/// W\[l,r\] += factor · ξ of a scalar.
#[derive(Clone, Copy, Debug)]
struct Part {
    weight: u32,
    scalar: u32,
    factor: f64,
}

impl QuadraticForm {
    /// From E = Σ factor · M\[left\] · M\[right\]; rows that stay empty belong to the block `zero`.
    pub(super) fn new(terms: &[Term], zero: u32) -> Self {
        let mut form = Self::with_places(terms.iter(), zero);
        let places = form.places();
        for term in terms {
            for place in [(term.left, term.right), (term.right, term.left)] {
                form.weights.as_flattened_mut()[places[&place] as usize] += term.factor;
            }
        }
        form
    }

    /// From E = Σ ξ\[scalar\] · factor · M\[left\] · M\[right\] with the terms of each scalar; all weights are zero until
    /// [`set_coefficients`](Self::set_coefficients).
    pub(super) fn of_scalars(scalars: &[(u32, &[Term])], zero: u32) -> Self {
        let mut form = Self::with_places(scalars.iter().flat_map(|scalar| scalar.1), zero);
        let places = form.places();
        for (scalar, (_, terms)) in scalars.iter().enumerate() {
            for term in *terms {
                for place in [(term.left, term.right), (term.right, term.left)] {
                    let part = Part { weight: places[&place], scalar: scalar as u32, factor: term.factor };
                    form.parts.push(part);
                }
            }
        }
        form
    }

    /// Takes up ξ of each scalar.
    pub(super) fn set_coefficients(&mut self, coefficients: &[f64]) {
        let weights = self.weights.as_flattened_mut();
        weights.fill(0.0);
        for part in &self.parts {
            weights[part.weight as usize] += part.factor * coefficients[part.scalar as usize];
        }
    }

    /// A form of zeros with a place for each pair.
    fn with_places<'a>(terms: impl Iterator<Item = &'a Term>, zero: u32) -> Self {
        let mut matrix: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for term in terms {
            matrix.entry(term.left).or_default().insert(term.right);
            matrix.entry(term.right).or_default().insert(term.left);
        }
        let outputs: Vec<Output> = matrix
            .iter()
            .map(|(&block, row)| Output { block, pairs: row.iter().map(|&moment| [moment, NONE]).collect() })
            .collect();
        let mut fours: Vec<(Four, Vec<Offset>)> = Vec::new();
        for quad in group(&outputs) {
            let mut moments = [zero; 4];
            moments.iter_mut().zip(&quad).for_each(|(moment, &output)| *moment = outputs[output].block);
            let columns: BTreeSet<u32> =
                quad.iter().flat_map(|&output| &matrix[&outputs[output].block]).copied().collect();
            fours.push((Four::new(moments), columns.into_iter().map(Offset::new).collect()));
        }
        fours.sort_by_key(|four| four.1.len());
        let mut form = Self::default();
        for run in fours.chunk_by(|a, b| a.1.len() == b.1.len()) {
            form.runs.push(RowRun { fours: run.len() as u32, columns: run[0].1.len() as u32 });
        }
        for (rows, columns) in fours {
            form.rows.push(rows);
            form.moments.extend(columns);
        }
        form.weights = vec![[0.0; 4]; form.moments.len()];
        form
    }

    /// Where W\[l,r\] stands among all weights, for each place that is not of an empty row.
    fn places(&self) -> BTreeMap<(u32, u32), u32> {
        let mut places = BTreeMap::new();
        let lengths = self.runs.iter().flat_map(|run| (0..run.fours).map(|_| run.columns as usize));
        let mut start = 0;
        for (rows, length) in self.rows.iter().zip(lengths) {
            for column in start..start + length {
                for (k, row) in rows.numbers().into_iter().enumerate() {
                    places.entry((row, self.moments[column].number())).or_insert((4 * column + k) as u32);
                }
            }
            start += length;
        }
        places
    }

    /// One for each weight, and one for each row in the energy.
    pub(super) fn multiply_adds(&self) -> usize {
        let entries = if self.parts.is_empty() {
            self.weights.as_flattened().iter().filter(|&&weight| weight != 0.0).count()
        } else {
            let mut weights: Vec<u32> = self.parts.iter().map(|part| part.weight).collect();
            weights.sort_unstable();
            weights.dedup();
            weights.len()
        };
        entries + 4 * self.rows.len()
    }
}
