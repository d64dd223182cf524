//! The tokens of HCL, as far as blocks and their plain strings are concerned.

use crate::deploy::Piece;

/// A token.
#[derive(Debug)]
pub(super) enum Token<'t> {
    /// A name.
    Word(&'t str),
    /// A string as written, perhaps a template; of one with escapes, nothing.
    Text(Piece<'t>),
    /// A character that is neither.
    Mark(char),
    /// The end of a line.
    LineEnd,
}

/// Returns the tokens of a text, comments left out. A string that does not end on its line is left out.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..).filter(|it| !it.is_empty())?;
            let (token, length) = first(rest, at);
            at += length.max(1);
            if token.is_some() {
                return token;
            }
        }
    })
}

/// Returns the token that a text begins with, if it is none to leave out, and how long it is.
fn first(rest: &str, at: usize) -> (Option<Token<'_>>, usize) {
    let line = || rest.find('\n').unwrap_or(rest.len());
    let Some(c) = rest.chars().next() else {
        return (None, 0);
    };
    match c {
        '\n' => (Some(Token::LineEnd), 1),
        '"' => string(rest, at),
        '#' => (None, line()),
        '/' if rest.starts_with("//") => (None, line()),
        '/' if rest.starts_with("/*") => {
            let end = rest.get(2..).and_then(|it| it.find("*/"));
            (None, end.map_or(rest.len(), |it| it + 4))
        }
        '<' if rest.starts_with("<<") => (Some(Token::Mark('<')), document(rest)),
        c if is_word(c) => {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            (rest.get(..end).map(Token::Word), end)
        }
        c if c.is_whitespace() => (None, c.len_utf8()),
        c => (Some(Token::Mark(c)), c.len_utf8()),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// Returns the string that a text begins with. Inside of a template (`${...}`) others may stand.
fn string(rest: &str, at: usize) -> (Option<Token<'_>>, usize) {
    // For each open template the braces in it, each under the string that it stands in.
    let mut open: Vec<usize> = Vec::new();
    let mut in_text = true;
    let mut is_plain = true;
    let mut bytes = rest.bytes().enumerate().skip(1).peekable();
    while let Some((end, byte)) = bytes.next() {
        match byte {
            b'\\' if in_text => {
                is_plain = false;
                bytes.next();
            }
            b'$' | b'%' if in_text && bytes.peek().is_some_and(|it| it.1 == b'{') => {
                bytes.next();
                open.push(0);
                in_text = false;
            }
            b'"' if in_text && open.is_empty() => {
                let text = rest.get(1..end).filter(|_| is_plain);
                let piece = Piece::bare(text.unwrap_or_default(), at + 1);
                return (Some(Token::Text(piece)), end + 1);
            }
            b'\n' if in_text && open.is_empty() => return (None, end),
            b'"' => in_text = !in_text,
            b'{' if !in_text => open
                .iter_mut()
                .next_back()
                .into_iter()
                .for_each(|it| *it += 1),
            b'}' if !in_text => match open.pop() {
                Some(0) => in_text = true,
                Some(braces) => open.push(braces - 1),
                None => {}
            },
            _ => {}
        }
    }
    (None, rest.len())
}

/// Returns how long a here document is; of what is none, its mark alone.
fn document(rest: &str) -> usize {
    let mark = 2;
    let body = rest.strip_prefix("<<").unwrap_or_default();
    let body = body.strip_prefix('-').unwrap_or(body);
    let name = body.split(|c| !is_word(c)).next().unwrap_or_default();
    if name.is_empty() {
        return mark;
    }
    let mut length = 0;
    for line in rest.split_inclusive('\n') {
        let is_end = length > 0 && line.trim() == name;
        if is_end {
            return length + line.trim_end().len();
        }
        length += line.len();
    }
    rest.len()
}
