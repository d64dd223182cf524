//! The status for people: one row per repository in release order, then what to mend.

use cascade_manifest::{Level, Version};
use cascade_plan::{
    Content, LockState, PackageSurvey, PinStatus, ReleaseMode, RepoId, Severity, Trouble,
};

use super::findings;
use super::{Known, KnownRepo, age, latest_tags, mode_word};
use crate::page::{BAD, DIM, GOOD, Page, STRONG, WARN, count, paint};
use crate::report::table::{Column, table};
use crate::shown::Shown;

/// The columns; on a narrow terminal those with the highest number leave first.
const COLUMNS: &[Column] = &[
    Column::kept("repository"),
    Column::leaves("branch", 4),
    Column::leaves("state", 2),
    Column::leaves("fetched", 7),
    Column::kept("latest"),
    Column::leaves("since", 1),
    Column::kept("pins"),
    Column::leaves("lock", 5),
    Column::leaves("mode", 6),
    Column::leaves("blocked by", 3),
];

/// Returns the status as a table, the findings below it, and one line with the next command.
pub(crate) fn status_human(known: Known<'_>, width: Option<usize>) -> String {
    let mut page = Page::default();
    let rows: Vec<Vec<String>> = known.repos().map(|it| row(known, it)).collect();
    page.line(table(COLUMNS, &rows, width));
    findings::write(&mut page, &findings::all(known));
    page.gap();
    page.line(summary(known));
    if let Some(open) = known.open {
        page.line(open.line());
    }
    page.finish()
}

/// Returns the cells of one repository.
fn row(known: Known<'_>, repo: KnownRepo<'_>) -> Vec<String> {
    vec![
        name(repo),
        branch(repo),
        state(repo),
        fetched(known, repo),
        latest(repo),
        since(repo),
        pins(repo),
        lock(repo),
        mode(repo.declared.mode),
        blocked_by(&repo.judged.blocked_by),
    ]
}

/// Returns the name, strong where the row needs attention.
fn name(repo: KnownRepo<'_>) -> String {
    let id = Shown(repo.id.as_str());
    let worst = repo.judged.findings.iter().map(|it| it.severity).max();
    match worst {
        Some(Severity::Block) => paint(BAD.bold(), id),
        Some(Severity::Warn) => paint(WARN.bold(), id),
        _ if repo.level() > Level::None => paint(STRONG, id),
        _ => id.to_string(),
    }
}

/// Returns the branch, or where the head stands without one.
fn branch(repo: KnownRepo<'_>) -> String {
    match (&repo.seen.branch, &repo.seen.head) {
        (Some(branch), _) => Shown(branch).to_string(),
        (None, Some(head)) => paint(WARN, format!("detached {}", head.short())),
        (None, None) => paint(DIM, "-"),
    }
}

/// Returns what keeps the checkout from being clean and level with its upstream.
fn state(repo: KnownRepo<'_>) -> String {
    if let Some(trouble) = &repo.seen.trouble {
        return paint(BAD, trouble_word(trouble));
    }
    let seen = repo.seen;
    let mut words = Vec::new();
    if seen.dirty {
        words.push(paint(WARN, "dirty"));
    }
    if seen.shallow {
        words.push(paint(WARN, "shallow"));
    }
    for (n, word) in [(seen.ahead, "ahead"), (seen.behind, "behind")] {
        if let Some(n) = n.filter(|it| *it > 0) {
            words.push(paint(WARN, format!("{n} {word}")));
        }
    }
    if words.is_empty() {
        let bare = seen.content == Content::Commit;
        return paint(DIM, if bare { "bare" } else { "clean" });
    }
    words.join(", ")
}

/// Returns why a repository could not be read, in a word or two.
fn trouble_word(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Missing => "missing",
        Trouble::NotARepository => "not a repository",
        Trouble::NoCommits => "no commits",
        Trouble::Unreadable(_) => "unreadable",
        Trouble::Unfetched(_) => "not fetched",
    }
}

