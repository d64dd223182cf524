//! A number in an answer.

use regex::RegexBuilder;
use serde_json::Value;

use crate::Locator;

/// How large an expression may become.
const SIZE: usize = 1 << 20;

/// Returns the number that stands there.
///
/// # Errors
/// Where there is none.
pub(super) fn read(by: &Locator, answer: &str) -> Result<f64, String> {
    match by {
        Locator::Pointer(pointer) => at(pointer, answer),
        Locator::Regex(text) => matched(text, answer),
    }
}

fn at(pointer: &str, answer: &str) -> Result<f64, String> {
    let read: Value =
        serde_json::from_str(answer).map_err(|error| format!("its answer is no JSON: {error}"))?;
    let found = read.pointer(pointer);
    let found = found.ok_or_else(|| format!("nothing stands at `{pointer}` of its answer"))?;
    let number = match found {
        Value::Number(it) => it.as_f64(),
        Value::String(it) => parsed(it),
        _ => None,
    };
    number.ok_or_else(|| format!("no number stands at `{pointer}` of its answer"))
}

/// Totals come last, so that the last match counts.
fn matched(text: &str, answer: &str) -> Result<f64, String> {
    let regex = RegexBuilder::new(text).size_limit(SIZE).build();
    let regex = regex.map_err(|error| error.to_string())?;
    let last = regex.captures_iter(answer).last();
    let last = last.ok_or_else(|| format!("`{text}` matches nothing in its answer"))?;
    let group = last.name("value").or_else(|| last.get(1));
    let word = group.map_or("", |it| it.as_str());
    let shown: String = word.chars().take(40).collect();
    parsed(word).ok_or_else(|| format!("`{shown}` is no number"))
}

/// Reads a number as people write it: `85`, `85.3 %`, `1,204`.
fn parsed(text: &str) -> Option<f64> {
    let text = text
        .trim()
        .trim_end_matches('%')
        .trim_end()
        .replace(',', "");
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    let value: f64 = text.parse().ok()?;
    (text.chars().all(plain) && value.is_finite()).then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_found_by_pointer_or_expression() {
        let json = |at: &str, text: &str| read(&Locator::Pointer(at.to_owned()), text);
        let report = r#"{"totals": {"percent": 85.5, "shown": "85%", "none": null}}"#;
        assert_eq!(json("/totals/percent", report), Ok(85.5));
        assert_eq!(json("/totals/shown", report), Ok(85.0));
        for (at, text) in [
            ("/totals/none", report),
            ("/totals", report),
            ("/nothing", report),
            ("", ""),
            ("", r#""NaN""#),
            ("", r#""inf""#),
            ("", "1e999"),
        ] {
            assert!(json(at, text).is_err(), "{at} {text}");
        }
        let regex = |text: &str, answer: &str| read(&Locator::Regex(text.to_owned()), answer);
        let said = "a.py 10 0 100%\nTOTAL 1,204 12 93%\n";
        assert_eq!(regex(r"(\d+)%", said), Ok(93.0));
        assert_eq!(regex(r"TOTAL +(?P<value>\S+) +(\d+)", said), Ok(1204.0));
        assert!(regex(r"FINAL (\d+)", said).is_err());
        assert!(regex(r"(TOTAL)", said).is_err());
    }

    proptest! {
        #[test]
        fn no_answer_panics_and_only_numbers_are_found(answer in ".*", pointer in "(/[a-z0-9]*)?") {
            if let Ok(number) = read(&Locator::Pointer(pointer), &answer) {
                prop_assert!(number.is_finite());
            }
            let _ = read(&Locator::Regex("(.*)".to_owned()), &answer);
        }
    }
}
