//! Units as extended XYZ declares them, `hartree/bohr`, `GPa`, `kcal/mol/Å`, as factors to eV, Å and fs.
//!
//! What a unit measures follows from its dimensions, so that `Ry/bohr` cannot be taken for an energy.

use crate::constants::units::{ATOMIC_TIME, BOHR, ELECTRONVOLT, GIGAPASCAL, HARTREE, MOLE};

/// Exponents of energy, length, time and number of atoms.
type Dimensions = [i32; 4];

/// What a label or a column measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Energy,
    Force,
    Stress,
    Virial,
    Position,
    Lattice,
    Velocity,
}

impl Quantity {
    /// All of them.
    pub(super) const ALL: [Self; 7] = [
        Self::Energy,
        Self::Force,
        Self::Stress,
        Self::Virial,
        Self::Position,
        Self::Lattice,
        Self::Velocity,
    ];

    fn dimensions(self) -> Dimensions {
        match self {
            Self::Energy | Self::Virial => [1, 0, 0, 0],
            Self::Force => [1, -1, 0, 0],
            Self::Stress => [1, -3, 0, 0],
            Self::Position | Self::Lattice => [0, 1, 0, 0],
            Self::Velocity => [0, 1, -1, 0],
        }
    }

    /// Its atomic unit.
    fn atomic(self) -> f64 {
        match self {
            Self::Energy | Self::Virial => HARTREE,
            Self::Force => HARTREE / BOHR,
            Self::Stress => HARTREE / (BOHR * BOHR * BOHR),
            Self::Position | Self::Lattice => BOHR,
            Self::Velocity => BOHR / ATOMIC_TIME,
        }
    }

    /// What it is called, and the unit in which it is read.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Energy => ("the energy", "eV"),
            Self::Force => ("the forces", "eV/Å"),
            Self::Stress => ("the stress", "eV/Å³"),
            Self::Virial => ("the virial", "eV"),
            Self::Position => ("the positions", "Å"),
            Self::Lattice => ("the lattice", "Å"),
            Self::Velocity => ("the velocities", "Å/fs"),
        }
    }
}

/// A unit as a factor to eV, Å and fs, perhaps for each atom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    pub(super) factor: f64,
    pub(super) is_per_atom: bool,
}

impl Unit {
    /// The unit in which a quantity is read where none is declared.
    pub(super) const USUAL: Self = Self { factor: 1.0, is_per_atom: false };

    /// Reads a unit of a quantity.
    pub(super) fn parse(text: &str, quantity: Quantity) -> Option<Self> {
        if is_atomic(text) {
            return Some(Self { factor: quantity.atomic(), is_per_atom: false });
        }
        let (factor, [energy, length, time, atoms]) = expression(text)?;
        let fits = [energy, length, time, 0] == quantity.dimensions();
        let energetic = matches!(quantity, Quantity::Energy | Quantity::Virial);
        (fits && (atoms == 0 || (atoms == -1 && energetic)))
            .then_some(Self { factor, is_per_atom: atoms == -1 })
    }

    /// Reads a unit and finds out which quantities it may be of.
    pub(super) fn of_any(text: &str) -> Vec<(Quantity, Self)> {
        let quantities = Quantity::ALL.into_iter();
        quantities.filter_map(|quantity| Some((quantity, Self::parse(text, quantity)?))).collect()
    }

    /// A value of a configuration of this many atoms.
    pub(super) fn convert(self, value: f64, atoms: usize) -> f64 {
        let value = value * self.factor;
        if self.is_per_atom { value * atoms as f64 } else { value }
    }
}

/// Whether a text means atomic units, whatever is measured.
pub(super) fn is_atomic(text: &str) -> bool {
    let text: String = text.to_lowercase().chars().filter(|character| character.is_alphanumeric()).collect();
    ["au", "atomic", "atomicunit", "atomicunits", "hartreeatomicunits"].contains(&text.as_str())
}

