//! Displacements of atoms that are followed from frame to frame, across the faces of the cell.
//!
//! In a cell that stays the same, displacements are Cartesian. In one that changes they are those of the fractional
//! coordinates, times one cell: positions in the cell of the moment would turn its fluctuations into displacements, which
//! grow with the number of faces that an atom has crossed (S. von Bülow, J. T. Bullerjahn, G. Hummer, J. Chem. Phys. 153,
//! 021101, 2020).

use mtprs_core::geometry::{Cell, Configuration, Vector3, dot, norm};
use mtprs_core::{Error, ErrorKind, Result};

/// The longest step of an atom from one frame to the next, as a part of the cell, that is taken for what it seems where
/// atoms may have been put back into the cell. From half of the cell on, it would be taken for a step the other way.
const LONGEST_STEP: f64 = 0.4;

/// The largest change of a vector of the cell from one frame to the next, as a part of its length, that is taken for one of
/// the cell and not of the choice of its vectors.
const LARGEST_CHANGE: f64 = 0.25;

/// How far apart, Å, atoms of one frame may be in two files.
const SAME: f64 = 0.01;

/// Displacements of all atoms from the first frame.
#[derive(Clone, Debug)]
pub(super) struct Unwrapping {
    first: Cell,
    last: Cell,
    duals: Vec<Vector3>,
    changes: bool,
    frames: u64,
    /// Sum of the vectors of the cells of all frames, Å.
    sum: Vec<Vector3>,
    positions: Vec<Vector3>,
    displacements: Vec<Vector3>,
    crossings: u64,
}

/// The atoms of a frame, in the same order in all frames.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places<'a> {
    pub(super) cell: &'a Cell,
    /// What messages call the atoms.
    pub(super) ids: &'a [i64],
    /// Å.
    pub(super) positions: &'a [Vector3],
    /// Whether none of the atoms was put back into the cell.
    pub(super) is_unwrapped: bool,
}

impl<'a> Places<'a> {
    /// Those of a configuration.
    pub(super) fn of(configuration: &'a Configuration, is_unwrapped: bool) -> Self {
        let Configuration { cell, ids, positions, .. } = configuration;
        Self { cell, ids, positions, is_unwrapped }
    }
}

impl Unwrapping {
    /// Begins with a frame.
    pub(super) fn new(places: Places<'_>) -> Self {
        let cell = places.cell;
        Self {
            first: cell.clone(),
            last: cell.clone(),
            duals: cell.duals(),
            changes: false,
            frames: 1,
            sum: cell.vectors().to_vec(),
            positions: places.positions.to_vec(),
            displacements: vec![[0.0; 3]; places.positions.len()],
            crossings: 0,
        }
    }

    /// Displacements from the first frame, Å.
    pub(super) fn displacements(&self) -> &[Vector3] {
        &self.displacements
    }

    /// How often an atom was put back into the cell.
    pub(super) fn crossings(&self) -> u64 {
        self.crossings
    }

