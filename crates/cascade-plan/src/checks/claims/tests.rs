use crate::sample::Sample;
use crate::{Finding, Fix, RepoId, Severity};

const CI: &str = ".github/workflows/ci.yml";

/// Returns what is found of a package with this `[project]` and these workflows.
fn found(project: &str, files: &[(&str, &str)], code: &str) -> Vec<Finding> {
    let manifest = format!("[project]\nname = \"a\"\nversion = \"1.0.0\"\n{project}\n");
    let sample = Sample::new(&[("a", "")]).file("a", "pyproject.toml", &manifest);
    let sample = files
        .iter()
        .fold(sample, |it, (path, text)| it.file("a", path, text));
    let survey = sample.audited();
    let findings = &survey.repos[&RepoId::new("a")].findings;
    findings
        .iter()
        .filter(|it| it.code.0 == code)
        .cloned()
        .collect()
}

fn untested(project: &str, ci: &str) -> Option<String> {
    let found = found(project, &[(CI, ci)], "claim-untested");
    assert!(
        found.len() <= 1 && found.iter().all(|it| it.mend.is_some()),
        "{found:#?}"
    );
    found.first().map(|it| it.what.clone())
}

fn pythons(versions: &[&str]) -> String {
    let all = versions
        .iter()
        .map(|it| format!("\"Programming Language :: Python :: {it}\""));
    format!("classifiers = [{}]", all.collect::<Vec<_>>().join(", "))
}

/// Returns a workflow whose job has these lines.
fn job(lines: &str) -> String {
    format!("on: [push]\njobs:\n  test:\n{lines}")
}

fn matrix(versions: &str) -> String {
    job(&format!(
        "    strategy: {{matrix: {{python: {versions}}}}}\n    runs-on: ubuntu-latest\n    steps:\n    \
         - uses: actions/setup-python@v6\n      with: {{python-version: '${{{{ matrix.python }}}}'}}\n    \
         - run: pytest\n"
    ))
}

#[test]
fn every_classifier_has_a_run() {
    let claims = pythons(&["3", "3.12", "3.13", "3 :: Only"]);
    assert_eq!(untested(&claims, &matrix("['3.12', '3.13']")), None);
    let told = untested(&claims, &matrix("['3.12']")).unwrap();
    assert_eq!(
        told,
        "`a` claims to run with Python 3.13 (a classifier), and no workflow shows it"
    );
    let told = untested(&pythons(&["3.10"]), &matrix("[3.10]")).unwrap();
    assert!(told.contains("Python 3.10"), "3.1 is no 3.10: {told}");
}

#[test]
fn a_run_that_is_skipped_or_may_fail_proves_nothing() {
    let claims = pythons(&["3.14"]);
    for (lines, why) in [
        ("    if: false\n    steps: [{run: pytest}]\n", "is skipped"),
        (
            "    continue-on-error: true\n    steps: [{run: pytest}]\n",
            "may fail unseen",
        ),
        (
            "    continue-on-error: ${{ matrix.python == '3.14' }}\n    steps: [{run: pytest}]\n",
            "may fail",
        ),
        (
            "    steps: [{run: pytest, if: \"matrix.python != '3.14'\"}]\n",
            "is skipped",
        ),
        (
            "    steps: [{run: pytest, continue-on-error: true}]\n",
            "may fail unseen",
        ),
    ] {
        let ci = job(&format!(
            "    strategy: {{matrix: {{python: ['3.14']}}}}\n    runs-on: ubuntu-latest\n{lines}"
        ));
        let told = untested(&claims, &ci).unwrap();
        assert!(told.contains(why) && told.contains("line 3"), "{told}");
    }
    let unknown = "    strategy: {matrix: {python: ['3.14']}}\n    if: github.repository == 'a/b'\n    \
        runs-on: ubuntu-latest\n    steps: [{run: pytest}]\n";
    assert_eq!(untested(&claims, &job(unknown)), None);
    let by_hand = matrix("['3.14']").replace("[push]", "[workflow_dispatch]");
    assert!(
        untested(&claims, &by_hand).is_some(),
        "nobody has to start it"
    );
}

