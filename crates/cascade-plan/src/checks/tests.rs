use std::collections::BTreeSet;

use crate::sample::{Sample, cargo, python, vcs};
use crate::{RepoId, Severity, checks};

fn codes(sample: &Sample, repo: &str) -> Vec<&'static str> {
    let survey = sample.survey();
    let findings = &survey.repos[&RepoId::new(repo)].findings;
    assert!(findings.iter().all(|it| it.mend.is_some()), "{findings:?}");
    findings.iter().map(|it| it.code.0).collect()
}

/// `core` and `lib` that pins it, both tagged and in step.
fn calm() -> Sample {
    Sample::new(&[("core", ""), ("lib", "core")])
        .file("core", "Cargo.toml", &cargo("core", "1.2.0", ""))
        .tag("core", "v1.2.0")
        .file(
            "lib",
            "Cargo.toml",
            &cargo("lib", "0.3.1", "core = \"=1.2.0\""),
        )
        .tag("lib", "v0.3.1")
}

#[test]
fn a_healthy_family_is_calm() {
    assert!(codes(&calm(), "core").is_empty());
    assert!(codes(&calm(), "lib").is_empty());
}

#[test]
fn every_check_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = checks::all().map(|it| it.code).collect();
    assert_eq!(names.len(), checks::all().count());
    assert!(checks::all().all(|it| !it.title.is_empty()));
}

#[test]
fn edges_that_only_one_side_knows_are_told() {
    let undeclared = calm().declare("needs = [\"core\"]", "needs = []");
    assert_eq!(codes(&undeclared, "lib"), ["undeclared-edge"]);
    let circle = calm()
        .declare("needs = []", "needs = [\"lib\"]")
        .declare("needs = [\"core\"]", "needs = []");
    let survey = circle.survey();
    let mends = survey.repos[&RepoId::new("lib")]
        .findings
        .iter()
        .map(|it| it.mend.clone().unwrap());
    assert!(
        mends.clone().any(|it| it.contains("circle")),
        "{:?}",
        mends.collect::<Vec<_>>()
    );
    let dead = calm().file("lib", "Cargo.toml", &cargo("lib", "0.3.1", ""));
    assert_eq!(codes(&dead, "lib"), ["dead-edge"]);
    // A pin that orders nothing moves all the same; one in an example never does.
    for table in ["dev-dependencies", "build-dependencies"] {
        let row = format!("[{table}]\ncore = \"1.2.0\"\n");
        let alive = dead.clone().file(
            "lib",
            "Cargo.toml",
            &format!("{}\n{row}", cargo("lib", "0.3.1", "")),
        );
        assert!(codes(&alive, "lib").is_empty(), "{table}");
    }
    let shown = cargo("shown", "0.1.0", "core = \"1.2.0\"");
    let shown = dead
        .clone()
        .file("lib", "examples/shown/Cargo.toml", &shown);
    assert_eq!(codes(&shown, "lib"), ["dead-edge"]);
    let meant = dead.clone().declare(
        "needs = [\"core\"]",
        "needs = [{ repo = \"core\", order-only = true }]",
    );
    assert!(codes(&meant, "lib").is_empty());
    let mut unknown = dead;
    unknown.at("core").missing = true;
    assert!(codes(&unknown, "lib").is_empty());
    assert_eq!(codes(&unknown, "core"), ["missing-clone"]);
}

#[test]
fn a_version_is_held_against_its_tag_at_the_tag_only() {
    let wrong = calm().file("core", "Cargo.toml", &cargo("core", "1.2.1", ""));
    assert_eq!(codes(&wrong, "core"), ["version-mismatch"]);
    let mut edited = wrong.clone();
    edited.at("core").dirty = true;
    assert_eq!(codes(&edited, "core"), ["dirty"]);
    let on_main = wrong.commit("core", "chore: go on");
    assert!(codes(&on_main, "core").is_empty());
    let older = calm().file("core", "Cargo.toml", &cargo("core", "1.1.0", ""));
    let several = older
        .clone()
        .tag("core", "v1.1.0")
        .tag("core", "v1.1.0-rc.1");
    assert!(codes(&several, "core").is_empty(), "one of its tags agrees");
    let early = calm().commit("core", "x").tag("core", "v1.3.0-rc.1");
    assert!(codes(&early, "core").contains(&"version-mismatch"));
    let survey = calm()
        .file("core", "Cargo.toml", &cargo("core", "1.1.0", ""))
        .survey();
    let finding = &survey.repos[&RepoId::new("core")].findings[0];
    assert_eq!(
        (finding.code.0, finding.severity),
        ("version-mismatch", Severity::Block)
    );
    assert_eq!(
        survey.repos[&RepoId::new("lib")].blocked_by,
        [RepoId::new("core")]
    );
}

