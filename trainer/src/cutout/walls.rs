//! What keeps atoms apart while they are moved: smooth walls at the smallest distances and around the core.
//!
//! A potential may be wrong about what was never trained, above all about atoms that are very close. So every pair has a
//! barrier that rises to infinity at the smallest distance of its species, and so has the surface of the core.

use mtprs_core::Result;
use mtprs_core::geometry::{Configuration, NeighborList, Vector3, dot, norm};

use super::contents::SAME;
use super::least_distances::LeastDistances;

/// How far the barrier of a pair reaches, Å, and its curvature in the middle, eV/Å².
const WIDTH: f64 = 0.1;
const STIFFNESS: f64 = 20.0;
/// The same around the core.
const SURFACE_WIDTH: f64 = 0.05;
const SURFACE_STIFFNESS: f64 = 40.0;
/// Curvature of the springs that set atoms apart, eV/Å².
const SPRING: f64 = 20.0;

/// How a wall rises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rise {
    /// As a barrier that nothing gets through, within a tenth of an Å.
    Barrier,
    /// As springs between atoms that are closer than the closest of the parent: whatever the distances are, they set the
    /// atoms apart.
    Springs,
}

/// The atoms that move and what they keep away from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walls<'a> {
    /// So many atoms do not move, the center first.
    pub(super) fixed: usize,
    /// No other atom comes closer to the center, Å.
    pub(super) radius: f64,
    /// Smallest distances of atoms that move.
    pub(super) least: &'a LeastDistances,
    pub(super) rise: Rise,
}

/// What the walls do to the atoms.
#[derive(Clone, Debug)]
pub(super) struct Push {
    /// Energy, eV; infinite if atoms are where they must not be.
    pub(super) energy: f64,
    /// Forces on the atoms that move, eV/Å.
    pub(super) forces: Vec<Vector3>,
    /// How hard the surface of the core pushes each of them, eV/Å.
    pub(super) surface: Vec<f64>,
    /// Pairs that are pushed apart with the forces, eV/Å; at least one of each moves.
    pub(super) pairs: Vec<([usize; 2], f64)>,
}

impl Walls<'_> {
    /// Energy and forces of the walls.
    pub(super) fn push(&self, configuration: &Configuration) -> Result<Push> {
        let Self { fixed, radius, least, rise } = *self;
        let free = configuration.len() - fixed;
        let mut push =
            Push { energy: 0.0, forces: vec![[0.0; 3]; free], surface: vec![0.0; free], pairs: Vec::new() };
        let list = NeighborList::new(configuration, (rise.reach(least.largest)).max(radius + SURFACE_WIDTH))?;
        for atom in fixed..configuration.len() {
            let (neighbors, displacements) = list.neighbors(atom);
            for (&other, &displacement) in neighbors.iter().zip(displacements) {
                let other = other as usize;
                let distance = norm(displacement);
                let closest = least.of(configuration.species[atom], configuration.species[other]);
                if distance < rise.reach(closest) && (other <= atom) {
                    let (energy, force) = rise.pair(closest, distance);
                    push.energy += energy;
                    push.pairs.push(([other, atom], force));
                    push.add(atom - fixed, force, displacement);
                    if let Some(other) = other.checked_sub(fixed) {
                        push.add(other, -force, displacement);
                    }
                }
                if other == 0 && distance < radius + SURFACE_WIDTH {
                    let (energy, force) = rise.surface(radius, distance);
                    push.energy += energy;
                    push.surface[atom - fixed] += force;
                    push.add(atom - fixed, force, displacement);
                }
            }
        }
        Ok(push)
    }

    /// The atom that is closest to another one, or to the center, for what is allowed, if it is closer.
    pub(super) fn trespasser(&self, configuration: &Configuration) -> Result<Option<usize>> {
        let list = NeighborList::new(configuration, self.least.largest.max(self.radius + SAME))?;
        let mut found: Option<(f64, usize)> = None;
        for atom in self.fixed..configuration.len() {
            let (neighbors, displacements) = list.neighbors(atom);
            for (&other, displacement) in neighbors.iter().zip(displacements) {
                let distance = norm(*displacement);
                let species = [atom, other as usize].map(|index| configuration.species[index]);
                let of_pair = distance / self.least.of(species[0], species[1]);
                let of_surface = if other == 0 { distance / self.radius } else { f64::INFINITY };
                let ratio = of_pair.min(of_surface);
                if ratio <= 1.0 && found.is_none_or(|(known, _)| ratio < known) {
                    found = Some((ratio, atom));
                }
            }
        }
        Ok(found.map(|(_, atom)| atom))
    }
}

impl Push {
    /// Adds a force away from what is at a displacement.
    fn add(&mut self, atom: usize, force: f64, displacement: Vector3) {
        let factor = -force / dot(displacement, displacement).sqrt().max(SAME);
        self.forces[atom].iter_mut().zip(displacement).for_each(|(sum, x)| *sum += factor * x);
    }
}

impl Rise {
    /// Distance from which a pair is pushed apart, Å.
    fn reach(self, closest: f64) -> f64 {
        match self {
            Self::Barrier => closest + WIDTH,
            Self::Springs => closest / LeastDistances::CLOSER,
        }
    }

    /// Energy of a pair and the force that sets it apart.
    fn pair(self, closest: f64, distance: f64) -> (f64, f64) {
        match self {
            Self::Barrier => barrier(distance - closest, WIDTH, STIFFNESS),
            Self::Springs => spring(distance - self.reach(closest)),
        }
    }

    /// The same of an atom and the surface of the core.
    fn surface(self, radius: f64, distance: f64) -> (f64, f64) {
        match self {
            Self::Barrier => barrier(distance - radius, SURFACE_WIDTH, SURFACE_STIFFNESS),
            Self::Springs => spring(distance - (radius + SURFACE_WIDTH)),
        }
    }
}

fn spring(beyond: f64) -> (f64, f64) {
    (0.5 * SPRING * beyond * beyond, -SPRING * beyond)
}

/// k w² (t − 1 − ln t) with t the distance in units of the width, which begins at zero with the slope zero.
fn barrier(distance: f64, width: f64, stiffness: f64) -> (f64, f64) {
    let part = distance / width;
    if part <= 0.0 {
        return (f64::INFINITY, 0.0);
    }
    (stiffness * width * width * (part - 1.0 - part.ln()), stiffness * width * (1.0 / part - 1.0))
}
