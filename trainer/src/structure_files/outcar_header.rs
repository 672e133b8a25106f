//! What the beginning of an OUTCAR says about the atoms: elements by the titles of the pseudopotentials, and how many of each.

use mtprs_core::Result;

use super::elements;
use super::lines::Lines;
use super::structure::Names;

/// Atoms by type.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    /// Elements by TITEL.
    titles: Vec<Option<String>>,
    /// Elements by VRHFIN, for titles that name none.
    configurations: Vec<Option<String>>,
    /// Atoms of each type.
    counts: Vec<usize>,
}

impl Header {
    /// Takes what a line says about the atoms.
    pub(super) fn take(&mut self, lines: &Lines) -> Result<()> {
        let text = lines.text().trim_start();
        if let Some(title) = value(text, "TITEL") {
            let named = title.split_whitespace().find_map(elements::of_pseudopotential);
            self.titles.push(named.map(str::to_owned));
        } else if let Some(configuration) = value(text, "VRHFIN") {
            let named = configuration.split([':', ' ']).find(|word| !word.is_empty());
            let named = named.and_then(elements::of_pseudopotential);
            self.configurations.push(named.map(str::to_owned));
        } else if let Some(counts) = value(text, "ions per type") {
            let counts = counts.split_whitespace();
            self.counts = counts
                .map(|word| lines.integer(word, "a number of ions per type"))
                .collect::<Result<Vec<usize>>>()?;
        }
        Ok(())
    }

    /// Number of atoms; zero before the line that says so.
    pub(super) fn atoms(&self) -> usize {
        self.counts.iter().fold(0, |sum, &count| sum.saturating_add(count))
    }

    /// Species of all atoms, and the names of the species if every type is named.
    pub(super) fn species(&self) -> (Vec<u32>, Option<Vec<String>>) {
        let types = self.counts.len();
        let named = |list: &[Option<String>]| -> Option<Vec<String>> {
            // Some versions go through the pseudopotentials twice.
            let whole = types > 0 && list.len() >= types && list.len().is_multiple_of(types);
            whole.then(|| list[..types].iter().cloned().collect()).flatten()
        };
        let repeated = |numbers: &[u32]| {
            let of_type = numbers.iter().zip(&self.counts);
            of_type.flat_map(|(&number, &count)| std::iter::repeat_n(number, count)).collect()
        };
        match named(&self.titles).or_else(|| named(&self.configurations)) {
            Some(types) => {
                let mut names = Names::default();
                let numbers: Vec<u32> = types.iter().map(|name| names.index(name)).collect();
                (repeated(&numbers), Some(names.into_vec()))
            }
            None => (repeated(&(0..).take(types).collect::<Vec<u32>>()), None),
        }
    }
}

/// What follows `key =`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.strip_prefix(key)?.trim_start().strip_prefix('=')
}
