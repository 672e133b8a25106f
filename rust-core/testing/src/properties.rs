//! How the tests of properties run.

use proptest::test_runner::{Config, RngSeed};

/// So many cases, the same in every run, and no file that keeps failures.
pub fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() }
}
