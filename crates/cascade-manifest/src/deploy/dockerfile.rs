//! Dockerfiles: what stages are built from, and the arguments that say it.

mod lines;

use std::collections::{BTreeMap, BTreeSet};

use self::lines::instructions;
use super::{Draft, Found, Image, Piece, file_name};

pub(super) fn is_at(path: &str) -> bool {
    ["dockerfile", "containerfile"].iter().any(|it| {
        let name = file_name(path).to_ascii_lowercase();
        let (before, behind) = (name.strip_suffix(it), name.strip_prefix(it));
        before.is_some_and(|it| it.is_empty() || it.ends_with('.'))
            || behind.is_some_and(|it| it.starts_with('.') && !it.ends_with(".dockerignore"))
    })
}

pub(super) fn read(text: &str, found: &mut Found<'_>) {
    let mut stages = Stages::default();
    for words in instructions(text) {
        let Some((first, rest)) = words.split_first() else {
            continue;
        };
        match first.text.to_ascii_uppercase().as_str() {
            "ARG" if !stages.begun => stages.arguments(rest),
            "FROM" => found.below("FROM", |found| stages.from(rest, found)),
            "COPY" => found.below("COPY", |found| stages.copy(rest, found)),
            _ => {}
        }
    }
}

/// What is known where an instruction stands.
#[derive(Default)]
struct Stages<'t> {
    begun: bool,
    /// The arguments before the first stage, with what they are where nobody says otherwise.
    arguments: BTreeMap<&'t str, Piece<'t>>,
    names: BTreeSet<String>,
}

impl<'t> Stages<'t> {
    fn arguments(&mut self, words: &[Piece<'t>]) {
        for (name, value) in words.iter().filter_map(|it| it.split_once("=")) {
            let quoted = |mark| value.without(mark)?.split_once(mark).map(|it| it.0);
            let value = quoted("\"").or_else(|| quoted("'")).unwrap_or(value);
            self.arguments.insert(name.text, value);
        }
    }

    fn from(&mut self, words: &[Piece<'t>], found: &mut Found<'_>) {
        self.begun = true;
        let mut words = words.iter().filter(|it| !it.text.starts_with("--"));
        let Some(base) = words.next() else { return };
        let is_stage = self.names.contains(&base.text.to_ascii_lowercase());
        if base.text != "scratch" && !is_stage {
            self.base(base, found);
        }
        if let (Some(word), Some(name)) = (words.next(), words.next())
            && word.text.eq_ignore_ascii_case("as")
        {
            self.names.insert(name.text.to_ascii_lowercase());
        }
    }

    /// Adds what a stage is built from: of an argument, what the argument says.
    fn base(&self, base: &Piece<'t>, found: &mut Found<'_>) {
        let whole = self.argument(base.text).unwrap_or(base);
        let Some(mut draft) = Draft::image(whole) else {
            return;
        };
        let tag = draft.version.as_ref().map_or("", |it| it.text);
        let variable = tag
            .find('$')
            .and_then(|at| tag.get(at..))
            .unwrap_or_default();
        let before = tag.strip_suffix(variable).unwrap_or_default();
        let (variable, behind) = taken_apart(variable);
        if let Some(value) = self.arguments.get(variable) {
            draft.version = Some(value.clone());
            draft.is_cut = !behind.is_empty() || !matches!(before, "" | "v");
        }
        found.add(draft);
    }

    fn argument(&self, text: &str) -> Option<&Piece<'t>> {
        match taken_apart(text) {
            (name, "") => self.arguments.get(name),
            _ => None,
        }
    }

    fn copy(&self, words: &[Piece<'t>], found: &mut Found<'_>) {
        let mut flags = words.iter().filter_map(|it| it.without("--from="));
        let Some(from) = flags.next() else { return };
        let is_number = from.text.bytes().all(|it| it.is_ascii_digit());
        if is_number || self.names.contains(&from.text.to_ascii_lowercase()) {
            return;
        }
        // A bare word may be a context that the build is given.
        let names_image = Image::of(&from)
            .is_some_and(|it| it.tag.is_some() || it.digest.is_some() || it.name.contains('/'));
        if let Some(draft) = Draft::image(&from).filter(|_| names_image) {
            found.add(draft);
        }
    }
}

/// Returns the name of the variable that a text begins with, and what stands behind it; no name where
/// it begins with none, or one with a value of its own (`${X:-1}`).
fn taken_apart(text: &str) -> (&str, &str) {
    let Some(body) = text.strip_prefix('$') else {
        return ("", text);
    };
    let is_other = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    if let Some(body) = body.strip_prefix('{') {
        let (name, behind) = body.split_once('}').unwrap_or(("", text));
        return if name.contains(is_other) {
            ("", text)
        } else {
            (name, behind)
        };
    }
    let end = body.find(is_other).unwrap_or(body.len());
    body.split_at_checked(end).unwrap_or(("", text))
}
