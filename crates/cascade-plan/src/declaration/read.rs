//! Text to tables. Whatever serde would stop at is told and left out, so that everything that is
//! wrong is told at once.

use std::collections::BTreeSet;
use std::ops::Range;

use cascade_manifest::{Limit, toml_bounds};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue, ValueDeserializer};

use super::alone::is_elsewhere;
use super::check::CheckTable;
use super::drift::DriftTable;
use super::fault::{DeclareError, did_you_mean};
use super::file::{GateTable, RegistryTable, RepoTable, Text, WorkspaceTable};
use super::policy::PolicyTable;

/// The tables of a file, as far as they could be read.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) workspace: WorkspaceTable,
    /// Every repository's name, that of one whose table could not be read included.
    pub(super) names: BTreeSet<String>,
    /// The repositories, each with the bytes of its name in the file.
    pub(super) repos: Vec<(String, Range<usize>, RepoTable)>,
    /// The registries, each with the bytes of its name in the file.
    pub(super) registries: Vec<(String, Range<usize>, RegistryTable)>,
    /// The gates.
    pub(super) gates: Vec<Spanned<GateTable>>,
    /// What people decided about findings.
    pub(super) check: Option<CheckTable>,
    /// What is allowed in the whole workspace.
    pub(super) policy: Option<PolicyTable>,
    /// How drift is watched.
    pub(super) drift: Option<DriftTable>,
}

/// So many things are wrong that the rest of the file is not looked at.
const ENOUGH: usize = 10_000;

/// Words that people type for a key of another name.
const MEANT: &[(&str, &str)] = &[
    ("repos", "repo"),
    ("repository", "repo"),
    ("depends", "needs"),
    ("depends-on", "needs"),
    ("dependencies", "needs"),
    ("requires", "needs"),
    ("after", "needs"),
    ("url", "remote"),
    ("git", "remote"),
    ("dir", "path"),
    ("folder", "path"),
    ("template", "tag"),
    ("mode", "release"),
    ("sites", "site"),
    ("package", "packages"),
    ("pattern", "regex"),
];

/// Returns the tables of the text; what is wrong goes to `errors`.
pub(super) fn read(text: &str, errors: &mut Vec<DeclareError>) -> Option<Tables> {
    let root = parse(text, errors)?;
    if root.is_empty() {
        errors.push(DeclareError::new("the file is empty").help("`cascade init` writes one"));
        return None;
    }
    let mut tables = Tables::default();
    let mut unnamed = Some(0..0);
    for (key, value) in root {
        match key.get_ref().as_ref() {
            "workspace" => {
                unnamed = (!has_name(value.get_ref())).then(|| key.span());
                tables.workspace = table(value, "`[workspace]`", errors).unwrap_or_default();
            }
            "repo" => tables.take_repos(value, errors),
            "registry" => tables.take_registries(value, errors),
            "gate" => tables.take_gates(value, errors),
            "check" => tables.check = table(value, "`[check]`", errors),
            "policy" => tables.policy = table(value, "`[policy]`", errors),
            "drift" => tables.drift = table(value, "`[drift]`", errors),
            other => errors.push(unknown(
                other,
                &[
                    "workspace",
                    "repo",
                    "registry",
                    "gate",
                    "check",
                    "policy",
                    "drift",
                ],
                "the file",
                &key.span(),
            )),
        }
    }
    if let Some(at) = unnamed {
        let what = DeclareError::new("the workspace has no name");
        let what = if at.is_empty() {
            what
        } else {
            what.at(&at, "no `name` below it")
        };
        errors.push(what.help("write `[workspace]` and `name = \"...\"` below it"));
    }
    tables.repos.sort_by_key(|(_, at, _)| at.start);
    Some(tables)
}

/// What `.cascade.toml` is called in errors.
const OF_A_CLONE: &str = "the file";

/// Returns the table of the one repository `name`, which is the whole text but for `workspace`, and
/// that. `refuse` takes out what may not stand there.
pub(super) fn alone(
    name: &str,
    text: &str,
    refuse: fn(&mut DeTable<'_>, &mut Vec<DeclareError>),
    errors: &mut Vec<DeclareError>,
) -> Option<(Tables, Option<Text>)> {
    let mut root = parse(text, errors)?;
    let workspace = match root.remove("workspace") {
        Some(value) => {
            let at = value.span();
            let read = Text::deserialize(ValueDeserializer::from(value));
            Some(read.map_err(|error| errors.push(told(&error, &at, "`workspace`"))))
        }
        None => None,
    };
    refuse(&mut root, errors);
    let mut whole = Spanned::new(0..0, DeValue::Table(root));
    let mut tables = Tables::default();
    tables.names.insert(name.to_owned());
    let policy = policy_of(&mut whole, "`[policy]`", errors);
    let mut table = table::<RepoTable>(whole, OF_A_CLONE, errors)?;
    table.policy = policy;
    tables.repos.push((name.to_owned(), 0..0, table));
    Some((tables, workspace.and_then(Result::ok)))
}

fn parse<'t>(text: &'t str, errors: &mut Vec<DeclareError>) -> Option<DeTable<'t>> {
    if let Err(error) = Limit::WORKSPACE
        .check(text)
        .and_then(|()| toml_bounds(text))
    {
        let what = DeclareError::new(error.message);
        errors.push(match error.span {
            Some(at) => what.at(&at, "here"),
            None => what,
        });
        return None;
    }
    let root = DeTable::parse(text).map(Spanned::into_inner);
    root.map_err(|error| errors.push(syntax(text, &error))).ok()
}

