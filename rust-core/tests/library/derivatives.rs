//! Forces, virials and the heat flux against finite differences of the energy.
//!
//! Central differences have an error that falls like h² until the rounding of the energy, which grows like 1/h, takes
//! over. Both are shown: the fall over a decade of h, and the smallest error over all steps. A wrong derivative has a
//! floor that no step gets below.
//!
//! Potentials are smooth at the cutoff only to first order; where a pair crosses it within a step, the error falls like
//! h. Samples are therefore chosen without pairs near the cutoff.
#![allow(clippy::print_stdout)] // the measured errors are worth seeing

use mtprs_core::evaluate::{Efs, Evaluator};
use mtprs_core::geometry::{Configuration, NeighborList, Vector3, dot, norm};
use mtprs_core::potential::Potential;
use mtprs_testing::agreement::{atom_virial_matrices, largest, virial_matrix};
use mtprs_testing::random::Random;
use mtprs_testing::sample::{Arrangement, Recipe, Table, potential_with_cutoff};
use mtprs_testing::transform::{displaced, mapped};
use mtprs_testing::vectors::{Matrix3, add_scaled, apply, random_vector};

/// Steps, Å for positions and pure numbers for strains.
const STEPS: [f64; 7] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7];

/// Pairs within this distance of the cutoff, Å, could cross it with the step whose error is asserted: atoms move by
/// 0.01 Å each, strains of 0.01 by 0.04 Å.
const CLEAR: f64 = 0.045;

/// Largest of the smallest errors allowed. Measured: 5e-9, which is the rounding of energies of some eV at h = 10⁻⁵ to 10⁻⁶
/// relative to forces of 0.1 to 1 eV/Å.
const BOUND: f64 = 3e-8;

/// Moment tables with numbers of species and of atoms. The short cutoff keeps the number of pairs near it small.
const CASES: [(&str, usize, usize); 9] = [
    ("2", 1, 5),
    ("8", 2, 5),
    ("12", 4, 4),
    ("16", 3, 4),
    ("20", 2, 3),
    ("24", 1, 3),
    ("22-4321", 2, 4),
    ("10-321-w1.1", 1, 4),
    ("14-210-t5", 2, 4),
];
const SHORT_CUTOFF: f64 = 3.6;

struct Sample {
    name: String,
    evaluator: Evaluator,
    configuration: Configuration,
    efs: Efs,
}

impl Sample {
    fn new(name: String, potential: &Potential, configuration: Configuration) -> Self {
        let mut evaluator = Evaluator::new(potential).unwrap();
        let efs = evaluator.evaluate(&configuration).unwrap();
        Self { name, evaluator, configuration, efs }
    }

    fn energy(&mut self, configuration: &Configuration) -> f64 {
        self.evaluator.evaluate(configuration).unwrap().energy
    }
}

/// Samples of every case in cells of the given numbers of periodic directions; cutoff in Å.
fn samples(periodic: &[usize], arrangement: Arrangement, cutoff: f64) -> Vec<Sample> {
    let mut made = Vec::new();
    for (table, species, atoms) in CASES {
        let potential = potential_with_cutoff(table, species, cutoff, table.seed());
        for &periodic in periodic {
            let recipe = Recipe { arrangement, periodic, atoms, species };
            let name = format!("table {table}, {species} species, {periodic} periodic directions");
            let seeds = (0..1000).map(|seed| recipe.make(seed));
            let clear = seeds.filter(|configuration| is_clear(configuration, cutoff));
            let mut samples = clear.map(|configuration| Sample::new(name.clone(), &potential, configuration));
            let strong = |sample: &Sample| largest(sample.efs.forces.as_flattened().iter()) > 0.1;
            made.push(samples.find(strong).expect("one of the samples has forces"));
        }
    }
    made
}

/// Whether no pair is near the cutoff.
fn is_clear(configuration: &Configuration, cutoff: f64) -> bool {
    let pairs = |distance: f64| {
        let list = NeighborList::new(configuration, distance).unwrap();
        (0..list.len()).map(|atom| list.neighbors(atom).0.len()).sum::<usize>()
    };
    pairs(cutoff + CLEAR) == pairs(cutoff - CLEAR)
}

/// Largest deviation of central differences from `exact`, relative to its largest component, for each step.
/// `value(k, h)` is the thing to differentiate with the k-th coordinate moved by h.
fn errors(exact: &[f64], mut value: impl FnMut(usize, f64) -> f64) -> [f64; 7] {
    let scale = largest(exact.iter());
    assert!(scale > 1e-3, "nothing to compare: the derivatives are at most {scale:e}");
    STEPS.map(|h| {
        let error = |k: usize| ((value(k, h) - value(k, -h)) / (2.0 * h) - exact[k]).abs();
        (0..exact.len()).map(error).fold(0.0, f64::max) / scale
    })
}

/// The error falls like h² from 10⁻² to 10⁻³, gets below the bound, and rises again when rounding takes over.
fn assert_plateau(name: &str, errors: &[f64; 7], bound: f64) -> f64 {
    let smallest = errors.iter().copied().fold(f64::INFINITY, f64::min);
    let list: Vec<String> = errors.iter().map(|error| format!("{error:.1e}")).collect();
    println!("{name}: {}", list.join(" "));
    let fall = errors[1] / errors[2];
    assert!((80.0..125.0).contains(&fall), "{name}: error falls by {fall:.1}, expected 100; {errors:?}");
    assert!(smallest < bound, "{name}: smallest error {smallest:e}, bound {bound:e}; {errors:?}");
    assert!(errors[6] > smallest, "{name}: no rounding seen, are the values computed? {errors:?}");
    smallest
}

