//! `mtprs analyze rdf`: the same figures from every format, on any number of threads and for any choice of frames; table, JSON and
//! page; and what is refused.

use std::fmt::Write;
use std::fs;

use mtprs_testing::random::Numbers;
use serde_json::Value;

use crate::fixture::{Bench, count_of_class, figure, parse_page};

/// Lengths of the box and positions (fractional) of some frames, each a little different.
struct Run {
    lengths: Vec<f64>,
    places: Vec<Vec<[f64; 3]>>,
}

/// Rock salt of 64 atoms that trembles in a box that breathes.
fn salt(frames: usize) -> Run {
    let mut numbers = Numbers(7);
    let mut run = Run { lengths: Vec::new(), places: Vec::new() };
    for _ in 0..frames {
        run.lengths.push(11.28 + 0.05 * numbers.next());
        let mut near = |place: usize| (place as f64 + 0.06 * numbers.next()) / 4.0;
        run.places.push((0..64).map(|k| [near(k % 4), near(k / 4 % 4), near(k / 16)]).collect());
    }
    run
}

fn is_chlorine(atom: usize) -> bool {
    (atom % 4 + atom / 4 % 4 + atom / 16) % 2 == 1
}

impl Run {
    fn frames(&self) -> impl Iterator<Item = (f64, &Vec<[f64; 3]>)> {
        self.lengths.iter().copied().zip(&self.places)
    }

    /// A dump with types, which names no elements unless that is asked for.
    fn dump(&self, is_named: bool) -> String {
        let mut text = String::new();
        for (step, (length, places)) in self.frames().enumerate() {
            let element = if is_named { " element" } else { "" };
            write!(
                text,
                "ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n64\nITEM: BOX BOUNDS pp pp pp\n0 {length}\n0 {length}\n0 \
                 {length}\nITEM: ATOMS id type{element} xs ys zs vx vy vz\n"
            )
            .unwrap();
            for (atom, [x, y, z]) in places.iter().enumerate() {
                let (number, name) = if is_chlorine(atom) { (2, " Cl") } else { (1, " Na") };
                let name = if is_named { name } else { "" };
                writeln!(text, "{} {number}{name} {x:.9} {y:.9} {z:.9} 0 0 0", atom + 1).unwrap();
            }
        }
        text
    }

    fn extended_xyz(&self) -> String {
        let mut text = String::new();
        for (length, places) in self.frames() {
            writeln!(
                text,
                "64\nLattice=\"{length} 0 0 0 {length} 0 0 0 {length}\" Properties=species:S:1:pos:R:3"
            )
            .unwrap();
            for (atom, place) in places.iter().enumerate() {
                let [x, y, z] = place.map(|s| s * length);
                let name = if is_chlorine(atom) { "Cl" } else { "Na" };
                writeln!(text, "{name} {x:.9} {y:.9} {z:.9}").unwrap();
            }
        }
        text
    }

    fn xdatcar(&self) -> String {
        let mut text = String::new();
        for (number, (length, places)) in self.frames().enumerate() {
            writeln!(text, "salt\n1.0\n{length} 0 0\n0 {length} 0\n0 0 {length}\nNa Cl\n32 32").unwrap();
            writeln!(text, "Direct configuration= {:5}", number + 1).unwrap();
            for wanted in [false, true] {
                for (_, [x, y, z]) in
                    places.iter().enumerate().filter(|(atom, _)| is_chlorine(*atom) == wanted)
                {
                    writeln!(text, "{x:.9} {y:.9} {z:.9}").unwrap();
                }
            }
        }
        text
    }
}

fn bench(name: &str) -> Bench {
    let (bench, run) = (Bench::new(name), salt(40));
    for (file, text) in [
        ("named.dump", run.dump(true)),
        ("types.dump", run.dump(false)),
        ("salt.xyz", run.extended_xyz()),
        ("XDATCAR", run.xdatcar()),
    ] {
        fs::write(bench.path(file), text).unwrap();
    }
    bench
}

