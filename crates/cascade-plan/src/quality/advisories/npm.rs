//! `npm audit --json`, and the older form of it that pnpm writes.

use serde_json::Value;

use super::{Advisory, Rank, lacks, text, texts};

/// Returns the advisories of an answer.
pub(super) fn read(json: &Value) -> Result<Vec<Advisory>, String> {
    if let Some(error) = json.get("error") {
        let said = [text(error, "summary"), text(error, "message")];
        let said = said.into_iter().find(|it| !it.is_empty());
        return Err(format!(
            "the audit failed: {}",
            said.unwrap_or("no word why")
        ));
    }
    if let Some(packages) = json.get("vulnerabilities").and_then(Value::as_object) {
        let via = packages.values().filter_map(|it| it.get("via")?.as_array());
        // A text is the name of another package here, which tells of itself.
        let found = via.flatten().filter(|it| it.is_object()).map(newer);
        let found: Vec<Advisory> = found.collect();
        if found.is_empty() && !packages.is_empty() {
            return Err(lacks("via"));
        }
        return Ok(found);
    }
    let older = json.get("advisories").and_then(Value::as_object);
    let older = older.ok_or_else(|| lacks("vulnerabilities"))?;
    Ok(older.iter().map(|(id, it)| of_older(id, it)).collect())
}

fn newer(via: &Value) -> Advisory {
    let last = text(via, "url").rsplit('/').next().unwrap_or_default();
    let number = via.get("source").map(Value::to_string);
    Advisory {
        ids: ids([last.to_owned(), number.unwrap_or_default()]),
        package: text(via, "name").to_owned(),
        title: text(via, "title").to_owned(),
        rank: Rank::of_word(text(via, "severity")),
    }
}

fn of_older(id: &str, it: &Value) -> Advisory {
    let known = [text(it, "github_advisory_id").to_owned(), id.to_owned()];
    Advisory {
        ids: ids(known.into_iter().chain(texts(it, "cves"))),
        package: text(it, "module_name").to_owned(),
        title: text(it, "title").to_owned(),
        rank: Rank::of_word(text(it, "severity")),
    }
}

fn ids(all: impl IntoIterator<Item = String>) -> Vec<String> {
    all.into_iter().filter(|it| !it.is_empty()).collect()
}
