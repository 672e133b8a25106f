//! `mlp relax`: with the settings of MLIP-2's `mlip.ini`, or the files of MLIP-3.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use mtprs_core::format::CfgReader;
use mtprs_core::{Error, ErrorKind, Place};

use super::evaluation::of_first_process;
use super::files::Results;
use super::line::{normalized, truth};
use super::{Call, Temporary, Words, replacing};
use crate::Failure;
use crate::cli::usage_error;
use crate::dataset::CfgSink;
use crate::endpoint::{Output, say};
use crate::report::mlip::Dialect;

/// Whose relaxation it is by the number of its files.
pub(super) fn dialect(files: &[OsString]) -> Option<Dialect> {
    Some(if files.len() == 1 { Dialect::Mlip2 } else { Dialect::Mlip3 })
}

/// Keys of settings that change nothing here.
const READ_PAST: [&str; 4] = ["calculate-efs", "select:log", "log", "relaxation"];

/// What a file of settings and the options say, the options first.
struct Settings {
    name: String,
    values: BTreeMap<String, (String, usize)>,
}

impl Settings {
    /// Reads `key value` or `key = value` lines; `#` begins a comment.
    fn read(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| Error::io("read", &name, &error))?;
        let mut values = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let (key, value) = line.split_once(|c: char| c.is_whitespace() || c == '=').unwrap_or((line, ""));
            let value = value.trim_start_matches(['=', ' ', '\t']).trim().to_owned();
            values.insert(normalized(key), (value, number + 1));
        }
        Ok(Self { name, values })
    }

    fn none() -> Self {
        Self { name: String::new(), values: BTreeMap::new() }
    }

    fn take(&mut self, key: &str) -> Option<String> {
        self.values.remove(key).map(|(value, _)| value).filter(|value| !value.is_empty())
    }

    /// The same for a number, which is checked here, where its line is known.
    fn take_real(&mut self, key: &str) -> Result<Option<String>, Error> {
        let line = self.values.get(key).map_or(0, |(_, line)| *line);
        let value = self.take(key);
        match &value {
            Some(text) if text.parse::<f64>().map_or(true, |value| value.is_nan()) => {
                let message = format!("{key}: expected a number, got {text}");
                let error = Error::new(ErrorKind::Argument, message);
                Err(error.at(Place { file: self.name.clone(), line, column: 0 }))
            }
            _ => Ok(value),
        }
    }

    fn take_flag(&mut self, key: &str) -> Result<bool, Error> {
        let name = self.name.clone();
        self.take(key).map_or(Ok(false), |text| truth(key, &text).map_err(|error| error.in_file(&name)))
    }

    /// Warns of keys that nobody has asked for.
    fn warn(&self) {
        for (key, (_, line)) in &self.values {
            if !READ_PAST.contains(&key.as_str()) {
                say(format!(
                    "warning: {}:{line}: {key} is no setting of a relaxation here: it is left out",
                    self.name
                ));
            }
        }
    }
}

/// What is saved on the way.
struct Control {
    state: PathBuf,
    select: String,
    /// Grade at which a relaxation ends.
    end: Option<String>,
    save: PathBuf,
}

