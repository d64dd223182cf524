//! Go: the tool itself reads `go.mod`, and builds the highest of the minimums.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::Room;
use crate::exam::{Asked, Deliberate, Matcher, Origin, Question, refuses};

/// What stands behind a version from 2 on of a module whose path does not say so.
const INCOMPATIBLE: &str = "+incompatible";

/// Go's own tool.
pub(crate) const GO: Matcher = Matcher {
    ecosystem: "go",
    tools: &["go"],
    share: 50,
    versions: &[
        "[0-3]\\.(0|1|10)\\.[0-2](-(0|1|rc|alpha|rc1|a-b)(\\.(0|1|10|x)){0,2})?",
        "[0-3]\\.[0-2]\\.[0-2]-(0\\.|rc\\.1\\.0\\.)?20(19|20)0102030405-(0123456789ab|abcdef012345)",
        "[0-2](\\.(0|1|01|x)){0,3}[-+a-c.0]{0,3}",
    ],
    requirements: &[
        "v[0-3]\\.(0|1|10)\\.[0-2](-(0|1|rc|rc1)(\\.(0|1|10|x)){0,2})?",
        "v[0-3]\\.[0-2]\\.[0-2]-(0\\.|rc\\.1\\.0\\.)?20(19|20)0102030405-(0123456789ab|abcdef012345)",
        "v[2-3]\\.[0-2]\\.[0-2](-rc\\.1)?\\+incompatible",
        "v{0,2}[0-2](\\.(0|1|01|x)){0,3}[-+a-c.0]{0,3}",
    ],
    releases: &["[0-3]\\.(0|1|2|10)\\.[0-2](-rc\\.1)?"],
    ask,
    deliberate: &[
        Deliberate {
            why: "a part of a version (`v1`) is a question that the tool answers, and no minimum yet",
            applies: |question, ours, theirs| match question {
                Question::Version(text) | Question::Requirement(text) => {
                    refuses(ours, theirs) && text.split('.').count() < 3
                }
                _ => false,
            },
        },
        Deliberate {
            why: "Go has no build metadata, so that no tag of its modules has",
            applies: |question, _, theirs| match question {
                Question::Version(text) => {
                    !theirs.is_null() && *theirs == json!(text.split('+').next())
                }
                Question::Order(a, b) => {
                    *theirs == json!(0) && a.split('+').next() == b.split('+').next()
                }
                _ => false,
            },
        },
        Deliberate {
            why: "a tag does not say `+incompatible`; the requirement of the very same version does",
            applies: |question, ours, theirs| match question {
                Question::Admits(text, version) => {
                    let plain = version.split('+').next().unwrap_or_default();
                    *text == format!("v{plain}{INCOMPATIBLE}")
                        && *ours == json!(true)
                        && *theirs == json!(false)
                }
                _ => false,
            },
        },
    ],
};

/// A question as rows of `go.mod`: a path and the version that `go.mod` requires, and the one that
/// another module requires.
struct Rows {
    path: String,
    least: String,
    other: Option<String>,
}

fn rows((nth, it): (usize, &Asked)) -> Rows {
    let path = |version: &str| {
        let major = version.trim_start_matches('v').split('.').next();
        let major: u64 = major.and_then(|it| it.parse().ok()).unwrap_or(0);
        let plain = major < 2 || version.ends_with(INCOMPATIBLE);
        let suffix = if plain {
            String::new()
        } else {
            format!("/v{major}")
        };
        format!("registry.example/q{nth}{suffix}")
    };
    match (&it.question, &it.from) {
        (Question::Version(text), _) => Rows {
            path: path(text),
            least: format!("v{text}"),
            other: None,
        },
        (Question::Requirement(text), _) => Rows {
            path: path(text),
            least: text.clone(),
            other: None,
        },
        (Question::Order(a, b), _) => Rows {
            path: format!("registry.example/q{nth}"),
            least: incompatible(a),
            other: Some(incompatible(b)),
        },
        // What is written stands beside the path of old, and is what is built.
        (Question::Admits(new, _), Origin::Rewritten(old, _)) => Rows {
            path: path(old),
            least: new.clone(),
            other: None,
        },
        (Question::Admits(text, version), Origin::Drawn) => Rows {
            path: path(text),
            least: text.clone(),
            other: Some(format!("v{version}")),
        },
    }
}

/// Returns the version as one path may have it, whatever its major version.
fn incompatible(version: &str) -> String {
    let plain = version.split('+').next().unwrap_or_default();
    match plain.starts_with(['0', '1']) {
        true => format!("v{plain}"),
        false => format!("v{plain}{INCOMPATIBLE}"),
    }
}

