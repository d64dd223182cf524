//! Files that tell people how to take part are not there.

use crate::TrackedFiles;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "community-files-missing",
    "files that tell people how to take part are not there",
    check,
);

/// The files, by how their path begins below one of the folders that forges look in, in small letters.
const FILES: &[(&str, &[&str])] = &[
    ("`CONTRIBUTING.md`", &["contributing"]),
    (
        "`CODE_OF_CONDUCT.md`",
        &["code_of_conduct", "code-of-conduct"],
    ),
    ("`SECURITY.md`", &["security"]),
    ("issue template", &["issue_template"]),
    ("pull request template", &["pull_request_template"]),
];

/// Finds what is missing, of a repository in one finding.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        if audit.files.paths.is_empty() {
            continue;
        }
        let missing = FILES.iter().filter(|it| !has(&audit.files, it.1));
        let missing: Vec<String> = missing.map(|it| it.0.to_owned()).collect();
        if missing.is_empty() {
            continue;
        }
        let what = format!("`{id}` has no {}", missing.join(", no "));
        let mend = "add them at the root, in `.github` or in `docs`".to_owned();
        told.push(Told::of(id, what).mend(mend).before_one(seen));
    }
    told
}

fn has(files: &TrackedFiles, names: &[&str]) -> bool {
    files.paths.iter().any(|path| {
        let path = path.to_lowercase();
        let below = [".github/", ".gitlab/", "docs/"];
        let name = below.iter().find_map(|it| path.strip_prefix(it));
        let name = name.unwrap_or(&path);
        let of_gitlab = ["issue_templates/", "merge_request_templates/"];
        let known = names.iter().any(|it| name.starts_with(it));
        let is_template = names.iter().any(|it| it.contains("template"));
        known || is_template && of_gitlab.iter().any(|it| name.starts_with(it))
    })
}
