//! Shell commands with places for what differs from call to call: `{input}`, `{output}`, and so on.
//!
//! What stands between braces in lower case is such a place, unless a `$` stands before it; `{{` and `}}` are braces
//! themselves. What is put in is quoted for the shell.

/// Fills the places of a command; says which one is unknown.
pub fn fill(command: &str, values: &[(&str, &str)]) -> Result<String, String> {
    let mut filled = String::with_capacity(command.len());
    let mut rest = command;
    while let Some(start) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        if from.starts_with("{{") || from.starts_with("}}") {
            filled.push_str(&from[..1]);
            rest = &from[2..];
            continue;
        }
        match place(from).filter(|_| !filled.ends_with('$')) {
            Some(name) => {
                let Some((_, value)) = values.iter().find(|(known, _)| *known == name) else {
                    let known: Vec<String> = values.iter().map(|(known, _)| format!("{{{known}}}")).collect();
                    return Err(format!(
                        "unknown placeholder {{{name}}}: expected {}, or {{{{ for a brace",
                        known.join(", ")
                    ));
                };
                filled.push_str(&quoted(value));
                rest = &from[name.len() + 2..];
            }
            None => {
                filled.push_str(&from[..1]);
                rest = &from[1..];
            }
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Whether a command has a place of this name.
pub fn has(command: &str, name: &str) -> bool {
    command.contains(&format!("{{{name}}}"))
}

/// The name of the place that a text begins with.
fn place(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    (!name.is_empty() && name.chars().all(|letter| letter.is_ascii_lowercase())).then_some(name)
}

/// A word that the shell takes as it is.
pub fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-+./:,@%=".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [(&str, &str); 2] = [("input", "in.cfg"), ("job", "/a b/it's")];

    #[test]
    fn places_are_filled_and_quoted_and_other_braces_stay() {
        let filled = |command| fill(command, &VALUES).unwrap();
        assert_eq!(filled("{job}/run.sh {input}"), r"'/a b/it'\''s'/run.sh in.cfg");
        let awk = "awk '{print $1}' ${input} {a,b} {{input}} }";
        assert_eq!(filled(awk), "awk '{print $1}' ${input} {a,b} {input} }");
    }

    #[test]
    fn an_unknown_place_is_named() {
        let message = fill("x {inptu}", &VALUES).unwrap_err();
        assert_eq!(message, "unknown placeholder {inptu}: expected {input}, {job}, or {{ for a brace");
    }
}
