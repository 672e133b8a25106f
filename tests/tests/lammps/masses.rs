//! Masses of LAMMPS's types against the elements that they are mapped to: a wrong order is told, once and by both names, and
//! nothing else is.

use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use mtprs_tests::lammps::{Finished, Job, Lammps, atoms};
use mtprs_tests::structure::Structure;
use mtprs_tests::synthetic;

const SIGN: &str = "masses contradict elements: ";

fn nameless() -> Potential {
    let mut parts = synthetic::three_species(5.0).into_parts();
    parts.species = Species::unnamed(3);
    parts.tag = String::new();
    Potential::new(parts).expect("names do not matter")
}

fn job(lammps: &Lammps, name: &str, structure: &Structure) -> Job {
    Job::on(lammps, &format!("masses-{name}"))
        .structure("crystal.lmp", structure)
        .potential("crystal.mtp", &synthetic::three_species(5.0))
        .potential("nameless.mtp", &nameless())
        .potential("swapped.mtp", &synthetic::potential(11, 8, &["O", "V", "Mg"], 5.0))
        .file("mlip.ini", "mtp-filename crystal.mtp\n")
        .file("swapped.ini", "mtp-filename swapped.mtp\n")
}

/// The warnings of a run, without what comes before the file of the potential; the log file has them as well.
fn warnings(finished: &Finished) -> Vec<String> {
    let find = |text: &str| -> Vec<String> {
        let of_line = |line: &str| Some(line.split_once(SIGN)?.1.to_owned());
        text.lines().filter_map(of_line).collect()
    };
    let found = find(&finished.text("log.lammps"));
    assert_eq!(found, find(&finished.output), "{}", finished.output);
    found
}

