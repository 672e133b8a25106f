//! Which room of the core and of the trainer may use which: the tables of ARCHITECTURE.md, held against the sources.
//!
//! A room is a top module of a crate. Its files are searched for `crate::room` and for `super::` paths that leave the room;
//! comments, strings and unit tests do not count. A table begins with the lowest room, and a room may use only what stands
//! before it; so there is no circle, and no table can become a knot.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use mtprs_tests::repository;

/// The rooms of a crate.
struct House {
    /// Folder of the sources.
    sources: &'static str,
    /// Each room with the rooms it may use, the lowest first.
    rooms: &'static [(&'static str, &'static [&'static str])],
    /// Names that `lib.rs` re-exports at the top, and the room they are from.
    re_exports: &'static [(&'static str, &'static str)],
}

const CORE: House = House {
    sources: "rust-core/src",
    rooms: &[
        ("error", &[]),
        ("species", &["error"]),
        ("geometry", &["error", "species"]),
        ("potential", &["error", "species"]),
        ("selection", &["error", "species", "geometry", "potential"]),
        ("format", &["error", "species", "geometry", "potential", "selection"]),
        ("plan", &["error", "species", "potential"]),
        ("kernels", &["plan"]),
        ("evaluate", &["error", "species", "geometry", "potential", "selection", "plan", "kernels"]),
        ("grade", &["error", "geometry", "potential", "selection", "evaluate"]),
    ],
    re_exports: &[("Error", "error"), ("ErrorKind", "error"), ("Place", "error"), ("Result", "error")],
};

const TRAINER: House = House {
    sources: "trainer/src",
    rooms: &[
        ("failure", &[]),
        ("constants", &[]),
        ("statistics", &[]),
        ("random", &[]),
        ("text", &[]),
        ("figures", &[]),
        ("optimizer", &[]),
        ("endpoint", &["failure"]),
        ("processes", &["failure"]),
        ("structure_files", &["constants", "text", "endpoint"]),
        ("pipeline", &["failure", "text", "endpoint", "processes", "structure_files"]),
        ("report", &["constants", "statistics", "text", "figures"]),
        (
            "dataset",
            &[
                "failure",
                "constants",
                "statistics",
                "random",
                "text",
                "endpoint",
                "processes",
                "structure_files",
                "pipeline",
            ],
        ),
        ("training", &["random", "figures", "optimizer", "processes", "dataset"]),
        (
            "active_set",
            &["failure", "random", "text", "endpoint", "processes", "structure_files", "pipeline", "dataset"],
        ),
        (
            "session",
            &[
                "failure",
                "text",
                "figures",
                "endpoint",
                "processes",
                "structure_files",
                "pipeline",
                "report",
                "dataset",
                "training",
            ],
        ),
        ("cutout", &["text", "optimizer"]),
        ("scaling", &["text", "report"]),
        ("checks", &["constants", "statistics", "random", "text"]),
        (
            "learning",
            &["failure", "text", "figures", "endpoint", "processes", "structure_files", "report", "dataset"],
        ),
        (
            "tuning",
            &["failure", "text", "figures", "processes", "structure_files", "report", "dataset", "training"],
        ),
        ("cli", &["endpoint", "structure_files", "dataset", "training", "learning", "tuning"]),
        (
            "job",
            &[
                "failure",
                "endpoint",
                "processes",
                "structure_files",
                "pipeline",
                "dataset",
                "training",
                "active_set",
                "session",
                "cutout",
                "scaling",
                "learning",
                "tuning",
                "cli",
            ],
        ),
        (
            "commands",
            &[
                "failure",
                "constants",
                "statistics",
                "random",
                "text",
                "figures",
                "endpoint",
                "processes",
                "structure_files",
                "pipeline",
                "report",
                "dataset",
                "training",
                "active_set",
                "session",
                "cutout",
                "scaling",
                "checks",
                "learning",
                "tuning",
                "cli",
                "job",
            ],
        ),
    ],
    re_exports: &[("Failure", "failure")],
};

/// Modules of the commands that are no commands.
const PARTS_OF_COMMANDS: [&str; 3] = ["convert_output", "cutout_search", "train_state"];

#[test]
fn rooms_use_only_what_the_table_allows() {
    for house in [CORE, TRAINER] {
        let mut violations = Vec::new();
        let mut uses_seen = 0;
        let mut rooms_seen = BTreeSet::new();
        for path in repository::files(house.sources) {
            let Some(modules) = house.modules(&path) else { continue };
            let room = modules[0].clone();
            rooms_seen.insert(room.clone());
            let Some((_, allowed)) = house.rooms.iter().find(|(name, _)| *name == room) else {
                violations.push(format!("{}: room {room} is not in the table", path.display()));
                continue;
            };
            let source = repository::text(&path).expect("Rust sources are text");
            for used in house.rooms_used(&code_only(&source), modules.len()) {
                uses_seen += 1;
                if used != room && !allowed.contains(&used.as_str()) {
                    violations.push(format!("{}: {room} may not use {used}", path.display()));
                }
            }
        }
        assert!(violations.is_empty(), "{}", violations.join("\n"));
        let table: BTreeSet<String> = house.rooms.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(rooms_seen, table, "rooms of the sources and rooms of the table differ");
        assert!(uses_seen >= 20, "found only {uses_seen} uses between rooms: is the search broken?");
    }
}

