//! Charges of ions that batteries are made with.

/// Electrons for each of these ions.
const CHARGES: [(&str, u32); 12] = [
    ("Li", 1),
    ("Na", 1),
    ("K", 1),
    ("Rb", 1),
    ("Cs", 1),
    ("Ag", 1),
    ("Mg", 2),
    ("Ca", 2),
    ("Sr", 2),
    ("Ba", 2),
    ("Zn", 2),
    ("Al", 3),
];

/// The charge that ions of an element have in all batteries, if there is one.
pub fn charge(element: &str) -> Option<u32> {
    CHARGES.iter().find(|(known, _)| *known == element).map(|(_, charge)| *charge)
}
