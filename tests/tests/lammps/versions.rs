//! Several LAMMPS: the same core checks on every one that is supported, and plugins in a LAMMPS they were not made for.

use std::fs;
use std::path::PathBuf;

use mtprs_testing::compare::assert_close;
use mtprs_testing::random::Random;
use mtprs_testing::structure::Structure;
use mtprs_testing::{synthetic, workspace};
use mtprs_tests::installed::{cmake, configure};
use mtprs_tests::lammps::{Job, Lammps, Probe, SAME_NUMBERS, pair, probe, setup};
use mtprs_tests::process::succeed;

fn job(lammps: &Lammps, name: &str, structure: &Structure) -> Job {
    Job::on(lammps, name).crystal(structure).file("mlip.ini", "mtp-filename crystal.mtp\n")
}

/// LAMMPS of 2023 and 2024 forgets plugins at `clear`; that of 2025 restores them.
fn without_clear(script: &str) -> String {
    script.replace("clear\n", "")
}

/// Boxes, ranks, hybrid, the drop-in, reloading, dynamics and errors, in short.
fn core_checks(lammps: &Lammps, version: &str) {
    let potential = synthetic::three_species(5.0);
    let tilted = Structure::random(&mut Random::new(81), [8.0, 7.0, 9.0], [3.0, -2.0, 2.5], 30, 3, 1.8);
    let slab = synthetic::crystal(82).with_periodic([true, true, false]).with_margin(0.5);
    for (kind, structure) in [("tilted", &tilted), ("slab", &slab)] {
        let script = [
            &setup(structure, "crystal", "Mg V O"),
            &probe("plain"),
            "pair_modify nofdotr",
            &probe("nofdotr"),
            "pair_style hybrid/overlay zero 5.0 mtp/rs",
            "pair_coeff * * zero",
            "pair_coeff * * mtp/rs crystal.mtp Mg V O",
            &probe("hybrid"),
            "pair_style mlip mlip.ini",
            "pair_coeff * *",
            &probe("mlip"),
            // dynamics end in a configuration that the library can judge
            &pair("crystal", "Mg V O"),
            "velocity all create 1000 4711",
            "fix nve all nve",
            "run 20 post no",
            &probe("moved"),
        ];
        for ranks in [1, 2] {
            let finished = job(lammps, &format!("versions-{version}-{kind}-{ranks}"), structure)
                .ranks(ranks)
                .run(&without_clear(&script.join("\n")));
            let expected = Probe::of_library(&potential, &structure.plain_configuration());
            for name in ["plain", "nofdotr", "hybrid", "mlip"] {
                finished.probe(name).assert_close(
                    &expected,
                    SAME_NUMBERS,
                    &format!("{version} {kind} {name}"),
                );
                finished.probe(name).assert_sums(SAME_NUMBERS, name);
            }
            let moved = finished.structure("moved").with_periodic(structure.periodic);
            let expected = Probe::of_library(&potential, &moved.plain_configuration());
            finished.probe("moved").assert_close(&expected, SAME_NUMBERS, &format!("{version} {kind} moved"));
        }
    }

    for ranks in [1, 2] {
        let script = without_clear(&setup(&tilted, "crystal", "Mg Xe O"));
        let output =
            job(lammps, &format!("versions-{version}-error-{ranks}"), &tilted).ranks(ranks).fail(&script);
        assert!(
            output.contains("element Xe (LAMMPS type 2) is not in crystal.mtp (species: Mg V O)"),
            "{output}"
        );
    }
}

#[test]
fn lammps_of_2025_passes_the_core_checks() {
    core_checks(&Lammps::current(), "2025");
}

#[test]
#[ignore = "long: run by make test-long"]
fn lammps_of_2024_passes_the_core_checks() {
    core_checks(&Lammps::of_2024(), "2024");
}

#[test]
#[ignore = "long: run by make test-long"]
fn lammps_of_2023_passes_the_core_checks() {
    core_checks(&Lammps::of_2023(), "2023");
}

/// Finite differences and the plugin's coming and going use parts of LAMMPS that changed between the versions.
#[test]
#[ignore = "long: run by make test-long"]
fn older_lammps_differentiate_and_reload() {
    let structure = Structure::random(&mut Random::new(83), [6.0, 5.5, 6.5], [1.5, -1.0, 0.8], 14, 3, 1.8);
    for (lammps, version) in [(Lammps::of_2024(), "2024"), (Lammps::of_2023(), "2023")] {
        let job = job(&lammps, &format!("versions-{version}-numdiff"), &structure);
        let finished = job.run(&format!(
            "{}{}
             plugin unload pair mtp/rs
             plugin unload pair mlip
             {}
             {}
             fix forces all numdiff 1 1e-4
             dump all all custom 1 all.dump id fx fy fz f_forces[*]
             dump_modify all sort id format float %.17g
             run 0 post no",
            without_clear(&setup(&structure, "crystal", "Mg V O")),
            probe("before"),
            job.plugin_load(),
            pair("crystal", "Mg V O"),
        ));
        let frame = &finished.dump("all.dump")[0];
        assert_close("forces", &frame.forces(), &frame.array("f_forces", 3), 1e-6);
        assert_close("reloaded", &frame.forces(), &finished.probe("before").forces, SAME_NUMBERS);
    }
}

