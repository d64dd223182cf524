//! The rules about a family: its edges, pins, locks, tags and checkouts.

use super::{Case, hold};
use crate::family::{cascade, family};

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

#[test]
fn waivers() {
    let dirty = |reason: &str, until: &str| {
        let town = family();
        town.write("core", "Cargo.toml", "# mine\n");
        let waiver = format!(
            "\n[[check.waiver]]\ncode = \"dirty\"\nreason = \"{reason}\"\nuntil = {until}\n"
        );
        let declared = town.read(".", "workspace.toml");
        town.workspace(&(declared + &waiver));
        town
    };
    let town = dirty("it is being written", "9999-12-31");
    let said = cascade(&town, &["check", "--select", "dirty", "--format", "json"]).exits(0);
    assert_eq!(said.json()["waived"][0]["reason"], "it is being written");
    cascade(&town, &["check"]).says(&["1 waived"]);
    let over = dirty("it was being written", "2026-01-01");
    let codes = ["check", "--select", "dirty", "--select", "waiver-*"];
    let said = cascade(&over, &codes).exits(1);
    said.says(&["workspace.toml", "over on 2026-01-01", "has changes"]);
}
