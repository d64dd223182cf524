//! `[repo.NAME.dispatch]`: the message that promotes to a repository.

use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use toml::Spanned;

use super::fault::DeclareError;
use super::file::Text;
use super::remote;
use super::resolve::Room;
use crate::dispatch::{
    Address, DispatchDeclaration, Effect, GITHUB, Members, Promoted, Recipient, check_template,
    example, promoted, spoken,
};

/// How long an effect is waited for, where nothing is said.
const TIMEOUT: Duration = Duration::from_mins(30);
/// The type of an event of GitHub, where nothing is said.
const EVENT: &str = "promote";
/// The longest type of an event that GitHub takes.
const LONGEST_EVENT: usize = 100;
/// The word for the pins at the tip of the branch.
const PIN: &str = "pin";

/// A message that promotes to the repository, in the place of edits of cascade's own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct DispatchTable {
    /// The repository on GitHub that gets the event `repository_dispatch`, as `OWNER/NAME`.
    #[schemars(with = "Option<String>")]
    pub(super) github: Option<Text>,
    /// The address of GitHub's API.
    #[schemars(with = "Option<String>", extend("default" = GITHUB))]
    pub(super) api: Option<Text>,
    /// The type of the event.
    #[schemars(with = "Option<String>", extend("default" = EVENT))]
    pub(super) event: Option<Text>,
    /// The address of a webhook that gets it instead.
    #[schemars(with = "Option<String>")]
    pub(super) url: Option<Text>,
    /// The variable that holds the address of a webhook.
    #[schemars(with = "Option<String>")]
    pub(super) url_env: Option<Text>,
    /// The variable that holds the token.
    #[schemars(with = "Option<String>")]
    pub(super) token_env: Option<Text>,
    /// What is sent: JSON with placeholders, as `{version}`.
    #[schemars(with = "Option<String>")]
    pub(super) payload: Option<Text>,
    /// What it is sent for: the pins at the tip of the branch, or a page.
    #[schemars(with = "Option<EffectEntry>", extend("default" = PIN))]
    pub(super) effect: Option<Spanned<EffectEntry>>,
    /// How long the effect is waited for: `30m`, `2h`.
    #[schemars(with = "Option<String>", extend("default" = "30m"))]
    pub(super) timeout: Option<Text>,
    /// After which time without an effect it is sent again, under the same key; never unless said.
    #[schemars(with = "Option<String>")]
    pub(super) again: Option<Text>,
}

/// What a message is sent for: the word `pin`, or a page.
#[derive(Debug)]
pub(super) enum EffectEntry {
    Word(String),
    Page(PageTable),
}

/// A page that answers 200 and holds a text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct PageTable {
    /// Its address.
    #[schemars(with = "String")]
    pub(super) url: Text,
    /// The text that has to stand in it, with placeholders.
    #[schemars(with = "Option<String>", extend("default" = "{version}"))]
    pub(super) contains: Option<Text>,
}

impl<'de> Deserialize<'de> for EffectEntry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(EffectVisitor)
    }
}

struct EffectVisitor;

impl<'de> Visitor<'de> for EffectVisitor {
    type Value = EffectEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`pin`, or a table with `url`")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<EffectEntry, E> {
        Ok(EffectEntry::Word(word.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EffectEntry, A::Error> {
        PageTable::deserialize(MapAccessDeserializer::new(map)).map(EffectEntry::Page)
    }
}

impl JsonSchema for EffectEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EffectEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<PageTable>();
        json_schema!({
            "description": "`pin`, or a page that answers.",
            "anyOf": [{ "type": "string", "enum": [PIN] }, table],
        })
    }
}

