//! Lattice, units and labels in the comment line of a frame of extended XYZ.
//!
//! `stress` is that of ASE, eV/Å³ and positive under tension, with 9 components (symmetric) or 6 in the order
//! xx yy zz yz xz xy; `virial` is that of quippy, eV and positive under compression. Units that are declared are converted.
//! What contradicts itself is refused.

use mtprs_core::Result;
use mtprs_core::geometry::Virial;

use super::extxyz_declared::Units;
use super::extxyz_keys::{Key, unit_in_name};
use super::extxyz_units::{Quantity, Unit};
use super::extxyz_values::{agree, contradiction, exactly, invalid, numbers, of_stress, periodic, symmetric};
use super::number::shortest;
use super::structure::Lattice;
use super::{EnergyKind, ReadSettings};

/// Energies in eV that differ by less are the same with fewer digits.
const SAME_ENERGY: f64 = 1e-4;

/// The pairs of a comment line that have not been used yet.
pub(super) struct Comment {
    pub(super) pairs: Vec<(String, String)>,
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

impl Comment {
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        Self { pairs, notes: Vec::new() }
    }

    /// Whether there is a key with this meaning.
    pub(super) fn has(&self, meaning: &Key) -> bool {
        self.pairs.iter().any(|(key, value)| Key::of(key, value) == *meaning)
    }

    /// Takes all pairs with a meaning, the first of the words of the format before its aliases.
    pub(super) fn take(&mut self, meaning: &Key) -> Vec<(String, String)> {
        let mut taken = self.take_if(|key, value| Key::of(key, value) == *meaning);
        taken.sort_by_key(|(key, _)| {
            !["Lattice", "Properties", "energy", "stress", "virial"].contains(&key.as_str())
        });
        taken
    }

    pub(super) fn take_if(&mut self, wanted: impl Fn(&str, &str) -> bool) -> Vec<(String, String)> {
        self.pairs.extract_if(.., |(key, value)| wanted(key, value)).collect()
    }

    /// Takes the value of `Properties`, if it is there.
    pub(super) fn properties(&mut self) -> Result<Option<String>> {
        let mut found = self.take(&Key::Properties);
        if let [(_, first), rest @ ..] = &found[..]
            && rest.iter().any(|(_, other)| other != first)
        {
            return Err(invalid("Properties is given twice".to_owned()));
        }
        Ok(found.pop().map(|(_, value)| value))
    }

    /// Compares the number of atoms with what the comment line says of it.
    pub(super) fn check_count(&mut self, atoms: usize) -> Result<()> {
        let other = self.take(&Key::Count).into_iter().find(|(_, value)| value.parse() != Ok(atoms));
        match other {
            Some((key, value)) => {
                Err(invalid(format!("the first line says {atoms} atoms, and the comment {key}={value}")))
            }
            None => Ok(()),
        }
    }

    /// The lattice, which may be absent.
    pub(super) fn lattice(&mut self, units: &Units) -> Result<Lattice> {
        let unit = units.of(Quantity::Lattice);
        let mut vectors: Option<(String, [f64; 9])> = None;
        for (key, value) in self.take(&Key::Lattice) {
            if vectors.is_some() && numbers(&key, &value).map_or(0, |values| values.len()) != 9 {
                // a word like `cell=primitive` beside the Lattice
                self.pairs.push((format!("{key}_"), value));
                continue;
            }
            let values = exactly::<9>(&key, numbers(&key, &value)?)?.map(|length| length * unit.factor);
            match &vectors {
                Some((first, known)) if !agree(known, &values, 1e-6, 1e-6) => {
                    return Err(contradiction(first, &key));
                }
                Some(_) => {}
                None => vectors = Some((key, values)),
            }
        }
        let origin = match self.take(&Key::Origin).pop() {
            Some((key, text)) => {
                exactly::<3>(&key, numbers(&key, &text)?)?.map(|length| length * unit.factor)
            }
            None => [0.0; 3],
        };
        let given: Result<Vec<[bool; 3]>> =
            self.take(&Key::Periodic).iter().map(|(_, text)| periodic(text)).collect();
        let given = given?;
        let periodic = given.first().copied().unwrap_or([vectors.is_some(); 3]);
        if given.iter().any(|other| *other != periodic) {
            return Err(contradiction("pbc", "pbc"));
        }
        let Some((_, [ax, ay, az, bx, by, bz, cx, cy, cz])) = vectors else {
            if periodic != [false; 3] {
                return Err(invalid("expected a Lattice for what pbc calls periodic".to_owned()));
            }
            return Ok(Lattice { vectors: [[0.0; 3]; 3], periodic, origin });
        };
        Ok(Lattice { vectors: [[ax, ay, az], [bx, by, bz], [cx, cy, cz]], periodic, origin })
    }