/// A copy of the current plugin that says of itself something else, of the same length.
fn plugin_that_says(other: &str, instead_of: &str, job: &Job) -> PathBuf {
    let (ours, other) = (instead_of.as_bytes(), other.as_bytes());
    let mut bytes = fs::read(Lammps::current().plugin()).expect("the plugin can be read");
    let places: Vec<usize> =
        (0..bytes.len() - ours.len()).filter(|&k| bytes[k..].starts_with(ours)).collect();
    assert!(!places.is_empty(), "the plugin does not carry the words {instead_of}");
    for place in places {
        bytes[place..place + ours.len()].copy_from_slice(other);
    }
    let path = job.folder().join("mtprsplugin.so");
    fs::write(&path, bytes).expect("the folder of a job can be written to");
    path
}

/// Runs a plugin that says another word instead of ours: the run must end with all words of the advice.
fn assert_refused(name: &str, other: &str, instead_of: &str, advice: &[&str]) {
    for ranks in [1, 2] {
        let job = Job::new(&format!("versions-{name}-{ranks}")).ranks(ranks);
        let plugin = plugin_that_says(other, instead_of, &job);
        let finished = job.run_bare(&format!("plugin load {}\nprint \"went on\"\n", plugin.display()));
        finished.assert_orderly_failure();
        for words in advice {
            assert!(finished.output.contains(words), "expected \"{words}\" in:\n{}", finished.output);
        }
        assert!(!finished.output.contains("went on"), "{}", finished.output);
    }
}

#[test]
fn a_plugin_for_another_update_is_refused_with_advice() {
    assert_refused(
        "guard",
        "stable_22Jul2025_update9",
        "stable_22Jul2025_update4",
        &[
            "was built for LAMMPS 22 Jul 2025 (stable_22Jul2025_update9)",
            "but this is LAMMPS 22 Jul 2025 (stable_22Jul2025_update4)",
            "hint: build the plugin again for this LAMMPS",
        ],
    );
}

/// A plugin from the headers of a LAMMPS, built in a folder of this name with further options.
fn plugin_built(lammps: &Lammps, name: &str, options: &[String]) -> PathBuf {
    let build = workspace().join("target/tmp/plugins").join(name);
    let python = format!("-DMTPRS_PYTHON={}", lammps.python().display());
    let mut all = vec!["-DCMAKE_BUILD_TYPE=Debug", "-DMTPRS_CARGO_PROFILE=dev", &python];
    all.extend(options.iter().map(String::as_str));
    configure(&workspace().join("lammps-plugin"), &build, &all);
    succeed(cmake().arg("--build").arg(&build));
    build.join("mtprsplugin.so")
}

/// One file for three LAMMPS: each takes its own build, with strings laid out in two ways among them. One that fits none is
/// refused with the list.
#[test]
#[ignore = "long: run by make test-long"]
fn a_plugin_with_several_builds_takes_the_one_that_fits() {
    let (current, of_2024, of_2023) = (Lammps::current(), Lammps::of_2024(), Lammps::of_2023());
    let build = |lammps: &Lammps| lammps.plugin().with_file_name("mtprsplugin_build.o").display().to_string();
    let others = |names: &[String]| vec![format!("-DMTPRS_OTHER_BUILDS={}", names.join(";"))];
    let all = plugin_built(&current, "all", &others(&[build(&of_2024), build(&of_2023)]));
    for (lammps, version) in [(&current, "2025"), (&of_2024, "2024"), (&of_2023, "2023")] {
        core_checks(&lammps.clone().with_plugin(&all), &format!("{version}-of-all"));
    }

    let older = plugin_built(&of_2024, "older", &others(&[build(&of_2023)]));
    for ranks in [1, 2] {
        let job = Job::on(&current.clone().with_plugin(&older), &format!("versions-none-{ranks}"));
        let output = job.ranks(ranks).fail("print \"went on\"");
        let made_for = ["29 Aug 2024 (stable_29Aug2024_update3)", "2 Aug 2023 (stable_2Aug2023_update3)"];
        let running = "but this is LAMMPS 22 Jul 2025 (stable_22Jul2025_update4)";
        for words in
            [made_for[0], " or ", made_for[1], running, "hint: build the plugin again for this LAMMPS"]
        {
            assert!(output.contains(words), "expected \"{words}\" in:\n{output}");
        }
        assert!(!output.contains("went on"), "{output}");
    }
}

