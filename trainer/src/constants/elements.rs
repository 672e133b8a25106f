//! Chemical elements: their masses, their covalent radii, and which of them a mass or the title of a pseudopotential means.
//!
//! Masses are the standard atomic weights of IUPAC (2016, abridged where they are intervals), and those of the isotope
//! that lives longest where there is no standard. Radii: B. Cordero et al., Dalton Trans. 2008, 2832; the low-spin ones of Mn,
//! Fe and Co.

/// In place of a radius where atoms touch without a bond, and where none is known.
const NONE: f64 = 0.0;

/// Elements by atomic number less one, with their masses in u and covalent radii in Å.
#[rustfmt::skip]
const ELEMENTS: [(&str, f64, f64); 118] = [
    ("H", 1.008, 0.31), ("He", 4.002_602, NONE), ("Li", 6.94, 1.28), ("Be", 9.012_183_1, 0.96), ("B", 10.81, 0.84),
    ("C", 12.011, 0.76), ("N", 14.007, 0.71), ("O", 15.999, 0.66), ("F", 18.998_403_163, 0.57), ("Ne", 20.1797, NONE),
    ("Na", 22.989_769_28, 1.66), ("Mg", 24.305, 1.41), ("Al", 26.981_538_5, 1.21), ("Si", 28.085, 1.11),
    ("P", 30.973_761_998, 1.07), ("S", 32.06, 1.05), ("Cl", 35.45, 1.02), ("Ar", 39.948, NONE), ("K", 39.0983, 2.03),
    ("Ca", 40.078, 1.76), ("Sc", 44.955_908, 1.70), ("Ti", 47.867, 1.60), ("V", 50.9415, 1.53), ("Cr", 51.9961, 1.39),
    ("Mn", 54.938_044, 1.39), ("Fe", 55.845, 1.32), ("Co", 58.933_194, 1.26), ("Ni", 58.6934, 1.24),
    ("Cu", 63.546, 1.32), ("Zn", 65.38, 1.22), ("Ga", 69.723, 1.22), ("Ge", 72.63, 1.20), ("As", 74.921_595, 1.19),
    ("Se", 78.971, 1.20), ("Br", 79.904, 1.20), ("Kr", 83.798, NONE), ("Rb", 85.4678, 2.20), ("Sr", 87.62, 1.95),
    ("Y", 88.90584, 1.90), ("Zr", 91.224, 1.75), ("Nb", 92.90637, 1.64), ("Mo", 95.95, 1.54), ("Tc", 97.90721, 1.47),
    ("Ru", 101.07, 1.46), ("Rh", 102.9055, 1.42), ("Pd", 106.42, 1.39), ("Ag", 107.8682, 1.45), ("Cd", 112.414, 1.44),
    ("In", 114.818, 1.42), ("Sn", 118.71, 1.39), ("Sb", 121.76, 1.39), ("Te", 127.6, 1.38), ("I", 126.90447, 1.39),
    ("Xe", 131.293, NONE), ("Cs", 132.905_451_96, 2.44), ("Ba", 137.327, 2.15), ("La", 138.90547, 2.07),
    ("Ce", 140.116, 2.04), ("Pr", 140.90766, 2.03), ("Nd", 144.242, 2.01), ("Pm", 144.91276, 1.99),
    ("Sm", 150.36, 1.98), ("Eu", 151.964, 1.98), ("Gd", 157.25, 1.96), ("Tb", 158.92535, 1.94), ("Dy", 162.5, 1.92),
    ("Ho", 164.93033, 1.92), ("Er", 167.259, 1.89), ("Tm", 168.93422, 1.90), ("Yb", 173.054, 1.87),
    ("Lu", 174.9668, 1.87), ("Hf", 178.49, 1.75), ("Ta", 180.94788, 1.70), ("W", 183.84, 1.62), ("Re", 186.207, 1.51),
    ("Os", 190.23, 1.44), ("Ir", 192.217, 1.41), ("Pt", 195.084, 1.36), ("Au", 196.966_569, 1.36),
    ("Hg", 200.592, 1.32), ("Tl", 204.38, 1.45), ("Pb", 207.2, 1.46), ("Bi", 208.9804, 1.48), ("Po", 208.98243, 1.40),
    ("At", 209.98715, 1.50), ("Rn", 222.01758, NONE), ("Fr", 223.01974, 2.60), ("Ra", 226.02541, 2.21),
    ("Ac", 227.02775, 2.15), ("Th", 232.0377, 2.06), ("Pa", 231.03588, 2.00), ("U", 238.02891, 1.96),
    ("Np", 237.04817, 1.90), ("Pu", 244.06421, 1.87), ("Am", 243.06138, 1.80), ("Cm", 247.07035, 1.69),
    ("Bk", 247.07031, NONE), ("Cf", 251.07959, NONE), ("Es", 252.083, NONE), ("Fm", 257.09511, NONE),
    ("Md", 258.09843, NONE), ("No", 259.101, NONE), ("Lr", 262.11, NONE), ("Rf", 267.122, NONE),
    ("Db", 268.126, NONE), ("Sg", 271.134, NONE), ("Bh", 270.133, NONE), ("Hs", 269.1338, NONE),
    ("Mt", 278.156, NONE), ("Ds", 281.165, NONE), ("Rg", 281.166, NONE), ("Cn", 285.177, NONE), ("Nh", 286.182, NONE),
    ("Fl", 289.19, NONE), ("Mc", 289.194, NONE), ("Lv", 293.204, NONE), ("Ts", 293.208, NONE), ("Og", 294.214, NONE),
];

