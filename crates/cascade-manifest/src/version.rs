//! Versions and how far one moves.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How an ecosystem spells and orders versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// PEP 440, as Python's tools read it.
    Pep440,
    /// Semantic Versioning 2.0.0, three numbers, as npm and Cargo read it.
    Semver,
}

/// Returns whether a version of npm or Cargo is for the publisher to replace: `0.0.0`, or that with a
/// word and no number behind it (`0.0.0-dev`, `0.0.0-PLACEHOLDER`).
pub(crate) fn is_placeholder(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("0.0.0") else {
        return false;
    };
    let word = |it: &str| !it.is_empty() && !it.contains(|c: char| c.is_ascii_digit());
    rest.is_empty() || rest.starts_with("-dev") || rest.strip_prefix('-').is_some_and(word)
}

/// The longest text taken for a version, in bytes.
const LONGEST: usize = 128;

/// A version in its ecosystem's own order. Shows as it was written.
///
/// ```
/// use cascade_manifest::{Scheme::{Pep440, Semver}, Version};
/// let python = |text| Version::parse(Pep440, text).unwrap();
/// let npm = |text| Version::parse(Semver, text).unwrap();
/// assert!(python("1.0rc1") < python("1.0"));
/// assert_eq!(python("1.0-rc.1"), python("1.0rc1"));
/// assert!(npm("1.0.0-rc1") > npm("1.0.0-rc.2")); // `rc1` is a word, and words compare as text.
/// assert!(python("1.0.0-1") > python("1.0.0")); // A post release.
/// assert!(npm("1.0.0-1") < npm("1.0.0"));
/// ```
#[derive(Debug, Clone)]
pub struct Version {
    text: String,
    order: Order,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Order {
    Pep440(pep440_rs::Version),
    Semver(semver::Version),
}

/// How far a version moves.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Not at all.
    #[default]
    None,
    /// The third number.
    Patch,
    /// The second number.
    Minor,
    /// The first number.
    Major,
}

impl Level {
    /// Returns the word for it: `none`, `patch`, `minor`, `major`.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Level {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::None, Self::Patch, Self::Minor, Self::Major]
            .into_iter()
            .find(|it| it.word() == word)
            .ok_or(())
    }
}

