//! `mtprs analyze order --reference` on published data: none of the frames is a glass.

use mtprs::analysis::crystal::{Crystal, Likeness};
use mtprs_core::geometry::{Cell, Configuration, Vector3};
use mtprs_testing::read_cfg;
use mtprs_tests::shared;

const V: u32 = 1;
const O: u32 = 2;

/// α-V2O5, Pmmn, in its second setting (R. Enjalbert, J. Galy, Acta Cryst. C 42, 1467, 1986).
fn alpha() -> Configuration {
    let axes = [11.512, 3.564, 4.368];
    let four = |x: f64, z: f64| -> [Vector3; 4] {
        [[x, 0.25, z], [0.5 - x, 0.25, z], [-x, 0.75, -z], [x + 0.5, 0.75, -z]]
    };
    let vanadium = four(0.101_18, 0.891_7).to_vec();
    let bridges = [[0.25, 0.25, 0.001], [0.75, 0.75, -0.001]];
    let oxygen = [&four(0.104_3, 0.531)[..], &four(-0.068_9, 0.003), &bridges].concat();
    let species = [vec![V; 4], vec![O; 10]].concat();
    let place = |s: &Vector3| std::array::from_fn(|k| s[k] * axes[k]);
    let positions = vanadium.iter().chain(&oxygen).map(place).collect();
    let cell = Cell::new(&[[axes[0], 0.0, 0.0], [0.0, axes[1], 0.0], [0.0, 0.0, axes[2]]]).unwrap();
    Configuration::new(cell, species, positions).unwrap()
}

/// A program of its own, with the assignment of scipy, found 0.68 Å at most.
#[test]
fn all_frames_of_dft_are_crystals() {
    let crystal = Crystal::new(&alpha(), &[(1, "V".into()), (2, "O".into())]).unwrap();
    let frames = read_cfg(&shared().join("data/mgvo/dft_train.cfg"));
    let mut largest = 0.0_f64;
    for frame in frames.iter().step_by(3) {
        let found = crystal.distance(frame).unwrap();
        assert_eq!(Likeness::of(found.ratio), Likeness::Crystalline, "{found:?}");
        largest = largest.max(found.distance);
    }
    assert!((0.6..0.68).contains(&largest), "{largest}");
}
