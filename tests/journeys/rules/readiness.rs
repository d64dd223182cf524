//! The rules about readiness, workflows, claims and licences.

use cascade_tests::Town;

use super::{Case, hold};
use crate::family::cascade;

const MIT: &str = "MIT License\n\nPermission is hereby granted, free of charge, to any person \
    obtaining a copy\nof this software.\n\nThe above copyright notice and this permission notice shall \
    be included in all\ncopies or substantial portions of the Software.\n";
const CI: &str = ".github/workflows/ci.yml";
const SHA: &str = "8e8c483db84b4bee98b60c0593521ed34d9990e8";

/// A released Python package with these lines in `[project]` and these files.
fn package(project: &str, files: &[(&str, &str)]) -> Town {
    declared("", project, files)
}

/// The same, with more in its declaration.
fn declared(check: &str, project: &str, files: &[(&str, &str)]) -> Town {
    let town = Town::new();
    let manifest = format!("[project]\nname = \"solo\"\nversion = \"1.0.0\"\n{project}\n");
    let all = [&[("pyproject.toml", manifest.as_str())], files].concat();
    town.repo("solo", "v1.0.0", &all);
    town.workspace(&format!("[workspace]\nname = \"t\"\n[repo.solo]\n{check}"));
    town
}

fn workflow(text: &str) -> Town {
    package("", &[(CI, text)])
}

fn case(code: &'static str, breaks: fn() -> Town, keeps: fn() -> Town) -> Case {
    Case {
        code,
        args: &[],
        breaks,
        keeps,
    }
}

#[test]
fn licences_of_one_s_own() {
    hold(&[
        case(
            "license-missing",
            || package("license = \"MIT\"", &[]),
            || package("license = \"MIT\"", &[("LICENSE", MIT)]),
        ),
        case(
            "license-missing",
            || package("", &[("LICENSE", MIT)]),
            || package("license = {file = \"LICENSE\"}", &[("LICENSE", MIT)]),
        ),
        case(
            "license-contradicts",
            || package("license = \"Apache-2.0\"", &[("LICENSE", MIT)]),
            || package("license = \"MIT OR Apache-2.0\"", &[("LICENSE-MIT", MIT)]),
        ),
        case(
            "license-unrecognized",
            || package("license = \"LicenseRef-ours\"", &[("LICENSE", "Ours.\n")]),
            || package("license = \"MIT\"", &[("LICENSE", MIT)]),
        ),
        case(
            "license-expression",
            || package("license = \"MIT License\"", &[]),
            || package("license = \"MIT\"", &[]),
        ),
        case(
            "license-classifier",
            || {
                package(
                    "license = \"MIT\"\nclassifiers = [\"License :: OSI Approved :: MIT License\"]",
                    &[],
                )
            },
            || {
                package(
                    "license = \"MIT\"\nclassifiers = [\"Typing :: Typed\"]",
                    &[],
                )
            },
        ),
    ]);
}

#[test]
fn what_people_look_for() {
    hold(&[
        case(
            "metadata-missing",
            || package("description = \"x\"", &[]),
            || {
                let urls = "[project.urls]\nHomepage = \"u\"\nSource = \"u\"\nIssues = \"u\"\n\
                    Documentation = \"u\"\nChangelog = \"u\"";
                let said = "description = \"x\"\nreadme = \"README.md\"\nrequires-python = \">=3.12\"\n\
                    authors = [{name = \"x\"}]\nkeywords = [\"x\"]\nclassifiers = [\"Typing :: Typed\"]\n";
                package(&(said.to_owned() + urls), &[])
            },
        ),
        case(
            "community-files-missing",
            || package("", &[("CONTRIBUTING.md", "")]),
            || {
                let files = [
                    ("CONTRIBUTING.md", "x"),
                    ("docs/SECURITY.md", "x"),
                    (".github/CODE_OF_CONDUCT.md", "x"),
                    (".github/ISSUE_TEMPLATE/bug.md", "x"),
                    (".github/pull_request_template.md", "x"),
                ];
                package("", &files)
            },
        ),
        case(
            "changelog-missing",
            || package("", &[]),
            || package("", &[("CHANGES.rst", "x")]),
        ),
        case(
            "dependency-updates-missing",
            || package("", &[]),
            || package("", &[(".github/dependabot.yml", "version: 2\n")]),
        ),
        case(
            "source-header",
            || declared(HEADER, "", &[("a.py", "import a\n")]),
            || {
                declared(
                    HEADER,
                    "",
                    &[("a.py", "# SPDX-License-Identifier: MIT\nimport a\n")],
                )
            },
        ),
    ]);
}

