//! Kinds of VASP's outputs beside those of `cases/`: other orders, other programs in VASP, constraints, several runs.

use std::fmt::Write;

use mtprs::structure_files::{Format, ReadSettings};

use crate::{Outcome, outcome, replaced, replaced_once};

fn read_as(text: &str, format: Format) -> Outcome {
    outcome(text, format, &ReadSettings::default())
}

fn read(text: &str) -> Outcome {
    read_as(text, Format::OUTCAR)
}

/// A header of MgO2 with some lines of settings.
fn header(settings: &str) -> String {
    format!(
        " vasp.5.4.4.18Apr17 (build Sep 11 2017 17:27:03) complex\n POTCAR:    PAW_PBE Mg 13Apr2007\n POTCAR:    PAW_PBE O 08Apr2002\n\
         POTCAR:    PAW_PBE Mg 13Apr2007\n   TITEL  = PAW_PBE Mg 13Apr2007\n POTCAR:    PAW_PBE O 08Apr2002\n   TITEL  = PAW_PBE O 08Apr2002\n   \
         number of dos      NEDOS =    301   number of ions     NIONS =      3\n   ions per type =               1   2\n   \
         NELM   =      4;   NELMIN=  2; NELMDL= -5     # of ELM steps\n   EDIFF  = 0.1E-03   stopping-criterion for ELM\n{settings}\n"
    )
}

const END: &str = "------------------------ aborting loop because EDIFF is reached ----------------------------------------\n";

fn iterations(step: usize, count: usize, change: &str) -> String {
    let mut text = String::new();
    for electronic in 1..=count {
        writeln!(text, "--------------------------------------- Iteration {step:6}({electronic:4})  -----")
            .unwrap();
        writeln!(
            text,
            " total energy-change (2. order) :{change}  ({change})\n  free energy    TOTEN  =  -1.0 eV"
        )
        .unwrap();
    }
    text + END
}

const STRESS: &str = "  FORCE on cell =-STRESS in cart. coord.  units (eV):\n  in kB       5.00000     5.00000     5.00000     0.00000     0.00000     0.00000\n";
const CELL: &str = "      direct lattice vectors                 reciprocal lattice vectors\n     4.300000000  0.000000000  0.000000000     0.232558140  0.000000000  0.000000000\n\
     0.000000000  4.300000000  0.000000000     0.000000000  0.232558140  0.000000000\n     0.000000000  0.000000000  8.600000000     0.000000000  0.000000000  0.116279070\n";

fn table(rows: &[&str]) -> String {
    let dashes = " -----------------------------------------------------------------------------------\n";
    let rows: String = rows.iter().map(|row| format!("{row}\n")).collect();
    format!(
        " POSITION                                       TOTAL-FORCE (eV/Angst)\n{dashes}{rows}{dashes}    total drift:      0.0 0.0 0.0\n\n"
    )
}

const ROWS: [&str; 3] = [
    "      0.00000      0.00000      0.00000         0.100000      0.000000      0.000000",
    "      2.15000      0.00000      0.00000         0.000000      0.200000      0.000000",
    "      0.00000      2.15000      0.10000        -0.100000     -0.200000      0.000000",
];

fn energy(free: f64) -> String {
    format!(
        "  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)\n  free  energy   TOTEN  = {free:18.8} eV\n\n  energy  without entropy= {free:18.8}  energy(sigma->0) = {free:18.8}\n"
    )
}

/// A step as VASP from 5.2 on prints it.
fn step(number: usize, free: f64) -> String {
    iterations(number, 2, "-0.5E-04") + STRESS + CELL + &table(&ROWS) + &energy(free)
}

/// A step as VASP up to 5.2 prints it.
fn old_step(number: usize, free: f64) -> String {
    iterations(number, 2, "-0.5E-04") + &energy(free) + STRESS + CELL + &table(&ROWS)
}

#[test]
fn runs_of_either_order_give_each_step_its_own_energy() {
    let old = (1..=3).map(|number| old_step(number, -10.0 - number as f64)).collect::<String>();
    let outcome = read(&(header("") + &old));
    assert_eq!((outcome.energies(), outcome.left_out.len()), (vec![-11.0, -12.0, -13.0], 0));
    // the table of step 2 was not printed: its energy must not go to that of step 3
    let without = replaced(&old_step(2, -12.0), &table(&ROWS), "");
    let outcome = read(&(header("") + &old_step(1, -11.0) + &without + &old_step(3, -13.0)));
    assert_eq!(outcome.energies(), [-11.0, -13.0]);
    assert!(outcome.told()[0].starts_with("2: it has no positions and forces"), "{:?}", outcome.left_out);
    let without = replaced(&step(2, -12.0), &table(&ROWS), "");
    let outcome = read(&(header("") + &step(1, -11.0) + &without + &step(3, -13.0)));
    assert_eq!((outcome.energies(), outcome.left_out.len()), (vec![-11.0, -13.0], 1));
}

