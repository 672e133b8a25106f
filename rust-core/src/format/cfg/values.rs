//! What stands on single lines of a `.cfg` file: keys, rows of numbers, the order of the virial's components.

use super::super::cursor::{Cursor, shown};
use crate::error::Result;

/// Keys of a configuration, for messages.
pub(super) const KEYS: &str = "Size, Supercell, AtomData, Energy, PlusStress, Virial, Feature, END_CFG";

/// Whether the first word of the line begins like a number.
pub(super) fn begins_number(cursor: &Cursor<'_>) -> bool {
    let first = cursor.clone().word().map(|(_, word)| word[0]);
    matches!(first, Some(b'0'..=b'9' | b'+' | b'-' | b'.'))
}

/// Whether the line begins with a key of the format.
pub(super) fn is_key(cursor: &Cursor<'_>) -> bool {
    let Some((_, word)) = cursor.clone().word() else { return false };
    let key = word.strip_suffix(b":").unwrap_or(word);
    KEYS.split(", ").chain(["Stress", "BEGIN_CFG"]).any(|known| known.as_bytes() == key)
}

/// Reads exactly N numbers up to the end of the line.
pub(super) fn numbers<const N: usize>(cursor: &mut Cursor<'_>, owner: &str) -> Result<[f64; N]> {
    let mut values = [0.0; N];
    let noun = if N == 1 { "number" } else { "numbers" };
    for (index, value) in values.iter_mut().enumerate() {
        let Some((start, word)) = cursor.word() else {
            let message = format!("expected {N} {noun} in {owner}, got {index}");
            return Err(cursor.syntax(cursor.offset(), message));
        };
        *value = cursor.float(start, word)?;
    }
    match cursor.word() {
        None => Ok(values),
        Some((start, word)) => {
            Err(cursor.syntax(start, format!("expected {N} {noun} in {owner}, got also {}", shown(word))))
        }
    }
}

/// For each word of the heading (`xx yy …`), its position in the order xx yy zz yz xz xy.
pub(super) fn component_order(cursor: &mut Cursor<'_>, key: &str) -> Result<[usize; 6]> {
    const NAMES: [&[u8]; 6] = [b"xx", b"yy", b"zz", b"yz", b"xz", b"xy"];
    let heading = cursor.offset();
    let mut order = Vec::new();
    while let Some((start, word)) = cursor.word() {
        let component = NAMES.iter().position(|name| *name == word);
        match component {
            Some(component) if !order.contains(&component) => order.push(component),
            _ => {
                let message =
                    format!("expected each of xx yy zz yz xz xy once after {key}, got {}", shown(word));
                return Err(cursor.syntax(start, message));
            }
        }
    }
    let got = order.len();
    order.try_into().map_err(|_| {
        cursor.syntax(heading, format!("expected the 6 components xx yy zz yz xz xy after {key}, got {got}"))
    })
}
