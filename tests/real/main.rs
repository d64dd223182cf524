//! Holds cascade against real families of repositories and their independently computed truth.
//!
//! The families are not part of the project. `CASCADE_REAL_FAMILIES` names a folder with
//! `make_workspace.sh FAMILY DEST` and `truth/FAMILY.json`; without it there is nothing to hold
//! cascade against, and the tests say so and end.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![expect(clippy::print_stdout, reason = "what was compared is worth reading")]

mod bump;
mod drift;
mod family;
mod judge;
mod replay;

use family::Family;

#[test]
fn pallets() {
    whole("pallets");
}

#[test]
fn hyper() {
    whole("hyper");
}

#[test]
fn replays() {
    for (name, repo) in [
        ("pallets", "flask"),
        ("pallets", "quart"),
        ("hyper", "reqwest"),
    ] {
        let Some(family) = Family::lay_out(name) else {
            println!("CASCADE_REAL_FAMILIES is not set: nothing of `{name}` to replay");
            continue;
        };
        replay::of(&family, repo);
    }
}

/// Runs every comparison for one family.
fn whole(name: &str) {
    let Some(family) = Family::lay_out(name) else {
        println!("CASCADE_REAL_FAMILIES is not set: nothing to compare `{name}` with");
        return;
    };
    let status = family.status();
    judge::packages(&family, &status);
    judge::pins(&family, &status);
    judge::order(&family, &status);
    drift::findings(&family);
    let reports = family.status_of_report_clones();
    judge::packages(&family, &reports);
    judge::pins(&family, &reports);
    judge::order(&family, &reports);
    judge::no_mismatch_at_any_tag(&family);
    judge::nothing_in_the_way_of_any_tag(&family);
    bump::every_upstream(&family);
}
