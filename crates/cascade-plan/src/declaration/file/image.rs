//! An image as it is declared: a name, or a table with what else there is to say.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use toml::Spanned;

use super::Text;

/// One entry of `images`: an image's name, or a table that says more.
#[derive(Debug)]
pub(in super::super) struct ImageEntry(pub(in super::super) ImageTable);

/// A container image that is published.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in super::super) struct ImageTable {
    /// Its repository, without tag and digest.
    #[schemars(with = "String")]
    pub(in super::super) name: Text,
    /// The tags that follow the latest final version, as `latest`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(in super::super) moving: Vec<Text>,
}

impl<'de> Deserialize<'de> for ImageEntry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ImageVisitor)
    }
}

struct ImageVisitor;

impl<'de> Visitor<'de> for ImageVisitor {
    type Value = ImageEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an image's name, or a table with `name`")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<ImageEntry, E> {
        Ok(ImageEntry(ImageTable {
            name: Spanned::new(0..0, name.to_owned()),
            moving: Vec::new(),
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ImageEntry, A::Error> {
        ImageTable::deserialize(MapAccessDeserializer::new(map)).map(ImageEntry)
    }
}

impl JsonSchema for ImageEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImageEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<ImageTable>();
        json_schema!({
            "description": "An image's name, or a table that says more.",
            "anyOf": [{ "type": "string" }, table],
        })
    }
}
