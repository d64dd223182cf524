//! Which tag of a commit `git describe` names.

use regex::RegexBuilder;

use super::{Built, TagAt};
use crate::toml::Node;

/// A command `git describe`, as far as it decides about a tagged commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// Whether the project wrote it.
    written: bool,
    /// Whether it leaves lightweight tags out.
    annotated_only: bool,
    /// Globs of which a tag fits one; any tag does where there are none.
    matches: Vec<String>,
    /// Globs of which a tag fits none.
    excludes: Vec<String>,
    /// Whether the default one asks for a dot between numbers.
    pub(super) strict: bool,
}

impl Command {
    /// Returns the command that a setting writes, as a string or a list; `None` where it is neither.
    pub(super) fn read(value: Node<'_>) -> Option<Result<Self, Built>> {
        let words = match value.string() {
            Some(text) => match words(text.value) {
                Some(words) => words,
                None => return Some(Err(odd("a `git describe` command with odd quotes"))),
            },
            None if value.is_array() => {
                let items = value.items().into_iter();
                items
                    .map(|it| Some(it.string()?.value.to_owned()))
                    .collect::<Option<_>>()?
            }
            None => return None,
        };
        Some(Self::of(&words))
    }

    fn of(words: &[String]) -> Result<Self, Built> {
        let mut words = words.iter().map(String::as_str);
        if (words.next(), words.next()) != (Some("git"), Some("describe")) {
            return Err(odd("a program of its own in the place of `git describe`"));
        }
        let mut command = Self {
            written: true,
            annotated_only: true,
            ..Self::default()
        };
        while let Some(word) = words.next() {
            let (name, mut value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            match name {
                "--tags" => command.annotated_only = false,
                "--match" | "--exclude" => {
                    let glob = value.take().or_else(|| words.next());
                    let glob = glob.ok_or_else(|| odd("a `git describe` without its glob"))?;
                    let globs = match name {
                        "--match" => &mut command.matches,
                        _ => &mut command.excludes,
                    };
                    globs.push(glob.to_owned());
                }
                "--dirty" | "--long" | "--abbrev" | "--first-parent" | "--always"
                | "--candidates" | "--exact-match" | "--broken" => {}
                other => return Err(odd(&format!("the option `{other}` of `git describe`"))),
            }
        }
        Ok(command)
    }

    /// Fills in what setuptools-scm asks by itself: `*[0-9]*` behind the prefix.
    pub(super) fn finish(&mut self, prefix: &str) {
        if !self.written {
            let glob = if self.strict {
                "*[0-9]*.*[0-9]*"
            } else {
                "*[0-9]*"
            };
            self.matches = vec![format!("{prefix}{glob}")];
        }
    }

    fn takes(&self, tag: &TagAt<'_>) -> Result<bool, Built> {
        let fits = |globs: &[String]| -> Result<bool, Built> {
            for glob in globs {
                if is_match(glob, tag.name)? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let left_out = self.annotated_only && tag.made.is_none();
        let wanted = self.matches.is_empty() || fits(&self.matches)?;
        Ok(!left_out && wanted && !fits(&self.excludes)?)
    }

    fn told(&self) -> String {
        let globs: Vec<_> = self
            .matches
            .iter()
            .map(|it| format!(" --match {it}"))
            .collect();
        let tags = if self.annotated_only { "" } else { " --tags" };
        format!("git describe{tags}{}", globs.concat())
    }
}

fn odd(what: &str) -> Built {
    Built::Unjudged(format!("has {what}, which is not simulated"))
}

/// Returns the tag that the command names: the newest annotated one, else the first lightweight one.
pub(super) fn describe<'t>(command: &Command, tags: &[TagAt<'t>]) -> Result<&'t str, Built> {
    let mut taken = Vec::new();
    for tag in tags {
        if command.takes(tag)? {
            taken.push(tag);
        }
    }
    taken.sort_by_key(|it| it.name);
    let mut chosen: Option<&TagAt<'_>> = None;
    for tag in taken {
        // An annotated one is above any other, and of several the newest; at one date the first stays.
        if chosen.is_none_or(|it| tag.made > it.made) {
            chosen = Some(tag);
        }
    }
    chosen.map(|it| it.name).ok_or_else(|| {
        let command = command.told();
        Built::Otherwise(format!(
            "takes no tag of this commit (`{command}`), and builds a development version"
        ))
    })
}

/// Returns whether a glob of git fits a whole name; its `*` takes a `/` too.
fn is_match(glob: &str, name: &str) -> Result<bool, Built> {
    let regex = translated(glob).and_then(|it| {
        let mut regex = RegexBuilder::new(&it);
        regex.size_limit(1 << 20).dot_matches_new_line(true);
        regex.build().ok()
    });
    match regex {
        Some(regex) => Ok(regex.is_match(name)),
        None => Err(odd(&format!("the glob `{glob}`"))),
    }
}

/// Returns a glob as a regular expression; `None` where it has a form that is not simulated.
fn translated(glob: &str) -> Option<String> {
    let mut regex = String::from(r"\A(?:");
    let mut rest = glob.chars();
    while let Some(c) = rest.next() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '\\' => regex.push_str(&regex::escape(&rest.next()?.to_string())),
            '[' => {
                let (inner, behind) = rest.as_str().split_once(']')?;
                let negated = inner.strip_prefix(['!', '^']);
                let set = negated.unwrap_or(inner);
                let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
                if set.is_empty() || !set.chars().all(plain) {
                    return None;
                }
                let not = if negated.is_some() { "^" } else { "" };
                regex.extend(["[", not, set, "]"]);
                rest = behind.chars();
            }
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex.push_str(r")\z");
    Some(regex)
}

/// Splits a command as a POSIX shell would; `None` where a quote does not end.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let (quoted, behind) = rest.as_str().split_once('\'')?;
                word.get_or_insert_default().push_str(quoted);
                rest = behind.chars();
            }
            '"' => {
                let (quoted, behind) = rest.as_str().split_once('"')?;
                if quoted.contains('\\') {
                    return None;
                }
                word.get_or_insert_default().push_str(quoted);
                rest = behind.chars();
            }
            '\\' => word.get_or_insert_default().push(rest.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}
