//! How versions are written where things are deployed: `v1.4.2`, `1.4`, `refs/tags/v1`.

use crate::Version;

/// What kind of version a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// One version, or the first numbers of one.
    Version,
    /// A version, or the first numbers of one, and the name of a variant behind it: `1.4.2-alpine`,
    /// `1.4-slim-bookworm`. Whether it is one, and no pre-release, its upstream's versions say.
    Variant,
    /// A range of versions.
    Range,
    /// A version in a shape that is not known: a build (`1.4.2-20240101`), four numbers (`1.4.2.7`).
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

/// The fewest letters of the name of a variant: fewer, with a number behind them, count builds (`r3`).
const NAME: usize = 2;

/// The fewest digits of a shortened commit.
const COMMIT: usize = 6;

/// What stands before a number that counts builds, and what names no version's variant but whatever was
/// built last.
const BUILDS: &[&str] = &[
    "build",
    "canary",
    "development",
    "edge",
    "hotfix",
    "latest",
    "nightly",
    "patch",
    "post",
    "rev",
    "snapshot",
];

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
/// assert_eq!(says("1.4.2-alpine"), Says::Variant);
/// assert_eq!(says("1.4.2-20240101"), Says::Other);
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
    } else if is_variant(parts.rest) {
        Says::Variant
    } else if count > 1 || parts.rest.starts_with(['-', '+', '_']) {
        Says::Other
    } else {
        Says::Nothing
    }
}

/// Returns the text that says another version as this one says its own: with the same words before
/// it, as many numbers, and the same variant. `None` where the text names no one version, or `to` is a
/// pre-release and the text has fewer than three numbers or a variant.
///
/// ```
/// use cascade_manifest::deploy::respelled;
/// use cascade_manifest::{Scheme, Version};
/// let to = Version::parse(Scheme::Semver, "1.5.0").unwrap();
/// assert_eq!(respelled("v1.4-alpine", &to).as_deref(), Some("v1.5-alpine"));
/// ```
pub fn respelled(text: &str, to: &Version) -> Option<String> {
    if let Some((bare, variant)) = variant(text) {
        let bare = respelled(bare, to).filter(|_| to.is_final())?;
        return Some(format!("{bare}{variant}"));
    }
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

/// Returns the version and the variant that a text names: `1.4.2` and `-alpine`; `None` where it
/// names no variant.
pub fn variant(text: &str) -> Option<(&str, &str)> {
    let rest = Parts::of(text).rest;
    let bare = text.strip_suffix(rest)?;
    (says(text) == Says::Variant).then_some((bare, rest))
}

/// Returns whether a text says a version and behind it a build of it: `1.4.2-20240101`, `1.4.2-0a1b2c3`.
pub(super) fn is_of_build(text: &str) -> bool {
    let rest = Parts::of(text).rest;
    says(text) == Says::Other && rest.starts_with(['-', '_', '+']) && words(rest).any(is_build)
}

/// Returns whether a text is a version told by its first numbers alone, with a `v` at most before them.
pub(super) fn is_short(text: &str) -> bool {
    let parts = Parts::of(text);
    let is_few = parts.numbers.split('.').count() < 3;
    is_few && matches!(parts.prefix, "" | "v") && says(text) == Says::Version
}

/// Returns whether two texts have the same words before their numbers, and the same variant behind them.
pub(super) fn is_alike(a: &str, b: &str) -> bool {
    let behind = |it| variant(it).map(|it| it.1);
    Parts::of(a).prefix == Parts::of(b).prefix && behind(a) == behind(b)
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

/// Returns whether what stands behind the numbers is the name of a variant: `-alpine3.19`,
/// `-slim-bookworm`. What counts or names a build (`-1`, `-r3`, `-0a1b2c3`), or a pre-release, is none.
fn is_variant(rest: &str) -> bool {
    let is_name = |it: &str| {
        it.starts_with(|c: char| c.is_ascii_lowercase())
            && it.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
            && it
                .split('.')
                .skip(1)
                .all(|it| (1..BUILD).contains(&it.len()))
            && !is_build(it)
            && !it.split('.').any(is_early)
    };
    rest.strip_prefix('-')
        .is_some_and(|it| it.split('-').all(is_name))
}

/// Returns whether a word is that of a pre-release: `rc`, `beta2`.
fn is_early(word: &str) -> bool {
    PRE.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// Returns the words behind the numbers.
fn words(rest: &str) -> impl Iterator<Item = &str> {
    rest.split(['-', '_', '+', '.']).filter(|it| !it.is_empty())
}

/// Returns whether a word counts or names a build: digits, a letter before digits, many digits, or what
/// may be a shortened commit (`gabc1234` too, as git describes it).
fn is_build(word: &str) -> bool {
    let is_hex = |it: &str| it.len() >= COMMIT && it.bytes().all(|b| b.is_ascii_hexdigit());
    let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = word.len() - name.len();
    let counts = digits > 0 && name.len() < NAME || digits >= BUILD;
    counts || BUILDS.contains(&name) || is_hex(word) || word.strip_prefix('g').is_some_and(is_hex)
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
                Says::Variant,
                "1.4.2-alpine v1.4-alpine 7-slim 1.4.2-slim-bookworm 1.4.2-rootless 1.4.2-alpine3.19 1.4.2-jdk17 1.4.2-arm64",
            ),
            (
                Says::Other,
                "1.4.2-1 1.4.2+k3s1 1.2.3.4 2026.01 1.4.2-rc1-alpine 1.4.2-rc. 1..2 1.4.2-20240101 1.4.2-abc1234 \
                 1.4.2-alpine-20240101 1.4.2-debian-12-r3 1.4.2-r3 1.4.2-3-g0a1b2c3 1.4.2-gabc1234 1.4.2-facade 1.4.2-Alpine \
                 1.4.2-alpine- 1.4.2--alpine 1.4.2_alpine 1.4-rc.1 1.4.2-beta-alpine 1.4.2-alpine. 1.2.3.4-alpine 1.4.2-build5 1.4.2-snapshot v1.0.0-rc.2.g1234 0.0.0-development 1.4.2-alpine20240101 1.4.2-alpine.20240101",
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
    fn a_build_is_told_from_other_shapes() {
        for text in [
            "1.4.2-20240101",
            "1.4.2-abc1234",
            "1.4.2-alpine-r3",
            "1.4.2-1",
            "1.4.2+k3s.20240101",
        ] {
            assert!(is_of_build(text), "{text}");
        }
        for text in [
            "1.4.2-alpine",
            "1.2.3.4",
            "1.4.2-rc1-alpine",
            "main",
            "1.4.2",
            "1.4.2-Alpine",
        ] {
            assert!(!is_of_build(text), "{text}");
        }
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
            ("1.4.2-alpine", "2.1.0", Some("2.1.0-alpine")),
            ("v1.4-slim-bookworm", "2.1.0", Some("v2.1-slim-bookworm")),
            ("1.4.2-alpine", "2.1.0-rc.1", None),
            ("1.4.2-20240101", "2.1.0", None),
            ("main", "2.1.0", None),
        ] {
            assert_eq!(spelled(text, to).as_deref(), new, "{text}");
        }
    }
}
