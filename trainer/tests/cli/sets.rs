//! `mtprs split`, `merge`, `filter` and `subsample`: what is written is what was read, and what they say is so.

use std::collections::BTreeSet;

use mtprs_core::geometry::{Cell, Configuration, ExtraColumn, Virial};

use crate::fixture::{Bench, configurations, indices, number};

/// Configurations with labels, grades, features and a column that means nothing here.
fn full(count: usize) -> Vec<Configuration> {
    let mut all = configurations(count);
    for (index, configuration) in all.iter_mut().enumerate() {
        let atoms = configuration.len();
        configuration.energy = Some(-3.0 * atoms as f64 + 0.1 * index as f64);
        configuration.forces = Some((0..atoms).map(|atom| [0.1 * atom as f64, -0.25, 1e-17]).collect());
        configuration.virial = Some(Virial::from_cfg_order([1.5, -2.5, 0.1, 0.2, 0.3, index as f64 / 3.0]));
        configuration.site_energies = Some(vec![-3.0; atoms]);
        configuration.neighborhood_grades = Some(vec![1.25; atoms]);
        let words = (0..atoms).map(|atom| format!("q{atom}")).collect();
        configuration.extra_columns = vec![ExtraColumn { name: "charge".into(), words }];
        configuration.set_feature("MV_grade", (index as f64 / 10.0).to_string());
        configuration.set_feature("run", if index % 4 == 0 { "hot one" } else { "cold" });
    }
    all
}

fn bench(name: &str, count: usize) -> (Bench, Vec<Configuration>) {
    let bench = Bench::new(name);
    let all = full(count);
    bench.write_configurations("all.cfg", &all);
    (bench, all)
}

fn index(configuration: &Configuration) -> usize {
    number(configuration, "index") as usize
}

/// Each configuration of the file is that of `all` with its index, but for names of elements that were given, and they stand
/// in their order.
fn assert_unchanged(bench: &Bench, file: &str, all: &[Configuration]) {
    let mut found = bench.read_configurations(file);
    found.iter_mut().for_each(|configuration| configuration.features.retain(|(key, _)| key != "elements"));
    assert!(found.iter().all(|configuration| *configuration == all[index(configuration)]), "{file}");
    assert!(found.iter().map(index).is_sorted(), "{file}");
}

#[test]
fn a_split_divides_all_without_changing_anything() {
    let (bench, all) = bench("split_parts", 103);
    let split = "split all.cfg --into train.cfg=80% --into validation.cfg=0.1 --into test.cfg=rest --force";
    bench.tell(&format!("{split} --seed 5"), &["train.cfg                   83     80.58"]);
    let sizes = ["train.cfg", "validation.cfg", "test.cfg"].map(|file| {
        assert_unchanged(&bench, file, &all);
        indices(&bench, file)
    });
    assert_eq!(sizes.each_ref().map(Vec::len), [83, 10, 10]);
    assert_eq!(sizes.concat().into_iter().collect::<BTreeSet<_>>(), (0..103).collect());
    let again = bench.text("train.cfg");
    bench.succeed(&format!("{split} --seed 5 -q"));
    assert_eq!(bench.text("train.cfg"), again);
    bench.succeed(&format!("{split} --seed 6 -q"));
    assert_ne!(bench.text("train.cfg"), again);
}

#[test]
fn strata_are_divided_alike() {
    let (bench, all) = bench("split_strata", 200);
    bench.succeed("split all.cfg --into train.cfg=75% --into test.cfg=rest --stratify run -q --force");
    let hot = indices(&bench, "test.cfg").iter().filter(|&&index| index % 4 == 0).count();
    assert!((12..=13).contains(&hot), "{hot} of 50 hot ones");
    bench
        .succeed("split all.cfg --into train.cfg=75% --into test.cfg=rest --stratify composition -q --force");
    for atoms in 2..7 {
        let same = |configuration: &&Configuration| configuration.len() == atoms;
        let test = bench.read_configurations("test.cfg");
        let share = test.iter().filter(same).count() as f64 / all.iter().filter(same).count() as f64;
        assert!((share - 0.25).abs() < 0.04, "{atoms} atoms: {share}");
    }
}

#[test]
fn each_configuration_is_in_one_validation_set_of_the_folds() {
    let (bench, all) = bench("split_folds", 23);
    bench.succeed("split all.cfg --folds 4 --prefix fold- --quiet");
    let mut validated = Vec::new();
    for fold in 1..=4 {
        let [train, validation] = ["train", "validation"].map(|set| format!("fold-{fold}-{set}.cfg"));
        assert_unchanged(&bench, &train, &all);
        let [train, validation] = [train, validation].map(|file| indices(&bench, &file));
        assert!((5..=6).contains(&validation.len()));
        let both: BTreeSet<usize> = train.iter().chain(&validation).copied().collect();
        assert_eq!((both.len(), train.len() + validation.len()), (23, 23));
        validated.extend(validation);
    }
    validated.sort_unstable();
    assert_eq!(validated, (0..23).collect::<Vec<_>>());
}

