//! Lists in braces as `.mtp` files hold them: numbers, entries of four integers, and where entry n stands.

use super::super::cursor::{Cursor, shown};
use crate::error::Result;

/// Reads `{1.0, 2.0}` and appends its numbers to `values`.
pub(super) fn floats(cursor: &mut Cursor<'_>, key: &str, values: &mut Vec<f64>) -> Result<()> {
    list(cursor, key, |cursor| {
        let start = cursor.offset();
        let word = cursor.take_until(ends_number);
        values.push(cursor.float(start, word)?);
        Ok(())
    })
}

/// Reads `{0, 5}`: integers from 0 up to `largest`.
pub(super) fn indices(cursor: &mut Cursor<'_>, key: &str, largest: u32) -> Result<Vec<u32>> {
    let mut values = Vec::new();
    list(cursor, key, |cursor| {
        values.push(integer(cursor, 0, i64::from(largest))? as u32);
        Ok(())
    })?;
    Ok(values)
}

/// What the four numbers of an entry are called, and the range of each.
pub(super) struct EntryForm {
    pub(super) names: &'static str,
    pub(super) ranges: [(i64, i64); 4],
}

/// Reads `{{0, 0, 0, 0}, {…}}`: entries of four integers, each within its range.
pub(super) fn entries<T>(
    cursor: &mut Cursor<'_>,
    key: &str,
    form: &EntryForm,
    make: impl Fn([i64; 4]) -> T,
) -> Result<Vec<T>> {
    let mut made = Vec::new();
    list(cursor, key, |cursor| {
        made.push(make(entry(cursor, key, form)?));
        Ok(())
    })?;
    Ok(made)
}

fn entry(cursor: &mut Cursor<'_>, key: &str, form: &EntryForm) -> Result<[i64; 4]> {
    let start = cursor.offset();
    let mut numbers = [0; 4];
    let mut count = 0;
    list(cursor, key, |cursor| {
        let (least, largest) = form.ranges.get(count).copied().unwrap_or((i64::MIN, i64::MAX));
        let number = integer(cursor, least, largest)?;
        if let Some(place) = numbers.get_mut(count) {
            *place = number;
        }
        count += 1;
        Ok(())
    })?;
    if count != 4 {
        let message = format!("expected the 4 integers {} in an entry of {key}, got {count}", form.names);
        return Err(cursor.syntax(start, message));
    }
    Ok(numbers)
}

/// Reads an integer between `least` and `largest`.
pub(super) fn integer(cursor: &mut Cursor<'_>, least: i64, largest: i64) -> Result<i64> {
    let start = cursor.offset();
    let word = cursor.take_until(ends_number);
    let value = cursor.integer(start, word)?;
    if (least..=largest).contains(&value) {
        return Ok(value);
    }
    let range = match (least, largest) {
        (0, i64::MAX) => "an integer of at least 0".to_owned(),
        _ => format!("an integer from {least} to {largest}"),
    };
    Err(cursor.syntax(start, format!("expected {range}, got {value}")))
}

/// Reads `{item, item}`, calling `item` with the cursor on each.
fn list<'a>(
    cursor: &mut Cursor<'a>,
    key: &str,
    mut item: impl FnMut(&mut Cursor<'a>) -> Result<()>,
) -> Result<()> {
    cursor.skip_white();
    if !cursor.accept(b'{') {
        return Err(unexpected(cursor, "{", key));
    }
    cursor.skip_white();
    if cursor.accept(b'}') {
        return Ok(());
    }
    loop {
        cursor.skip_white();
        if cursor.rest().is_empty() {
            return Err(unexpected(cursor, "an entry", key));
        }
        item(cursor)?;
        cursor.skip_white();
        if cursor.accept(b'}') {
            return Ok(());
        }
        if !cursor.accept(b',') {
            return Err(unexpected(cursor, ", or }", key));
        }
    }
}

fn unexpected(cursor: &Cursor<'_>, expected: &str, key: &str) -> crate::error::Error {
    let start = cursor.offset();
    let message = match cursor.peek() {
        None => format!("expected {expected} in {key}, but the file ends here"),
        Some(_) => {
            let word = cursor.clone().word().map_or(&b""[..], |(_, word)| word);
            format!("expected {expected} in {key}, got {}", shown(word))
        }
    };
    cursor.syntax(start, message)
}

/// Offset of entry `index` of the well-formed list that begins at the cursor.
pub(super) fn entry_offset(mut cursor: Cursor<'_>, index: usize) -> usize {
    cursor.skip_white();
    cursor.accept(b'{');
    let mut depth = 0usize;
    let mut passed = 0;
    while passed < index {
        match cursor.peek() {
            None => break,
            Some(b'{') => depth += 1,
            Some(b'}') => depth = depth.saturating_sub(1),
            Some(b',') if depth == 0 => passed += 1,
            Some(_) => {}
        }
        cursor.advance();
    }
    cursor.skip_white();
    cursor.offset()
}

fn ends_number(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'{' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats_of(text: &str) -> Result<Vec<f64>> {
        let mut values = Vec::new();
        floats(&mut Cursor::new(text.as_bytes(), "f", 1), "key", &mut values)?;
        Ok(values)
    }

    #[test]
    fn lists_may_span_lines_and_be_empty() {
        assert_eq!(floats_of("{1.0,\n\t2 , 3e0\r\n}").unwrap(), [1.0, 2.0, 3.0]);
        assert!(floats_of("{}").unwrap().is_empty());
        assert!(floats_of("{ \n }").unwrap().is_empty());
    }

    #[test]
    fn broken_lists_say_what_is_missing() {
        let message = |text: &str| floats_of(text).unwrap_err().to_string();
        assert_eq!(message("1"), "f:1:1: expected { in key, got 1");
        assert_eq!(message("{1 2}"), "f:1:4: expected , or } in key, got 2}");
        assert_eq!(message("{1, "), "f:1:5: expected an entry in key, but the file ends here");
        assert_eq!(message("{1"), "f:1:3: expected , or } in key, but the file ends here");
        assert_eq!(message("{1, }"), "f:1:5: expected a number, got nothing");
    }

    #[test]
    fn entries_are_found_again_by_their_index() {
        let text = b"{{0, 1}, {2, 3},\n {4, 5}}";
        let cursor = Cursor::new(text, "f", 1);
        assert_eq!(cursor.place(entry_offset(cursor.clone(), 1)).to_string(), "f:1:10");
        assert_eq!(cursor.place(entry_offset(cursor.clone(), 2)).to_string(), "f:2:2");
        assert_eq!(entry_offset(Cursor::new(b"{7, 8, 9}", "f", 1), 2), 7);
    }
}
