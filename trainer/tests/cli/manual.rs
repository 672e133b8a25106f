//! `mtprs man`, `mtprs completions` and `mtprs examples`: pages that name every option, shells that complete, and files to begin with.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory;
use mtprs::cli::Cli;

use crate::fixture::{Bench, texts};

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
    assert!(bench.text("bash").contains("complete -F _mtprs -o bashdefault -o default mtprs"));
    let zsh = bench.text("zsh");
    let options = zsh.lines().filter(|line| line.contains("--valid-cfgs=["));
    assert!(options.clone().count() > 0 && options.clone().all(|line| line.contains(":_files'")), "{zsh}");
    for (words, expected) in [
        ("mtprs tr", "train"),
        ("mtprs conv", "convert convert-cfg"),
        ("mtprs train --fol", "--folds"),
        ("mtprs state build --swap", "--swap-threshold"),
        ("mtprs train --method lev", "levenberg-marquardt"),
        // files of the folder; bash itself offers them where there is no option and this has no answer
        ("mtprs train pot.mtp train.cfg --valid-cfgs pot", "pot.mtp"),
        ("mtprs train pot.mtp pot", ""),
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

#[test]
fn completions_are_installed_where_shells_look_and_replace_only_their_own() {
    let bench = Bench::new("completions_install");
    let home = bench.path("");
    let install = |words: &str, shell: &str| {
        let mut command = bench.command(&format!("completions {words} --install"));
        command
            .env("HOME", &home)
            .env("SHELL", shell)
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME");
        texts(&command.output().unwrap())
    };
    for (words, shell, file) in [
        ("", "/bin/bash", ".local/share/bash-completion/completions/mtprs"),
        ("zsh", "/bin/bash", ".local/share/zsh/site-functions/_mtprs"),
        ("", "/usr/bin/fish", ".config/fish/completions/mtprs.fish"),
    ] {
        for _ in 0..2 {
            let (code, out, error) = install(words, shell);
            assert_eq!((code, error.as_str()), (0, ""), "{file}");
            assert!(out.contains(file), "{out}");
        }
        let name = Path::new(shell).file_name().unwrap().to_str().unwrap();
        let expected = bench.succeed(&format!("completions {}", if words.is_empty() { name } else { words }));
        assert_eq!(bench.text(file), expected);
        fs::write(bench.path(file), "# of the user\n").unwrap();
        let (code, _, error) = install(words, shell);
        assert!(code == 1 && error.contains("the file exists"), "{error}");
        assert_eq!(bench.text(file), "# of the user\n");
        assert_eq!(install(&format!("{words} --force"), shell).0, 0);
    }
    for (words, shell, expected) in [
        ("elvish", "/bin/bash", "--install knows bash, zsh and fish, got elvish"),
        ("", "/bin/ksh93", "the variable SHELL does not name a known shell"),
    ] {
        let (code, _, error) = install(words, shell);
        assert!(code == 2 && error.contains(expected), "{error}");
    }
}

#[test]
fn examples_are_those_of_the_repository_and_edited_ones_are_kept() {
    let bench = Bench::new("examples");
    bench.succeed("examples");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let listed = bench.succeed("examples --list");
    assert!(listed.lines().count() > 60, "{listed}");
    for name in listed.lines() {
        let (copy, original) = (bench.path("examples").join(name), repository.join(name));
        assert!(fs::read(&copy).unwrap() == fs::read(&original).unwrap(), "{name}");
        let is_program = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o100 != 0;
        assert_eq!(is_program(&copy), is_program(&original), "{name}");
    }
    for name in ["README.md", "mgv2o5/mgvo.mtp", "mgv2o5/train.cfg", "dft/OUTCAR", "learn/run.sh"] {
        assert!(listed.lines().any(|line| line == name), "{name} is not among the examples");
    }
    assert!(!listed.contains("results/"), "{listed}");

    fs::write(bench.path("examples/mgv2o5/in.demo"), "edited").unwrap();
    let (code, _, error) = bench.run("examples");
    assert!(code == 1 && error.contains("the file exists") && error.contains("--force"), "{error}");
    assert_eq!(bench.text("examples/mgv2o5/in.demo"), "edited");
    bench.succeed("examples --force");
    assert_ne!(bench.text("examples/mgv2o5/in.demo"), "edited");
    bench.succeed("examples deep/er/folder");
    assert!(bench.path("deep/er/folder/README.md").exists());
}
