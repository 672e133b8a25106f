//! Selection states of all three formats that are damaged, singular or not supported are refused with the whole message that
//! is expected.

use std::fs;

use mtprs_core::format::{parse_potential, parse_state, potential_to_string};
use mtprs_core::selection::GradeMode;
use mtprs_testing::cases::Case;
use mtprs_testing::random::Random;
use mtprs_testing::{table, wellformed};

use crate::small_states::{almtp, als, own, potential, refused, replaced, state, with_doubles};

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
fn damaged_states_give_their_messages() {
    let table = table("rust-core/tests/malformed/states.txt", 45);
    let got = table.cases.iter().map(|case| {
        let ending = case.name.rsplit('.').next().unwrap();
        let whole = fs::read(wellformed(&format!("state.{ending}"))).unwrap();
        let message = refused(&damaged(whole, case), &format!("a.{ending}"));
        message.lines().map(str::to_owned).collect()
    });
    let got: Vec<Vec<String>> = got.collect();
    if !table.bless(&got) {
        for (case, got) in table.cases.iter().zip(&got) {
            let (got, expected) = (got.join("\n"), case.expected.join("\n"));
            let is_same = expected.strip_suffix('…').map_or(got == expected, |part| got.starts_with(part));
            assert!(is_same, "{}: got\n{got}\nexpected\n{expected}", case.name);
        }
    }
}

/// The bytes of a state with the fault of a case.
fn damaged(mut bytes: Vec<u8>, case: &Case) -> Vec<u8> {
    let (verb, rest) = case.lines[0].split_once(' ').unwrap_or_default();
    let (place, what) = rest.split_once(' ').unwrap_or((rest, ""));
    match (verb, place.parse::<usize>()) {
        ("cut", Ok(place)) => bytes.truncate(place),
        ("byte", Ok(place)) => bytes[place] = what.as_bytes()[0],
        ("set", Ok(place)) => {
            let doubles: Vec<f64> = what.split(' ').map(|word| word.parse().unwrap()).collect();
            return with_doubles(&bytes, place, &doubles);
        }
        ("add", _) => bytes.extend_from_slice(rest.as_bytes()),
        _ => {
            // A character for every byte, as matrices are no text.
            let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
            return case.changed(&text).chars().map(|character| character as u8).collect();
        }
    }
    bytes
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
