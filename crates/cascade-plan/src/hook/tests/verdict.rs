//! Tags and branches that move, come and go, and what the rules find of tags among others.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::*;
use crate::sample::{Sample, cargo};
use crate::{
    Annotation, Graph, JudgedTag, ObservedRepo, RepoId, TagClaim, TagKind, TagStanding,
    TrackedFiles,
};

const RELEASE_PLEASE: &str = "needs = []\nrelease = \"release-please\"";

fn core() -> RepoId {
    RepoId::new("core")
}

fn sample() -> Sample {
    let manifest = cargo("core", "1.2.0", "");
    Sample::new(&[("core", "")]).file("core", "Cargo.toml", &manifest)
}

/// A new annotated tag of a repository that is on `main`.
fn tag(sample: &Sample, name: &str) -> JudgedTag {
    let holds = sample.snapshot().repos.remove(&core()).unwrap();
    let packages = holds.packages.iter().enumerate();
    let claims = packages.filter_map(|(package, it)| {
        Some(TagClaim {
            package,
            version: it.version_of(name)?,
            twins: Vec::new(),
            contained: None,
            highest: None,
        })
    });
    let annotation = Annotation {
        name: name.to_owned(),
        ..Annotation::default()
    };
    JudgedTag {
        name: name.to_owned(),
        object: oid('d'),
        kind: TagKind::Annotated(annotation),
        commit: holds.head.clone(),
        standing: TagStanding::New,
        files: files(&[]),
        claims: claims.collect(),
        here: BTreeMap::new(),
        branches: [("main".to_owned(), true)].into(),
        default_branch: Some("main".to_owned()),
        shallow: false,
        holds: Arc::new(holds),
    }
}

fn files(texts: &[(&str, &str)]) -> Arc<TrackedFiles> {
    let texts = texts
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).into()));
    let texts: BTreeMap<_, Arc<str>> = texts.collect();
    Arc::new(TrackedFiles {
        paths: texts.keys().cloned().collect(),
        texts,
    })
}

fn refusal(sample: &Sample, tag: &JudgedTag, change: &Change, door: Door) -> Option<String> {
    let graph = sample.graph();
    let refused = tag_refusal(graph.repo(&core()).unwrap(), tag, change, door)?;
    assert_eq!(refused.subject, tag.name);
    Some(format!("{}; {}", refused.what, refused.mend.unwrap()))
}

fn create() -> Change {
    Change::Create(oid('d'))
}

#[test]
fn a_tag_is_what_its_template_makes_of_its_name() {
    let (here, graph) = (sample(), sample().graph());
    let declared = graph.repo(&core()).unwrap();
    for (name, is) in [
        ("v1.2.0", Meaning::Version),
        ("v1.2.0-rc.1", Meaning::Version),
        ("v1.2.x", Meaning::Misspelt),
        ("nightly", Meaning::Other),
        ("2024-archive", Meaning::Other),
    ] {
        assert_eq!(meaning(declared, &tag(&here, name)), is, "{name}");
        // A commit without any package: what is usual counts.
        let mut bare = tag(&here, name);
        bare.holds = Arc::new(ObservedRepo::default());
        bare.claims.clear();
        assert_eq!(meaning(declared, &bare), is, "{name} of nothing");
    }
    // An action's short tags float.
    let mut floats = tag(&here, "v1");
    assert_eq!(meaning(declared, &floats), Meaning::Misspelt);
    floats.files = files(&[("action.yml", "")]);
    assert_eq!(meaning(declared, &floats), Meaning::Other);
    floats.name = "v1.x".to_owned();
    assert_eq!(meaning(declared, &floats), Meaning::Misspelt);
}

#[test]
fn what_is_out_stays_and_what_is_no_version_is_free() {
    let here = sample();
    let (from, to) = (oid('a'), oid('b'));
    let changes = [
        create(),
        Change::Move { from, to },
        Change::Delete(oid('a')),
        Change::Nothing,
    ];
    let none = [None, None, None, None];
    let misspelt = Some("is no version");
    for (name, words) in [
        (
            "v1.2.0",
            [None, Some("would move"), Some("not deleted"), None],
        ),
        ("v1.2.x", [misspelt, misspelt, None, None]),
        ("nightly", none),
    ] {
        for (change, words) in changes.iter().zip(words) {
            let told = refusal(&here, &tag(&here, name), change, Door::Push);
            let says = told.as_deref().zip(words);
            assert_eq!(
                told.is_some(),
                words.is_some(),
                "{name} {change:?}: {told:?}"
            );
            assert!(says.is_none_or(|(told, it)| told.contains(it)), "{told:?}");
        }
    }
    let told = refusal(&here, &tag(&here, "v1.2.x"), &create(), Door::Push);
    assert!(told.unwrap().contains("`git tag -d v1.2.x`"));
}

