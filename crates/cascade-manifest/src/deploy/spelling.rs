//! How versions are written where things are deployed: `v1.4.2`, `1.4`, `refs/tags/v1`.

use crate::Version;

/// What kind of version a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// One version, or the first numbers of one.
    Version,
    /// A range of versions.
    Range,
    /// A version in a shape that is not known, mostly a variant (`1.4.2-alpine`, `1.4.2.7`).
    Other,
    /// No version: a branch, `latest`, a template, a build number, or nothing.
    Nothing,
}

/// The words that a pre-release begins with.
const PRE: &[&str] = &["alpha", "beta", "dev", "next", "pre", "preview", "rc"];

/// The endings of a version in Python's spelling, each before its number.
const PYTHON: &[&str] = &["a", "b", "rc", ".dev", ".post"];

/// The fewest digits that make a number a day or a build.
const BUILD: usize = 5;

/// A text, taken apart.
struct Parts<'t> {
    /// What stands before the numbers: `v`, `refs/tags/v`.
    prefix: &'t str,
    /// The numbers and their dots.
    numbers: &'t str,
    /// What stands behind them.
    rest: &'t str,
}

/// Returns what kind of version a text names.
///
/// ```
/// use cascade_manifest::deploy::{Says, says};
/// assert_eq!(says("v1.4.2"), Says::Version);
/// assert_eq!(says("~> 1.4"), Says::Range);
/// assert_eq!(says("1.4.2-alpine"), Says::Other);
/// assert_eq!(says("main"), Says::Nothing);
/// ```
pub fn says(text: &str) -> Says {
    if text.contains(['$', '{', '}', '%']) {
        return Says::Nothing;
    }
    if is_range(text) {
        let has_digit = text.contains(|c: char| c.is_ascii_digit());
        return if has_digit {
            Says::Range
        } else {
            Says::Nothing
        };
    }
    let parts = Parts::of(text);
    let count = parts.numbers.split('.').count();
    if parts.numbers.is_empty() || parts.is_build() {
        Says::Nothing
    } else if count > 3 || !parts.numbers.split('.').all(is_number) {
        Says::Other
    } else if parts.rest.is_empty() || (count == 3 && is_pre(parts.rest)) {
        Says::Version
    } else if count > 1 || parts.rest.starts_with(['-', '+', '_']) {
        Says::Other
    } else {
        Says::Nothing
    }
}

/// Returns the text that says another version as this one says its own: with the same words before
/// it and as many numbers. `None` where the text names no one version, or `to` is a pre-release and
/// the text has fewer than three numbers.
pub fn respelled(text: &str, to: &Version) -> Option<String> {
    if says(text) != Says::Version {
        return None;
    }
    let parts = Parts::of(text);
    let count = parts.numbers.split('.').count();
    let prefix = parts.prefix;
    if count == 3 {
        return Some(format!("{prefix}{}", to.text()));
    }
    let numbers: Vec<_> = to
        .numbers()
        .iter()
        .take(count)
        .map(u64::to_string)
        .collect();
    to.is_final()
        .then(|| format!("{prefix}{}", numbers.join(".")))
}

/// Returns whether two texts have the same words before their numbers.
pub(super) fn is_alike(a: &str, b: &str) -> bool {
    Parts::of(a).prefix == Parts::of(b).prefix
}

/// Returns whether a text is a whole commit.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Self {
        let body = text.strip_prefix("refs/tags/").unwrap_or(text);
        let body = body.strip_prefix('=').map_or(body, str::trim_start);
        let body = body.strip_prefix(['v', 'V']).unwrap_or(body);
        let is_other = |c: char| !c.is_ascii_digit() && c != '.';
        let end = body.find(is_other).unwrap_or(body.len());
        let numbers = body.get(..end).unwrap_or_default();
        let numbers = numbers.strip_suffix('.').unwrap_or(numbers);
        Self {
            prefix: text.strip_suffix(body).unwrap_or_default(),
            numbers,
            rest: body.strip_prefix(numbers).unwrap_or_default(),
        }
    }

    /// Returns whether it is a bare number that no one counts versions up to.
    fn is_build(&self) -> bool {
        self.prefix.is_empty() && !self.numbers.contains('.') && self.numbers.len() >= BUILD
    }
}

