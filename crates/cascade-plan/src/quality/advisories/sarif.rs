//! SARIF 2.1.0: what scanners of code, images and dependencies write.

use serde_json::Value;

use super::{Advisory, Rank, lacks, text};

/// Returns the results of an answer that are findings, and are not suppressed.
pub(super) fn read(json: &Value) -> Result<Vec<Advisory>, String> {
    let runs = json.get("runs").and_then(Value::as_array);
    let mut found = Vec::new();
    for run in runs.ok_or_else(|| lacks("runs"))? {
        let calls = run.get("invocations").and_then(Value::as_array);
        let failed = |it: &Value| it.get("executionSuccessful") == Some(&Value::Bool(false));
        if calls.into_iter().flatten().any(failed) {
            return Err("it says itself that it failed".to_owned());
        }
        let results = run.get("results").and_then(Value::as_array);
        // Without `results` nothing was looked for (section 3.14.23).
        let results = results.ok_or_else(|| lacks("results"))?;
        let counted = results.iter().filter(|it| counts(it));
        found.extend(counted.map(|it| advisory(it, rule(run, it))));
    }
    Ok(found)
}

fn counts(result: &Value) -> bool {
    let settled = matches!(
        text(result, "kind"),
        "pass" | "notApplicable" | "informational"
    );
    let gone = text(result, "baselineState") == "absent";
    !settled && !gone && !is_suppressed(result)
}

fn is_suppressed(result: &Value) -> bool {
    let all = result.get("suppressions").and_then(Value::as_array);
    let open = |it: &Value| matches!(text(it, "status"), "underReview" | "rejected");
    all.is_some_and(|all| !all.is_empty() && !all.iter().any(open))
}

fn rule<'a>(run: &'a Value, result: &Value) -> Option<&'a Value> {
    let rules = run.pointer("/tool/driver/rules")?.as_array()?;
    let index = result.get("ruleIndex").and_then(Value::as_u64);
    let index = index.and_then(|it| usize::try_from(it).ok());
    let id = id(result);
    let by_place = index.and_then(|it| rules.get(it));
    by_place.or_else(|| rules.iter().find(|it| text(it, "id") == id))
}

fn id(result: &Value) -> &str {
    match text(result, "ruleId") {
        "" => result
            .pointer("/rule/id")
            .and_then(Value::as_str)
            .unwrap_or("a result without a rule"),
        id => id,
    }
}

fn advisory(result: &Value, rule: Option<&Value>) -> Advisory {
    let message = result.pointer("/message/text").and_then(Value::as_str);
    let about = rule.and_then(|it| it.pointer("/shortDescription/text")?.as_str());
    let title = message.or(about).unwrap_or_default();
    let file = result.pointer("/locations/0/physicalLocation/artifactLocation/uri");
    Advisory {
        ids: vec![id(result).to_owned()],
        package: file.and_then(Value::as_str).unwrap_or_default().to_owned(),
        title: title
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(160)
            .collect(),
        rank: rank(result, rule),
    }
}

/// A score says more than a level, and a level that nobody set says nothing.
fn rank(result: &Value, rule: Option<&Value>) -> Rank {
    let of = |it: &Value| {
        let said = it.pointer("/properties/security-severity")?;
        said.as_f64().or_else(|| said.as_str()?.parse().ok())
    };
    if let Some(score) = of(result).or_else(|| rule.and_then(of)) {
        return Rank::of_score(score);
    }
    let usual = rule.and_then(|it| it.pointer("/defaultConfiguration/level")?.as_str());
    match (text(result, "level"), usual) {
        ("error", _) | ("", Some("error")) => Rank::High,
        ("warning", _) | ("", Some("warning")) => Rank::Medium,
        ("note" | "none", _) | ("", Some("note" | "none")) => Rank::Low,
        _ => Rank::Unknown,
    }
}
