//! `mtprs analyze diffusion`: the same figures from every format, what is stated and what is not, several temperatures, and what is
//! refused.

use std::fmt::Write;
use std::fs;

use mtprs_testing::random::Numbers;
use serde_json::Value;

use crate::fixture::{Bench, count_of_class, figure, parse_page};

/// Vectors of the cell: LAMMPS's restricted triclinic box.
const CELL: [[f64; 3]; 3] = [[11.0, 0.0, 0.0], [2.0, 10.0, 0.0], [-1.5, 1.0, 12.0]];
/// Mobile ions and atoms of the host.
const IONS: usize = 30;
const HOST: usize = 12;
/// Steps of MD between frames, and the length of one, ps.
const EVERY: usize = 50;
const TIMESTEP: f64 = 0.002;

/// Fractional coordinates of all atoms in some frames, the ions first; they leave the cell.
struct Run(Vec<Vec<[f64; 3]>>);

/// Ions that walk with a diffusivity, Å²/ps, through a host that trembles.
fn walk(seed: u64, frames: usize, diffusivity: f64) -> Run {
    let mut numbers = Numbers(seed);
    // The sum of twelve of them has a variance of four, since each lies between −1 and 1.
    let mut normal = || (0..12).map(|_| numbers.next()).sum::<f64>() / 2.0;
    let width = (2.0 * diffusivity * TIMESTEP * EVERY as f64).sqrt();
    let mut ions: Vec<[f64; 3]> = (0..IONS).map(|ion| [0.3 * ion as f64, 1.0, 2.0]).collect();
    let mut run = Vec::new();
    for _ in 0..frames {
        let mut places: Vec<[f64; 3]> = ions.iter().map(|place| fractional(*place)).collect();
        places.extend(
            (0..HOST).map(|atom| fractional([0.9 * atom as f64, 3.0, 4.0].map(|x| x + 0.1 * normal()))),
        );
        run.push(places);
        ions.iter_mut().flatten().for_each(|x| *x += width * normal());
    }
    Run(run)
}

fn fractional([x, y, z]: [f64; 3]) -> [f64; 3] {
    let w = z / CELL[2][2];
    let v = (y - w * CELL[2][1]) / CELL[1][1];
    [(x - v * CELL[1][0] - w * CELL[2][0]) / CELL[0][0], v, w]
}

fn cartesian(place: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|axis| (0..3).map(|k| place[k] * CELL[k][axis]).sum())
}

fn name(atom: usize) -> &'static str {
    if atom < IONS { "Mg" } else { "O" }
}

impl Run {
    /// A dump whose frames `row` writes, with what stands before their steps.
    fn dump(
        &self,
        columns: &str,
        head: impl Fn(usize) -> String,
        row: impl Fn([f64; 3]) -> String,
    ) -> String {
        let mut text = String::new();
        for (number, places) in self.0.iter().enumerate() {
            write!(
                text,
                "{}ITEM: TIMESTEP\n{}\nITEM: NUMBER OF ATOMS\n{}\nITEM: BOX BOUNDS xy xz yz pp pp pp\n-1.5 13 2\n0 11 -1.5\n0 12 1\n\
                 ITEM: ATOMS id element {columns}\n",
                head(number),
                EVERY * number,
                places.len()
            )
            .unwrap();
            for (atom, place) in places.iter().enumerate() {
                writeln!(text, "{} {} {}", atom + 1, name(atom), row(*place)).unwrap();
            }
        }
        text
    }

    fn unwrapped(&self) -> String {
        let time = |number: usize| format!("ITEM: TIME\n{:.4}\n", TIMESTEP * (EVERY * number) as f64);
        self.dump("xu yu zu", time, |place| words(cartesian(place)))
    }

    fn with_images(&self) -> String {
        self.dump(
            "x y z ix iy iz",
            |_| String::new(),
            |place| {
                let image = place.map(f64::floor);
                let inside = cartesian([0, 1, 2].map(|k| place[k] - image[k]));
                format!("{} {}", words(inside), image.map(|turn| turn.to_string()).join(" "))
            },
        )
    }

