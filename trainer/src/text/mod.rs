//! Words and figures for people: numbers with this many digits, counts with their nouns, tables whose columns line up.

mod number;
mod table;

pub use number::{counted, general, significant};
pub use table::Table;

/// Words as a choice: `a, b or c`.
pub fn alternatives<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => words.concat(),
    }
}

/// A name without characters that would break a line.
pub fn printable(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).collect()
}

/// Name and version as they appear in files and reports.
pub const PROGRAM: &str = concat!("mtprs ", env!("CARGO_PKG_VERSION"));
