//! Sums over configurations from which the loss and the error figures of a set follow.

use crate::figures::RmseFigures;

/// Sums from which the error figures of a set follow; they can be added.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Terms of the loss: energies, forces, virials.
    pub losses: [f64; 3],
    /// Number of energies, and Σ (ΔE/N)², eV².
    pub energies: [f64; 2],
    /// Number of force components, and Σ ΔF², eV²/Å².
    pub forces: [f64; 2],
    /// Number of virial components (six each), and Σ (ΔW/N)², eV².
    pub virials: [f64; 2],
}

/// Numbers in [`Figures`].
pub const FIGURES: usize = 9;

impl Figures {
    /// As plain numbers, for sums over processes.
    pub fn to_array(self) -> [f64; FIGURES] {
        let Self { losses: [a, b, c], energies: [d, e], forces: [f, g], virials: [h, i] } = self;
        [a, b, c, d, e, f, g, h, i]
    }

    /// From plain numbers.
    pub fn from_array([a, b, c, d, e, f, g, h, i]: [f64; FIGURES]) -> Self {
        Self { losses: [a, b, c], energies: [d, e], forces: [f, g], virials: [h, i] }
    }

    /// The same without errors: of a configuration that is fitted, but whose labels are none of a reference.
    pub(super) fn losses_only(self) -> Self {
        Self { losses: self.losses, ..Self::default() }
    }

    /// Loss without regularization.
    pub fn loss(&self) -> f64 {
        self.losses.iter().sum()
    }

    /// Root mean square errors.
    pub fn rmse(&self) -> RmseFigures {
        RmseFigures {
            energy: root_mean(self.energies),
            force: root_mean(self.forces),
            virial: root_mean(self.virials),
        }
    }
}

fn root_mean([count, sum]: [f64; 2]) -> Option<f64> {
    (count > 0.0).then(|| (sum / count).sqrt())
}
