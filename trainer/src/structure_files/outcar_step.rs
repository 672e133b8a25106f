//! An ionic step of an OUTCAR while it is being read: stress, table of positions and forces, energies, electronic loop.
//!
//! VASP up to 5.2 prints energies before the table, later ones behind it: a step is whole once it has both.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, Result};

use super::glued::separated;
use super::lines::{Lines, shown};
use super::vasp_labels::Energies;
use super::vasp_settings::{Electronic, LoopEnd};

/// Most atoms that memory is set aside for on the word of the header alone.
const MAX_RESERVED: usize = 1 << 12;

/// An ionic step being read.
#[derive(Default)]
pub(super) struct Step {
    /// Line on which it begins, if it has.
    pub(super) line: Option<usize>,
    pub(super) electronic: Electronic,
    pub(super) stress: Option<[f64; 6]>,
    pub(super) positions: Vec<Vector3>,
    pub(super) forces: Vec<Vector3>,
    pub(super) energies: Energies,
    /// Whether its table of positions and forces has been met.
    pub(super) has_table: bool,
    /// Whether its energies have been met.
    pub(super) has_energies: bool,
    /// Whether the line of its free energy has been met.
    has_free_energy: bool,
    /// Free energy of the last electronic step, eV.
    electronic_energy: Option<f64>,
    /// Whether changes of the energy are printed.
    prints_changes: bool,
    /// Whether it may be nothing but a part of the response to a perturbation, which has electronic steps only.
    pub(super) may_be_response: bool,
    /// What cannot be read in it, and on which line.
    pub(super) defect: Option<(String, usize)>,
}

impl Step {
    /// A step that begins on a line.
    pub(super) fn new(line: usize) -> Self {
        Self { line: Some(line), ..Self::default() }
    }

    /// Whether all of it has been met.
    pub(super) fn is_whole(&self) -> bool {
        self.has_table && self.has_energies
    }

    /// Whether there is anything of it but electronic steps.
    pub(super) fn has_results(&self) -> bool {
        self.has_table || self.has_energies || self.defect.is_some()
    }

    /// Whether all that was met of it may belong to the response to a perturbation.
    pub(super) fn is_response(&self) -> bool {
        self.may_be_response && !self.has_results()
    }

    /// Remembers the first thing that cannot be read.
    pub(super) fn spoil(&mut self, error: &Error) {
        let line = error.place().map_or(0, |place| place.line);
        self.defect.get_or_insert_with(|| (error.message().to_owned(), line));
    }

    /// Takes the line that begins an electronic step.
    pub(super) fn begin_electronic(&mut self, number: Option<usize>) {
        let counted = self.electronic.steps + 1;
        self.electronic.steps = number.unwrap_or(counted).max(counted);
        self.electronic.change = None;
    }

    /// Takes `total energy-change (2. order) :-0.49E+03  (-0.47E+03)`.
    pub(super) fn take_change(&mut self, text: &str) {
        self.prints_changes = true;
        self.electronic.difference = None;
        let numbers = text.split_once(':').and_then(|(_, numbers)| numbers.split_once('('));
        let change = numbers.and_then(|(total, bands)| {
            let bands = bands.split(')').next()?;
            Some([total.trim().parse().ok()?, bands.trim().parse().ok()?])
        });
        self.electronic.change =
            change.filter(|change: &[f64; 2]| change.iter().all(|value| value.is_finite()));
    }

    /// Takes `free energy    TOTEN  =  -12.25 eV` of an electronic step: where changes are not printed they follow from it.
    pub(super) fn take_electronic_energy(&mut self, text: &str) {
        let word = text.split_once('=').and_then(|(_, rest)| rest.split_whitespace().next());
        let energy = word.and_then(|word| word.parse::<f64>().ok()).filter(|energy| energy.is_finite());
        let change = energy.zip(self.electronic_energy).map(|(energy, before)| energy - before);
        self.electronic_energy = energy;
        if !self.prints_changes {
            self.electronic.difference = change;
        }
    }

