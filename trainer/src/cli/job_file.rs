//! Job files: options in TOML, under their names on the command line and read as if they stood there; what was typed comes first.
//!
//! A table groups options, nothing more. What is wrong is named with line and column.

use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::builder::Arg;
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args, Command};
use mtprs_core::{Error, ErrorKind, Place, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::usage_error;
use crate::text::{line_and_column, similar};

/// Options that a job file can hold.
pub trait JobOptions: Args + Serialize {
    /// Tables that group some of them.
    const TABLES: &[&str];
    /// Options of related commands that have no place here, and why.
    const REFUSED: &[(&str, &str)];
    /// Lists that have defaults which depend on other options.
    const FILLED: &[&str] = &[];

    /// As a job file.
    fn to_toml(&self) -> Result<String> {
        to_toml(self)
    }
}

/// The text of a job file.
pub(super) struct JobFile {
    name: String,
    text: String,
}

/// A value, or a flag, as it would be typed.
pub(super) struct Word {
    /// The option as messages show it.
    option: String,
    value: String,
    pub(super) text: String,
    place: Place,
}

impl JobFile {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", &name, &error))?;
        Ok(Self { name, text })
    }

    pub(super) fn table(&self) -> Result<DeTable<'_>> {
        Ok(DeTable::parse(&self.text).map_err(|error| self.explain(&error))?.into_inner())
    }

    /// What the fields of a type say.
    pub(super) fn values<T: DeserializeOwned>(&self, table: DeTable<'_>) -> Result<T> {
        let whole = Spanned::new(0..self.text.len(), table);
        T::deserialize(Deserializer::from(whole)).map_err(|error| self.explain(&error))
    }

    /// What the table of this name says, which must be one.
    pub(super) fn grouped<T: JobOptions>(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<T> {
        match value.get_ref() {
            DeValue::Table(table) => self.options(&format!("{name}."), table),
            other => {
                let message = format!("{name}: expected a table, got {}", other.type_str());
                Err(self.wrong(value.span(), message))
            }
        }
    }

    /// What a table of options says; `prefix` is what stands before their names in messages.
    fn options<T: JobOptions>(&self, prefix: &str, table: &DeTable<'_>) -> Result<T> {
        let words = self.words::<T>(prefix, table, &|_| false)?;
        parse(&words).map_err(|error| {
            let (message, place) = explained(&error, &words);
            let error = Error::new(ErrorKind::Argument, message);
            place.map_or(error.clone(), |place| error.at(place.clone()))
        })
    }

    /// The words of a table but those of options that are `known` from elsewhere.
    fn words<T: JobOptions>(
        &self,
        prefix: &str,
        table: &DeTable<'_>,
        known: &dyn Fn(&Arg) -> bool,
    ) -> Result<Vec<Word>> {
        let command = bare::<T>();
        let mut words = Vec::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            let wrong = |span, message| self.wrong(span, message);
            if let (true, DeValue::Table(inner)) = (T::TABLES.contains(&name), value.get_ref()) {
                words.extend(self.words::<T>(&format!("{prefix}{name}."), inner, known)?);
                continue;
            }
            if let Some((_, why)) = T::REFUSED.iter().find(|(refused, _)| *refused == name) {
                // A flag that is off asks for nothing.
                if matches!(value.get_ref(), DeValue::Boolean(false)) {
                    continue;
                }
                return Err(wrong(key.span(), format!("{prefix}{name}: {why}")));
            }
            let Some(option) = command.get_arguments().find(|option| option.get_long() == Some(name)) else {
                let names =
                    command.get_arguments().filter_map(Arg::get_long).chain(T::TABLES.iter().copied());
                let quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
                let message = format!("unknown field `{name}`, expected one of {}", quoted.join(", "));
                return Err(wrong(key.span(), message));
            };
            let values = match (value.get_ref(), option.get_action()) {
                // Without a word the default would come in silently.
                (DeValue::Array(values), ArgAction::Append)
                    if values.is_empty()
                        && (!option.get_default_values().is_empty() || T::FILLED.contains(&name)) =>
                {
                    return Err(wrong(value.span(), format!("{prefix}{name}: expected one value or more")));
                }
                (DeValue::Array(values), ArgAction::Append) => values.iter().collect(),
                _ => vec![value],
            };
            for value in values.into_iter().filter(|_| !known(option)) {
                let is_flag = matches!(option.get_action(), ArgAction::SetTrue);
                let text = match typed(value.get_ref(), is_flag) {
                    Ok(Some(text)) => text,
                    Ok(None) => continue,
                    Err(message) => return Err(wrong(value.span(), format!("{prefix}{name}: {message}"))),
                };
                words.push(Word {
                    option: option.to_string(),
                    text: if is_flag { format!("--{name}") } else { format!("--{name}={text}") },
                    value: text,
                    place: self.place(value.span()),
                });
            }
        }
        Ok(words)
    }

    fn place(&self, span: Range<usize>) -> Place {
        let (line, column) = line_and_column(&self.text, span.start);
        Place { file: self.name.clone(), line, column }
    }

    fn wrong(&self, span: Range<usize>, message: String) -> Error {
        let hint = meant(&message).map(|meant| format!("did you mean {meant}?"));
        let error = Error::new(ErrorKind::Syntax, message).at(self.place(span));
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    fn explain(&self, error: &toml::de::Error) -> Error {
        self.wrong(error.span().unwrap_or_default(), plain(error.message().trim()))
    }
}

