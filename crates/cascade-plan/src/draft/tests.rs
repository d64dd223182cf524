use std::collections::BTreeSet;

use cascade_manifest::{Form, Kind, Version, ecosystem};
use proptest::prelude::*;

use super::compare::compare_from;
use super::infer::default_template;
use super::*;
use crate::{
    Finding, ObservedPackage, ObservedRepo, Oid, PackageId, PinStatus, PinSurvey, RepoSurvey,
    Several, Tag, TagHit, TagTemplate, Trouble, VersionSource, declare,
};

mod texts;

fn oid() -> Oid {
    Oid::parse(&"0".repeat(40)).expect("an id")
}

fn found(name: &str) -> Found {
    Found {
        repo: RepoId::new(name),
        path: name.to_owned(),
        remote: Some(format!("https://host.example/{name}.git")),
        branch: Some("main".to_owned()),
    }
}

fn package(eco: &str, name: &str, manifest: &str) -> ObservedPackage {
    ObservedPackage {
        ecosystem: ecosystem(eco).expect("known"),
        name: name.to_owned(),
        manifest: manifest.to_owned(),
        version: None,
        source: VersionSource::Static,
        version_at: None,
        version_text: None,
        template: TagTemplate::parse("v{version}").expect("a template"),
        tag_format: TagFormat::Semver,
        latest: None,
        reachable: None,
        announced: None,
        retracted: None,
        retracts: Vec::new(),
        since: Vec::new(),
    }
}

fn observed(packages: Vec<ObservedPackage>, tags: &[&str]) -> ObservedRepo {
    let tag = |name: &&str| Tag {
        name: (*name).to_owned(),
        commit: oid(),
    };
    ObservedRepo {
        packages,
        tags: tags.iter().map(tag).collect(),
        ..ObservedRepo::default()
    }
}

fn snapshot(repos: Vec<(&str, ObservedRepo)>) -> Snapshot {
    let named = repos.into_iter().map(|(name, it)| (RepoId::new(name), it));
    Snapshot {
        taken: 0,
        repos: named.collect(),
        ..Snapshot::default()
    }
}

fn pin(up: &str, kind: Kind, line: usize) -> PinSurvey {
    PinSurvey {
        manifest: "pyproject.toml".to_owned(),
        line,
        section: "project.dependencies".to_owned(),
        kind,
        auxiliary: false,
        package: None,
        requirement: String::new(),
        span: None,
        form: Form::Range,
        source: None,
        ecosystem: ecosystem("python"),
        upstream: PackageId {
            repo: RepoId::new(up),
            ecosystem: "python".to_owned(),
            name: up.to_owned(),
        },
        named: None,
        latest: None,
        status: PinStatus::Unbounded,
        lock: None,
        digest: None,
    }
}

fn surveyed(pins: Vec<(&str, Vec<PinSurvey>)>) -> Survey {
    let repo = |(name, pins): (&str, Vec<PinSurvey>)| {
        let repo = RepoSurvey {
            pins,
            ..RepoSurvey::default()
        };
        (RepoId::new(name), repo)
    };
    Survey {
        repos: pins.into_iter().map(repo).collect(),
        ..Survey::default()
    }
}

/// The template and format that a declaration comes to for a package.
fn comes_to(repo: &RepoDeclaration, package: &str, several: Several) -> (TagTemplate, TagFormat) {
    let said = repo.packages.iter().find(|it| it.name == package);
    let tag = said
        .and_then(|it| it.tag.clone())
        .or_else(|| repo.tag.clone());
    let format = said.and_then(|it| it.tag_format).unwrap_or(repo.tag_format);
    let bare = package.rsplit('/').next().unwrap_or_default();
    let tag = tag.unwrap_or_else(|| default_template(several));
    (tag.for_package(bare), format)
}