impl Room<'_> {
    /// Returns the message that a repository declares; `None` where it declares none, or none that
    /// could be sent.
    pub(super) fn dispatch(
        &mut self,
        table: Option<&Spanned<DispatchTable>>,
    ) -> Option<DispatchDeclaration> {
        let at = table?.span();
        let table = table?.get_ref();
        let to = match (&table.github, &table.url, &table.url_env) {
            (Some(repo), None, None) => self.github(repo, table, &at),
            (None, Some(_), None) | (None, None, Some(_)) => self.webhook(table),
            _ => {
                let what = DeclareError::new("a dispatch goes to one receiver");
                let what = what.at(&at, "to none, or to several");
                let help = "say one of `github = \"OWNER/NAME\"`, `url` and `url-env`";
                self.errors.push(what.help(help));
                None
            }
        };
        let payload = table.payload.as_ref();
        let members = match table.github {
            Some(_) => Members::Few,
            None => Members::Any,
        };
        let payload = payload.map(|it| self.keep(it, |it| template(it, members)));
        let effect = self.effect(table.effect.as_ref());
        let timeout = self.span(table.timeout.as_ref()).unwrap_or(TIMEOUT);
        let again = self.span(table.again.as_ref());
        Some(DispatchDeclaration {
            to: to?,
            payload: match payload {
                Some(kept) => Some(kept?),
                None => None,
            },
            effect: effect?,
            timeout,
            again,
        })
    }

    fn github(
        &mut self,
        repo: &Text,
        table: &DispatchTable,
        at: &std::ops::Range<usize>,
    ) -> Option<Recipient> {
        let repo = self.keep(repo, |it| project(it).map(|()| it.to_owned()));
        let api = table.api.as_ref();
        let api = match api {
            Some(text) => self.keep(text, |it| web(it).map(|()| it.to_owned())),
            None => Some(GITHUB.to_owned()),
        };
        let event = match &table.event {
            Some(text) => self.keep(text, |it| event(it).map(|()| it.to_owned())),
            None => Some(EVENT.to_owned()),
        };
        if table.token_env.is_none() {
            let what = DeclareError::new("GitHub takes no event without a token");
            let what = what.at(at, "no `token-env` in it");
            let help = "name the variable that holds one: `token-env = \"PROMOTE_TOKEN\"`";
            self.errors.push(what.help(help));
        }
        let token = self.variable(table.token_env.as_ref());
        Some(Recipient::Github {
            api: api?,
            repo: repo?,
            event: event?,
            token: token?,
        })
    }

    fn webhook(&mut self, table: &DispatchTable) -> Option<Recipient> {
        for (key, text) in [("api", &table.api), ("event", &table.event)] {
            if let Some(text) = text {
                let what = DeclareError::new(format!("`{key}` is for GitHub alone"));
                let what = what.at(&text.span(), "here").help("take it out");
                self.errors.push(what);
            }
        }
        let url = table.url.as_ref();
        let url = url.map(|it| self.keep(it, |it| web(it).map(|()| it.to_owned())));
        let address = match url {
            Some(url) => url.map(Address::Url),
            None => self.variable(table.url_env.as_ref()).map(Address::Variable),
        };
        let token = match &table.token_env {
            Some(text) => Some(self.variable(Some(text))?),
            None => None,
        };
        Some(Recipient::Webhook {
            address: address?,
            token,
        })
    }

    fn variable(&mut self, text: Option<&Text>) -> Option<String> {
        self.keep(text?, |it| variable(it).map(|()| it.to_owned()))
    }

    fn effect(&mut self, entry: Option<&Spanned<EffectEntry>>) -> Option<Effect> {
        let Some(entry) = entry else {
            return Some(Effect::Pins);
        };
        match entry.get_ref() {
            EffectEntry::Word(word) if word == PIN => Some(Effect::Pins),
            EffectEntry::Word(word) => {
                let what = format!("`{}` is no effect", word.escape_debug());
                let what = DeclareError::new(what).at(&entry.span(), "here");
                let help =
                    "write `pin`, or a page: `{ url = \"https://...\", contains = \"{version}\" }`";
                self.errors.push(what.help(help));
                None
            }
            EffectEntry::Page(page) => {
                let url = self.keep(&page.url, |it| web(it).map(|()| it.to_owned()));
                let contains = match &page.contains {
                    Some(text) => self.keep(text, |it| contained(it).map(|()| it.to_owned())),
                    None => Some("{version}".to_owned()),
                };
                Some(Effect::Page {
                    url: url?,
                    contains: contains?,
                })
            }
        }
    }
}

fn template(text: &str, members: Members) -> Result<String, DeclareError> {
    let read = check_template(text, members).map(|()| text.to_owned());
    read.map_err(|why| {
        let help = "write JSON, as '{ \"run\": \"{run}\", \"packages\": {packages} }'";
        DeclareError::new(format!("this is no payload: {why}")).help(help)
    })
}

fn contained(text: &str) -> Result<(), DeclareError> {
    // A digest is asked for before the page is; where nobody says of what, the plan says so.
    let moved = [Promoted {
        digest: Some(String::from("sha256:...")),
        ..promoted()
    }];
    if let Some(name) = ["{run}", "{key}"].into_iter().find(|it| text.contains(it)) {
        let what = format!("a page is not told `{name}`");
        return Err(DeclareError::new(what).help("write `{version}`"));
    }
    match spoken(text, &example(&moved)) {
        Ok(it) if it.trim().is_empty() => {
            Err(DeclareError::new("every page holds nothing").help("write `{version}`"))
        }
        Ok(_) => Ok(()),
        Err(why) => Err(DeclareError::new(why).help("write `{version}`")),
    }
}

/// Checks that JSON is sent to this address, or a page asked for there.
fn web(address: &str) -> Result<(), DeclareError> {
    let scheme = address
        .split_once("://")
        .map(|it| it.0.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("https" | "http")) {
        let help = "it starts with `https://`";
        return Err(DeclareError::new("this is no address of a server").help(help));
    }
    remote::check(address).map_err(|error| {
        let message = error.message.replacen("the remote", "the address", 1);
        let help = "write it as `https://HOST/PATH`; one that holds a secret stands in a variable: `url-env`";
        DeclareError::new(message).help(help)
    })
}

fn project(text: &str) -> Result<(), DeclareError> {
    let fits = |it: &str| {
        let odd = |c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c));
        !it.is_empty() && !it.contains(odd) && it.chars().any(|c| c != '.')
    };
    match text.split_once('/') {
        Some((owner, name)) if fits(owner) && fits(name) => Ok(()),
        _ => Err(DeclareError::new("this is no repository on GitHub").help("write `OWNER/NAME`")),
    }
}

fn event(text: &str) -> Result<(), DeclareError> {
    let odd = |c: char| c.is_control();
    if text.trim().is_empty() || text.chars().count() > LONGEST_EVENT || text.contains(odd) {
        let what = format!("an event is a word of at most {LONGEST_EVENT} characters");
        return Err(DeclareError::new(what).help("write `promote`"));
    }
    Ok(())
}

/// Checks that a text names a variable, and is no token itself.
fn variable(text: &str) -> Result<(), DeclareError> {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let starts = text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
    if starts && text.chars().all(fits) && text.len() <= 100 {
        return Ok(());
    }
    let help = "write the variable's name in capitals, as `PROMOTE_TOKEN`; never the token itself";
    Err(DeclareError::new("this names no variable").help(help))
}
