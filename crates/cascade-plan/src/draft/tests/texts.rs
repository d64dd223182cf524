//! Drafts as people read them.

use super::*;

#[test]
fn a_python_family_reads_like_written_by_a_person() {
    let clones = ["flask", "jinja", "markupsafe", "quart"].map(found);
    let python =
        |name: &str, tags: &[&str]| observed(vec![package("python", name, "pyproject.toml")], tags);
    let snapshot = snapshot(vec![
        ("flask", python("Flask", &["2.0.0rc1", "2.1.x", "3.1.3"])),
        ("jinja", python("Jinja2", &["2.0rc1", "3.1.5", "3.1.6"])),
        ("markupsafe", python("MarkupSafe", &["3.0.2"])),
        ("quart", python("Quart", &["0.9.0", "0.21.0"])),
    ]);
    let survey = surveyed(vec![
        (
            "flask",
            vec![
                pin("jinja", Kind::Runtime, 7),
                pin("quart", Kind::Dev, 9),
                pin("flask", Kind::Runtime, 1),
            ],
        ),
        ("jinja", vec![pin("markupsafe", Kind::Runtime, 12)]),
        (
            "quart",
            vec![
                pin("flask", Kind::Runtime, 3),
                pin("markupsafe", Kind::Runtime, 4),
            ],
        ),
    ]);
    insta::assert_snapshot!(draft_from("pallets", &clones, &snapshot, &survey), @r###"
# The repositories that are released together, and what each of them stands on.
#
# `cascade init` wrote this file from what it found in 4 clones; from here on it is
# yours. `cascade init --check` says where it and the clones differ, and
# docs/workspace-file.md explains every key.

[workspace]
name = "pallets"
branch = "main"
tag = "{version}"

# python MarkupSafe, pyproject.toml: 3.0.2, the only version tagged.
[repo.markupsafe]
remote = "https://host.example/markupsafe.git"

# python Jinja2, pyproject.toml: 3.1.6, the latest of 3 versions tagged.
[repo.jinja]
remote = "https://host.example/jinja.git"
tag-format = "pep440"
needs = ["markupsafe"]

# python Flask, pyproject.toml: 3.1.3, the latest of 2 versions tagged.
[repo.flask]
remote = "https://host.example/flask.git"
tag-format = "pep440"
needs = ["jinja"]

# python Quart, pyproject.toml: 0.21.0, the latest of 2 versions tagged.
[repo.quart]
remote = "https://host.example/quart.git"
needs = ["flask", "markupsafe"]
"###);
}

#[test]
fn a_cargo_family_declares_only_what_is_not_the_default() {
    let mut axum = found("axum");
    axum.branch = Some("develop".to_owned());
    let clones = [
        axum,
        found("headers"),
        found("http-body"),
        found("tower"),
        found("tower-http"),
    ];
    let cargo = |name: &str| package("cargo", name, &format!("{name}/Cargo.toml"));
    let snapshot = snapshot(vec![
        (
            "axum",
            observed(
                vec![cargo("axum"), cargo("axum-core")],
                &["v0.4.0", "axum-v0.8.9", "axum-core-v0.5.6"],
            ),
        ),
        (
            "headers",
            observed(
                vec![cargo("headers"), cargo("headers-new")],
                &["headers-v0.4.1"],
            ),
        ),
        (
            "http-body",
            observed(
                vec![cargo("http-body"), cargo("http-body-util")],
                &["v1.1.0", "http-body-util-v0.1.4"],
            ),
        ),
        (
            "tower",
            observed(
                vec![cargo("tower"), cargo("tower-layer"), cargo("tower-new")],
                &["tower-0.5.3", "tower-layer-0.3.3"],
            ),
        ),
        (
            "tower-http",
            observed(vec![cargo("tower-http")], &["v0.1.0", "tower-http-0.7.0"]),
        ),
    ]);
    insta::assert_snapshot!(draft_from("hyper", &clones, &snapshot, &Survey::default()), @r###"
# The repositories that are released together, and what each of them stands on.
#
# `cascade init` wrote this file from what it found in 5 clones; from here on it is
# yours. `cascade init --check` says where it and the clones differ, and
# docs/workspace-file.md explains every key.

[workspace]
name = "hyper"
branch = "main"

# cargo axum, axum/Cargo.toml: 0.8.9, the only version tagged.
# cargo axum-core, axum-core/Cargo.toml: 0.5.6, the only version tagged.
[repo.axum]
remote = "https://host.example/axum.git"
branch = "develop"

# cargo headers, headers/Cargo.toml: 0.4.1, the only version tagged.
# cargo headers-new, headers-new/Cargo.toml: no version is tagged yet.
[repo.headers]
remote = "https://host.example/headers.git"

# cargo http-body, http-body/Cargo.toml: 1.1.0, the only version tagged.
# cargo http-body-util, http-body-util/Cargo.toml: 0.1.4, the only version tagged.
[repo.http-body]
remote = "https://host.example/http-body.git"
packages = [{ name = "http-body", tag = "v{version}" }]

# cargo tower, tower/Cargo.toml: 0.5.3, the only version tagged.
# cargo tower-layer, tower-layer/Cargo.toml: 0.3.3, the only version tagged.
# cargo tower-new, tower-new/Cargo.toml: no version is tagged yet.
[repo.tower]
remote = "https://host.example/tower.git"
tag = "{name}-{version}"

# cargo tower-http, tower-http/Cargo.toml: 0.7.0, the only version tagged.
[repo.tower-http]
remote = "https://host.example/tower-http.git"
tag = "tower-http-{version}"
"###);
}

#[test]
fn what_is_odd_is_said_and_still_parses() {
    let mut js = found("core.js");
    js.remote = Some("git://host.example/core.js".to_owned());
    let mut spaced = found("my repo");
    (spaced.branch, spaced.remote) = (None, None);
    let mut hidden = found(".my repo");
    hidden.path = "group/.my repo".to_owned();
    let mut device = found("nul");
    device.branch = Some("a b".to_owned());
    let clones = [js, spaced, hidden, device, found("gone"), found("empty")];
    let mut core = observed(
        vec![
            package("npm", "@family/core", "package.json"),
            package("python", "core\n[repo.evil]", "pyproject.toml"),
        ],
        &["v1.0.0", "v1-2.0.0"],
    );
    (core.release_please, core.shallow) = (true, true);
    let trouble = |it| ObservedRepo {
        trouble: Some(it),
        ..ObservedRepo::default()
    };
    let snapshot = snapshot(vec![
        ("core.js", core),
        ("my repo", observed(Vec::new(), &[])),
        (
            "gone",
            trouble(Trouble::Unreadable("owned by\nanother".to_owned())),
        ),
        ("empty", trouble(Trouble::NoCommits)),
    ]);
    let survey = surveyed(vec![
        (
            "core.js",
            vec![pin("my repo", Kind::Peer, 4), pin("nul", Kind::Runtime, 5)],
        ),
        ("my repo", vec![pin("core.js", Kind::Runtime, 8)]),
    ]);
    let text = draft_from("odd \"one\"", &clones, &snapshot, &survey);
    insta::assert_snapshot!(text, @r###"
# The repositories that are released together, and what each of them stands on.
#
# `cascade init` wrote this file from what it found in 6 clones; from here on it is
# yours. `cascade init --check` says where it and the clones differ, and
# docs/workspace-file.md explains every key.

[workspace]
name = 'odd "one"'
branch = "main"

# Its remote is left out: the remote is empty or holds a space or control character.
[repo.my-repo-2]
path = "group/.my repo"

# It has no commit yet.
[repo.empty]
remote = "https://host.example/empty.git"

# It could not be read: owned by\nanother
[repo.gone]
remote = "https://host.example/gone.git"

# Its branch's name can not be declared.
# `nul` is left out: the path `nul` names a device of Windows.

# npm @family/core, package.json: 1.0.0, the only version tagged.
# python core\n[repo.evil], pyproject.toml: 1.0.0, the only version tagged.
# The clone is shallow: `git fetch --unshallow --tags` brings its history.
# `my-repo` (pyproject.toml:4) is left out of its needs: it would close a circle.
# Its remote is left out: cascade does not use remotes of this scheme.
[repo."core.js"]
release = "release-please"
tag = "v{version}"

# No package was found in it.
# It has no remote: `cascade release` needs one.
# Its head is detached: `branch` is for you to say.
[repo.my-repo]
path = "my repo"
needs = ["core.js"]
"###);
    let declared = declare(&text).expect("it parses");
    let names: Vec<&str> = declared.repos.keys().map(RepoId::as_str).collect();
    assert_eq!(names, ["core.js", "empty", "gone", "my-repo", "my-repo-2"]);
    assert_eq!(
        declared.repos[&RepoId::new("core.js")].mode,
        ReleaseMode::ReleasePlease
    );
}

#[test]
fn no_clones_make_a_file_that_parses() {
    let text = draft("empty", &[], &Snapshot::default());
    let declared = declare(&text).expect("it parses");
    assert!(declared.repos.is_empty());
    assert_eq!(declared.name, "empty");
}

#[test]
fn the_branch_of_a_draft_is_the_default_one_not_the_one_of_today() {
    let mut clone = found("a");
    clone.branch = Some("feature".to_owned());
    let mut seen = observed(Vec::new(), &[]);
    let text = |seen: &ObservedRepo| {
        let snapshot = snapshot(vec![("a", seen.clone())]);
        draft_from(
            "w",
            std::slice::from_ref(&clone),
            &snapshot,
            &Survey::default(),
        )
    };
    assert!(text(&seen).contains("branch = \"feature\""));
    seen.default_branch = Some("main".to_owned());
    assert!(text(&seen).contains("branch = \"main\""));
}

#[test]
fn one_name_in_two_ecosystems_is_one_package_to_tags() {
    let both = |tags: &[&str]| {
        observed(
            vec![
                package("npm", "kit", "package.json"),
                package("python", "Kit", "pyproject.toml"),
            ],
            tags,
        )
    };
    let text = |repo| {
        draft_from(
            "w",
            &[found("kit")],
            &snapshot(vec![("kit", repo)]),
            &Survey::default(),
        )
    };
    assert!(!text(both(&["v1.0.0"])).contains("tag ="));
    assert!(text(both(&["kit-1.0.0"])).contains("tag = \"kit-{version}\"\n"));
    let mixed = text(both(&["v1.0.0rc1", "v1.0.0"]));
    assert!(
        mixed.contains("{ name = \"Kit\", tag-format = \"pep440\" }"),
        "{mixed}"
    );
}

#[test]
fn the_seedling_knows_where_everything_is_and_nothing_else() {
    let sown = seedling("w", &[found("a"), found("b")]);
    let graph = Graph::build(sown).expect("a graph");
    assert_eq!(
        (graph.name(), graph.root(), graph.order().len()),
        ("w", ".", 2)
    );
    let a = graph.repo(&RepoId::new("a")).expect("sown");
    assert_eq!((a.path.as_str(), a.needs.len()), ("a", 0));
    assert_eq!(a.branch.0, ["main"]);
}
