//! What the beginning of an OUTCAR says about the atoms: elements by the titles of the pseudopotentials, and how many of each.
//!
//! What VRHFIN, or POMASS where it names no element, says of a type must not contradict its title. The counts of
//! `ions per type` must agree with NIONS: VASP prints ten of them in some versions, and in columns of four digits that
//! touch in others.

use mtprs_core::Result;

use super::lines::Lines;
use super::type_names::NamedType;
use super::vasp_settings::VaspSettings;
use crate::constants::elements;

/// Widths of the columns of counts in the versions of VASP.
const COUNT_WIDTHS: [usize; 2] = [4, 6];

/// What holds for all steps of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    /// The version of VASP, its first number.
    pub(super) version: u32,
    pub(super) settings: VaspSettings,
    /// Lines TITEL.
    titles: Vec<String>,
    /// Lines VRHFIN, for titles that name no element.
    configurations: Vec<String>,
    /// Lines POMASS of the types, for titles that nothing else confirms.
    masses: Vec<String>,
    /// Lines POTCAR, for runs that print no titles (NWRITE = 0).
    potentials: Vec<String>,
    /// Atoms of each type.
    counts: Vec<usize>,
    /// The columns of the counts.
    columns: String,
    /// Number of atoms (NIONS).
    atoms: Option<usize>,
}

impl Header {
    /// The header that begins with a line ` vasp.5.4.4…`.
    pub(super) fn new(text: &str) -> Self {
        let version = text.split_once("vasp.").map_or("", |(_, version)| version);
        let version = version.split('.').next().and_then(|number| number.parse().ok());
        Self { version: version.unwrap_or(0), ..Self::default() }
    }

    /// Takes what the current line says about the run.
    pub(super) fn take(&mut self, lines: &mut Lines) -> Result<()> {
        let text = lines.text().trim_start();
        if let Some(title) = value(text, "TITEL") {
            self.titles.push(title.trim().to_owned());
        } else if let Some(configuration) = value(text, "VRHFIN") {
            self.configurations.push(configuration.trim().to_owned());
        } else if let Some(mass) = value(text, "POMASS").filter(|rest| rest.contains("ZVAL")) {
            let mass = mass.split(';').next().unwrap_or_default();
            self.masses.push(mass.trim().to_owned());
        } else if let Some(potential) = text.strip_prefix("POTCAR:") {
            self.potentials.push(potential.trim().to_owned());
        } else if value(text, "ions per type").is_some() {
            self.read_counts(lines)?;
        } else if text.starts_with("number of dos") {
            let atoms = text.split_once("NIONS").and_then(|(_, rest)| rest.trim_start().strip_prefix('='));
            self.atoms = atoms.and_then(|count| count.trim().parse().ok());
        } else if let Some((key, value)) = text.split_once('=') {
            self.settings.set(key.trim_end(), value);
        }
        Ok(())
    }

    /// Reads the counts of the current line and of those after it that hold nothing else.
    fn read_counts(&mut self, lines: &mut Lines) -> Result<()> {
        let (_, columns) = lines.text().split_once('=').unwrap_or_default();
        self.columns = columns.to_owned();
        self.counts = columns.split_whitespace().map_while(|word| word.parse().ok()).collect();
        while lines.advance()? {
            let more: Option<Vec<usize>> = lines.words().map(|word| word.parse().ok()).collect();
            let Some(more) = more.filter(|more| !more.is_empty()) else {
                lines.give_back();
                break;
            };
            self.counts.extend(more);
            self.columns.push_str(lines.text());
        }
        Ok(())
    }

    /// Atoms of each type, which must be NIONS together.
    fn checked_counts(&self) -> std::result::Result<Vec<usize>, String> {
        let Some(atoms) = self.atoms else {
            let known =
                !self.counts.is_empty() && self.counts.len() == self.columns.split_whitespace().count();
            return if known {
                Ok(self.counts.clone())
            } else {
                Err("the run does not say how many atoms of each type it has (ions per type)".to_owned())
            };
        };
        let types = self.types();
        let agree = |counts: &[usize]| {
            counts.iter().try_fold(0_usize, |sum, &count| sum.checked_add(count)) == Some(atoms)
        };
        let is_whole = self.counts.len() == self.columns.split_whitespace().count();
        if is_whole && agree(&self.counts) {
            return Ok(self.counts.clone());
        }
        for width in COUNT_WIDTHS {
            // The number of types tells whether the columns were cut where they end.
            let counts = columns(&self.columns, width);
            if let Some(counts) = counts.filter(|counts| Some(counts.len()) == types && agree(counts)) {
                return Ok(counts);
            }
        }
        let listed = self.counts.iter().fold(0_usize, |sum, &count| sum.saturating_add(count));
        if is_whole && types == Some(self.counts.len() + 1) && listed < atoms {
            let rest = atoms - listed;
            return Ok(self.counts.iter().copied().chain([rest]).collect());
        }
        let types = types.map_or(String::new(), |types| format!(" of {types} POTCARs"));
        Err(format!(
            "ions per type has {} counts with {listed} atoms in all, but NIONS is {atoms}{types}: which atom is of which type is not in this file\n  hint: vasprun.xml of the same run names each atom",
            self.counts.len()
        ))
    }

