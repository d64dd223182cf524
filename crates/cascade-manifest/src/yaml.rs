//! YAML, read for its spans: where each value stands in the text, byte for byte.
//!
//! Nothing is ever written back through a document: an edit is the splice of one scalar's content,
//! quoted as it stands. A byte order mark and any line ends are fine; every span counts from the
//! start of the whole text.
//!
//! ```text
//! let yaml = Yaml::parse(text)?;
//! let tag = yaml.root().find(&["image", "tag"]);
//! let tag = tag.and_then(Node::scalar)?;
//! tag.value;          // What it means.
//! tag.content();      // The bytes of that, without quotes; none where escapes or folds differ.
//! tag.edit("1.10")?;  // The splice, or why YAML would read another type.
//! ```

mod build;
mod compare;
mod edit;
mod literal;
mod word;

use std::borrow::Cow;
use std::ops::Range;

use crate::{Limit, ReadError};

pub(crate) use self::literal::Literal;
pub(crate) use self::word::{Word, is_plain};

/// A YAML text: its documents, in which no mapping has a key twice.
#[derive(Debug)]
pub(crate) struct Yaml<'t> {
    text: &'t str,
    items: Vec<Item<'t>>,
    /// The outermost item of each document.
    roots: Vec<usize>,
}

/// A value of a YAML text, at its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'y> {
    yaml: &'y Yaml<'y>,
    item: &'y Item<'y>,
}

/// A scalar, at its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scalar<'y> {
    /// What it says, escapes undone and lines folded.
    pub(crate) value: &'y str,
    /// How it is written.
    pub(crate) style: Style,
    /// Its bytes, quotes included.
    span: &'y Range<usize>,
    text: &'y str,
    tagged: bool,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes.
    Plain,
    /// Between `'`.
    Single,
    /// Between `"`.
    Double,
    /// As a block behind `|`.
    Literal,
    /// As a block behind `>`.
    Folded,
}

#[derive(Debug)]
struct Item<'t> {
    span: Range<usize>,
    shape: Shape<'t>,
    anchored: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Shape<'t> {
    Scalar {
        value: Cow<'t, str>,
        style: Style,
        tagged: bool,
    },
    Sequence(Vec<usize>),
    Mapping(Vec<(usize, usize)>),
    /// The item referred to; none inside of that item itself.
    Alias(Option<usize>),
}

impl<'t> Yaml<'t> {
    /// Returns the text as a tree.
    ///
    /// # Errors
    /// When the text is no YAML, longer than 8 MiB, nested deeper than 64 levels, of more than
    /// 400,000 values (an alias is as many as it stands for), or has a key twice in one mapping; with
    /// the span at fault.
    pub(crate) fn parse(text: &'t str) -> Result<Self, ReadError> {
        Limit::YAML.check(text)?;
        build::build(text)
    }

    /// Returns the outermost value of the first document; `None` where the text holds no value.
    pub(crate) fn root(&self) -> Option<Node<'_>> {
        self.documents().next()
    }

    /// Returns the outermost value of each document.
    pub(crate) fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().filter_map(|&it| self.node(it))
    }

    fn node(&self, at: usize) -> Option<Node<'_>> {
        let item = self.items.get(at)?;
        Some(Node { yaml: self, item })
    }
}

impl<'y> Node<'y> {
    /// Returns the fields of a mapping in the order of the text; none for any other value. What a
    /// merge key (`<<`) brings in is not among them.
    pub(crate) fn fields(self) -> impl Iterator<Item = (Node<'y>, Node<'y>)> {
        let pairs = match &self.item.shape {
            Shape::Mapping(pairs) => pairs.as_slice(),
            _ => &[],
        };
        let node = move |at| self.yaml.node(at);
        pairs
            .iter()
            .filter_map(move |&(key, value)| Some((node(key)?, node(value)?)))
    }

