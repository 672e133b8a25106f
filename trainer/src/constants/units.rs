//! Units of measurement in those of the program: eV, Å, fs. CODATA 2018.

/// 1 Ha in eV.
pub(crate) const HARTREE: f64 = 27.211_386_245_988;
/// 1 Ry in eV.
pub(crate) const RYDBERG: f64 = 0.5 * HARTREE;
/// 1 bohr in Å.
pub(crate) const BOHR: f64 = 0.529_177_210_903;
/// 1 eV in J.
pub(crate) const ELECTRONVOLT: f64 = 1.602_176_634e-19;
/// Particles in a mole.
pub(crate) const MOLE: f64 = 6.022_140_76e23;
/// 1 kJ/mol in eV.
pub(crate) const KILOJOULE_PER_MOLE: f64 = 1e3 / (ELECTRONVOLT * MOLE);
/// 1 kcal/mol in eV.
pub(crate) const KILOCALORIE_PER_MOLE: f64 = 4.184 * KILOJOULE_PER_MOLE;
/// The atomic unit of time in fs.
pub(crate) const ATOMIC_TIME: f64 = 0.024_188_843_265_857;
/// 1 eV/Å³ in GPa: 10^21 times the elementary charge in coulombs (exact since 2019).
pub(crate) const GIGAPASCAL: f64 = 160.217_663_4;
/// Boltzmann's constant, eV/K.
pub(crate) const BOLTZMANN: f64 = 8.617_333_262e-5;
/// The atomic mass unit, eV ps²/Å².
pub(crate) const ATOMIC_MASS: f64 = 1.036_426_9e-4;
/// 1 Å²/ps in cm²/s, in which diffusivities are printed.
pub(crate) const SQUARE_ANGSTROM_PER_PICOSECOND: f64 = 1e-4;
