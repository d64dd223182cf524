//! Versions as `go.mod` requires them: `v1.2.3`, a minimum.

use semver::BuildMetadata;

use crate::{Grammar, Keep, Refusal, Rewrite, Scheme, Style, UnknownShape, Version};

/// The least versions that `go.mod` requires.
pub(super) struct GoGrammar;

/// What stands behind a version from 2 on of a module whose path does not say so.
const INCOMPATIBLE: &str = "incompatible";

/// The time and commit of a pseudo-version that stands for nothing.
const NOTHING: &str = "00010101000000-000000000000";

impl Grammar for GoGrammar {
    fn named(&self, requirement: &str) -> Result<Option<Version>, UnknownShape> {
        if requirement.is_empty() {
            return Ok(None);
        }
        let named = plain(&read(requirement)?);
        Ok(Version::parse(Scheme::Semver, &named.to_string()))
    }

    /// Returns whether the version is one of the same module path, and no lower: the highest minimum
    /// is what is built.
    fn admits(&self, requirement: &str, version: &Version) -> Result<bool, UnknownShape> {
        if requirement.is_empty() {
            return Ok(true);
        }
        let least = read(requirement)?;
        let Some(version) = version.semver().map(plain) else {
            return Err(UnknownShape(version.text().to_owned()));
        };
        Ok(is_one_path(&least, &version) && version >= plain(&least))
    }

    /// A minimum moves to every new version: the row in `go.mod` is what is built.
    fn rewrite(&self, requirement: &str, to: &Version, _: Style) -> Rewrite {
        if requirement.is_empty() {
            return Rewrite::Kept(Keep::Unbounded);
        }
        let (Ok(least), Some(to)) = (read(requirement), to.semver().map(plain)) else {
            return Rewrite::Refused(Refusal::UnknownShape);
        };
        if plain(&least) == to {
            return Rewrite::Kept(Keep::InStep);
        }
        if is_one_path(&least, &to) {
            Rewrite::Updated(format!("v{to}"))
        } else {
            Rewrite::Refused(Refusal::Major)
        }
    }

    fn same(&self, a: &str, b: &str) -> bool {
        a.trim() == b.trim()
    }

    fn is_placeholder(&self, requirement: &str) -> bool {
        let zero = |it: &semver::Version| (it.minor, it.patch) == (0, 0);
        let nothing = |it: &semver::Version| {
            let pre = it.pre.as_str();
            it.major == 0 && pre.is_empty() || pre == NOTHING
        };
        read(requirement).is_ok_and(|it| zero(&it) && nothing(&it))
    }
}

fn read(requirement: &str) -> Result<semver::Version, UnknownShape> {
    let bare = requirement.strip_prefix('v');
    let version = bare.and_then(|it| Version::parse(Scheme::Semver, it));
    let read = version.and_then(|it| it.semver().cloned());
    read.ok_or_else(|| UnknownShape(requirement.to_owned()))
}

/// Returns the version without what stands behind a `+`, which nothing compares.
fn plain(version: &semver::Version) -> semver::Version {
    semver::Version {
        build: BuildMetadata::EMPTY,
        ..version.clone()
    }
}

/// Returns whether a version has the same module path as the one required: 0 and 1 have, and each
/// major version from 2 on has its own. What is `+incompatible` has no path that a module with a
/// `go.mod` could have.
fn is_one_path(required: &semver::Version, version: &semver::Version) -> bool {
    if required.build.as_str() == INCOMPATIBLE {
        return plain(required) == *version;
    }
    required.major == version.major || required.major.max(version.major) < 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Style; 4] = [Style::Auto, Style::Exact, Style::Floor, Style::Widen];

    fn version(text: &str) -> Version {
        Version::parse(Scheme::Semver, text).unwrap()
    }

    #[test]
    fn a_minimum_moves_to_the_version_in_every_style() {
        for (from, to, expected) in [
            ("v1.2.3", "1.3.0", "v1.3.0"),
            ("v0.9.0", "1.0.0", "v1.0.0"),
            ("v2.0.0", "2.1.0", "v2.1.0"),
            ("v0.0.0", "0.4.0", "v0.4.0"),
            ("v0.0.0-20191109021931-daa7c04131f5", "0.1.0", "v0.1.0"),
            ("v1.3.0", "1.2.0", "v1.2.0"),
            ("v1.2.3", "1.3.0-rc.1", "v1.3.0-rc.1"),
        ] {
            for style in ALL {
                let new = GoGrammar.rewrite(from, &version(to), style);
                assert_eq!(new, Rewrite::Updated(expected.to_owned()), "{from} -> {to}");
            }
        }
        let kept = GoGrammar.rewrite("v1.3.0", &version("1.3.0"), Style::Exact);
        assert_eq!(kept, Rewrite::Kept(Keep::InStep));
    }

    #[test]
    fn another_major_version_is_another_path() {
        for (from, to) in [
            ("v1.9.0", "2.0.0"),
            ("v0.9.0", "2.0.0"),
            ("v2.1.0", "3.0.0"),
            ("v2.1.0", "1.0.0"),
            ("v2.1.0+incompatible", "2.2.0"),
        ] {
            let to = version(to);
            assert_eq!(
                GoGrammar.rewrite(from, &to, Style::Auto),
                Rewrite::Refused(Refusal::Major),
                "{from} -> {to}"
            );
            assert!(!GoGrammar.admits(from, &to).unwrap(), "{from} -> {to}");
        }
        assert!(
            GoGrammar
                .admits("v2.1.0+incompatible", &version("2.1.0"))
                .unwrap()
        );
    }

    #[test]
    fn a_pseudo_version_names_one_below_the_next_and_a_placeholder_names_nothing() {
        let named = |text: &str| GoGrammar.named(text).unwrap().unwrap();
        assert!(named("v0.0.0-20191109021931-daa7c04131f5") < version("0.0.1"));
        assert!(named("v1.2.4-0.20191109021931-daa7c04131f5") > version("1.2.3"));
        assert!(named("v1.2.4-0.20191109021931-daa7c04131f5") < version("1.2.4"));
        assert_eq!(named("v2.1.0+incompatible"), version("2.1.0"));
        for text in ["v0.0.0", "v2.0.0-00010101000000-000000000000"] {
            assert!(GoGrammar.is_placeholder(text), "{text}");
        }
        for text in ["v0.0.0-20191109021931-daa7c04131f5", "v2.0.0", "v0.0.1", ""] {
            assert!(!GoGrammar.is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "1.2.3", "v1", "v1.2", "master", "latest", ">=v1.2.0", "v1.2.3 ",
        ] {
            assert!(GoGrammar.named(text).is_err(), "{text}");
            let to = version("1.0.0");
            let refused = Rewrite::Refused(Refusal::UnknownShape);
            assert_eq!(GoGrammar.rewrite(text, &to, Style::Auto), refused, "{text}");
        }
    }
}
