//! The comment line of extended XYZ: pairs `key=value`, quoted where they hold blanks; a key alone means true.

use std::iter::Peekable;
use std::str::Chars;

/// Reads the pairs of a comment line, in its order; says what is wrong with it.
pub(super) fn parse(comment: &str) -> Result<Vec<(String, String)>, String> {
    let mut characters = comment.chars().peekable();
    let mut pairs = Vec::new();
    loop {
        skip_blanks(&mut characters);
        if characters.peek().is_none() {
            return Ok(pairs);
        }
        let key = word(&mut characters, "=")?;
        skip_blanks(&mut characters);
        if characters.next_if_eq(&'=').is_none() {
            pairs.push((key, "T".to_owned()));
            continue;
        }
        if key.is_empty() {
            return Err("expected a key before =, got none".to_owned());
        }
        skip_blanks(&mut characters);
        let value = word(&mut characters, "")?;
        pairs.push((key, value));
    }
}

/// A pair as it stands in a comment line.
pub(super) fn pair(key: &str, value: &str) -> String {
    format!("{}={}", quoted(key), quoted(value))
}

fn quoted(text: &str) -> String {
    let is_plain =
        |character: char| character.is_alphanumeric() || "_-+.:/#@%*,;<>|~!?^&()$".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn skip_blanks(characters: &mut Peekable<Chars<'_>>) {
    while characters.next_if(|character| character.is_whitespace()).is_some() {}
}

/// A word that ends at a blank or at one of `ends`, or anything between quotes or brackets.
fn word(characters: &mut Peekable<Chars<'_>>, ends: &str) -> Result<String, String> {
    match characters.peek() {
        Some(&quote @ ('"' | '\'')) => {
            characters.next();
            quoted_text(characters, quote)
        }
        Some('{' | '[') => bracketed(characters),
        _ => {
            let mut word = String::new();
            let ends = |character: &char| !character.is_whitespace() && !ends.contains(*character);
            while let Some(character) = characters.next_if(ends) {
                word.push(character);
            }
            Ok(word)
        }
    }
}

fn quoted_text(characters: &mut Peekable<Chars<'_>>, quote: char) -> Result<String, String> {
    let mut text = String::new();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            end if end == quote => return Ok(text),
            other => text.push(other),
        }
    }
    Err(format!("expected {quote} at the end of a quoted value, got the end of the line"))
}

/// Text in brackets: of `{1 2 3}` and `[1, 2, 3]` the inside, of arrays in arrays all.
fn bracketed(characters: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for character in characters.by_ref() {
        text.push(character);
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
        if depth == 0 {
            let inside = text.get(1..text.len() - 1).unwrap_or_default();
            return Ok(if deepest == 1 { inside.replace(',', " ").trim().to_owned() } else { text });
        }
    }
    Err("expected a closing bracket, got the end of the line".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_brackets_and_lone_keys_are_read() {
        let comment =
            r#"Lattice="4 0 0" energy = -1.5 done 'odd key'="a \"b\"" v={1 2 3} w=[1, 2] m=[[1, 2], [3, 4]]"#;
        let pairs = parse(comment).unwrap();
        let expected = [
            ("Lattice", "4 0 0"),
            ("energy", "-1.5"),
            ("done", "T"),
            ("odd key", "a \"b\""),
            ("v", "1 2 3"),
            ("w", "1  2"),
            ("m", "[[1, 2], [3, 4]]"),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(pairs, expected);
    }

    #[test]
    fn what_does_not_end_is_refused() {
        assert!(parse("a=\"b").unwrap_err().starts_with("expected \" at the end"));
        assert!(parse("a=[1, 2").unwrap_err().starts_with("expected a closing bracket"));
        assert!(parse("=3").unwrap_err().starts_with("expected a key before ="));
    }

    #[test]
    fn pairs_are_read_back() {
        for value in ["plain", "two words", "a\\b", "say \"no\"", "[1, 2]", "", "é=ü", "'"] {
            for key in ["key", "odd key", "k=v"] {
                assert_eq!(parse(&pair(key, value)).unwrap(), [(key.to_owned(), value.to_owned())]);
            }
        }
    }
}
