//! The whole of a `uv.lock` as uv writes it, by a byte scan: every part is a slice of the text.

use std::ops::Range;

use memchr::memmem;

use super::row::{self, Row};
use crate::lock::offset;
use crate::python::headers::{self, Table, tables};

/// A lock, cut into what stands before its packages and the packages.
pub(super) struct Book<'t> {
    text: &'t str,
    /// What stands before the first table.
    pub(super) preamble: &'t str,
    /// The tables before the packages: options, and what the workspace says for all.
    pub(super) head: Vec<Table<'t>>,
    pub(super) blocks: Vec<Block<'t>>,
}

/// The tables of one package.
pub(super) struct Block<'t> {
    pub(super) name: &'t str,
    pub(super) version: Option<&'t str>,
    pub(super) source: Row<'t>,
    /// The source without its braces.
    pub(super) origin: &'t str,
    /// `[[package]]`.
    main: Table<'t>,
    /// Those below it.
    others: Vec<Table<'t>>,
}

/// One row of a list.
pub(super) struct Entry<'t> {
    /// The key of the list: `dependencies`, `wheels`.
    pub(super) list: &'t str,
    pub(super) row: Row<'t>,
}

impl<'t> Book<'t> {
    /// Returns the lock; `None` where it is not as uv writes it.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let mut book = Self {
            text,
            preamble: text,
            head: Vec::new(),
            blocks: Vec::new(),
        };
        for (number, table) in tables(text).enumerate() {
            if number == 0 {
                book.preamble = text.get(..offset(text, table.header))?;
            }
            match table.header {
                "[[package]]" => book.blocks.push(Block::read(table)?),
                _ if table.header.starts_with("[package.") => {
                    book.blocks.last_mut()?.others.push(table);
                }
                _ if book.blocks.is_empty() => book.head.push(table),
                _ => return None,
            }
        }
        Some(book)
    }

    /// Returns the bytes of a part of the text.
    pub(super) fn span(&self, part: &str) -> Range<usize> {
        let start = offset(self.text, part);
        start..start + part.len()
    }

    /// Returns the value of a line of the preamble: `requires-python = ">=3.9"`.
    pub(super) fn said(&self, key: &str) -> Option<&'t str> {
        let mut lines = self.preamble.lines();
        lines.find_map(|line| headers::string(line, key))
    }

    /// Returns the number on a line of the preamble.
    pub(super) fn number(&self, key: &str) -> Option<u32> {
        let mut lines = self.preamble.lines();
        let value = |line: &'t str| line.strip_prefix(key)?.strip_prefix(" = ");
        let line = lines.find_map(|it| value(it.trim_start_matches('\u{feff}')))?;
        line.parse().ok()
    }

    /// Returns the packages that have a row of the name, by one search of the whole text.
    pub(super) fn mentioning(&self, name: &str) -> Vec<&Block<'t>> {
        let needle = needle(name);
        let mut found: Vec<&Block<'t>> = Vec::new();
        let mut rest = self.blocks.as_slice();
        for at in memmem::find_iter(self.text.as_bytes(), needle.as_bytes()) {
            let starts_before = |it: &Block<'t>| offset(self.text, it.name) < at;
            let before = rest.partition_point(starts_before);
            let Some(last) = before.checked_sub(1) else {
                continue; // In the block before, or ahead of all.
            };
            found.extend(rest.get(last));
            rest = rest.get(before..).unwrap_or_default();
        }
        found
    }

    /// Returns the packages of a name.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Block<'t>> {
        self.blocks.iter().filter(move |it| it.name == name)
    }
}

impl<'t> Block<'t> {
    fn read(table: Table<'t>) -> Option<Self> {
        let (line, rest) = headers::split_line(table.body);
        let name = headers::string(line, "name")?;
        let (line, after) = headers::split_line(rest);
        let version = headers::string(line, "version");
        let source = match version {
            Some(_) => headers::split_line(after).0,
            None => line,
        };
        let (source, end) = Row::read(source.strip_prefix("source = ")?)?;
        let origin = source.inside();
        end.is_empty().then_some(Self {
            name,
            version,
            source,
            origin,
            main: table,
            others: Vec::new(),
        })
    }

    /// Returns `[[package]]` and the tables below it.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Table<'t>> {
        std::iter::once(&self.main).chain(&self.others)
    }

    /// Returns the tables that say what the package requires once resolved.
    pub(super) fn edges(&self) -> impl Iterator<Item = &Table<'t>> {
        self.tables().filter(|it| !is_metadata(it.header))
    }

    /// Returns the tables that repeat the manifest: each with the name of its group, none for the
    /// package itself.
    pub(super) fn recorded(&self) -> impl Iterator<Item = &Table<'t>> {
        self.tables().filter(|it| is_metadata(it.header))
    }

    /// Returns the folder of a package that is not from a registry or git.
    pub(super) fn folder(&self) -> Option<&'t str> {
        ["editable", "virtual", "directory"]
            .iter()
            .find_map(|it| self.source.get(it))
    }

    /// Returns the path of its manifest from the lock's folder.
    pub(super) fn manifest(&self) -> Option<String> {
        Some(match self.folder()? {
            "." => "pyproject.toml".to_owned(),
            folder => format!("{folder}/pyproject.toml"),
        })
    }

    /// Returns whether the package requires another.
    pub(super) fn requires(&self, name: &str) -> bool {
        self.edges().any(|it| mentions(it.body, name))
    }

    /// Returns the extras of another package that this one's rows ask for.
    pub(super) fn extras_asked_of(&self, name: &str) -> Option<Vec<&'t str>> {
        let mut extras = Vec::new();
        for table in self.tables().filter(|it| mentions(it.body, name)) {
            for entry in rows(table.body)?
                .iter()
                .filter(|it| it.row.get("name") == Some(name))
            {
                for key in ["extra", "extras"] {
                    extras.extend(entry.row.get(key).into_iter().flat_map(row::strings));
                }
            }
        }
        Some(extras)
    }

    /// Returns the extras that the lock has rows for.
    pub(super) fn optional(&self) -> impl Iterator<Item = &'t str> {
        self.tables()
            .filter(|it| it.header == "[package.optional-dependencies]")
            .flat_map(|it| it.body.lines())
            .filter_map(|it| Some(it.split_once(" = [")?.0))
    }
}

fn is_metadata(header: &str) -> bool {
    header.starts_with("[package.metadata")
}

/// Returns whether a table has a row of the name.
pub(super) fn mentions(body: &str, name: &str) -> bool {
    memmem::find(body.as_bytes(), needle(name).as_bytes()).is_some()
}

/// Returns how a row of the name begins.
fn needle(name: &str) -> String {
    format!("{{ name = \"{name}\"")
}

/// Returns the rows of a table's lists, and its single rows (`sdist = { ... }`); `None` where one is
/// not as uv writes it.
pub(super) fn rows(body: &str) -> Option<Vec<Entry<'_>>> {
    let mut rows = Vec::new();
    let mut list = "";
    for line in body.lines() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (key, value) = match line.strip_prefix("    ") {
            Some(value) => (list, value),
            None => line.split_once(" = ").unwrap_or(("", line)),
        };
        let value = match value.strip_prefix('[') {
            Some("") => {
                list = key;
                continue;
            }
            Some(inline) => inline.strip_suffix(']')?,
            None => value,
        };
        if value.starts_with('{') {
            let (row, rest) = Row::read(value)?;
            let ends = matches!(rest, "" | ",");
            ends.then(|| rows.push(Entry { list: key, row }))?;
        }
    }
    Some(rows)
}
