//! Reads off the tags that exist how a package's tags are spelled.

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::{Scheme, Version};

use crate::{Several, Tag, TagFormat, TagTemplate};

/// What tags say of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inferred {
    /// The template; the default where no tag says anything.
    pub(crate) template: TagTemplate,
    /// How pre-releases are spelled.
    pub(crate) format: TagFormat,
    /// How many tags are versions of the package.
    pub(crate) count: usize,
    /// The highest final version among them.
    pub(crate) latest: Option<Version>,
}

/// Between a package's name and the version.
const JOINTS: &[&str] = &["-v", "-", "/v", "/", "@v", "@", "_v", "_", "=="];

/// Prefixes without a name, the likeliest first.
const NAMELESS: &[&str] = &[
    "v",
    "",
    "V",
    "v/",
    "v.",
    "release-v",
    "release-",
    "release/v",
    "release/",
    "releases/v",
    "releases/",
    "rel-v",
    "rel-",
    "rel/v",
    "rel/",
    "version-",
    "version/",
    "ver-",
];

/// Returns how the package's tags are spelled: among the prefixes of the past the one that names
/// the package wins, else `v`, else none, whichever matches tags; without any, the default.
pub fn infer_template(
    package: &str,
    several: Several,
    scheme: Scheme,
    tags: &[Tag],
) -> (TagTemplate, TagFormat) {
    let inferred = infer((package, &[]), several, scheme, tags);
    (inferred.template, inferred.format)
}

/// As [`infer_template`], with what was found. The aliases are other names of the package in tags.
pub(crate) fn infer(
    (package, aliases): (&str, &[&str]),
    several: Several,
    scheme: Scheme,
    tags: &[Tag],
) -> Inferred {
    let aliases = aliases.iter().map(|it| (*it).to_owned());
    let named = spellings(package)
        .into_iter()
        .chain(aliases)
        .flat_map(|name| JOINTS.iter().map(move |joint| format!("{name}{joint}")))
        .filter_map(|prefix| read(&prefix, scheme, tags))
        .max_by(|a, b| a.latest.cmp(&b.latest).then(a.count.cmp(&b.count)));
    let nameless = || {
        let found = || NAMELESS.iter().filter_map(|it| read(it, scheme, tags));
        found().find(is_released).or_else(|| found().next())
    };
    let other = || match several {
        Several::One => commonest(scheme, tags),
        Several::Many => None,
    };
    named
        .or_else(nameless)
        .or_else(other)
        .unwrap_or_else(|| untagged(several))
}

/// Returns whether a template names the package.
pub(super) fn names(template: &TagTemplate, package: &str) -> bool {
    let spelled = |it: &String| template.text().starts_with(it.as_str());
    spellings(package).iter().any(spelled)
}

/// Returns whether some final version is tagged so.
fn is_released(inferred: &Inferred) -> bool {
    inferred.latest.is_some()
}

/// Returns what is said of a package that no tag says anything of.
pub(super) fn untagged(several: Several) -> Inferred {
    Inferred {
        template: default_template(several),
        format: TagFormat::Semver,
        count: 0,
        latest: None,
    }
}

/// Returns the template of a package that nothing is declared of.
pub(crate) fn default_template(several: Several) -> TagTemplate {
    let text = match several {
        Several::One => "v{version}",
        Several::Many => "{name}-v{version}",
    };
    TagTemplate::known(text)
}

/// Returns what the tags with this prefix say; `None` where none is a version.
fn read(prefix: &str, scheme: Scheme, tags: &[Tag]) -> Option<Inferred> {
    let template = TagTemplate::parse(&format!("{prefix}{{version}}")).ok()?;
    let read = |tag: &Tag| Version::parse(scheme, template.version(&tag.name)?);
    let versions: Vec<Version> = tags.iter().filter_map(read).collect();
    (!versions.is_empty()).then(|| of_versions(template, versions))
}

/// Returns what the tags of the one template say that a package can have; of its versions those
/// count that it takes.
pub(crate) fn infer_along(
    template: TagTemplate,
    scheme: Scheme,
    tags: &[Tag],
    takes: impl Fn(&Version) -> bool,
) -> Inferred {
    let read = |tag: &Tag| Version::parse(scheme, template.version(&tag.name)?);
    let versions = tags.iter().filter_map(read).filter(takes).collect();
    of_versions(template, versions)
}

