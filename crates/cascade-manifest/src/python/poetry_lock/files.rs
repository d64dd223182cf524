//! The list of files in a record.

use std::collections::BTreeMap;

use super::rewrite::Record;
use crate::python::index::{self, File};
use crate::toml::Node;

/// The files of a version, by their name, with the hash of each.
pub(super) type Rows = BTreeMap<String, String>;

/// Returns the files that an index has; `None` where one has no hash.
pub(super) fn listed(files: &index::Files<'_>) -> Option<Rows> {
    let row = |file: &&File| {
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
        let plain = file.filename.chars().all(is_plain);
        let hash = format!("sha256:{}", file.sha256()?);
        (plain && hash.chars().all(is_plain)).then(|| (file.filename.clone(), hash))
    };
    files.values().map(row).collect()
}

/// Returns the files that a record lists.
pub(super) fn written(record: &Record<'_>) -> Rows {
    let files = record
        .node
        .get("files")
        .map(Node::items)
        .unwrap_or_default();
    let row = |it: Node<'_>| {
        let at = |key| it.string_at(key).map(|it| it.value.to_owned());
        at("file").zip(at("hash"))
    };
    files.into_iter().filter_map(row).collect()
}

/// Returns the list as Poetry writes it.
pub(super) fn array(rows: &Rows, line_end: &str) -> String {
    let rows = rows.iter();
    let rows =
        rows.map(|(file, hash)| format!("    {{file = \"{file}\", hash = \"{hash}\"}},{line_end}"));
    format!("[{line_end}{}]", rows.collect::<String>())
}
