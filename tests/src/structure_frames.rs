//! Random structures for the tests of structure files, and frames that ASE describes as JSON.

use mtprs::structure_files::{
    Format, ReadSettings, SpeciesOrder, Structure, StructureReader, write_structure,
};
use mtprs_core::geometry::{Configuration, Vector3, Virial};

use mtprs_testing::random::Random;
use mtprs_testing::sample::{Arrangement, Recipe};
use mtprs_testing::vectors::random_vector;

/// The order of the species of all structures.
pub fn order() -> SpeciesOrder {
    let names = ["Mg", "V", "O"].map(str::to_owned);
    SpeciesOrder::new(&names, None, "the test")
}

/// A random structure with labels, velocities and features, in a cell with this many periodic vectors.
pub fn labelled(periodic: usize, seed: u64) -> Structure {
    let random = &mut Random::new(seed);
    let atoms = 1 + random.below(8);
    let configuration = Recipe { arrangement: Arrangement::Dense, periodic, atoms, species: 3 }.make(seed);
    let mut structure = Structure { configuration, ..Structure::default() };
    structure.velocities = Some((0..atoms).map(|_| random_vector(random, 9.0)).collect());
    let configuration = &mut structure.configuration;
    configuration.forces = Some((0..atoms).map(|_| random_vector(random, 3.0)).collect());
    configuration.energy = Some(random.symmetric(1e4));
    configuration.virial = Some(Virial::from_cfg_order(std::array::from_fn(|_| random.symmetric(50.0))));
    // numbers that are no order
    configuration.ids = (0..atoms as i64).map(|atom| 1 + (5 * atom + 3) % 8).collect();
    configuration.set_feature("note", format!("seed \"{seed}\""));
    order().apply(&mut structure).expect("all species have names");
    structure
}

/// A structure as a file of one format.
///
/// # Panics
/// If the format cannot hold it.
pub fn written(structure: &Structure, format: Format) -> Vec<u8> {
    let mut text = Vec::new();
    write_structure(structure, format, false, &mut text).expect("the format holds the structure");
    text
}

/// The structures of a file, numbered in [`order`].
///
/// # Panics
/// If it cannot be read.
pub fn read_all(text: &[u8], format: Format, settings: &ReadSettings) -> Vec<Structure> {
    let reader = StructureReader::from_text(text, "text", format, settings);
    let ordered = |structure: mtprs_core::Result<Structure>| {
        let mut structure = structure.unwrap_or_else(|error| panic!("{error}"));
        order().apply(&mut structure).expect("all species have names");
        structure
    };
    reader.map(ordered).collect()
}

/// A structure as ASE describes it.
#[derive(Debug)]
pub struct AseFrame {
    /// Element symbols.
    pub symbols: Vec<String>,
    /// Positions, Å.
    pub positions: Vec<Vector3>,
    /// Three cell vectors, Å.
    pub cell: Vec<Vector3>,
    /// Which of them repeat.
    pub periodic: Vec<bool>,
    /// `energy` and `free_energy`, eV.
    pub energies: [Option<f64>; 2],
    /// Forces, eV/Å.
    pub forces: Option<Vec<Vector3>>,
    /// Stress, eV/Å³, positive under tension: xx yy zz yz xz xy.
    pub stress: Option<[f64; 6]>,
}

impl AseFrame {
    /// The frames of a JSON array.
    ///
    /// # Panics
    /// If they are not there.
    pub fn all(json: &serde_json::Value) -> Vec<Self> {
        json.as_array().expect("an array of frames").iter().map(Self::one).collect()
    }

    fn one(json: &serde_json::Value) -> Self {
        let texts = |value: &serde_json::Value| value.as_str().expect("a string").to_owned();
        let vectors = |key: &str| {
            let rows = json.get(key)?.as_array()?;
            Some(rows.iter().map(numbers::<3>).collect::<Vec<_>>())
        };
        Self {
            symbols: json["symbols"].as_array().expect("symbols").iter().map(texts).collect(),
            positions: vectors("positions").expect("positions"),
            cell: vectors("cell").expect("a cell"),
            periodic: json["pbc"].as_array().expect("pbc").iter().map(|value| value == true).collect(),
            energies: ["energy", "free_energy"].map(|key| json.get(key).and_then(serde_json::Value::as_f64)),
            forces: vectors("forces"),
            stress: json.get("stress").map(numbers::<6>),
        }
    }

    /// Compares positions, cell and elements within a tolerance in Å.
    ///
    /// # Panics
    /// If they differ.
    pub fn assert_geometry(&self, structure: &Structure, tolerance: f64) {
        let configuration = &structure.configuration;
        let symbols: Vec<&str> =
            (0..configuration.len()).filter_map(|atom| structure.element(atom)).collect();
        assert_eq!(self.symbols, symbols);
        assert_vectors(&configuration.positions, &self.positions, tolerance);
        assert_vectors(&structure.lattice().vectors, &self.cell, tolerance);
        assert_eq!(self.periodic, structure.lattice().periodic);
    }

    /// Compares forces and the virial with the stress, within a tolerance.
    ///
    /// # Panics
    /// If they differ.
    pub fn assert_labels(&self, configuration: &Configuration, tolerance: f64) {
        let forces = configuration.forces.as_ref().expect("there are forces");
        assert_vectors(forces, self.forces.as_ref().expect("ASE has forces"), tolerance);
        let volume = configuration.cell.volume().expect("a crystal");
        let virial = configuration.virial.expect("there is a virial").to_cfg_order();
        for (virial, stress) in virial.into_iter().zip(self.stress.expect("ASE has a stress")) {
            // the constants behind kB differ in the ninth digit between editions
            assert!((virial + stress * volume).abs() <= tolerance + 2e-8 * virial.abs(), "{virial} {stress}");
        }
    }
}

/// Compares vectors within a tolerance.
///
/// # Panics
/// If they differ.
pub fn assert_vectors(got: &[Vector3], expected: &[Vector3], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().flatten().zip(expected.iter().flatten()) {
        assert!((got - expected).abs() <= tolerance, "{got} {expected}");
    }
}

fn numbers<const N: usize>(json: &serde_json::Value) -> [f64; N] {
    let values = json.as_array().expect("an array of numbers").iter();
    let values: Vec<f64> = values.map(|value| value.as_f64().expect("a number")).collect();
    values.try_into().expect("this many numbers")
}
