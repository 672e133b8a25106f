//! What LAMMPS expects of a pair style beside numbers: types and elements in any order, commands given again, plugins
//! that come and go, integrators and fixes that reach into the style.

use mtprs_testing::compare::{assert_close, assert_identical};
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic;
use mtprs_tests::lammps::{Job, Probe, SAME_NUMBERS, atoms, pair, probe, setup};

fn job(name: &str, structure: &Structure) -> Job {
    Job::new(name).crystal(structure)
}

fn of_library(structure: &Structure, species_of_type: &[u32]) -> Probe {
    let species: Vec<_> = species_of_type.iter().copied().map(Some).collect();
    Probe::of_library(&synthetic::three_species(5.0), &structure.configuration(&species))
}

#[test]
fn types_are_elements_in_any_order() {
    let structure = synthetic::crystal(41);
    let nameless = synthetic::nameless(synthetic::three_species(5.0));
    let species = "pair_style mtp/rs species Mg V O";
    let variants = [
        ("pair_style mtp/rs", "crystal.mtp Mg V O", [0, 1, 2]),
        ("pair_style mtp/rs", "crystal.mtp O Mg V", [2, 0, 1]),
        ("pair_style mtp/rs", "crystal.mtp 2 0 1", [2, 0, 1]),
        ("pair_style mtp/rs", "crystal.mtp O 0 V", [2, 0, 1]),
        ("pair_style mtp/rs", "crystal.mtp V V O", [1, 1, 2]),
        ("pair_style mtp/rs", "nameless.mtp 1 2 0", [1, 2, 0]),
        (species, "nameless.mtp O Mg V", [2, 0, 1]),
        (species, "crystal.mtp O Mg V", [2, 0, 1]),
    ];
    let mut script = atoms(&structure, "crystal");
    for (index, (style, coefficients, _)) in variants.iter().enumerate() {
        script += &format!("{style}\npair_coeff * * {coefficients}\n{}", probe(&format!("variant{index}")));
    }
    let finished = job("contract-order", &structure).potential("nameless.mtp", &nameless).run(&script);
    for (index, (style, coefficients, species)) in variants.iter().enumerate() {
        let got = finished.probe(&format!("variant{index}"));
        got.assert_close(&of_library(&structure, species), SAME_NUMBERS, &format!("{style}; {coefficients}"));
    }
    // what type became what element is what a user checks first
    assert!(finished.output.contains("type 1 -> O"), "{}", finished.output);
}

#[test]
fn types_without_atoms_do_no_harm() {
    let mut structure = synthetic::crystal(42);
    structure.type_count = 5;
    let script = [
        &atoms(&structure, "crystal"),
        "pair_style mtp/rs",
        "pair_coeff * * crystal.mtp Mg V O V Mg",
        &probe("unused"),
        "pair_style hybrid/overlay zero 5.0 mtp/rs",
        "pair_coeff * * zero",
        "pair_coeff * * mtp/rs crystal.mtp Mg V O NULL NULL",
        &probe("null"),
    ];
    let finished = job("contract-unused", &structure).run(&script.join("\n"));
    for name in ["unused", "null"] {
        finished.probe(name).assert_close(&of_library(&structure, &[0, 1, 2, 1, 0]), SAME_NUMBERS, name);
    }
}

#[test]
fn pair_coeff_given_again_replaces_what_was_there() {
    let structure = synthetic::crystal(43);
    // cutoff and skin of the first potential make 7 Å
    let other = synthetic::potential(99, 6, &["O", "V", "Mg"], 7.5);
    let first = probe("first");
    let script = [
        &setup(&structure, "crystal", "Mg V O"),
        &first,
        // another order of elements
        "pair_coeff * * crystal.mtp V O Mg",
        &probe("order"),
        // another potential, with a longer cutoff and species in another order: LAMMPS has to ask for more neighbors
        "pair_coeff * * other.mtp Mg V O",
        &probe("other"),
        "pair_coeff * * crystal.mtp Mg V O",
        "run 0 post no",
        &probe("back"),
        "pair_style mtp/rs",
        "pair_coeff * * other.mtp Mg V O",
        &probe("style"),
    ];
    for ranks in [1, 2] {
        let job =
            job(&format!("contract-again-{ranks}"), &structure).ranks(ranks).potential("other.mtp", &other);
        let finished = job.run(&script.join("\n"));
        let of_other = Probe::of_library(&other, &structure.configuration(&[Some(2), Some(1), Some(0)]));
        let check =
            |name: &str, expected: &Probe| finished.probe(name).assert_close(expected, SAME_NUMBERS, name);
        check("first", &of_library(&structure, &[0, 1, 2]));
        check("order", &of_library(&structure, &[1, 2, 0]));
        check("other", &of_other);
        check("back", &of_library(&structure, &[0, 1, 2]));
        check("style", &of_other);
    }
}

