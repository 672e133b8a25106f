//! `pair_style mtp/rs precision …` in LAMMPS: double precision is the default, mixed precision gives the numbers of the
//! library to single precision, forces that sum to zero as doubles do, and the same bits when repeated.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use mtprs_testing::agreement::largest;
use mtprs_testing::compare::{assert_identical, relative_deviation};
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic;
use mtprs_tests::lammps::{Finished, Job, Probe, probe, setup};

/// Relative to the largest force. Measured: 4e-7.
const SINGLE_PRECISION: f64 = 5e-6;

fn crystal() -> Structure {
    synthetic::crystal(91)
}

fn run(name: &str, ranks: usize, script: &str) -> Finished {
    Job::new(&format!("precision-{name}")).ranks(ranks).crystal(&crystal()).run(script)
}

fn with_style(style: &str) -> String {
    let script = setup(&crystal(), "crystal", "Mg V O");
    assert!(script.contains("pair_style mtp/rs\n"), "{script}");
    script.replacen("pair_style mtp/rs\n", &format!("pair_style {style}\n"), 1)
}

#[test]
fn mixed_precision_gives_the_numbers_of_the_library_to_single_precision() {
    let expected = Probe::of_crystal(&crystal());
    for ranks in [1, 2] {
        let script = with_style("mtp/rs precision mixed") + &probe("mixed");
        let finished = run(&format!("numbers-{ranks}"), ranks, &script);
        let got = finished.probe("mixed");
        got.assert_close(&expected, SINGLE_PRECISION, &format!("{ranks} ranks"));
        // The virial in single precision is symmetric to single precision only: yx sums to something else than xy.
        got.assert_sums(1e-7, &format!("{ranks} ranks"));
        for (k, total) in got.virial.iter().enumerate() {
            let sum: f64 = got.centroid_virials.iter().skip(k).step_by(9).sum();
            assert!(
                (sum - total).abs() < 1e-12 * largest(got.virial.iter()),
                "{ranks} ranks: {sum}, {total}"
            );
        }
        let deviation = relative_deviation("forces", &got.forces, &expected.forces);
        println!("{ranks} ranks: forces {deviation:.1e}");
        assert!(deviation > 1e-9, "is it single precision? {deviation:e}");
        for axis in 0..3 {
            let sum: f64 = got.forces.iter().skip(axis).step_by(3).sum();
            let scale = largest(got.forces.iter()) * got.forces.len() as f64;
            assert!(sum.abs() < 1e-14 * scale, "{ranks} ranks: forces sum to {sum:e}");
        }
        let line = "mixed precision: single for the work per neighbor, double for sums";
        assert!(finished.text("log.lammps").contains(line), "{}", finished.output);
    }
}

#[test]
fn double_precision_is_the_default_and_every_pair_style_command_begins_anew() {
    let styles = [
        ("plain", "mtp/rs"),
        ("double", "mtp/rs precision double"),
        ("mixed", "mtp/rs precision mixed species Mg V O"),
        ("again", "mtp/rs species Mg V O precision mixed"),
        ("last", "mtp/rs precision mixed precision double"),
        ("after", "mtp/rs"),
    ];
    let script: String = styles.iter().map(|(name, style)| with_style(style) + &probe(name)).collect();
    let finished = run("default", 1, &script);
    let forces = |name: &str| finished.probe(name).forces;
    for name in ["double", "last", "after"] {
        assert_identical(name, &forces(name), &forces("plain"));
    }
    assert_identical("mixed", &forces("again"), &forces("mixed"));
    assert_ne!(forces("mixed"), forces("plain"));
}

/// A run of some hundred steps with the same bits twice, whose total momentum stays that of doubles.
#[test]
fn runs_repeat_bit_by_bit_and_keep_their_momentum() {
    let script = with_style("mtp/rs precision mixed")
        + "velocity all create 300 4711 mom yes
           timestep 0.001
           fix nve all nve
           variable px equal vcm(all,x)
           variable py equal vcm(all,y)
           variable pz equal vcm(all,z)
           run 300
           print \"momentum $(v_px:%.17g) $(v_py:%.17g) $(v_pz:%.17g)\"
           "
        + &probe("end");
    let [first, second] = ["once", "twice"].map(|name| run(name, 2, &script));
    assert_identical("forces", &second.probe("end").forces, &first.probe("end").forces);
    for velocity in first.numbers("momentum") {
        // Å/ps; thermal velocities are about 5
        assert!(velocity.abs() < 1e-12, "{velocity:e}");
    }
}
