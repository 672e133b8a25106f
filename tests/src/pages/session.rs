//! A session of a reader: one shell in a copy of the repository, or in an empty folder with the wheel, the blocks of a page
//! one after the other, and what each of them prints.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Page, Purpose, mismatch};
use crate::c_programs::static_library;
use crate::lammps::Lammps;
use crate::learning::program;
use crate::process::{self, End, TIME_LIMIT};
use crate::repository;
use mtprs_testing::{scratch, workspace};

/// What a reader has.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// A copy of the repository in which all is built.
    Checkout,
    /// The virtual environment in this folder, with the wheel, and an empty folder.
    Wheel(&'a Path),
}

/// Runs a page and, before it, those that it goes on from; what went wrong names file and line.
pub fn run(page: &Page, pages: &[Page], place: Place) -> Result<(), String> {
    let folder = scratch(&format!("pages/{}", page.name.replace('/', "-")));
    let (checkout, notes) = (folder.join("mtprs"), folder.join("blocks"));
    for made in [&notes, &folder.join("home")] {
        fs::create_dir_all(made).expect("the folder of a test can be made");
    }
    if matches!(place, Place::Checkout) {
        check_out(&checkout);
    } else {
        fs::create_dir_all(&checkout).expect("the folder of a test can be made");
    }
    let mut sequence = vec![page];
    while let Some(name) = &sequence[sequence.len() - 1].after {
        if matches!(place, Place::Wheel(_)) && sequence[sequence.len() - 1].with_wheel {
            break;
        }
        let before = pages.iter().find(|page| page.name == *name);
        sequence.push(before.ok_or_else(|| format!("docs/src/{}: no page {name}", page.name))?);
    }
    sequence.reverse();
    let steps = steps(&sequence, &notes, place);
    fs::write(notes.join("session.sh"), script(&steps, &checkout, place))
        .expect("the folder can be written to");
    let mut shell = Command::new("bash");
    shell.arg(notes.join("session.sh")).env("OMP_NUM_THREADS", "1").env("HOME", folder.join("home"));
    for variable in
        ["LAMMPS_PLUGIN_PATH", "LAMMPS_POTENTIALS", "LD_LIBRARY_PATH", "MTPRS", "PYTHONPATH", "MTPRS_LIBRARY"]
    {
        shell.env_remove(variable);
    }
    let end = process::run(&mut shell, &notes.join("session.out"), TIME_LIMIT);
    let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    if !matches!(&end, End::Exited(status) if status.success()) {
        let reached = text(&notes.join("reached"));
        let step = reached.trim().parse().ok().and_then(|number: usize| steps.get(number));
        let (place, printed) = step
            .map_or(("before the first block".into(), String::new()), |step| (step.place(), text(&step.out)));
        let session = text(&notes.join("session.out"));
        return Err(format!("{place}: {end:?}\n{session}{printed}"));
    }
    steps.iter().try_for_each(Step::compare)
}

/// One block of a session.
struct Step<'a> {
    page: &'a Page,
    index: usize,
    source: PathBuf,
    out: PathBuf,
}

impl Step<'_> {
    fn place(&self) -> String {
        format!("docs/src/{}:{}", self.page.name, self.page.blocks[self.index].line)
    }

    /// Compares what was printed with the blocks of output below.
    fn compare(&self) -> Result<(), String> {
        let Some(below) = self.page.blocks.get(self.index + 1) else { return Ok(()) };
        let (Purpose::Run(_), Purpose::Output(share)) =
            (&self.page.blocks[self.index].purpose, &below.purpose)
        else {
            return Ok(());
        };
        let printed = fs::read_to_string(&self.out).expect("the session has written it");
        match mismatch(&below.text, &printed, *share) {
            None => Ok(()),
            Some(line) => Err(format!(
                "docs/src/{}:{}: the output differs at {line:?}; printed was\n{printed}",
                self.page.name, below.line
            )),
        }
    }
}

fn steps<'a>(pages: &[&'a Page], notes: &Path, place: Place) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for page in pages {
        for (index, block) in page.blocks.iter().enumerate() {
            let is_step = match block.purpose {
                Purpose::Run(_) | Purpose::File(_) => true,
                Purpose::RunInCheckout => matches!(place, Place::Checkout),
                _ => false,
            };
            if is_step {
                let number = steps.len();
                let (source, out) =
                    (notes.join(format!("{number:02}.in")), notes.join(format!("{number:02}.out")));
                fs::write(&source, &block.text).expect("the folder can be written to");
                steps.push(Step { page, index, source, out });
            }
        }
    }
    steps
}

fn script(steps: &[Step], checkout: &Path, place: Place) -> String {
    let mut script = format!("set -eo pipefail\ncd '{}'\n", checkout.display());
    if let Place::Wheel(environment) = place {
        writeln!(script, "export PATH='{}':\"$PATH\"\nmtprs examples", environment.join("bin").display())
            .expect("memory can be written");
    }
    for (number, step) in steps.iter().enumerate() {
        let (source, out) = (step.source.display(), step.out.display());
        let reached = step.out.with_file_name("reached");
        let mut line = |text: String| writeln!(script, "{text}").expect("memory can be written");
        line(format!("echo {number} > '{}'", reached.display()));
        match &step.page.blocks[step.index].purpose {
            Purpose::Run(0) | Purpose::RunInCheckout => {
                line(format!("{{ source '{source}'; }} > '{out}' 2>&1"));
            }
            Purpose::Run(code) => {
                line(format!("code=0; {{ source '{source}'; }} > '{out}' 2>&1 || code=$?"));
                line(format!(
                    "[ $code = {code} ] || {{ echo \"exit code $code, expected {code}\"; exit 1; }}"
                ));
            }
            Purpose::File(name) => line(format!("cp '{source}' '{name}'")),
            _ => {}
        }
    }
    script
}

/// Makes what a reader has after `make venv build plugin python-library`: sources to work with, programs, the plugin, LAMMPS.
fn check_out(folder: &Path) {
    let link = |from: &Path, name: &str| {
        let to = folder.join(name);
        fs::create_dir_all(to.parent().expect("names have folders"))
            .expect("the folder of a test can be made");
        symlink(from, to).expect("the folder of a test can be written to");
    };
    let lammps = Lammps::current();
    let environment = lammps.libraries();
    link(environment.parent().expect("the libraries lie in the environment"), ".venv");
    link(lammps.plugin(), "build/plugin/mtprsplugin.so");
    link(&program(), "target/release/mtprs");
    link(&program(), "target/release/mlp");
    link(static_library(), "target/release/libmtprs_capi.a");
    for name in ["libmtprs.so", "_native.so"] {
        link(&workspace().join("build/python").join(name), &format!("build/python/{name}"));
    }
    for name in ["rust-core", "lammps-plugin", "cmake", "trainer", "tests", "docs", "python"] {
        link(&workspace().join(name), name);
    }
    for file in repository::files("examples") {
        let to = folder.join(&file);
        fs::create_dir_all(to.parent().expect("names have folders"))
            .expect("the folder of a test can be made");
        fs::copy(workspace().join(&file), to).expect("a file of the repository can be copied");
    }
}
