//! The keys of `.mtp` files: their names, the other names they go by, and keys that stand for unsupported models.

use super::super::cursor::{Cursor, is_blank, shown};
use crate::error::{Error, ErrorKind, Result};

/// Keys that every potential needs.
const REQUIRED: [&str; 13] = [
    "species_count",
    "radial_basis_type",
    "min_dist",
    "max_dist",
    "radial_basis_size",
    "radial_funcs_count",
    "alpha_moments_count",
    "alpha_index_basic_count",
    "alpha_index_basic",
    "alpha_index_times_count",
    "alpha_index_times",
    "alpha_scalar_moments",
    "alpha_moment_mapping",
];

/// Keys that may be absent.
const OPTIONAL: [&str; 8] = [
    "version",
    "potential_name",
    "scaling",
    "potential_tag",
    "zbl",
    "radial_coeffs",
    "species_coeffs",
    "moment_coeffs",
];

/// Other names of keys, found in files of some programs.
const ALIASES: [(&str, &str); 6] = [
    ("min_val", "min_dist"),
    ("min", "min_dist"),
    ("max_val", "max_dist"),
    ("max", "max_dist"),
    ("basis_size", "radial_basis_size"),
    ("size", "radial_basis_size"),
];

/// A key that was read: its usual name, and where the key and its value stand.
struct Seen {
    key: &'static str,
    key_offset: usize,
    value_offset: usize,
}

/// The keys read so far.
#[derive(Default)]
pub(super) struct SeenKeys(Vec<Seen>);

impl SeenKeys {
    /// Reads a key with its `=` and leaves the cursor at the value. A key must be known and new.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<&'static str> {
        let key_offset = cursor.offset();
        let word = cursor.take_until(|byte| is_blank(byte) || byte == b'\n' || byte == b'=');
        let Some(key) = canonical(word) else { return Err(unknown(cursor, key_offset, word)) };
        if let Some(first) = self.0.iter().find(|seen| seen.key == key) {
            let line = cursor.place(first.key_offset).line;
            let message = format!("{} is given twice: line {line} gives it already", shown(word));
            return Err(cursor.syntax(key_offset, message));
        }
        cursor.skip_blanks();
        if key != "radial_coeffs" && !cursor.accept(b'=') {
            let message = format!("expected = after {}", shown(word));
            return Err(cursor.syntax(cursor.offset(), message));
        }
        cursor.skip_blanks();
        self.0.push(Seen { key, key_offset, value_offset: cursor.offset() });
        Ok(key)
    }

    /// Offset of the value of a key; of the beginning of the file if the key is absent.
    pub(super) fn value_offset(&self, key: &str) -> usize {
        self.0.iter().find(|seen| seen.key == key).map_or(0, |seen| seen.value_offset)
    }

    /// Offset of a key itself; of the beginning of the file if the key is absent.
    pub(super) fn key_offset(&self, key: &str) -> usize {
        self.0.iter().find(|seen| seen.key == key).map_or(0, |seen| seen.key_offset)
    }

    /// Checks that no key is missing that every potential needs.
    pub(super) fn check_complete(&self, file: &str) -> Result<()> {
        let is_missing = |key: &&str| !self.0.iter().any(|seen| seen.key == *key);
        let missing: Vec<&str> = REQUIRED.into_iter().filter(is_missing).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let noun = if missing.len() == 1 { "key" } else { "keys" };
        let message = format!("missing {noun}: {}", missing.join(", "));
        Err(Error::new(ErrorKind::Syntax, message).in_file(file).hint("is the file cut off?"))
    }
}

fn canonical(word: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(word).ok()?;
    let name = ALIASES.iter().find(|(alias, _)| *alias == text).map_or(text, |(_, name)| name);
    REQUIRED.into_iter().chain(OPTIONAL).find(|known| *known == name)
}

fn unknown(cursor: &Cursor<'_>, offset: usize, word: &[u8]) -> Error {
    let text = shown(word);
    let magnetic = ["magnetic", "mbasis", "mag_"].iter().any(|prefix| text.starts_with(prefix))
        || text.ends_with("_mag");
    if magnetic {
        let message = format!("magnetic potentials are not supported (key {text})");
        return cursor.error(ErrorKind::Unsupported, offset, message);
    }
    let known: Vec<&str> = OPTIONAL[..5].iter().chain(&REQUIRED).chain(&OPTIONAL[5..]).copied().collect();
    cursor.syntax(offset, format!("unknown key {text}")).hint(format!("expected one of {}", known.join(", ")))
}
