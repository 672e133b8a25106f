//! Extended XYZ, and plain XYZ as its simplest case: any number of frames.
//!
//! `stress` is that of ASE, eV/Å³ and positive under tension, with 9 components (symmetric) or 6 in the order
//! xx yy zz yz xz xy; `virial` is that of quippy, eV and positive under compression, and goes first. `free_energy` goes
//! before `energy` unless the energy at zero smearing is asked for. `vel` is in Å/fs. Other keys become features.

use mtprs_core::geometry::{Vector3, Virial};
use mtprs_core::{Error, ErrorKind, Result};

use super::extxyz_comment::parse;
use super::extxyz_properties::{Properties, Rows};
use super::lines::{Lines, shown};
use super::reader::Source;
use super::remarks::Remarks;
use super::structure::{Lattice, Structure};
use super::{EnergyKind, ReadSettings};
use crate::endpoint::Stream;

/// 1 Å/fs in Å/ps.
pub(super) const PER_FEMTOSECOND: f64 = 1000.0;

/// Reads extended XYZ.
pub(super) struct ExtendedXyzSource {
    lines: Lines,
    settings: ReadSettings,
}

impl ExtendedXyzSource {
    pub(super) fn new(stream: Stream, name: &str, settings: &ReadSettings) -> Self {
        Self { lines: Lines::new(stream, name), settings: settings.clone() }
    }

    fn read_frame(&mut self) -> Result<Structure> {
        let lines = &mut self.lines;
        let line = lines.number();
        let mut words = lines.words();
        let word = lines.word(&mut words, "a number of atoms")?;
        let atoms: usize = lines.integer(word, "the number of atoms")?;
        if let Some(word) = words.next() {
            return Err(lines.error_at(word, "expected the number of atoms alone on its line"));
        }
        lines.require("a comment line")?;
        let pairs = parse(lines.text());
        // A comment in words belongs to plain XYZ, apostrophes included.
        let pairs = match pairs {
            Err(message) if lines.text().contains('=') => return Err(lines.error(message)),
            pairs => pairs.unwrap_or_default(),
        };
        let mut comment = Comment(pairs);
        let place = lines.place(0);
        let mut rows = Rows::default();
        let properties = comment.take("Properties").unwrap_or_else(|| Properties::PLAIN.to_owned());
        let properties = Properties::parse(&properties, &self.settings.keys, &mut rows)
            .map_err(|message| lines.error(message))?;
        let is_extended = !comment.0.is_empty() && lines.text().contains('=');
        for _ in 0..atoms {
            lines.require("a row of an atom")?;
            properties.read_row(lines, &mut rows)?;
        }
        let mut structure = comment.structure(rows, &self.settings).map_err(|error| error.at(place))?;
        if !is_extended {
            structure.configuration.features.clear();
        }
        structure.line = line;
        Ok(structure)
    }
}

impl Source for ExtendedXyzSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        if !self.lines.advance_over_blank()? {
            return Ok(None);
        }
        self.read_frame().map(Some)
    }

    fn remarks(&self) -> Remarks {
        Remarks::default()
    }
}

/// The pairs of a comment line that have not been used yet.
struct Comment(Vec<(String, String)>);

