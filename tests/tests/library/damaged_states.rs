//! Selection states of all three formats that are damaged, singular or not supported are refused with the whole message that
//! is expected.

use mtprs_core::format::{parse_potential, parse_state, potential_to_string};
use mtprs_core::selection::GradeMode;
use mtprs_tests::random::Random;

use crate::small_states::{
    SIZE, almtp, als, own, position, potential, refused, replaced, state, with_doubles,
};

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
