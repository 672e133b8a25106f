//! Atoms that neighbor exclusions part from all others count as deleted, as they do with pair potentials and as `fix gcmc`
//! takes for granted; what other exclusions mean is told.

use std::fs;

use mtprs_core::evaluate::Evaluator;
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;
use mtprs_testing::active_set;
use mtprs_testing::compare::assert_close;
use mtprs_testing::structure::Structure;
use mtprs_testing::{synthetic, workspace};
use mtprs_tests::lammps::{Finished, Job, Lammps, Probe, SAME_NUMBERS, atoms, feature_number, probe, setup};

const WARNING: &str = "WARNING: pair style mtp/rs: neighbors are excluded";

fn potential() -> Potential {
    synthetic::three_species(5.0)
}

fn job(name: &str, structure: &Structure) -> Job {
    Job::new(&format!("exclusions-{name}")).crystal(structure)
}

/// The atoms of a structure for which a function of ID and type holds.
fn only(structure: &Structure, is_kept: impl Fn(usize, usize) -> bool) -> Structure {
    let kept: Vec<usize> =
        (0..structure.len()).filter(|&index| is_kept(index + 1, structure.types[index])).collect();
    Structure {
        types: kept.iter().map(|&index| structure.types[index]).collect(),
        positions: kept.iter().map(|&index| structure.positions[index]).collect(),
        ..structure.clone()
    }
}

/// What the library says about the atoms that are kept, and zeros for the others.
fn of_library(structure: &Structure, is_kept: impl Fn(usize, usize) -> bool) -> Probe {
    let kept = only(structure, &is_kept);
    let found = Probe::of_library(&potential(), &kept.plain_configuration());
    let rows: Vec<bool> =
        (0..structure.len()).map(|index| is_kept(index + 1, structure.types[index])).collect();
    let spread = |values: &[f64]| {
        let width = values.len() / kept.len();
        let mut next = values.chunks_exact(width);
        let row = |&is_kept: &bool| if is_kept { next.next().unwrap().to_vec() } else { vec![0.0; width] };
        rows.iter().flat_map(row).collect()
    };
    Probe {
        energy: found.energy,
        atom_energies: spread(&found.atom_energies),
        forces: spread(&found.forces),
        virial: found.virial.clone(),
        atom_virials: spread(&found.atom_virials),
        centroid_virials: spread(&found.centroid_virials),
    }
}

fn warnings(finished: &Finished) -> Vec<String> {
    let log = finished.text("log.lammps");
    let found: Vec<String> = log.lines().filter(|line| line.contains(WARNING)).map(str::to_owned).collect();
    let on_screen = finished.output.lines().filter(|line| line.contains(WARNING)).count();
    assert_eq!(on_screen, found.len(), "the log file has what the screen has");
    found
}

/// Name, commands, and which pairs of types see each other.
type Case<'a> = (&'a str, &'a str, &'a dyn Fn(usize, usize) -> bool);

