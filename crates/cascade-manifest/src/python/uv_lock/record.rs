//! The record of a package from a registry: its version and its files.

use pep440_rs::Version;

use super::book::{self, Block, Book};
use super::rewrite::changed;
use super::row::Row;
use crate::python::index::{self, File};
use crate::{Fallback, Splice};

/// The files of the version that is locked and of the one that shall be.
pub(super) struct Files<'p> {
    pub(super) held: Version,
    pub(super) to: &'p Version,
    pub(super) old: index::Files<'p>,
    pub(super) new: index::Files<'p>,
}

/// Returns the edits that make the record that of the new version.
///
/// # Errors
/// When the new version has other kinds of files, or less is known of them.
pub(super) fn edits(
    book: &Book<'_>,
    block: &Block<'_>,
    files: &Files<'_>,
) -> Result<Vec<Splice>, Fallback> {
    let name = block.name;
    if !files.old.keys().eq(files.new.keys()) {
        let reason = format!(
            "`{name}` {} has other kinds of files than {}",
            files.to, files.held
        );
        return Err(Fallback::because(reason));
    }
    let unreadable = || Fallback::because(format!("the record of `{name}` is not as uv writes it"));
    let version = block.version.ok_or_else(unreadable)?;
    let mut splices = Vec::from_iter(changed(book, version, &files.to.to_string()));
    for table in block.edges() {
        for entry in book::rows(table.body).ok_or_else(unreadable)? {
            if matches!(entry.list, "sdist" | "wheels") {
                let url = entry.row.get("url").ok_or_else(unreadable)?;
                let key = index::key_at(url, name, &files.held).ok_or_else(unreadable)?;
                let file = files.new.get(&key).ok_or_else(unreadable)?;
                splices.extend(file_edits(book, &entry.row, file).ok_or_else(|| {
                    Fallback::because(format!("the index says too little of `{}`", file.filename))
                })?);
            }
        }
    }
    Ok(splices)
}

/// Returns the edits of one file's row. What it does not say stays unsaid.
fn file_edits(book: &Book<'_>, row: &Row<'_>, file: &File) -> Option<Vec<Splice>> {
    let (algorithm, _) = row.get("hash")?.split_once(':')?;
    let digest = file.hashes.get(algorithm)?;
    let mut values = vec![
        ("url", file.url.clone()),
        ("hash", format!("{algorithm}:{digest}")),
    ];
    if row.has("size") {
        values.push(("size", file.size?.to_string()));
    }
    if row.has("upload-time") {
        values.push(("upload-time", milliseconds(file.upload_time.as_deref()?)?));
    }
    let known = row
        .pairs()
        .all(|(key, _)| values.iter().any(|(it, _)| *it == key));
    let is_plain = |it: &str| !it.contains(['"', '\\']) && !it.chars().any(char::is_control);
    if !known || !values.iter().all(|(_, it)| is_plain(it)) {
        return None;
    }
    let edit = |(key, value): (&str, String)| changed(book, row.get(key)?, &value);
    Some(values.into_iter().filter_map(edit).collect())
}

/// Returns the time of an upload as uv writes it: cut to milliseconds, without closing zeros.
pub(super) fn milliseconds(time: &str) -> Option<String> {
    let utc = time
        .strip_suffix('Z')
        .or_else(|| time.strip_suffix("+00:00"))?;
    let (seconds, fraction) = utc.split_once('.').unwrap_or((utc, ""));
    let digits = fraction.bytes().all(|it| it.is_ascii_digit());
    if seconds.len() != "2026-01-01T00:00:00".len() || !digits {
        return None;
    }
    let cut = fraction.get(..3).unwrap_or(fraction).trim_end_matches('0');
    let point = if cut.is_empty() { "" } else { "." };
    Some(format!("{seconds}{point}{cut}Z"))
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn a_time_is_cut_and_has_no_closing_zeros() {
        for (time, expected) in [
            (
                "2026-01-01T00:00:00.123456Z",
                Some("2026-01-01T00:00:00.123Z"),
            ),
            (
                "2026-02-01T00:00:00.650000Z",
                Some("2026-02-01T00:00:00.65Z"),
            ),
            (
                "2026-02-01T00:00:00.000999+00:00",
                Some("2026-02-01T00:00:00Z"),
            ),
            ("2026-02-01T00:00:00Z", Some("2026-02-01T00:00:00Z")),
            ("2026-02-01T00:00:00+01:00", None),
            ("yesterdayZ", None),
        ] {
            assert_eq!(milliseconds(time).as_deref(), expected, "{time}");
        }
    }
}
