//! The elements of the rows of extended XYZ: symbols in any case, isotopes of hydrogen, atomic numbers.

use std::collections::BTreeSet;

use mtprs_core::Result;

use super::extxyz_values::invalid;
use super::lines::shown;
use super::structure::Names;
use crate::constants::elements;

/// Numbers the elements of a frame, given by symbols, atomic numbers or both; adds to `notes` what was read otherwise than it
/// stands there.
pub(super) fn number(
    symbols: &[String],
    atomic_numbers: &[u32],
    notes: &mut Vec<String>,
) -> Result<(Names, Vec<u32>)> {
    let of_numbers: Vec<&str> =
        atomic_numbers.iter().map(|&number| of_number(number)).collect::<Result<_>>()?;
    let mut names = Names::default();
    if symbols.is_empty() {
        let species = of_numbers.into_iter().map(|name| names.index(name)).collect();
        return Ok((names, species));
    }
    let read = Symbols::of(symbols)?;
    let mut species = Vec::with_capacity(symbols.len());
    for (atom, symbol) in symbols.iter().enumerate() {
        let name = read.element(symbol, notes)?;
        if let Some(other) = of_numbers.get(atom)
            && *other != name
        {
            return Err(invalid(format!(
                "atom {} is {symbol}, and its atomic number says {other}",
                atom + 1
            )));
        }
        species.push(names.index(name));
    }
    Ok((names, species))
}

/// How the words of a column of elements are to be read.
enum Symbols {
    Names,
    AtomicNumbers,
}

impl Symbols {
    fn of(words: &[String]) -> Result<Self> {
        let numbers: BTreeSet<u32> = words.iter().filter_map(|word| word.parse().ok()).collect();
        if numbers.is_empty() {
            return Ok(Self::Names);
        }
        if words.iter().any(|word| word.parse::<u32>().is_err()) {
            return Err(invalid("expected symbols of elements or atomic numbers, got both".to_owned()));
        }
        if numbers.iter().copied().eq(1..=numbers.len() as u32) {
            let listed = numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
            let error = invalid(format!("the species {listed} may be atomic numbers or types"));
            return Err(error.hint("write symbols, or Z:I:1 in place of species:S:1 for atomic numbers"));
        }
        Ok(Self::AtomicNumbers)
    }

    fn element(&self, word: &str, notes: &mut Vec<String>) -> Result<&'static str> {
        let mut note = |sentence: String| {
            if !notes.contains(&sentence) {
                notes.push(sentence);
            }
        };
        if matches!(self, Self::AtomicNumbers) {
            note("the species are numbers: read as atomic numbers".to_owned());
            return of_number(word.parse().unwrap_or_default());
        }
        if let "D" | "T" = word {
            note(format!("{word} read as H: a potential knows no isotopes"));
            return of_number(1);
        }
        if let Some(symbol) = elements::symbol_of(word) {
            return Ok(symbol);
        }
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        let capitalized: String =
            first.into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect();
        let symbol = elements::symbol_of(&capitalized)
            .ok_or_else(|| invalid(format!("expected the symbol of an element, got {}", shown(word))))?;
        note(format!("{word} read as {symbol}"));
        Ok(symbol)
    }
}

fn of_number(number: u32) -> Result<&'static str> {
    let symbol = elements::symbol(number as usize);
    symbol.ok_or_else(|| invalid(format!("expected an atomic number from 1 to 118, got {number}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(symbols: &str, numbers: &[u32]) -> std::result::Result<(String, Vec<String>), String> {
        let symbols: Vec<String> = symbols.split_whitespace().map(str::to_owned).collect();
        let mut notes = Vec::new();
        let (names, species) =
            number(&symbols, numbers, &mut notes).map_err(|error| error.message().to_owned())?;
        let names = names.into_vec();
        let elements: Vec<&str> = species.iter().map(|&index| names[index as usize].as_str()).collect();
        Ok((elements.join(" "), notes))
    }

    #[test]
    fn symbols_numbers_and_isotopes_are_elements() {
        assert_eq!(read("O Mg O", &[]).unwrap(), ("O Mg O".to_owned(), vec![]));
        assert_eq!(read("", &[8, 12]).unwrap().0, "O Mg");
        assert_eq!(read("O Mg", &[8, 12]).unwrap().0, "O Mg");
        assert_eq!(read("12 8", &[]).unwrap().0, "Mg O");
        assert_eq!(read("D o MG", &[]).unwrap().0, "H O Mg");
        assert_eq!(
            read("D o", &[]).unwrap().1,
            ["D read as H: a potential knows no isotopes", "o read as O"]
        );
    }

    #[test]
    fn what_may_mean_two_things_is_refused() {
        assert_eq!(read("1 2", &[]).unwrap_err(), "the species 1 2 may be atomic numbers or types");
        assert_eq!(read("1 O", &[]).unwrap_err(), "expected symbols of elements or atomic numbers, got both");
        assert_eq!(read("O Mg", &[8, 13]).unwrap_err(), "atom 2 is Mg, and its atomic number says Al");
        assert_eq!(read("Fe1", &[]).unwrap_err(), "expected the symbol of an element, got Fe1");
        assert_eq!(read("", &[200]).unwrap_err(), "expected an atomic number from 1 to 118, got 200");
        assert_eq!(read("200", &[]).unwrap_err(), "expected an atomic number from 1 to 118, got 200");
    }
}
