use proptest::prelude::*;

use super::*;

fn ranks(format: AuditFormat, text: &str) -> Vec<(String, Rank)> {
    let found = read(format, text).unwrap_or_else(|why| panic!("{why}"));
    let row = |it: Advisory| (it.name().to_owned(), it.rank);
    found.into_iter().map(row).collect()
}

#[test]
fn npm_tells_each_advisory_once_and_its_failure() {
    let text = r#"{"auditReportVersion": 2, "vulnerabilities": {
        "a": {"severity": "high", "via": ["b"]},
        "b": {"severity": "high", "via": [
            {"source": 7, "name": "b", "title": "x", "url": "https://registry.example/advisories/GHSA-1", "severity": "high"},
            {"source": 8, "name": "b", "title": "y", "url": "", "severity": "moderate"}]}},
        "metadata": {}}"#;
    let want = [
        ("GHSA-1".to_owned(), Rank::High),
        ("8".to_owned(), Rank::Medium),
    ];
    assert_eq!(ranks(AuditFormat::Npm, text), want);
    let older = r#"{"advisories": {"12": {"module_name": "b", "severity": "critical",
        "github_advisory_id": "GHSA-2", "cves": ["CVE-1"]}}, "metadata": {}}"#;
    let found = read(AuditFormat::Npm, older).unwrap();
    assert_eq!(found[0].ids, ["GHSA-2", "12", "CVE-1"]);
    assert!(found[0].is("cve-1"));
    assert_eq!(ranks(AuditFormat::Npm, r#"{"vulnerabilities": {}}"#), []);
    let failed = r#"{"error": {"code": "ENOLOCK", "summary": "needs a lock"}}"#;
    assert!(
        read(AuditFormat::Npm, failed)
            .unwrap_err()
            .contains("needs a lock")
    );
}

#[test]
fn pip_audit_tells_of_no_severity() {
    let text = r#"{"dependencies": [
        {"name": "flask", "version": "0.5", "vulns": [
            {"id": "PYSEC-1", "fix_versions": ["1.0"], "aliases": ["CVE-2", "GHSA-3"], "description": "bad"}]},
        {"name": "good", "version": "1", "vulns": []},
        {"name": "own", "skip_reason": "not on the index"}], "fixes": []}"#;
    let found = read(AuditFormat::PipAudit, text).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].package.as_str(), found[0].rank),
        ("flask 0.5", Rank::Unknown)
    );
    assert!(found[0].is("GHSA-3"));
}

#[test]
fn cargo_tells_a_vector_and_warnings() {
    let text = r#"{"vulnerabilities": {"found": true, "count": 2, "list": [
        {"advisory": {"id": "RUSTSEC-1", "title": "t", "aliases": ["CVE-1"],
            "cvss": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}, "package": {"name": "a", "version": "1.0.0"}},
        {"advisory": {"id": "RUSTSEC-2", "cvss": null}, "package": {"name": "b", "version": "1.0.0"}}]},
        "warnings": {"unmaintained": [{"advisory": {"id": "RUSTSEC-3"}, "package": {"name": "c"}}],
            "yanked": [{"advisory": null, "package": {"name": "d", "version": "2.0.0"}}]}}"#;
    let id = |it: &str| it.to_owned();
    let want = [
        (id("RUSTSEC-1"), Rank::High),
        (id("RUSTSEC-2"), Rank::Unknown),
        (id("RUSTSEC-3"), Rank::Medium),
        (id("yanked"), Rank::Medium),
    ];
    assert_eq!(ranks(AuditFormat::Cargo, text), want);
}

#[test]
fn sarif_is_ranked_by_score_then_level_and_suppressed_results_do_not_count() {
    let text = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "rules": [
        {"id": "R1", "properties": {"security-severity": "9.1"}},
        {"id": "R2", "defaultConfiguration": {"level": "note"}}]}},
        "results": [
            {"ruleId": "R1", "level": "note", "message": {"text": "one"}},
            {"ruleId": "R2", "message": {"text": "two"}},
            {"ruleId": "R3", "level": "error", "message": {"text": "three"}},
            {"ruleId": "R4", "message": {"text": "four"}},
            {"ruleId": "R5", "level": "error", "suppressions": [{"kind": "inSource"}]},
            {"ruleId": "R6", "level": "error", "kind": "pass"}]}]}"#;
    let id = |it: &str| it.to_owned();
    let want = [
        (id("R1"), Rank::Critical),
        (id("R2"), Rank::Low),
        (id("R3"), Rank::High),
        (id("R4"), Rank::Unknown),
    ];
    assert_eq!(ranks(AuditFormat::Sarif, text), want);
    let failed = r#"{"runs": [{"invocations": [{"executionSuccessful": false}], "results": []}]}"#;
    assert!(read(AuditFormat::Sarif, failed).is_err());
}

#[test]
fn what_is_not_of_the_format_is_an_error_and_never_nothing() {
    let all = [
        AuditFormat::Npm,
        AuditFormat::PipAudit,
        AuditFormat::Cargo,
        AuditFormat::Sarif,
    ];
    for format in all {
        for text in [
            "",
            "{}",
            "null",
            "[1]",
            "\"x\"",
            r#"{"runs": [{}]}"#,
            r#"{"vulnerabilities": {"a": {}}}"#,
        ] {
            assert!(read(format, text).is_err(), "{format:?} {text}");
        }
    }
}

fn json() -> impl Strategy<Value = Value> {
    let keys = "runs|results|via|vulnerabilities|list|advisories|warnings|dependencies|vulns|level|ruleId|id|name|suppressions";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let object = prop::collection::btree_map(keys, inner.clone(), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_answer_panics_and_every_advisory_has_a_name(json in json()) {
        let text = json.to_string();
        for format in [AuditFormat::Npm, AuditFormat::PipAudit, AuditFormat::Cargo, AuditFormat::Sarif] {
            let found = read(format, &text).unwrap_or_default();
            prop_assert!(found.iter().all(|it| !it.name().is_empty()));
        }
    }
}
