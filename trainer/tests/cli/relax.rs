//! `mtprs relax`: atoms and cells at a minimum, held against the evaluator and small displacements.

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::load_potential;
use mtprs_core::geometry::{Cell, Configuration};
use mtprs_testing::random::Random;
use mtprs_testing::workspace;

use crate::fixture::{Bench, configurations};

/// eV/Å³ in GPa.
const GIGAPASCAL: f64 = 160.217_663_4;

/// A folder with a crystal of V2O5, its atoms and cell pushed out of place, and a potential that holds it together.
fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    let study = workspace().join("examples/study");
    std::fs::copy(study.join("teacher.mtp"), bench.path("teacher.mtp")).unwrap();
    std::fs::copy(study.join("V2O5.vasp"), bench.path("V2O5.vasp")).unwrap();
    bench.succeed("convert V2O5.vasp crystal.cfg --species Mg,V,O -q");
    let mut crystal = bench.read_configurations("crystal.cfg").remove(0);
    let mut random = Random::new(3);
    for position in crystal.positions.as_flattened_mut() {
        *position += random.symmetric(0.05);
    }
    let mut strained = crystal.clone();
    strain(&mut strained, [[1.03, 0.01, 0.0], [0.01, 0.98, 0.02], [0.0, 0.02, 1.01]]);
    bench.write_configurations("in.cfg", &[crystal, strained]);
    bench
}

/// Deforms a configuration with all that is in it.
fn strain(configuration: &mut Configuration, by: [[f64; 3]; 3]) {
    let deformed = |vector: [f64; 3]| by.map(|row| row.iter().zip(vector).map(|(f, x)| f * x).sum());
    let vectors: Vec<[f64; 3]> = configuration.cell.vectors().iter().copied().map(deformed).collect();
    configuration.cell = Cell::new(&vectors).unwrap();
    configuration.positions.iter_mut().for_each(|position| *position = deformed(*position));
}

#[test]
fn atoms_and_cell_end_at_the_pressure_and_no_way_down_is_left() {
    let bench = bench("relax_pressure");
    bench.succeed("relax teacher.mtp in.cfg out.cfg --pressure 4 --max-force 1e-4 --max-stress 1e-3 -q");
    let mut evaluator = Evaluator::new(&load_potential(&bench.path("teacher.mtp")).unwrap()).unwrap();
    let pressure = 4.0 / GIGAPASCAL;
    let mut enthalpies = Vec::new();
    for relaxed in bench.read_configurations("out.cfg") {
        assert_eq!(relaxed.feature("relax_converged"), Some("yes"));
        let efs = evaluator.evaluate(&relaxed).unwrap();
        let volume = relaxed.cell.volume().unwrap();
        for (component, of_pressure) in
            efs.virial.to_cfg_order().into_iter().zip([4.0, 4.0, 4.0, 0.0, 0.0, 0.0])
        {
            let stress = component / volume * GIGAPASCAL;
            assert!((stress - of_pressure).abs() < 1.1e-3, "{stress} GPa for {of_pressure} GPa");
        }
        assert!(efs.forces.as_flattened().iter().all(|force| force.abs() < 1.1e-4));
        assert!((efs.energy - relaxed.energy.unwrap()).abs() < 1e-9);
        let enthalpy = efs.energy + pressure * volume;
        let mut random = Random::new(7);
        for _ in 0..20 {
            let mut moved = relaxed.clone();
            let mut by = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
            by.as_flattened_mut().iter_mut().for_each(|entry| *entry += random.symmetric(2e-3));
            strain(&mut moved, by);
            moved.positions.as_flattened_mut().iter_mut().for_each(|x| *x += random.symmetric(5e-3));
            let energy = evaluator.evaluate(&moved).unwrap().energy;
            assert!(energy + pressure * moved.cell.volume().unwrap() > enthalpy);
        }
        enthalpies.push(enthalpy);
    }
    // both began beside the same minimum
    assert!((enthalpies[0] - enthalpies[1]).abs() < 1e-4, "{enthalpies:?}");
}

