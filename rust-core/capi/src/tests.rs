//! What evaluators promise across the interface when something goes wrong: on one thread and on several, every function is
//! called as a C program calls it.

use std::ptr;

use mtprs_testing::small_potential::SMALL_POTENTIAL;

use super::*;

const ATOMS: usize = 40;

/// An evaluator as a C program has it.
struct Owned(*mut mtprs_evaluator_t);

impl Owned {
    fn new(threads: i32) -> Self {
        let (mut potential, mut evaluator) = (ptr::null_mut(), ptr::null_mut());
        let options = mtprs_evaluator_options_t {
            struct_size: size_of::<mtprs_evaluator_options_t>(),
            threads,
            precision: 0,
            selection: ptr::null(),
        };
        // SAFETY: all pointers are valid for the calls.
        unsafe {
            let text = SMALL_POTENTIAL.as_ptr().cast();
            let error = ptr::null_mut();
            let name = c"small.mtp".as_ptr();
            assert_eq!(mtprs_potential_parse(text, SMALL_POTENTIAL.len(), name, &mut potential, error), 0);
            assert_eq!(mtprs_evaluator_create(potential, &options, &mut evaluator, error), 0);
            mtprs_potential_free(potential);
        }
        Self(evaluator)
    }

    /// What `mtprs_evaluator_closest_pair` says.
    fn closest_pair(&self) -> Option<(f64, [i32; 2])> {
        let (mut distance, mut atoms) = (0.0, [-1; 2]);
        // SAFETY: all pointers are valid for the call.
        let found = unsafe { mtprs_evaluator_closest_pair(self.0, &mut distance, atoms.as_mut_ptr()) };
        (found == 1).then_some((distance, atoms))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: made by the library, freed once.
        unsafe { mtprs_evaluator_free(self.0) };
    }
}

/// A row of atoms 2 Å from each other with the lists of a C program, which may hold anything.
#[derive(Clone)]
struct Row {
    positions: Vec<[f64; 3]>,
    types: Vec<i32>,
    ilist: Vec<i32>,
    numneigh: Vec<i32>,
    lists: Vec<Vec<i32>>,
    without_address: Option<usize>,
    mask: i32,
    species_of_type: [i32; 3],
    scale_of_type: [f64; 3],
}

impl Row {
    fn new() -> Self {
        let neighbors =
            |atom: i32| (0..ATOMS as i32).filter(move |&other| other != atom && (other - atom).abs() < 4);
        let lists: Vec<Vec<i32>> = (0..ATOMS as i32).map(|atom| neighbors(atom).collect()).collect();
        Self {
            positions: (0..ATOMS).map(|atom| [2.0 * atom as f64, 0.0, 0.0]).collect(),
            types: (0..ATOMS as i32).map(|atom| 1 + atom % 2).collect(),
            ilist: (0..ATOMS as i32).collect(),
            numneigh: lists.iter().map(|list| list.len() as i32).collect(),
            lists,
            without_address: None,
            mask: 0x1fff_ffff,
            species_of_type: [0, 0, 1],
            scale_of_type: [1.0; 3],
        }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut row = Self::new();
        change(&mut row);
        row
    }

    /// Status, message, atom and what was written for energy and forces.
    fn compute(&self, evaluator: &Owned) -> (u32, String, i32, f64, Vec<f64>) {
        let mut error = mtprs_error_t { status: 0, atom: -2, message: [0; 1016] };
        let (mut energy, mut forces) = (0.0, vec![[0.0; 3]; ATOMS]);
        let address = |(atom, list): (usize, &Vec<i32>)| {
            if self.without_address == Some(atom) { ptr::null() } else { list.as_ptr() }
        };
        let firstneigh: Vec<*const i32> = self.lists.iter().enumerate().map(address).collect();
        let atoms = mtprs_atoms_t {
            struct_size: size_of::<mtprs_atoms_t>(),
            central_count: self.ilist.len() as i32,
            atom_count: ATOMS as i32,
            ilist: self.ilist.as_ptr(),
            numneigh: self.numneigh.as_ptr(),
            firstneigh: firstneigh.as_ptr(),
            neighbor_mask: self.mask,
            type_count: 2,
            positions: self.positions.as_ptr(),
            types: self.types.as_ptr(),
            species_of_type: self.species_of_type.as_ptr(),
            scale_of_type: self.scale_of_type.as_ptr(),
            tags: ptr::null(),
        };
        let outputs = mtprs_outputs_t {
            struct_size: size_of::<mtprs_outputs_t>(),
            energy: &mut energy,
            atom_energies: ptr::null_mut(),
            forces: forces.as_mut_ptr(),
            virial: ptr::null_mut(),
            atom_virials: ptr::null_mut(),
            centroid_virials: ptr::null_mut(),
            grades: ptr::null_mut(),
            energy_gradient: ptr::null_mut(),
        };
        // SAFETY: all pointers are valid for the call.
        let status = unsafe { mtprs_evaluator_compute(evaluator.0, &atoms, &outputs, &mut error) };
        let message = error.message.iter().map(|&byte| byte as u8).take_while(|&byte| byte != 0).collect();
        let message = String::from_utf8(message).expect("messages are UTF-8");
        (status, message, error.atom, energy, forces.into_flattened())
    }

