use std::collections::BTreeSet;
use std::sync::LazyLock;

use base64::Engine as _;
use proptest::prelude::*;

use super::sample::{HOSTILE, drift, hostile, many};
use super::*;

/// Returns what a page holds between tags of a name, once.
fn within<'a>(page: &'a str, tag: &str) -> &'a str {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    assert_eq!(page.matches(&close).count(), 1, "{tag}");
    let (_, rest) = page.split_once(&open).unwrap();
    rest.split_once(&close).unwrap().0
}

/// Returns a page without its style and its script, which the hashes stand for.
fn bare(page: &str) -> String {
    let (style, script) = (within(page, "style"), within(page, "script"));
    page.replace(style, "...").replace(script, "...")
}

#[test]
fn the_small_report() {
    let page = bare(&html(&drift()));
    let hashes = [hash(&format!("{PAGE}{STYLE}")), hash(SCRIPT)];
    let page = page
        .replace(&hashes[0], "STYLE")
        .replace(&hashes[1], "SCRIPT");
    insta::assert_snapshot!(page);
}

#[test]
fn only_the_style_and_the_script_that_are_named_may_act() {
    let page = html(&drift());
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
        let sum = STANDARD.encode(Sha256::digest(within(&page, tag)));
        let named = format!("{directive} 'sha256-{sum}'");
        assert!(page.contains(&named), "{named}");
    }
    let policy = page.find("Content-Security-Policy").unwrap();
    for loads in ["<style", "<script", "<link"] {
        assert!(page.find(loads).unwrap() > policy, "{loads}");
    }
    assert!(page.contains("default-src 'none'") && !page.contains("unsafe-"));
    for leaves in ["http://", "https://", "src=", "@import", "url(//"] {
        let rest = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!rest.contains(leaves), "{leaves}");
    }
}

/// Returns the names of the tags and of the attributes of a page.
fn markup(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for tag in page.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        let mut pieces = tag.split('"');
        while let Some(outside) = pieces.next() {
            let words = outside.split_whitespace().map(str::to_owned);
            found.extend(words.map(|it| it.trim_end_matches('/').to_owned()));
            let _ = pieces.next();
        }
    }
    found
}

#[test]
fn hostile_text_is_text() {
    let page = bare(&html(&hostile()));
    assert_eq!(markup(&page).difference(&MARKUP).count(), 0);
    for text in HOSTILE {
        assert!(page.contains(&Text(text).to_string()), "{text}");
    }
    let hidden = |it: char| cascade_run::is_hidden(it) && it != '\n';
    assert!(!page.contains(hidden));
    assert!(!page.contains("=\"javascript:"));
}

/// The markup of reports that nobody hostile wrote.
static MARKUP: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut lost = drift();
    lost.repos[0].trouble = Some("gone".to_owned());
    lost.repos[1].unreleased.commits = 40;
    let mut all = markup(&bare(&html(&many(24))));
    all.extend(markup(&bare(&html(&lost))));
    all
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn no_name_makes_markup(text in "[<>\"'&`=/ a-zA-Z!\\-\u{202e}\0]{0,40}") {
        let mut drift = drift();
        drift.workspace.clone_from(&text);
        drift.repos[0].name.clone_from(&text);
        drift.edges[0].upstream.clone_from(&text);
        drift.findings[0].what.clone_from(&text);
        drift.findings[0].id.clone_from(&text);
        drift.repos[0].unreleased.subjects = vec![text];
        let page = bare(&html(&drift));
        let new: Vec<String> = markup(&page).difference(&MARKUP).cloned().collect();
        prop_assert!(new.is_empty(), "{new:?}");
    }
}

#[test]
fn every_anchor_is_there_once() {
    for page in [html(&drift()), html(&hostile()), html(&many(24))] {
        let values = |name: &str| -> Vec<String> {
            let opening = format!(" {name}=\"");
            let values = page.split(&opening).skip(1);
            let values = values.map(|it| it.split('"').next().unwrap().to_owned());
            values.collect()
        };
        let ids: Vec<String> = values("id");
        let once: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(once.len(), ids.len());
        for link in values("href").iter().filter_map(|it| it.strip_prefix('#')) {
            assert!(once.contains(&link.to_owned()), "{link}");
        }
        for label in values("aria-labelledby") {
            assert!(once.contains(&label), "{label}");
        }
    }
}

#[test]
fn nothing_drifted_is_said_in_a_sentence() {
    let mut clean = drift();
    clean.findings.clear();
    clean.change = None;
    clean.trend.clear();
    let page = html(&clean);
    for said in [
        "Nothing has drifted.",
        "Nothing is out of order.",
        "no earlier observation",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(
        html(&drift()).contains("1 finding keeps a release back, and 1 more should be mended.")
    );
}

#[test]
fn five_hundred_repositories_fit_in_three_megabytes() {
    let size = html(&many(500)).len();
    assert!((500_000..3_000_000).contains(&size), "{size}");
}
