//! Blocks of code in Markdown, each with its purpose.

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Its file, relative to the folder of the pages.
    pub name: String,
    /// The page that it goes on from.
    pub after: Option<String>,
    /// Whether it can be followed with the wheel alone, from an empty folder; what it goes on from is then left out.
    pub with_wheel: bool,
    /// Its blocks of code.
    pub blocks: Vec<Block>,
}

/// A block of code.
#[derive(Debug, PartialEq)]
pub struct Block {
    /// Line of the fence, from one.
    pub line: usize,
    /// What it is for.
    pub purpose: Purpose,
    /// What stands in it.
    pub text: String,
}

/// What a block is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Commands, which end with this exit code.
    Run(i32),
    /// Commands for readers with a checkout of the repository; with the wheel they are not needed.
    RunInCheckout,
    /// What the commands above print; numbers may differ by this share.
    Output(f64),
    /// A file that the reader writes.
    File(String),
    /// A part of a file of the repository.
    PartOf(String),
    /// A file of the repository, by an include.
    Include,
    /// Commands that cannot be run here, and why.
    NotRun(String),
    /// Targets of make that `.ci/run` makes.
    RunByCi,
    /// An equation.
    Equation,
}

impl Page {
    /// Reads a page; a fault names file and line.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut page = Self { name: name.into(), after: None, with_wheel: false, blocks: Vec::new() };
        let mut lines = text.lines().enumerate();
        let mut marker = None;
        while let Some((index, line)) = lines.next() {
            let fault = |message: &str| format!("{name}:{}: {message}", index + 1);
            if let Some(comment) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
                match comment.strip_prefix("after ") {
                    Some(other) => {
                        let before = other.strip_suffix(", also with the wheel");
                        page.with_wheel = before.is_some();
                        page.after = Some(before.unwrap_or(other).into());
                    }
                    None => marker = Some(comment),
                }
            } else if let Some(info) = line.strip_prefix("```") {
                let body: Vec<&str> =
                    lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
                let text = body.iter().map(|line| format!("{line}\n")).collect::<String>();
                let purpose =
                    purpose(info.trim(), marker.take(), &text).map_err(|message| fault(&message))?;
                page.blocks.push(Block { line: index + 1, purpose, text });
            } else if line.trim_start().starts_with("```") {
                return Err(fault("expected the fence at the beginning of the line"));
            } else if !line.trim().is_empty() && marker.take().is_some() {
                return Err(fault("expected a block of code below the comment"));
            }
        }
        Ok(page)
    }
}

fn purpose(language: &str, marker: Option<&str>, text: &str) -> Result<Purpose, String> {
    let Some(marker) = marker else {
        let includes = !text.is_empty() && text.lines().all(|line| line.starts_with("{{#include "));
        return match language {
            "sh" => Ok(Purpose::Run(0)),
            "math" => Ok(Purpose::Equation),
            _ if includes => Ok(Purpose::Include),
            _ => Err(format!(
                "a block of {language:?} without a comment that says what it is for; see CONTRIBUTING.md"
            )),
        };
    };
    let percent = |share: &str| share.parse::<f64>().ok().map(|share| share / 100.0);
    let known = match marker.split_once(' ') {
        None if marker == "output" => Some(Purpose::Output(0.0)),
        Some(("output", rest)) => rest
            .strip_prefix("within ")
            .and_then(|rest| rest.strip_suffix(" %"))
            .and_then(percent)
            .map(Purpose::Output),
        Some(("exit", rest)) if language == "sh" => {
            rest.strip_prefix("code ").and_then(|code| code.parse().ok()).map(Purpose::Run)
        }
        Some(("file", name)) => Some(Purpose::File(name.into())),
        Some(("part", rest)) => rest.strip_prefix("of ").map(|path| Purpose::PartOf(path.into())),
        Some(("not", rest)) => rest
            .strip_prefix("run: ")
            .filter(|reason| reason.len() > 10)
            .map(|reason| Purpose::NotRun(reason.into())),
        _ if marker == "run by .ci/run" => Some(Purpose::RunByCi),
        _ if marker == "in a checkout" && language == "sh" => Some(Purpose::RunInCheckout),
        _ => None,
    };
    known.ok_or_else(|| format!("cannot make sense of the comment {marker:?}; see CONTRIBUTING.md"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purposes(text: &str) -> Result<Vec<Purpose>, String> {
        Page::parse("page.md", text).map(|page| page.blocks.into_iter().map(|block| block.purpose).collect())
    }

    #[test]
    fn every_block_has_a_purpose() {
        let text = "Text\n```sh\nls\n```\n\n<!-- output within 5 % -->\n```text\na\n```\n<!-- file in.lmp -->\n\n```lammps\n```\n\
                    <!-- exit code 3 -->\n```sh\nfalse\n```\n<!-- not run: needs a queue -->\n```sh\nsbatch\n```\n\
                    ```c\n{{#include x.c}}\n```\n";
        let expected = [
            Purpose::Run(0),
            Purpose::Output(0.05),
            Purpose::File("in.lmp".into()),
            Purpose::Run(3),
            Purpose::NotRun("needs a queue".into()),
            Purpose::Include,
        ];
        assert_eq!(purposes(text).unwrap(), expected);
    }

    #[test]
    fn blocks_without_a_purpose_are_refused() {
        for (text, expected) in [
            ("\n```lammps\nrun 0\n```\n", "page.md:2: a block of \"lammps\" without a comment"),
            ("<!-- not run: -->\n```sh\n```\n", "page.md:2: cannot make sense of the comment"),
            ("<!-- output -->\ntext\n", "page.md:2: expected a block of code below the comment"),
            ("- item\n  ```sh\n", "page.md:2: expected the fence at the beginning"),
        ] {
            let fault = purposes(text).expect_err(text);
            assert!(fault.starts_with(expected), "{fault}");
        }
    }
}