    fn succeed(&self, evaluator: &Owned) -> (f64, Vec<f64>) {
        let (status, message, _, energy, forces) = self.compute(evaluator);
        assert_eq!((status, message.as_str()), (0, ""));
        assert!(energy != 0.0 && forces.iter().any(|&force| force != 0.0));
        (energy, forces)
    }
}

#[test]
fn a_wrong_index_is_an_argument_error_that_names_it_and_the_evaluator_goes_on() {
    type Change = fn(&mut Row);
    let cases: [(Change, &str, i32); 15] = [
        (
            |row| row.lists[3][1] = 40,
            "the neighbor list of atom 4 (index 3) names no atom: entry 1 (from 0) is 40, expected the index of one of 40 atoms, from 0",
            3,
        ),
        (
            |row| row.lists[39][2] = 41,
            "the neighbor list of atom 40 (index 39) names no atom: entry 2 (from 0) is 41,",
            39,
        ),
        (
            |row| (row.lists[20][5], row.mask) = (-1, 0),
            "the neighbor list of atom 21 (index 20) names no atom: entry 5 (from 0) is -1,",
            20,
        ),
        (
            |row| row.lists[0][0] = -1,
            "the neighbor list of atom 1 (index 0) names no atom: entry 0 (from 0) is 536870911,",
            0,
        ),
        (|row| row.lists[12][0] = i32::MAX, "the neighbor list of atom 13 (index 12) names no atom", 12),
        (|row| row.ilist[7] = 40, "ilist[7] is 40, expected the index of one of 40 atoms, from 0", -1),
        (|row| row.ilist[0] = -1, "ilist[0] is -1, expected the index of one of 40 atoms, from 0", -1),
        (|row| row.numneigh[5] = -3, "numneigh of atom 6 (index 5) is -3, expected 0 or more", 5),
        (
            |row| row.without_address = Some(8),
            "firstneigh of atom 9 (index 8) is NULL, expected a list of 6 neighbors",
            8,
        ),
        (|row| row.types[30] = 3, "atom 31 (index 30) has type 3, expected 1 to 2", 30),
        (|row| row.types[30] = 0, "atom 31 (index 30) has type 0, expected 1 to 2", 30),
        (|row| row.species_of_type[2] = 2, "type 2 is of species 2, expected 0 to 1, or -1 for none", -1),
        (|row| row.species_of_type[1] = -2, "type 1 is of species -2, expected 0 to 1, or -1 for none", -1),
        (|row| row.scale_of_type[2] = f64::NAN, "the scale of type 2 is not finite: NaN", -1),
        (|row| row.scale_of_type[1] = f64::INFINITY, "the scale of type 1 is not finite: inf", -1),
    ];
    for threads in [1, 4] {
        let evaluator = Owned::new(threads);
        let expected = Row::new().succeed(&evaluator);
        for (change, words, index) in cases {
            let (status, message, atom, energy, forces) = Row::with(change).compute(&evaluator);
            assert_eq!(status, 1, "{threads} threads: {message}");
            assert!(message.starts_with(words), "{threads} threads: {message}");
            assert_eq!(atom, index, "{message}");
            assert!(energy == 0.0 && forces.iter().all(|&force| force == 0.0), "nothing is written");
            assert_eq!(Row::new().succeed(&evaluator), expected, "after {message}");
        }
    }
}

#[test]
fn empty_lists_need_no_address() {
    for threads in [1, 4] {
        let evaluator = Owned::new(threads);
        let row = Row::with(|row| {
            row.numneigh[8] = 0;
            row.without_address = Some(8);
        });
        row.succeed(&evaluator);
    }
}

