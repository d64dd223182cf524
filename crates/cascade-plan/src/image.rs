//! Names of container images, by the grammar of OCI references.

use std::fmt;

use cascade_manifest::deploy::image_name;

/// How long a name may be, its host included.
const LONGEST: usize = 255;
/// How long a tag may be.
const LONGEST_TAG: usize = 128;

/// The repository of an image: a host and a path, without tag and digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageName {
    host: String,
    path: String,
}

/// Why a text names no image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoImage {
    /// It is empty, too long, or has a space or a control character.
    Shape,
    /// It begins with a scheme.
    Scheme,
    /// It has a digest, or a login.
    Digest,
    /// It has a tag.
    Tag,
    /// It has capital letters.
    Capitals,
    /// Anything else that the grammar does not have.
    Grammar,
}

impl NoImage {
    /// Returns what is wrong with it, as `the image's name ...` goes on.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Shape => "is empty, too long or holds a space",
            Self::Scheme => "begins with a scheme",
            Self::Digest => "has an `@` in it",
            Self::Tag => "has a tag or no path",
            Self::Capitals => "has capital letters",
            Self::Grammar => "is none that a registry takes",
        }
    }

    /// Returns what to write instead.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Shape | Self::Grammar => "write `HOST/PATH`, as `ghcr.example/acme/runtime`",
            Self::Scheme => "leave the scheme out: `ghcr.example/acme/runtime`",
            Self::Digest => {
                "leave the digest out, and any login: that of the docker configuration is used"
            }
            Self::Tag => "write `HOST/PATH` without a tag: each version has its own",
            Self::Capitals => "write it in lower case, as registries do",
        }
    }
}

impl ImageName {
    /// Returns the image that a text names; `redis` is one of the Docker Hub.
    ///
    /// # Errors
    /// With why it names none.
    ///
    /// ```
    /// use cascade_plan::{ImageName, NoImage};
    /// let runtime = ImageName::parse("ghcr.example:5000/acme/runtime").unwrap();
    /// assert_eq!((runtime.host(), runtime.path()), ("ghcr.example:5000", "acme/runtime"));
    /// assert_eq!(ImageName::parse("redis").unwrap().to_string(), "docker.io/library/redis");
    /// assert_eq!(ImageName::parse("ghcr.example/acme/runtime:1"), Err(NoImage::Tag));
    /// ```
    pub fn parse(text: &str) -> Result<Self, NoImage> {
        let odd = |it: char| it.is_control() || it.is_whitespace();
        if text.is_empty() || text.len() > LONGEST || text.contains(odd) {
            return Err(NoImage::Shape);
        }
        if text.contains("://") {
            return Err(NoImage::Scheme);
        }
        if text.contains('@') {
            return Err(NoImage::Digest);
        }
        let last = text.rsplit_once('/').map_or(text, |it| it.1);
        if last.contains(':') {
            return Err(NoImage::Tag);
        }
        let whole = image_name(text);
        let (host, path) = whole.split_once('/').ok_or(NoImage::Grammar)?;
        if path.contains(|it: char| it.is_ascii_uppercase()) {
            return Err(NoImage::Capitals);
        }
        if !is_host(host) || !path.split('/').all(is_part) {
            return Err(NoImage::Grammar);
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            path: path.to_owned(),
        })
    }

    /// Returns the registry's host, with its port where it has one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the path of the repository at its host.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)
    }
}

/// The digest of a manifest: `sha256:` and 64 hexadecimal digits in small letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageDigest(String);

impl ImageDigest {
    /// Returns the digest that a text is; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("sha256:")?;
        let fits = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        let is_whole = digits.len() == 64 && digits.bytes().all(fits);
        is_whole.then(|| Self(text.to_owned()))
    }

    /// Returns it as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ImageDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the tags that may stand for a version: as it is, and with a `v`; what a tag can not have
/// is written as `_`.
pub fn image_tags(version: &str) -> [String; 2] {
    let plain = version.strip_prefix('v').unwrap_or(version);
    let plain = plain.replace('+', "_");
    [plain.clone(), format!("v{plain}")]
}

/// Returns whether a text can be the tag of an image.
pub fn is_tag(text: &str) -> bool {
    let fits = |it: char| it.is_ascii_alphanumeric() || "_.-".contains(it);
    let starts = |it: char| it.is_ascii_alphanumeric() || it == '_';
    text.len() <= LONGEST_TAG && text.starts_with(starts) && text.chars().all(fits)
}

