//! Everything that LAMMPS can say about one configuration, to be held against the library.

use mtprs_core::evaluate::{ConfigurationNeighborhoods, Evaluator, Wanted};
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;

use super::job::Finished;
use mtprs_testing::compare::assert_close;
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic::three_species;

/// `nktv2p` of `units metal`: bar per eV/Å^3.
pub const PRESSURE_UNIT: f64 = 1.602_176_5e6;

/// Both sides sum the same terms, in another order and with images that LAMMPS shifts by whole boxes: energies and forces
/// agree to a few times 1e-14.
pub const SAME_NUMBERS: f64 = 1e-12;

/// Energy, forces, virials of a run.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Potential energy, eV.
    pub energy: f64,
    /// Per-atom energies, eV.
    pub atom_energies: Vec<f64>,
    /// Forces, atom after atom, eV/Å.
    pub forces: Vec<f64>,
    /// Virial from `compute pressure NULL virial`, xx yy zz xy xz yz, eV.
    pub virial: Vec<f64>,
    /// From `compute stress/atom NULL virial`, six per atom, with the sign of the virial, eV.
    pub atom_virials: Vec<f64>,
    /// From `compute centroid/stress/atom NULL virial`, nine per atom, with the sign of the virial, eV.
    pub centroid_virials: Vec<f64>,
}

/// Commands that evaluate the present configuration and write what [`Finished::probe`] reads under the same name.
pub fn probe(name: &str) -> String {
    format!(
        "compute probe_energy all pe/atom pair
         compute probe_stress all stress/atom NULL virial
         compute probe_centroid all centroid/stress/atom NULL virial
         compute probe_virial all pressure NULL virial
         thermo_style custom step pe c_probe_virial[1]
         dump probe all custom 1 {name}.dump id type proc x y z fx fy fz c_probe_energy c_probe_stress[*] c_probe_centroid[*]
         dump_modify probe sort id format float %.17g
         run 0 post no
         print \"{name}-energy $(pe:%.17g)\"
         print \"{name}-virial $(c_probe_virial[1]:%.17g) $(c_probe_virial[2]:%.17g) $(c_probe_virial[3]:%.17g) &
         $(c_probe_virial[4]:%.17g) $(c_probe_virial[5]:%.17g) $(c_probe_virial[6]:%.17g)\"
         print \"{name}-box $(lx:%.17g) $(ly:%.17g) $(lz:%.17g) $(xy:%.17g) $(xz:%.17g) $(yz:%.17g)\"
         undump probe
         uncompute probe_energy
         uncompute probe_stress
         uncompute probe_centroid
         thermo_style one
         uncompute probe_virial
        "
    )
}

impl Finished {
    /// The atoms that [`probe`] of the same name saw, in a box with all edges periodic.
    pub fn structure(&self, name: &str) -> Structure {
        let frames = self.dump(&format!("{name}.dump"));
        let frame = frames.last().expect("a dump has a frame");
        let types: Vec<usize> = frame.column("type").iter().map(|kind| *kind as usize).collect();
        let [lx, ly, lz, xy, xz, yz] = self.numbers(&format!("{name}-box"))[..] else {
            panic!("a box has six numbers")
        };
        let rows = frame.columns(&["x", "y", "z"]);
        Structure {
            origin: [0.0; 3],
            lengths: [lx, ly, lz],
            tilts: [xy, xz, yz],
            periodic: [true; 3],
            type_count: types.iter().copied().max().expect("there are atoms"),
            types,
            positions: rows.as_chunks().0.to_vec(),
        }
    }

    /// What [`probe`] of the same name wrote.
    pub fn probe(&self, name: &str) -> Probe {
        let frames = self.dump(&format!("{name}.dump"));
        let frame = frames.last().expect("a dump has a frame");
        let volume = self.structure(name).volume();
        let in_electronvolt =
            |values: Vec<f64>, factor: f64| values.iter().map(|value| value * factor).collect();
        Probe {
            energy: self.number(&format!("{name}-energy")),
            atom_energies: frame.column("c_probe_energy").to_vec(),
            forces: frame.forces(),
            virial: in_electronvolt(self.numbers(&format!("{name}-virial")), volume / PRESSURE_UNIT),
            // LAMMPS's stress is tensile: the negative of the virial
            atom_virials: in_electronvolt(frame.array("c_probe_stress", 6), -1.0 / PRESSURE_UNIT),
            centroid_virials: in_electronvolt(frame.array("c_probe_centroid", 9), -1.0 / PRESSURE_UNIT),
        }
    }
}

