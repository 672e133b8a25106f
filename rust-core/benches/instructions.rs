//! Instructions that one atom costs, counted by valgrind: a measure that does not depend on how busy the machine is.
//! `make bench-instructions` runs it and compares with `instructions.txt` beside this file; more than [`TOLERANCE`] above
//! is an error. `make bench-instructions WRITE=1` writes the file anew.
//!
//! Counted on the AVX2 kernels (valgrind knows no AVX-512), within [`evaluate_all`] alone: what makes the template uses
//! hash maps with random keys, whose cost differs from run to run. The difference between three evaluations and one
//! leaves out the first use of the workspace. The numbers belong to one version of the compiler, which the file names.

#![allow(clippy::print_stdout)] // a table is what it is for

use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};

use mtprs_core::evaluate::{Evaluator, LossDerivatives, LossEvaluator, Wanted};
use mtprs_core::geometry::Virial;
use mtprs_core::potential::template::BasisRule;
use workload::{lattice, potential};

mod workload;

const LEVELS: [usize; 4] = [8, 12, 16, 20];
const WORK: [&str; 3] = ["EFS", "row", "loss"];
/// Relative; the counts themselves repeat to a few parts in a million.
const TOLERANCE: f64 = 0.02;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().filter(|argument| argument != "--bench").collect();
    if let [_, inner, level, work, repeats] = &arguments[..]
        && inner == "--evaluate"
    {
        let number = |text: &str| text.parse().expect("a number");
        evaluate(number(level), work, number(repeats));
        return ExitCode::SUCCESS;
    }
    let stored_path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    let stored = std::fs::read_to_string(&stored_path).unwrap_or_default();
    let mut table = "level  work  instructions/atom\n".to_owned();
    let mut worse = false;
    println!("level  work  instructions/atom  stored  change");
    for level in LEVELS {
        for work in WORK {
            let count =
                (count(level, work, 3) - count(level, work, 1)) / 2.0 / lattice([4, 4, 4]).len() as f64;
            writeln!(table, "{level:5}  {work:4}  {count:17.0}").expect("writing to a string");
            let Some(before) = stored_count(&stored, level, work) else {
                println!("{level:5}  {work:4}  {count:17.0}    none");
                worse = true;
                continue;
            };
            let change = count / before - 1.0;
            worse |= change > TOLERANCE;
            println!("{level:5}  {work:4}  {count:17.0}  {before:6.0}  {:+.1} %", 100.0 * change);
        }
    }
    if std::env::var_os("WRITE").is_some() {
        let compiler = std::env::var("COMPILER").unwrap_or_default();
        let text = format!(
            "# instructions of the AVX2 kernels by valgrind, {compiler}\n# make bench-instructions WRITE=1\n{table}"
        );
        std::fs::write(&stored_path, text).expect("the folder of this benchmark is writable");
        return ExitCode::SUCCESS;
    }
    if stored.is_empty() || worse {
        let first = stored.lines().next().unwrap_or("nothing");
        println!(
            "more instructions than stored ({first}); if that is right: make bench-instructions WRITE=1"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Evaluates this many times: what valgrind looks at.
fn evaluate(level: usize, work: &str, repeats: usize) {
    let configuration = lattice([4, 4, 4]);
    let potential = potential(&BasisRule::of_level(level).expect("a level with a template"));
    let mut evaluator = Evaluator::new(&potential).expect("the potential is trained");
    let mut gradients = LossEvaluator::new(&potential).expect("the potential is trained");
    let atoms = evaluator.neighborhoods(&configuration).expect("the lattice is sound");
    let forces: Vec<[f64; 3]> = configuration.positions.clone();
    let loss = LossDerivatives { energy: 0.1, forces: &forces, virial: Virial::default() };
    let mut gradient = vec![0.0; potential.parameter_layout().len()];
    evaluate_all(repeats, || {
        let energy = match work {
            "EFS" => evaluator.tally(&atoms, Wanted::default()).map(|tally| tally.energy),
            "row" => {
                let visit = |_, row: &[f64]| {
                    black_box(row);
                };
                gradients
                    .gradients()
                    .site_gradients(&atoms, Wanted::default(), visit)
                    .map(|tally| tally.energy)
            }
            _ => gradients.loss_gradient(&atoms, &loss, black_box(&mut gradient)).map(|()| 0.0),
        };
        black_box(energy.expect("the lattice is sound"));
    });
}

/// The part that counts; valgrind finds it by its name.
#[inline(never)]
fn evaluate_all(repeats: usize, mut evaluate: impl FnMut()) {
    for _ in 0..repeats {
        evaluate();
    }
}

/// Keeps glibc's `memset` and `memcpy` from `rep stosb` and `rep movsb`. It takes them from a length that depends on the
/// processor, and valgrind counts each repetition as an instruction.
const TUNABLES: &str = concat!(
    "glibc.cpu.x86_rep_stosb_threshold=0xffffffffffffffff:",
    "glibc.cpu.x86_rep_movsb_threshold=0xffffffffffffffff"
);

/// Instructions of this many evaluations.
fn count(level: usize, work: &str, repeats: usize) -> f64 {
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*evaluate_all*"])
        .arg(program)
        .args(["--evaluate", &level.to_string(), work, &repeats.to_string()])
        .env("MTPRS_KERNEL", "avx2")
        .env("GLIBC_TUNABLES", TUNABLES)
        .output()
        .expect("valgrind is installed (Debian: apt-get install valgrind)");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "valgrind failed: {said}");
    let collected = said.lines().find_map(|line| line.split("Collected : ").nth(1));
    collected
        .and_then(|count| count.trim().parse().ok())
        .expect("valgrind says how many instructions it counted")
}

fn stored_count(stored: &str, level: usize, work: &str) -> Option<f64> {
    let wanted = [level.to_string(), work.to_owned()];
    let mut lines = stored.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let line = lines.find(|words| words.len() == 3 && words[..2] == wanted)?;
    line[2].parse().ok()
}
