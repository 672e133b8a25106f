//! Moves the atoms outside the core: apart where the cut brought them together, and then to a minimum of the potential.
//!
//! Both with L-BFGS, which walls ([`super::walls`]) keep where atoms may be. An atom that the potential draws into the core
//! from a place beside it joins the core: it takes its place in the parent again, and what is left relaxes around it.

use mtprs_core::evaluate::{Evaluator, Wanted};
use mtprs_core::geometry::{Configuration, Vector3, norm};
use mtprs_core::{Error, Result};

use super::cut::Cutout;
use super::walls::{Push, Rise, Walls};
pub use crate::optimizer::Limits;
use crate::optimizer::{Descent, Function, Relaxed, nowhere};

/// Steps that set atoms apart at most, and the force of the springs at which they end, eV/Å.
const SPRING_STEPS: usize = 200;
const SPRING_FORCE: f64 = 0.01;
/// Times that atoms join the core.
const ROUNDS: usize = 8;
/// How far from its place an atom may be that joins the core, Å.
const BESIDE: f64 = 2.0;

/// Share of the atoms that move above which pairs that are held tell that the potential has no minimum.
const HOPELESS: f64 = 0.1;

/// How far it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Relaxation {
    /// Steps made.
    pub steps: usize,
    /// Largest force of the potential on a free atom before the first step, eV/Å.
    pub first_force: f64,
    /// The same after the last.
    pub largest_force: f64,
    /// The same without atoms that walls hold.
    pub unheld_force: f64,
    /// Pairs of species that the potential draws closer than allowed, once for each pair of atoms.
    pub held_pairs: Vec<[u32; 2]>,
    /// Atoms that it draws into the core and that are no longer at their places in the parent.
    pub held_by_core: usize,
    /// Atoms that it drew into the core from their places in the parent, where they are again.
    pub joined: usize,
}

/// Sets atoms outside the core apart that are closer than the closest of the parent, and takes out those that stay too close.
pub(super) fn set_apart(cutout: &mut Cutout, radius: f64) -> Result<()> {
    while let Some(atom) = push_apart(cutout, radius)? {
        cutout.take_out(atom);
    }
    Ok(())
}

/// The same, but returns the atom that stays closest to another for what is allowed, if one stays too close.
pub(super) fn push_apart(cutout: &mut Cutout, radius: f64) -> Result<Option<usize>> {
    let walls = Walls { fixed: cutout.core, radius, least: &cutout.least, rise: Rise::Springs };
    let mut function = Walled { configuration: cutout.configuration.clone(), walls, evaluator: None };
    let mut descent = Descent::new(&mut function)?;
    descent.run(&mut function, Limits { max_force: SPRING_FORCE, max_steps: SPRING_STEPS })?;
    let trespasser = walls.trespasser(&function.configuration)?;
    cutout.configuration.positions = function.configuration.positions;
    Ok(trespasser)
}

/// Moves all atoms but those of the core to a minimum of the potential.
pub fn relax(
    evaluator: &mut Evaluator,
    cutout: &mut Cutout,
    radius: f64,
    limits: Limits,
) -> Result<Relaxation> {
    let mut relaxation = Relaxation {
        steps: 0,
        first_force: 0.0,
        largest_force: 0.0,
        unheld_force: 0.0,
        held_pairs: Vec::new(),
        held_by_core: 0,
        joined: 0,
    };
    for round in 0.. {
        let walls = Walls { fixed: cutout.core, radius, least: &cutout.least, rise: Rise::Barrier };
        let configuration = cutout.configuration.clone();
        let mut function = Walled { configuration, walls, evaluator: Some(evaluator) };
        let (_, forces) = function.of_potential()?;
        if round == 0 {
            relaxation.first_force = largest(&forces);
        }
        let mut descent = Descent::new(&mut function)?;
        let max_steps = limits.max_steps - relaxation.steps;
        descent.run(&mut function, Limits { max_steps, ..limits })?;
        relaxation.steps += descent.steps;
        let (_, forces) = function.of_potential()?;
        let push = walls.push(&function.configuration)?;
        relaxation.tell(&function, &forces, &push, limits.max_force);
        cutout.configuration.positions = function.configuration.positions;
        let is_held = |atom: &usize| {
            push.surface[atom - cutout.core] > limits.max_force && cutout.moved(*atom) < BESIDE
        };
        let joining: Vec<usize> = (cutout.core..cutout.configuration.len()).filter(is_held).collect();
        if joining.is_empty() || round == ROUNDS || relaxation.steps == limits.max_steps {
            break;
        }
        relaxation.joined += joining.len();
        cutout.join(&joining);
        set_apart(cutout, radius)?;
        if cutout.core == cutout.configuration.len() {
            break;
        }
    }
    Ok(relaxation)
}

