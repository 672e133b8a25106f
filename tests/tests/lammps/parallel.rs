//! Ranks, layouts, neighbor lists: whatever LAMMPS does with the atoms inside, the numbers stay.

use mtprs_core::potential::Potential;
use mtprs_testing::compare::assert_close;
use mtprs_testing::random::Random;
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic::{self, ROCK_SALT_EDGE};
use mtprs_tests::lammps::{Finished, Job, Probe, SAME_NUMBERS, probe, setup};

fn potential() -> Potential {
    synthetic::three_species(5.0)
}

fn crystal() -> Structure {
    synthetic::crystal(12)
}

/// All atoms in one corner of a large open box.
fn corner() -> Structure {
    let mut structure = Structure::rock_salt([1, 1, 1], ROCK_SALT_EDGE, 3)
        .perturbed(&mut Random::new(13), 0.2)
        .with_periodic([false; 3])
        .with_margin(0.5);
    structure.lengths = [40.0; 3];
    structure
}

/// A tilted box with edges shorter than the cutoff.
fn tiny() -> Structure {
    Structure::random(&mut Random::new(14), [4.1, 3.9, 4.3], [1.3, 0.9, -1.2], 4, 3, 1.8)
}

/// Evaluates crystal, corner and tiny box in every layout (arguments of `processors`) and with every commands that may
/// follow the pair style, and compares with the library. Returns the run.
fn check(ranks: usize, layouts: &[&str], extras: &[&str]) -> Finished {
    let potential = potential();
    let structures = [("crystal", crystal()), ("corner", corner()), ("tiny", tiny())];
    let mut job = Job::new(&format!("parallel-{ranks}")).ranks(ranks);
    let (mut script, mut names) = (String::new(), Vec::new());
    for (kind, structure) in &structures {
        job = job.structure(&format!("{kind}.lmp"), structure).potential(&format!("{kind}.mtp"), &potential);
        let expected = Probe::of_library(&potential, &structure.plain_configuration());
        let variants =
            layouts.iter().map(|layout| (*layout, "")).chain(extras.iter().map(|extra| ("* * *", *extra)));
        for (index, (layout, extra)) in variants.enumerate() {
            if *kind == "tiny" && extra.contains("tiled") {
                continue; // LAMMPS refuses: "Communication cutoff for comm_style tiled cannot exceed periodic box length"
            }
            let name = format!("{kind}-{index}");
            let processors = format!("clear\nprocessors {layout}\n");
            script += &setup(structure, kind, "Mg V O").replace("clear\n", &processors);
            script += &format!("{extra}\n{}", probe(&name));
            names.push((
                name,
                format!("{kind}, {ranks} ranks, processors {layout}, {extra}"),
                expected.clone(),
            ));
        }
    }
    let finished = job.run(&script);
    for (name, what, expected) in &names {
        let got = finished.probe(name);
        got.assert_close(expected, SAME_NUMBERS, what);
        got.assert_sums(SAME_NUMBERS, what);
    }
    finished
}

/// Ranks that own atoms in a frame.
fn busy_ranks(finished: &Finished, name: &str) -> usize {
    let mut ranks: Vec<u64> = finished.dump(name)[0].column("proc").iter().map(|rank| *rank as u64).collect();
    ranks.sort_unstable();
    ranks.dedup();
    ranks.len()
}

#[test]
fn one_rank_with_every_kind_of_neighbor_search() {
    check(1, &["* * *"], &["neighbor 1.0 nsq", "neighbor 3.0 bin", "neighbor 0.0 bin", "neighbor 1.0 multi"]);
}

#[test]
fn two_ranks_in_every_layout() {
    // tiled domains of unequal size come from recursive bisection
    let tiled = "comm_style tiled\nbalance 1.0 rcb";
    let finished = check(2, &["2 1 1", "1 2 1", "1 1 2"], &[tiled, "comm_modify cutoff 9.0"]);
    assert_eq!(busy_ranks(&finished, "crystal-0.dump"), 2);
    assert_eq!(busy_ranks(&finished, "corner-0.dump"), 1, "the other rank has no atoms");
}

