//! Structures for LAMMPS tests: made here, written as LAMMPS data files, and handed to the library as configurations.
//!
//! Boxes are LAMMPS's: edges a = (lx, 0, 0), b = (xy, ly, 0), c = (xz, yz, lz) from an origin. Lengths in Å.

use std::fmt::Write;

use mtprs_core::geometry::{Cell, Configuration, Vector3, cross, dot};

use crate::random::Random;

/// Masses of the types, g/mol; those of Mg, V, O come first, as in the examples.
const MASSES: [f64; 5] = [24.305, 50.9415, 15.9999, 28.0855, 6.94];

/// Atoms with LAMMPS types in a LAMMPS box.
#[derive(Clone, Debug)]
pub struct Structure {
    /// Lower corner of the box, Å.
    pub origin: Vector3,
    /// lx, ly, lz, Å.
    pub lengths: Vector3,
    /// xy, xz, yz, Å.
    pub tilts: Vector3,
    /// Which of the box edges are periodic.
    pub periodic: [bool; 3],
    /// Number of atom types, used or not.
    pub type_count: usize,
    /// Types from one.
    pub types: Vec<usize>,
    /// Positions, Å.
    pub positions: Vec<Vector3>,
}

impl Structure {
    /// Rock salt of `cells` cubic cells with edge `a`; the types alternate between the two sublattices and, if there
    /// are more than two, over the atoms of the second.
    pub fn rock_salt(cells: [usize; 3], a: f64, type_count: usize) -> Self {
        let lengths = cells.map(|count| count as f64 * a);
        let (mut types, mut positions) = (Vec::new(), Vec::new());
        for i in 0..2 * cells[0] {
            for j in 0..2 * cells[1] {
                for k in 0..2 * cells[2] {
                    let cation = (i + j + k) % 2 == 0;
                    types.push(if cation || type_count == 1 {
                        1
                    } else {
                        2 + (i + 3 * k) % (type_count - 1)
                    });
                    positions.push([i, j, k].map(|index| index as f64 * a / 2.0));
                }
            }
        }
        Self { origin: [0.0; 3], lengths, tilts: [0.0; 3], periodic: [true; 3], type_count, types, positions }
    }

    /// Random atoms at least `distance` apart, also from periodic images.
    pub fn random(
        random: &mut Random,
        lengths: Vector3,
        tilts: Vector3,
        atom_count: usize,
        type_count: usize,
        distance: f64,
    ) -> Self {
        let mut structure = Self {
            origin: [0.0; 3],
            lengths,
            tilts,
            periodic: [true; 3],
            type_count,
            types: Vec::new(),
            positions: Vec::new(),
        };
        for attempt in 0.. {
            if structure.len() == atom_count {
                break;
            }
            assert!(attempt < 100_000, "no room for {atom_count} atoms {distance} Å apart");
            let position = structure.cartesian([random.unit(), random.unit(), random.unit()]);
            if structure.shortest_distance_to(position) >= distance {
                structure.types.push(1 + random.below(type_count));
                structure.positions.push(position);
            }
        }
        structure
    }

    /// A periodic configuration turned so that its cell is a LAMMPS box, with species 0, 1, … as types 1, 2, …; and the
    /// axes e of that box in the frame of the configuration: components v·e\[k\] are those of LAMMPS.
    pub fn from_configuration(configuration: &Configuration, type_count: usize) -> (Self, [Vector3; 3]) {
        let [a, b, c] = *configuration.cell.vectors() else { panic!("expected a periodic configuration") };
        let lx = dot(a, a).sqrt();
        let x = a.map(|component| component / lx);
        let xy = dot(b, x);
        let across: Vector3 = std::array::from_fn(|k| b[k] - xy * x[k]);
        let ly = dot(across, across).sqrt();
        let y = across.map(|component| component / ly);
        let z = cross(x, y);
        let lz = dot(c, z);
        assert!(lz > 0.0, "the cell is left-handed, LAMMPS takes right-handed ones");
        let structure = Self {
            origin: [0.0; 3],
            lengths: [lx, ly, lz],
            tilts: [xy, dot(c, x), dot(c, y)],
            periodic: [true; 3],
            type_count,
            types: configuration.species.iter().map(|&species| species as usize + 1).collect(),
            positions: configuration.positions.iter().map(|&r| [x, y, z].map(|axis| dot(r, axis))).collect(),
        };
        (structure, [x, y, z])
    }

    /// The same with every coordinate moved by up to `amplitude` Å.
    #[must_use]
    pub fn perturbed(mut self, random: &mut Random, amplitude: f64) -> Self {
        for component in self.positions.iter_mut().flatten() {
            *component += random.symmetric(amplitude);
        }
        self
    }

