//! Properties of MgO by the potential of the recipes, held against each other, against supercells and against rotated crystals.

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::load_potential;
use mtprs_core::geometry::{Cell, Configuration, Vector3, dot, norm};
use mtprs_core::potential::Potential;
use mtprs_testing::workspace;

use super::defects::{Vacancies, sites};
use super::elastic::ElasticConstants;
use super::eos::EquationOfState;
use super::force_constants::ForceConstants;
use super::lattice::{combined, primitive, repeated, sum};
use super::phonons::Phonons;
use super::surfaces::{Outcome, Surface};
use super::{Calculator, Crystal};
use crate::processes::Interrupt;

/// Calls `check` with a calculator.
fn with_calculator(check: impl FnOnce(Calculator)) {
    let (interrupt, done) = (Interrupt::default(), || {});
    check(Calculator::new(&potential(), None, &interrupt, &done).unwrap());
}

fn potential() -> Potential {
    load_potential(&workspace().join("examples/recipes/MgO.mtp")).unwrap()
}

fn crystal(calculator: &Calculator, atoms: &Configuration) -> Crystal {
    let names = ["Mg", "O"].map(str::to_owned).to_vec();
    Crystal::relaxed(&mut calculator.clone(), atoms, names).unwrap()
}

/// Rock salt in a cube.
fn rock_salt() -> Configuration {
    let edge = 4.4;
    let corners = [[0.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.5, 0.5]];
    let places = corners.into_iter().chain(corners.map(|corner| sum(corner, [0.5, 0.0, 0.0])));
    let positions = places.map(|place: Vector3| place.map(|x| edge * x)).collect();
    let cell = Cell::new(&[[edge, 0.0, 0.0], [0.0, edge, 0.0], [0.0, 0.0, edge]]).unwrap();
    Configuration::new(cell, vec![0, 0, 0, 0, 1, 1, 1, 1], positions).unwrap()
}

/// Everything turned by the same angles.
fn rotated(atoms: &Configuration) -> Configuration {
    let about = |vector: Vector3, axis: usize, angle: f64| {
        let (a, b) = ((axis + 1) % 3, (axis + 2) % 3);
        let mut turned = vector;
        turned[a] = angle.cos() * vector[a] - angle.sin() * vector[b];
        turned[b] = angle.sin() * vector[a] + angle.cos() * vector[b];
        turned
    };
    let turn = |vector: &Vector3| about(about(*vector, 2, 0.4), 0, -0.7);
    let vectors: Vec<Vector3> = atoms.cell.vectors().iter().map(turn).collect();
    let positions = atoms.positions.iter().map(turn).collect();
    Configuration::new(Cell::new(&vectors).unwrap(), atoms.species.clone(), positions).unwrap()
}

fn assert_close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} and {b} differ by more than {tolerance}");
}

#[test]
fn the_smallest_cell_is_found_in_any_cell() {
    with_calculator(|calculator| {
        let cube = crystal(&calculator, &rock_salt());
        assert_eq!((cube.description.formula.as_str(), cube.primitive.len()), ("Mg4O4", 2));
        let volume = cube.atoms.cell.volume().unwrap() / 4.0;
        for atoms in [repeated(&cube.atoms, [2, 1, 3]).unwrap(), rotated(&cube.atoms)] {
            let smallest = primitive(&atoms).unwrap();
            assert_eq!(smallest.len(), 2);
            assert_close(smallest.cell.volume().unwrap(), volume, 1e-9 * volume);
        }
        // With one atom out of its place there is no smaller cell.
        let mut moved = cube.atoms.clone();
        moved.positions[3][0] += 0.1;
        assert_eq!(primitive(&moved).unwrap(), moved);
        assert_eq!(sites(&cube).unwrap(), [(0, 4), (4, 4)]);
        // Equal energies alone do not make equivalent sites.
        let mut moved = cube.clone();
        moved.atoms.positions[0][0] += 0.05;
        let found = sites(&moved).unwrap();
        assert_eq!(found[0], (0, 1));
        assert_eq!(found.iter().map(|(_, count)| count).sum::<usize>(), 8);
    });
}

