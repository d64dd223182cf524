//! A published package does not say what its index shows.

use cascade_manifest::Topic;

use super::list;
use super::packages::{Published, published};
use crate::TrackedFiles;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "metadata-missing",
    "a published package does not say what its index shows",
    check,
);

/// What each ecosystem's index shows, and how its manifest calls that.
const PYTHON: &[(Topic, &str)] = &[
    (Topic::Description, "`description`"),
    (Topic::Readme, "`readme`"),
    (Topic::Requires, "`requires-python`"),
    (Topic::Authors, "`authors`"),
    (Topic::Keywords, "`keywords`"),
    (Topic::Classifiers, "`classifiers`"),
    (Topic::Homepage, "`urls.Homepage`"),
    (Topic::Repository, "`urls.Repository`"),
    (Topic::Issues, "`urls.Issues`"),
    (Topic::Documentation, "`urls.Documentation`"),
    (Topic::Changelog, "`urls.Changelog`"),
];
/// A crate's readme is found by itself, its documentation is built for it, and authors are not shown.
const CARGO: &[(Topic, &str)] = &[
    (Topic::Description, "`description`"),
    (Topic::Readme, "`readme`"),
    (Topic::Requires, "`rust-version`"),
    (Topic::Keywords, "`keywords`"),
    (Topic::Classifiers, "`categories`"),
    (Topic::Repository, "`repository`"),
];
/// A package of npm has its readme in the archive in any case.
const NPM: &[(Topic, &str)] = &[
    (Topic::Description, "`description`"),
    (Topic::Readme, "`README.md`"),
    (Topic::Requires, "`engines.node`"),
    (Topic::Authors, "`author`"),
    (Topic::Keywords, "`keywords`"),
    (Topic::Homepage, "`homepage`"),
    (Topic::Repository, "`repository`"),
    (Topic::Issues, "`bugs`"),
];

/// Finds what packages do not say, each package's in one finding.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        for it in published(seen) {
            let missing = missing(&it, &audit.files);
            if missing.is_empty() {
                continue;
            }
            let what = format!("`{}` does not say {}", it.package.name, list(&missing));
            let mend = format!("add them to `{}`", it.file.path);
            let told_of = Told::of(id, what).at(&it.file.path, None);
            told.push(told_of.mend(mend).before_one(seen));
        }
    }
    told
}

/// Returns what a package does not say, in its ecosystem's words; a few at most would be shown.
fn missing(it: &Published<'_>, files: &TrackedFiles) -> Vec<String> {
    let topics = match it.package.ecosystem.name {
        "python" => PYTHON,
        "cargo" => CARGO,
        "npm" => NPM,
        _ => return Vec::new(),
    };
    let folder = it.file.path.rsplit_once('/').map_or("", |it| it.0);
    let has_readme = || {
        let mut paths = files.paths.iter();
        paths.any(|path| {
            let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
            above == folder && name.to_lowercase().starts_with("readme")
        })
    };
    let by_itself = it.package.ecosystem.name != "python";
    let unsaid = topics.iter().filter(|(topic, _)| {
        let found = *topic == Topic::Readme && by_itself && has_readme();
        !found && !it.about.says(*topic)
    });
    unsaid.map(|it| it.1.to_owned()).collect()
}
