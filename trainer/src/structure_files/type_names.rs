//! Elements of the numbered types of a file: who names them, and whether two that name them agree.
//!
//! What a file says about its types is never overruled: names that are given from outside fill what it leaves open, and
//! where they contradict it the error quotes both.

use std::sync::Arc;

use mtprs_core::{Error, ErrorKind, Result};

use super::structure::{Names, Structure};

/// The element of a type, and the words of the file that say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedType {
    /// Its symbol.
    pub element: String,
    /// What says so, for messages.
    pub source: String,
}

/// The types of a file by their number from zero; `None` where it does not say which element one is.
pub type NamedTypes = Arc<[Option<NamedType>]>;

/// The elements of types that are all named.
pub(super) fn elements(types: &[Option<NamedType>]) -> Option<Vec<&str>> {
    let names = types.iter().map(|named| named.as_ref().map(|named| named.element.as_str()));
    names.collect::<Option<Vec<&str>>>().filter(|names| !names.is_empty())
}

/// Whether elements that are given for the types of a structure agree with the file: `origin` is who gives them. A file
/// that names its atoms and has no types must name only these.
pub(super) fn check_given(structure: &Structure, given: &[String], origin: &str) -> Result<()> {
    if structure.types.is_empty()
        && let Some(other) = structure.elements.iter().flatten().find(|element| !given.contains(element))
    {
        let message = format!("the file has atoms of {other}, and {origin} names {}", given.join(", "));
        return Err(Error::new(ErrorKind::Species, message)
            .hint("names in the file decide: leave --input-species out, or correct the file"));
    }
    for (index, (named, given)) in structure.types.iter().zip(given).enumerate() {
        if let Some(NamedType { element, source }) = named
            && element != given
        {
            let number = index + 1;
            let message =
                format!("type {number} of the file is {element} by {source}, but {given} by {origin}");
            let error = Error::new(ErrorKind::Species, message);
            return Err(error.hint("names in the file decide: correct what is wrong there or on the command line; --input-species takes elements in the order of the types of the file"));
        }
    }
    Ok(())
}

/// Names the species of a structure that has numbers only; types of one element become one species.
pub(super) fn name_by_number(structure: &mut Structure, given: &[String], origin: &str) -> Result<()> {
    check_given(structure, given, origin)?;
    let named = given.len();
    let species = &structure.configuration.species;
    if let Some(atom) = species.iter().position(|&number| number as usize >= named) {
        let message = format!(
            "atom {} is of species {}, but {origin} names {named} (numbered from 0)",
            atom + 1,
            species[atom]
        );
        return Err(Error::new(ErrorKind::Species, message).about_atom(atom));
    }
    merge(structure, given);
    Ok(())
}

/// Gives the species of a structure the names of their types, by number; types of one element become one species.
pub(super) fn merge(structure: &mut Structure, names: &[impl AsRef<str>]) {
    let mut merged = Names::default();
    let numbers: Vec<u32> = names.iter().map(|name| merged.index(name.as_ref())).collect();
    for species in &mut structure.configuration.species {
        *species = numbers.get(*species as usize).copied().unwrap_or(*species);
    }
    structure.elements = Some(merged.into_vec());
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::{Cell, Configuration};

    use super::*;

    fn structure(species: &[u32], types: &[Option<&str>]) -> Structure {
        let positions = vec![[0.0; 3]; species.len()];
        let configuration = Configuration::new(Cell::open(), species.to_vec(), positions).unwrap();
        let named = |name: &&str| NamedType { element: (*name).to_owned(), source: "its mass".to_owned() };
        let types = types.iter().map(|name| name.as_ref().map(named)).collect();
        Structure { configuration, types, ..Structure::default() }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn types_of_one_element_become_one_species() {
        let mut structure = structure(&[2, 0, 1], &[]);
        name_by_number(&mut structure, &names(&["O", "Mg", "O"]), "--input-species").unwrap();
        assert_eq!(structure.configuration.species, [0, 0, 1]);
        assert_eq!(structure.elements.unwrap(), ["O", "Mg"]);
    }

    #[test]
    fn what_contradicts_the_file_is_refused_with_the_words_of_both() {
        let mut half = structure(&[0, 1], &[Some("O"), None]);
        name_by_number(&mut half.clone(), &names(&["O", "Zr"]), "--input-species").unwrap();
        let message = name_by_number(&mut half, &names(&["Zr", "O"]), "--input-species").unwrap_err();
        let message = message.to_string();
        assert!(
            message.starts_with("type 1 of the file is O by its mass, but Zr by --input-species\n  hint: "),
            "{message}"
        );
        let message = name_by_number(&mut half, &names(&["O"]), "--species").unwrap_err().to_string();
        assert_eq!(message, "atom 2 is of species 1, but --species names 1 (numbered from 0)");
    }
}
