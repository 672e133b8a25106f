//! Which number each element has: what a potential, the user and all inputs of a command agree on.
//!
//! Names decide. Numbers stand for elements only where one side names none, and then the user is told. The order is that
//! of the potential, of `--species`, or of the first input that names its elements in an order of its own.

use std::sync::{Arc, Mutex, PoisonError};

use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind, Result};

use super::Format;

/// The agreement; clones share it, so that what one input says holds for the others.
#[derive(Clone, Debug, Default)]
pub struct Naming(Arc<Mutex<Agreement>>);

#[derive(Clone, Debug, Default)]
struct Agreement {
    order: Option<Order>,
    /// A potential without names: what it is called, and how many species it has.
    nameless: Option<(String, usize)>,
    /// The first input without names that was met before there was an order.
    before: Option<String>,
    /// Whether numbers are nobody's but ours, given to names as they are met.
    is_by_name: bool,
}

/// Names by number.
#[derive(Clone, Debug)]
struct Order {
    names: Vec<String>,
    /// Who says so, for messages.
    origin: String,
    source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The user: inputs without names are numbered like this.
    Given,
    Potential,
    Input,
}

/// What an input says about the species of a configuration.
pub(super) struct Found<'a> {
    /// Names by number, if there are any.
    pub(super) names: Option<&'a [String]>,
    /// Whether the input itself says in which order elements are numbered.
    pub(super) is_ordered: bool,
    pub(super) format: Format,
    /// What the input is called.
    pub(super) file: &'a str,
}

/// What became of the numbers of a configuration.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    /// The names that the numbers stand for now; nothing if all stays as it is.
    pub(super) names: Option<Vec<String>>,
    /// Whether nobody but the order of the potential says so.
    pub(super) is_assumed: bool,
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

impl Naming {
    /// The order that the user gives.
    pub fn given(names: &[String]) -> Self {
        let order = Order { names: names.to_vec(), origin: "--species".into(), source: Source::Given };
        Self::of(Agreement { order: Some(order), ..Agreement::default() })
    }

    /// Numbers for names in the order in which they are met, for commands that only tell species apart. Inputs with
    /// and without names do not go together then.
    pub fn by_name() -> Self {
        Self::of(Agreement { is_by_name: true, ..Agreement::default() })
    }

    fn of(agreement: Agreement) -> Self {
        Self(Arc::new(Mutex::new(agreement)))
    }

    /// The same with the species of a potential, which is called `name`; what the user gives must not contradict them.
    pub fn with_potential(&self, species: &Species, name: &str) -> Result<Self> {
        let mut agreement = Agreement { order: self.order(), ..Agreement::default() };
        match (&agreement.order, species.names()) {
            (Some(Order { names, source: Source::Given, .. }), known) => {
                if names.len() != species.count() || known.is_some_and(|known| known != names.as_slice()) {
                    let message =
                        format!("--species {} differs from the species of the potential", names.join(","));
                    let error = Error::new(ErrorKind::Species, message).in_file(name);
                    return Err(error.hint(format!("it has {}", species.describe())));
                }
            }
            (_, Some(names)) => {
                let (names, origin) = (names.to_vec(), name.to_owned());
                agreement.order = Some(Order { names, origin, source: Source::Potential });
            }
            (order, None) => {
                if let Some(Order { names, origin, .. }) = order
                    && names.len() > species.count()
                {
                    return Err(too_many(names, origin, name, species.count()));
                }
                agreement.nameless = Some((name.to_owned(), species.count()));
            }
        }
        Ok(Self::of(agreement))
    }