#[test]
fn a_step_that_was_cut_lends_nothing_to_the_next() {
    let cut = [
        iterations(2, 1, "-0.5E-04"),
        iterations(2, 2, "-0.5E-04") + STRESS,
        iterations(2, 2, "-0.5E-04") + STRESS + CELL + &table(&ROWS),
        iterations(2, 2, "-0.5E-04") + &energy(-99.0),
    ];
    let other = replaced(&replaced(&header(""), "Mg", "Al"), "1   2", "2   1");
    for cut in cut {
        let outcome = read(&(header("") + &step(1, -11.0) + &cut + &other + &step(1, -21.0)));
        assert_eq!(outcome.energies(), [-11.0, -21.0], "{cut}");
        assert_eq!(outcome.left_out.len(), 1, "{cut}");
        let last = &outcome.structures[1];
        assert_eq!((last.element(1), last.element(2)), (Some("Al"), Some("O")));
    }
}

#[test]
fn loops_are_judged_by_their_length_and_last_change() {
    let run = |count: usize, change: &str| {
        let step = replaced(&step(1, -11.0), &iterations(1, 2, "-0.5E-04"), &iterations(1, count, change));
        read(&(header("") + &step)).structures.len()
    };
    assert_eq!(run(3, "-0.5E-04"), 1);
    assert_eq!(run(4, "-0.5E-04"), 1);
    assert_eq!(run(4, "-0.5E-01"), 0);
    assert_eq!(run(4, "*************"), 0);
    assert_eq!(run(3, "-0.5E-01"), 0);
    let stopped = replaced(&step(1, -11.0), "because EDIFF is reached", "because hard stop was set");
    assert_eq!(read(&(header("") + &stopped)).structures.len(), 0);
    let silent = replaced(&step(1, -11.0), END, "");
    assert_eq!(read(&(header("") + &silent)).structures.len(), 1);
}

#[test]
fn responses_after_the_last_step_are_no_steps() {
    let response = " Linear response to external field (no local field effect)\n".to_owned()
        + &iterations(1, 3, "-0.5E-04");
    let timing = "\n General timing and accounting informations for this job:\n";
    let outcome = read(&(header("") + &step(1, -11.0) + &response + timing));
    assert_eq!((outcome.energies(), outcome.left_out.len()), (vec![-11.0], 0));
    let outcome = read(&(header("") + &step(1, -11.0) + &iterations(2, 2, "-0.5E-04")));
    assert_eq!(outcome.told(), ["2: it is incomplete: the file ends within this step"]);
}

