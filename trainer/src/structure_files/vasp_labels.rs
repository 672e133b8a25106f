//! Labels of VASP's calculations: stresses in kB become virials in eV, three energies become the one that is wanted.

use mtprs_core::geometry::Virial;

use super::EnergyKind;
use super::structure::Structure;

/// 1 eV/Å³ in kB.
const KILOBAR: f64 = 1_602.176_634;

/// The energies of a step, eV.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Energies {
    pub(super) free: Option<f64>,
    pub(super) without_entropy: Option<f64>,
    pub(super) zero_smearing: Option<f64>,
}

impl Energies {
    pub(super) fn get(self, kind: EnergyKind) -> Option<f64> {
        match kind {
            EnergyKind::Free => self.free,
            EnergyKind::ZeroSmearing => self.zero_smearing,
            EnergyKind::WithoutEntropy => self.without_entropy,
        }
    }
}

/// The virial of a stress in kB as VASP prints it, positive under compression like `PlusStress`.
pub(super) fn virial([xx, yy, zz, xy, yz, xz]: [f64; 6], volume: f64) -> Virial {
    let energy = |stress: f64| work(stress, volume);
    let [xx, yy, zz] = [xx, yy, zz].map(energy);
    Virial { xx, yy, zz, yz: energy(yz), xz: energy(xz), xy: energy(xy) }
}

/// Work (eV) of a pressure in kB on a volume in Å³.
pub(super) fn work(pressure: f64, volume: f64) -> f64 {
    pressure * volume / KILOBAR
}

/// Notes where a structure came from: `EFS_by` as in MLIP-2, and the file with the number of the step from one.
pub(super) fn sign(structure: &mut Structure, file: &str, step: u64, is_converged: bool) {
    let configuration = &mut structure.configuration;
    configuration.set_feature("EFS_by", "VASP");
    configuration.set_feature("src", file.trim());
    configuration.set_feature("ionic_step", step.to_string());
    if !is_converged {
        configuration.set_feature("converged", "no");
    }
}
