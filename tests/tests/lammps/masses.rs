//! Masses of LAMMPS's types against the elements that they are mapped to: a wrong order is told, once and by both names, and
//! nothing else is.

use mtprs_testing::cases::Case;
use mtprs_testing::structure::Structure;
use mtprs_testing::{synthetic, table};
use mtprs_tests::lammps::{Finished, Job, Lammps, atoms};

const SIGN: &str = "masses contradict elements: ";

fn job(lammps: &Lammps, name: &str, structure: &Structure) -> Job {
    Job::on(lammps, &format!("masses-{name}"))
        .crystal(structure)
        .potential("nameless.mtp", &synthetic::nameless(synthetic::three_species(5.0)))
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

#[test]
fn a_wrong_order_is_told_once_by_both_names() {
    let structure = synthetic::crystal(121);
    for Case { name, lines, expected } in table("tests/tests/lammps/masses.txt", 20).cases {
        for ranks in if expected.is_empty() { vec![2] } else { vec![1, 2, 4] } {
            let finished = job(&Lammps::current(), &format!("{name}-{ranks}"), &structure)
                .ranks(ranks)
                .run(&format!("{}{}", atoms(&structure, "crystal"), lines.join("\n")));
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

/// Isotopes, rounded masses, and masses of older tables; in the last line those chosen for a purpose, and those of no element.
const FINE: &str = "
    H 1.00784, H 2.014, H 3.016, Li 6.015, Li 6.941, B 10.013, B 11.0, C 12.0, C 13.003, N 15.0, O 16.0, O 17.999,
    Cl 35.5, Cl 36.966, Ca 40.0, K 39.0, Ar 40.0, Co 59.0, Co 58.93, Ni 58.7, Ni 57.935, Cu 64.93, Cu 64.0,
    Zn 65.39, Zn 63.929, Ge 72.61, Se 78.96, Mo 95.94, I 127.0, Ta 181.0, W 184.0, Po 209.0, Bi 209.0, U 238.0,
    U 235.04, Th 232.0,
    Si 42.5, O 8.0, O 1.0, W 1000.0";

/// Masses of other elements, also of neighbors in the periodic table, and whose they are.
const WRONG: &str = "
    Ni 58.9332 Co, Co 58.6934 Ni, Te 126.904 I, I 127.6 Te, K 39.948 Ar, Ar 39.0983 K, Ca 39.948 Ar, Nb 180.948 Ta,
    O 18.998 F, Si 16 O, Cu 65.38 Zn, W 180.948 Ta, H 4.0026 He, Li 12.011 C, Hf 15.999 O";

/// The entries of a list, word by word.
fn entries(list: &str) -> Vec<Vec<&str>> {
    list.split(',').map(|entry| entry.split_whitespace().collect()).collect()
}

#[test]
fn isotopes_and_rounded_masses_are_those_of_their_element() {
    let (fine, wrong) = (entries(FINE), entries(WRONG));
    assert_eq!((fine.len(), wrong.len()), (40, 15));
    let (mut names, mut mapped, mut masses) = (Vec::<&str>::new(), String::new(), String::new());
    for (index, entry) in fine.iter().chain(&wrong).enumerate() {
        let (element, mass) = (entry[0], entry[1]);
        if !names.contains(&element) {
            names.push(element);
        }
        mapped += &format!(" {element}");
        masses += &format!("mass {} {mass}\n", index + 1);
    }
    let structure = Structure { type_count: fine.len() + wrong.len(), ..synthetic::crystal(123) };
    let finished = job(&Lammps::current(), "elements", &structure)
        .potential("many.mtp", &synthetic::potential(12, 4, &names, 5.0))
        .run(&format!(
            "{}{masses}pair_style mtp/rs\npair_coeff * * many.mtp{mapped}\nrun 0",
            atoms(&structure, "crystal")
        ));
    let told = wrong.iter().zip(fine.len() + 1..).map(|(entry, kind)| {
        let [element, mass, meant] = entry[..] else { panic!("{entry:?}") };
        format!("type {kind} has the mass {mass} of {meant}, but is mapped to {element}")
    });
    let expected: Vec<String> = told.collect();
    assert_eq!(warnings(&finished), [expected.join("; ")]);
}
