//! Recorded bumps, one part of one text of which is written many times over.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use cascade_manifest::Lock;
use serde_json::Value;

use super::readers::{Reader, relock};
use recorded::Recorded;

#[path = "../../../crates/cascade-manifest/fuzz/recorded.rs"]
mod recorded;

/// The bumps that are grown, by the ends of their names.
const TAKEN: &[&str] = &["-stays.bump", "-grows.bump", "-a-set-with-its-core.bump"];

/// One text of a bump.
#[derive(Clone, Debug)]
enum Place {
    Lock,
    File(String),
    Fact(String),
}

impl Place {
    /// Returns what it is, short enough to stand for all of its kind in a table.
    fn kind(&self) -> &str {
        match self {
            Self::Lock => "such a lock",
            Self::File(path) => path,
            Self::Fact(_) => "such an answer",
        }
    }
}

/// A part of one text of a bump that is written many times over.
pub(crate) struct Grown {
    pub(crate) name: String,
    bump: Arc<Recorded>,
    place: Place,
    before: String,
    /// `{n}` in it is its number.
    unit: String,
    after: String,
}

impl Grown {
    /// Returns the text with as many of the part as make it about this large.
    pub(crate) fn text(&self, size: usize) -> String {
        let mut text = self.before.clone();
        let mut nth = 0;
        while text.len() < size {
            text += &self.unit.replace("{n}", &nth.to_string());
            nth += 1;
        }
        text + &self.after
    }

    /// Returns what does each task of the bump with another text in that place.
    pub(crate) fn readers(&self) -> Vec<Reader> {
        readers(&self.bump, &self.place)
    }
}

/// What is done with a lock and what lies beside it.
type Task = fn(&Recorded, &dyn Lock);

const TASKS: [(&str, Task); 5] = [
    ("rewritten", |with, format| {
        drop(black_box(with.rewritten(format, &with.lock)));
    }),
    ("judged", |with, format| {
        drop(black_box(format.discords(&with.lock, &with.files)));
    }),
    ("moved by commands", |with, format| {
        let commands = relock(format, &with.lock, &with.files, &with.moves);
        drop(black_box(commands));
    }),
    ("searched", |with, format| {
        let names = with.moves.iter().map(|it| it.name.clone()).collect();
        drop(black_box(format.find(&with.lock, &names)));
    }),
    ("listed", |with, format| {
        drop(black_box(format.entries(&with.lock)));
    }),
];

fn readers(bump: &Arc<Recorded>, place: &Place) -> Vec<Reader> {
    let reader = |(what, task): (&str, Task)| {
        let name = format!("`{}`, {what} with {}", bump.name, place.kind());
        let (bump, place) = (Arc::clone(bump), place.clone());
        Reader::new(name, move |text| {
            if let Some(format) = bump.format() {
                task(&with(&bump, &place, text), format);
            }
        })
    };
    TASKS.into_iter().map(reader).collect()
}

/// Returns the bump with another text in that place.
fn with(bump: &Recorded, place: &Place, text: &str) -> Recorded {
    let mut with = Recorded {
        name: bump.name.clone(),
        lock: bump.lock.clone(),
        moves: bump.moves.clone(),
        own: bump.own.clone(),
        files: bump.files.clone(),
        facts: bump.facts.clone(),
        after: None,
    };
    match place {
        Place::Lock => text.clone_into(&mut with.lock),
        Place::File(path) => drop(with.files.insert(path.clone(), text.to_owned())),
        Place::Fact(question) => drop(with.facts.insert(question.clone(), text.as_bytes().into())),
    }
    with
}

/// Returns every reader of a text of a bump, for texts of any shape.
pub(crate) fn replaced() -> Vec<Reader> {
    let mut all = Vec::new();
    for (_, bump) in bumps()
        .into_iter()
        .filter(|it| it.0.ends_with("-stays.bump"))
    {
        for (place, _) in places(&bump) {
            all.extend(readers(&bump, &place));
        }
    }
    all
}

/// Returns every part of every bump, grown.
pub(crate) fn grown() -> Vec<Grown> {
    let mut all = Vec::new();
    for (file, bump) in bumps() {
        for (place, text) in places(&bump) {
            let parts = match serde_json::from_str::<Value>(&text) {
                Ok(value) => of_json(&value),
                Err(_) => of_lines(&text),
            };
            for (what, before, unit, after) in parts {
                all.push(Grown {
                    name: format!("{file}, {place:?}: {what}"),
                    bump: Arc::clone(&bump),
                    place: place.clone(),
                    before,
                    unit,
                    after,
                });
            }
        }
    }
    all
}

