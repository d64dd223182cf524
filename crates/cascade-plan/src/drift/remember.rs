//! What a history says about a report: what is new, since when, and how things go.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::findings::id_of;
use super::history::{Facts, History, Known, Observation, PinKey, Release};
use super::uptake::{Birth, Uptake, scheme_of, version_in};
use super::{Adoption, Change, Drift, DriftFinding, Gone, Mark, News};
use crate::{Oid, PinStatus, Severity};

/// How many observations a trend shows, this one included: those of a year, at one a week.
pub const TREND: usize = 53;

/// The rule about tags that moved.
const MOVED: &str = "tag-moved";

/// A package and who stands on it.
type EdgeKey<'a> = (&'a str, &'a str, &'a str);

/// A release that was the latest: its version, its tag and its date.
type Out = (String, String, i64);

/// What is gathered on the way through a history.
#[derive(Default)]
struct Memory {
    marks: Vec<Mark>,
    /// Since when each finding is there without interruption.
    since: BTreeMap<String, i64>,
    adoption: Adopting,
    /// Where each tag stood first, and when that was seen, by repository and name.
    tags: BTreeMap<(String, String), (Oid, i64)>,
}

/// How fast releases are taken up, by downstream, upstream and package.
#[derive(Default)]
struct Adopting {
    releases: BTreeMap<(String, String), Vec<Out>>,
    edges: BTreeMap<(String, String, String), Edge>,
}

/// One package that one repository takes up.
struct Edge {
    uptake: Uptake,
    /// How many releases of it are known to the uptake.
    heard: usize,
    /// The version that was named last.
    named: String,
}

impl Drift {
    /// Fills in what only earlier runs know: what changed, the trend, how fast releases are taken up,
    /// and of each finding whether it is new and since when it is there. Observations of this moment
    /// or later do not count.
    ///
    /// A finding without a date of its own is there since the first observation that has it without
    /// interruption. Adoption counts, for each package that a repository pins, the releases that were
    /// the latest in some observation: a release is taken up, or passed over, by the first observation
    /// in which every pin of the repository on the package that names a version names that release or
    /// a later one. Days count from the release's tag (where its date is not known, from the first
    /// observation that has it) to that observation, so a run a week sees it up to a week late; and the
    /// releases that count as newer are those that were the latest since. What was named already by
    /// the first observation, and what is not named yet, does not count.
    pub fn remember(&mut self, history: &History) {
        let mut memory = Memory::default();
        history.walk(self.taken, |step| {
            memory.adoption.add(step.taken, step.facts);
            if step.repo.is_none() {
                memory.add(step.taken, step.mark, step.facts);
            }
        });
        let latest = history.latest(self.taken);
        if let Some((_, before)) = &latest {
            self.carry(before, &memory.since);
        }
        self.tell_moved_tags(&memory.tags);
        let now = self.facts();
        memory.adoption.add(self.taken, &now);
        self.adoption = memory.adoption.finish();
        self.date(latest.as_ref(), &memory.since);
        self.change = latest.map(|it| self.change_since(&it, &memory.since));
        let mut trend = memory.marks;
        trend.push(self.mark());
        self.trend = trend.split_off(trend.len().saturating_sub(TREND));
    }

    /// Returns this report in numbers: as it was made, else by what it tells.
    pub fn mark(&self) -> Mark {
        let own = self.trend.last().filter(|it| it.taken == self.taken);
        if let Some(mark) = own {
            return mark.clone();
        }
        let of = |severity| {
            self.findings
                .iter()
                .filter(move |it| it.severity == severity)
        };
        let pins = || self.edges.iter().flat_map(|it| &it.pins);
        let in_state = |status| pins().filter(|it| it.status == status).count();
        Mark {
            taken: self.taken,
            block: of(Severity::Block).count(),
            warn: of(Severity::Warn).count(),
            info: of(Severity::Info).count(),
            pins: pins().count(),
            behind: in_state(PinStatus::Behind),
            excluded: in_state(PinStatus::Excluded),
            ahead: in_state(PinStatus::Ahead),
        }
    }

    /// Returns what later runs need of this report.
    pub fn observation(&self) -> Observation {
        Observation::new(self.taken, None, self.mark(), self.facts())
    }

    fn facts(&self) -> Facts {
        let findings = self.findings.iter().map(|it| {
            let known = Known {
                code: it.code.clone(),
                severity: it.severity,
                repo: it.repo.clone(),
                since: it.since,
            };
            (it.id.clone(), known)
        });
        let released = self.repos.iter().flat_map(|repo| {
            let latest = repo.latest.iter();
            latest.map(move |it| {
                let release = Release {
                    version: it.version.clone(),
                    tag: it.tag.clone(),
                    commit: it.commit.clone(),
                    at: it.at,
                };
                ((repo.name.clone(), it.package.clone()), release)
            })
        });
        Facts {
            findings: findings.collect(),
            pins: self.pins(),
            packages: released.collect(),
        }
    }

