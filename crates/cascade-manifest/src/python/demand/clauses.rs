//! Whether a marker is one that its parser can be given: it panics at some that are none, and takes
//! long over others.

use pep440_rs::Version;

/// More clauses of `in` than any marker has; each may double the work.
const MOST_IN: usize = 8;

/// More clauses than any marker has.
const MOST: usize = 60;

/// Parentheses nest no deeper.
const DEEPEST: usize = 16;

/// Variables whose values are versions.
const VERSIONS: &[&str] = &["python_version", "python_full_version"];

/// Variables whose values are text.
const TEXTS: &[&str] = &[
    "os_name",
    "os.name",
    "sys_platform",
    "sys.platform",
    "platform_machine",
    "platform.machine",
    "platform_python_implementation",
    "platform.python_implementation",
    "python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform.version",
    "implementation_name",
];

const EXTRA: &str = "extra";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word<'t> {
    Name(&'t str),
    Text(&'t str),
    Operator(&'t str),
    Open,
    Close,
}

/// Returns whether a marker has nothing but comparisons of a known variable with a fitting text.
pub(super) fn is_plain(marker: &str) -> bool {
    words(marker).is_some_and(|it| Reader::new(&it).reads_all())
}

/// Returns the words of a marker.
fn words(marker: &str) -> Option<Vec<Word<'_>>> {
    let mut words = Vec::new();
    let mut rest = marker.trim_start();
    while let Some(c) = rest.chars().next() {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let is_sign = |c: char| matches!(c, '<' | '>' | '=' | '!' | '~');
        let until = |part: fn(char) -> bool| rest.find(|c| !part(c)).unwrap_or(rest.len());
        let length = match c {
            '(' | ')' => 1,
            '\'' | '"' => rest.get(1..)?.find(c)? + 2,
            c if is_part(c) => until(is_part),
            c if is_sign(c) => until(is_sign),
            _ => return None,
        };
        let (word, behind) = rest.split_at_checked(length)?;
        words.push(match c {
            '(' => Word::Open,
            ')' => Word::Close,
            '\'' | '"' => Word::Text(word.get(1..length - 1)?),
            c if is_sign(c) => Word::Operator(word),
            _ => Word::Name(word),
        });
        rest = behind.trim_start();
    }
    Some(words)
}

/// What is left of a marker.
struct Reader<'w, 't> {
    words: std::slice::Iter<'w, Word<'t>>,
    clauses: usize,
    memberships: usize,
}

impl<'w, 't> Reader<'w, 't> {
    fn new(words: &'w [Word<'t>]) -> Self {
        Self {
            words: words.iter(),
            clauses: 0,
            memberships: 0,
        }
    }

    fn reads_all(mut self) -> bool {
        self.reads(DEEPEST) && self.words.next().is_none()
    }

    /// Takes clauses joined by `and` and `or`, up to a parenthesis or the end.
    fn reads(&mut self, depth: usize) -> bool {
        loop {
            if !self.reads_one(depth) {
                return false;
            }
            match self.words.as_slice().first() {
                Some(Word::Name("and" | "or")) => {
                    self.words.next();
                }
                _ => return true,
            }
        }
    }

    fn reads_one(&mut self, depth: usize) -> bool {
        let Some(first) = self.words.next() else {
            return false;
        };
        if *first == Word::Open {
            return depth > 0 && self.reads(depth - 1) && self.words.next() == Some(&Word::Close);
        }
        let Some(operator) = self.operator() else {
            return false;
        };
        self.clauses += 1;
        self.memberships += usize::from(operator.ends_with("in"));
        let fits = match (first, self.words.next()) {
            (Word::Name(name), Some(Word::Text(text))) => fits(name, operator, text, Side::Left),
            (Word::Text(text), Some(Word::Name(name))) => fits(name, operator, text, Side::Right),
            _ => false,
        };
        fits && self.clauses <= MOST && self.memberships <= MOST_IN
    }

    fn operator(&mut self) -> Option<&'t str> {
        match self.words.next()? {
            Word::Operator(it) => Some(it),
            Word::Name("in") => Some("in"),
            Word::Name("not") => (self.words.next() == Some(&Word::Name("in"))).then_some("not in"),
            _ => None,
        }
    }
}

/// On which side of a comparison the variable stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

fn fits(name: &str, operator: &str, text: &str, side: Side) -> bool {
    if name == EXTRA {
        return matches!(operator, "==" | "!=");
    }
    if TEXTS.contains(&name) {
        return matches!(
            operator,
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in"
        );
    }
    if !VERSIONS.contains(&name) {
        return false;
    }
    let is_version = |it: &str| it.parse::<Version>().is_ok_and(|it| it.is_stable());
    match operator {
        "in" | "not in" => side == Side::Left && text.split_whitespace().all(is_version),
        "==" | "!=" => is_version(text.strip_suffix(".*").unwrap_or(text)),
        "~=" => side == Side::Left && text.contains('.') && is_version(text),
        "<" | "<=" | ">" | ">=" => is_version(text),
        _ => false,
    }
}
