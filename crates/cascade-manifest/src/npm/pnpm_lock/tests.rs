mod git;
mod peers;

use serde_json::json;

use super::*;
use crate::lock::{commands, unplaced};
use crate::npm::family::{
    Files, Registry, check_fallback, check_rewrite, files, moved, replaced, rewritten, step,
};

const BEFORE: &str = include_str!("../../../tests/fixtures/pnpm/before.yaml");
const AFTER: &str = include_str!("../../../tests/fixtures/pnpm/after.yaml");

fn family() -> Files {
    files("pnpm-workspace.yaml")
}

fn names(names: &[&str]) -> Names {
    names.iter().map(|it| (*it).to_owned()).collect()
}

#[test]
fn a_bump_is_written_as_pnpm_writes_it() {
    check_rewrite(&PnpmLock, (BEFORE, AFTER), &moved(&family()));
}

#[test]
fn what_is_held_and_recorded_is_found() {
    let facts = PnpmLock
        .find(BEFORE, &names(&["manifest", "b", "@fam/core"]))
        .unwrap();
    let held: Vec<_> = facts
        .entries
        .iter()
        .map(|it| (it.name.as_str(), it.version.as_deref(), it.place.as_str()))
        .collect();
    assert_eq!(
        held,
        [
            ("@fam/core", Some("1.0.0"), ""),
            ("manifest", Some("1.0.0"), ""),
            ("b", None, "pkgs/a/node_modules/b"),
        ]
    );
    let recorded: Vec<_> = facts
        .recorded
        .iter()
        .map(|it| {
            (
                it.dependent.as_str(),
                it.name.as_str(),
                it.requirement.as_str(),
            )
        })
        .collect();
    assert_eq!(
        recorded,
        [
            ("", "@fam/core", "1.0.0"),
            ("", "manifest", "1.0.0"),
            ("", "manifest", "1.0.0"),
            ("pkgs/a", "b", "^1.0.0"),
            ("pkgs/a", "manifest", "catalog:"),
            ("pkgs/b", "@fam/core", "catalog:old"),
            ("pkgs/b", "manifest", "^1.0.0"),
            ("", "manifest", "1.0.0"),
            ("", "@fam/core", "^1.0.0"),
        ]
    );
}

#[test]
fn git_tarballs_and_the_older_version_are_read() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let text = format!(
        "lockfileVersion: '6.0'\n\ndependencies:\n  a:\n    specifier: 1.0.0\n    version: 1.0.0\n\n\
         packages:\n\n  /a@1.0.0(b@1.0.0):\n    resolution: {{integrity: sha512-00}}\n\n  \
         b@https://h.example/o/b/tar.gz/{commit}:\n    resolution: {{tarball: https://h.example/o/b/tar.gz/{commit}}}\n    version: 1.2.3\n"
    );
    let facts = PnpmLock.find(&text, &names(&["a", "b"])).unwrap();
    let held: Vec<_> = facts
        .entries
        .iter()
        .map(|it| (it.version.as_deref(), &it.source))
        .collect();
    let git = LockedSource::Git(commit.to_owned());
    assert_eq!(
        held,
        [
            (Some("1.0.0"), &LockedSource::Registry),
            (Some("1.2.3"), &git)
        ]
    );
    assert_eq!(facts.recorded.len(), 1);
    for text in [
        "lockfileVersion: 5.4\n",
        "lockfileVersion: '10.0'\n",
        "a: 1\n",
        "",
        "[]",
    ] {
        assert!(PnpmLock.find(text, &names(&["a"])).is_err(), "{text}");
    }
}

#[test]
fn of_two_documents_the_second_is_the_projects() {
    let text = format!("---\nlockfileVersion: '9.0'\nimporters: {{}}\n---\n{BEFORE}");
    let names = names(&["manifest"]);
    let found = |text: &str| unplaced(PnpmLock.find(text, &names).unwrap());
    assert_eq!(found(&text), found(BEFORE));
}

