//! What people do with a potential: restarts, data files, minimization, dynamics, relaxed boxes, reaction paths.

use std::fmt::Write;

use mtprs_testing::compare::{assert_close, assert_identical};
use mtprs_testing::random::Random;
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic;
use mtprs_tests::lammps::{Finished, Job, Probe, SAME_NUMBERS, pair, probe, setup};

const STATE: [&str; 9] = ["x", "y", "z", "vx", "vy", "vz", "fx", "fy", "fz"];

fn job(name: &str, structure: &Structure) -> Job {
    Job::new(name).crystal(structure)
}

/// What [`probe`] of some name says must be what the library says about the atoms as they are then.
fn assert_library_agrees(finished: &Finished, name: &str) {
    finished.probe(name).assert_close(&Probe::of_crystal(&finished.structure(name)), SAME_NUMBERS, name);
}

#[test]
fn replicas_have_the_numbers_of_the_original() {
    let structure =
        Structure::rock_salt([1, 1, 1], synthetic::ROCK_SALT_EDGE, 3).perturbed(&mut Random::new(50), 0.2);
    let script = setup(&structure, "crystal", "Mg V O");
    let finished = job("workflow-replicate", &structure).run(&format!(
        "{script}{}replicate 2 1 3\n{}",
        probe("one"),
        probe("six")
    ));
    let (one, six) = (finished.probe("one"), finished.probe("six"));
    assert_close("energy", &[six.energy], &[6.0 * one.energy], SAME_NUMBERS);
    assert_close("forces", &six.forces, &one.forces.repeat(6), SAME_NUMBERS);
    assert_close("energies of atoms", &six.atom_energies, &one.atom_energies.repeat(6), SAME_NUMBERS);
    assert_library_agrees(&finished, "one");
    assert_library_agrees(&finished, "six");
}

#[test]
fn a_restart_continues_bit_by_bit() {
    let structure = synthetic::crystal(51);
    // runs that begin at step 10 in both cases: a restart rebuilds the neighbor lists, and so must the run without one
    let dynamics = "
        fix nve all nve
        dump all all custom 10 STATE.dump id x y z vx vy vz fx fy fz
        dump_modify all sort id format float %.17g
        thermo_style custom step etotal pe press
        thermo_modify format float %.17g
        thermo 1
        run 10";
    let job = job("workflow-restart", &structure);
    let script = setup(&structure, "crystal", "Mg V O");
    let through = job.run(&format!(
        "{script}
         velocity all create 2000 4711
         fix nve all nve
         thermo_style custom step etotal pe press
         run 10
         unfix nve
         write_restart at10.restart
         {}",
        dynamics.replace("STATE", "through")
    ));
    let (potential, dynamics) = (pair("crystal", "Mg V O"), dynamics.replace("STATE", "again"));
    let again = job.run(&format!(
        "units metal\natom_modify map array\nread_restart at10.restart\n{potential}{dynamics}"
    ));
    for frame in 0..2 {
        let state = |finished: &Finished, name: &str| finished.dump(name)[frame].columns(&STATE);
        assert_identical("state", &state(&again, "again.dump"), &state(&through, "through.dump"));
    }
    for column in ["TotEng", "PotEng", "Press"] {
        let (again, through) = (again.thermo(column), through.thermo(column));
        // the run without restart has printed a table of the first ten steps before
        assert_identical(column, &again, &through[through.len() - again.len()..]);
    }
    // mtp/rs leaves nothing in restart files: the pair style has to be given again, and LAMMPS says so
    let forgotten = job.fail("read_restart at10.restart\nrun 0");
    assert!(forgotten.contains("Must re-specify non-restarted pair style (mtp/rs)"), "{forgotten}");
}