#[test]
fn four_ranks_also_with_nothing_to_do() {
    let finished = check(4, &["2 2 1", "1 1 4"], &[]);
    assert_eq!(busy_ranks(&finished, "crystal-0.dump"), 4);
    assert_eq!(busy_ranks(&finished, "corner-0.dump"), 1, "three ranks have no atoms");
}

/// Hot enough for atoms to change their subdomains, and lists to be rebuilt, within the run.
fn trajectory(settings: &str) -> String {
    format!(
        "{}
         {settings}
         neigh_modify every 1 delay 0 check yes
         velocity all create 4000 4711
         fix nve all nve
         timestep 0.002
         dump all all custom 25 all.dump id xu yu zu vx vy vz
         dump_modify all sort id format float %.17g
         thermo_style custom step etotal pe
         thermo_modify format float %.17g
         thermo 5
         run 50
        ",
        setup(&crystal(), "crystal", "Mg V O")
    )
}

#[test]
fn a_trajectory_depends_neither_on_ranks_nor_skin_nor_sorting() {
    let run = |name: &str, ranks: usize, settings: &str| {
        let job = Job::new(&format!("parallel-trajectory-{name}")).ranks(ranks);
        let job = job.structure("crystal.lmp", &crystal()).potential("crystal.mtp", &potential());
        job.run(&trajectory(settings))
    };
    let reference = run("reference", 1, "neighbor 2.0 bin\natom_modify sort 0 0.0");
    let others = [
        run("thin-skin", 1, "neighbor 0.2 bin\natom_modify sort 0 0.0"),
        run("sorted", 1, "neighbor 0.5 bin\natom_modify sort 2 2.0"),
        run("two-ranks", 2, "neighbor 0.5 bin\natom_modify sort 5 3.0"),
    ];
    let columns = ["xu", "yu", "zu", "vx", "vy", "vz"];
    let [first, .., last] = &reference.dump("all.dump")[..] else { panic!("expected frames") };
    let moved =
        first.column("xu").iter().zip(last.column("xu")).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(moved > 0.5, "the atoms hardly moved: {moved} Å");
    for other in &others {
        let what = other.folder.display();
        let built = other.number("Neighbor list builds =");
        assert!(built >= 3.0, "{what}: only {built} neighbor lists");
        // rounding grows along a trajectory; 1e-15 became some 1e-13 here
        let end = &other.dump("all.dump")[2];
        assert_close(&format!("{what}: end"), &end.columns(&columns), &last.columns(&columns), 1e-10);
        assert_close(&format!("{what}: PotEng"), &other.thermo("PotEng"), &reference.thermo("PotEng"), 1e-10);
    }
}

#[test]
fn partitions_run_with_potentials_of_their_own() {
    let potentials = [potential(), synthetic::potential(99, 6, &["Mg", "V", "O"], 4.0)];
    let structure = crystal();
    let mut job = Job::new("parallel-partitions").ranks(3).arguments(&["-partition", "1", "2"]);
    for (index, potential) in potentials.iter().enumerate() {
        job = job.structure(&format!("world{index}.lmp"), &structure);
        job = job.potential(&format!("world{index}.mtp"), potential);
    }
    let script = format!("variable name world world0 world1\n{}", setup(&structure, "${name}", "Mg V O"));
    job.run(&format!("{script}{}", probe("${name}")));
    for (index, potential) in potentials.iter().enumerate() {
        let finished = job.partition(index);
        let expected = Probe::of_library(potential, &structure.plain_configuration());
        finished.probe(&format!("world{index}")).assert_close(
            &expected,
            SAME_NUMBERS,
            &format!("partition {index}"),
        );
    }
}
