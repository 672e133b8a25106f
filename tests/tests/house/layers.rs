//! Which room of the core and of the trainer may use which: the tables of ARCHITECTURE.md, held against the sources.
//!
//! A room is a top module of a crate. Its files are searched for `crate::room` and for `super::` paths that leave the room;
//! comments, strings and unit tests do not count. A table begins with the lowest room, and a room may use only what stands
//! before it; so there is no circle, and no table can become a knot.

use std::collections::BTreeSet;
use std::path::{Component, Path};
use std::sync::OnceLock;

use mtprs_tests::repository;
use proc_macro2::{TokenStream, TokenTree};

/// The rooms of a crate.
struct House {
    /// Folder of the sources.
    sources: &'static str,
    /// Each room with the rooms it may use, the lowest first.
    rooms: Vec<(String, Vec<String>)>,
    /// Names that `lib.rs` re-exports at the top, and the room they are from.
    re_exports: &'static [(&'static str, &'static str)],
}

/// The rooms of the trainer that a room may use; ARCHITECTURE.md has their order.
const TRAINER: &str = "\
failure:
constants:
statistics:
random:
text:
figures:
optimizer:
endpoint: failure
processes: failure
structure_files: constants text endpoint
pipeline: failure text endpoint processes structure_files
report: constants statistics text figures
dataset: failure constants statistics random text endpoint processes structure_files pipeline
training: random figures optimizer processes dataset
active_set: failure random text endpoint processes structure_files pipeline dataset
session: failure text figures optimizer endpoint processes structure_files pipeline report dataset training
cutout: statistics text optimizer
insertion: constants random text
scaling: constants random text report
analysis: constants statistics random text optimizer report
validation: failure constants text optimizer processes report
checks: constants statistics random text
learning: failure text figures endpoint processes structure_files report dataset
tuning: failure random text figures endpoint processes structure_files report dataset training scaling
pruning: text figures endpoint optimizer processes report training tuning
cli: text endpoint structure_files report dataset training insertion analysis validation learning tuning pruning
job: failure optimizer endpoint processes structure_files pipeline report dataset training active_set session cutout insertion
    scaling analysis learning tuning pruning cli
commands: failure constants statistics random text figures optimizer endpoint processes structure_files pipeline report
    dataset training active_set session cutout insertion scaling analysis validation checks learning tuning pruning cli job
mlip: failure random text endpoint processes structure_files report dataset training active_set cutout cli commands";

/// The core, by the table of ARCHITECTURE.md.
fn core() -> House {
    let rows = architecture_rows("rust-core/src");
    let mut rooms: Vec<(String, Vec<String>)> = Vec::new();
    for row in &rows {
        let room = quoted(row[0]).remove(0);
        let uses = match row[2].trim() {
            "nothing" => Vec::new(),
            names => names.split(',').map(|name| name.trim().to_owned()).collect(),
        };
        rooms.push((room, uses));
    }
    let re_exports = &[("Error", "error"), ("ErrorKind", "error"), ("Place", "error"), ("Result", "error")];
    House { sources: "rust-core/src", rooms, re_exports }
}

fn trainer() -> House {
    let mut rooms: Vec<(String, Vec<String>)> = Vec::new();
    for line in TRAINER.lines() {
        let (room, names) = line.split_once(':').unwrap_or(("", line));
        let uses = names.split_whitespace().map(str::to_owned);
        match rooms.last_mut() {
            Some((_, known)) if room.is_empty() => known.extend(uses),
            _ => rooms.push((room.to_owned(), uses.collect())),
        }
    }
    House { sources: "trainer/src", rooms, re_exports: &[("Failure", "failure")] }
}

/// Cells of the rows of the table in ARCHITECTURE.md whose head names a folder.
fn architecture_rows(folder: &str) -> Vec<Vec<&'static str>> {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| repository::text(Path::new("ARCHITECTURE.md")).expect("it is text"));
    let lines =
        text.lines().skip_while(|line| !(line.starts_with('|') && line.contains(&format!("`{folder}`"))));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|line| line.trim_matches('|').split('|').collect()).collect()
}

/// Words between backquotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Modules of the commands that are no commands.
const PARTS_OF_COMMANDS: [&str; 5] =
    ["convert_output", "cutout_search", "provenance", "train_page", "train_state"];