impl Relaxation {
    /// Whether no force is left and nothing had to be held.
    pub fn is_free(&self, limits: Limits) -> bool {
        self.largest_force <= limits.max_force
    }

    /// Whether the potential draws so many of the atoms that move closer than allowed that other cells will be no better.
    pub fn is_hopeless(&self, cutout: &Cutout) -> bool {
        let free = cutout.configuration.len() - cutout.core;
        self.held_pairs.len() as f64 > HOPELESS * free as f64
    }

    /// Whether fewer atoms had to be held than in another one, or as many with less force left.
    pub fn is_better(&self, other: &Self) -> bool {
        let rank = |one: &Self| (one.held_pairs.len() + one.held_by_core, one.largest_force);
        let ((held, force), (known, known_force)) = (rank(self), rank(other));
        held.cmp(&known).then(force.total_cmp(&known_force)).is_lt()
    }

    fn tell(&mut self, function: &Walled<'_>, forces: &[Vector3], push: &Push, max_force: f64) {
        let (walls, species) = (function.walls, &function.configuration.species);
        let pairs = push.pairs.iter().filter(|(_, force)| *force > max_force).map(|(pair, _)| *pair);
        let pairs: Vec<[usize; 2]> = pairs.collect();
        let is_held = |atom: usize| {
            push.surface[atom - walls.fixed] > max_force || pairs.iter().any(|pair| pair.contains(&atom))
        };
        let unheld = forces.iter().enumerate().filter(|(k, _)| !is_held(k + walls.fixed));
        self.unheld_force = unheld.map(|(_, force)| norm(*force)).fold(0.0, f64::max);
        self.largest_force = largest(forces);
        self.held_by_core = push.surface.iter().filter(|force| **force > max_force).count();
        let species_of = |pair: &[usize; 2]| {
            let [a, b] = pair.map(|atom| species[atom]);
            [a.min(b), a.max(b)]
        };
        self.held_pairs = pairs.iter().map(species_of).collect();
    }
}

fn largest(forces: &[Vector3]) -> f64 {
    forces.iter().map(|force| norm(*force)).fold(0.0, f64::max)
}

/// The energy of the potential, if there is one, and the walls, by the positions of the atoms that move.
struct Walled<'a> {
    configuration: Configuration,
    walls: Walls<'a>,
    evaluator: Option<&'a mut Evaluator>,
}

impl Walled<'_> {
    /// Energy and forces on the atoms that move.
    fn of_potential(&mut self) -> Result<(f64, Vec<Vector3>)> {
        let Some(evaluator) = &mut self.evaluator else {
            return Ok((0.0, vec![[0.0; 3]; self.configuration.len() - self.walls.fixed]));
        };
        let atoms = evaluator.neighborhoods(&self.configuration)?;
        let tally = evaluator.tally(&atoms, Wanted::default())?;
        Ok((tally.energy, tally.forces[self.walls.fixed..].to_vec()))
    }
}

impl Function for Walled<'_> {
    type Failure = Error;

    fn evaluate(&mut self, variables: &[f64]) -> Result<(f64, Vec<f64>)> {
        if self.is_far(variables) {
            return Ok(nowhere(variables));
        }
        let before = self.coordinates();
        self.place(variables);
        let push = self.walls.push(&self.configuration)?;
        let (energy, mut forces) =
            if push.energy.is_finite() { self.of_potential()? } else { (f64::INFINITY, Vec::new()) };
        // The configuration is where the step began: steps are measured from there.
        self.place(&before);
        if !energy.is_finite() {
            return Ok(nowhere(variables));
        }
        forces.as_flattened_mut().iter_mut().zip(push.forces.as_flattened()).for_each(|(sum, x)| *sum += x);
        Ok((energy + push.energy, forces.as_flattened().iter().map(|force| -force).collect()))
    }
}

impl Relaxed for Walled<'_> {
    fn coordinates(&self) -> Vec<f64> {
        self.configuration.positions[self.walls.fixed..].as_flattened().to_vec()
    }

    fn place(&mut self, coordinates: &[f64]) {
        let free = &mut self.configuration.positions[self.walls.fixed..];
        free.iter_mut().zip(coordinates.chunks(3)).for_each(|(position, at)| position.copy_from_slice(at));
    }
}
