//! The parts of vasprun.xml that become a structure: what holds for the whole run, and what belongs to one calculation.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, ErrorKind, Result};

use super::EnergyKind;
use super::structure::{Lattice, Structure};
use super::type_names;
use super::vasp_labels::{Energies, virial, work};
use super::vasp_settings::{Electronic, VaspSettings};
use super::vasprun::Tag;
use super::vasprun_atoms::Atoms;

/// What holds for all calculations.
#[derive(Clone, Debug, Default)]
pub(super) struct Setup {
    pub(super) atoms: Atoms,
    pub(super) settings: VaspSettings,
    /// Outer pressure (PSTRESS), kB.
    pressure: Option<f64>,
    /// Atoms that selective dynamics holds in some direction.
    held: Vec<bool>,
}

impl Setup {
    /// Takes an element outside calculations: the last of `path`, which holds `text`.
    pub(super) fn take(&mut self, path: &[Tag], text: &str) {
        let [.., around, last] = path else { return };
        match (last.tag.as_str(), last.name.as_str()) {
            ("i", "PSTRESS") => self.pressure = text.trim().parse().ok(),
            // The parameters in effect follow those of the INCAR and replace them; other electronic loops than that of
            // the ground state have parameters of the same names.
            ("i", key) if !is_of_response(path) => self.settings.set(key, text.trim()),
            ("v", _) if around.name == "selective" => self.held.push(text.contains('F')),
            _ if path.iter().any(|around| around.tag == "atominfo") => self.atoms.take(path, text),
            _ => {}
        }
    }

    /// What the user should know where atoms are held and the forces on them are zero.
    pub(super) fn held_without_forces(&self, forces: &[Vector3]) -> Option<String> {
        let of_held = self.held.iter().zip(forces).filter(|(held, _)| **held);
        let zero = of_held.clone().filter(|(_, force)| **force == [0.0; 3]).count();
        (zero > 0 && forces.iter().any(|force| *force != [0.0; 3])).then(|| {
            format!(
                "selective dynamics holds {} atoms, and the forces on {zero} of them are zero: these are not the bare forces",
                of_held.count()
            )
        })
    }
}

/// Whether an element belongs to the parameters of an electronic loop other than that of the ground state.
fn is_of_response(path: &[Tag]) -> bool {
    let mut separators =
        path.iter().filter(|around| around.tag == "separator").map(|around| around.name.as_str());
    separators.any(|name| name.contains("response"))
}

/// Whether an element belongs to an electronic step.
fn is_electronic(path: &[Tag]) -> bool {
    path.iter().any(|around| around.tag == "scstep")
}

