//! The atoms of a prediction: a structure that is repeated, or a density.

use mtprs_core::geometry::{Configuration, Vector3, dot, duals};
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind, Result};

use super::lists::LammpsLists;
use super::measure::{Window, window};
use crate::constants::elements;
use crate::job::{AtomSource, ScalingJob, Size};
use crate::scaling::{Atoms, SimulationBox, System, disordered_lattice};
use crate::structure_files::{ConfigurationReader, Structure, in_lammps_box};
use crate::text::general;

/// Mass of atoms whose element is not known, u.
const UNKNOWN_MASS: f64 = 16.0;

/// What a run consists of.
pub(super) struct Substance {
    /// What it is called.
    pub(super) name: String,
    /// Atoms to measure with.
    pub(super) sample: Configuration,
    /// The cell.
    pub(super) simulation_box: SimulationBox,
    atoms: Atoms,
    /// Mass, u, and share of each species.
    masses: Vec<(f64, f64)>,
    is_counted: bool,
}

impl Substance {
    /// Reads the structure, or makes one of the density.
    pub(super) fn read(job: &ScalingJob, potential: &Potential) -> Result<Self> {
        match &job.source {
            AtomSource::Structure { input, .. } => {
                let name = input.name();
                let reading =
                    job.reading.for_potential(potential, &job.typed.potential)?.quiet(job.run.quiet);
                let mut reader = ConfigurationReader::open(input, &reading)?;
                let nothing = || {
                    Error::new(ErrorKind::InvalidConfiguration, "expected a structure, got none")
                        .in_file(&name)
                };
                let structure = reader.read_structure();
                reading.tell(reader.remarks(), structure.is_err());
                let structure = structure?.ok_or_else(nothing)?;
                Self::of_structure(&structure, potential, name)
            }
            AtomSource::Density { density, .. } => Self::of_density(job, potential, *density),
        }
    }

    fn of_structure(structure: &Structure, potential: &Potential, name: String) -> Result<Self> {
        structure
            .configuration
            .check_species(potential.species().count())
            .map_err(|error| error.in_file(&name))?;
        if structure.configuration.is_empty() {
            return Err(
                Error::new(ErrorKind::InvalidConfiguration, "expected atoms, got none").in_file(&name)
            );
        }
        let (mut turned, lattice) = in_lammps_box(structure).map_err(|error| error.in_file(&name))?;
        turned.configuration.cell = lattice.cell()?;
        let simulation_box = SimulationBox { vectors: lattice.vectors, periodic: lattice.periodic };
        let fractional = turned
            .configuration
            .positions
            .iter()
            .map(|&place| fractional(place, &lattice.vectors, lattice.origin, lattice.periodic));
        let atoms = Atoms { fractional: fractional.collect() };
        let masses = masses(&turned.configuration.species, structure.elements.as_deref());
        Ok(Self { name, sample: turned.configuration, simulation_box, atoms, masses, is_counted: true })
    }

    fn of_density(job: &ScalingJob, potential: &Potential, density: f64) -> Result<Self> {
        let (sample, simulation_box) = disordered_lattice(density, potential.species().count())?;
        let names = job.reading.for_potential(potential, &job.typed.potential)?.naming.names();
        let masses = masses(&sample.species, names.as_deref());
        let name = format!("{} per Å³", general(density, 6));
        Ok(Self { name, sample, simulation_box, atoms: Atoms::default(), masses, is_counted: false })
    }