#[test]
fn data_files_and_dumps_carry_the_structure_on() {
    let structure = synthetic::crystal(52);
    let finished = job("workflow-write-data", &structure).run(&format!(
        "{}{}
         write_data written.lmp
         write_dump all custom written.dump id type x y z modify sort id format float %.17g
         displace_atoms all random 0.1 0.1 0.1 4711
         {}
         variable total equal pe
         rerun written.dump dump x y z
         print \"rerun $(v_total:%.17g)\"
         clear
         units metal
         read_data written.lmp
         {}{}",
        setup(&structure, "crystal", "Mg V O"),
        probe("before"),
        probe("moved"),
        pair("crystal", "Mg V O"),
        probe("after")
    ));
    let expected = Probe::of_crystal(&structure);
    finished.probe("before").assert_close(&expected, SAME_NUMBERS, "before");
    finished.probe("after").assert_close(&expected, SAME_NUMBERS, "after write_data and read_data");
    assert_close("rerun", &[finished.number("rerun")], &[expected.energy], SAME_NUMBERS);
    let moved = finished.probe("moved").energy;
    assert!((moved - expected.energy).abs() > 1e-3, "the displaced atoms have another energy: {moved}");
    assert_library_agrees(&finished, "moved");
}

#[test]
fn minimization_reaches_forces_of_1e_8() {
    let structure = synthetic::crystal(53);
    let finished = job("workflow-minimize", &structure).run(&format!(
        "{}{}
         # line searches stop where the energy has no more digits, at forces of some 1e-6; fire goes on by forces alone
         min_style cg
         minimize 0 1e-6 1000 10000
         min_style fire
         timestep 0.002
         minimize 0 1e-8 10000 100000
         {}",
        setup(&structure, "crystal", "Mg V O"),
        probe("start"),
        probe("end")
    ));
    let norm = finished.numbers("  Force two-norm initial, final =");
    assert!(norm[0] > 1e-8 && norm[1] <= 1e-8, "two-norm of the forces: {norm:?}");
    let (start, end) = (finished.probe("start"), finished.probe("end"));
    assert!(end.energy < start.energy - 1.0, "energy {} to {}", start.energy, end.energy);
    let largest = end.forces.iter().fold(0.0_f64, |largest, force| largest.max(force.abs()));
    assert!(largest <= 1e-8, "largest force {largest}");
    let expected = Probe::of_crystal(&finished.structure("end"));
    assert_close("energy", &[end.energy], &[expected.energy], SAME_NUMBERS);
}

/// Stretched rock salt of two types: every atom is a center of inversion and stays where it is, so that the box alone
/// relaxes. (With atoms that move, the line searches of fix box/relax give up early, at pressures that depend on rounding.)
#[test]
fn a_box_relaxes_to_no_pressure() {
    let mut structure = Structure::rock_salt([2, 2, 2], synthetic::ROCK_SALT_EDGE, 2);
    structure.type_count = 3;
    structure.lengths[0] *= 1.03;
    structure.positions.iter_mut().for_each(|position| position[0] *= 1.03);
    // fix box/relax measures strain from the box it starts with, so that LAMMPS advises to start it several times
    let relax = "fix relax all box/relax aniso 0.0 vmax 0.005\nminimize 0 1e-6 500 5000\nunfix relax\n";
    let finished = job("workflow-box-relax", &structure).run(&format!(
        "{}{}{}displace_atoms all random 0.1 0.1 0.1 4711\n{}",
        setup(&structure, "crystal", "Mg V O"),
        relax.repeat(3),
        probe("relaxed"),
        probe("shaken")
    ));
    // the forces of the relaxed crystal are zero, so that it takes other atoms to compare in the relaxed box
    assert_library_agrees(&finished, "shaken");
    let (before, after) = (Probe::of_crystal(&structure), finished.probe("relaxed"));
    assert!(after.energy < before.energy - 1e-3, "energy {} to {}", before.energy, after.energy);
    let edges = finished.structure("relaxed").lengths;
    assert!(edges.iter().all(|edge| (edge / edges[0] - 1.0).abs() < 1e-4), "expected a cube, got {edges:?}");
    let scale = before.virial[..3].iter().fold(0.0_f64, |scale, value| scale.max(value.abs()));
    for virial in &after.virial {
        assert!(virial.abs() < 1e-4 * scale, "virial {:?}, before {:?}", after.virial, before.virial);
    }
}

