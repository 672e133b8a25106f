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

/// The name that somebody may have meant, if one is close enough to what was written.
pub(crate) fn similar<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    /// Jaro similarity above which clap calls names similar.
    const ALIKE: f64 = 0.7;
    let likeness = names.into_iter().map(|name| (strsim::jaro(written, name), name));
    let best = likeness.filter(|(likeness, _)| *likeness > ALIKE).max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.map(|(_, name)| name)
}

/// Line and column of a place in a text, both from one, the column in characters.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    (line, column)
}

/// A name without characters that would break a line.
pub fn printable(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).collect()
}

/// Name and version as they appear in files and reports.
pub const PROGRAM: &str = concat!("mtprs ", env!("CARGO_PKG_VERSION"));
