//! `pyproject.toml`: `[project]`, and Poetry's table where there is none.

use std::ops::Range;

use super::{About, Field, License, Topic};
use crate::json::Lines;
use crate::toml::{Node, Toml};
use crate::{ReadError, Splice, splice};

/// Reads a `pyproject.toml`.
///
/// # Errors
/// When it is no TOML.
pub(super) fn read(text: &str) -> Result<About, ReadError> {
    let toml = Toml::parse(text)?;
    let lines = Lines::of(text);
    let mut about = About::default();
    if let Some(project) = toml.root().get("project") {
        table(&mut about, project, &lines);
        license_of_project(&mut about, project, &lines);
    }
    if let Some(poetry) = toml.root().find(&["tool", "poetry"]) {
        table(&mut about, poetry, &lines);
        of_poetry(&mut about, poetry, &lines);
    }
    Ok(about)
}

/// Reads what both tables call the same.
fn table(about: &mut About, table: Node<'_>, lines: &Lines) {
    let text = |key: &str| string(table.get(key)?, lines);
    let any = |key: &str| some(table.get(key)?, lines);
    about.put(Topic::Name, text("name"));
    about.put(Topic::Description, text("description"));
    about.put(Topic::Readme, any("readme"));
    about.put(Topic::Requires, text("requires-python"));
    about.put(
        Topic::Authors,
        any("authors").or_else(|| any("maintainers")),
    );
    about.put(Topic::Keywords, any("keywords"));
    about.put(Topic::Classifiers, any("classifiers"));
    let classifiers = table.get("classifiers").map(Node::items);
    let classifiers = classifiers.into_iter().flatten();
    let classifiers = classifiers.filter_map(|it| string(it, lines));
    about.classifiers.extend(classifiers);
    for (label, url) in table.get("urls").map(Node::entries).unwrap_or_default() {
        if let Some(topic) = topic_of(label.name) {
            about.put(topic, string(url, lines));
        }
    }
    for dynamic in table.get("dynamic").map(Node::items).unwrap_or_default() {
        let Some(field) = string(dynamic, lines) else {
            continue;
        };
        if let Some(topic) = dynamic_topic(&field.value) {
            about.inherited.insert(topic);
        }
    }
}

fn license_of_project(about: &mut About, project: Node<'_>, lines: &Lines) {
    if let Some(license) = project.get("license") {
        let at = |key: &str| string(license.get(key)?, lines);
        about.license = match (string(license, lines), at("text"), at("file")) {
            (Some(expression), _, _) => License::Expression(expression),
            (None, Some(words), _) => License::Words(words),
            (None, None, Some(file)) => {
                about.license_files.push(file.clone());
                License::File(file)
            }
            (None, None, None) => License::Unsaid,
        };
        about.put(Topic::License, about.license.field().cloned());
    }
    let files = project.get("license-files");
    // Before PEP 639 was accepted, the globs stood in a table.
    let files = files.map(|it| it.get("globs").or_else(|| it.get("paths")).unwrap_or(it));
    let files = files.map(Node::items).unwrap_or_default();
    let files = files.into_iter().filter_map(|it| string(it, lines));
    about.license_files.extend(files);
}

fn of_poetry(about: &mut About, poetry: Node<'_>, lines: &Lines) {
    let text = |key: &str| string(poetry.get(key)?, lines);
    for (topic, key) in [
        (Topic::Homepage, "homepage"),
        (Topic::Repository, "repository"),
        (Topic::Documentation, "documentation"),
    ] {
        about.put(topic, text(key));
    }
    let python = poetry.find(&["dependencies", "python"]);
    about.put(Topic::Requires, python.and_then(|it| string(it, lines)));
    if about.license == License::Unsaid
        && let Some(words) = text("license")
    {
        about.put(Topic::License, Some(words.clone()));
        about.license = License::Words(words);
    }
}

fn string(node: Node<'_>, lines: &Lines) -> Option<Field> {
    let text = node.string()?;
    Some(Field {
        value: text.value.to_owned(),
        line: lines.line(text.span.start),
    })
}

