//! HCL, as far as the strings of its blocks are concerned: what Terraform and Packer are written in.

mod tokens;

use self::tokens::{Token, tokens};
use super::Piece;

/// A string that a text assigns, outside of all blocks or in one that stands in none.
#[derive(Debug)]
pub(super) struct Value<'t> {
    /// The block: no word for what stands outside of all.
    pub(super) block: Block<'t>,
    /// What it is assigned to.
    pub(super) name: &'t str,
    /// What it says.
    pub(super) text: Piece<'t>,
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

impl<'t> Value<'t> {
    /// Returns the name of the variable or local value that it is of.
    pub(super) fn variable(&self) -> Option<&'t str> {
        match (self.block.word, self.name) {
            ("variable", "default") => Some(self.block.label),
            ("" | "locals", name) => Some(name),
            _ => None,
        }
    }
}

/// Returns the strings that a text assigns; none with a template or an escape in it, and none that is
/// a part of an expression.
pub(super) fn values(text: &str) -> Vec<Value<'_>> {
    let mut scan = Scan::default();
    let mut values: Vec<_> = tokens(text).filter_map(|it| scan.next(it)).collect();
    values.extend(scan.whole.take());
    values
}

/// Where the reading of blocks stands.
#[derive(Default)]
struct Scan<'t> {
    depth: usize,
    /// How many blocks began.
    count: usize,
    /// The first word of the line or block.
    head: Option<&'t str>,
    /// The first string behind that word.
    label: &'t str,
    /// Whether `=` stands behind that word, and nothing between them.
    assigned: bool,
    block: Block<'t>,
    /// What is a value if its line ends here.
    whole: Option<Value<'t>>,
}

impl<'t> Scan<'t> {
    /// Takes a token; returns the value that it ends.
    fn next(&mut self, token: Token<'t>) -> Option<Value<'t>> {
        let ends = matches!(token, Token::LineEnd | Token::Mark('}'));
        let whole = self.whole.take().filter(|_| ends);
        let was_assigned = std::mem::take(&mut self.assigned);
        match token {
            Token::Word(word) if self.head.is_none() => self.head = Some(word),
            Token::Text(text) if was_assigned => self.assign(text),
            Token::Text(text) if self.label.is_empty() => self.label = text.text,
            Token::Mark('=') => self.assigned = true,
            Token::Mark('{' | '[' | '(') => self.open(),
            Token::Mark('}' | ']' | ')') => self.close(),
            Token::LineEnd => self.rest(),
            Token::Word(_) | Token::Text(_) | Token::Mark(_) => {}
        }
        whole
    }

    fn assign(&mut self, text: Piece<'t>) {
        let is_near = self.depth <= 1 && !text.text.is_empty();
        self.whole = self.head.filter(|_| is_near).map(|name| Value {
            block: self.block,
            name,
            text,
        });
    }

    fn open(&mut self) {
        if self.depth == 0 {
            self.count += 1;
            self.block = Block {
                word: self.head.unwrap_or_default(),
                label: self.label,
                nth: self.count,
            };
        }
        self.depth += 1;
        self.rest();
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            self.block = Block::default();
        }
        self.rest();
    }

    fn rest(&mut self) {
        self.head = None;
        self.label = "";
    }
}
