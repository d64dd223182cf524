//! References to images: `registry.example/acme/api:v1.4.2@sha256:...`.

use super::{LONGEST, Piece};

/// A reference to an image, taken apart.
#[derive(Debug, Clone)]
pub(super) struct Image<'a> {
    /// The repository.
    pub(super) name: &'a str,
    /// The tag.
    pub(super) tag: Option<Piece<'a>>,
    /// The digest.
    pub(super) digest: Option<Piece<'a>>,
}

/// Returns the name of an image's repository, as registries know it: `redis` is
/// `docker.io/library/redis`. A host is the same in any case.
pub fn image_name(name: &str) -> String {
    let is_host = |it: &str| it.contains(['.', ':']) || it.eq_ignore_ascii_case("localhost");
    let host = name.split_once('/').filter(|it| is_host(it.0));
    let (host, name) = match host.map(|(host, path)| (host.to_ascii_lowercase(), path)) {
        Some((host, path)) if matches!(host.as_str(), "docker.io" | "index.docker.io") => {
            (None, path)
        }
        Some((host, path)) => (Some(host), path),
        None => (None, name),
    };
    match name.split_once('/') {
        _ if let Some(host) = host => format!("{host}/{name}"),
        Some(_) => format!("docker.io/{name}"),
        None if name.is_empty() => String::new(),
        None => format!("docker.io/library/{name}"),
    }
}

impl<'a> Image<'a> {
    /// Returns the image that a text refers to; `None` where it refers to none.
    pub(super) fn of(piece: &Piece<'a>) -> Option<Self> {
        let text = piece.text;
        let is_long = text.len() > LONGEST;
        if text.is_empty() || is_long || text.contains(char::is_whitespace) {
            return None;
        }
        let marks = Marks::of(text);
        let end = marks.digest.unwrap_or(text.len());
        let behind = |at: Option<usize>, end| at.and_then(|at| piece.part(at + 1..end));
        let name = text.get(..marks.tag.unwrap_or(end))?;
        (!name.is_empty()).then(|| Self {
            name,
            tag: behind(marks.tag, end),
            digest: behind(marks.digest, text.len()),
        })
    }
}

/// Where the parts of a reference begin; what stands in braces is none of its marks.
#[derive(Default)]
struct Marks {
    tag: Option<usize>,
    digest: Option<usize>,
}

impl Marks {
    fn of(text: &str) -> Self {
        let mut found = Self::default();
        let mut depth = 0_usize;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                b'@' => {
                    found.digest = Some(at);
                    break;
                }
                b':' => found.tag = Some(at),
                b'/' => found.tag = None,
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_one_in_any_case_and_a_path_is_not() {
        for (text, name) in [
            ("Registry.Example/acme/api", "registry.example/acme/api"),
            ("Registry:5000/acme/api", "registry:5000/acme/api"),
            ("LOCALHOST/api", "localhost/api"),
            ("Docker.io/acme/api", "docker.io/acme/api"),
            ("Acme/api", "docker.io/Acme/api"),
            ("registry.example/Acme/api", "registry.example/Acme/api"),
            ("redis", "docker.io/library/redis"),
            ("", ""),
        ] {
            assert_eq!(image_name(text), name);
            assert_eq!(image_name(name), name, "twice is once");
        }
    }
}
