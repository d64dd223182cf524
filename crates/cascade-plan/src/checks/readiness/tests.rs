use crate::sample::{Sample, cargo};
use crate::{Finding, Fix, RepoId, Severity};

const MIT: &str = "MIT License\n\nPermission is hereby granted, free of charge, to any person \
    obtaining a copy\nof this software.\n\nThe above copyright notice and this permission notice shall \
    be included in all\ncopies or substantial portions of the Software.\n";

fn lone(files: &[(&str, &str)]) -> Sample {
    let sample = Sample::new(&[("a", "")]);
    files
        .iter()
        .fold(sample, |it, (path, text)| it.file("a", path, text))
}

fn found(sample: &Sample, code: &str) -> Vec<Finding> {
    let survey = sample.audited();
    let findings = &survey.repos[&RepoId::new("a")].findings;
    assert!(findings.iter().all(|it| it.mend.is_some()), "{findings:?}");
    let these = findings.iter().filter(|it| it.code.0 == code);
    these.cloned().collect()
}

/// Returns what one finding of this code says, and how bad it is.
fn one(files: &[(&str, &str)], code: &str) -> (String, Severity) {
    let found = found(&lone(files), code);
    let [it] = &found[..] else {
        panic!("{found:#?}")
    };
    (it.what.clone(), it.severity)
}

fn none(files: &[(&str, &str)], code: &str) {
    let found = found(&lone(files), code);
    assert!(found.is_empty(), "{found:#?}");
}

fn python(version: &str, more: &str) -> String {
    format!("[project]\nname = \"a\"\nversion = \"{version}\"\n{more}\n")
}

#[test]
fn what_was_not_looked_at_is_not_missed() {
    let sample = lone(&[("Cargo.toml", &cargo("a", "1.0.0", ""))]);
    let survey = sample.survey();
    let findings = &survey.repos[&RepoId::new("a")].findings;
    assert!(
        findings
            .iter()
            .all(|it| it.code.0 == "no-tags" || it.code.0 == "unreleased"),
        "{findings:?}"
    );
}

#[test]
fn below_one_nothing_is_worse_than_worth_knowing() {
    let texts = |version: &str| {
        let found = found(
            &lone(&[("Cargo.toml", &cargo("a", version, ""))]),
            "metadata-missing",
        );
        found.into_iter().map(|it| it.severity).collect::<Vec<_>>()
    };
    assert_eq!(texts("0.9.9"), [Severity::Info]);
    assert_eq!(texts("1.0.0"), [Severity::Warn]);
    let with = [
        ("LICENSE", MIT),
        ("Cargo.toml", "[package]\nname = 'a'\nversion = '0.1.0'"),
    ];
    assert_eq!(one(&with, "license-missing").1, Severity::Info);
}

#[test]
fn a_licence_has_a_text_and_a_name() {
    let declared = python("1.0.0", "license = \"MIT\"");
    let (what, severity) = one(&[("pyproject.toml", &declared)], "license-missing");
    assert!(
        what.contains("no `LICENSE`") && severity == Severity::Warn,
        "{what}"
    );
    for path in [
        "LICENSE",
        "LICENCE.md",
        "LICENSE-MIT",
        "LICENSE.txt",
        "COPYING",
        "LICENSES/MIT.txt",
    ] {
        none(
            &[("pyproject.toml", &declared), (path, MIT)],
            "license-missing",
        );
    }
    let (what, _) = one(
        &[("pyproject.toml", &declared), ("license_check.py", "")],
        "license-missing",
    );
    assert!(what.contains("has no licence"), "{what}");
    let silent = python("1.0.0", "");
    let (what, _) = one(
        &[("pyproject.toml", &silent), ("LICENSE", MIT)],
        "license-missing",
    );
    assert_eq!(what, "no licence is declared for `a`");
}

#[test]
fn a_text_is_held_against_the_declaration() {
    let files = |license: &str| python("0.1.0", &format!("license = \"{license}\""));
    let (what, severity) = one(
        &[("pyproject.toml", &files("Apache-2.0")), ("LICENSE", MIT)],
        "license-contradicts",
    );
    assert_eq!(
        what,
        "`LICENSE` is the text of `MIT`, and `pyproject.toml` declares `Apache-2.0`"
    );
    assert_eq!(severity, Severity::Warn, "below 1.0 as well");
    for license in [
        "MIT",
        "MIT OR Apache-2.0",
        "(MIT AND BSD-3-Clause)",
        "LicenseRef-ours",
    ] {
        none(
            &[("pyproject.toml", &files(license)), ("LICENSE", MIT)],
            "license-contradicts",
        );
    }
    none(
        &[
            ("pyproject.toml", &files("Apache-2.0")),
            ("LICENSE", "ours"),
        ],
        "license-contradicts",
    );
    let unknown = [
        ("pyproject.toml", &*files("MIT")),
        ("LICENSE", "all rights reserved"),
    ];
    let (what, _) = one(&unknown, "license-unrecognized");
    assert!(
        what.contains("was not held against the declaration"),
        "{what}"
    );
}

