//! Settings of a VASP run that decide what its numbers are: limits of the electronic loop, and whether there is a stress.
//!
//! OUTCAR and vasprun.xml name them alike. [`Electronic`] judges an electronic loop by its length against NELM, its last
//! change against EDIFF, and the word of VASP about its end, none of which is enough alone.

/// Most that the printed EDIFF (one digit in OUTCAR) and the printed changes may be off by rounding, as a factor.
const ROUNDING: f64 = 2.0;

/// Half a unit of the last digit of energies in vasprun.xml and of EDIFF there, eV.
const LAST_DIGIT: f64 = 5e-9;

/// What holds for all steps of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct VaspSettings {
    /// Most electronic steps (NELM).
    most_steps: Option<usize>,
    /// Change of the energy at which they end (EDIFF), eV.
    tolerance: Option<f64>,
    /// Which stress is computed (ISIF).
    stress: Option<i64>,
    /// Where the charge density comes from (ICHARG); from 10 it is not made self-consistent.
    charge: Option<i64>,
    /// Factor of energies and forces (SCALEE).
    factor: Option<f64>,
    /// Constraint of magnetic moments (I_CONSTRAINED_M), whose penalty is in the energy.
    constraint: Option<i64>,
    /// Images of a chain (IMAGES).
    pub(super) images: Option<i64>,
    /// Method of VTST (ICHAIN); from 1 the forces are not those of the atoms.
    chain: Option<i64>,
}

impl VaspSettings {
    /// Takes the value of a key; later ones replace earlier ones.
    pub(super) fn set(&mut self, key: &str, value: &str) {
        let word = value.split([';', ' ', '\t']).find(|word| !word.is_empty()).unwrap_or_default();
        let integer = || word.parse::<i64>().ok();
        let real = || word.parse::<f64>().ok().filter(|value| value.is_finite());
        match key {
            "NELM" => self.most_steps = word.parse().ok().or(self.most_steps),
            "EDIFF" => self.tolerance = real().or(self.tolerance),
            "ISIF" => self.stress = integer().or(self.stress),
            "ICHARG" => self.charge = integer().or(self.charge),
            "SCALEE" => self.factor = real().or(self.factor),
            "I_CONSTRAINED_M" => self.constraint = integer().or(self.constraint),
            "IMAGES" => self.images = integer().or(self.images),
            "ICHAIN" => self.chain = integer().or(self.chain),
            _ => {}
        }
    }

    /// Whether the stress is computed with all of its components.
    pub(super) fn has_stress(&self) -> bool {
        !matches!(self.stress, Some(0 | 1))
    }

    /// What the user should know about steps of such a run.
    pub(super) fn notes(&self) -> Vec<&'static str> {
        let notes = [
            (
                self.stress == Some(1),
                "ISIF = 1: VASP computes only the pressure, so the steps have no virial\n  hint: with ISIF = 2 or 3 VASP computes the full stress",
            ),
            (
                self.charge.is_some_and(|charge| charge >= 10),
                "ICHARG is 10 or more: the density is not self-consistent, so energies and forces are not those of the ground state",
            ),
            (
                self.factor.is_some_and(|factor| factor != 1.0),
                "SCALEE is not 1: VASP scales energies and forces",
            ),
            (
                self.constraint.is_some_and(|constraint| constraint != 0),
                "I_CONSTRAINED_M is set: energies include the penalty of the constrained moments, so forces are not consistent with them",
            ),
            (
                self.chain.is_some_and(|chain| chain > 0),
                "ICHAIN is set: the forces are those of a VTST method, not the true ones",
            ),
        ];
        notes.into_iter().filter_map(|(applies, note)| applies.then_some(note)).collect()
    }
}

/// What VASP says about the end of an electronic loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LoopEnd {
    /// Nothing.
    #[default]
    Unsaid,
    /// That EDIFF is reached; so VASP 5 says also where NELM ended the loop.
    Reached,
    /// That something else ended it.
    NotReached,
}