#[test]
fn counts_may_touch_and_the_last_of_many_types_follows_from_the_number_of_ions() {
    let titles = |names: &[&str]| {
        let lines = names.iter().map(|name| format!("   TITEL  = PAW_PBE {name} 08Apr2002\n"));
        lines.collect::<String>()
    };
    let run = |names: &[&str], ions: usize, counts: &str| {
        let head = " vasp.5.4.4.18Apr17 (build) complex\n".to_owned() + &titles(names);
        let counts = format!(
            "   number of dos      NEDOS =    301   number of ions     NIONS =  {ions}\n   ions per type =            {counts}\n"
        );
        let rows = vec![ROWS[1]; ions];
        let text =
            head + &counts + &iterations(1, 2, "-0.5E-04") + STRESS + CELL + &table(&rows) + &energy(-1.0);
        let outcome = read(&text);
        let names = outcome.structures.first().map(|structure| {
            let last = structure.configuration.len() - 1;
            let of = |atom: usize| structure.element(atom).unwrap_or("?").to_owned();
            format!("{} {}", of(0), of(last))
        });
        names.unwrap_or_else(|| outcome.told().join("; "))
    };
    assert_eq!(run(&["Mg", "O"], 2002, "10011001"), "Mg O");
    let eleven = ["Mg", "V", "O", "Ti", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn"];
    assert_eq!(run(&eleven, 13, "   1   1   1   1   1   1   1   1   1   1"), "Mg Zn");
    assert!(
        run(&["Mg", "O"], 4, "   1   2")
            .starts_with("1: ions per type has 2 counts with 3 atoms in all, but NIONS is 4")
    );
    assert!(run(&["Mg", "O", "V"], 3, "   1   2").starts_with("1: 3 lines TITEL do not go with 2 counts"));
}

#[test]
fn tables_must_have_a_row_for_each_atom() {
    let lost = replaced_once(&step(2, -12.0), &format!("{}\n", ROWS[1]), "");
    let more = replaced_once(&step(2, -12.0), ROWS[1], &format!("{}\n{}", ROWS[1], ROWS[1]));
    let glued =
        replaced_once(&step(2, -12.0), "0.000000      0.200000", "473254.270891  -6163.613158-493186.317939");
    for (bad, reason) in [
        (lost, "2: expected 3 rows of positions and forces (ions per type), got 2"),
        (more, "2: expected 3 rows of positions and forces (ions per type), got 4"),
        (glued, "2: expected 6 numbers for positions and forces, got another one, 0.000000"),
    ] {
        let outcome = read(&(header("") + &step(1, -11.0) + &bad + &step(3, -13.0)));
        assert_eq!(outcome.energies(), [-11.0, -13.0]);
        assert_eq!(outcome.told(), [reason]);
    }
    let touching = replaced_once(
        &step(1, -11.0),
        "0.000000      0.200000      0.000000",
        "473254.270891  -6163.613158-493186.317939",
    );
    let outcome = read(&(header("") + &touching));
    let forces = outcome.structures[0].configuration.forces.clone().unwrap();
    assert_eq!(forces[1], [473_254.270_891, -6_163.613_158, -493_186.317_939]);
}

#[test]
fn stars_anywhere_in_a_step_leave_it_out_alone() {
    for (from, to) in [
        ("5.00000     5.00000     5.00000", "5.00000************     5.00000"),
        ("     4.300000000  0.000000000", "   *************  0.000000000"),
        ("free  energy   TOTEN  =       -12.00000000", "free  energy   TOTEN  =     **************"),
        ("2.15000      0.00000      0.00000         0.0", "*******      0.00000      0.00000         0.0"),
    ] {
        let bad = replaced_once(&step(2, -12.0), from, to);
        let outcome = read(&(header("") + &step(1, -11.0) + &bad + &step(3, -13.0)));
        assert_eq!(outcome.energies(), [-11.0, -13.0], "{to}");
        assert_eq!(outcome.left_out.len(), 1, "{to}");
        assert!(outcome.told()[0].starts_with("2: expected a number for "), "{:?}", outcome.left_out);
    }
    // in the electronic loop they do not matter
    let early =
        replaced_once(&step(2, -12.0), "free energy    TOTEN  =  -1.0", "free energy    TOTEN  =  ******");
    assert_eq!(read(&(header("") + &early)).energies(), [-12.0]);
}

#[test]
fn settings_that_make_other_numbers_of_labels_are_told() {
    let notes = |settings: &str, after: &str| {
        read(&(header(settings) + &step(1, -11.0) + after + &step(2, -12.0))).notes
    };
    assert_eq!(notes("   ISIF   =      2    stress and relaxation", ""), [""; 0]);
    let neb =
        notes("   IMAGES =      3", " NEB: projections on to tangent (spring, REAL)   0.000000  -0.1\n");
    assert!(neb[0].starts_with("the forces are those of a VTST method"), "{neb:?}");
    assert_eq!(notes("   IMAGES =      3", " CHAIN + TOTAL  (eV/Angst)\n"), [""; 0]);
    assert!(
        notes("   ICHARG =     11    charge: 1-file 2-atom 10-const", "")[0]
            .starts_with("ICHARG is 10 or more")
    );
    assert!(notes("   SCALEE = 0.5000    scale energy and forces", "")[0].starts_with("SCALEE is not 1"));
    let held = replaced(&step(1, -11.0), ROWS[0], &ROWS[0].replace("0.100000", "0.000000"));
    let outcome = read(&(header("") + &held + &held));
    assert!(
        outcome.notes[0].starts_with("the forces on 1 of 3 atoms are zero in every step"),
        "{:?}",
        outcome.notes
    );
    let none = read(&(header("   ISIF   =      0    stress and relaxation") + &step(1, -11.0)));
    assert_eq!(none.structures[0].configuration.virial, None);
}

#[test]
fn names_come_from_titles_and_lists_that_agree() {
    let text = header("") + &step(1, -11.0);
    assert_eq!(read(&text).elements(), ["Mg O O"]);
    let without_titles = replaced(&text, "TITEL", "TITLE");
    assert_eq!(read(&without_titles).elements(), ["Mg O O"]);
    let once = " vasp.6.3.0 20Jul23 (build) complex\n POTCAR:    PAW_PBE O 08Apr2002\n POTCAR:    PAW_PBE Mg_pv 13Apr2007\n".to_owned()
        + &text[text.find("   number of dos").unwrap()..];
    assert_eq!(read(&once).elements(), ["O Mg Mg"]);
    let contradiction = replaced(&text, "TITEL  = PAW_PBE Mg 13Apr2007", "TITEL  = PAW_PBE Al 13Apr2007");
    let reason = "1: type 1 is Al by TITEL  = PAW_PBE Al 13Apr2007, but Mg by POTCAR: PAW_PBE Mg 13Apr2007";
    assert_eq!(read(&contradiction).told(), [reason]);
}

fn vasprun() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/structure_files/vasprun.xml");
    std::fs::read_to_string(path).unwrap()
}