fn ask(room: &Room<'_>, asked: &[Asked]) -> Result<Vec<Value>, String> {
    let rows: Vec<_> = asked.iter().enumerate().map(rows).collect();
    let least: Vec<_> = rows
        .iter()
        .map(|it| (it.path.as_str(), it.least.as_str()))
        .collect();
    let others: Vec<_> = rows
        .iter()
        .map(|it| (it.path.as_str(), it.other.as_deref().unwrap_or(&it.least)))
        .collect();
    let (least, others) = (read(room, &least)?, read(room, &others)?);
    let both: Vec<_> = rows
        .iter()
        .zip(least.iter().zip(&others))
        .filter_map(|(it, (a, b))| Some((it.path.as_str(), a.as_deref()?, b.as_deref()?)))
        .collect();
    let built = built(room, &both)?;
    let answers = asked.iter().zip(&rows).zip(least.iter().zip(&others));
    Ok(answers
        .map(|((it, row), (a, b))| answer(it, built.get(&row.path), (a.as_deref(), b.as_deref())))
        .collect())
}

fn answer(it: &Asked, built: Option<&String>, (a, b): (Option<&str>, Option<&str>)) -> Value {
    match (&it.question, &it.from) {
        (Question::Version(_), _) => json!(a.map(|it| it.trim_start_matches('v'))),
        (Question::Requirement(_), _) => json!(a.is_some()),
        (Question::Order(..), _) if a == b => json!(0),
        (Question::Order(..), _) => json!(if built.map(String::as_str) == a {
            1
        } else {
            -1
        }),
        (Question::Admits(_, version), Origin::Rewritten(..)) => {
            let plain = |it: &str| it.split('+').next().unwrap_or_default().to_owned();
            json!(built.map(|it| plain(it)) == Some(format!("v{}", plain(version))))
        }
        (Question::Admits(..), Origin::Drawn) if a.is_none() => Value::Null,
        (Question::Admits(..), Origin::Drawn) => {
            json!(b.is_some() && built.map(String::as_str) == b)
        }
    }
}

/// Returns the versions as Go reads them; none where it refuses the row.
fn read(room: &Room<'_>, rows: &[(&str, &str)]) -> Result<Vec<Option<String>>, String> {
    let text = |left_out: &BTreeSet<usize>| {
        let row = |(nth, (path, version)): (usize, &(&str, &str))| match left_out.contains(&nth) {
            true => "\n".to_owned(),
            false => format!("require {path} {version:?}\n"),
        };
        let rows: String = rows.iter().enumerate().map(row).collect();
        format!("module registry.example/app\n{rows}")
    };
    let argv = ["go", "mod", "edit", "-json", "asked.mod"];
    room.put("asked.mod", &text(&BTreeSet::new()));
    let said = room.tools.run(room.folder, &argv, &[]);
    let refused: BTreeSet<usize> = said.text.lines().filter_map(line).collect();
    room.put("asked.mod", &text(&refused));
    let said = room.tools.run(room.folder, &argv, &[]);
    let document: Value = serde_json::from_str(&said.text).map_err(|_| said.text)?;
    let requires = document["Require"].as_array().cloned().unwrap_or_default();
    let mut requires = requires.into_iter();
    let version = |it: Value| it["Version"].as_str().map(str::to_owned);
    Ok((0..rows.len())
        .map(|nth| match refused.contains(&nth) {
            true => None,
            false => version(requires.next()?),
        })
        .collect())
}

/// Returns which row a message is about: `asked.mod:7: ...`.
fn line(message: &str) -> Option<usize> {
    let (_, rest) = message.split_once("asked.mod:")?;
    let (line, _) = rest.split_once(':')?;
    line.parse::<usize>().ok()?.checked_sub(2)
}

/// Returns what is built of each path, where one module requires the first and another the second.
fn built(room: &Room<'_>, rows: &[(&str, &str, &str)]) -> Result<BTreeMap<String, String>, String> {
    let (mut here, mut there) = (String::new(), String::new());
    for (path, a, b) in rows {
        here += &format!("require {path} {a}\n");
        there += &format!("require {path} {b}\n");
        for version in [a, b] {
            let stem = format!("proxy/{path}/@v/{version}");
            room.put(&format!("{stem}.mod"), &format!("module {path}\n"));
            let info = json!({"Version": version, "Time": "2020-01-02T03:04:05Z"});
            room.put(&format!("{stem}.info"), &info.to_string());
        }
    }
    let other =
        "require registry.example/other v1.0.0\nreplace registry.example/other => ../other\n";
    room.put(
        "main/go.mod",
        &format!("module registry.example/app\ngo 1.16\n{other}{here}"),
    );
    room.put(
        "other/go.mod",
        &format!("module registry.example/other\ngo 1.16\n{there}"),
    );
    let proxy = format!("file://{}/proxy", room.folder.display());
    let argv = ["go", "list", "-mod=mod", "-m", "all"];
    let said = room
        .tools
        .run(&room.folder.join("main"), &argv, &[("GOPROXY", proxy)]);
    if !said.done {
        return Err(said.text);
    }
    let row = |line: &str| {
        let (path, version) = line.split_once(' ')?;
        Some((path.to_owned(), version.to_owned()))
    };
    Ok(said.text.lines().filter_map(row).collect())
}
