//! In which order elements are numbered: what `.cfg` and LAMMPS data leave to agreement, given by the user or a potential.

use mtprs_core::{Error, ErrorKind, Result};

use super::structure::Structure;
use super::type_names;

/// Element names in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpeciesOrder {
    /// Elements by number in the output.
    names: Vec<String>,
    /// Elements by number in inputs that have no names.
    input_names: Vec<String>,
    /// Where the order comes from, for messages.
    origin: String,
}

impl SpeciesOrder {
    /// The order of `names`, which come from `origin`; inputs without names number elements like `input_names`, by
    /// default the same.
    pub fn new(names: &[String], input_names: Option<&[String]>, origin: &str) -> Self {
        let input_names = input_names.unwrap_or(names).to_vec();
        Self { names: names.to_vec(), input_names, origin: origin.to_owned() }
    }

    /// The elements in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Numbers the species of a structure in this order.
    pub fn apply(&self, structure: &mut Structure) -> Result<()> {
        if structure.elements.is_none() {
            type_names::name_by_number(structure, &self.input_names, &self.origin)?;
        }
        let found = structure.elements.take().unwrap_or_default();
        let numbers: Vec<Option<u32>> = found.iter().map(|name| self.number(name)).collect();
        for (atom, species) in structure.configuration.species.iter_mut().enumerate() {
            let index = *species as usize;
            *species = match numbers.get(index) {
                Some(Some(number)) => *number,
                Some(None) => return Err(self.unknown(&found[index], atom)),
                None => {
                    let message = format!("atom {} is of species {index}, which has no name", atom + 1);
                    return Err(Error::new(ErrorKind::Species, message).about_atom(atom));
                }
            };
        }
        structure.elements = Some(self.names.clone());
        structure.is_ordered = true;
        Ok(())
    }

    fn number(&self, name: &str) -> Option<u32> {
        let index = self.names.iter().position(|known| known == name)?;
        u32::try_from(index).ok()
    }

    fn unknown(&self, name: &str, atom: usize) -> Error {
        let names = self.names.join(" ");
        let message = format!("atom {} is {name}, which is not among {}: {names}", atom + 1, self.origin);
        Error::new(ErrorKind::Species, message).about_atom(atom)
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::{Cell, Configuration};

    use super::*;

    fn structure(species: &[u32], elements: Option<&[&str]>) -> Structure {
        let positions = vec![[0.0; 3]; species.len()];
        let configuration = Configuration::new(Cell::open(), species.to_vec(), positions).unwrap();
        let elements = elements.map(|names| names.iter().map(|&name| name.to_owned()).collect());
        Structure { configuration, elements, ..Structure::default() }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn names_are_numbered_in_the_order_and_numbers_by_the_names_of_the_input() {
        let order = SpeciesOrder::new(&names(&["Mg", "V", "O"]), None, "--species");
        let mut named = structure(&[0, 1, 0], Some(&["O", "Mg"]));
        order.apply(&mut named).unwrap();
        assert_eq!(named.configuration.species, [2, 0, 2]);
        let mut numbered = structure(&[0, 1], None);
        order.apply(&mut numbered).unwrap();
        assert_eq!(numbered.configuration.species, [0, 1]);
        let order = SpeciesOrder::new(&names(&["Mg", "V", "O"]), Some(&names(&["V", "O"])), "--species");
        let mut numbered = structure(&[0, 1], None);
        order.apply(&mut numbered).unwrap();
        assert_eq!((numbered.configuration.species[0], numbered.element(1)), (1, Some("O")));
    }

    #[test]
    fn what_has_no_number_is_refused() {
        let order = SpeciesOrder::new(&names(&["Mg", "O"]), None, "--species");
        let message = order.apply(&mut structure(&[0], Some(&["Xe"]))).unwrap_err().to_string();
        assert_eq!(message, "atom 1 is Xe, which is not among --species: Mg O");
        let message = order.apply(&mut structure(&[0, 2], None)).unwrap_err().to_string();
        assert_eq!(message, "atom 2 is of species 2, but --species names 2 (numbered from 0)");
    }
}
