//! Spellings of `.mtp` and `.cfg` files that must be understood, on files of this repository.

use std::fs;

use mtprs_core::format::{
    CfgReader, load_potential, parse_potential, parse_potential_prefix, potential_to_string, save_potential,
    write_configuration,
};
use mtprs_core::geometry::{Configuration, Virial};
use mtprs_core::potential::Potential;
use mtprs_testing::{cfg_text, files_below, read_cfg, scratch, wellformed, workspace};

fn trained() -> Potential {
    load_potential(&wellformed("trained.mtp")).unwrap()
}

fn configurations(name: &str) -> Vec<Configuration> {
    read_cfg(&wellformed(name))
}

#[test]
fn a_trained_potential_is_read_with_all_its_parts() {
    let potential = trained();
    assert_eq!(potential.name(), "pair");
    assert_eq!(potential.species().names().unwrap(), ["Mg", "O"]);
    assert_eq!(potential.scaling(), 0.5);
    let radial = potential.radial_basis();
    assert_eq!(
        (radial.min_dist(), radial.max_dist(), radial.size(), radial.functions_count()),
        (1.5, 5.0, 4, 2)
    );
    let moments = potential.moment_basis();
    assert_eq!((moments.moments_count(), moments.basic().len(), moments.products().len()), (8, 5, 5));
    assert_eq!(moments.scalar_moments(), [0, 4, 5, 6, 7]);
    assert_eq!(moments.basic()[1].powers, [1, 0, 0]);
    assert_eq!((moments.products()[4].right, moments.products()[4].target), (5, 7));
    assert!(potential.is_trained());
    let parameters = potential.parameters();
    let radial_coeffs = parameters.radial_coeffs.as_ref().unwrap();
    let layout = potential.parameter_layout();
    assert_eq!(radial_coeffs.len(), 32);
    let line_of_0_1_1 = fs::read_to_string(wellformed("trained.mtp")).unwrap();
    let line = line_of_0_1_1.lines().nth(17).unwrap().trim().trim_matches(['{', '}']);
    let numbers: Vec<f64> = line.split(", ").map(|word| word.parse().unwrap()).collect();
    assert_eq!(radial_coeffs[layout.radial_function(0, 1, 1)], numbers);
    assert_eq!(parameters.species_coeffs.as_ref().unwrap().len(), 2);
    assert_eq!(parameters.moment_coeffs.as_ref().unwrap().len(), 5);
}

#[test]
fn every_spelling_gives_the_same_potential() {
    let files = files_below(&wellformed(""), "mtp");
    let spellings: Vec<_> = files.iter().filter(|file| file.to_string_lossy().contains("trained_")).collect();
    assert!(spellings.len() >= 5, "found only {spellings:?}");
    for file in spellings {
        assert_eq!(load_potential(file).unwrap(), trained(), "{}", file.display());
    }
    let marked = format!("\u{feff}{}", fs::read_to_string(wellformed("trained.mtp")).unwrap());
    assert_eq!(parse_potential(marked.as_bytes(), "marked.mtp").unwrap(), trained());
}

#[test]
fn utf_16_is_refused_by_its_name() {
    let text = fs::read_to_string(wellformed("trained.mtp")).unwrap();
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(to_bytes).collect();
        let error = parse_potential(&wide, "wide.mtp").unwrap_err().to_string();
        assert!(error.starts_with("wide.mtp:1:1: the file is text in UTF-16: expected UTF-8"), "{error}");
    }
}

#[test]
fn an_untrained_potential_has_no_coefficients_and_stays_so() {
    let text = fs::read_to_string(wellformed("untrained.mtp")).unwrap();
    let potential = parse_potential(text.as_bytes(), "untrained.mtp").unwrap();
    assert!(!potential.is_trained());
    assert_eq!(potential.scaling(), 1.0);
    assert_eq!(potential.species().names(), None);
    assert_eq!(potential.parameters().missing(), ["radial_coeffs", "species_coeffs", "moment_coeffs"]);
    assert_eq!(potential_to_string(&potential).unwrap(), text);
}

