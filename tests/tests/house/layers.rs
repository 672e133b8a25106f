//! Which room of the core may use which: the table of ARCHITECTURE.md, held against the sources.
//!
//! A room is a top module of `rust-core/src`. Its files are searched for `crate::room` and for `super::` paths that
//! leave the room; comments, strings and unit tests do not count.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use mtprs_tests::repository;

/// Each room with the rooms it may use.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("error", &[]),
    ("species", &["error"]),
    ("geometry", &["error", "species"]),
    ("potential", &["error", "species"]),
    ("selection", &["error", "species", "geometry", "potential"]),
    ("format", &["error", "species", "geometry", "potential", "selection"]),
    ("plan", &["error", "species", "potential"]),
    ("kernels", &["plan"]),
    ("evaluate", &["error", "species", "geometry", "potential", "plan", "kernels"]),
    ("grade", &["error", "geometry", "potential", "selection", "evaluate"]),
    (
        "capi",
        &[
            "error",
            "species",
            "geometry",
            "potential",
            "selection",
            "format",
            "plan",
            "kernels",
            "evaluate",
            "grade",
        ],
    ),
];

/// Names that `lib.rs` re-exports at the top, all from the room `error`.
const RE_EXPORTED_ERRORS: [&str; 4] = ["Error", "ErrorKind", "Place", "Result"];

#[test]
fn rooms_use_only_what_the_table_allows() {
    let mut violations = Vec::new();
    let mut uses_seen = 0;
    let mut rooms_seen = BTreeSet::new();
    for path in repository::files("rust-core/src") {
        let Some(room) = room_of(&path) else { continue };
        rooms_seen.insert(room.clone());
        let allowed = MAY_USE.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            violations.push(format!("{}: room {room} is not in the table", path.display()));
            continue;
        };
        let source = repository::text(&path).expect("Rust sources are text");
        for used in rooms_used(&code_only(&source)) {
            uses_seen += 1;
            if used != room && !allowed.contains(&used.as_str()) {
                violations.push(format!("{}: {room} may not use {used}", path.display()));
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
    let table: BTreeSet<String> = MAY_USE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(rooms_seen, table, "rooms of the sources and rooms of the table differ");
    assert!(uses_seen >= 20, "found only {uses_seen} uses between rooms: is the search broken?");
}

#[test]
fn the_search_sees_every_way_to_write_an_import() {
    let found = |source: &str| rooms_used(&code_only(source)).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(found("use crate::plan::Plan;"), "plan");
    assert_eq!(found("use crate::{error::Result, plan::{Plan, Step}, species};"), "error plan species");
    assert_eq!(found("fn f(x: &crate::geometry::Cell) {}"), "geometry");
    assert_eq!(found("use super::super::kernels::moments; use super::local;"), "kernels");
    assert_eq!(found("use crate::{Error, Result};"), "error");
    assert_eq!(
        found("// crate::plan\n/* crate::plan */ let s = \"crate::plan \\\" crate::plan\"; let c = '\"';"),
        ""
    );
    assert_eq!(found("use crate::error::Error;\n#[cfg(test)]\nmod tests { use crate::capi; }"), "error");
    assert_eq!(found("pub(crate) fn f() {} pub(in crate::plan) fn g() {}"), "plan");
    assert_eq!(found("use crate::Unheard;"), "Unheard");
}

/// The room that a file of `rust-core/src` belongs to; `None` for `lib.rs`, which only declares them, and for unit
/// tests in a file of their own.
fn room_of(path: &Path) -> Option<String> {
    if path.file_stem().is_some_and(|stem| stem == "tests") {
        return None;
    }
    let inside = path.strip_prefix("rust-core/src").expect("a file of the core");
    let Some(Component::Normal(first)) = inside.components().next() else { return None };
    let room = first.to_string_lossy();
    let room = room.strip_suffix(".rs").unwrap_or(&room);
    (room != "lib").then(|| room.to_owned())
}

/// The source without comments, string contents and unit tests (which stand last in a file).
fn code_only(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("'\"'") {
            3
        } else if next == '"' {
            end_of_string(rest)
        } else {
            code.push(next);
            next.len_utf8()
        };
        rest = &rest[skipped..];
    }
    code
}

/// Length of the string literal at the start of `text`, quotes included.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return index + 1,
            _ => escaped = false,
        }
    }
    text.len()
}

/// Rooms named after `crate::`, and after `super::` where the name is that of a room.
fn rooms_used(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (position, _) in code.match_indices("crate::") {
        let path = &code[position + "crate::".len()..];
        for name in first_names(path) {
            let is_error = RE_EXPORTED_ERRORS.contains(&name.as_str());
            rooms.insert(if is_error { "error".to_owned() } else { name });
        }
    }
    for (position, _) in code.match_indices("super::") {
        let path = &code[position + "super::".len()..];
        rooms.extend(
            first_names(path).into_iter().filter(|name| MAY_USE.iter().any(|(room, _)| room == name)),
        );
    }
    rooms
}

/// First segments of a path or of each path in a group: `a::b` gives a, `{a::{b, c}, d}` gives a and d.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![identifier(path)];
    };
    let mut names = Vec::new();
    let mut depth = 1;
    let mut at_start = true;
    for (index, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => at_start = true,
            _ if at_start && !character.is_whitespace() => {
                names.push(identifier(&group[index..]));
                at_start = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}