/// Two ways to the bulk modulus. This potential is far from harmonic: half the range of volumes makes 1 GPa of difference, a tenth of
/// the strain 4 GPa.
#[test]
fn elastic_constants_are_cubic_and_go_with_the_equation_of_state() {
    with_calculator(|calculator| {
        let crystal = crystal(&calculator, &rock_salt());
        let elastic = ElasticConstants::of(&crystal, &calculator, 0.005).unwrap();
        let equation = EquationOfState::of(&crystal, &calculator).unwrap();
        let [c11, c12, c44] = elastic.cubic.expect("a cubic crystal");
        assert!(elastic.is_stable && c11 > c12 && c44 > 0.0);
        assert!(elastic.asymmetry < 1e-3 && elastic.change < 5.0, "{elastic:?}");
        let limit = ElasticConstants::of(&crystal, &calculator, 0.0002).unwrap().constants[0][0];
        assert!((c11 - limit).abs() < 1.1 * elastic.accuracy(), "{c11} {limit} {}", elastic.accuracy());
        let bulk = (c11 + 2.0 * c12) / 3.0;
        assert_close(elastic.averages.unwrap().bulk[2], bulk, 1e-6);
        assert_close(bulk, equation.inner.0, 0.03 * bulk);
        let half_range = (equation.inner.0 - equation.bulk_modulus).abs();
        assert_close(bulk, equation.bulk_modulus, 4.0 * half_range);
        assert_close(equation.volume, crystal.description.volume / 8.0, 1e-3);
        assert_close(equation.energy, crystal.energy_per_atom(), 1e-4);
        assert!(equation.residual < 0.1);
    });
}

#[test]
fn scalars_do_not_hang_on_the_orientation() {
    with_calculator(|calculator| {
        let (straight, turned) =
            (crystal(&calculator, &rock_salt()), crystal(&calculator, &rotated(&rock_salt())));
        assert_close(straight.energy, turned.energy, 1e-7);
        let of = |crystal: &Crystal| ElasticConstants::of(crystal, &calculator, 0.0005).unwrap();
        let (a, b) = (of(&straight), of(&turned));
        assert!(b.cubic.is_none(), "the axes are not those of the cube");
        let (one, other) = (a.averages.unwrap(), b.averages.unwrap());
        for (one, other) in [(one.bulk, other.bulk), (one.shear, other.shear)] {
            // Strains along other directions: their higher orders, in proportion to the strain.
            (0..3).for_each(|k| assert_close(one[k], other[k], 0.1));
        }
        assert_close(one.poisson, other.poisson, 1e-3);
        let of = |crystal: &Crystal| Phonons::of(crystal, &calculator, 0.01).unwrap();
        let (a, b) = (of(&straight), of(&turned));
        // Displacements along other directions: their third order.
        assert_close(a.highest, b.highest, 0.01);
        assert_close(a.at_gamma()[5], b.at_gamma()[5], 0.01);
    });
}

#[test]
fn acoustic_modes_vanish_and_the_cell_does_not_matter() {
    with_calculator(|calculator| {
        let cube = crystal(&calculator, &rock_salt());
        let phonons = Phonons::of(&cube, &calculator, 0.01).unwrap();
        let gamma = phonons.at_gamma();
        assert_eq!(gamma.len(), 6);
        assert!(gamma[..3].iter().all(|frequency| frequency.abs() < 1e-3), "{gamma:?}");
        assert_close(gamma[3], gamma[5], 1e-3);
        assert!(phonons.sum_rule < 1e-3 && phonons.asymmetry < 5e-3, "{phonons:?}");
        assert!(!phonons.is_unstable());
        let states: f64 = phonons
            .density
            .windows(2)
            .map(|pair| 0.5 * (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1))
            .sum();
        assert_close(states, 6.0, 0.01);
        let given = crystal(&calculator, &cube.primitive);
        let again = Phonons::of(&given, &calculator, 0.01).unwrap();
        assert_close(again.highest, phonons.highest, 1e-3);
        assert_close(again.heat.unwrap().zero_point_energy, phonons.heat.unwrap().zero_point_energy, 1e-3);
    });
}