#[test]
fn what_could_move_beside_it_is_a_fallback() {
    let files = moved(&family());
    let says = |key, value| Registry {
        new: vec![(key, value)],
        ..Registry::default()
    };
    let (third, extra) = (
        json!({"third": "^1.0.0"}),
        json!({"third": "^1.0.0", "extra": "1"}),
    );
    for (registry, reason) in [
        (
            says("dependencies", extra),
            "changed its dependencies: `extra` was added",
        ),
        (says("dependencies", json!({})), "`third` was removed"),
        (
            says("dependencies", json!({"third": "^2.0.0"})),
            "`third` is `^2.0.0` now",
        ),
        (
            says("dependencies", json!({"third": "npm:dep@^1.0.0"})),
            "`third` is `npm:dep@^1.0.0` now",
        ),
        (
            says("peerDependencies", third),
            "changed its peer dependencies: `third` was added",
        ),
        (
            says("engines", json!({"node": ">=20"})),
            "changed its `engines`",
        ),
        (says("bin", json!("x.js")), "changed its `bin`"),
        (
            says("deprecated", json!("use x")),
            "changed its `deprecated`",
        ),
        (
            says(
                "dist",
                json!({"integrity": "sha512-00", "tarball": "https://registry.example/x.tgz"}),
            ),
            "unusual address",
        ),
        (
            says("version", json!("1.1.1")),
            "is not of `manifest` 1.1.0",
        ),
        (
            Registry {
                range: Some("1.0.0"),
                ..Registry::default()
            },
            "`runtime` 1.0.0 requires `manifest` 1.0.0",
        ),
    ] {
        check_fallback(&PnpmLock, BEFORE, &files, &registry, reason);
    }
    let range = says("dependencies", json!({"third": ">=1.0.0 <3"}));
    assert_eq!(
        rewritten(&PnpmLock, BEFORE, &files, &range).as_deref(),
        Ok(AFTER)
    );
}

#[test]
fn a_lock_made_by_more_than_the_manifests_is_a_fallback() {
    let files = moved(&family());
    let plain = Registry::default();
    for (from, to, reason) in [
        (
            "importers:\n",
            "overrides:\n  x>manifest: 1.0.0\n\nimporters:\n",
            "the override `x>manifest`",
        ),
        (
            "importers:\n",
            "patchedDependencies:\n  x: y\n\nimporters:\n",
            "patched",
        ),
        (
            "importers:\n",
            "pnpmfileChecksum: x\n\nimporters:\n",
            "pnpmfile",
        ),
        ("'9.0'", "'6.0'", "not of version 9.0"),
        (
            "peerless@1.0.0(third@1.0.0)",
            "peerless@1.0.0(0123456789abcdef)",
            "digest",
        ),
        (
            "\n  manifest@1.0.0:\n    resolution",
            "\n  manifest@0.9.0: {}\n\n  manifest@1.0.0:\n    resolution",
            "several versions",
        ),
        (
            "specifier: npm:manifest@1.0.0",
            "specifier: \"npm:manifest@1.0.0\"",
            "tool writes it",
        ),
        ("sha512-y/ODLSOu", "sha512-x/ODLSOu", "digest"),
        (
            "        specifier: workspace:^1.0.0",
            "        specifier: workspace:^1.0.1",
            "`b` was out of step",
        ),
    ] {
        let text = BEFORE.replace(from, to);
        assert_ne!(text, BEFORE, "{from}");
        let told = rewritten(&PnpmLock, &text, &files, &plain).unwrap_err();
        assert!(told.contains(reason), "{told}");
    }
    let mut hooked = files.clone();
    hooked.insert(".pnpmfile.cjs".to_owned(), String::new());
    check_fallback(&PnpmLock, BEFORE, &hooked, &plain, "`.pnpmfile.cjs`");
    let range = replaced(
        &files,
        &[("\"manifest\": \"^1.0.0\"", "\"manifest\": \"^2.0.0\"")],
    );
    check_fallback(&PnpmLock, BEFORE, &range, &plain, "does not admit");
}

