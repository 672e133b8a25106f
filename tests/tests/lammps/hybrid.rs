//! `pair_style mtp/rs` as one of several pair styles, and several times at once.

use mtprs_core::potential::{PairTerm, Potential, Zbl};
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic;
use mtprs_tests::lammps::{Job, Probe, SAME_NUMBERS, atoms, probe};

/// The crystal with some atoms as a fourth type that the potential does not know.
fn with_foreign_type() -> Structure {
    let mut structure = synthetic::crystal(31);
    structure.type_count = 4;
    for kind in structure.types.iter_mut().step_by(5) {
        *kind = 4;
    }
    structure
}

/// Another potential of the same species with another cutoff and level.
fn second() -> Potential {
    synthetic::potential(77, 6, &["Mg", "V", "O"], 4.2)
}

fn job(name: &str, structure: &Structure) -> Job {
    Job::new(name)
        .structure("crystal.lmp", structure)
        .potential("first.mtp", &synthetic::three_species(5.0))
        .potential("second.mtp", &second())
}

/// What the library says if atoms of some types do not exist for the potential; zeros for those atoms.
fn of_library(potential: &Potential, structure: &Structure, species_of_type: &[Option<u32>]) -> Probe {
    let mut probe = Probe::of_library(potential, &structure.configuration(species_of_type));
    let here: Vec<bool> = structure.types.iter().map(|kind| species_of_type[kind - 1].is_some()).collect();
    let spread = |values: &[f64], width: usize| {
        let mut rows = values.chunks(width);
        let row =
            |here: &bool| if *here { rows.next().expect("one row per atom") } else { &[0.0; 9][..width] };
        here.iter().flat_map(row).copied().collect::<Vec<_>>()
    };
    probe.atom_energies = spread(&probe.atom_energies, 1);
    probe.forces = spread(&probe.forces, 3);
    probe.atom_virials = spread(&probe.atom_virials, 6);
    probe.centroid_virials = spread(&probe.centroid_virials, 9);
    probe
}

#[test]
fn null_types_belong_to_another_style() {
    let structure = with_foreign_type();
    let lennard_jones = "pair_coeff 1*4 4 lj/cut 0.02 2.2";
    let script = [
        &atoms(&structure, "crystal"),
        "pair_style hybrid lj/cut 4.5 mtp/rs",
        "pair_coeff * * mtp/rs first.mtp Mg V O NULL",
        lennard_jones,
        &probe("both"),
        "pair_style hybrid lj/cut 4.5 zero 5.0",
        "pair_coeff * * zero",
        lennard_jones,
        &probe("other"),
        // with a style that does nothing, what mtp/rs does is left
        "pair_style hybrid/overlay zero 5.0 mtp/rs",
        "pair_coeff * * zero",
        "pair_coeff * * mtp/rs first.mtp Mg V O NULL",
        &probe("alone"),
    ];
    for ranks in [1, 2] {
        let finished = job(&format!("hybrid-null-{ranks}"), &structure).ranks(ranks).run(&script.join("\n"));
        let species = [Some(0), Some(1), Some(2), None];
        let expected = of_library(&synthetic::three_species(5.0), &structure, &species);
        finished.probe("alone").assert_close(&expected, SAME_NUMBERS, "NULL");
        let both = expected.plus(finished.probe("other"));
        finished.probe("both").assert_close(&both, SAME_NUMBERS, "hybrid with lj/cut");
    }
}

#[test]
fn overlaid_styles_add_up() {
    let structure = synthetic::crystal(32);
    let zbl = "pair_coeff * * zbl 12.0 12.0";
    let script = [
        &atoms(&structure, "crystal"),
        "pair_style hybrid/overlay mtp/rs zbl 3.0 4.0",
        "pair_coeff * * mtp/rs first.mtp Mg V O",
        zbl,
        &probe("both"),
        "pair_style hybrid/overlay zero 5.0 zbl 3.0 4.0",
        "pair_coeff * * zero",
        zbl,
        &probe("other"),
    ];
    let finished = job("hybrid-overlay", &structure).run(&script.join("\n"));
    let expected = Probe::of_crystal(&structure);
    finished.probe("both").assert_close(
        &expected.plus(finished.probe("other")),
        SAME_NUMBERS,
        "mtp/rs and zbl",
    );
}

