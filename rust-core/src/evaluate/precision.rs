//! How precise an evaluation is.

/// Precision of an evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Double precision throughout.
    #[default]
    Double,
    /// Single precision for the work per neighbor: radial functions, monomials, gradients of polynomials. Distances,
    /// contractions, energies and all sums over atoms are double. For templates above level 20 this is slower than double
    /// precision, which is then used.
    Mixed,
}

impl Precision {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Double, Self::Mixed];

    /// Name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Double => "double",
            Self::Mixed => "mixed",
        }
    }

    /// The precision of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|precision| precision.name() == name)
    }
}
