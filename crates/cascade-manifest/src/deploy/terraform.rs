//! Terraform, OpenTofu and Terragrunt: where modules come from.

mod tokens;

use self::tokens::{Token, tokens};
use super::{Draft, Found, Piece, address, file_name};
use crate::Kind;

pub(super) fn is_at(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|it| it.1);
    matches!(ending, Some("tf" | "tofu")) || file_name(path) == "terragrunt.hcl"
}

pub(super) fn read(text: &str, found: &mut Found<'_>) {
    let mut scan = Scan::default();
    for token in tokens(text) {
        if let Some(module) = scan.next(token) {
            found.below("module", |found| module.add(found));
        }
    }
}

/// What a module block says, or the block of Terragrunt that names the one module of its folder.
#[derive(Default)]
struct Module<'t> {
    source: Option<Piece<'t>>,
    version: Option<Piece<'t>>,
}

/// Where the reading of blocks stands.
#[derive(Default)]
struct Scan<'t> {
    depth: usize,
    /// The first word of the line or block.
    head: Option<&'t str>,
    /// Whether `=` stands behind that word, and nothing between them.
    assigned: bool,
    module: Option<Module<'t>>,
}

impl<'t> Scan<'t> {
    /// Takes a token; returns the module whose block it ends.
    fn next(&mut self, token: Token<'t>) -> Option<Module<'t>> {
        match token {
            Token::Word(word) if self.head.is_none() => self.head = Some(word),
            Token::Text(text) if self.assigned => self.value(text),
            Token::Text(_) if self.depth == 0 => {}
            Token::Mark('=') => {
                self.assigned = true;
                return None;
            }
            Token::Mark('{' | '[' | '(') => self.open(),
            Token::Mark('}' | ']' | ')') => return self.close(),
            Token::LineEnd => self.head = None,
            Token::Word(_) | Token::Text(_) | Token::Mark(_) => {}
        }
        self.assigned = false;
        None
    }

    fn open(&mut self) {
        if self.depth == 0 && matches!(self.head, Some("module" | "terraform")) {
            self.module = Some(Module::default());
        }
        self.depth += 1;
        self.head = None;
    }

    fn close(&mut self) -> Option<Module<'t>> {
        self.depth = self.depth.saturating_sub(1);
        self.assigned = false;
        self.head = None;
        if self.depth == 0 {
            self.module.take()
        } else {
            None
        }
    }

    fn value(&mut self, text: Piece<'t>) {
        let Some(module) = self.module.as_mut().filter(|_| self.depth == 1) else {
            return;
        };
        match self.head {
            Some("source") => module.source = Some(text),
            Some("version") => module.version = Some(text),
            _ => {}
        }
    }
}

impl Module<'_> {
    /// Adds the module, if it comes from another repository or a registry.
    fn add(self, found: &mut Found<'_>) {
        let Some(source) = self.source else { return };
        let is_beside = source.text.starts_with("./") || source.text.starts_with("../");
        if is_beside {
            return;
        }
        if address::is_remote(source.text) {
            let wanted = address::wanted(&source);
            return found.add(Draft::git(Kind::Module, &source, wanted));
        }
        let name = source.text.split("//").next().unwrap_or_default();
        let parts = name.split('/').count();
        if matches!(parts, 3 | 4) && !name.contains(':') {
            found.add(Draft {
                version: self.version,
                ..Draft::of(Kind::Module, name.to_owned(), source.at)
            });
        }
    }
}
