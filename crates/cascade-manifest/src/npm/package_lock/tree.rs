//! The lock as its entries stand in the text: found by their keys, read one by one.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

use super::nice::Layout;
use super::{folder_name, is_installed, scan};
use crate::Fallback;
use crate::json::{Json, Node};

/// The longest path that is followed up to its root.
const LONGEST: usize = 4096;

/// The entries of a lock of version 2 or 3.
pub(super) struct Tree<'t> {
    pub(super) text: &'t str,
    pub(super) layout: Layout<'t>,
    /// The bytes of the version at the top, between its quotes.
    pub(super) version: Option<Range<usize>>,
    /// The name at the top.
    pub(super) name: Option<String>,
    pub(super) entries: Vec<Place<'t>>,
    /// Where each key stands among them, once one is asked for.
    places: OnceCell<HashMap<String, usize>>,
    /// The bytes of the tree that npm 6 reads.
    pub(super) legacy: Option<Range<usize>>,
}

/// An entry of `packages`: its key, and the bytes of its object.
#[derive(Debug, Clone)]
pub(super) struct Place<'t> {
    pub(super) key: Cow<'t, str>,
    pub(super) span: Range<usize>,
}

impl<'t> Tree<'t> {
    /// Returns the entries of the text.
    ///
    /// # Errors
    /// When it is no lock of version 2 or 3, or not laid out as npm does it.
    pub(super) fn read(text: &'t str) -> Result<Self, Fallback> {
        let odd = || Fallback::because("the lock is not laid out as npm writes it");
        let layout = Layout::of(text).ok_or_else(odd)?;
        let tree = match Self::scanned(text, layout) {
            Some(tree) => tree,
            None => Self::parsed(text, layout)?,
        };
        if tree.entries.iter().any(|it| it.key.len() > LONGEST) {
            return Err(Fallback::because(
                "a path of the lock is longer than any system takes",
            ));
        }
        Ok(tree)
    }

    fn scanned(text: &'t str, layout: Layout<'t>) -> Option<Self> {
        let (places, head, behind) = scan::places(text)?;
        let head = format!("{}\n}}", head.strip_suffix(',')?);
        let head = Json::parse(&head).ok()?;
        let legacy = match behind.strip_prefix("\n  },\n  \"dependencies\": ") {
            Some(rest) => Some(text.len() - rest.len()..text.trim_end().len().checked_sub(2)?),
            None if behind.trim_end() == "\n  }\n}" => None,
            None => return None,
        };
        let of = |key: &str| head.root().get(key)?.text();
        Some(Self {
            text,
            layout,
            version: of("version").and_then(|it| it.span),
            name: of("name").map(|it| it.value.to_owned()),
            entries: places,
            places: OnceCell::new(),
            legacy,
        })
    }

    fn parsed(text: &'t str, layout: Layout<'t>) -> Result<Self, Fallback> {
        let json = Json::parse(text).map_err(|it| Fallback::because(it.message))?;
        let root = json.root();
        let number = root.get("lockfileVersion").and_then(Node::number);
        if !matches!(number, Some("2" | "3")) {
            return Err(Fallback::because(format!(
                "the lock is of version {}, which is not rewritten natively",
                number.unwrap_or("1")
            )));
        }
        let packages = root.get("packages");
        let fields = packages.into_iter().flat_map(Node::fields);
        let of = |key: &str| root.get(key)?.text();
        Ok(Self {
            text,
            layout,
            version: of("version").and_then(|it| it.span),
            name: of("name").map(|it| it.value.to_owned()),
            entries: fields
                .map(|(key, it)| Place {
                    key: Cow::Owned(key.to_owned()),
                    span: it.span(),
                })
                .collect(),
            places: OnceCell::new(),
            legacy: root.get("dependencies").map(Node::span),
        })
    }

    /// Returns the text of an entry's object.
    pub(super) fn block(&self, place: &Place<'_>) -> &'t str {
        self.text.get(place.span.clone()).unwrap_or_default()
    }

    /// Returns the entry of this key.
    pub(super) fn at(&self, key: &str) -> Option<&Place<'t>> {
        let places = self.places.get_or_init(|| {
            let all = self.entries.iter().enumerate().rev();
            all.map(|(at, it)| (it.key.to_string(), at)).collect()
        });
        self.entries.get(*places.get(key)?)
    }

    /// Returns the entry that a package at `key` loads when it asks for this folder.
    pub(super) fn loads(&self, key: &str, folder: &str) -> Option<&Place<'t>> {
        let mut from = key;
        loop {
            let within = from.rsplit('/').next() == Some("node_modules");
            let separator = if from.is_empty() { "" } else { "/" };
            let wanted = format!("{from}{separator}node_modules/{folder}");
            if let Some(found) = self.at(&wanted).filter(|_| !within) {
                return Some(found);
            }
            if from.is_empty() {
                return None;
            }
            from = from.rsplit_once('/').map_or("", |(it, _)| it);
        }
    }

    /// Returns the entries of the project and of its folders.
    pub(super) fn projects(&self) -> impl Iterator<Item = &Place<'t>> {
        self.entries.iter().filter(|it| !is_installed(&it.key))
    }
}

impl Place<'_> {
    /// Returns the folder's own name: by it other packages ask for this one.
    pub(super) fn folder(&self) -> Option<&str> {
        folder_name(&self.key)
    }

    /// Returns the path of the manifest of a project's folder.
    pub(super) fn manifest(&self) -> String {
        if self.key.is_empty() {
            "package.json".to_owned()
        } else {
            format!("{}/package.json", self.key)
        }
    }
}
