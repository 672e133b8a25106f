//! Extrapolation grades: how far atoms or configurations lie outside of what a potential was trained on.
//!
//! γ = max_k |c_k| with c = b A⁻¹, A an active set of rows of derivatives by the parameters and b the row of the thing that
//! is graded (E. V. Podryabinkin, A. V. Shapeev, Comput. Mater. Sci. 140, 171 (2017), eq. 8): ∂V_i/∂θ for a
//! neighborhood, (1/N) ∂E/∂θ for a configuration. γ <= 1 is interpolation.

use super::close_pair::ClosePair;
use super::gradient_evaluator::GradientEvaluator;
use super::neighborhoods::Neighborhoods;
use super::sites::Site;
use super::tally::{Tally, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::kernels::InstructionSet;
use crate::kernels::dispatch::Kernels;
use crate::kernels::grade_products::{GRADED_BLOCKS, SquaredGrades};
use crate::kernels::simd::{Block, LANES};
use crate::plan::grade_matrix::GradeMatrix;
use crate::potential::Potential;
use crate::selection::{GradeMode, SelectionState};
use std::sync::Arc;

/// Evaluates one potential with grades of neighborhoods, or with what grades of configurations follow from; clones share
/// what is compiled, one per thread.
#[derive(Clone, Debug)]
pub struct GradeEvaluator {
    gradients: GradientEvaluator,
    /// `None` if only gradients of the energy are asked for.
    matrix: Option<Arc<GradeMatrix>>,
    pending: Vec<Pending>,
    grades: Vec<f64>,
}

impl GradeEvaluator {
    /// For a trained potential and the inverse A⁻¹ of its active set by columns: shape (k, parameter), n × n for n parameters
    /// in the order of [`ParameterLayout`](crate::potential::ParameterLayout).
    pub fn new(potential: &Potential, inverse: &[f64]) -> Result<Self> {
        Self::with_gradients(GradientEvaluator::new(potential)?, inverse)
    }

    /// For the selection state of a trained potential, with kernels of a set that this processor must have.
    pub(crate) fn of_state(
        potential: &Potential,
        state: &SelectionState,
        set: InstructionSet,
    ) -> Result<Self> {
        state.check_potential(potential)?;
        let gradients = GradientEvaluator::with_instruction_set(potential, set)?;
        match state.mode {
            GradeMode::Configuration => Ok(Self::of_gradients(gradients)),
            GradeMode::Neighborhood => Self::with_gradients(gradients, state.active_set.inverse_columns()),
        }
    }

    /// For grades of configurations only: these follow from the gradient of the energy, as
    /// [`ActiveSet::grade`](crate::selection::ActiveSet::grade) says.
    fn of_gradients(gradients: GradientEvaluator) -> Self {
        Self { gradients, matrix: None, pending: Vec::new(), grades: Vec::new() }
    }

    /// The same as [`new`](Self::new) with a gradient evaluator made before.
    pub fn with_gradients(gradients: GradientEvaluator, inverse: &[f64]) -> Result<Self> {
        let layout = gradients.layout();
        if layout.len().checked_mul(layout.len()) != Some(inverse.len()) {
            let message =
                format!("expected an active set of {0} x {0} numbers, got {1}", layout.len(), inverse.len());
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let plan = &gradients.evaluator.plan;
        let matrix = Arc::new(GradeMatrix::new(plan, &layout, inverse));
        let pending = vec![Pending::new(matrix.rows); plan.species_count];
        Ok(Self { gradients, matrix: Some(matrix), pending, grades: Vec::new() })
    }

    /// The evaluator of the derivatives by the parameters.
    pub fn gradients(&mut self) -> &mut GradientEvaluator {
        &mut self.gradients
    }

    /// Energies, forces and virials with the grades or the gradient of the energy, whichever is wanted, put into `result`,
    /// whose memory is kept for the next time. If both are wanted, atoms are evaluated twice.
    pub(super) fn tally<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        wanted: Wanted,
        result: &mut Tally,
    ) -> Result<()> {
        let mut gradient = std::mem::take(&mut result.energy_gradient);
        gradient.clear();
        if wanted.energy_gradient {
            gradient.resize(self.gradients.layout().len(), 0.0);
            self.gradients.energy_gradient(atoms, wanted, &mut gradient)?;
        }
        if wanted.grades {
            self.neighborhood_grades(atoms, wanted)?;
        }
        std::mem::swap(result, &mut self.gradients.evaluator.tally);
        result.energy_gradient = gradient;
        if wanted.grades {
            std::mem::swap(&mut result.grades, &mut self.grades);
        }
        Ok(())
    }

    /// The closest pair of the last evaluation that succeeded, if it was closer than `min_dist`, where
    /// the radial functions begin.
    pub fn closest_pair(&self) -> Option<ClosePair> {
        self.gradients.evaluator.closest
    }

    /// Energies, forces and virials, and the grade of each neighborhood: by atom, zero for atoms that are not central.
    pub fn neighborhood_grades<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        wanted: Wanted,
    ) -> Result<(&Tally, &[f64])> {
        let Self { gradients, matrix, pending, grades } = self;
        let Some(matrix) = matrix else {
            let message = "grades of neighborhoods were asked of an evaluator for configurations";
            return Err(Error::new(ErrorKind::Argument, message));
        };
        let GradientEvaluator { evaluator, radial, .. } = gradients;
        pending.iter_mut().for_each(Pending::clear);
        grades.clear();
        grades.resize(atoms.atom_count(), 0.0);
        let kernels = evaluator.kernels;
        let tally = evaluator.visit(atoms, wanted, |site| {
            let center = site.center();
            radial.clear_species(center.species);
            radial.add_values(&site, center.species);
            let pending = &mut pending[center.species];
            pending.push(&site, center.atom, radial.totals(kernels, center.species));
            if pending.count == Pending::ROOM {
                pending.grade(kernels, matrix, center.species, grades);
            }
        })?;
        for (species, pending) in pending.iter_mut().enumerate() {
            pending.grade(kernels, matrix, species, grades);
        }
        if let Some(atom) = grades.iter().position(|grade| !grade.is_finite()) {
            return Err(Error::not_finite_grade(&atoms.label(atom)).about_atom(atom));
        }
        Ok((tally, grades))
    }

    /// Multiply-adds for the grade of one atom, beside those of its row.
    pub fn multiply_adds(&self) -> usize {
        self.matrix.as_ref().map_or(0, |matrix| matrix.multiply_adds())
    }

    /// Bytes of memory held.
    pub fn memory(&self) -> usize {
        let pending: usize = self.pending.iter().map(|pending| pending.rows.capacity()).sum();
        self.gradients.memory()
            + self.matrix.as_ref().map_or(0, |matrix| matrix.memory())
            + pending * size_of::<Block>()
            + self.grades.capacity() * size_of::<f64>()
    }
}

