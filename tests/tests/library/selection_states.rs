//! Selection states of all three formats: what is written is read back bit for bit, and what is damaged, singular or not
//! supported is refused with the whole message that is expected.

use std::fs;
use std::path::PathBuf;

use mtprs::interrupt::Interrupt;
use mtprs::job::RunSettings;
use mtprs::pipeline::Supply;
use mtprs::selection::{Settings, build};
use mtprs_core::Error;
use mtprs_core::format::{
    load_state, parse_potential, parse_state, potential_to_string, save_state, write_almtp, write_als,
    write_configuration, write_state,
};
use mtprs_core::geometry::{Cell, Configuration};
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::selection::{GradeMode, RowSource, SelectionState};
use mtprs_tests::random::Random;
use mtprs_tests::small_potential::SMALL_POTENTIAL;
use mtprs_tests::state_rows::check_rows_and_equations;
use mtprs_tests::workspace;

/// Parameters of the small potential: 12 radial, 2 species, 2 moment coefficients.
const SIZE: usize = 16;

fn potential() -> Potential {
    parse_potential(SMALL_POTENTIAL.as_bytes(), "small.mtp").unwrap()
}

fn folder() -> PathBuf {
    let folder = workspace().join("target/tests/selection_states");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn configurations(count: usize) -> Vec<Configuration> {
    let mut random = Random::new(5);
    let cell = Cell::new(&[[4.2, 0.0, 0.0], [0.3, 4.4, 0.0], [0.0, 0.2, 4.6]]).unwrap();
    let make = |_| {
        let corner = |k: usize| [k % 2, k / 2 % 2, k / 4].map(|x| 2.1 * x as f64 + random.symmetric(0.3));
        let positions = (0..6).map(corner).collect();
        let mut configuration = Configuration::new(cell.clone(), vec![0, 1, 0, 1, 1, 0], positions).unwrap();
        configuration.set_feature("from", "a test");
        configuration
    };
    (0..count).map(make).collect()
}

/// A state of the small potential that holds the configurations of its rows.
fn state(mode: GradeMode) -> SelectionState {
    let configurations = configurations(12);
    let mut text = Vec::new();
    configurations.iter().for_each(|configuration| write_configuration(configuration, &mut text).unwrap());
    let path = folder().join(format!("{mode}-{:?}.cfg", std::thread::current().id()));
    fs::write(&path, text).unwrap();
    let run = RunSettings { threads: 1, quiet: true };
    let input = Supply::from(path);
    let built = build(&potential(), &[input], Settings::new(mode), run, Interrupt::default()).unwrap();
    let mut state = built.state(&potential(), "train.cfg").unwrap();
    state.configurations = configurations.into_iter().enumerate().collect();
    state
}

fn als(state: &SelectionState) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_als(state, &mut bytes).unwrap();
    bytes
}

fn own(state: &SelectionState) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_state(state, &mut bytes).unwrap();
    bytes
}

/// A state as MLIP-3 writes it. All configurations of the training set have six atoms.
fn almtp(state: &SelectionState) -> Vec<u8> {
    let mut state = state.clone();
    for (row, source) in state.sources.iter().enumerate() {
        if let RowSource::Configuration { index, atom } = *source {
            let equation = atom.map_or(index, |atom| 6 * index + atom);
            state.equations.entry(row).or_insert(equation);
        }
    }
    let mut bytes = Vec::new();
    write_almtp(&state, &mut bytes).unwrap();
    bytes
}