#[test]
fn a_fixed_cell_stays_and_what_has_not_converged_is_told() {
    let bench = bench("relax_fixed");
    bench.succeed("relax teacher.mtp in.cfg out.cfg --fixed-cell -q -j 1");
    let (before, after) = (bench.read_configurations("in.cfg"), bench.read_configurations("out.cfg"));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.cell, after.cell);
        assert_eq!(after.feature("relax_converged"), Some("yes"));
        assert_eq!(after.feature("relax_max_stress"), None);
        let largest =
            after.forces.as_ref().unwrap().as_flattened().iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        assert!(largest <= 1e-3, "{largest}");
    }
    let (code, _, stderr) = bench.run("relax teacher.mtp in.cfg short.cfg --max-steps 2");
    assert_eq!(code, 0);
    assert!(
        stderr.contains("note: 2 of 2 configurations not converged, the first is number 1; 2 used all steps"),
        "{stderr}"
    );
    for short in bench.read_configurations("short.cfg") {
        assert_eq!((short.feature("relax_steps"), short.feature("relax_converged")), (Some("2"), Some("no")));
    }
}

#[test]
fn a_cell_without_a_pressure_is_refused() {
    let bench = bench("relax_open");
    let mut slab = bench.read_configurations("in.cfg").remove(0);
    slab.cell = Cell::new(&slab.cell.vectors()[..2]).unwrap();
    bench.write_configurations("slab.cfg", &[slab]);
    bench.refuse(1, "relax teacher.mtp slab.cfg never.cfg", "it is not periodic in three directions");
    bench.succeed("relax teacher.mtp slab.cfg slab_out.cfg --fixed-cell --max-steps 3 -q");
    bench.refuse(2, "relax teacher.mtp in.cfg never.cfg --fixed-cell --pressure 3", "cannot be used with");
}

#[test]
fn grades_of_where_the_atoms_were_do_not_stay() {
    let bench = bench("relax_grades");
    let mut graded = bench.read_configurations("in.cfg").remove(0);
    graded.neighborhood_grades = Some(vec![7.0; graded.len()]);
    graded.site_energies = Some(vec![1.0; graded.len()]);
    graded.set_feature("MV_grade", "7");
    graded.set_feature("origin", "melt");
    bench.write_configurations("graded.cfg", &[graded]);
    bench.succeed("relax teacher.mtp graded.cfg out.cfg --max-steps 3 -q");
    let out = bench.read_configurations("out.cfg").remove(0);
    assert_eq!((out.feature("MV_grade"), out.feature("origin")), (None, Some("melt")));
    assert_eq!((out.neighborhood_grades, out.site_energies), (None, None));
}

#[test]
fn one_that_collapses_does_not_end_the_others() {
    let bench = bench("relax_collapse");
    let crystal = bench.read_configurations("in.cfg").remove(0);
    let mut close = crystal.clone();
    for (k, x) in close.positions[1].iter_mut().enumerate() {
        *x = crystal.positions[0][k] + 0.15;
    }
    bench.write_configurations("two.cfg", &[close, crystal]);
    let (code, _, stderr) = bench.run("relax teacher.mtp two.cfg out.cfg");
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stderr.contains("1 of 2 configurations not converged, the first is number 1; 1 found no descent"),
        "{stderr}"
    );
    let out = bench.read_configurations("out.cfg");
    assert_eq!(out.len(), 2);
    assert_eq!(out[0].feature("relax_converged"), Some("no"));
    assert_eq!(out[1].feature("relax_converged"), Some("yes"));
}

#[test]
fn a_relaxation_ends_where_atoms_get_too_close() {
    let bench = Bench::new("relax-too-close");
    let apart = |distance: f64| {
        let mut one = configurations(1).remove(0);
        one.cell = Cell::open();
        one.positions = vec![[0.0; 3], [0.0, 0.0, distance]];
        one
    };
    bench.write_configurations("in.cfg", &[apart(1.2), apart(2.0)]);
    let said = bench.tell(
        "relax pot.mtp in.cfg out.cfg --fixed-cell --min-distance 1.5",
        &["2 have atoms closer than --min-distance"],
    );
    assert!(said.contains("the first is number 1"), "{said}");
    bench.refuse(2, "relax pot.mtp in.cfg out.cfg --select 2 --save a.cfg", "--state");
}