impl Version {
    /// Returns the version that `text` spells in this scheme, without a leading `v`; `None` where
    /// it spells none (`2.1.x`, `1.2` in SemVer, more than 128 bytes).
    pub fn parse(scheme: Scheme, text: &str) -> Option<Self> {
        let spells = text.len() <= LONGEST
            && text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_graphic());
        if !spells {
            return None;
        }
        let order = match scheme {
            Scheme::Pep440 => Order::Pep440(text.parse().ok()?),
            Scheme::Semver => Order::Semver(semver::Version::parse(text).ok()?),
        };
        Some(Self {
            text: text.to_owned(),
            order,
        })
    }

    /// Returns the scheme it was read in.
    pub fn scheme(&self) -> Scheme {
        match self.order {
            Order::Pep440(_) => Scheme::Pep440,
            Order::Semver(_) => Scheme::Semver,
        }
    }

    /// Returns the text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether it is a final release: no pre-release, no development release.
    pub fn is_final(&self) -> bool {
        match &self.order {
            Order::Pep440(it) => !it.any_prerelease() && !it.is_local(),
            Order::Semver(it) => it.pre.is_empty(),
        }
    }

    /// Returns the release numbers; missing parts are 0.
    pub fn numbers(&self) -> [u64; 3] {
        match &self.order {
            Order::Pep440(it) => {
                let part = |n: usize| it.release().get(n).copied().unwrap_or(0);
                [part(0), part(1), part(2)]
            }
            Order::Semver(it) => [it.major, it.minor, it.patch],
        }
    }

    /// Returns the SemVer reading, where it is one.
    pub fn semver(&self) -> Option<&semver::Version> {
        match &self.order {
            Order::Semver(it) => Some(it),
            Order::Pep440(_) => None,
        }
    }

    /// Returns the PEP 440 reading, where it is one.
    pub fn pep440(&self) -> Option<&pep440_rs::Version> {
        match &self.order {
            Order::Pep440(it) => Some(it),
            Order::Semver(_) => None,
        }
    }

    /// Returns whether another version of the scheme is this one but for build metadata (`+build`).
    pub fn is_twin(&self, other: &Self) -> bool {
        if self.numbers() != other.numbers() || self.scheme() != other.scheme() {
            return false;
        }
        let public = |it: &Self| Self::parse(it.scheme(), it.text.split('+').next()?);
        public(self) == public(other)
    }

    /// Returns whether its pre-release part is only numbers (`1.0.0-1`): npm and Cargo take it for
    /// a pre-release, Python for a post release.
    pub fn is_numeric_pre(&self) -> bool {
        let public = self.text.split('+').next().unwrap_or_default();
        let Some((_, behind)) = public.split_once('-') else {
            return false;
        };
        !behind.is_empty() && behind.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    }

    /// Returns the final version that stands `level` above this one, in numbers alone: 0.x stays
    /// 0.x only where the caller says a lower level. A pre-release moves by a patch, or not at
    /// all, to the final version that it announces.
    #[must_use]
    pub fn bumped(&self, level: Level) -> Self {
        let [major, minor, patch] = self.numbers();
        let [major, minor, patch] = match level {
            Level::Major => [major.saturating_add(1), 0, 0],
            Level::Minor => [major, minor.saturating_add(1), 0],
            Level::Patch if self.place() != Ordering::Less => {
                [major, minor, patch.saturating_add(1)]
            }
            Level::Patch | Level::None => [major, minor, patch],
        };
        match &self.order {
            Order::Pep440(it) => {
                let numbers = pep440_rs::Version::new([major, minor, patch]);
                Self::from_pep440(numbers.with_epoch(it.epoch()))
            }
            Order::Semver(_) => Self::from_semver(semver::Version::new(major, minor, patch)),
        }
    }

    /// Returns the pre-release of this label and number that announces this version, spelled
    /// `1.0.0rc1` or `1.0.0-rc.1`; `None` where this is no final version, the label is none (`post`,
    /// `r c`), or its own scheme does not read that spelling.
    ///
    /// ```
    /// use cascade_manifest::{Scheme::{Pep440, Semver}, Version};
    /// let python = Version::parse(Pep440, "2.0.0").unwrap();
    /// assert_eq!(python.pre_release("rc", 1, Pep440).unwrap().text(), "2.0.0rc1");
    /// assert_eq!(python.pre_release("rc", 1, Semver).unwrap().text(), "2.0.0-rc.1");
    /// assert!(python.pre_release("post", 1, Pep440).is_none());
    /// ```
    pub fn pre_release(&self, label: &str, number: u64, spelling: Scheme) -> Option<Self> {
        let word = !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase());
        if !word || !self.is_final() {
            return None;
        }
        let numbers = self.bumped(Level::None).text;
        let it = match spelling {
            Scheme::Semver => Self::parse(self.scheme(), &format!("{numbers}-{label}.{number}"))?,
            Scheme::Pep440 => {
                let text = format!("{numbers}{label}{number}");
                let read = Self::parse(self.scheme(), &text)?;
                match read.order {
                    Order::Pep440(it) => Self::from_pep440(it),
                    Order::Semver(_) => return None,
                }
            }
        };
        (!it.is_final() && it.place() == Ordering::Less).then_some(it)
    }

    /// Returns how it stands to the bare release of its numbers: a pre-release below, a post
    /// release or build above.
    fn place(&self) -> Ordering {
        match &self.order {
            Order::Pep440(it) => {
                let bare = pep440_rs::Version::new(it.release().iter().copied().take(3));
                it.cmp(&bare.with_epoch(it.epoch()))
            }
            Order::Semver(it) => it.cmp(&semver::Version::new(it.major, it.minor, it.patch)),
        }
    }

    fn epoch(&self) -> u64 {
        match &self.order {
            Order::Pep440(it) => it.epoch(),
            Order::Semver(_) => 0,
        }
    }

    fn from_pep440(it: pep440_rs::Version) -> Self {
        Self {
            text: it.to_string(),
            order: Order::Pep440(it),
        }
    }

    fn from_semver(it: semver::Version) -> Self {
        Self {
            text: it.to_string(),
            order: Order::Semver(it),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    /// Orders as the ecosystem does; across schemes by the numbers (one tag may release both), and
    /// pre-releases of the same numbers by scheme, so that a mixed list has one order too.
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.order, &other.order) {
            (Order::Pep440(a), Order::Pep440(b)) => a.cmp(b),
            (Order::Semver(a), Order::Semver(b)) => a.cmp(b),
            _ => self.cmp_across(other),
        }
    }
}