#[test]
fn a_member_inherits_its_licence() {
    let root = "[workspace]\nmembers = ['b']\n[workspace.package]\nlicense = 'MIT'\n";
    let member = "[package]\nname = 'b'\nversion = '0.1.0'\nlicense.workspace = true\n";
    let files = [
        ("Cargo.toml", root),
        ("b/Cargo.toml", member),
        ("LICENSE", MIT),
    ];
    none(&files, "license-missing");
    none(&files, "license-contradicts");
    let apache = root.replace("MIT", "Apache-2.0");
    let files = [
        ("Cargo.toml", &*apache),
        ("b/Cargo.toml", member),
        ("LICENSE", MIT),
    ];
    assert!(
        one(&files, "license-contradicts")
            .0
            .contains("`b/Cargo.toml` declares `Apache-2.0`")
    );
}

#[test]
fn a_licence_in_words_is_no_expression() {
    for license in [
        "license = 'MIT License'",
        "license = {text = 'see below'}",
        "license = 'GPL'",
    ] {
        let (what, _) = one(
            &[("pyproject.toml", &python("1.0.0", license))],
            "license-expression",
        );
        assert!(what.contains("no expression of SPDX"), "{what}");
    }
    for license in [
        "license = 'MIT'",
        "license = {text = 'MIT'}",
        "license = {file = 'L'}",
        "",
    ] {
        none(
            &[("pyproject.toml", &python("1.0.0", license))],
            "license-expression",
        );
    }
}

#[test]
fn a_classifier_beside_an_expression_is_taken_out() {
    let classifiers =
        "classifiers = [\n  \"License :: OSI Approved :: MIT License\",\n  \"Typing :: Typed\",\n]";
    let text = python("1.0.0", &format!("license = \"MIT\"\n{classifiers}"));
    let found = found(&lone(&[("pyproject.toml", &text)]), "license-classifier");
    let [it] = &found[..] else {
        panic!("{found:#?}")
    };
    assert_eq!(it.place.as_ref().unwrap().line, Some(6));
    let Some(Fix::Write(rewrites)) = &it.fix else {
        panic!("no fix")
    };
    let line = "  \"License :: OSI Approved :: MIT License\",\n";
    assert_eq!(rewrites[0].after, text.replace(line, ""));
    none(
        &[("pyproject.toml", &python("1.0.0", classifiers))],
        "license-classifier",
    );
}

#[test]
fn what_is_unsaid_is_one_finding_in_the_ecosystem_s_words() {
    let (what, _) = one(
        &[("Cargo.toml", &cargo("a", "1.0.0", ""))],
        "metadata-missing",
    );
    assert_eq!(
        what,
        "`a` does not say `description`, `readme`, `rust-version`, `keywords`, `categories` and \
         `repository`"
    );
    let said = "[package]\nname = 'a'\nversion = '1.0.0'\ndescription = 'b'\nrust-version = '1.90'\n\
        keywords = ['k']\ncategories = ['c']\nrepository = 'https://forge.example/a'\n";
    none(
        &[("Cargo.toml", said), ("README.md", "")],
        "metadata-missing",
    );
    let private = "[package]\nname = 'a'\nversion = '1.0.0'\npublish = false\n";
    none(&[("Cargo.toml", private)], "metadata-missing");
}

#[test]
fn files_for_people_are_looked_for_where_forges_do() {
    let (what, _) = one(&[("a.py", "")], "community-files-missing");
    assert_eq!(
        what,
        "`a` has no `CONTRIBUTING.md`, no `CODE_OF_CONDUCT.md`, no `SECURITY.md`, no issue template, \
         no pull request template"
    );
    none(
        &[
            ("docs/CONTRIBUTING.rst", ""),
            (".github/CODE_OF_CONDUCT.md", ""),
            ("SECURITY.md", ""),
            (".github/ISSUE_TEMPLATE/bug.yml", ""),
            (".github/PULL_REQUEST_TEMPLATE.md", ""),
        ],
        "community-files-missing",
    );
}

