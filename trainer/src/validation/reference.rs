//! Values to compare with, from measurements or first principles: a file in TOML.
//!
//! A key is a property in its unit (`bulk_modulus = 160.0`), or a table that has a tolerance in the same unit beside it
//! (`C11 = { value = 297, tolerance = 10 }`); `source` says where they are from. What is wrong is told with line and column.

use std::collections::BTreeMap;
use std::ops::Range;

use mtprs_core::{Error, ErrorKind, Place, Result};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::report::{Part, property};
use super::slab::Miller;
use crate::text::{line_and_column, similar};

/// Values by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// Where the values are from.
    pub source: Option<String>,
    /// Values with their tolerances.
    pub values: BTreeMap<String, (f64, Option<f64>)>,
}

/// Keys that are no property.
const SOURCE: &str = "source";
/// Keys of a table.
const VALUE: &str = "value";
const TOLERANCE: &str = "tolerance";

impl Reference {
    /// Reads the text of a file of this name.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let file = File { text, name };
        let table = DeTable::parse(text).map_err(|error| {
            file.wrong(error.span().unwrap_or_default(), error.message().trim().to_owned())
        })?;
        let mut reference = Self::default();
        for (key, value) in table.get_ref() {
            let word: &str = key.get_ref();
            if word == SOURCE {
                let DeValue::String(source) = value.get_ref() else {
                    let message = format!("{word}: expected a text, got {}", value.get_ref().type_str());
                    return Err(file.wrong(value.span(), message));
                };
                reference.source = Some(source.to_string());
                continue;
            }
            let Some((_, key)) = known(word) else { return Err(file.unknown(word, key.span())) };
            if reference.values.insert(key, file.value(word, value)?).is_some() {
                return Err(file.wrong(value.span(), format!("{word}: this property is given twice")));
            }
        }
        if reference.values.is_empty() {
            let message = "expected values to compare with, got none";
            return Err(Error::new(ErrorKind::Syntax, message).in_file(name));
        }
        Ok(reference)
    }
}

/// The part that a key is of, and the key as it is written here.
pub(super) fn known(key: &str) -> Option<(Part, String)> {
    if let Some(property) = property(key) {
        return Some((property.part, key.to_owned()));
    }
    if let Some(miller) = key.strip_prefix("surface_") {
        return Some((Part::Surface, format!("surface_{}", miller.parse::<Miller>().ok()?)));
    }
    elastic(key).map(|[i, j]| (Part::Elastic, format!("C{i}{j}")))
}

/// Row and column of an elastic constant, from one, the smaller first.
fn elastic(key: &str) -> Option<[u32; 2]> {
    let digits: Vec<u32> = key.strip_prefix('C')?.chars().map_while(|digit| digit.to_digit(7)).collect();
    match digits[..] {
        [i, j] if key.len() == 3 && i > 0 && j > 0 => Some([i.min(j), i.max(j)]),
        _ => None,
    }
}

struct File<'a> {
    text: &'a str,
    name: &'a str,
}

impl File<'_> {
    fn wrong(&self, span: Range<usize>, message: String) -> Error {
        let (line, column) = line_and_column(self.text, span.start);
        Error::new(ErrorKind::Syntax, message).at(Place { file: self.name.to_owned(), line, column })
    }

    fn unknown(&self, word: &str, span: Range<usize>) -> Error {
        let names: Vec<&str> = super::report::PROPERTIES.iter().map(|property| property.key).collect();
        let more = "C11 to C66, surface_100 and other Miller indices, and source";
        let message = format!("unknown property `{word}`, expected one of {}, {more}", names.join(", "));
        let error = self.wrong(span, message);
        let others = ["C11", "C12", "C44", "surface_100", SOURCE];
        match similar(word, names.into_iter().chain(others)) {
            Some(meant) => error.hint(format!("did you mean {meant}?")),
            None => error,
        }
    }

    fn value(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<(f64, Option<f64>)> {
        let DeValue::Table(table) = value.get_ref() else {
            return Ok((self.number(key, value)?, None));
        };
        let (mut found, mut tolerance) = (None, None);
        for (inner, value) in table {
            let word: &str = inner.get_ref();
            match word {
                VALUE => found = Some(self.number(VALUE, value)?),
                TOLERANCE => tolerance = Some(self.number(TOLERANCE, value)?),
                _ => {
                    let message = format!("{key}: unknown field `{word}`, expected {VALUE} and {TOLERANCE}");
                    return Err(self.wrong(inner.span(), message));
                }
            }
            if tolerance.is_some_and(|tolerance| tolerance < 0.0) {
                return Err(self.wrong(value.span(), format!("{TOLERANCE}: expected a number from 0 up")));
            }
        }
        let missing =
            || self.wrong(value.span(), format!("{key}: expected a {VALUE} beside the {TOLERANCE}"));
        Ok((found.ok_or_else(missing)?, tolerance))
    }

    fn number(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<f64> {
        let number = match value.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number as f64)
            }
            _ => None,
        };
        number.filter(|number: &f64| number.is_finite()).ok_or_else(|| {
            let got = match value.get_ref() {
                DeValue::Float(number) => number.as_str().to_owned(),
                other => other.type_str().to_owned(),
            };
            self.wrong(value.span(), format!("{key}: expected a number, got {got}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_keys_tolerances_and_a_source() {
        let text = "source = \"a table\"\nbulk_modulus = 160.0\nC21 = { value = 95, tolerance = 5 }\nsurface_1-10 = 1.2\n";
        let reference = Reference::parse(text, "r.toml").unwrap();
        assert_eq!(reference.source.as_deref(), Some("a table"));
        let values: Vec<_> = reference.values.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        assert_eq!(
            values,
            [("C12", (95.0, Some(5.0))), ("bulk_modulus", (160.0, None)), ("surface_1-10", (1.2, None))]
        );
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place() {
        for (text, expected) in [
            ("bulk_modulos = 1", "r.toml:1:1: unknown property `bulk_modulos`"),
            ("bulk_modulos = 1", "did you mean bulk_modulus?"),
            ("C17 = 1", "r.toml:1:1: unknown property `C17`"),
            ("surface_000 = 1", "r.toml:1:1: unknown property `surface_000`"),
            ("\nC11 = \"x\"", "r.toml:2:7: C11: expected a number, got string"),
            ("C11 = nan", "r.toml:1:7: C11: expected a number, got nan"),
            ("C11 = { tolerance = 1 }", "r.toml:1:7: C11: expected a value beside the tolerance"),
            ("C11 = { value = 1, tolerance = -1 }", "r.toml:1:32: tolerance: expected a number from 0 up"),
            ("C11 = { value = 1, error = 1 }", "r.toml:1:20: C11: unknown field `error`"),
            ("C12 = 1\nC21 = 1", "r.toml:2:7: C21: this property is given twice"),
            ("source = 1", "r.toml:1:10: source: expected a text, got integer"),
            ("source = \"x\"", "r.toml: expected values to compare with, got none"),
            ("C11 = ", "r.toml:1:"),
        ] {
            let error = Reference::parse(text, "r.toml").unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {expected:?} expected, got {error}");
        }
    }
}
