//! The atoms of vasprun.xml: types by the titles of their pseudopotentials, their masses and their symbols.
//!
//! The column of symbols is two letters wide and what VASP makes of VRHFIN: versions of VASP 5.4 write `r` for Zr and `X`
//! for Xe. Titles and masses stand beside it and decide; the three must not contradict each other.

use super::lines::shown;
use super::type_names::NamedType;
use super::vasprun::Tag;
use crate::constants::elements;

/// What VASP writes for some elements, and what it means.
const MISPRINTS: [(&str, &str); 2] = [("r", "Zr"), ("X", "Xe")];

/// The parts of `atominfo`.
#[derive(Clone, Debug, Default)]
pub(super) struct Atoms {
    /// Symbol and type, from one, of each atom.
    atoms: Vec<(String, Option<usize>)>,
    /// Cells of the row that is being read.
    row: Vec<String>,
    /// Names of the columns of the array that is being read.
    fields: Vec<String>,
    types: Vec<Row>,
}

/// A row of the array of types.
#[derive(Clone, Debug, Default)]
struct Row {
    symbol: String,
    mass: Option<f64>,
    title: String,
}

/// Species of all atoms by type, the elements of the types, and notes about them.
pub(super) type Typed = (Vec<u32>, Vec<Option<NamedType>>, Vec<String>);

impl Atoms {
    /// Takes an element of `atominfo`: the last of `path`, which holds `text`.
    pub(super) fn take(&mut self, path: &[Tag], text: &str) {
        let Some(last) = path.last() else { return };
        let Some(array) = path.iter().find(|around| around.tag == "array") else { return };
        match (last.tag.as_str(), array.name.as_str()) {
            ("field", _) => self.fields.push(text.trim().to_owned()),
            ("array", _) => self.fields.clear(),
            ("c", _) => self.row.push(text.trim().to_owned()),
            ("rc", "atoms") => {
                let mut row = std::mem::take(&mut self.row).into_iter();
                let symbol = row.next().unwrap_or_default();
                let number = row.next().and_then(|word| word.parse().ok()).filter(|&number| number > 0);
                self.atoms.push((symbol, number));
            }
            ("rc", "atomtypes") => {
                let row = std::mem::take(&mut self.row);
                let cell = |name: &str, place: usize| {
                    let named = self.fields.iter().position(|field| field == name);
                    row.get(named.unwrap_or(place)).cloned().unwrap_or_default()
                };
                self.types.push(Row {
                    symbol: cell("element", 1),
                    mass: cell("mass", 2).parse().ok(),
                    title: cell("pseudopotential", 4),
                });
            }
            ("rc", _) => self.row.clear(),
            _ => {}
        }
    }

    /// Species and elements; or what contradicts what.
    pub(super) fn typed(&self) -> Result<Typed, String> {
        // Types by number, or by symbol where atoms have none.
        let mut symbols: Vec<String> = self.types.iter().map(|row| row.symbol.clone()).collect();
        let mut species = Vec::with_capacity(self.atoms.len());
        for (atom, (symbol, number)) in self.atoms.iter().enumerate() {
            let index = match number {
                Some(number) => number - 1,
                None => symbols.iter().position(|known| known == symbol).unwrap_or(symbols.len()),
            };
            if index >= symbols.len() {
                if index > self.atoms.len() {
                    return Err(format!(
                        "atom {} is of type {}, and there are {} atoms",
                        atom + 1,
                        index + 1,
                        self.atoms.len()
                    ));
                }
                symbols.resize(index + 1, String::new());
            }
            if symbols[index].is_empty() {
                symbols[index].clone_from(symbol);
            }
            if symbols[index] != *symbol {
                return Err(format!(
                    "type {} has the symbol {}, but atom {} of this type {}",
                    index + 1,
                    shown(&symbols[index]),
                    atom + 1,
                    shown(symbol)
                ));
            }
            species.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
        let mut notes = Vec::new();
        let mut named = Vec::with_capacity(symbols.len());
        for (index, symbol) in symbols.into_iter().enumerate() {
            let row = self.types.get(index).cloned().unwrap_or_else(|| Row { symbol, ..Row::default() });
            named.push(row.element(index + 1, &mut notes)?);
        }
        Ok((species, named, notes))
    }
}

impl Row {
    /// The element of type `number`, with a note where it is not the one that the column says.
    fn element(&self, number: usize, notes: &mut Vec<String>) -> Result<Option<NamedType>, String> {
        let symbol = elements::is_element(&self.symbol).then_some(self.symbol.as_str());
        let title = elements::of_title(&self.title);
        let by_mass = self.mass.and_then(elements::of_mass);
        let by = |element: &str, source: String| Some(NamedType { element: element.to_owned(), source });
        let by_title = |element| by(element, format!("the pseudopotential {}", shown(&self.title)));
        let contradiction = |one: String, other: String| Err(format!("type {number} is {one}, but {other}"));
        match (title, symbol) {
            (Some(title), Some(symbol)) if title == symbol => Ok(by_title(title)),
            // What the mass says makes two against one.
            (Some(title), symbol) if symbol.is_none() && by_mass.is_none_or(|mass| mass == title) => {
                notes.push(self.misprint(number, title, "its pseudopotential"));
                Ok(by_title(title))
            }
            (Some(title), _) => contradiction(
                format!("{title} by the pseudopotential {}", shown(&self.title)),
                match symbol {
                    Some(symbol) => format!("{symbol} by its symbol"),
                    None => format!("{} by its mass {}", by_mass.unwrap_or("?"), self.mass.unwrap_or(0.0)),
                },
            ),
            (None, Some(symbol)) => match by_mass.filter(|mass| *mass != symbol) {
                Some(mass) => contradiction(
                    format!("{symbol} by its symbol"),
                    format!("{mass} by its mass {}", self.mass.unwrap_or(0.0)),
                ),
                None => Ok(by(symbol, "its symbol".to_owned())),
            },
            (None, None) => {
                let known =
                    MISPRINTS.iter().find(|(printed, _)| *printed == self.symbol).map(|(_, meant)| *meant);
                let Some(element) = by_mass.or(known) else { return Ok(None) };
                if let Some(known) = known.filter(|known| *known != element) {
                    return contradiction(
                        format!("{known} by its symbol {}", shown(&self.symbol)),
                        format!("{element} by its mass {}", self.mass.unwrap_or(0.0)),
                    );
                }
                let source = if by_mass.is_some() { "its mass" } else { "what VASP 5.4 writes for it" };
                notes.push(self.misprint(number, element, source));
                Ok(by(element, source.to_owned()))
            }
        }
    }

    fn misprint(&self, number: usize, element: &str, source: &str) -> String {
        format!("the symbol of type {number} is {}: taken for {element} by {source}", shown(&self.symbol))
    }
}
