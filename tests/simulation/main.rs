//! The simulation of runs: random families, and every fault at every boundary, from a seed.
//!
//! `cargo bench -p cascade-plan --bench simulation` runs many more seeds than the tests do.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a simulation that is wrong in itself should stop the test"
)]

mod family;
mod machine;
mod mutants;
mod seeds;
mod town;
mod world;

use std::collections::BTreeSet;

use mutants::Mutant;
use seeds::{caught_by, setting, smallest, verdict};

/// How many seeds the tests run.
const SEEDS: u64 = 2_000;

#[test]
fn a_run_survives_whatever_happens() {
    let failed = (0..SEEDS).find_map(|seed| smallest(seed, Mutant::Original));
    assert!(failed.is_none(), "{}", failed.unwrap_or_default());
}

#[test]
fn every_fault_in_the_decision_and_the_journal_is_noticed() {
    let missed = Mutant::ALL
        .iter()
        .filter(|it| caught_by(**it, 0..SEEDS).is_none());
    let missed: Vec<&str> = missed.map(|it| it.words()).collect();
    assert!(missed.is_empty(), "nobody notices {missed:?}");
}

#[test]
fn every_kind_of_fault_happens() {
    let reports = (0..1_000).map(|seed| verdict(setting(seed, Mutant::Original)).1);
    let kinds: BTreeSet<&str> = reports.flat_map(|it| it.faults.into_keys()).collect();
    let all: BTreeSet<&str> = town::KINDS.iter().copied().collect();
    assert_eq!(kinds, all);
}
