//! `package.json`.

use super::{About, Field, License, Topic};
use crate::ReadError;
use crate::json::{Json, Lines, Node};

/// Reads a `package.json`.
///
/// # Errors
/// When it is no JSON.
pub(super) fn read(text: &str) -> Result<About, ReadError> {
    let json = Json::parse(text)?;
    let lines = Lines::of(text);
    let root = json.root();
    let mut about = About::default();
    let string = |key: &str| field(root.get(key)?, &lines);
    let within = |key: &str, inner: &str| {
        let node = root.get(key)?;
        field(node, &lines).or_else(|| field(node.get(inner)?, &lines))
    };
    about.put(Topic::Name, string("name"));
    about.put(Topic::Description, string("description"));
    about.put(
        Topic::Requires,
        field_at(root, &["engines", "node"], &lines),
    );
    about.put(Topic::Authors, within("author", "name"));
    about.put(Topic::Authors, list(root, "contributors", &lines));
    about.put(Topic::Keywords, list(root, "keywords", &lines));
    about.put(Topic::Homepage, string("homepage"));
    about.put(Topic::Repository, within("repository", "url"));
    about.put(Topic::Issues, within("bugs", "url"));
    about.license = license(root, &lines);
    about.put(Topic::License, about.license.field().cloned());
    if let License::File(file) = &about.license {
        about.license_files.push(file.clone());
    }
    Ok(about)
}

fn license(root: Node<'_>, lines: &Lines) -> License {
    if let Some(said) = root.get("license").and_then(|it| field(it, lines)) {
        let file = said.value.strip_prefix("SEE LICENSE IN ");
        return match file {
            Some(file) => License::File(Field {
                value: file.trim().to_owned(),
                line: said.line,
            }),
            None if said.value == "UNLICENSED" => License::Words(said),
            None => License::Expression(said),
        };
    }
    // Forms of before npm 3: one object, or a list of them.
    let list = root.get("licenses").and_then(|it| it.items().next());
    let object = root.get("license").or(list);
    let kind = object.and_then(|it| field(it.get("type")?, lines));
    kind.map_or(License::Unsaid, License::Words)
}

fn field_at(root: Node<'_>, path: &[&str], lines: &Lines) -> Option<Field> {
    let node = path.iter().try_fold(root, |it, key| it.get(key))?;
    field(node, lines)
}

fn field(node: Node<'_>, lines: &Lines) -> Option<Field> {
    Some(Field {
        value: node.str()?.to_owned(),
        line: lines.line(node.span().start),
    })
}

fn list(root: Node<'_>, key: &str, lines: &Lines) -> Option<Field> {
    let node = root.get(key)?;
    let words: Vec<&str> = node
        .items()
        .map(|it| {
            it.str()
                .or_else(|| it.get("name")?.str())
                .unwrap_or_default()
        })
        .collect();
    Some(Field {
        value: words.join(", "),
        line: lines.line(node.span().start),
    })
}
