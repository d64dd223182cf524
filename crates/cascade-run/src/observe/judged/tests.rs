//! Single tags in real repositories, pushed and local ones.

use std::fs;
use std::path::PathBuf;

use cascade_plan::{RepoId, declare};
use cascade_tests::Town;

use super::*;

const CRATE: &str = "[package]\nname = \"r\"\nversion = \"1.0.0\"\n";
const HATCH: &str = "[build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\n\n\
    [project]\nname = \"r\"\ndynamic = [\"version\"]\n\n[tool.hatch.version]\nsource = \"vcs\"\n";

/// Asks for these tags of the clone `r`, as its refs are.
fn asked(town: &Town, names: &[&str]) -> Vec<AskedTag> {
    let object = |name: &str| town.git("r", &["rev-parse", &format!("refs/tags/{name}")]);
    names
        .iter()
        .map(|it| AskedTag {
            name: (*it).to_owned(),
            object: Oid::parse(&object(it)).unwrap(),
            standing: TagStanding::Unknown,
        })
        .collect()
}

fn judge(town: &Town, lines: &str, names: &[&str]) -> Vec<JudgedTag> {
    let folder = town.clone_of("r");
    let asked = asked(town, names);
    judge_at(lines, TagPlace::Checkout(&folder), &asked, &BTreeMap::new())
}

fn judge_at(
    lines: &str,
    place: TagPlace<'_>,
    tags: &[AskedTag],
    branches: &BTreeMap<String, Oid>,
) -> Vec<JudgedTag> {
    let text = format!("[workspace]\nname = \"t\"\n[repo.r]\n{lines}");
    let declared = &declare(&text).unwrap().repos[&RepoId::new("r")];
    let question = TagQuestion {
        declared,
        place,
        quarantine: None,
        tags,
        branches,
    };
    judged_tags(&question).unwrap()
}

/// Tags of a package that grew, on `main` and on a line beside it.
fn town() -> Town {
    let town = Town::new();
    town.repo("r", "v1.0.0", &[("Cargo.toml", CRATE)]);
    for tag in ["v1.1.0", "v1.2.0"] {
        town.commit("r", "feat: more", &[]);
        town.git("r", &["tag", "-a", "-m", "notes", tag]);
    }
    town
}

#[test]
fn a_tag_is_what_its_object_and_its_commit_say() {
    let town = town();
    town.git("r", &["tag", "v1.3.0"]);
    let tags = judge(&town, "", &["v1.0.0", "v1.3.0"]);
    let TagKind::Annotated(said) = &tags[0].kind else {
        panic!("{:?}", tags[0].kind)
    };
    assert_eq!(
        (said.name.as_str(), said.message.as_str()),
        ("v1.0.0", "v1.0.0\n")
    );
    assert_eq!(said.tagger, "release manager <release@example.invalid>");
    assert!(said.date > 1_700_000_000);
    assert_eq!(tags[1].kind, TagKind::Lightweight);
    assert_eq!(tags[1].commit.as_ref(), Some(&tags[1].object));
    for tag in &tags {
        let (package, claim) = tag.released().next().unwrap();
        assert_eq!(package.version.as_deref(), Some("1.0.0"));
        assert_eq!(tag.name, format!("v{}", claim.version));
        assert_eq!(tag.branches, BTreeMap::from([("main".to_owned(), true)]));
        assert!(tag.here.is_empty(), "its version is not git's");
    }
}

#[test]
fn only_higher_tags_that_it_contains_are_in_its_way() {
    let town = town();
    for tag in ["v1.1.5", "v1.1.5+b", "v1.2.0-rc.1", "v9.x", "v0.1.0"] {
        town.git("r", &["tag", tag]);
    }
    town.git("r", &["checkout", "-q", "-b", "hotfix/1.0", "v1.0.0"]);
    town.commit("r", "fix: old", &[]);
    town.git("r", &["tag", "v1.0.1"]);
    let tags = judge(&town, "", &["v1.1.5", "v1.0.1", "v1.2.0", "v9.x", "v0.1.0"]);
    let hit = |it: &Option<TagHit>| it.as_ref().map(|it| it.tag.clone());
    let of = |at: usize| tags[at].claims.first();
    let claim = of(0).unwrap();
    assert_eq!(claim.twins, ["v1.1.5+b"]);
    assert_eq!(hit(&claim.contained).as_deref(), Some("v1.2.0"));
    assert_eq!(hit(&claim.highest).as_deref(), Some("v1.2.0"));
    let line = of(1).unwrap();
    assert_eq!(hit(&line.contained), None);
    assert_eq!(hit(&line.highest).as_deref(), Some("v1.2.0"));
    assert!(!tags[1].branches["main"] && !tags[1].branches.contains_key("hotfix/1.0"));
    let top = of(2).unwrap();
    assert_eq!(hit(&top.contained), None);
    assert_eq!(hit(&top.highest).as_deref(), Some("v1.1.5+b"));
    assert!(of(3).is_none());
    assert_eq!(hit(&of(4).unwrap().contained).as_deref(), Some("v1.2.0"));
    let allowed = "branch = [\"main\", \"hotfix/*\"]\n";
    assert!(judge(&town, allowed, &["v1.0.1"])[0].branches["hotfix/1.0"]);
}

