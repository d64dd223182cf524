//! Who owns a file: `owners` of `workspace.toml`, else CODEOWNERS as GitHub and GitLab read it.

use globset::GlobMatcher;

use crate::{Audit, RepoDeclaration, TrackedFiles, path_pattern};

/// The owners of one repository's files.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// Those of every file, as declared.
    declared: Vec<String>,
    /// Rules in the order of the file: the last that matches holds.
    rules: Vec<Rule>,
}

/// One line of CODEOWNERS; without owners it frees what it matches of any.
#[derive(Debug)]
struct Rule {
    patterns: Vec<GlobMatcher>,
    owners: Vec<String>,
}

impl Owners {
    /// Returns the owners that are declared, and those of the first CODEOWNERS that a forge would read.
    pub(super) fn of(declared: Option<&RepoDeclaration>, audit: Option<&Audit>) -> Self {
        let files = audit.map(|it| &it.files);
        let places = TrackedFiles::TELLING.iter();
        let mut places = places.filter(|it| it.ends_with("CODEOWNERS"));
        let text = places.find_map(|it| files?.text(it));
        Self {
            declared: declared.map(|it| it.owners.clone()).unwrap_or_default(),
            rules: text.map(|it| rules(it)).unwrap_or_default(),
        }
    }

    /// Returns who owns a file; without one, who owns what no rule names by itself.
    pub(super) fn of_file(&self, path: Option<&str>) -> Vec<String> {
        if !self.declared.is_empty() {
            return self.declared.clone();
        }
        let path = path.unwrap_or(ANY);
        let matches = |it: &&Rule| it.patterns.iter().any(|it| it.is_match(path));
        let rule = self.rules.iter().rfind(matches);
        rule.map(|it| it.owners.clone()).unwrap_or_default()
    }
}

/// A file that only rules for all files match.
const ANY: &str = "\u{1}";

/// Returns the rules of a CODEOWNERS file; a line that is none is passed over, as forges do.
fn rules(text: &str) -> Vec<Rule> {
    let mut section = Vec::new();
    let mut rules = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(owners) = section_owners(line) {
            section = owners;
            continue;
        }
        let (pattern, owners) = split(line);
        let patterns = patterns(&pattern);
        let own = owners_of(owners);
        if !patterns.is_empty() {
            let owners = if own.is_empty() { section.clone() } else { own };
            rules.push(Rule { patterns, owners });
        }
    }
    rules
}

/// Returns the owners that a section of GitLab's (`[Docs][2] @team`, `^[Docs]`) gives to its lines
/// without any; `None` for a line that begins no section.
fn section_owners(line: &str) -> Option<Vec<String>> {
    let rest = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    let (_, rest) = rest.split_once(']')?;
    let rest = match rest.strip_prefix('[') {
        Some(count) => count.split_once(']')?.1,
        None => rest,
    };
    let ends = rest.is_empty() || rest.starts_with([' ', '\t']);
    ends.then(|| owners_of(rest))
}

/// Splits a line at its first blank that is not escaped.
fn split(line: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => pattern.extend(chars.next().map(|(_, c)| c)),
            ' ' | '\t' => return (pattern, line.get(at..).unwrap_or_default()),
            c => pattern.push(c),
        }
    }
    (pattern, "")
}

/// Returns the owners in the rest of a line, up to a comment.
fn owners_of(rest: &str) -> Vec<String> {
    let words = rest
        .split_whitespace()
        .take_while(|it| !it.starts_with('#'));
    words
        .filter(|it| it.contains('@'))
        .map(str::to_owned)
        .collect()
}

/// Returns what matches the files that a pattern means: one with a slash inside starts at the root,
/// one that ends in a slash or names a folder means all below it.
fn patterns(pattern: &str) -> Vec<GlobMatcher> {
    let anchored = pattern.trim_end_matches('/').contains('/');
    let inner = pattern.trim_matches('/');
    if inner.is_empty() {
        return Vec::new();
    }
    let path = if anchored {
        inner.to_owned()
    } else {
        format!("**/{inner}")
    };
    let below = format!("{path}/**");
    let folder = pattern.ends_with('/');
    let itself = (!folder).then(|| path_pattern(&path).ok()).flatten();
    // `docs/*` means the files in it, and not those in the folders below.
    let deep = folder || !inner.ends_with('*') || inner == "*";
    let below = deep.then(|| path_pattern(&below).ok()).flatten();
    itself.into_iter().chain(below).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn owners(text: &str, path: &str) -> String {
        let owners = Owners {
            declared: Vec::new(),
            rules: rules(text),
        };
        owners.of_file(Some(path)).join(" ")
    }

    #[test]
    fn the_last_line_that_matches_holds() {
        let text = "* @all\n/docs/ @docs # the writers\n*.rs @rust a@b.c\n/docs/free.md\n";
        assert_eq!(owners(text, "a/b.txt"), "@all");
        assert_eq!(owners(text, "docs/a/b.txt"), "@docs");
        assert_eq!(owners(text, "x/docs/b.txt"), "@all");
        assert_eq!(owners(text, "docs/a.rs"), "@rust a@b.c");
        assert_eq!(owners(text, "docs/free.md"), "");
    }

    #[test]
    fn a_pattern_means_what_forges_take_it_for() {
        for (pattern, path, meant) in [
            ("docs/*", "docs/a.md", true),
            ("docs/*", "docs/a/b.md", false),
            ("docs", "x/docs/a/b.md", true),
            ("apps/", "x/apps/b.md", true),
            ("/apps/", "x/apps/b.md", false),
            ("**/logs", "deep/logs/a", true),
            ("a\\ b.txt", "a b.txt", true),
            ("/", "a", false),
        ] {
            let got = owners(&format!("{pattern} @x"), path) == "@x";
            assert_eq!(got, meant, "{pattern} {path}");
        }
    }

    #[test]
    fn a_section_of_gitlab_owns_what_its_lines_leave_open() {
        let text = "* @all\n[Docs][2] @docs\n*.md\n*.txt @txt\n^[Odd]\nodd\n";
        assert_eq!(owners(text, "a.md"), "@docs");
        assert_eq!(owners(text, "a.txt"), "@txt");
        assert_eq!(owners(text, "odd"), "");
        assert_eq!(owners(text, "b"), "@all");
    }

    #[test]
    fn a_repository_belongs_to_the_owners_of_everything() {
        let owners = Owners {
            declared: Vec::new(),
            rules: rules("* @all\n*.toml @toml\n"),
        };
        assert_eq!(owners.of_file(None), ["@all"]);
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic(text in "[ -~\\n\\t\u{e4}]{0,200}", path in "[a-z/.]{0,20}") {
            let _ = owners(&text, &path);
        }
    }
}