#[test]
fn every_format_is_read_back_bit_for_bit() {
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        let state = state(mode);
        assert!(state.unsupported() > 0 && state.unsupported() < SIZE, "{}", state.unsupported());
        let again = parse_state(&own(&state), "a.mtps").unwrap();
        assert_eq!(
            (again.mode, &again.active_set, &again.sources),
            (mode, &state.active_set, &state.sources)
        );
        assert_eq!((&again.identity, again.training_set.as_str()), (&state.identity, "train.cfg"));
        assert_eq!(own(&again), own(&state));

        let of_mlip2 = parse_state(&als(&state), "a.als").unwrap();
        assert_eq!((of_mlip2.mode, &of_mlip2.active_set), (mode, &state.active_set));
        assert_eq!(of_mlip2.potential, Some(potential()));
        assert_eq!(als(&of_mlip2), als(&state));
        for (a, b) in state.sources.iter().zip(&of_mlip2.sources) {
            let configuration = |state: &SelectionState, source: &RowSource| match source {
                RowSource::Unsupported => None,
                RowSource::Configuration { index, .. } => Some(state.configurations[index].clone()),
            };
            assert_eq!(configuration(&state, a), configuration(&of_mlip2, b));
        }
        let whole = almtp(&state);
        let of_mlip3 = parse_state(&whole, "a.almtp").unwrap();
        assert_eq!((of_mlip3.mode, &of_mlip3.active_set), (mode, &state.active_set));
        assert_eq!((of_mlip3.unsupported(), &of_mlip3.potential), (state.unsupported(), &Some(potential())));
        assert_eq!(parse_potential(&whole, "a.almtp").unwrap(), potential());
        let mut again = Vec::new();
        write_almtp(&of_mlip3, &mut again).unwrap();
        assert_eq!(again, whole);
        // Accurate to the arithmetic: the state was built with the same potential, read from its text. The training set has
        // twelve configurations of six atoms.
        let size = if mode == GradeMode::Neighborhood { 6 } else { 1 };
        let firsts: Vec<usize> = check_rows_and_equations(&of_mlip3, 1e-12).into_values().collect();
        assert!(firsts.iter().all(|first| first % size == 0 && *first < 12 * size), "{firsts:?}");
        assert!(firsts.is_sorted_by(|a, b| a < b), "{firsts:?}");
        let equations = of_mlip3.equations.clone();
        let state = SelectionState { equations, ..state };
        for name in ["a.mtps", "a.als", "a.almtp"] {
            let path = folder().join(format!("{mode}-{name}"));
            save_state(&state, &path).unwrap();
            assert_eq!(load_state(&path).unwrap().active_set, state.active_set);
        }
    }
}

/// States that earlier versions wrote stay readable. With `MTPRS_BLESS=1` the files are written anew.
#[test]
fn the_states_of_this_repository_are_one_state_in_three_formats() {
    let state = state(GradeMode::Neighborhood);
    let files = [("state.mtps", own(&state)), ("state.als", als(&state)), ("state.almtp", almtp(&state))];
    let read = files.map(|(name, bytes)| {
        let path = workspace().join("tests/tests/wellformed").join(name);
        if std::env::var_os("MTPRS_BLESS").is_some() {
            fs::write(&path, bytes).unwrap();
        }
        let read = load_state(&path).unwrap();
        assert_eq!((read.mode, read.unsupported()), (state.mode, state.unsupported()), "{name}");
        let mut grader = Grader::new(&potential(), read.clone()).unwrap();
        let of_training_set =
            configurations(12).into_iter().map(|one| grader.grade(&one).unwrap().configuration);
        let largest = of_training_set.fold(0.0, f64::max);
        assert!((1.0 - 1e-6..=1.0 + 1e-6).contains(&largest), "{name}: {largest}");
        read.active_set
    });
    assert!(read[1..].iter().all(|active_set| *active_set == read[0]));
}

#[test]
fn grades_do_not_depend_on_the_format() {
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        let state = state(mode);
        let states = [own(&state), als(&state), almtp(&state)];
        let grades = states.map(|bytes| {
            let mut grader = Grader::new(&potential(), parse_state(&bytes, "a").unwrap()).unwrap();
            configurations(15)
                .iter()
                .map(|configuration| grader.grade(configuration).unwrap())
                .collect::<Vec<_>>()
        });
        assert_eq!(grades[0], grades[1]);
        assert_eq!(grades[0], grades[2]);
        assert!(grades[0][..12].iter().all(|grades| grades.configuration <= 1.0 + 1e-6));
    }
}

/// Replaces the first occurrence of a text that must be there.
fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let at = position(bytes, old.as_bytes());
    [&bytes[..at], new.as_bytes(), &bytes[at + old.len()..]].concat()
}

fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes
        .windows(part.len())
        .position(|window| window == part)
        .unwrap_or_else(|| panic!("{part:?} is not there"))
}

fn with_doubles(bytes: &[u8], at: usize, doubles: &[f64]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (k, double) in doubles.iter().enumerate() {
        bytes[at + 8 * k..at + 8 * k + 8].copy_from_slice(&double.to_le_bytes());
    }
    bytes
}

fn refused(bytes: &[u8], file: &str) -> String {
    let error: Error = parse_state(bytes, file).expect_err(file);
    format!("{:?}: {error}", error.kind())
}

#[test]
fn damaged_states_of_mlip_2_give_their_messages() {
    let whole = als(&state(GradeMode::Configuration));
    let weights = position(&whole, b"\n^") + 2;
    let rows = weights + 34;
    let lines = rows + 16 * SIZE * SIZE;
    let expect = |bytes: &[u8], message: &str| assert_eq!(refused(bytes, "a.als"), message);
    expect(
        &whole[..weights - 1],
        "Syntax: a.als: expected a selection state after the potential, got nothing\n  hint: a state of MLIP-2 (.als), \
         MLIP-3 (.almtp) or mtprs (.mtps) is expected here",
    );
    expect(
        &whole[..weights + 5],
        &format!(
            "Syntax: a.als: byte {weights}: the file ends inside the weights: expected 32 bytes (4 numbers), got 5"
        ),
    );
    expect(
        &whole[..rows + 100],
        &format!(
            "Syntax: a.als: byte {rows}: the file ends inside the active set: expected 2048 bytes (256 numbers), got 100"
        ),
    );
    expect(
        &whole[..rows + 2050],
        &format!(
            "Syntax: a.als: byte {}: the file ends inside the inverse of the active set: expected 2048 bytes (256 \
             numbers), got 2",
            rows + 2048
        ),
    );
    let weighted = |weights: [f64; 4]| with_doubles(&whole, position(&whole, b"\n^") + 2, &weights);
    expect(
        &weighted([0.0, 1.0, 0.5, 0.0]),
        &format!(
            "Unsupported: a.als: byte {weights}: a force weight of 0.5 is not supported: grades by force rows do not exist \
             here"
        ),
    );
    expect(
        &weighted([0.0, 1.0, 0.0, 1.0]),
        &format!(
            "Unsupported: a.als: byte {weights}: a stress weight of 1 is not supported: grades by stress rows do not \
             exist here"
        ),
    );
    expect(
        &weighted([1.0, 1.0, 0.0, 0.0]),
        &format!(
            "Unsupported: a.als: byte {weights}: an energy weight of 1 with a site energy weight of 1 is not supported: \
             expected 1 and 0 (configuration mode) or 0 and 1 (neighborhood mode)"
        ),
    );
    let mut mark = whole.clone();
    mark[rows - 1] = b'!';
    expect(
        &mark,
        &format!("Syntax: a.als: byte {}: expected \"\\n#\" before the active set, got \"\\n!\"", rows - 2),
    );
    expect(
        &with_doubles(&whole, rows + 8 * SIZE, &[f64::NAN]),
        "InvalidState: a.als: row 2 of the active set is not finite",
    );
    expect(
        &with_doubles(&whole, rows, &[0.0; SIZE]),
        "InvalidState: a.als: the active set is singular: its row 1 is zero",
    );
    expect(
        &with_doubles(&whole, rows + 2048, &[f64::INFINITY]),
        "InvalidState: a.als: the active set is singular: its inverse is not finite",
    );
    let damaged = refused(&with_doubles(&whole, rows + 2048, &[1e7; 3]), "a.als");
    assert!(
        damaged.starts_with(
            "InvalidState: a.als: the inverse does not belong to the active set: a product of both is off by"
        ),
        "{damaged}"
    );
    let line = 1 + whole[..lines + 1].iter().filter(|&&byte| byte == b'\n').count();
    expect(
        &replaced(&whole, "\n1 ", "\n7 "),
        &format!("Syntax: a.als:{}:1: expected the configuration of row 1, got that of 7", line + 1),
    );
}

