//! The rules about quality gates: what a repository's own commands came to.

use cascade_tests::Town;

use super::{Case, hold};
use crate::family::crate_toml;

/// A repository with one quality gate: a script, and more lines.
fn town(script: &str, more: &str) -> Town {
    let town = Town::new();
    town.repo(
        "core",
        "v1.2.0",
        &[("Cargo.toml", &crate_toml("core", "1.2.0", ""))],
    );
    town.workspace(&format!(
        "[workspace]\nname = \"town\"\n[repo.core]\n[[repo.core.quality]]\nname = \"it\"\n\
         run = [\"sh\", \"-c\", '''{script}''']\n{more}\n"
    ));
    town
}

/// An audit that tells of one advisory of this severity.
fn audit(severity: &str, more: &str) -> Town {
    let found = format!(
        r#"{{"vulnerabilities": {{"p": {{"via": [{{"source": 7, "name": "p", "title": "t", "severity": "{severity}"}}]}}}}}}"#
    );
    town(
        &format!("echo '{found}'; exit 1").replace("'''", ""),
        &format!("audit = \"npm\"\n{more}"),
    )
}

fn waived(until: &str) -> Town {
    let waiver = format!("{{ advisory = \"7\", reason = \"never called\", until = {until} }}");
    audit("high", &format!("waive = [{waiver}]"))
}

static GATES: &[Case] = &[
    Case {
        code: "advisory",
        args: &["--quality"],
        breaks: || audit("high", ""),
        keeps: || audit("low", ""),
    },
    Case {
        code: "advisory-waiver-expired",
        args: &["--quality"],
        breaks: || waived("2020-01-31"),
        keeps: || waived("2999-12-31"),
    },
    Case {
        code: "quality-failed",
        args: &["--quality"],
        breaks: || town("exit 1", ""),
        keeps: || town("exit 0", ""),
    },
    Case {
        code: "quality-missed",
        args: &["--quality"],
        breaks: || town("echo 84%", "value = { regex = '(\\d+)%', min = 85 }"),
        keeps: || town("echo 85%", "value = { regex = '(\\d+)%', min = 85 }"),
    },
];

#[test]
fn gates() {
    hold(GATES);
}
