//! A shell's text, cut into simple commands. It is no shell: it expands nothing, and says where a
//! shell would.

use std::iter::Peekable;
use std::str::Chars;

/// A word, without its quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Whether a shell would put something else in the place of some of it.
    pub(super) dynamic: bool,
}

/// A simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Simple {
    pub(super) words: Vec<Word>,
    /// The files that its output goes to.
    pub(super) writes: Vec<Word>,
    /// The text that it is given to read, where that stands beside it.
    pub(super) fed: Option<String>,
    /// Whether it reads what another command writes.
    pub(super) piped: bool,
}

/// The simple commands of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) commands: Vec<Simple>,
    /// Texts that are run for what they print.
    pub(super) inner: Vec<String>,
    /// Whether every quote and bracket is closed.
    pub(super) whole: bool,
}

impl Word {
    /// Returns a word as it is, in which no shell replaces anything.
    pub(super) fn plain(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            dynamic: false,
        }
    }

    /// Returns the name of the command that it is: the last part of a path.
    pub(super) fn command(&self) -> &str {
        let name = self.text.rsplit(['/', '\\']).next().unwrap_or_default();
        // `npm@10`, `twine==6`: the version to take.
        let name = name.split("==").next().unwrap_or(name);
        let cut = name.find('@').filter(|it| *it > 0);
        let name = cut.and_then(|it| name.get(..it)).unwrap_or(name);
        [".exe", ".cmd", ".bat"]
            .iter()
            .find_map(|it| name.strip_suffix(it))
            .unwrap_or(name)
    }
}

impl Simple {
    /// Returns a command of these words alone.
    pub(super) fn of(words: Vec<Word>) -> Self {
        Self {
            words,
            ..Self::default()
        }
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.writes.is_empty()
    }
}

impl Script {
    /// Returns the commands of a text.
    pub(super) fn read(text: &str) -> Self {
        let mut lexer = Lexer {
            rest: text.chars().peekable(),
            script: Self {
                whole: true,
                ..Self::default()
            },
            simple: Simple::default(),
            word: None,
            into: Into::Words,
            bodies: Vec::new(),
        };
        lexer.run();
        lexer.script
    }
}

/// Where the next word goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Into {
    Words,
    Writes,
    Reads,
    Fed,
    Delimiter,
}

