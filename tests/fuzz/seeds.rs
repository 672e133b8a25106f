//! Writes the malformed files of `rust-core/tests` into a folder, as inputs to begin with. `run.sh` compiles it.

#[allow(dead_code)]
#[path = "../../rust-core/testing/src/cases.rs"]
mod cases;

use std::path::Path;
use std::{env, fs};

fn main() {
    let folder = env::args().nth(1).expect("the folder to write to");
    let tests = Path::new("../../rust-core/tests");
    let wellformed =
        |name: &str| fs::read_to_string(tests.join("wellformed").join(name)).expect("it is there");
    let (trained, crystal) = (wellformed("trained.mtp"), wellformed("crystal.cfg"));
    let one = &crystal[..crystal.rfind("BEGIN_CFG").expect("it has configurations")];
    for (table, kind, base) in [("potentials", "mtp", trained), ("configurations", "cfg", one.repeat(2))] {
        let table = cases::Table::read(&tests.join(format!("malformed/{table}.txt")), 1);
        for case in table.cases.iter().filter(|case| !case.lines.is_empty()) {
            let (name, text) = match case.name.strip_suffix(": alone") {
                Some(name) => (name, one),
                None => (case.name.as_str(), base.as_str()),
            };
            let path = Path::new(&folder).join(format!("{name}.{kind}"));
            fs::write(path, case.changed(text)).expect("the folder can be written to");
        }
    }
}
