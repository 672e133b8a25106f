//! Numbers of `pair_style mtp/rs` in LAMMPS: against the library, against finite differences that LAMMPS takes itself,
//! and against the definition of the heat flux.

use std::fs;

use mtprs_core::format::load_potential;
use mtprs_core::potential::Potential;
use mtprs_testing::compare::assert_close;
use mtprs_testing::random::Random;
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic;
use mtprs_testing::workspace;
use mtprs_tests::lammps::{Frame, Job, Probe, SAME_NUMBERS, probe, setup};

struct Case {
    name: &'static str,
    structure: Structure,
    potential: Potential,
    elements: &'static str,
}

/// One case for every kind of box that LAMMPS has.
fn cases() -> Vec<Case> {
    let mut random = Random::new(7);
    let case = |name, structure, potential| Case { name, structure, potential, elements: "Mg V O" };
    let tilted = Structure::random(&mut random, [8.0, 7.0, 9.0], [3.0, -2.0, 2.5], 30, 3, 1.8);
    // tilts beyond half an edge: LAMMPS warns and goes on
    let strongly_tilted = Structure::random(&mut random, [7.0, 6.0, 8.0], [11.0, -13.0, 17.0], 25, 3, 1.8);
    let tiny = Structure::random(&mut random, [3.1, 2.9, 3.3], [0.0; 3], 2, 3, 1.8);
    let tiny_tilted = Structure::random(&mut random, [3.1, 2.9, 3.3], [1.3, 0.9, -1.2], 2, 3, 1.8);
    let mut sheared_slab = synthetic::crystal(1);
    sheared_slab.tilts = [3.0, 0.0, 0.0];
    let one_species = Case {
        name: "one_species",
        structure: Structure::rock_salt([2, 2, 2], synthetic::ROCK_SALT_EDGE, 1).perturbed(&mut random, 0.2),
        potential: synthetic::potential(5, 10, &["Si"], 5.0),
        elements: "Si",
    };
    vec![
        case("orthogonal", synthetic::crystal(1), synthetic::three_species(5.0)),
        one_species,
        case("tilted", tilted, synthetic::three_species(5.0)),
        case("strongly_tilted", strongly_tilted, synthetic::three_species(5.0)),
        case("smaller_than_cutoff", tiny, synthetic::three_species(7.0)),
        case("tilted_smaller_than_cutoff", tiny_tilted, synthetic::three_species(7.0)),
        case(
            "slab",
            synthetic::crystal(1).with_periodic([true, true, false]).with_margin(0.5),
            synthetic::three_species(5.0),
        ),
        case(
            "sheared_slab",
            sheared_slab.with_periodic([true, true, false]).with_margin(0.5),
            synthetic::three_species(5.0),
        ),
        case(
            "wire",
            synthetic::crystal(1).with_periodic([false, true, false]).with_margin(0.5),
            synthetic::three_species(5.0),
        ),
        case(
            "cluster",
            synthetic::crystal(1).with_periodic([false; 3]).with_margin(0.5),
            synthetic::three_species(5.0),
        ),
    ]
}

#[test]
fn equal_those_of_the_library_in_every_kind_of_box() {
    let cases = cases();
    let mut job = Job::new("numbers-boxes");
    let mut script = String::new();
    for Case { name, structure, potential, elements } in &cases {
        job = job.structure(&format!("{name}.lmp"), structure).potential(&format!("{name}.mtp"), potential);
        script += &setup(structure, name, elements);
        script += &probe(name);
        // without F·r the global virial is the sum of the pair tallies
        script += &format!("pair_modify nofdotr\n{}", probe(&format!("{name}-nofdotr")));
    }
    let finished = job.run(&script);
    for Case { name, structure, potential, .. } in &cases {
        let expected = Probe::of_library(potential, &structure.plain_configuration());
        for name in [(*name).to_owned(), format!("{name}-nofdotr")] {
            let got = finished.probe(&name);
            got.assert_close(&expected, SAME_NUMBERS, &name);
            got.assert_sums(SAME_NUMBERS, &name);
        }
    }
}

#[test]
fn do_not_change_in_a_shrink_wrapped_box() {
    let structure = Structure::rock_salt([2, 1, 1], synthetic::ROCK_SALT_EDGE, 3)
        .perturbed(&mut Random::new(9), 0.2)
        .with_periodic([false; 3])
        .with_margin(3.0);
    let potential = synthetic::three_species(5.0);
    let job =
        Job::new("numbers-shrink").structure("cluster.lmp", &structure).potential("cluster.mtp", &potential);
    let script = setup(&structure, "cluster", "Mg V O").replace("boundary f f f", "boundary s m s");
    let finished = job.run(&format!("{script}{}", probe("cluster")));
    let got = finished.probe("cluster");
    got.assert_close(
        &Probe::of_library(&potential, &structure.plain_configuration()),
        SAME_NUMBERS,
        "shrink-wrapped",
    );
}

