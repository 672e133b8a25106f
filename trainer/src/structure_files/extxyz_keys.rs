//! The keys of a comment line of extended XYZ: what each means, whatever its case and its dashes, and which only look as if
//! they meant something.
//!
//! A key that ends with an underscore means nothing; the writer makes such keys of features that would be taken for labels.

use super::extxyz_units::{Quantity, Unit};

/// The feature that keeps the units that a file has declared, once its labels are converted.
pub(super) const INPUT_UNITS: &str = "input_units";

/// What a key means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Lattice,
    Origin,
    Properties,
    Periodic,
    /// The energy, which is that at zero smearing where the free energy is given, too.
    Energy,
    FreeEnergy,
    EnergyWithoutEntropy,
    EnergyZeroSmearing,
    Stress,
    Virial,
    /// The number of atoms, once more.
    Count,
    /// Units of all quantities.
    Units,
    /// The unit of these quantities; none are known for the name.
    UnitOf(Vec<Quantity>),
    Other,
}

impl Key {
    /// The meaning of a key with this value.
    pub(super) fn of(key: &str, value: &str) -> Self {
        if key == "Origin" {
            return Self::Origin;
        }
        if key.ends_with('_') || key == INPUT_UNITS {
            return Self::Other;
        }
        match squeezed(key).as_str() {
            "lattice" | "cell" => Self::Lattice,
            "properties" => Self::Properties,
            "pbc" => Self::Periodic,
            "energy" | "totalenergy" | "potentialenergy" => Self::Energy,
            "freeenergy" | "toten" => Self::FreeEnergy,
            "energywithoutentropy" | "energywoentropy" | "energynoentropy" | "ewoentrp" => {
                Self::EnergyWithoutEntropy
            }
            "energyzerosmearing" | "energysigma0" => Self::EnergyZeroSmearing,
            "stress" | "stresses" => Self::Stress,
            "virial" | "virials" => Self::Virial,
            "natoms" | "natom" | "numatoms" | "numberofatoms" if value.parse::<u64>().is_ok() => Self::Count,
            "unitcell" => Self::Other,
            name => unit_key(name, value),
        }
    }

    /// Whether a feature of this name would be read as something else.
    pub(super) fn is_taken(key: &str, value: &str) -> bool {
        match Self::of(key, value) {
            Self::Other => {
                ["forces", "force"].contains(&key)
                    || may_be_lattice(key, value)
                    || (value == "T" && is_lone_unit(key))
            }
            // what they say remains true beside another label
            Self::EnergyZeroSmearing | Self::EnergyWithoutEntropy => !value.parse().is_ok_and(f64::is_finite),
            _ => true,
        }
    }
}

