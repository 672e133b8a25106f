//! Selection among lithium configurations against MLIP-2: its state of the even-indexed ones of the training set, the
//! odd-indexed ones as candidates, of which its `select-add` picked 53.
#![allow(clippy::print_stdout)] // what was selected is worth seeing

use std::fs;
use std::path::PathBuf;

use mtprs::active_set::{Choice, Chosen, Settings, Start, build, log_determinant_of, select};
use mtprs::pipeline::{RunSettings, Supply};
use mtprs::processes::Interrupt;
use mtprs_core::format::{load_potential, load_state};
use mtprs_core::geometry::Configuration;
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::selection::{GradeMode, SelectionState};
use mtprs_testing::{cfg_text, read_cfg, scratch};
use mtprs_tests::shared;

/// Largest grade that a candidate may keep, that of MLIP-2.
const THRESHOLD: f64 = 1.1;
/// Configurations that MLIP-2 selected.
const SELECTED_BY_MLIP_2: usize = 53;
const RUN: RunSettings = RunSettings { threads: 2, quiet: true };

fn lithium(file: &str) -> PathBuf {
    shared().join("data/mlearn").join(file)
}

fn potential() -> Potential {
    load_potential(&lithium("Li.mtp")).unwrap()
}

/// A folder with `half_a.cfg` and `half_b.cfg`, and both halves.
struct Halves {
    folder: PathBuf,
    a: Vec<Configuration>,
    b: Vec<Configuration>,
}

impl Halves {
    fn new(name: &str) -> Self {
        let folder = scratch(name);
        let all = read_cfg(&lithium("Li_train.cfg"));
        let half = |first: usize| all.iter().skip(first).step_by(2).cloned().collect::<Vec<_>>();
        let halves = Self { folder, a: half(0), b: half(1) };
        assert_eq!((halves.a.len(), halves.b.len()), (121, 120));
        halves.write("half_a.cfg", &halves.a);
        halves.write("half_b.cfg", &halves.b);
        halves
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    fn write<'a>(&self, file: &str, configurations: impl IntoIterator<Item = &'a Configuration>) -> Supply {
        fs::write(self.path(file), cfg_text(configurations)).unwrap();
        Supply::from(self.path(file))
    }

    fn select(&self, start: Start, mode: GradeMode) -> Chosen {
        let choice = Choice {
            settings: Settings::new(mode),
            threshold: THRESHOLD,
            limit: usize::MAX,
            min_distance: 0.0,
        };
        let candidates = [Supply::from(self.path("half_b.cfg"))];
        select(&potential(), start, &candidates, choice, RUN, Interrupt::default()).unwrap()
    }

    /// The state that `mtprs state build` makes of one file with the first half and what was selected.
    fn built_anew(&self, selection: &Chosen, mode: GradeMode) -> SelectionState {
        let selected = selection.picks.iter().map(|pick| &pick.configuration);
        let union = self.write("union.cfg", self.a.iter().chain(selected));
        let built = build(&potential(), &[union], Settings::new(mode), RUN, Interrupt::default()).unwrap();
        built.state(&potential(), "union.cfg").unwrap()
    }

    /// The largest grade of the second half.
    fn largest_grade(&self, state: SelectionState) -> f64 {
        let mut grader = Grader::new(&potential(), state).unwrap();
        self.b.iter().map(|one| grader.grade(one).unwrap().configuration).fold(0.0, f64::max)
    }
}

fn log10_determinant(state: &SelectionState) -> f64 {
    log_determinant_of(state.active_set.size(), state.active_set.rows()) / std::f64::consts::LN_10
}

/// log10 |det| of the active set of a file.
fn log10_built(training_set: &[Supply], mode: GradeMode) -> f64 {
    let built = build(&potential(), training_set, Settings::new(mode), RUN, Interrupt::default()).unwrap();
    built.volume.log_determinant() / std::f64::consts::LN_10
}

/// Which configurations MLIP-2 chose is not known. But its choice lies within all 241 configurations, of which the set that
/// MLIP-2 itself finds is known, and so are ours for several orders of the files.
#[test]
fn the_selection_by_mlip_2s_state_spans_no_less_than_mlip_2_finds_in_everything() {
    let halves = Halves::new("reference_select_state");
    let half_a = load_state(&lithium("reference/Li_half_a.als")).unwrap();
    let everything = load_state(&lithium("reference/Li_train_configuration.als")).unwrap();
    let before = halves.largest_grade(half_a.clone());
    let selection = halves.select(Start::State(Box::new(half_a.clone())), GradeMode::Configuration);

    let [start, after] = selection.log10_determinant;
    assert!((start - log10_determinant(&half_a)).abs() < 1e-6);
    let theirs = log10_determinant(&everything);
    let files = |names: [&str; 2]| names.map(|name| Supply::from(halves.path(name)));
    let ours = [["half_a.cfg", "half_b.cfg"], ["half_b.cfg", "half_a.cfg"]]
        .map(|names| log10_built(&files(names), GradeMode::Configuration));
    println!("selected {} (MLIP-2: {SELECTED_BY_MLIP_2})", selection.picks.len());
    println!("log10 |det|: half a {start:.4}, with the selected {after:.4}");
    println!("of all 241: {theirs:.4} (MLIP-2), {:.4} and {:.4} (ours, a b and b a)", ours[0], ours[1]);
    println!("largest grade of half b: {before:.4} before, {:.4} after", selection.largest_grade[1]);
    assert!(after >= theirs, "{after} instead of at least {theirs}");
    assert_eq!(selection.above[1], 0);
    assert!(selection.largest_grade[1] <= THRESHOLD);
    assert!((selection.largest_grade[0] - before).abs() <= 1e-6 * before);
}

#[test]
fn no_candidate_extrapolates_by_a_state_built_anew_from_the_first_half_and_the_selected() {
    let halves = Halves::new("reference_select_training_set");
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        let training_set = vec![Supply::from(halves.path("half_a.cfg"))];
        let selection = halves.select(Start::TrainingSet(training_set), mode);
        let told = selection.built_anew.unwrap();
        let state = halves.built_anew(&selection, mode);
        let anew = log10_determinant(&state);
        let found = halves.largest_grade(state);
        let [start, after] = selection.log10_determinant;
        println!("{mode}: selected {}, {} of them for a state built anew", selection.picks.len(), told.added);
        println!("log10 |det|: {start:.4} before, {after:.4} after, {anew:.4} built anew");
        println!(
            "largest grade of half b: {:.4} before, {:.4} after, {found:.4} built anew",
            selection.largest_grade[0], selection.largest_grade[1]
        );
        assert!(selection.largest_grade[1] <= THRESHOLD, "{mode}");
        assert!(found <= THRESHOLD, "{mode}: {found} with the selection state rebuilt");
        assert!((found - told.largest_grade).abs() <= 1e-6, "{mode}: {found}, not {}", told.largest_grade);
        let gains: f64 = selection.picks.iter().map(|pick| pick.log10_gain).sum();
        assert!((gains - (after - start)).abs() < 1e-6, "{mode}: {gains}");
    }
}