/// Returns the age of the last fetch.
fn fetched(known: Known<'_>, repo: KnownRepo<'_>) -> String {
    let Some(fetched) = repo.seen.fetched else {
        return paint(DIM, "never");
    };
    paint(DIM, age(known.snapshot.taken.saturating_sub(fetched)))
}

/// Returns the latest tags; more than two become a number.
fn latest(repo: KnownRepo<'_>) -> String {
    let tags = latest_tags(repo);
    let Some(first) = tags.first() else {
        return paint(DIM, "-");
    };
    let pending = repo.judged.packages.iter().any(is_pending);
    let mut text = Shown(first).to_string();
    match (tags.get(1), tags.len()) {
        (Some(second), 2) => text = format!("{text}, {}", Shown(second)),
        (Some(_), n) => text = format!("{text}, +{}", n - 1),
        (None, _) => {}
    }
    if pending {
        text = format!("{text} {}", paint(WARN, "(pending)"));
    }
    text
}

/// Returns whether a package's static version only lacks its tag; a development version does not
/// call for one.
pub(super) fn is_pending(package: &PackageSurvey) -> bool {
    let version = package.version.as_deref();
    let version = version.and_then(|it| Version::parse(package.ecosystem.scheme, it));
    package.pending && version.is_some_and(|it| it.is_final())
}

/// Returns how many commits came since, and the level that they ask for.
fn since(repo: KnownRepo<'_>) -> String {
    let since = repo.since();
    match repo.level() {
        Level::None if since == 0 => paint(DIM, "-"),
        Level::None => paint(DIM, since),
        level => format!("{since} {}", paint(GOOD, level)),
    }
}

/// Returns how the pins stand; auxiliary ones are not counted.
fn pins(repo: KnownRepo<'_>) -> String {
    let pins = || repo.judged.pins.iter().filter(|it| !it.auxiliary);
    let count = |status| pins().filter(|it| it.status == status).count();
    let words: Vec<String> = [
        (PinStatus::Excluded, BAD),
        (PinStatus::Behind, anstyle::Style::new()),
        (PinStatus::Ahead, WARN),
        (PinStatus::Untagged, WARN),
    ]
    .into_iter()
    .filter(|(status, _)| count(*status) > 0)
    .map(|(status, style)| paint(style, format!("{} {}", count(status), status.word())))
    .chain(unversioned(pins().filter(|it| it.names_nothing()).count()))
    .collect();
    match (words.is_empty(), pins().count()) {
        (true, 0) => paint(DIM, "-"),
        (true, _) => paint(DIM, "in step"),
        (false, _) => words.join(", "),
    }
}

/// Returns how many pins of what is deployed name no version.
fn unversioned(count: usize) -> Option<String> {
    let word = PinStatus::Unbounded.word();
    (count > 0).then(|| paint(DIM, format!("{count} {word}")))
}

/// Returns the worst state of the locks beside the pins.
fn lock(repo: KnownRepo<'_>) -> String {
    let states = || {
        let pins = repo.judged.pins.iter().filter(|it| !it.auxiliary);
        pins.filter_map(|it| Some(it.lock.as_ref()?.state))
    };
    let is = |state| states().any(|it| it == state);
    if is(LockState::Contradicts) {
        paint(BAD, "contradicts")
    } else if is(LockState::Stale) {
        paint(WARN, "stale")
    } else if is(LockState::Absent) {
        paint(WARN, "absent")
    } else if is(LockState::InStep) {
        paint(DIM, "in step")
    } else {
        paint(DIM, "-")
    }
}

/// Returns the release mode; the default is calm.
fn mode(mode: ReleaseMode) -> String {
    match mode {
        ReleaseMode::Tag => paint(DIM, mode_word(mode)),
        _ => mode_word(mode).to_owned(),
    }
}

/// Returns who has to be released or mended first.
fn blocked_by(repos: &[RepoId]) -> String {
    let names: Vec<String> = repos
        .iter()
        .map(|it| Shown(it.as_str()).to_string())
        .collect();
    if names.is_empty() {
        paint(DIM, "-")
    } else {
        paint(WARN, names.join(", "))
    }
}

