//! What nature and conventions give: the elements, and units of measurement in those of the program (eV, Å, fs).

pub(crate) mod elements;
pub(crate) mod units;