    /// Returns the version that each pin names; the lowest where a file has several.
    fn pins(&self) -> BTreeMap<PinKey, String> {
        let mut pins: BTreeMap<PinKey, String> = BTreeMap::new();
        for edge in &self.edges {
            for pin in &edge.pins {
                let key = PinKey {
                    downstream: edge.downstream.clone(),
                    upstream: edge.upstream.clone(),
                    package: pin.package.clone(),
                    path: pin.path.clone(),
                };
                let named = pin.version.clone().unwrap_or_default();
                let known = pins.entry(key).or_insert_with(|| named.clone());
                if named != *known && is_lower(&pin.path, &named, known) {
                    *known = named;
                }
            }
        }
        pins
    }

    /// Tells of releases whose tag stood on another commit once: a clone that is fetched each time does not
    /// show it, and on a machine that is thrown away nothing else remembers it.
    fn tell_moved_tags(&mut self, tags: &BTreeMap<(String, String), (Oid, i64)>) {
        let mut moved = Vec::new();
        for repo in &self.repos {
            for it in &repo.latest {
                let known = tags.get(&(repo.name.clone(), it.tag.clone()));
                let (Some((was, at)), Some(is)) = (known, &it.commit) else {
                    continue;
                };
                let tag = Some(it.tag.clone());
                let name = Some(repo.name.clone());
                let mut told = self.findings.iter().chain(&moved);
                let again = told.any(|it| it.code == MOVED && it.tag == tag && it.repo == name);
                if was == is || again {
                    continue;
                }
                moved.push(DriftFinding {
                    id: id_of(&[MOVED, &repo.name, &it.tag, is.as_str()]),
                    code: MOVED.to_owned(),
                    severity: Severity::Block,
                    repo: name,
                    tag,
                    path: Some(repo.path.clone()),
                    line: None,
                    what: format!(
                        "`{}` is at {}, and was at {} before",
                        it.tag,
                        is.short(),
                        was.short()
                    ),
                    mend: Some(format!(
                        "a pushed tag is never moved: `cascade release --repo {}=patch` makes the next one",
                        repo.name
                    )),
                    since: Some(*at),
                    owners: repo.owners.clone(),
                    news: News::New,
                    accepted: false,
                });
            }
        }
        self.findings.extend(moved);
        self.findings
            .sort_by_key(|it| std::cmp::Reverse(it.severity));
    }

    /// Keeps what was found in repositories that can not be read now: nobody knows that it is gone.
    fn carry(&mut self, before: &Facts, since: &BTreeMap<String, i64>) {
        let lost: BTreeSet<&str> = self
            .repos
            .iter()
            .filter(|it| it.trouble.is_some())
            .map(|it| it.name.as_str())
            .collect();
        let here: BTreeSet<&str> = self.findings.iter().map(|it| it.id.as_str()).collect();
        let carried = before.findings.iter().filter_map(|(id, known)| {
            let repo = known.repo.as_deref().filter(|it| lost.contains(it))?;
            (!here.contains(id.as_str())).then(|| DriftFinding {
                id: id.clone(),
                code: known.code.clone(),
                severity: known.severity,
                repo: Some(repo.to_owned()),
                tag: None,
                path: None,
                line: None,
                what: format!("it was so when `{repo}` was last read, which it can not be now"),
                mend: None,
                since: known.since.or_else(|| since.get(id).copied()),
                owners: Vec::new(),
                news: News::Still,
                accepted: false,
            })
        });
        let carried: Vec<DriftFinding> = carried.collect();
        self.findings.extend(carried);
        self.findings
            .sort_by_key(|it| std::cmp::Reverse(it.severity));
    }

    /// Says of each finding since when it is there, and whether it is new. Without an earlier observation
    /// nobody knows since when, where the finding does not say it itself.
    fn date(&mut self, latest: Option<&(i64, Facts)>, since: &BTreeMap<String, i64>) {
        let before = latest.map(|(_, facts)| &facts.findings);
        for finding in &mut self.findings {
            let was = before.is_some_and(|it| it.contains_key(&finding.id));
            finding.news = if was { News::Still } else { News::New };
            let first = since.get(&finding.id).filter(|_| was).copied();
            let first = first.or_else(|| before.map(|_| self.taken));
            finding.since = finding.since.or(first);
        }
    }