#[test]
fn init_check_tells_every_difference() {
    let text = "[workspace]\nname = 'w'\n[repo.a]\nneeds = ['b', 'c', { repo = 'd', order-only = true }, 'gone']\n[repo.b]\n[repo.c]\n[repo.d]\n[repo.gone]\n";
    let graph = Graph::build(declare(text).expect("declared")).expect("a graph");
    let hit = |text: &str, tag: &str| TagHit {
        tag: tag.to_owned(),
        version: Version::parse(cascade_manifest::Scheme::Pep440, text).expect("a version"),
        commit: oid(),
    };
    let mut moved = package("python", "b", "pyproject.toml");
    moved.latest = Some(hit("0.4.0", "v0.4.0"));
    let mut kept = package("python", "c", "pyproject.toml");
    kept.latest = Some(hit("2.0", "v2.0"));
    let gone = ObservedRepo {
        trouble: Some(Trouble::Missing),
        ..ObservedRepo::default()
    };
    let seen = snapshot(vec![
        ("a", observed(Vec::new(), &[])),
        ("b", observed(vec![moved], &["v0.4.0", "b-v0.8.0"])),
        ("c", observed(vec![kept], &["v2.0", "c-1.0"])),
        ("d", observed(Vec::new(), &[])),
        ("gone", gone),
    ]);
    let fresh = snapshot(vec![(
        "new",
        observed(vec![package("npm", "new-kit", "package.json")], &[]),
    )]);
    let survey = surveyed(vec![
        (
            "a",
            vec![pin("b", Kind::Runtime, 3), pin("c", Kind::Indirect, 4)],
        ),
        ("b", vec![pin("c", Kind::Build, 5)]),
    ]);
    let clones = ["a", "b", "c", "d", "new"].map(found);
    let findings = compare_from(&graph, &seen, &clones, &fresh, &survey);
    let line = |it: &Finding| {
        let repo = it.repo.as_ref().map_or("-", RepoId::as_str);
        let mend = it.mend.as_deref().unwrap_or("-");
        let place = it.place.as_ref().map_or(String::new(), |it| {
            format!(" ({}:{})", it.path, it.line.unwrap_or(0))
        });
        format!("{} {repo}: {}{place}; {mend}", it.code.0, it.what)
    };
    let lines: Vec<String> = findings.iter().map(line).collect();
    insta::assert_snapshot!(lines.join("\n"), @r###"
dead-edge a: it needs `c`, and no pin of it stands behind that; remove `c` from its `needs`, or write `{ repo = "c", order-only = true }`
missing-repo gone: no clone stands at `gone`; `cascade fetch` clones it, or remove its table
template-differs b: the tags of `b` follow `b-v{version}`, not `v{version}`; declare `tag = "b-v{version}"` for it
undeclared-edge b: it pins `c` of `c`, which its needs do not name (pyproject.toml:5); add `c` to its `needs`
undeclared-repo new: `new` is a clone that is not declared; it holds `new-kit`; declare `[repo.new]`
"###);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_draft_means_what_was_found(
        edges in prop::collection::vec((0_usize..6, 0_usize..6, 0_usize..4), 0..14),
        shapes in prop::collection::vec(prop::collection::vec((0_usize..5, 0_usize..6), 0..4), 6),
        branches in prop::collection::vec(prop::option::of("(main|master|x/[a-z]{1,3})"), 6),
    ) {
        let names = ["a", "b.js", "c_c", "d-d", "e", "f"];
        let prefixes = ["v", "", "NAME-v", "NAME-", "NAME@", "rel/"];
        let mut clones = names.map(found);
        let mut repos = Vec::new();
        for (n, name) in names.iter().enumerate() {
            clones[n].branch.clone_from(&branches[n]);
            let mut packages = Vec::new();
            let mut tags = Vec::new();
            for (which, prefix) in &shapes[n] {
                let package_name = format!("{name}-p{which}");
                let eco = ["python", "npm", "cargo"][which % 3];
                tags.push(format!("{}1.{which}.0", prefixes[*prefix].replace("NAME", &package_name)));
                packages.push(package(eco, &package_name, &format!("p{which}/x")));
            }
            packages.dedup_by(|a, b| a.name == b.name);
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            repos.push((*name, observed(packages, &tags)));
        }
        let snapshot = snapshot(repos);
        let kinds = [Kind::Runtime, Kind::Peer, Kind::Dev, Kind::Build];
        let mut pins: BTreeMap<&str, Vec<PinSurvey>> = BTreeMap::new();
        for (down, up, kind) in edges {
            pins.entry(names[down]).or_default().push(pin(names[up], kinds[kind], 1));
        }
        let survey = surveyed(pins.into_iter().collect());
        let text = draft_from("w", &clones, &snapshot, &survey);
        let declared = declare(&text);
        prop_assert!(declared.is_ok(), "{:?}\n{}", declared.err().map(|it| it.errors().to_vec()), text);
        let declared = declared.expect("just looked");
        let edges = edges::derive(&survey);
        for found in &clones {
            let repo = &declared.repos[&found.repo];
            prop_assert_eq!(&repo.path, &found.path);
            prop_assert_eq!(&repo.remote, &found.remote);
            if let Some(branch) = &found.branch {
                prop_assert_eq!(repo.branch.0.first(), Some(branch));
            }
            let needs: BTreeSet<RepoId> = repo.needs.iter().map(|it| it.repo.clone()).collect();
            prop_assert_eq!(&needs, &edges.needs.get(&found.repo).cloned().unwrap_or_default());
            let seen = &snapshot.repos[&found.repo];
            for it in tags::tagged(seen).iter().filter(|it| it.inferred.count > 0) {
                let name = &it.package.name;
                let canonical = (it.package.ecosystem.canonical)(name);
                if canonical == name.as_str() {
                    let (template, format) = comes_to(repo, name, tags::several(seen));
                    prop_assert_eq!(&template, &it.inferred.template, "{} {}", name, text);
                    prop_assert_eq!(format, it.inferred.format);
                }
            }
        }
        prop_assert!(Graph::build(declared).is_ok());
    }

    #[test]
    fn nothing_found_breaks_a_draft(
        name in "\\PC{0,8}", path in "\\PC{0,8}", remote in "\\PC{0,12}", branch in "\\PC{0,6}",
        package_name in "[ -~\n\"]{0,8}", tags in prop::collection::vec("\\PC{0,12}", 0..4),
    ) {
        let clone = Found {
            repo: RepoId::new(name.clone()),
            path,
            remote: Some(remote),
            branch: Some(branch),
        };
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let seen = observed(vec![package("npm", &package_name, "package.json")], &tags);
        let text = draft_from("w", &[clone], &snapshot(vec![(name.as_str(), seen)]), &Survey::default());
        let declared = declare(&text);
        prop_assert!(declared.is_ok(), "{:?}\n{}", declared.err().map(|it| it.errors().to_vec()), text);
    }
}

