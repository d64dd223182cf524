//! `setup.py`: a program. What it says literally is found and shown, and never edited.

use std::ops::Range;

use super::pep508;
use super::pins::{Pins, Site};
use crate::{Form, Format, Kind, Manifest, Package, Publish, ReadError, VersionField};

/// `setup.py`.
pub(super) struct SetupPy;

/// The arguments that are lists of requirements.
const LISTS: &[(&str, &str, Kind)] = &[
    ("install_requires", "setup.install_requires", Kind::Runtime),
    ("setup_requires", "setup.setup_requires", Kind::Build),
    ("tests_require", "setup.tests_require", Kind::Dev),
];

impl Format for SetupPy {
    fn name(&self) -> &'static str {
        "setup.py"
    }

    fn reads(&self, file_name: &str) -> bool {
        file_name == "setup.py"
    }

    fn parse(&self, text: &str) -> Result<Manifest, ReadError> {
        let tokens = tokens(text);
        let mut pins = Pins::default();
        for (argument, section, kind) in LISTS {
            let site = Site {
                section,
                kind: *kind,
            };
            for string in list(text, &tokens, argument) {
                if let Some(mut pin) = pep508::pin(string.said, string.at, site) {
                    pin.span = None;
                    pin.form = Form::Opaque;
                    pins.push(string.at, pin);
                }
            }
        }
        let package = one(text, &tokens, "name").map(|name| Package {
            name: name.to_owned(),
            version: one(text, &tokens, "version").map_or(VersionField::Unknown, |it| {
                VersionField::Program(it.to_owned())
            }),
            publish: Publish::Yes,
        });
        Ok(Manifest {
            package,
            pins: pins.in_order(text),
            ..Manifest::default()
        })
    }
}

/// A piece of the program, as far as it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(Range<usize>),
    /// A plain string; its bytes without quotes.
    Text(Range<usize>),
    /// A string that is not what it says: a prefix, escapes, three quotes.
    Other,
    Mark(char),
}

/// A string of a list, at its place.
struct Literal<'t> {
    said: &'t str,
    at: usize,
}

/// Returns the pieces of the program; comments are none.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|it| it.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let length = match c {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => {
                let prefixed = matches!(tokens.last(), Some(Token::Word(it)) if it.end == at);
                let (length, inside) = string(rest, c);
                if prefixed {
                    tokens.pop();
                }
                tokens.push(match inside.filter(|_| !prefixed) {
                    Some(inside) => Token::Text(at + inside.start..at + inside.end),
                    None => Token::Other,
                });
                length
            }
            c if c.is_alphanumeric() || c == '_' => {
                let is_word = |c: char| c.is_alphanumeric() || c == '_';
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                tokens.push(Token::Word(at..at + length));
                length
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push(Token::Mark(c));
                }
                c.len_utf8()
            }
        };
        at += length;
    }
    tokens
}

/// Returns how long the string is that the text begins with, and what it says where that is plain.
fn string(text: &str, quote: char) -> (usize, Option<Range<usize>>) {
    let three: String = [quote; 3].iter().collect();
    if text.starts_with(&three) {
        let end = text.get(3..).and_then(|it| it.find(&three));
        return (end.map_or(text.len(), |it| it + 6), None);
    }
    let mut is_plain = true;
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => {
                is_plain = false;
                is_escaped = true;
            }
            '\n' => return (at, None),
            c if c == quote => return (at + 1, is_plain.then_some(1..at)),
            _ => {}
        }
    }
    (text.len(), None)
}

/// Returns what follows `argument =`, where that stands once.
fn behind<'k>(text: &str, tokens: &'k [Token], argument: &str) -> Option<&'k [Token]> {
    let mut found = tokens
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| match pair {
            [Token::Word(word), Token::Mark('=')] => text.get(word.clone()) == Some(argument),
            _ => false,
        });
    let (at, _) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    tokens.get(at + 2..)
}

/// Returns the one string that an argument is.
fn one<'t>(text: &'t str, tokens: &[Token], argument: &str) -> Option<&'t str> {
    match behind(text, tokens, argument)? {
        [Token::Text(span), Token::Mark(',' | ')'), ..] => text.get(span.clone()),
        _ => None,
    }
}

/// Returns the strings of the list that an argument is; those between other things are left out.
fn list<'t>(text: &'t str, tokens: &[Token], argument: &str) -> Vec<Literal<'t>> {
    let Some([Token::Mark('[' | '('), inside @ ..]) = behind(text, tokens, argument) else {
        return Vec::new();
    };
    let inside = inside
        .iter()
        .take_while(|it| !matches!(it, Token::Mark(']' | ')')));
    let literal = |it: &Token| match it {
        Token::Text(span) => Some(Literal {
            said: text.get(span.clone())?,
            at: span.start,
        }),
        _ => None,
    };
    inside.filter_map(literal).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: &str = r#"
"""version = "9", install_requires=["x==1"]"""
from setuptools import setup  # name="no"
setup(
    name='Flask-Caching', version = "1.2.3",
    install_requires=[
        "Jinja2>=3.1,<4",  # "click==1"
        'click==8.1.3 ; python_version >= "3.8"', f"no=={x}", "\x61==2",
    ],
    extras_require={"a": ["b==1"]},
)
"#;

    #[test]
    fn what_is_literal_is_shown_and_never_edited() {
        let manifest = SetupPy.read(SAMPLE).unwrap();
        let rows: Vec<_> = manifest
            .pins
            .iter()
            .map(|it| {
                (
                    it.name.as_str(),
                    it.requirement.as_str(),
                    it.line,
                    &it.span,
                    &it.form,
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("Jinja2", ">=3.1,<4", 7, &None, &Form::Opaque),
                ("click", "==8.1.3", 8, &None, &Form::Opaque),
            ]
        );
        let package = manifest.package.unwrap();
        assert_eq!(package.name, "Flask-Caching");
        assert_eq!(package.version, VersionField::Program("1.2.3".to_owned()));
    }

    #[test]
    fn what_is_computed_is_not_known() {
        for text in [
            "setup(name=NAME)",
            "setup(name='a' + 'b')",
            "setup(name='a'); setup(name='b')",
            "setup(name=f'a')",
            "# setup(name='a')",
            "setup(name='a",
        ] {
            assert_eq!(SetupPy.read(text).unwrap().package, None, "{text}");
        }
        let computed = SetupPy.read("setup(name='a', version=get())").unwrap();
        assert_eq!(computed.package.unwrap().version, VersionField::Unknown);
    }

    proptest! {
        #[test]
        fn any_program_is_read(text in "(install_requires=\\[|name=|[a-z\"'\\\\\\[\\](),=# \né]){0,60}") {
            let manifest = SetupPy.read(&text).unwrap();
            prop_assert!(manifest.pins.iter().all(|it| it.span.is_none()));
        }
    }
}