#[test]
fn the_closest_pair_is_that_of_the_last_computation_that_succeeded() {
    for threads in [1, 4] {
        let evaluator = Owned::new(threads);
        assert_eq!(evaluator.closest_pair(), None);
        let close = Row::with(|row| row.positions[30][0] = row.positions[29][0] + 1.25);
        close.succeed(&evaluator);
        let expected = Some((1.25, [29, 30]));
        assert_eq!(evaluator.closest_pair(), expected);
        // Failures at every stage, some of them behind closer pairs that the computation has seen.
        let failures: [fn(&mut Row); 5] = [
            |row| row.ilist[0] = -1,
            |row| row.positions[2][0] = row.positions[1][0] + 0.5,
            |row| row.positions[2][0] = row.positions[1][0],
            |row| row.positions[39][1] = f64::NAN,
            |row| row.scale_of_type = [1e308; 3],
        ];
        for (number, change) in failures.into_iter().enumerate() {
            let mut row = Row::with(change);
            if number == 1 {
                row.lists[38][0] = 4000;
            }
            let (status, message, ..) = row.compute(&evaluator);
            assert_ne!(status, 0);
            assert_eq!(evaluator.closest_pair(), expected, "{threads} threads: {message}");
        }
        Row::new().succeed(&evaluator);
        assert_eq!(evaluator.closest_pair(), None);
    }
}

#[test]
fn a_sum_that_is_not_finite_is_an_error() {
    for threads in [1, 4] {
        let evaluator = Owned::new(threads);
        let row = Row::with(|row| row.scale_of_type = [1e307; 3]);
        let (status, message, _, energy, forces) = row.compute(&evaluator);
        assert_eq!(status, 8, "{message}");
        let expected = "the energy or virial of all atoms together is not finite: single terms are too large";
        assert_eq!(message, expected);
        assert!(energy == 0.0 && forces.iter().all(|&force| force == 0.0));
        Row::new().succeed(&evaluator);
    }
}

/// A real panic, in the middle of a computation and on any thread: the caller gets a status, this evaluator refuses from then
/// on and can be freed, another one works.
#[test]
fn a_panic_poisons_its_evaluator_alone() {
    for (threads, panics_at) in [(1, 20), (4, 0), (4, ATOMS - 1)] {
        let (evaluator, other) = (Owned::new(threads), Owned::new(threads));
        let close = Row::with(|row| row.positions[30][0] = row.positions[29][0] + 1.25);
        close.succeed(&evaluator);
        // SAFETY: nobody else uses the evaluator now.
        unsafe { (*evaluator.0).panics_at = Some(panics_at) };
        let (status, message, atom, energy, forces) = Row::new().compute(&evaluator);
        assert_eq!((status, atom), (9, -1), "{message}");
        assert!(message.starts_with("internal error: "), "{message}");
        assert!(message.contains("hint: this is a defect of mtprs: please report it"), "{message}");
        assert!(energy == 0.0 && forces.iter().all(|&force| force == 0.0));
        for _ in 0..2 {
            let (status, message, _, energy, _) = Row::new().compute(&evaluator);
            assert_eq!((status, energy), (9, 0.0));
            let expected =
                "the evaluator is unusable after an internal error\n  hint: free it and make a new one";
            assert_eq!(message, expected);
        }
        let mut error = mtprs_error_t { status: 0, atom: 0, message: [0; 1016] };
        let (nothing, no_outputs) = (ptr::null(), ptr::null());
        // SAFETY: null is looked at after the evaluator.
        let status = unsafe { mtprs_evaluator_compute_cell(evaluator.0, nothing, no_outputs, &mut error) };
        assert_eq!(status, 9);
        assert_eq!(evaluator.closest_pair(), Some((1.25, [29, 30])));
        // SAFETY: the evaluator is there.
        assert!(unsafe { mtprs_evaluator_memory(evaluator.0) } > 0);
        assert_eq!(Row::new().succeed(&other), Row::new().succeed(&Owned::new(threads)));
    }
}

#[test]
fn null_is_nothing_to_free_and_nothing_to_ask() {
    // SAFETY: null is allowed.
    unsafe {
        mtprs_potential_free(ptr::null_mut());
        mtprs_selection_free(ptr::null_mut());
        mtprs_evaluator_free(ptr::null_mut());
        assert_eq!(mtprs_potential_level(ptr::null()), 0);
        assert_eq!(mtprs_evaluator_memory(ptr::null()), 0);
        assert_eq!(mtprs_evaluator_closest_pair(ptr::null(), ptr::null_mut(), ptr::null_mut()), 0);
        assert_eq!(mtprs_evaluator_closest_pair(Owned::new(1).0, ptr::null_mut(), ptr::null_mut()), 0);
        let (null, error) = (ptr::null_mut(), ptr::null_mut());
        assert_eq!(mtprs_evaluator_compute(null, ptr::null(), ptr::null(), error), 1);
        assert_eq!(mtprs_evaluator_compute(Owned::new(1).0, ptr::null(), ptr::null(), error), 1);
        assert_eq!(mtprs_potential_describe(ptr::null(), ptr::null_mut(), error), 1);
        assert_eq!(mtprs_selection_describe(ptr::null(), ptr::null_mut(), error), 1);
        assert_eq!(mtprs_evaluator_create(ptr::null(), ptr::null(), ptr::null_mut(), error), 1);
    }
}
