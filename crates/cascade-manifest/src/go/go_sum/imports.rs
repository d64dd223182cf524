//! What a Go file imports: its package clause, its build constraints and its import declarations.
//! Nothing behind those is looked at.

/// The head of one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// The import paths, in their order.
    pub(super) imports: Vec<String>,
    /// What decides whether the file counts.
    pub(super) counts: Counts,
}

/// Whether the go command takes a file for one of its package when it tidies up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Counts {
    /// Under one system or another.
    #[default]
    Yes,
    /// Never: its constraint is `ignore`.
    No,
    /// That takes more than a look at the text.
    Unsure,
}

/// The place in the bytes of a file.
struct Cursor<'b> {
    rest: &'b [u8],
    counts: Counts,
}

/// Returns the head of a file.
pub(super) fn head(bytes: &[u8]) -> Head {
    let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut cursor = Cursor {
        rest,
        counts: Counts::Yes,
    };
    cursor.skip();
    let counts = cursor.counts;
    let mut imports = Vec::new();
    if cursor.word() == b"package" {
        cursor.skip();
        cursor.word();
        while cursor.declaration(&mut imports).is_some() {}
    }
    Head { imports, counts }
}

impl<'b> Cursor<'b> {
    /// Goes behind blanks, semicolons and comments.
    fn skip(&mut self) {
        loop {
            match self.rest {
                [b' ' | b'\t' | b'\r' | b'\n' | b';', ..] => self.forward(1),
                [b'/', b'/', ..] => {
                    let end = memchr::memchr(b'\n', self.rest).unwrap_or(self.rest.len());
                    let (comment, rest) = self.rest.split_at(end);
                    self.constraint(comment);
                    self.rest = rest;
                }
                [b'/', b'*', inner @ ..] => match memchr::memmem::find(inner, b"*/") {
                    Some(end) => self.forward(end + 4),
                    None => self.rest = &[],
                },
                _ => return,
            }
        }
    }

    fn forward(&mut self, by: usize) {
        self.rest = self.rest.get(by..).unwrap_or_default();
    }

    /// Takes a build constraint for what it says of `ignore`, the one tag that is never given.
    fn constraint(&mut self, comment: &[u8]) {
        let text = String::from_utf8_lossy(comment);
        let text = text.trim_start_matches('/').trim_start();
        let said = text
            .strip_prefix("go:build")
            .or_else(|| text.strip_prefix("+build"));
        let Some(said) = said.filter(|it| it.starts_with([' ', '\t'])).map(str::trim) else {
            return;
        };
        let mut tags = said.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        if said == "ignore" {
            self.counts = Counts::No;
        } else if tags.any(|it| it == "ignore") {
            self.counts = Counts::Unsure;
        }
    }

    fn word(&mut self) -> &'b [u8] {
        let part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
        let end = self.rest.iter().position(|b| !part(b));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    /// Reads one import declaration; `None` where another thing stands.
    fn declaration(&mut self, imports: &mut Vec<String>) -> Option<()> {
        self.skip();
        (self.word() == b"import").then_some(())?;
        self.skip();
        if self.rest.first() != Some(&b'(') {
            return self.specification(imports);
        }
        self.forward(1);
        loop {
            self.skip();
            match self.rest {
                [b')', ..] => {
                    self.forward(1);
                    return Some(());
                }
                _ => self.specification(imports)?,
            }
        }
    }

    /// Reads one path with the name before it, if it has one.
    fn specification(&mut self, imports: &mut Vec<String>) -> Option<()> {
        if self.rest.first() == Some(&b'.') {
            self.forward(1);
        }
        self.word();
        self.skip();
        let quote = *self.rest.first().filter(|it| matches!(it, b'"' | b'`'))?;
        self.forward(1);
        let end = self.rest.iter().position(|b| *b == quote || *b == b'\n')?;
        let path = self.rest.get(..end)?;
        imports.push(String::from_utf8_lossy(path).into_owned());
        self.forward(end + 1);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = "\u{feff}// Copyright.\n\n//go:build linux && !cgo\n\n/* import \"no\" */\n\
        package x // import \"no\"\n\nimport \"fmt\"; import _ `a.example/raw`\nimport (\n\
        \t. \"a.example/dot\" // \"no\"\n\tname \"a.example/named\"; \"a.example/two\"\n\n)\n\
        import()\nconst y = `import \"no\"`\nimport \"no\"\n";

    #[test]
    fn imports_are_those_of_the_declarations_at_the_top() {
        let found = head(FILE.as_bytes());
        let expected = [
            "fmt",
            "a.example/raw",
            "a.example/dot",
            "a.example/named",
            "a.example/two",
        ];
        assert_eq!(found.imports, expected);
        assert_eq!(found.counts, Counts::Yes);
        assert_eq!(
            head(FILE.replace('\n', "\r\n").as_bytes()).imports,
            expected
        );
    }

    #[test]
    fn a_file_that_is_ignored_does_not_count() {
        for (line, counts) in [
            ("//go:build ignore", Counts::No),
            ("// +build ignore", Counts::No),
            ("//go:build ignore && linux", Counts::Unsure),
            ("//go:build !ignore", Counts::Unsure),
            ("//go:build ignored", Counts::Yes),
            ("// ignore", Counts::Yes),
        ] {
            let found = head(format!("{line}\n\npackage x\n\nimport \"fmt\"\n").as_bytes());
            assert_eq!((found.counts, found.imports.len()), (counts, 1), "{line}");
        }
        let later = "package x\n\n//go:build ignore\nimport \"fmt\"\n";
        assert_eq!(head(later.as_bytes()).counts, Counts::Yes);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(text in "(package|import|//go:build ignore|[ \"`.(;)/*\n_a]|é){0,40}") {
            let found = head(text.as_bytes());
            prop_assert!(found.imports.iter().all(|it| !it.contains(['"', '\n']) || text.contains('`')));
        }
    }
}
