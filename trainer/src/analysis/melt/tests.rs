//! Runs of a small crystal whose verdicts are known.

use std::array::from_fn;

use mtprs_core::Error;
use mtprs_core::geometry::{Cell, Configuration, Vector3};

use super::{MeltReport, MeltSettings, Melting, Track};
use crate::analysis::crystal::{Crystal, Likeness};
use crate::random::Sequence;

const SIDE: f64 = 8.4;

/// Rock salt of 27 cells of a simple cubic lattice, each atom away from its site.
fn frame(moves: &[Vector3]) -> Configuration {
    let cell = Cell::new(&[[SIDE, 0.0, 0.0], [0.0, SIDE, 0.0], [0.0, 0.0, 2.0 * SIDE]]).unwrap();
    let site = |k: usize| [(k % 3) as f64, (k / 3 % 3) as f64, (k / 9) as f64].map(|x| 2.8 * x);
    let place = |k: usize| {
        let site = site(k);
        // Wrapped, so that the way of an atom shows from frame to frame only.
        from_fn(|axis| (site[axis] + moves[k][axis]).rem_euclid(if axis == 2 { 2.0 * SIDE } else { SIDE }))
    };
    let species = (0..54).map(|k| u32::from(k % 2 == 1)).collect();
    Configuration::new(cell, species, (0..54).map(place).collect()).unwrap()
}

/// A run whose atoms are moved as a function of the frame, the atom and some random numbers.
fn run(frames: usize, mut moved: impl FnMut(usize, usize, Vector3, &mut Sequence) -> Vector3) -> Track {
    let mut numbers = Sequence::new(77);
    let mut moves = vec![[0.0; 3]; 54];
    let mut track = Track::new(frame(&moves), false).unwrap();
    for number in 1..frames {
        for (atom, of) in moves.iter_mut().enumerate() {
            *of = moved(number, atom, *of, &mut numbers);
        }
        track.add(frame(&moves), false).unwrap();
    }
    track
}

fn report(track: &Track) -> MeltReport {
    let names = ["Na", "Cl"].map(str::to_owned);
    let species = [(0, names[0].clone()), (1, names[1].clone())];
    let crystal = Crystal::new(&track.first, &species).unwrap();
    MeltReport::new(track, &crystal, "the first frame", &MeltSettings::default(), &names, || {
        Ok::<(), Error>(())
    })
    .unwrap()
}

fn tremble(numbers: &mut Sequence) -> Vector3 {
    from_fn(|_| 0.3 * (numbers.uniform() - 0.5))
}

#[test]
fn atoms_that_tremble_and_drift_have_not_melted() {
    // All drift through the cell and out of it.
    let report = report(&run(40, |number, _, _, numbers| tremble(numbers).map(|x| x + 0.5 * number as f64)));
    assert_eq!((report.verdict, report.structure), (Melting::Not, Likeness::Crystalline), "{report:?}");
    assert!(report.species.iter().all(|one| one.displacement < 0.25), "{report:?}");
    assert!(report.long_range[1] > 0.5 * report.long_range[0], "{:?}", report.long_range);
    assert!(report.notes.is_empty());
}

#[test]
fn atoms_that_walk_have_melted() {
    let step = |at: Vector3, numbers: &mut Sequence| from_fn(|k| at[k] + 2.0 * (numbers.uniform() - 0.5));
    let report = report(&run(60, |_, _, at, numbers| step(at, numbers)));
    assert_eq!((report.verdict, report.structure), (Melting::Melted, Likeness::Amorphous), "{report:?}");
    // Steps with a variance of 1/3 along each axis, over 52 frames on average, with the scatter of 27 atoms.
    let expected = 52.0_f64.sqrt();
    assert!(report.species.iter().all(|one| (one.displacement / expected - 1.0).abs() < 0.3), "{report:?}");
    assert!(report.long_range[1] < 0.3 * report.long_range[0], "{:?}", report.long_range);
}

#[test]
fn a_melt_of_one_species_is_half_of_one() {
    let walk = |_: usize, atom: usize, at: Vector3, numbers: &mut Sequence| {
        if atom.is_multiple_of(2) {
            tremble(numbers)
        } else {
            from_fn(|k| at[k] + 2.0 * (numbers.uniform() - 0.5))
        }
    };
    let report = report(&run(60, walk));
    let verdicts: Vec<Melting> = report.species.iter().map(|one| one.verdict).collect();
    assert_eq!((report.verdict, verdicts), (Melting::Partly, vec![Melting::Not, Melting::Melted]));
}

#[test]
fn bad_frames_and_long_steps_are_refused() {
    let mut track = run(2, |_, _, at, _| at);
    let mut fewer = frame(&[[0.0; 3]; 54]);
    fewer.positions.pop();
    fewer.species.pop();
    assert_eq!(
        track.add(fewer, false).unwrap_err().message(),
        "there are 53 atoms: expected 54 as in the first frame"
    );
    let mut other = frame(&[[0.0; 3]; 54]);
    other.species.swap(0, 1);
    let error = track.add(other, false).unwrap_err();
    assert_eq!(error.message(), "atom 1 is of a different species than in the first frame");
    let mut moves = [[0.0; 3]; 54];
    moves[5][0] = 3.8;
    let error = track.add(frame(&moves), false).unwrap_err();
    assert!(error.message().starts_with("atom 6 moves by 0.45 of the cell"), "{error}");
}