/// A calculation being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    /// Line on which it begins.
    pub(super) line: usize,
    /// Its electronic loop; the change of the free energy in the last of its steps.
    pub(super) electronic: Electronic,
    /// What cannot be read in it, and on which line.
    pub(super) defect: Option<(String, usize)>,
    /// Energies of the last electronic step; of one whose numbers cannot be read there are none.
    last: Energies,
    energies: Energies,
    /// Whether forces, stress or energies of the calculation have been met: electronic steps that follow them are those
    /// of the response to a perturbation.
    has_results: bool,
    /// The free energy of the calculation where it cannot be read.
    unread_energy: Option<String>,
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

    /// Remembers the first thing that cannot be read.
    pub(super) fn spoil(&mut self, message: String, line: usize) {
        self.defect.get_or_insert((message, line));
    }

    /// Takes an element inside the calculation: the last of `path`, which holds `text` and ends on a line.
    pub(super) fn take(&mut self, path: &[Tag], text: &str, line: usize) {
        let [.., around, last] = path else { return };
        match (last.tag.as_str(), last.name.as_str()) {
            ("scstep", _) => self.electronic.steps += usize::from(!self.has_results),
            ("energy", _) | ("varray", "forces" | "stress") if !is_electronic(path) => {
                self.has_results = true;
            }
            ("i", name) if around.tag == "energy" => {
                if !is_electronic(path) {
                    self.take_energy(name, text);
                } else if !self.has_results {
                    self.take_electronic_energy(name, text);
                }
            }
            ("v", _) if around.tag == "varray" => {
                let rows = match around.name.as_str() {
                    "basis" => &mut self.basis,
                    "positions" => &mut self.positions,
                    "forces" => &mut self.forces,
                    "stress" => &mut self.stress,
                    _ => return,
                };
                match vector(text, &around.name) {
                    Ok(vector) => rows.push(vector),
                    Err(message) => self.spoil(message, line),
                }
            }
            _ => {}
        }
    }

    /// The numbers of electronic steps may be too large for their columns at first: the last ones count.
    fn take_electronic_energy(&mut self, name: &str, text: &str) {
        let value = number(text.trim(), name).ok();
        let Some(energy) = energy_of(&mut self.last, name) else { return };
        let previous = std::mem::replace(energy, value);
        if name == "e_fr_energy" {
            let change = value.zip(previous).map(|(value, previous)| value - previous);
            self.electronic.change = change.map(|change| [change, 0.0]);
        }
    }

    fn take_energy(&mut self, name: &str, text: &str) {
        let value = number(text.trim(), name);
        let Some(energy) = energy_of(&mut self.energies, name) else { return };
        match value {
            Ok(value) => *energy = Some(value),
            Err(message) => {
                *energy = None;
                if name == "e_fr_energy" {
                    self.unread_energy = Some(message);
                }
            }
        }
    }

    /// The energy of the calculation. Outside the electronic steps some versions write wrong values for all but the
    /// free energy, and inside them corrections for dispersion are missing; the differences inside are right.
    fn energy(&self, kind: EnergyKind) -> Result<f64> {
        let missing = |message: &str| Error::new(ErrorKind::Syntax, message);
        let free = self.energies.free.ok_or_else(|| match &self.unread_energy {
            Some(message) => missing(message),
            None => missing("expected the energy e_fr_energy of the calculation, got none"),
        })?;
        match (self.last.get(kind), self.last.free) {
            _ if kind == EnergyKind::Free => Ok(free),
            (Some(wanted), Some(reference)) => Ok(free + (wanted - reference)),
            _ => Err(missing("expected e_fr_energy, e_wo_entrp and e_0_energy of the last electronic step")),
        }
    }

    /// The structure with its labels, and notes about it.
    pub(super) fn structure(self, run: &Setup, kind: EnergyKind) -> Result<(Structure, Vec<String>)> {
        let invalid = |message: String| Error::new(ErrorKind::Syntax, message);
        let (species, types, mut notes) = run.atoms.typed().map_err(invalid)?;
        let energy = self.energy(kind)?;
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
        if let Some(names) = type_names::elements(&types) {
            type_names::merge(&mut structure, &names);
        }
        structure.types = types.into();
        let configuration = &mut structure.configuration;
        // The free energy of the file is an enthalpy where there is an outer pressure, unlike that of OUTCAR.
        let work =
            run.pressure.zip(lattice.volume()).map_or(0.0, |(pressure, volume)| work(pressure, volume));
        configuration.energy = Some(energy - work);
        if let ([x, y, z], Some(volume)) = (&self.stress[..], lattice.volume())
            && run.settings.has_stress()
        {
            let symmetric = [x[0], y[1], z[2], x[1], y[2], z[0]];
            configuration.virial = Some(virial(symmetric, volume));
        }
        notes.extend(run.held_without_forces(&self.forces));
        configuration.forces = (!self.forces.is_empty()).then_some(self.forces);
        Ok((structure, notes))
    }
}

fn energy_of<'a>(energies: &'a mut Energies, name: &str) -> Option<&'a mut Option<f64>> {
    match name {
        "e_fr_energy" => Some(&mut energies.free),
        "e_wo_entrp" => Some(&mut energies.without_entropy),
        "e_0_energy" => Some(&mut energies.zero_smearing),
        _ => None,
    }
}

fn vector(text: &str, what: &str) -> std::result::Result<Vector3, String> {
    let mut words = super::glued::separated(text);
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