/// The total energy of velocity Verlet wobbles by an amount proportional to the square of the time step, if forces are
/// the exact gradient of the energy that is printed; anything else shows as a drift.
#[test]
fn energy_wobbles_with_the_square_of_the_timestep() {
    let structure = synthetic::crystal(55);
    let finished = |steps: usize| {
        let timestep = 0.1 / steps as f64;
        job(&format!("workflow-nve-{steps}"), &structure).run(&format!(
            "{}
             velocity all create 600 4711
             timestep {timestep}
             fix nve all nve
             thermo {}
             thermo_style custom step etotal ke temp
             thermo_modify format float %.17g
             run {steps}",
            setup(&structure, "crystal", "Mg V O"),
            steps / 50
        ))
    };
    let wobble = |finished: &Finished| {
        let energies = finished.thermo("TotEng");
        energies.iter().fold(0.0_f64, |worst, energy| worst.max((energy - energies[0]).abs()))
    };
    let (coarse, fine) = (finished(100), finished(200));
    let ratio = wobble(&coarse) / wobble(&fine);
    assert!(
        (3.7..4.3).contains(&ratio),
        "expected 4, got {ratio}: {} and {} eV",
        wobble(&coarse),
        wobble(&fine)
    );
    let kinetic = coarse.thermo("KinEng");
    assert!(wobble(&coarse) < 0.01 * kinetic[0], "{} eV of {} eV", wobble(&coarse), kinetic[0]);
}

/// Boxes that change all the time, atoms that leave on one side and return on the other, on two ranks.
#[test]
fn numbers_stay_right_while_a_tilted_box_changes() {
    let mut structure = synthetic::crystal(56);
    structure.tilts = [3.0, -1.0, 2.0];
    let mut script = setup(&structure, "crystal", "Mg V O");
    script += "velocity all create 3000 4711\nfix npt all npt temp 3000 3000 0.05 tri 1e5 1e5 0.2\n";
    script += "fix shear all deform 5 xy erate 3.0 flip yes remap x\n";
    script = script.replace("tri 1e5 1e5 0.2", "x 1e5 1e5 0.2 y 1e5 1e5 0.2 z 1e5 1e5 0.2");
    for stage in 0..3 {
        write!(script, "run 40 post no\n{}", probe(&format!("stage{stage}"))).unwrap();
    }
    let finished = job("workflow-npt", &structure).ranks(2).run(&script);
    let tilts: Vec<f64> = (0..3).map(|stage| finished.structure(&format!("stage{stage}")).tilts[0]).collect();
    assert!(tilts.windows(2).any(|pair| pair[1] < pair[0]), "the box never flipped: {tilts:?}");
    for stage in 0..3 {
        assert_library_agrees(&finished, &format!("stage{stage}"));
    }
}

#[test]
fn a_reaction_path_runs_on_three_partitions() {
    let mut structure = synthetic::crystal(57);
    // the path: one atom moves to where another was taken out
    let start = structure.positions.pop().expect("the crystal has atoms");
    structure.types.pop();
    let mover = structure.positions.len() - 1;
    let end = format!("1\n{} {:?} {:?} {:?}\n", mover + 1, start[0], start[1], start[2]);
    let job = job("workflow-neb", &structure).ranks(3).arguments(&["-partition", "3x1"]).file("end.txt", end);
    job.run(&format!(
        "{}
         variable replica uloop 3
         timestep 0.002
         fix neb all neb 1.0
         min_style quickmin
         neb 0.0 0.01 30 10 10 final end.txt
         unfix neb
         {}",
        setup(&structure, "crystal", "Mg V O"),
        probe("replica${replica}")
    ));
    let finished: Vec<Finished> = (0..3).map(|replica| job.partition(replica)).collect();
    let energies: Vec<f64> = (0..3)
        .map(|replica| {
            let name = format!("replica{}", replica + 1);
            assert_library_agrees(&finished[replica], &name);
            finished[replica].probe(&name).energy
        })
        .collect();
    assert!(energies[1] > energies[0].min(energies[2]), "no barrier: {energies:?}");
}