    fn order(&self) -> Option<Order> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).order.clone()
    }

    /// Names by number, as far as they are known so far.
    pub fn names(&self) -> Option<Vec<String>> {
        self.order().map(|order| order.names)
    }

    /// Brings the species of a configuration into the order.
    pub(super) fn number(&self, found: &Found<'_>, species: &mut [u32]) -> Result<Numbered> {
        let mut agreement = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(names) = found.names {
            check_named(names, species)?;
        }
        match found.names {
            Some(names) if agreement.order.is_none() => agreement.begin(found, names),
            Some(names) => agreement.map(found, names, species),
            None => agreement.by_number(found, species),
        }
    }
}

impl Agreement {
    /// Takes the order of the first input that has one.
    fn begin(&mut self, found: &Found<'_>, names: &[String]) -> Result<Numbered> {
        let is_plain = names.len() == 1 && self.nameless.as_ref().is_some_and(|(_, count)| *count == 1);
        if self.is_by_name
            && let Some(before) = &self.before
        {
            return Err(nameless(before, found.file));
        }
        if !found.is_ordered && !is_plain && !self.is_by_name {
            return Err(self.orderless(found, names));
        }
        let mut notes = Vec::new();
        if let Some((potential, count)) = &self.nameless {
            if names.len() > *count {
                return Err(too_many(names, found.file, potential, *count));
            }
            notes.push(format!(
                "{potential} names no elements: its species {} are read as {}, the order of {} (same as --species {})",
                numbers(names.len()),
                names.join(", "),
                found.file,
                names.join(",")
            ));
        }
        if let Some(before) = &self.before {
            notes.push(by_number(before, names, found.file));
        }
        let (names, origin) = (names.to_vec(), found.file.to_owned());
        let written = (!found.is_ordered).then(|| names.clone());
        self.order = Some(Order { names, origin, source: Source::Input });
        Ok(Numbered { names: written, notes, ..Numbered::default() })
    }

    fn orderless(&self, found: &Found<'_>, names: &[String]) -> Error {
        let format = found.format.name();
        let message = match &self.nameless {
            None => format!(
                "{format} names elements but does not number them, so the order of {} is not known",
                names.join(" ")
            ),
            Some((potential, _)) => {
                format!("{potential} does not name its elements, but the input has {}", names.join(" "))
            }
        };
        let whose = if self.nameless.is_some() { "their order in the potential" } else { "it" };
        Error::new(ErrorKind::Species, message).hint(format!("give {whose}: --species {}", names.join(",")))
    }

    /// Numbers names in the order.
    fn map(&mut self, found: &Found<'_>, names: &[String], species: &mut [u32]) -> Result<Numbered> {
        let nameless = self.nameless.clone();
        let Some(order) = &mut self.order else { return Ok(Numbered::default()) };
        if order.names.starts_with(names) {
            let names = (!found.is_ordered).then(|| order.names.clone());
            return Ok(Numbered { names, ..Numbered::default() });
        }
        if order.source == Source::Input && found.is_ordered && names.starts_with(&order.names) {
            if let Some((potential, count)) = &nameless
                && names.len() > *count
            {
                return Err(too_many(names, found.file, potential, *count));
            }
            (order.names, order.origin) = (names.to_vec(), found.file.to_owned());
            return Ok(Numbered::default());
        }
        let may_grow =
            order.source == Source::Input && (found.is_ordered || self.is_by_name) && nameless.is_none();
        let mut numbers: Vec<Option<u32>> = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let is_used = species.iter().any(|&species| species as usize == index);
            let known = order.names.iter().position(|known| known == name);
            if known.is_none() && may_grow && is_used {
                order.names.push(name.clone());
            }
            let known = order.names.iter().position(|known| known == name);
            numbers.push(known.and_then(|known| u32::try_from(known).ok()));
        }
        for (atom, species) in species.iter_mut().enumerate() {
            let index = *species as usize;
            *species = numbers[index].ok_or_else(|| order.lacks(&names[index], atom, names))?;
        }
        let mut notes = Vec::new();
        if found.is_ordered && !self.is_by_name {
            notes.push(format!(
                "{} names its elements in another order, {}: numbered in that of {}, {}",
                found.file,
                names.join(" "),
                order.origin,
                order.names.join(" ")
            ));
        }
        Ok(Numbered { names: Some(order.names.clone()), notes, ..Numbered::default() })
    }

    /// Takes the numbers of an input without names as they are.
    fn by_number(&mut self, found: &Found<'_>, species: &[u32]) -> Result<Numbered> {
        let Some(order) = &self.order else {
            self.before.get_or_insert_with(|| found.file.to_owned());
            return Ok(Numbered::default());
        };
        if self.is_by_name {
            return Err(nameless(found.file, &order.origin));
        }
        let count = order.names.len();
        if let Some(atom) = species.iter().position(|&species| species as usize >= count) {
            let message = format!(
                "atom {} is of species {}, but {} names {count}: {} (numbered from 0)",
                atom + 1,
                species[atom],
                order.origin,
                order.names.join(" ")
            );
            return Err(Error::new(ErrorKind::Species, message).about_atom(atom));
        }
        if order.source == Source::Given {
            return Ok(Numbered { names: Some(order.names.clone()), ..Numbered::default() });
        }
        let notes = vec![by_number(found.file, &order.names, &order.origin)];
        Ok(Numbered { names: Some(order.names.clone()), is_assumed: true, notes })
    }
}

