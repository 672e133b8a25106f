//! The head of a page: its title, what to do next, the facts that matter, and where it comes from.

use maud::{Markup, PreEscaped, html};

use super::markup::grouped;
use crate::report::{FileRecord, Provenance};

/// Seconds after which a browser reads a page again whose subject goes on.
const REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"10\"/>";
/// What a browser is told first, in tags that XML takes, too.
const META: &str = concat!(
    "<meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>",
    "<meta name=\"generator\" content=\"mtprs ",
    env!("CARGO_PKG_VERSION"),
    "\"/>"
);
/// Most files whose checksums are listed.
const MOST_FILES: usize = 50;

/// What stands above everything else on a page.
#[derive(Clone, Debug, Default)]
pub struct Head<'a> {
    /// Heading of the page.
    pub title: String,
    /// What was done with what: label and value.
    pub facts: Vec<(String, String)>,
    /// What to do next, a sentence each.
    pub advice: Vec<String>,
    /// Where the page comes from.
    pub provenance: Option<&'a Provenance>,
    /// Whether the work goes on: the browser reads the page again now and then.
    pub is_running: bool,
}

impl Head<'_> {
    /// What the browser is told.
    pub(super) fn for_browser(&self) -> Markup {
        html! {
            (PreEscaped(META))
            @if self.is_running { (PreEscaped(REFRESH)) }
            title { (self.title) }
        }
    }

    /// What the reader is told.
    pub(super) fn render(&self) -> Markup {
        let mut facts = self.facts.clone();
        if let Some(provenance) = self.provenance {
            facts.extend(provenance.date().map(|date| ("Begun".into(), date)));
            let label = if self.is_running { "Running for" } else { "Time" };
            facts.extend(provenance.time().map(|time| (label.into(), time)));
        }
        html! {
            header {
                h1 { (self.title) }
                @if self.is_running {
                    p.next {
                        strong { "Running. " } "This page reloads every ten seconds."
                        @if let Some(time) = self.provenance.and_then(Provenance::written) { " Written " (time) "." }
                    }
                }
                @match self.advice.as_slice() {
                    [] => {},
                    [one] => p.next { strong { "Next: " } (sentence(one)) },
                    all => div.next { strong { "Next" } ul { @for sentence in all { li { (self::sentence(sentence)) } } } },
                }
                @if !facts.is_empty() {
                    dl.facts { @for (label, value) in &facts { div { dt { (label) } dd { (value) } } } }
                }
                @if let Some(provenance) = self.provenance { (origin(provenance)) }
            }
        }
    }
}

/// A sentence with a capital and a full stop, unless it begins with the name of the program or ends with a mark.
fn sentence(text: &str) -> String {
    let mut text = match text.chars().next() {
        Some(first) if !text.starts_with("mtprs") => {
            first.to_uppercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    };
    if text.ends_with(|end: char| end.is_alphanumeric()) {
        text.push('.');
    }
    text
}

/// Command, settings and files, folded away until somebody wants to know.
fn origin(provenance: &Provenance) -> Markup {
    let Provenance { command, settings, files, .. } = provenance;
    html! {
        @if command.is_some() || settings.is_some() || !files.is_empty() {
            details.origin {
                summary { "Command, settings and files" }
                @if let Some(command) = command { pre { (command) } }
                @if let Some(settings) = settings { h4 { "All settings, as a job file" } pre { (settings) } }
                @if !files.is_empty() { h4 { "Files that were read" } (checksums(files)) }
            }
        }
    }
}

fn checksums(files: &[FileRecord]) -> Markup {
    let row = |file: &FileRecord| {
        let checksum = file.checksum.clone().unwrap_or_else(|| "–".into());
        vec![file.name.clone(), grouped(file.size), checksum]
    };
    let rows: Vec<_> = files.iter().take(MOST_FILES).map(row).collect();
    html! {
        (super::table(&["file", ">bytes", "SHA-256"], &rows))
        @if files.len() > MOST_FILES { p.about { "and " (files.len() - MOST_FILES) " more" } }
    }
}
