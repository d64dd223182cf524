//! The parser's events, gathered into a tree of bounded size.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::{Item, Shape, Style, Yaml};
use crate::ReadError;
use crate::limits::{YAML_DEPTH, YAML_VALUES};

const BOM: char = '\u{feff}';

/// Returns the text as a tree.
///
/// # Errors
/// As [`Yaml::parse`].
pub(super) fn build(text: &str) -> Result<Yaml<'_>, ReadError> {
    let body = text.strip_prefix(BOM).unwrap_or(text);
    let options = granit_parser::options! {
        flow_nesting_limit: YAML_DEPTH,
        block_nesting_limit: YAML_DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(body, options);
    let mut tree = Tree {
        shift: text.len() - body.len(),
        yaml: Yaml {
            text,
            items: Vec::new(),
            roots: Vec::new(),
        },
        open: Vec::new(),
        values: 0,
        anchors: BTreeMap::new(),
    };
    tree.read(&mut parser)?;
    Ok(tree.yaml)
}

/// The tree while it grows.
struct Tree<'t> {
    shift: usize,
    yaml: Yaml<'t>,
    open: Vec<Open>,
    /// How many values there are, each alias counted as what it stands for.
    values: usize,
    /// What each anchor stands on that is read whole.
    anchors: BTreeMap<usize, Anchored>,
}

/// What an anchor stands on.
#[derive(Clone, Copy)]
struct Anchored {
    at: usize,
    values: usize,
}

/// A collection whose end has not come.
struct Open {
    at: usize,
    children: Vec<usize>,
    kind: Kind,
    anchor: usize,
    /// How many values there were before it.
    before: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequence,
    Mapping,
}

impl<'t> Tree<'t> {
    fn read(&mut self, parser: &mut Parser<'t, StrInput<'t>>) -> Result<(), ReadError> {
        for event in parser {
            let (event, span) = event.map_err(|it| self.syntax(&it))?;
            self.add(event, &span)?;
        }
        Ok(())
    }

    fn add(&mut self, event: Event<'t>, span: &Span) -> Result<(), ReadError> {
        let span = self.bytes(span)?;
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let shape = Shape::Scalar {
                    value,
                    style: style_of(style),
                    tagged: tag.is_some(),
                };
                let at = self.push(span, shape, anchor)?;
                self.anchor(anchor, Anchored { at, values: 1 });
            }
            Event::Alias(id) => {
                let target = self.anchors.get(&id).copied();
                self.values += target.map_or(0, |it| it.values);
                self.push(span, Shape::Alias(target.map(|it| it.at)), 0)?;
            }
            Event::SequenceStart(_, anchor, _) => self.begin(span, Kind::Sequence, anchor)?,
            Event::MappingStart(_, anchor, _) => self.begin(span, Kind::Mapping, anchor)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(&span)?,
            _ => {}
        }
        Ok(())
    }

    fn push(
        &mut self,
        span: Range<usize>,
        shape: Shape<'t>,
        anchor: usize,
    ) -> Result<usize, ReadError> {
        let at = self.yaml.items.len();
        self.values += 1;
        if self.values > YAML_VALUES {
            let by = match shape {
                Shape::Alias(_) => ", with what its aliases stand for",
                _ => "",
            };
            return Err(ReadError {
                message: format!("it holds more than {YAML_VALUES} values{by}"),
                span: Some(span),
            });
        }
        self.yaml.items.push(Item {
            span,
            shape,
            anchored: anchor != 0,
        });
        match self.open.last_mut() {
            Some(open) => open.children.push(at),
            None => self.yaml.roots.push(at),
        }
        Ok(at)
    }

    fn anchor(&mut self, anchor: usize, on: Anchored) {
        if anchor != 0 {
            self.anchors.insert(anchor, on);
        }
    }

    fn begin(&mut self, span: Range<usize>, kind: Kind, anchor: usize) -> Result<(), ReadError> {
        let before = self.values;
        let at = self.push(span, Shape::Sequence(Vec::new()), anchor)?;
        self.open.push(Open {
            at,
            children: Vec::new(),
            kind,
            anchor,
            before,
        });
        Ok(())
    }

    fn end(&mut self, span: &Range<usize>) -> Result<(), ReadError> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let values = self.values - open.before;
        let at = open.at;
        self.anchor(open.anchor, Anchored { at, values });
        let shape = match open.kind {
            Kind::Sequence => Shape::Sequence(open.children),
            Kind::Mapping => Shape::Mapping(self.pairs(&open.children)?),
        };
        if let Some(item) = self.yaml.items.get_mut(open.at) {
            item.span.end = item.span.end.max(span.end);
            item.shape = shape;
        }
        Ok(())
    }

    /// Returns keys with their values; no key stands there twice.
    fn pairs(&self, children: &[usize]) -> Result<Vec<(usize, usize)>, ReadError> {
        let pairs = children.chunks_exact(2).filter_map(|it| match it {
            [key, value] => Some((*key, *value)),
            _ => None,
        });
        let pairs: Vec<_> = pairs.collect();
        let mut seen = HashSet::with_capacity(pairs.len());
        for item in pairs
            .iter()
            .filter_map(|(key, _)| self.yaml.items.get(*key))
        {
            if let Shape::Scalar { value, .. } = &item.shape
                && !seen.insert(value.as_ref())
            {
                return Err(ReadError {
                    message: format!("the key `{value}` stands here twice"),
                    span: Some(item.span.clone()),
                });
            }
        }
        Ok(pairs)
    }

    /// Returns the bytes of a span in the whole text.
    fn bytes(&self, span: &Span) -> Result<Range<usize>, ReadError> {
        let range = span.byte_range().ok_or_else(|| ReadError {
            message: "the parser gave no place".to_owned(),
            span: None,
        })?;
        Ok(range.start + self.shift..range.end + self.shift)
    }

    fn syntax(&self, error: &ScanError) -> ReadError {
        let text = self.yaml.text;
        let start = error.marker().byte_offset().map(|it| it + self.shift);
        let end = |at: usize| {
            let rest = text.get(at..).unwrap_or_default();
            at + rest.chars().next().map_or(0, char::len_utf8)
        };
        ReadError {
            message: error.info(),
            span: start
                .filter(|it| text.is_char_boundary(*it))
                .map(|it| it..end(it)),
        }
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}