    /// The systems to predict for, and the copies of the structure in each.
    pub(super) fn systems(&self, job: &ScalingJob, range: f64) -> Result<Vec<(System, Option<[usize; 3]>)>> {
        let listed_neighbors = self.listed_neighbors(range)?;
        Ok(match &job.source {
            AtomSource::Structure { sizes, .. } => {
                let system = |size: &Size| {
                    let copies = match *size {
                        Size::Copies(copies) => copies,
                        Size::Atoms(atoms) => self.copies_for(atoms),
                    };
                    let atoms = (self.sample.len() * copies.iter().product::<usize>()) as f64;
                    let simulation_box = self.simulation_box.repeated(copies);
                    let cell = self.is_counted.then(|| (self.atoms.clone(), copies));
                    (System { simulation_box, atoms, listed_neighbors, cell }, Some(copies))
                };
                sizes.iter().map(system).collect()
            }
            AtomSource::Density { density, atoms } => {
                let system = |&atoms: &f64| {
                    let simulation_box = SimulationBox::cube(atoms / density);
                    (System { simulation_box, atoms, listed_neighbors, cell: None }, None)
                };
                atoms.iter().map(system).collect()
            }
        })
    }

    /// Mass and number of the atoms of each species.
    pub(super) fn masses(&self, atoms: f64) -> Vec<(f64, f64)> {
        self.masses.iter().map(|&(mass, share)| (mass, share * atoms)).collect()
    }

    /// Mean number of neighbors: counted, or atoms in a sphere where they are everywhere alike.
    fn listed_neighbors(&self, range: f64) -> Result<f64> {
        if !self.is_counted {
            let density = self.sample.len() as f64 / self.simulation_box.volume();
            return Ok(4.0 / 3.0 * std::f64::consts::PI * range.powi(3) * density);
        }
        let Window { configuration, centers } = window(&self.sample, &self.simulation_box, range)?;
        Ok(LammpsLists::new(&configuration, centers, range)?.mean_entries())
    }

    /// Copies that make about this many atoms in about a cube.
    fn copies_for(&self, atoms: f64) -> [usize; 3] {
        let (heights, periodic) = (self.simulation_box.heights(), self.simulation_box.periodic);
        let wanted = atoms / self.sample.len() as f64;
        let repeating = periodic.iter().filter(|repeats| **repeats).count().max(1);
        let extent: f64 = (0..3).filter(|&k| periodic[k]).map(|k| heights[k]).product();
        let edge = (extent * wanted).powf(1.0 / repeating as f64);
        let ideal = |k: usize| if periodic[k] { (edge / heights[k]).max(1.0) } else { 1.0 };
        let mut best = ([1; 3], f64::INFINITY);
        for number in 0..27 {
            let copies: [usize; 3] = std::array::from_fn(|k| {
                let shift = (number / 3_usize.pow(k as u32) % 3) as f64 - 1.0;
                if periodic[k] { (ideal(k).round() + shift).max(1.0) as usize } else { 1 }
            });
            let product: f64 = copies.iter().map(|&count| count as f64).product();
            let shape: f64 = (0..3).map(|k| (copies[k] as f64 / ideal(k)).ln().abs()).sum();
            let cost = (product / wanted).ln().abs() + 0.3 * shape;
            if cost < best.1 {
                best = (copies, cost);
            }
        }
        best.0
    }
}

fn masses(species: &[u32], names: Option<&[String]>) -> Vec<(f64, f64)> {
    let count = species.iter().max().map_or(0, |&most| most as usize + 1);
    let of = |index: usize| {
        let atoms = species.iter().filter(|&&known| known as usize == index).count();
        let mass = names.and_then(|names| elements::mass(names.get(index)?)).unwrap_or(UNKNOWN_MASS);
        (mass, atoms as f64 / species.len() as f64)
    };
    (0..count).map(of).filter(|(_, share)| *share > 0.0).collect()
}

/// Shares of the vectors; where the direction repeats, within the first cell.
fn fractional(place: Vector3, vectors: &[Vector3; 3], origin: Vector3, periodic: [bool; 3]) -> [f64; 3] {
    let duals = duals(vectors);
    let from_origin: Vector3 = std::array::from_fn(|k| place[k] - origin[k]);
    std::array::from_fn(|k| {
        let share = dot(from_origin, duals[k]);
        let within = share - share.floor();
        match periodic[k] {
            // Just below zero rounds to one.
            true if within < 1.0 => within,
            true => 0.0,
            false => share.clamp(0.0, 1.0 - f64::EPSILON),
        }
    })
}
