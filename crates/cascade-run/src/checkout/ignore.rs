//! A plain root `.gitignore`: enough to know most ignored names without asking libgit2.
//!
//! A pattern that is not understood here is passed over, which only leads to more questions; a file
//! with a negation is not understood at all.

use std::path::Path;

use super::disk::{self, Links, Unread};

/// The patterns that were understood.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    /// Its components; one without a slash matches at any depth.
    parts: Vec<Vec<u8>>,
    anchored: bool,
    folders_only: bool,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Is {
    /// A folder.
    Folder,
    /// Anything else.
    File,
}

impl Ignore {
    /// Returns the patterns of the file at the root of a working tree; none where it is missing,
    /// a link, or not plain.
    pub(crate) fn at(work: &Path) -> Self {
        match disk::read(&work.join(".gitignore"), 256 << 10, Links::Refuse) {
            Ok((bytes, _)) => Self::parse(&bytes),
            Err(Unread::Missing | _) => Self::default(),
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> Self {
        let lines = || bytes.split(|&b| b == b'\n');
        if lines().any(|line| line.starts_with(b"!")) {
            return Self::default();
        }
        Self {
            patterns: lines().filter_map(Pattern::parse).collect(),
        }
    }

    /// Returns whether the path (with `/`, from the root) is ignored for certain.
    pub(crate) fn covers(&self, path: &[u8], is: Is) -> bool {
        self.patterns.iter().any(|it| it.covers(path, is))
    }
}

impl Pattern {
    fn parse(line: &[u8]) -> Option<Self> {
        let odd = |b: &u8| matches!(b, b'\\' | b'[' | b'\r') || b.is_ascii_control();
        let line = line.trim_ascii_end();
        if line.is_empty() || line.starts_with(b"#") || line.iter().any(odd) {
            return None;
        }
        let body = line.strip_suffix(b"/").unwrap_or(line);
        let folders_only = body.len() < line.len();
        let (rooted, body) = match body.strip_prefix(b"/") {
            Some(rest) => (true, rest),
            None => (false, body.strip_prefix(b"**/").unwrap_or(body)),
        };
        let parts: Vec<_> = body.split(|&b| b == b'/').map(<[u8]>::to_vec).collect();
        let understood = |part: &Vec<u8>| !part.is_empty() && !part.windows(2).any(|w| w == b"**");
        // `**/a/b` matches at any depth, which is not the anchoring of `a/b`.
        let any_depth = line.starts_with(b"**/") && parts.len() > 1;
        (parts.iter().all(understood) && !any_depth).then_some(Self {
            anchored: rooted || parts.len() > 1,
            parts,
            folders_only,
        })
    }

    fn covers(&self, path: &[u8], is: Is) -> bool {
        if self.folders_only && is == Is::File {
            return false;
        }
        let mut names = path.split(|&b| b == b'/');
        if !self.anchored {
            let name = names.next_back().unwrap_or_default();
            return self.parts.iter().all(|part| matches(part, name));
        }
        let mut parts = self.parts.iter();
        names.all(|name| parts.next().is_some_and(|part| matches(part, name)))
            && parts.next().is_none()
    }
}

/// Matches one component against a pattern of plain bytes, `*` and `?`, in time linear in both
/// lengths' product.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match (pattern.get(p), name.get(n)) {
            (Some(b'*'), _) => {
                star = Some((p + 1, n));
                p += 1;
            }
            (Some(b'?'), Some(_)) => (p, n) = (p + 1, n + 1),
            (Some(a), Some(b)) if a == b => (p, n) = (p + 1, n + 1),
            _ => match &mut star {
                Some((after, from)) => {
                    *from += 1;
                    (p, n) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|&b| b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_plain_patterns_and_no_others() {
        let ignore = Ignore::parse(
            b"# all\n*.log\nbuild/\n/dist\na/b*\n**/deep\n[x]y\n\\#z\n**/p/q\nr/**\ntrail  \n",
        );
        let file = |path: &str| ignore.covers(path.as_bytes(), Is::File);
        let folder = |path: &str| ignore.covers(path.as_bytes(), Is::Folder);
        assert!(file("x.log") && file("a/x.log") && folder("x.log"));
        assert!(folder("build") && folder("a/build") && !file("build"));
        assert!(file("dist") && !file("a/dist"));
        assert!(file("a/bcd") && !file("a/x/b") && !file("c/a/b"));
        assert!(file("deep") && file("a/deep") && file("trail"));
        assert!(!file("xy") && !file("#z") && !file("p/q") && !file("r/s"));
        assert!(!Ignore::parse(b"*.log\n!x.log\n").covers(b"y.log", Is::File));
    }
}