#[test]
fn a_pin_on_a_version_that_only_lacks_its_tag_asks_for_the_release() {
    let mend = |sample: &Sample| {
        let survey = sample.survey();
        let findings = &survey.repos[&RepoId::new("lib")].findings;
        let found = findings.iter().find(|it| it.code.0 == "pin-ahead");
        found.and_then(|it| it.mend.clone()).unwrap()
    };
    let ahead = calm().file(
        "lib",
        "Cargo.toml",
        &cargo("lib", "0.3.1", "core = \"=1.3.0\""),
    );
    assert_eq!(mend(&ahead), "cascade fetch");
    let pending = ahead
        .file("core", "Cargo.toml", &cargo("core", "1.3.0", ""))
        .commit("core", "chore(release): core 1.3.0");
    assert_eq!(mend(&pending), "cascade release --repo core");
}

#[test]
fn pins_say_what_they_lack() {
    let pinned = |text: &str| calm().file("lib", "Cargo.toml", &cargo("lib", "0.3.1", text));
    assert_eq!(codes(&pinned("core = \"=1.1.0\""), "lib"), ["pin-excluded"]);
    assert_eq!(codes(&pinned("core = \"1.1\""), "lib"), ["pin-behind"]);
    assert!(codes(&pinned("core = \"1\""), "lib").is_empty());
    assert!(codes(&pinned("core = \"1.2\""), "lib").is_empty());
    assert_eq!(codes(&pinned("core = \"1.3\""), "lib"), ["pin-ahead"]);
    assert_eq!(
        codes(&pinned("core = \"=0.0.0\""), "lib"),
        ["placeholder-pinned"]
    );
    let branch =
        "core = { version = \"1.2\", git = \"https://forge.example/core\", branch = \"x\" }";
    assert_eq!(codes(&pinned(branch), "lib"), ["source-override"]);
    let pre = calm().file(
        "lib",
        "pyproject.toml",
        &python("lib", "0.3.1", "\"up>=1.0rc1\""),
    );
    let pre = pre
        .file("core", "pyproject.toml", &vcs("up", ""))
        .tag("core", "v1.2.0");
    assert!(
        codes(&pre, "lib").contains(&"pin-prerelease"),
        "{:?}",
        codes(&pre, "lib")
    );
}

#[test]
fn checkouts_say_what_is_odd_about_them() {
    let mut sample = calm();
    sample.at("lib").dirty = true;
    sample.at("lib").branch = Some("feature".to_owned());
    assert_eq!(codes(&sample, "lib"), ["wrong-branch", "dirty"]);
    sample.at("lib").branch = None;
    assert_eq!(codes(&sample, "lib"), ["detached-head", "dirty"]);
    sample.at("core").release_please = true;
    assert_eq!(codes(&sample, "core"), ["release-please-unexpected"]);
    let declared = calm().declare(
        "[repo.core]\n",
        "[repo.core]\nrelease = \"release-please\"\n",
    );
    assert_eq!(codes(&declared, "core"), ["release-please-unconfigured"]);
}

#[test]
fn what_can_not_be_read_is_told_with_its_line() {
    let sample = calm().file(
        "lib",
        "Cargo.toml",
        "[package]\nname = \"lib\"\nname = \"lib\"\n",
    );
    let survey = sample.survey();
    let findings = &survey.repos[&RepoId::new("lib")].findings;
    let found = findings
        .iter()
        .find(|it| it.code.0 == "manifest-unreadable")
        .expect("finding");
    let place = found.place.as_ref().expect("place");
    assert_eq!((place.path.as_str(), place.line), ("Cargo.toml", Some(3)));
}

#[test]
fn two_claims_on_one_name_are_told() {
    let sample = calm().file("lib", "more/Cargo.toml", &cargo("Core", "9.0.0", ""));
    assert!(codes(&sample, "lib").contains(&"duplicate-package"));
}

