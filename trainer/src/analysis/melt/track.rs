//! Atoms followed from frame to frame through a periodic cell.

use mtprs_core::geometry::{Configuration, Vector3, dot, norm};
use mtprs_core::{Error, ErrorKind, Result};

use super::kept::{Kept, Sample};
use crate::analysis::crystal::Metric;
use crate::analysis::periodic::{of_species, require_three_periods};
use crate::analysis::unwrapping::{Places, Unwrapping};

/// The atoms of a run.
#[derive(Clone, Debug)]
pub struct Track {
    pub(super) first: Configuration,
    unwrapping: Unwrapping,
    sample: Sample,
    frames: u64,
}

impl Track {
    /// From the first frame, of which `is_unwrapped` says whether no atom was put back into the cell.
    pub fn new(first: Configuration, is_unwrapped: bool) -> Result<Self> {
        require_three_periods(&first)?;
        if first.is_empty() {
            return Err(invalid("it has no atoms".into()));
        }
        let unwrapping = Unwrapping::new(Places::of(&first, is_unwrapped));
        let mut sample = Sample::new();
        sample.add(first.clone(), unwrapping.displacements().to_vec());
        Ok(Self { first, unwrapping, sample, frames: 1 })
    }

    /// Takes in the next frame, with the same atoms in the same order.
    pub fn add(&mut self, frame: Configuration, is_unwrapped: bool) -> Result<()> {
        self.check(&frame)?;
        require_three_periods(&frame)?;
        self.unwrapping.push(Places::of(&frame, is_unwrapped))?;
        self.frames += 1;
        self.sample.add(frame, self.displacements());
        Ok(())
    }

    fn check(&self, frame: &Configuration) -> Result<()> {
        let (got, expected) = (frame.len(), self.first.len());
        if got != expected {
            let message = format!("there are {got} atoms: expected {expected} as in the first frame");
            return Err(
                invalid(message).hint("atoms are followed from frame to frame: leave out such frames")
            );
        }
        let differs = frame.species.iter().zip(&self.first.species).position(|(a, b)| a != b);
        if let Some(atom) = differs {
            let message = format!("atom {} is of a different species than in the first frame", atom + 1);
            let hint = "atoms must keep their order, or carry ids, as in dumps of LAMMPS";
            return Err(invalid(message).about_atom(atom).hint(hint));
        }
        Ok(())
    }

    /// From the first frame, Å, without the mean over all atoms.
    fn displacements(&self) -> Vec<Vector3> {
        let all = self.unwrapping.displacements();
        let mean: Vector3 = std::array::from_fn(|k| all.iter().map(|d| d[k]).sum::<f64>() / all.len() as f64);
        all.iter().map(|d| std::array::from_fn(|k| d[k] - mean[k])).collect()
    }

    /// Frames so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Those of the last share of the run that were kept.
    pub(super) fn last(&self, share: f64) -> Vec<&Kept> {
        self.sample.last(share)
    }

    /// Mean distance of the atoms of a species from their nearest neighbor in the first frame, Å.
    pub(super) fn nearest(&self, species: usize) -> f64 {
        let vectors: [Vector3; 3] = std::array::from_fn(|k| self.first.cell.vectors()[k]);
        let metric = Metric::new(vectors);
        let own = metric.shortest_period();
        let positions = &self.first.positions;
        let nearest = |atom: usize| {
            let distance = |other: usize| {
                let apart = std::array::from_fn(|k| positions[other][k] - positions[atom][k]);
                norm(metric.shortest(metric.fractional(apart)))
            };
            (0..positions.len()).filter(|other| *other != atom).map(distance).fold(own, f64::min)
        };
        let atoms: Vec<usize> =
            (0..positions.len()).filter(|atom| self.first.species[*atom] as usize == species).collect();
        atoms.iter().map(|atom| nearest(*atom)).sum::<f64>() / atoms.len() as f64
    }
}

impl Kept {
    /// Root mean square displacement of a species, Å.
    pub(super) fn displacement(&self, species: usize) -> f64 {
        let squares: Vec<f64> =
            of_species(&self.frame, species, &self.displacements).map(|d| dot(d, d)).collect();
        (squares.iter().sum::<f64>() / squares.len().max(1) as f64).sqrt()
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, message)
}
