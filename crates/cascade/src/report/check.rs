//! What `check` found, one file per format.

pub(crate) mod github;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod quality;
pub(crate) mod readiness;

use cascade_plan::Finding;

use super::{Known, sarif};

/// A finding, with its file from the workspace's root.
#[derive(Debug, Clone)]
pub(crate) struct Located<'a> {
    /// What was found.
    pub(crate) finding: &'a Finding,
    /// The path of the file; of the repository's folder or of the workspace's file where it has none.
    pub(crate) path: String,
    /// The 1-based line.
    pub(crate) line: Option<usize>,
}

/// Returns the findings, each with its place.
pub(crate) fn located<'a>(known: Known<'_>, findings: &[&'a Finding]) -> Vec<Located<'a>> {
    let place = |finding: &&'a Finding| {
        let repo = finding.repo.as_ref();
        let folder = repo.and_then(|it| Some(known.graph.repo(it)?.path.as_str()));
        let file = finding.place.as_ref();
        let path = match (folder, file) {
            (Some("" | ".") | None, Some(file)) => file.path.clone(),
            (Some(folder), Some(file)) => format!("{folder}/{}", file.path),
            (Some(folder), None) => folder.to_owned(),
            (None, None) => "workspace.toml".to_owned(),
        };
        Located {
            finding,
            path,
            line: file.and_then(|it| it.line),
        }
    };
    findings.iter().map(place).collect()
}

/// Returns the findings as results of a SARIF log.
pub(crate) fn rows<'a>(found: &'a [Located<'a>]) -> impl Iterator<Item = sarif::Row<'a>> {
    found.iter().map(|it| sarif::Row {
        code: it.finding.code.0,
        severity: it.finding.severity,
        path: &it.path,
        line: it.line,
        what: &it.finding.what,
        mend: it.finding.mend.as_deref(),
        id: None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cascade_plan::{Code, Place, RepoId, Severity, checks};

    use super::github::github;
    use super::json::json;
    use super::markdown::markdown;
    use super::*;
    use crate::report::sample;
    use crate::report::sarif::sarif;

    fn hostile() -> Finding {
        Finding {
            code: Code("pin-excluded"),
            severity: Severity::Warn,
            repo: Some(RepoId::new("app")),
            place: Some(Place {
                path: "a,b:c/x y%.toml".to_owned(),
                line: Some(3),
            }),
            what: "100% | <img> \u{1b}[31m\n::error::forged".to_owned(),
            mend: Some("cascade bump --repo urn".to_owned()),
            tag: None,
            package: None,
            fix: None,
        }
    }

    #[test]
    fn hostile_text_stays_text_in_every_format() {
        let town = sample::town();
        let finding = hostile();
        let found = located(town.known(), &[&finding]);
        insta::assert_snapshot!(github(&found), @r##"::warning file=work/app/a%2Cb%3Ac/x y%25.toml,line=3,title=cascade%3A pin-excluded::100%25 | <img> \u{1b}[31m\n::error::forged (mend: cascade bump --repo urn)"##);
        insta::assert_snapshot!(markdown(town.known(), &found), @r##"
# town: 1 finding

| severity | rule | where | what | mend |
| --- | --- | --- | --- | --- |
| warn | `pin-excluded` | work/app/a,b:c/x y%.toml:3 | 100% \| &lt;img&gt; \\u{1b}\[31m\\n::error::forged | `cascade bump --repo urn` |
"##);
        let log = sarif(rows(&found));
        insta::assert_snapshot!(log["runs"][0]["results"][0].to_string(), @r##"{"level":"warning","locations":[{"physicalLocation":{"artifactLocation":{"uri":"work/app/a%2Cb%3Ac/x%20y%25.toml"},"region":{"startLine":3}}}],"message":{"text":"100% | <img> \\u{1b}[31m\\n::error::forged. To mend it: cascade bump --repo urn"},"ruleId":"pin-excluded"}"##);
        let json = serde_json::to_value(json(town.known(), &found)).unwrap();
        assert_eq!(json["findings"][0]["path"], "work/app/a,b:c/x y%.toml");
        assert_eq!(json["findings"][0]["severity"], "warn");
    }

    #[test]
    fn sarif_knows_every_rule_once() {
        let log = sarif([]);
        let rules = log["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap();
        let ids: BTreeSet<&str> = rules.iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), checks::all().count());
        assert_eq!(rules.len(), checks::all().count());
    }
}
