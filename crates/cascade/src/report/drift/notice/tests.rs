use cascade_plan::Severity;
use cascade_plan::drift::{Drift, heard_by_nobody, notice};
use proptest::prelude::*;
use serde_json::Value;

use super::super::golden;
use super::super::issue::tests::sample;
use super::*;

/// What there is to tell of a report.
fn news(drift: &Drift) -> Notice<'_> {
    let heard = heard_by_nobody(drift, Severity::Warn);
    notice(drift, Severity::Warn, ("t", heard.as_ref())).unwrap()
}

#[test]
fn a_change_is_told_as_it_is() {
    let drift = sample();
    let json = generic(&news(&drift), Some("https://forge.example/run/1"));
    let json: Value = serde_json::from_str(&json).unwrap();
    let text = format!("{json:#}\n");
    golden("notice.json", &text);
    let page = include_str!("../../../../../../docs/drift.md");
    assert!(page.contains(&text), "docs/drift.md shows another");
}

#[test]
fn what_a_baseline_accepts_is_told_as_known() {
    let mut drift = sample();
    drift.findings[0].accepted = true;
    let json = generic(&news(&drift), None);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["new"][0]["accepted"], true);
    let text = json["text"].as_str().unwrap();
    assert!(text.contains("excludes 1.3.0 (known)"), "{text}");
}

#[test]
fn a_template_is_filled_with_words_made_fit_for_it() {
    let mut drift = sample();
    drift.workspace = "a \"b\"\n<!channel> & {{link}}".to_owned();
    let news = news(&drift);
    let fill = |text: &str| filled(text, &news, Some("https://x.example/"));
    let filled = |text: &str| -> Value { serde_json::from_str(&fill(text).unwrap()).unwrap() };
    assert_eq!(
        filled("{\"text\": \"{{workspace}}\"}")["text"],
        drift.workspace
    );
    let numbers =
        filled("{\"n\": {{new}}, \"g\": {{ gone }}, \"o\": {\"s\": \"{{state}}/{{before}}\"}}");
    assert_eq!(
        (&numbers["n"], &numbers["g"]),
        (&Value::from(1), &Value::from(1))
    );
    assert_eq!(numbers["o"]["s"], "drifted/drifted");
    let slack = filled("{\"text\": \"{{slack}}\"}");
    let slack = slack["text"].as_str().unwrap();
    assert!(
        slack.contains("&lt;!channel&gt; &amp; ") && !slack.contains('<'),
        "{slack}"
    );
    assert!(slack.ends_with("\nhttps://x.example/"));
    for (template, why) in [
        (
            "{\"a\": \"{{word}}\"}",
            "it holds `{{word}}`; there are workspace, state",
        ),
        ("{\"a\": \"{{text}", "has no `}}`"),
        ("{\"a\": {{text}}}", "it is no JSON when it is filled"),
        ("", "it is no JSON"),
    ] {
        let told = fill(template).unwrap_err().to_string();
        assert!(told.contains(why), "{template}: {told}");
    }
    let large = format!("\"{}\"", "{{text}}".repeat(20_000));
    assert_eq!(fill(&large), Err(TemplateError::Large));
}

#[test]
fn the_text_is_short_and_shows_nothing_hidden() {
    let mut drift = sample();
    let one = drift.findings[0].clone();
    let what = "x\u{1b}[2K\n\u{202e}".to_owned();
    drift.findings = (0..30)
        .map(|nth| DriftFinding {
            id: format!("n{nth}"),
            what: what.clone(),
            ..one.clone()
        })
        .collect();
    let text = text(
        &news(&Drift {
            change: None,
            ..drift
        }),
        None,
    );
    assert!(
        text.starts_with("town has drifted: 30 to mend, 30 new\n+ lib pin-excluded: x\\u{1b}"),
        "{text}"
    );
    assert!(
        text.ends_with("\n  and 20 more new") && text.lines().count() == 12,
        "{text}"
    );
}

proptest! {
    #[test]
    fn no_name_leaves_its_string(name in any::<String>(), what in any::<String>()) {
        let mut drift = sample();
        drift.workspace = name.clone();
        drift.findings[0].what = what;
        let json = filled("{\"a\": \"{{workspace}}\", \"b\": \"{{text}}\"}", &news(&drift), None);
        let json: Value = serde_json::from_str(&json.unwrap()).unwrap();
        prop_assert_eq!(json["a"].as_str(), Some(name.as_str()));
        prop_assert_eq!(json.as_object().unwrap().len(), 2);
    }
}
