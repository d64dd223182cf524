//! One more element of a list in a settings file; every other byte stays.

use crate::toml::{Node as TomlNode, Toml};
use crate::yaml::{Node, Yaml};
use crate::{Splice, splice};

/// Returns the line end of a text.
fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Returns the text with a line more behind byte `at`'s line.
fn with_line(text: &str, at: usize, line: &str) -> Option<String> {
    let rest = text.get(at..)?;
    let end = line_end(text);
    let (behind, to) = match rest.find('\n') {
        Some(newline) => (at + newline + 1, format!("{line}{end}")),
        None if text.is_empty() => (0, format!("{line}{end}")),
        None => (text.len(), format!("{end}{line}{end}")),
    };
    let span = behind..behind;
    splice(text, &[Splice { span, to }]).ok()
}

/// Returns the text with lines more at its end.
fn with_lines_at_end(text: &str, lines: &[String]) -> String {
    let end = line_end(text);
    let open = !text.is_empty() && text != "\u{feff}" && !text.ends_with('\n');
    let gap = if open { end } else { "" };
    let lines = lines.join(end) + end;
    format!("{text}{gap}{lines}")
}

/// Returns a YAML text whose list at this key of the root holds one string more; `None` where it is
/// written in a way that a line can not be added to.
pub(super) fn to_yaml(text: &str, key: &str, value: &str) -> Option<String> {
    let quoted = if value.starts_with('@') {
        format!("'{value}'")
    } else {
        value.to_owned()
    };
    let yaml = Yaml::parse(text).ok()?;
    let root = yaml.root();
    let new = match root.map(|it| (it, it.get(key))) {
        None => with_lines_at_end(text, &[format!("{key}:"), format!("  - {quoted}")]),
        Some((root, None)) if is_block(text, root) => {
            with_lines_at_end(text, &[format!("{key}:"), format!("  - {quoted}")])
        }
        Some((_, Some(list))) => to_list(text, list, &quoted)?,
        Some(_) => return None,
    };
    is_one_more(text, &new, (key, value)).then_some(new)
}

/// Returns whether a mapping is written line by line from the start of a line.
fn is_block(text: &str, root: Node<'_>) -> bool {
    let first = root.fields().next();
    let at = first.map_or(0, |(key, _)| key.span().start);
    let before = text.get(..at).unwrap_or_default();
    root.is_mapping() && matches!(before.chars().last(), None | Some('\n' | '\u{feff}'))
}

fn to_list(text: &str, list: Node<'_>, quoted: &str) -> Option<String> {
    let span = list.span();
    let end = list.elements().last()?.span();
    if text.get(span.start..)?.starts_with('[') {
        let at = end.end;
        let to = format!(", {quoted}");
        return splice(text, &[Splice { span: at..at, to }]).ok();
    }
    let line = text.get(..end.start)?.rsplit('\n').next()?;
    let indent = line.trim_end().strip_suffix('-')?;
    let gap = line.get(line.trim_end().len()..)?;
    indent
        .trim()
        .is_empty()
        .then(|| with_line(text, end.end, &format!("{indent}-{gap}{quoted}")))?
}

/// Returns whether the new text says what the old one says, and one element more in this list.
fn is_one_more(text: &str, new: &str, (key, value): (&str, &str)) -> bool {
    let (Ok(before), Ok(now)) = (Yaml::parse(text), Yaml::parse(new)) else {
        return false;
    };
    let list = |yaml: &Yaml<'_>| -> Vec<String> {
        let list = yaml.root().and_then(|it| it.get(key));
        let elements = list.into_iter().flat_map(Node::elements);
        elements
            .filter_map(|it| Some(it.str()?.to_owned()))
            .collect()
    };
    let others = |yaml: &Yaml<'_>, text: &str| -> Vec<String> {
        let fields = yaml.root().into_iter().flat_map(Node::fields);
        let others = fields.filter(|(name, _)| name.str() != Some(key));
        let said = others.map(|(name, it)| {
            let part = text.get(name.span().start..it.span().end);
            part.unwrap_or_default().trim_end().to_owned()
        });
        said.collect()
    };
    let mut expected = list(&before);
    expected.push(value.to_owned());
    list(&now) == expected && others(&before, text) == others(&now, new)
}

/// Returns an `.npmrc` with one `key[]=value` more, behind the last line that `is_near`.
pub(super) fn to_npmrc(text: &str, line: &str, is_near: impl Fn(&str) -> bool) -> String {
    let mut at = 0;
    let mut near = None;
    for it in text.split_inclusive('\n') {
        if is_near(it.trim_start_matches('\u{feff}').trim()) {
            near = Some(at);
        }
        at += it.len();
    }
    near.and_then(|at| with_line(text, at, line))
        .unwrap_or_else(|| with_lines_at_end(text, &[line.to_owned()]))
}

/// Returns a TOML text whose table at the path holds one entry more, where it has that table; else
/// the table is written behind the line of `beside`, its neighbour.
pub(super) fn to_toml_table(
    text: &str,
    path: &[&str],
    entry: &str,
    beside: &str,
) -> Option<String> {
    let whole = format!("{{ {entry} }}");
    to_toml(text, path, (&whole, beside), |table| {
        if !table.is_table() {
            return None;
        }
        // The last entry's place says how the table is written.
        let end = table.entries().last()?.1.span()?.end;
        if text.get(table.span()?)?.starts_with('{') {
            behind(text, end, &format!(", {entry}"))
        } else {
            with_line(text, end, entry)
        }
    })
}

/// Returns a TOML text whose array at the path holds one string more; without one it is written
/// behind the line of `beside`, its neighbour.
pub(super) fn to_toml_array(
    text: &str,
    path: &[&str],
    value: &str,
    beside: &str,
) -> Option<String> {
    let whole = format!("[\"{value}\"]");
    to_toml(text, path, (&whole, beside), |array| {
        let end = array.items().last()?.span()?.end;
        behind(text, end, &format!(", \"{value}\""))
    })
}

/// Returns a TOML text in which what stands at the path was `extended`; where nothing does, it is
/// written whole behind the line of `beside`, its neighbour. `None` where what came of it is no TOML.
fn to_toml(
    text: &str,
    path: &[&str],
    (whole, beside): (&str, &str),
    extended: impl Fn(TomlNode<'_>) -> Option<String>,
) -> Option<String> {
    let toml = Toml::parse(text).ok()?;
    let (key, parents) = path.split_last()?;
    let parent = toml.root().find(parents)?;
    let new = if let Some(it) = parent.get(key) {
        extended(it)?
    } else {
        let at = parent.get(beside)?.span()?.end;
        with_line(text, at, &format!("{key} = {whole}"))?
    };
    Toml::parse(&new).ok()?;
    Some(new)
}

fn behind(text: &str, end: usize, to: &str) -> Option<String> {
    let (span, to) = (end..end, to.to_owned());
    splice(text, &[Splice { span, to }]).ok()
}