/// The array of types of vasprun.xml.
fn types(rows: [&str; 2]) -> String {
    let fields = ["atomspertype", "element", "mass", "valence", "pseudopotential"];
    let fields: String = fields.iter().map(|name| format!("<field>{name}</field>")).collect();
    let rows = rows.map(|row| {
        let cells: String = row.split('|').map(|cell| format!("<c> {cell} </c>")).collect();
        format!("<rc>{cells}</rc>")
    });
    format!("<array name=\"atomtypes\" >{fields}<set>{}{}</set></array>\n </atominfo>", rows[0], rows[1])
}

#[test]
fn titles_and_masses_of_vasprun_name_what_the_symbols_do_not() {
    let run = |symbol: &str, rows: [&str; 2]| {
        let text = replaced(&vasprun(), "<c>Mg</c>", &format!("<c>{symbol}</c>"));
        let text = replaced(&text, " </atominfo>", &types(rows));
        let outcome = read_as(&text, Format::VASPRUN);
        if outcome.structures.is_empty() { outcome.told()[0].clone() } else { outcome.elements()[0].clone() }
    };
    let oxygen = "1|O |15.9994|6.0|PAW_PBE O 08Apr2002";
    assert_eq!(run("Mg", ["2|Mg|24.305|8.0|PAW_PBE Mg_pv 13Apr2007", oxygen]), "Mg Mg O");
    assert_eq!(run("r ", ["2|r |91.224|12.0|PAW_PBE Zr_sv 04Jan2005", oxygen]), "Zr Zr O");
    assert_eq!(run("r ", ["2|r |91.224|12.0|", oxygen]), "Zr Zr O");
    assert_eq!(run("X ", ["2|X |131.294|8.0|PAW_PBE Xe 07Sep2000", oxygen]), "Xe Xe O");
    assert_eq!(run("X ", ["2|X |0.0|8.0|", oxygen]), "Xe Xe O");
    // isotopes have a mass of their own
    assert_eq!(run("Mg", ["2|Mg|26.0|8.0|PAW_PBE Mg_pv 13Apr2007", oxygen]), "Mg Mg O");
    let contradiction = run("Mg", ["2|Mg|24.305|8.0|PAW_PBE V_pv 07Sep2000", oxygen]);
    assert_eq!(
        contradiction,
        "1: type 1 is V by the pseudopotential PAW_PBE V_pv 07Sep2000, but Mg by its symbol"
    );
    let contradiction = run("r ", ["2|r |15.999|12.0|", oxygen]);
    assert_eq!(contradiction, "1: type 1 is Zr by its symbol r, but O by its mass 15.999");
    assert_eq!(run("q ", ["2|q |0.0|8.0|", oxygen]), "? ? ?");
}

#[test]
fn vasprun_of_several_runs_and_of_held_atoms_is_read_step_by_step() {
    let whole = vasprun();
    let cut = whole.find("<varray name=\"forces\"").unwrap();
    let outcome = read_as(&(whole[..cut].to_owned() + &whole), Format::VASPRUN);
    assert_eq!(outcome.energies(), [-21.5, -23.5]);
    assert_eq!(outcome.told()[0], "1: it is incomplete: the run ended within this step");
    let selective = "<varray type=\"logical\" name=\"selective\" ><v type=\"logical\"> F F F </v><v type=\"logical\"> T T T </v><v type=\"logical\"> T T T </v></varray>\n <structure name=\"initialpos\" >";
    let text = replaced(&whole, " <structure name=\"initialpos\" >", selective);
    assert_eq!(read_as(&text, Format::VASPRUN).notes, [""; 0]);
    let row = "      0.25000000      -0.00000000       0.06250000 ";
    let bare = replaced_once(&text, row, "      0.00000000       0.00000000       0.00000000 ");
    let note = "selective dynamics holds 1 atoms, and the forces on 1 of them are zero: these are not the bare forces";
    assert_eq!(read_as(&bare, Format::VASPRUN).notes, [note]);
    let isif =
        replaced(&whole, "<i name=\"EDIFF\">", "<i type=\"int\" name=\"ISIF\">     1</i><i name=\"EDIFF\">");
    let outcome = read_as(&isif, Format::VASPRUN);
    assert!(
        outcome.notes[0].starts_with("ISIF = 1: ") && outcome.structures[0].configuration.virial.is_none()
    );
    let image = replaced(
        &whole,
        "<i name=\"EDIFF\">",
        "<i type=\"int\" name=\"IMAGES\">     5</i><i name=\"EDIFF\">",
    );
    assert!(read_as(&image, Format::VASPRUN).notes[0].starts_with("the run is an image of a chain"));
}
