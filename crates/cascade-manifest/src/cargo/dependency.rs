//! The dependency tables of a `Cargo.toml`, as pins.

use std::ops::Range;

use crate::toml::{Key, Node, Text, Toml};
use crate::{Form, Kind, Pin, Source};

/// The tables that name dependencies, at the root and under every `[target.*]`.
const TABLES: [(&str, Kind); 5] = [
    ("dependencies", Kind::Runtime),
    ("dev-dependencies", Kind::Dev),
    ("dev_dependencies", Kind::Dev),
    ("build-dependencies", Kind::Build),
    ("build_dependencies", Kind::Build),
];

/// The pins of one manifest, with the byte that gives each its line.
pub(super) struct Dependencies<'t> {
    toml: &'t Toml<'t>,
    found: Vec<(usize, Pin)>,
}

/// One row of a dependency table.
struct Row<'d> {
    section: &'d str,
    kind: Kind,
    key: Key<'d>,
    value: Node<'d>,
}

impl<'t> Dependencies<'t> {
    /// Returns all pins of the document. `[patch]` and `[replace]` are none: they say where a
    /// package comes from, not which one is required.
    pub(super) fn read(toml: &'t Toml<'t>) -> Self {
        let mut all = Self {
            toml,
            found: Vec::new(),
        };
        let root = toml.root();
        all.add_tables(root, "");
        for (key, target) in root.get("target").map(Node::entries).unwrap_or_default() {
            all.add_tables(target, &format!("target.{}.", spelled(key.name)));
        }
        if let Some(table) = root.find(&["workspace", "dependencies"]) {
            all.add_table(table, "workspace.dependencies", Kind::Workspace);
        }
        all
    }

    /// Returns the pins in the order of the text, with their lines counted.
    pub(super) fn into_pins(mut self, text: &str) -> Vec<Pin> {
        self.found.sort_by_key(|(at, _)| *at);
        let (mut line, mut counted) = (1, 0);
        let pins = self.found.into_iter().map(|(at, mut pin)| {
            let between = text.as_bytes().get(counted..at).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', between).count();
            counted = at;
            pin.line = line;
            pin
        });
        pins.collect()
    }

    fn add_tables(&mut self, holder: Node<'t>, prefix: &str) {
        for (name, kind) in TABLES {
            if let Some(table) = holder.get(name) {
                self.add_table(table, &format!("{prefix}{name}"), kind);
            }
        }
    }

    fn add_table(&mut self, table: Node<'t>, section: &str, kind: Kind) {
        for (key, value) in table.entries() {
            let row = Row {
                section,
                kind,
                key,
                value,
            };
            self.add_row(&row);
        }
    }

    fn add_row(&mut self, row: &Row<'_>) {
        if let Some(requirement) = row.value.string() {
            return self.add(row.required(&requirement, None));
        }
        if !row.value.is_table() {
            return self.add(row.without(Form::Opaque, None));
        }
        if row.value.bool_at("workspace") == Some(true) {
            return self.add(row.without(Form::Inherited, Some(Source::Workspace)));
        }
        let source = row.source();
        let tied = self.git_pin(row);
        match row.value.get("version").map(Node::string) {
            Some(Some(version)) => self.add(row.required(&version, source)),
            Some(None) => self.add(row.without(Form::Opaque, source)),
            None if tied.is_none() => self.add(row.without(Form::Unversioned, source)),
            None => {}
        }
        self.found.extend(tied);
    }

    fn add(&mut self, pin: (usize, Pin)) {
        self.found.push(pin);
    }

    /// Returns the pin on a git tag or commit, where the row has one.
    fn git_pin(&self, row: &Row<'_>) -> Option<(usize, Pin)> {
        row.value.string_at("git")?;
        let tag = row.value.string_at("tag");
        let rev = row.value.string_at("rev");
        let (text, form) = match (tag, rev) {
            (Some(tag), _) => (tag, Form::GitTag),
            (None, Some(rev)) => (rev.clone(), self.rev_form(&rev)),
            (None, None) => return None,
        };
        let (at, mut pin) = row.required(&text, row.source());
        if pin.span.is_some() {
            pin.form = form;
        }
        Some((at, pin))
    }

    /// Returns how a `rev` is to be read: a commit, a tag, or anything else git takes for one.
    fn rev_form(&self, rev: &Text<'_>) -> Form {
        let is_commit = rev.value.len() >= 7 && rev.value.bytes().all(|b| b.is_ascii_hexdigit());
        if is_commit {
            return Form::GitRev {
                comment: self.tag_behind(rev.span.end),
            };
        }
        let is_tag = !rev.value.starts_with("refs/") && names_version(rev.value);
        if is_tag { Form::GitTag } else { Form::Opaque }
    }

    /// Returns the bytes of the tag that the comment at the end of the line names.
    fn tag_behind(&self, at: usize) -> Option<Range<usize>> {
        let comment = self.toml.comment_behind(at)?;
        let text = self.toml.text().get(comment.clone())?;
        let word = text
            .split([' ', '\t', '#', ',', ';', '(', ')', '`'])
            .find(|it| names_version(it))?;
        let start = comment.start + text.find(word)?;
        Some(start..start + word.len())
    }
}

impl Row<'_> {
    /// Returns the pin of a requirement, and the byte that gives its line. A text with escapes, or
    /// over several lines, is shown and never edited.
    fn required(&self, text: &Text<'_>, source: Option<Source>) -> (usize, Pin) {
        let span = text.editable();
        let form = if span.is_some() {
            Form::Range
        } else {
            Form::Opaque
        };
        let pin = Pin {
            requirement: text.value.to_owned(),
            span,
            ..self.pin(form, source)
        };
        (text.span.start, pin)
    }

    /// Returns the pin of a row that writes no requirement, and the byte of its key.
    fn without(&self, form: Form, source: Option<Source>) -> (usize, Pin) {
        (self.key.span.start, self.pin(form, source))
    }

    fn pin(&self, form: Form, source: Option<Source>) -> Pin {
        let renamed = self.value.string_at("package");
        let optional = self.value.bool_at("optional") == Some(true);
        Pin {
            name: renamed.map_or(self.key.name, |it| it.value).to_owned(),
            kind: match self.kind {
                Kind::Runtime if optional => Kind::Optional,
                kind => kind,
            },
            section: self.section.to_owned(),
            requirement: String::new(),
            span: None,
            line: 0,
            form,
            source,
        }
    }

    /// Returns where the package is taken from, when not from a registry. A path wins: Cargo builds
    /// with it, whatever else the row says.
    fn source(&self) -> Option<Source> {
        let of = |key: &str| self.value.string_at(key).map(|it| it.value.to_owned());
        if let Some(path) = of("path") {
            return Some(Source::Path(path));
        }
        let repository = of("git")?;
        if of("tag").or_else(|| of("rev")).is_some() {
            return Some(Source::GitRef(repository));
        }
        Some(of("branch").map_or(Source::Git(repository), Source::Branch))
    }
}

/// Returns whether the text has a version in it: a digit, a dot, a digit.
fn names_version(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .windows(3)
        .any(|it| matches!(it, [a, b'.', c] if a.is_ascii_digit() && c.is_ascii_digit()))
}

/// Returns the key as a header spells it: in quotes where it is no bare word.
fn spelled(key: &str) -> String {
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if key.bytes().all(bare) {
        key.to_owned()
    } else {
        format!("'{key}'")
    }
}