#[test]
fn unreleased_commits_and_missing_tags_are_told() {
    assert_eq!(
        codes(&calm().commit("core", "feat: x"), "core"),
        ["unreleased"]
    );
    let untagged =
        Sample::new(&[("core", "")]).file("core", "Cargo.toml", &cargo("core", "1.0.0", ""));
    assert_eq!(codes(&untagged, "core"), ["no-tags", "unreleased"]);
}

/// A family in which `lib` pins an older `core`, with this below.
fn drifted(check: &str) -> Sample {
    let sample = calm().tag("core", "v2.0.0");
    sample.declare("[repo.core]", &format!("{check}\n[repo.core]"))
}

fn excluded(sample: &Sample) -> Vec<Severity> {
    let survey = sample.survey();
    let lib = &survey.repos[&RepoId::new("lib")];
    let found = lib.findings.iter().filter(|it| it.code.0 == "pin-excluded");
    found.map(|it| it.severity).collect()
}

#[test]
fn people_decide_how_bad_a_finding_is() {
    assert_eq!(excluded(&drifted("")), [Severity::Warn]);
    assert!(excluded(&drifted("[check]\nignore = [\"pin-*\"]")).is_empty());
    assert!(excluded(&drifted("[check]\nignore = [\"family\"]")).is_empty());
    let worse = drifted("[check]\nseverity = { pin-excluded = \"block\" }");
    assert_eq!(excluded(&worse), [Severity::Block]);
    let own = worse.declare(
        "[repo.lib]",
        "[repo.lib.check]\nseverity.pin-excluded = \"info\"\n[repo.lib]",
    );
    assert_eq!(excluded(&own), [Severity::Info]);
}

/// The moment of samples is the start of 2026-11-21.
#[test]
fn a_waiver_holds_through_its_last_day_and_says_when_it_is_over() {
    let waiver = |rest: &str| {
        drifted(&format!(
            "[[check.waiver]]\ncode = \"pin-excluded\"\n{rest}"
        ))
    };
    let told = |sample: &Sample| -> Vec<&'static str> {
        let survey = sample.survey();
        survey.findings.iter().map(|it| it.code.0).collect()
    };
    let text = "reason = \"soon\"\nuntil = 2026-11-21";
    let held = waiver(text);
    assert!(excluded(&held).is_empty() && told(&held).is_empty());
    assert_eq!(held.survey().waived[0].waiver.reason, "soon");
    let over = waiver("reason = \"soon\"\nuntil = 2026-11-20");
    assert_eq!(excluded(&over), [Severity::Warn]);
    assert_eq!(told(&over), ["waiver-expired"]);
    let place = over.survey().findings[0].place.clone().unwrap();
    assert_eq!((&*place.path, place.line), ("workspace.toml", Some(4)));
    for other in ["repo = \"core\"", "path = \"other/**\""] {
        assert_eq!(
            excluded(&waiver(&format!("{other}\n{text}"))),
            [Severity::Warn]
        );
    }
    for its in ["repo = \"lib\"", "path = \"*.toml\""] {
        assert!(excluded(&waiver(&format!("{its}\n{text}"))).is_empty());
    }
}

#[test]
fn a_waiver_that_accepts_nothing_is_told_where_all_that_it_means_was_looked_at() {
    let mut sample = calm();
    for repo in ["repo = \"lib\"\n", ""] {
        let waiver = format!(
            "\n[[check.waiver]]\ncode = \"dirty\"\n{repo}reason = \"soon\"\nuntil = 2026-11-21\n"
        );
        sample.declared.push_str(&waiver);
    }
    for (looked, told) in [
        (&[][..], 0),
        (&["core"], 0),
        (&["lib"], 1),
        (&["core", "lib"], 2),
    ] {
        let mut snapshot = sample.snapshot();
        for repo in looked {
            let seen = snapshot.repos.get_mut(&RepoId::new(*repo)).unwrap();
            seen.audit = Some(Box::default());
        }
        let survey = crate::survey(&sample.graph(), &snapshot);
        let unused = survey.findings.iter();
        let unused = unused.filter(|it| it.code.0 == "waiver-unused").count();
        assert_eq!(unused, told, "{looked:?}");
    }
}
