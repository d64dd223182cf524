//! A workflow publishes a package with a placeholder, and nothing in it puts the tag's version in.

use cascade_manifest::workflow::{Step, UsesKind};

use super::publishing::{Publishing, workflows};
use crate::VersionSource;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "publish-not-injected",
    "a workflow publishes a placeholder as it stands",
    check,
);

/// Words of what hands a version on: the tag, by any of its names, or a tool that makes versions.
const SIGNS: &[&str] = &[
    "github.ref",
    "GITHUB_REF",
    "tag_name",
    "PRETEND_VERSION",
    "inputs.",
    "outputs.",
    "git describe",
    "git tag",
    "semantic-release",
    "release-please",
    "changeset",
    "lerna ",
    "from-git",
    "npm version",
    "cargo set-version",
    "hatch version",
    "poetry version",
    "uv version",
];

/// Finds workflows that publish a package with a placeholder and never name the tag.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for it in workflows(view) {
        let published = it.publishes().find_map(|(_, step, ecosystem)| {
            let mut packages = it.seen.packages.iter();
            let its = packages.find(|it| {
                it.ecosystem.name == ecosystem && it.source == VersionSource::Placeholder
            })?;
            Some((step, its))
        });
        let Some((step, package)) = published.filter(|_| !is_injected(&it)) else {
            continue;
        };
        let placeholder = package.version.as_deref().unwrap_or("its placeholder");
        let what = format!(
            "`{}` publishes `{}` as {placeholder}: nothing in it names the tag",
            it.path, package.name
        );
        let mend = "before it builds, let it write the version of `${{ github.ref_name }}` into the manifest";
        let told = Told::of(it.repo, what).at(it.path, Some(step.line));
        all.push(told.mend(mend.to_owned()));
    }
    all
}

/// Returns whether something in a workflow may put the version in: what it runs, its variables, and the
/// scripts and workflows of the repository that it names. What is not here to read may.
fn is_injected(it: &Publishing<'_>) -> bool {
    let called = it.workflow.jobs.iter().any(|job| job.uses.is_some());
    let elsewhere = it.steps().any(|(_, step)| {
        let uses = step.uses.as_ref();
        uses.is_some_and(|it| it.kind != UsesKind::Action)
    });
    let mut variables = it
        .workflow
        .env
        .values()
        .chain(it.workflow.jobs.iter().flat_map(|it| it.env.values()));
    let own = variables.any(|it| is_sign(&it.value)) || it.steps().any(|(_, step)| hands_on(step));
    let scripts = || {
        it.audit
            .files
            .texts
            .iter()
            .filter(|(path, _)| names(it, path))
    };
    called || elsewhere || own || scripts().any(|(_, text)| is_sign(text))
}

fn is_sign(text: &str) -> bool {
    SIGNS.iter().any(|it| text.contains(it))
}

/// Returns whether a step names the tag in what it runs; that a checkout is of the tag puts nothing in.
fn hands_on(step: &Step) -> bool {
    let uses = step.uses.as_ref();
    if uses.is_some_and(|it| it.is("actions/checkout")) {
        return false;
    }
    let named = uses.is_some_and(|it| is_sign(&it.text));
    let values = step.with.values().chain(step.env.values()).chain(&step.run);
    named || values.into_iter().any(|it| is_sign(&it.value))
}

/// Returns whether a step runs a file of the repository.
fn names(it: &Publishing<'_>, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let make = matches!(
        name,
        "Makefile" | "justfile" | "noxfile.py" | "tox.ini" | "package.json"
    );
    let word = match name {
        "Makefile" => "make ",
        "justfile" => "just ",
        "noxfile.py" => "nox",
        "tox.ini" => "tox",
        "package.json" => "npm run",
        _ => path,
    };
    let mut steps = it.steps().filter_map(|(_, step)| step.run.as_ref());
    steps.any(|it| it.value.contains(word) || (!make && it.value.contains(name)))
}
