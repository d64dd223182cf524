//! What the value of a dependency says: `^1.4`, `workspace:^1.4`, `npm:other@^1.4`, `o/r#v1.4.2`.

use std::ops::Range;

use super::range::Shape;
use crate::lock::is_commit_id;
use crate::{Form, Scheme, Source, Version};

/// Forges whose page addresses npm takes for git repositories.
const FORGES: [&str; 3] = ["github.com/", "gitlab.com/", "bitbucket.org/"];

/// The longest tag that is looked into for a version.
const LONGEST_TAG: usize = 256;

/// The value of a dependency, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spec {
    /// The package's own name, where the value says one.
    pub(super) name: Option<String>,
    /// The requirement in it; without one to edit, the whole value, free of credentials.
    pub(super) requirement: String,
    /// The bytes of the requirement in the value, where it may be edited.
    pub(super) within: Option<Range<usize>>,
    /// How the requirement is to be read.
    pub(super) form: Form,
    /// Where the package is taken from instead of the registry.
    pub(super) source: Option<Source>,
}

impl Spec {
    /// Returns what the value says. There is no value that it can not read: what it does not know
    /// is opaque.
    pub(super) fn of(value: &str) -> Self {
        let scheme = scheme_of(value);
        match scheme.map(|it| value.split_at(it.len() + 1)) {
            Some(("workspace:", inner)) => Self::workspace(value, inner),
            Some(("npm:", inner)) => Self::alias(value, inner, None),
            Some(("catalog:", _)) => Self::whole(value, Form::Inherited, None),
            Some(("file:" | "link:" | "portal:", path)) => Self::path(value, path),
            _ if is_path(value) => Self::path(value, value),
            _ if is_git(value) => Self::git(value),
            Some(_) => Self::opaque(value),
            None if value.contains('/') || is_archive(value) => Self::path(value, value),
            None => Self::registry(value, value, None),
        }
    }

    /// Returns a value of which nothing can be edited.
    pub(super) fn opaque(value: &str) -> Self {
        Self::whole(value, Form::Opaque, None)
    }

    /// Returns a value that another row says.
    pub(super) fn inherited(value: &str) -> Self {
        Self::whole(value, Form::Inherited, None)
    }

    /// Returns a value that names no version.
    pub(super) fn unversioned(value: &str) -> Self {
        Self::whole(value, Form::Unversioned, None)
    }

    fn whole(value: &str, form: Form, source: Option<Source>) -> Self {
        Self {
            name: None,
            requirement: without_credentials(value),
            within: None,
            form,
            source,
        }
    }

    fn path(value: &str, path: &str) -> Self {
        Self::whole(
            value,
            Form::Unversioned,
            Some(Source::Path(path.to_owned())),
        )
    }

    /// `inner` is a tail of `value`.
    fn registry(value: &str, inner: &str, source: Option<Source>) -> Self {
        let requirement = inner.trim();
        match Shape::of(requirement) {
            None => Self::whole(value, Form::Opaque, source),
            Some(Shape::Tag) => Self::whole(value, Form::Unversioned, source),
            Some(Shape::Range(_)) => Self {
                name: None,
                requirement: requirement.to_owned(),
                within: Some(trimmed_tail(value, inner)),
                form: Form::Range,
                source,
            },
        }
    }

    fn workspace(value: &str, inner: &str) -> Self {
        match inner {
            "" | "*" | "^" | "~" => Self::whole(value, Form::Inherited, Some(Source::Workspace)),
            _ if name_and_range(inner).is_some() => {
                Self::alias(value, inner, Some(Source::Workspace))
            }
            _ if inner.contains('/') => {
                Self::whole(value, Form::Unversioned, Some(Source::Workspace))
            }
            _ => Self::registry(value, inner, Some(Source::Workspace)),
        }
    }

    fn alias(value: &str, inner: &str, source: Option<Source>) -> Self {
        let (name, range) = name_and_range(inner).unwrap_or((inner, None));
        if !is_name(name) {
            return Self::whole(value, Form::Opaque, source);
        }
        let spec = match (range, &source) {
            (None, _) => Self {
                requirement: String::new(),
                ..Self::whole(value, Form::Range, source)
            },
            (Some("" | "*" | "^" | "~"), Some(Source::Workspace)) => {
                Self::whole(value, Form::Inherited, source)
            }
            (Some(range), _) => Self::registry(value, range, source),
        };
        Self {
            name: Some(name.to_owned()),
            ..spec
        }
    }