#[test]
fn a_member_whose_version_moves_takes_its_requirement_along() {
    let files = replaced(&family(), &[("workspace:^1.0.0", "workspace:^2.0.0")]);
    let own = [step("b", "1.0.0", "2.0.0")];
    let bump = Bump {
        moves: &[],
        own: &own,
        files: &files,
        facts: &Registry::default(),
    };
    let new = PnpmLock.rewrite(BEFORE, &bump).unwrap();
    assert_eq!(new, BEFORE.replace("workspace:^1.0.0", "workspace:^2.0.0"));
    let own = [step("b", "1.0.0", "3.0.0")];
    let bump = Bump { own: &own, ..bump };
    assert!(PnpmLock.rewrite(BEFORE, &bump).is_err());
}

#[test]
fn where_lock_and_manifests_disagree_is_told() {
    let told = |text: &str, files: &Files| -> Vec<String> {
        let found = PnpmLock.discords(text, files).unwrap();
        let row = |it: &Discord| {
            format!(
                "{} {} {} {:?}",
                it.manifest,
                it.subject,
                it.wanted,
                it.held.as_deref()
            )
        };
        found.iter().map(row).collect()
    };
    assert_eq!(told(BEFORE, &family()), [""; 0]);
    assert_eq!(
        told(BEFORE, &moved(&family())),
        [
            "package.json manifest 1.1.0 Some(\"1.0.0\")",
            "package.json manifest npm:manifest@1.1.0 Some(\"npm:manifest@1.0.0\")",
            "pnpm-workspace.yaml manifest 1.1.0 Some(\"1.0.0\")",
        ]
    );
    // The text agrees and the meaning does not.
    let text = BEFORE.replace(
        "specifier: ^1.0.0\n        version: 1.0.0",
        "specifier: ^1.0.0\n        version: 2.0.0",
    );
    assert!(
        told(&text, &family())
            .iter()
            .any(|it| it.ends_with("^1.0.0 Some(\"2.0.0\")"))
    );
    let more = replaced(
        &family(),
        &[("\"dep\": \"1.0.0\"", "\"dep\": \"1.0.0\", \"new\": \"1\"")],
    );
    assert_eq!(told(BEFORE, &more), ["package.json new 1 None"]);
    let fewer = replaced(&family(), &[("\"dep\": \"1.0.0\", ", "")]);
    assert_eq!(told(BEFORE, &fewer), ["package.json dep  Some(\"1.0.0\")"]);
    // An override is recorded in place of the requirement.
    let forced = BEFORE.replace("importers:\n", "overrides:\n  dep: 1.0.0\n\nimporters:\n");
    let files = replaced(&family(), &[("\"dep\": \"1.0.0\"", "\"dep\": \"^1.0.0\"")]);
    assert_eq!(told(&forced, &files), ["package.json dep  Some(\"1.0.0\")"]);
    let written = |table: &str| {
        let mut files = files.clone();
        let text = files.get_mut("package.json").unwrap();
        *text = text.replacen('{', &format!("{{ {table}, "), 1);
        files
    };
    let pnpm = |value: &str| {
        let table = format!("\"pnpm\": {{ \"overrides\": {{ \"dep\": \"{value}\" }} }}");
        written(&format!("\"packageManager\": \"pnpm@10.1.0\", {table}"))
    };
    assert_eq!(told(&forced, &pnpm("1.0.0")), [""; 0]);
    assert_eq!(
        told(&forced, &written("\"resolutions\": { \"dep\": \"1.0.0\" }")),
        [""; 0]
    );
    assert_eq!(
        told(&forced, &pnpm("1.1.0")),
        ["package.json dep 1.1.0 Some(\"1.0.0\")"]
    );
    // What it refers to says it.
    assert_eq!(
        told(&forced, &pnpm("$dep")),
        ["package.json dep $dep Some(\"1.0.0\")"]
    );
    // The pnpm that is asked for reads it, and the lock lacks it.
    let lacks = told(BEFORE, &pnpm("1.0.0"));
    assert!(
        lacks.contains(&"package.json dep 1.0.0 None".to_owned()),
        "{lacks:?}"
    );
    let ignored = written("\"pnpm\": { \"overrides\": { \"x\": \"1.0.0\" } }");
    let lacks = told(BEFORE, &ignored);
    assert!(!lacks.iter().any(|it| it.contains(" x ")), "{lacks:?}");
}

