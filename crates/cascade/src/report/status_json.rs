//! `cascade.status/1`: the status as JSON, in types of its own.

use std::mem;

use cascade_manifest::{Kind, Level};
use cascade_plan::{Finding, LockState, PinStatus, PinSurvey, ReleaseMode, RepoId, VersionSource};
use cascade_plan::{LockSurvey, PackageSurvey, TagHit};
use serde::Serialize;

use super::open_run::OpenRun;
use super::{Known, KnownRepo};

/// The whole status.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Status<'a> {
    schema: &'static str,
    workspace: &'a str,
    order: Vec<&'a RepoId>,
    repos: Vec<Repo<'a>>,
    findings: Vec<&'a Finding>,
    /// The release that is not finished; null without one.
    unfinished: Option<&'a OpenRun>,
}

/// One repository.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::struct_field_names, reason = "the names are the report's own")]
pub(crate) struct Repo<'a> {
    repo: &'a RepoId,
    path: &'a str,
    branch: Option<&'a str>,
    head: Option<&'a str>,
    dirty: Option<bool>,
    ahead: Option<usize>,
    behind: Option<usize>,
    fetched: Option<String>,
    mode: ReleaseMode,
    blocked_by: &'a [RepoId],
    packages: Vec<Package<'a>>,
    pins: Vec<Pin<'a>>,
    findings: &'a [Finding],
}

/// One package.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Package<'a> {
    ecosystem: &'a str,
    name: &'a str,
    manifest: &'a str,
    version: Option<&'a str>,
    version_source: VersionSource,
    tag: &'a str,
    latest: Option<&'a str>,
    latest_tag: Option<&'a str>,
    /// Null where no release is in the head's history: since when, nobody knows.
    commits_since: Option<usize>,
    level: Level,
}

/// One pin on a package of the workspace.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Pin<'a> {
    manifest: &'a str,
    line: usize,
    section: &'a str,
    kind: Kind,
    auxiliary: bool,
    package: Option<&'a str>,
    requirement: &'a str,
    upstream: &'a str,
    upstream_repo: &'a RepoId,
    latest: Option<&'a str>,
    status: PinStatus,
    lock: Option<Lock<'a>>,
}

/// What a lock holds for a pin.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Lock<'a> {
    file: &'a str,
    version: Option<&'a str>,
    state: LockState,
}

impl<'a> Status<'a> {
    /// Takes the repositories out, which `repos` lists.
    pub(crate) fn take_repos(&mut self) -> Vec<Repo<'a>> {
        mem::take(&mut self.repos)
    }
}

/// Returns the status as data that JSON is written from.
pub(crate) fn status_json(known: Known<'_>) -> Status<'_> {
    Status {
        schema: "cascade.status/1",
        workspace: known.graph.name(),
        order: known.order().collect(),
        repos: known.repos().map(|it| Repo::from(&it)).collect(),
        findings: known.findings().collect(),
        unfinished: known.open,
    }
}

/// Returns a report's data as indented JSON with a final newline.
pub(crate) fn pretty(data: &impl Serialize) -> String {
    let json = serde_json::to_string_pretty(data);
    let mut json = json.unwrap_or_else(|_| "null".to_owned());
    json.push('\n');
    json
}

/// Returns a moment as RFC 3339.
pub(crate) fn moment(seconds: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_second(seconds).ok()?;
    Some(moment.to_string())
}

impl<'a> From<&KnownRepo<'a>> for Repo<'a> {
    fn from(it: &KnownRepo<'a>) -> Self {
        let seen = it.seen;
        let readable = seen.trouble.is_none();
        Self {
            repo: it.id,
            path: &it.declared.path,
            branch: seen.branch.as_deref(),
            head: seen.head.as_ref().map(cascade_plan::Oid::as_str),
            dirty: readable.then_some(seen.dirty),
            ahead: seen.ahead,
            behind: seen.behind,
            fetched: seen.fetched.and_then(moment),
            mode: it.declared.mode,
            blocked_by: &it.judged.blocked_by,
            packages: it.judged.packages.iter().map(Package::from).collect(),
            pins: it.judged.pins.iter().map(Pin::from).collect(),
            findings: &it.judged.findings,
        }
    }
}