const HEADER: &str = "[[repo.solo.check.header]]\nfiles = \"**/*.py\"\nregex = \"^# SPDX-License-Identifier: MIT$\"\n";

#[test]
fn workflows() {
    hold(&[
        case(
            "ci-missing",
            || workflow("on: push\njobs: {a: {steps: [{run: pytest}]}}"),
            || {
                workflow(
                    "on: push\njobs: {a: {steps: [{run: pytest}, {run: ruff check}, {run: pip-audit}, \
                     {run: uv publish}]}}",
                )
            },
        ),
        case(
            "secret-scan-missing",
            || workflow("on: push"),
            || workflow("on: push\njobs: {a: {steps: [{uses: gitleaks/gitleaks-action@v2}]}}"),
        ),
        case(
            "action-unpinned",
            || workflow("on: push\njobs: {a: {steps: [{uses: actions/checkout@v6}]}}"),
            || {
                workflow(&format!(
                    "on: push\njobs: {{a: {{steps: [{{uses: actions/checkout@{SHA}}}]}}}}"
                ))
            },
        ),
        case(
            "workflow-permissions",
            || workflow("on: push\njobs: {a: {steps: []}}"),
            || workflow("on: push\npermissions: {contents: read}\njobs: {a: {steps: []}}"),
        ),
        case(
            "publish-token",
            || {
                workflow(
                    "on: push\njobs: {a: {steps: [{run: twine upload d, env: {TWINE_PASSWORD: '${{ secrets.P }}'}}]}}",
                )
            },
            || workflow("on: push\njobs: {a: {steps: [{uses: pypa/gh-action-pypi-publish@v1}]}}"),
        ),
        case(
            "workflow-unreadable",
            || workflow("on: [push\n"),
            || workflow("on: push\n"),
        ),
    ]);
}

/// A workflow that runs tests with these versions.
fn runs(versions: &str) -> String {
    format!(
        "on: push\njobs:\n  test:\n    strategy: {{matrix: {{python: {versions}}}}}\n    runs-on: \
         ubuntu-latest\n    steps: [{{run: pytest}}]\n"
    )
}

const CLAIMS: &str = "classifiers = [\"Programming Language :: Python :: 3.12\"]";

#[test]
fn claims() {
    hold(&[
        case(
            "claim-untested",
            || package(CLAIMS, &[(CI, &runs("['3.11']"))]),
            || package(CLAIMS, &[(CI, &runs("['3.12']"))]),
        ),
        case(
            "claim-unmade",
            || package(CLAIMS, &[(CI, &runs("['3.12', '3.13']"))]),
            || package(CLAIMS, &[(CI, &runs("['3.12']"))]),
        ),
        case(
            "matrix-number",
            || package("", &[(CI, &runs("[3.10]"))]),
            || package("", &[(CI, &runs("['3.10', 3.12]"))]),
        ),
    ]);
}

