//! Extended XYZ through `mtprs convert`: what is left out is told, and what is refused ends the program.

use std::fs;
use std::path::Path;

use crate::fixture::Bench;

fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/structure_files/cases/10-extxyz");
    for case in fs::read_dir(cases).unwrap() {
        let case = case.unwrap().path();
        fs::copy(&case, bench.path(case.file_name().unwrap().to_str().unwrap())).unwrap();
    }
    bench
}

#[test]
fn a_bad_frame_is_told_and_the_good_ones_are_written() {
    let bench = bench("extxyz_left_out");
    let parts = ["04_Energy_upper.xyz", "31_virial_and_stress_disagree.xyz", "36_virials.xyz"];
    let text = parts.map(|part| bench.text(part)).concat();
    fs::write(bench.path("all.xyz"), text).unwrap();
    let (code, _, stderr) = bench.run("convert all.xyz all.cfg --species Mg,O");
    let warning = "warning: all.xyz: step 2 left out (line 6): virial and stress contradict each other\n  \
                   hint: take one: --virial-key virial or --stress-key stress\n";
    assert!(code == 0 && stderr.starts_with(warning), "{stderr}");
    let written = bench.read_configurations("all.cfg");
    assert_eq!(written.iter().map(|frame| frame.energy).collect::<Vec<_>>(), [Some(-10.5); 2]);
    assert_eq!(written[1].virial.unwrap().to_cfg_order(), [1.0, 2.0, 3.0, 0.0, 0.0, 0.0]);
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let bench = bench("extxyz_refused");
    for (case, words) in [
        ("07_force_and_forces.xyz", "two columns of forces contradict each other"),
        ("31_virial_and_stress_disagree.xyz", "virial and stress contradict each other"),
        ("41_forces_two_cols.xyz", "expected forces:R:3 in Properties, got 2 of type R"),
        ("--energy without-entropy --energy-key none 05_REF.xyz", "the comment line lacks the key none"),
        (
            "--energy without-entropy 11_energy_unit.xyz",
            "the frame has energy, and no energy without entropy",
        ),
    ] {
        let message = bench.fail(1, &format!("convert --species Mg,O {case} out.cfg"));
        assert!(
            message.contains(words) && message.contains("there is no configuration to write"),
            "{message}"
        );
        assert!(!bench.path("out.cfg").exists());
    }
}

#[test]
fn what_is_read_otherwise_is_told_and_has_the_right_values() {
    let bench = bench("extxyz_values");
    let (code, _, stderr) = bench.run("convert 05_REF.xyz ref.cfg --species Mg,O");
    assert_eq!(code, 0, "{stderr}");
    for option in ["--energy-key REF_energy", "--forces-key REF_forces", "--stress-key REF_stress"] {
        assert!(stderr.contains(option), "{stderr}");
    }
    bench.succeed("convert 49_D_deuterium.xyz heavy.cfg --species H,O");
    assert_eq!(bench.read_configurations("heavy.cfg")[0].species, [0, 1]);
    bench.succeed("convert 33_stress_gpa_unit.xyz stress.xyz");
    bench.succeed("convert stress.xyz stress.cfg --species Mg,O");
    let virial = bench.read_configurations("stress.cfg")[0].virial.unwrap().to_cfg_order();
    assert!((virial[0] + 84.0 / 160.217_663_4).abs() < 1e-12, "{virial:?}");
}