/// An electronic loop.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Electronic {
    /// Its steps.
    pub(super) steps: usize,
    /// Changes of the energy in the last of them, eV: in all, and that of the bands where it is known.
    pub(super) change: Option<[f64; 2]>,
    /// Difference of the energies of the last two of them, eV, where the program prints no changes.
    pub(super) difference: Option<f64>,
    /// What VASP says about its end.
    pub(super) end: LoopEnd,
}

impl Electronic {
    /// Whether the electrons converged. `says_so` tells whether the program is one that says it where NELM ends a loop.
    pub(super) fn is_converged(&self, settings: &VaspSettings, says_so: bool) -> bool {
        let is_exhausted = settings.most_steps.is_some_and(|most| self.steps >= most);
        let tolerance = settings.tolerance;
        let [total, bands] = self.change.map_or([None; 2], |change| change.map(|change| Some(change.abs())));
        match (self.end, is_exhausted) {
            (LoopEnd::NotReached, _) => false,
            // What VASP says counts unless the last change contradicts it by far.
            (LoopEnd::Reached, false) => !total
                .zip(tolerance)
                .is_some_and(|(change, tolerance)| change > ROUNDING * tolerance + 4.0 * LAST_DIGIT),
            (_, true) => {
                match (total.zip(bands).or(self.difference.map(|change| (change.abs(), 0.0))), tolerance) {
                    (Some((total, bands)), Some(tolerance)) => total.max(bands) < tolerance.max(LAST_DIGIT),
                    _ => says_so && self.end == LoopEnd::Reached,
                }
            }
            (LoopEnd::Unsaid, false) => match (total, tolerance) {
                (Some(total), Some(tolerance)) => total < tolerance.max(LAST_DIGIT),
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(most_steps: &str, tolerance: &str) -> VaspSettings {
        let mut settings = VaspSettings::default();
        settings.set("NELM", most_steps);
        settings.set("EDIFF", tolerance);
        settings
    }

    #[test]
    fn loops_are_judged_by_their_length_their_last_change_and_the_word_of_vasp() {
        use LoopEnd::{NotReached, Reached, Unsaid};
        let settings = settings("     60; ", " 0.1E-05");
        let cases = [
            (59, Some([4e-7, 3e-8]), Reached, true),
            (59, None, Reached, true),
            (60, Some([4e-7, 3e-8]), Reached, true),
            (60, Some([4e-7, -3e-6]), Reached, false),
            (60, Some([-0.56, 0.0]), Reached, false),
            (60, None, Reached, false),
            (12, Some([-0.56, 0.0]), Reached, false),
            // EDIFF has one digit in OUTCAR: 1.4E-6 is printed so, too
            (12, Some([1.3e-6, 0.0]), Reached, true),
            (12, Some([4e-7, 3e-8]), NotReached, false),
            (60, Some([4e-7, 3e-8]), NotReached, false),
            (12, Some([4e-7, 3e-8]), Unsaid, true),
            (12, Some([0.3, 0.1]), Unsaid, false),
            (12, None, Unsaid, false),
        ];
        for (steps, change, end, expected) in cases {
            let electronic = Electronic { steps, change, end, difference: None };
            assert_eq!(electronic.is_converged(&settings, false), expected, "{electronic:?}");
        }
        let unchecked = Electronic { steps: 60, end: Reached, ..Electronic::default() };
        assert!(unchecked.is_converged(&settings, true));
        for (difference, expected) in [(1e-7, true), (0.1, false)] {
            let differing = Electronic { difference: Some(difference), ..unchecked };
            assert_eq!(differing.is_converged(&settings, false), expected);
        }
    }

    #[test]
    fn a_tolerance_that_is_printed_as_zero_is_less_than_half_of_the_last_digit() {
        let settings = settings("60", "0.00000000");
        let at_the_end =
            |change| Electronic { steps: 60, change: Some([change; 2]), ..Electronic::default() };
        assert!(at_the_end(0.0).is_converged(&settings, false));
        assert!(!at_the_end(1e-8).is_converged(&settings, false));
        // one unit of the last digit of a difference of two energies
        let before = Electronic { steps: 7, ..at_the_end(16.351_256_79 - 16.351_256_78) };
        assert!(Electronic { end: LoopEnd::Reached, ..before }.is_converged(&settings, false));
    }
}