/// Returns whether a text is a host: a name, or an address, with or without a port.
pub(crate) fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(inside) => match inside.split_once(']') {
            Some((inside, behind)) => {
                let is_port = behind.strip_prefix(':');
                let rest = is_port.or_else(|| behind.is_empty().then_some("0"));
                let is_address = inside.parse::<std::net::Ipv6Addr>().is_ok();
                return is_address && rest.is_some_and(|it| it.parse::<u16>().is_ok());
            }
            None => return false,
        },
        None => text.split_once(':').unwrap_or((text, "0")),
    };
    let is_label = |it: &str| {
        let fits = |it: char| it.is_ascii_alphanumeric() || it == '-';
        !it.is_empty() && !it.starts_with('-') && !it.ends_with('-') && it.chars().all(fits)
    };
    let digits = !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
    host.split('.').all(is_label) && digits && port.parse::<u16>().is_ok()
}

/// Returns whether a text is one part of a path: letters and digits, between them one `.`, one or
/// two `_`, or dashes.
fn is_part(text: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    let joints = text.split(is_plain).filter(|it| !it.is_empty());
    let fits = |it: &str| matches!(it, "." | "_" | "__") || it.bytes().all(|it| it == b'-');
    text.starts_with(is_plain) && text.ends_with(is_plain) && joints.into_iter().all(fits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_a_host_and_a_path() {
        for (text, whole) in [
            ("redis", "docker.io/library/redis"),
            ("acme/runtime", "docker.io/acme/runtime"),
            ("index.docker.io/acme/a", "docker.io/acme/a"),
            ("GHCR.example/acme/a__b-c.d", "ghcr.example/acme/a__b-c.d"),
            ("localhost:5000/a", "localhost:5000/a"),
            ("[::1]:5000/a/b", "[::1]:5000/a/b"),
            ("127.0.0.1/a", "127.0.0.1/a"),
        ] {
            let read = ImageName::parse(text).map(|it| it.to_string());
            assert_eq!(read.as_deref(), Ok(whole), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_told_why() {
        for (text, why) in [
            ("", NoImage::Shape),
            ("a b", NoImage::Shape),
            ("a\u{1b}", NoImage::Shape),
            ("docker://ghcr.example/a", NoImage::Scheme),
            ("ghcr.example/a@sha256:00", NoImage::Digest),
            ("me:pw@ghcr.example/a", NoImage::Digest),
            ("redis:7", NoImage::Tag),
            ("ghcr.example:5000", NoImage::Tag),
            ("ghcr.example/Acme/a", NoImage::Capitals),
            ("ghcr.example/a..b", NoImage::Grammar),
            ("ghcr.example/a___b", NoImage::Grammar),
            ("ghcr.example/a//b", NoImage::Grammar),
            ("ghcr.example/../a", NoImage::Grammar),
            ("ghcr.example/-a", NoImage::Grammar),
            ("ghcr.example:x/a", NoImage::Grammar),
            ("ghcr.example:99999/a", NoImage::Grammar),
            ("ghcr.example:+5/a", NoImage::Grammar),
            ("ghcr_a.example/a", NoImage::Grammar),
            ("[::x]/a", NoImage::Grammar),
            ("ghcr.example/a?b", NoImage::Grammar),
        ] {
            assert_eq!(ImageName::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_tag_is_a_word() {
        assert!(
            ["latest", "v1.4.2", "_x", "1.0.0_rc.1"]
                .iter()
                .all(|it| is_tag(it))
        );
        let long = "a".repeat(129);
        assert!(
            !["", ".a", "-a", "a+b", "a/b", "é", &long]
                .iter()
                .any(|it| is_tag(it))
        );
    }

    #[test]
    fn a_digest_is_whole_or_none() {
        let whole = format!("sha256:{}", "0a".repeat(32));
        let read = ImageDigest::parse(&whole).map(|it| it.to_string());
        assert_eq!(read, Some(whole.clone()));
        let others = [
            whole.to_uppercase(),
            whole.replace("0a", "0A"),
            whole.replace("256", "512"),
            format!("{whole}0"),
            "sha256:".to_owned(),
        ];
        assert!(others.iter().all(|it| ImageDigest::parse(it).is_none()));
        assert_eq!(image_tags("v1.0.0+b.1"), ["1.0.0_b.1", "v1.0.0_b.1"]);
    }

    proptest! {
        #[test]
        fn what_was_read_reads_back(text in "[a-zA-Z0-9._:/@\\[\\]-]{0,40}|\\PC{0,20}") {
            if let Ok(name) = ImageName::parse(&text) {
                let again = ImageName::parse(&name.to_string());
                prop_assert_eq!(again, Ok(name.clone()));
                prop_assert!(!name.path().contains(['?', '#', '%', ' ']));
            }
        }
    }
}
