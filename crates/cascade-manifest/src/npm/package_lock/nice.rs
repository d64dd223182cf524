//! JSON as npm writes it into its lock: what is no object first, some keys before all others, the
//! rest in the order of the English locale.

use std::cmp::Ordering;

use serde_json::{Map, Value};

/// The keys that stand before all others.
const FIRST: [&str; 8] = [
    "name",
    "version",
    "lockfileVersion",
    "resolved",
    "integrity",
    "requires",
    "packages",
    "dependencies",
];

/// What is no letter, in the order of the English locale.
const ORDER: &str = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789";

/// How the lines of a lock begin and end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'t> {
    indent: &'t str,
    end: &'static str,
}

impl<'t> Layout<'t> {
    /// Returns the layout of an object over several lines; `None` for any other text.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let rest = body.strip_prefix('{')?;
        let (end, rest) = match rest.strip_prefix("\r\n") {
            Some(rest) => ("\r\n", rest),
            None => ("\n", rest.strip_prefix('\n')?),
        };
        let inner = rest.trim_start_matches([' ', '\t']);
        let indent = rest.get(..rest.len() - inner.len())?;
        (!indent.is_empty() && inner.starts_with('"')).then_some(Self { indent, end })
    }

    /// Returns the value as it stands this deep in the lock; `None` where npm's spelling of it is
    /// not known (a fraction, a key of other letters).
    pub(super) fn written(&self, value: &Value, depth: usize) -> Option<String> {
        let mut out = String::new();
        self.write(value, depth, &mut out)?;
        Some(out)
    }

    fn write(&self, value: &Value, depth: usize, out: &mut String) -> Option<()> {
        match value {
            Value::Object(map) if map.is_empty() => out.push_str("{}"),
            Value::Array(items) if items.is_empty() => out.push_str("[]"),
            Value::Object(map) => {
                out.push('{');
                for (at, (key, value)) in sorted(map)?.into_iter().enumerate() {
                    self.line(at, depth + 1, out);
                    out.push_str(&serde_json::to_string(key).ok()?);
                    out.push_str(": ");
                    self.write(value, depth + 1, out)?;
                }
                self.line(0, depth, out);
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for (at, value) in items.iter().enumerate() {
                    self.line(at, depth + 1, out);
                    self.write(value, depth + 1, out)?;
                }
                self.line(0, depth, out);
                out.push(']');
            }
            Value::Number(it) if it.is_f64() => return None,
            plain => out.push_str(&serde_json::to_string(plain).ok()?),
        }
        Some(())
    }

    /// Begins a line: behind a comma where it is not the first.
    fn line(&self, at: usize, depth: usize, out: &mut String) {
        if at > 0 {
            out.push(',');
        }
        out.push_str(self.end);
        for _ in 0..depth {
            out.push_str(self.indent);
        }
    }
}

/// Returns the fields in npm's order; `None` where that is not known.
fn sorted(map: &Map<String, Value>) -> Option<Vec<(&String, &Value)>> {
    let known = |key: &String| {
        let index = key.parse::<u32>().is_ok_and(|it| it.to_string() == *key);
        !index && key.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
    };
    if !map.keys().all(known) {
        return None;
    }
    let mut fields: Vec<_> = map.iter().collect();
    fields.sort_by(|(a, left), (b, right)| {
        let kind = left.is_object().cmp(&right.is_object());
        kind.then_with(|| compare(a, b))
    });
    Some(fields)
}

fn compare(a: &str, b: &str) -> Ordering {
    let first = |key: &str| {
        FIRST
            .iter()
            .position(|it| *it == key)
            .unwrap_or(FIRST.len())
    };
    first(a).cmp(&first(b)).then_with(|| collated(a, b))
}

/// Orders two keys as the English locale does: letters by the alphabet, and only then by case, the
/// small ones first.
fn collated(a: &str, b: &str) -> Ordering {
    let weight = |c: char| {
        let other = ORDER.find(c).map_or(ORDER.len(), |at| at);
        (other, c.to_ascii_lowercase())
    };
    let weights = |it: &str| it.chars().map(weight).collect::<Vec<_>>();
    let case = |it: &str| {
        it.chars()
            .map(|c| c.is_ascii_uppercase())
            .collect::<Vec<_>>()
    };
    let letters = weights(a).cmp(&weights(b));
    letters.then_with(|| case(a).cmp(&case(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_as_in_the_english_locale() {
        let mut keys = [
            "b", "a", "ab1", "AB", "Ab", "aB", "ab", "a1", "a/b", "a.b", "a-b", "a-", "a_b", "@a/b",
        ];
        keys.sort_by(|a, b| collated(a, b));
        assert_eq!(
            keys,
            [
                "@a/b", "a", "a_b", "a-", "a-b", "a.b", "a/b", "a1", "ab", "aB", "Ab", "AB", "ab1",
                "b"
            ]
        );
    }

    #[test]
    fn a_value_is_written_in_the_layout_of_its_lock() {
        let value = serde_json::json!({
            "license": "MIT", "version": "1.0.0", "dependencies": {"b": "1", "a": "\u{e9}\"\u{7}"},
            "bin": {}, "os": ["!win32"], "cpu": [], "dev": true, "integrity": "x",
        });
        let layout = Layout::of("{\r\n\t\"name\": 1}").unwrap();
        let expected = "{\n\t\t\"version\": \"1.0.0\",\n\t\t\"integrity\": \"x\",\n\t\t\"cpu\": \
                        [],\n\t\t\"dev\": true,\n\t\t\"license\": \"MIT\",\n\t\t\"os\": \
                        [\n\t\t\t\"!win32\"\n\t\t],\n\t\t\"dependencies\": {\n\t\t\t\"a\": \
                        \"\u{e9}\\\"\\u0007\",\n\t\t\t\"b\": \"1\"\n\t\t},\n\t\t\"bin\": {}\n\t}";
        assert_eq!(
            layout.written(&value, 1).unwrap(),
            expected.replace('\n', "\r\n")
        );
        for odd in [r#"{"1": 2}"#, r#"{"é": 2}"#, r#"{"a": 1.5}"#] {
            let value = serde_json::from_str(odd).unwrap();
            assert_eq!(layout.written(&value, 1), None);
        }
        assert!(Layout::of("{\"name\": 1}").is_none() && Layout::of("[\n ]").is_none());
    }
}