impl Probe {
    /// `factor` times these numbers.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        self.energy *= factor;
        self.lists().into_iter().flatten().for_each(|value| *value *= factor);
        self
    }

    /// These numbers plus those of another potential for the same atoms.
    #[must_use]
    pub fn plus(mut self, mut other: Self) -> Self {
        self.energy += other.energy;
        for (sum, values) in self.lists().into_iter().zip(other.lists()) {
            assert_eq!(sum.len(), values.len(), "both potentials see the same atoms");
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += *value);
        }
        self
    }

    fn lists(&mut self) -> [&mut Vec<f64>; 5] {
        let Self { energy: _, atom_energies, forces, virial, atom_virials, centroid_virials } = self;
        [atom_energies, forces, virial, atom_virials, centroid_virials]
    }

    /// What the library says about a configuration.
    pub fn of_library(potential: &Potential, configuration: &Configuration) -> Self {
        let mut evaluator = Evaluator::new(potential).expect("the potential is trained");
        let atoms = ConfigurationNeighborhoods::of_potential(configuration, potential)
            .expect("the configuration of a test is valid");
        let wanted =
            Wanted { site_energies: true, atom_virials: true, centroid_virials: true, ..Wanted::default() };
        let tally = evaluator.tally(&atoms, wanted).expect("the configuration of a test can be evaluated");
        Self {
            energy: tally.energy,
            atom_energies: tally.site_energies.clone(),
            forces: tally.forces.as_flattened().to_vec(),
            virial: tally.virial.to_vec(),
            atom_virials: tally.atom_virials.as_flattened().to_vec(),
            centroid_virials: tally.centroid_virials.as_flattened().to_vec(),
        }
    }

    /// What the library says about a structure with the potential of most tests.
    pub fn of_crystal(structure: &Structure) -> Self {
        Self::of_library(&three_species(5.0), &structure.plain_configuration())
    }

    /// Fails unless all numbers agree to `tolerance`, relative to the largest of their kind.
    pub fn assert_close(&self, expected: &Self, tolerance: f64, what: &str) {
        let close = |kind: &str, got: &[f64], expected: &[f64]| {
            assert_close(&format!("{what}: {kind}"), got, expected, tolerance);
        };
        close("energy", &[self.energy], &[expected.energy]);
        close("energies of atoms", &self.atom_energies, &expected.atom_energies);
        close("forces", &self.forces, &expected.forces);
        close("virial", &self.virial, &expected.virial);
        close("virials of atoms", &self.atom_virials, &expected.atom_virials);
        close("centroid virials of atoms", &self.centroid_virials, &expected.centroid_virials);
    }

    /// Fails unless the per-atom numbers sum to the totals, to `tolerance` relative to their size.
    pub fn assert_sums(&self, tolerance: f64, what: &str) {
        let energy: f64 = self.atom_energies.iter().sum();
        assert_close(&format!("{what}: sum of atom energies"), &[energy], &[self.energy], tolerance);
        let half = column_sums(&self.atom_virials, 6);
        assert_close(&format!("{what}: sum of atom virials"), &half, &self.virial, tolerance);
        let nine = column_sums(&self.centroid_virials, 9);
        let [xx, yy, zz, xy, xz, yz] = self.virial[..] else { panic!("{what}: a virial has six components") };
        let expected = [xx, yy, zz, xy, xz, yz, xy, xz, yz];
        assert_close(&format!("{what}: sum of centroid virials"), &nine, &expected, tolerance);
    }
}

fn column_sums(values: &[f64], width: usize) -> Vec<f64> {
    (0..width).map(|column| values.iter().skip(column).step_by(width).sum()).collect()
}