#[test]
fn excluded_from_all_others_is_deleted() {
    let structure = synthetic::crystal(101);
    // an atom of type 3 that gets a type of its own, which is mapped to the same element
    let oxygen = 1 + structure.types.iter().position(|kind| *kind == 3).expect("there is oxygen");
    let alone = format!(
        "set atom {oxygen} type 4\nneigh_modify exclude type 4 1\nneigh_modify exclude type 4 2
         neigh_modify exclude type 4 3"
    );
    let cases: [Case; 7] = [
        ("group", "group gone id 50\nneigh_modify exclude group gone all", &|id, _| id != 50),
        ("reversed", "group gone id 7 8 50\nneigh_modify exclude group all gone", &|id, _| {
            ![7, 8, 50].contains(&id)
        }),
        (
            "others",
            "group gone id 50\ngroup others subtract all gone\nneigh_modify exclude group gone others",
            &|id, _| id != 50,
        ),
        (
            "types",
            "neigh_modify exclude type 3 1\nneigh_modify exclude type 2 3\nneigh_modify exclude type 3 3",
            &|_, kind| kind != 3,
        ),
        ("last-of-its-type", &alone, &|id, _| id != oxygen),
        (
            "types-and-groups",
            "group gone type 3\ngroup left type 1\nneigh_modify exclude group gone left
             neigh_modify exclude type 3 3\nneigh_modify exclude type 2 3",
            &|_, kind| kind != 3,
        ),
        ("include", "group left id < 60\natom_modify first left\nneigh_modify include left", &|id, _| {
            id < 60
        }),
    ];
    for (name, commands, is_kept) in cases {
        let count = structure.len() - only(&structure, is_kept).len();
        for ranks in [1, 2, 4] {
            let what = format!("{name}-{ranks}");
            let with_four_types = Structure { type_count: 4, ..structure.clone() };
            // LAMMPS has no way back from include
            let is_lasting = name == "include";
            let none = if is_lasting { "" } else { "neigh_modify exclude none" };
            let script = format!(
                "{}pair_style mtp/rs\npair_coeff * * crystal.mtp Mg V O O\n{commands}\n{}{none}
                 run 0\nprint \"last $(pe:%.17g)\"",
                atoms(&with_four_types, "crystal"),
                probe("excluded"),
            );
            let finished = job(&what, &with_four_types).ranks(ranks).run(&script);
            let got = finished.probe("excluded");
            got.assert_close(&of_library(&structure, is_kept), SAME_NUMBERS, &what);
            got.assert_sums(SAME_NUMBERS, &what);
            let last = if is_lasting { only(&structure, is_kept) } else { structure.clone() };
            let last = Probe::of_library(&potential(), &last.plain_configuration());
            assert_close(&what, &[finished.number("last")], &[last.energy], SAME_NUMBERS);
            let told = warnings(&finished);
            assert_eq!(
                told.len(),
                1 + usize::from(is_lasting),
                "{what}: one for each run with exclusions: {told:?}"
            );
            assert!(told[0].contains(&format!("count as deleted ({count} now)")), "{what}: {}", told[0]);
        }
    }
}

/// Everything excluded from everything: nothing is left, and nothing divides by zero.
#[test]
fn all_excluded_from_all_is_nothing() {
    let structure = synthetic::crystal(102);
    for ranks in [1, 2] {
        let script = format!(
            "{}pair_style mtp/rs state state.mtps select 1e-9 save saved.cfg
             pair_coeff * * crystal.mtp Mg V O
             compute p all pair mtp/rs
             neigh_modify exclude group all all
             run 0
             variable f equal fmax
             print \"nothing $(pe) $(v_f) $(c_p[1])\"",
            atoms(&structure, "crystal")
        );
        let job = job(&format!("nothing-{ranks}"), &structure).ranks(ranks);
        let finished = job.state("state.mtps", GradeMode::Configuration).run(&script);
        assert_eq!(finished.numbers("nothing"), [0.0; 3]);
        assert!(!finished.folder.join("saved.cfg").exists());
    }
}

/// Atoms that have no neighbors, but are excluded from none, have the energy of a free atom; so have they where others are
/// excluded.
#[test]
fn free_atoms_that_are_not_excluded_keep_their_energy() {
    let mut structure = synthetic::crystal(103).with_periodic([false; 3]).with_margin(12.0);
    let last = structure.len() - 1;
    structure.positions[last] = structure.origin.map(|corner| corner + 1.0);
    for ranks in [1, 2, 4] {
        let script = format!(
            "{}{}group gone id 5\nneigh_modify exclude group gone all\n{}",
            setup(&structure, "crystal", "Mg V O"),
            probe("whole"),
            probe("without")
        );
        let finished = job(&format!("free-{ranks}"), &structure).ranks(ranks).run(&script);
        for (name, gone) in [("whole", 0), ("without", 5)] {
            let got = finished.probe(name);
            got.assert_close(&of_library(&structure, |id, _| id != gone), SAME_NUMBERS, name);
            assert!(
                got.atom_energies[last].abs() > 1.0,
                "a free atom has an energy: {}",
                got.atom_energies[last]
            );
        }
    }
}