    fn wrapped(&self) -> String {
        self.dump("xs ys zs", |_| String::new(), |place| words(place.map(|s| s - s.floor())))
    }

    fn extended_xyz(&self) -> String {
        let mut text = String::new();
        let lattice: Vec<String> = CELL.iter().flatten().map(f64::to_string).collect();
        for places in &self.0 {
            let lattice = lattice.join(" ");
            writeln!(text, "{}\nLattice=\"{lattice}\" Properties=species:S:1:pos:R:3", places.len()).unwrap();
            for (atom, place) in places.iter().enumerate() {
                writeln!(text, "{} {}", name(atom), words(cartesian(*place))).unwrap();
            }
        }
        text
    }

    fn xdatcar(&self) -> String {
        let mut text =
            format!("walk\n1.0\n{}\n", CELL.map(|vector| vector.map(|x| x.to_string()).join(" ")).join("\n"));
        writeln!(text, "Mg O\n{IONS} {HOST}").unwrap();
        for (number, places) in self.0.iter().enumerate() {
            writeln!(text, "Direct configuration= {:5}", number + 1).unwrap();
            places
                .iter()
                .for_each(|place| writeln!(text, "{}", words(place.map(|s| s - s.floor()))).unwrap());
        }
        text
    }
}

fn words(numbers: [f64; 3]) -> String {
    numbers.map(|x| format!("{x:.9}")).join(" ")
}

fn json(bench: &Bench, arguments: &str) -> Value {
    serde_json::from_str(&bench.succeed(&format!("analyze diffusion {arguments} --json - -q"))).unwrap()
}

fn list(report: &Value, key: &str) -> Vec<f64> {
    let values = report["trajectories"][0][key].as_array().unwrap();
    values.iter().map(|value| value.as_f64().unwrap()).collect()
}

#[test]
fn every_format_gives_the_same_figures() {
    let (bench, run) = (Bench::new("diffusion"), walk(3, 400, 0.05));
    for (file, text) in [
        ("unwrapped.dump", run.unwrapped()),
        ("images.dump", run.with_images()),
        ("wrapped.dump", run.wrapped()),
        ("walk.xyz", run.extended_xyz()),
        ("XDATCAR", run.xdatcar()),
    ] {
        fs::write(bench.path(file), text).unwrap();
    }
    let expected = json(&bench, "unwrapped.dump --mobile Mg");
    // Plain sums over all pairs of frames.
    let of_ions = |frame: usize, ion: usize| -> [f64; 3] {
        let relative = |frame: usize| {
            let places: Vec<[f64; 3]> = run.0[frame].iter().map(|place| cartesian(*place)).collect();
            let host = [0, 1, 2]
                .map(|axis| places[IONS..].iter().map(|place| place[axis]).sum::<f64>() / HOST as f64);
            [0, 1, 2].map(|axis| places[ion][axis] - host[axis])
        };
        relative(frame)
    };
    let (msd, mscd, dt) = (list(&expected, "msd"), list(&expected, "mscd"), list(&expected, "dt"));
    for place in [1, 7, 150] {
        let lag = (dt[place] / (TIMESTEP * EVERY as f64)).round() as usize;
        let (mut single, mut collective) = (0.0, 0.0);
        for begin in 0..400 - lag {
            let mut sum = [0.0; 3];
            for ion in 0..IONS {
                let (from, to) = (of_ions(begin, ion), of_ions(begin + lag, ion));
                for axis in 0..3 {
                    single += (to[axis] - from[axis]).powi(2);
                    sum[axis] += to[axis] - from[axis];
                }
            }
            collective += sum.iter().map(|x| x * x).sum::<f64>();
        }
        let count = ((400 - lag) * IONS) as f64;
        assert!((msd[place] - single / count).abs() < 1e-5 * msd[place], "{lag}");
        assert!((mscd[place] - collective / count).abs() < 1e-5 * mscd[place], "{lag}");
    }
    for input in [
        "images.dump --timestep 0.002",
        "wrapped.dump --timestep 0.002",
        "walk.xyz --timestep 0.1",
        "XDATCAR --timestep 0.1",
        "unwrapped.dump --timestep 0.002 -j 2",
    ] {
        let found = json(&bench, &format!("{input} --mobile Mg"));
        for key in ["dt", "msd", "mscd"] {
            for (expected, found) in list(&expected, key).iter().zip(list(&found, key)) {
                assert!(
                    (expected - found).abs() <= 1e-5 * expected.abs(),
                    "{input}, {key}: {expected} {found}"
                );
            }
        }
    }
    let said = bench.succeed("analyze diffusion wrapped.dump --mobile Mg --timestep 0.002 -q");
    assert!(said.contains("positions are wrapped into the cell: unwrapped from frame to frame"), "{said}");
}

