//! Which branches, tags and files start a workflow.

use regex::{Regex, RegexBuilder};

/// The longest pattern that is judged; a longer one admits nothing.
const LONGEST: usize = 1 << 10;
/// Bytes that a compiled pattern may take.
const SIZE: usize = 1 << 18;

/// Which names start a workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Filter {
    /// Nothing is said.
    #[default]
    Any,
    /// Those that a pattern fits; one with `!` takes some out again, the last that fits decides.
    Only(Vec<String>),
    /// All but those that a pattern fits.
    But(Vec<String>),
}

impl Filter {
    /// Returns whether a name starts it.
    pub fn admits(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::But(patterns) => !patterns.iter().any(|it| fits(it, name)),
            Self::Only(patterns) => patterns
                .iter()
                .fold(false, |admitted, pattern| match pattern.strip_prefix('!') {
                    Some(rest) => admitted && !fits(rest, name),
                    None => admitted || fits(pattern, name),
                }),
        }
    }

    /// Returns the patterns as they are written.
    pub fn patterns(&self) -> &[String] {
        match self {
            Self::Any => &[],
            Self::Only(patterns) | Self::But(patterns) => patterns,
        }
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    regex(pattern).is_some_and(|it| it.is_match(name))
}

/// Returns a pattern as an expression: `*` any text without `/`, `**` any text, `?` and `+` how often
/// the character before stands there, `[]` one of some characters, `\` what follows as it is.
fn regex(pattern: &str) -> Option<Regex> {
    if pattern.len() > LONGEST {
        return None;
    }
    let mut out = String::from("^");
    let mut chars = pattern.chars().peekable();
    while let Some(it) = chars.next() {
        match it {
            '*' if chars.next_if_eq(&'*').is_some() => out.push_str(".*"),
            '*' => out.push_str("[^/]*"),
            '?' | '+' if out.len() > 1 => out.push(it),
            '[' => {
                let class: String = chars.by_ref().take_while(|it| *it != ']').collect();
                out.push_str(&class_of(&class));
            }
            '\\' => {
                let next = chars.next().unwrap_or('\\');
                out.push_str(&regex::escape(next.encode_utf8(&mut [0; 4])));
            }
            it => out.push_str(&regex::escape(it.encode_utf8(&mut [0; 4]))),
        }
    }
    out.push('$');
    RegexBuilder::new(&out)
        .size_limit(SIZE)
        .dfa_size_limit(SIZE)
        .build()
        .ok()
}

/// Returns a class of characters: letters, digits and ranges; nothing in it means anything else.
fn class_of(class: &str) -> String {
    let mut out = String::from("[");
    for it in class.chars() {
        if !(it.is_alphanumeric() || it == '-') {
            out.push('\\');
        }
        out.push(it);
    }
    out + "]"
}
