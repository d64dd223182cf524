//! HCL, as far as the strings of its blocks are concerned: what Terraform and Packer are written in.

mod expand;
mod tokens;

use std::collections::BTreeMap;

use self::tokens::{Token, tokens};
use super::{Found, Piece};

pub(super) use self::expand::{Space, Variables};

/// A string of a text.
#[derive(Debug)]
pub(super) struct Value<'t> {
    /// The block: no word for what stands outside of all.
    pub(super) block: Block<'t>,
    /// What it is assigned to; nothing where it is a part of an expression.
    pub(super) name: &'t str,
    /// What it says, as written.
    pub(super) text: Piece<'t>,
    /// Where it stands in its block.
    pub(super) place: Place<'t>,
    /// Whether it is all that is assigned.
    is_whole: bool,
}

/// A block: `source "docker" "base" {`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Block<'t> {
    /// Its first word.
    pub(super) word: &'t str,
    /// Its first label.
    pub(super) label: &'t str,
    /// Which of the text it is.
    pub(super) nth: usize,
}

/// A place within brackets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place<'t> {
    /// How many brackets are open.
    depth: usize,
    /// The word before the innermost that has one.
    pub(super) within: &'t str,
    /// Which brackets of the text are the innermost.
    pub(super) nth: usize,
}

impl<'t> Value<'t> {
    /// Returns the name of the variable or local value that it is of.
    pub(super) fn variable(&self) -> Option<&'t str> {
        if self.place.depth > 1 || !self.is_whole {
            return None;
        }
        match (self.block.word, self.name) {
            ("variable", "default") => Some(self.block.label),
            ("" | "locals", name) => Some(name),
            _ => None,
        }
    }

    /// Returns whether it is assigned as it is, in no more than one block.
    pub(super) fn is_plain(&self) -> bool {
        let is_template = self.text.text.contains("${") || self.text.text.contains("%{");
        self.is_whole && self.place.depth <= 1 && !is_template
    }
}

/// Returns every string of a text without escapes.
pub(super) fn strings(text: &str) -> Vec<Value<'_>> {
    let mut scan = Scan::default();
    let mut values: Vec<_> = tokens(text).filter_map(|it| scan.next(it)).collect();
    values.extend(scan.end());
    values.retain(|it| !it.text.text.is_empty());
    values
}

/// Returns the strings that a text assigns outside of all blocks or in one that stands in none; none
/// with a template or an escape in it, and none that is a part of an expression.
pub(super) fn values(text: &str) -> Vec<Value<'_>> {
    let mut values = strings(text);
    values.retain(Value::is_plain);
    values
}

/// Adds each string that is a whole image, wherever it stands, with what its variables say.
pub(super) fn images<'t>(values: &[Value<'t>], variables: &Variables<'t>, found: &mut Found<'_>) {
    for it in values {
        if let Some(draft) = variables.expanded(&it.text).whole_image() {
            let section = it.variable().unwrap_or(it.block.word);
            found.below(section, |found| found.add(draft));
        }
    }
}

/// Where the reading of blocks stands.
#[derive(Default)]
struct Scan<'t> {
    /// The open brackets.
    open: Vec<Place<'t>>,
    /// How many began.
    count: usize,
    /// The first word of the line or block.
    head: Option<&'t str>,
    /// The first string behind that word.
    label: &'t str,
    /// Whether `=` stands behind that word, and nothing between them.
    assigned: bool,
    block: Block<'t>,
    /// The string before, and whether it is a value if its line ends here.
    last: Option<Value<'t>>,
}

impl<'t> Scan<'t> {
    /// Takes a token; returns the string before it.
    fn next(&mut self, token: Token<'t>) -> Option<Value<'t>> {
        let ends = matches!(token, Token::LineEnd | Token::Mark('}' | ','));
        let last = self.last.take().map(|it| Value {
            is_whole: it.is_whole && ends,
            ..it
        });
        let was_assigned = std::mem::take(&mut self.assigned);
        match token {
            Token::Word(word) if self.head.is_none() => self.head = Some(word),
            Token::Text(text) => self.text(text, was_assigned),
            Token::Mark('=') => self.assigned = true,
            Token::Mark('{' | '[' | '(') => self.open(),
            Token::Mark('}' | ']' | ')') => self.close(),
            Token::LineEnd | Token::Mark(',') => self.rest(),
            Token::Word(_) | Token::Mark(_) => {}
        }
        last
    }

    /// Returns the string that the text ends with.
    fn end(&mut self) -> Option<Value<'t>> {
        self.next(Token::LineEnd)
    }

    fn text(&mut self, text: Piece<'t>, was_assigned: bool) {
        if !was_assigned && self.label.is_empty() {
            self.label = text.text;
        }
        self.last = Some(Value {
            block: self.block,
            name: self.head.filter(|_| was_assigned).unwrap_or_default(),
            text,
            place: self.open.last().copied().unwrap_or_default(),
            is_whole: was_assigned && self.head.is_some(),
        });
    }

    fn open(&mut self) {
        self.count += 1;
        if self.open.is_empty() {
            self.block = Block {
                word: self.head.unwrap_or_default(),
                label: self.label,
                nth: self.count,
            };
        }
        let around = self.open.last().copied().unwrap_or_default();
        self.open.push(Place {
            depth: around.depth + 1,
            within: self.head.unwrap_or(around.within),
            nth: self.count,
        });
        self.rest();
    }

    fn close(&mut self) {
        self.open.pop();
        if self.open.is_empty() {
            self.block = Block::default();
        }
        self.rest();
    }

    fn rest(&mut self) {
        self.head = None;
        self.label = "";
    }
}

/// What is assigned within the same brackets, by name.
pub(super) type Row<'t> = BTreeMap<&'t str, Piece<'t>>;

/// Returns what is assigned within each of the brackets of one block, with the word before them.
pub(super) fn rows<'t>(values: &[Value<'t>]) -> impl Iterator<Item = (&'t str, Row<'t>)> {
    let mut rows: BTreeMap<usize, (&str, Row<'_>)> = BTreeMap::new();
    for it in values.iter().filter(|it| it.is_whole) {
        let row = rows.entry(it.place.nth).or_default();
        row.0 = it.place.within;
        row.1.insert(it.name, it.text.clone());
    }
    rows.into_values()
}
