//! How fast a repository takes up the releases of a package.

use cascade_manifest::{ALL, Scheme, Version};

use super::{Spread, history::DAY};

/// The releases of one package, and when one repository took each up.
///
/// A release counts when the repository names it or a later one for the first time: at that moment
/// it was taken up, or passed over. What it named already when it was first looked at does not count,
/// since nobody knows how long that took; what it does not name yet does not count either. Releases
/// that were never the highest (of an older line) are nothing to take up.
#[derive(Debug, Clone)]
pub struct Uptake {
    scheme: Scheme,
    releases: Vec<Offer>,
    /// When the repository was first seen to name a version.
    begun: Option<i64>,
    /// Whether what was out before that counts from there.
    birth: Birth,
}

/// Whether a repository was looked at from the first day that it named the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Birth {
    /// It was: what was out before that could not be taken up earlier.
    Seen,
    /// It was not, or nobody knows.
    Unseen,
}

/// A release, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The version.
    pub version: Version,
    /// The tag.
    pub tag: String,
    /// When it was out, in seconds since 1970.
    pub at: i64,
    /// When it was taken up or passed over, and how late.
    pub taken: Option<Taken>,
    /// Whether it was named when the repository was first looked at.
    known: bool,
}

/// When a release was taken up or passed over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// When it was first seen, in seconds since 1970.
    pub at: i64,
    /// How many tenths of a day after the release.
    pub tenths: i32,
    /// How many newer releases were out.
    pub newer: usize,
}

impl Taken {
    /// Returns how many days after the release.
    pub fn days(self) -> f64 {
        f64::from(self.tenths) / 10.0
    }
}

impl Uptake {
    /// Returns the uptake of a package whose versions are of this scheme, nothing known yet.
    pub fn new(scheme: Scheme, birth: Birth) -> Self {
        Self {
            scheme,
            releases: Vec::new(),
            begun: None,
            birth,
        }
    }

    /// Adds a release. They come in the order in which they were out.
    pub fn release(&mut self, version: &str, tag: &str, at: i64) {
        let Some(version) = version_in(self.scheme, version) else {
            return;
        };
        if self.releases.iter().any(|it| it.version >= version) {
            return;
        }
        self.releases.push(Offer {
            version,
            tag: tag.to_owned(),
            at,
            taken: None,
            known: false,
        });
    }

    /// Adds that the repository names a version at a moment, after the releases before that.
    pub fn names(&mut self, version: &str, moment: i64) {
        let Some(named) = version_in(self.scheme, version) else {
            return;
        };
        let first = self.begun.is_none();
        let begun = *self.begun.get_or_insert(moment);
        let count = self.releases.len();
        for (at, offer) in self.releases.iter_mut().enumerate() {
            if offer.known || offer.taken.is_some() || offer.version > named {
                continue;
            }
            if first {
                offer.known = true;
                continue;
            }
            let from = match self.birth {
                Birth::Seen => offer.at.max(begun),
                Birth::Unseen => offer.at,
            };
            offer.taken = Some(Taken {
                at: moment,
                tenths: tenths(moment.saturating_sub(from)),
                newer: count - at - 1,
            });
        }
    }

    /// Returns the releases, in the order in which they were out.
    pub fn offers(&self) -> &[Offer] {
        &self.releases
    }

    /// Returns how many releases were taken up or passed over, after how many days, and how many newer
    /// ones were out; `None` where there were none.
    pub fn spread(&self) -> Option<(usize, Spread, Spread)> {
        let taken: Vec<Taken> = self.releases.iter().filter_map(|it| it.taken).collect();
        if taken.is_empty() {
            return None;
        }
        let days = taken.iter().map(|it| it.days()).collect();
        let newer = taken
            .iter()
            .map(|it| i32::try_from(it.newer).unwrap_or(i32::MAX));
        let newer = newer.map(f64::from).collect();
        Some((taken.len(), Spread::of(days), Spread::of(newer)))
    }
}

impl Spread {
    /// Returns the spread of some numbers: median and 90th percentile, each by nearest rank.
    ///
    /// ```
    /// use cascade_plan::drift::Spread;
    /// let it = Spread::of(vec![9.0, 1.0, 3.0, 2.0]);
    /// assert_eq!((it.median, it.p90), (2.0, 9.0));
    /// ```
    pub fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        let rank = |part: usize| {
            let rank = (numbers.len() * part).div_ceil(100).max(1);
            numbers.get(rank - 1).copied().unwrap_or_default()
        };
        Self {
            median: rank(50),
            p90: rank(90),
        }
    }
}

/// Returns the scheme of the versions that a file names, by its name; that of most where the file is of
/// no ecosystem.
pub fn scheme_of(path: &str) -> Scheme {
    let name = path.rsplit('/').next().unwrap_or(path);
    let own = ALL.iter().find(|it| it.format(name).is_some());
    own.map_or(Scheme::Pep440, |it| it.scheme)
}

/// Returns the version that a text names in a scheme; missing numbers are 0.
pub(super) fn version_in(scheme: Scheme, text: &str) -> Option<Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let whole = Version::parse(scheme, text);
    whole.or_else(|| {
        let padded = match text.matches('.').count() {
            0 => format!("{text}.0.0"),
            1 => format!("{text}.0"),
            _ => return None,
        };
        Version::parse(scheme, &padded)
    })
}

/// Returns a span of seconds in tenths of a day, none below 0.
fn tenths(seconds: i64) -> i32 {
    let tenths = seconds.max(0).saturating_mul(10) / DAY;
    i32::try_from(tenths).unwrap_or(i32::MAX)
}
