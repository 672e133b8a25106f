//! `mlp train`.

use std::ffi::OsString;
use std::path::Path;

use mtprs_core::format::{load_potential, load_state};
use mtprs_core::selection::GradeMode;

use super::{Call, Words};
use crate::Failure;
use crate::cli::usage_error;
use crate::report::mlip::Dialect;

/// What a selection state of MLIP-3 begins with, after the potential.
const STATE: &[u8] = b"\n#MVS";

/// Whose training it is by the potential: one that a state follows is MLIP-3's.
pub(super) fn dialect(files: &[OsString]) -> Option<Dialect> {
    let potential = Path::new(files.first()?);
    let is_called_so = potential.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("almtp"));
    (is_called_so || holds_state(potential)).then_some(Dialect::Mlip3)
}

/// Whether a selection state follows a potential.
pub(super) fn holds_state(potential: &Path) -> bool {
    std::fs::read(potential).is_ok_and(|bytes| bytes.windows(STATE.len()).any(|window| window == STATE))
}

pub(super) fn train(call: &mut Call<'_>) -> Result<(), Failure> {
    let (potential, training_set) = (call.file(0), call.file(1));
    let dialect = call.dialect;
    let line = &mut call.line;
    let output = match (line.take_file("save_to"), dialect) {
        (Some(output), _) => output.into(),
        (None, Dialect::Mlip2) => "Trained.mtp_".into(),
        (None, Dialect::Mlip3) => potential.clone(),
    };
    let weighting = weighting(call)?;
    let line = &mut call.line;
    let same = line.take("init-params").map(|text| match text.as_str() {
        "same" => Ok(true),
        "random" => Ok(false),
        _ => Err(usage_error(format!("--init-params: expected random or same, got {text}"))),
    });
    let same = same.transpose()?.unwrap_or(false);
    let random = line.take_flag("init_random")?.unwrap_or(false);
    let update = line.take_flag("update-mindist")?;
    let keep = line.take_flag("no_mindist_update")?;
    let updates = update.unwrap_or(dialect == Dialect::Mlip3 && keep != Some(true));
    let mode = match (line.take("al_mode"), dialect) {
        (Some(mode), _) => Some(mode),
        // As the state that is there, or of configurations.
        (None, Dialect::Mlip3) => Some(match holds_state(&potential).then(|| load_state(&potential)).transpose()? {
            Some(state) if state.mode == GradeMode::Neighborhood => "nbh".to_owned(),
            _ => "cfg".to_owned(),
        }),
        (None, Dialect::Mlip2) => None,
    };
    // Both programs make an untrained potential random, and leave a trained one as it is.
    let is_trained = load_potential(&potential)?.is_trained();
    let begins = match (is_trained, same, random) {
        (true, ..) => Some("same"),
        (false, true, false) => Some("same"),
        (false, ..) => None,
    };
    let mut words = Words::new(["train"]).file(&potential).file(&training_set);
    words = words.option("trained-pot-name", Some(&output)).flag("force", true);
    for name in ["max-iter", "bfgs-conv-tol", "energy-weight", "force-weight", "stress-weight", "scale-by-force"] {
        words = words.option(name, line.take(name));
    }
    for name in ["valid-cfgs", "curr-pot-name"] {
        words = words.option(name, line.take_file(name));
    }
    let skips = line.take_flag("skip-preinit")?.unwrap_or(false);
    words = words
        .option("weighting", Some(weighting))
        .option("init-params", begins)
        .flag("skip-preinit", skips)
        .flag("update-mindist", updates)
        .option("al-mode", mode)
        .option("compat", Some(if dialect == Dialect::Mlip2 { "mlip2" } else { "mlip3" }))
        .option("threads", call.threads());
    call.refuse_same(&output, &training_set)?;
    call.mtprs(words)
}

/// How terms depend on the number of atoms, by the word of MLIP-2 or the numbers of MLIP-3.
fn weighting(call: &mut Call<'_>) -> Result<String, Failure> {
    let line = &mut call.line;
    let word = line.take("weighting");
    let scaling = line.take_number::<u8>("weight_scaling")?;
    let of_forces = line.take_number::<u8>("weight_scaling_forces")?;
    let by_numbers = match (scaling, of_forces) {
        (None, None) => return Ok(word.unwrap_or_else(|| "vibrations".to_owned())),
        (Some(1) | None, Some(0) | None) => "vibrations",
        (Some(0), Some(0) | None) => "molecules",
        (Some(2), Some(1)) => "structures",
        (scaling, of_forces) => {
            let message = format!(
                "expected weight_scaling and weight_scaling_forces 1 and 0, 0 and 0, or 2 and 1, got {} and {}",
                scaling.unwrap_or(1),
                of_forces.unwrap_or(0)
            );
            return Err(usage_error(message).into());
        }
    };
    match word {
        Some(word) if word != by_numbers => {
            Err(usage_error(format!("--weighting={word} contradicts weight_scaling, which asks for {by_numbers}"))
                .into())
        }
        _ => Ok(by_numbers.to_owned()),
    }
}