/// The name that the user may have meant, of those that a message on an unknown one lists in backquotes, as serde does.
fn meant(message: &str) -> Option<&str> {
    let mut names = message.strip_prefix("unknown ")?.split('`').skip(1).step_by(2);
    similar(names.next()?, names)
}

/// A message of serde with the types of Rust in words.
fn plain(message: &str) -> String {
    let Some((got, expected)) = message.rsplit_once("expected ") else { return message.to_owned() };
    let words = match expected {
        "f64" => "a number",
        "i64" => "a whole number",
        "u32" | "u64" | "usize" => "a whole number of zero or more",
        "a nonzero usize" => "a whole number of one or more",
        "a sequence" => "a list",
        "a map" => "a table",
        "a boolean" => "true or false",
        "a string" => "a text",
        other => other,
    };
    format!("{got}expected {words}")
}

/// A value as it is typed, empty for a flag that is on; nothing for one that is off.
fn typed(value: &DeValue<'_>, is_flag: bool) -> std::result::Result<Option<String>, String> {
    Ok(match (is_flag, value) {
        (true, DeValue::Boolean(is_on)) => is_on.then(String::new),
        (false, DeValue::String(text)) => Some(text.to_string()),
        (false, DeValue::Float(number)) => Some(number.as_str().to_owned()),
        (false, DeValue::Integer(number)) => {
            let decimal = i128::from_str_radix(number.as_str(), number.radix());
            Some(decimal.map_or(number.to_string(), |number| number.to_string()))
        }
        (_, other) => {
            let expected = if is_flag { "true or false" } else { "a number or a text" };
            return Err(format!("expected {expected}, got {}", other.type_str()));
        }
    })
}

/// The words of the job file that a command line names, without options that were typed.
pub(super) fn words<T: JobOptions>(matches: &ArgMatches) -> std::result::Result<Vec<Word>, clap::Error> {
    let Some(path) = matches.get_one::<PathBuf>("job") else { return Ok(Vec::new()) };
    let known =
        |option: &Arg| matches.value_source(option.get_id().as_str()) == Some(ValueSource::CommandLine);
    let words = JobFile::read(path).and_then(|file| file.words::<T>("", &file.table()?, &known));
    words.map_err(usage_error)
}

/// An error about a word with its place.
pub(super) fn placed(error: clap::Error, words: &[Word]) -> clap::Error {
    match explained(&error, words) {
        (message, Some(place)) => usage_error(Error::new(ErrorKind::Argument, message).at(place.clone())),
        (_, None) => error,
    }
}

/// What is wrong, and where.
fn explained<'w>(error: &clap::Error, words: &'w [Word]) -> (String, Option<&'w Place>) {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let (option, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
    let is_it = |word: &&Word| {
        let has = |value| word.value == value || word.value.split(',').any(|part| part == value);
        Some(word.option.as_str()) == option && value.is_none_or(has)
    };
    let message = said(error);
    // Of two that do not go together, the later one.
    let later = |word: &&Word| (word.place.line, word.place.column);
    (message, words.iter().filter(is_it).max_by_key(later).map(|word| &word.place))
}

