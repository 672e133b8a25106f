//! Element names and the species indices they stand for in a potential.

use crate::error::{Error, ErrorKind, Result};

/// Symbols of the chemical elements, by atomic number less one.
#[rustfmt::skip]
const ELEMENTS: [&str; 118] = [
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar", "K", "Ca",
    "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y",
    "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe", "Cs", "Ba", "La", "Ce",
    "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W", "Re", "Os", "Ir",
    "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U", "Np", "Pu", "Am", "Cm",
    "Bk", "Cf", "Es", "Fm", "Md", "No", "Lr", "Rf", "Db", "Sg", "Bh", "Hs", "Mt", "Ds", "Rg", "Cn", "Nh", "Fl", "Mc",
    "Lv", "Ts", "Og",
];

/// Atomic number of an element symbol (`"Mg"` gives 12), `None` if there is no such element.
pub fn atomic_number(symbol: &str) -> Option<usize> {
    ELEMENTS.iter().position(|&known| known == symbol).map(|index| index + 1)
}

/// Symbol of the element with an atomic number (12 gives `"Mg"`), `None` if there is no such element.
pub fn symbol(atomic_number: usize) -> Option<&'static str> {
    ELEMENTS.get(atomic_number.checked_sub(1)?).copied()
}

/// The species of a potential: how many, and their element names where these are known.
///
/// Species are numbered from zero. Names are distinct element symbols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Species {
    count: usize,
    names: Option<Vec<String>>,
}

impl Species {
    /// Species known by number only.
    pub fn unnamed(count: usize) -> Self {
        Self { count, names: None }
    }

    /// Species with element names, in the order of their indices. Names must be element symbols and distinct.
    pub fn named<S: AsRef<str>>(names: &[S]) -> Result<Self> {
        for (index, name) in names.iter().map(AsRef::as_ref).enumerate() {
            if atomic_number(name).is_none() {
                return Err(Error::new(
                    ErrorKind::Species,
                    format!("{name} is not the symbol of a chemical element"),
                ));
            }
            if names[..index].iter().any(|earlier| earlier.as_ref() == name) {
                return Err(Error::new(ErrorKind::Species, format!("element {name} is listed twice")));
            }
        }
        let names: Vec<String> = names.iter().map(|name| name.as_ref().to_owned()).collect();
        Ok(Self { count: names.len(), names: Some(names) })
    }

    /// Reads a `potential_tag`: species names if it holds exactly `count` distinct element symbols, otherwise free
    /// text that says nothing about species.
    pub fn from_tag(count: usize, tag: &str) -> Self {
        let words: Vec<&str> = tag.split([' ', '\t', ',']).filter(|word| !word.is_empty()).collect();
        if words.len() == count {
            Self::named(&words).unwrap_or(Self::unnamed(count))
        } else {
            Self::unnamed(count)
        }
    }

    /// Number of species.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Element names in the order of the indices, if known.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// Name of one species for messages: the element symbol, or the number if there is none.
    pub fn label(&self, index: usize) -> String {
        match self.names.as_deref().and_then(|names| names.get(index)) {
            Some(name) => name.clone(),
            None => index.to_string(),
        }
    }

    /// Index of the species that a user calls `word`: an element symbol of this potential or a number from zero.
    pub fn resolve(&self, word: &str) -> Result<usize> {
        if let Some(index) = self.names().and_then(|names| names.iter().position(|name| name == word)) {
            return Ok(index);
        }
        match word.parse::<usize>() {
            Ok(index) if index < self.count => Ok(index),
            Ok(index) => Err(Error::new(
                ErrorKind::Species,
                format!("species {index} does not exist ({})", self.describe()),
            )),
            Err(_) => Err(self.unknown_name(word)),
        }
    }

    /// The species in words: "species: Mg V O" or "3 species without names: 0 1 2".
    pub fn describe(&self) -> String {
        match &self.names {
            Some(names) => format!("species: {}", names.join(" ")),
            None => {
                let numbers: Vec<String> = (0..self.count).map(|index| index.to_string()).collect();
                format!("{} species without names: {}", self.count, numbers.join(" "))
            }
        }
    }

    fn unknown_name(&self, word: &str) -> Error {
        let error = Error::new(
            ErrorKind::Species,
            format!("element {word} is not in the potential ({})", self.describe()),
        );
        match self.names {
            Some(_) => error,
            None => error.hint("the potential carries no element names: give them with the keyword species, or use the numbers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_species_only_when_every_word_is_an_element() {
        assert_eq!(Species::from_tag(3, " Mg V O ").names().unwrap(), ["Mg", "V", "O"]);
        assert_eq!(Species::from_tag(3, "Mg V").names(), None);
        assert_eq!(Species::from_tag(2, "my potential").names(), None);
        assert_eq!(Species::from_tag(2, "Mg Mg").names(), None);
        assert_eq!(atomic_number("Og"), Some(118));
    }

    #[test]
    fn resolve_takes_symbols_and_numbers_and_explains_the_rest() {
        let species = Species::named(&["Mg", "V", "O"]).unwrap();
        assert_eq!(species.resolve("O").unwrap(), 2);
        assert_eq!(species.resolve("1").unwrap(), 1);
        let message = species.resolve("Xe").unwrap_err().to_string();
        assert_eq!(message, "element Xe is not in the potential (species: Mg V O)");
        assert!(species.resolve("3").unwrap_err().to_string().contains("species 3 does not exist"));
    }
}
