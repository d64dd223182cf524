//! Small settings files of other tools: read whole, bounded, and never an error.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use cascade_manifest::{Limit, toml_bounds};

/// Returns the text of a settings file; `None` where there is none that can be read.
pub(super) fn text(at: &Path) -> Option<String> {
    String::from_utf8(bytes(at, Limit::SETTINGS)?).ok()
}

/// Returns the bytes of a file; `None` where there is none, or it is larger than this.
pub(super) fn bytes(at: &Path, limit: Limit) -> Option<Vec<u8>> {
    let file = File::open(at).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(limit.bytes as u64 + 1)
        .read_to_end(&mut bytes)
        .ok()?;
    limit.takes(bytes.len() as u64).then_some(bytes)
}

/// Returns a TOML file; `None` where there is none that can be read.
pub(super) fn toml(at: &Path) -> Option<toml::Table> {
    table(&text(at)?)
}

/// Returns what a TOML text says; `None` where it can not be read, or only with more stack than
/// there is.
pub(super) fn table(text: &str) -> Option<toml::Table> {
    toml_bounds(text).ok()?;
    text.parse().ok()
}

/// Returns a text below these keys.
pub(super) fn word<'a>(table: &'a toml::Table, keys: &[&str]) -> Option<&'a str> {
    let (last, above) = keys.split_last()?;
    let mut at = table;
    for key in above {
        at = at.get(*key)?.as_table()?;
    }
    at.get(*last)?.as_str()
}

/// Returns the value of a key in a section of an INI file (`pip.conf`).
pub(super) fn ini<'a>(text: &'a str, section: &str, key: &str) -> Option<&'a str> {
    let mut here = false;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            here = name.trim() == section;
            continue;
        }
        let found = line.split_once(['=', ':']).filter(|_| here);
        if let Some((_, value)) = found.filter(|(name, _)| name.trim() == key) {
            return Some(value.trim());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ini_file_is_read_by_section_and_key() {
        let text = "[install]\nindex-url = no\n[global]\n# index-url = no\nindex-url = https://registry.example/simple\n";
        assert_eq!(
            ini(text, "global", "index-url"),
            Some("https://registry.example/simple")
        );
        assert_eq!(ini(text, "global", "extra"), None);
    }

    #[test]
    fn nesting_without_measure_is_refused_and_not_a_stack_overflow() {
        let text = format!("a{} = 1\n", ".a".repeat(200_000));
        assert_eq!(table(&text), None);
        assert!(table("[a.b]\nc = 1\n").is_some());
    }
}