/// The factor and the dimensions of factors with exponents, `kcal/mol/Å`, `eV Å^-1`, `hartree_bohr`.
fn expression(text: &str) -> Option<(f64, Dimensions)> {
    let text =
        text.trim().replace("E_h", "Eh").replace("**", "^").replace("_per_", "/").replace(" per ", "/");
    let text = text.replace('³', "^3").replace("⁻¹", "^-1").replace("⁻³", "^-3").replace('_', "/");
    let mut product = (1.0, [0; 4]);
    let (mut sign, mut is_grouped, mut any) = (1, false, false);
    let mut rest = text.as_str();
    while let Some(next) = rest.chars().next() {
        match next {
            '/' => sign = -1,
            '(' if sign < 0 => is_grouped = true,
            ')' if is_grouped => (is_grouped, sign) = (false, 1),
            '*' | '·' | ' ' => {}
            _ => {
                let end = rest.find(['/', '*', '·', ' ', '(', ')']).unwrap_or(rest.len());
                let (factor, dimensions) = power(&rest[..end], sign < 0)?;
                product.0 *= if sign < 0 { 1.0 / factor } else { factor };
                for (sum, exponent) in product.1.iter_mut().zip(dimensions) {
                    *sum += sign * exponent;
                }
                any = true;
                sign = if is_grouped { sign } else { 1 };
                rest = &rest[end..];
                continue;
            }
        }
        rest = &rest[next.len_utf8()..];
    }
    (any && !is_grouped).then_some(product)
}

/// A unit with an exponent: `Å^3`, `A3`, `mol-1`.
fn power(text: &str, is_divisor: bool) -> Option<(f64, Dimensions)> {
    if let Some(unit) = name(text, is_divisor) {
        return Some(unit);
    }
    let end = text.find(|character: char| "^+-0123456789".contains(character))?;
    let exponent =
        text[end..].trim_start_matches('^').parse::<i32>().ok().filter(|power| power.abs() <= 9)?;
    let (factor, dimensions) = name(&text[..end], is_divisor)?;
    Some((factor.powi(exponent), dimensions.map(|dimension| dimension * exponent)))
}