#[test]
fn a_room_uses_only_what_stands_before_it() {
    for house in [CORE, TRAINER] {
        for (place, (room, allowed)) in house.rooms.iter().enumerate() {
            let before: Vec<&str> = house.rooms[..place].iter().map(|(name, _)| *name).collect();
            assert!(!before.contains(room), "{}: {room} stands in the table twice", house.sources);
            for used in *allowed {
                assert!(
                    before.contains(used),
                    "{}: {room} stands before {used}, which it uses",
                    house.sources
                );
            }
        }
    }
}

#[test]
fn commands_do_not_call_each_other() {
    let mut commands_seen = BTreeSet::new();
    for path in repository::files("trainer/src/commands") {
        let modules = TRAINER.modules(&path).unwrap_or_default();
        let [_, command, inner @ ..] = modules.as_slice() else { continue };
        commands_seen.insert(command.clone());
        let code = code_only(&repository::text(&path).expect("Rust sources are text"));
        let out = "super::".repeat(1 + inner.len());
        for used in [names_after(&code, "crate::commands::"), names_after(&code, &out)].concat() {
            let is_part = used == *command || PARTS_OF_COMMANDS.contains(&used.as_str());
            assert!(is_part, "{}: {command} may not call {used}", path.display());
        }
    }
    assert!(commands_seen.len() >= 15, "found only {} commands: is the search broken?", commands_seen.len());
}

#[test]
fn the_search_sees_every_way_to_write_an_import() {
    // In a file such as `room/part.rs`.
    let found =
        |source: &str| CORE.rooms_used(&code_only(source), 2).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(found("use crate::plan::Plan;"), "plan");
    assert_eq!(found("use crate::{error::Result, plan::{Plan, Step}, species};"), "error plan species");
    assert_eq!(found("fn f(x: &crate::geometry::Cell) {}"), "geometry");
    assert_eq!(found("use super::super::kernels::moments; use super::local;"), "kernels");
    assert_eq!(found("use super::super::{kernels, plan::Plan}; use super::selection;"), "kernels plan");
    assert_eq!(found("use crate::{Error, Result};"), "error");
    assert_eq!(
        found("// crate::plan\n/* crate::plan */ let s = \"crate::plan \\\" crate::plan\"; let c = '\"';"),
        ""
    );
    assert_eq!(found("use crate::error::Error;\n#[cfg(test)]\nmod tests { use crate::plan; }"), "error");
    assert_eq!(found("pub(crate) fn f() {} pub(in crate::plan) fn g() {}"), "plan");
    assert_eq!(found("use crate::Unheard;"), "Unheard");
}

impl House {
    /// The modules that a file is in, the room first; `None` for `lib.rs`, which only declares them, for `main.rs`, and for
    /// unit tests in a file of their own.
    fn modules(&self, path: &Path) -> Option<Vec<String>> {
        let inside = path.strip_prefix(self.sources).expect("a file of the crate");
        if inside.extension()? != "rs" || inside.file_stem()? == "tests" {
            return None;
        }
        let names = inside.with_extension("");
        let mut modules: Vec<String> = names
            .components()
            .filter_map(|component| match component {
                Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                _ => None,
            })
            .collect();
        modules.pop_if(|last| last == "mod");
        (modules != ["lib"] && modules != ["main"]).then_some(modules)
    }

    /// Rooms named after `crate::`, and after as many `super::` as lead out of a room from so many modules.
    fn rooms_used(&self, code: &str, modules: usize) -> BTreeSet<String> {
        // Modules inside of a file lie deeper; what their paths name is no room.
        let mut out = names_after(code, &"super::".repeat(modules));
        out.retain(|name| self.rooms.iter().any(|(room, _)| room == name));
        let names = [names_after(code, "crate::"), out].concat();
        let room = |name: String| {
            let re_export = self.re_exports.iter().find(|(re_export, _)| *re_export == name);
            re_export.map_or(name, |(_, room)| (*room).to_owned())
        };
        names.into_iter().map(room).collect()
    }
}

/// Names that stand after a beginning of a path.
fn names_after(code: &str, beginning: &str) -> Vec<String> {
    code.match_indices(beginning)
        .flat_map(|(position, _)| first_names(&code[position + beginning.len()..]))
        .collect()
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