pub(super) fn relax(call: &mut Call<'_>) -> Result<(), Failure> {
    let dialect = call.dialect;
    let file = match dialect {
        Dialect::Mlip2 => Some(call.file(0)),
        Dialect::Mlip3 => call.line.take_file("relaxation_settings").map(PathBuf::from),
    };
    let mut settings = file.as_deref().map_or_else(|| Ok(Settings::none()), Settings::read)?;
    let line = &mut call.line;
    let missing = |what: &str| usage_error(format!("mlp relax: expected {what}; see mlp help relax"));
    let (potential, input, output) = match dialect {
        Dialect::Mlip2 => {
            let potential = settings.take("mtp-filename").ok_or_else(|| {
                let error = Error::new(ErrorKind::Argument, "expected a line mtp-filename POT.mtp");
                error.at(Place { file: settings.name.clone(), line: 0, column: 0 })
            })?;
            let input = line.take_file("cfg-filename").or(settings.take("cfg-filename"));
            let input = input.ok_or_else(|| missing("--cfg-filename=IN.cfg"))?;
            let output = line.take_file("save-relaxed").or(settings.take("save-relaxed"));
            let output = output.unwrap_or_else(|| "relaxed.cfg".to_owned());
            (PathBuf::from(potential), PathBuf::from(input), of_first_process(output, "_0"))
        }
        Dialect::Mlip3 => (call.file(0), call.file(1), call.file(2)),
    };
    let line = &mut call.line;
    let unrelaxed = line.take_file("save-unrelaxed").or(settings.take("save-unrelaxed"));
    let mut value = |name: &str| Ok::<_, Error>(line.take_file(name).or(settings.take_real(name)?));
    let pressure = value("pressure")?;
    let steps = value("iteration-limit")?.unwrap_or_else(|| "500".to_owned());
    let min_distance = value("min-dist")?.filter(|text| text.parse() != Ok(0.0));
    let force = value("force-tolerance")?.unwrap_or_else(|| "1e-4".to_owned());
    let stress = value("stress-tolerance")?.unwrap_or_else(|| "1e-3".to_owned());
    for name in ["max-step", "min-step", "bfgs-wolfe-c1", "bfgs-wolfe-c2"] {
        settings.take(name);
    }
    if force.parse() == Ok(0.0) {
        let message = "force-tolerance 0 would keep the atoms in their places, which is not done here";
        return Err(usage_error(message).into());
    }
    let keeps_cell = stress.parse() == Ok(0.0);
    if keeps_cell && pressure.as_ref().is_some_and(|text| text.parse() != Ok(0.0)) {
        say("note: the cell is fixed (stress tolerance 0): the pressure is left out");
    }
    let control = match dialect {
        Dialect::Mlip2 => control_of_mlip2(&mut settings)?,
        Dialect::Mlip3 => control_of_mlip3(call, &mut settings, &potential)?,
    };
    settings.warn();
    let unrelaxed = of_first_process(unrelaxed.unwrap_or_else(|| "unrelaxed.cfg".to_owned()), "_0");
    let mut results = Results::default();
    let state = control.as_ref().map_or(&potential, |control| &control.state);
    let file = file.as_deref().unwrap_or(state);
    results.add(&output, &[&potential, state, file])?;
    if dialect == Dialect::Mlip2 {
        results.add(&unrelaxed, &[&potential, state, &input, file])?;
    }
    if let Some(Control { save, .. }) = &control {
        results.add(save, &[&potential, state, &input, file])?;
    }
    let result = Temporary::beside(&output, &std::process::id().to_string());
    let mut words = Words::new(["relax"]).file(&potential).file(&input).file(&result.0);
    words = words.flag("force", true).option("max-steps", Some(steps)).option("max-force", Some(force));
    words = match keeps_cell {
        true => words.flag("fixed-cell", true),
        false => words.option("max-stress", Some(stress)).option("pressure", pressure),
    };
    words = words.option("min-distance", min_distance);
    if let Some(Control { state, select, end, save }) = control {
        words = words.option("state", Some(state)).option("select", Some(select));
        words = words.option("save", Some(save)).option("break", end);
    }
    call.mtprs(call.with_common(words))?;
    match dialect {
        Dialect::Mlip2 => divide(&result.0, &output, &unrelaxed),
        Dialect::Mlip3 => fs::rename(&result.0, &output)
            .map_err(|error| Error::io("write", &output.display().to_string(), &error).into()),
    }
}

fn control_of_mlip2(settings: &mut Settings) -> Result<Option<Control>, Failure> {
    let selects = settings.take_flag("select")?;
    let (threshold, end) =
        (settings.take_real("select:threshold")?, settings.take_real("select:threshold-break")?);
    let (save, state) = (settings.take("select:save-selected"), settings.take("select:load-state"));
    if !selects {
        return Ok(None);
    }
    let Some(state) = state else {
        let error =
            Error::new(ErrorKind::Argument, "select TRUE: expected a line select:load-state STATE.als");
        return Err(error.in_file(&settings.name).into());
    };
    Ok(Some(Control {
        state: state.into(),
        select: threshold.unwrap_or_else(|| "2".to_owned()),
        end,
        save: of_first_process(save.unwrap_or_else(|| "preselected.cfg".to_owned()), "_0"),
    }))
}

fn control_of_mlip3(
    call: &mut Call<'_>,
    settings: &mut Settings,
    potential: &Path,
) -> Result<Option<Control>, Failure> {
    let line = &mut call.line;
    let controls = match line.take_flag("extrapolation_control")? {
        Some(controls) => controls,
        None => settings.take_flag("extrapolation-control")?,
    };
    let mut value = |name: &str| {
        let in_file = settings.take(name).or(settings.take(&format!("extrapolation-control:{name}")));
        line.take_file(name).or(in_file)
    };
    let (select, end) = (value("threshold-save"), value("threshold-break"));
    let save = value("save-extrapolative-to");
    if !controls && (select.is_some() || end.is_some() || save.is_some()) {
        say("note: without extrapolation_control=true nothing is graded: thresholds and file are left out");
    }
    Ok(controls.then(|| Control {
        state: potential.to_owned(),
        select: select.unwrap_or_else(|| "2".to_owned()),
        end: Some(end.unwrap_or_else(|| "10".to_owned())),
        save: of_first_process(save.unwrap_or_else(|| "preselected.cfg".to_owned()), ".0"),
    }))
}

/// Divides what came out into what is at a minimum and what is not.
fn divide(all: &Path, relaxed: &Path, unrelaxed: &Path) -> Result<(), Failure> {
    let name = all.display().to_string();
    let file = fs::File::open(all).map_err(|error| Error::io("read", &name, &error))?;
    let mut at_minimum = CfgSink::create(&Output::File(replacing(relaxed)))?;
    let mut elsewhere = CfgSink::create(&Output::File(replacing(unrelaxed)))?;
    for configuration in CfgReader::new(std::io::BufReader::new(file), &name) {
        let configuration = configuration?;
        let is_there = configuration.feature("relax_converged") == Some("yes");
        if is_there { &mut at_minimum } else { &mut elsewhere }.write(&configuration)?;
    }
    at_minimum.finish()?;
    elsewhere.finish().map(drop)
}