#[test]
fn a_walk_has_a_diffusivity_and_a_cage_has_none() {
    let bench = Bench::new("diffusion-verdicts");
    fs::write(bench.path("hot.dump"), walk(11, 3000, 0.08).unwrapped()).unwrap();
    fs::write(bench.path("warm.dump"), walk(12, 3000, 0.02).unwrapped()).unwrap();
    fs::write(bench.path("cold.dump"), walk(13, 3000, 0.0).unwrapped()).unwrap();
    let text = bench.succeed(
        "analyze diffusion hot.dump warm.dump cold.dump --mobile Mg --temperature 1200,900,600 --labels hot,warm,cold \
         --json runs.json --report runs.html --table runs.txt -q",
    );
    let report = bench.json("runs.json");
    let run = |place: usize| &report["trajectories"][place];
    for (place, expected) in [(0, 8e-6), (1, 2e-6)] {
        assert_eq!(run(place)["verdict"], "diffusive", "{text}");
        let found = figure(run(place), "/diffusivity");
        assert!((found / expected - 1.0).abs() < 0.1, "{found}");
        assert!(figure(run(place), "/diffusivity_interval_95/0") < found);
        assert!(figure(run(place), "/haven_ratio") > 0.5);
    }
    assert_eq!(run(2)["verdict"], "caged");
    assert!(run(2)["diffusivity"].is_null() && run(2)["haven_ratio"].is_null());
    let limit = figure(run(2), "/diffusivity_upper_limit_95");
    // None of 30 ions in 299.9 ps, and jumps of 3 Å: 9 Å² · 3 / (6 · 30 · 299.9 ps).
    assert!((limit - 4.99e-8).abs() < 1e-10, "{limit}");
    let energy = figure(&report, "/arrhenius/activation_energy");
    let expected = 4.0_f64.ln() * 8.617_333_262e-5 / (1.0 / 900.0 - 1.0 / 1200.0);
    assert!(energy >= expected - 0.05, "{energy} {expected}: the limit at 600 K makes the line steeper");
    assert!(text.contains("\nactivation energy: ") && text.contains("note: cold: no D*: "), "{text}");
    let rows = bench.text("runs.txt").lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(rows, 3 * list(&report, "dt").len());
    let page = bench.text("runs.html");
    assert_eq!(count_of_class(&parse_page(&page), "plot"), 4);
}

#[test]
fn parts_follow_each_other_and_frames_are_chosen() {
    let (bench, run) = (Bench::new("diffusion-parts"), walk(4, 300, 0.05));
    let all = run.unwrapped();
    let frames: Vec<&str> = all.split_inclusive("ITEM: TIME\n").collect();
    let part = |from: usize, to: usize| {
        // What stands before a heading belongs to the frame before it.
        let text: String = frames[from + 1..=to].concat();
        format!("ITEM: TIME\n{}", text.strip_suffix("ITEM: TIME\n").unwrap_or(&text))
    };
    fs::write(bench.path("all.dump"), &all).unwrap();
    fs::write(bench.path("first.dump"), part(0, 120)).unwrap();
    fs::write(bench.path("rest.dump"), part(119, 300)).unwrap();
    for choice in ["", "--skip 100"] {
        let expected = json(&bench, &format!("all.dump --mobile Mg {choice}"));
        let found = json(&bench, &format!("first.dump rest.dump --labels a,a --mobile Mg {choice}"));
        assert_eq!(list(&expected, "msd"), list(&found, "msd"), "{choice}");
        let notes = found["trajectories"][0]["notes"].to_string();
        assert!(
            notes.contains("a file starts with the last frame of the previous one: counted once"),
            "{notes}"
        );
    }
    let found =
        json(&bench, "first.dump rest.dump all.dump --labels a,a,b --temperature 900,600 --mobile Mg");
    for (place, temperature) in [(0, 900.0), (1, 600.0)] {
        assert_eq!(figure(&found, &format!("/trajectories/{place}/temperature")), temperature);
    }
}

