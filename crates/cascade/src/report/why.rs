//! `status --why`: everything that is known of one repository, with the evidence.

use cascade_plan::drift::EdgeState;
use cascade_plan::{Evidence, VersionSource};
use cascade_plan::{LockSurvey, PackageSurvey, PinStatus, PinSurvey, RepoId, TagHit};

use super::graph::edge_state;
use super::status_human::is_pending;
use super::{Known, KnownRepo, age, findings, mode_word};
use crate::page::{BAD, DIM, GOOD, Page, STRONG, WARN, count, paint};
use crate::shown::Shown;

/// Returns everything that is known of a repository.
pub(crate) fn why(known: Known<'_>, repo: KnownRepo<'_>) -> String {
    let mut page = Page::default();
    head(&mut page, known, repo);
    edges(&mut page, known, repo);
    for package in &repo.judged.packages {
        write_package(&mut page, package);
    }
    pins(&mut page, repo);
    let found: Vec<_> = repo.judged.findings.iter().collect();
    findings::write(&mut page, &found);
    if found.is_empty() {
        page.gap();
        page.line(paint(DIM, "no findings"));
    }
    page.finish()
}

/// Adds a line of a name and a value.
fn fact(page: &mut Page, name: &str, value: &str) {
    page.line(format!("  {}  {value}", paint(DIM, format!("{name:<10}"))));
}

/// Adds what was declared of the repository and what its checkout looks like.
fn head(page: &mut Page, known: Known<'_>, repo: KnownRepo<'_>) {
    let (seen, declared) = (repo.seen, repo.declared);
    page.line(paint(STRONG, Shown(repo.id.as_str())));
    fact(page, "path", &Shown(&declared.path).to_string());
    if let Some(remote) = &declared.remote {
        fact(page, "remote", &Shown(remote).to_string());
    }
    fact(page, "mode", mode_word(declared.mode));
    if let Some(trouble) = &seen.trouble {
        fact(page, "state", &paint(BAD, Shown(&trouble.to_string())));
        return;
    }
    let branch = seen.branch.as_deref().unwrap_or("(detached)");
    let at = seen.head.as_ref().map_or("-", |it| it.short());
    fact(page, "branch", &format!("{} at {at}", Shown(branch)));
    let dirty = if seen.dirty { "dirty" } else { "clean" };
    let number = |n: Option<usize>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let level = format!(
        "{dirty}, ahead {}, behind {}{}",
        number(seen.ahead),
        number(seen.behind),
        if seen.shallow { ", shallow" } else { "" }
    );
    fact(page, "state", &level);
    let fetched = seen.fetched.map_or_else(
        || "never".to_owned(),
        |it| age(known.snapshot.taken.saturating_sub(it)),
    );
    fact(page, "fetched", &fetched);
}

/// Adds what it stands on, what stands on it, and what blocks it.
fn edges(page: &mut Page, known: Known<'_>, repo: KnownRepo<'_>) {
    let names = |ids: &[&RepoId]| {
        let names: Vec<String> = ids
            .iter()
            .map(|it| Shown(it.as_str()).to_string())
            .collect();
        names.join(", ")
    };
    page.gap();
    page.line(paint(STRONG, "stands on"));
    let upstreams = known.survey.upstreams.get(repo.id);
    for upstream in upstreams.into_iter().flatten() {
        page.line(format!(
            "  {} {}",
            Shown(upstream.as_str()),
            origin(repo, upstream)
        ));
    }
    if upstreams.is_none_or(Vec::is_empty) {
        page.line(paint(DIM, "  nothing of this workspace"));
    }
    let downstream: Vec<&RepoId> = known
        .survey
        .upstreams
        .iter()
        .filter(|(_, on)| on.contains(repo.id))
        .map(|(id, _)| id)
        .collect();
    if !downstream.is_empty() {
        fact(page, "under", &names(&downstream));
    }
    if !repo.judged.blocked_by.is_empty() {
        let blocking: Vec<&RepoId> = repo.judged.blocked_by.iter().collect();
        fact(page, "blocked by", &paint(WARN, names(&blocking)));
    }
}

/// Returns where an edge comes from (declared, derived from pins, or both), and how it stands.
fn origin(repo: KnownRepo<'_>, upstream: &RepoId) -> String {
    let declared = repo.declared.needs.iter().find(|it| it.repo == *upstream);
    let pins = repo.judged.pins.iter();
    let derived = pins.filter(|it| it.orders() && it.upstream.repo == *upstream);
    let text = match (declared, derived.count()) {
        (Some(need), 0) if need.order_only => "declared, order only".to_owned(),
        (Some(_), 0) => "declared, no pin behind it".to_owned(),
        (Some(_), n) => format!("declared, {}", count(n, "pin", "pins")),
        (None, n) => format!("not declared, {}", count(n, "pin", "pins")),
    };
    match edge_state(repo, upstream) {
        EdgeState::InStep | EdgeState::DeclaredOnly => paint(DIM, format!("({text})")),
        state => format!(
            "{} {}",
            paint(DIM, format!("({text})")),
            paint(WARN, state.word())
        ),
    }
}

