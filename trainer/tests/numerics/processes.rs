//! A training set shared by a group, with threads in the place of processes: each holds a part of it, sums have the same
//! bits, and a failure in one ends all.

use std::fs;
use std::path::Path;
use std::sync::{Barrier, Mutex};
use std::thread;

use mtprs::Failure;
use mtprs::dataset::{self, Grouping, Sets, Sources, WeightSettings};
use mtprs::endpoint::Input;
use mtprs::optimizer::Gram;
use mtprs::processes::group::{expect_same, from_first};
use mtprs::processes::{Alone, Group};
use mtprs::session::{self, Observer, Settings};
use mtprs::structure_files::Reading;
use mtprs::training::{Fit, FitSettings, Huber, Objective, Workers};
use mtprs_core::format::write_configuration;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use mtprs_testing::random::Numbers;
use mtprs_testing::sample::{atoms_in, oxide, trained};

/// What the threads have in common.
struct Meeting {
    barrier: Barrier,
    sums: Mutex<Vec<f64>>,
}

/// One thread of several.
struct Member<'a> {
    rank: usize,
    size: usize,
    meeting: &'a Meeting,
}

impl Group for Member<'_> {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn sharing_cores(&self) -> usize {
        self.size
    }

    fn sum(&self, values: &mut [f64]) -> Result<(), Error> {
        let Meeting { barrier, sums } = self.meeting;
        {
            let mut sums = sums.lock().unwrap();
            sums.resize(values.len(), 0.0);
            sums.iter_mut().zip(&*values).for_each(|(sum, value)| *sum += value);
        }
        barrier.wait();
        values.copy_from_slice(&sums.lock().unwrap());
        if barrier.wait().is_leader() {
            sums.lock().unwrap().clear();
        }
        barrier.wait();
        Ok(())
    }

    fn broadcast(&self, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
        Ok(bytes)
    }

    fn any_failed(&self, failed: bool) -> Result<bool, Error> {
        let mut count = [f64::from(u8::from(failed))];
        self.sum(&mut count)?;
        Ok(count[0] > 0.0)
    }
}

/// Has this many members do the same; the results by rank.
fn in_group<T: Send>(size: usize, work: impl Fn(&dyn Group) -> T + Sync) -> Vec<T> {
    let meeting = Meeting { barrier: Barrier::new(size), sums: Mutex::default() };
    let (meeting, work) = (&meeting, &work);
    thread::scope(|scope| {
        let member = |rank| scope.spawn(move || work(&Member { rank, size, meeting }));
        let members: Vec<_> = (0..size).map(member).collect();
        members.into_iter().map(|member| member.join().unwrap()).collect()
    })
}

fn potential() -> Potential {
    trained(6, oxide())
}

