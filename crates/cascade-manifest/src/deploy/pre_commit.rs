//! `.pre-commit-config.yaml`: the repositories that hooks come from. They run beside the work on a
//! repository, and so are tools: no release waits for them.

use super::{Draft, Found, Piece, file_name};
use crate::Kind;
use crate::yaml::{Node, Yaml};

pub(super) fn is_at(path: &str) -> bool {
    matches!(
        file_name(path),
        ".pre-commit-config.yaml" | ".pre-commit-config.yml"
    )
}

pub(super) fn read(yaml: &Yaml<'_>, found: &mut Found<'_>) {
    let rows = yaml.root().and_then(|it| it.get("repos"));
    let rows = rows
        .map(Node::followed)
        .into_iter()
        .flat_map(Node::elements);
    found.below("repos", |found| {
        for row in rows {
            let Some(url) = Piece::field(row, "repo") else {
                continue;
            };
            if !matches!(url.text, "local" | "meta") {
                found.add(Draft::git(Kind::Tool, &url, Piece::field(row, "rev")));
            }
        }
    });
}