    /// The same with other periodic directions. Atoms are not moved: those that left the box stay outside.
    #[must_use]
    pub fn with_periodic(mut self, periodic: [bool; 3]) -> Self {
        self.periodic = periodic;
        self
    }

    /// The same atoms in a box that is `margin` Å larger on every side that is not periodic.
    #[must_use]
    pub fn with_margin(mut self, margin: f64) -> Self {
        for axis in (0..3).filter(|&axis| !self.periodic[axis]) {
            self.origin[axis] -= margin;
            self.lengths[axis] += 2.0 * margin;
        }
        self
    }

    /// Number of atoms.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether there is no atom.
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// Volume of the box, Å^3.
    pub fn volume(&self) -> f64 {
        self.lengths.iter().product()
    }

    /// Edges of the box as rows, Å.
    pub fn edges(&self) -> [Vector3; 3] {
        let ([lx, ly, lz], [xy, xz, yz]) = (self.lengths, self.tilts);
        [[lx, 0.0, 0.0], [xy, ly, 0.0], [xz, yz, lz]]
    }

    /// The `boundary` command.
    pub fn boundary(&self) -> String {
        let [x, y, z] = self.periodic.map(|periodic| if periodic { "p" } else { "f" });
        format!("boundary {x} {y} {z}")
    }

    /// A LAMMPS data file in `atom_style atomic`, every number with all its digits.
    pub fn to_data_file(&self) -> String {
        let mut text =
            format!("structure of a test\n\n{} atoms\n{} atom types\n\n", self.len(), self.type_count);
        for (axis, name) in ["x", "y", "z"].into_iter().enumerate() {
            let (low, high) = (self.origin[axis], self.origin[axis] + self.lengths[axis]);
            writeln!(text, "{low:?} {high:?} {name}lo {name}hi").unwrap();
        }
        if self.tilts != [0.0; 3] {
            let [xy, xz, yz] = self.tilts;
            writeln!(text, "{xy:?} {xz:?} {yz:?} xy xz yz").unwrap();
        }
        text.push_str("\nMasses\n\n");
        for kind in 0..self.type_count {
            writeln!(text, "{} {:?}", kind + 1, MASSES[kind % MASSES.len()]).unwrap();
        }
        text.push_str("\nAtoms # atomic\n\n");
        for (index, (kind, [x, y, z])) in self.types.iter().zip(&self.positions).enumerate() {
            writeln!(text, "{} {kind} {x:?} {y:?} {z:?}", index + 1).unwrap();
        }
        text
    }

    /// The atoms as the library takes them; `species_of_type` has one entry per type, `None` leaves its atoms out.
    pub fn configuration(&self, species_of_type: &[Option<u32>]) -> Configuration {
        let edges = self.edges();
        let vectors: Vec<Vector3> =
            (0..3).filter(|&axis| self.periodic[axis]).map(|axis| edges[axis]).collect();
        let cell = Cell::new(&vectors).expect("the box of a test is a cell");
        let seen = self.types.iter().zip(&self.positions);
        let (species, positions) =
            seen.filter_map(|(kind, position)| Some((species_of_type[kind - 1]?, *position))).unzip();
        Configuration::new(cell, species, positions).expect("species and positions are equally many")
    }

    /// The atoms as the library takes them, with types 1, 2, … as species 0, 1, …
    pub fn plain_configuration(&self) -> Configuration {
        let species: Vec<_> = (0..self.type_count as u32).map(Some).collect();
        self.configuration(&species)
    }

    fn cartesian(&self, fractional: Vector3) -> Vector3 {
        let edges = self.edges();
        std::array::from_fn(|k| self.origin[k] + (0..3).map(|e| fractional[e] * edges[e][k]).sum::<f64>())
    }

    /// Distance from a point to the nearest atom or image, looked for in the neighboring two layers of images.
    fn shortest_distance_to(&self, point: Vector3) -> f64 {
        let edges = self.edges();
        let steps = || -2..=2_i32;
        let mut shortest = f64::INFINITY;
        let images =
            steps().flat_map(|i| steps().flat_map(move |j| steps().map(move |k| [i, j, k].map(f64::from))));
        for image in images {
            let shift: Vector3 = std::array::from_fn(|k| (0..3).map(|e| image[e] * edges[e][k]).sum());
            for atom in self.positions.iter().chain(std::iter::once(&point).filter(|_| image != [0.0; 3])) {
                let square: f64 = (0..3).map(|k| (atom[k] + shift[k] - point[k]).powi(2)).sum();
                shortest = shortest.min(square.sqrt());
            }
        }
        shortest
    }
}