#[test]
fn states_of_another_potential_or_mode_are_noticed() {
    let state = state(GradeMode::Neighborhood);
    let mut parts = potential().into_parts();
    parts.scaling = 0.11;
    let other = Potential::new(parts).unwrap();
    let hint = "\n  hint: build the state anew after training: mtprs state build POT.mtp TRAIN.cfg STATE";
    let message = state.check_potential(&other).unwrap_err().to_string();
    assert_eq!(message, format!("the state belongs to another potential: small has other scaling{hint}"));
    let own = parse_state(&own(&state), "a.mtps").unwrap();
    own.check_potential(&potential()).unwrap();
    let message = own.check_potential(&other).unwrap_err().to_string();
    assert!(message.starts_with("the state belongs to another potential: small has checksum "), "{message}");

    // Rows of configurations under the weights of single atoms.
    let whole = als(&self::state(GradeMode::Configuration));
    let weights = position(&whole, b"\n^") + 2;
    let turned = with_doubles(&whole, weights, &[1.0, 0.0, 0.0, 0.0]);
    let message = refused(&turned, "a.als");
    assert!(
        message.contains(
            "of the active set is not one of neighborhood mode: its entries for species_coeffs are 0.5 0.5"
        ),
        "{message}"
    );
}

#[test]
fn damaged_states_of_mlip_3_give_their_messages() {
    let whole = almtp(&state(GradeMode::Configuration));
    let line = 1 + whole[..position(&whole, b"#MVS")].iter().filter(|&&byte| byte == b'\n').count();
    let at = |lines_below: usize| format!("a.almtp:{}:1", line + lines_below);
    let (zero, one) = (" 0.0000000000000000e+00\n", " 1.0000000000000000e+00\n");
    for (old, new, message) in [
        ("#MVS_v1.1", "#MVS_v2", format!("Unsupported: {}: expected #MVS_v1.1, got #MVS_v2", at(0))),
        (
            &format!("force_weight{zero}"),
            &format!("force_weight{one}"),
            format!(
                "Unsupported: {}: a force weight of 1 is not supported: grades by force rows do not exist here",
                at(0)
            ),
        ),
        (
            &format!("stress_weight{zero}"),
            "",
            format!("Syntax: {}: the selection state lacks stress_weight", at(0)),
        ),
        (
            "stress_weight",
            "stretch_weight",
            format!(
                "Unsupported: {}: unknown key stretch_weight\n  hint: expected one of energy_weight, force_weight, stress_weight, site_en_weight, weight_scaling",
                at(3)
            ),
        ),
        ("force_weight", "energy_weight", format!("Syntax: {}: energy_weight is given twice", at(2))),
        (
            "weight_scaling 2",
            "weight_scaling",
            format!("Syntax: a.almtp:{}:15: expected a number for weight_scaling, got nothing", line + 5),
        ),
    ] {
        assert_eq!(refused(&replaced(&whole, old, new), "a.almtp"), message);
    }
    let start = position(&whole, b"weight_scaling 2\n#") + 18;
    assert_eq!(
        refused(&whole[..start + 7], "a.almtp"),
        format!(
            "Syntax: a.almtp: byte {start}: the file ends inside the active set: expected 2048 bytes (256 numbers), got 7"
        )
    );
    let end = start + 16 * SIZE * SIZE;
    let mut mark = whole.clone();
    mark[end + 1] = b'!';
    assert_eq!(
        refused(&mark, "a.almtp"),
        format!(
            "Syntax: a.almtp: byte {end}: expected \"\\n#\\n\" before the sources of the rows, got \"\\n!\\n\""
        )
    );
    // Lines count from the beginning of the file, and bytes of the matrices may look like line ends.
    let first = 1 + whole[..end + 3].iter().filter(|&&byte| byte == b'\n').count();
    let (head, tail) = whole.split_at(end + 3);
    let tail = std::str::from_utf8(tail).unwrap();
    let lines: Vec<&str> = tail.lines().take(SIZE).collect();
    let known = lines.iter().position(|line| *line != "-1 -1").unwrap();
    let with = |row: usize, line: &str| {
        let mut lines = lines.clone();
        lines[row] = line;
        let rest = tail.split_once("#\n").unwrap().1;
        [head, lines.join("\n").as_bytes(), b"\n#\n", rest.as_bytes()].concat()
    };
    let (configuration, equation) = lines[known].split_once(' ').unwrap();
    let count = tail.matches("BEGIN_CFG").count();
    for (line, message) in [
        (
            "-1 3".to_owned(),
            format!(
                "Syntax: a.almtp:{}:1: expected configuration and equation, counted from 0, or -1 -1, got -1 3",
                first + known
            ),
        ),
        (
            format!("77 {equation}"),
            format!(
                "Syntax: a.almtp:{}:1: row {known} of the active set comes from configuration 77, but the state holds {count} (counted from 0)",
                first + known
            ),
        ),
        (
            format!("{configuration} 999"),
            format!(
                "InvalidState: a.almtp: configuration {configuration} of the state says selected_eqn_inds {equation}, but the rows of the active set come from 999\n  hint: the file is damaged"
            ),
        ),
        (
            "#".to_owned(),
            format!(
                "Syntax: a.almtp:{}:1: expected {SIZE} lines of configuration and equation, got {known}",
                first + known
            ),
        ),
        (
            format!("{} 7", lines[known]),
            format!(
                "Syntax: a.almtp:{}:{}: expected the end of the line after the equation of a row, got 7",
                first + known,
                lines[known].len() + 2
            ),
        ),
    ] {
        assert_eq!(refused(&with(known, &line), "a.almtp"), message, "{line}");
    }
    let longer = with(SIZE - 1, &format!("{}\n0 0", lines[SIZE - 1]));
    assert_eq!(
        refused(&longer, "a.almtp"),
        format!("Syntax: a.almtp:{}:1: expected # after the {SIZE} lines of the rows", first + SIZE)
    );
}