fn json(bench: &Bench, arguments: &str) -> Value {
    serde_json::from_str(&bench.succeed(&format!("analyze rdf {arguments} --json - -q"))).unwrap()
}

/// The curves of all pairs of the first trajectory.
fn curves(report: &Value) -> Vec<(String, Vec<f64>)> {
    let pairs = report["trajectories"][0]["pairs"].as_array().unwrap();
    let of = |pair: &Value, curve: &str| -> Vec<f64> {
        let values = pair[curve]["value"].as_array().unwrap();
        values.iter().map(|value| value.as_f64().unwrap()).collect()
    };
    let name =
        |pair: &Value| format!("{}-{}", pair["center"].as_str().unwrap(), pair["neighbor"].as_str().unwrap());
    pairs.iter().flat_map(|pair| [(name(pair), of(pair, "g")), (name(pair), of(pair, "n"))]).collect()
}

#[test]
fn every_format_gives_the_same_figures() {
    let bench = bench("analyze");
    bench.succeed("convert named.dump salt.cfg --species Na,Cl -q");
    bench.write_compressed("salt.xyz.gz", bench.text("salt.xyz").as_bytes());
    let expected = curves(&json(&bench, "named.dump --cutoff 7 --bins 50"));
    assert_eq!(expected.len(), 6);
    for input in [
        "types.dump --species Na,Cl",
        "salt.xyz",
        "salt.xyz.gz",
        "XDATCAR",
        "salt.cfg",
        "named.dump -j 1",
        "named.dump -j 3",
    ] {
        for ((pair, expected), (other, found)) in
            expected.iter().zip(curves(&json(&bench, &format!("{input} --cutoff 7 --bins 50"))))
        {
            assert_eq!(*pair, other, "{input}");
            for (expected, found) in expected.iter().zip(found) {
                // A distance at the edge of an interval may fall on its other side.
                assert!(
                    (expected - found).abs() <= 0.02 * expected.abs(),
                    "{input}, {pair}: {expected} {found}"
                );
            }
        }
    }
    let numbered = curves(&json(&bench, "types.dump --cutoff 7 --bins 50"));
    assert_eq!((numbered[0].0.as_str(), &numbered[0].1), ("0-0", &expected[0].1));
}

#[test]
fn frames_are_chosen_and_parts_are_joined() {
    let bench = bench("analyze-frames");
    let all = salt(40);
    let part = |frames: &[usize]| {
        let run = Run {
            lengths: frames.iter().map(|&k| all.lengths[k]).collect(),
            places: frames.iter().map(|&k| all.places[k].clone()).collect(),
        };
        run.dump(true)
    };
    fs::write(bench.path("chosen.dump"), part(&[10, 13, 16, 19])).unwrap();
    fs::write(bench.path("first.dump"), part(&(0..15).collect::<Vec<_>>())).unwrap();
    fs::write(bench.path("rest.dump"), part(&(15..40).collect::<Vec<_>>())).unwrap();
    let chosen = json(&bench, "chosen.dump");
    let notes = chosen["trajectories"][0]["notes"].to_string();
    assert!(notes.contains("fewer than 16 frames are too few to detect correlation"), "{notes}");
    for input in ["named.dump", "first.dump rest.dump --labels all,all"] {
        let found = json(&bench, &format!("{input} --skip 10 --every 3 --limit 4"));
        assert_eq!(figure(&found, "/trajectories/0/frames"), 4.0, "{input}");
        assert_eq!(curves(&found), curves(&chosen), "{input}");
    }
    let whole = bench.text("named.dump");
    let frames: Vec<String> =
        whole.split("ITEM: TIMESTEP\n").skip(1).map(|frame| format!("ITEM: TIMESTEP\n{frame}")).collect();
    fs::write(bench.path("begun.dump"), frames[..15].concat()).unwrap();
    fs::write(bench.path("continued.dump"), frames[14..].concat()).unwrap();
    let parts = "begun.dump continued.dump --labels all,all";
    for choice in ["", " --skip 12 --every 3"] {
        let (found, expected) =
            (json(&bench, &format!("{parts}{choice}")), json(&bench, &format!("named.dump{choice}")));
        assert_eq!(curves(&found), curves(&expected), "{choice}");
    }
    let (_, _, said) = bench.run(&format!("analyze rdf {parts}"));
    assert!(
        said.contains("a file starts with the last frame of the previous one, which is counted once"),
        "{said}"
    );
    let apart = json(&bench, "first.dump rest.dump --labels a,b");
    assert_eq!(apart["trajectories"].as_array().unwrap().len(), 2);
    assert_eq!(figure(&apart, "/trajectories/1/frames"), 25.0);
}