impl Version {
    fn cmp_across(&self, other: &Self) -> Ordering {
        let coarse = |it: &Self| (it.epoch(), it.numbers(), it.place());
        let by_scheme = || match self.place() {
            Ordering::Equal => Ordering::Equal,
            _ => self.scheme().cmp(&other.scheme()),
        };
        coarse(self).cmp(&coarse(other)).then_with(by_scheme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pep440(text: &str) -> Version {
        Version::parse(Scheme::Pep440, text).unwrap()
    }

    fn semver(text: &str) -> Version {
        Version::parse(Scheme::Semver, text).unwrap()
    }

    fn any_version() -> impl Strategy<Value = Version> {
        let pep440s = "(1!)?[0-2]\\.[0-2](\\.[0-2]){0,2}(a1|rc[12]|\\.post1|\\.dev1|-1|\\+x)?";
        let semvers = "[0-2]\\.[0-2]\\.[0-2](-rc1|-rc\\.2|-1|\\+x)?";
        prop_oneof![
            pep440s.prop_map(|it| pep440(&it)),
            semvers.prop_map(|it| semver(&it)),
        ]
    }

    proptest! {
        #[test]
        fn the_order_is_total_across_schemes_too(
            a in any_version(), b in any_version(), c in any_version()
        ) {
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            if a <= b && b <= c {
                prop_assert!(a <= c, "{a:?} {b:?} {c:?}");
            }
            if a == b {
                prop_assert_eq!(a.cmp(&c), b.cmp(&c));
            }
        }

        #[test]
        fn a_bump_goes_up_and_is_final(version in any_version()) {
            let [patch, minor, major] =
                [Level::Patch, Level::Minor, Level::Major].map(|it| version.bumped(it));
            prop_assert!(version < patch && patch <= minor && minor < major);
            for next in [patch, minor, major] {
                prop_assert!(next.is_final());
                prop_assert_eq!(Version::parse(next.scheme(), next.text()), Some(next.clone()));
            }
        }

        #[test]
        fn a_pre_release_stands_below_what_it_announces_and_above_the_one_before(
            version in any_version(), number in 1u64..99
        ) {
            let next = version.bumped(Level::Minor);
            for spelling in [Scheme::Pep440, Scheme::Semver] {
                let Some(pre) = next.pre_release("rc", number, spelling) else {
                    prop_assert!(next.scheme() == Scheme::Semver && spelling == Scheme::Pep440);
                    continue;
                };
                let later = next.pre_release("rc", number + 1, spelling).unwrap();
                prop_assert!(pre < later && later < next && !pre.is_final());
                prop_assert_eq!(pre.bumped(Level::None), next.clone());
            }
        }

        #[test]
        fn parsing_never_panics(text in "\\PC{0,200}") {
            for scheme in [Scheme::Pep440, Scheme::Semver] {
                if let Some(it) = Version::parse(scheme, &text) {
                    prop_assert_eq!(it.text(), text.as_str());
                    prop_assert!(it.bumped(Level::Major).is_final());
                }
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_version_is_none() {
        for text in [
            "2.1.x", "0.14.x", "v1.0.0", "", "1.0.*", "1.0 ", " 1.0", "1.0\n", "node-1.0",
        ] {
            assert_eq!(Version::parse(Scheme::Pep440, text), None, "{text}");
            assert_eq!(Version::parse(Scheme::Semver, text), None, "{text}");
        }
        assert_eq!(Version::parse(Scheme::Semver, "1.2"), None);
        let long = format!("1.0.0+{}", "a".repeat(LONGEST));
        assert_eq!(Version::parse(Scheme::Semver, &long), None);
        assert_eq!(Version::parse(Scheme::Pep440, &long), None);
    }

    #[test]
    fn the_orders_that_trap_people() {
        assert!(pep440("1.0rc1") < pep440("1.0"));
        assert!(pep440("3.2.0.dev") < pep440("3.2.0"));
        assert_eq!(pep440("3.2.0.dev"), pep440("3.2.0.dev0"));
        assert_eq!(pep440("1.0.0-rc1"), pep440("1.0.0rc1"));
        assert_eq!(pep440("1.0"), pep440("1.0.0"));
        assert!(semver("1.0.0-rc1") > semver("1.0.0-rc.2"));
        assert!(semver("1.0.0-rc.9") < semver("1.0.0-rc.10"));
        assert!(pep440("1.0.0-1") > pep440("1.0.0"));
        assert!(semver("0.49.9-test1") < semver("0.49.9") && !semver("0.49.9-test1").is_final());
        assert_eq!(pep440("1.0"), semver("1.0.0"));
    }

    #[test]
    fn twins_differ_in_build_metadata_and_spelling_alone() {
        assert!(semver("1.0.0+a").is_twin(&semver("1.0.0+b")));
        assert!(semver("1.0.0").is_twin(&semver("1.0.0+b")));
        assert!(pep440("1.0+x").is_twin(&pep440("1.0.0")));
        assert!(pep440("1.0.0-rc1").is_twin(&pep440("1.0rc1")));
        assert!(!pep440("1.0.0-1").is_twin(&pep440("1.0.0")));
        assert!(!semver("1.0.0-rc1").is_twin(&semver("1.0.0-rc.1")));
        assert!(!semver("1.0.1").is_twin(&semver("1.0.0")));
        assert!(!pep440("1!1.0").is_twin(&pep440("1.0")));
    }

    #[test]
    fn a_numeric_pre_release_is_seen() {
        assert!(pep440("1.0.0-1").is_numeric_pre() && semver("1.0.0-1").is_numeric_pre());
        assert!(semver("1.0.0-1.2+a-b").is_numeric_pre());
        for text in ["1.0.0-rc.1", "1.0.0", "1.0.0+1-1"] {
            assert!(!semver(text).is_numeric_pre(), "{text}");
        }
        assert!(!pep440("1.0.0.post1").is_numeric_pre() && !pep440("1.0.0-rc1").is_numeric_pre());
    }

    #[test]
    fn the_next_number_keeps_the_epoch_and_never_overflows() {
        assert_eq!(pep440("1!2.0").bumped(Level::Minor).text(), "1!2.1.0");
        assert_eq!(pep440("1.2.3+local").bumped(Level::Patch).text(), "1.2.4");
        assert_eq!(semver("1.2.3-rc.1").bumped(Level::Patch).text(), "1.2.3");
        assert_eq!(pep440("3.2.0.dev").bumped(Level::None).text(), "3.2.0");
        let most = format!("{}.0.0", u64::MAX);
        assert_eq!(semver(&most).bumped(Level::Major).text(), most);
    }

    #[test]
    fn a_pre_release_has_a_label_that_its_scheme_knows() {
        let next = pep440("2.0.0");
        assert_eq!(
            next.pre_release("alpha", 1, Scheme::Pep440).unwrap().text(),
            "2.0.0a1"
        );
        for label in ["", "post", "r c", "RC", "rc1", "banana"] {
            assert_eq!(next.pre_release(label, 1, Scheme::Pep440), None, "{label}");
        }
        assert_eq!(
            semver("2.0.0-rc.1").pre_release("rc", 2, Scheme::Semver),
            None
        );
    }
}