#[test]
fn versions_are_found_wherever_they_are_named() {
    let claims = pythons(&["3.12"]);
    for lines in [
        "    steps: [{uses: actions/setup-python@v6, with: {python-version: '3.12'}}, {run: pytest}]",
        "    steps: [{uses: actions/setup-python@v6, with: {python-version: \"3.11\\n3.12\"}}, {run: pytest}]",
        "    strategy: {matrix: {include: [{python: '3.12', tox: py}]}}\n    steps: [{run: tox -e py}]",
        "    strategy: {matrix: {include: [{name: x, tox: py312}]}}\n    steps: [{run: 'tox run -e ${{ matrix.tox }}'}]",
        "    steps: [{run: nox -s tests-3.12}]",
        "    steps: [{run: uv run --python 3.12 pytest}]",
        "    env: {UV_PYTHON: '3.12'}\n    steps: [{run: uv run pytest}]",
        "    steps: [{uses: astral-sh/setup-uv@v7, with: {python-version: 3.12}}, {run: uv run pytest}]",
    ] {
        let ci = job(&format!("    runs-on: ubuntu-latest\n{lines}\n"));
        assert_eq!(untested(&claims, &ci), None, "{lines}");
    }
}

#[test]
fn what_only_a_run_knows_is_not_judged() {
    let claims = pythons(&["3.12"]);
    for lines in [
        "    strategy: {matrix: {python: '${{ fromJSON(needs.a.outputs.b) }}'}}\n    steps: [{run: pytest}]",
        "    steps: [{uses: actions/setup-python@v6, with: {python-version-file: pyproject.toml}}]",
        "    steps: [{run: tox}]",
        "    steps: [{run: 'uv run --python ${{ needs.a.outputs.b }} pytest'}]",
        "    uses: other/repo/.github/workflows/test.yml@main",
    ] {
        let ci = job(&format!("    runs-on: ubuntu-latest\n{lines}\n"));
        assert_eq!(untested(&claims, &ci), None, "{lines}");
    }
    assert!(
        found(&claims, &[], "claim-untested").is_empty(),
        "no workflow at all is another rule's"
    );
    let elsewhere = [(CI, "on: push"), (".gitlab-ci.yml", "")];
    assert!(found(&claims, &elsewhere, "claim-untested").is_empty());
}

#[test]
fn a_called_workflow_runs_with_what_it_is_given() {
    let called = "on: workflow_call\njobs:\n  run:\n    runs-on: ubuntu-latest\n    steps:\n    - uses: \
        actions/setup-python@v6\n      with: {python-version: '${{ inputs.python }}'}\n    - run: pytest\n";
    let calls = |version: &str| {
        job(&format!(
            "    strategy: {{matrix: {{v: ['{version}']}}}}\n    uses: ./.github/workflows/run.yml\n    \
             with: {{python: '${{{{ matrix.v }}}}'}}\n"
        ))
    };
    let of = |version: &str| {
        let text = calls(version);
        let files = [(CI, &*text), (".github/workflows/run.yml", called)];
        found(&pythons(&["3.12"]), &files, "claim-untested").len()
    };
    assert_eq!((of("3.12"), of("3.11")), (0, 1));
}

#[test]
fn bounds_and_systems_are_claims() {
    assert_eq!(
        untested("requires-python = \">=3.12\"", &matrix("['3.12', '3.14']")),
        None
    );
    let told = untested("requires-python = \">=3.10,<4\"", &matrix("['3.12']")).unwrap();
    assert!(told.contains("Python 3.10 (`requires-python`)"), "{told}");
    let windows = "classifiers = [\"Operating System :: Microsoft :: Windows\"]";
    let told = untested(windows, &matrix("['3.12']")).unwrap();
    assert!(told.contains("Windows (a classifier)"), "{told}");
    let any = job(
        "    strategy: {matrix: {os: [ubuntu-latest, macos-15, windows-2025]}}\n    runs-on: ${{ matrix.os }}\n    steps: [{run: pytest}]\n",
    );
    assert_eq!(
        untested(
            "classifiers = [\"Operating System :: OS Independent\"]",
            &any
        ),
        None
    );
    let own = matrix("['3.12']").replace("ubuntu-latest", "self-hosted");
    assert_eq!(untested(windows, &own), None);
}