/// A repository with a lock of npm that holds something of this licence.
fn locked(license: &str) -> Town {
    let town = Town::new();
    let lock = format!(
        "{{\"name\": \"solo\", \"version\": \"1.0.0\", \"lockfileVersion\": 3, \"packages\": {{\"\": \
         {{\"name\": \"solo\", \"version\": \"1.0.0\", \"dependencies\": {{\"a\": \"^1.0.0\"}}}}, \
         \"node_modules/a\": {{\"version\": \"1.0.0\", \"resolved\": \
         \"https://registry.example/a/-/a-1.0.0.tgz\", \"integrity\": \"sha512-x\"{license}}}}}}}"
    );
    let manifest =
        "{\"name\": \"solo\", \"version\": \"1.0.0\", \"dependencies\": {\"a\": \"^1.0.0\"}}";
    town.repo(
        "solo",
        "v1.0.0",
        &[("package.json", manifest), ("package-lock.json", &lock)],
    );
    town.workspace(
        "[workspace]\nname = \"t\"\n[repo.solo]\n[check]\nallow-licenses = [\"MIT\"]\n\
         deny-licenses = [\"GPL-3.0-only\"]\n",
    );
    town
}

#[test]
fn licences_of_others() {
    let fine = || locked(", \"license\": \"MIT OR GPL-3.0-only\"");
    hold(&[
        case(
            "license-denied",
            || locked(", \"license\": \"GPL-3.0-or-later\""),
            fine,
        ),
        case(
            "license-unlisted",
            || locked(", \"license\": \"MIT-0\""),
            fine,
        ),
        case(
            "license-unknown",
            || locked(""),
            || {
                let town = locked("");
                town.write(
                    "solo",
                    "node_modules/a/package.json",
                    "{\"name\": \"a\", \"version\": \"1.0.0\", \"license\": \"MIT\"}",
                );
                town
            },
        ),
    ]);
}

#[test]
fn a_score_says_what_keeps_from_one() {
    let town = package(CLAIMS, &[(CI, &runs("['3.11', 3.10]")), ("LICENSE", MIT)]);
    let plain = cascade(&town, &["check"]);
    assert!(
        plain.err.contains("cascade check --readiness"),
        "{}",
        plain.err
    );
    assert!(!plain.out.contains("metadata-missing"), "{}", plain.out);
    let said = cascade(&town, &["check", "--readiness", "--format", "json"]).exits(1);
    let report = said.json();
    assert_eq!(report["schema"], "cascade.readiness/1");
    let repo = &report["repos"][0];
    assert!(repo["score"].as_u64().is_some_and(|it| it < 80), "{repo}");
    let codes = |key: &str| {
        let rows = repo[key].as_array().cloned().unwrap_or_default();
        rows.iter()
            .map(|it| it["code"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    for code in [
        "claim-untested",
        "license-missing",
        "matrix-number",
        "metadata-missing",
    ] {
        assert!(
            codes("blockers").iter().any(|it| it == code),
            "{code}: {repo}"
        );
    }
    assert!(
        codes("others")
            .iter()
            .any(|it| it == "workflow-permissions"),
        "{repo}"
    );
    cascade(&town, &["check", "--readiness"]).says(&[
        "of 100",
        "keeps it from 1.0",
        "would be better",
    ]);
    let table = cascade(&town, &["check", "--readiness", "--format", "markdown"]);
    table.says(&["# t: readiness for 1.0", "`matrix-number`"]);
}

#[test]
fn what_has_one_right_answer_is_mended() {
    let project = "license = \"MIT\"\nclassifiers = [\n    \"License :: OSI Approved :: MIT License\",\n    \
        \"Typing :: Typed\",\n]";
    let town = package(project, &[(CI, &runs("[3.10, 3.12]"))]);
    let select = [
        "check",
        "--fix",
        "--select",
        "matrix-number",
        "--select",
        "license-classifier",
    ];
    cascade(&town, &select).exits(0);
    assert!(town.read("solo", CI).contains("[\"3.10\", 3.12]"));
    let manifest = town.read("solo", "pyproject.toml");
    assert!(
        manifest.contains("classifiers = [\n    \"Typing :: Typed\",\n]"),
        "{manifest}"
    );
}