/// Returns whether a text is a range: `^1.2`, `>=1,<2`, `1.2.x`.
fn is_range(text: &str) -> bool {
    let wild = |it: &str| matches!(it, "x" | "X");
    let behind = text.strip_prefix('=').map_or(text, str::trim_start);
    behind.contains(['^', '~', '<', '>', '*', '|', ',', '!', ' ']) || behind.split('.').any(wild)
}

/// Returns whether a text is one of the numbers, as versions are counted: `0`, `12`, never `01`.
fn is_number(text: &str) -> bool {
    text.parse::<u64>().is_ok() && (text == "0" || !text.starts_with('0'))
}

/// Returns whether what stands behind three numbers makes a pre-release of them (`-rc.1`), or is what
/// Python writes there (`rc1`, `.post1`).
fn is_pre(rest: &str) -> bool {
    let counts = |it: &str| it.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if let Some(label) = rest.strip_prefix('-') {
        let end = label.find(|c: char| !c.is_ascii_alphabetic());
        let (word, number) = label
            .split_at_checked(end.unwrap_or(label.len()))
            .unwrap_or_default();
        return PRE.contains(&word) && counts(number) && !number.ends_with('.');
    }
    let number = |it: &str| rest.strip_prefix(it).is_some_and(is_number);
    PYTHON.iter().any(|it| number(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scheme;

    #[test]
    fn what_a_text_says() {
        for (said, texts) in [
            (
                Says::Version,
                "1 v4 1.4 1.4.2 v1.4.2 V1.0.0 refs/tags/v1.4.2 =1.4.2 1.4.2-rc.1 1.4.2-beta 1.4.2rc1 1.4.2.post1",
            ),
            (
                Says::Range,
                "^1.4 ~1.4.2 ~>1.4 >=1,<2 1.x 1.4.X 1.* 1||2 !=1.4",
            ),
            (
                Says::Other,
                "1.4.2-alpine 1.4-alpine 7-slim 1.4.2-1 1.4.2+k3s1 1.2.3.4 2026.01 1.4.2-rc1-alpine 1.4.2-rc. 1..2",
            ),
            (
                Says::Nothing,
                "latest main master v stable ${TAG} {{tag}} v${TAG} $TAG 20261122 0a1b2c3 * x release-1.4 feature/v1.2.3",
            ),
        ] {
            for text in texts
                .split(' ')
                .chain([""].into_iter().filter(|_| said == Says::Nothing))
            {
                assert_eq!(says(text), said, "{text}");
            }
        }
        assert_eq!(says("~> 3.0"), Says::Range);
        assert_eq!(says("= 1.4.2"), Says::Version);
    }

    #[test]
    fn another_version_is_spelled_alike() {
        let spelled = |text, to| respelled(text, &Version::parse(Scheme::Semver, to).unwrap());
        for (text, to, new) in [
            ("v1.4.2", "2.10.0", Some("v2.10.0")),
            ("1.4", "2.10.0", Some("2.10")),
            ("v4", "5.0.1", Some("v5")),
            ("= 1.4.2", "2.1.0-rc.1", Some("= 2.1.0-rc.1")),
            ("refs/tags/1.4.2-rc.1", "1.4.2", Some("refs/tags/1.4.2")),
            ("v4", "5.0.0-rc.1", None),
            ("1.4.2-alpine", "2.1.0", None),
            ("main", "2.1.0", None),
        ] {
            assert_eq!(spelled(text, to).as_deref(), new, "{text}");
        }
    }
}
