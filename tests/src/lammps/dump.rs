//! Dump files (`dump custom`), sorted by atom ID.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// One frame of a dump: columns by name, atoms in the order of their IDs.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Time step.
    pub step: u64,
    columns: HashMap<String, Vec<f64>>,
}

impl Frame {
    /// A column by its name in the dump.
    pub fn column(&self, name: &str) -> &[f64] {
        let missing = || panic!("no column {name} in the dump; there are {:?}", self.columns.keys());
        self.columns.get(name).unwrap_or_else(missing)
    }

    /// Several columns, atom after atom.
    pub fn columns<S: AsRef<str>>(&self, names: &[S]) -> Vec<f64> {
        let columns: Vec<&[f64]> = names.iter().map(|name| self.column(name.as_ref())).collect();
        (0..self.len()).flat_map(|atom| columns.iter().map(move |column| column[atom])).collect()
    }

    /// The columns `name[1]` to `name[count]`, atom after atom.
    pub fn array(&self, name: &str, count: usize) -> Vec<f64> {
        let names: Vec<String> = (1..=count).map(|index| format!("{name}[{index}]")).collect();
        self.columns(&names)
    }

    /// fx fy fz, atom after atom, eV/Å.
    pub fn forces(&self) -> Vec<f64> {
        self.columns(&["fx", "fy", "fz"])
    }

    /// Number of atoms.
    pub fn len(&self) -> usize {
        self.column("id").len()
    }

    /// Whether there is no atom.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// All frames of a dump file.
pub fn read_dump(path: &Path) -> Vec<Frame> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let frames: Vec<Frame> = text.split("ITEM: TIMESTEP\n").skip(1).map(parse_frame).collect();
    assert!(!frames.is_empty(), "{} has no frame", path.display());
    frames
}

fn parse_frame(text: &str) -> Frame {
    let step =
        text.lines().next().and_then(|line| line.trim().parse().ok()).expect("a frame begins with its step");
    let (_, table) = text.split_once("ITEM: ATOMS ").expect("a frame has atoms");
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().expect("the columns have names").split_whitespace().collect();
    let mut rows: Vec<Vec<f64>> = lines.map(|line| line.split_whitespace().map(number).collect()).collect();
    let id = names.iter().position(|name| *name == "id").expect("the dump has IDs");
    rows.sort_by(|a, b| a[id].total_cmp(&b[id]));
    let column = |index: usize| rows.iter().map(|row| row[index]).collect();
    let columns = names.iter().enumerate().map(|(index, name)| ((*name).to_owned(), column(index))).collect();
    Frame { step, columns }
}

fn number(word: &str) -> f64 {
    word.parse().unwrap_or_else(|_| panic!("expected a number in a dump, got {word}"))
}