/// A key without case and punctuation.
pub(super) fn squeezed(key: &str) -> String {
    key.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a key declares a unit, and of what: `energy-unit`, `force_units`, `unit_stress`, `units`.
fn unit_key(name: &str, value: &str) -> Key {
    let ends = ["units", "unit"].into_iter().find_map(|end| name.strip_suffix(end));
    let begins = || ["units", "unit"].into_iter().find_map(|begin| name.strip_prefix(begin));
    let Some(of) = ends.or_else(begins) else { return Key::Other };
    let is_number = |word: &str| word.parse::<f64>().is_ok();
    if value.split([' ', ',', '[', ']']).filter(|word| !word.is_empty()).all(is_number) {
        // the vectors of a unit cell, a number of formula units
        return Key::Other;
    }
    let quantities: &[Quantity] = match of {
        "" => return Key::Units,
        "energy" | "energies" | "e" | "totalenergy" | "freeenergy" | "potentialenergy" => &[Quantity::Energy],
        "force" | "forces" | "f" => &[Quantity::Force],
        "stress" | "stresses" => &[Quantity::Stress],
        "virial" | "virials" => &[Quantity::Virial],
        "length" | "lengths" | "distance" | "distances" => &[Quantity::Position, Quantity::Lattice],
        "position" | "positions" | "pos" | "coordinate" | "coordinates" | "coord" | "coords" => {
            &[Quantity::Position]
        }
        "lattice" | "cell" | "box" => &[Quantity::Lattice],
        "velocity" | "velocities" | "vel" => &[Quantity::Velocity],
        // of what is only handed on
        "charge" | "charges" | "dipole" | "dipoles" | "magmom" | "magmoms" | "magneticmoment" | "spin"
        | "mass" | "masses" | "temperature" | "temp" | "time" | "timestep" | "pressure" | "frequency"
        | "polarizability" | "angle" | "density" | "volume" | "cells" => return Key::Other,
        _ => &[],
    };
    Key::UnitOf(quantities.to_vec())
}

/// The unit that a key names at its end, `energy_Ha`, `stress (GPa)`: of what is read by its own name only.
pub(super) fn unit_in_name(key: &str, quantity: Quantity) -> Option<Unit> {
    let inner = key.trim_end_matches([')', ']']);
    let mut starts = inner.match_indices(['_', '-', '(', '[', ' ', '.']).map(|(index, _)| index + 1);
    starts.find_map(|start| Unit::parse(&inner[start..], quantity))
}

/// Whether a word that has no value is a unit other than those that are read, as in `energy=-76.4 Hartree`.
pub(super) fn is_lone_unit(word: &str) -> bool {
    const WORDS: [&str; 10] =
        ["hartree", "hartrees", "ha", "eh", "bohr", "rydberg", "ry", "kcal/mol", "kj/mol", "gpa"];
    WORDS.contains(&word.to_lowercase().as_str())
}

/// Whether a key without a meaning may hold the lattice.
pub(super) fn may_be_lattice(key: &str, value: &str) -> bool {
    const NAMES: [&str; 8] = [
        "unitcell",
        "box",
        "supercell",
        "latticevectors",
        "cellvectors",
        "latticematrix",
        "cellmatrix",
        "simulationcell",
    ];
    !key.ends_with('_') && NAMES.contains(&squeezed(key).as_str()) && count_of_numbers(value) >= 3
}

/// Words that make of an energy, a force or a stress something else.
const OTHERWISE: [&str; 30] = [
    "weight",
    "sigma",
    "error",
    "err",
    "mae",
    "rmse",
    "std",
    "var",
    "uncert",
    "tol",
    "cutoff",
    "encut",
    "ecut",
    "kin",
    "fermi",
    "gap",
    "zeropoint",
    "zpe",
    "formation",
    "cohesive",
    "interaction",
    "binding",
    "adsorption",
    "hull",
    "atomiz",
    "mask",
    "constant",
    "norm",
    "max",
    "unit",
];

fn is_otherwise(squeezed: &str) -> bool {
    OTHERWISE.iter().any(|word| squeezed.contains(word)) && !squeezed.contains("sigma0")
}

/// Whether a pair looks like an energy of the whole configuration.
pub(super) fn may_be_energy(key: &str, value: &str) -> bool {
    const SHORT: [&str; 7] = ["e", "etot", "epot", "e0", "pe", "edft", "eref"];
    let name = squeezed(key);
    let parts = key.to_lowercase();
    let is_named = name.contains("energy")
        || name.contains("energies")
        || SHORT.contains(&name.as_str())
        || parts.starts_with("e_")
        || parts.ends_with("_e");
    let is_partial = name.contains("peratom") || parts.contains("/atom") || name.contains("site");
    is_named && !is_partial && !is_otherwise(&name) && is_foreign(key) && count_of_numbers(value) == 1
}

/// Whether a pair looks like an energy for each atom.
pub(super) fn may_be_energy_per_atom(key: &str, value: &str) -> bool {
    let name = squeezed(key);
    let is_partial = name.contains("peratom") || key.to_lowercase().contains("/atom");
    name.contains("energy") && is_partial && !is_otherwise(&name) && count_of_numbers(value) == 1
}

/// Whether a pair looks like a tensor of this name, `stress` or `virial`.
pub(super) fn may_be_tensor(name: &str, key: &str, value: &str) -> bool {
    let key_name = squeezed(key);
    key_name.contains(name)
        && !is_otherwise(&key_name)
        && is_foreign(key)
        && [6, 9].contains(&count_of_numbers(value))
}

/// Whether a column looks like forces.
pub(super) fn may_be_forces(name: &str) -> bool {
    let name = squeezed(name);
    (name.contains("force") || ["frc", "f", "grad"].contains(&name.as_str()) || is_gradient(&name))
        && !is_otherwise(&name)
}

/// Whether a column has the name of gradients, which have the opposite sign.
pub(super) fn is_gradient(name: &str) -> bool {
    let name = squeezed(name);
    name.contains("gradient") || name == "grad" || name.ends_with("grads")
}

/// The axis of a column with one component of a vector, and the name of the vector: `F_x` is the first of `F`.
fn component(name: &str) -> Option<(&str, usize)> {
    let last = name.chars().next_back()?;
    let axis = ['x', 'y', 'z'].iter().position(|axis| last.eq_ignore_ascii_case(axis))?;
    Some((name[..name.len() - 1].trim_end_matches(['_', '-', '.', ' ']), axis))
}

/// The vector and the axis of a column with one component of forces that is read as such: `fx`, `F_y`, `force_z`.
pub(super) fn force_component(name: &str) -> Option<(&str, usize)> {
    component(name).filter(|(vector, _)| ["f", "force", "forces"].contains(&squeezed(vector).as_str()))
}

/// The vector and the axis of a column that looks like one component of forces: `dft_fx`, `REF_force_y`.
pub(super) fn may_be_force_component(name: &str) -> Option<(&str, usize)> {
    component(name).filter(|(vector, _)| {
        let is_short = ["_f", "-f", ".f"].iter().any(|end| vector.to_lowercase().ends_with(end));
        !is_otherwise(&squeezed(name)) && (is_short || may_be_forces(vector))
    })
}

/// Whether a pair looks like one component of a tensor of this name: `virial_xx=1`.
pub(super) fn may_be_tensor_component(name: &str, key: &str, value: &str) -> bool {
    const COMPONENTS: [&str; 9] = ["xx", "xy", "xz", "yx", "yy", "yz", "zx", "zy", "zz"];
    let key_name = squeezed(key);
    key_name.contains(name)
        && COMPONENTS.iter().any(|component| key_name.ends_with(component))
        && !is_otherwise(&key_name)
        && is_foreign(key)
        && count_of_numbers(value) == 1
}

/// Whether a label has the name of a reference beside which another one is a prediction.
pub(super) fn is_reference(key: &str) -> bool {
    let name = squeezed(key);
    ["ref", "dft", "target", "qm"].iter().any(|word| name.starts_with(word) || name.ends_with(word))
}

/// Whether mtprs has not made the key itself, of a label that was not taken.
fn is_foreign(key: &str) -> bool {
    !key.ends_with('_') && !["energy_free", "energy_zero_smearing"].contains(&key)
}

/// Count of numbers in a value, zero where there is anything else.
pub(super) fn count_of_numbers(value: &str) -> usize {
    let value = value.strip_prefix("_JSON").unwrap_or(value);
    let words = value.split([' ', '\t', ',', '[', ']']).filter(|word| !word.is_empty());
    let numbers: Option<usize> = words.map(|word| word.parse::<f64>().is_ok().then_some(1)).sum();
    numbers.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_by_any_usual_spelling() {
        let of = |key: &str| Key::of(key, "x");
        for key in
            ["energy", "Energy", "ENERGY", "total_energy", "Total-Energy", "potential_energy", "totalEnergy"]
        {
            assert_eq!(of(key), Key::Energy, "{key}");
        }
        assert_eq!((of("Free_Energy"), of("TOTEN")), (Key::FreeEnergy, Key::FreeEnergy));
        assert_eq!((of("virials"), of("Virial"), of("stresses")), (Key::Virial, Key::Virial, Key::Stress));
        assert_eq!((of("lattice"), of("cell"), of("PBC")), (Key::Lattice, Key::Lattice, Key::Periodic));
        assert_eq!((of("origin"), of("energy_"), of("config_type")), (Key::Other, Key::Other, Key::Other));
        assert_eq!((Key::of("natoms", "2"), of("natoms")), (Key::Count, Key::Other));
    }

    #[test]
    fn units_are_declared_in_any_usual_spelling() {
        let of = |key: &str| Key::of(key, "hartree");
        for key in [
            "energy-unit",
            "energy_unit",
            "energy_units",
            "Energy-Units",
            "energyUnit",
            "unit_energy",
            "e_unit",
        ] {
            assert_eq!(of(key), Key::UnitOf(vec![Quantity::Energy]), "{key}");
        }
        assert_eq!(of("stress-unit"), Key::UnitOf(vec![Quantity::Stress]));
        assert_eq!(of("length_units"), Key::UnitOf(vec![Quantity::Position, Quantity::Lattice]));
        assert_eq!(of("units"), Key::Units);
        assert_eq!(of("work_unit"), Key::UnitOf(vec![]));
        assert_eq!((of("dipole_unit"), of("input_units")), (Key::Other, Key::Other));
        assert_eq!(Key::of("unit_cell", "1 0 0 0 1 0 0 0 1"), Key::Other);
        assert_eq!(Key::of("formula_units", "4"), Key::Other);
    }

    #[test]
    fn names_that_look_like_labels_are_told_from_others() {
        for key in
            ["REF_energy", "dft_energy", "corrected_total_energy", "mace_energy", "E_dft", "E", "e0_energy"]
        {
            assert!(may_be_energy(key, "-10.5"), "{key}");
        }
        for key in [
            "energy_weight",
            "energy_sigma",
            "kinetic_energy",
            "energy_per_atom",
            "config_type",
            "energy_",
            "E_fermi",
        ] {
            assert!(!may_be_energy(key, "-10.5"), "{key}");
        }
        assert!(!may_be_energy("REF_energy", "none"));
        assert!(may_be_tensor("stress", "REF_stress", "1 0 0 0 1 0 0 0 1"));
        assert!(may_be_tensor("virial", "dft_virials", "_JSON [[1, 0, 0], [0, 1, 0], [0, 0, 1]]"));
        assert!(!may_be_tensor("virial", "config_virial_sigma", "1 0 0 0 1 0 0 0 1"));
        assert!(may_be_forces("REF_forces") && may_be_forces("dft_force") && may_be_forces("gradients"));
        assert!(
            !may_be_forces("force_mask") && !may_be_forces("magmoms") && !may_be_forces("force_constant")
        );
    }

    #[test]
    fn components_of_vectors_and_tensors_are_told_from_others() {
        for (name, expected) in
            [("fx", ("f", 0)), ("F_y", ("F", 1)), ("force_z", ("force", 2)), ("Forces.X", ("Forces", 0))]
        {
            assert_eq!(force_component(name), Some(expected), "{name}");
        }
        for name in ["dft_fx", "x", "f", "fx_", "flux", "force_max", "fé"] {
            assert_eq!(force_component(name), None, "{name}");
        }
        assert_eq!(may_be_force_component("dft_fx"), Some(("dft_f", 0)));
        assert_eq!(may_be_force_component("REF_force_y"), Some(("REF_force", 1)));
        assert_eq!(
            (
                may_be_force_component("force_max"),
                may_be_force_component("flux"),
                may_be_force_component("x")
            ),
            (None, None, None)
        );
        assert!(may_be_tensor_component("virial", "virial_xx", "1.5"));
        assert!(may_be_tensor_component("stress", "dft-stress-XZ", "1"));
        assert!(
            !may_be_tensor_component("virial", "virial", "1")
                && !may_be_tensor_component("virial", "xx", "1")
        );
    }

    #[test]
    fn a_unit_in_a_name_is_seen() {
        let factor = |key: &str, quantity| unit_in_name(key, quantity).map(|unit| unit.factor);
        assert!(factor("energy_Ha", Quantity::Energy).is_some_and(|factor| (27.2..27.3).contains(&factor)));
        assert!(factor("energy_kcal_mol", Quantity::Energy).is_some_and(|factor| factor < 0.05));
        assert_eq!(factor("E (eV)", Quantity::Energy), Some(1.0));
        assert!(factor("stress_GPa", Quantity::Stress).is_some_and(|factor| factor < 0.01));
        assert_eq!(factor("REF_energy", Quantity::Energy), None);
    }
}
