//! Pins as they are found: each gets its line and its place in the order of the text at the end.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Form, Kind, Pin, Source};

/// Where a pin stands and what it is for.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) section: &'a str,
    pub(super) kind: Kind,
}

impl Site<'_> {
    /// Returns a pin here that names no version yet.
    pub(super) fn pin(self, name: &str) -> Pin {
        Pin {
            name: name.to_owned(),
            kind: self.kind,
            section: self.section.to_owned(),
            requirement: String::new(),
            span: None,
            line: 0,
            form: Form::Unversioned,
            source: None,
        }
    }
}

/// The pins of one manifest, while it is read.
#[derive(Default)]
pub(super) struct Pins {
    /// Each with the byte at which it is found.
    found: Vec<(usize, Pin)>,
    /// By canonical name: where packages come from, whatever their pins say.
    overrides: BTreeMap<String, Source>,
}

impl Pins {
    /// Adds a pin; `at` is a byte of its line, where it has no span of its own.
    pub(super) fn push(&mut self, at: usize, pin: Pin) {
        let at = pin.span.as_ref().map_or(at, |it| it.start);
        self.found.push((at, pin));
    }

    /// Says where a package comes from; the first word counts.
    pub(super) fn take_from(&mut self, name: &str, source: Source) {
        let name = super::canonical(name).into_owned();
        self.overrides.entry(name).or_insert(source);
    }

    /// Returns the packages pinned so far in sections that begin so.
    pub(super) fn names_in(&self, section: &str) -> BTreeSet<String> {
        let found = self.found.iter().map(|(_, pin)| pin);
        let within = found.filter(|it| it.section.starts_with(section));
        within
            .map(|it| super::canonical(&it.name).into_owned())
            .collect()
    }

    /// Returns the kind of each package pinned so far, the one that orders most where it has
    /// several.
    pub(super) fn kinds(&self) -> BTreeMap<String, Kind> {
        let mut kinds = BTreeMap::new();
        for (_, pin) in &self.found {
            let name = super::canonical(&pin.name).into_owned();
            let kind = kinds.entry(name).or_insert(pin.kind);
            *kind = (*kind).min(pin.kind);
        }
        kinds
    }

    /// Returns the pins in the order of the text, each with its line.
    pub(super) fn in_order(mut self, text: &str) -> Vec<Pin> {
        self.found.sort_by_key(|(at, _)| *at);
        let (mut line, mut counted) = (1, 0);
        let mut pins = Vec::with_capacity(self.found.len());
        for (at, mut pin) in self.found {
            let between = text.as_bytes().get(counted..at).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', between).count();
            counted = at;
            pin.line = line;
            if pin.source.is_none() {
                pin.source = self.overrides.get(&*super::canonical(&pin.name)).cloned();
            }
            pins.push(pin);
        }
        pins
    }
}