    fn change_since(&self, latest: &(i64, Facts), since: &BTreeMap<String, i64>) -> Change {
        let (against, before) = latest;
        let now: BTreeSet<&str> = self.findings.iter().map(|it| it.id.as_str()).collect();
        let new = now.iter().filter(|it| !before.findings.contains_key(**it));
        let new: Vec<String> = new.map(|it| (*it).to_owned()).collect();
        let gone = before.findings.iter();
        let gone = gone.filter(|(id, _)| !now.contains(id.as_str()));
        let gone = gone.map(|(id, it)| Gone {
            id: id.clone(),
            code: it.code.clone(),
            severity: it.severity,
            repo: it.repo.clone(),
            since: it.since.or_else(|| since.get(id).copied()),
        });
        Change {
            against: *against,
            still: now.len() - new.len(),
            new,
            gone: gone.collect(),
        }
    }
}

impl Memory {
    fn add(&mut self, taken: i64, mark: &Mark, facts: &Facts) {
        let mark = Mark {
            taken,
            ..mark.clone()
        };
        self.marks.push(mark);
        for ((repo, _), release) in &facts.packages {
            if let Some(commit) = &release.commit {
                let tag = (repo.clone(), release.tag.clone());
                self.tags.entry(tag).or_insert((commit.clone(), taken));
            }
        }
        self.since.retain(|id, _| facts.findings.contains_key(id));
        for id in facts.findings.keys() {
            if !self.since.contains_key(id) {
                self.since.insert(id.clone(), taken);
            }
        }
    }
}

impl Adopting {
    fn add(&mut self, taken: i64, facts: &Facts) {
        for ((repo, package), it) in &facts.packages {
            let key = (repo.clone(), package.clone());
            let known = self.releases.entry(key).or_default();
            if known.iter().all(|(version, ..)| *version != it.version) {
                let at = it.at.unwrap_or(taken);
                known.push((it.version.clone(), it.tag.clone(), at));
            }
        }
        for ((downstream, upstream, package), (path, named)) in lowest(facts) {
            let home = (upstream.to_owned(), package.to_owned());
            let releases = self.releases.get(&home).map_or(&[][..], Vec::as_slice);
            let edge = (downstream.to_owned(), home.0, home.1);
            let edge = self.edges.entry(edge).or_insert_with(|| Edge::at(path));
            edge.add(taken, named, releases);
        }
    }

    fn finish(self) -> Vec<Adoption> {
        let spread = |((downstream, upstream, package), edge): (_, Edge)| {
            let (releases, days, behind) = edge.uptake.spread()?;
            Some(Adoption {
                upstream,
                downstream,
                package,
                releases,
                days,
                behind,
            })
        };
        self.edges.into_iter().filter_map(spread).collect()
    }
}

impl Edge {
    /// Returns an edge that nothing is known of, but for a file that pins.
    fn at(path: &str) -> Self {
        Self {
            uptake: Uptake::new(scheme_of(path), Birth::Unseen),
            heard: 0,
            named: String::new(),
        }
    }

    fn add(&mut self, taken: i64, named: &str, releases: &[Out]) {
        if self.heard == releases.len() && self.named == named {
            return;
        }
        for (version, tag, at) in releases.iter().skip(self.heard) {
            self.uptake.release(version, tag, *at);
        }
        self.heard = releases.len();
        named.clone_into(&mut self.named);
        self.uptake.names(named, taken);
    }
}

/// Returns the lowest version that each edge names, with a file that names it.
fn lowest(facts: &Facts) -> BTreeMap<EdgeKey<'_>, (&str, &str)> {
    let mut edges: BTreeMap<EdgeKey<'_>, (&str, &str)> = BTreeMap::new();
    for (key, named) in facts.pins.iter().filter(|(_, it)| !it.is_empty()) {
        let edge = (
            key.downstream.as_str(),
            key.upstream.as_str(),
            key.package.as_str(),
        );
        let here = (key.path.as_str(), named.as_str());
        match edges.entry(edge) {
            Entry::Vacant(it) => drop(it.insert(here)),
            Entry::Occupied(mut it) if is_lower(here.0, named, it.get().1) => drop(it.insert(here)),
            Entry::Occupied(_) => {}
        }
    }
    edges
}

/// Returns whether a version is below another one; one that is named is below none at all.
pub(super) fn is_lower(path: &str, named: &str, than: &str) -> bool {
    let scheme = scheme_of(path);
    match (version_in(scheme, named), version_in(scheme, than)) {
        (Some(named), Some(than)) => named < than,
        (Some(_), None) => true,
        (None, _) => false,
    }
}