/// Rows of up to sixteen atoms of one species, side by side.
#[derive(Clone, Debug)]
struct Pending {
    /// Two blocks for each row of the species; see [`GradeMatrix`].
    rows: Vec<Block>,
    atoms: [usize; Self::ROOM],
    count: usize,
}

impl Pending {
    const ROOM: usize = GRADED_BLOCKS * LANES;

    fn new(rows: usize) -> Self {
        Self { rows: vec![Block::default(); rows * GRADED_BLOCKS], atoms: [0; Self::ROOM], count: 0 }
    }

    fn clear(&mut self) {
        self.count = 0;
    }

    /// Takes up an atom with its radial sums, shape (z_j, β, μ).
    fn push(&mut self, site: &Site<'_, f64>, atom: usize, radial: &[f64]) {
        let (block, lane) = (self.count / LANES, self.count % LANES);
        let values = radial.iter().copied().chain([1.0]).chain(site.basis_functions());
        for (row, value) in self.rows.chunks_exact_mut(GRADED_BLOCKS).zip(values) {
            row[block].0[lane] = value;
        }
        self.atoms[self.count] = atom;
        self.count += 1;
    }

    /// Writes the grades of the atoms and forgets them.
    fn grade(&mut self, kernels: Kernels, matrix: &GradeMatrix, species: usize, grades: &mut [f64]) {
        if self.count == 0 {
            return;
        }
        let squares = kernels.run(SquaredGrades { matrix, species, rows: &self.rows });
        for (k, &atom) in self.atoms[..self.count].iter().enumerate() {
            grades[atom] = squares[k / LANES].0[k % LANES].sqrt();
        }
        self.count = 0;
    }
}
