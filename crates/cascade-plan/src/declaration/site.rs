//! Declared sites: a file, an expression, and whom it pins.

use cascade_manifest::Kind;
use cascade_manifest::deploy::Key;
use regex::RegexBuilder;
use toml::Spanned;

use super::fault::DeclareError;
use super::file::{SiteTable, Text};
use super::path::{Climb, inside};
use super::resolve::{Room, unknown_word};
use crate::{RepoId, SiteDeclaration, SiteFinder};

const SIZE: usize = 1 << 20;

/// Returns the sites that a repository declares.
pub(super) fn sites(room: &mut Room<'_>, tables: &[Spanned<SiteTable>]) -> Vec<SiteDeclaration> {
    tables.iter().filter_map(|it| site(room, it)).collect()
}

fn site(room: &mut Room<'_>, entry: &Spanned<SiteTable>) -> Option<SiteDeclaration> {
    let table = entry.get_ref();
    let file = room.keep(&table.file, |it| inside(it, Climb::Never));
    let upstream = upstream(room, &table.upstream);
    let kind = table.kind.as_ref();
    let kind = kind.map_or(Some(Kind::Image), |it| room.keep(it, kind_of));
    let finder = finder(room, entry, kind);
    let count = table.count.as_ref().map_or(1, |it| *it.get_ref());
    if let Some(zero) = table.count.as_ref().filter(|it| *it.get_ref() == 0) {
        let what = DeclareError::new("a site matches once at least");
        room.errors.push(what.at(&zero.span(), "here"));
    }
    Some(SiteDeclaration {
        file: file?,
        finder: finder?,
        upstream: upstream?,
        kind: kind?,
        count,
        at: entry.span(),
    })
}

/// Returns what finds the version: the expression or the key, whichever of the two is said.
fn finder(
    room: &mut Room<'_>,
    entry: &Spanned<SiteTable>,
    kind: Option<Kind>,
) -> Option<SiteFinder> {
    let table = entry.get_ref();
    match (&table.regex, &table.key) {
        (Some(regex), None) => {
            let regex = room.keep(regex, |it| expression(it).map(|()| it.to_owned()));
            regex.map(SiteFinder::Regex)
        }
        (None, Some(key)) => {
            if let Some(count) = &table.count {
                let what =
                    DeclareError::new("a key stands for one place: `count` goes with `regex`");
                let what = what.help("leave it out");
                room.errors.push(what.at(&count.span(), "here"));
            }
            let (file, kind) = (table.file.get_ref(), kind.unwrap_or(Kind::Image));
            let key = room.keep(key, |it| match Key::of(file, it, kind) {
                Ok(_) => Ok(it.to_owned()),
                Err(why) => Err(DeclareError::new(format!("the key can not be used: {why}"))),
            });
            key.map(SiteFinder::Key)
        }
        (Some(regex), Some(key)) => {
            let what = DeclareError::new("a site is found by `regex` or by `key`, not by both");
            let what = what.at(&regex.span(), "here").at(&key.span(), "and here");
            room.errors.push(what.help("leave one of them out"));
            None
        }
        (None, None) => {
            let what = DeclareError::new("a site does not say where its version stands");
            let help = "write `key = \"runtime.image.tag\"` for YAML, JSON and HCL, `regex` for all others";
            room.errors
                .push(what.at(&entry.span(), "in this entry").help(help));
            None
        }
    }
}

fn upstream(room: &mut Room<'_>, text: &Text) -> Option<(RepoId, Option<String>)> {
    let (repo, package) = match text.get_ref().split_once('/') {
        Some((repo, package)) => (repo, Some(package.to_owned())),
        None => (text.get_ref().as_str(), None),
    };
    room.declared(repo, &text.span())
        .then(|| (RepoId::new(repo), package))
}

fn kind_of(word: &str) -> Result<Kind, DeclareError> {
    let known = Kind::ALL.iter().copied();
    known.clone().find(|it| it.word() == word).ok_or_else(|| {
        let words: Vec<&str> = known.map(Kind::word).collect();
        unknown_word(word, "kind of pin", &words)
    })
}

fn expression(text: &str) -> Result<(), DeclareError> {
    let help = "write one group `(?P<version>...)` round the version";
    let built = RegexBuilder::new(text)
        .multi_line(true)
        .size_limit(SIZE)
        .dfa_size_limit(SIZE)
        .nest_limit(64)
        .build();
    let regex = built.map_err(|error| {
        let told = error.to_string();
        let last = told.lines().last().unwrap_or_default();
        let why = last.trim_start_matches("error: ").to_owned();
        DeclareError::new(format!("the regular expression can not be used: {why}")).help(help)
    })?;
    if regex.capture_names().flatten().any(|it| it == "version") {
        return Ok(());
    }
    Err(DeclareError::new("the regular expression has no group named `version`").help(help))
}