/// A potential that holds the repulsion of nuclei is the one without, overlaid with LAMMPS's own.
#[test]
fn zbl_in_the_potential_is_that_of_lammps() {
    let structure = synthetic::crystal(34);
    let plain = synthetic::three_species(5.0);
    let mut parts = plain.clone().into_parts();
    parts.pair_terms.push(PairTerm::Zbl(Zbl::new(1.2, 3.9).unwrap()));
    let script = [
        &atoms(&structure, "crystal"),
        "pair_style mtp/rs",
        "pair_coeff * * zbl.mtp Mg V O",
        &probe("inside"),
        "pair_style hybrid/overlay mtp/rs zbl 1.2 3.9",
        "pair_coeff * * mtp/rs first.mtp Mg V O",
        "pair_coeff 1 1 zbl 12.0 12.0",
        "pair_coeff 2 2 zbl 23.0 23.0",
        "pair_coeff 3 3 zbl 8.0 8.0",
        "pair_coeff 1 2 zbl 12.0 23.0",
        "pair_coeff 1 3 zbl 12.0 8.0",
        "pair_coeff 2 3 zbl 23.0 8.0",
        &probe("overlay"),
    ];
    let inside = Potential::new(parts).unwrap();
    for ranks in [1, 2] {
        let job = job(&format!("hybrid-zbl-{ranks}"), &structure).potential("zbl.mtp", &inside);
        let finished = job.ranks(ranks).run(&script.join("\n"));
        let overlay = finished.probe("overlay");
        finished.probe("inside").assert_close(&overlay, 1e-11, "zbl of the potential and of LAMMPS");
    }
}

#[test]
fn two_instances_keep_to_themselves() {
    let structure = synthetic::crystal(33);
    let script = [
        &atoms(&structure, "crystal"),
        "pair_style hybrid/overlay mtp/rs mtp/rs",
        "pair_coeff * * mtp/rs 1 first.mtp Mg V O",
        "pair_coeff * * mtp/rs 2 second.mtp O NULL Mg",
        &probe("sum"),
        "compute one all pair mtp/rs 1 epair",
        "compute two all pair mtp/rs 2 epair",
        "thermo_style custom step pe c_one c_two",
        "run 0 post no",
        "print \"parts $(c_one:%.17g) $(c_two:%.17g)\"",
        "uncompute one",
        "uncompute two",
        "thermo_style one",
        "variable share equal 0.25",
        "pair_style hybrid/scaled v_share mtp/rs 0.75 mtp/rs",
        "pair_coeff * * mtp/rs 1 first.mtp Mg V O",
        "pair_coeff * * mtp/rs 2 second.mtp Mg V O",
        &probe("scaled"),
        // each instance has types of its own; pairs across interact by neither
        "pair_style hybrid mtp/rs mtp/rs",
        "pair_coeff * * mtp/rs 1 first.mtp Mg V NULL",
        "pair_coeff * * mtp/rs 2 second.mtp NULL NULL O",
        "pair_coeff 1*2 3 none",
        &probe("apart"),
    ];
    let finished = job("hybrid-two", &structure).run(&script.join("\n"));

    let library =
        |potential: &Potential, species: [Option<u32>; 3]| of_library(potential, &structure, &species);
    let (first, second) = (synthetic::three_species(5.0), second());
    let [mg, v, o] = [Some(0), Some(1), Some(2)];
    let swapped = library(&second, [o, None, mg]);
    let one = library(&first, [mg, v, o]);
    let parts = finished.numbers("parts");
    mtprs_testing::compare::assert_close(
        "energy by instance",
        &parts,
        &[one.energy, swapped.energy],
        SAME_NUMBERS,
    );
    let check =
        |name: &str, expected: Probe| finished.probe(name).assert_close(&expected, SAME_NUMBERS, name);
    check("sum", one.clone().plus(swapped));
    check("scaled", one.scaled(0.25).plus(library(&second, [mg, v, o]).scaled(0.75)));
    check("apart", library(&first, [mg, v, None]).plus(library(&second, [None, None, o])));
}
