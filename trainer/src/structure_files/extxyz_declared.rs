//! The units that the comment line of a frame of extended XYZ declares, for each quantity.
//!
//! What is declared and not understood is refused, with key and value.

use mtprs_core::Result;

use super::extxyz_keys::{INPUT_UNITS, Key, is_lone_unit};
use super::extxyz_labels::Comment;
use super::extxyz_units::{Quantity, Unit, is_atomic};
use super::extxyz_values::invalid;
use super::lines::shown;

/// The units that a comment line declares.
#[derive(Default)]
pub(super) struct Units {
    declared: Vec<(Quantity, Unit)>,
    text: Vec<String>,
    /// The system of units of LAMMPS that is declared, if one is.
    of_lammps: Option<&'static str>,
}

impl Units {
    /// The unit of a quantity.
    pub(super) fn of(&self, quantity: Quantity) -> Unit {
        self.declared(quantity).unwrap_or(Unit::USUAL)
    }

    /// The unit of a quantity, if it is declared.
    pub(super) fn declared(&self, quantity: Quantity) -> Option<Unit> {
        self.declared.iter().find(|(known, _)| *known == quantity).map(|(_, unit)| *unit)
    }

    fn declare(&mut self, quantity: Quantity, unit: Unit) -> Result<()> {
        match self.declared(quantity) {
            Some(known) if known != unit => {
                let message = format!("{} has two units: {}", quantity.words().0, self.text.join(" and "));
                Err(invalid(message))
            }
            Some(_) => Ok(()),
            None => {
                self.declared.push((quantity, unit));
                Ok(())
            }
        }
    }

    /// What is declared, as it stands in the file.
    pub(super) fn text(&self) -> String {
        self.text.join(" ")
    }

    /// Reads the value of `units`: a system of units or several units.
    fn declare_all(&mut self, key: &str, value: &str) -> Result<()> {
        let usual = [Quantity::Energy, Quantity::Force, Quantity::Position, Quantity::Lattice];
        match value.to_lowercase().as_str() {
            // LAMMPS; its pressures are not eV/Å³, so that a stress remains undeclared
            "metal" => {
                self.of_lammps = Some("metal");
                self.declare(Quantity::Velocity, Unit { factor: 1e-3, is_per_atom: false })?;
                return usual.into_iter().try_for_each(|quantity| self.declare(quantity, Unit::USUAL));
            }
            "real" => {
                self.of_lammps = Some("real");
                return ["kcal/mol", "kcal/mol/Å", "Å"]
                    .into_iter()
                    .try_for_each(|unit| self.declare_all(key, unit));
            }
            "ase" => {
                return Quantity::ALL
                    .into_iter()
                    .try_for_each(|quantity| self.declare(quantity, Unit::USUAL));
            }
            _ => {}
        }
        let whole = Unit::of_any(value);
        if is_atomic(value) || !whole.is_empty() {
            return whole.into_iter().try_for_each(|(quantity, unit)| self.declare(quantity, unit));
        }
        for part in value.split([',', ';', ' ']).filter(|part| !part.is_empty()) {
            let found = Unit::of_any(part);
            if found.is_empty() || is_atomic(part) {
                let message = format!("expected units like eV or metal for {key}, got {}", shown(value));
                return Err(invalid(message));
            }
            found.into_iter().try_for_each(|(quantity, unit)| self.declare(quantity, unit))?;
        }
        Ok(())
    }

    /// Refuses a stress whose unit nothing but a system of units of LAMMPS tells: pressures of LAMMPS are not in eV/Å³,
    /// and have the other sign.
    pub(super) fn check_stress(&self, key: &str) -> Result<()> {
        let (Some(system), None) = (self.of_lammps, self.declared(Quantity::Stress)) else { return Ok(()) };
        let pressure = if system == "real" { "atm" } else { "bar" };
        let message = format!(
            "{key} may be in {pressure}, as units={system} has its pressures, or in eV/Å³: expected its unit"
        );
        let hint =
            format!("declare stress-unit=eV/Å^3 or stress-unit={pressure}; stress is positive under tension");
        Err(invalid(message).hint(hint))
    }