#[test]
fn other_ecosystems_have_bounds_too() {
    let of = |path: &str, manifest: &str, ci: &str| {
        let sample = Sample::new(&[("a", "")])
            .file("a", path, manifest)
            .file("a", CI, ci);
        let survey = sample.audited();
        let findings = &survey.repos[&RepoId::new("a")].findings;
        let told = findings.iter().find(|it| it.code.0 == "claim-untested");
        told.map(|it| it.what.clone())
    };
    let npm =
        "{\"name\": \"a\", \"version\": \"0.1.0\", \"engines\": {\"node\": \"^20.1 || >=22\"}}";
    let node = |versions: &str| {
        job(&format!(
            "    strategy: {{matrix: {{node: {versions}}}}}\n    runs-on: ubuntu-latest\n    steps:\n    \
             - uses: actions/setup-node@v6\n      with: {{node-version: '${{{{ matrix.node }}}}'}}\n    \
             - run: npm test\n"
        ))
    };
    assert_eq!(of("package.json", npm, &node("[20, 22.x]")), None);
    assert!(
        of("package.json", npm, &node("[22]"))
            .unwrap()
            .contains("Node.js 20")
    );
    assert_eq!(of("package.json", npm, &node("['lts/*']")), None);
    let cargo = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nrust-version = \"1.90\"\n";
    let rust = |steps: &str| {
        job(&format!(
            "    runs-on: ubuntu-latest\n    steps: [{steps}, {{run: cargo test}}]\n"
        ))
    };
    assert_eq!(
        of(
            "Cargo.toml",
            cargo,
            &rust("{uses: dtolnay/rust-toolchain@1.90}")
        ),
        None
    );
    assert_eq!(
        of(
            "Cargo.toml",
            cargo,
            &rust("{run: rustup toolchain install 1.90.0}")
        ),
        None
    );
    assert_eq!(
        of(
            "Cargo.toml",
            cargo,
            &rust("{run: cargo hack check --rust-version}")
        ),
        None
    );
    let told = of(
        "Cargo.toml",
        cargo,
        &rust("{uses: dtolnay/rust-toolchain@stable}"),
    )
    .unwrap();
    assert!(told.contains("Rust 1.90 (`rust-version`)"), "{told}");
}

#[test]
fn a_row_of_a_table_is_a_claim() {
    let readme = "# a\n\n| Python | Supported |\n|---|---|\n| 3.12 | yes |\n| 3.11 | yes |\n| 3.9 | no |\n\n3.8\n";
    let files = |ci| [("README.md", readme), (CI, ci)];
    let ci = matrix("['3.12']");
    let found = found("", &files(&ci), "claim-untested");
    let [it] = &found[..] else {
        panic!("{found:#?}")
    };
    assert!(
        it.what.contains("Python 3.11 (a row of a table)") && !it.what.contains("3.9"),
        "{}",
        it.what
    );
    let place = it.place.as_ref().unwrap();
    assert_eq!((place.path.as_str(), place.line), ("README.md", Some(6)));
}

#[test]
fn a_version_that_is_run_is_claimed() {
    let ci = matrix("['3.12', '3.13']");
    let found = |claims: &str| found(claims, &[(CI, &ci)], "claim-unmade");
    let told = found(&pythons(&["3.12"]));
    assert!(told[0].what.contains("Python 3.13") && told[0].severity == Severity::Info);
    assert!(found(&pythons(&["3.12", "3.13"])).is_empty());
    assert!(
        found("").is_empty(),
        "who has no classifiers has none for any"
    );
}

#[test]
fn a_number_that_loses_its_zero_is_quoted() {
    let ci = matrix("[3.9, 3.10, '3.20', 3.13]");
    let found = found("", &[(CI, &ci)], "matrix-number");
    let [it] = &found[..] else {
        panic!("{found:#?}")
    };
    assert_eq!(it.what, "without quotes, `3.10` is 3.1 to the runner");
    assert_eq!(
        (it.severity, it.place.as_ref().unwrap().line),
        (Severity::Warn, Some(4))
    );
    let Some(Fix::Write(rewrites)) = &it.fix else {
        panic!("no fix")
    };
    assert_eq!(rewrites[0].after, ci.replace(" 3.10,", " \"3.10\","));
}
