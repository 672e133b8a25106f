//! Pairs of species as users name them: `Mg-O` for oxygen around magnesium, `all` for atoms of any species.

use std::fmt;
use std::str::FromStr;

/// Word for atoms of any species.
const ALL: &str = "all";

/// Neighbors of some species around atoms of some species.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The atoms in the center.
    pub center: Atoms,
    /// Their neighbors.
    pub neighbor: Atoms,
}

/// Atoms of a species, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atoms {
    /// Atoms of any species.
    All,
    /// Those of the species of this name, or of this number from zero where species have no names.
    Species(String),
}

/// Species by number; nothing stands for all of them.
pub(super) type Numbers = [Option<usize>; 2];

impl Pair {
    /// Both species by number, if these names have them.
    pub(super) fn numbers(&self, names: &[String]) -> Option<Numbers> {
        Some([self.center.number(names)?, self.neighbor.number(names)?])
    }
}

impl Atoms {
    /// The number of the species, if these names have it; none of it for all.
    pub(super) fn number(&self, names: &[String]) -> Option<Option<usize>> {
        match self {
            Self::All => Some(None),
            Self::Species(name) => number(name, names).map(Some),
        }
    }
}

/// The number of the species that is called so: its name, or its number from zero where species have no names.
pub fn number(name: &str, names: &[String]) -> Option<usize> {
    if names.is_empty() { name.parse().ok() } else { names.iter().position(|known| known == name) }
}

/// What a species is called: its name, or its number where it has none.
pub fn label(species: Option<usize>, names: &[String]) -> String {
    match species {
        None => ALL.to_owned(),
        Some(number) => names.get(number).cloned().unwrap_or_else(|| number.to_string()),
    }
}

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pair = text.split_once('-').filter(|(_, neighbor)| !neighbor.contains('-'));
        let pair = pair.and_then(|(center, neighbor)| {
            Some(Self { center: center.parse().ok()?, neighbor: neighbor.parse().ok()? })
        });
        pair.ok_or_else(|| "expected two species like Mg-O, or all-all".to_owned())
    }
}

impl FromStr for Atoms {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "" => Err("expected a species, or all".to_owned()),
            ALL => Ok(Self::All),
            word => Ok(Self::Species(word.to_owned())),
        }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.center, self.neighbor)
    }
}

impl fmt::Display for Atoms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => ALL,
            Self::Species(name) => name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_two_species_or_all() {
        let names = ["Mg", "O"].map(str::to_owned);
        let numbers = |text: &str, names: &[String]| text.parse::<Pair>().unwrap().numbers(names);
        assert_eq!(numbers("O-Mg", &names), Some([Some(1), Some(0)]));
        assert_eq!(numbers("Mg-all", &names), Some([Some(0), None]));
        assert_eq!(numbers("1-0", &[]), Some([Some(1), Some(0)]));
        assert_eq!(numbers("1-O", &names), None, "numbers stand for species without names only");
        for wrong in ["Mg", "Mg-", "-O", "Mg-V-O", ""] {
            assert!(wrong.parse::<Pair>().is_err(), "{wrong}");
        }
        assert_eq!("Mg-all".parse::<Pair>().unwrap().to_string(), "Mg-all");
    }
}
