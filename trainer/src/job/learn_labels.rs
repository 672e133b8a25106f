//! Where the labels of `mtprs learn` come from: the table `labels` of the job file, checked.

use std::path::Path;

use super::learn::{absolute, seconds};
use crate::cli::{LabelKind, LabelOptions};
use crate::learning::{Calculator, CommandLabels, DirectoryLabels, LabelSettings, LabelSource, template};
use crate::structure_files::Format;

/// What the table `labels` asks for.
pub(super) fn labels(options: &LabelOptions, base: &Path) -> Result<LabelSettings, String> {
    check_keys(options)?;
    if !(0.0..=1.0).contains(&options.most_failures) {
        return Err(format!(
            "labels.most-failures: expected a share from 0 to 1, got {}",
            options.most_failures
        ));
    }
    let max_force = options.max_force;
    if max_force <= 0.0 || max_force.is_nan() {
        return Err(format!("labels.max-force: expected a positive number, got {max_force}"));
    }
    let source = match options.kind {
        LabelKind::Command => {
            let command =
                options.command.clone().ok_or("labels.command is missing: the kind command needs it")?;
            LabelSource::Command(command_labels(options, command, None)?)
        }
        LabelKind::Python => LabelSource::Command(python_labels(options, base)?),
        LabelKind::Directory => {
            let poll = options.poll.unwrap_or(60.0);
            let poll = seconds("labels.poll", poll)?;
            LabelSource::Directory(DirectoryLabels {
                templates: options.templates.iter().map(|path| base.join(path)).collect(),
                potcar: options
                    .potcar
                    .iter()
                    .map(|(element, path)| (element.clone(), base.join(path)))
                    .collect(),
                poll: options.wait.unwrap_or(false).then_some(poll),
            })
        }
    };
    let retries = options.retries.unwrap_or(u64::from(options.kind != LabelKind::Directory));
    Ok(LabelSettings {
        source,
        retries,
        on_failure: options.on_failure,
        most_failures: options.most_failures,
        max_force: options.max_force,
    })
}

/// Refuses keys that belong to another kind.
fn check_keys(options: &LabelOptions) -> Result<(), String> {
    use LabelKind::{Command, Directory, Python};
    let called: &[LabelKind] = &[Command, Python];
    let keys: [(&str, bool, &[LabelKind]); 13] = [
        ("command", options.command.is_some(), &[Command]),
        ("input", options.input.is_some(), &[Command]),
        ("output", options.output.is_some(), &[Command]),
        ("batch-size", options.batch_size.is_some(), called),
        ("parallel", options.parallel.is_some(), called),
        ("time-limit", options.time_limit.is_some(), called),
        ("templates", !options.templates.is_empty(), &[Directory]),
        ("potcar", !options.potcar.is_empty(), &[Directory]),
        ("wait", options.wait.is_some(), &[Directory]),
        ("poll", options.poll.is_some(), &[Directory]),
        ("python", options.python.is_some(), &[Python]),
        ("calculator", options.calculator.is_some(), &[Python]),
        ("arguments", !options.arguments.is_empty(), &[Python]),
    ];
    let kind = format!("{:?}", options.kind).to_lowercase();
    for (key, is_there, kinds) in keys {
        if is_there && !kinds.contains(&options.kind) {
            return Err(format!("labels.{key} cannot be used with the kind {kind}"));
        }
    }
    Ok(())
}

fn command_labels(
    options: &LabelOptions,
    command: String,
    calculator: Option<Calculator>,
) -> Result<CommandLabels, String> {
    let (input, output) = match calculator {
        Some(_) => ("input.xyz", "output.xyz"),
        None => ("input.cfg", "output.cfg"),
    };
    let input = options.input.clone().unwrap_or_else(|| input.to_owned());
    let output = options.output.clone().unwrap_or_else(|| output.to_owned());
    for (key, name) in [("input", &input), ("output", &output)] {
        if name.is_empty() || name.contains(['/', '\\']) {
            return Err(format!("labels.{key}: expected the name of a file without folders, got \"{name}\""));
        }
    }
    if input == output {
        return Err(format!("labels.output: expected another file than the input, {input}"));
    }
    let format = Format::of_name(&input).filter(|format| format.is_written());
    let Some(format) = format else {
        let expected = Format::written(Format::name);
        return Err(format!("labels.input: expected a name that shows the format, {expected}; got {input}"));
    };
    template::fill(&command, &[("input", ""), ("output", ""), ("job", "")])
        .map_err(|message| format!("labels.command: {message}"))?;
    let batch_size = options.batch_size.unwrap_or(usize::from(calculator.is_none()));
    if batch_size != 1 && !format.holds_many() {
        return Err(format!("labels.batch-size: {} holds one frame, so it must be 1", format.name()));
    }
    let time_limit = options.time_limit.map(|limit| seconds("labels.time-limit", limit)).transpose()?;
    let parallel = options.parallel.unwrap_or(1);
    if parallel == 0 {
        return Err("labels.parallel: expected one or more, got 0".into());
    }
    Ok(CommandLabels {
        command,
        input,
        output,
        batch_size: if batch_size == 0 { usize::MAX } else { batch_size },
        parallel,
        time_limit,
        calculator,
    })
}

/// The script of mtprs with a calculator.
fn python_labels(options: &LabelOptions, base: &Path) -> Result<CommandLabels, String> {
    let path = options.calculator.clone().ok_or("labels.calculator is missing: the kind python needs it")?;
    if !path.contains(['.', ':']) {
        return Err(format!("labels.calculator: expected module.Class or module:function, got \"{path}\""));
    }
    let python = options.python.clone().unwrap_or_else(|| "python3".into());
    // A name without folders is looked for on the path; it is not resolved further: a link in a virtual environment
    // says where its packages are.
    let python = if python.components().count() > 1 { absolute(&base.join(python)) } else { python };
    let python = template::quoted(&python.display().to_string()).replace('{', "{{").replace('}', "}}");
    let calculator = Calculator { path, arguments: options.arguments.clone() };
    command_labels(options, format!("{python} label.py {{input}} {{output}}"), Some(calculator))
}
