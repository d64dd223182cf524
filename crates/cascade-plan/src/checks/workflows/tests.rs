use crate::sample::Sample;
use crate::{Finding, RepoId};

const SHA: &str = "8e8c483db84b4bee98b60c0593521ed34d9990e8";

/// Returns what rules find of one workflow.
fn found(workflow: &str, code: &str) -> Vec<Finding> {
    let sample = Sample::new(&[("a", "")]).file("a", ".github/workflows/ci.yml", workflow);
    let survey = sample.audited();
    let findings = &survey.repos[&RepoId::new("a")].findings;
    findings
        .iter()
        .filter(|it| it.code.0 == code)
        .cloned()
        .collect()
}

/// Returns the line and the words of the one finding.
fn one(workflow: &str, code: &str) -> (usize, String) {
    let found = found(workflow, code);
    let [it] = &found[..] else {
        panic!("{workflow}\n{found:#?}")
    };
    let line = it.place.as_ref().and_then(|it| it.line);
    (line.unwrap_or_default(), it.what.clone())
}

fn none(workflow: &str, code: &str) {
    let found = found(workflow, code);
    assert!(found.is_empty(), "{workflow}\n{found:#?}");
}

fn steps(steps: &str) -> String {
    format!("on: push\npermissions: {{}}\njobs:\n  a:\n    steps:\n{steps}")
}

#[test]
fn an_action_is_named_by_its_whole_commit() {
    let (line, what) = one(
        &steps("    - uses: actions/checkout@v6\n    - uses: docker://alpine:3\n"),
        "action-unpinned",
    );
    assert_eq!(line, 6);
    assert!(
        what.starts_with("`actions/checkout@v6` and `docker://alpine:3` can"),
        "{what}"
    );
    one(
        "on: push\njobs: {a: {uses: o/r/.github/workflows/x.yml@main}}",
        "action-unpinned",
    );
    let generator =
        "slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml";
    none(
        &format!("on: push\njobs: {{a: {{uses: {generator}@v2.1.0}}}}"),
        "action-unpinned",
    );
    none(
        &steps(&format!(
            "    - uses: actions/checkout@{SHA} # v6\n    - uses: ./.github/actions/x\n"
        )),
        "action-unpinned",
    );
}

#[test]
fn a_token_has_the_rights_that_its_job_needs() {
    let of = |text: &str| one(text, "workflow-permissions").1;
    assert!(of("on: push\njobs: {a: {steps: []}}").contains("`ci.yml` (nothing is said)"));
    assert!(of("on: push\npermissions: write-all\njobs: {a: {}}").contains("`write-all`"));
    let shared = "on: push\npermissions: {contents: write}\njobs: {a: {}, b: {}}";
    assert!(of(shared).contains("every job may write"));
    for text in [
        "on: push\npermissions: {contents: read}\njobs: {a: {permissions: {contents: write}}, b: {}}",
        "on: push\npermissions: read-all\njobs: {a: {}}",
        "on: push\njobs: {a: {permissions: {contents: read}}}",
    ] {
        none(text, "workflow-permissions");
    }
}

#[test]
fn a_registry_trusts_the_workflow_and_no_stored_token() {
    for (step, registry) in [
        (
            "    - uses: pypa/gh-action-pypi-publish@v1\n      with: {password: '${{ secrets.PYPI }}'}\n",
            "PyPI",
        ),
        (
            "    - run: twine upload dist/*\n      env: {TWINE_PASSWORD: '${{ secrets.P }}'}\n",
            "PyPI",
        ),
        (
            "    - run: npm publish\n      env:\n        NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n",
            "npm",
        ),
        (
            "    - run: cargo publish --token ${{ secrets.CRATES }}\n",
            "crates.io",
        ),
    ] {
        let (line, what) = one(&steps(step), "publish-token");
        assert!(what.contains(registry) && line >= 6, "{line} {what}");
    }
    for step in [
        "    - uses: pypa/gh-action-pypi-publish@v1\n",
        "    - run: npm publish\n      env: {NODE_AUTH_TOKEN: ''}\n",
        "    - run: cargo publish\n      env:\n        CARGO_REGISTRY_TOKEN: ${{ steps.auth.outputs.token }}\n",
        "    - run: gh release create x\n      env: {GH_TOKEN: '${{ secrets.GITHUB_TOKEN }}'}\n",
    ] {
        none(&steps(step), "publish-token");
    }
    let shared = "on: push\nenv: {CARGO_REGISTRY_TOKEN: '${{ secrets.T }}'}\njobs: {a: {steps: [{run: cargo publish}]}}";
    assert_eq!(one(shared, "publish-token").0, 2);
}

#[test]
fn what_can_not_be_read_is_said() {
    let (line, what) = one("on: push\njobs: [\n", "workflow-unreadable");
    assert!(
        line >= 2 && what.contains("can not be read"),
        "{line} {what}"
    );
    none("on: push", "workflow-unreadable");
}
