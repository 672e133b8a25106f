//! Whether the forces that VASP prints are the bare ones: images of a chain, methods of VTST, atoms that are held.
//!
//! VASP itself prints the forces of the atoms in `TOTAL-FORCE`, also for images of a chain and for atoms that selective
//! dynamics holds. The builds with VTST print what its methods make of them: projected, with springs, zero for atoms
//! that are held.

use mtprs_core::geometry::Vector3;

use super::vasp_settings::VaspSettings;

/// What a run shows about its forces.
#[derive(Clone, Debug, Default)]
pub(super) struct ForceNotes {
    /// Marks of VTST's methods.
    is_projected: bool,
    /// The table of VASP's own chains, beside which TOTAL-FORCE is bare.
    has_own_chain: bool,
    is_vtst: bool,
    /// Steps that were compared.
    steps: u64,
    /// Atoms whose forces were zero in all of them.
    zero: Vec<bool>,
}

impl ForceNotes {
    /// Takes what a line of OUTCAR says.
    pub(super) fn take(&mut self, text: &str) {
        self.is_vtst |= text.starts_with("VTST:");
        self.is_projected |= ["NEB:", "DIMER:", "Dimer:", "LANCZOS:", "Lanczos:", "DYNMAT:"]
            .iter()
            .any(|mark| text.starts_with(mark));
        self.has_own_chain |= text.starts_with("CHAIN + TOTAL") || text.contains("CHAIN-FORCE");
    }

    /// Looks at the forces of a step.
    pub(super) fn compare(&mut self, forces: &[Vector3]) {
        if self.steps == 0 {
            self.zero = vec![true; forces.len()];
        }
        self.steps += 1;
        for (zero, force) in self.zero.iter_mut().zip(forces) {
            *zero &= *force == [0.0; 3];
        }
    }

    /// What the user should know about the forces of the run.
    pub(super) fn notes(&self, settings: &VaspSettings) -> Vec<String> {
        let mut notes = Vec::new();
        let is_image = settings.images.is_some_and(|images| images > 0);
        if self.is_projected {
            notes.push(
                "the forces are those of a VTST method (projected, with springs), not the true ones: not usable as labels\n  hint: recalculate each image on its own"
                    .to_owned(),
            );
        } else if is_image && !self.has_own_chain {
            notes.push(
                "the run is an image of a chain (IMAGES): builds of VASP with VTST write the forces of the chain for those of the atoms"
                    .to_owned(),
            );
        }
        let held = self.zero.iter().filter(|&&zero| zero).count();
        if (self.is_vtst || self.steps > 1) && held > 0 && held < self.zero.len() {
            let atoms = self.zero.len();
            notes.push(format!(
                "the forces on {held} of {atoms} atoms are zero in every step: by symmetry, or because they are held and these are not the bare forces"
            ));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(lines: &[&str], images: &str, steps: &[&[Vector3]]) -> String {
        let mut forces = ForceNotes::default();
        let mut settings = VaspSettings::default();
        settings.set("IMAGES", images);
        lines.iter().for_each(|line| forces.take(line));
        steps.iter().for_each(|step| forces.compare(step));
        forces.notes(&settings).join("\n")
    }

    #[test]
    fn chains_of_vtst_are_told_from_those_of_vasp() {
        let vtst = notes(&["NEB: projections on to tangent (spring, REAL)  0.1 0.2"], "5", &[]);
        assert!(vtst.starts_with("the forces are those of a VTST method"), "{vtst}");
        assert_eq!(notes(&["CHAIN + TOTAL  (eV/Angst)"], "5", &[]), "");
        assert!(notes(&[], "5", &[]).starts_with("the run is an image of a chain"));
        assert_eq!(notes(&["CHAIN: initializing optimizer"], "0", &[]), "");
    }

    #[test]
    fn forces_that_are_zero_in_every_step_are_told() {
        let (held, free) = ([0.0; 3], [0.1, 0.0, 0.0]);
        let told = notes(&[], "", &[&[held, free], &[held, held]]);
        assert!(told.starts_with("the forces on 1 of 2 atoms are zero in every step"), "{told}");
        assert_eq!(notes(&[], "", &[&[held, free], &[free, held]]), "");
        assert_eq!(notes(&[], "", &[&[held, held], &[held, held]]), "");
        assert_eq!(notes(&[], "", &[&[held, free]]), "");
        assert_ne!(notes(&["VTST: version 3.2"], "", &[&[held, free]]), "");
    }
}