#[test]
fn sizes_that_no_file_can_have_are_refused() {
    // 256 species and 10^6 radial coefficients for each pair: half a terabyte of parameters in a file of a few lines.
    let mut text = potential_to_string(&potential()).unwrap();
    let cut = |text: &mut String, from: &str, to: &str| {
        let (start, end) = (text.find(from).unwrap(), text.find(to).unwrap());
        text.replace_range(start..end, "");
    };
    cut(&mut text, "\tradial_coeffs\n", "alpha_moments_count");
    let end = text.find("species_coeffs").unwrap();
    text.truncate(end);
    for (key, value) in [("species_count", 256), ("radial_basis_size", 1000), ("radial_funcs_count", 1000)] {
        let start = text.find(&format!("{key} = ")).unwrap();
        let end = start + text[start..].find('\n').unwrap();
        text.replace_range(start..end, &format!("{key} = {value}"));
    }
    let message = parse_potential(text.as_bytes(), "a.mtp").unwrap_err().to_string();
    assert!(
        message.contains("65536000258 parameters") && message.contains("expected at most 5000000"),
        "{message}"
    );
    let own = replaced(
        &own(&state(GradeMode::Configuration)),
        "parameters_count = 16",
        "parameters_count = 9999999999",
    );
    assert!(refused(&own, "a").contains("expected 9999999999 x 9999999999 numbers, got"));
}

