//! Radial coefficients in the order in which the kernels read them.
//!
//! f_μ(r) = p(x) s², f'_μ(r) = p'(x) s² − 2 p(x) s with s = R_cut − r and p a Chebyshev series in x = slope · r + offset. The
//! derivative is a Chebyshev series of its own.

use std::ops::Range;

use crate::potential::radial::chebyshev;
use crate::potential::{ParameterLayout, Potential, RadialBasisKind};

/// Tables of all pairs of species.
#[derive(Clone, Debug)]
pub(crate) struct RadialTables {
    /// x = r · slope + offset.
    pub(crate) slope: f64,
    pub(crate) offset: f64,
    pub(crate) cutoff: f64,
    /// Factor of all radial functions.
    pub(crate) scaling: f64,
    /// Number of Chebyshev polynomials, n_β.
    pub(crate) size: usize,
    /// Number of radial functions in use, n_μ.
    pub(crate) functions: usize,
    species: usize,
    /// Shape (z_i, z_j, β, 2 n_μ): coefficients of p_μ for all μ, then those of dp_μ/dr for all μ.
    coefficients: Vec<f64>,
    /// The same, rounded.
    single: Vec<f32>,
}

impl RadialTables {
    /// Tables for the first `functions` radial functions; those that the potential does not have are zero.
    pub(crate) fn new(potential: &Potential, radial_coeffs: &[f64], functions: usize) -> Self {
        let basis = potential.radial_basis();
        let (slope, offset) = match basis.kind() {
            RadialBasisKind::Chebyshev => chebyshev::interval(basis),
        };
        let species = potential.species().count();
        let mut tables = Self {
            slope,
            offset,
            cutoff: basis.max_dist(),
            scaling: potential.scaling(),
            size: basis.size(),
            functions,
            species,
            coefficients: vec![0.0; species * species * basis.size() * 2 * functions],
            single: Vec::new(),
        };
        tables.set_coefficients(&potential.parameter_layout(), radial_coeffs);
        tables
    }

    /// Takes up other radial coefficients, the block of the flat vector of parameters.
    pub(crate) fn set_coefficients(&mut self, layout: &ParameterLayout, radial_coeffs: &[f64]) {
        for central in 0..self.species {
            for neighbor in 0..self.species {
                for mu in 0..self.functions.min(layout.radial_functions()) {
                    let series = &radial_coeffs[layout.radial_function(central, neighbor, mu)];
                    self.fill(central, neighbor, mu, series);
                }
            }
        }
        self.single.clear();
        self.single.extend(self.coefficients.iter().map(|&coefficient| coefficient as f32));
    }

    /// Coefficients of one pair of species, shape (β, 2 n_μ).
    pub(crate) fn pair(&self, central: usize, neighbor: usize) -> &[f64] {
        &self.coefficients[self.range(central, neighbor)]
    }

    /// The same in single precision.
    pub(crate) fn single_pair(&self, central: usize, neighbor: usize) -> &[f32] {
        &self.single[self.range(central, neighbor)]
    }

    fn range(&self, central: usize, neighbor: usize) -> Range<usize> {
        let length = self.size * 2 * self.functions;
        let start = (central * self.species + neighbor) * length;
        start..start + length
    }

    fn fill(&mut self, central: usize, neighbor: usize, mu: usize, series: &[f64]) {
        let width = 2 * self.functions;
        let start = (central * self.species + neighbor) * self.size * width;
        let derivative = chebyshev::differentiate(series);
        for beta in 0..self.size {
            let row = start + beta * width;
            self.coefficients[row + mu] = self.scaling * series[beta];
            self.coefficients[row + self.functions + mu] = self.scaling * self.slope * derivative[beta];
        }
    }
}