#[test]
fn release_please_tags_and_a_server_knows_its_tags_by_what_it_wrote() {
    let please = sample().declare("needs = []", RELEASE_PLEASE);
    let mut tag = tag(&please, "v1.2.0");
    for (door, file, refused) in [
        (Door::Push, "{\".\": \"1.2.0\"}", true),
        (Door::Receive, "{\".\": \"1.2.0\"}", false),
        (Door::Receive, "{\".\": \"1.3.0\"}", true),
        (Door::Receive, "{\".\": 12, \"a\": \"1.2.0\"}", false),
        (Door::Receive, "not JSON", true),
    ] {
        tag.files = files(&[(".release-please-manifest.json", file)]);
        let told = refusal(&please, &tag, &create(), door);
        assert_eq!(told.is_some(), refused, "{door:?} {file}: {told:?}");
    }
    tag.files = files(&[]);
    let told = refusal(&please, &tag, &create(), Door::Receive).unwrap();
    assert!(told.contains("release-please makes") && told.contains("Release-As"));
}

#[test]
fn the_branch_that_is_released_stays_and_keeps_its_versions() {
    let declared = sample().declare(
        "needs = []",
        "needs = []\nbranch = [\"main\", \"hotfix/*\"]",
    );
    let graph = declared.graph();
    let repo = graph.repo(&core()).unwrap();
    let seen = ObservedRepo::default();
    let deleted = |name: &str| branch_deletion(repo, &seen, name).is_some();
    assert!(deleted("main") && !deleted("hotfix/1") && !deleted("topic"));
    let version = tag(&declared, "v1.2.0");
    let tags = [tag(&declared, "nightly"), version.clone(), version];
    let told = branch_rewrite(repo, &seen, ("hotfix/1", &tags)).unwrap();
    assert!(
        told.what.contains("the commit of `v1.2.0` and 1 more"),
        "{}",
        told.what
    );
    assert_eq!(branch_rewrite(repo, &seen, ("topic", &tags)), None);
    assert_eq!(branch_rewrite(repo, &seen, ("main", &tags[..1])), None);
}

/// What is found of these tags, each by its name; `core` says 1.2.0.
fn found(graph: &Graph, tags: Vec<JudgedTag>) -> Vec<(String, String)> {
    let seen = ObservedRepo::default();
    let all = tag_findings(graph, (&core(), &seen), 1_795_219_200, tags);
    let mut all: Vec<_> = all.into_iter().map(|(tag, it)| (tag, it.what)).collect();
    all.sort();
    all
}

#[test]
fn the_rules_find_of_a_pushed_tag_what_check_finds() {
    let here = sample();
    let codes = |tag: JudgedTag| -> Vec<&'static str> {
        let (graph, seen) = (here.graph(), ObservedRepo::default());
        let found = tag_findings(&graph, (&core(), &seen), 0, vec![tag]);
        found.iter().map(|(_, it)| it.code.0).collect()
    };
    assert!(codes(tag(&here, "v1.2.0")).is_empty());
    assert_eq!(codes(tag(&here, "v1.3.0")), ["version-mismatch"]);
    let mut light = tag(&here, "v1.2.0");
    light.kind = TagKind::Lightweight;
    assert_eq!(codes(light), ["tag-lightweight"]);
    let mut off = tag(&here, "v1.2.0");
    off.branches = [("main".to_owned(), false)].into();
    assert_eq!(codes(off), ["tag-off-branch"]);
}

static SAMPLE: LazyLock<(Sample, Graph)> = LazyLock::new(|| (sample(), sample().graph()));

/// A tag of some name, annotated or not, on a branch or off it.
fn a_tag() -> impl Strategy<Value = JudgedTag> {
    let name = prop_oneof![
        "v[0-3]\\.[0-3]\\.[0-3](-rc\\.[0-2])?",
        "v[0-9x.]{1,5}",
        "\\PC{1,12}",
    ];
    (name, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(name, light, off, new)| {
        let mut tag = tag(&SAMPLE.0, &name);
        if light {
            tag.kind = TagKind::Lightweight;
        }
        tag.branches = [("main".to_owned(), !off)].into();
        if !new {
            tag.standing = TagStanding::Published;
        }
        tag
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_tag_is_judged_alike_whatever_is_pushed_with_it(
        tags in proptest::collection::vec(a_tag(), 1..6)
    ) {
        let mut tags = tags;
        tags.sort_by(|a, b| a.name.cmp(&b.name));
        tags.dedup_by(|a, b| a.name == b.name);
        let alone = tags.iter().flat_map(|it| found(&SAMPLE.1, vec![it.clone()]));
        let mut alone: Vec<_> = alone.collect();
        alone.sort();
        prop_assert_eq!(found(&SAMPLE.1, tags), alone);
    }

    #[test]
    fn no_tag_breaks_the_verdict(tag in a_tag(), moves in any::<bool>(), text in "\\PC{0,40}") {
        let mut tag = tag;
        tag.files = files(&[(".release-please-manifest.json", &text), ("action.yml", "")]);
        let (from, to) = (oid('a'), oid('b'));
        let change = if moves { Change::Move { from, to } } else { create() };
        let please = SAMPLE.0.clone().declare("needs = []", RELEASE_PLEASE);
        for sample in [&SAMPLE.0, &please] {
            for door in [Door::Push, Door::Receive] {
                let told = refusal(sample, &tag, &change, door);
                prop_assert!(told.is_none_or(|it| !it.is_empty()));
            }
        }
    }
}
