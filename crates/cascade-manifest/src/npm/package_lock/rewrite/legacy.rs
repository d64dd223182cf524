//! The tree of version 2 that npm 6 reads: the same facts once more, in nested tables.

use serde_json::Value;

use super::super::{MODULES, is_installed};
use super::moving::Moving;
use super::{Town, inner, object};
use crate::json::{Json, Node};
use crate::{Fallback, Splice};

/// What the entry of a link says.
const LINK: &str = "\"link\": true";

/// Returns the edits of the nested tables, where the lock has them.
///
/// # Errors
/// When they do not hold what the entries hold.
pub(super) fn splices(town: &Town<'_, '_>) -> Result<Vec<Splice>, Fallback> {
    let Some(span) = town.tree.legacy.clone() else {
        return Ok(Vec::new());
    };
    let text = town.tree.text.get(span.clone()).unwrap_or_default();
    let json = Json::parse(text).map_err(|it| Fallback::because(it.message))?;
    let legacy = Legacy {
        town,
        root: json.root(),
    };
    let mut edits = Vec::new();
    for it in &town.moving {
        edits.extend(legacy.moved(it)?);
    }
    for place in town.tree.entries.iter().filter(|it| is_installed(&it.key)) {
        if town.tree.block(place).contains(LINK) {
            edits.extend(legacy.linked(&place.key)?);
        }
    }
    for it in &mut edits {
        it.span = it.span.start + span.start..it.span.end + span.start;
    }
    Ok(edits)
}

struct Legacy<'a, 'b> {
    town: &'a Town<'b, 'b>,
    root: Node<'a>,
}

impl<'a> Legacy<'a, '_> {
    /// Returns the edits of a copy that moves: the same texts as in its entry.
    fn moved(&self, it: &Moving) -> Result<Vec<Splice>, Fallback> {
        let row = Row {
            node: self.node(&it.key).ok_or_else(|| odd(&it.name))?,
            it,
        };
        let mut edits = Vec::new();
        if it.specs.is_some() {
            return Err(Fallback::because(format!(
                "npm writes `{}`, which comes from git, in two ways into a lock of version 2",
                it.name
            )));
        }
        let alias = |version: &str| {
            if it.folder == it.name {
                version.to_owned()
            } else {
                format!("npm:{}@{version}", it.name)
            }
        };
        let versions = (alias(&it.from), alias(&it.to));
        edits.extend(row.put("version", (Some(&versions.0), Some(&versions.1)))?);
        edits.extend(row.put("resolved", row.held("resolved"))?);
        edits.extend(row.put("integrity", row.held("integrity"))?);
        edits.extend(row.requires()?);
        Ok(edits)
    }

    /// Returns the edits of the requirements that the row of a linked project repeats.
    fn linked(&self, key: &str) -> Result<Vec<Splice>, Fallback> {
        let town = self.town;
        let link = town.tree.at(key).map(|it| object(town.tree, it));
        let link = link.transpose()?.unwrap_or_default();
        let target = link.get("resolved").and_then(Value::as_str);
        let place = target.and_then(|it| town.tree.at(it));
        let requires = self.node(key).and_then(|it| it.get("requires"));
        let (Some(place), Some(requires)) = (place, requires) else {
            return Ok(Vec::new());
        };
        let mut edits = Vec::new();
        for (folder, value) in requires.fields() {
            let Some(text) = value.text().filter(|it| town.is_named(folder, it.value)) else {
                continue;
            };
            // Of several tables that name a package, the last that npm reads counts.
            let tables = ["devDependencies", "optionalDependencies", "dependencies"];
            let mut wanted = tables.iter().map(|it| town.wanted(place, it, folder));
            let wanted = wanted.find_map(Result::ok);
            let (Some(span), Some(to)) = (text.span, wanted) else {
                return Err(odd(folder));
            };
            edits.push(Splice { span, to });
        }
        Ok(edits)
    }

    /// Returns the row of a folder: the tables are nested as the folders are.
    fn node(&self, key: &str) -> Option<Node<'a>> {
        let (project, rest) = key.split_once(MODULES)?;
        let project = project.trim_end_matches('/');
        let above = match project {
            "" => None,
            _ => Some(self.link(project)?),
        };
        let inner = rest.split(MODULES).map(|it| it.trim_end_matches('/'));
        let mut names = above.into_iter().chain(inner.map(str::to_owned));
        let first = self.root.get(&names.next()?)?;
        names.try_fold(first, |node, name| node.get("dependencies")?.get(&name))
    }

    /// Returns the folder's name of the link to a project.
    fn link(&self, project: &str) -> Option<String> {
        let wanted = format!("\"resolved\": \"{project}\"");
        let tree = self.town.tree;
        let mut links = tree.entries.iter().filter(|it| {
            let block = tree.block(it);
            block.contains(LINK) && block.contains(&wanted)
        });
        links.next()?.folder().map(str::to_owned)
    }
}

/// The row of a copy that moves.
struct Row<'a, 'm> {
    node: Node<'a>,
    it: &'m Moving,
}

impl<'m> Row<'_, 'm> {
    /// Returns what the entry holds in a field before and after.
    fn held(&self, field: &str) -> (Option<&'m str>, Option<&'m str>) {
        let before = self.it.old_entry.get(field).and_then(Value::as_str);
        (before, self.it.new_entry.get(field).and_then(Value::as_str))
    }

    /// Returns the edit of a field that holds the text before.
    fn put(
        &self,
        field: &str,
        (before, after): (Option<&str>, Option<&str>),
    ) -> Result<Option<Splice>, Fallback> {
        let text = self.node.get(field).and_then(Node::text);
        if text.as_ref().map(|it| it.value) != before {
            return Err(odd(&self.it.name));
        }
        let (Some(text), Some(after)) = (text, after) else {
            return Ok(None);
        };
        let span = text.span.ok_or_else(|| odd(&self.it.name))?;
        let to = inner(after);
        Ok(Some(Splice { span, to }))
    }

    /// Returns the edits of the requirements that are worded otherwise. Those of peers are not
    /// repeated here.
    fn requires(&self) -> Result<Vec<Splice>, Fallback> {
        let peers = self.it.new_entry.get("peerDependencies");
        let requires = self.node.get("requires");
        let mut edits = Vec::new();
        for (folder, value) in &self.it.reworded {
            let row = requires.and_then(|it| it.get(folder));
            let span = row.and_then(Node::text).and_then(|it| it.span);
            match span {
                Some(span) => edits.push(Splice {
                    span,
                    to: inner(value),
                }),
                None if peers.is_some_and(|it| it.get(folder).is_some()) => {}
                None => return Err(odd(&self.it.name)),
            }
        }
        Ok(edits)
    }
}

fn odd(name: &str) -> Fallback {
    Fallback::because(format!(
        "the two tables of the lock do not hold the same of `{name}`"
    ))
}
