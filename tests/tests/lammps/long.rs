//! Runs of minutes, not part of `cargo test`:
//!
//!     cargo test -p mtprs-tests --test lammps long:: -- --ignored
//!
//! The numbers are left in `target/tmp/lammps/long-drift-double/report` and `…-mixed/report`.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use mtprs_testing::workspace;
use mtprs_tests::lammps::Job;

/// Steps of 0.5 fs; `MTPRS_DRIFT_STEPS` asks for another number, `MTPRS_DRIFT_POTENTIAL` for another potential with the
/// species Mg, V and O.
const STEPS: usize = 10_000;

/// eV per atom and ps.
const LARGEST_DRIFT: f64 = 1e-6;

/// Slope of the straight line of least squares.
fn slope(x: &[f64], y: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (x_mean, y_mean) = (mean(x), mean(y));
    let above: f64 = x.iter().zip(y).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    let below: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
    above / below
}

/// Amorphous MgV2O5, 768 atoms near 600 K, the potential and structure of the example. Forces that were not exactly
/// the gradient of the energy, or lost neighbors, would show as a drift of the total energy.
#[test]
#[ignore = "takes minutes"]
fn the_energy_of_768_atoms_does_not_drift() {
    assert_no_drift("double");
}

/// Rounding to single precision is a random force, of some 10⁻⁶ eV/Å; it could heat or cool the atoms only very slowly.
#[test]
#[ignore = "takes minutes"]
fn the_energy_of_768_atoms_does_not_drift_in_mixed_precision() {
    assert_no_drift("mixed");
}

fn assert_no_drift(precision: &str) {
    let read = |path: PathBuf| {
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
    };
    let example = workspace().join("examples/mgv2o5");
    let potential =
        env::var_os("MTPRS_DRIFT_POTENTIAL").map_or_else(|| example.join("mgvo.mtp"), PathBuf::from);
    let job = Job::new(&format!("long-drift-{precision}"))
        .ranks(2)
        .file("mgvo.mtp", read(potential))
        .file("amorphous.lmp", read(example.join("amorphous_96.data")))
        .time_limit(Duration::from_secs(3 * 3600));
    let steps =
        env::var("MTPRS_DRIFT_STEPS").map_or(STEPS, |steps| steps.parse().expect("a number of steps"));
    let finished = job.run(&format!(
        "units metal
         read_data amorphous.lmp
         replicate 2 2 2
         pair_style mtp/rs precision {precision} species Mg V O
         pair_coeff * * mgvo.mtp Mg V O
         timestep 0.001
         velocity all create 600 4711
         fix nve all nve
         fix bath all langevin 600 600 0.1 4712 zero yes
         thermo 100
         run 500
         unfix bath
         timestep 0.0005
         reset_timestep 0
         variable picoseconds equal step*dt
         thermo_style custom step v_picoseconds temp pe etotal
         thermo_modify format float %.17g
         thermo {}
         run {steps}",
        steps / 500
    ));
    let (time, energy) = (finished.thermo("v_picoseconds"), finished.thermo("TotEng"));
    // the first rows of these columns belong to the equilibration where they have the same name
    let energy = &energy[energy.len() - time.len()..];
    let atoms = 768.0;
    let drift = slope(&time, energy) / atoms;
    let middle = energy.iter().sum::<f64>() / energy.len() as f64;
    let wobble = energy.iter().fold(0.0_f64, |worst, value| worst.max((value - middle).abs())) / atoms;
    let temperatures = finished.thermo("Temp");
    let late = &temperatures[temperatures.len() - time.len()..];
    let temperature = late.iter().sum::<f64>() / late.len() as f64;
    let report = format!(
        "drift {drift:.3e} eV/atom/ps, largest deviation {wobble:.3e} eV/atom, mean temperature {temperature:.1} K, \
         {} ps, {:.0} builds of neighbor lists, {precision} precision",
        time[time.len() - 1],
        finished.number("Neighbor list builds =")
    );
    fs::write(finished.folder.join("report"), &report).expect("the folder of a job can be written to");
    assert!((500.0..700.0).contains(&temperature), "{report}");
    assert!(drift.abs() < LARGEST_DRIFT, "{report}");
}
