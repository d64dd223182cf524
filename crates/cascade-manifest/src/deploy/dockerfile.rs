//! Dockerfiles: what stages are built from, and the arguments that say it.

mod lines;

use std::collections::{BTreeMap, BTreeSet};

use self::lines::instructions;
use super::expanded::shell;
use super::{Draft, Expanded, Found, Image, Piece, file_name};

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
            "RUN" => found.below("RUN", |found| stages.mounts(rest, found)),
            _ => {}
        }
    }
}

/// What is known where an instruction stands.
#[derive(Default)]
struct Stages<'t> {
    begun: bool,
    /// The arguments before the first stage, with what they are where nobody says otherwise.
    arguments: BTreeMap<&'t str, Expanded<'t>>,
    names: BTreeSet<String>,
}

impl<'t> Stages<'t> {
    fn arguments(&mut self, words: &[Piece<'t>]) {
        for (name, value) in words.iter().filter_map(|it| it.split_once("=")) {
            let quoted = |mark| value.without(mark)?.split_once(mark).map(|it| it.0);
            let value = quoted("\"").or_else(|| quoted("'")).unwrap_or(value);
            let value = self.expanded(&value);
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
        if let Some(draft) = self.expanded(base).image() {
            found.add(draft);
        }
    }

    fn expanded(&self, piece: &Piece<'t>) -> Expanded<'t> {
        shell(piece, &|name| self.arguments.get(name).cloned())
    }

    fn copy(&self, words: &[Piece<'t>], found: &mut Found<'_>) {
        if let Some(from) = words.iter().find_map(|it| it.without("--from=")) {
            self.taken(&from, found);
        }
    }

    /// Adds the images that a command is given files of: `--mount=type=bind,from=...`.
    fn mounts(&self, words: &[Piece<'t>], found: &mut Found<'_>) {
        let flags = words.iter().take_while(|it| it.text.starts_with("--"));
        for mount in flags.filter_map(|it| it.without("--mount=")) {
            if let Some(from) = mount.split(',').find_map(|it| it.without("from=")) {
                self.taken(&from, found);
            }
        }
    }

    /// Adds what files are taken from, if it is an image and no stage.
    fn taken(&self, from: &Piece<'t>, found: &mut Found<'_>) {
        let is_number = from.text.bytes().all(|it| it.is_ascii_digit());
        if is_number || self.names.contains(&from.text.to_ascii_lowercase()) {
            return;
        }
        // A bare word may be a context that the build is given.
        let names_image = Image::of(from)
            .is_some_and(|it| it.tag.is_some() || it.digest.is_some() || it.name.contains('/'));
        if let Some(draft) = Draft::image(from).filter(|_| names_image) {
            found.add(draft);
        }
    }
}
