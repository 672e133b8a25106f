//! Commands of `mtprs mlp` that change, measure, convert or filter configurations.

use std::fs;

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::load_potential;

use crate::fixture::{Bench, indices, texts};
use crate::mlp::{assert_close, energies};
use crate::train;

#[test]
fn cells_that_are_described_otherwise_have_the_same_energies() {
    let bench = train::bench("mlp-cells");
    let before = energies(&bench, "pot.mtp", "valid.cfg");
    bench.succeed("mlp fix_cfg valid.cfg fixed.cfg");
    let fixed = bench.read_configurations("fixed.cfg");
    assert_close(&energies(&bench, "pot.mtp", "fixed.cfg"), &before, 1e-10);
    let mut evaluator = Evaluator::new(&load_potential(&bench.path("pot.mtp")).unwrap()).unwrap();
    for one in &fixed {
        // Labels are turned along.
        let efs = evaluator.evaluate(one).unwrap();
        assert_close(efs.forces.as_flattened(), one.forces.as_ref().unwrap().as_flattened(), 1e-9);
        assert_close(&efs.virial.to_cfg_order(), &one.virial.unwrap().to_cfg_order(), 1e-9);
        let [a, b, _] = one.cell.vectors() else { panic!("a crystal") };
        assert_eq!((a[1], a[2], b[2]), (0.0, 0.0, 0.0));
    }
    bench.succeed("mlp replicate_cell valid.cfg large.cfg 2 1 3");
    let six: Vec<f64> = before.iter().map(|energy| 6.0 * energy).collect();
    assert_close(&energies(&bench, "pot.mtp", "large.cfg"), &six, 1e-10);
    for one in bench.read_configurations("large.cfg") {
        let efs = evaluator.evaluate(&one).unwrap();
        assert!((efs.energy - one.energy.unwrap()).abs() < 1e-8);
        assert_close(efs.forces.as_flattened(), one.forces.as_ref().unwrap().as_flattened(), 1e-9);
        assert_close(&efs.virial.to_cfg_order(), &one.virial.unwrap().to_cfg_order(), 1e-9);
    }
    bench.succeed("mlp invert_stress valid.cfg turned.cfg");
    bench.succeed("mlp invert_stress turned.cfg turned.cfg");
    assert_eq!(bench.text("turned.cfg"), bench.text("valid.cfg"));
    bench.succeed("mlp remap_species valid.cfg swapped.cfg 1,0");
    bench.succeed("mlp remap_species swapped.cfg swapped.cfg 0:1,1:0");
    assert_eq!(bench.text("swapped.cfg"), bench.text("valid.cfg"));
    bench.refuse_mlp(1, "mlp remap_species valid.cfg never.cfg 0:3", "type 1 is not among those of 0:3");
    bench.succeed("mlp add_species pot.mtp Mg,O,V more.almtp");
    assert_close(&energies(&bench, "more.almtp", "valid.cfg"), &before, 1e-13);
}

#[test]
fn sets_are_measured_and_filtered() {
    let bench = train::bench("mlp-sets");
    let all = bench.read_configurations("valid.cfg");
    let printed = bench.succeed("mlp mindist valid.cfg");
    let least: f64 = printed.strip_prefix("Global mindist: ").unwrap().trim_end().parse().unwrap();
    let output = bench.command("mlp mindist valid.cfg").env("MTPRS_MLP", "3").output().unwrap();
    assert_eq!(texts(&output).1, format!("Global mindist= {least}\n"));
    bench.succeed(&format!("mlp mindist_filter valid.cfg {} kept.cfg", least + 0.01));
    bench.succeed(&format!("filter valid.cfg native.cfg --min-distance {} -q", least + 0.01));
    assert_eq!(bench.text("kept.cfg"), bench.text("native.cfg"));
    assert!(bench.read_configurations("kept.cfg").len() < all.len());
    bench.succeed("mlp subsample 4 valid.cfg few.cfg");
    assert_eq!(indices(&bench, "few.cfg").len(), 4);
    let mut marked = all.clone();
    marked[1].set_feature("EFS_by", "VASP_not_converged");
    marked[3].set_feature("converged", "no");
    bench.write_configurations("marked.cfg", &marked);
    bench.succeed("mlp filter_nonconv marked.cfg marked.cfg");
    assert_eq!(bench.read_configurations("marked.cfg").len(), all.len() - 2);
}

