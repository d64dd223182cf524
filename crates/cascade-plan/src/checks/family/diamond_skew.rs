//! Two pins in one tree leave no version of their upstream that both admit.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cascade_manifest::Version;

use crate::checks::{Check, Told, View};
use crate::{PackageId, PinSurvey, RepoId};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "diamond-skew",
    "two versions of one upstream come together",
    check,
)
.of_today();

/// A pin that orders, with the repository that it stands in.
type Edge<'a> = (&'a RepoId, &'a PinSurvey);

/// Finds the repositories in which such pins first come together.
fn check(view: &View<'_>) -> Vec<Told> {
    if view.audited().next().is_none() {
        return Vec::new();
    }
    let mut below: BTreeMap<&RepoId, Vec<Edge<'_>>> = BTreeMap::new();
    for edge in view.pins().filter(|(_, pin)| pin.orders()) {
        below.entry(edge.0).or_default().push(edge);
    }
    let versions = versions(view);
    let mut known: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut found = Vec::new();
    // Upstream first: what came together above is not told again below.
    for top in &view.survey.order {
        let tree = tree(top, &below);
        for (a, b) in skews(&tree, &versions) {
            if known.insert((address(a.1), address(b.1))) {
                found.push(told(top, &tree, [a, b]));
            }
        }
    }
    found
}

/// The pins of a repository and of all that it stands on, each with the way to it.
struct Tree<'a> {
    pins: BTreeMap<&'a PackageId, Vec<Edge<'a>>>,
    came_from: BTreeMap<&'a RepoId, &'a RepoId>,
}

fn tree<'a>(top: &'a RepoId, below: &BTreeMap<&'a RepoId, Vec<Edge<'a>>>) -> Tree<'a> {
    let mut tree = Tree {
        pins: BTreeMap::new(),
        came_from: BTreeMap::new(),
    };
    let mut open = VecDeque::from([top]);
    let mut seen = BTreeSet::from([top]);
    while let Some(repo) = open.pop_front() {
        for &(id, pin) in below.get(repo).into_iter().flatten() {
            tree.pins.entry(&pin.upstream).or_default().push((id, pin));
            if seen.insert(&pin.upstream.repo) {
                tree.came_from.insert(&pin.upstream.repo, repo);
                open.push_back(&pin.upstream.repo);
            }
        }
    }
    tree
}

/// Returns every version that is known of each package.
fn versions<'a>(view: &View<'a>) -> BTreeMap<&'a PackageId, Vec<Version>> {
    let mut all = BTreeMap::new();
    for (repo, package) in view.packages() {
        let Some(seen) = view.snapshot.repos.get(repo) else {
            continue;
        };
        let its = |it: &&crate::ObservedPackage| {
            it.name == package.id.name && it.manifest == package.manifest
        };
        let tags = seen.packages.iter().filter(its);
        let tags = tags.flat_map(|it| it.versions(&seen.tags));
        all.insert(&package.id, tags.map(|it| it.0).collect());
    }
    all
}

/// Returns the pairs of pins of different repositories that no known version satisfies together: of
/// each package the first pair.
fn skews<'a>(
    tree: &Tree<'a>,
    versions: &BTreeMap<&PackageId, Vec<Version>>,
) -> Vec<(Edge<'a>, Edge<'a>)> {
    let mut found = Vec::new();
    for (package, pins) in &tree.pins {
        let known = versions.get(package).map_or(&[][..], Vec::as_slice);
        let sides: Vec<(Edge<'a>, Vec<&Version>)> = pins
            .iter()
            .filter_map(|&it| Some((it, admitted(it.1, known)?)))
            .collect();
        let pairs = sides.iter().enumerate().flat_map(|(at, a)| {
            let rest = sides.iter().skip(at + 1);
            rest.map(move |b| (a, b))
        });
        let apart = pairs
            .into_iter()
            .find(|(a, b)| a.0.0 != b.0.0 && !a.1.iter().any(|version| b.1.contains(version)));
        found.extend(apart.map(|(a, b)| (a.0, b.0)));
    }
    found
}

/// Returns the versions that a pin admits; `None` where it admits none of them, so that nothing can be
/// said: it is ahead of what is known.
fn admitted<'v>(pin: &PinSurvey, known: &'v [Version]) -> Option<Vec<&'v Version>> {
    let grammar = pin.ecosystem?.grammar;
    let fits = |it: &&Version| grammar.admits(&pin.requirement, it).unwrap_or(true);
    let admitted: Vec<&Version> = known.iter().filter(fits).collect();
    (!admitted.is_empty()).then_some(admitted)
}

fn told(top: &RepoId, tree: &Tree<'_>, sides: [Edge<'_>; 2]) -> Told {
    let ways = sides.map(|(repo, pin)| {
        let mut way = vec![repo.as_str()];
        let mut at = repo;
        while let Some(&from) = tree.came_from.get(at).filter(|_| at != top) {
            way.push(from.as_str());
            at = from;
        }
        way.reverse();
        let way = way.join(" -> ");
        format!(
            "{way} pins `{}` ({}:{})",
            pin.requirement, pin.manifest, pin.line
        )
    });
    let [first, second] = sides;
    let name = &first.1.upstream.name;
    let what = format!("no version of `{name}` fits all: {}", ways.join(", and "));
    let (behind, latest) = match (&first.1.latest, first.1.ecosystem) {
        (Some(latest), Some(kind)) => {
            let fits = kind.grammar.admits(&first.1.requirement, latest);
            (
                if fits.unwrap_or(false) { second } else { first },
                latest.text(),
            )
        }
        _ => (first, "the latest version"),
    };
    let mend = format!(
        "cascade bump --repo {} moves `{}` to {latest}",
        first.1.upstream.repo, behind.0
    );
    Told::of(top, what).mend(mend)
}

/// Returns what tells one pin from another.
fn address(pin: &PinSurvey) -> usize {
    std::ptr::from_ref(pin).addr()
}
