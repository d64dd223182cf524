//! What a URL or a git reference says of a version.

use std::ops::Range;

use crate::{Form, Source};

/// What a URL says of the version behind it.
pub(super) struct Reference {
    pub(super) form: Form,
    pub(super) source: Option<Source>,
    /// The bytes of the tag or commit in the URL.
    pub(super) version: Option<Range<usize>>,
}

/// Returns what a direct reference's URL says.
pub(super) fn of_url(url: &str) -> Reference {
    let unversioned = |source| Reference {
        form: Form::Unversioned,
        source: Some(source),
        version: None,
    };
    let Some(address) = url.strip_prefix("git+") else {
        let is_local = url.starts_with("file:") || !url.contains("://");
        return if is_local {
            unversioned(Source::Path(url.to_owned()))
        } else {
            // An archive: its version, if any, is a part of a file name.
            Reference {
                form: Form::Opaque,
                source: None,
                version: None,
            }
        };
    };
    let Some(version) = revision(url) else {
        return unversioned(Source::Git(before_fragment(address).to_owned()));
    };
    let repository = url.get("git+".len()..version.start - 1).unwrap_or_default();
    let written = url.get(version.clone()).unwrap_or_default();
    if !is_commit(written) && !written.contains(|c: char| c.is_ascii_digit()) {
        return unversioned(Source::Branch(written.to_owned()));
    }
    Reference {
        form: form(written),
        source: Some(Source::GitRef(repository.to_owned())),
        version: Some(version),
    }
}

fn before_fragment(address: &str) -> &str {
    address.split('#').next().unwrap_or_default()
}

/// Returns the bytes of the revision in `git+https://user@host/path@revision#fragment`.
fn revision(url: &str) -> Option<Range<usize>> {
    let end = url.find('#').unwrap_or(url.len());
    let host = url.find("://")? + 3;
    let path = host + url.get(host..end)?.find('/')?;
    let start = path + url.get(path..end)?.rfind('@')? + 1;
    (start < end).then_some(start..end)
}

/// Returns how a tag or commit is to be read.
pub(super) fn form(reference: &str) -> Form {
    if is_commit(reference) {
        Form::GitRev { comment: None }
    } else {
        Form::GitTag
    }
}

/// Returns whether this is a commit id, short ones included; `20240101` is not, it may be a tag.
fn is_commit(reference: &str) -> bool {
    let has_letter = reference.bytes().any(|it| it.is_ascii_alphabetic());
    reference.bytes().all(|it| it.is_ascii_hexdigit())
        && (matches!(reference.len(), 40 | 64)
            || (has_letter && (7..40).contains(&reference.len())))
}

/// Returns the bytes of the tag that a comment (`# v1.4.2`) begins with; `offset` is where the
/// comment begins in the file.
pub(super) fn tag_in_comment(comment: &str, offset: usize) -> Option<Range<usize>> {
    let behind = comment.strip_prefix('#')?.trim_start();
    let word = behind.split_whitespace().next()?;
    let tag = word.trim_end_matches([',', ';', '.', ')', ':']);
    let has_version = tag.contains(|c: char| c.is_ascii_digit());
    let start = offset + (comment.len() - behind.len());
    has_version.then_some(start..start + tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_stands_behind_the_last_at_of_the_path() {
        for (url, expected) in [
            ("git+https://git.example/o/r@v1.4.2", Some("v1.4.2")),
            (
                "git+ssh://git@git.example/o/r.git@rel/v1#subdirectory=x@y",
                Some("rel/v1"),
            ),
            ("git+ssh://git@git.example/o/r.git", None),
            ("git+https://git.example/o/r@", None),
            ("git+https://git.example", None),
            ("git+file:///srv/r@v1", Some("v1")),
        ] {
            assert_eq!(revision(url).and_then(|it| url.get(it)), expected, "{url}");
        }
    }

    #[test]
    fn what_names_no_version_has_a_source() {
        let source = |url| of_url(url).source;
        let git = Source::Git("https://git.example/o/r".to_owned());
        assert_eq!(source("git+https://git.example/o/r#egg=r"), Some(git));
        let branch = Source::Branch("main".to_owned());
        assert_eq!(source("git+https://git.example/o/r@main"), Some(branch));
        let path = Source::Path("file:///srv/r".to_owned());
        assert_eq!(source("file:///srv/r"), Some(path));
        assert_eq!(
            of_url("https://files.example/r-1.4.2.whl").form,
            Form::Opaque
        );
    }

    #[test]
    fn a_commit_is_told_from_a_tag() {
        for commit in ["0f1e2d3", "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c"] {
            assert_eq!(form(commit), Form::GitRev { comment: None }, "{commit}");
        }
        for tag in ["v1.4.2", "20240101", "1.4.2", "deadbee-1", "abc"] {
            assert_eq!(form(tag), Form::GitTag, "{tag}");
        }
    }

    #[test]
    fn the_tag_in_a_comment_is_its_first_word() {
        for (comment, expected) in [
            ("# v1.4.2", Some("v1.4.2")),
            ("#v1.4.2, the one that works", Some("v1.4.2")),
            ("# keep", None),
            ("#", None),
        ] {
            let tag = tag_in_comment(comment, 0).and_then(|it| comment.get(it));
            assert_eq!(tag, expected, "{comment}");
        }
    }
}
