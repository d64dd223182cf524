//! What strangers send and what lies about, given to every reader of this room.

use std::path::PathBuf;

use cascade_plan::Expected;
use url::Url;

use super::npmrc::{self, Npmrc};
use super::{cargo, docker, go, login, npm, oci, page, python, settings};

/// Reads a text as settings, and asks them what is asked of them.
pub(crate) fn settings(text: &str) {
    let Ok(url) = Url::parse("https://registry.example/npm/a") else {
        return;
    };
    let npm = Npmrc(vec![npmrc::read(text, &|name| Some(name.to_owned()))]);
    let _ = (npm.registry("@own/core").is_some(), npm.login(&url));
    let _ = settings::ini(text, "global", "index-url");
    let _ = login::machine(text, "registry.example");
    if let Ok(url) = Url::parse(text.lines().next().unwrap_or_default()) {
        let (bare, _) = login::split(url);
        assert!(bare.password().is_none());
    }
    let _ = python::built_in(text);
    oci::untrusted(text);
    if let Ok(config) = serde_json::from_str(text) {
        let _ = docker::kept(&config, "ghcr.example").is_some();
        let _ = docker::said(&config).is_some();
    }
    let first: Vec<_> = go::parts(text).take(9).collect();
    assert!(first.iter().all(|(it, _)| !it.is_empty()));
    let (pattern, module) = text
        .split_once('\n')
        .unwrap_or((text, "registry.example/a"));
    let _ = go::is_below(pattern, module);
    if let Some(table) = settings::table(text) {
        let _ = python::default_index(&table);
        let all = cargo::Settings(vec![(PathBuf::from("/"), table)]);
        let _ = cargo::replaced(&all, "registry+https://registry.example/index").is_ok();
    }
}

/// Reads bytes as documents.
pub(crate) fn answers(bytes: &[u8]) {
    let Ok(at) = Url::parse("https://registry.example/simple/a/") else {
        return;
    };
    let is_page = |it: &[u8]| serde_json::from_slice::<serde_json::Value>(it).is_ok();
    assert!(page::of_json(bytes, &at).is_none_or(|it| is_page(&it)));
    let html = page::of_html(&String::from_utf8_lossy(bytes), "a", &at);
    assert!(page::of_json(&html, &at).is_some());
    let _ = npm::is_of(bytes, ("a", "1.0.0"));
    if let Ok(Some(one)) = npm::cut_out(bytes, "1.0.0") {
        assert!(is_page(&one));
    }
    let _ = python::inside(bytes);
    let _ = cascade_manifest::deploy::chart_listing(bytes, "core");
    for ecosystem in cascade_manifest::ALL {
        for document in [bytes, html.as_slice()] {
            let Some(listing) = (ecosystem.listing)(document, "a") else {
                continue;
            };
            for version in ["1.0.0", "1"] {
                let _ = cascade_plan::judge(&listing, ecosystem, version, &Expected::default());
            }
        }
    }
}