fn of_versions(template: TagTemplate, versions: Vec<Version>) -> Inferred {
    let pep440 = versions.iter().any(spelled_as_python_does);
    Inferred {
        format: if pep440 {
            TagFormat::Pep440
        } else {
            TagFormat::Semver
        },
        count: versions.len(),
        latest: versions.into_iter().filter(Version::is_final).max(),
        template,
    }
}

/// `1.0rc1`: a pre-release that SemVer does not read.
fn spelled_as_python_does(version: &Version) -> bool {
    !version.is_final()
        && !version.text().contains('+')
        && Version::parse(Scheme::Semver, version.text()).is_none()
}

/// Returns how names are spelled in tags: as written, without a scope, in lower case, with the
/// other kind of dash.
fn spellings(package: &str) -> BTreeSet<String> {
    let scoped = package.strip_prefix('@').and_then(|it| it.split_once('/'));
    let bare = scoped.map_or(package, |it| it.1);
    let mut names = BTreeSet::new();
    for name in [package.to_owned(), bare.to_owned(), bare.to_lowercase()] {
        names.insert(name.replace(['_', '.'], "-"));
        names.insert(name.replace(['-', '.'], "_"));
        names.insert(name);
    }
    names
}

/// Returns what the prefix of most tags says, where it is that of more than half of all.
fn commonest(scheme: Scheme, tags: &[Tag]) -> Option<Inferred> {
    let mut prefixes: BTreeMap<&str, usize> = BTreeMap::new();
    for tag in tags {
        let digit = tag.name.find(|c: char| c.is_ascii_digit());
        let prefix = digit.and_then(|at| tag.name.get(..at));
        *prefixes.entry(prefix.unwrap_or_default()).or_default() += 1;
    }
    let (prefix, _) = prefixes.into_iter().max_by_key(|(_, count)| *count)?;
    read(prefix, scheme, tags).filter(|it| it.count * 2 > tags.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Oid;

    fn tags(names: &[&str]) -> Vec<Tag> {
        let commit = Oid::parse(&"0".repeat(40)).expect("an id");
        let tag = |name: &&str| Tag {
            name: (*name).to_owned(),
            commit: commit.clone(),
        };
        names.iter().map(tag).collect()
    }

    fn inferred(
        package: &str,
        several: Several,
        scheme: Scheme,
        names: &[&str],
    ) -> (String, TagFormat) {
        let (template, format) = infer_template(package, several, scheme, &tags(names));
        (template.text().to_owned(), format)
    }

    #[test]
    fn cargo_families_spell_their_tags_in_five_ways() {
        const TOWER: &[&str] = &[
            "tower-0.4.13",
            "tower-0.5.3",
            "tower-buffer-0.3.0-alpha.1b",
            "tower-layer-0.3.3",
            "tower-load-shed-0.1.0",
            "tower-service-0.3.3",
            "tower-test-0.1.0",
            "tower-test-0.3.0-alpha.1",
        ];
        const AXUM: &[&str] = &[
            "axum-core-v0.5.6",
            "axum-debug-v0.3.3",
            "axum-extra-v0.12.6",
            "axum-v0.8.9",
            "v0.1.1",
            "v0.4.0",
        ];
        const BODY: &[&str] = &[
            "http-body-util-v0.1.0-rc.1",
            "http-body-util-v0.1.4",
            "v0.1.0",
            "v1.0.0-rc1",
            "v1.0.0-rc.2",
            "v1.1.0",
        ];
        const HEADERS: &[&str] = &[
            "headers-core-v0.3.0",
            "headers-derive-v0.1.0",
            "headers-v0.2.0",
            "headers-v0.4.1",
        ];
        const HTTP: &[&str] = &[
            "tower-http-0.1.0",
            "tower-http-0.7.0",
            "tower-request-modifier-0.1.0",
            "v0.1.0",
        ];
        for (package, several, tags, expected) in [
            ("tower", Several::Many, TOWER, "tower-{version}"),
            ("tower-layer", Several::Many, TOWER, "tower-layer-{version}"),
            (
                "tower-service",
                Several::Many,
                TOWER,
                "tower-service-{version}",
            ),
            ("tower-test", Several::Many, TOWER, "tower-test-{version}"),
            ("axum", Several::Many, AXUM, "axum-v{version}"),
            ("axum-core", Several::Many, AXUM, "axum-core-v{version}"),
            ("axum_extra", Several::Many, AXUM, "axum-extra-v{version}"),
            ("http-body", Several::Many, BODY, "v{version}"),
            (
                "http-body-util",
                Several::Many,
                BODY,
                "http-body-util-v{version}",
            ),
            ("headers", Several::Many, HEADERS, "headers-v{version}"),
            (
                "headers-core",
                Several::Many,
                HEADERS,
                "headers-core-v{version}",
            ),
            (
                "headers-derive",
                Several::Many,
                HEADERS,
                "headers-derive-v{version}",
            ),
            ("tower-http", Several::One, HTTP, "tower-http-{version}"),
            ("bytes", Several::One, &["v0.1.0", "v1.12.1"], "v{version}"),
        ] {
            let found = inferred(package, several, Scheme::Semver, tags);
            assert_eq!(found, (expected.to_owned(), TagFormat::Semver), "{package}");
        }
    }

    #[test]
    fn python_families_tag_bare_versions_and_their_own_pre_releases() {
        let bare = |names| inferred("Jinja2", Several::One, Scheme::Pep440, names);
        let text = "{version}".to_owned();
        assert_eq!(
            bare(&["2.0", "2.0rc1", "2.10.x", "3.1.6"]),
            (text.clone(), TagFormat::Pep440)
        );
        assert_eq!(
            bare(&["0.21.0", "0.9.1"]),
            (text.clone(), TagFormat::Semver)
        );
        assert_eq!(bare(&["1.0.0", "1.0.0-rc.1"]), (text, TagFormat::Semver));
        assert_eq!(
            bare(&["2.1.x"]),
            ("v{version}".to_owned(), TagFormat::Semver)
        );
    }

    #[test]
    fn names_are_found_in_every_spelling() {
        for (package, tag, expected) in [
            ("@family/core", "core-v1.2.3", "core-v{version}"),
            (
                "@family/core",
                "@family/core@1.2.3",
                "@family/core@{version}",
            ),
            (
                "remark-parse",
                "remark-parse@10.0.1",
                "remark-parse@{version}",
            ),
            (
                "family-core",
                "family-core==0.3.1",
                "family-core=={version}",
            ),
            ("Family_Kit", "family-kit-1.2.3", "family-kit-{version}"),
            ("family.kit", "family_kit/v1.2.3", "family_kit/v{version}"),
        ] {
            let found = inferred(package, Several::Many, Scheme::Semver, &[tag, "v1.0.0"]);
            assert_eq!(found.0, expected, "{package}");
        }
    }

    #[test]
    fn a_changed_prefix_follows_the_highest_version() {
        let names = ["a-0.1.0", "a-0.2.0", "a-0.3.0", "a-v0.4.0"];
        let found = inferred("a", Several::One, Scheme::Semver, &names);
        assert_eq!(found.0, "a-v{version}");
    }

    #[test]
    fn other_prefixes_count_only_where_nothing_else_matches() {
        let one = |names| inferred("x", Several::One, Scheme::Semver, names).0;
        assert_eq!(one(&["release-1.0.0", "v1.0.0"]), "v{version}");
        assert_eq!(one(&["release-1.0.0"]), "release-{version}");
        assert_eq!(one(&["rel/v1.0.0", "nightly"]), "rel/v{version}");
        assert_eq!(one(&["libx-1.0.0", "libx-1.1.0"]), "libx-{version}");
        assert_eq!(one(&["libx-1.0.0", "a", "b"]), "v{version}");
        let many = inferred("x", Several::Many, Scheme::Semver, &["libx-1.0.0"]);
        assert_eq!(many.0, "{name}-v{version}");
        assert_eq!(
            inferred("x", Several::Many, Scheme::Semver, &[]).0,
            "{name}-v{version}"
        );
        assert_eq!(one(&["fix-schema-options", "node-v0.2"]), "v{version}");
        assert_eq!(one(&["v/0.23.0", "v/0.23.1"]), "v/{version}");
    }

    #[test]
    fn a_prefix_of_pre_releases_alone_is_passed_over() {
        let names = ["v4.0.0-x", "18.2.3", "19.0.0-next.1"];
        let found = inferred("x", Several::One, Scheme::Semver, &names);
        assert_eq!(found.0, "{version}");
        let only = inferred("x", Several::One, Scheme::Semver, &["v4.0.0-x"]);
        assert_eq!(only.0, "v{version}");
    }
}