#[test]
fn files_are_merged_if_their_species_mean_the_same() {
    let (bench, all) = bench("merge", 12);
    let named = |names: &str| {
        let mut named = all[..4].to_vec();
        named.iter_mut().for_each(|configuration| configuration.set_feature("elements", names));
        named
    };
    bench.write_configurations("a.cfg", &named("Mg O"));
    bench.write_configurations("b.cfg", &named("Mg O V"));
    bench.write_configurations("c.cfg", &named("O Mg"));
    bench.succeed("merge a.cfg b.cfg ab.cfg --source-feature source -q");
    let merged = bench.read_configurations("ab.cfg");
    assert_eq!(merged.len(), 8);
    assert_eq!(merged[5].feature("source"), Some("b.cfg:2"));
    let told = bench.tell("merge a.cfg c.cfg ac.cfg", &[]);
    let expected = "note: c.cfg names its elements in another order, O Mg: numbered in that of a.cfg, Mg O\n";
    assert!(told.starts_with(expected), "{told}");
    let swapped = bench.read_configurations("ac.cfg")[4..].to_vec();
    for (swapped, one) in swapped.iter().zip(&all) {
        assert_eq!(swapped.feature("elements"), Some("Mg O"));
        assert!(swapped.species.iter().zip(&one.species).all(|(new, old)| new + old == 1));
    }
    bench.refuse(1, "merge a.cfg all.cfg out.cfg", "its species are not named, those of a.cfg are Mg O");
    assert!(!bench.path("out.cfg").exists());
}

#[test]
fn copies_are_left_out_and_other_energies_kept() {
    let (bench, all) = bench("merge_copies", 12);
    let mut others = full(15)[10..].to_vec();
    others[0].positions.iter_mut().for_each(|position| position[1] += 0.75);
    others[1].energy = others[1].energy.map(|energy| energy + 2.0);
    bench.write_configurations("others.cfg", &others);
    let row = "others.cfg               5                    1                   1\n";
    bench.tell("merge all.cfg others.cfg out.cfg --deduplicate", &[row, "wrote 16 configurations"]);
    let mut expected = all;
    expected.extend_from_slice(&others[1..]);
    assert_eq!(bench.read_configurations("out.cfg"), expected);
}

#[test]
fn a_filter_keeps_what_meets_all_criteria_and_says_why_not() {
    let (bench, all) = bench("filter", 40);
    let keep = |options: &str| {
        bench.succeed(&format!("filter all.cfg out.cfg {options} --quiet --force"));
        assert_unchanged(&bench, "out.cfg", &all);
        indices(&bench, "out.cfg")
    };
    let of = |meets: &dyn Fn(usize, &Configuration) -> bool| -> Vec<usize> {
        (0..40).filter(|&index| meets(index, &all[index])).collect()
    };
    let per_atom = |configuration: &Configuration| configuration.energy.unwrap() / configuration.len() as f64;
    assert_eq!(keep("--max-energy -2.5"), of(&|_, configuration| per_atom(configuration) <= -2.5));
    assert_eq!(keep("--max-energy -2.5 --invert"), of(&|_, configuration| per_atom(configuration) > -2.5));
    assert_eq!(keep("--min-grade 1.05 --max-grade 2"), (11..=20).collect::<Vec<_>>());
    assert_eq!(keep("--feature run=warm --min-atoms 2"), [0; 0]);
    assert_eq!(keep("--feature index=7"), [7]);
    assert_eq!(keep("--composition 0:2,1:1"), of(&|_, configuration| configuration.len() == 3));
    assert_eq!(
        keep("--composition Mg:2,O:1 --species Mg,O"),
        of(&|_, configuration| configuration.len() == 3)
    );
    assert_eq!(
        keep("--max-atoms 4 --min-force 0.3"),
        of(&|_, configuration| configuration.len() == 3 || configuration.len() == 4)
    );
    assert_eq!(keep("--without V --species Mg,O --labels energy,virial --feature run").len(), 40);
}

#[test]
fn rejected_configurations_carry_the_reason() {
    let (bench, mut all) = bench("filter_rejected", 8);
    all[2].positions[1] = all[2].positions[0].map(|x| x + 0.1);
    all[5].energy = None;
    bench.write_configurations("all.cfg", &all);
    let (_, _, stderr) =
        bench.run("filter all.cfg out.cfg --min-distance 0.5 --max-energy 0 --rejected rejected.cfg");
    assert_eq!(indices(&bench, "out.cfg"), [0, 1, 3, 4, 6, 7]);
    let rejected = bench.read_configurations("rejected.cfg");
    let reasons: Vec<&str> = rejected.iter().map(|one| one.feature("filter_reason").unwrap()).collect();
    assert_eq!(reasons, ["atoms 1 and 2 are 0.173 Å apart, closer than 0.5 Å", "it has no energy"]);
    assert!(stderr.contains("distances from 0.5 Å up              1\n"), "{stderr}");
    assert!(stderr.ends_with("kept 6 of 8 configurations\n"), "{stderr}");
}