/// A single name. Prefixes m and M are told apart by their case, everything else is not.
fn name(text: &str, is_divisor: bool) -> Option<(f64, Dimensions)> {
    const ENERGY: Dimensions = [1, 0, 0, 0];
    const LENGTH: Dimensions = [0, 1, 0, 0];
    const TIME: Dimensions = [0, 0, 1, 0];
    const PRESSURE: Dimensions = [1, -3, 0, 0];
    let milli = match text {
        "meV" | "mev" => Some((1e-3, ENERGY)),
        "mHa" | "mEh" | "mHartree" | "mhartree" => Some((1e-3 * HARTREE, ENERGY)),
        "mRy" => Some((0.5e-3 * HARTREE, ENERGY)),
        "MPa" => Some((1e-3 / GIGAPASCAL, PRESSURE)),
        "Mbar" => Some((100.0 / GIGAPASCAL, PRESSURE)),
        _ => None,
    };
    if milli.is_some() {
        return milli;
    }
    Some(match text.to_lowercase().as_str() {
        "ev" | "electronvolt" | "electronvolts" => (1.0, ENERGY),
        "ha" | "hartree" | "hartrees" | "eh" => (HARTREE, ENERGY),
        "ry" | "ryd" | "rydberg" | "rydbergs" => (0.5 * HARTREE, ENERGY),
        "kcal" => (4184.0 / ELECTRONVOLT, ENERGY),
        "kj" => (1e3 / ELECTRONVOLT, ENERGY),
        "j" | "joule" => (1.0 / ELECTRONVOLT, ENERGY),
        "kcalmol" => (4184.0 / ELECTRONVOLT / MOLE, ENERGY),
        "kjmol" => (1e3 / ELECTRONVOLT / MOLE, ENERGY),
        "å" | "a" | "ang" | "ang." | "angs" | "angstrom" | "angstroms" | "ångström" | "ångstrom" => {
            (1.0, LENGTH)
        }
        "bohr" | "bohrs" | "a0" | "bohrradius" => (BOHR, LENGTH),
        "au" | "a.u." if is_divisor => (BOHR, LENGTH),
        "nm" => (10.0, LENGTH),
        "pm" => (0.01, LENGTH),
        "fs" => (1.0, TIME),
        "ps" => (1e3, TIME),
        "gpa" => (1.0 / GIGAPASCAL, PRESSURE),
        "kbar" | "kb" => (0.1 / GIGAPASCAL, PRESSURE),
        "bar" => (1e-4 / GIGAPASCAL, PRESSURE),
        "kpa" => (1e-6 / GIGAPASCAL, PRESSURE),
        "pa" => (1e-9 / GIGAPASCAL, PRESSURE),
        "atm" => (1.013_25e-4 / GIGAPASCAL, PRESSURE),
        "mol" | "mole" => (MOLE, [0; 4]),
        "atom" | "atoms" => (1.0, [0, 0, 0, 1]),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(text: &str, quantity: Quantity) -> Option<f64> {
        Unit::parse(text, quantity).map(|unit| unit.factor)
    }

    #[test]
    fn every_usual_spelling_has_its_factor() {
        use Quantity::{Energy, Force, Lattice, Stress, Velocity, Virial};
        // by hand from the definitions; kcal/mol is 4184 J over Avogadro's number
        let cases: [(&[&str], Quantity, f64); 17] = [
            (&["eV", "ev", "EV", "electronvolt"], Energy, 1.0),
            (&["meV"], Energy, 1e-3),
            (
                &["hartree", "Hartree", "Ha", "HA", "Eh", "E_h", "a.u.", "au", "atomic units"],
                Energy,
                27.211_386_246,
            ),
            (&["Ry", "Rydberg", "ryd"], Energy, 13.605_693_123),
            (&["kcal/mol", "kcal mol^-1", "kcal mol-1", "kcal_mol", "kcal/mole"], Energy, 0.043_364_104_24),
            (&["kJ/mol", "kj/mol", "kJ*mol**-1"], Energy, 0.010_364_269_66),
            (
                &[
                    "eV/Å",
                    "eV/A",
                    "eV/Ang",
                    "eV/angstrom",
                    "eV Å^-1",
                    "eV*A**-1",
                    "eV per Angstrom",
                    "ev/ang.",
                ],
                Force,
                1.0,
            ),
            (
                &["hartree/bohr", "Ha/Bohr", "Eh/a0", "Ha/au", "a.u.", "hartree_bohr", "Hartree Bohr⁻¹"],
                Force,
                51.422_067_48,
            ),
            (&["Ry/bohr", "Ry/au", "rydberg/bohr"], Force, 25.711_033_74),
            (&["kcal/mol/Å", "kcal/(mol*A)", "kcal mol^-1 Å^-1"], Force, 0.043_364_104_24),
            (&["kJ/mol/nm"], Force, 0.001_036_426_966),
            (&["GPa", "gpa"], Stress, 0.006_241_509_074),
            (&["kbar", "kB", "kBar"], Stress, 6.241_509_074e-4),
            (&["eV/Å^3", "eV/A^3", "eV/Å³", "eV/A3", "eV/Ang**3", "eV/angstrom^3"], Stress, 1.0),
            (&["Ha/bohr^3", "hartree/bohr3", "au"], Stress, 183.631_536_45),
            (&["bohr", "Bohr", "a0", "au", "a.u."], Lattice, 0.529_177_210_9),
            (&["Å/ps"], Velocity, 1e-3),
        ];
        for (texts, quantity, expected) in cases {
            for text in texts {
                let got = factor(text, quantity).unwrap_or_else(|| panic!("{text} is not read"));
                assert!((got - expected).abs() < 1e-9 * expected, "{text}: {got} {expected}");
            }
        }
        assert_eq!(Unit::parse("meV/atom", Virial).unwrap().convert(2.0, 3), 0.006);
    }

    #[test]
    fn what_is_no_unit_of_the_quantity_is_none() {
        for (text, quantity) in [
            ("eV", Quantity::Force),
            ("hartree/bohr", Quantity::Energy),
            ("MeV", Quantity::Energy),
            ("mPa", Quantity::Stress),
            ("eV/atom/atom", Quantity::Energy),
            ("GPa/atom", Quantity::Stress),
            ("eV/(Å", Quantity::Force),
            ("cm^-1", Quantity::Energy),
            ("eV^99999999999", Quantity::Energy),
            ("", Quantity::Energy),
            ("1", Quantity::Energy),
            ("K", Quantity::Energy),
        ] {
            assert_eq!(factor(text, quantity), None, "{text}");
        }
        let quantities: Vec<Quantity> =
            Unit::of_any("hartree").into_iter().map(|(quantity, _)| quantity).collect();
        assert_eq!(quantities, [Quantity::Energy, Quantity::Virial]);
    }
}
