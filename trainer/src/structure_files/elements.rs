//! Chemical elements: their masses, and which of them a mass or the title of a pseudopotential means.
//!
//! Masses are the standard atomic weights of IUPAC (2016, abridged where they are intervals), and those of the isotope
//! that lives longest where there is no standard.

/// Elements by atomic number less one, with their masses in u.
#[rustfmt::skip]
const ELEMENTS: [(&str, f64); 118] = [
    ("H", 1.008), ("He", 4.002_602), ("Li", 6.94), ("Be", 9.012_183_1), ("B", 10.81), ("C", 12.011),
    ("N", 14.007), ("O", 15.999), ("F", 18.998_403_163), ("Ne", 20.1797), ("Na", 22.989_769_28),
    ("Mg", 24.305), ("Al", 26.981_538_5), ("Si", 28.085), ("P", 30.973_761_998), ("S", 32.06), ("Cl", 35.45),
    ("Ar", 39.948), ("K", 39.0983), ("Ca", 40.078), ("Sc", 44.955_908), ("Ti", 47.867), ("V", 50.9415),
    ("Cr", 51.9961), ("Mn", 54.938_044), ("Fe", 55.845), ("Co", 58.933_194), ("Ni", 58.6934),
    ("Cu", 63.546), ("Zn", 65.38), ("Ga", 69.723), ("Ge", 72.63), ("As", 74.921_595), ("Se", 78.971),
    ("Br", 79.904), ("Kr", 83.798), ("Rb", 85.4678), ("Sr", 87.62), ("Y", 88.90584), ("Zr", 91.224),
    ("Nb", 92.90637), ("Mo", 95.95), ("Tc", 97.90721), ("Ru", 101.07), ("Rh", 102.9055), ("Pd", 106.42),
    ("Ag", 107.8682), ("Cd", 112.414), ("In", 114.818), ("Sn", 118.71), ("Sb", 121.76), ("Te", 127.6),
    ("I", 126.90447), ("Xe", 131.293), ("Cs", 132.905_451_96), ("Ba", 137.327), ("La", 138.90547),
    ("Ce", 140.116), ("Pr", 140.90766), ("Nd", 144.242), ("Pm", 144.91276), ("Sm", 150.36), ("Eu", 151.964),
    ("Gd", 157.25), ("Tb", 158.92535), ("Dy", 162.5), ("Ho", 164.93033), ("Er", 167.259), ("Tm", 168.93422),
    ("Yb", 173.054), ("Lu", 174.9668), ("Hf", 178.49), ("Ta", 180.94788), ("W", 183.84), ("Re", 186.207),
    ("Os", 190.23), ("Ir", 192.217), ("Pt", 195.084), ("Au", 196.966_569), ("Hg", 200.592), ("Tl", 204.38),
    ("Pb", 207.2), ("Bi", 208.9804), ("Po", 208.98243), ("At", 209.98715), ("Rn", 222.01758),
    ("Fr", 223.01974), ("Ra", 226.02541), ("Ac", 227.02775), ("Th", 232.0377), ("Pa", 231.03588),
    ("U", 238.02891), ("Np", 237.04817), ("Pu", 244.06421), ("Am", 243.06138), ("Cm", 247.07035),
    ("Bk", 247.07031), ("Cf", 251.07959), ("Es", 252.083), ("Fm", 257.09511), ("Md", 258.09843),
    ("No", 259.101), ("Lr", 262.11), ("Rf", 267.122), ("Db", 268.126), ("Sg", 271.134), ("Bh", 270.133),
    ("Hs", 269.1338), ("Mt", 278.156), ("Ds", 281.165), ("Rg", 281.166), ("Cn", 285.177), ("Nh", 286.182),
    ("Fl", 289.19), ("Mc", 289.194), ("Lv", 293.204), ("Ts", 293.208), ("Og", 294.214),
];

/// How far a mass may be from that of the element that it means, u.
const MASS_TOLERANCE: f64 = 0.1;

/// The symbol of an atomic number.
pub(super) fn symbol(atomic_number: usize) -> Option<&'static str> {
    ELEMENTS.get(atomic_number.checked_sub(1)?).map(|(symbol, _)| *symbol)
}

/// The symbol of an element, if a word is one.
pub(super) fn symbol_of(word: &str) -> Option<&'static str> {
    ELEMENTS.iter().map(|(symbol, _)| *symbol).find(|symbol| *symbol == word)
}

/// Whether a word is the symbol of an element.
pub(super) fn is_element(word: &str) -> bool {
    ELEMENTS.iter().any(|(symbol, _)| *symbol == word)
}

/// The mass of an element, u.
pub(crate) fn mass(element: &str) -> Option<f64> {
    ELEMENTS.iter().find(|(symbol, _)| *symbol == element).map(|(_, mass)| *mass)
}

/// The only element whose mass is within 0.1 u of this one, if there is just one.
pub(super) fn of_mass(mass: f64) -> Option<&'static str> {
    let mut close = ELEMENTS.iter().filter(|(_, known)| (known - mass).abs() <= MASS_TOLERANCE);
    let (symbol, _) = close.next()?;
    close.next().is_none().then_some(*symbol)
}

/// The element that the name of a pseudopotential begins with: `Hf_sv`, `O`, `H1.25`, `Fe/0bb2207f`.
pub(super) fn of_pseudopotential(word: &str) -> Option<&str> {
    let end = word.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(word.len());
    let symbol = &word[..end];
    is_element(symbol).then_some(symbol)
}

/// The element that a title of POTCAR names: `PAW_PBE Hf_sv 10Jan2008`.
pub(super) fn of_title(title: &str) -> Option<&str> {
    title.split_whitespace().find_map(of_pseudopotential)
}

#[cfg(test)]
mod tests {
    use mtprs_core::species::atomic_number;

    use super::*;

    #[test]
    fn symbols_stand_where_their_atomic_number_says() {
        for (index, (symbol, _)) in ELEMENTS.iter().enumerate() {
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
    fn pseudopotentials_begin_with_their_element() {
        let of = of_pseudopotential;
        assert_eq!((of("Hf_sv"), of("H1.25"), of("O/a17f")), (Some("Hf"), Some("H"), Some("O")));
        assert_eq!((of("PAW_PBE"), of("US"), of("20Jan2003")), (None, None, None));
    }
}
