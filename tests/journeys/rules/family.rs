//! The rules about a family: its edges, pins, locks, tags and checkouts.

use super::{Case, hold};
use crate::family::family;

#[test]
fn checkouts() {
    hold(&[Case {
        code: "dirty",
        args: &[],
        breaks: || {
            let town = family();
            town.write("core", "Cargo.toml", "# mine\n");
            town
        },
        keeps: family,
    }]);
}
