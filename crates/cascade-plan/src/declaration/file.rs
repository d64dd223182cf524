//! `workspace.toml` as it is written: the types that serde reads and the schema is made from.

mod image;

use std::collections::BTreeMap;
use std::fmt;

use cascade_manifest::Kind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use super::check::CheckTable;
use super::dispatch::DispatchTable;
use super::drift::DriftTable;
use super::policy::PolicyTable;
use super::quality::QualityTable;
use super::word::Word as _;
use crate::{EdgeLevel, EdgePolicy, LockMode, LockReach, ReleaseMode, TagFormat};

pub(super) use image::ImageEntry;

/// A text and where it stands.
pub(super) type Text = Spanned<String>;

/// The repositories that are released together, and what each stands on.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "workspace.toml")]
#[expect(dead_code, reason = "only the schema is made from it")]
pub(super) struct WorkspaceFile {
    /// The workspace itself, and what holds for every repository that says nothing else.
    pub(super) workspace: WorkspaceTable,
    /// The repositories, by name.
    #[serde(default)]
    pub(super) repo: BTreeMap<String, RepoTable>,
    /// The registries that packages appear in, by name.
    #[serde(default)]
    pub(super) registry: BTreeMap<String, RegistryTable>,
    /// Cross-repository tests that hold everything below until they pass.
    #[serde(default)]
    pub(super) gate: Vec<GateTable>,
    /// What people decided about findings.
    #[serde(default)]
    pub(super) check: CheckTable,
    /// What is allowed, to people and agents alike.
    #[serde(default)]
    pub(super) policy: PolicyTable,
    /// How drift is watched.
    #[serde(default)]
    pub(super) drift: DriftTable,
}

/// A cross-repository test that holds everything below until it passes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct GateTable {
    /// The repositories that are out before it runs.
    #[serde(default)]
    #[schemars(with = "Vec<String>", required)]
    pub(super) after: Vec<Text>,
    /// The repositories that begin once it passed.
    #[serde(default)]
    #[schemars(with = "Vec<String>", required)]
    pub(super) before: Vec<Text>,
    /// The commands, as argument lists.
    #[serde(default)]
    #[schemars(with = "Vec<Vec<String>>", required)]
    pub(super) run: Vec<Spanned<Vec<String>>>,
}

/// A registry that packages appear in.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RegistryTable {
    /// The ecosystem that it is an index of.
    #[schemars(with = "Option<EcosystemWord>")]
    pub(super) ecosystem: Option<Text>,
    /// The address of the index, as the ecosystem's tools are given it; without credentials.
    #[schemars(with = "Option<String>")]
    pub(super) address: Option<Text>,
    /// The folder that packages appear in, from that of this file.
    #[schemars(with = "Option<String>")]
    pub(super) folder: Option<Text>,
}

/// The workspace itself, and what holds for every repository that says nothing else.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct WorkspaceTable {
    /// The name of the workspace, as reports show it.
    #[schemars(with = "String", required)]
    pub(super) name: Option<Text>,
    /// The folder that repository paths are relative to, relative to this file's own.
    #[schemars(with = "Option<String>", extend("default" = "."))]
    pub(super) root: Option<Text>,
    /// Where packages appear once they are published, and are waited for: names of registries,
    /// `configured` or `none`.
    pub(super) registry: Option<OneOrMore>,
    /// Where pre-releases appear, where that is elsewhere: names of registries.
    pub(super) staging: Option<OneOrMore>,
    /// How long a package is waited for: `30m`, `2h`.
    #[schemars(with = "Option<String>", extend("default" = "30m"))]
    pub(super) timeout: Option<Text>,
    /// The tag template of every package: text with one `{version}` and at most one `{name}`.
    #[schemars(with = "Option<String>")]
    pub(super) tag: Option<Text>,
    /// How pre-release tags are spelled.
    #[schemars(with = "Option<TagFormat>")]
    pub(super) tag_format: Option<Text>,
    /// How repositories are released.
    #[schemars(with = "Option<ReleaseMode>")]
    pub(super) release: Option<Text>,
    /// How locks are brought in step.
    #[schemars(with = "Option<LockMode>")]
    pub(super) lock: Option<Text>,
    /// Whether the family's own packages are exempted from release-age gates, by an edit of the
    /// settings that set them.
    #[schemars(extend("default" = false))]
    pub(super) exempt_family: Option<bool>,
    /// The branches that may be released, names or globs; the first one by default.
    pub(super) branch: Option<OneOrMore>,
    /// How far the lock reaches that lets one run in at a time.
    #[schemars(with = "Option<LockReach>")]
    pub(super) run_lock: Option<Text>,
    /// How long that lock stands unchanged before another machine may take it over: `5m`.
    #[schemars(with = "Option<String>", extend("default" = "5m"))]
    pub(super) run_lock_expires: Option<Text>,
}

