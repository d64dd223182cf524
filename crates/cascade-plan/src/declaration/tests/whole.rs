//! What a file says, and what holds where it says nothing.

use super::*;

#[test]
fn a_whole_file_is_read() {
    let text = r#"
[workspace]
name = "family"
root = ".."
tag = "{version}"
branch = "main"
release = "manual"

[repo."core.js"]
path = "./clones/core.js/"
remote = "git@host.example:family/core.js.git"
branch = ["main", "hotfix/*"]
release = "pull-request"
tag-format = "pep440"
owners = ["@acme/core", "core@acme.example"]
images = ["registry.example/core", { name = "core", moving = ["latest", "stable"] }]
charts = ["core", "oci://registry.example/charts/core", "https://charts.example/core"]
modules = ["family/core/aws", "git::ssh://git@git.example/family/net.git//vpc"]
checks = [["cargo", "test"], ["true"]]
packages = [
  { name = "@family/core", ecosystem = "npm", manifest = "js/package.json", tag = "js-v{version}" },
  { name = "core", version-source = "vcs", publish = false, tag-format = "semver" },
]

[repo.app]
needs = ["core.js", { repo = "base", order-only = true, policy = "exact", level = "match", commit-type = "build" }]

[[repo.app.site]]
file = "deploy.yaml"
regex = 'image: core:(?P<version>\S+)'
upstream = "core.js/@family/core"
count = 2

[repo.base]
"#;
    let declared = declare(text).expect("declared");
    assert_eq!(
        (declared.name.as_str(), declared.root.as_str()),
        ("family", "..")
    );
    let core = &declared.repos[&RepoId::new("core.js")];
    assert_eq!(core.path, "clones/core.js");
    assert_eq!(core.branch.0, ["main", "hotfix/*"]);
    assert_eq!(core.mode, ReleaseMode::PullRequest);
    assert_eq!(core.tag.as_ref().map(TagTemplate::text), Some("{version}"));
    assert_eq!(core.tag_format, TagFormat::Pep440);
    assert_eq!(core.checks, [vec!["cargo", "test"], vec!["true"]]);
    assert_eq!(part(text, &core.at), "\"core.js\"");
    let [npm, other] = core.packages.as_slice() else {
        panic!("two packages")
    };
    assert_eq!(npm.ecosystem.as_deref(), Some("npm"));
    assert_eq!(npm.manifest.as_deref(), Some("js/package.json"));
    assert_eq!(
        npm.tag.as_ref().map(TagTemplate::text),
        Some("js-v{version}")
    );
    assert_eq!(other.version_source, Some(VersionSource::Vcs));
    assert_eq!(other.publish, Some(false));
    assert_eq!(other.tag_format, Some(TagFormat::Semver));
    assert!(part(text, &npm.at).starts_with("{ name = \"@family/core\""));
    let [runtime, image] = core.images.as_slice() else {
        panic!("two images")
    };
    assert_eq!(
        (runtime.name.as_str(), part(text, &runtime.at)),
        ("registry.example/core", "\"registry.example/core\"")
    );
    assert_eq!(
        (image.name.as_str(), image.moving.join(" ")),
        ("core", "latest stable".to_owned())
    );
    let charts = core
        .charts
        .iter()
        .map(|it| (it.name.as_str(), it.origin.as_deref()));
    let at = [
        None,
        Some("oci://registry.example/charts"),
        Some("https://charts.example"),
    ];
    assert!(charts.eq(at.map(|it| ("core", it))));
    assert_eq!(core.modules[0].name, "family/core/aws");
    let app = &declared.repos[&RepoId::new("app")];
    assert_eq!((app.path.as_str(), app.mode), ("app", ReleaseMode::Manual));
    assert_eq!(app.branch, Branches(vec!["main".to_owned()]));
    let [plain, full] = app.needs.as_slice() else {
        panic!("two needs")
    };
    assert_eq!(part(text, &plain.at), "\"core.js\"");
    assert_eq!(
        (plain.policy, plain.level),
        (EdgePolicy::Auto, EdgeLevel::Patch)
    );
    assert_eq!(
        (plain.commit_type.as_str(), plain.order_only),
        ("fix", false)
    );
    assert_eq!(
        (full.policy, full.level),
        (EdgePolicy::Exact, EdgeLevel::Match)
    );
    assert_eq!(
        (full.commit_type.as_str(), full.order_only),
        ("build", true)
    );
    let [site] = app.sites.as_slice() else {
        panic!("one site")
    };
    let upstream = (RepoId::new("core.js"), Some("@family/core".to_owned()));
    assert_eq!((&site.upstream, site.count), (&upstream, 2));
    assert_eq!(site.kind, Kind::Image);
}

