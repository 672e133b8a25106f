//! How far two evaluations of the same atoms are apart.

use std::fmt;

use mtprs_core::evaluate::Efs;

use crate::vectors::Matrix3;

/// Largest differences, each relative to the largest number of its kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deviation {
    /// Of the total energy relative to Σ|V_i|, and of the V_i relative to the largest of them.
    pub energy: f64,
    /// Of force components relative to the largest one. Where symmetry makes forces vanish, what they are differences
    /// of counts instead: the largest per-atom virial over [`LENGTH`].
    pub force: f64,
    /// Of components of the virial and of per-atom virials relative to the largest of the latter.
    pub virial: f64,
}

/// A distance between neighbors, Å.
const LENGTH: f64 = 5.0;

impl Deviation {
    /// Between two results; the second one sets the scale.
    ///
    /// # Panics
    /// If the number of atoms differs or a number is not finite.
    pub fn between(got: &Efs, expected: &Efs) -> Self {
        let scale = Self::virial_scale(expected);
        let (got_nine, expected_nine) = (components(got), components(expected));
        let virial = relative(pairs(&got_nine, &expected_nine), scale);
        Self { virial, ..Self::default() }.max(Self::of_totals(got, expected, scale))
    }

    /// Between our result and that of a program that does not tell per-atom virials. Ours then set the scale of
    /// virials, for in sum they may vanish.
    ///
    /// # Panics
    /// If the number of atoms differs or a number is not finite.
    pub fn without_atom_virials(ours: &Efs, expected: &Efs) -> Self {
        assert_eq!(ours.atom_virials.len(), ours.forces.len(), "per-atom virials are missing");
        Self::of_totals(ours, expected, Self::virial_scale(ours))
    }

    fn of_totals(got: &Efs, expected: &Efs, virial_scale: f64) -> Self {
        let total: f64 = expected.site_energies.iter().map(|energy| energy.abs()).sum();
        let energy = relative([(got.energy, expected.energy)].into_iter(), total);
        let sites = pairs(&got.site_energies, &expected.site_energies);
        let site_energy = relative(sites, largest(expected.site_energies.iter()));
        let force_scale = largest(expected.forces.as_flattened().iter()).max(virial_scale / LENGTH);
        let forces = pairs(got.forces.as_flattened(), expected.forces.as_flattened());
        let virials = got.virial.to_cfg_order().into_iter().zip(expected.virial.to_cfg_order());
        Self {
            energy: energy.max(site_energy),
            force: relative(forces, force_scale),
            virial: relative(virials, virial_scale),
        }
    }

    fn virial_scale(efs: &Efs) -> f64 {
        largest(components(efs).iter())
    }

    /// The larger of each kind.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            energy: self.energy.max(other.energy),
            force: self.force.max(other.force),
            virial: self.virial.max(other.virial),
        }
    }

    /// The largest of all kinds.
    pub fn largest(self) -> f64 {
        self.energy.max(self.force).max(self.virial)
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "energy {:.1e}, forces {:.1e}, virials {:.1e}", self.energy, self.force, self.virial)
    }
}

/// Nine components of each per-atom virial.
fn components(efs: &Efs) -> Vec<f64> {
    efs.atom_virials.iter().flat_map(|virial| virial.to_lammps_order()).collect()
}

fn pairs<'a>(got: &'a [f64], expected: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    assert_eq!(got.len(), expected.len(), "different numbers of values");
    got.iter().copied().zip(expected.iter().copied())
}

/// Largest magnitude.
pub fn largest<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    values.fold(0.0, |largest, value| largest.max(value.abs()))
}

/// Largest difference over pairs of what was got and what was expected, relative to the largest number expected.
///
/// # Panics
/// If a number is not finite.
pub fn deviation(pairs: &[(f64, f64)]) -> f64 {
    relative(pairs.iter().copied(), largest(pairs.iter().map(|(_, expected)| expected)))
}

/// Largest difference over `scale`; zero if nothing differs, even where everything is zero.
fn relative(pairs: impl Iterator<Item = (f64, f64)>, scale: f64) -> f64 {
    let mut difference = 0.0_f64;
    for (got, expected) in pairs {
        assert!(got.is_finite() && expected.is_finite(), "got {got}, expected {expected}");
        difference = difference.max((got - expected).abs());
    }
    if difference == 0.0 { 0.0 } else { difference / scale }
}

/// Per-atom virials as matrices, first index the displacement's.
pub fn atom_virial_matrices(efs: &Efs) -> Vec<Matrix3> {
    let matrix =
        |w: &mtprs_core::geometry::AtomVirial| [[w.xx, w.xy, w.xz], [w.yx, w.yy, w.yz], [w.zx, w.zy, w.zz]];
    efs.atom_virials.iter().map(matrix).collect()
}

/// The virial as a matrix.
pub fn virial_matrix(efs: &Efs) -> Matrix3 {
    let w = efs.virial;
    [[w.xx, w.xy, w.xz], [w.xy, w.yy, w.yz], [w.xz, w.yz, w.zz]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_measured_in_the_largest_number_of_their_kind() {
        let expected = Efs {
            energy: 1.0,
            site_energies: vec![3.0, -2.0],
            forces: vec![[4.0, 0.0, 0.0], [-4.0, 0.0, 0.0]],
            atom_virials: vec![Default::default(); 2],
            ..Efs::default()
        };
        let mut got = expected.clone();
        got.energy += 0.5;
        got.forces[1][2] += 1.0;
        let deviation = Deviation::between(&got, &expected);
        assert_eq!((deviation.energy, deviation.force, deviation.virial), (0.1, 0.25, 0.0));
        got.virial.xy = 1e-30;
        assert_eq!(Deviation::between(&got, &expected).virial, f64::INFINITY);
    }
}
