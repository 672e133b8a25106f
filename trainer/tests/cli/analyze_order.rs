//! `mtprs analyze order` and `mtprs analyze melt`: figures of structures that are known, from tables, JSON and page; and what is
//! said and refused.

use std::fmt::Write;
use std::fs;

use mtprs_testing::random::Numbers;

use crate::fixture::{Bench, count_of_class, figure, parse_page};

/// Extended XYZ of rock salt of 2 × 2 × 3 cells, in which each atom is moved, and named by its place.
fn salt(moved: &mut dyn FnMut(usize) -> [f64; 3], name: &dyn Fn(usize) -> Option<&'static str>) -> String {
    let atoms: Vec<usize> = (0..96).filter(|atom| name(*atom).is_some()).collect();
    let mut text = format!(
        "{}\nLattice=\"11.28 0 0 0 11.28 0 0 0 16.92\" pbc=\"T T T\" Properties=species:S:1:pos:R:3\n",
        atoms.len()
    );
    for atom in atoms {
        let d = moved(atom);
        let [x, y, z] = site(atom).map(|place| 2.82 * place as f64);
        let name = name(atom).unwrap_or_default();
        writeln!(text, "{name} {:.6} {:.6} {:.6}", x + d[0], y + d[1], z + d[2]).unwrap();
    }
    text
}

fn site(atom: usize) -> [usize; 3] {
    [atom % 4, atom / 4 % 4, atom / 16]
}

fn element(atom: usize) -> Option<&'static str> {
    Some(if site(atom).iter().sum::<usize>() % 2 == 0 { "Na" } else { "Cl" })
}

fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    let mut numbers = Numbers(5);
    let mut tremble = |_| [0; 3].map(|_| 0.25 * numbers.next());
    let still = salt(&mut |_| [0.0; 3], &element);
    fs::write(bench.path("perfect.xyz"), &still).unwrap();
    let trembling: String = (0..12).map(|_| salt(&mut tremble, &element)).collect();
    fs::write(bench.path("hot.xyz"), &trembling).unwrap();
    let mut numbers = Numbers(6);
    let mut anywhere = |_| [0; 3].map(|_| 40.0 * numbers.next());
    fs::write(bench.path("gas.xyz"), salt(&mut anywhere, &element)).unwrap();
    let mut walked = vec![[0.0; 3]; 96];
    let mut numbers = Numbers(7);
    let mut walk = |atom: usize| {
        walked[atom].iter_mut().for_each(|x| *x += 0.9 * numbers.next());
        walked[atom]
    };
    let melt: String = (0..40).map(|_| salt(&mut walk, &element)).collect();
    fs::write(bench.path("melt.xyz"), still.clone() + &melt).unwrap();
    let lacking = |atom: usize| element(atom).filter(|_| atom != 3);
    fs::write(bench.path("lacking.xyz"), still + &salt(&mut |_| [0.0; 3], &lacking)).unwrap();
    let potassium = |atom: usize| element(atom).map(|name| if name == "Na" { "K" } else { name });
    fs::write(bench.path("potassium.xyz"), salt(&mut |_| [0.0; 3], &potassium)).unwrap();
    let slab = "2\nLattice=\"9 0 0 0 9 0 0 0 9\" pbc=\"T T F\" Properties=species:S:1:pos:R:3\nNa 0 0 0\nCl 0 0 2.5\n";
    fs::write(bench.path("slab.xyz"), slab).unwrap();
    fs::write(bench.path("empty.cfg"), "").unwrap();
    bench
}