    /// The number of types, by the lists of pseudopotentials.
    fn types(&self) -> Option<usize> {
        let titles = [&self.titles, &self.configurations].into_iter().find(|list| !list.is_empty());
        titles.map(Vec::len).or_else(|| {
            // The list of POTCAR stands in the file once or twice.
            let list = &self.potentials;
            let half = list.len() / 2;
            let is_double = half > 0 && list.len().is_multiple_of(2) && list[..half] == list[half..];
            (!list.is_empty()).then_some(if is_double { half } else { list.len() })
        })
    }

    /// Number of atoms, if it is known beyond doubt.
    pub(super) fn atoms(&self) -> Option<usize> {
        self.checked_counts().ok().map(|counts| counts.iter().sum())
    }

    /// Species of all atoms, numbered by type, and the elements of the types; or what the file lacks.
    pub(super) fn species(&self) -> std::result::Result<(Vec<u32>, Vec<Option<NamedType>>), String> {
        let counts = self.checked_counts()?;
        let numbered = (0..).zip(&counts).flat_map(|(number, &count)| std::iter::repeat_n(number, count));
        Ok((numbered.collect(), self.names(counts.len())?))
    }

    /// The elements of the types.
    fn names(&self, types: usize) -> std::result::Result<Vec<Option<NamedType>>, String> {
        let titles = listed(&self.titles, types, "TITEL  =", elements::of_title)?;
        let configurations = listed(&self.configurations, types, "VRHFIN =", of_configuration)?;
        let potentials = listed(&self.potentials, types, "POTCAR:", elements::of_title)?;
        let masses = listed(&self.masses, types, "POMASS =", of_mass).unwrap_or_default();
        let named = |index: usize| {
            let lists = [&titles, &potentials, &configurations, &masses];
            let [title, potential, configuration, mass] =
                lists.map(|list| list.get(index).and_then(Option::as_ref));
            let title = title.or(potential);
            // Isotopes and atoms made heavier have masses of their own: VRHFIN decides where it names an element.
            let mut others = [potential, configuration.or(mass)].into_iter().flatten();
            if let Some(title) = title
                && let Some(other) = others.find(|other| other.element != title.element)
            {
                return Err(format!(
                    "type {} is {} by {}, but {} by {}",
                    index + 1,
                    title.element,
                    title.source,
                    other.element,
                    other.source
                ));
            }
            Ok(title.or(configuration).cloned())
        };
        (0..types).map(named).collect()
    }
}

/// The elements that a list of pseudopotentials names, which stands in the file once or several times; empty if it is.
fn listed(
    list: &[String],
    types: usize,
    key: &str,
    element: fn(&str) -> Option<&str>,
) -> std::result::Result<Vec<Option<NamedType>>, String> {
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let is_repeated = types > 0
        && list.len().is_multiple_of(types)
        && list.iter().zip(list.iter().cycle().skip(types)).all(|(one, other)| one == other);
    if !is_repeated {
        return Err(format!(
            "{} lines {} do not go with {types} counts of ions per type",
            list.len(),
            key.trim_end_matches([' ', '=', ':'])
        ));
    }
    let named = |text: &String| {
        let source = format!("{key} {text}");
        element(text).map(|element| NamedType { element: element.to_owned(), source })
    };
    Ok(list[..types].iter().map(named).collect())
}

/// The element of a line VRHFIN: `O: s2p4`.
fn of_configuration(text: &str) -> Option<&str> {
    text.split([':', ' ']).find(|word| !word.is_empty()).and_then(elements::of_pseudopotential)
}

/// The element of a line POMASS: `16.000`.
fn of_mass(text: &str) -> Option<&str> {
    text.parse().ok().and_then(elements::of_mass)
}

/// Numbers in columns of a width that touch each other.
fn columns(text: &str, width: usize) -> Option<Vec<usize>> {
    let text = text.trim_end();
    if !text.is_ascii() {
        return None;
    }
    let mut counts = Vec::new();
    let mut end = text.len();
    while !text[..end].trim_end().is_empty() {
        let begin = end.saturating_sub(width);
        counts.push(text[begin..end].trim_start().parse().ok()?);
        end = begin;
    }
    counts.reverse();
    Some(counts)
}

/// What follows `key =`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.strip_prefix(key)?.trim_start().strip_prefix('=')
}