struct Lexer<'t> {
    rest: Peekable<Chars<'t>>,
    script: Script,
    simple: Simple,
    word: Option<Word>,
    into: Into,
    /// The ends of texts that begin on the next line.
    bodies: Vec<String>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(c) = self.rest.next() {
            match c {
                '\n' => self.line_ends(),
                c if c.is_whitespace() => self.word_ends(),
                '#' if self.word.is_none() => self.skip_line(),
                '&' if self.rest.peek() == Some(&'>') => self.word_ends(),
                '&' | ';' | '(' | ')' => self.command_ends(),
                '|' => self.pipe(),
                '>' => self.writes(),
                '<' => self.reads(),
                other => self.part(other),
            }
        }
        self.command_ends();
    }

    /// Takes a character that belongs to a word.
    fn part(&mut self, c: char) {
        match c {
            '\\' => match self.rest.next() {
                Some('\n') | None => {}
                Some(other) => self.push(other),
            },
            '\'' => self.single(),
            '"' => self.double(),
            '$' if self.separator() => {}
            '$' => self.dollar(),
            '`' => self.backtick(),
            other => self.push(other),
        }
    }

    fn word(&mut self) -> &mut Word {
        self.word.get_or_insert_default()
    }

    fn push(&mut self, c: char) {
        self.word().text.push(c);
    }

    fn word_ends(&mut self) {
        let Some(word) = self.word.take() else { return };
        match std::mem::replace(&mut self.into, Into::Words) {
            Into::Words => self.simple.words.push(word),
            Into::Writes => self.simple.writes.push(word),
            Into::Reads => {}
            Into::Fed => self.simple.fed = Some(word.text),
            Into::Delimiter => self.bodies.push(word.text),
        }
    }

    fn command_ends(&mut self) {
        self.word_ends();
        self.into = Into::Words;
        let simple = std::mem::take(&mut self.simple);
        if !simple.is_empty() {
            self.script.commands.push(simple);
        }
    }

    fn pipe(&mut self) {
        let either = self.rest.next_if_eq(&'|').is_some();
        self.rest.next_if_eq(&'&');
        self.command_ends();
        self.simple.piped = !either;
    }

    fn writes(&mut self) {
        // A number right before it is a descriptor, no word.
        let number = |it: &Word| !it.text.is_empty() && it.text.bytes().all(|b| b.is_ascii_digit());
        if self.word.as_ref().is_some_and(number) {
            self.word = None;
        }
        self.word_ends();
        while self.rest.next_if(|it| matches!(it, '>' | '|')).is_some() {}
        if self.rest.next_if_eq(&'&').is_some() {
            self.into = Into::Reads;
        } else if self.rest.next_if_eq(&'(').is_some() {
            self.inner();
        } else {
            self.into = Into::Writes;
        }
    }

    fn reads(&mut self) {
        self.word_ends();
        if self.rest.next_if_eq(&'(').is_some() {
            return self.inner();
        }
        if self.rest.next_if_eq(&'<').is_none() {
            self.into = Into::Reads;
        } else if self.rest.next_if_eq(&'<').is_some() {
            self.into = Into::Fed;
        } else {
            self.rest.next_if_eq(&'-');
            self.into = Into::Delimiter;
        }
    }

    fn line_ends(&mut self) {
        self.word_ends();
        for end in std::mem::take(&mut self.bodies) {
            let body = self.body(&end);
            self.simple.fed = Some(body);
        }
        self.command_ends();
    }

    /// Takes the lines up to one that is this.
    fn body(&mut self, end: &str) -> String {
        let mut body = String::new();
        loop {
            let mut line = String::new();
            let mut more = false;
            for c in self.rest.by_ref() {
                if c == '\n' {
                    more = true;
                    break;
                }
                line.push(c);
            }
            if line.trim_start_matches('\t') == end {
                return body;
            }
            body.push_str(&line);
            body.push('\n');
            if !more {
                self.script.whole = false;
                return body;
            }
        }
    }

    fn skip_line(&mut self) {
        while self.rest.next_if(|it| *it != '\n').is_some() {}
    }

    fn single(&mut self) {
        self.word();
        loop {
            match self.rest.next() {
                Some('\'') => return,
                Some(c) => self.push(c),
                None => return self.script.whole = false,
            }
        }
    }

    fn double(&mut self) {
        self.word();
        loop {
            match self.rest.next() {
                Some('"') => return,
                Some('\\') => match self.rest.next() {
                    Some(c) if matches!(c, '"' | '\\' | '$' | '`') => self.push(c),
                    Some('\n') => {}
                    Some(c) => {
                        self.push('\\');
                        self.push(c);
                    }
                    None => return self.script.whole = false,
                },
                Some('$') => self.dollar(),
                Some('`') => self.backtick(),
                Some(c) => self.push(c),
                None => return self.script.whole = false,
            }
        }
    }

    /// Takes `$IFS`, which stands for a space; returns whether it was there.
    fn separator(&mut self) -> bool {
        let ahead: String = self.rest.clone().take(5).collect();
        let long = ahead == "{IFS}";
        let goes_on = |it: char| it.is_alphanumeric() || it == '_';
        let short = ahead.starts_with("IFS") && !ahead.chars().nth(3).is_some_and(goes_on);
        let many = if long { 5 } else { 3 };
        if long || short {
            for _ in 0..many {
                self.rest.next();
            }
            self.word_ends();
        }
        long || short
    }

    fn dollar(&mut self) {
        match self.rest.peek() {
            Some('(') => {
                self.rest.next();
                self.word().dynamic = true;
                self.push('$');
                self.inner();
            }
            Some('\'') if self.word.is_none() => {}
            Some(c)
                if c.is_alphanumeric() || matches!(c, '_' | '{' | '@' | '*' | '#' | '?' | '!') =>
            {
                self.word().dynamic = true;
                self.push('$');
            }
            _ => self.push('$'),
        }
    }

    /// Takes the text up to the bracket that closes it: it is run for what it prints.
    fn inner(&mut self) {
        let (mut text, mut open, mut quote) = (String::new(), 1_usize, None);
        while let Some(c) = self.rest.next() {
            match (c, quote) {
                ('\\', None | Some('"')) => {
                    text.push(c);
                    text.extend(self.rest.next());
                    continue;
                }
                ('\'' | '"', None) => quote = Some(c),
                (c, Some(q)) if c == q => quote = None,
                ('(', None) => open += 1,
                (')', None) => open -= 1,
                _ => {}
            }
            if open == 0 {
                return self.script.inner.push(text);
            }
            text.push(c);
        }
        self.script.whole = false;
        self.script.inner.push(text);
    }

    fn backtick(&mut self) {
        self.word().dynamic = true;
        let mut text = String::new();
        while let Some(c) = self.rest.next() {
            match c {
                '`' => return self.script.inner.push(text),
                '\\' => text.extend(self.rest.next()),
                c => text.push(c),
            }
        }
        self.script.whole = false;
        self.script.inner.push(text);
    }
}
