//! Every potential and configuration of the reference data is read, written and read again without loss.

use std::fs;
use std::path::Path;
use std::process::Command;

use mtprs_core::format::{
    CfgReader, load_potential, parse_potential, parse_potential_prefix, potential_to_string, save_potential,
};
use mtprs_core::geometry::Configuration;
use mtprs_testing::{cfg_text, files_below, scratch, workspace};
use mtprs_tests::process::succeed;
use mtprs_tests::{python, shared};

#[test]
fn every_potential_is_read_and_survives_a_round_trip() {
    let files = files_below(&shared().join("data"), "mtp");
    assert!(files.len() >= 59, "found only {} potentials", files.len());
    for file in files {
        let potential = load_potential(&file).unwrap();
        let text = potential_to_string(&potential).unwrap();
        let again = parse_potential(text.as_bytes(), "again.mtp").unwrap();
        assert_eq!(potential, again, "{}", file.display());
    }
}

#[test]
fn files_of_mlip_2_are_written_byte_for_byte() {
    for name in ["mgvo/pot.mtp", "motep/multi_10.mtp", "motep/cubic_20.mtp", "motep/noncubic_10.mtp"] {
        let original = fs::read_to_string(shared().join("data").join(name)).unwrap();
        let potential = parse_potential(original.as_bytes(), name).unwrap();
        assert_eq!(potential_to_string(&potential).unwrap().trim_end(), original.trim_end(), "{name}");
    }
}

#[test]
fn every_configuration_is_read_and_survives_a_round_trip() {
    let files = files_below(&shared().join("data"), "cfg");
    assert!(files.len() >= 48, "found only {} files", files.len());
    let mut count = 0;
    for file in files {
        let text = fs::read(&file).unwrap();
        let begins = text.split(|&byte| byte == b'\n').filter(|line| line.starts_with(b"BEGIN_CFG")).count();
        let configurations = read_all(&text, &file);
        assert_eq!(configurations.len(), begins, "{}", file.display());
        count += begins;
        assert_eq!(read_all(&cfg_text(&configurations), &file), configurations, "{}", file.display());
    }
    assert!(count >= 3415, "found only {count} configurations");
}

fn read_all(text: &[u8], file: &Path) -> Vec<Configuration> {
    CfgReader::new(text, &file.to_string_lossy()).map(Result::unwrap).collect()
}

#[test]
fn the_potential_is_found_at_the_beginning_of_a_selection_state() {
    let files = files_below(&shared().join("data"), "als");
    assert!(files.len() >= 3, "found only {} states", files.len());
    let plain = load_potential(&shared().join("data/mlearn/Li.mtp")).unwrap();
    for file in files {
        let text = fs::read(&file).unwrap();
        let (potential, end) = parse_potential_prefix(&text, "state.als").unwrap();
        assert_eq!(potential.moment_basis(), plain.moment_basis());
        assert_eq!(&text[end - 2..=end], b"}\n^");
        let message = parse_potential(&text, "state.als").unwrap_err().to_string();
        assert!(message.contains("followed by a selection state of MLIP-2 (.als)"), "{message}");
    }
}

#[test]
fn motep_reads_the_same_numbers_from_what_we_write() {
    let folder = scratch("motep-formats");
    let mut command = Command::new(python::interpreter());
    command.arg(workspace().join("tests/python/same_potentials_in_motep.py"));
    let files = files_below(&shared().join("data"), "mtp");
    for (index, file) in files.iter().enumerate() {
        let rewritten = folder.join(format!("{index}.mtp"));
        save_potential(&load_potential(file).unwrap(), &rewritten).unwrap();
        command.arg(file).arg(rewritten);
    }
    assert_eq!(succeed(&mut command).trim(), format!("{} pairs are the same", files.len()));
}