/// Parts that do not see each other: each is what it is alone, and the warning says that neighborhoods are not whole.
#[test]
fn parts_that_are_excluded_from_each_other_are_alone() {
    let structure = synthetic::crystal(104);
    let parts = |part: usize| of_library(&structure, move |id, _| (id <= 20) == (part == 0));
    let expected = parts(0).plus(parts(1));
    for ranks in [1, 2, 4] {
        let script = format!(
            "{}group one id <= 20\ngroup other subtract all one\nneigh_modify exclude group one other\n{}run 0",
            setup(&structure, "crystal", "Mg V O"),
            probe("parts")
        );
        let finished = job(&format!("parts-{ranks}"), &structure).ranks(ranks).run(&script);
        finished.probe("parts").assert_close(&expected, SAME_NUMBERS, "parts");
        let told = warnings(&finished);
        assert_eq!(told.len(), 2, "one for each run: {told:?}");
        for line in told {
            assert!(line.contains("(0 now)"), "{line}");
            assert!(
                line.contains("many-body energies of neighborhoods without the excluded atoms"),
                "{line}"
            );
        }
    }
}

/// In hybrid styles only atoms of other styles may be left, from which a lonely atom is not excluded.
#[test]
fn atoms_of_other_styles_are_no_others() {
    let mut structure = synthetic::crystal(105);
    structure.type_count = 4;
    structure.types.fill(4);
    structure.types[10] = 1;
    structure.types[40] = 3;
    let species = [Some(0), Some(1), Some(2), None];
    let expected = Evaluator::new(&potential())
        .and_then(|mut evaluator| evaluator.evaluate(&structure.configuration(&species)))
        .expect("it can be evaluated");
    for ranks in [1, 2] {
        let script = format!(
            "{}pair_style hybrid/overlay zero 5.0 mtp/rs
             pair_coeff * * zero
             pair_coeff * * mtp/rs crystal.mtp Mg V O NULL
             group far id 1
             neigh_modify exclude group far all
             run 0
             print \"energy $(pe:%.17g)\"",
            atoms(&structure, "crystal")
        );
        let finished = job(&format!("hybrid-{ranks}"), &structure).ranks(ranks).run(&script);
        assert_close("energy", &[finished.number("energy")], &[expected.energy], SAME_NUMBERS);
    }
}

/// Atoms that count as deleted are in no grade and in no frame.
#[test]
fn grades_and_frames_leave_out_what_is_excluded() {
    let structure = synthetic::crystal(106);
    let left = only(&structure, |id, _| id != 50 && id != 3);
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        let state = active_set::state(&potential(), mode, 5);
        let expected = Grader::new(&potential(), state)
            .and_then(|mut grader| grader.grade(&left.plain_configuration()))
            .expect("it can be graded");
        for ranks in [1, 2, 4] {
            let what = format!("grades-{mode}-{ranks}");
            let script = format!(
                "{}pair_style mtp/rs state state.mtps select 1e-9 save saved.cfg
                 pair_coeff * * crystal.mtp Mg V O
                 group gone id 50 3
                 neigh_modify exclude group gone all
                 fix g all pair 1 mtp/rs gamma 1
                 dump g all custom 1 gamma.dump id f_g
                 dump_modify g sort id format float %.17g
                 run 0",
                atoms(&structure, "crystal")
            );
            let finished = job(&what, &structure).ranks(ranks).state("state.mtps", mode).run(&script);
            let frame = finished.saved().remove(0);
            assert_eq!((frame.len(), &frame.species), (62, &left.plain_configuration().species), "{what}");
            assert!(!frame.ids.contains(&50) && !frame.ids.contains(&3), "{what}");
            let grade = feature_number(&frame, "MV_grade");
            assert_close(&what, &[grade], &[expected.configuration], 1e-8);
            let of_atoms = finished.dump("gamma.dump")[0].column("f_g").to_vec();
            assert_eq!((of_atoms[49], of_atoms[2]), (0.0, 0.0), "{what}");
        }
    }
}

/// The example's potential and glass: the energy of a deletion that is tried is that of one that is done.
#[test]
fn a_tried_deletion_is_one_in_the_example() {
    let script = format!(
        "{GLASS}
         group gone id 50
         thermo_style custom step atoms pe
         run 0 post no
         neigh_modify exclude group gone all
         run 0 post no
         variable excluded equal $(pe:%.17g)
         neigh_modify exclude none
         delete_atoms group gone compress no
         run 0 post no
         print \"energies ${{excluded}} $(pe:%.17g)\""
    );
    for ranks in [1, 2, 4] {
        let finished = glass(&Lammps::current(), &format!("tried-{ranks}")).ranks(ranks).run(&script);
        let energies = finished.numbers("energies");
        assert!((energies[0] - energies[1]).abs() < 1e-9, "{energies:?}");
    }
}