    /// Takes in the next frame, of as many atoms.
    pub(super) fn push(&mut self, places: Places<'_>) -> Result<()> {
        let cell = places.cell;
        let vectors = cell.vectors();
        self.changes |= *cell != self.first;
        if self.changes && (vectors.len() < 3 || self.first.vectors().len() < 3) {
            let message = "the cell changes and is not periodic in three directions: displacements in it are meaningless";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        self.check_change(cell)?;
        let duals = cell.duals();
        for atom in 0..self.positions.len() {
            let (from, to) = (self.positions[atom], places.positions[atom]);
            let mut turned = [0.0; 3];
            let mut step = if self.changes { [0.0; 3] } else { [0, 1, 2].map(|axis| to[axis] - from[axis]) };
            for (k, (before, now)) in self.duals.iter().zip(&duals).enumerate() {
                let part = dot(*now, to) - dot(*before, from);
                turned[k] = if places.is_unwrapped { 0.0 } else { part.round() };
                let part = part - turned[k];
                if !places.is_unwrapped && part.abs() > LONGEST_STEP {
                    return Err(too_far(places.ids[atom], part.abs()));
                }
                let (factor, vector) =
                    if self.changes { (part, self.first.vectors()[k]) } else { (-turned[k], vectors[k]) };
                for axis in 0..3 {
                    step[axis] += factor * vector[axis];
                }
            }
            self.crossings += u64::from(turned != [0.0; 3]);
            for axis in 0..3 {
                self.displacements[atom][axis] += step[axis];
            }
        }
        self.positions.copy_from_slice(places.positions);
        self.last = cell.clone();
        self.duals = duals;
        self.frames += 1;
        for (sum, vector) in self.sum.iter_mut().zip(vectors) {
            for axis in 0..3 {
                sum[axis] += vector[axis];
            }
        }
        Ok(())
    }

    /// Refuses a cell whose vectors are not the former ones, a little longer or turned.
    fn check_change(&self, cell: &Cell) -> Result<()> {
        let pairs = self.last.vectors().iter().zip(cell.vectors());
        let change = |(before, now): (&Vector3, &Vector3)| {
            norm([0, 1, 2].map(|axis| now[axis] - before[axis])) / norm(*before)
        };
        if pairs.map(change).all(|change| change <= LARGEST_CHANGE) {
            return Ok(());
        }
        let message =
            "the cell vectors jump from one frame to the next: displacements across its faces are unknown";
        Err(Error::new(ErrorKind::InvalidConfiguration, message)
            .hint("LAMMPS flips boxes that are tilted too far: take the part before or after (--skip, --limit), or set flip no"))
    }

    /// Goes on from the last frame, which another file has once more, and may have put back into the cell otherwise.
    pub(super) fn rejoin(&mut self, places: Places<'_>) -> Result<()> {
        let mut again = self.clone();
        again.push(Places { is_unwrapped: false, ..places })?;
        for (atom, (now, before)) in again.displacements.iter().zip(&self.displacements).enumerate() {
            let apart = norm([0, 1, 2].map(|axis| now[axis] - before[axis]));
            if apart > SAME {
                let id = places.ids[atom];
                let message = format!(
                    "the frame has the time of the last one of the previous file, but atom {id} is {apart:.2} Å away"
                );
                return Err(Error::new(ErrorKind::InvalidConfiguration, message)
                    .hint("consecutive files must be parts of one run"));
            }
        }
        (self.positions, self.last, self.duals) = (again.positions, again.last, again.duals);
        Ok(())
    }

    /// Turns displacements in the first cell, in which they are given, into those in the mean cell; none if all are the same.
    pub(super) fn to_mean_cell(&self) -> Option<impl Fn(Vector3) -> Vector3 + use<>> {
        let duals = self.first.duals();
        let frames = self.frames as f64;
        let mean: Vec<Vector3> = self.sum.iter().map(|vector| vector.map(|x| x / frames)).collect();
        self.changes.then_some(move |displacement: Vector3| {
            let mut result = [0.0; 3];
            for (dual, vector) in duals.iter().zip(&mean) {
                let part = dot(*dual, displacement);
                for axis in 0..3 {
                    result[axis] += part * vector[axis];
                }
            }
            result
        })
    }
}

fn too_far(id: i64, part: f64) -> Error {
    let message = format!(
        "atom {id} moves by {part:.2} of the cell from one frame to the next: expected at most {LONGEST_STEP} where \
         atoms may have been wrapped into the cell"
    );
    Error::new(ErrorKind::InvalidConfiguration, message)
        .hint("write unwrapped positions with ids (dump custom ... id type xu yu zu, or x y z ix iy iz), or write frames more often")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(
        unwrapping: &mut Unwrapping,
        cell: &Cell,
        positions: &[Vector3],
        unwrapped: bool,
    ) -> Result<()> {
        unwrapping.push(Places { cell, ids: &[7], positions, is_unwrapped: unwrapped })
    }

    fn begun(cell: &Cell, position: Vector3) -> Unwrapping {
        Unwrapping::new(Places { cell, ids: &[7], positions: &[position], is_unwrapped: false })
    }

    fn close(a: Vector3, b: Vector3) -> bool {
        (0..3).all(|axis| (a[axis] - b[axis]).abs() < 1e-12)
    }

    /// An atom that goes on along a slanted vector of a triclinic cell.
    #[test]
    fn faces_are_crossed() {
        let cell = Cell::new(&[[10.0, 0.0, 0.0], [4.0, 8.0, 0.0], [1.0, 2.0, 6.0]]).unwrap();
        let mut unwrapping = begun(&cell, [0.0; 3]);
        for step in 1..40 {
            let part = 0.3 * f64::from(step);
            let wrapped = cell.cartesian([part.fract(), 0.5 * part - (0.5 * part).floor(), 0.0]).unwrap();
            pushed(&mut unwrapping, &cell, &[wrapped], false).unwrap();
            let expected = cell.cartesian([part, 0.5 * part, 0.0]).unwrap();
            assert!(close(unwrapping.displacements()[0], expected));
        }
        assert!(unwrapping.crossings() > 10 && unwrapping.to_mean_cell().is_none());
    }

    #[test]
    fn long_steps_are_believed_of_unwrapped_atoms_alone() {
        let cell = Cell::new(&[[10.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 10.0]]).unwrap();
        let mut unwrapping = begun(&cell, [0.0; 3]);
        pushed(&mut unwrapping, &cell, &[[27.0, 0.0, 0.0]], true).unwrap();
        assert!(close(unwrapping.displacements()[0], [27.0, 0.0, 0.0]));
        let error = pushed(&mut unwrapping, &cell, &[[31.5, 0.0, 0.0]], false).unwrap_err().to_string();
        assert!(error.starts_with("atom 7 moves by 0.45 of the cell"), "{error}");
    }

    /// An atom at rest in a cell that breathes does not move, wherever it is; one that moves does so in the mean cell.
    #[test]
    fn a_cell_that_breathes_moves_nothing() {
        let cell = |edge: f64| Cell::new(&[[edge, 0.0, 0.0], [0.0, edge, 0.0], [0.0, 0.0, edge]]).unwrap();
        let mut unwrapping = begun(&cell(10.0), [95.0, 0.0, 0.0]);
        for edge in [10.5, 11.0, 10.5, 10.0, 9.5, 9.0, 9.5] {
            pushed(&mut unwrapping, &cell(edge), &[[9.5 * edge, 0.0, 0.0]], true).unwrap();
        }
        assert!(close(unwrapping.displacements()[0], [0.0; 3]));
        pushed(&mut unwrapping, &cell(11.0), &[[10.5 * 11.0, 0.0, 0.0]], true).unwrap();
        let mean = (10.0 + 10.5 + 11.0 + 10.5 + 10.0 + 9.5 + 9.0 + 9.5 + 11.0) / 9.0;
        let to_mean = unwrapping.to_mean_cell().unwrap();
        assert!(close(to_mean(unwrapping.displacements()[0]), [mean, 0.0, 0.0]));
    }

    /// LAMMPS flips the tilt of a box: b becomes b − a.
    #[test]
    fn other_vectors_of_the_same_lattice_are_refused() {
        let tilted = Cell::new(&[[12.0, 0.0, 0.0], [6.2, 10.0, 0.0], [0.0, 0.0, 11.0]]).unwrap();
        let flipped = Cell::new(&[[12.0, 0.0, 0.0], [-5.8, 10.0, 0.0], [0.0, 0.0, 11.0]]).unwrap();
        let mut unwrapping = begun(&tilted, [7.0, 8.0, 9.0]);
        let error = pushed(&mut unwrapping, &flipped, &[[7.0, 8.0, 9.0]], true).unwrap_err().to_string();
        assert!(error.starts_with("the cell vectors jump"), "{error}");
    }

    /// A file that begins with the last frame once more, with the atom in another image.
    #[test]
    fn the_last_frame_once_more_moves_nothing() {
        let cell = Cell::new(&[[10.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 10.0]]).unwrap();
        let mut unwrapping = begun(&cell, [9.0, 0.0, 0.0]);
        pushed(&mut unwrapping, &cell, &[[11.0, 0.0, 0.0]], true).unwrap();
        let again = |positions: &[Vector3], unwrapping: &mut Unwrapping| {
            unwrapping.rejoin(Places { cell: &cell, ids: &[7], positions, is_unwrapped: true })
        };
        assert!(again(&[[1.5, 0.0, 0.0]], &mut unwrapping).unwrap_err().to_string().contains("0.50 Å away"));
        again(&[[1.0, 0.0, 0.0]], &mut unwrapping).unwrap();
        pushed(&mut unwrapping, &cell, &[[2.0, 0.0, 0.0]], true).unwrap();
        assert!(close(unwrapping.displacements()[0], [3.0, 0.0, 0.0]));
    }

    #[test]
    fn an_open_cell_that_changes_is_refused() {
        let [one, two] = [5.0, 5.5].map(|edge| Cell::new(&[[edge, 0.0, 0.0]]).unwrap());
        let mut unwrapping = begun(&one, [0.0; 3]);
        pushed(&mut unwrapping, &one, &[[4.9, 3.0, 0.0]], false).unwrap();
        assert!(close(unwrapping.displacements()[0], [-0.1, 3.0, 0.0]));
        assert!(pushed(&mut unwrapping, &two, &[[0.0; 3]], false).is_err());
    }
}