    /// The energy that is the label; others remain under names of their own. With velocities, a total energy may be more.
    pub(super) fn energy(
        &mut self,
        settings: &ReadSettings,
        units: &Units,
        atoms: usize,
        has_velocities: bool,
    ) -> Result<Option<f64>> {
        if let Some(wanted) = &settings.keys.energy {
            let found = self.take_wanted(wanted)?;
            let unit = self.unit_of(wanted, Quantity::Energy, units)?;
            let energy = one_energy(&found, unit, atoms)?.map(|(_, value)| value);
            self.keep_other_energies(energy, units.of(Quantity::Energy), atoms)?;
            return Ok(energy);
        }
        let energies = Energies::take(self, units.of(Quantity::Energy), atoms)?;
        if has_velocities {
            energies.check_kinetic()?;
        }
        let label = energies.label(settings.energy);
        if label.is_none() {
            self.notes.extend(energies.explain_missing(settings.energy)?);
        }
        for (name, value) in energies.kept() {
            if let Some(value) = value.filter(|value| Some(*value) != label) {
                self.pairs.push((name.to_owned(), shortest(value)));
            }
        }
        Ok(label)
    }

    /// Keeps the energies that are not the label under names of their own, unless they are the same.
    fn keep_other_energies(&mut self, label: Option<f64>, unit: Unit, atoms: usize) -> Result<()> {
        for (meaning, name) in [(Key::Energy, "energy_zero_smearing"), (Key::FreeEnergy, "energy_free")] {
            if let Some((_, value)) = one_energy(&self.take(&meaning), unit, atoms)?
                && Some(value) != label
            {
                self.pairs.push((name.to_owned(), shortest(value)));
            }
        }
        Ok(())
    }

    /// The virial, from one or from the stress.
    pub(super) fn virial(
        &mut self,
        settings: &ReadSettings,
        units: &Units,
        lattice: &Lattice,
        atoms: usize,
    ) -> Result<(Option<Virial>, Vec<Quantity>)> {
        let keys = &settings.keys;
        let only_stress = keys.stress.is_some() && keys.virial.is_none();
        let only_virial = keys.virial.is_some() && keys.stress.is_none();
        let mut present = Vec::new();
        let virial = if only_stress {
            None
        } else {
            self.tensor(keys.virial.as_ref(), Quantity::Virial, units, atoms)?
        };
        let stress = if only_virial {
            None
        } else {
            self.tensor(keys.stress.as_ref(), Quantity::Stress, units, atoms)?
        };
        present.extend(virial.as_ref().map(|_| Quantity::Virial));
        present.extend(stress.as_ref().map(|_| Quantity::Stress));
        let tensor = match (virial, stress) {
            (None, None) => None,
            (Some((_, virial)), None) => Some(virial),
            (None, Some((_, stress))) => Some(of_stress(stress, lattice)?),
            (Some((key, virial)), Some((stress_key, stress))) => {
                if let Some(volume) = lattice.volume() {
                    let other = of_stress(stress, lattice)?;
                    // digits that either lacks, and not more
                    if !agree(&virial.to_cfg_order(), &other.to_cfg_order(), 0.01, 1e-5 * volume) {
                        let error = contradiction(&key, &stress_key);
                        return Err(
                            error.hint(format!("take one: --virial-key {key} or --stress-key {stress_key}"))
                        );
                    }
                }
                Some(virial)
            }
        };
        Ok((tensor, present))
    }

    fn tensor(
        &mut self,
        wanted: Option<&String>,
        quantity: Quantity,
        units: &Units,
        atoms: usize,
    ) -> Result<Option<(String, Virial)>> {
        let (meaning, name) = match quantity {
            Quantity::Stress => (Key::Stress, "stress"),
            _ => (Key::Virial, "virial"),
        };
        let found = match wanted {
            Some(key) => self.take_wanted(key)?,
            None => self.take(&meaning),
        };
        let names_unit = wanted.is_some_and(|key| unit_in_name(key, quantity).is_some());
        let mut tensor: Option<(String, Virial)> = None;
        for (key, value) in found {
            if quantity == Quantity::Stress && !names_unit {
                units.check_stress(&key)?;
            }
            let unit = match wanted {
                Some(key) => self.unit_of(key, quantity, units)?,
                None => units.of(quantity),
            };
            let values: Vec<f64> =
                numbers(&key, &value)?.into_iter().map(|value| unit.convert(value, atoms)).collect();
            if values.len() == 6 {
                self.notes.push(format!("{key} has six numbers: read as xx yy zz yz xz xy"));
            }
            let next = symmetric(name, &values)?;
            match &tensor {
                Some((first, known)) if !agree(&known.to_cfg_order(), &next.to_cfg_order(), 1e-6, 1e-9) => {
                    return Err(contradiction(first, &key));
                }
                Some(_) => {}
                None => tensor = Some((key, next)),
            }
        }
        Ok(tensor)
    }

    /// Takes the pairs of a key that was asked for.
    fn take_wanted(&mut self, wanted: &str) -> Result<Vec<(String, String)>> {
        let found = self.take_if(|key, _| key == wanted);
        if found.is_empty() {
            return Err(invalid(format!("the comment line lacks the key {wanted}")));
        }
        Ok(found)
    }

