//! Commits that come to a branch which is released.

use super::*;
use crate::policy::{Signs, Spoken, acting};
use crate::sample::Sample;
use crate::{Commit, JudgedCommit, RepoId, Severity};

const POLICY: &str = "\n[policy]\nprotected = [\"deploy/**\"]\nagents = [\"bot@shop.example\"]\n";
const REASON: &str = "fix: a\n\nAllow-Protected: it moved";
/// 2026-11-21.
const NOW: i64 = 1_795_219_200;

fn commit(message: &str, paths: &[&str]) -> JudgedCommit {
    JudgedCommit {
        commit: Commit {
            id: oid('a'),
            message: message.to_owned(),
            merge: false,
            time: 0,
        },
        author: "anna@shop.example".to_owned(),
        committer: "anna@shop.example".to_owned(),
        changed: paths.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn found(more: &str, it: &JudgedCommit, pusher: Option<&crate::policy::Actor>) -> Vec<String> {
    let mut sample = Sample::new(&[("core", "")]);
    sample.declared.push_str(more);
    let repo = RepoId::new("core");
    let commits = std::slice::from_ref(it);
    let found = commit_findings(&sample.graph(), (&repo, NOW), commits, pusher);
    assert!(
        found
            .iter()
            .all(|it| it.mend.is_some() && it.repo.is_some())
    );
    let told = found
        .iter()
        .map(|it| format!("{:?} {}", it.severity, it.code.0));
    told.collect()
}

#[test]
fn what_commit_msg_refuses_is_refused_where_it_comes_to_the_branch() {
    let refused = ["Block commit-unconventional"];
    let fine: [&str; 0] = [];
    for (message, wanted) in [
        ("feat: a", &fine[..]),
        ("Merge branch 'x'", &fine),
        ("Revert \"x\"", &fine),
        ("Add retries.", &refused),
        ("fix: a\nb", &refused),
    ] {
        assert_eq!(found("", &commit(message, &[]), None), wanted, "{message}");
    }
    let mut merge = commit("Bring it over", &["deploy/x"]);
    merge.commit.merge = true;
    assert!(found(POLICY, &merge, None).is_empty());
}

#[test]
fn a_protected_file_wants_a_reason_and_a_person() {
    let refused = ["Block protected-path-changed"];
    let with = commit(REASON, &["deploy/x"]);
    assert!(found(POLICY, &with, None).is_empty());
    assert!(found("", &commit("fix: a", &["deploy/x"]), None).is_empty());
    assert_eq!(
        found(POLICY, &commit("fix: a", &["deploy/x"]), None),
        refused
    );
    assert!(found(POLICY, &commit("fix: a", &["src/x"]), None).is_empty());
    let mut bot = with.clone();
    bot.author = "Bot@shop.example".to_owned();
    assert_eq!(found(POLICY, &bot, None), refused);
    // An agent that pushes answers for what it committed, and not for what others did.
    let pusher = |email: Option<&str>| {
        let signs = Signs {
            flag: Some(Spoken),
            email: email.map(str::to_owned),
            ..Signs::default()
        };
        acting(&signs, &crate::policy::Policy::default())
    };
    for (email, wanted) in [
        (Some("ANNA@shop.example"), &refused[..]),
        (Some("ben@shop.example"), &[]),
        (None, &refused),
    ] {
        assert_eq!(
            found(POLICY, &with, Some(&pusher(email))),
            wanted,
            "{email:?}"
        );
    }
}

#[test]
fn what_people_decided_of_the_rules_holds_here() {
    let odd = commit("Add retries.", &[]);
    let waiver = |until: &str| {
        format!(
            "\n[[check.waiver]]\ncode = \"commit-unconventional\"\nreason = \"old habits\"\nuntil = {until}\n"
        )
    };
    for (declared, wanted) in [
        ("\n[check]\nignore = [\"release\"]\n".to_owned(), None),
        (
            "\n[check]\nseverity = { commit-unconventional = \"warn\" }\n".to_owned(),
            Some(Severity::Warn),
        ),
        (waiver("2026-11-21"), None),
        (waiver("2026-11-20"), Some(Severity::Block)),
        (String::new(), Some(Severity::Block)),
    ] {
        let told = wanted.map(|it| format!("{it:?} commit-unconventional"));
        let told: Vec<String> = told.into_iter().collect();
        assert_eq!(found(&declared, &odd, None), told, "{declared}");
        let mut sample = Sample::new(&[("core", "")]);
        sample.declared.push_str(&declared);
        let repo = RepoId::new("core");
        assert_eq!(message_severity(&sample.graph(), (&repo, NOW)), wanted);
    }
}

#[test]
fn a_long_line_is_told_by_its_begin() {
    let line = "\u{e4}".repeat(101);
    assert_eq!(begun(&line).chars().count(), 101);
    assert!(begun(&line).ends_with('\u{2026}'));
    let whole = "\u{e4}".repeat(100);
    assert_eq!(begun(&whole), whole);
}

proptest! {
    #[test]
    fn no_commit_breaks_the_judge(message in "(?s).{0,80}", path in "\\PC{0,20}") {
        let it = commit(&message, &[&path, "deploy/x"]);
        let told = found(POLICY, &it, None);
        let odd = told.contains(&"Block commit-unconventional".to_owned());
        prop_assert_eq!(odd, conventional(&message).is_err());
        prop_assert!(told.contains(&"Block protected-path-changed".to_owned()));
    }
}