/// Adds a package: its version, its tags, the commits since and what they ask for.
fn write_package(page: &mut Page, package: &PackageSurvey) {
    page.gap();
    page.line(format!(
        "{} {}",
        paint(STRONG, Shown(&package.id.name)),
        paint(DIM, format!("({} package)", package.id.ecosystem))
    ));
    fact(page, "manifest", &Shown(&package.manifest).to_string());
    let version = package.version.as_deref().unwrap_or("-");
    let source = match package.source {
        VersionSource::Static => "a file says it",
        VersionSource::Vcs => "the tag says it",
        VersionSource::Placeholder => "the publisher puts it in",
    };
    fact(page, "version", &format!("{} ({source})", Shown(version)));
    fact(page, "tag", &Shown(package.template.text()).to_string());
    fact(page, "latest", &hit(package.latest.as_ref()));
    if package.retracted.is_some() {
        fact(page, "retracted", &hit(package.retracted.as_ref()));
    }
    if package.latest != package.reachable {
        fact(page, "reachable", &hit(package.reachable.as_ref()));
    }
    if package.pending {
        let why = if is_pending(package) {
            "its version stands above its latest tag: only the tag is missing"
        } else {
            "its version leads up to the next release, above its latest tag"
        };
        fact(page, "pending", why);
    }
    let since = count(package.since, "commit", "commits");
    fact(
        page,
        "since",
        &format!("{since}, asking for {}", paint(GOOD, package.level)),
    );
    for evidence in package.evidence.iter() {
        page.line(format!("              {}", evidence_line(evidence)));
    }
}

/// Returns a commit that asks for a level, as one line.
pub(crate) fn evidence_line(evidence: &Evidence) -> String {
    format!(
        "{} {} {} \"{}\"",
        paint(GOOD, evidence.level),
        Shown(&evidence.kind),
        paint(DIM, evidence.commit.short()),
        Shown(&evidence.subject)
    )
}

/// Returns a tag and its commit.
fn hit(hit: Option<&TagHit>) -> String {
    hit.map_or_else(
        || paint(DIM, "no version tag"),
        |it| format!("{} at {}", Shown(&it.tag), it.commit.short()),
    )
}

/// Adds every pin, with its place, its status and why, and its lock.
fn pins(page: &mut Page, repo: KnownRepo<'_>) {
    if repo.judged.pins.is_empty() {
        return;
    }
    page.gap();
    page.line(paint(STRONG, "pins"));
    for pin in &repo.judged.pins {
        page.line(format!(
            "  {}:{} {} {} {}  {}",
            Shown(&pin.manifest),
            pin.line,
            paint(DIM, format!("[{}]", Shown(&pin.section))),
            Shown(&pin.upstream.name),
            Shown(&pin.requirement),
            status(pin)
        ));
        if let Some(lock) = &pin.lock {
            page.line(format!("      {}", lock_line(lock)));
        }
    }
}

/// Returns the status of a pin and why it is so.
fn status(pin: &PinSurvey) -> String {
    let latest = pin.latest.as_ref().map_or("none", |it| it.text());
    let (style, why) = match pin.status {
        PinStatus::InStep => (GOOD, format!("it names the latest, {latest}")),
        PinStatus::Behind => (
            WARN,
            format!("it admits the latest, {latest}, and names an older one"),
        ),
        PinStatus::Excluded => (BAD, format!("it does not admit the latest, {latest}")),
        PinStatus::Ahead => (
            WARN,
            format!("it names a version above the latest tag, {latest}: fetch"),
        ),
        PinStatus::Unbounded => (DIM, "it names no version".to_owned()),
        PinStatus::Untagged => (WARN, "its upstream has no version tag".to_owned()),
        PinStatus::Placeholder => (DIM, "it names a placeholder".to_owned()),
    };
    let orders = match (pin.auxiliary, pin.orders()) {
        (true, _) => ", auxiliary",
        (false, true) => "",
        (false, false) => ", orders nothing",
    };
    let style = if pin.auxiliary { DIM } else { style };
    format!(
        "{} {}",
        paint(style, pin.status.word()),
        paint(DIM, format!("({}{orders}; {why})", pin.kind))
    )
}

/// Returns what the lock beside a pin holds.
fn lock_line(lock: &LockSurvey) -> String {
    let version = lock.version.as_deref().unwrap_or("nothing");
    format!(
        "{} {} holds {}, {}",
        paint(DIM, "lock"),
        Shown(&lock.file),
        Shown(version),
        lock.state.word()
    )
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::report::sample;

    #[test]
    fn everything_known_with_the_evidence() {
        let town = sample::town();
        let text = |repo: &str| {
            let id = RepoId::new(repo);
            strip_str(&why(town.known(), town.known().repo(&id).unwrap())).to_string()
        };
        assert!(text("urn").contains("minor feat ddddddd \"feat: pour \\u{202e}hot\""));
        insta::assert_snapshot!(text("app"), @r#"
app
  path        work/app
  mode        tag
  branch      fe|at\u{1b}[31m at bbbbbbb
  state       dirty, ahead 0, behind 2
  fetched     1 d

stands on
  urn (declared, 1 pin) excluded
  blocked by  urn

tea-app (python package)
  manifest    pyproject.toml
  version     - (the tag says it)
  tag         v{version}
  latest      v0.9.1 at ccccccc
  since       0 commits, asking for none

pins
  pyproject.toml:7 [project.dependencies] tea-urn ==1.2.0  excluded (runtime; it does not admit the latest, 1.4.0)
      lock uv.lock holds 1.2.0, in-step

warn   pin-excluded  1 place
  app pyproject.toml:7: `==1.2.0` excludes tea-urn 1.4.0
    mend: cascade bump --repo urn
"#);
    }
}
