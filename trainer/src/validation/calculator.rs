//! Atoms at a minimum of the energy in their cell, with energy, stress and grade there.

use mtprs_core::evaluate::{Evaluator, Neighborhoods, Tally, Wanted};
use mtprs_core::geometry::Configuration;
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;
use mtprs_core::{Error, ErrorKind, Result as CoreResult};

use crate::Failure;
use crate::optimizer::{CellRelaxation, Limits, Pressure, relax, relax_cell};
use crate::processes::Interrupt;

/// Most steps of a relaxation.
const MOST_STEPS: usize = 2000;

/// What evaluates, relaxes and grades, for one thread; clones share what is compiled.
#[derive(Clone)]
pub struct Calculator<'a> {
    evaluator: Evaluator,
    grader: Option<Grader>,
    interrupt: &'a Interrupt,
    /// Called after each evaluation.
    done: &'a (dyn Fn() + Sync),
}

/// Atoms where a relaxation has ended.
#[derive(Clone, Debug)]
pub struct Relaxed {
    /// The atoms.
    pub atoms: Configuration,
    /// Energy before the first step, eV.
    pub first_energy: f64,
    /// Energy, eV.
    pub energy: f64,
    /// Energies of the atoms, eV.
    pub site_energies: Vec<f64>,
    /// Stress where tension is positive, GPa: xx yy zz yz xz xy.
    pub stress: [f64; 6],
    /// Largest force on an atom, eV/Å.
    pub largest_force: f64,
    /// Largest extrapolation grade of an atom, if there is a selection state.
    pub grade: Option<f64>,
}

impl<'a> Calculator<'a> {
    /// Compiles a potential; refuses a state that grades whole configurations, in which the few atoms that are strange to the
    /// potential would be averaged with all others.
    pub fn new(
        potential: &Potential,
        grader: Option<Grader>,
        interrupt: &'a Interrupt,
        done: &'a (dyn Fn() + Sync),
    ) -> CoreResult<Self> {
        if let Some(grader) = &grader
            && grader.state().mode != GradeMode::Neighborhood
        {
            let message = "expected a selection state of neighborhood mode, got one of configuration mode";
            let hint =
                "a vacancy or a surface is a small part of its cell: mtprs state build --mode neighborhood";
            return Err(Error::new(ErrorKind::InvalidState, message).hint(hint));
        }
        Ok(Self { evaluator: Evaluator::new(potential)?, grader, interrupt, done })
    }

    /// Cutoff of the potential, Å.
    pub fn cutoff(&self) -> f64 {
        self.evaluator.cutoff()
    }

    /// Number of species of the potential.
    pub fn species_count(&self) -> usize {
        self.evaluator.species_count()
    }

    /// Atoms in their cell, relaxed until no force is larger (eV/Å).
    pub fn relaxed(&mut self, mut atoms: Configuration, max_force: f64) -> Result<Relaxed, Failure> {
        let limits = Limits { max_force, max_steps: MOST_STEPS };
        let Self { evaluator, interrupt, done, .. } = self;
        let found = relax(evaluator, &mut atoms, limits, |_| {
            done();
            interrupt.check()
        })?;
        let grade = self.grade(&atoms)?;
        (self.done)();
        // A slab has no volume, and no stress.
        let volume = atoms.cell.volume().unwrap_or(f64::INFINITY);
        Ok(Relaxed {
            stress: found
                .efs
                .virial
                .to_cfg_order()
                .map(|virial| -virial / volume * crate::constants::units::GIGAPASCAL),
            energy: found.efs.energy,
            site_energies: found.efs.site_energies,
            first_energy: found.first_energy,
            largest_force: found.largest_force,
            grade,
            atoms,
        })
    }

    /// Relaxes atoms and cell at no pressure; the tolerance of the stress is in eV/Å³.
    pub(super) fn relax_cell(
        &mut self,
        atoms: &mut Configuration,
        max_force: f64,
        tolerance: f64,
    ) -> Result<CellRelaxation, Failure> {
        let limits = Limits { max_force, max_steps: MOST_STEPS };
        let pressure = Pressure { target: 0.0, tolerance };
        let Self { evaluator, interrupt, done, .. } = self;
        relax_cell(evaluator, atoms, limits, pressure, |_| {
            done();
            interrupt.check()
        })
    }

    /// Energy of atoms where they are, eV.
    pub fn energy(&mut self, atoms: &Configuration) -> CoreResult<f64> {
        Ok(self.evaluator.evaluate(atoms)?.energy)
    }

    /// Fails once the program was asked to stop.
    pub(super) fn check(&self) -> Result<(), Failure> {
        self.interrupt.check()
    }

    /// Forces that some neighborhoods exert.
    pub(super) fn tally<N: Neighborhoods + Sync>(&mut self, atoms: &N) -> Result<&Tally, Failure> {
        self.check()?;
        (self.done)();
        Ok(self.evaluator.tally(atoms, Wanted::default())?)
    }

    /// The largest grade of an atom, if there is a selection state.
    pub fn grade(&mut self, atoms: &Configuration) -> CoreResult<Option<f64>> {
        self.grader.as_mut().map(|grader| Ok(grader.grade(atoms)?.configuration)).transpose()
    }

    /// The largest grade of the central atoms of some neighborhoods.
    pub(super) fn grade_of<N: Neighborhoods>(&mut self, atoms: &N) -> CoreResult<Option<f64>> {
        let of = |grader: &mut Grader| Ok(grader.grade_with_efs(atoms, Wanted::default())?.0.configuration);
        self.grader.as_mut().map(of).transpose()
    }
}

/// The larger of two grades.
pub(super) fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}