impl Comment {
    fn take(&mut self, key: &str) -> Option<String> {
        let index = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.remove(index).1)
    }

    /// Takes a value that was asked for by name, or else the first of the usual ones.
    fn take_numbers(&mut self, wanted: Option<&String>, usual: &[&str]) -> Result<Option<Vec<f64>>> {
        let keys: Vec<&str> = wanted.map_or_else(|| usual.to_vec(), |key| vec![key.as_str()]);
        let Some((key, text)) = keys.iter().find_map(|key| Some((key, self.take(key)?))) else {
            return match wanted {
                Some(key) => Err(invalid(format!("the comment line lacks the key {key}"))),
                None => Ok(None),
            };
        };
        numbers(key, &text).map(Some)
    }

    /// Keeps the energy that is not the label under a name of its own, unless it is the same.
    fn keep_other_energy(&mut self, label: Option<&[f64]>) -> Result<()> {
        for (key, kept) in [("energy", "energy_zero_smearing"), ("free_energy", "energy_free")] {
            if let Some(text) = self.take(key)
                && label != Some(&numbers(key, &text)?)
            {
                self.0.push((kept.to_owned(), text));
            }
        }
        Ok(())
    }

    /// The lattice, which may be absent.
    fn lattice(&mut self) -> Result<Lattice> {
        let vectors = match self.take("Lattice") {
            Some(text) => Some(exactly::<9>("Lattice", numbers("Lattice", &text)?)?),
            None => None,
        };
        let origin = match self.take("Origin") {
            Some(text) => exactly::<3>("Origin", numbers("Origin", &text)?)?,
            None => [0.0; 3],
        };
        let periodic = match self.take("pbc") {
            Some(text) => periodic(&text)?,
            None => [vectors.is_some(); 3],
        };
        let Some([ax, ay, az, bx, by, bz, cx, cy, cz]) = vectors else {
            if periodic != [false; 3] {
                return Err(invalid("expected a Lattice for what pbc calls periodic".to_owned()));
            }
            return Ok(Lattice { vectors: [[0.0; 3]; 3], periodic, origin });
        };
        Ok(Lattice { vectors: [[ax, ay, az], [bx, by, bz], [cx, cy, cz]], periodic, origin })
    }

    fn structure(mut self, rows: Rows, settings: &ReadSettings) -> Result<Structure> {
        let keys = &settings.keys;
        let lattice = self.lattice()?;
        let mut structure = Structure::new(lattice, rows.species, rows.positions)?;
        structure.elements = Some(rows.names.into_vec());
        structure.columns = rows.columns;
        let velocity = |velocity: Vector3| velocity.map(|component| component * PER_FEMTOSECOND);
        let velocities: Vec<Vector3> = rows.velocities.into_iter().map(velocity).collect();
        structure.velocities = (!velocities.is_empty()).then_some(velocities);
        let usual: &[&str] = match settings.energy {
            EnergyKind::Free => &["free_energy", "energy"],
            EnergyKind::ZeroSmearing | EnergyKind::WithoutEntropy => &["energy"],
        };
        let energy = self.take_numbers(keys.energy.as_ref(), usual)?;
        self.keep_other_energy(energy.as_deref())?;
        let virial = match &keys.stress {
            Some(_) if keys.virial.is_none() => None,
            _ => self.take_numbers(keys.virial.as_ref(), &["virial"])?,
        };
        let stress = self.take_numbers(keys.stress.as_ref(), &["stress"])?;
        let configuration = &mut structure.configuration;
        if !rows.ids.is_empty() {
            configuration.ids = rows.ids;
        }
        configuration.forces = (!rows.forces.is_empty()).then_some(rows.forces);
        configuration.site_energies = (!rows.site_energies.is_empty()).then_some(rows.site_energies);
        configuration.neighborhood_grades = (!rows.grades.is_empty()).then_some(rows.grades);
        configuration.energy = match energy {
            Some(values) => Some(exactly::<1>("energy", values)?[0]),
            None => None,
        };
        configuration.virial = match (virial, stress) {
            (Some(values), _) => Some(symmetric("virial", &values)?),
            (None, Some(values)) => Some(of_stress(symmetric("stress", &values)?, &lattice)?),
            (None, None) => None,
        };
        configuration.features = self.0.into_iter().map(feature).collect();
        Ok(structure)
    }
}

/// A pair without meaning here as a feature, whose key is one word and whose value one line.
fn feature((key, value): (String, String)) -> (String, String) {
    let key: Vec<&str> = key.split_whitespace().collect();
    let key = if key.is_empty() { "_".to_owned() } else { key.join("_") };
    let value = value.replace(['\n', '\r'], " ");
    (key, value.trim_matches([' ', '\t']).to_owned())
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::Syntax, message)
}

fn numbers(key: &str, text: &str) -> Result<Vec<f64>> {
    let flat = text.replace(['[', ']', ','], " ");
    let number = |word: &str| {
        let value = word.parse::<f64>().ok().filter(|value| value.is_finite());
        value.ok_or_else(|| invalid(format!("expected finite numbers for {key}, got {}", shown(word))))
    };
    flat.split_whitespace().map(number).collect()
}

fn exactly<const N: usize>(key: &str, values: Vec<f64>) -> Result<[f64; N]> {
    let got = values.len();
    values.try_into().map_err(|_| invalid(format!("expected {N} numbers for {key}, got {got}")))
}

fn periodic(text: &str) -> Result<[bool; 3]> {
    let flat = text.replace(['[', ']', ','], " ");
    let truths: Option<Vec<bool>> = flat
        .split_whitespace()
        .map(|word| match word {
            "T" | "t" | "True" | "true" | "1" => Some(true),
            "F" | "f" | "False" | "false" | "0" => Some(false),
            _ => None,
        })
        .collect();
    truths
        .and_then(|truths| truths.try_into().ok())
        .ok_or_else(|| invalid(format!("expected three of T and F for pbc, got {}", shown(text))))
}

/// A symmetric tensor of 9 or 6 numbers.
fn symmetric(key: &str, values: &[f64]) -> Result<Virial> {
    match *values {
        [xx, yy, zz, yz, xz, xy] => Ok(Virial { xx, yy, zz, yz, xz, xy }),
        [xx, xy, xz, yx, yy, yz, zx, zy, zz] => {
            let scale = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
            let is_symmetric = |a: f64, b: f64| (a - b).abs() <= 1e-3 * scale;
            if is_symmetric(xy, yx) && is_symmetric(xz, zx) && is_symmetric(yz, zy) {
                let mean = |a: f64, b: f64| if a == b { a } else { 0.5 * (a + b) };
                return Ok(Virial { xx, yy, zz, yz: mean(yz, zy), xz: mean(xz, zx), xy: mean(xy, yx) });
            }
            Err(invalid(format!("expected a symmetric {key}, got {}", shown(&format!("{values:?}")))))
        }
        _ => Err(invalid(format!("expected 9 or 6 numbers for {key}, got {}", values.len()))),
    }
}

/// The virial W = −V·σ of a stress σ that is positive under tension.
fn of_stress(stress: Virial, lattice: &Lattice) -> Result<Virial> {
    let volume = lattice.volume();
    let volume =
        volume.ok_or_else(|| invalid("expected a Lattice with a volume for the stress".to_owned()))?;
    let components = stress.to_cfg_order().map(|component| -component * volume);
    Ok(Virial::from_cfg_order(components))
}
