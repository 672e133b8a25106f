//! Boxes of LAMMPS: restricted triclinic ones by bounds and tilt factors, general ones by three vectors and an origin.
//!
//! Whatever lattice a structure has, [`restricted`] turns it so that a lies along x and b in the plane of x and y.

use mtprs_core::geometry::{Vector3, Virial, cross, dot};
use mtprs_core::{Error, ErrorKind, Result};

use super::structure::{Lattice, Structure};

/// Space around the atoms in a direction that does not repeat and has no length, Å.
const MARGIN: f64 = 1.0;

/// The lattice of bounds (lo, hi) and tilt factors xy, xz, yz.
pub(super) fn of_bounds(bounds: [[f64; 2]; 3], [xy, xz, yz]: [f64; 3], periodic: [bool; 3]) -> Lattice {
    let [lx, ly, lz] = bounds.map(|[low, high]| high - low);
    let origin = bounds.map(|[low, _]| low);
    Lattice { vectors: [[lx, 0.0, 0.0], [xy, ly, 0.0], [xz, yz, lz]], periodic, origin }
}

/// Bounds of the box itself from those of the cuboid around it, which dumps give.
pub(super) fn from_enclosing(bounds: [[f64; 2]; 3], [xy, xz, yz]: [f64; 3]) -> [[f64; 2]; 3] {
    let [[xlo, xhi], [ylo, yhi], z] = bounds;
    let (left, right) = ([0.0, xy, xz, xy + xz], [0.0, yz]);
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [[xlo - least(&left), xhi - most(&left)], [ylo - least(&right), yhi - most(&right)], z]
}

/// Reads a word for both boundaries of a direction, like `pp` or `fs`: whether it repeats.
pub(super) fn is_periodic(word: &str) -> Option<bool> {
    let known = !word.is_empty() && word.len() <= 2 && word.chars().all(|side| "pfsm".contains(side));
    known.then(|| word.starts_with('p'))
}

/// The structure in LAMMPS's orientation, with a lattice of three known vectors. Nothing is changed where it has that
/// orientation already.
pub(crate) fn restricted(structure: &Structure) -> Result<(Structure, Lattice)> {
    let mut structure = structure.clone();
    let mut lattice = completed(&structure)?;
    if is_left_handed(&lattice.vectors) {
        reflect(&mut lattice);
    }
    let [a, b, c] = lattice.vectors;
    let is_restricted = a[1] == 0.0 && a[2] == 0.0 && b[2] == 0.0 && a[0] > 0.0 && b[1] > 0.0 && c[2] > 0.0;
    if !is_restricted {
        let axes = axes(a, b)?;
        lattice.vectors = [a, b, c].map(|vector| along(&axes, vector));
        // What is zero in exact arithmetic is zero in LAMMPS.
        lattice.vectors[0][1] = 0.0;
        lattice.vectors[0][2] = 0.0;
        lattice.vectors[1][2] = 0.0;
        lattice.origin = along(&axes, lattice.origin);
        turn(&mut structure, &axes);
    }
    Ok((structure, lattice))
}

/// Turns everything that has a direction.
fn turn(structure: &mut Structure, axes: &[Vector3; 3]) {
    let configuration = &mut structure.configuration;
    let vectors =
        [Some(&mut configuration.positions), configuration.forces.as_mut(), structure.velocities.as_mut()];
    for vector in vectors.into_iter().flatten().flatten() {
        *vector = along(axes, *vector);
    }
    if let Some(Virial { xx, yy, zz, yz, xz, xy }) = configuration.virial {
        let rows = [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]];
        let half = axes.map(|axis| rows.map(|row| dot(row, axis)));
        let component = |p: usize, q: usize| dot(half[p], axes[q]);
        let turned = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)].map(|(p, q)| component(p, q));
        configuration.virial = Some(Virial::from_cfg_order(turned));
    }
}