    /// Takes the line that ends the electronic loop.
    pub(super) fn end_electronic(&mut self, text: &str) {
        let is_reached = text.contains("EDIFF is reached");
        self.electronic.end = if is_reached { LoopEnd::Reached } else { LoopEnd::NotReached };
    }

    /// Takes the line `in kB`.
    pub(super) fn take_stress(&mut self, lines: &Lines) -> Result<()> {
        let text = lines.text().trim_start();
        let mut words = separated(text.strip_prefix("in kB").unwrap_or_default());
        let stress = lines.floats(&mut words, "the stress in kB");
        if stress.is_err() {
            self.line.get_or_insert(lines.number());
        }
        self.stress.get_or_insert(stress?);
        Ok(())
    }

    /// Takes the free energy of the ions.
    pub(super) fn take_free_energy(&mut self, lines: &Lines) -> Result<()> {
        self.has_free_energy = true;
        self.line.get_or_insert(lines.number());
        self.energies.free = Some(energy_after(lines, "TOTEN")?);
        Ok(())
    }

    /// Takes the line of the other energies, which ends those of the ions. Lines of the same form stand elsewhere, too.
    pub(super) fn take_other_energies(&mut self, lines: &Lines) -> Result<()> {
        if !self.has_free_energy {
            return Ok(());
        }
        self.has_energies = true;
        self.energies.without_entropy = Some(energy_after(lines, "entropy")?);
        self.energies.zero_smearing = Some(energy_after(lines, "(sigma->0)")?);
        Ok(())
    }

    /// Reads the table under the heading POSITION to its closing line of dashes; it must have a row for each atom.
    /// Stops in front of a line that `ends` the run before.
    pub(super) fn read_table(
        &mut self,
        lines: &mut Lines,
        atoms: Option<usize>,
        ends: impl Fn(&str) -> bool,
    ) -> Result<()> {
        self.line.get_or_insert(lines.number());
        lines.require("a line of dashes under POSITION")?;
        let reserved = atoms.unwrap_or(0).min(MAX_RESERVED);
        self.positions = Vec::with_capacity(reserved);
        self.forces = Vec::with_capacity(reserved);
        let mut rows = 0_usize;
        let mut bad = None;
        loop {
            lines.require("a row of positions and forces or a line of dashes")?;
            let text = lines.text().trim_start();
            if text.starts_with("---") {
                break;
            }
            if ends(lines.text()) {
                lines.give_back();
                return Ok(());
            }
            if text.is_empty() {
                let message = "the table of positions and forces ends without its line of dashes";
                return Err(bad.unwrap_or_else(|| lines.error(message)));
            }
            rows += 1;
            if bad.is_none() && atoms.is_none_or(|atoms| rows <= atoms) {
                bad = self.take_row(lines).err();
            }
        }
        self.has_table = true;
        match (bad, atoms) {
            (Some(error), _) => Err(error),
            (None, Some(atoms)) if atoms != rows => Err(lines
                .error(format!("expected {atoms} rows of positions and forces (ions per type), got {rows}"))),
            _ => Ok(()),
        }
    }

    fn take_row(&mut self, lines: &Lines) -> Result<()> {
        let mut words = separated(lines.text());
        let [x, y, z, fx, fy, fz] = lines.floats(&mut words, "positions and forces")?;
        if let Some(word) = words.next() {
            let message =
                format!("expected 6 numbers for positions and forces, got another one, {}", shown(word));
            return Err(lines.error_at(word, message));
        }
        self.positions.push([x, y, z]);
        self.forces.push([fx, fy, fz]);
        Ok(())
    }
}

fn energy_after(lines: &Lines, key: &str) -> Result<f64> {
    let after = lines.text().split_once(key).and_then(|(_, rest)| rest.split_once('='));
    match after.and_then(|(_, rest)| rest.split_whitespace().next()) {
        Some(word) => lines.float(word, "an energy"),
        None => Err(lines.error(format!("expected an energy after {key}, got none"))),
    }
}
