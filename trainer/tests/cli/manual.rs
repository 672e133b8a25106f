//! `mtprs man` and `mtprs completions`: pages that name every option, and shells that complete.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use clap::CommandFactory;
use mtprs::cli::Cli;

use crate::fixture::Bench;

/// The options of each page, by its name, from the definition of the command line.
fn options(command: &clap::Command, name: &str, found: &mut BTreeMap<String, Vec<String>>) {
    let longs = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let longs = longs.filter_map(|argument| argument.get_long().map(|long| format!("--{long}")));
    found.insert(name.into(), longs.collect());
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        options(inner, &format!("{name}-{}", inner.get_name()), found);
    }
}

fn expected() -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    options(&Cli::command(), "mtprs", &mut found);
    found
}

#[test]
fn every_command_has_a_page_that_names_its_options() {
    let bench = Bench::new("man");
    bench.succeed("man --out share/man1");
    let expected = expected();
    let pages = fs::read_dir(bench.path("share/man1")).unwrap().count();
    assert_eq!(pages, expected.len());
    assert!(pages >= 20);
    for (name, options) in &expected {
        let text = bench.text(&format!("share/man1/{name}.1")).replace("\\-", "-");
        assert!(text.contains(&format!(".TH {name} 1 ")), "{name}");
        let (_, section) = text.split_once("\n.SH OPTIONS\n").unwrap_or_else(|| panic!("{name}: no options"));
        // options with a heading of their own have a section of their own
        let section = section.split("\n.SH EXAMPLES\n").next().unwrap();
        for option in options {
            assert!(section.contains(&format!("\\fB{option}\\fR")), "{name}: {option}\n{section}");
        }
        // the examples of the help, line by line
        for line in text.lines().filter(|line| line.starts_with("mtprs ")) {
            assert!(!line.contains("\\f"), "{name}: {line}");
        }
        let words = name.replacen("mtprs", "man", 1).replace('-', " ");
        assert_eq!(bench.succeed(&words).replace("\\-", "-"), text);
    }
}

#[test]
fn bash_completes_commands_options_and_values() {
    let bench = Bench::new("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = bench.succeed(&format!("completions {shell}"));
        assert!(script.contains("subsample") && script.contains("convert-cfg"), "{shell}");
        fs::write(bench.path(shell), script).unwrap();
    }
    for (words, expected) in [
        ("mtprs tr", "train"),
        ("mtprs conv", "convert convert-cfg"),
        ("mtprs train --fol", "--folds"),
        ("mtprs state build --swap", "--swap-threshold"),
        ("mtprs train --method lev", "levenberg-marquardt"),
    ] {
        let script = format!(
            "source ./bash; COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); \
             _mtprs mtprs \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        let output = Command::new("bash").args(["-c", &script]).current_dir(bench.path("")).output();
        let output = output.expect("bash starts");
        let completed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(completed.trim(), expected, "{words}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
