//! The inverse of an active set in the order in which the kernel reads it.
//!
//! Grades are the largest |c_k| of c = b A⁻¹. A row b = ∂V_i/∂θ has radial coefficients of one central species only, so
//! each species has panels of its own with just the rows of A⁻¹ that its atoms meet: half of them with three species.

use super::Plan;
use crate::potential::ParameterLayout;

/// Columns of a panel.
pub(crate) const PANEL: usize = 8;

/// A⁻¹ for each central species.
#[derive(Clone, Debug)]
pub(crate) struct GradeMatrix {
    /// Number of columns, filled up to whole panels.
    columns: usize,
    /// For each central species panels of eight columns, each with the rows of that species.
    panels: Vec<Vec<f64>>,
    /// Number of rows of a species: radial sums (z_j, β, μ), then 1 for its own coefficient, then B_α.
    pub(crate) rows: usize,
}

impl GradeMatrix {
    /// Takes the inverse of an active set by columns, shape (k, parameter).
    pub(crate) fn new(plan: &Plan, layout: &ParameterLayout, inverse: &[f64]) -> Self {
        let size = layout.len();
        assert_eq!(inverse.len(), size * size, "size of the inverse");
        let columns = size.next_multiple_of(PANEL);
        let rows = parameters_of(plan, layout, 0).len();
        let panel_of = |parameters: &[Option<usize>], first: usize| {
            let mut panel = Vec::with_capacity(rows * PANEL);
            for parameter in parameters {
                for column in first..first + PANEL {
                    let inside = parameter.filter(|_| column < size);
                    panel.push(inside.map_or(0.0, |row| inverse[column * size + row]));
                }
            }
            panel
        };
        let of_species = |species: usize| {
            let parameters = parameters_of(plan, layout, species);
            (0..columns).step_by(PANEL).flat_map(|first| panel_of(&parameters, first)).collect()
        };
        Self { columns, panels: (0..plan.species_count).map(of_species).collect(), rows }
    }

    /// The panels of one central species, shape (row, column of the panel).
    pub(crate) fn panels(&self, species: usize) -> impl Iterator<Item = &[f64]> {
        self.panels[species].chunks_exact(self.rows * PANEL)
    }

    /// Multiply-adds for one atom.
    pub(crate) fn multiply_adds(&self) -> usize {
        self.rows * self.columns
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.panels.iter().map(Vec::capacity).sum::<usize>() * size_of::<f64>()
    }
}

/// The parameter of each row of a species; `None` for sums over radial functions that the potential does not have.
fn parameters_of(plan: &Plan, layout: &ParameterLayout, central: usize) -> Vec<Option<usize>> {
    let mut parameters = Vec::new();
    for neighbor in 0..plan.species_count {
        for beta in 0..plan.radial.size {
            for mu in 0..plan.radial.functions {
                let known = mu < layout.radial_functions();
                parameters.push(known.then(|| layout.radial_function(central, neighbor, mu).start + beta));
            }
        }
    }
    parameters.push(Some(layout.species_coeffs().start + central));
    parameters.extend(layout.moment_coeffs().map(Some));
    parameters
}
