//! Ranges where things are deployed: those of Helm are npm's, those of Terraform are Python's in another
//! spelling.

use std::borrow::Cow;

use crate::{ALL, Grammar, Keep, Refusal, Rewrite, Scheme, Style, UnknownShape, Version};

/// How Terraform writes what Python writes as `~=`: both leave the last number free.
const PESSIMISTIC: (&str, &str) = ("~>", "~=");

/// A range, as one of the grammars that are known reads it.
struct Ranged {
    text: String,
    grammar: &'static dyn Grammar,
    style: Spelling,
}

/// In whose words a range is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// Those of the grammar.
    Own,
    /// Those of Terraform.
    Pessimistic,
}

/// Returns what becomes of a range when its upstream is at `to`: one that admits the version keeps its
/// text, any other is rewritten in its own shape and precision. No range is made to admit a pre-release.
///
/// ```
/// use cascade_manifest::deploy::ranged;
/// use cascade_manifest::{Rewrite, Scheme, Version};
/// let to = Version::parse(Scheme::Semver, "2.1.0").unwrap();
/// assert_eq!(ranged("~> 1.4", &to), Rewrite::Updated("~> 2.1".to_owned()));
/// assert_eq!(ranged("^1.2.0", &to), Rewrite::Updated("^2.1.0".to_owned()));
/// ```
pub fn ranged(text: &str, to: &Version) -> Rewrite {
    let Some(range) = Ranged::of(text) else {
        return Rewrite::Refused(Refusal::UnknownShape);
    };
    let to = &*of_three(to);
    if range.admits(to) == Ok(true) {
        let is_named = range.named(to.scheme()).is_some_and(|it| it == *to);
        return Rewrite::Kept(if is_named { Keep::InStep } else { Keep::Admits });
    }
    if !to.is_final() {
        return Rewrite::Refused(Refusal::NotAdmitted);
    }
    let early = versions_in(&range.text).map(|it| it.ends_with(EARLY));
    let early: Vec<bool> = early.collect();
    match range.grammar.rewrite(&range.bare(), to, Style::Auto) {
        Rewrite::Updated(new) if early.contains(&true) => range.early(&new, &early, to),
        Rewrite::Updated(new) => Rewrite::Updated(range.style.written(new)),
        other => other,
    }
}

/// What stands behind a version of a range by which Helm admits pre-releases too.
const EARLY: &str = "-0";

/// Returns the versions that a range is made of, as they stand in it.
fn versions_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !".-+".contains(c));
    words.filter(|it| it.contains(|c: char| c.is_ascii_digit()))
}

/// Returns a range with other texts in the places of its versions, each by its number.
fn respelled(text: &str, new: impl Fn(usize, &str) -> String) -> String {
    let mut all = String::new();
    let mut rest = text;
    for (nth, it) in versions_in(text).enumerate() {
        if let Some((before, behind)) = rest.split_once(it) {
            all.push_str(before);
            all.push_str(&new(nth, it));
            rest = behind;
        }
    }
    all + rest
}

/// Returns the version that a range names, as one of this scheme; `None` where it names
/// none, or its shape is not known.
pub fn range_named(text: &str, scheme: Scheme) -> Option<Version> {
    Ranged::of(text)?.named(scheme)
}

/// Returns whether a range admits a version; a range of no known shape admits none.
pub fn range_admits(text: &str, version: &Version) -> bool {
    Ranged::of(text).is_some_and(|it| it.admits(&of_three(version)) == Ok(true))
}

/// Returns a final version of Python that has three numbers at most as what charts and modules are
/// published as: one of three numbers. Any other stays as it is.
fn of_three(version: &Version) -> Cow<'_, Version> {
    let text = version.text();
    let is_plain = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    if version.semver().is_some() || !is_plain || text.matches('.').count() > 2 {
        return Cow::Borrowed(version);
    }
    let [major, minor, patch] = version.numbers();
    let whole = Version::parse(Scheme::Semver, &format!("{major}.{minor}.{patch}"));
    whole.map_or(Cow::Borrowed(version), Cow::Owned)
}

