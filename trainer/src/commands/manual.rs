//! `mtprs man` and `mtprs completions`: pages for man, and scripts by which shells complete commands and options. Both
//! come from the definition of the command line, so they know what the program knows.

use std::fs;
use std::io::{self, Write};

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use mtprs_core::Error;

use crate::Failure;
use crate::endpoint::{OutputFile, print};
use crate::job::{CompletionsJob, ManJob};
use crate::text::PROGRAM;

/// What stands above the examples in the help of a command.
const EXAMPLES: &str = "Examples:\n";

/// What a page begins with: how apostrophes are written.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

pub(super) fn man(job: &ManJob) -> Result<(), Failure> {
    match job {
        ManJob::Page(command) => print(&page(command)),
        ManJob::Folder(folder, pages) => {
            fs::create_dir_all(folder)
                .map_err(|error| Error::io("create", &folder.display().to_string(), &error))?;
            let write = |(command, file): &(Command, OutputFile)| {
                Ok(file.write(|output| output.write_all(page(command).as_bytes()))?)
            };
            pages.iter().try_for_each(write)
        }
    }
}

pub(super) fn completions(job: &CompletionsJob) -> Result<(), Failure> {
    let Some(file) = &job.file else { return print(&job.script) };
    let folder = file.path.parent().expect("a file of the user's lies in a folder");
    fs::create_dir_all(folder).map_err(|error| Error::io("create", &folder.display().to_string(), &error))?;
    file.write(|output| output.write_all(job.script.as_bytes()))?;
    let further = match job.shell {
        Shell::Zsh => format!("; ~/.zshrc needs this before compinit: fpath=({} $fpath)", folder.display()),
        Shell::Bash => "; it needs the package bash-completion".to_owned(),
        _ => String::new(),
    };
    print(&format!("wrote {}; it takes effect in new {} shells{further}\n", file.name(), job.shell))
}

fn documented(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| command.get_name() != "help" && !command.is_hide_set())
}

fn page(command: &Command) -> String {
    let mut text = Vec::new();
    render(command, &mut text).expect("memory can be written");
    let text = String::from_utf8_lossy(&text);
    // every section comes with the preamble of a whole page
    format!("{PREAMBLE}{}", text.replace(PREAMBLE, ""))
}

/// As `Man::render`, with a section of examples whose lines stay lines, and what else the help says in the description.
fn render(command: &Command, text: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone()).source(PROGRAM).manual("Manual of mtprs");
    man.render_title(text)?;
    man.render_name_section(text)?;
    man.render_synopsis_section(text)?;
    man.render_description_section(text)?;
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (examples, prose) = match help.strip_prefix(EXAMPLES) {
        Some(rest) => rest.split_once("\n\n").unwrap_or((rest, "")),
        None => ("", help.as_str()),
    };
    let mut more = Roff::new();
    for line in prose.lines() {
        more.control("PP", []);
        if !line.is_empty() {
            more.text([roman(line)]);
        }
    }
    more.to_writer(text)?;
    man.render_options_section(text)?;
    commands(command).to_writer(text)?;
    write_examples(examples, text)?;
    let mut see = Roff::new();
    see.control("SH", ["SEE ALSO"]);
    let parent = command.get_display_name().and_then(|name| name.rsplit_once('-'));
    see.text([roman(format!("{}(1)", parent.map_or("lmp", |(parent, _)| parent)))]);
    see.to_writer(text)
}

fn commands(command: &Command) -> Roff {
    let mut section = Roff::new();
    if documented(command).next().is_some() {
        section.control("SH", ["COMMANDS"]);
    }
    for inner in documented(command) {
        section.control("TP", []);
        section.text([bold(format!("{}(1)", inner.get_display_name().unwrap_or_default()))]);
        section.text([roman(inner.get_about().map(ToString::to_string).unwrap_or_default())]);
    }
    section
}

fn write_examples(examples: &str, text: &mut Vec<u8>) -> io::Result<()> {
    if examples.is_empty() {
        return Ok(());
    }
    let mut section = Roff::new();
    section.control("SH", ["EXAMPLES"]);
    section.control("nf", []);
    for line in examples.lines() {
        section.text([roman(line.trim_start())]);
    }
    section.control("fi", []);
    section.to_writer(text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_page_has_the_sections_of_a_manual_and_keeps_the_lines_of_examples() {
        let mut program = Cli::command();
        program.build();
        let command = program.find_subcommand("state").and_then(|state| state.find_subcommand("show"));
        let text = page(command.expect("the command is there"));
        let at = |section: &str| {
            text.find(&format!("\n.SH {section}\n")).unwrap_or_else(|| panic!("{section}:\n{text}"))
        };
        assert!(text.contains("\n.TH mtprs-state-show 1 "), "{text}");
        assert!(at("NAME") < at("SYNOPSIS") && at("SYNOPSIS") < at("DESCRIPTION"));
        assert!(at("DESCRIPTION") < at("OPTIONS") && at("OPTIONS") < at("\"SEE ALSO\""));
        let text = page(program.find_subcommand("info").expect("the command is there"));
        assert!(text.contains("\n.nf\nmtprs info pot.mtp\nmtprs info pot.mtp \\-\\-json\n.fi\n"), "{text}");
    }
}
