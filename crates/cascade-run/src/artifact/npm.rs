//! What npm's tarballs and Cargo's crates say of themselves.

use std::path::Path;

use cascade_plan::Contents;
use serde_json::Value;

use super::archive::{Listing, tar_gz};

/// How many promises are looked at.
const FEW: usize = 200;

/// Returns what is in a tarball of npm, and the commands that it installs.
///
/// # Errors
/// Where it can not be read.
pub(super) fn tarball(path: &Path) -> Result<(Contents, Vec<String>), String> {
    let listing = tar_gz(path, |it| {
        it.split('/').count() == 2 && it.ends_with("/package.json")
    })?;
    let text = listing.texts.values().next();
    let text = text.ok_or("it has no package.json")?;
    let manifest: Value = serde_json::from_str(text).map_err(|it| format!("package.json: {it}"))?;
    let of = |key: &str| {
        manifest
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let contents = Contents {
        name: of("name").to_owned(),
        version: of("version").to_owned(),
        paths: listing.files.keys().cloned().collect(),
        escapes: listing.escapes.clone(),
        amiss: Vec::new(),
        missing: missing(&manifest, &listing),
    };
    Ok((contents, commands(&manifest)))
}

/// Returns what is in a crate.
///
/// # Errors
/// Where it can not be read.
pub(super) fn krate(path: &Path) -> Result<Contents, String> {
    let listing = tar_gz(path, |it| {
        it.split('/').count() == 2 && it.ends_with("/Cargo.toml")
    })?;
    let text = listing
        .texts
        .values()
        .next()
        .ok_or("it has no Cargo.toml")?;
    let manifest: toml::Table = text.parse().map_err(|it| format!("Cargo.toml: {it}"))?;
    let package = manifest.get("package");
    let of = |key: &str| {
        package
            .and_then(|it| it.get(key)?.as_str())
            .unwrap_or_default()
    };
    Ok(Contents {
        name: of("name").to_owned(),
        version: of("version").to_owned(),
        paths: listing.files.keys().cloned().collect(),
        escapes: listing.escapes.clone(),
        amiss: Vec::new(),
        missing: Vec::new(),
    })
}

/// Returns the files that a manifest promises and the tarball has not.
fn missing(manifest: &Value, listing: &Listing) -> Vec<String> {
    let mut promised: Vec<(&str, &str)> = Vec::new();
    for key in ["main", "module", "types", "typings"] {
        let path = manifest.get(key).and_then(Value::as_str);
        promised.extend(path.map(|it| (key, it)));
    }
    for key in ["bin", "exports"] {
        targets(key, manifest.get(key), &mut promised);
    }
    promised.truncate(FEW);
    let absent = promised
        .into_iter()
        .filter(|(key, path)| !has(key, path, listing));
    absent
        .map(|(key, path)| format!("`{path}`, which `{key}` names"))
        .collect()
}

fn targets<'a>(key: &'a str, value: Option<&'a Value>, into: &mut Vec<(&'a str, &'a str)>) {
    match value {
        // A pattern stands for whatever is there.
        Some(Value::String(path)) if !path.contains('*') => into.push((key, path)),
        Some(Value::Object(all)) => all.values().for_each(|it| targets(key, Some(it), into)),
        // Of a list, the first one that is there counts.
        Some(Value::Array(all)) => targets(key, all.first(), into),
        _ => {}
    }
}

/// Returns whether the tarball has a file, as node finds it.
fn has(key: &str, path: &str, listing: &Listing) -> bool {
    let path = path.trim_start_matches("./").trim_end_matches('/');
    let there = |it: &str| {
        let ends = |path: &String| path.split_once('/').is_some_and(|(_, rest)| rest == it);
        listing.files.keys().any(ends)
    };
    let found = key == "main" || key == "module";
    let more = [
        ".js",
        ".json",
        ".node",
        ".cjs",
        ".mjs",
        "/index.js",
        "/index.json",
    ];
    there(path)
        || (found
            && more
                .iter()
                .any(|it| there(&format!("{path}{it}")) || path.is_empty()))
}

fn commands(manifest: &Value) -> Vec<String> {
    let name = manifest
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let own = name.rsplit('/').next().unwrap_or_default();
    let names: Vec<&str> = match manifest.get("bin") {
        Some(Value::String(_)) => vec![own],
        Some(Value::Object(all)) => all.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let fits = |it: &&str| !it.is_empty() && !it.starts_with(['-', '.']) && it.chars().all(plain);
    names.into_iter().filter(fits).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_manifest_promises_is_looked_for_as_node_does() {
        let mut listing = Listing::default();
        for path in ["package/lib/index.js", "package/cli.mjs", "package/a.d.ts"] {
            listing.files.insert(path.to_owned(), (0, [0; 32]));
        }
        let manifest = serde_json::json!({
            "name": "@scope/it", "main": "./lib", "types": "a.d.ts",
            "bin": {"it": "cli.mjs", "../x": "cli.mjs"},
            "exports": {".": {"import": "./gone.mjs", "require": ["./lib/index.js"]}, "./*": "./x/*.js"},
        });
        let want = ["`./gone.mjs`, which `exports` names"];
        assert_eq!(missing(&manifest, &listing), want);
        assert_eq!(commands(&manifest), ["it"]);
    }
}
