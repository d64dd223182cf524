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
/// `docker.io/library/redis`.
pub fn image_name(name: &str) -> String {
    let name = name.strip_prefix("index.docker.io/").unwrap_or(name);
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let is_host = |it: &str| it.contains(['.', ':']) || it == "localhost";
    match name.split_once('/') {
        Some((first, _)) if is_host(first) => name.to_owned(),
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
