//! The commands in the order in which they are needed, for the help of the program.

use std::fmt::Write;

use clap::builder::Styles;
use clap::{Command, Subcommand};

/// Tasks, each with its commands.
const TASKS: [(&str, &[&str]); 7] = [
    ("Data", &["convert", "check", "split", "merge", "filter", "subsample"]),
    ("Potentials", &["init", "train", "tune", "prune", "tables", "upgrade", "info"]),
    ("Quality", &["errors", "validate"]),
    ("Evaluation", &["evaluate", "relax", "grade"]),
    ("Active learning", &["learn", "select", "cutout", "state"]),
    ("Simulations", &["insert", "analyze", "voltage", "scaling"]),
    ("The program", &["examples", "completions", "man", "mlp", "help"]),
];
/// What clap says of its own command.
const HELP: &str = "Print this message or the help of a command";

/// The layout of the help: as clap's own, but with the commands by task.
pub(super) fn template() -> String {
    let program = super::Command::augment_subcommands(Command::new("mtprs"));
    let header = Styles::default().get_header().to_owned();
    let mut text = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    for (task, names) in TASKS {
        let _ = writeln!(text, "\n{header}{task}:{header:#}");
        for name in names {
            let _ = writeln!(text, "  {name:11}  {}", about(&program, name));
        }
    }
    text + &format!("\n{header}Options:{header:#}\n{{options}}{{after-help}}")
}

/// A command in one line.
fn about(program: &Command, name: &str) -> String {
    let Some(command) = program.find_subcommand(name) else { return HELP.into() };
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let aliases: Vec<&str> = command.get_visible_aliases().collect();
    if aliases.is_empty() { about } else { format!("{about} [alias: {}]", aliases.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_one_task_and_one_line() {
        let program = super::super::Command::augment_subcommands(Command::new("mtprs"));
        let mut listed: Vec<&str> = TASKS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        listed.sort_unstable();
        let visible = program.get_subcommands().filter(|command| !command.is_hide_set());
        let mut commands: Vec<&str> = visible.map(Command::get_name).chain(["help"]).collect();
        commands.sort_unstable();
        assert_eq!(listed, commands);
        for name in commands {
            let line = format!("  {name:11}  {}", about(&program, name));
            assert!(line.chars().count() <= 100 && !line.contains(['{', '}']), "{line}");
        }
    }
}
