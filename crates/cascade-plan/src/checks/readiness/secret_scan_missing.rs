//! Nothing looks for secrets in commits.

use crate::checks::workflows::files::{Does, ci};
use crate::checks::{Check, Told, View};

/// The rule. A forge's own scanner is a setting that no file shows, so it is only worth knowing.
pub(crate) static CHECK: Check = Check::info(
    "secret-scan-missing",
    "no workflow and no hook looks for secrets",
    check,
);

/// How scanners of secrets are called.
const SCANNERS: &[&str] = &[
    "gitleaks",
    "trufflehog",
    "detect-secrets",
    "ggshield",
    "git-secrets",
];

/// Finds repositories in which nothing that can be seen looks for secrets.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, _, audit) in view.audited() {
        let ci = ci(&audit.files);
        let hooks = audit.files.text(".pre-commit-config.yaml");
        let in_hooks = hooks.is_some_and(|text| {
            let private_keys = text.contains("detect-private-key");
            private_keys || SCANNERS.iter().any(|it| text.contains(it))
        });
        let nothing = audit.files.paths.is_empty() || ci.is_elsewhere;
        if nothing || in_hooks || ci.does(Does::ScanSecrets) {
            continue;
        }
        let what = format!("no workflow and no pre-commit hook of `{id}` looks for secrets");
        let mend = "run gitleaks or trufflehog in a workflow, or turn on the forge's own scanner and \
             ignore this rule";
        told.push(Told::of(id, what).mend(mend.to_owned()));
    }
    told
}