impl Ranged {
    fn of(text: &str) -> Option<Self> {
        let (mark, python) = PESSIMISTIC;
        let bare = text.replace(mark, "");
        let is_pythons = text.contains([',', '!']) || text.contains(mark);
        let is_npms = bare.contains(['^', '~', '|', 'x', 'X', '*']) || bare.contains(" - ");
        if bare.contains("==") || bare.contains("~=") || (is_pythons && is_npms) {
            return None;
        }
        let style = if text.contains(mark) {
            Spelling::Pessimistic
        } else {
            Spelling::Own
        };
        let ecosystem = if is_pythons { "python" } else { "npm" };
        let known = ALL.iter().find(|it| it.name == ecosystem)?;
        Some(Self {
            text: text.replace(mark, python),
            grammar: known.grammar,
            style,
        })
    }

    fn named(&self, scheme: Scheme) -> Option<Version> {
        let named = self.grammar.named(&self.bare()).ok()??;
        let [major, minor, patch] = named.numbers();
        let numbers = format!("{major}.{minor}.{patch}");
        Version::parse(scheme, named.text()).or_else(|| Version::parse(scheme, &numbers))
    }

    /// Returns a rewritten range that admits pre-releases in the same places as before.
    fn early(&self, new: &str, early: &[bool], to: &Version) -> Rewrite {
        let is_early = |nth: usize| early.get(nth) == Some(&true);
        let written = respelled(new, |nth, it| {
            let end = if is_early(nth) { EARLY } else { "" };
            format!("{it}{end}")
        });
        let is_same = versions_in(new).count() == early.len();
        if is_same && self.grammar.admits(&written, to) != Ok(false) {
            Rewrite::Updated(self.style.written(written))
        } else {
            Rewrite::Refused(Refusal::UnknownShape)
        }
    }

    /// Returns the range without what admits pre-releases, which says nothing of final versions.
    fn bare(&self) -> String {
        respelled(&self.text, |_, it| {
            it.strip_suffix(EARLY).unwrap_or(it).to_owned()
        })
    }

    fn admits(&self, version: &Version) -> Result<bool, UnknownShape> {
        let admits = self.grammar.admits(&self.text, version);
        // Of two numbers, which Helm takes before it, the grammar knows none.
        admits.or_else(|_| self.grammar.admits(&self.bare(), version))
    }
}

