//! The walls between the rooms, read from the crates' own manifests.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What no room may depend on. Arrows go down only, and each effect has one room.
const WALLS: &[(&str, &[&str])] = &[
    (
        "cascade-manifest",
        &[
            "cascade-plan",
            "cascade-run",
            "cascade",
            "git2",
            "rayon",
            "clap",
            "indicatif",
            "miette",
        ],
    ),
    (
        "cascade-plan",
        &[
            "cascade-run",
            "cascade",
            "git2",
            "rayon",
            "tempfile",
            "clap",
            "indicatif",
            "comfy-table",
        ],
    ),
    (
        "cascade-run",
        &[
            "cascade",
            "clap",
            "indicatif",
            "miette",
            "comfy-table",
            "anstream",
        ],
    ),
    ("cascade", &["git2", "toml_edit", "petgraph"]),
    (
        "cascade-tests",
        &[
            "cascade",
            "cascade-run",
            "cascade-plan",
            "cascade-manifest",
            "git2",
        ],
    ),
];

/// Where libgit2 is spoken to: checkouts are observed, mirrors built in, trees laid out.
const GIT2: &[&str] = &[
    "crates/cascade-run/src/checkout",
    "crates/cascade-run/src/mirror",
    "crates/cascade-run/src/export.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn manifest(package: &str) -> toml_edit::Document<String> {
    let folder = match package {
        "cascade-tests" => root().join("tests"),
        _ => root().join("crates").join(package),
    };
    fs::read_to_string(folder.join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap()
}

fn dependencies(package: &str, table: &str) -> BTreeSet<String> {
    let manifest = manifest(package);
    let table = manifest.get(table).and_then(|it| it.as_table_like());
    table
        .map(|it| it.iter().map(|(name, _)| name.to_owned()).collect())
        .unwrap_or_default()
}

#[test]
fn arrows_go_down_only() {
    for (package, forbidden) in WALLS {
        for table in ["dependencies", "build-dependencies"] {
            let has = dependencies(package, table);
            let through: Vec<_> = forbidden.iter().filter(|it| has.contains(**it)).collect();
            assert!(
                through.is_empty(),
                "{package} must not depend on {through:?}"
            );
        }
    }
}

#[test]
fn there_are_four_rooms_and_no_more() {
    let rooms: BTreeSet<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    let four = ["cascade", "cascade-manifest", "cascade-plan", "cascade-run"];
    assert_eq!(rooms, four.map(str::to_owned).into());
}

#[test]
fn only_the_face_draws_errors() {
    let fancy = |package: &str| {
        let manifest = manifest(package);
        let miette = manifest.get("dependencies").and_then(|it| it.get("miette"));
        miette.is_some_and(|it| it.to_string().contains("fancy"))
    };
    assert!(fancy("cascade"));
    assert!(!fancy("cascade-plan"));
}

#[test]
fn every_room_keeps_the_workspace_lints() {
    for (package, _) in WALLS {
        let manifest = manifest(package);
        let kept = manifest.get("lints").and_then(|it| it.get("workspace"));
        assert_eq!(
            kept.and_then(toml_edit::Item::as_bool),
            Some(true),
            "{package}"
        );
    }
}

#[test]
fn git2_and_processes_have_one_home_each() {
    let mut strays = Vec::new();
    for file in sources(&root().join("crates")) {
        let text = fs::read_to_string(&file).unwrap();
        let production = text.split("#[cfg(test)]").next().unwrap_or_default();
        let path = file
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let git2_home = GIT2.iter().any(|it| path.starts_with(it));
        if production.contains("git2::") && !git2_home {
            strays.push(format!("{path} names git2"));
        }
        if production.contains("Command::new(") && path != "crates/cascade-run/src/exec.rs" {
            strays.push(format!("{path} starts processes"));
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

/// Every source file is named by a `mod` of the file above it: one that is not is dead, and nobody
/// would know.
#[test]
fn nothing_is_forgotten() {
    let mut forgotten = Vec::new();
    for file in sources(&root().join("crates")) {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        if !file.components().any(|it| it.as_os_str() == "src")
            || ["lib", "main"].contains(&stem.as_str())
        {
            continue;
        }
        let folder = file.parent().unwrap();
        let above = [
            folder.join("lib.rs"),
            folder.join("main.rs"),
            folder.with_extension("rs"),
        ];
        let named = above
            .iter()
            .filter_map(|it| fs::read_to_string(it).ok())
            .any(|text| {
                text.lines()
                    .any(|line| line.trim_end().ends_with(&format!("mod {stem};")))
            });
        if !named {
            forgotten.push(file.strip_prefix(root()).unwrap().display().to_string());
        }
    }
    assert!(forgotten.is_empty(), "{forgotten:#?}");
}

/// A check that is written and not registered in its group never finds anything.
#[test]
fn every_check_is_registered() {
    let folder = root().join("crates/cascade-plan/src/checks");
    let mut checks = 0;
    for file in sources(&folder) {
        let text = fs::read_to_string(&file).unwrap();
        if !text.contains("static CHECK: Check") {
            continue;
        }
        checks += 1;
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let group = file.parent().unwrap().with_extension("rs");
        let register = fs::read_to_string(&group).unwrap();
        assert!(
            register.contains(&format!("&{stem}::CHECK")),
            "`{stem}` is not in `ALL` of {}",
            group.display()
        );
    }
    assert!(checks > 20, "{checks} checks");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir()
            && path
                .file_name()
                .is_some_and(|it| it != "tests" && it != "target")
        {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found
}
