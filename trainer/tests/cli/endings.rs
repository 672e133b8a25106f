//! Names that stand for something: names of files for what is not written are refused before anything is read, and two
//! names for one type of a `.cfg` with their place.

use std::fs;

use crate::files::COMMANDS;
use crate::fixture::{Bench, configurations};

/// Beginnings of the commands that write `.cfg` and no other format.
const WRITE_CFG: [&str; 9] =
    ["evaluate", "calc-efs", "split", "merge", "filter", "subsample", "grade", "calc-grade", "select"];

/// All commands with a place for the name of an output, and whether that is a `.cfg`. No input is there.
fn commands() -> impl Iterator<Item = (&'static str, bool)> {
    COMMANDS.into_iter().map(|(command, _)| {
        let name = command.split(' ').next().unwrap().trim_end_matches("-add");
        (command, WRITE_CFG.contains(&name) && !command.contains("--als-filename OUT"))
    })
}

#[test]
fn no_cfg_is_written_under_the_name_of_another_format() {
    let bench = Bench::new("endings_formats");
    let before = bench.files();
    // the formats are those that docs/src/formats.md gives for these names
    for (name, format, is_written) in [
        ("o.xyz", "extended XYZ", true),
        ("o.extxyz", "extended XYZ", true),
        ("POSCAR", "POSCAR", true),
        ("Mg.vasp", "POSCAR", true),
        ("o.data", "LAMMPS data", true),
        ("o.lammpstrj", "LAMMPS dump", false),
        ("OUTCAR", "OUTCAR", false),
        ("vasprun.xml", "vasprun.xml", false),
        ("XDATCAR", "XDATCAR", false),
    ] {
        for (command, _) in commands().filter(|(_, is_cfg)| *is_cfg) {
            let arguments = command.replace("OUT", name);
            let message = bench.fail(2, &arguments);
            let said = format!("error: {name}: the name is that of {format}, but ");
            assert!(message.starts_with(&said), "mtprs {arguments}: {message}");
            let hint = if is_written {
                format!("hint: write a .cfg file, then convert it: mtprs convert FILE.cfg {name}\n")
            } else {
                "hint: give it another name, like FILE.cfg\n".to_owned()
            };
            assert!(message.contains(&hint), "mtprs {arguments}: {message}");
        }
    }
    assert_eq!(bench.files(), before);
}

#[test]
fn nothing_is_written_under_the_name_of_a_compressed_file() {
    let bench = Bench::new("endings_compressed");
    let before = bench.files();
    for (command, _) in commands() {
        for (name, plain) in [("o.cfg.gz", "o.cfg"), ("o.mtp.zst", "o.mtp"), ("POSCAR.GZ", "POSCAR")] {
            let arguments = command.replace("OUT", name);
            let expected = format!(
                "error: {name}: compressed files can be read, but not written\n  hint: write {plain}, then compress it\n"
            );
            bench.refuse(2, &arguments, &expected);
        }
    }
    assert_eq!(bench.files(), before);
}

#[test]
fn names_without_a_meaning_and_devices_stay() {
    let bench = Bench::new("endings_free");
    bench.write_configurations("in.cfg", &configurations(4));
    for name in ["out", "out.txt", "out.cfg", "frames.cfg.old", "POSCAR.cfg", "/dev/null"] {
        bench.succeed(&format!("merge in.cfg {name} -q"));
        if name != "/dev/null" {
            assert_eq!(bench.read_configurations(name).len(), 4, "{name}");
        }
    }
    assert_eq!(bench.succeed("merge in.cfg /dev/stdout -q"), bench.text("out"));
    // a format that is asked for is written under any name
    bench.succeed("convert in.cfg POSCAR --output-format cfg");
    assert_eq!(bench.read_configurations("POSCAR").len(), 4);
}

/// Two atoms, with names of their types twice.
fn named_twice(first: &str, second: &str) -> String {
    format!(
        "BEGIN_CFG\n Size\n 2\n Supercell\n 9 0 0\n 0 9 0\n 0 0 9\n AtomData: id type cartes_x cartes_y cartes_z\n \
         1 0 1 1 1\n 2 1 3 3 3\n Feature elements {first}\n Feature elements {second}\nEND_CFG\n\n"
    )
}

#[test]
fn two_orders_of_elements_in_one_configuration_are_refused() {
    let bench = Bench::new("endings_twice");
    let same = named_twice("Mg O", "Mg O");
    // fourteen lines with the blank one: the second configuration begins on line 15
    assert_eq!(same.lines().count(), 14);
    fs::write(bench.path("twice.cfg"), [same.clone(), named_twice("Mg O", "O Mg")].concat()).unwrap();
    for command in
        ["convert twice.cfg out.cfg", "merge twice.cfg out.cfg", "evaluate pot.mtp twice.cfg out.cfg"]
    {
        let message = bench.fail(1, &format!("{command} -q"));
        assert!(message.contains("twice.cfg:15: "), "mtprs {command}: {message}");
        let expected = "expected one feature elements, got two: Mg O and O Mg\n  hint: keep the one that";
        assert!(message.contains(expected), "mtprs {command}: {message}");
        assert!(!bench.path("out.cfg").exists());
    }
    // the same twice is once, also where the types are numbered in another order
    fs::write(bench.path("same.cfg"), same).unwrap();
    bench.succeed("merge same.cfg out.cfg --species O,Mg -q");
    let merged = bench.read_configurations("out.cfg").remove(0);
    assert_eq!(merged.species, [1, 0]);
    let names: Vec<&(String, String)> = merged.features.iter().filter(|(key, _)| key == "elements").collect();
    assert_eq!(names, [&("elements".to_owned(), "O Mg".to_owned())]);
}

#[test]
fn foreign_names_of_elements_do_not_come_into_a_cfg() {
    let bench = Bench::new("endings_foreign");
    let text = "3\nLattice=\"4.2 0 0 0 4.2 0 0 0 4.2\" Properties=species:S:1:pos:R:3 energy=-1 elements=\"O Mg\"\n\
                Mg 0 0 0\nO 2.1 0.1 0\nO 0 2.1 0\n";
    fs::write(bench.path("e1.xyz"), text).unwrap();
    for command in ["convert e1.xyz e1.cfg --force", "merge e1.xyz e1.cfg --force"] {
        let warning = "warning: e1.xyz: elements is not read, the rows name the elements";
        bench.tell(&format!("{command} --species Mg,O"), &[warning]);
        let read = bench.read_configurations("e1.cfg").remove(0);
        // one Mg and two O, by the rows
        assert_eq!(read.species, [0, 1, 1]);
        let named =
            read.features.iter().filter(|(key, _)| key == "elements").map(|(_, names)| names.as_str());
        assert_eq!(named.collect::<Vec<_>>(), ["Mg O"]);
    }
}