/// Returns a string, or that a table or a list with something in it stands there.
fn some(node: Node<'_>, lines: &Lines) -> Option<Field> {
    let members = || {
        let items = node.items().into_iter();
        let texts: Vec<String> = items
            .map(|it| {
                it.string()
                    .map_or_else(String::new, |it| it.value.to_owned())
            })
            .collect();
        let entries = node.entries();
        let strings = entries.iter().filter_map(|it| it.1.string());
        let entries: Vec<String> = strings.map(|it| it.value.to_owned()).collect();
        let filled = !node.items().is_empty() || !entries.is_empty();
        let value = [texts, entries].concat().join(", ");
        filled.then(|| {
            if value.is_empty() {
                "said".to_owned()
            } else {
                value
            }
        })
    };
    string(node, lines).or_else(|| {
        Some(Field {
            value: members()?,
            line: lines.line(node.span()?.start),
        })
    })
}

/// Returns the topic of a label of a URL: the well-known ones, without regard to case and marks.
fn topic_of(label: &str) -> Option<Topic> {
    let plain: String = label.chars().filter(|it| it.is_alphanumeric()).collect();
    Some(match plain.to_lowercase().as_str() {
        "homepage" | "home" | "website" => Topic::Homepage,
        "source" | "repository" | "sourcecode" | "github" | "code" => Topic::Repository,
        "issues" | "bugs" | "issue" | "tracker" | "issuetracker" | "bugtracker" | "bugreports" => {
            Topic::Issues
        }
        "documentation" | "docs" => Topic::Documentation,
        "changelog" | "changes" | "releasenotes" | "whatsnew" | "history" => Topic::Changelog,
        _ => return None,
    })
}

/// Returns the topic of a field that the build fills in.
fn dynamic_topic(field: &str) -> Option<Topic> {
    Some(match field {
        "description" => Topic::Description,
        "readme" => Topic::Readme,
        "requires-python" => Topic::Requires,
        "license" => Topic::License,
        "authors" => Topic::Authors,
        "keywords" => Topic::Keywords,
        "classifiers" => Topic::Classifiers,
        _ => return None,
    })
}

/// The most classifiers that are taken out.
const MOST: usize = 64;

/// Returns a `pyproject.toml` without its `License ::` classifiers; `None` where it has none, or they
/// can not be taken out alone.
pub fn without_license_classifiers(text: &str) -> Option<String> {
    let mut edited = without_first(text)?;
    for _ in 0..MOST {
        match without_first(&edited) {
            Some(more) => edited = more,
            None => break,
        }
    }
    let (before, after) = (read(text).ok()?, read(&edited).ok()?);
    let others = |about: &About| {
        let all = about
            .classifiers
            .iter()
            .filter(|it| !is_of_license(&it.value));
        all.map(|it| it.value.clone()).collect::<Vec<_>>()
    };
    let said = |about: &About| {
        let fields = about.fields.iter();
        let fields = fields.filter(|it| *it.0 != Topic::Classifiers);
        let values = fields.map(|(topic, it)| (*topic, it.value.clone()));
        values.collect::<Vec<_>>()
    };
    let is_clean = others(&after).len() == after.classifiers.len();
    let is_same = others(&before) == others(&after) && said(&before) == said(&after);
    (is_clean && is_same).then_some(edited)
}

fn is_of_license(classifier: &str) -> bool {
    classifier.starts_with("License ::")
}

fn without_first(text: &str) -> Option<String> {
    let toml = Toml::parse(text).ok()?;
    let items = toml.root().find(&["project", "classifiers"])?.items();
    let mut strings = items.into_iter().filter_map(Node::string);
    let first = strings.find(|it| is_of_license(it.value))?;
    let gone = Splice {
        span: whole_item(text, &first.span)?,
        to: String::new(),
    };
    splice(text, &[gone]).ok()
}

/// Returns the bytes of a member of a list with what belongs to it alone: its line, where it stands on
/// one of its own, else its comma.
fn whole_item(text: &str, span: &Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..span.start)?;
    let behind = text.get(span.end..)?;
    let line_start = before.rfind('\n').map_or(0, |it| it + 1);
    let (comma, rest) = match behind.trim_start_matches([' ', '\t']).strip_prefix(',') {
        Some(rest) => (behind.len() - rest.len(), rest),
        None => (0, behind),
    };
    let line = rest.split('\n').next().unwrap_or_default();
    let tail = line.trim();
    let alone = text.get(line_start..span.start)?.trim().is_empty();
    if alone && (tail.is_empty() || tail.starts_with('#')) && rest.len() > line.len() {
        return Some(line_start..span.end + comma + line.len() + 1);
    }
    let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    if comma > 0 {
        return Some(span.start..span.end + comma + spaces);
    }
    // The last one of its list: the comma before it goes.
    let kept = before
        .trim_end()
        .strip_suffix(',')
        .map_or(span.start, str::len);
    Some(kept..span.end)
}