fn has_name(workspace: &DeValue<'_>) -> bool {
    match workspace {
        DeValue::Table(table) => table.contains_key("name"),
        _ => true,
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> DeclareError {
    let span = error.span().unwrap_or(text.len()..text.len());
    DeclareError::new(error.message()).at(&span, "here")
}

impl Tables {
    fn take_repos(&mut self, value: Spanned<DeValue<'_>>, errors: &mut Vec<DeclareError>) {
        for (name, at, mut value) in named("repo", value, errors) {
            let shown = name.escape_debug().to_string();
            let place = format!("`[repo.{shown}]`");
            self.names.insert(name.clone());
            let policy = policy_of(&mut value, &format!("`[repo.{shown}.policy]`"), errors);
            if let Some(mut table) = table::<RepoTable>(value, &place, errors) {
                table.policy = policy;
                self.repos.push((name, at, table));
            }
        }
    }

    fn take_gates(&mut self, value: Spanned<DeValue<'_>>, errors: &mut Vec<DeclareError>) {
        let at = value.span();
        let DeValue::Array(gates) = value.into_inner() else {
            let what = DeclareError::new("`gate` is not a list of tables").at(&at, "not a list");
            errors.push(what.help("write `[[gate]]`"));
            return;
        };
        for gate in gates {
            let at = gate.span();
            if let Some(gate) = table::<GateTable>(gate, "`[[gate]]`", errors) {
                self.gates.push(Spanned::new(at, gate));
            }
        }
    }

    fn take_registries(&mut self, value: Spanned<DeValue<'_>>, errors: &mut Vec<DeclareError>) {
        for (name, at, value) in named("registry", value, errors) {
            let place = format!("`[registry.{}]`", name.escape_debug());
            if let Some(table) = table::<RegistryTable>(value, &place, errors) {
                self.registries.push((name, at, table));
            }
        }
    }
}

/// Takes `policy` out of a repository's table: it is a table itself, and read key by key.
fn policy_of(
    repo: &mut Spanned<DeValue<'_>>,
    place: &str,
    errors: &mut Vec<DeclareError>,
) -> Option<PolicyTable> {
    let DeValue::Table(repo) = repo.get_mut() else {
        return None;
    };
    let policy = repo.remove("policy")?;
    table(policy, place, errors)
}

/// Returns the tables below a key, each with its name and where that stands.
fn named<'a>(
    key: &str,
    value: Spanned<DeValue<'a>>,
    errors: &mut Vec<DeclareError>,
) -> Vec<(String, Range<usize>, Spanned<DeValue<'a>>)> {
    let at = value.span();
    let DeValue::Table(tables) = value.into_inner() else {
        let what = DeclareError::new(format!("`{key}` is not a table")).at(&at, "not a table");
        errors.push(what.help(format!("write `[{key}.NAME]`")));
        return Vec::new();
    };
    let all = tables.into_iter();
    all.map(|(name, value)| (name.get_ref().to_string(), name.span(), value))
        .collect()
}

/// Reads a table key by key, and list by entry, so that one wrong value hides no other.
fn table<T: DeserializeOwned>(
    value: Spanned<DeValue<'_>>,
    place: &str,
    errors: &mut Vec<DeclareError>,
) -> Option<T> {
    let at = value.span();
    let DeValue::Table(whole) = value.into_inner() else {
        let what = DeclareError::new(format!("{place} is not a table")).at(&at, "not a table");
        errors.push(what.help("write the name in brackets on a line of its own"));
        return None;
    };
    let mut sound = DeTable::new();
    for (key, value) in whole {
        if errors.len() > ENOUGH {
            return None;
        }
        if let Some(value) = sound_part::<T>(&key, value, place, errors) {
            sound.insert(key, value);
        }
    }
    decode(sound, at, place, errors)
}

/// Returns what of a key's value can be read: all of it, or a list's sound entries.
fn sound_part<'a, T: DeserializeOwned>(
    key: &Spanned<DeString<'a>>,
    value: Spanned<DeValue<'a>>,
    place: &str,
    errors: &mut Vec<DeclareError>,
) -> Option<Spanned<DeValue<'a>>> {
    let span = value.span();
    let list = match value.get_ref() {
        DeValue::Array(list) if !list.is_empty() => list,
        _ => return probe::<T>(key, value.clone(), place, errors).then_some(value),
    };
    let mut sound = DeArray::new();
    for it in list {
        if errors.len() > ENOUGH {
            break; // The rest is told once these are mended.
        }
        let mut alone = DeArray::new();
        alone.push(it.clone());
        let alone = Spanned::new(span.clone(), DeValue::Array(alone));
        if probe::<T>(key, alone, place, errors) {
            sound.push(it.clone());
        }
    }
    (!sound.is_empty()).then(|| Spanned::new(span, DeValue::Array(sound)))
}