/// Clusters leave out what cancels: the force constants are those of a supercell of four cutoffs.
#[test]
fn force_constants_are_those_of_a_large_supercell() {
    with_calculator(|calculator| {
        const SIZE: usize = 7;
        let displacement = 0.01;
        let cell = crystal(&calculator, &rock_salt()).primitive;
        let constants = ForceConstants::of(&cell, &calculator, displacement).unwrap();
        let vectors: [Vector3; 3] = std::array::from_fn(|k| cell.cell.vectors()[k]);
        let mut evaluator = Evaluator::new(&potential()).unwrap();
        let mut forces = |sign: f64| {
            let mut large = repeated(&cell, [SIZE; 3]).unwrap();
            large.positions[0][1] += sign * displacement;
            evaluator.evaluate(&large).unwrap().forces
        };
        let (plus, minus) = (forces(1.0), forces(-1.0));
        let (mut compared, mut largest) = (0, 0.0_f64);
        for (&(i, j, numbers), matrix) in &constants.matrices {
            // Symmetric constants and a sum of zero are not in these forces, and change them by up to 0.001.
            if i != 0 {
                continue;
            }
            let place = numbers.map(|n| n.rem_euclid(SIZE as i32) as usize);
            let atom = ((place[0] * SIZE + place[1]) * SIZE + place[2]) * cell.len() + j;
            for row in 0..3 {
                let expected = -(plus[atom][row] - minus[atom][row]) / (2.0 * displacement);
                assert_close(matrix[row][1], expected, 1e-3);
                largest = largest.max(expected.abs());
            }
            compared += 1;
        }
        assert!(compared > 300 && largest > 1.0, "{compared} {largest}");
        assert!(norm(combined(&vectors, [1, 0, 0])) < 3.3, "the primitive cell");
    });
}

/// Of one cut the energy hangs on the thickness only while both faces see each other.
#[test]
fn a_surface_has_an_energy_of_its_own() {
    with_calculator(|calculator| {
        let crystal = crystal(&calculator, &rock_salt());
        let millers = ["100", "010", "110", "111"].map(|text| text.parse().unwrap());
        let of = |thickness| {
            let surfaces = Surface::all(&millers, &crystal, &calculator, thickness, 1e-3).unwrap();
            let energy = |surface: &Surface| match &surface.outcome {
                Outcome::Relaxed(slab) => Some((slab.energy, slab.middle)),
                _ => None,
            };
            surfaces.iter().map(energy).collect::<Vec<_>>()
        };
        let (thin, thick) = (of(20.0), of(32.0));
        assert_eq!(thin[3], None, "(111) is polar");
        for ((thin, _), (thick, middle)) in thin.iter().flatten().zip(thick.iter().flatten()) {
            assert_close(*thin, *thick, 0.01);
            assert!(*middle < 0.005, "{middle}");
        }
        let [first, second] = [thick[0], thick[1]].map(|found| found.unwrap().0);
        // Up to the force that is left.
        assert_close(first, second, 1e-3);
    });
}

#[test]
fn a_vacancy_needs_a_large_cell() {
    with_calculator(|calculator| {
        let crystal = crystal(&calculator, &rock_salt());
        let of = |width| Vacancies::of(&crystal, &calculator, width, 1e-3).unwrap();
        let (small, large) = (of(13.0), of(17.0));
        assert_eq!((small.copies, large.copies, large.formula.as_str()), ([3; 3], [4; 3], "MgO"));
        assert_close(small.energy, large.energy, small.accuracy.unwrap());
        assert_close(large.accuracy.unwrap(), (small.energy - large.energy).abs(), 1e-3);
        assert!(large.accuracy < small.accuracy);
        // Without relaxation two cutoffs are enough.
        assert_close(small.unrelaxed_energy, large.unrelaxed_energy, 1e-6);
        assert!(large.energy < large.unrelaxed_energy);
    });
}

#[test]
fn what_is_no_crystal_is_refused() {
    with_calculator(|calculator| {
        let refused =
            |atoms: &Configuration| Crystal::relaxed(&mut calculator.clone(), atoms, Vec::new()).unwrap_err();
        let cube = rock_salt();
        let slab = Configuration { cell: Cell::new(&cube.cell.vectors()[..2]).unwrap(), ..cube.clone() };
        let message = format!("{:?}", refused(&slab));
        assert!(message.contains("repeats in three directions, got 2"), "{message}");
        let empty = Configuration::new(cube.cell.clone(), Vec::new(), Vec::new()).unwrap();
        assert!(format!("{:?}", refused(&empty)).contains("without atoms"));
    });
}

#[test]
fn planes_of_a_rotated_cell_are_normal_to_their_direction() {
    let turned = rotated(&rock_salt());
    let vectors: [Vector3; 3] = std::array::from_fn(|k| turned.cell.vectors()[k]);
    let planes = super::slab::Planes::new(&turned, &vectors, "110".parse().unwrap());
    assert_close(planes.period(), 4.4 / 2.0_f64.sqrt(), 1e-9);
    let slab = planes.slab(3).unwrap().unwrap();
    assert_close(slab.area, 4.4 * 4.4 * 2.0_f64.sqrt(), 1e-9);
    let [u, v] = [slab.atoms.cell.vectors()[0], slab.atoms.cell.vectors()[1]];
    assert_close(dot(u, v), 0.0, 1e-9);
}