fn bumps() -> Vec<(String, Arc<Recorded>)> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../cascade-manifest/fuzz/corpus/bumps");
    let entries = fs::read_dir(folder).expect("the corpus of bumps");
    let mut names: Vec<_> = entries
        .map(|it| it.expect("an entry").path())
        .filter(|it| TAKEN.iter().any(|end| it.to_string_lossy().ends_with(end)))
        .collect();
    names.sort();
    let read = |it: &std::path::PathBuf| {
        let text = fs::read_to_string(it).expect("a bump");
        let name = it
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        (name, Arc::new(Recorded::read(&text)))
    };
    names.iter().map(read).collect()
}

fn places(bump: &Recorded) -> Vec<(Place, String)> {
    let mut all = vec![(Place::Lock, bump.lock.clone())];
    let files = bump.files.iter();
    all.extend(files.map(|(path, text)| (Place::File(path.clone()), text.clone())));
    for (question, bytes) in &bump.facts {
        if let Ok(text) = std::str::from_utf8(bytes) {
            all.push((Place::Fact(question.clone()), text.to_owned()));
        }
    }
    all
}

type Part = (String, String, String, String);

/// Every line and every paragraph, as it stands and numbered.
fn of_lines(text: &str) -> Vec<Part> {
    let mut all = Vec::new();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let blocks: Vec<&str> = text.split_inclusive("\n\n").collect();
    for parts in [lines, blocks] {
        let mut at = 0;
        for part in parts {
            let (before, rest) = text.split_at(at);
            let (_, after) = rest.split_at(part.len());
            at += part.len();
            if part.trim().is_empty() {
                continue;
            }
            let after = if part.ends_with('\n') { after } else { "" };
            let unit = if part.ends_with('\n') {
                part.to_owned()
            } else {
                format!("{part}\n")
            };
            let what = unit.trim().to_owned();
            all.push((
                what.clone(),
                before.to_owned(),
                unit.clone(),
                after.to_owned(),
            ));
            for other in numbered(&unit) {
                let all_of = format!("{before}{part}");
                all.push((other.trim().to_owned(), all_of, other, after.to_owned()));
            }
        }
    }
    all
}

/// A part with the number in its first word, in its first number, in both.
fn numbered(unit: &str) -> Vec<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in unit.char_indices().chain([(unit.len(), ' ')]) {
        match (is_word(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    let insert = |at: usize| {
        let (before, after) = unit.split_at(at);
        format!("{before}{{n}}{after}")
    };
    let mut ends: Vec<_> = words.iter().map(|it| it.1).take(6).collect();
    ends.dedup();
    ends.into_iter().map(insert).collect()
}

/// Every element of every list and every entry of every object.
fn of_json(value: &Value) -> Vec<Part> {
    let mut all = Vec::new();
    for pointer in pointers(value, "") {
        let Some(at) = value.pointer(&pointer) else {
            continue;
        };
        let mut with = value.clone();
        let mut units = Vec::new();
        match (at, with.pointer_mut(&pointer)) {
            (Value::Array(list), Some(hole)) => {
                for it in list {
                    let text = it.to_string();
                    units.push(format!("{text},"));
                    units.extend(numbered(&text).into_iter().map(|it| format!("{it},")));
                }
                let mut rest = vec![Value::from("HOLE")];
                rest.extend(list.iter().cloned());
                *hole = Value::Array(rest);
            }
            (Value::Object(map), Some(hole)) => {
                for (key, it) in map {
                    units.push(format!("\"{key}{{n}}\":{it},"));
                    units.push(format!("\"{{n}}{key}\":{it},"));
                }
                let mut rest = map.clone();
                rest.insert("HOLE".to_owned(), 1.into());
                *hole = Value::Object(rest);
            }
            _ => continue,
        }
        let text = serde_json::to_string_pretty(&with).expect("JSON");
        let hole = ["\"HOLE\": 1,", "\"HOLE\",", "\"HOLE\": 1", "\"HOLE\""];
        let Some((before, mut after)) = hole.iter().find_map(|it| text.split_once(it)) else {
            continue;
        };
        let closed = after.trim_start().starts_with(['}', ']']);
        let last = if closed {
            if text.contains("\"HOLE\": 1") {
                "\"last\":1"
            } else {
                "1"
            }
        } else {
            ""
        };
        let whole = format!("{last}{after}");
        after = &whole;
        for unit in units {
            let what = format!("{pointer} {unit}");
            all.push((what, before.to_owned(), unit, after.to_owned()));
        }
    }
    all
}

fn pointers(value: &Value, at: &str) -> Vec<String> {
    let mut all = vec![at.to_owned()];
    match value {
        Value::Array(list) => {
            for (nth, it) in list.iter().enumerate().take(3) {
                all.extend(pointers(it, &format!("{at}/{nth}")));
            }
        }
        Value::Object(map) => {
            for (key, it) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                all.extend(pointers(it, &format!("{at}/{key}")));
            }
        }
        _ => {}
    }
    all
}