#[test]
fn are_derivatives_of_the_energy_as_lammps_differentiates_it() {
    let mut random = Random::new(21);
    let structure = Structure::random(&mut random, [6.0, 5.5, 6.5], [1.5, -1.0, 0.8], 14, 3, 1.8);
    let job = Job::new("numbers-numdiff")
        .structure("tilted.lmp", &structure)
        .potential("tilted.mtp", &synthetic::three_species(5.0));
    // fix numdiff/virial gives the stress in the order xx yy zz yz xz xy
    let finished = job.run(&format!(
        "{}
         fix forces all numdiff 1 1e-4
         fix stress all numdiff/virial 1 1e-5
         compute stress all pressure NULL virial
         dump all all custom 1 all.dump id fx fy fz f_forces[*]
         dump_modify all sort id format float %.17g
         thermo_style custom step pe c_stress[1] f_stress[1]
         run 0 post no
         print \"analytic $(c_stress[1]:%.17g) $(c_stress[2]:%.17g) $(c_stress[3]:%.17g) $(c_stress[6]:%.17g) $(c_stress[5]:%.17g) $(c_stress[4]:%.17g)\"
         print \"numeric $(f_stress[1]:%.17g) $(f_stress[2]:%.17g) $(f_stress[3]:%.17g) $(f_stress[4]:%.17g) $(f_stress[5]:%.17g) $(f_stress[6]:%.17g)\"
        ",
        setup(&structure, "tilted", "Mg V O")
    ));
    // second differences: errors of the order step² of energies of the order 10 eV per Å
    let frame = &finished.dump("all.dump")[0];
    assert_close("forces", &frame.forces(), &frame.array("f_forces", 3), 1e-6);
    assert_close("stress", &finished.numbers("analytic"), &finished.numbers("numeric"), 1e-6);
}

/// Σ_i r_i E_i of a frame with the columns that the test below dumps, eV Å.
fn energy_moment(frame: &Frame) -> [f64; 3] {
    let (pe, ke) = (frame.column("c_pe"), frame.column("c_ke"));
    ["x", "y", "z"]
        .map(|axis| frame.column(axis).iter().zip(pe).zip(ke).map(|((r, pe), ke)| r * (pe + ke)).sum())
}

/// The heat flux is J = d/dt Σ_i r_i E_i. For a cluster that derivative can be taken along a trajectory, which tells
/// centroid stress, and which atom every interaction is counted for, from all that merely sums to the right virial.
#[test]
fn of_the_heat_flux_are_the_derivative_of_the_energy_moment() {
    let timestep = 1e-5;
    let structure = Structure::rock_salt([1, 1, 2], synthetic::ROCK_SALT_EDGE, 3)
        .perturbed(&mut Random::new(3), 0.2)
        .with_periodic([false; 3])
        .with_margin(2.0);
    let job = Job::new("numbers-heat-flux")
        .structure("cluster.lmp", &structure)
        .potential("cluster.mtp", &synthetic::three_species(5.0));
    let finished = job.run(&format!(
        "{}
         velocity all create 3000 4711 mom no rot no
         timestep {timestep}
         compute pe all pe/atom
         compute ke all ke/atom
         compute centroid all centroid/stress/atom NULL virial
         compute half all stress/atom NULL virial
         compute flux all heat/flux ke pe centroid
         compute wrong all heat/flux ke pe half
         fix nve all nve
         dump all all custom 1 all.dump id x y z c_pe c_ke
         dump_modify all sort id format float %.17g
         thermo_style custom step pe c_flux[1] c_flux[2] c_flux[3] c_wrong[1] c_wrong[2] c_wrong[3]
         thermo_modify format float %.17g
         thermo 1
         run 4
        ",
        setup(&structure, "cluster", "Mg V O")
    ));
    let moments: Vec<[f64; 3]> = finished.dump("all.dump").iter().map(energy_moment).collect();
    // five-point formula for the derivative in the middle
    let derivative: Vec<f64> = (0..3)
        .map(|k| {
            let far = moments[4][k] - moments[0][k];
            let near = moments[3][k] - moments[1][k];
            (8.0 * near - far) / (12.0 * timestep)
        })
        .collect();
    let row = |name: &str| (1..=3).map(|k| finished.thermo(&format!("c_{name}[{k}]"))[2]).collect::<Vec<_>>();
    // the moments, some 1e3 eV Å, have 13 digits: 1e-10 / timestep
    assert_close("heat flux", &row("flux"), &derivative, 1e-6);
    let of_halves =
        mtprs_testing::compare::relative_deviation("heat flux from halves", &row("wrong"), &derivative);
    assert!(of_halves > 1e-3, "the test cannot tell centroid stress from halved pairs: {of_halves}");
}

/// The potential and the glass that the project ships, as its users run them.
#[test]
fn of_the_example_equal_those_of_the_library() {
    let example = workspace().join("examples/mgv2o5");
    let text = |name: &str| {
        let path = example.join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
    };
    let potential =
        load_potential(&example.join("mgvo.mtp")).expect("the potential of the example can be read");
    for ranks in [1, 2] {
        let job = Job::new(&format!("numbers-example-{ranks}"))
            .ranks(ranks)
            .file("mgvo.mtp", text("mgvo.mtp"))
            .file("amorphous.lmp", text("amorphous_96.data"));
        let script =
            "units metal\nread_data amorphous.lmp\npair_style mtp/rs\npair_coeff * * mgvo.mtp Mg V O\n";
        let finished = job.run(&format!("{script}{}", probe("glass")));
        let glass = finished.structure("glass");
        let got = finished.probe("glass");
        got.assert_close(
            &Probe::of_library(&potential, &glass.plain_configuration()),
            SAME_NUMBERS,
            "example",
        );
        got.assert_sums(SAME_NUMBERS, "example");
    }
}