impl Order {
    fn lacks(&self, name: &str, atom: usize, named: &[String]) -> Error {
        let message = format!(
            "atom {} is {name}, which is not among {}: {}; named here are {}",
            atom + 1,
            self.origin,
            self.names.join(" "),
            named.join(" ")
        );
        Error::new(ErrorKind::Species, message).about_atom(atom)
    }
}

/// Says that an input without names was taken by number.
fn by_number(file: &str, names: &[String], origin: &str) -> String {
    format!(
        "{file} names no elements: its types {} are read as {}, the order of {origin} (if right, confirm with \
         --species {}; if wrong, name them with mtprs convert --input-species)",
        numbers(names.len()),
        names.join(", "),
        names.join(",")
    )
}

/// Refuses to compare species by number with species by name.
fn nameless(file: &str, other: &str) -> Error {
    let message = format!("{file} names no elements, but {other} does");
    Error::new(ErrorKind::Species, message)
        .hint("name its species in the order of their numbers: --species Mg,V,O")
}

fn numbers(count: usize) -> String {
    (0..count).map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}

fn too_many(names: &[String], origin: &str, potential: &str, count: usize) -> Error {
    let message = format!("{origin} names {}, but {potential} has {count} species", names.join(" "));
    Error::new(ErrorKind::Species, message)
}

/// Refuses numbers that the names do not reach.
fn check_named(names: &[String], species: &[u32]) -> Result<()> {
    let Some(atom) = species.iter().position(|&species| species as usize >= names.len()) else {
        return Ok(());
    };
    let message = format!(
        "atom {} is of type {}, but the feature elements names {} (numbered from 0)",
        atom + 1,
        species[atom],
        names.len()
    );
    Err(Error::new(ErrorKind::Species, message).about_atom(atom))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What inputs named before the potential was read must fit it.
    #[test]
    fn a_potential_without_names_has_room_for_all_names_of_the_inputs() {
        let names = ["Mg", "O", "V"].map(str::to_owned);
        for (count, fits) in [(2, false), (3, true), (4, true)] {
            let naming = Naming::default();
            let found =
                Found { names: Some(&names), is_ordered: true, format: Format::CFG, file: "train.cfg" };
            naming.number(&found, &mut [0, 1, 2]).unwrap();
            let with = naming.with_potential(&Species::unnamed(count), "pot.mtp");
            match with {
                Ok(_) => assert!(fits, "{count} species"),
                Err(error) => {
                    assert!(!fits, "{error}");
                    assert_eq!(error.to_string(), "train.cfg names Mg O V, but pot.mtp has 2 species");
                }
            }
        }
    }
}