/// The lattice with vectors for the directions that have none, and with room for all atoms where it does not repeat:
/// LAMMPS loses atoms outside.
fn completed(structure: &Structure) -> Result<Lattice> {
    let mut lattice = structure.lattice();
    let positions = &structure.configuration.positions;
    for k in 0..3 {
        if lattice.vectors[k] != [0.0; 3] {
            continue;
        }
        let normal = normal_to(&lattice.vectors, k)?;
        let (lowest, highest) = heights(positions, normal);
        let shift = lowest - MARGIN - dot(lattice.origin, normal);
        lattice.origin = std::array::from_fn(|i| lattice.origin[i] + shift * normal[i]);
        lattice.vectors[k] = normal.map(|component| component * (highest - lowest + 2.0 * MARGIN));
    }
    for k in 0..3 {
        if !lattice.periodic[k] {
            stretch(&mut lattice, k, positions)?;
        }
    }
    Ok(lattice)
}

/// Makes a vector that does not repeat reach over all atoms; it keeps its direction.
fn stretch(lattice: &mut Lattice, k: usize, positions: &[Vector3]) -> Result<()> {
    let vector = lattice.vectors[k];
    let normal = normal_to(&lattice.vectors, k)?;
    let normal = if dot(vector, normal) < 0.0 { normal.map(|component| -component) } else { normal };
    let height = dot(vector, normal);
    let (lowest, highest) = heights(positions, normal);
    let bottom = dot(lattice.origin, normal);
    let room = |missing: f64| if missing > 0.0 { missing + MARGIN } else { 0.0 };
    let (below, above) = (room(bottom - lowest), room(highest - bottom - height));
    if below > 0.0 || above > 0.0 {
        lattice.origin = std::array::from_fn(|i| lattice.origin[i] - vector[i] * (below / height));
        lattice.vectors[k] = vector.map(|component| component * ((below + height + above) / height));
    }
    Ok(())
}

/// The lowest and the highest atom along a direction.
fn heights(positions: &[Vector3], direction: Vector3) -> (f64, f64) {
    let heights = positions.iter().map(|&position| dot(position, direction));
    let bounds = heights.fold(None, |bounds, height| {
        let (low, high) = bounds.unwrap_or((height, height));
        Some((height.min(low), height.max(high)))
    });
    bounds.unwrap_or((0.0, 0.0))
}

/// A unit vector normal to the two vectors other than `k`, those without length filled up.
fn normal_to(vectors: &[Vector3; 3], k: usize) -> Result<Vector3> {
    let others = [vectors[(k + 1) % 3], vectors[(k + 2) % 3]];
    let normal = match others {
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]] => std::array::from_fn(|i| f64::from(u8::from(i == k))),
        [a, [0.0, 0.0, 0.0]] | [[0.0, 0.0, 0.0], a] => {
            // The axis of this direction made normal to the vector, or another axis where that one is parallel.
            let preferred = (0..3).map(|shift| (k + shift) % 3);
            let projected = preferred.map(|axis| {
                let unit: Vector3 = std::array::from_fn(|i| f64::from(u8::from(i == axis)));
                let share = dot(unit, a) / dot(a, a);
                std::array::from_fn(|i| unit[i] - share * a[i])
            });
            projected.into_iter().find(|vector: &Vector3| dot(*vector, *vector) > 0.1).unwrap_or([0.0; 3])
        }
        [a, b] => cross(a, b),
    };
    unit(normal)
}

/// Replaces the last vector that may be replaced by its opposite, which spans the same lattice.
fn reflect(lattice: &mut Lattice) {
    let vector = lattice.vectors[2];
    if !lattice.periodic[2] {
        // The box itself must stay where it is.
        lattice.origin = std::array::from_fn(|i| lattice.origin[i] + vector[i]);
    }
    lattice.vectors[2] = vector.map(|component| -component);
}

fn is_left_handed([a, b, c]: &[Vector3; 3]) -> bool {
    dot(cross(*a, *b), *c) < 0.0
}

/// LAMMPS's axes x, y, z for vectors a and b.
fn axes(a: Vector3, b: Vector3) -> Result<[Vector3; 3]> {
    let x = unit(a)?;
    let z = unit(cross(a, b))?;
    Ok([x, cross(z, x), z])
}

fn along(axes: &[Vector3; 3], vector: Vector3) -> Vector3 {
    axes.map(|axis| dot(axis, vector))
}

