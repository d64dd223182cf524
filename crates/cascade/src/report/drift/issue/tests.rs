use cascade_manifest::Level;
use cascade_plan::ReleaseMode;
use cascade_plan::drift::{Change, DriftRepo, Gone, MendStep, News, SCHEMA, Unreleased};
use proptest::prelude::*;

use super::super::golden;
use super::*;

/// A report of a town in which `lib` excludes a release, and more is worth knowing.
pub(in crate::report::drift) fn sample() -> Drift {
    let finding = |id: &str, code: &str, severity, what: &str| DriftFinding {
        id: id.to_owned(),
        code: code.to_owned(),
        severity,
        repo: Some("lib".to_owned()),
        tag: None,
        path: Some("lib/Cargo.toml".to_owned()),
        line: Some(7),
        what: what.to_owned(),
        mend: Some("cascade bump --repo core".to_owned()),
        since: Some(1_700_000_000),
        owners: vec!["@acme/library".to_owned()],
        news: News::New,
        accepted: false,
    };
    Drift {
        schema: SCHEMA.to_owned(),
        workspace: "town".to_owned(),
        taken: 1_700_600_000,
        repos: vec![repo("core"), repo("lib")],
        edges: Vec::new(),
        findings: vec![
            finding(
                "1a",
                "pin-excluded",
                Severity::Warn,
                "`=1.2.0` on `core` excludes 1.3.0",
            ),
            finding(
                "2b",
                "unreleased",
                Severity::Info,
                "2 commits of `lib` ask for a minor",
            ),
        ],
        change: Some(Change {
            against: 1_700_000_000,
            new: vec!["1a".to_owned(), "2b".to_owned()],
            gone: vec![Gone {
                id: "3c".to_owned(),
                code: "lock-stale".to_owned(),
                severity: Severity::Warn,
                repo: Some("app".to_owned()),
                since: Some(1_699_000_000),
            }],
            still: 0,
        }),
        trend: Vec::new(),
        adoption: Vec::new(),
        mend: vec![MendStep {
            wave: 1,
            repo: "lib".to_owned(),
            moves: Vec::new(),
            command: "cascade bump --repo core".to_owned(),
        }],
    }
}

fn repo(name: &str) -> DriftRepo {
    DriftRepo {
        name: name.to_owned(),
        path: name.to_owned(),
        wave: 0,
        mode: ReleaseMode::Tag,
        owners: Vec::new(),
        trouble: None,
        branch: None,
        latest: Vec::new(),
        unreleased: Unreleased {
            commits: 0,
            level: Level::None,
            since: None,
            subjects: Vec::new(),
        },
        committed: None,
    }
}

#[test]
fn it_says_what_drifts_and_what_mends_it() {
    let text = issue(
        &sample(),
        Severity::Warn,
        Some("https://pages.example/drift"),
    )
    .unwrap();
    assert_eq!(text.title, "Drift in town");
    golden("issue.md", &text.body);
}

#[test]
fn it_changes_only_with_what_drifts() {
    let now = sample();
    let mut later = now.clone();
    later.taken += 86_400 * 9;
    later.change = None;
    later
        .findings
        .iter_mut()
        .for_each(|it| it.news = News::Still);
    let say = |it: &Drift| issue(it, Severity::Warn, None);
    assert_eq!(say(&now), say(&later));
    later.findings.remove(1);
    assert_ne!(say(&now), say(&later));
    assert_eq!(issue(&now, Severity::Block, None), None);
}

#[test]
fn what_a_baseline_accepts_keeps_it_open_and_is_marked() {
    let mut drift = sample();
    drift.findings[0].accepted = true;
    let body = issue(&drift, Severity::Warn, None).unwrap().body;
    let head = "**1 to mend, 1 worth knowing, 1 of them known**";
    assert!(body.contains(head), "{body}");
    assert!(body.contains("| warn, known | `pin-excluded` |"), "{body}");
    assert!(body.contains("| info | `unreleased` |"), "{body}");
}

