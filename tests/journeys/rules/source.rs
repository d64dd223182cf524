//! The rules about where versions come from.

use cascade_tests::Town;

use super::{Case, hold};
use crate::family::declaration;

/// One repository `py` of these files, tagged `v1.0.0`, with these rows in its table.
fn repo(rows: &str, files: &[(&str, &str)]) -> Town {
    let town = Town::new();
    town.repo("py", "v1.0.0", files);
    town.workspace(&(declaration(&town, &[("py", "")]) + rows));
    town
}

/// A Python project with these rows in `[project]`, and hatch-vcs.
fn vcs(rows: &str) -> String {
    format!(
        "[build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\n\n[project]\nname = \"py\"\n{rows}\n\n\
         [tool.hatch.version]\nsource = \"vcs\"\n"
    )
}

const DYNAMIC: &str = "dynamic = [\"version\"]";

#[test]
fn what_makes_a_version() {
    const DECLARED: &str = "packages = [{ name = \"py\", version-source = \"placeholder\" }]\n";
    hold(&[
        Case {
            code: "dynamic-undeclared",
            args: &[],
            breaks: || repo("", &[("pyproject.toml", &vcs("version = \"1.0.0\""))]),
            keeps: || repo("", &[("pyproject.toml", &vcs(DYNAMIC))]),
        },
        Case {
            code: "placeholder-overwritten",
            args: &[],
            breaks: || {
                let manifest = "[project]\nname = \"py\"\nversion = \"1.0.0\"\n";
                repo(DECLARED, &[("pyproject.toml", manifest)])
            },
            keeps: || {
                let manifest = "[project]\nname = \"py\"\nversion = \"0.0.0-dev\"\n";
                repo(DECLARED, &[("pyproject.toml", manifest)])
            },
        },
        Case {
            code: "placeholder-overwritten",
            args: &[],
            breaks: || lock("1.0.0"),
            keeps: || lock("0.0.0-development"),
        },
        Case {
            code: "runtime-fallback",
            args: &[],
            breaks: || fallback("1.2.3"),
            keeps: || fallback("0.0.0-dev"),
        },
    ]);
}

/// An npm package with a placeholder, whose lock holds it at this version.
fn lock(version: &str) -> Town {
    let manifest = "{\"name\": \"py\", \"version\": \"0.0.0-development\"}\n";
    let lock = format!(
        "{{\n  \"name\": \"py\",\n  \"version\": \"{version}\",\n  \"lockfileVersion\": 3,\n  \
         \"requires\": true,\n  \"packages\": {{\n    \"\": {{\n      \"name\": \"py\",\n      \
         \"version\": \"{version}\"\n    }}\n  }}\n}}\n"
    );
    repo(
        "",
        &[("package.json", manifest), ("package-lock.json", &lock)],
    )
}

/// A Python package that falls back to this version.
fn fallback(version: &str) -> Town {
    let module = format!(
        "from importlib.metadata import PackageNotFoundError, version\n\ntry:\n    \
         __version__ = version(\"py\")\nexcept PackageNotFoundError:  # not installed\n    \
         __version__ = \"{version}\"\n"
    );
    repo(
        "",
        &[
            ("pyproject.toml", &vcs(DYNAMIC)),
            ("src/py/__init__.py", &module),
        ],
    )
}

/// An npm package with a placeholder, and a workflow that publishes it.
fn publishing(on: &str, permissions: &str, steps: &str) -> Town {
    let workflow = format!(
        "on: {on}\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    permissions: {permissions}\n    \
         steps:\n      - uses: actions/checkout@v5\n{steps}      - run: npm publish --provenance\n"
    );
    let manifest = "{\"name\": \"py\", \"version\": \"0.0.0-development\"}\n";
    let files = [
        ("package.json", manifest),
        (".github/workflows/publish.yml", &*workflow),
    ];
    repo("", &files)
}

const ON_TAG: &str = "{ push: { tags: ['v*'] } }";
const WRITES: &str = "{ id-token: write, contents: read }";
const INJECTS: &str = "      - run: npm version ${GITHUB_REF_NAME#v} --no-git-tag-version\n";

#[test]
fn what_publishes_it() {
    hold(&[
        Case {
            code: "publish-not-injected",
            args: &[],
            breaks: || publishing(ON_TAG, WRITES, ""),
            keeps: || publishing(ON_TAG, WRITES, INJECTS),
        },
        Case {
            code: "publish-trigger",
            args: &[],
            breaks: || publishing("{ push: { tags: ['release-*'] } }", WRITES, INJECTS),
            keeps: || publishing(ON_TAG, WRITES, INJECTS),
        },
        Case {
            code: "publish-trigger",
            args: &[],
            breaks: || publishing("workflow_dispatch", WRITES, INJECTS),
            keeps: || publishing("{ release: { types: [published] } }", WRITES, INJECTS),
        },
        Case {
            code: "publish-permission",
            args: &[],
            breaks: || publishing(ON_TAG, "{ contents: read }", INJECTS),
            keeps: || publishing(ON_TAG, WRITES, INJECTS),
        },
        Case {
            code: "publish-permission",
            args: &[],
            breaks: || {
                let step = "      - run: gh release create \"$GITHUB_REF_NAME\"\n";
                publishing(ON_TAG, WRITES, step)
            },
            keeps: || {
                let step = "      - run: gh release create \"$GITHUB_REF_NAME\"\n";
                publishing(ON_TAG, "{ id-token: write, contents: write }", step)
            },
        },
    ]);
}