#[test]
fn what_is_not_said_has_its_default() {
    let declared = declare("[workspace]\nname = 'w'\n[repo.a]").expect("declared");
    let repo = &declared.repos[&RepoId::new("a")];
    assert_eq!((declared.root.as_str(), repo.path.as_str()), (".", "a"));
    assert_eq!(
        (repo.mode, repo.tag_format),
        (ReleaseMode::Tag, TagFormat::Semver)
    );
    assert_eq!((&repo.tag, &repo.branch), (&None, &Branches(Vec::new())));
}

#[test]
fn a_broken_table_is_still_declared() {
    let told = refused(
        "[repo.c]\nneds = ['a']\n[repo.d]\nneeds = ['c', 'e', 'f g']\n[repo]\ne = 3\n'f g' = {}",
    );
    insta::assert_snapshot!(told.join("\n"), @r###"
6: unknown key `neds` in `[repo.c]` [6: unknown key `neds`] (did you mean `needs`?)
10: `[repo.e]` is not a table [10: not a table `3`] (write the name in brackets on a line of its own)
11: `f g` can not be a repository's name [11: this name `'f g'`] (use letters, digits, `.`, `_` and `-`, no `-` or `.` first; `path` may say another folder)
"###);
}

#[test]
fn a_bom_and_crlf_are_no_trouble() {
    let text = "\u{feff}[workspace]\r\nname = 'w'\r\n[repo.a]\r\nneds = []\r\n";
    assert!(
        told(text)[0].contains("[4: unknown key `neds`]"),
        "{:?}",
        told(text)
    );
}

#[test]
fn every_word_is_the_one_that_serde_writes() {
    fn same<T: word::Word>() {
        for (word, value) in T::ALL {
            assert_eq!(serde_json::to_value(value).expect("a word"), *word);
        }
    }
    same::<EdgePolicy>();
    same::<EdgeLevel>();
    same::<ReleaseMode>();
    same::<TagFormat>();
    same::<VersionSource>();
}

#[test]
fn a_package_appears_where_the_nearest_says() {
    let text = "[workspace]\nname = 'w'\nregistry = ['own', 'configured']\nstaging = 'rehearsal'\n\
        [registry.own]\necosystem = 'python'\naddress = 'sparse+https://registry.example/simple'\n\
        [registry.rehearsal]\nfolder = '../rehearsal'\n\
        [repo.a]\ntimeout = '2h'\npackages = [{ name = 'x', registry = 'none' }, { name = 'y', ecosystem = 'npm', files = ['*.tgz'] }]\n\
        [repo.b]\nregistry = 'none'\nstaging = []\n";
    let declared = declare(text).unwrap_or_else(|it| panic!("{:?}", it.errors()));
    let a = &declared.repos[&RepoId::new("a")];
    let appears = |kind, name| a.appears(kind, name).map(|it| it.registry.as_str());
    assert_eq!(appears("python", "z"), Some("own"));
    assert_eq!(appears("npm", "z"), Some("configured"));
    assert_eq!(appears("python", "x"), None);
    assert_eq!(
        a.stages("python", "x").map(|it| it.registry.as_str()),
        Some("rehearsal")
    );
    assert_eq!(a.timeout.as_secs(), 7200);
    assert_eq!(a.package("npm", "y").map(|it| it.files.len()), Some(1));
    let b = &declared.repos[&RepoId::new("b")];
    assert_eq!((b.appears("npm", "z"), b.stages("npm", "z")), (None, None));
    assert_eq!(b.timeout.as_secs(), 1800);
}

#[test]
fn the_lock_of_runs_reaches_every_machine_unless_said() {
    let of = |keys: &str| declare(&format!("[workspace]\nname = 'w'\n{keys}\n[repo.a]\n"));
    let usual = of("").unwrap().run_lock;
    assert_eq!(usual, crate::RunLock::default());
    assert_eq!(usual.reach, crate::LockReach::Shared);
    let said = of("run-lock = 'local'\nrun-lock-expires = '90s'")
        .unwrap()
        .run_lock;
    assert_eq!(said.reach, crate::LockReach::Local);
    assert_eq!(said.expires.as_secs(), 90);
    let wrong = of("run-lock = 'globl'\nrun-lock-expires = '0s'").unwrap_err();
    let wrong: Vec<String> = wrong.errors().iter().map(ToString::to_string).collect();
    assert_eq!(wrong.len(), 2, "{wrong:?}");
}
