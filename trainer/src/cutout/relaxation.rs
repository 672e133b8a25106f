//! Relaxes the atoms outside the core with the potential: FIRE (E. Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)).
//!
//! A potential may be wrong about what was never trained, above all about atoms that are very close. So no step is made
//! that brings two atoms closer than the smallest distance of their species, or an atom into the core: it stays where it is.

use mtprs_core::Result;
use mtprs_core::evaluate::{Evaluator, Wanted};
use mtprs_core::geometry::{Configuration, NeighborList, Vector3, dot, norm};

use super::contents::SAME;
use super::least_distances::LeastDistances;

/// First and largest time step, Å (eV/Å)^-1/2: all masses are one.
const FIRST_STEP: f64 = 0.1;
const LARGEST_STEP: f64 = 1.0;
/// Farthest that an atom moves in a step, Å.
const FARTHEST: f64 = 0.1;
/// Times that moves are shortened before they are taken back.
const SLIDES: usize = 4;
/// Share of the velocities that is turned into the direction of the forces, and how it falls.
const FIRST_MIXING: f64 = 0.1;
const MIXING_DECAY: f64 = 0.99;
/// Steps downhill before the time step grows, and the factors of it.
const DOWNHILL_STEPS: usize = 5;
const FASTER: f64 = 1.1;
const SLOWER: f64 = 0.5;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Largest force on a free atom, eV/Å.
    pub max_force: f64,
    /// Steps.
    pub max_steps: usize,
}

/// What must hold after each step.
#[derive(Clone, Copy, Debug)]
pub struct Constraints<'a> {
    /// So many atoms do not move, the center first.
    pub fixed: usize,
    /// No other atom comes closer to the center, Å.
    pub radius: f64,
    /// Smallest distances of atoms that move.
    pub least: &'a LeastDistances,
}

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relaxation {
    /// Steps made.
    pub steps: usize,
    /// Largest force on a free atom before the first step, eV/Å.
    pub first_force: f64,
    /// The same after the last.
    pub largest_force: f64,
}

/// Moves all atoms but those that are fixed.
pub fn relax(
    evaluator: &mut Evaluator,
    configuration: &mut Configuration,
    constraints: Constraints<'_>,
    limits: Limits,
) -> Result<Relaxation> {
    let fixed = constraints.fixed;
    let mut fire = Fire::new(configuration.len() - fixed);
    let mut relaxation = Relaxation { steps: 0, first_force: 0.0, largest_force: 0.0 };
    loop {
        let forces = {
            let atoms = evaluator.neighborhoods(configuration)?;
            evaluator.tally(&atoms, Wanted::default())?.forces[fixed..].to_vec()
        };
        relaxation.largest_force = forces.iter().map(|force| norm(*force)).fold(0.0, f64::max);
        if relaxation.steps == 0 {
            relaxation.first_force = relaxation.largest_force;
        }
        if relaxation.largest_force <= limits.max_force || relaxation.steps == limits.max_steps {
            return Ok(relaxation);
        }
        let wanted = fire.moves(&forces);
        let mut moves = wanted.clone();
        hold(configuration, constraints, &mut moves)?;
        for (k, step) in moves.iter().enumerate() {
            if *step != wanted[k] {
                fire.velocities[k] = step.map(|x| x / fire.step);
            }
            shift(&mut configuration.positions[fixed + k], step);
        }
        relaxation.steps += 1;
    }
}

/// Takes from the moves what brings atoms too close: at first only their part along the line between the two, so that atoms
/// slide past each other, and in the end all.
fn hold(configuration: &Configuration, constraints: Constraints<'_>, moves: &mut [Vector3]) -> Result<()> {
    let Constraints { fixed, radius, least } = constraints;
    for round in 0.. {
        let mut trial = configuration.clone();
        trial.positions[fixed..].iter_mut().zip(&*moves).for_each(|(position, step)| shift(position, step));
        let list = NeighborList::new(&trial, least.largest.max(radius + SAME))?;
        let mut held = false;
        for atom in fixed..trial.len() {
            let (neighbors, displacements) = list.neighbors(atom);
            for (&other, displacement) in neighbors.iter().zip(displacements) {
                let other = other as usize;
                let allowed = least.of(trial.species[atom], trial.species[other]) - SAME;
                let distance = norm(*displacement);
                if distance >= allowed && (other > 0 || distance >= radius + SAME) {
                    continue;
                }
                let away = displacement.map(|x| x / distance.max(SAME));
                for (free, sign) in
                    [(atom, 1.0), (other, -1.0)].into_iter().filter(|(free, _)| *free >= fixed)
                {
                    let step = &mut moves[free - fixed];
                    held |= *step != [0.0; 3];
                    let toward = sign * dot(*step, away);
                    if round >= SLIDES || toward <= 0.0 {
                        *step = [0.0; 3];
                    } else {
                        let part = sign * toward;
                        *step = std::array::from_fn(|k| step[k] - part * away[k]);
                    }
                }
            }
        }
        if !held {
            break;
        }
    }
    Ok(())
}

/// The state of FIRE.
struct Fire {
    velocities: Vec<Vector3>,
    step: f64,
    mixing: f64,
    downhill: usize,
}

impl Fire {
    fn new(atoms: usize) -> Self {
        Self { velocities: vec![[0.0; 3]; atoms], step: FIRST_STEP, mixing: FIRST_MIXING, downhill: 0 }
    }

    /// The next moves for these forces.
    fn moves(&mut self, forces: &[Vector3]) -> Vec<Vector3> {
        let sum = |a: &[Vector3], b: &[Vector3]| a.iter().zip(b).map(|(a, b)| dot(*a, *b)).sum::<f64>();
        let power = sum(forces, &self.velocities);
        if power > 0.0 {
            let speed = sum(&self.velocities, &self.velocities).sqrt();
            let factor = self.mixing * speed / sum(forces, forces).sqrt();
            for (velocity, force) in self.velocities.iter_mut().zip(forces) {
                *velocity = std::array::from_fn(|k| (1.0 - self.mixing) * velocity[k] + factor * force[k]);
            }
            self.downhill += 1;
            if self.downhill > DOWNHILL_STEPS {
                self.step = (self.step * FASTER).min(LARGEST_STEP);
                self.mixing *= MIXING_DECAY;
            }
        } else if self.downhill > 0 {
            let atoms = self.velocities.len();
            *self = Self { step: self.step * SLOWER, ..Self::new(atoms) };
        }
        for (velocity, force) in self.velocities.iter_mut().zip(forces) {
            *velocity = std::array::from_fn(|k| velocity[k] + self.step * force[k]);
        }
        let farthest = self.velocities.iter().map(|velocity| norm(*velocity)).fold(0.0, f64::max) * self.step;
        let scale = self.step * if farthest > FARTHEST { FARTHEST / farthest } else { 1.0 };
        self.velocities.iter().map(|velocity| velocity.map(|x| scale * x)).collect()
    }
}

fn shift(position: &mut Vector3, step: &Vector3) {
    position.iter_mut().zip(step).for_each(|(x, step)| *x += step);
}