/// Commands of a run of the crystal with types 1, 2, 3 of the masses of Mg, V, O; what is told, word by word.
const CASES: [(&str, &str, &[&str]); 20] = [
    ("right", "pair_style mtp/rs\npair_coeff * * crystal.mtp Mg V O\nrun 0\nrun 0", &[]),
    (
        "wrong",
        "pair_style mtp/rs\npair_coeff * * crystal.mtp O V Mg\nrun 0\nrun 0",
        &["type 1 has the mass 24.305 of Mg, but is mapped to O; type 3 has the mass 15.9999 of O, but is mapped to Mg"],
    ),
    (
        "numbers",
        "pair_style mtp/rs\npair_coeff * * crystal.mtp 0 2 1\nrun 0",
        &["type 2 has the mass 50.9415 of V, but is mapped to O; type 3 has the mass 15.9999 of O, but is mapped to V"],
    ),
    ("no-names", "pair_style mtp/rs\npair_coeff * * nameless.mtp 2 1 0\nrun 0", &[]),
    (
        "keyword",
        "pair_style mtp/rs species Mg V O\npair_coeff * * nameless.mtp Mg Mg O\nrun 0",
        &["type 2 has the mass 50.9415 of V, but is mapped to Mg"],
    ),
    ("keyword-right", "pair_style mtp/rs species Mg V O\npair_coeff * * nameless.mtp Mg V O\nrun 0", &[]),
    // by minimizations, in which masses do not matter
    ("ones", "mass * 1.0\npair_style mtp/rs\npair_coeff * * crystal.mtp O V Mg\nminimize 0 1e-3 1 1", &[]),
    (
        "rounded",
        "mass 1 24\nmass 2 51\nmass 3 16\npair_style mtp/rs\npair_coeff * * crystal.mtp O V Mg\nrun 0",
        &["type 1 has the mass 24 of Mg, but is mapped to O; type 3 has the mass 16 of O, but is mapped to Mg"],
    ),
    ("rounded-right", "mass 1 24\nmass 2 51\nmass 3 16\npair_style mtp/rs\npair_coeff * * crystal.mtp Mg V O\nrun 0", &[]),
    ("isotopes", "mass 1 25.986\nmass 2 49.947\nmass 3 17.999\npair_style mtp/rs\npair_coeff * * crystal.mtp Mg V O\nrun 0", &[]),
    ("heavy", "mass * 100\npair_style mtp/rs\npair_coeff * * crystal.mtp Mg V O\nrun 0", &[]),
    (
        "changed",
        "pair_style mtp/rs\npair_coeff * * crystal.mtp Mg V O\nrun 0\nmass 2 28.0855\nrun 0\nrun 0\nmass 2 50.9415\nrun 0",
        &["type 2 has the mass 28.0855 of Si, but is mapped to V"],
    ),
    (
        "again",
        "pair_style mtp/rs\npair_coeff * * crystal.mtp Mg V V\nrun 0\npair_coeff * * crystal.mtp Mg V V\nrun 0
         pair_coeff * * crystal.mtp Mg V O\nrun 0",
        &["type 3 has the mass 15.9999 of O, but is mapped to V"],
    ),
    (
        "atoms",
        "fix masses all property/atom rmass
         set type 1 mass 15.999\nset type 2 mass 50.9415\nset type 3 mass 24.305
         pair_style mtp/rs\npair_coeff * * crystal.mtp Mg V O\nrun 0",
        &["type 1 has the mass 15.999 of O, but is mapped to Mg; type 3 has the mass 24.305 of Mg, but is mapped to O"],
    ),
    (
        "mixture",
        "fix masses all property/atom rmass
         set type 1 mass 23.985\nset type 2 mass 50.9415\nset type 3 mass 15.999\ngroup every id 1:64:2\nset group every mass 25.983
         set type 2 mass 50.9415\nset type 3 mass 15.999
         pair_style mtp/rs\npair_coeff * * crystal.mtp Mg V O\nrun 0",
        &[],
    ),
    ("mlip", "pair_style mlip mlip.ini\npair_coeff * *\nrun 0", &[]),
    (
        "mlip-wrong",
        "pair_style mlip swapped.ini\npair_coeff * *\nrun 0",
        &["type 1 has the mass 24.305 of Mg, but is mapped to O; type 3 has the mass 15.9999 of O, but is mapped to Mg"],
    ),
    (
        "hybrid",
        "pair_style hybrid/overlay zero 5.0 mtp/rs\npair_coeff * * zero\npair_coeff * * mtp/rs crystal.mtp NULL O V\nrun 0",
        &["type 2 has the mass 50.9415 of V, but is mapped to O; type 3 has the mass 15.9999 of O, but is mapped to V"],
    ),
    (
        "hybrid-right",
        "pair_style hybrid/overlay zero 5.0 mtp/rs\npair_coeff * * zero\npair_coeff * * mtp/rs crystal.mtp Mg NULL O\nrun 0",
        &[],
    ),
    (
        "hybrid-two",
        "pair_style hybrid/overlay mtp/rs mtp/rs\npair_coeff * * mtp/rs 1 crystal.mtp Mg V O
         pair_coeff * * mtp/rs 2 swapped.mtp Mg V V\nrun 0",
        &["type 3 has the mass 15.9999 of O, but is mapped to V"],
    ),
];

#[test]
fn a_wrong_order_is_told_once_by_both_names() {
    let structure = synthetic::crystal(121);
    for (name, commands, expected) in CASES {
        for ranks in if expected.is_empty() { vec![2] } else { vec![1, 2, 4] } {
            let finished = job(&Lammps::current(), &format!("{name}-{ranks}"), &structure)
                .ranks(ranks)
                .run(&format!("{}{commands}", atoms(&structure, "crystal")));
            assert_eq!(warnings(&finished), expected, "{name}, {ranks} ranks");
        }
    }
}

/// With the file of the potential and with advice; in every LAMMPS.
#[test]
#[ignore = "long: run by make test-long"]
fn the_warning_names_the_file_and_says_what_to_do() {
    let structure = synthetic::crystal(122);
    for (lammps, year) in [(Lammps::current(), 2025), (Lammps::of_2024(), 2024), (Lammps::of_2023(), 2023)] {
        for (style, wrong, start, advice) in [
            (
                "mtp/rs",
                "pair_style mtp/rs\npair_coeff * * crystal.mtp O V Mg",
                "WARNING: pair style mtp/rs, crystal.mtp: masses contradict elements: ",
                "  hint: pair_coeff lists the element of type 1 first, then that of type 2, and so on",
            ),
            (
                "mlip",
                "pair_style mlip swapped.ini\npair_coeff * *",
                "WARNING: pair style mlip, swapped.mtp: masses contradict elements: ",
                "  hint: pair_style mlip takes types 1, 2, ... for the species 0, 1, ... of the potential; pair_style \
                 mtp/rs maps any type to any species",
            ),
        ] {
            let name = format!("advice-{}-{year}", style.replace('/', "-"));
            let script = format!("{}{wrong}\nrun 0", atoms(&structure, "crystal").replace("clear\n", ""));
            let log = job(&lammps, &name, &structure).run(&script).text("log.lammps");
            assert!(log.lines().any(|line| line.starts_with(start)), "{log}");
            assert!(log.lines().any(|line| line.starts_with(advice)), "{log}");
        }
    }
}

