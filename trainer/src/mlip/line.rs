//! A command line of MLIP: files in their order, options anywhere between them.

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::os::unix::ffi::OsStrExt;
use std::str::FromStr;

use mtprs_core::Error;

use super::catalog::{Entry, OptionEntry};
use crate::Failure;
use crate::cli::usage_error;
use crate::endpoint::say;
use crate::report::mlip::Dialect;

/// What was typed behind the name of the command.
pub(super) struct Line {
    entry: &'static Entry,
    /// The files, and what else is no option.
    pub(super) files: Vec<OsString>,
    /// Options as they were typed, with what they are called in the catalog if they stand there, and their values.
    options: Vec<Typed>,
}

struct Typed {
    word: String,
    option: Option<&'static OptionEntry>,
    value: String,
}

/// Options that all commands take.
const COMMON: [OptionEntry; 3] = [
    OptionEntry { names: ["threads", "threads"], about: "" },
    OptionEntry { names: ["species", "species"], about: "" },
    OptionEntry { names: ["help", "help"], about: "" },
];

/// Options that may stand without a value.
const FLAGS: [&str; 14] = [
    "skip-preinit",
    "update-mindist",
    "init-random",
    "no-mindist-update",
    "last",
    "append",
    "absolute-elements",
    "absolute-types",
    "fix-lattice",
    "save-nonconverged",
    "extrapolation-control",
    "resume",
    "help",
    "log",
];

impl Line {
    /// Reads the words of a command.
    pub(super) fn read(words: &[OsString], entry: &'static Entry) -> Result<Self, Failure> {
        let mut line = Self { entry, files: Vec::new(), options: Vec::new() };
        for word in words {
            let Some(text) = word.as_bytes().strip_prefix(b"--").filter(|text| !text.is_empty()) else {
                line.files.push(word.clone());
                continue;
            };
            let text = OsStr::from_bytes(text).to_str().ok_or_else(|| {
                usage_error(format!("expected the option {} in UTF-8", word.to_string_lossy()))
            })?;
            let is_bare = !text.contains('=');
            let (word, value) = text.split_once('=').unwrap_or((text, "true"));
            let option = entry.options.iter().chain(&COMMON).find(|option| option.is(word));
            if is_bare && option.is_some() && !FLAGS.contains(&normalized(word).as_str()) {
                return Err(usage_error(format!("--{word}: expected a value, as in --{word}=VALUE")).into());
            }
            line.options.push(Typed { word: word.to_owned(), option, value: value.trim().to_owned() });
        }
        Ok(line)
    }

    /// Whose words these are.
    pub(super) fn dialect(&self, command: &str, usual: Dialect) -> Dialect {
        let [two, three] = self.entry.names;
        if two != three {
            let is_two = command != three && (command == two || normalized(command) == normalized(two));
            return if is_two { Dialect::Mlip2 } else { Dialect::Mlip3 };
        }
        let is_three = |typed: &Typed| {
            typed.option.and_then(|option| option.dialect(&typed.word)) == Some(Dialect::Mlip3)
        };
        // The hyphens of MLIP-2 tell nothing: MLIP-3 reads past them, so that scripts have them.
        let by_options = || self.options.iter().any(is_three).then_some(Dialect::Mlip3);
        (self.entry.dialect)(&self.files).or_else(by_options).unwrap_or(usual)
    }

    /// Whether its help is asked for.
    pub(super) fn asks_for_help(&self) -> bool {
        self.options.iter().any(|typed| typed.word == "help") || self.files.iter().any(|word| word == "-h")
    }

    /// Refuses too few files, and too many.
    pub(super) fn check_files(&self, dialect: Dialect) -> Result<(), Failure> {
        let wanted = self.entry.files(dialect);
        let least = wanted.iter().filter(|name| !name.starts_with('[')).count();
        let count = self.files.len();
        if (least..=wanted.len()).contains(&count) {
            return Ok(());
        }
        let name = self.entry.name(dialect);
        let got: Vec<String> = self.files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
        let got = if got.is_empty() { "nothing".to_owned() } else { got.join(" ") };
        let message = format!(
            "mlp {name}: expected {}, got {got} (options are written --name=value; see mlp help {name})",
            self.entry.forms(dialect)
        );
        Err(usage_error(message).into())
    }

    /// Warns of options that nobody knows, and of those that the program whose words these are would have read past.
    pub(super) fn warn(&self, dialect: Dialect) {
        let name = self.entry.name(dialect);
        for Typed { word, option, .. } in &self.options {
            let is_known = option.is_some_and(|option| self.entry.mixes || option.has_name(dialect));
            let is_spelt_otherwise = option.and_then(|option| option.dialect(word)) == Some(Dialect::Mlip2);
            if !is_known {
                say(format!(
                    "warning: mlp {name} has no option --{word}: it is left out (see mlp help {name})"
                ));
            } else if dialect == Dialect::Mlip3 && is_spelt_otherwise {
                say(format!("note: --{word} counts here; MLIP-3 itself reads past it"));
            }
        }
    }

    /// The value of an option by one of its names, and the option is done with; the last one if it was typed again.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let mut value = None;
        self.options.retain(|typed| {
            let is_it = typed.option.is_some_and(|option| option.is(name));
            if is_it {
                value = Some(typed.value.clone());
            }
            !is_it
        });
        value
    }

    /// The same for a name of a file, which may be empty for none.
    pub(super) fn take_file(&mut self, name: &str) -> Option<String> {
        self.take(name).filter(|file| !file.is_empty())
    }

    /// The same for a number.
    pub(super) fn take_number<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, Failure>
    where
        T::Err: Display,
    {
        self.take(name).map(|text| number(name, &text)).transpose()
    }

    /// The same for a real number, which must be finite.
    pub(super) fn take_real(&mut self, name: &str) -> Result<Option<f64>, Failure> {
        match self.take_number::<f64>(name)? {
            Some(value) if !value.is_finite() => {
                Err(usage_error(format!("--{name}: expected a finite number, got {value}")).into())
            }
            value => Ok(value),
        }
    }

    /// The same for a truth value, which may be left out for true.
    pub(super) fn take_flag(&mut self, name: &str) -> Result<Option<bool>, Failure> {
        let truth = self.take(name).map(|text| truth(&format!("--{name}"), &text)).transpose();
        truth.map_err(|error| usage_error(error).into())
    }
}

/// An option in the form in which options are compared.
pub(super) fn normalized(word: &str) -> String {
    word.replace('_', "-").to_ascii_lowercase()
}

/// A truth value.
pub(super) fn truth(name: &str, text: &str) -> Result<bool, Error> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => {
            let message = format!("{name}: expected true or false, got {text}");
            Err(Error::new(mtprs_core::ErrorKind::Argument, message))
        }
    }
}

/// A number.
pub(super) fn number<T: FromStr>(name: &str, text: &str) -> Result<T, Failure>
where
    T::Err: Display,
{
    let parsed = text.trim().parse();
    parsed.map_err(|_| usage_error(format!("--{name}: expected a number, got {text}")).into())
}
