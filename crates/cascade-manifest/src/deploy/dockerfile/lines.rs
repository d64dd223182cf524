//! The instructions of a Dockerfile: lines joined by escapes, without comments and the bodies of here
//! documents.

use std::collections::VecDeque;

use crate::deploy::Piece;

const BOM: char = '\u{feff}';

/// Returns the words of each instruction. One of which a word is broken over two lines is left out.
pub(super) fn instructions(text: &str) -> Vec<Vec<Piece<'_>>> {
    let mut reader = Reader::of(text);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        match body.strip_prefix(BOM).filter(|_| at == 0) {
            Some(body) => reader.line(body, BOM.len_utf8()),
            None => reader.line(body, at),
        }
        at += line.len();
    }
    reader.end();
    reader.done
}

struct Reader<'t> {
    escape: char,
    /// The words of the instruction that is not at its end.
    words: Vec<Piece<'t>>,
    /// Whether the line before ended inside a word.
    in_word: bool,
    is_broken: bool,
    /// The ends of the here documents that are still to come; whether tabs before them count.
    documents: VecDeque<(&'t str, bool)>,
    done: Vec<Vec<Piece<'t>>>,
}

impl<'t> Reader<'t> {
    fn of(text: &'t str) -> Self {
        Self {
            escape: escape_of(text),
            words: Vec::new(),
            in_word: false,
            is_broken: false,
            documents: VecDeque::new(),
            done: Vec::new(),
        }
    }

    fn line(&mut self, body: &'t str, at: usize) {
        if let Some((end, tabs)) = self.documents.front().copied() {
            let body = if tabs {
                body.trim_start_matches('\t')
            } else {
                body
            };
            if body == end {
                self.documents.pop_front();
            }
            return;
        }
        let bare = body.trim();
        if bare.is_empty() || bare.starts_with('#') {
            return;
        }
        let cut = body.trim_end().strip_suffix(self.escape);
        let said = cut.unwrap_or(body);
        self.is_broken |= self.in_word && !said.starts_with([' ', '\t']);
        self.words.extend(words(said, at));
        self.in_word = cut.is_some() && said.ends_with(|c: char| !c.is_whitespace());
        if cut.is_none() {
            self.end();
        }
    }

    /// Ends an instruction.
    fn end(&mut self) {
        let words = std::mem::take(&mut self.words);
        self.in_word = false;
        let name = words.first().map_or("", |it| it.text).to_ascii_uppercase();
        if matches!(name.as_str(), "RUN" | "COPY" | "ADD") {
            let mut in_quotes = false;
            let documents = words.iter().filter_map(|it| {
                let quotes = it.text.matches('"').count() + it.text.matches('\'').count();
                let was_in_quotes = in_quotes;
                in_quotes ^= quotes % 2 == 1;
                document(it.text).filter(|_| !was_in_quotes)
            });
            self.documents = documents.collect();
        }
        if !std::mem::take(&mut self.is_broken) && !words.is_empty() {
            self.done.push(words);
        }
    }
}

/// Returns the words of a line that begins at a byte.
fn words(line: &str, at: usize) -> impl Iterator<Item = Piece<'_>> {
    let mut start = at;
    let words = line.split([' ', '\t']).map(move |it| {
        let here = start;
        start += it.len() + 1;
        Piece::bare(it, here)
    });
    words.filter(|it| !it.text.is_empty())
}

/// Returns the end of the here document that a word begins, and whether tabs before it are left out:
/// `<<EOF`, `<<-"EOF"`.
fn document(word: &str) -> Option<(&str, bool)> {
    let body = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let body = body.strip_prefix("<<")?;
    let (tabs, body) = match body.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, body),
    };
    let quoted = |mark| body.strip_prefix(mark)?.strip_suffix(mark);
    let name = quoted('"').or_else(|| quoted('\'')).unwrap_or(body);
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (is_name && !name.contains('<')).then_some((name, tabs))
}

/// Returns the character that joins lines: another than `\` where the first comments say so.
fn escape_of(text: &str) -> char {
    let lines = text.trim_start_matches(BOM).lines();
    let comments = lines.map_while(|it| it.trim().strip_prefix('#'));
    let is_name = |it: &str| it.trim().bytes().all(|it| it.is_ascii_alphanumeric());
    let mut said = comments.map_while(|it| it.split_once('=').filter(|it| is_name(it.0)));
    let escape = said.find(|(name, _)| name.trim().eq_ignore_ascii_case("escape"));
    match escape.map(|it| it.1.trim()) {
        Some("`") => '`',
        _ => '\\',
    }
}