    fn git(value: &str) -> Self {
        let (address, committish) = value.split_once('#').unwrap_or((value, ""));
        let address = without_credentials(address);
        let wanted = committish
            .split("::")
            .find(|it| !it.is_empty() && !it.starts_with("path:"));
        let Some(wanted) = wanted else {
            return Self::whole(value, Form::Unversioned, Some(Source::Git(address)));
        };
        let start = value.len() - committish.len() + offset(committish, wanted);
        if let Some(range) = wanted.strip_prefix("semver:") {
            let head = value.get(..start + wanted.len()).unwrap_or(value);
            return Self::registry(head, range, Some(Source::GitRef(address)));
        }
        let (form, source) = match wanted {
            _ if is_commit_id(wanted) => (Form::GitRev { comment: None }, Source::GitRef(address)),
            _ if names_version(wanted) => (Form::GitTag, Source::GitRef(address)),
            _ => (Form::Unversioned, Source::Branch(wanted.to_owned())),
        };
        if form == Form::Unversioned {
            return Self::whole(value, form, Some(source));
        }
        Self {
            name: None,
            requirement: wanted.to_owned(),
            within: Some(start..start + wanted.len()),
            form,
            source: Some(source),
        }
    }
}

/// Returns the letters before the first `:`, if those are all that stands before it.
fn scheme_of(value: &str) -> Option<&str> {
    let (scheme, _) = value.split_once(':')?;
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let several = scheme.len() > 1 && scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (several && scheme.chars().all(letter)).then_some(scheme)
}

/// Returns where `part`, a piece of `whole`'s `::` list, begins.
fn offset(whole: &str, part: &str) -> usize {
    let mut at = 0;
    for piece in whole.split("::") {
        if piece == part {
            break;
        }
        at += piece.len() + 2;
    }
    at
}

/// Returns the bytes of `tail`, which ends `value`, without the spaces around it.
fn trimmed_tail(value: &str, tail: &str) -> Range<usize> {
    let start = value.len() - tail.trim_start().len();
    start..start.max(value.trim_end().len())
}

/// Splits `@scope/name@range`; `None` where it has no `@` behind a name.
pub(super) fn name_and_range(text: &str) -> Option<(&str, Option<&str>)> {
    let start = usize::from(text.starts_with('@'));
    let (at, _) = text.char_indices().skip(start).find(|(_, c)| *c == '@')?;
    Some((text.get(..at)?, text.get(at + 1..)))
}

/// Returns whether a package may be called so.
pub(super) fn is_name(text: &str) -> bool {
    let word = |it: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
        !it.is_empty() && it.chars().all(inner)
    };
    match text.strip_prefix('@').map(|it| it.split_once('/')) {
        Some(Some((scope, name))) => word(scope) && word(name),
        Some(None) => false,
        None => word(text),
    }
}

fn is_path(value: &str) -> bool {
    let mut bytes = value.bytes();
    let drive = bytes.next().is_some_and(|it| it.is_ascii_alphabetic())
        && bytes.next() == Some(b':')
        && matches!(bytes.next(), Some(b'/' | b'\\'));
    drive || value.starts_with(['.', '/', '\\']) || value.starts_with("~/")
}

fn is_archive(value: &str) -> bool {
    [".tgz", ".tar.gz", ".tar"]
        .into_iter()
        .any(|it| value.ends_with(it))
}

fn is_git(value: &str) -> bool {
    let address = value.split('#').next().unwrap_or_default();
    match scheme_of(address) {
        Some("github" | "gitlab" | "bitbucket" | "gist" | "git" | "ssh") => true,
        Some("http" | "https") => address.strip_suffix(".git").is_some() || is_forge_page(address),
        Some(scheme) => scheme.starts_with("git+"),
        // `git@host:owner/repo`, `owner/repo`.
        None if address.contains('@') => address.contains(':') && !address.starts_with('@'),
        None => is_owner_and_repo(address),
    }
}

fn is_forge_page(address: &str) -> bool {
    let (_, rest) = address.split_once("://").unwrap_or_default();
    let host_on = rest.rsplit_once('@').map_or(rest, |(_, it)| it);
    FORGES
        .into_iter()
        .filter_map(|it| host_on.strip_prefix(it))
        .any(|it| is_owner_and_repo(it.trim_end_matches('/')))
}