#[test]
fn a_tag_that_is_pushed_counts_before_any_ref_says_it() {
    let town = town();
    let head = town.commit("r", "feat: last", &[("src/r/__init__.py", "x = 1\n")]);
    town.git("r", &["push", "-q", "origin", "HEAD:refs/heads/side"]);
    let commit = Oid::parse(&head).unwrap();
    let asked = [AskedTag {
        name: "v2.0.0".to_owned(),
        object: commit.clone(),
        standing: TagStanding::New,
    }];
    let origin = town.origin("r");
    let at = |branches| judge_at("", TagPlace::Bare(&origin), &asked, &branches).remove(0);
    let before = at(BTreeMap::new());
    assert!(before.is_new() && !before.branches["main"]);
    assert_eq!(before.claims[0].version.text(), "2.0.0");
    assert_eq!(
        before.files.texts.keys().collect::<Vec<_>>(),
        ["src/r/__init__.py"]
    );
    assert!(before.files.has("Cargo.toml"));
    let after = at(BTreeMap::from([("main".to_owned(), commit)]));
    assert!(after.branches["main"]);
}

#[test]
fn what_leads_to_no_commit_releases_nothing() {
    let town = town();
    let tree = town.git("r", &["rev-parse", "HEAD^{tree}"]);
    town.git("r", &["tag", "v3.0.0", &tree]);
    town.git("r", &["tag", "-a", "-m", "x", "v3.0.1", &tree]);
    town.git("r", &["tag", "-a", "-m", "x", "v3.0.2", "v1.2.0"]);
    let tags = judge(&town, "", &["v3.0.0", "v3.0.1", "v3.0.2"]);
    assert!(
        tags[..2]
            .iter()
            .all(|it| it.commit.is_none() && it.claims.is_empty())
    );
    assert_eq!(tags[2].commit, judge(&town, "", &["v1.2.0"])[0].commit);
}

#[test]
fn all_tags_of_a_commit_are_read_where_git_makes_the_version() {
    let town = Town::new();
    town.repo("r", "v1.0.0", &[("pyproject.toml", HATCH)]);
    town.git("r", &["tag", "nightly"]);
    town.git("r", &["pack-refs", "--all"]);
    town.git("r", &["tag", "-a", "-m", "x", "v1.0.1"]);
    town.commit("r", "fix: x", &[]);
    town.git("r", &["tag", "v1.0.2"]);
    let tag = judge(&town, "", &["v1.0.0"]).remove(0);
    let here: Vec<_> = tag.here.keys().map(String::as_str).collect();
    assert_eq!(here, ["nightly", "v1.0.0", "v1.0.1"]);
    let light = |name: &str| tag.here[name] == TagKind::Lightweight;
    assert_eq!(
        [light("nightly"), light("v1.0.0"), light("v1.0.1")],
        [true, false, false]
    );
}

#[test]
fn objects_of_a_push_that_is_not_taken_yet_are_read() {
    let town = town();
    town.commit("r", "feat: last", &[]);
    town.git("r", &["tag", "-a", "-m", "x", "v4.0.0"]);
    let asked = asked(&town, &["v4.0.0"]);
    let (origin, pushed) = (town.origin("r"), town.clone_of("r").join(".git/objects"));
    let text = "[workspace]\nname = \"t\"\n[repo.r]\n";
    let declared = &declare(text).unwrap().repos[&RepoId::new("r")];
    let mut question = TagQuestion {
        declared,
        place: TagPlace::Bare(&origin),
        quarantine: Some(&pushed),
        tags: &asked,
        branches: &BTreeMap::new(),
    };
    assert_eq!(judged_tags(&question).unwrap()[0].claims.len(), 1);
    question.quarantine = None;
    assert_eq!(judged_tags(&question).unwrap()[0].commit, None);
}

#[test]
fn a_broken_commit_is_told_of_its_tag_alone() {
    let town = town();
    let id = town.git("r", &["rev-parse", "v1.1.0^{tree}"]);
    let object = |id: &str| -> PathBuf {
        let (folder, name) = id.split_at(2);
        town.clone_of("r")
            .join(".git/objects")
            .join(folder)
            .join(name)
    };
    fs::remove_file(object(&id)).unwrap();
    let tags = judge(&town, "", &["v1.1.0"]);
    assert!(matches!(
        tags[0].holds.trouble,
        Some(Trouble::Unreadable(_))
    ));
    assert!(tags[0].claims.is_empty() && tags[0].branches["main"]);
}