/// Every deletion costs 8.9 eV or more, and the reservoir gives back 6 eV: none may be accepted, in any LAMMPS.
#[test]
#[ignore = "long: run by make test-long"]
fn no_deletion_that_costs_energy_is_accepted() {
    let script = format!(
        "{GLASS}
         group oxygen type 3
         thermo 1
         fix mc oxygen gcmc 1 20 0 3 12345 300.0 -6.0 0.1 full_energy
         run 5
         print \"deletions $(f_mc[5]) $(f_mc[6])\"
         print \"atoms $(atoms)\""
    );
    for (lammps, year) in [(Lammps::current(), 2025), (Lammps::of_2024(), 2024), (Lammps::of_2023(), 2023)] {
        for ranks in if year == 2025 { vec![1, 2, 4] } else { vec![1, 2] } {
            let finished = glass(&lammps, &format!("gcmc-{year}-{ranks}")).ranks(ranks).run(&script);
            assert_eq!(finished.numbers("deletions"), [52.0, 0.0], "{year}, {ranks} ranks");
            assert_eq!(finished.number("atoms"), 96.0, "{year}, {ranks} ranks");
            assert_eq!(warnings(&finished).len(), 1, "{}", finished.output);
            // insertions next to an atom have energies of -10^6 eV in this potential, and would be accepted
            assert!(finished.text("log.lammps").contains("closer than min_dist (1.2 A) were refused"));
        }
    }
}

const GLASS: &str = "units metal
    read_data glass.data
    pair_style mtp/rs
    pair_coeff * * mgvo.mtp Mg V O";

fn glass(lammps: &Lammps, name: &str) -> Job {
    let read =
        |name: &str| fs::read(workspace().join("examples/mgv2o5").join(name)).expect("the example is there");
    Job::on(lammps, &format!("exclusions-{name}"))
        .file("glass.data", read("amorphous_96.data"))
        .file("mgvo.mtp", read("mgvo.mtp"))
}

/// A molecule's bonds take neighbors out of the lists unless special_bonds keeps them.
#[test]
fn neighbors_that_bonds_take_out_of_the_lists_are_told() {
    let structure = synthetic::crystal(109);
    let rows = structure.to_data_file();
    let (head, atoms_of) = rows.split_once("\nAtoms # atomic\n\n").expect("the section of the atoms");
    let molecule: String = atoms_of
        .lines()
        .map(|row| {
            let (id, rest) = row.split_once(' ').expect("an id and more");
            format!("{id} 1 {rest}\n")
        })
        .collect();
    let data = format!(
        "{}\nAtoms # bond\n\n{molecule}\nBonds\n\n1 1 1 2\n",
        head.replace(" atoms\n", " atoms\n1 bonds\n1 bond types\n1 extra bond per atom\n")
    );
    let wrong =
        "WARNING: pair style mtp/rs: bonded neighbors (1-2, 1-3, 1-4) are left out of the neighbor lists";
    for ranks in [1, 2] {
        let finished = job(&format!("bonds-{ranks}"), &structure).ranks(ranks).file("bonded.data", data.clone()).run(
            "units metal\natom_style bond\natom_modify map array\nread_data bonded.data\nbond_style zero\nbond_coeff *\n\
             pair_style mtp/rs\npair_coeff * * crystal.mtp Mg V O\nthermo_style custom step pe\nthermo_modify format float %.17g\nrun 0\n\
             special_bonds lj/coul 1.0 1.0 1.0\nrun 0",
        );
        let log = finished.text("log.lammps");
        assert_eq!(log.matches(wrong).count(), 1, "{log}");
        let energies = finished.thermo("PotEng");
        let expected = of_library(&structure, |_, _| true).energy;
        assert_close("with all neighbors", &energies[1..], &[expected], SAME_NUMBERS);
        assert!((energies[0] - expected).abs() > 1e-3, "{energies:?}: the bond takes a neighbor away");
    }
}