fn unit(vector: Vector3) -> Result<Vector3> {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 && length.is_finite() {
        return Ok(vector.map(|component| component / length));
    }
    Err(Error::new(ErrorKind::InvalidConfiguration, "the cell vectors are linearly dependent"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structure(vectors: [Vector3; 3], periodic: [bool; 3], positions: Vec<Vector3>) -> Structure {
        let lattice = Lattice { vectors, periodic, origin: [0.0; 3] };
        let species = vec![0; positions.len()];
        Structure::new(lattice, species, positions).unwrap()
    }

    #[test]
    fn bounds_of_the_cuboid_around_a_box_give_the_box() {
        let bounds = [[0.0, 4.0], [1.0, 6.0], [-1.0, 5.0]];
        let (xy, xz, yz) = (-1.5, 0.5, 2.0);
        let enclosing = [[0.0 - 1.5, 4.0 + 0.5], [1.0, 6.0 + 2.0], [-1.0, 5.0]];
        assert_eq!(from_enclosing(enclosing, [xy, xz, yz]), bounds);
        let lattice = of_bounds(bounds, [xy, xz, yz], [true, false, true]);
        assert_eq!(lattice.vectors, [[4.0, 0.0, 0.0], [-1.5, 5.0, 0.0], [0.5, 2.0, 6.0]]);
        assert_eq!(lattice.origin, [0.0, 1.0, -1.0]);
    }

    #[test]
    fn turning_keeps_lengths_angles_and_what_a_virial_does_to_a_vector() {
        let vectors = [[1.0, 4.0, 0.5], [0.0, 1.0, 5.0], [6.0, 0.25, 1.0]];
        let mut structure = structure(vectors, [true; 3], vec![[0.5, 0.25, 1.0], [3.0, 2.0, -1.0]]);
        structure.configuration.forces = Some(vec![[1.0, -2.0, 0.5], [0.25, 1.0, 3.0]]);
        structure.configuration.virial =
            Some(Virial { xx: 1.0, yy: 2.0, zz: 3.0, yz: 0.5, xz: -0.25, xy: 0.75 });
        let (turned, lattice) = restricted(&structure).unwrap();
        let quadratic = |structure: &Structure| {
            let Virial { xx, yy, zz, yz, xz, xy } = structure.configuration.virial.unwrap();
            let [x, y, z] = structure.configuration.positions[1];
            xx * x * x + yy * y * y + zz * z * z + 2.0 * (yz * y * z + xz * x * z + xy * x * y)
        };
        assert!((quadratic(&turned) - quadratic(&structure)).abs() < 1e-12);
        let work = |structure: &Structure| {
            let configuration = &structure.configuration;
            dot(configuration.positions[1], configuration.forces.as_ref().unwrap()[0])
        };
        assert!((work(&turned) - work(&structure)).abs() < 1e-12);
        for (p, q) in [(0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2)] {
            let expected = dot(vectors[p], vectors[q]);
            assert!((dot(lattice.vectors[p], lattice.vectors[q]) - expected).abs() < 1e-12, "{p} {q}");
        }
        assert!(lattice.vectors.iter().zip(0..).all(|(vector, k): (_, usize)| vector[k] > 0.0));
    }

    #[test]
    fn a_left_handed_cell_gets_the_opposite_of_its_last_vector() {
        let vectors = [[4.0, 0.0, 0.0], [0.0, 0.0, 5.0], [0.0, 6.0, 0.0]];
        let (_, lattice) = restricted(&structure(vectors, [true; 3], vec![[1.0; 3]])).unwrap();
        assert_eq!(lattice.vectors, [[4.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 6.0]]);
    }

    #[test]
    fn open_directions_get_room_for_all_atoms() {
        let atoms = vec![[1.0, 2.0, -3.0], [2.0, 2.5, 4.0]];
        let (_, lattice) = restricted(&structure([[0.0; 3]; 3], [false; 3], atoms.clone())).unwrap();
        assert_eq!(lattice.origin, [0.0, 1.0, -4.0]);
        assert_eq!([0, 1, 2].map(|k| lattice.vectors[k][k]), [3.0, 2.5, 9.0]);
        let slab = [[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 6.0]];
        let (_, lattice) = restricted(&structure(slab, [true, true, false], atoms)).unwrap();
        assert_eq!((lattice.origin, lattice.vectors[2]), ([0.0, 0.0, -4.0], [0.0, 0.0, 10.0]));
    }
}