#[test]
fn a_package_tells_what_changes() {
    let manifest = cargo("a", "1.0.0", "");
    assert!(
        one(&[("Cargo.toml", &manifest)], "changelog-missing")
            .0
            .contains("no changelog")
    );
    for path in [
        "CHANGELOG.md",
        "CHANGES.rst",
        "docs/changelog.md",
        "HISTORY",
    ] {
        none(
            &[("Cargo.toml", &manifest), (path, "")],
            "changelog-missing",
        );
    }
}

#[test]
fn updates_are_proposed_by_some_tool() {
    let manifest = cargo("a", "1.0.0", "");
    one(&[("Cargo.toml", &manifest)], "dependency-updates-missing");
    for path in [
        ".github/dependabot.yml",
        "renovate.json5",
        ".github/renovate.json",
    ] {
        none(
            &[("Cargo.toml", &manifest), (path, "")],
            "dependency-updates-missing",
        );
    }
}

#[test]
fn what_no_workflow_does_is_one_finding() {
    let manifest = cargo("a", "1.0.0", "");
    let (what, _) = one(&[("Cargo.toml", &manifest)], "ci-missing");
    assert_eq!(
        what,
        "`a` has no workflow that runs tests, lints, looks for known vulnerabilities and publishes"
    );
    let ci = "on: push\njobs:\n  a:\n    steps:\n    - run: cargo test\n    - run: cargo clippy\n";
    let (what, _) = one(
        &[("Cargo.toml", &manifest), (".github/workflows/ci.yml", ci)],
        "ci-missing",
    );
    assert_eq!(
        what,
        "no workflow of `a` looks for known vulnerabilities and publishes"
    );
    let audit = "on: schedule\njobs: {a: {steps: [{uses: rustsec/audit-check@v2}]}}";
    let whole = [
        ("Cargo.toml", &*manifest),
        (".github/workflows/ci.yml", ci),
        (".github/workflows/audit.yml", audit),
        (".github/workflows/publish.yml", "on: push"),
    ];
    none(&whole, "ci-missing");
    none(
        &[("Cargo.toml", &manifest), (".gitlab-ci.yml", "")],
        "ci-missing",
    );
}

#[test]
fn what_another_repository_s_workflow_does_is_not_missed() {
    let manifest = cargo("a", "1.0.0", "");
    let job = |uses: &str| format!("on: push\njobs: {{a: {{uses: {uses}}}}}");
    let of = |text: &str| {
        let files = [
            ("Cargo.toml", &*manifest),
            (".github/workflows/ci.yml", text),
        ];
        found(&lone(&files), "ci-missing").len()
    };
    assert_eq!(of(&job("o/r/.github/workflows/all.yml@main")), 0);
    assert_eq!(of(&job("./.github/workflows/all.yml")), 1);
    let named = "on: push\njobs: {a: {steps: [{name: Run linting checks, run: scripts/check}]}}";
    let told = one(
        &[
            ("Cargo.toml", &manifest),
            (".github/workflows/ci.yml", named),
        ],
        "ci-missing",
    )
    .0;
    assert!(!told.contains("lints"), "{told}");
}

#[test]
fn some_tool_looks_for_secrets() {
    assert_eq!(
        one(&[("a.py", "")], "secret-scan-missing").1,
        Severity::Info
    );
    let hook = "repos:\n- repo: https://github.com/gitleaks/gitleaks\n";
    none(&[(".pre-commit-config.yaml", hook)], "secret-scan-missing");
    let job = "on: push\njobs: {a: {steps: [{uses: gitleaks/gitleaks-action@v2}]}}";
    none(&[(".github/workflows/a.yml", job)], "secret-scan-missing");
}

#[test]
fn sources_begin_with_what_is_declared() {
    let declared = "\n[[repo.a.check.header]]\nfiles = \"*.py\"\nregex = \"^# SPDX-License-Identifier: MIT$\"\n";
    let with = |text: &str| {
        let mut sample = lone(&[("a.py", text), ("b.txt", "")]);
        sample.declared.push_str(declared);
        found(&sample, "source-header").len()
    };
    assert_eq!(with("import a\n"), 1);
    assert_eq!(
        with("#!/usr/bin/env python\n# SPDX-License-Identifier: MIT\n"),
        0
    );
    assert_eq!(with(""), 0);
}