/// The same LAMMPS compiled with integers of other sizes: only the plugin can be had so, and it says so, too.
#[test]
#[ignore = "long: run by make test-long"]
fn a_plugin_for_other_integer_sizes_is_refused_with_advice() {
    let of_bigbig = "64-bit atom IDs and 64-bit step numbers (BIGBIG)";
    let of_smallsmall = "32-bit atom IDs and 32-bit step numbers (SMALLSMALL)";
    for (lammps, year, sizes, words) in [
        (Lammps::current(), 2025, "BIGBIG", of_bigbig),
        (Lammps::of_2023(), 2023, "BIGBIG", of_bigbig),
        // which the headers of later LAMMPS refuse
        (Lammps::of_2023(), 2023, "SMALLSMALL", of_smallsmall),
    ] {
        let name = format!("{sizes}-{year}");
        let plugin = plugin_built(&lammps, &name, &[format!("-DLAMMPS_SIZES={sizes}")]);
        for ranks in [1, 2, 4] {
            let job =
                Job::on(&lammps.clone().with_plugin(&plugin), &format!("versions-sizes-{name}-{ranks}"));
            let output = job.ranks(ranks).fail("print \"went on\"");
            let sentence = format!(
                "mtprsplugin.so was built for a LAMMPS with {words}, but this one has 32-bit atom IDs and 64-bit step \
                 numbers (SMALLBIG)"
            );
            assert!(output.contains(&sentence), "{output}");
            assert!(
                output.contains("hint: build the plugin again, with LAMMPS_SIZES as LAMMPS was configured"),
                "{output}"
            );
            assert!(!output.contains("went on"), "{output}");
        }
    }
}

/// A header that says it is Open MPI's stands for the whole of it: the plugin goes no further than the check.
#[test]
#[ignore = "long: run by make test-long"]
fn a_plugin_for_another_mpi_is_refused_with_advice() {
    let current = Lammps::current();
    let headers = workspace().join("target/tmp/plugins/open-mpi-header");
    fs::create_dir_all(&headers).expect("the folder can be made");
    let mpich = current.python().parent().expect("a folder").join("../include");
    for name in ["mpi.h", "mpi_proto.h", "mpi_abi.h"] {
        let text = fs::read_to_string(mpich.join(name)).expect("MPICH has this header");
        let first = if name == "mpi.h" { "#define OPEN_MPI 1\n" } else { "" };
        fs::write(headers.join(name), format!("{first}{text}")).expect("the header can be written");
    }
    let option = format!("-DMTPRS_MPI_INCLUDE_DIR={}", headers.display());
    let plugin = plugin_built(&current, "open-mpi", &[option]);
    for ranks in [1, 2] {
        let job = Job::on(&current.clone().with_plugin(&plugin), &format!("versions-mpi-{ranks}"));
        let output = job.ranks(ranks).fail("print \"went on\"");
        let sentence =
            "mtprsplugin.so was built with the mpi.h of Open MPI, but this LAMMPS runs with MPICH Version:";
        let advice =
            "hint: build the plugin again with the folder of that MPI's mpi.h in MTPRS_MPI_INCLUDE_DIR";
        assert!(output.contains(sentence) && output.contains(advice), "{output}");
        assert!(!output.contains("went on"), "{output}");
    }
}

/// Between these two not even std::string is laid out alike, and still there is a sentence instead of a crash.
#[test]
#[ignore = "long: run by make test-long"]
fn a_plugin_for_another_abi_is_refused_with_advice() {
    let (current, older) = (Lammps::current(), Lammps::of_2024());
    let (of_2025, of_2024) =
        ("22 Jul 2025 (stable_22Jul2025_update4)", "29 Aug 2024 (stable_29Aug2024_update3)");
    for (name, lammps, plugin, made_for, running) in [
        ("2024-in-2025", &current, older.plugin(), of_2024, of_2025),
        ("2025-in-2024", &older, current.plugin(), of_2025, of_2024),
    ] {
        for ranks in [1, 2] {
            let job = Job::on(&lammps.clone().with_plugin(plugin), &format!("versions-{name}-{ranks}"));
            let output = job.ranks(ranks).fail("print \"went on\"");
            let sentence =
                format!("mtprsplugin.so was built for LAMMPS {made_for}, but this is LAMMPS {running}");
            assert!(output.contains(&sentence), "{output}");
            assert!(output.contains("hint: build the plugin again for this LAMMPS"), "{output}");
            assert!(!output.contains("went on"), "{output}");
        }
    }
}
