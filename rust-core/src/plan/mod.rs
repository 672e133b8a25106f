//! The compiled form of a potential: what the kernels read, made once, immutable and shared.
//!
//! Three things are compiled. The basic moments become sums over fewer functions on the unit sphere ([`sphere`]); the
//! list of products becomes a schedule without what no basis function needs, and products that feed only the energy
//! become one quadratic form ([`contractions`]); the radial coefficients become tables in the order in which the
//! kernels read them ([`radial`]).

pub(crate) mod contractions;
pub(crate) mod grade_matrix;
mod limits;
pub(crate) mod pair_terms;
pub(crate) mod program;
pub(crate) mod radial;
pub(crate) mod sphere;

use crate::error::Result;
use crate::potential::{ParameterLayout, Potential};
use contractions::{Contractions, Form};
use pair_terms::PairTables;
use program::Program;
use radial::RadialTables;
use sphere::SphereMoments;

/// A compiled potential.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) cutoff: f64,
    pub(crate) min_dist: f64,
    pub(crate) species_count: usize,
    /// s\[z\], eV.
    pub(crate) species_coeffs: Vec<f64>,
    pub(crate) pair_terms: PairTables,
    pub(crate) radial: RadialTables,
    pub(crate) sphere: SphereMoments,
    pub(crate) contractions: Contractions,
    pub(crate) program: Program,
}

impl Plan {
    /// Compiles a trained potential for energies, forces and virials. Fails if that would take more memory or time than any
    /// potential in use does by far.
    pub(crate) fn new(potential: &Potential) -> Result<Self> {
        Self::with_form(potential, Form::Folded)
    }

    /// Compiles a trained potential for derivatives by its parameters, too: every basis function is formed, and
    /// parameters can be exchanged.
    pub(crate) fn symbolic(potential: &Potential) -> Result<Self> {
        Self::with_form(potential, Form::Symbolic)
    }

    fn with_form(potential: &Potential, form: Form) -> Result<Self> {
        let parameters = potential.parameters();
        let (Some(radial_coeffs), Some(species_coeffs), Some(moment_coeffs)) =
            (&parameters.radial_coeffs, &parameters.species_coeffs, &parameters.moment_coeffs)
        else {
            return Err(potential.untrained_error());
        };
        limits::check(potential)?;
        let sphere = SphereMoments::new(potential.moment_basis().basic());
        let contractions = Contractions::new(potential.moment_basis(), &sphere, moment_coeffs, form);
        let program = Program::new(&sphere, &contractions)?;
        let radial = RadialTables::new(potential, radial_coeffs, sphere.radial_functions());
        Ok(Self {
            cutoff: potential.cutoff(),
            min_dist: potential.radial_basis().min_dist(),
            species_count: potential.species().count(),
            species_coeffs: species_coeffs.clone(),
            pair_terms: PairTables::new(potential),
            radial,
            sphere,
            contractions,
            program,
        })
    }

    /// Takes up other parameters, a flat vector in the order of the layout; the plan must be symbolic.
    pub(crate) fn set_parameters(&mut self, layout: &ParameterLayout, parameters: &[f64]) {
        self.radial.set_coefficients(layout, &parameters[layout.radial_coeffs()]);
        self.species_coeffs.copy_from_slice(&parameters[layout.species_coeffs()]);
        self.contractions.set_coefficients(&parameters[layout.moment_coeffs()]);
        self.program.set_coefficients(&self.contractions.scalar_coefficients());
    }

    /// Multiply-adds that energy, forces and virial of one atom need according to the algebra of this plan, with this many neighbors.
    ///
    /// For each neighbor: radial functions and derivatives, monomials, sums, polynomials and values from the adjoints,
    /// Horner's rule (see `kernels`); for each atom: the program of contractions and the energy. Square roots,
    /// divisions, projections and the filling of blocks are left out.
    pub(crate) fn multiply_adds(&self, neighbors: f64) -> f64 {
        let radial = self.radial.size * (1 + 2 * self.radial.functions);
        let per_neighbor = radial + 2 * self.monomials() + 3 * self.sphere.count + 4 * self.monomials();
        let per_atom = self.program.multiply_adds() + 2 * self.contractions.energy_moments.len();
        neighbors * per_neighbor as f64 + per_atom as f64
    }

    /// The same with the row ∂V_i/∂θ; of a symbolic plan.
    pub(crate) fn row_multiply_adds(&self, neighbors: f64) -> f64 {
        let coefficient_sums = self.radial.size * (1 + self.radial.functions);
        self.multiply_adds(neighbors) + neighbors * coefficient_sums as f64
    }

    /// Multiply-adds for the gradient of a loss in energy, forces and virial; of a symbolic plan.
    ///
    /// For each neighbor: radial functions and slopes, monomials with their derivatives and three products for each sphere
    /// moment, both twice, and the sums for the radial coefficients; for each atom: products and their derivatives
    /// forward, three for each term, and backward, six.
    pub(crate) fn loss_multiply_adds(&self, neighbors: f64) -> f64 {
        let radial = self.radial.size * (1 + 2 * self.radial.functions);
        let coefficient_sums = self.radial.size * (2 + 2 * self.radial.functions);
        let moments = 2 * 3 * (self.monomials() + self.sphere.count);
        let per_atom = 3 * self.contractions.multiply_adds() + 8 * self.sphere.extensions.len();
        neighbors * (radial + coefficient_sums + moments) as f64 + per_atom as f64
    }

    /// Number of monomials x^a y^b up to the highest rank.
    fn monomials(&self) -> usize {
        let degree = self.sphere.ranks.iter().copied().max().unwrap_or(0);
        (degree + 1) * (degree + 2) / 2
    }
}