/// One repository.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RepoTable {
    /// Its folder, relative to the root; its name unless said.
    #[schemars(with = "Option<String>")]
    pub(super) path: Option<Text>,
    /// Where it is cloned from, fetched from and pushed to; without credentials.
    #[schemars(with = "Option<String>")]
    pub(super) remote: Option<Text>,
    /// The branches that may be released, names or globs; the first one by default.
    pub(super) branch: Option<OneOrMore>,
    /// The repositories that it stands on.
    #[serde(default)]
    #[schemars(with = "Vec<NeedEntry>")]
    pub(super) needs: Vec<Spanned<NeedEntry>>,
    /// How it is released.
    #[schemars(with = "Option<ReleaseMode>")]
    pub(super) release: Option<Text>,
    /// How its locks are brought in step.
    #[schemars(with = "Option<LockMode>")]
    pub(super) lock: Option<Text>,
    /// Whether the family's own packages are exempted from release-age gates, by an edit of the
    /// settings that set them.
    #[schemars(extend("default" = false))]
    pub(super) exempt_family: Option<bool>,
    /// Where packages appear once they are published, and are waited for: names of registries,
    /// `configured` or `none`.
    pub(super) registry: Option<OneOrMore>,
    /// Where pre-releases appear, where that is elsewhere: names of registries.
    pub(super) staging: Option<OneOrMore>,
    /// How long a package is waited for: `30m`, `2h`.
    #[schemars(with = "Option<String>", extend("default" = "30m"))]
    pub(super) timeout: Option<Text>,
    /// The tag template of its packages: text with one `{version}` and at most one `{name}`.
    #[schemars(with = "Option<String>")]
    pub(super) tag: Option<Text>,
    /// How its pre-release tags are spelled.
    #[schemars(with = "Option<TagFormat>")]
    pub(super) tag_format: Option<Text>,
    /// What cascade can not see of its packages by itself.
    #[serde(default)]
    #[schemars(with = "Vec<PackageTable>")]
    pub(super) packages: Vec<Spanned<PackageTable>>,
    /// Who owns it, as teams and people are named on its forge or by e-mail; CODEOWNERS unless said.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) owners: Vec<Text>,
    /// The container images that it publishes.
    #[serde(default)]
    #[schemars(with = "Vec<ImageEntry>")]
    pub(super) images: Vec<Spanned<ImageEntry>>,
    /// The charts that it publishes: `oci://HOST/PATH/NAME`, `https://HOST/PATH/NAME` or a name.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) charts: Vec<Text>,
    /// The modules that it publishes: an address of git or `NAMESPACE/NAME/PROVIDER`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) modules: Vec<Text>,
    /// Commands that must succeed before it is tagged, as argument lists.
    #[serde(default)]
    #[schemars(with = "Vec<Vec<String>>")]
    pub(super) checks: Vec<Spanned<Vec<String>>>,
    /// Commands that must succeed at the commit before it is tagged, as argument lists.
    #[serde(default)]
    #[schemars(with = "Vec<Vec<String>>")]
    pub(super) ready: Vec<Spanned<Vec<String>>>,
    /// A command that is asked whether a tag's packages are published, as an argument list.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) publish_status: Option<Spanned<Vec<String>>>,
    /// Commands that must succeed with the new version installed, as argument lists.
    #[serde(default)]
    #[schemars(with = "Vec<Vec<String>>")]
    pub(super) smoke: Vec<Spanned<Vec<String>>>,
    /// Commands that are run once it is released, as argument lists.
    #[serde(default)]
    #[schemars(with = "Vec<Vec<String>>")]
    pub(super) after: Vec<Spanned<Vec<String>>>,
    /// The message that promotes to it, where another system moves its pins.
    #[schemars(with = "Option<DispatchTable>")]
    pub(super) dispatch: Option<Spanned<DispatchTable>>,
    /// What people decided about its findings.
    pub(super) check: Option<CheckTable>,
    /// Extra places that pin something of the family.
    #[serde(default)]
    #[schemars(with = "Vec<SiteTable>")]
    pub(super) site: Vec<Spanned<SiteTable>>,
    /// What is allowed in it, where that is not what `[policy]` says.
    pub(super) policy: Option<PolicyTable>,
    /// Quality gates: commands whose value has to be good enough.
    #[serde(default)]
    #[schemars(with = "Vec<QualityTable>")]
    pub(super) quality: Vec<Spanned<QualityTable>>,
}