#[test]
fn samples_are_regular_random_or_those_that_span_most() {
    let (bench, all) = bench("subsample", 60);
    bench.succeed("subsample all.cfg out.cfg --every 7 --offset 3 -q --force");
    assert_eq!(indices(&bench, "out.cfg"), (3..60).step_by(7).collect::<Vec<_>>());
    bench.succeed("subsample all.cfg all.cfg out.cfg --count 11 --seed 4 -q --force");
    let sample = indices(&bench, "out.cfg");
    assert_eq!(sample.len(), 11);
    bench.succeed("subsample all.cfg all.cfg out.cfg --count 11 --seed 5 -q --force");
    assert_ne!(indices(&bench, "out.cfg"), sample);
    assert_unchanged_in_any_order(&bench, &all);
    bench.succeed("subsample all.cfg out.cfg --maxvol 9 --potential pot.mtp -q --force");
    let nine = indices(&bench, "out.cfg");
    assert_unchanged_in_any_order(&bench, &all);
    assert_eq!(nine.iter().collect::<BTreeSet<_>>().len(), 9);
    bench.succeed("subsample all.cfg out.cfg --maxvol 4 --potential pot.mtp -q --force");
    assert_eq!(indices(&bench, "out.cfg"), nine[..4]);
}

fn assert_unchanged_in_any_order(bench: &Bench, all: &[Configuration]) {
    let found = bench.read_configurations("out.cfg");
    assert!(found.iter().all(|configuration| *configuration == all[index(configuration)]));
}

/// By the sample of the largest volume nothing of a run extrapolates that repeats a few configurations.
#[test]
fn the_sample_of_largest_volume_leaves_out_what_adds_nothing() {
    let bench = Bench::new("subsample_few");
    let few = full(5);
    let repeated: Vec<Configuration> = (0..30).map(|k| few[k % 5].clone()).collect();
    bench.write_configurations("all.cfg", &repeated);
    let warning = "warning: 20 are requested, but 5 span the largest volume";
    bench.tell("subsample all.cfg out.cfg --maxvol 20 --potential pot.mtp", &[warning]);
    assert_eq!(indices(&bench, "out.cfg").into_iter().collect::<BTreeSet<_>>(), (0..5).collect());
}

#[test]
fn wrong_amounts_and_empty_inputs_are_explained() {
    let (bench, _) = bench("sets_wrong", 10);
    bench.write_configurations("empty.cfg", &[]);
    let single = Configuration::new(Cell::open(), vec![0], vec![[0.0; 3]]).unwrap();
    bench.write_configurations("one.cfg", &[single]);
    bench.play("sets");
}

#[test]
fn all_formats_are_read_where_their_species_are_known() {
    let (bench, all) = bench("sets_formats", 20);
    bench.succeed("convert all.cfg all.xyz --species Mg,O -q --force");
    // What convert makes of it, features and labels included, is what all four hand on.
    bench.succeed("convert all.xyz expected.cfg --species Mg,O -q --force");
    let expected = bench.text("expected.cfg");
    assert!(
        expected.contains("Feature   elements")
            && expected.contains("Feature   run")
            && expected.contains("PlusStress")
    );
    bench.write_compressed("all.xyz.gz", bench.text("all.xyz").as_bytes());
    for command in [
        "merge all.xyz out.cfg --species Mg,O --force",
        "merge all.xyz.gz out.cfg --species Mg,O --deduplicate --force",
        "filter all.xyz out.cfg --min-atoms 1 --species Mg,O --force",
        "subsample all.xyz.gz out.cfg --every 1 --species Mg,O --force",
        "subsample all.xyz out.cfg --count 20 --species Mg,O --force",
        "split all.xyz --into out.cfg=100% --species Mg,O --force",
    ] {
        let stderr = bench.tell(command, &["column charge left out"]);
        assert_eq!(bench.text("out.cfg"), expected, "{command}");
        assert_eq!(stderr.matches("warning: all.xyz").count(), 1, "{command}: {stderr}");
    }
    bench.succeed("merge all.xyz turned.cfg --species O,Mg -q --force");
    let turned = bench.read_configurations("turned.cfg");
    assert!(turned.iter().zip(&all).all(|(turned, one)| {
        turned.species.iter().zip(&one.species).all(|(turned, one)| *turned == 1 - one)
    }));

    // By the names of the potential; as many as there are span the volume in an order of their own.
    bench.succeed("subsample all.xyz spanning.cfg --maxvol 5 --potential pot.mtp -q --force");
    bench.succeed("subsample all.cfg plain.cfg --maxvol 5 --potential pot.mtp -q --force");
    assert_eq!(indices(&bench, "spanning.cfg"), indices(&bench, "plain.cfg"));

    // .cfg stays as it is, compressed or not.
    bench.write_compressed("all.cfg.gz", bench.text("all.cfg").as_bytes());
    bench.succeed("merge all.cfg.gz out.cfg -q --force");
    assert_eq!(bench.text("out.cfg"), bench.text("all.cfg"));
}