#[test]
fn tags_that_a_folder_gives_are_not_declared() {
    let clones = ["core", "app"].map(found);
    let module = |name: &str, manifest: &str| package("go", name, manifest);
    let core = vec![
        module("example.org/core", "go.mod"),
        ObservedPackage {
            retracted: Some(TagHit {
                tag: "json/v0.3.0".to_owned(),
                version: Version::parse(cascade_manifest::Scheme::Semver, "0.3.0").expect("one"),
                commit: oid(),
            }),
            ..module("example.org/core/json", "json/go.mod")
        },
        module("example.org/core/xml/v2", "xml/v2/go.mod"),
    ];
    let tags = [
        "v1.2.0",
        "json/v0.3.0",
        "json/v0.2.0",
        "xml/v2.0.1",
        "xml/v1.0.0",
        "0.15.0",
    ];
    let snapshot = snapshot(vec![
        ("core", observed(core, &tags)),
        (
            "app",
            observed(
                vec![
                    module("example.org/app", "go.mod"),
                    package("npm", "@x/ui", "package.json"),
                ],
                &["v0.1.0", "ui@0.2.0"],
            ),
        ),
    ]);
    insta::assert_snapshot!(draft_from("gophers", &clones, &snapshot, &surveyed(vec![])), @r###"
# The repositories that are released together, and what each of them stands on.
#
# `cascade init` wrote this file from what it found in 2 clones; from here on it is
# yours. `cascade init --check` says where it and the clones differ, and
# docs/workspace-file.md explains every key.

[workspace]
name = "gophers"
branch = "main"

# go example.org/app, go.mod: 0.1.0, the only version tagged.
# npm @x/ui, package.json: 0.2.0, the only version tagged.
[repo.app]
remote = "https://host.example/app.git"
tag = "{name}@{version}"
packages = [{ name = "example.org/app", tag = "v{version}" }]

# go example.org/core, go.mod: 1.2.0, the only version tagged.
# go example.org/core/json, json/go.mod: 0.3.0, the latest of 2 versions tagged, which it took back.
# go example.org/core/xml/v2, xml/v2/go.mod: 2.0.1, the only version tagged.
[repo.core]
remote = "https://host.example/core.git"
"###);
}

fn templates(repo: &ObservedRepo) -> Vec<String> {
    let all = tags::tagged(repo);
    let text = |it: &tags::Tagged<'_>| it.inferred.template.text().to_owned();
    all.iter().map(text).collect()
}

fn said(package: ObservedPackage, version: &str) -> ObservedPackage {
    ObservedPackage {
        version: Some(version.to_owned()),
        ..package
    }
}

#[test]
fn a_new_package_has_no_part_in_the_tags_of_an_undivided_past() {
    let kit = |manifest, version| said(package("cargo", "kit", manifest), version);
    let new = || said(package("cargo", "kit-new", "new/Cargo.toml"), "0.1.0");
    let past = &["v0.1.0", "v0.20.0", "kit-0.25.0"];
    let repo = observed(vec![kit("kit/Cargo.toml", "0.25.0"), new()], past);
    assert_eq!(templates(&repo), ["kit-{version}", "{name}-v{version}"]);
    // Where no tag names a package, one tag may be for all; the root's own stays the root's.
    let repo = observed(vec![kit("Cargo.toml", "0.20.0"), new()], &["v0.20.0"]);
    assert_eq!(templates(&repo), ["v{version}", "v{version}"]);
    let root = said(package("cargo", "root", "Cargo.toml"), "0.1.0");
    let repo = observed(vec![root, kit("kit/Cargo.toml", "0.25.0")], past);
    assert_eq!(templates(&repo), ["v{version}", "kit-{version}"]);
}

#[test]
fn a_repository_of_two_languages_may_tag_by_language() {
    let packages = vec![
        package("python", "frames", "py/pyproject.toml"),
        package("cargo", "frames", "crates/frames/Cargo.toml"),
        package("cargo", "frames-core", "crates/core/Cargo.toml"),
    ];
    let tags = &["v0.1.0", "py-0.20.1", "rs-0.36.2"];
    let repo = observed(packages, tags);
    assert_eq!(
        templates(&repo),
        ["py-{version}", "rs-{version}", "rs-{version}"]
    );
    let alone = observed(
        vec![package("npm", "x", "package.json")],
        &["node-v0.2.0", "v1.0.0"],
    );
    assert_eq!(templates(&alone), ["v{version}"]);
}