impl<'a> From<&'a PackageSurvey> for Package<'a> {
    fn from(it: &'a PackageSurvey) -> Self {
        Self {
            ecosystem: &it.id.ecosystem,
            name: &it.id.name,
            manifest: &it.manifest,
            version: it.version.as_deref(),
            version_source: it.source,
            tag: it.template.text(),
            latest: it.latest.as_ref().map(|it: &TagHit| it.version.text()),
            latest_tag: it.latest.as_ref().map(|it| it.tag.as_str()),
            commits_since: it.reachable.as_ref().map(|_| it.since),
            level: it.level,
        }
    }
}

impl<'a> From<&'a PinSurvey> for Pin<'a> {
    fn from(it: &'a PinSurvey) -> Self {
        Self {
            manifest: &it.manifest,
            line: it.line,
            section: &it.section,
            kind: it.kind,
            auxiliary: it.auxiliary,
            package: it.package.as_deref(),
            requirement: &it.requirement,
            upstream: &it.upstream.name,
            upstream_repo: &it.upstream.repo,
            latest: it.latest.as_ref().map(cascade_manifest::Version::text),
            status: it.status,
            // A compiled file is the lock of its own rows, which says nothing more of them.
            lock: it
                .lock
                .as_ref()
                .filter(|lock| lock.file != it.manifest)
                .map(Lock::from),
        }
    }
}

impl<'a> From<&'a LockSurvey> for Lock<'a> {
    fn from(it: &'a LockSurvey) -> Self {
        Self {
            file: &it.file,
            version: it.version.as_deref(),
            state: it.state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_shape_is_the_promise() {
        let town = sample::town();
        let json: serde_json::Value =
            serde_json::from_str(&pretty(&status_json(town.known()))).unwrap();
        assert_eq!(json["schema"], "cascade.status/1");
        assert_eq!(json["order"], serde_json::json!(["urn", "app"]));
        insta::assert_snapshot!(serde_json::to_string_pretty(&json["repos"][1]).unwrap(), @r#"
{
  "ahead": 0,
  "behind": 2,
  "blocked-by": [
    "urn"
  ],
  "branch": "fe|at\u001b[31m",
  "dirty": true,
  "fetched": "2023-11-14T22:13:20Z",
  "findings": [
    {
      "code": "pin-excluded",
      "mend": "cascade bump --repo urn",
      "place": {
        "line": 7,
        "path": "pyproject.toml"
      },
      "repo": "app",
      "severity": "warn",
      "what": "`==1.2.0` excludes tea-urn 1.4.0"
    }
  ],
  "head": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
  "mode": "tag",
  "packages": [
    {
      "commits-since": 0,
      "ecosystem": "python",
      "latest": "0.9.1",
      "latest-tag": "v0.9.1",
      "level": "none",
      "manifest": "pyproject.toml",
      "name": "tea-app",
      "tag": "v{version}",
      "version": null,
      "version-source": "vcs"
    }
  ],
  "path": "work/app",
  "pins": [
    {
      "auxiliary": false,
      "kind": "runtime",
      "latest": "1.4.0",
      "line": 7,
      "lock": {
        "file": "uv.lock",
        "state": "in-step",
        "version": "1.2.0"
      },
      "manifest": "pyproject.toml",
      "package": "tea-app",
      "requirement": "==1.2.0",
      "section": "project.dependencies",
      "status": "excluded",
      "upstream": "tea-urn",
      "upstream-repo": "urn"
    }
  ],
  "repo": "app"
}
"#);
    }

    #[test]
    fn only_what_is_meant_is_listed() {
        let town = sample::town();
        let chosen = std::collections::BTreeSet::from([RepoId::new("app")]);
        let status = status_json(town.known().only(&chosen));
        let json: serde_json::Value = serde_json::from_str(&pretty(&status)).unwrap();
        assert_eq!(json["order"], serde_json::json!(["app"]));
        assert_eq!(json["repos"].as_array().map(Vec::len), Some(1));
        assert_eq!(json["repos"][0]["repo"], "app");
    }

    #[test]
    fn unknown_is_null() {
        let mut town = sample::town();
        town.lose("urn");
        let json: serde_json::Value =
            serde_json::from_str(&pretty(&status_json(town.known()))).unwrap();
        for key in ["branch", "head", "dirty", "ahead", "behind", "fetched"] {
            assert!(json["repos"][0][key].is_null(), "{key}");
        }
    }
}