fn is_owner_and_repo(text: &str) -> bool {
    let word = |it: &str| !it.is_empty() && is_name(it) && !it.starts_with('~');
    let archive = is_archive(text);
    text.split_once('/')
        .is_some_and(|(owner, repo)| word(owner) && word(repo) && !archive)
}

/// Returns whether the name ends in a whole version: `v1.4.2`, `lib-v1.4.2`, `lib@1.4.2`.
fn names_version(tag: &str) -> bool {
    // Every digit may begin the version, so the length bounds the work.
    let mut starts = tag.char_indices().filter(|_| tag.len() <= LONGEST_TAG);
    starts.any(|(at, c)| {
        let (before, version) = tag.split_at(at);
        let before = before.strip_suffix('v').unwrap_or(before);
        c.is_ascii_digit()
            && (before.is_empty() || before.ends_with(['-', '_', '@', '/']))
            && Version::parse(Scheme::Semver, version).is_some()
    })
}

/// Returns the address without the password or token in it; ssh keeps its user.
fn without_credentials(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        return value.to_owned();
    };
    let end = rest.find(['/', '#', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let Some((user, host)) = authority.rsplit_once('@') else {
        return value.to_owned();
    };
    let name = user.split(':').next().unwrap_or_default();
    let ssh = scheme.ends_with("ssh") && !name.is_empty();
    let user = if ssh {
        format!("{name}@")
    } else {
        String::new()
    };
    format!("{scheme}://{user}{host}{path}")
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a cut character fails the test")]
mod tests {
    use super::*;

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the rows below have no source too"
    )]
    fn path(it: &str) -> Option<Source> {
        Some(Source::Path(it.to_owned()))
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the rows below have no source too"
    )]
    fn git(it: &str) -> Option<Source> {
        Some(Source::GitRef(it.to_owned()))
    }

    #[test]
    fn a_value_has_one_reading() {
        let space = Some(Source::Workspace);
        let rev = "0123456789abcdef0123456789abcdef01234567";
        let at_rev = format!("o/r#{rev}");
        let branch = Some(Source::Branch("main".to_owned()));
        let whole = Some(Source::Git("git+https://h.example/r.git".to_owned()));
        for (value, name, requirement, form, source) in [
            ("^1.4", None, "^1.4", Form::Range, None),
            (" ^1.4 ", None, "^1.4", Form::Range, None),
            ("", None, "", Form::Range, None),
            ("*", None, "*", Form::Range, None),
            ("latest", None, "latest", Form::Unversioned, None),
            (">=1, <2", None, ">=1, <2", Form::Opaque, None),
            ("workspace:^1.4", None, "^1.4", Form::Range, space.clone()),
            ("workspace:1.4.2", None, "1.4.2", Form::Range, space.clone()),
            (
                "workspace:*",
                None,
                "workspace:*",
                Form::Inherited,
                space.clone(),
            ),
            (
                "workspace:^",
                None,
                "workspace:^",
                Form::Inherited,
                space.clone(),
            ),
            (
                "workspace:~",
                None,
                "workspace:~",
                Form::Inherited,
                space.clone(),
            ),
            (
                "workspace:a@^1",
                Some("a"),
                "^1",
                Form::Range,
                space.clone(),
            ),
            (
                "workspace:@s/a@*",
                Some("@s/a"),
                "workspace:@s/a@*",
                Form::Inherited,
                space.clone(),
            ),
            (
                "workspace:../a",
                None,
                "workspace:../a",
                Form::Unversioned,
                space,
            ),
            ("npm:a@^1.4", Some("a"), "^1.4", Form::Range, None),
            ("npm:@s/a@^1.4", Some("@s/a"), "^1.4", Form::Range, None),
            ("npm:@s/a", Some("@s/a"), "", Form::Range, None),
            (
                "npm:a@next",
                Some("a"),
                "npm:a@next",
                Form::Unversioned,
                None,
            ),
            ("npm:@s@1", None, "npm:@s@1", Form::Opaque, None),
            ("npm:", None, "npm:", Form::Opaque, None),
            ("catalog:", None, "catalog:", Form::Inherited, None),
            ("catalog:old", None, "catalog:old", Form::Inherited, None),
            ("jsr:^1.4", None, "jsr:^1.4", Form::Opaque, None),
            (
                "file:../a",
                None,
                "file:../a",
                Form::Unversioned,
                path("../a"),
            ),
            (
                "link:../a",
                None,
                "link:../a",
                Form::Unversioned,
                path("../a"),
            ),
            (
                "portal:../a",
                None,
                "portal:../a",
                Form::Unversioned,
                path("../a"),
            ),
            ("../a", None, "../a", Form::Unversioned, path("../a")),
            ("/a", None, "/a", Form::Unversioned, path("/a")),
            ("~/a", None, "~/a", Form::Unversioned, path("~/a")),
            ("C:\\a", None, "C:\\a", Form::Unversioned, path("C:\\a")),
            (
                "a-1.4.2.tgz",
                None,
                "a-1.4.2.tgz",
                Form::Unversioned,
                path("a-1.4.2.tgz"),
            ),
            (
                "dist/a-1.4.2.tgz",
                None,
                "dist/a-1.4.2.tgz",
                Form::Unversioned,
                path("dist/a-1.4.2.tgz"),
            ),
            ("o/r#semver:^1", None, "^1", Form::Range, git("o/r")),
            ("o/r#semver:^1::path:a", None, "^1", Form::Range, git("o/r")),
            (
                "o/r#path:a::v1.4.2",
                None,
                "v1.4.2",
                Form::GitTag,
                git("o/r"),
            ),
            (
                "github:o/r#v1.4.2",
                None,
                "v1.4.2",
                Form::GitTag,
                git("github:o/r"),
            ),
            ("o/r#a-v1.4.2", None, "a-v1.4.2", Form::GitTag, git("o/r")),
            ("o/r#a@1.4.2", None, "a@1.4.2", Form::GitTag, git("o/r")),
            (
                &at_rev,
                None,
                rev,
                Form::GitRev { comment: None },
                git("o/r"),
            ),
            (
                "o/r#main",
                None,
                "o/r#main",
                Form::Unversioned,
                branch.clone(),
            ),
            (
                "git@h.example:o/r.git#main",
                None,
                "git@h.example:o/r.git#main",
                Form::Unversioned,
                branch,
            ),
            (
                "o/r#v2",
                None,
                "o/r#v2",
                Form::Unversioned,
                Some(Source::Branch("v2".to_owned())),
            ),
            (
                "git+https://h.example/r.git",
                None,
                "git+https://h.example/r.git",
                Form::Unversioned,
                whole,
            ),
            (
                "git+https://h.example/r.git#v1.4.2",
                None,
                "v1.4.2",
                Form::GitTag,
                git("git+https://h.example/r.git"),
            ),
            (
                "https://github.com/o/r#v1.4.2",
                None,
                "v1.4.2",
                Form::GitTag,
                git("https://github.com/o/r"),
            ),
            (
                "https://h.example/a.tgz",
                None,
                "https://h.example/a.tgz",
                Form::Opaque,
                None,
            ),
            (
                "https://github.com/o/r/archive/v1.4.2.tar.gz",
                None,
                "https://github.com/o/r/archive/v1.4.2.tar.gz",
                Form::Opaque,
                None,
            ),
        ] {
            let spec = Spec::of(value);
            assert_eq!(spec.name.as_deref(), name, "{value}");
            assert_eq!(spec.requirement, requirement, "{value}");
            assert_eq!(spec.form, form, "{value}");
            assert_eq!(spec.source, source, "{value}");
            if let Some(within) = spec.within {
                assert_eq!(&value[within], requirement, "{value}");
            }
        }
    }

    #[test]
    fn a_long_value_is_read_at_once() {
        let value = "o/r#".to_owned() + &"-1.1.1".repeat(100_000) + "!";
        assert_eq!(Spec::of(&value).form, Form::Unversioned);
    }

    #[test]
    fn credentials_are_never_told() {
        for (value, told) in [
            (
                "git+https://me:token@h.example/r.git",
                "git+https://h.example/r.git",
            ),
            ("https://token@h.example/a.tgz", "https://h.example/a.tgz"),
            (
                "git+ssh://git:secret@h.example/r.git",
                "git+ssh://git@h.example/r.git",
            ),
            (
                "git+https://me:to@ken@h.example/r.git#main",
                "git+https://h.example/r.git#main",
            ),
        ] {
            assert_eq!(Spec::of(value).requirement, told);
            assert!(!format!("{:?}", Spec::of(value)).contains("token"));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_value_is_read(value in "\\PC{0,24}|[a-z@/:.#^~*0-9 -]{0,24}") {
            let spec = Spec::of(&value);
            if let Some(within) = spec.within {
                proptest::prop_assert_eq!(value.get(within), Some(&*spec.requirement));
            }
        }
    }
}