/// A file of configurations of 2 to 5 atoms with energies and forces.
fn sources(name: &str, count: usize) -> Sources {
    let mut numbers = Numbers(2);
    let mut text = Vec::new();
    for index in 0..count {
        let atoms = 2 + index % 4;
        let mut configuration = atoms_in(crate::TRICLINIC, atoms, 0.3, &mut numbers);
        configuration.energy = Some(numbers.next());
        configuration.forces =
            Some((0..atoms).map(|_| [numbers.next(), numbers.next(), numbers.next()]).collect());
        write_configuration(&configuration, &mut text).unwrap();
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    Sources {
        training: vec![path.into()],
        reading: Reading::default(),
        validation: Vec::new(),
        validation_fraction: 0.3,
        seed: 1,
        fold: None,
        grouping: Grouping::Auto,
        grouped: None,
        repulsion: 0.5,
        weights: WeightSettings::default(),
    }
}

/// Bits of loss, gradient and diagonal of the sampled matrix.
fn bits(sets: &Sets, group: &dyn Group) -> Vec<u64> {
    let workers = Workers::new(&potential(), 2).unwrap();
    let parameters = potential().parameters().to_flat().unwrap();
    let mut numbers = Vec::new();
    let some = sets.training.thinned(2);
    for set in [&sets.training, &sets.validation, &some] {
        let objective = Objective::new(set, &workers, group, Huber::default());
        let evaluation = objective.evaluate(&parameters, true).unwrap();
        let mut gram = Gram::new(objective.parameters());
        objective.sample_rows(&parameters, 100, 1, |rows| gram.add_rows(rows)).unwrap();
        numbers.push(evaluation.loss);
        numbers.extend([evaluation.gradient, gram.diagonal()].concat());
    }
    numbers.iter().map(|number| number.to_bits()).collect()
}

#[test]
fn each_process_holds_its_share_and_sums_have_the_bits_of_one_process() {
    let sources = sources("shares.cfg", 70);
    let whole = dataset::read(&sources, &potential(), &Alone).unwrap();
    let expected = bits(&whole, &Alone);
    for size in [2, 3, 100] {
        let shares = in_group(size, |group| {
            let sets = dataset::read(&sources, &potential(), group).unwrap();
            assert_eq!(bits(&sets, group), expected, "{size} processes");
            assert_eq!((&sets.contents, sets.shortest_distance), (&whole.contents, whole.shortest_distance));
            assert_eq!(sets.training.configurations(), whole.training.configurations());
            sets.training.samples().map(|sample| sample.index).collect::<Vec<_>>()
        });
        let most = whole.training.configurations().div_ceil(size);
        assert!(shares.iter().all(|share| share.len() <= most), "{shares:?}");
        let all: Vec<usize> = (0..whole.training.configurations()).collect();
        assert_eq!(shares.concat(), all);
    }
}

/// Has seen enough after some steps.
struct Impatient {
    steps_left: u64,
}

impl Observer for Impatient {
    fn step(&mut self, _fit: &Fit) -> Result<(), Failure> {
        self.steps_left -= 1;
        if self.steps_left > 0 { Ok(()) } else { Err(Failure::Pending(7, "enough".into())) }
    }
}

#[test]
fn a_fit_has_the_bits_of_one_process_and_ends_when_its_observer_fails() {
    let sources = sources("fit.cfg", 30);
    let fit = FitSettings { steps: 5, ..FitSettings::default() };
    let settings = Settings { fit, update_mindist: false, threads: 1 };
    let fitted = |group: &dyn Group, observer: &mut dyn Observer| {
        let sets = dataset::read(&sources, &potential(), group).unwrap();
        session::train(&potential(), &sets, &settings, group, observer)
    };
    let bits = |group: &dyn Group| {
        let trained = fitted(group, &mut ()).unwrap();
        assert_eq!(trained.steps, 5);
        trained.potential.parameters().to_flat().unwrap().into_iter().map(f64::to_bits).collect::<Vec<_>>()
    };
    let alone = bits(&Alone);
    assert_eq!(in_group(2, bits), [alone.clone(), alone]);
    let mut observer = Impatient { steps_left: 3 };
    let ended = fitted(&Alone, &mut observer).err();
    assert!(matches!(ended, Some(Failure::Pending(7, _))) && observer.steps_left == 0);
}

#[test]
fn what_one_process_cannot_read_ends_all() {
    let good = sources("readable.cfg", 20);
    let bad = Sources { training: vec![Input::File("none.cfg".into())], ..good.clone() };
    let messages = in_group(3, |group| {
        let sources = if group.rank() == 1 { &bad } else { &good };
        dataset::read(sources, &potential(), group).unwrap_err().to_string()
    });
    assert!(messages[1].starts_with("none.cfg: cannot open"), "{messages:?}");
    assert_eq!(messages[0], "another process of this training failed");
    assert_eq!(messages[2], messages[0]);
}

#[test]
fn numbers_that_differ_in_one_bit_are_noticed_by_all_and_made_the_same() {
    let error = || Error::new(ErrorKind::Bug, "different");
    for value in [1, 1 << 31, 1 << 32, 1 << 63] {
        let outcomes = in_group(3, |group| {
            let own = if group.rank() == 2 { u64::MAX ^ value } else { u64::MAX };
            assert!(expect_same(group, u64::MAX, error).is_ok());
            expect_same(group, own, error).is_err()
        });
        assert_eq!(outcomes, [true; 3]);
    }
    let numbers = in_group(3, |group| {
        let mut numbers = [0.1 * (1 + group.rank()) as f64, -1e300];
        from_first(group, &mut numbers).unwrap();
        numbers
    });
    assert_eq!(numbers, [[0.1, -1e300]; 3]);
}

#[test]
fn zeros_are_positive_in_any_group() {
    let mut alone = [-0.0];
    Alone.sum(&mut alone).unwrap();
    assert_eq!(alone[0].to_bits(), 0);
}
