//! Cargo: there is no command that matches, so it resolves. Every question is a package of its own
//! in a registry folder; what a lock holds stays where the requirement admits it, and goes where not.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cascade_manifest::{Version, ecosystem};
use serde_json::{Value, json};

use crate::Room;
use crate::draw::near;
use crate::exam::{Asked, Matcher, Question};

/// Real Cargo.
pub(crate) const CARGO: Matcher = Matcher {
    ecosystem: "cargo",
    tools: &["cargo"],
    share: 10,
    versions: &[
        "[0-2]\\.(0|1|10)\\.[0-2](-(0|1|rc|alpha|rc1|a-b|-)(\\.(0|1|10|x|1a)){0,2})?(\\+[a-z0-9]{1,2}(\\.0?[0-9])?)?",
        "[ v=]{0,1}[0-2](\\.(0|1|01|x)){0,3}[-+a-c.0]{0,2}",
    ],
    requirements: &[
        "(\\^|~|=|>=|<=|>|<|)? ?[0-2](\\.(0|1|2|10)){0,2}(\\.\\*)?",
        "(\\^|~|=|>=|<=|>|<|)? ?[0-2]\\.(0|1|10)\\.[0-2](-(rc|alpha|0)(\\.[0-2])?)?(\\+b1)?",
        "(>=|>) ?[0-2](\\.[0-2]){0,2}(-rc\\.1|-0)? ?, ?(<|<=) ?[0-3](\\.[0-2]){0,2}(-0|-rc\\.1)?",
        "(\\*|x|\\^0\\.0\\.[0-2]|~0|\\^0|0\\.x|>0\\.0|<=0|>=0\\.0\\.0-0|=1\\.\\*|1\\.\\*\\.\\*|1\\.X|\\^1\\.\\*)",
        "[<>=~^v ]{0,3}[0-2x](\\.[0-2x*]){0,3}[-+a |,]{0,3}[<>=~^v ]{0,2}([0-2](\\.[0-2]){0,2})?",
    ],
    releases: &[
        "[0-3]\\.(0|1|2|10)\\.[0-2]",
        "[0-3]\\.[0-2]\\.0(-rc\\.1|-alpha|-0|\\+b1)",
    ],
    ask,
    deliberate: &[],
};

/// Cargo's own address in a lock, whichever folder it is replaced by.
const SETTINGS: &str = "[source.crates-io]\nreplace-with = \"shelf\"\n\
    [source.shelf]\nlocal-registry = \"shelf\"\n";

/// A package of its own for a question.
struct Package {
    name: String,
    requirement: String,
    /// What is published.
    versions: Vec<String>,
    /// What the lock holds before Cargo is asked.
    held: Option<String>,
}

fn ask(room: &Room<'_>, asked: &[Asked]) -> Result<Vec<Value>, String> {
    room.put(".cargo/config.toml", SETTINGS);
    room.put("src/lib.rs", "");
    let mut answers: BTreeMap<&Question, Value> = BTreeMap::new();
    let mut packages: BTreeMap<&Question, Package> = BTreeMap::new();
    for it in asked {
        let question = &it.question;
        match question {
            _ if answers.contains_key(question) || packages.contains_key(question) => {}
            Question::Version(text) => {
                answers.insert(question, version(room, text));
            }
            Question::Requirement(text) => {
                answers.insert(question, requirement(room, text));
            }
            Question::Order(..) | Question::Admits(..) => {
                let name = format!("p{}", packages.len());
                packages.insert(question, package(name, question));
            }
        }
    }
    let (alone, together): (Vec<_>, Vec<_>) = packages
        .iter()
        .partition(|(_, it)| it.held.is_some() && it.versions.len() == 1);
    let held = resolved(room, &together.iter().map(|it| it.1).collect::<Vec<_>>())?;
    for (question, package) in together {
        answers.insert(question, answer(question, held.get(&package.name)));
    }
    for (question, package) in alone {
        let held = resolved(room, &[package]).unwrap_or_default();
        answers.insert(question, answer(question, held.get(&package.name)));
    }
    Ok(asked
        .iter()
        .map(|it| answers[&it.question].clone())
        .collect())
}

fn answer(question: &Question, held: Option<&String>) -> Value {
    match question {
        Question::Order(a, b) if a == b => json!(0),
        Question::Order(a, _) => json!(if held == Some(a) { 1 } else { -1 }),
        Question::Admits(_, version) => json!(held == Some(version)),
        Question::Version(_) | Question::Requirement(_) => Value::Null,
    }
}