/// What cascade can not see of one package by itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct PackageTable {
    /// Its name, as its manifest writes it.
    #[schemars(with = "String")]
    pub(super) name: Text,
    /// Its ecosystem, where two have a package of this name.
    #[schemars(with = "Option<EcosystemWord>")]
    pub(super) ecosystem: Option<Text>,
    /// The path of its manifest, where two have this name.
    #[schemars(with = "Option<String>")]
    pub(super) manifest: Option<Text>,
    /// The template of its tags.
    #[schemars(with = "Option<String>")]
    pub(super) tag: Option<Text>,
    /// How its pre-release tags are spelled.
    #[schemars(with = "Option<TagFormat>")]
    pub(super) tag_format: Option<Text>,
    /// Where its version comes from.
    #[schemars(with = "Option<VersionSourceWord>")]
    pub(super) version_source: Option<Text>,
    /// Where it appears once it is published.
    pub(super) registry: Option<OneOrMore>,
    /// Patterns of file names that every release of it has.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) files: Vec<Text>,
    /// Whether it is published.
    pub(super) publish: Option<bool>,
}

/// A place that pins something of the family and that no format of cascade reads.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct SiteTable {
    /// The file, from the repository's root.
    #[schemars(with = "String")]
    pub(super) file: Text,
    /// A regular expression with one group named `version`; this or `key`.
    #[schemars(with = "Option<String>")]
    pub(super) regex: Option<Text>,
    /// The key of the version in a file of YAML, JSON or HCL, `runtime.image.tag`; this or `regex`.
    #[schemars(with = "Option<String>")]
    pub(super) key: Option<Text>,
    /// The repository it pins; `repo/package` where that has several packages.
    #[schemars(with = "String")]
    pub(super) upstream: Text,
    /// What the pin is for.
    #[schemars(with = "Option<KindWord>", extend("default" = "image"))]
    pub(super) kind: Option<Text>,
    /// How often the expression matches in the file.
    #[schemars(with = "Option<usize>", extend("default" = 1))]
    pub(super) count: Option<Spanned<usize>>,
}

/// One entry of `needs`: a repository's name, or a table that says more.
#[derive(Debug)]
pub(super) struct NeedEntry(pub(super) NeedTable);

/// A repository that is needed, and how.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct NeedTable {
    /// The upstream repository.
    #[schemars(with = "String")]
    pub(super) repo: Text,
    /// It orders only: no pin has to stand behind it.
    #[serde(default)]
    pub(super) order_only: bool,
    /// How pins on it move.
    #[schemars(with = "Option<EdgePolicy>")]
    pub(super) policy: Option<Text>,
    /// How far this repository moves when the upstream does.
    #[schemars(with = "Option<EdgeLevel>")]
    pub(super) level: Option<Text>,
    /// The type of the commit that moves the pins.
    #[schemars(with = "Option<String>", extend("default" = "fix"))]
    pub(super) commit_type: Option<Text>,
}

impl<'de> Deserialize<'de> for NeedEntry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NeedVisitor)
    }
}

struct NeedVisitor;

impl<'de> Visitor<'de> for NeedVisitor {
    type Value = NeedEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a repository's name, or a table with `repo`")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<NeedEntry, E> {
        Ok(NeedEntry(NeedTable {
            repo: Spanned::new(0..0, name.to_owned()),
            order_only: false,
            policy: None,
            level: None,
            commit_type: None,
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NeedEntry, A::Error> {
        NeedTable::deserialize(MapAccessDeserializer::new(map)).map(NeedEntry)
    }
}

impl JsonSchema for NeedEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NeedEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<NeedTable>();
        json_schema!({
            "description": "A repository's name, or a table that says more.",
            "anyOf": [{ "type": "string" }, table],
        })
    }
}

/// A text, or a list of them.
#[derive(Debug)]
pub(super) struct OneOrMore(pub(super) Vec<Text>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Texts>::deserialize(from)?;
        let whole = spanned.span();
        let place = |it: Text| match it.span() {
            at if at.is_empty() => Spanned::new(whole.clone(), it.into_inner()),
            _ => it,
        };
        let texts = spanned.into_inner().0;
        Ok(Self(texts.into_iter().map(place).collect()))
    }
}

struct Texts(Vec<Text>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Texts, E> {
        Ok(Texts(vec![Spanned::new(0..0, text.to_owned())]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = seq.next_element()? {
            texts.push(text);
        }
        Ok(Texts(texts))
    }
}

impl JsonSchema for OneOrMore {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OneOrMore".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" } },
            ],
        })
    }
}

/// A closed set of words that another room knows, for the schema alone.
macro_rules! words_of_another_room {
    ($($name:ident: $words:expr),+ $(,)?) => {$(
        struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let words: Vec<&str> = $words.collect();
                json_schema!({ "type": "string", "enum": words })
            }
        }
    )+};
}

words_of_another_room!(
    EcosystemWord: cascade_manifest::ALL.iter().map(|it| it.name),
    VersionSourceWord: crate::VersionSource::ALL.iter().map(|it| it.0),
    KindWord: Kind::ALL.iter().map(|it| it.word()),
);
