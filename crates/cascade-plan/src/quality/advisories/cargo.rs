//! `cargo audit --json`.

use serde_json::Value;

use super::cvss::score;
use super::{Advisory, Rank, lacks, named, text, texts};

/// Returns the advisories of an answer; what it only warns of (`unmaintained`, `yanked`) is medium.
pub(super) fn read(json: &Value) -> Result<Vec<Advisory>, String> {
    let list = json
        .pointer("/vulnerabilities/list")
        .and_then(Value::as_array);
    let list = list.ok_or_else(|| lacks("vulnerabilities/list"))?;
    let mut found: Vec<Advisory> = list.iter().map(|it| advisory(it, rank(it))).collect();
    let warnings = json.get("warnings").and_then(Value::as_object);
    for (kind, list) in warnings.into_iter().flatten() {
        let list = list.as_array().into_iter().flatten();
        found.extend(list.map(|it| warning(kind, it)));
    }
    Ok(found)
}

fn rank(it: &Value) -> Rank {
    let vector = it.pointer("/advisory/cvss").and_then(Value::as_str);
    vector.and_then(score).map_or(Rank::Unknown, Rank::of_score)
}

fn warning(kind: &str, it: &Value) -> Advisory {
    let mut told = advisory(it, Rank::Medium);
    if told.ids.is_empty() {
        told.ids.push(kind.to_owned());
    }
    if told.title.is_empty() {
        kind.clone_into(&mut told.title);
    }
    told
}

fn advisory(it: &Value, rank: Rank) -> Advisory {
    let none = Value::Null;
    let of = |key: &str| it.get(key).unwrap_or(&none);
    let (told, package) = (of("advisory"), of("package"));
    let ids = std::iter::once(text(told, "id").to_owned()).chain(texts(told, "aliases"));
    Advisory {
        ids: ids.filter(|it| !it.is_empty()).collect(),
        package: named(text(package, "name"), text(package, "version")),
        title: text(told, "title").to_owned(),
        rank,
    }
}
