//! The rules about a family: its edges, pins, locks, tags and checkouts.

use cascade_tests::Town;

use super::{Case, hold};
use crate::family::{cascade, crate_toml, declaration, family};

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

/// `types` at 1.0.0 and 2.0.0, `core` and `graph` on it, and `app` on both, with these pins.
fn diamond(core: &str, graph: &str) -> Town {
    let town = Town::new();
    let needs = |pins: &str| pins.replace(", ", "\n");
    let package = |name: &str, pins: &str| crate_toml(name, "1.0.0", &needs(pins));
    let pins = |name: &str| match name {
        "core" => format!("types = \"{core}\""),
        "graph" => format!("types = \"{graph}\""),
        "app" => "core = \"1\", graph = \"1\"".to_owned(),
        _ => String::new(),
    };
    for name in ["types", "core", "graph", "app"] {
        let manifest = package(name, &pins(name));
        town.repo(name, "v1.0.0", &[("Cargo.toml", &manifest)]);
    }
    town.commit(
        "types",
        "feat!: other",
        &[("Cargo.toml", &crate_toml("types", "2.0.0", ""))],
    );
    town.git("types", &["tag", "-a", "v2.0.0", "-m", "v2.0.0"]);
    let needs = [
        ("types", ""),
        ("core", "types"),
        ("graph", "types"),
        ("app", "core graph"),
    ];
    town.workspace(&declaration(&town, &needs));
    town
}

#[test]
fn pins_that_come_together() {
    hold(&[Case {
        code: "diamond-skew",
        args: &[],
        breaks: || diamond("1", "2"),
        keeps: || diamond(">=1, <3", "2"),
    }]);
    let said = cascade(&diamond("1", "2"), &["check", "--select", "diamond-skew"]);
    said.exits(1).says(&[
        "no version of `types` fits all",
        "app -> core pins `1`",
        "app -> graph pins `2`",
        "cascade bump --repo types moves `core` to 2.0.0",
    ]);
}

#[test]
fn pins_that_move_down() {
    let moved = |to: &str| {
        let town = diamond("=2.0.0", "2");
        let manifest = town.read("core", "Cargo.toml").replace("=2.0.0", to);
        town.commit("core", "fix: pin", &[("Cargo.toml", &manifest)]);
        town
    };
    let codes = ["check", "--select", "pin-downgraded"];
    let said = cascade(&moved("=1.0.0"), &codes).exits(1);
    said.says(&["`=1.0.0` on `types` was `=2.0.0`"]);
    cascade(&moved("2"), &codes).exits(0);
    let town = diamond("=2.0.0", "2");
    let manifest = town.read("core", "Cargo.toml").replace("=2.0.0", "=1.0.0");
    town.write("core", "Cargo.toml", &manifest);
    let staged = [&codes[..], &["--staged"]].concat();
    cascade(&town, &staged).exits(0);
    town.git("core", &["add", "-A"]);
    cascade(&town, &staged).exits(1);
}