/// Isotopes, rounded masses, and masses of older tables.
const FINE: [(&str, f64); 40] = [
    ("H", 1.00784),
    ("H", 2.014),
    ("H", 3.016),
    ("Li", 6.015),
    ("Li", 6.941),
    ("B", 10.013),
    ("B", 11.0),
    ("C", 12.0),
    ("C", 13.003),
    ("N", 15.0),
    ("O", 16.0),
    ("O", 17.999),
    ("Cl", 35.5),
    ("Cl", 36.966),
    ("Ca", 40.0),
    ("K", 39.0),
    ("Ar", 40.0),
    ("Co", 59.0),
    ("Co", 58.93),
    ("Ni", 58.7),
    ("Ni", 57.935),
    ("Cu", 64.93),
    ("Cu", 64.0),
    ("Zn", 65.39),
    ("Zn", 63.929),
    ("Ge", 72.61),
    ("Se", 78.96),
    ("Mo", 95.94),
    ("I", 127.0),
    ("Ta", 181.0),
    ("W", 184.0),
    ("Po", 209.0),
    ("Bi", 209.0),
    ("U", 238.0),
    ("U", 235.04),
    ("Th", 232.0),
    // chosen for a purpose, and those of no element
    ("Si", 42.5),
    ("O", 8.0),
    ("O", 1.0),
    ("W", 1000.0),
];

/// Masses of other elements, also of neighbors in the periodic table.
const WRONG: [(&str, f64, &str); 15] = [
    ("Ni", 58.9332, "Co"),
    ("Co", 58.6934, "Ni"),
    ("Te", 126.904, "I"),
    ("I", 127.6, "Te"),
    ("K", 39.948, "Ar"),
    ("Ar", 39.0983, "K"),
    ("Ca", 39.948, "Ar"),
    ("Nb", 180.948, "Ta"),
    ("O", 18.998, "F"),
    ("Si", 16.0, "O"),
    ("Cu", 65.38, "Zn"),
    ("W", 180.948, "Ta"),
    ("H", 4.0026, "He"),
    ("Li", 12.011, "C"),
    ("Hf", 15.999, "O"),
];

#[test]
fn isotopes_and_rounded_masses_are_those_of_their_element() {
    let pairs = FINE.into_iter().chain(WRONG.map(|(element, mass, _)| (element, mass)));
    let (mut names, mut mapped, mut masses) = (Vec::<&str>::new(), String::new(), String::new());
    for (index, (element, mass)) in pairs.enumerate() {
        if !names.contains(&element) {
            names.push(element);
        }
        mapped += &format!(" {element}");
        masses += &format!("mass {} {mass:?}\n", index + 1);
    }
    let structure = Structure { type_count: FINE.len() + WRONG.len(), ..synthetic::crystal(123) };
    let finished = job(&Lammps::current(), "elements", &structure)
        .potential("many.mtp", &synthetic::potential(12, 4, &names, 5.0))
        .run(&format!(
            "{}{masses}pair_style mtp/rs\npair_coeff * * many.mtp{mapped}\nrun 0",
            atoms(&structure, "crystal")
        ));
    let expected: Vec<String> = WRONG
        .iter()
        .enumerate()
        .map(|(index, (element, mass, meant))| {
            let kind = FINE.len() + index + 1;
            format!("type {kind} has the mass {mass} of {meant}, but is mapped to {element}")
        })
        .collect();
    assert_eq!(warnings(&finished), [expected.join("; ")]);
}
