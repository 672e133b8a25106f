//! Tables of cases in text files: what is wrong, and what must be said of it.
//!
//! A section begins with `# NAME`. Lines that begin with `!` are what is expected, the others are the case; blank lines part
//! them. What stands above the first section tells readers of the file what a case is. `tests/fuzz/seeds.rs` reads them, too, and
//! is compiled by itself: this file uses the standard library only.

use std::fs;
use std::path::{Path, PathBuf};

/// One section.
#[derive(Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Its lines without those that are expected.
    pub lines: Vec<String>,
    /// What is expected, line by line.
    pub expected: Vec<String>,
}

/// A file of them.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    head: String,
    /// The sections in their order.
    pub cases: Vec<Case>,
}

impl Table {
    /// Reads a file.
    ///
    /// # Panics
    /// If it cannot be read, or has fewer cases than it should.
    pub fn read(path: &Path, at_least: usize) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut sections = text.split("\n# ");
        let head = sections.next().unwrap_or_default().to_owned();
        let cases: Vec<Case> = sections.map(Case::parse).collect();
        assert!(cases.len() >= at_least, "found only {} cases in {}", cases.len(), path.display());
        Self { path: path.to_owned(), head, cases }
    }

    /// With `MTPRS_BLESS=1` in the environment writes what was got in place of what is expected; whether it did.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn bless(&self, got: &[Vec<String>]) -> bool {
        let is_asked_for = std::env::var_os("MTPRS_BLESS").is_some();
        if is_asked_for {
            let mut text = self.head.clone();
            for (case, got) in self.cases.iter().zip(got) {
                let lines = case.lines.iter().map(|line| format!("{line}\n"));
                let got = got.iter().map(|line| format!("!{line}\n"));
                text += &format!("\n# {}\n{}", case.name, lines.chain(got).collect::<String>());
            }
            fs::write(&self.path, text).expect("a table of the repository can be written");
        }
        is_asked_for
    }

    /// Folder of the file.
    pub fn folder(&self) -> &Path {
        self.path.parent().expect("a file lies in a folder")
    }
}

impl Case {
    fn parse(section: &str) -> Self {
        let (name, rest) = section.split_once('\n').unwrap_or((section, ""));
        let lines = rest.lines().filter(|line| !line.is_empty());
        let (expected, lines): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with('!'));
        Self {
            name: name.to_owned(),
            lines: lines.into_iter().map(str::to_owned).collect(),
            expected: expected.into_iter().map(|line| line[1..].to_owned()).collect(),
        }
    }

    /// A text after the changes that are the lines of this case: those after `-` become those after `+` at the last place
    /// where they stand, a line `...` parts two such changes; `|` ends the text before the last place of what follows, and
    /// `=` begins the lines of another text.
    ///
    /// # Panics
    /// If a line is not there.
    pub fn changed(&self, text: &str) -> String {
        let whole = self.lines.iter().map_while(|line| line.strip_prefix('='));
        let whole = whole.map(|line| format!("{line}\n")).collect::<String>();
        if !whole.is_empty() {
            return whole;
        }
        let mut text = text.to_owned();
        for change in self.lines.split(|line| *line == "...") {
            if let Some(rest) = change[0].strip_prefix('|') {
                text.truncate(text.rfind(rest).unwrap_or_else(|| panic!("{change:?} is not there")));
                continue;
            }
            let lines = |mark: char| {
                let lines = change.iter().filter_map(move |line| line.strip_prefix(mark));
                lines.map(|line| format!("{line}\n")).collect::<String>()
            };
            let (old, new) = (lines('-'), lines('+'));
            // whole lines: after the end of another one, or at the beginning
            let place = format!("\n{text}").rfind(&format!("\n{old}"));
            let place = place.unwrap_or_else(|| panic!("{change:?} is not there"));
            text.replace_range(place..place + old.len(), &new);
        }
        text
    }
}