#[test]
fn table_json_and_page_say_the_same() {
    let bench = bench("analyze-outputs");
    let options = "XDATCAR salt.xyz --labels AIMD,MTP --bins 100 --pairs Na-Cl,Cl-Cl --within 3.4";
    let text =
        bench.succeed(&format!("analyze rdf {options} --table rdf.txt --json rdf.json --report rdf.html -q"));
    let report = bench.json("rdf.json");
    let shell = &report["trajectories"][1]["pairs"][0];
    let neighbors = figure(shell, "/within/0/coordination_number/value");
    assert!((neighbors - 6.0).abs() < 1e-9, "{neighbors}");
    assert!((figure(shell, "/peak_position/value") - 2.82).abs() < 0.1, "{shell}");
    assert!(figure(shell, "/peak_height/margin_95") > 0.0);
    assert!(text.contains("  Na-Cl  AIMD ") && text.contains("  Na-Cl  MTP "), "{text}");
    let table = bench.text("rdf.txt");
    let rows: Vec<Vec<f64>> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(' ').map(|word| word.parse().unwrap()).collect())
        .collect();
    assert_eq!(
        (rows.len(), rows[0].as_slice(), rows[101].as_slice()),
        (202, &[1.0, 100.0][..], &[2.0, 100.0][..])
    );
    for (place, row) in rows[102..].iter().enumerate() {
        assert_eq!(row.len(), 10, "row, r, g and n of two pairs, and their errors");
        for (column, path) in
            [(1, format!("/r/{place}")), (2, format!("/trajectories/1/pairs/0/g/value/{place}"))]
        {
            let value = figure(&report, &path);
            assert!((row[column] - value).abs() <= 1e-5 * value.abs(), "{path}: {} {value}", row[column]);
        }
        let error = figure(&report, &format!("/trajectories/1/pairs/1/n/standard_error/{place}"));
        assert!((row[9] - error).abs() <= 1e-5 * error.abs());
    }
    let page = bench.text("rdf.html");
    let page = parse_page(&page);
    assert_eq!(count_of_class(&page, "plot"), 4, "g(r) and neighbors of two pairs");
    assert_eq!(count_of_class(&page, "band"), 8, "two trajectories in each");
}

#[test]
fn what_is_said_and_what_is_refused() {
    let bench = bench("analyze-refused");
    let atoms = "Na 0 0 0\nCl 0 0 2.5\n";
    let frame = |pbc: &str| {
        format!("2\nLattice=\"9 0 0 0 9 0 0 0 9\" pbc=\"{pbc}\" Properties=species:S:1:pos:R:3\n{atoms}")
    };
    fs::write(bench.path("slab.xyz"), frame("T T F")).unwrap();
    fs::write(bench.path("molecule.xyz"), format!("2\n\n{atoms}")).unwrap();
    fs::write(bench.path("later.xyz"), frame("T T T") + &frame("T F F")).unwrap();
    fs::write(bench.path("one.xyz"), frame("T T T")).unwrap();
    fs::write(bench.path("empty.cfg"), "").unwrap();
    let thirteen = ["H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al"];
    let many: String = thirteen.iter().enumerate().map(|(k, name)| format!("{name} {k} 0 0\n")).collect();
    fs::write(
        bench.path("many.xyz"),
        format!("13\nLattice=\"20 0 0 0 20 0 0 0 20\" Properties=species:S:1:pos:R:3\n{many}"),
    )
    .unwrap();
    bench.play("analyze");
}