fn package(name: String, question: &Question) -> Package {
    match question {
        Question::Order(a, b) => Package {
            name,
            requirement: both(a, b),
            versions: vec![a.clone(), b.clone()],
            held: None,
        },
        Question::Admits(text, version) => {
            let cargo = ecosystem("cargo").expect("an ecosystem");
            let other = near(cargo, text).into_iter().find(|it| {
                let apart = it.to_string().split('+').next() != version.split('+').next();
                apart && cargo.grammar.admits(text, it).is_ok_and(|it| it)
            });
            let other = other.map(|it| it.to_string());
            Package {
                name,
                requirement: text.clone(),
                versions: std::iter::once(version.clone()).chain(other).collect(),
                held: Some(version.clone()),
            }
        }
        Question::Version(_) | Question::Requirement(_) => unreachable!("no package is needed"),
    }
}

/// Returns a requirement that admits both versions, pre-releases too.
fn both(a: &str, b: &str) -> String {
    let numbers = |it: &str| {
        let version = Version::parse(cascade_manifest::Scheme::Semver, it).expect("a version");
        version.numbers()
    };
    let (low, high) = (numbers(a).min(numbers(b)), numbers(a).max(numbers(b)));
    let text = |[x, y, z]: [u64; 3]| format!("{x}.{y}.{z}");
    let announces = |it: &&str| numbers(it) == high && is_pre(it);
    if low != high && [a, b].iter().any(announces) {
        // Below the final release, and of its numbers, so that what announces it is admitted.
        format!(">={}-0, <{}-zzzz", text(low), text(high))
    } else {
        format!(">={}-0", text(low))
    }
}

fn is_pre(version: &str) -> bool {
    version.split('+').next().is_some_and(|it| it.contains('-'))
}

/// Returns the version of a manifest as Cargo reads it.
fn version(room: &Room<'_>, text: &str) -> Value {
    let manifest = format!("[package]\nname = \"asked\"\nversion = {}\n", json!(text));
    room.put("Cargo.toml", &manifest);
    let said = room
        .tools
        .run(room.folder, &["cargo", "read-manifest"], &[]);
    let document: Value = serde_json::from_str(said.text.trim()).unwrap_or_default();
    document["version"].clone()
}

/// Returns whether Cargo reads a manifest with the requirement.
fn requirement(room: &Room<'_>, text: &str) -> Value {
    room.put(
        "Cargo.toml",
        &manifest(&[("asked-of".to_owned(), text.to_owned())]),
    );
    let said = room
        .tools
        .run(room.folder, &["cargo", "read-manifest"], &[]);
    json!(said.done)
}

fn manifest(rows: &[(String, String)]) -> String {
    let head =
        "[package]\nname = \"asker\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\n[dependencies]\n";
    let mut text = head.to_owned();
    for (name, requirement) in rows {
        writeln!(text, "{name} = {}", json!(requirement)).expect("text");
    }
    text
}

/// Returns which version Cargo's lock holds of each package, after it held what was asked about.
fn resolved(room: &Room<'_>, packages: &[&Package]) -> Result<BTreeMap<String, String>, String> {
    let exact = |it: &Package| match &it.held {
        Some(version) => format!("={}", version.split('+').next().unwrap_or_default()),
        None => it.requirement.clone(),
    };
    for package in packages {
        publish(room, package);
    }
    let rows = |of: &dyn Fn(&Package) -> String| -> Vec<_> {
        packages
            .iter()
            .map(|it| (it.name.clone(), of(it)))
            .collect()
    };
    room.put("Cargo.lock", "version = 4\n");
    for (rows, argv) in [
        (rows(&exact), ["cargo", "generate-lockfile"].as_slice()),
        (
            rows(&|it| it.requirement.clone()),
            &["cargo", "update", "--workspace"],
        ),
    ] {
        room.put("Cargo.toml", &manifest(&rows));
        let said = room.tools.run(room.folder, argv, &[]);
        if !said.done {
            return Err(said.text);
        }
    }
    let lock = room.get("Cargo.lock");
    let field = |block: &str, key: &str| {
        let line = block.lines().find_map(|it| it.strip_prefix(key))?;
        Some(line.trim_matches(['=', ' ', '"']).to_owned())
    };
    let blocks = lock.split("[[package]]");
    Ok(blocks
        .filter_map(|it| Some((field(it, "name")?, field(it, "version")?)))
        .collect())
}

/// Puts the package's row for each version into the index.
fn publish(room: &Room<'_>, package: &Package) {
    let name = &package.name;
    let folder = match name.len() {
        1 => "1".to_owned(),
        2 => "2".to_owned(),
        3 => format!("3/{}", &name[..1]),
        _ => format!("{}/{}", &name[..2], &name[2..4]),
    };
    let mut rows = String::new();
    for version in &package.versions {
        let row = json!({
            "name": name, "vers": version, "deps": [], "cksum": "0".repeat(64),
            "features": {}, "yanked": false,
        });
        rows += &format!("{row}\n");
    }
    room.put(&format!("shelf/index/{folder}/{name}"), &rows);
}
