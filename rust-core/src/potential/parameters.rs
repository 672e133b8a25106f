//! The flat parameter vector and its blocks.
//!
//! Order, as in the rows of an active set: radial coefficients (z_i, z_j, μ, β; row-major), species coefficients,
//! moment coefficients.

use std::ops::Range;

use super::fault::Fault;
use super::{MomentBasis, RadialBasis};
use crate::error::{Error, ErrorKind, Result};

/// Where each block of parameters begins and ends in the flat vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterLayout {
    species: usize,
    functions: usize,
    basis_size: usize,
    basis_functions: usize,
}

impl ParameterLayout {
    /// Layout for a number of species and the sizes of both bases.
    pub fn new(species: usize, radial_basis: &RadialBasis, moment_basis: &MomentBasis) -> Self {
        Self {
            species,
            functions: radial_basis.functions_count(),
            basis_size: radial_basis.size(),
            basis_functions: moment_basis.scalar_moments().len(),
        }
    }

    /// Number of parameters: S²·n_μ·n_β + S + n_α.
    pub fn len(&self) -> usize {
        self.moment_coeffs().end
    }

    /// Never true: every potential has parameters.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Number of radial functions, n_μ.
    pub fn radial_functions(&self) -> usize {
        self.functions
    }

    /// Block of `radial_coeffs`, shape (z_i, z_j, μ, β).
    pub fn radial_coeffs(&self) -> Range<usize> {
        0..self.species * self.species * self.functions * self.basis_size
    }

    /// Position of the n_β coefficients of one radial function.
    pub fn radial_function(&self, central: usize, neighbor: usize, mu: usize) -> Range<usize> {
        let start = ((central * self.species + neighbor) * self.functions + mu) * self.basis_size;
        start..start + self.basis_size
    }

    /// Block of `species_coeffs`, one per species.
    pub fn species_coeffs(&self) -> Range<usize> {
        let start = self.radial_coeffs().end;
        start..start + self.species
    }

    /// Block of `moment_coeffs`, one per basis function.
    pub fn moment_coeffs(&self) -> Range<usize> {
        let start = self.species_coeffs().end;
        start..start + self.basis_functions
    }
}

/// Coefficients by block; a block is `None` where an untrained potential does not have it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// c\[z_i, z_j, μ, β\], row-major.
    pub radial_coeffs: Option<Vec<f64>>,
    /// s\[z\], eV.
    pub species_coeffs: Option<Vec<f64>>,
    /// ξ_α, one per basis function.
    pub moment_coeffs: Option<Vec<f64>>,
}

impl Parameters {
    /// Whether no block is missing.
    pub fn is_complete(&self) -> bool {
        self.blocks().iter().all(|(_, block)| block.is_some())
    }

    /// The flat vector in the order of [`ParameterLayout`], if no block is missing.
    pub fn to_flat(&self) -> Option<Vec<f64>> {
        let mut flat = Vec::new();
        for (_, block) in self.blocks() {
            flat.extend_from_slice(block?);
        }
        Some(flat)
    }

    /// The blocks of a flat vector; its length must be that of the layout.
    pub fn from_flat(layout: &ParameterLayout, flat: &[f64]) -> Result<Self> {
        if flat.len() != layout.len() {
            let message = format!("expected {} parameters, got {}", layout.len(), flat.len());
            return Err(Error::new(ErrorKind::Argument, message));
        }
        Ok(Self {
            radial_coeffs: Some(flat[layout.radial_coeffs()].to_vec()),
            species_coeffs: Some(flat[layout.species_coeffs()].to_vec()),
            moment_coeffs: Some(flat[layout.moment_coeffs()].to_vec()),
        })
    }

    /// Names of the blocks that are missing, in the words of the file.
    pub fn missing(&self) -> Vec<&'static str> {
        self.blocks().iter().filter(|(_, block)| block.is_none()).map(|(name, _)| *name).collect()
    }

    pub(super) fn check(&self, layout: &ParameterLayout) -> std::result::Result<(), Fault> {
        let lengths =
            [layout.radial_coeffs().len(), layout.species_coeffs().len(), layout.moment_coeffs().len()];
        for ((name, block), expected) in self.blocks().into_iter().zip(lengths) {
            let Some(values) = block else { continue };
            if values.len() != expected {
                let message = format!("expected {expected} numbers in {name}, got {}", values.len());
                return Err(Fault::new(name, message));
            }
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                let message = format!("number {} of {name} is not finite: {}", index + 1, values[index]);
                return Err(Fault::in_entry(name, index, message));
            }
        }
        Ok(())
    }

    fn blocks(&self) -> [(&'static str, Option<&[f64]>); 3] {
        [
            ("radial_coeffs", self.radial_coeffs.as_deref()),
            ("species_coeffs", self.species_coeffs.as_deref()),
            ("moment_coeffs", self.moment_coeffs.as_deref()),
        ]
    }
}