/// How far a mass may be from that of the element that it means, u.
const MASS_TOLERANCE: f64 = 0.1;

/// The symbol of an atomic number.
pub(crate) fn symbol(atomic_number: usize) -> Option<&'static str> {
    ELEMENTS.get(atomic_number.checked_sub(1)?).map(|(symbol, ..)| *symbol)
}

/// The symbol of an element, if a word is one.
pub(crate) fn symbol_of(word: &str) -> Option<&'static str> {
    ELEMENTS.iter().map(|(symbol, ..)| *symbol).find(|symbol| *symbol == word)
}

/// Whether a word is the symbol of an element.
pub(crate) fn is_element(word: &str) -> bool {
    ELEMENTS.iter().any(|(symbol, ..)| *symbol == word)
}

/// The mass of an element, u.
pub(crate) fn mass(element: &str) -> Option<f64> {
    ELEMENTS.iter().find(|(symbol, ..)| *symbol == element).map(|(_, mass, _)| *mass)
}

/// Covalent radius of an element, Å: how far apart atoms may be in matter. `None` where it has no bonds or is not known.
pub(crate) fn covalent_radius(element: &str) -> Option<f64> {
    let known = ELEMENTS.iter().find(|(symbol, ..)| *symbol == element);
    known.map(|(.., radius)| *radius).filter(|radius| *radius > NONE)
}

/// The only element whose mass is within 0.1 u of this one, if there is just one.
pub(crate) fn of_mass(mass: f64) -> Option<&'static str> {
    let mut close = ELEMENTS.iter().filter(|(_, known, _)| (known - mass).abs() <= MASS_TOLERANCE);
    let (symbol, ..) = close.next()?;
    close.next().is_none().then_some(*symbol)
}

/// The element that the name of a pseudopotential begins with: `Hf_sv`, `O`, `H1.25`, `Fe/0bb2207f`.
pub(crate) fn of_pseudopotential(word: &str) -> Option<&str> {
    let end = word.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(word.len());
    let symbol = &word[..end];
    is_element(symbol).then_some(symbol)
}

/// The element that a title of POTCAR names: `PAW_PBE Hf_sv 10Jan2008`.
pub(crate) fn of_title(title: &str) -> Option<&str> {
    title.split_whitespace().find_map(of_pseudopotential)
}

#[cfg(test)]
mod tests {
    use mtprs_core::species::atomic_number;

    use super::*;

    #[test]
    fn symbols_stand_where_their_atomic_number_says() {
        for (index, (symbol, ..)) in ELEMENTS.iter().enumerate() {
            assert_eq!(atomic_number(symbol), Some(index + 1), "{symbol}");
        }
        assert_eq!(symbol(12), Some("Mg"));
        assert_eq!(symbol(0), None);
    }

    #[test]
    fn a_mass_means_an_element_only_if_no_other_is_close() {
        assert_eq!(of_mass(24.305), Some("Mg"));
        assert_eq!(of_mass(16.0), Some("O"));
        assert_eq!(of_mass(1.0), Some("H"));
        assert_eq!(of_mass(500.0), None);
    }

    #[test]
    fn radii_are_those_of_atoms_with_bonds() {
        let of = covalent_radius;
        assert_eq!((of("O"), of("Cm"), of("He"), of("Bk")), (Some(0.66), Some(1.69), None, None));
    }

    #[test]
    fn pseudopotentials_begin_with_their_element() {
        let of = of_pseudopotential;
        assert_eq!((of("Hf_sv"), of("H1.25"), of("O/a17f")), (Some("Hf"), Some("H"), Some("O")));
        assert_eq!((of("PAW_PBE"), of("US"), of("20Jan2003")), (None, None, None));
    }
}