#[test]
fn the_plugin_comes_and_goes() {
    let structure = synthetic::crystal(44);
    let job = job("contract-plugin", &structure);
    let load = job.plugin_load();
    let commands = setup(&structure, "crystal", "Mg V O");
    let finished = job.run(
        &[
            &commands,
            &probe("first"),
            "plugin list",
            // LAMMPS takes away the style that is in use, too
            "plugin unload pair mtp/rs",
            "plugin unload pair mlip",
            "plugin list",
            &load,
            &pair("crystal", "Mg V O"),
            &probe("second"),
            // loading twice is allowed and changes nothing
            &load,
            &probe("third"),
            "plugin clear",
            &load,
            &commands,
            &probe("fourth"),
        ]
        .join("\n"),
    );
    let expected = of_library(&structure, &[0, 1, 2]);
    for name in ["first", "second", "third", "fourth"] {
        finished.probe(name).assert_close(&expected, SAME_NUMBERS, name);
    }
    let unload = "plugin unload pair mtp/rs\npair_style mtp/rs";
    let output = job.fail(&format!("{commands}{unload}"));
    assert!(output.contains("Unrecognized pair style 'mtp/rs'"), "{output}");
}

#[test]
fn fix_adapt_scales_energies_and_forces() {
    let structure = synthetic::crystal(45);
    let finished = job("contract-adapt", &structure).run(&format!(
        "{}
         variable factor equal 1.0-0.25*step
         fix adapt all adapt 1 pair mtp/rs scale * * v_factor
         compute energies all pe/atom pair
         dump all all custom 1 all.dump id fx fy fz c_energies
         dump_modify all sort id format float %.17g
         thermo 1
         thermo_style custom step pe
         thermo_modify format float %.17g
         run 2
         unfix adapt
         undump all
         uncompute energies
         thermo_style one
         {}
         fix adapt all adapt 1 pair mtp/rs scale 2 2 v_factor
         {}",
        setup(&structure, "crystal", "Mg V O"),
        pair("crystal", "Mg V O"),
        probe("second_type"),
    ));
    let expected = of_library(&structure, &[0, 1, 2]);
    for (step, frame) in finished.dump("all.dump").iter().enumerate() {
        let factor = 1.0 - 0.25 * step as f64;
        let what = format!("scale {factor}");
        let expected = expected.clone().scaled(factor);
        assert_close(&what, &frame.forces(), &expected.forces, SAME_NUMBERS);
        assert_close(&what, frame.column("c_energies"), &expected.atom_energies, SAME_NUMBERS);
        assert_close(&what, &[finished.thermo("PotEng")[step]], &[expected.energy], SAME_NUMBERS);
    }
    // the second fix begins at step 2, with the factor 0.5 for the energies of atoms of type 2
    let halved: Vec<f64> = structure
        .types
        .iter()
        .zip(&expected.atom_energies)
        .map(|(kind, energy)| if *kind == 2 { 0.5 * energy } else { *energy })
        .collect();
    assert_close("scale of one type", &finished.probe("second_type").atom_energies, &halved, SAME_NUMBERS);
}

/// mtp/rs has no inner and outer part: at the outer level of rRESPA it is evaluated once per outer step.
#[test]
fn respa_at_the_outer_level_is_verlet() {
    let structure = synthetic::crystal(46);
    let run = |name: &str, style: &str| {
        job(&format!("contract-respa-{name}"), &structure).run(&format!(
            "{}
             {style}
             velocity all create 1000 4711
             fix nve all nve
             thermo 1
             thermo_style custom step etotal pe
             thermo_modify format float %.17g
             dump all all custom 10 all.dump id xu yu zu fx fy fz
             dump_modify all sort id format float %.17g
             run 10",
            setup(&structure, "crystal", "Mg V O")
        ))
    };
    let verlet = run("verlet", "run_style verlet");
    let respa = run("respa", "run_style respa 2 2 pair 2");
    assert_close("TotEng", &respa.thermo("TotEng"), &verlet.thermo("TotEng"), 1e-12);
    assert_close("PotEng", &respa.thermo("PotEng"), &verlet.thermo("PotEng"), 1e-12);
    let forces = |finished: &mtprs_tests::lammps::Finished| finished.dump("all.dump")[1].forces();
    assert_close("forces", &forces(&respa), &forces(&verlet), 1e-11);
}

#[test]
fn other_commands_see_the_style() {
    let structure = synthetic::crystal(47);
    let finished = job("contract-others", &structure).run(&format!(
        "{}
         compute one all pair mtp/rs
         thermo_style custom step pe evdwl c_one
         thermo_modify norm no
         run 0 post no
         print \"energies $(pe:%.17g) $(evdwl:%.17g) $(c_one:%.17g)\"
         info memory
         write_dump all custom first.dump id fx fy fz modify sort id format float %.17g
         run 0 post no
         write_dump all custom second.dump id fx fy fz modify sort id format float %.17g",
        setup(&structure, "crystal", "Mg V O")
    ));
    let expected = of_library(&structure, &[0, 1, 2]);
    assert_close("energies", &finished.numbers("energies"), &[expected.energy; 3], SAME_NUMBERS);
    let forces = |name: &str| finished.dump(name)[0].forces();
    assert_identical("forces computed again", &forces("second.dump"), &forces("first.dump"));
}