    /// The unit of a label that was asked for by its key, which may name it.
    fn unit_of(&self, key: &str, quantity: Quantity, units: &Units) -> Result<Unit> {
        match (unit_in_name(key, quantity), units.declared(quantity)) {
            (Some(named), Some(declared)) if named != declared => {
                Err(invalid(format!("the name {key} and {} declare two units", units.text())))
            }
            (Some(named), _) => Ok(named),
            (None, None) if key == "E" && self.is_of_cp2k() => Unit::parse("hartree", quantity)
                .ok_or_else(|| invalid("E is not read as an energy".to_owned())),
            (None, declared) => Ok(declared.unwrap_or(Unit::USUAL)),
        }
    }

    /// Whether this is the comment of a trajectory of CP2K, whose energy is in hartree: `i = 0, time = 0.0, E = -17.1`.
    pub(super) fn is_of_cp2k(&self) -> bool {
        ["i", "time"].iter().all(|wanted| self.pairs.iter().any(|(key, _)| key == wanted))
    }
}

/// The energies of a comment line by what they mean, each with its key.
struct Energies {
    free: Option<(String, f64)>,
    usual: Option<(String, f64)>,
    zero: Option<(String, f64)>,
    without: Option<(String, f64)>,
}

impl Energies {
    fn take(comment: &mut Comment, unit: Unit, atoms: usize) -> Result<Self> {
        let mut read = |meaning: &Key| one_energy(&comment.take(meaning), unit, atoms);
        let (free, usual) = (read(&Key::FreeEnergy)?, read(&Key::Energy)?);
        let (zero, without) = (read(&Key::EnergyZeroSmearing)?, read(&Key::EnergyWithoutEntropy)?);
        Ok(Self { free, usual, zero, without })
    }

    /// Refuses an energy that may be more than the potential one, of a frame with velocities.
    fn check_kinetic(&self) -> Result<()> {
        let may_be_kinetic =
            |(key, _): &&(String, f64)| !key.to_lowercase().contains("potential") && key.len() > 6;
        match self.usual.as_ref().filter(may_be_kinetic) {
            Some((key, _)) if self.free.is_none() => {
                let error = invalid(format!("{key} beside velocities may hold the kinetic energy"));
                Err(error.hint(format!("if it does not: --energy-key {key}")))
            }
            _ => Ok(()),
        }
    }

    fn label(&self, kind: EnergyKind) -> Option<f64> {
        let label = match kind {
            EnergyKind::Free => self.free.as_ref().or(self.usual.as_ref()),
            EnergyKind::ZeroSmearing => self.zero.as_ref().or(self.usual.as_ref()),
            EnergyKind::WithoutEntropy => self.without.as_ref(),
        };
        label.map(|(_, value)| *value)
    }

    /// Why none of the energies is the label, if there are any: a note, or an error where one was asked for.
    fn explain_missing(&self, kind: EnergyKind) -> Result<Option<String>> {
        let found = [&self.free, &self.usual, &self.zero, &self.without].into_iter().flatten();
        let found = found.map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(" and ");
        let what = match kind {
            _ if found.is_empty() => return Ok(None),
            EnergyKind::Free => {
                let choice = "--energy says which energy is the label";
                return Ok(Some(format!("{found} is no free energy and not read: {choice}")));
            }
            EnergyKind::ZeroSmearing => "at zero smearing",
            EnergyKind::WithoutEntropy => "without entropy",
        };
        let error = invalid(format!("the frame has {found}, and no energy {what}"));
        Err(error.hint("choose another with --energy, or name its key with --energy-key"))
    }

    /// The names under which energies are kept that are not the label.
    fn kept(&self) -> [(&'static str, Option<f64>); 3] {
        let zero = self.zero.as_ref().or(self.usual.as_ref());
        [
            ("energy_zero_smearing", zero),
            ("energy_free", self.free.as_ref()),
            ("energy_without_entropy", self.without.as_ref()),
        ]
        .map(|(name, energy)| (name, energy.map(|(_, value)| *value)))
    }
}

/// The energy of pairs that mean the same.
fn one_energy(found: &[(String, String)], unit: Unit, atoms: usize) -> Result<Option<(String, f64)>> {
    let mut energy: Option<(String, f64)> = None;
    for (key, text) in found {
        let value = unit.convert(exactly::<1>(key, numbers(key, text)?)?[0], atoms);
        match &energy {
            Some((first, known)) if (known - value).abs() > SAME_ENERGY + 1e-9 * value.abs() => {
                let error = contradiction(first, key);
                return Err(if first == key {
                    error
                } else {
                    error.hint(format!("take one: --energy-key {first} or --energy-key {key}"))
                });
            }
            Some(_) => {}
            None => energy = Some((key.clone(), value)),
        }
    }
    Ok(energy)
}