fn probe<T: DeserializeOwned>(
    key: &Spanned<DeString<'_>>,
    value: Spanned<DeValue<'_>>,
    place: &str,
    errors: &mut Vec<DeclareError>,
) -> bool {
    let at = value.span();
    let alone = DeTable::from_iter([(key.clone(), value)]);
    let place = format!("`{}` of {place}", key.get_ref().escape_debug());
    decode::<T>(alone, at, &place, errors).is_some()
}

fn decode<T: DeserializeOwned>(
    table: DeTable<'_>,
    at: Range<usize>,
    place: &str,
    errors: &mut Vec<DeclareError>,
) -> Option<T> {
    let value = Spanned::new(at.clone(), DeValue::Table(table));
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(read) => Some(read),
        Err(error) => {
            errors.push(told(&error, &at, place));
            None
        }
    }
}

/// Returns serde's error in the words of the file.
fn told(error: &toml::de::Error, at: &Range<usize>, place: &str) -> DeclareError {
    let span = error.span().unwrap_or_else(|| at.clone());
    let message = error.message();
    let mut words = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") {
        let key = words.next().unwrap_or_default();
        let owner = place.rsplit_once(" of ").map_or(place, |it| it.1);
        let nested = !place.starts_with(&format!("`{key}` of "));
        let place = if nested { place } else { owner };
        return unknown(key, &known_in(place, words.collect()), place, &span);
    }
    if message.starts_with("missing field") {
        let key = words.next().unwrap_or_default();
        return DeclareError::new(format!("an entry in {place} has no `{key}`"))
            .at(&span, "in this entry");
    }
    DeclareError::new(format!("{place}: {}", in_plain_words(message))).at(&span, "wrong type")
}

/// Returns the keys that may stand in a place: of a repository's those that a clone may say of itself.
fn known_in<'k>(place: &str, keys: Vec<&'k str>) -> Vec<&'k str> {
    if place != OF_A_CLONE {
        return keys;
    }
    let here = keys.into_iter().filter(|it| !is_elsewhere(it));
    here.chain(["workspace"]).collect()
}

/// Returns serde's message without the names of Rust's types.
fn in_plain_words(message: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("sequence", "list"),
        ("struct DispatchTable", "a table"),
        ("struct PackageTable", "a table"),
        ("struct ImageTable", "a table"),
        ("struct PageTable", "a table"),
        ("struct SiteTable", "a table"),
        ("struct FreezeTable", "a table"),
        ("struct QualityTable", "a table"),
        ("struct ValueTable", "a table"),
        ("struct WaiveTable", "a table"),
        ("f64", "a number"),
        ("map", "table"),
        ("usize", "a number from 0"),
        ("u32", "a number from 0"),
        ("a boolean", "`true` or `false`"),
    ];
    let (is, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    let plain = |text: &str| {
        let swap = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
        WORDS.iter().fold(text.to_owned(), swap)
    };
    match expected {
        "" => is.to_owned(),
        _ => format!(
            "{}, expected {}",
            is.replace("sequence", "list"),
            plain(expected)
        ),
    }
}

fn unknown(key: &str, known: &[&str], place: &str, at: &Range<usize>) -> DeclareError {
    let meant = MEANT.iter().find(|(typed, _)| *typed == key).map(|it| it.1);
    let meant = meant.filter(|it| known.contains(it));
    let help = match meant {
        Some(it) => Some(format!("did you mean `{it}`?")),
        None => did_you_mean(key, known.iter().copied()),
    };
    let all = known.join("`, `");
    DeclareError::new(format!("unknown key `{}` in {place}", key.escape_debug()))
        .at(at, "unknown key")
        .help(help.unwrap_or_else(|| format!("the keys are `{all}`")))
}