impl Spelling {
    fn written(self, text: String) -> String {
        let (mark, python) = PESSIMISTIC;
        match self {
            Self::Own => text,
            Self::Pessimistic => text.replace(python, mark),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(Scheme::Semver, text).unwrap()
    }

    #[test]
    fn a_range_out_of_step_is_rewritten_in_its_own_shape() {
        for (text, to, new) in [
            ("^1.2.0", "2.1.0", "^2.1.0"),
            ("^1.2", "2.1.3", "^2.1"),
            ("~1.4", "1.5.1", "~1.5"),
            ("1.x", "2.1.0", "2.x"),
            ("1.4.x", "1.5.2", "1.5.x"),
            (">=1.2.0 <2.0.0", "2.1.0", ">=2.1.0 <3.0.0"),
            (">= 1.2, < 2", "2.1.0", ">= 2.1, < 3"),
            (">= 1.2.0,< 2.0.0", "2.1.0", ">= 2.1.0,< 3.0.0"),
            ("~> 1.4", "2.1.3", "~> 2.1"),
            ("~>1.4.2", "1.5.0", "~>1.5.0"),
            ("~> 1.4.0, != 1.4.3", "2.1.0", "~> 2.1.0, != 1.4.3"),
            ("~1.4.2-0", "1.5.0", "~1.5.0-0"),
            ("^1.4-0", "2.1.0", "^2.1-0"),
            (">=1.4.2-0 <1.5.0-0", "1.5.0", ">=1.5.0-0 <1.6.0-0"),
            (">=1.4.2-0 <1.5.0", "1.5.0", ">=1.5.0-0 <1.6.0"),
        ] {
            let rewritten = ranged(text, &version(to));
            assert_eq!(rewritten, Rewrite::Updated(new.to_owned()), "{text}");
            let again = ranged(new, &version(to));
            assert!(matches!(again, Rewrite::Kept(_)), "{new}: {again:?}");
        }
    }

    #[test]
    fn a_range_that_admits_the_version_keeps_its_text() {
        for (text, to) in [
            ("^1.2.0", "1.9.0"),
            ("~> 1.4", "1.9.3"),
            ("~> 1.4.2", "1.4.9"),
            (">= 1.2, < 2", "1.2.0"),
            (">=1.0.0", "7.0.0"),
            ("<3.0.0", "2.1.0"),
            ("< 3, != 2.0", "2.1.0"),
            ("1.x", "1.9.0"),
            ("^1 || ^2", "2.1.0"),
            ("^1 || ^2", "1.5.0"),
            ("~1.4.2-0", "1.4.3"),
            ("^1.4-0", "1.5.0"),
        ] {
            let kept = ranged(text, &version(to));
            assert!(matches!(kept, Rewrite::Kept(_)), "{text}: {kept:?}");
        }
    }

    #[test]
    fn what_is_not_known_or_not_safe_is_refused() {
        for (text, to) in [
            ("~> 1", "2.1.0"),
            ("^1.2, <1.9", "2.1.0"),
            ("==1.2.0", "2.1.0"),
            ("~=1.2", "2.1.0"),
            ("<2.0.0", "2.1.0"),
            ("!= 2.1.0", "2.1.0"),
            ("^1.2.0", "2.1.0-rc.1"),
            ("~> 1.4", "2.1.0-rc.1"),
            (">= 1.2, < 1.7.3", "2.1.0"),
        ] {
            let refused = ranged(text, &version(to));
            assert!(
                matches!(refused, Rewrite::Refused(_)),
                "{text}: {refused:?}"
            );
        }
    }

    #[test]
    fn what_a_range_names() {
        let named = |text| range_named(text, Scheme::Semver).map(|it| it.text().to_owned());
        assert_eq!(named("~> 1.4").as_deref(), Some("1.4.0"));
        assert_eq!(named("^1.2.3").as_deref(), Some("1.2.3"));
        assert_eq!(named(">= 1.2, < 2").as_deref(), Some("1.2.0"));
        assert_eq!(named("< 2"), None);
        assert!(range_admits("~> 1.4", &version("1.9.0")));
        assert!(!range_admits("~> 1.4", &version("2.0.0")));
    }

    #[test]
    fn a_final_version_of_python_is_one_of_three_numbers() {
        let python = |text| Version::parse(Scheme::Pep440, text).unwrap();
        for (text, to, new) in [
            ("^1.2.0", "1.9.0", None),
            ("^1.2.0", "1.9", None),
            ("~> 1.4", "1.9.3", None),
            ("^1.2.0", "2.1", Some("^2.1.0")),
            (">=1.2.0 <2.0.0", "2.1.0", Some(">=2.1.0 <3.0.0")),
            ("~> 1.4", "2.1.3", Some("~> 2.1")),
        ] {
            let wanted = new.map_or(Rewrite::Kept(Keep::Admits), |it| {
                Rewrite::Updated(it.to_owned())
            });
            assert_eq!(ranged(text, &python(to)), wanted, "{text} {to}");
            assert_eq!(
                range_admits(text, &python(to)),
                new.is_none(),
                "{text} {to}"
            );
        }
        for odd in ["1.9.0rc1", "1.9.0.post1", "1.9.0.1", "1!1.9.0", "1.9.0+x"] {
            assert!(!range_admits("^1.2.0", &python(odd)), "{odd}");
            assert!(
                matches!(ranged("^1.2.0", &python(odd)), Rewrite::Refused(_)),
                "{odd}"
            );
        }
        let kept = ranged("^1.9.0", &python("1.9"));
        assert_eq!(kept, Rewrite::Kept(Keep::InStep));
    }
}