#[test]
fn order_of_a_crystal_a_hot_one_and_none() {
    let bench = bench("analyze-order");
    let options = "perfect.xyz hot.xyz gas.xyz --of Na --direction 1,1,0 --draws 60 --reference perfect.xyz";
    let text = bench.succeed(&format!("analyze order {options} --json order.json --report order.html -q"));
    let report = bench.json("order.json");
    let of = |structure: usize, path: &str| figure(&report, &format!("/structures/{structure}{path}"));
    let eta = |structure: usize, which: &str| of(structure, &format!("/species/0/{which}/disorder/value"));
    assert!(eta(0, "largest") < 1e-9 && of(0, "/crystal/distance/mean") < 1e-6);
    assert_eq!(of(0, "/species/0/axes/2/layers"), 6.0);
    // A quarter of an Å to either side of spacings of 2.82 Å, evenly: 0.044 along an axis.
    assert!((of(1, "/species/0/axes/0/disorder/value") - 0.125 / 2.82).abs() < 0.004, "{text}");
    assert!((of(1, "/crystal/distance/mean") - 0.25).abs() < 0.01 && of(1, "/crystal/frames") == 12.0);
    assert!(eta(1, "least") < eta(1, "directions/0") && eta(1, "directions/0") < eta(1, "largest"));
    assert!(of(2, "/species/0/largest/disorder/deviations").abs() < 3.0, "{text}");
    let verdict = |structure: usize| report["structures"][structure]["crystal"]["verdict"].clone();
    assert_eq!([0, 1, 2].map(verdict), ["crystalline", "crystalline", "amorphous"]);
    assert!(text.contains("hot.xyz: 48 Na on average over 12 frames: ordered: "), "{text}");
    let page = bench.text("order.html");
    let page = parse_page(&page);
    assert_eq!(count_of_class(&page, "plot"), 6, "two spheres of each structure");
}

/// Positions that are wrapped or not, shifted or not, on one thread or three.
#[test]
fn order_depends_on_neither_origin_nor_threads() {
    let bench = bench("analyze-order-origin");
    let mut numbers = Numbers(8);
    let moves: Vec<[f64; 3]> = (0..96).map(|_| [0; 3].map(|_| 0.4 * numbers.next())).collect();
    fs::write(bench.path("here.xyz"), salt(&mut |atom| moves[atom], &element)).unwrap();
    let mut far = |atom: usize| {
        let d = moves[atom];
        [d[0] + 1.7 + 11.28 * (atom % 3) as f64, d[1] - 4.1, d[2] + 0.3 - 16.92 * (atom % 2) as f64]
    };
    fs::write(bench.path("there.xyz"), salt(&mut far, &element)).unwrap();
    let value = |file: &str, path: &str| {
        let text = bench.succeed(&format!("analyze order {file} --draws 10 --json - -q"));
        figure(
            &serde_json::from_str(&text).unwrap(),
            &format!("/structures/0/species/1/{path}/disorder/value"),
        )
    };
    for path in ["axes/0", "axes/2", "largest", "least", "signed_largest", "signed_least"] {
        let expected = value("here.xyz -j 1", path);
        assert!((value("there.xyz -j 3", path) - expected).abs() < 1e-6, "{path}");
        assert!(expected > 0.01, "{path}");
    }
}

#[test]
fn verdicts_on_runs() {
    let bench = bench("analyze-melt");
    let run = |arguments: &str| {
        let text = bench.succeed(&format!("analyze melt {arguments} --pairs Na-Cl --within 3.5 --json - -q"));
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let still = run("hot.xyz");
    assert_eq!([&still["verdict"], &still["structure"]], ["not melted", "crystalline"]);
    assert_eq!(figure(&still, "/coordination/0/last/6"), 1.0);
    let melt = run("melt.xyz --reference perfect.xyz");
    assert_eq!([&melt["verdict"], &melt["structure"]], ["melted", "amorphous"]);
    assert!(figure(&melt, "/species/0/displacement") > figure(&melt, "/species/0/nearest"));
    assert_eq!(figure(&melt, "/coordination/0/first/6"), 1.0);
    bench.succeed("analyze melt melt.xyz --expect melted -q");
    bench.succeed("analyze melt melt.xyz --expect amorphous -q");
    let (code, text, stderr) = bench.run("analyze melt hot.xyz --expect melted -q");
    assert_eq!((code, stderr.trim_end()), (3, "expected melted: not melted, and the end is crystalline"));
    assert!(text.contains("not melted; the end is crystalline"), "{text}");
}

#[test]
fn what_is_said_and_what_is_refused() {
    bench("analyze-order-refused").play("analyze_order");
}