#[test]
fn writing_a_potential_gives_the_text_it_was_read_from() {
    let text = fs::read_to_string(wellformed("trained.mtp")).unwrap();
    assert_eq!(potential_to_string(&trained()).unwrap(), text);
    let path = scratch("wellformed").join("written.mtp");
    save_potential(&trained(), &path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn species_names_travel_in_the_tag() {
    let mut parts = trained().into_parts();
    parts.tag = "my potential".into();
    let text = potential_to_string(&Potential::new(parts).unwrap()).unwrap();
    assert!(text.contains("\npotential_tag = Mg O\n"));
    let mut parts = trained().into_parts();
    parts.tag = "two\nlines".into();
    parts.species = mtprs_core::species::Species::unnamed(2);
    let error = potential_to_string(&Potential::new(parts).unwrap()).unwrap_err().to_string();
    assert!(error.contains(r#"got "two\nlines""#), "{error}");
}

#[test]
fn the_prefix_of_a_selection_state_ends_where_the_state_begins() {
    let text = fs::read(wellformed("trained.mtp")).unwrap();
    for state in [&b"^\x00\xff"[..], b"\n\n^", b"#MVS_v1.1\nenergy_weight 1\n", b""] {
        let with_state = [&text, state].concat();
        let (potential, end) = parse_potential_prefix(&with_state, "a.als").unwrap();
        assert_eq!(potential, trained());
        let marker = state.iter().position(|byte| b"^#".contains(byte)).unwrap_or(state.len());
        assert_eq!(end, text.len() + marker);
    }
}

#[test]
fn columns_keys_and_features_are_read_in_any_order() {
    let all = configurations("variants.cfg");
    assert_eq!(all.len(), 5);
    assert_eq!(all[0], configurations("crystal.cfg")[0], "line ends do not matter");
    let atom = &all[1];
    assert_eq!((&atom.ids[..], &atom.species[..]), (&[1][..], &[3][..]));
    assert_eq!(atom.positions, [[0.1, 0.2, 0.3]]);
    assert_eq!(atom.site_energies.as_deref(), Some(&[-0.5][..]));
    assert_eq!(atom.neighborhood_grades.as_deref(), Some(&[1.25][..]));
    assert_eq!(
        (atom.extra_columns[0].name.as_str(), &atom.extra_columns[0].words[..]),
        ("charges", &["+1".into()][..])
    );
    assert!(atom.cell.vectors().is_empty() && atom.forces.is_none() && atom.energy.is_none());
    let fractional = &all[2];
    assert_eq!(fractional.ids, [7, -3]);
    assert_eq!(fractional.positions, [[2.0, 1.25, 0.0], [-2.0, 6.25, 3.0]]);
    assert_eq!(fractional.virial, Some(Virial { xx: 1.0, yy: 2.0, zz: 3.0, yz: 4.0, xz: 5.0, xy: 6.0 }));
    let features = [("MV_grade", "1.23"), ("note", "a b  c"), ("note", "again"), ("empty", "")];
    assert_eq!(fractional.features, features.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert!(all[3].is_empty());
    assert_eq!((all[4].cell.vectors().len(), all[4].energy), (2, Some(-1e-3)));
}

#[test]
fn what_is_written_is_read_back_and_written_alike() {
    for name in ["crystal.cfg", "variants.cfg"] {
        let all = configurations(name);
        let text = cfg_text(&all);
        let again: Vec<_> = CfgReader::new(&text[..], "again.cfg").map(Result::unwrap).collect();
        assert_eq!(again, all, "{name}");
    }
}

#[test]
fn written_configurations_line_up() {
    let mut configuration = configurations("crystal.cfg").remove(0);
    configuration.forces.as_mut().unwrap()[0][0] = -12.0625;
    let text = String::from_utf8(cfg_text([&configuration])).unwrap();
    let column = |line: &str| line.match_indices('.').map(|(index, _)| index).collect::<Vec<_>>();
    let rows: Vec<&str> = text.lines().skip(8).take(2).collect();
    assert_eq!(column(rows[0]).len(), 6, "{text}");
    assert_eq!(column(rows[0]), column(rows[1]), "{text}");
    assert!(text.starts_with("BEGIN_CFG\n Size\n    2\n Supercell\n"));
    assert!(text.ends_with(" Feature   EFS_by\tVASP\nEND_CFG\n\n"));
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    let crystal = configurations("crystal.cfg").remove(0);
    let refusal = |change: &dyn Fn(&mut Configuration)| {
        let mut changed = crystal.clone();
        change(&mut changed);
        write_configuration(&changed, &mut Vec::new()).unwrap_err().to_string()
    };
    assert_eq!(
        refusal(&|c| c.energy = Some(f64::NAN)),
        "expected finite numbers in a configuration, got NaN"
    );
    assert_eq!(refusal(&|c| c.ids.truncate(1)), "expected 2 entries in column id, got 1");
    assert_eq!(refusal(&|c| c.forces = Some(vec![])), "expected 2 entries in column fx, got 0");
    let message = refusal(&|c| c.features.push(("a b".into(), String::new())));
    assert_eq!(message, r#"expected a single word as the name of a feature, got "a b""#);
    let message = refusal(&|c| c.features.push(("a".into(), "b\nEND_CFG".into())));
    assert!(message.starts_with("expected one line without blanks around it in feature a"), "{message}");
}

#[test]
fn the_stream_tells_line_and_bytes_and_ends_after_an_error() {
    let text = fs::read(wellformed("crystal.cfg")).unwrap();
    let mut reader = CfgReader::new(&text[..], "crystal.cfg");
    assert!(reader.next().unwrap().is_ok());
    assert_eq!(reader.line(), 16);
    assert_eq!(reader.bytes_read() as usize * 2, text.len() - 4 + 1);
    let broken = [&text[..], b"nonsense\n", &text[..]].concat();
    let results: Vec<_> = CfgReader::new(&broken[..], "broken.cfg").collect();
    assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false]);
}

#[test]
fn missing_and_unreadable_files_are_named() {
    let nowhere = workspace().join("tests/nowhere.mtp");
    let message = load_potential(&nowhere).unwrap_err().to_string();
    assert!(message.starts_with(&format!("{}: cannot open: No such file", nowhere.display())), "{message}");
    let message = load_potential(&workspace()).unwrap_err().to_string();
    assert!(message.contains("cannot read: Is a directory"), "{message}");
    assert!(CfgReader::open(&nowhere).is_err());
}