#[test]
fn overrides_of_the_workspaces_file_are_those_of_the_lock() {
    let told = |text: &str, value: &str| -> Vec<String> {
        let mut files = family();
        let workspace = files.get_mut("pnpm-workspace.yaml").unwrap();
        *workspace = format!("{workspace}overrides:\n  x>manifest: {value}\n");
        let found = PnpmLock.discords(text, &files).unwrap();
        let row = |it: &Discord| format!("{} {} {:?}", it.subject, it.wanted, it.held);
        found.iter().map(row).collect()
    };
    let forced = BEFORE.replace(
        "importers:\n",
        "overrides:\n  x>manifest: 1.0.0\n\nimporters:\n",
    );
    assert_eq!(told(&forced, "1.0.0"), [""; 0]);
    assert_eq!(told(&forced, "1.1.0"), ["manifest 1.1.0 Some(\"1.0.0\")"]);
    assert_eq!(told(&forced, "'catalog:'"), [""; 0]);
    assert_eq!(told(BEFORE, "1.0.0"), ["manifest 1.0.0 None"]);
}

#[test]
fn a_range_is_bound_while_the_one_command_runs() {
    let of = |moves: &[Move]| commands(&PnpmLock, ("pnpm-lock.yaml", BEFORE), &family(), moves);
    let install = "pnpm install --no-frozen-lockfile --lockfile-only --ignore-scripts";
    assert_eq!(of(&[step("manifest", "1.0.0", "1.1.0")]), [install]);
    assert_eq!(of(&[]), [install]);
    assert!(PnpmLock.takes_newest());
}

#[test]
fn what_an_alias_alone_asks_for_leaves_a_dependent_where_it_is() {
    let text = |alias: &str| {
        let head = BEFORE.split_once("catalogs:\n").unwrap().0;
        let records = BEFORE.split_once("\npackages:").unwrap().1;
        let row = |alias, version| {
            format!("      {alias}:\n        specifier: {version}\n        version: {version}\n")
        };
        let own = if alias == "manifest" {
            "1.0.0"
        } else {
            "npm:manifest@1.0.0"
        };
        let first = row(alias, own).replace("version: npm:", "version: ");
        let importer = format!("{first}{}", row("runtime", "1.0.0"));
        format!("{head}importers:\n\n  .:\n    dependencies:\n{importer}\npackages:{records}")
    };
    let files = |pin: &str| -> Files {
        let manifest = format!("{{\"dependencies\": {{{pin}, \"runtime\": \"1.0.0\"}}}}\n");
        [("package.json".to_owned(), manifest)].into()
    };
    let own = rewritten(
        &PnpmLock,
        &text("manifest"),
        &files("\"manifest\": \"1.1.0\""),
        &Registry::default(),
    );
    assert!(own.unwrap().contains("manifest: 1.1.0"));
    // pnpm gives the alias a copy of its own, and the dependent keeps the old one.
    check_fallback(
        &PnpmLock,
        &text("ali"),
        &files("\"ali\": \"npm:manifest@1.1.0\""),
        &Registry::default(),
        "`runtime` 1.0.0 requires `manifest` ^1.0.0, which no manifest asks for by its own name",
    );
}