    /// Returns the fields whose key is a scalar, by what the key says.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'y str, Node<'y>)> {
        self.fields()
            .filter_map(|(key, value)| Some((key.str()?, value)))
    }

    /// Returns the elements of a sequence; none for any other value.
    pub(crate) fn elements(self) -> impl Iterator<Item = Node<'y>> {
        let items = match &self.item.shape {
            Shape::Sequence(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().filter_map(move |&it| self.yaml.node(it))
    }

    /// Returns the value of the field.
    pub(crate) fn get(self, key: &str) -> Option<Node<'y>> {
        self.entries()
            .find_map(|(name, it)| (name == key).then_some(it))
    }

    /// Returns the value of the field, also of one that a merge key (`<<`) brings in: of large mappings,
    /// and of merges in merges, it brings nothing.
    pub(crate) fn merged(self, key: &str) -> Option<Node<'y>> {
        const LARGE: usize = 64;
        self.get(key).or_else(|| {
            let from = self.get("<<")?.followed();
            let mut all = std::iter::once(from).chain(from.elements()).take(LARGE);
            all.find_map(|it| {
                let it = it.followed();
                let is_small = it.fields().nth(LARGE).is_none();
                is_small.then(|| it.get(key))?
            })
        })
    }

    /// Returns what stands at the path of keys; aliases on the way are followed.
    pub(crate) fn find(self, path: &[&str]) -> Option<Node<'y>> {
        path.iter()
            .try_fold(self, |node, key| node.followed().get(key))
    }

    /// Returns the value that an alias stands for, or this one where it is none, or stands in what it
    /// is for: who follows aliases comes to an end, and past no more values than a text may have.
    pub(crate) fn followed(self) -> Node<'y> {
        let target = match self.item.shape {
            Shape::Alias(at) => at,
            _ => None,
        };
        target.and_then(|at| self.yaml.node(at)).unwrap_or(self)
    }

    /// Returns the scalar, if it is one; an alias is none.
    pub(crate) fn scalar(self) -> Option<Scalar<'y>> {
        match &self.item.shape {
            Shape::Scalar {
                value,
                style,
                tagged,
            } => Some(Scalar {
                value,
                style: *style,
                span: &self.item.span,
                text: self.yaml.text,
                tagged: *tagged,
            }),
            _ => None,
        }
    }

    /// Returns what the scalar says, if it is one.
    pub(crate) fn str(self) -> Option<&'y str> {
        self.scalar().map(|it| it.value)
    }

    /// Returns whether it is a sequence.
    pub(crate) fn is_sequence(self) -> bool {
        matches!(self.item.shape, Shape::Sequence(_))
    }

    /// Returns whether it is a mapping.
    pub(crate) fn is_mapping(self) -> bool {
        matches!(self.item.shape, Shape::Mapping(_))
    }

    /// Returns whether other places of the text may refer to it by an alias.
    pub(crate) fn is_anchored(self) -> bool {
        self.item.anchored
    }

    /// Returns its bytes: of a scalar its quotes too, of an alias its `*`.
    pub(crate) fn span(self) -> Range<usize> {
        self.item.span.clone()
    }
}

impl Scalar<'_> {
    /// Returns the bytes of its content, without quotes; `None` where they differ from the value, or
    /// nothing stands there: what would be written could join its neighbour.
    pub(crate) fn content(self) -> Option<Range<usize>> {
        let Range { start, end } = self.span.clone();
        let content = match self.style {
            Style::Plain if start == end => return None,
            Style::Plain => start..end,
            Style::Single | Style::Double => start + 1..end.checked_sub(1)?,
            Style::Literal | Style::Folded => return None,
        };
        (self.text.get(content.clone())? == self.value).then_some(content)
    }

    /// Returns what YAML takes it for.
    pub(crate) fn word(self) -> Word {
        match self.style {
            Style::Plain if !self.tagged => Word::of(self.value),
            _ => Word::Text,
        }
    }
}

#[cfg(test)]
mod tests;