#[test]
fn forces_are_the_derivatives_of_the_energy() {
    let mut worst = 0.0_f64;
    for arrangement in [Arrangement::Dense, Arrangement::Thin] {
        for mut sample in samples(&[0, 1, 2, 3], arrangement, SHORT_CUTOFF) {
            let exact: Vec<f64> = sample.efs.forces.as_flattened().iter().map(|force| -force).collect();
            let errors = errors(&exact, |k, h| {
                let mut moved = sample.configuration.clone();
                moved.positions.as_flattened_mut()[k] += h;
                sample.energy(&moved)
            });
            worst = worst.max(assert_plateau(&sample.name, &errors, BOUND));
        }
    }
    println!("largest of the smallest errors {worst:.1e}");
}

#[test]
fn the_virial_is_the_derivative_of_the_energy_by_strain() {
    let mut worst = 0.0_f64;
    for mut sample in samples(&[0, 1, 2, 3], Arrangement::Dense, SHORT_CUTOFF) {
        // r → (1 + ε) r gives dE/dε_ab = Σ g_a r_b = −W_ba; the energy depends on the symmetric part only.
        let exact: Vec<f64> = virial_matrix(&sample.efs).as_flattened().iter().map(|w| -w).collect();
        let errors = errors(&exact, |k, h| {
            let mut strain = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
            strain[k / 3][k % 3] += h;
            sample.energy(&mapped(&sample.configuration, &strain))
        });
        worst = worst.max(assert_plateau(&sample.name, &errors, BOUND));
    }
    println!("largest of the smallest errors {worst:.1e}");
}

/// A cluster of atoms with masses (eV (Å/t)⁻², any unit of time) and velocities.
struct Motion {
    masses: Vec<f64>,
    velocities: Vec<Vector3>,
    accelerations: Vec<Vector3>,
}

impl Motion {
    fn random(seed: u64, forces: &[Vector3]) -> Self {
        let mut random = Random::new(seed);
        let masses: Vec<f64> = forces.iter().map(|_| random.between(0.5, 3.0)).collect();
        let velocities = forces.iter().map(|_| random_vector(&mut random, 1.0)).collect();
        let accelerations = forces.iter().zip(&masses).map(|(f, m)| f.map(|x| x / m)).collect();
        Self { masses, velocities, accelerations }
    }
}

/// Of an isolated cluster, the heat flux is the rate of change of Σ r_i E_i with E_i = V_i + m v²/2 on the trajectory
/// with F = m a. With dV_i/dt = Σ_j g_ij·(v_j − v_i) and F_i = Σ_j (g_ij − g_ji) it becomes
///
///     J = Σ_i v_i E_i + Σ_ij r_i g_ij·(v_j − v_i) + Σ_ij (r_i g_ij·v_i − r_j g_ij·v_j)
///       = Σ_i v_i E_i − Σ_ij r_ij (g_ij·v_j)
///       = Σ_i v_i E_i + Σ_j W_j v_j,    W_j = −Σ_i r_ij ⊗ g_ij
///
/// which is true only if W_j collects the interactions in which j is the neighbor, displacement first.
#[test]
fn virials_of_the_atoms_give_the_heat_flux_of_a_cluster() {
    let mut worst = 0.0_f64;
    let mut asymmetric = 0;
    for (number, mut sample) in samples(&[0], Arrangement::Dense, 5.0).into_iter().enumerate() {
        let Motion { masses, velocities, accelerations } = Motion::random(number as u64, &sample.efs.forces);
        let mut flux = [0.0; 3];
        let mut transposed = [0.0; 3];
        for (atom, virial) in atom_virial_matrices(&sample.efs).into_iter().enumerate() {
            let v = velocities[atom];
            let energy = sample.efs.site_energies[atom] + 0.5 * masses[atom] * dot(v, v);
            let convected = v.map(|x| x * energy);
            let other: Matrix3 = std::array::from_fn(|a| std::array::from_fn(|b| virial[b][a]));
            flux = add_scaled(add_scaled(flux, 1.0, convected), 1.0, apply(&virial, v));
            transposed = add_scaled(add_scaled(transposed, 1.0, convected), 1.0, apply(&other, v));
        }
        let mut moment = |axis: usize, t: f64| {
            let moved = displaced(&sample.configuration, t, &velocities);
            let moved = displaced(&moved, 0.5 * t * t, &accelerations);
            let site_energies = sample.evaluator.evaluate(&moved).unwrap().site_energies;
            let atoms = moved.positions.iter().zip(site_energies).enumerate();
            let terms = atoms.map(|(atom, (position, energy))| {
                let v = add_scaled(velocities[atom], t, accelerations[atom]);
                position[axis] * (energy + 0.5 * masses[atom] * dot(v, v))
            });
            terms.sum::<f64>()
        };
        let errors = errors(&flux, &mut moment);
        worst = worst.max(assert_plateau(&sample.name, &errors, BOUND));
        if norm(add_scaled(flux, -1.0, transposed)) > 1e-3 * norm(flux) {
            // the check tells W from its transpose
            let wrong = self::errors(&transposed, &mut moment);
            assert!(wrong.iter().all(|&error| error > 2e-4), "{}: {wrong:?}", sample.name);
            asymmetric += 1;
        }
    }
    assert!(asymmetric >= 4, "only {asymmetric} samples tell the virials of the atoms from their transposes");
    println!("largest of the smallest errors {worst:.1e}");
}