    /// Says which of the quantities that are there have no unit although energies, forces or lengths have an unusual one.
    /// Stresses and velocities have units of their own everywhere, which say nothing of the others.
    pub(super) fn note_undeclared(&self, present: &[Quantity], notes: &mut Vec<String>) {
        let is_telling = |quantity| !matches!(quantity, Quantity::Stress | Quantity::Velocity);
        let mut telling = self.declared.iter().filter(|(quantity, _)| is_telling(*quantity));
        if telling.all(|(_, unit)| *unit == Unit::USUAL) {
            return;
        }
        for quantity in present.iter().filter(|quantity| self.declared(**quantity).is_none()) {
            let (what, unit) = quantity.words();
            notes.push(format!("{} is declared, and no unit of {what}: read in {unit}", self.text.join(" ")));
        }
    }
}

/// Which frames of a file declare the units of their quantities, and which do not.
#[derive(Default)]
pub(super) struct UnitsOfFrames {
    /// The first frame that declares another unit than the usual one, for each quantity, with all that it declares.
    with: Vec<(Quantity, u64, String)>,
    /// The first frame that has a quantity and declares no unit of it.
    without: Vec<(Quantity, u64)>,
    told: Vec<Quantity>,
}

impl UnitsOfFrames {
    /// Adds a frame with the quantities that it has; says where it and another one do not declare the same.
    pub(super) fn notes(&mut self, frame: u64, units: &Units, present: &[Quantity]) -> Vec<String> {
        for &quantity in present {
            let has = |known: &Quantity| *known == quantity;
            match units.declared(quantity) {
                Some(unit) if unit != Unit::USUAL && !self.with.iter().any(|(known, ..)| has(known)) => {
                    self.with.push((quantity, frame, units.text()));
                }
                None if !self.without.iter().any(|(known, _)| has(known)) => {
                    self.without.push((quantity, frame));
                }
                _ => {}
            }
        }
        // what is declared where, and not where, with the quantities
        let mut pairs: Vec<(u64, &str, u64, Vec<Quantity>)> = Vec::new();
        for (quantity, with, text) in &self.with {
            let without = self.without.iter().find(|(known, _)| known == quantity);
            let Some(&(_, without)) = without.filter(|_| !self.told.contains(quantity)) else { continue };
            self.told.push(*quantity);
            match pairs.iter_mut().find(|pair| (pair.0, pair.2) == (*with, without)) {
                Some((.., quantities)) => quantities.push(*quantity),
                None => pairs.push((*with, text, without, vec![*quantity])),
            }
        }
        let note = |(with, text, without, quantities): (u64, &str, u64, Vec<Quantity>)| {
            let (names, mut usual): (Vec<&str>, Vec<&str>) =
                quantities.into_iter().map(Quantity::words).unzip();
            usual.dedup();
            format!(
                "frame {with} declares {text}, and frame {without} no unit of {}: read in {} there",
                names.join(", "),
                usual.join(", ")
            )
        };
        pairs.into_iter().map(note).collect()
    }
}

impl Comment {
    /// Takes the units, and keeps them as a feature where they are not the usual ones.
    pub(super) fn units(&mut self) -> Result<Units> {
        let mut units = Units::default();
        let is_unit = |key: &str, value: &str| matches!(Key::of(key, value), Key::Units | Key::UnitOf(_));
        for (key, value) in self.take_if(is_unit) {
            units.text.push(format!("{key}={value}"));
            let Key::UnitOf(quantities) = Key::of(&key, &value) else {
                units.declare_all(&key, &value)?;
                continue;
            };
            if quantities.is_empty() {
                let error = invalid(format!("the unit {key}={value} is of nothing that is known here"));
                return Err(
                    error.hint("expected a unit of energy, force, stress, virial, length or velocity")
                );
            }
            for quantity in quantities {
                let (what, usual) = quantity.words();
                let unit = Unit::parse(&value, quantity);
                let unit = unit.ok_or_else(|| {
                    invalid(format!(
                        "expected a unit of {what} like {usual} for {key}, got {}",
                        shown(&value)
                    ))
                })?;
                units.declare(quantity, unit)?;
            }
        }
        if let Some((word, _)) = self.pairs.iter().find(|(key, value)| value == "T" && is_lone_unit(key)) {
            let error = invalid(format!("the unit {word} stands alone, and nothing says of what it is"));
            return Err(error.hint("declare it, for example with energy-unit= or length-unit="));
        }
        if units.declared.iter().any(|(_, unit)| *unit != Unit::USUAL) {
            self.pairs.push((INPUT_UNITS.to_owned(), units.text.join(" ")));
        }
        Ok(units)
    }
}
