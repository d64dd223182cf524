//! The page of a project in a Python index, as PEP 691 JSON, however it was served.

use serde_json::{Map, Value, json};
use url::Url;

/// Returns a JSON page with every address whole; `None` where it is no page.
pub(super) fn of_json(bytes: &[u8], at: &Url) -> Option<Vec<u8>> {
    let mut page: Value = serde_json::from_slice(bytes).ok()?;
    let files = page.get_mut("files")?.as_array_mut()?;
    let mut relative = false;
    for file in files {
        let url = file.get("url")?.as_str()?;
        if Url::parse(url).is_err() {
            relative = true;
            let whole = at.join(url).ok()?.to_string();
            file.as_object_mut()?.insert("url".to_owned(), whole.into());
        }
    }
    if relative {
        return serde_json::to_vec(&page).ok();
    }
    Some(bytes.to_vec())
}

/// Returns an HTML page (PEP 503) as JSON.
pub(super) fn of_html(text: &str, name: &str, at: &Url) -> Vec<u8> {
    let files: Vec<Value> = anchors(text).filter_map(|it| file(&it, at)).collect();
    page(name, &files)
}

/// Returns a flat folder of distributions as JSON.
pub(super) fn of_names(names: &[String], name: &str, at: &Url) -> Vec<u8> {
    let of = |it: &String| {
        Some(json!({ "filename": it, "url": at.join(it).ok()?.as_str(), "hashes": {} }))
    };
    let files: Vec<Value> = names.iter().filter_map(of).collect();
    page(name, &files)
}

fn page(name: &str, files: &[Value]) -> Vec<u8> {
    let page = json!({ "meta": { "api-version": "1.0" }, "name": name, "files": files });
    page.to_string().into_bytes()
}

/// One link of a page.
struct Anchor {
    attributes: Vec<(String, String)>,
    text: String,
}

impl Anchor {
    fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|it| it.0 == name).map(|it| it.1.as_str())
    }
}

fn file(anchor: &Anchor, at: &Url) -> Option<Value> {
    let mut url = at.join(anchor.get("href")?).ok()?;
    let mut hashes = Map::new();
    if let Some((kind, digest)) = url.fragment().and_then(|it| it.split_once('=')) {
        hashes.insert(kind.to_owned(), digest.into());
    }
    url.set_fragment(None);
    let mut file = json!({ "filename": anchor.text, "url": url.as_str(), "hashes": hashes });
    let fields = file.as_object_mut()?;
    if let Some(it) = anchor.get("data-requires-python") {
        fields.insert("requires-python".to_owned(), it.into());
    }
    if let Some(it) = anchor.get("data-yanked") {
        let why = if it.is_empty() {
            true.into()
        } else {
            it.into()
        };
        fields.insert("yanked".to_owned(), why);
    }
    let metadata = anchor.get("data-core-metadata");
    if let Some(it) = metadata.or_else(|| anchor.get("data-dist-info-metadata")) {
        let value = match it.split_once('=') {
            Some((kind, digest)) => json!({ kind: digest }),
            None => (it != "false").into(),
        };
        fields.insert("core-metadata".to_owned(), value);
    }
    Some(file)
}

/// Returns the links of a page. Only the tag's own grammar is read: quotes, names, entities.
fn anchors(text: &str) -> impl Iterator<Item = Anchor> {
    let starts = text.split("<a").skip(1).chain(text.split("<A").skip(1));
    starts.filter_map(|rest| {
        let rest = rest.strip_prefix(|c: char| c.is_whitespace())?;
        let (attributes, rest) = attributes(rest)?;
        let text = rest.split('<').next().unwrap_or_default();
        Some(Anchor {
            attributes,
            text: plain(text.trim()),
        })
    })
}

/// Returns the attributes of a tag, and what follows its end.
fn attributes(mut rest: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return Some((found, after));
        }
        let end = rest.find(|c: char| c.is_whitespace() || "=>/".contains(c))?;
        let (name, after) = rest.split_at_checked(end)?;
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => value(after.trim_start())?,
            None => ("", after),
        };
        if name.is_empty() {
            return None;
        }
        found.push((name.to_ascii_lowercase(), plain(value)));
        rest = after;
    }
}

fn value(text: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote);
        }
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '>')?;
    text.split_at_checked(end)
}

fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    if !text.contains('&') {
        return text;
    }
    for (entity, sign) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, sign);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Url {
        Url::parse("https://registry.example/simple/core/").unwrap()
    }

    fn files(bytes: &[u8]) -> Vec<Value> {
        let page: Value = serde_json::from_slice(bytes).unwrap();
        page["files"].as_array().unwrap().clone()
    }

    #[test]
    fn an_html_page_is_read_as_json() {
        let text = "<!doctype html><html><body>\n<A HREF='../../files/core-1.0.tar.gz#sha256=abc' data-yanked=\"\">core-1.0.tar.gz</A>\n\
            <a href=\"https://files.example/core-1.1-py3-none-any.whl#sha256=def\" data-requires-python=\"&gt;=3.8\" data-core-metadata=\"sha256=99\">core-1.1-py3-none-any.whl</a><abbr>x</abbr>";
        let mut files = files(&of_html(text, "core", &at()));
        files.sort_by_key(|it| it["filename"].to_string());
        assert_eq!(
            files[0],
            json!({ "filename": "core-1.0.tar.gz", "url": "https://registry.example/files/core-1.0.tar.gz",
                "hashes": { "sha256": "abc" }, "yanked": true })
        );
        assert_eq!(
            files[1],
            json!({ "filename": "core-1.1-py3-none-any.whl", "url": "https://files.example/core-1.1-py3-none-any.whl",
                "hashes": { "sha256": "def" }, "requires-python": ">=3.8", "core-metadata": { "sha256": "99" } })
        );
    }

    #[test]
    fn a_json_page_stays_as_served_but_for_relative_addresses() {
        let whole = br#"{ "files": [ {"url": "https://files.example/x.whl"} ], "name":"x"}"#;
        assert_eq!(of_json(whole, &at()).unwrap(), whole);
        let relative = br#"{"files":[{"url":"../../files/x.whl"}]}"#;
        assert_eq!(
            files(&of_json(relative, &at()).unwrap())[0]["url"],
            "https://registry.example/files/x.whl"
        );
        assert_eq!(of_json(b"<html>", &at()), None);
    }

    #[test]
    fn a_broken_page_ends() {
        for text in [
            "<a",
            "<a href",
            "<a href=\"x",
            "<a =",
            "<a / / /",
            "<a href=x",
        ] {
            assert_eq!(anchors(text).count(), 0, "{text}");
        }
    }
}
