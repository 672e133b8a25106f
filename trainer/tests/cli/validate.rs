//! `mtprs validate`: tables, JSON and page of a crystal, grades, and what is refused.

use std::fs;

use mtprs_testing::workspace;
use serde_json::Value;

use crate::fixture::{Bench, count_of_class, figure, parse_page};

/// A folder with the potential and the crystal of the recipes.
fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    for file in ["MgO.mtp", "MgO.vasp", "MgO_reference.toml"] {
        fs::copy(workspace().join("examples/recipes").join(file), bench.path(file)).unwrap();
    }
    bench
}

/// A property of a report.
fn property<'a>(report: &'a Value, key: &str) -> &'a Value {
    let figures = report["figures"].as_array().unwrap();
    figures.iter().find(|figure| figure["key"] == key).unwrap_or_else(|| panic!("no {key} in {report}"))
}

#[test]
fn properties_stand_beside_their_references_in_all_outputs() {
    let bench = bench("validate");
    let mut reference = bench.text("MgO_reference.toml");
    reference.push_str("\nC36 = 5\n");
    fs::write(bench.path("MgO_reference.toml"), &reference).unwrap();
    let options = "MgO.mtp MgO.vasp --reference MgO_reference.toml -q";
    let text = bench.succeed(&format!("validate {options} --json all.json --report page.html"));
    let report = bench.json("all.json");
    // The recipes with ASE find the same within what their tables show; the Schottky pair is two vacancies in one cell there.
    for (key, tolerance) in [
        ("lattice_a", 1e-4),
        ("energy", 1e-4),
        ("bulk_modulus", 0.1),
        ("C11", 0.1),
        ("C12", 0.1),
        ("C44", 0.1),
        ("max_frequency", 0.01),
        ("min_optical_gamma", 0.01),
        ("schottky_energy", 0.1),
        ("surface_100", 0.01),
    ] {
        let property = property(&report, key);
        let (potential, reference) = (figure(property, "/potential"), figure(property, "/reference"));
        assert!((potential - reference).abs() < tolerance, "{property}");
        assert!((figure(property, "/difference") - (potential - reference)).abs() < 1e-9);
        assert_ne!(property["is_within"], false, "{property}");
    }
    assert!(figure(property(&report, "C36"), "/potential").abs() < 1e-6, "what is computed is compared");
    assert!(text.contains("note: surface (111) has no energy"), "{text}");
    assert_eq!(report["surfaces"].as_array().unwrap().len(), 3);
    let page = bench.text("page.html");
    let document = parse_page(&page);
    assert_eq!(count_of_class(&document, "plot"), 2, "energies, density of states");
    assert!(page.contains("Reference: ") && !page.contains("NaN"), "{page}");
    // The number of threads changes nothing.
    let alone = bench.succeed(&format!("validate {options} --json - --threads 1"));
    assert_eq!(serde_json::from_str::<Value>(&alone).unwrap(), report);
}

#[test]
fn parts_are_computed_alone_and_graded() {
    let bench = bench("validate-parts");
    let learn = workspace().join("examples/learn/start.cfg");
    fs::copy(learn, bench.path("start.cfg")).unwrap();
    let build = "state build MgO.mtp start.cfg";
    bench.succeed(&format!("{build} MgO.mtps --mode neighborhood --species Mg,O -q"));
    bench.succeed(&format!("{build} whole.mtps --mode configuration --species Mg,O -q"));
    let options =
        "validate MgO.mtp MgO.vasp -q --only surface,eos --surface 100 --surface 2,0,0 --surface -1-10";
    let report: Value =
        serde_json::from_str(&bench.succeed(&format!("{options} --state MgO.mtps --json -"))).unwrap();
    assert!(report["phonons"].is_null() && report["vacancies"].is_null() && report["elastic"].is_null());
    let surfaces = report["surfaces"].as_array().unwrap();
    let millers: Vec<&Value> = surfaces.iter().map(|surface| &surface["miller"]).collect();
    assert_eq!(millers, ["100", "-1-10"]);
    // The training set has no surface, and crystals of about these volumes.
    let (bulk, surface) = (property(&report, "bulk_modulus"), property(&report, "surface_100"));
    assert!(figure(surface, "/grade") > 5.0 && figure(bulk, "/grade") < figure(surface, "/grade"));
    let notes = report["notes"].as_array().unwrap();
    let is_told = |note: &Value| note.as_str().is_some_and(|note| note.starts_with("surface (100): grade "));
    assert!(notes.iter().any(is_told), "{notes:?}");
    bench.refuse(
        1,
        "validate MgO.mtp MgO.vasp -q --state whole.mtps",
        "error: whole.mtps: expected a selection state of neighborhood mode, got one of configuration mode",
    );
}

/// A potential of glasses and a layered crystal: less symmetric, and with several sites of a species.
#[test]
fn a_crystal_of_low_symmetry_is_no_different() {
    let bench = bench("validate-layers");
    let examples = workspace().join("examples");
    fs::copy(examples.join("mgv2o5/mgvo.mtp"), bench.path("mgvo.mtp")).unwrap();
    fs::copy(examples.join("study/V2O5.vasp"), bench.path("V2O5.vasp")).unwrap();
    let options = "validate mgvo.mtp V2O5.vasp -q --only elastic,phonons,vacancy --width 9 --json -";
    let report: Value = serde_json::from_str(&bench.succeed(options)).unwrap();
    assert_eq!((&report["crystal"]["formula"], &report["crystal"]["atoms"]), (&"V4O10".into(), &14.into()));
    assert!(report["elastic"]["cubic"].is_null() && report["elastic"]["is_stable"] == true);
    assert!(figure(&report, "/elastic/asymmetry") < 0.5);
    let gamma = report.pointer("/phonons/points/0/frequencies").unwrap().as_array().unwrap();
    assert_eq!(gamma.len(), 42);
    assert!(gamma[..3].iter().all(|frequency| frequency.as_f64().unwrap().abs() < 1e-2), "{gamma:?}");
    let sites = report.pointer("/vacancies/sites").unwrap().as_array().unwrap();
    let counts: Vec<u64> = sites.iter().map(|site| site["equivalent"].as_u64().unwrap()).collect();
    assert_eq!(counts, [4, 4, 4, 2], "one site of V, three of O");
    assert_eq!(report["vacancies"]["formula"], "V2O5");
}

#[test]
fn what_cannot_be_validated_is_refused() {
    let bench = bench("validate-refused");
    let molecule = "2\nProperties=species:S:1:pos:R:3 pbc=\"F F F\"\nMg 0 0 0\nO 0 0 2\n";
    fs::write(bench.path("molecule.xyz"), molecule).unwrap();
    let crystal = bench.text("MgO.vasp");
    fs::write(bench.path("Xe.vasp"), crystal.replace("Mg O", "Mg Xe")).unwrap();
    bench.succeed("convert MgO.vasp one.cfg --species Mg,O -q");
    fs::write(bench.path("two.cfg"), bench.text("one.cfg").repeat(2)).unwrap();
    fs::write(bench.path("typo.toml"), "bulk_modulos = 160.0\n").unwrap();
    fs::write(bench.path("word.toml"), "\nC11 = \"much\"\n").unwrap();
    bench.play("validate");
}
