//! Our templates against those in published potentials: the same basis functions, in any order.

use mtprs_core::format::load_potential;
use mtprs_core::potential::{MomentBasis, template};
use mtprs_tests::{files_below, shared};

#[test]
fn explore() {
    for file in files_below(&shared().join("data"), "mtp") {
        let p = load_potential(&file).unwrap();
        println!("{} {:?} {}", file.display(), p.moment_basis().level(), p.moment_basis().scalar_moments().len());
    }
}