/// Returns one line that says how things stand, and the next command.
fn summary(known: Known<'_>) -> String {
    let asking = known.repos().filter(|it| it.level() > Level::None).count();
    let excluded = pins_that_are(known, PinStatus::Excluded);
    let behind = pins_that_are(known, PinStatus::Behind);
    let mut parts = vec![known.size()];
    if asking > 0 {
        parts.push(format!("{asking} with commits to release"));
    }
    for (n, word) in [(excluded, "excluded"), (behind, "behind")] {
        if n > 0 {
            parts.push(format!("{} {word}", count(n, "pin", "pins")));
        }
    }
    if asking + excluded == 0 && !findings::fails(&findings::all(known)) {
        parts.push("nothing to release or to mend".to_owned());
    }
    let line = parts.join(" · ");
    match next(known, asking, excluded) {
        Some(next) => format!("{line} · next: {}", paint(STRONG, next)),
        None => line,
    }
}

/// Returns how many pins that order a release are of this status.
fn pins_that_are(known: Known<'_>, status: PinStatus) -> usize {
    let pins = known.repos().flat_map(|it| &it.judged.pins);
    pins.filter(|it| !it.auxiliary && it.status == status)
        .count()
}

/// Returns the next command to type: what mends a block, then a release, then lagging pins.
fn next(known: Known<'_>, asking: usize, lagging: usize) -> Option<String> {
    let found = findings::all(known);
    let missing = known
        .repos()
        .any(|it| it.seen.trouble == Some(Trouble::Missing));
    let block = found.iter().find(|it| it.severity == Severity::Block);
    if missing {
        Some("cascade fetch".to_owned())
    } else if let Some(mend) = block.and_then(|it| it.mend.as_deref()) {
        Some(Shown(mend).to_string())
    } else if asking > 0 {
        Some("cascade plan".to_owned())
    } else if lagging > 0 {
        Some("cascade plan --for bump".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use anstream::adapter::strip_str;

    use super::*;
    use crate::report::sample;

    #[test]
    fn a_row_for_every_repository_then_what_to_mend() {
        let town = sample::town();
        let text = status_human(town.known(), None);
        insta::assert_snapshot!(strip_str(&text).to_string(), @r#"
repository  branch           state            fetched  latest  since    pins        lock     mode  blocked by
urn         main             2 behind         1 d      v1.4.0  3 minor  -           -        tag   -
app         fe|at\u{1b}[31m  dirty, 2 behind  1 d      v0.9.1  -        1 excluded  in step  tag   urn

warn   pin-excluded  1 place
  app pyproject.toml:7: `==1.2.0` excludes tea-urn 1.4.0
    mend: cascade bump --repo urn

2 repositories · 1 with commits to release · 1 pin excluded · next: cascade plan
"#);
    }

    #[test]
    fn some_of_them_are_told_of_how_many() {
        let town = sample::town();
        let chosen = BTreeSet::from([RepoId::new("urn")]);
        let text = status_human(town.known().only(&chosen), None);
        insta::assert_snapshot!(strip_str(&text).to_string(), @r#"
repository  branch  state     fetched  latest  since    pins  lock  mode  blocked by
urn         main    2 behind  1 d      v1.4.0  3 minor  -     -     tag   -

1 of 2 repositories · 1 with commits to release · next: cascade plan
"#);
    }

    #[test]
    fn a_narrow_terminal_keeps_what_matters() {
        let town = sample::town();
        let text = status_human(town.known(), Some(60));
        let text = strip_str(&text).to_string();
        let table: Vec<&str> = text.lines().take(4).collect();
        assert!(table.iter().all(|it| it.chars().count() <= 60), "{text}");
        assert!(
            text.contains("repository") && text.contains("1 excluded"),
            "{text}"
        );
        assert!(!text.contains("fetched  "), "{text}");
    }

    #[test]
    fn a_missing_clone_says_fetch() {
        let mut town = sample::town();
        town.lose("urn");
        let text = strip_str(&status_human(town.known(), None)).to_string();
        assert!(text.contains("missing") && text.contains("next: cascade fetch"));
    }
}