#[test]
fn cubes_around_extrapolating_atoms_hold_their_neighbors() {
    let bench = train::bench("mlp-cut");
    let mut one = bench.read_configurations("valid.cfg").remove(4);
    let atoms = one.len();
    one.neighborhood_grades = Some((0..atoms).map(|atom| if atom == 1 { 7.5 } else { 1.0 }).collect());
    bench.write_configurations("graded.cfg", &[one.clone()]);
    bench.succeed("mlp cut_extrapolative_nbh graded.cfg cut.cfg --cutoff=4");
    let cut = bench.read_configurations("cut.cfg");
    assert_eq!(cut.len(), 1);
    assert_eq!((cut[0].positions[0], cut[0].species[0]), ([0.0; 3], one.species[1]));
    assert_eq!(cut[0].feature("cutout_grade"), Some("7.5"));
    // The potential sees the center as before: all that is within its cutoff is there, and no image of it.
    bench.succeed("evaluate pot.mtp cut.cfg small.cfg --site-energies -q");
    bench.succeed("evaluate pot.mtp graded.cfg large.cfg --site-energies -q");
    let site =
        |file: &str, atom: usize| bench.read_configurations(file)[0].site_energies.as_ref().unwrap()[atom];
    assert!((site("small.cfg", 0) - site("large.cfg", 1)).abs() < 1e-9);
    bench.refuse_mlp(1, "mlp cut_extrapolative_nbh valid.cfg never.cfg", "nbh_grades");
}

#[test]
fn conversions_number_types_by_the_order_in_the_file() {
    let bench = Bench::new("mlp-convert");
    let poscar = "x\n1.0\n4 0 0\n0 4 0\n0 0 4\nO Mg\n1 2\nDirect\n0 0 0\n0.5 0.5 0\n0.5 0 0.5\n";
    fs::write(bench.path("POSCAR"), poscar).unwrap();
    bench.succeed("mlp convert-cfg POSCAR a.cfg --input-format=vasp-poscar");
    let types = |file: &str, at: usize| bench.read_configurations(file)[at].species.clone();
    assert_eq!(types("a.cfg", 0), [0, 1, 1]);
    bench.succeed("mlp convert-cfg --append --elements-order=1,0 POSCAR a.cfg");
    assert_eq!((types("a.cfg", 0), types("a.cfg", 1)), (vec![0, 1, 1], vec![1, 0, 0]));
    bench.succeed("mlp convert POSCAR b.cfg --input_format=poscar --type_order=12,8");
    assert_eq!(types("b.cfg", 0), [1, 0, 0]);
    bench.succeed("mlp convert POSCAR z.cfg --absolute_types");
    assert_eq!(types("z.cfg", 0), [8, 12, 12]);
    // One POSCAR has its name, several are numbered from zero; MLIP-2 names no elements.
    bench.succeed("mlp convert-cfg b.cfg out --output-format=vasp-poscar");
    let lines: Vec<String> = bench.text("out").lines().map(str::to_owned).collect();
    assert_eq!((lines[5].as_str(), lines[6].as_str()), ("2 1", "Cartesian"));
    bench.succeed("mlp convert-cfg b.cfg b.cfg --append");
    bench.succeed("mlp convert-cfg b.cfg out --output-format=vasp-poscar");
    let numbered = ["out0", "out1"].map(|name| bench.text(name));
    assert_eq!(numbered[0], numbered[1]);
    bench.succeed("mlp convert b.cfg named --output_format=poscar --last");
    assert_eq!(bench.text("named").lines().nth(5), Some("Mg O"));
    bench.refuse_mlp(
        1,
        "mlp convert POSCAR never.cfg --type_order=12",
        "O is not among the elements of the order: Mg",
    );
    bench.refuse_mlp(2, "mlp convert-cfg POSCAR never.cfg --input-format=bin", "binary .cfg files");
}