#[test]
fn damaged_states_of_ours_give_their_messages() {
    let whole = own(&state(GradeMode::Configuration));
    let start = position(&whole, b"\nmatrices\n") + 10;
    for (old, new, message) in [
        (
            "version = 1",
            "version = 2",
            "Unsupported: a.mtps:2:11: expected version 1, got 2\n  hint: a newer mtprs wrote this file, perhaps",
        ),
        (
            "mode = configuration",
            "mode = both",
            "Syntax: a.mtps:3:8: expected configuration or neighborhood, got both",
        ),
        ("mode = configuration\n", "", "Syntax: a.mtps: the header of the selection state lacks mode"),
        (
            "mode = ",
            "modus = ",
            "Unsupported: a.mtps:3:1: unknown key modus\n  hint: expected one of version, mode, potential_name, potential_checksum, species_count, species, parameters_count, training_set, sources, matrices_checksum, matrices",
        ),
        ("mode = ", "mode ", "Syntax: a.mtps:3:6: expected = after mode"),
        (
            "species_count = 2",
            "species_count = 0",
            "Syntax: a.mtps:6:17: expected a number of at least 1, got 0",
        ),
        ("species = Mg O", "species = Mg", "Syntax: a.mtps:7:11: expected 2 species, got 1"),
        ("species = Mg O", "species = Mg Mg", "Species: a.mtps:7:11: element Mg is listed twice"),
        ("species_count = 2", "version = 1", "Syntax: a.mtps:6:1: key version is given twice"),
        (
            "sources = {",
            "sources = {5, ",
            "InvalidState: a.mtps:10:11: expected 16 rows and sources, as the potential has parameters, got 16 and 17",
        ),
        (
            "sources = {",
            "sources = {x, ",
            "Syntax: a.mtps:10:12: expected the source of a row such as 12, 12:5 or -, got x",
        ),
        ("sources = {", "sources = ", "Syntax: a.mtps:10:11: expected { before the sources of the rows"),
        (
            "\nmatrices\n",
            "\nmatrices x\n",
            "Syntax: a.mtps:12:9: expected the end of the line after matrices",
        ),
    ] {
        assert_eq!(refused(&replaced(&whole, old, new), "a.mtps"), message);
    }
    assert_eq!(
        refused(&replaced(&whole, "parameters_count = 16", "parameters_count = 9999999999"), "a.mtps")
            .split(": the file")
            .next(),
        Some(format!("Syntax: a.mtps: byte {}", start + 8).as_str())
    );
    assert_eq!(
        refused(&whole[..whole.len() - 1], "a.mtps"),
        format!(
            "Syntax: a.mtps: byte {}: the file ends inside the inverse of the active set: expected 2048 bytes (256 \
             numbers), got 2047",
            start + 2048
        )
    );
    let longer = [&whole[..], b"\n"].concat();
    assert_eq!(
        refused(&longer, "a.mtps"),
        format!(
            "Syntax: a.mtps: byte {}: expected the end of the file after the matrices, got 1 more bytes",
            whole.len()
        )
    );
    let mut flipped = whole.clone();
    flipped[start + 1000] ^= 1;
    let message = refused(&flipped, "a.mtps");
    assert!(
        message.starts_with("InvalidState: a.mtps: the matrices are damaged: expected checksum "),
        "{message}"
    );
    assert_eq!(refused(&whole[..start - 20], "a.mtps").split(": ").next(), Some("Syntax"));
}

#[test]
fn no_damage_makes_the_readers_panic() {
    let state = state(GradeMode::Neighborhood);
    let mut random = Random::new(9);
    for whole in [own(&state), als(&state), almtp(&state)] {
        let mut refused = 0;
        for _ in 0..300 {
            let mut bytes = whole.clone();
            let length = bytes.len() as f64;
            let at = (random.between(0.0, length) as usize).min(bytes.len() - 1);
            match random.between(0.0, 3.0) as usize {
                0 => bytes.truncate(at),
                1 => bytes[at] = random.between(0.0, 256.0) as u8,
                _ => drop(bytes.drain(at..(at + 9).min(whole.len()))),
            }
            refused += usize::from(parse_state(&bytes, "a").is_err());
        }
        assert!(refused > 150, "only {refused} of 300 damaged states were refused");
    }
}

#[test]
fn a_state_that_cannot_be_written_leaves_what_was_there() {
    let mut state = state(GradeMode::Configuration);
    let path = folder().join("kept.als");
    fs::write(&path, "precious").unwrap();
    state.configurations.clear();
    let message = save_state(&state, &path).unwrap_err().to_string();
    assert!(message.contains("the state does not hold configuration"), "{message}");
    state.potential = None;
    let message = save_state(&state, &path).unwrap_err().to_string();
    assert!(message.contains("the state does not hold the potential"), "{message}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}