#[test]
fn rooms_use_only_what_the_table_allows() {
    for house in [core(), trainer()] {
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
            for used in house.rooms_used(&tokens(&source), modules.len()) {
                uses_seen += 1;
                if used != room && !allowed.contains(&used) {
                    violations.push(format!("{}: {room} may not use {used}", path.display()));
                }
            }
        }
        assert!(violations.is_empty(), "{}", violations.join("\n"));
        let table: BTreeSet<String> = house.rooms.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(rooms_seen, table, "rooms of the sources and rooms of the table differ");
        assert!(uses_seen >= 20, "found only {uses_seen} uses between rooms: is the search broken?");
    }
}

#[test]
fn a_room_uses_only_what_stands_before_it() {
    for house in [core(), trainer()] {
        for (place, (room, allowed)) in house.rooms.iter().enumerate() {
            let before: Vec<&String> = house.rooms[..place].iter().map(|(name, _)| name).collect();
            assert!(!before.contains(&room), "{}: {room} stands in the table twice", house.sources);
            for used in allowed {
                let sources = house.sources;
                assert!(before.contains(&used), "{sources}: {room} stands before {used}, which it uses");
            }
        }
    }
    let named: Vec<String> = architecture_rows("trainer/src").iter().flat_map(|row| quoted(row[0])).collect();
    let listed: Vec<String> = trainer().rooms.into_iter().map(|(room, _)| room).collect();
    assert_eq!(named, listed, "ARCHITECTURE.md has other rooms of the trainer, or another order");
}

#[test]
fn commands_do_not_call_each_other() {
    let (trainer, mut commands_seen) = (trainer(), BTreeSet::new());
    for path in repository::files("trainer/src/commands") {
        let modules = trainer.modules(&path).unwrap_or_default();
        let [_, command, inner @ ..] = modules.as_slice() else { continue };
        commands_seen.insert(command.clone());
        let code = tokens(&repository::text(&path).expect("Rust sources are text"));
        let out = vec!["super"; 1 + inner.len()];
        for used in [names_after(&code, &["crate", "commands"]), names_after(&code, &out)].concat() {
            let is_part = used == *command || PARTS_OF_COMMANDS.contains(&used.as_str());
            assert!(is_part, "{}: {command} may not call {used}", path.display());
        }
    }
    assert!(commands_seen.len() >= 15, "found only {} commands: is the search broken?", commands_seen.len());
}

#[test]
fn the_search_sees_every_way_to_write_an_import() {
    // In a file such as `room/part.rs`.
    let core = core();
    let found = |source: &str| core.rooms_used(&tokens(source), 2).into_iter().collect::<Vec<_>>().join(" ");
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

    /// Rooms named after `crate::`, and after as many `super::` as lead out of a room from this many modules.
    fn rooms_used(&self, code: &TokenStream, modules: usize) -> BTreeSet<String> {
        // Modules inside of a file lie deeper; what their paths name is no room.
        let mut out = names_after(code, &vec!["super"; modules]);
        out.retain(|name| self.rooms.iter().any(|(room, _)| room == name));
        let names = [names_after(code, &["crate"]), out].concat();
        let room = |name: String| {
            let re_export = self.re_exports.iter().find(|(re_export, _)| *re_export == name);
            re_export.map_or(name, |(_, room)| (*room).to_owned())
        };
        names.into_iter().map(room).collect()
    }
}

/// The source as a tree of tokens, without unit tests (which stand last in a file).
fn tokens(source: &str) -> TokenStream {
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    code.parse().unwrap_or_else(|error| panic!("{error}:\n{code}"))
}

/// Names that stand after a beginning of a path, be it of `a::b` or of each path in a group `{a::{b, c}, d}`.
fn names_after(tokens: &TokenStream, beginning: &[&str]) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    // a segment of a path: a name and two colons
    let is_segment = |place: usize, name: &str| {
        let is = |offset: usize, text: &str| {
            tokens.get(place + offset).is_some_and(|token| token.to_string() == text)
        };
        is(0, name) && is(1, ":") && is(2, ":")
    };
    let mut names = Vec::new();
    for place in 0..tokens.len() {
        if beginning.iter().enumerate().all(|(index, name)| is_segment(place + 3 * index, name)) {
            match tokens.get(place + 3 * beginning.len()) {
                Some(TokenTree::Group(group)) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let paths = inner.split(|token| token.to_string() == ",");
                    names.extend(paths.filter_map(|path| Some(path.first()?.to_string())));
                }
                other => names.extend(other.map(ToString::to_string)),
            }
        }
        if let TokenTree::Group(group) = &tokens[place] {
            names.extend(names_after(&group.stream(), beginning));
        }
    }
    names
}
