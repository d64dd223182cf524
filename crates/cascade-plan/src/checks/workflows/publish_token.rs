//! A workflow publishes with a stored token, where the registry would trust the workflow itself.

use cascade_manifest::workflow::{Scalar, Step};

use super::files::{Does, ci};
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "publish-token",
    "a workflow publishes with a stored token",
    check,
);

/// The variables and inputs that registries' tools take a token from, and the registry.
const TOKENS: &[(&str, &str)] = &[
    ("twine_password", "PyPI"),
    ("uv_publish_token", "PyPI"),
    ("uv_publish_password", "PyPI"),
    ("poetry_pypi_token_pypi", "PyPI"),
    ("hatch_index_auth", "PyPI"),
    ("flit_password", "PyPI"),
    ("pdm_publish_password", "PyPI"),
    ("maturin_pypi_token", "PyPI"),
    ("pypi_token", "PyPI"),
    ("node_auth_token", "npm"),
    ("npm_token", "npm"),
    ("npm_auth_token", "npm"),
    ("npm_config_token", "npm"),
    ("cargo_registry_token", "crates.io"),
];

/// Finds steps that publish with a secret that is a registry's token.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        for (path, workflow) in ci(&audit.files).read() {
            for job in &workflow.jobs {
                let publishes = job.steps.iter().filter(|it| Does::Publish.is_done_by(it));
                let shared: Vec<(&String, &Scalar)> = workflow.env.iter().chain(&job.env).collect();
                for step in publishes {
                    let Some((secret, line, registry)) = token(step, &shared) else {
                        continue;
                    };
                    let what = format!(
                        "it publishes to {registry} with the stored token `{secret}`, which whoever reads \
                         it can use from anywhere"
                    );
                    let mend = format!(
                        "make the workflow a trusted publisher of {registry}, give the job \
                         `id-token: write`, and delete the secret"
                    );
                    told.push(
                        Told::of(id, what)
                            .at(path, Some(line))
                            .mend(mend)
                            .before_one(seen),
                    );
                }
            }
        }
    }
    told
}

/// Returns the secret that a step publishes with, its line, and the registry.
fn token<'a>(
    step: &'a Step,
    shared: &[(&'a String, &'a Scalar)],
) -> Option<(&'a str, usize, &'static str)> {
    let pypi = step
        .uses
        .as_ref()
        .filter(|it| it.is("pypa/gh-action-pypi-publish"));
    if let Some(password) = pypi.and(step.with.get("password")) {
        let secret = password.secrets().next()?;
        return Some((secret, password.line, "PyPI"));
    }
    let own = step
        .env
        .iter()
        .chain(&step.with)
        .chain(shared.iter().copied());
    let mut named = own.filter_map(|(key, value)| {
        let key = key.to_lowercase();
        let (_, registry) = TOKENS.iter().find(|it| it.0 == key)?;
        Some((value.secrets().next()?, value.line, *registry))
    });
    let said = || {
        let run = step.run.as_ref()?;
        let secret = run
            .secrets()
            .find(|it| !it.eq_ignore_ascii_case("GITHUB_TOKEN"))?;
        Some((secret, run.line, registry_of(&run.value)?))
    };
    named.next().or_else(said)
}

/// Returns the registry that commands publish to.
fn registry_of(commands: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|it| commands.contains(it));
    if has(&["cargo publish"]) {
        Some("crates.io")
    } else if has(&["npm publish", "yarn npm"]) {
        Some("npm")
    } else {
        has(&[
            "twine",
            "uv publish",
            "poetry publish",
            "hatch publish",
            "flit publish",
        ])
        .then_some("PyPI")
    }
}
