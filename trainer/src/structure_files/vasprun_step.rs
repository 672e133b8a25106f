//! The parts of vasprun.xml that become a structure: what holds for the whole run, and what belongs to one calculation.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, ErrorKind, Result};

use super::EnergyKind;
use super::elements;
use super::structure::{Lattice, Names, Structure};
use super::vasp_labels::{Energies, virial, work};
use super::vasprun::Tag;

/// What holds for all calculations.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// Elements of all atoms.
    elements: Vec<String>,
    /// Cells of the row of `atominfo` that is being read.
    row: Vec<String>,
    /// Most electronic steps (NELM).
    most_steps: Option<usize>,
    /// Change of the energy at which they end (EDIFF), eV.
    tolerance: Option<f64>,
    /// Outer pressure (PSTRESS), kB.
    pressure: Option<f64>,
}

impl Run {
    /// Takes an element outside calculations: the last of `path`, which holds `text`.
    pub(super) fn take(&mut self, path: &[Tag], text: &str) {
        let Some(last) = path.last() else { return };
        let is_atoms = path.iter().any(|around| around.tag == "array" && around.name == "atoms");
        match (last.tag.as_str(), last.name.as_str()) {
            ("c", _) if is_atoms => self.row.push(text.trim().to_owned()),
            ("rc", _) if is_atoms => {
                let row = std::mem::take(&mut self.row);
                self.elements.extend(row.into_iter().next());
            }
            // The parameters in effect follow those of the INCAR and replace them.
            ("i", "NELM") => self.most_steps = text.trim().parse().ok(),
            ("i", "PSTRESS") => self.pressure = text.trim().parse().ok(),
            ("i", "EDIFF") => self.tolerance = text.trim().parse().ok(),
            _ => {}
        }
    }

    /// Species of all atoms, and the names of the species if all are elements.
    fn species(&self) -> (Vec<u32>, Option<Vec<String>>) {
        let mut names = Names::default();
        let species = self.elements.iter().map(|element| names.index(element)).collect();
        let names = names.into_vec();
        let all_known = names.iter().all(|name| elements::is_element(name));
        (species, all_known.then_some(names))
    }
}

/// A calculation being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    /// Line on which it begins.
    pub(super) line: usize,
    /// Number of electronic steps.
    pub(super) electronic_steps: usize,
    /// Change of the free energy in the last of them, eV.
    last_change: Option<f64>,
    electronic: Energies,
    energies: Energies,
    basis: Vec<Vector3>,
    positions: Vec<Vector3>,
    forces: Vec<Vector3>,
    stress: Vec<Vector3>,
}

impl Step {
    /// A calculation that begins on a line.
    pub(super) fn new(line: usize) -> Self {
        Self { line, ..Self::default() }
    }

    /// Takes an element inside the calculation: the last of `path`, which holds `text`.
    pub(super) fn take(&mut self, path: &[Tag], text: &str) -> std::result::Result<(), String> {
        let [.., around, last] = path else { return Ok(()) };
        match (last.tag.as_str(), last.name.as_str()) {
            ("scstep", _) => self.electronic_steps += 1,
            ("i", name) if around.tag == "energy" => {
                let is_electronic = path.iter().any(|outer| outer.tag == "scstep");
                self.take_energy(name, text, is_electronic)?;
            }
            ("v", _) if around.tag == "varray" => {
                let rows = match around.name.as_str() {
                    "basis" => &mut self.basis,
                    "positions" => &mut self.positions,
                    "forces" => &mut self.forces,
                    "stress" => &mut self.stress,
                    _ => return Ok(()),
                };
                rows.push(vector(text, &around.name)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn take_energy(
        &mut self,
        name: &str,
        text: &str,
        is_electronic: bool,
    ) -> std::result::Result<(), String> {
        let energies = if is_electronic { &mut self.electronic } else { &mut self.energies };
        let energy = match name {
            "e_fr_energy" => &mut energies.free,
            "e_wo_entrp" => &mut energies.without_entropy,
            "e_0_energy" => &mut energies.zero_smearing,
            _ => return Ok(()),
        };
        let value = number(text.trim(), name)?;
        let previous = energy.replace(value);
        if is_electronic && name == "e_fr_energy" {
            self.last_change = previous.map(|previous| (value - previous).abs());
        }
        Ok(())
    }

    /// Whether the electrons converged.
    pub(super) fn is_converged(&self, run: &Run) -> bool {
        let Some(most_steps) = run.most_steps else { return true };
        let small = |change: f64| run.tolerance.is_some_and(|tolerance| change < tolerance);
        self.electronic_steps < most_steps || self.last_change.is_some_and(small)
    }

    /// The energy of the calculation. Outside the electronic steps some versions write wrong values for all but the
    /// free energy, and inside them corrections for dispersion are missing; the differences inside are right.
    fn energy(&self, kind: EnergyKind) -> Option<f64> {
        let free = self.energies.free?;
        match (self.electronic.get(kind), self.electronic.free) {
            (Some(wanted), Some(reference)) => Some(free + (wanted - reference)),
            _ => self.energies.get(kind),
        }
    }

    /// The structure with its labels.
    pub(super) fn structure(self, run: &Run, kind: EnergyKind) -> Result<Structure> {
        let invalid = |message: String| Error::new(ErrorKind::Syntax, message);
        let (species, names) = run.species();
        let basis: [Vector3; 3] = self.basis[..]
            .try_into()
            .map_err(|_| invalid(format!("expected 3 vectors of the basis, got {}", self.basis.len())))?;
        let atoms = species.len();
        for (what, got) in [("positions", self.positions.len()), ("forces", self.forces.len())] {
            let may_lack = what == "forces" && got == 0;
            if got != atoms && !may_lack {
                return Err(invalid(format!("expected {atoms} {what} (atominfo), got {got}")));
            }
        }
        let lattice = Lattice::crystal(basis);
        let positions = self.positions.iter().map(|&position| lattice.cartesian(position)).collect();
        let mut structure = Structure::new(lattice, species, positions)?;
        structure.elements = names;
        let configuration = &mut structure.configuration;
        // The free energy of the file is an enthalpy where there is an outer pressure, unlike that of OUTCAR.
        let work =
            run.pressure.zip(lattice.volume()).map_or(0.0, |(pressure, volume)| work(pressure, volume));
        configuration.energy = self.energy(kind).map(|energy| energy - work);
        if let ([x, y, z], Some(volume)) = (&self.stress[..], lattice.volume()) {
            let symmetric = [x[0], y[1], z[2], x[1], y[2], z[0]];
            configuration.virial = Some(virial(symmetric, volume));
        }
        configuration.forces = (!self.forces.is_empty()).then_some(self.forces);
        Ok(structure)
    }
}

fn vector(text: &str, what: &str) -> std::result::Result<Vector3, String> {
    let mut words = text.split_whitespace();
    let mut vector = [0.0; 3];
    for (index, component) in vector.iter_mut().enumerate() {
        let word = words.next().ok_or_else(|| format!("expected 3 numbers for {what}, got {index}"))?;
        *component = number(word, what)?;
    }
    Ok(vector)
}

fn number(word: &str, what: &str) -> std::result::Result<f64, String> {
    let value = word.parse::<f64>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| format!("expected a finite number for {what}, got {}", super::lines::shown(word)))
}
