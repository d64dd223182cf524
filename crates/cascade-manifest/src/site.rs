//! Declared sites: version texts that no format knows, found by a person's regular expression.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

/// The longest expression, in bytes.
const LONGEST: usize = 4 << 10;

/// Bytes that a compiled expression may take.
const SIZE: usize = 1 << 20;

/// How deep groups may nest.
const NESTING: u32 = 64;

/// A regular expression with a group named `version`; `^` and `$` match at lines.
///
/// ```
/// use cascade_manifest::SiteRegex;
/// let site = SiteRegex::compile(r#"^  tag: "?(?<version>[0-9.]+)"?"#)?;
/// assert_eq!(site.find("image: x\n  tag: 1.4.2\n"), [16..21]);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone)]
pub struct SiteRegex(Regex);

impl SiteRegex {
    /// Returns the compiled expression.
    ///
    /// # Errors
    /// With what is wrong, in a line: bad syntax, too large, no group named `version`.
    pub fn compile(regex: &str) -> Result<Self, String> {
        if regex.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let built = RegexBuilder::new(regex)
            .multi_line(true)
            .size_limit(SIZE)
            .dfa_size_limit(SIZE)
            .nest_limit(NESTING)
            .build()
            .map_err(|e| in_a_line(&e))?;
        if built.capture_names().flatten().any(|it| it == "version") {
            Ok(Self(built))
        } else {
            Err("it has no group named `version`: write `(?<version>...)`".to_owned())
        }
    }

    /// Returns the bytes of each version found, in the order of the text. A match whose group took
    /// no part, or nothing, names no version.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let matches = self.0.captures_iter(text);
        matches
            .filter_map(|it| Some(it.name("version")?.range()))
            .filter(|it| !it.is_empty())
            .collect()
    }
}

/// Returns what the parser said last, which is what is wrong; before it stands a drawing.
fn in_a_line(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(limit) = error {
        return format!("it compiles to more than {limit} bytes");
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::SiteRegex;

    #[test]
    fn lines_are_anchors_and_every_match_counts() {
        let text = "# tag: 9\r\ntag: v1.2.3\r\ntag: v1.2.3\r\ntag: v\r\n";
        let site = SiteRegex::compile(r"^tag: v(?P<version>[0-9.]*)").unwrap();
        assert_eq!(site.find(text), [16..21, 29..34]);
    }

    #[test]
    fn what_is_wrong_is_said_in_a_line() {
        let error = |regex: &str| SiteRegex::compile(regex).unwrap_err();
        assert_eq!(error("(?<version>[0-9]+"), "unclosed group");
        assert!(error("tag: (.*)").contains("`version`"));
        assert!(error("(?<version>a)(?<version>b)").contains("duplicate"));
        assert!(error(r"(?<version>\w{1000}{1000})").contains("more than"));
        let nested = format!("(?<version>{}a{})", "(".repeat(999), ")".repeat(999));
        assert!(error(&nested).contains("nest"));
    }
}
