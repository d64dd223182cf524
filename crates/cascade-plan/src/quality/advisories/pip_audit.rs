//! `pip-audit --format json`. It tells of no severity, so that each advisory blocks or is waived.

use serde_json::Value;

use super::{Advisory, Rank, lacks, named, text, texts};

/// Returns the advisories of an answer.
pub(super) fn read(json: &Value) -> Result<Vec<Advisory>, String> {
    let all = json.get("dependencies").unwrap_or(json);
    let all = all.as_array().ok_or_else(|| lacks("dependencies"))?;
    let mut found = Vec::new();
    for package in all {
        let Some(vulns) = package.get("vulns").and_then(Value::as_array) else {
            if package.get("skip_reason").is_some() {
                continue;
            }
            return Err(lacks("vulns"));
        };
        let name = named(text(package, "name"), text(package, "version"));
        found.extend(vulns.iter().map(|it| advisory(it, &name)));
    }
    Ok(found)
}

fn advisory(it: &Value, package: &str) -> Advisory {
    let said = text(it, "description").lines().next().unwrap_or_default();
    let ids = std::iter::once(text(it, "id").to_owned()).chain(texts(it, "aliases"));
    Advisory {
        ids: ids.filter(|it| !it.is_empty()).collect(),
        package: package.to_owned(),
        title: said.chars().take(120).collect(),
        rank: match text(it, "severity") {
            "" => Rank::Unknown,
            word => Rank::of_word(word),
        },
    }
}