/// What an error says, without the usage of a command.
fn said(error: &clap::Error) -> String {
    let text = error.to_string();
    text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default().trim_end().to_owned()
}

/// The options and nothing else.
fn bare<T: Args>() -> Command {
    let mut command = T::augment_args(Command::new("job").no_binary_name(true).disable_help_flag(true));
    command.build();
    command
}

fn parse<T: Args>(words: &[Word]) -> std::result::Result<T, clap::Error> {
    T::from_arg_matches(&bare::<T>().try_get_matches_from(words.iter().map(|word| &word.text))?)
}

/// Options of which none was given.
pub(super) fn defaults<T: Args>() -> T {
    parse(&[]).expect("no option is required")
}

/// Options as a job file.
pub(super) fn to_toml(options: &(impl Serialize + ?Sized)) -> Result<String> {
    toml::to_string(options)
        .map_err(|error| Error::new(ErrorKind::Bug, format!("cannot write the job: {error}")))
}

/// What a job file with this text says.
#[cfg(test)]
pub(crate) fn parsed<T: JobOptions>(text: &str) -> Result<T> {
    let file = JobFile { name: "job.toml".into(), text: text.into() };
    file.options("", &file.table()?)
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use mtprs_testing::scratch;

    use super::*;
    use crate::cli::{Cli, Command as Task, TrainOptions, TrainingOptions, TuneOptions};

    fn word(text: &str) -> Word {
        let place = Place { file: String::new(), line: 1, column: 1 };
        Word { option: String::new(), value: String::new(), text: text.into(), place }
    }

    /// Two values of an option, neither its default, as words and as lines of a job file; of a flag, its only one.
    fn samples<T: JobOptions>(option: &Arg) -> Vec<(Word, String)> {
        let name = option.get_long().expect("options that a job file can hold have names");
        if matches!(option.get_action(), ArgAction::SetTrue) {
            return vec![(word(&format!("--{name}")), format!("{name} = true\n"))];
        }
        let named = option.get_possible_values();
        let named = named.iter().map(|value| value.get_name().to_owned());
        let others = ["0.25", "0.5", "6.5", "7.5", "40", "42", "cfg", "xyz", "Mg,O", "Si", "14", "22-43"]
            .map(str::to_owned);
        let is_new = |value: &String| option.get_default_values().iter().all(|default| **default != **value);
        let samples = named.chain(others).filter(is_new).filter_map(|value| {
            let word = word(&format!("--{name}={value}"));
            parse::<T>(std::slice::from_ref(&word)).ok()?;
            let value = if value.parse::<f64>().is_ok() { value } else { format!("\"{value}\"") };
            let is_list = matches!(option.get_action(), ArgAction::Append);
            Some((word, format!("{name} = {}\n", if is_list { format!("[{value}]") } else { value })))
        });
        let samples: Vec<_> = samples.take(2).collect();
        assert_eq!(samples.len(), 2, "values of {name}");
        samples
    }

    fn what_is_printed_is_read_back<T: JobOptions + PartialEq + Debug>() {
        let mut all = Vec::new();
        let refused = |option: &&Arg| T::REFUSED.iter().any(|(name, _)| option.get_long() == Some(name));
        for option in bare::<T>().get_arguments().filter(|option| !refused(option)) {
            let mut samples = samples::<T>(option);
            let (word, line) = samples.swap_remove(0);
            let options: T = parse(std::slice::from_ref(&word)).unwrap();
            assert_ne!(options, defaults(), "{line}");
            assert_eq!(parsed::<T>(&line).unwrap(), options, "{line}");
            assert_eq!(parsed::<T>(&options.to_toml().unwrap()).unwrap(), options, "{line}");
            all.push(word);
        }
        let options: T = parse(&all).unwrap();
        assert_eq!(parsed::<T>(&options.to_toml().unwrap()).unwrap(), options);
        assert_eq!(parsed::<T>(&defaults::<T>().to_toml().unwrap()).unwrap(), defaults());
    }

    #[test]
    fn every_option_is_read_back_as_it_was_printed() {
        what_is_printed_is_read_back::<TrainOptions>();
        what_is_printed_is_read_back::<TrainingOptions>();
        what_is_printed_is_read_back::<TuneOptions>();
    }

    fn the_command_line_comes_first<T: JobOptions + PartialEq + Debug>(
        command: &str,
        options: impl Fn(Cli) -> T,
    ) {
        let path = scratch(&format!("job_file/{command}")).join("job.toml");
        let file = format!("--job={}", path.display());
        let read = |words: &[&str]| {
            let all = ["mtprs", command, "a.mtp", "b.cfg"].into_iter().chain(words.iter().copied());
            options(Cli::read(&all.map(Into::into).collect::<Vec<_>>()).unwrap())
        };
        for option in bare::<T>().get_arguments() {
            let samples = samples::<T>(option);
            let (first, second) = (&samples[0], &samples[samples.len() - 1]);
            std::fs::write(&path, &first.1).unwrap();
            assert_eq!(read(&[&file]), read(&[&first.0.text]), "{}", first.1);
            assert_eq!(read(&[&second.0.text, &file]), read(&[&second.0.text]), "{}", first.1);
        }
    }

    #[test]
    fn what_is_typed_comes_before_what_stands_in_a_job_file() {
        the_command_line_comes_first("train", |cli| match cli.command {
            Task::Train(arguments) => arguments.options,
            other => panic!("{other:?}"),
        });
        the_command_line_comes_first("tune", |cli| match cli.command {
            Task::Tune(arguments) => arguments.options,
            other => panic!("{other:?}"),
        });
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, expected) in [
            (
                "energy-weight = 1\nenergie-weight = 2\n",
                "job.toml:2:1: unknown field `energie-weight`, expected one of",
            ),
            ("\nmax-iter = \"many\"\n", "job.toml:2:12: invalid value 'many' for '--max-iter <STEPS>'"),
            (
                "ridge = -1.5\n",
                "job.toml:1:9: invalid value '-1.5' for '--ridge <FACTOR>': expected a number from 0 up",
            ),
            ("ridge = [1.5]\n", "job.toml:1:9: ridge: expected a number or a text, got array"),
            ("skip-preinit = 1\n", "job.toml:1:16: skip-preinit: expected true or false, got integer"),
            (
                "freeze = [\"radial\",\n  \"all\"]\n",
                "job.toml:2:3: invalid value 'all' for '--freeze <BLOCK,...>'",
            ),
            (
                "ridge = 1\n[reading]\nridge = 2\n",
                "job.toml:3:9: the argument '--ridge <FACTOR>' cannot be used multiple times",
            ),
            (
                "[reading]\nenergy = \"none\"\n",
                "job.toml:2:10: invalid value 'none' for '--energy <ENERGY>'\n  [possible values: free,",
            ),
            ("quiet = true\n", "job.toml:1:1: unknown field `quiet`"),
            ("output = \"a.mtp\"\n", "job.toml:1:1: unknown field `output`"),
            ("[train]\nridge = 2\n", "job.toml:1:2: unknown field `train`"),
            ("seed = 1\nseed = 2\n", "job.toml:2:1: duplicate key"),
            ("seed 1\n", "job.toml:1:6: "),
        ] {
            let message = parsed::<TrainOptions>(text).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{text}: {message}");
        }
        let message = parsed::<TrainingOptions>("checkpoint = \"a\"").unwrap_err().to_string();
        assert_eq!(message, "job.toml:1:1: checkpoint: mtprs learn chooses the names of these files");
        let message = parsed::<TuneOptions>("[train]\nforce-weight = 1").unwrap_err().to_string();
        assert_eq!(message, "job.toml:2:1: train.force-weight: use the list force-weights instead");
    }

    #[test]
    fn the_examples_of_tables_and_numbers_are_read() {
        let options: TuneOptions =
            parsed("levels = 0x10\n[train]\nmax-iter = 1_000\nupdate-mindist = false\n[train.reading]\nstrict = true").unwrap();
        assert_eq!((options.levels, options.train.max_iter), (vec![16], 1000));
        assert!(options.train.reading.strict);
    }
}