#[test]
fn nobody_is_called_and_nothing_is_closed() {
    let told = |what: &str| {
        let mut drift = sample();
        drift.findings[0].what = what.to_owned();
        let body = issue(&drift, Severity::Warn, None).unwrap().body;
        let line = body.lines().find(|it| it.contains("pin-excluded"));
        line.unwrap().to_owned()
    };
    for (what, never) in [
        ("feat: x, thanks @octocat", "@octocat"),
        ("fixes #12", "#12"),
        ("closes GH-12", "GH-12"),
        ("acme/town#12", "town#12"),
        ("see https://github.com/a/b/issues/1", "https://"),
        ("see www.evil.example", "www.evil"),
        ("a <img src=x onerror=alert(1)>", "<img"),
        ("![x](https://evil.example/x.png)", "![x]"),
        ("!12 ~bug %3 $4 &5", "!12"),
        ("x | @a | y", " | @a"),
        ("`unbalanced @zed", "@zed"),
        ("a\n/close\n@b", "\n/close"),
        ("`a | b` --> x", "-->"),
    ] {
        let line = told(what);
        assert!(!line.contains(never), "{what}: {line}");
    }
    // Between backticks nothing is read, and nothing leaves it.
    assert!(told("`@octocat` x").contains("`@octocat` x"));
    assert!(told("x").ends_with("| `@acme/library` |"));
}

#[test]
fn a_name_that_is_hostile_stays_text() {
    let mut drift = sample();
    drift.workspace = "a --> <script>\n@x".to_owned();
    let text = issue(&drift, Severity::Warn, Some("https://x.example/> @y #1")).unwrap();
    assert!(
        !text.body.contains("<script>") && !text.body.contains("> @y"),
        "{}",
        text.body
    );
    assert_eq!(
        text.body.lines().next(),
        Some(marker(&drift.workspace).as_str())
    );
    assert!(!text.title.contains('\n'));
    let odd = issue(&drift, Severity::Warn, Some("javascript:alert(1)")).unwrap();
    assert!(!odd.body.contains("javascript"));
}

#[test]
fn a_report_without_end_is_shortened() {
    let mut drift = sample();
    let one = drift.findings[0].clone();
    drift.findings = (0..5_000)
        .map(|nth| DriftFinding {
            id: nth.to_string(),
            what: format!("{nth} {}", "ü@".repeat(300)),
            ..one.clone()
        })
        .collect();
    drift.mend = std::iter::repeat_n(drift.mend[0].clone(), 900).collect();
    let body = issue(&drift, Severity::Warn, None).unwrap().body;
    assert!(
        body.len() <= 65_536 && body.len() > 40_000,
        "{}",
        body.len()
    );
    assert!(
        body.contains("more: `cascade drift` tells them all"),
        "{body}"
    );
    assert!(body.contains("and 860 more.") && body.contains("**5000 to mend**"));
}

proptest! {
    #[test]
    fn no_text_ends_its_row_or_calls_anybody(what in "[@#a-z`|<>\n/! -]{0,60}") {
        let mut drift = sample();
        drift.findings.truncate(1);
        drift.findings[0].what = what;
        let body = issue(&drift, Severity::Warn, None).unwrap().body;
        let mut rows = body.lines().filter(|it| it.starts_with("| "));
        let line = rows.nth(2).unwrap();
        prop_assert!(line.contains("pin-excluded") && rows.next().is_none(), "{}", body);
        // Outside of spans of code nothing is called or referred to.
        let line = line.replace("\\`", "").replace("&#8203;", "\u{1}");
        let outside: Vec<char> = line.split('`').step_by(2).collect::<String>().chars().collect();
        let calls = outside.windows(2).any(|it| matches!(it[0], '@' | '#') && it[1].is_alphanumeric());
        prop_assert!(!calls, "{}", line);
    }
}
