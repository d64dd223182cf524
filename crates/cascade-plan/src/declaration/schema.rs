//! The JSON Schema of `workspace.toml`, made from the types that read it.

use serde_json::Value;

use super::file::WorkspaceFile;

/// Returns the JSON Schema of `workspace.toml`.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(WorkspaceFile).to_value();
    without_null(&mut schema);
    schema
}

/// Takes `null` out of every choice: TOML has none, a key is left out instead.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            for word in ["type", "enum", "anyOf"] {
                let Some(Value::Array(choices)) = object.get_mut(word) else {
                    continue;
                };
                choices.retain(|it| {
                    let null = it == "null" || it.get("type").is_some_and(|it| it == "null");
                    !null && !it.is_null()
                });
                if let ("type", [one]) = (word, choices.as_slice()) {
                    let one = one.clone();
                    object.insert(word.to_owned(), one);
                }
            }
            object.values_mut().for_each(without_null);
        }
        Value::Array(array) => array.iter_mut().for_each(without_null),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::declare;

    const DOCS: &str = include_str!("../../../../docs/workspace-file.md");

    /// Every key that the schema knows, wherever it stands.
    fn keys(schema: &Value, into: &mut BTreeSet<String>) {
        match schema {
            Value::Object(object) => {
                if let Some(Value::Object(properties)) = object.get("properties") {
                    into.extend(properties.keys().cloned());
                }
                object.values().for_each(|it| keys(it, into));
            }
            Value::Array(array) => array.iter().for_each(|it| keys(it, into)),
            _ => {}
        }
    }

    /// What a value lacks to be of a schema, as far as this schema uses its words.
    fn misfits(root: &Value, schema: &Value, value: &Value) -> Vec<String> {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            let name = name.trim_start_matches("#/$defs/");
            return misfits(root, &root["$defs"][name], value);
        }
        for word in ["anyOf", "oneOf"] {
            if let Some(options) = schema.get(word).and_then(Value::as_array) {
                let fits = options.iter().any(|it| misfits(root, it, value).is_empty());
                return if fits {
                    Vec::new()
                } else {
                    vec![format!("{word}: {value}")]
                };
            }
        }
        let mut wrong = Vec::new();
        if schema.get("const").is_some_and(|it| it != value) {
            wrong.push(format!("const: {value}"));
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            wrong.extend((!words.contains(value)).then(|| format!("enum: {value}")));
        }
        let kind = match value {
            Value::String(_) => "string",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
            Value::Null => "null",
        };
        let types = match schema.get("type") {
            Some(Value::Array(types)) => types.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        if !types.is_empty() && !types.contains(&kind.into()) {
            wrong.push(format!("{value} is no {types:?}"));
        }
        for (key, it) in value.as_object().into_iter().flatten() {
            let known = schema.get("properties").and_then(|it| it.get(key));
            match known.or_else(|| schema.get("additionalProperties")) {
                Some(Value::Bool(false)) | None => wrong.push(format!("unknown key {key}")),
                Some(inner) => wrong.extend(misfits(root, inner, it)),
            }
        }
        for required in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let there = value.get(required.as_str().unwrap_or_default()).is_some();
            wrong.extend((!there).then(|| format!("no {required}")));
        }
        if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
            wrong.extend(list.iter().flat_map(|it| misfits(root, items, it)));
        }
        wrong
    }

    fn examples() -> Vec<&'static str> {
        let blocks = DOCS.split("```toml\n").skip(1);
        blocks.filter_map(|it| it.split("```").next()).collect()
    }

    #[test]
    fn every_key_has_a_heading_and_a_description() {
        let schema = schema();
        let mut known = BTreeSet::new();
        keys(&schema, &mut known);
        assert!(known.len() > 25, "{known:?}");
        for key in &known {
            assert!(
                DOCS.contains(&format!("\n### `{key}`\n")),
                "{key} has no heading"
            );
        }
        let headings = DOCS.lines().filter_map(|it| it.strip_prefix("### `"));
        for heading in headings.map(|it| it.trim_end_matches('`')) {
            assert!(known.contains(heading), "{heading} is no key");
        }
        let text = schema.to_string();
        assert!(!text.contains("null"), "{text}");
        assert!(
            text.contains("A regular expression with one group named `version`; this or `key`.")
        );
    }

    #[test]
    fn the_example_is_a_declaration_and_fits_the_schema() {
        let whole = examples().into_iter().next().expect("an example");
        let declared = declare(whole).unwrap_or_else(|it| panic!("{:?}", it.errors()));
        assert_eq!(declared.repos.len(), 5);
        let schema = schema();
        let value: Value = toml::from_str(whole).expect("TOML");
        assert_eq!(misfits(&schema, &schema, &value), Vec::<String>::new());
    }

    #[test]
    fn every_small_example_can_be_written_in_a_repository() {
        for example in examples().into_iter().skip(1) {
            let others = "[workspace]\nname = 'w'\n[repo.core]\n[repo.\"core.js\"]\n[repo.x]\n";
            let text = format!("{others}{example}");
            assert!(declare(&text).is_ok(), "{example}: {:?}", declare(&text));
        }
    }

    #[test]
    fn the_schema_refuses_what_declare_refuses() {
        let schema = schema();
        for (text, fits) in [
            ("[workspace]\nname = 'w'", true),
            ("[workspace]\nname = 'w'\nnam = 1", false),
            ("[workspace]\nroot = '.'", false),
            ("[repo.a]", false),
            (
                "[workspace]\nname = 'w'\n[repo.a]\nbranch = ['x', 'y']\nrelease = 'manual'",
                true,
            ),
            ("[workspace]\nname = 'w'\n[repo.a]\nbranch = 3", false),
            ("[workspace]\nname = 'w'\n[repo.a]\nrelease = 'tags'", false),
            (
                "[workspace]\nname = 'w'\n[repo.b]\n[repo.a]\nneeds = [{ repo = 'b', policy = 'keep' }]",
                true,
            ),
            (
                "[workspace]\nname = 'w'\n[repo.a]\nneeds = [{ policy = 'keep' }]",
                false,
            ),
            (
                "[workspace]\nname = 'w'\n[repo.a]\npackages = [{ name = 'x', ecosystem = 'maven' }]",
                false,
            ),
        ] {
            let value: Value = toml::from_str(text).expect("TOML");
            assert_eq!(misfits(&schema, &schema, &value).is_empty(), fits, "{text}");
            assert_eq!(declare(text).is_ok(), fits, "{text}");
        }
    }
}
