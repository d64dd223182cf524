//! The rules about what a workspace allows.

use cascade_tests::Town;

use super::{Case, hold};
use crate::family::family;

/// The family with this in its file.
fn ruled(policy: &str) -> Town {
    let town = family();
    let text = std::fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    town.workspace(&format!("{text}\n{policy}"));
    town
}

const MAKEFILE: &str = "release:\n\ttwine upload dist/*\n";
const CI: &str = ".github/workflows/ci.yml";

#[test]
fn uploads_past_the_workflow() {
    hold(&[
        Case {
            code: "direct-upload",
            args: &[],
            breaks: || {
                let town = ruled("[policy]\nuploads = 'forbid'\n");
                town.commit("core", "build: a task", &[("Makefile", MAKEFILE)]);
                town
            },
            keeps: || {
                let town = ruled("[policy]\nuploads = 'allow'\n");
                town.commit("core", "build: a task", &[("Makefile", MAKEFILE)]);
                town
            },
        },
        Case {
            code: "direct-upload",
            args: &[],
            breaks: || uploading(".github/workflows/ci.yml"),
            keeps: || uploading(".github/workflows/publish.yml"),
        },
    ]);
}

/// A family whose `core` uploads in this workflow; the one that publishes is declared.
fn uploading(workflow: &str) -> Town {
    let publish = "publish-workflow = '.github/workflows/publish.yml'";
    let town = ruled(&format!("[policy]\nuploads = 'forbid'\n{publish}\n"));
    let text = "jobs:\n  out:\n    steps:\n      - run: uv publish\n";
    town.commit("core", "ci: publish", &[(workflow, text)]);
    town
}

/// A family whose `core` has a commit of this message that changes a workflow.
fn changed(policy: &str, message: &str) -> Town {
    let town = ruled(policy);
    town.commit("core", message, &[(CI, "on: push\n")]);
    town
}

#[test]
fn protected_files() {
    let allowed = || changed("[policy]\n", "ci: x\n\nAllow-Protected: the runner moved");
    hold(&[
        Case {
            code: "protected-path-changed",
            args: &[],
            breaks: || changed("[policy]\n", "ci: x"),
            keeps: allowed,
        },
        Case {
            code: "protected-path-changed",
            args: &[],
            breaks: allowed_by_agent,
            keeps: || changed("", "ci: x"),
        },
    ]);
}

/// A family in which an agent gave a reason, which does not count.
fn allowed_by_agent() -> Town {
    let probe = family();
    let email = probe.git("core", &["log", "-1", "--format=%ce"]);
    let message = "ci: x\n\nAllow-Protected: the runner moved";
    changed(&format!("[policy]\nagents = '{email}'\n"), message)
}

#[test]
fn freezes_modes_and_branches() {
    hold(&[
        Case {
            code: "frozen",
            args: &[],
            breaks: || freeze("2000-01-01", "2100-01-01"),
            keeps: || freeze("2000-01-01", "2000-01-02"),
        },
        Case {
            code: "mode-forbidden",
            args: &[],
            breaks: || ruled("[policy]\nmodes = 'pull-request'\n"),
            keeps: || ruled("[policy]\nmodes = ['pull-request', 'tag']\n"),
        },
        Case {
            code: "branch-forbidden",
            args: &[],
            breaks: || ruled("[policy]\nbranches = 'stable/*'\n"),
            keeps: || ruled("[policy]\nbranches = ['stable/*', 'main']\n"),
        },
    ]);
}

#[test]
fn conventional_commits() {
    let odd = |policy: &str| {
        let town = ruled(policy);
        town.commit("core", "more of it", &[("more.txt", "more")]);
        town
    };
    let found = |town: &Town| {
        let args = [
            "check",
            "--select",
            "commit-unconventional",
            "--fail-on",
            "warn",
        ];
        crate::family::cascade(town, &args).code
    };
    assert_eq!(
        found(&odd("[policy]\nconventional-commits = 'required'\n")),
        1
    );
    assert_eq!(
        found(&odd("[policy]\nconventional-commits = 'optional'\n")),
        0
    );
}

fn freeze(from: &str, to: &str) -> Town {
    let window = format!("from = '{from}'\nto = '{to}'\nreason = 'holidays'\n");
    ruled(&format!("[[policy.freeze]]\n{window}"))
}