/// Frames that have no numbers of steps, every fourth of two files, or one of them broken.
#[test]
fn frames_without_numbers_keep_their_times() {
    let (bench, run) = (Bench::new("diffusion-every"), walk(8, 400, 0.05));
    fs::write(bench.path("all.xyz"), run.extended_xyz()).unwrap();
    fs::write(bench.path("first.xyz"), Run(run.0[..150].to_vec()).extended_xyz()).unwrap();
    fs::write(bench.path("rest.xyz"), Run(run.0[150..].to_vec()).extended_xyz()).unwrap();
    for input in ["all.xyz", "first.xyz rest.xyz --labels a,a"] {
        let found = json(&bench, &format!("{input} --mobile Mg --timestep 0.1 --every 4"));
        assert!((figure(&found, "/trajectories/0/step") - 0.4).abs() < 1e-9, "{input}");
        assert!((figure(&found, "/trajectories/0/length") - 39.6).abs() < 1e-9, "{input}");
    }
    let text = bench.text("all.xyz");
    let (row, _) = text.match_indices("\nMg ").nth(2000).unwrap();
    fs::write(bench.path("broken.xyz"), format!("{}\nMg nan{}", &text[..row], &text[row + 3..])).unwrap();
    bench.succeed("convert all.xyz all.cfg --species Mg,O -q");
    let text = bench.text("all.cfg");
    let (heading, _) = text.match_indices("AtomData").nth(30).unwrap();
    let (sign, _) = text[heading..].match_indices('.').next().unwrap();
    let (before, behind) = text.split_at(heading + sign);
    let word = before.rfind(' ').unwrap() + 1;
    fs::write(
        bench.path("broken.cfg"),
        format!("{}nan{}", &before[..word], &behind[behind.find(' ').unwrap()..]),
    )
    .unwrap();
    for input in ["broken.xyz", "broken.cfg --species Mg,O"] {
        let (code, _, said) = bench.run(&format!("analyze diffusion {input} --mobile Mg --timestep 0.1 -q"));
        assert_eq!(code, 1, "{input}: {said}");
        assert!(
            said.contains("a frame cannot be read, and atoms are followed from frame to frame"),
            "{said}"
        );
    }
}

#[test]
fn what_is_said_and_what_is_refused() {
    let (bench, run) = (Bench::new("diffusion-refused"), walk(5, 60, 0.05));
    let good = run.unwrapped();
    fs::write(bench.path("good.dump"), &good).unwrap();
    fs::write(bench.path("steps.dump"), run.with_images()).unwrap();
    fs::write(bench.path("one.dump"), Run(run.0[..1].to_vec()).unwrapped()).unwrap();
    fs::write(bench.path("empty.dump"), "").unwrap();
    let missing: Vec<Vec<[f64; 3]>> = run.0.iter().take(50).cloned().collect();
    let gap = Run(missing).unwrapped().replace("ITEM: TIME\n4.5000\n", "ITEM: TIME\n4.6000\n");
    fs::write(bench.path("gap.dump"), gap).unwrap();
    fs::write(bench.path("unsorted.dump"), good.replace("ITEM: TIME\n2.0000\n", "ITEM: TIME\n1.0000\n"))
        .unwrap();
    let mut fewer = run.0.clone();
    fewer[30].pop();
    fs::write(bench.path("fewer.dump"), Run(fewer).unwrapped()).unwrap();
    let sparse: Vec<Vec<[f64; 3]>> = walk(7, 300, 4.0).0.into_iter().step_by(5).collect();
    fs::write(bench.path("sparse.dump"), Run(sparse).wrapped()).unwrap();
    bench.play("diffusion");
}
