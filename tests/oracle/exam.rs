//! What is asked of cascade and of the ecosystem's own matcher, and how the two answers compare.

use std::collections::BTreeMap;

use cascade_manifest::{Ecosystem, Keep, Rewrite, Style, Version};
use serde_json::{Value, json};

use crate::draw::{Draw, near};

/// One question that both answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    /// Is it a version, and how is that spelled canonically?
    Version(String),
    /// How do two versions stand to each other?
    Order(String, String),
    /// Is it a requirement?
    Requirement(String),
    /// Does the requirement admit the version?
    Admits(String, String),
}

impl Question {
    /// Returns the question as a line for a child.
    pub(crate) fn line(&self) -> String {
        let value = match self {
            Self::Version(text) => json!(["version", text]),
            Self::Order(a, b) => json!(["order", a, b]),
            Self::Requirement(text) => json!(["requirement", text]),
            Self::Admits(text, version) => json!(["admits", text, version]),
        };
        value.to_string()
    }
}

/// A question, what cascade answers, and why it is asked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) question: Question,
    pub(crate) ours: Value,
    pub(crate) from: Origin,
}

/// Where a question comes from.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// The texts were drawn.
    Drawn,
    /// The law: cascade made this requirement of another, or kept it because it admits.
    Rewritten(String, Style),
}

/// Returns whether cascade refuses a text that its matcher reads.
pub(crate) fn refuses(ours: &Value, theirs: &Value) -> bool {
    let unread = |it: &Value| it.is_null() || *it == json!(false);
    unread(ours) && !unread(theirs)
}

/// A difference that is meant.
pub(crate) struct Deliberate {
    /// Why.
    pub(crate) why: &'static str,
    /// Whether it is this one: the question, what cascade says, and what its matcher says.
    pub(crate) applies: fn(&Question, &Value, &Value) -> bool,
}

/// What is drawn for an ecosystem, and who is asked.
pub(crate) struct Matcher {
    /// Its name in cascade.
    pub(crate) ecosystem: &'static str,
    /// Packages without which it can not be asked.
    pub(crate) tools: &'static [&'static str],
    /// How many texts are drawn of each pattern, of 100.
    pub(crate) share: usize,
    /// Patterns of versions, among them some that are none.
    pub(crate) versions: &'static [&'static str],
    /// Patterns of requirements, among them some that are none.
    pub(crate) requirements: &'static [&'static str],
    /// Patterns of versions that an upstream comes out with.
    pub(crate) releases: &'static [&'static str],
    /// Returns the matcher's answers.
    pub(crate) ask: fn(&crate::Room<'_>, &[Asked]) -> Result<Vec<Value>, String>,
    /// Differences that are meant.
    pub(crate) deliberate: &'static [Deliberate],
}

const STYLES: [Style; 4] = [Style::Auto, Style::Exact, Style::Floor, Style::Widen];

/// Returns everything that is asked about an ecosystem.
pub(crate) fn questions(matcher: &Matcher, draw: &mut Draw, count: usize) -> Vec<Asked> {
    let ecosystem = cascade_manifest::ecosystem(matcher.ecosystem).expect("an ecosystem");
    let count = (count * matcher.share / 100).max(1);
    let mut asked = Vec::new();
    let versions = draw.texts(matcher.versions, count);
    for text in &versions {
        asked.push(about_version(ecosystem, text));
    }
    let mut read: Vec<_> = versions
        .iter()
        .filter_map(|it| Version::parse(ecosystem.scheme, it))
        .collect();
    asked.extend(orders(&mut read, draw, count));
    let releases: Vec<_> = draw
        .texts(matcher.releases, count)
        .iter()
        .map(|it| Version::parse(ecosystem.scheme, it).expect("a release"))
        .collect();
    for text in draw.texts(matcher.requirements, count) {
        asked.push(about_requirement(ecosystem, &text));
        let mut candidates = draw.some(&near(ecosystem, &text), 3);
        candidates.extend(draw.some(&read, 2));
        asked.extend(
            candidates
                .iter()
                .filter_map(|it| admitted(ecosystem, &text, it)),
        );
        for to in draw.some(&releases, 2) {
            asked.extend(
                STYLES
                    .iter()
                    .filter_map(|it| law(ecosystem, (&text, &to), *it)),
            );
        }
    }
    asked
}

fn drawn(question: Question, ours: Value) -> Asked {
    Asked {
        question,
        ours,
        from: Origin::Drawn,
    }
}

fn about_version(ecosystem: &Ecosystem, text: &str) -> Asked {
    let read = Version::parse(ecosystem.scheme, text);
    let spelled = read.map(|it| match (it.pep440(), it.semver()) {
        (Some(it), _) => it.to_string(),
        (_, Some(it)) => it.to_string(),
        _ => it.text().to_owned(),
    });
    drawn(Question::Version(text.to_owned()), json!(spelled))
}

fn about_requirement(ecosystem: &Ecosystem, text: &str) -> Asked {
    let reads = ecosystem.grammar.named(text).is_ok();
    drawn(Question::Requirement(text.to_owned()), json!(reads))
}

/// Returns the question whether the version is admitted, where cascade reads the requirement.
fn admitted(ecosystem: &Ecosystem, text: &str, version: &Version) -> Option<Asked> {
    let ours = ecosystem.grammar.admits(text, version).ok()?;
    let question = Question::Admits(text.to_owned(), version.text().to_owned());
    Some(drawn(question, json!(ours)))
}

/// Returns how neighbours and strangers stand to each other.
fn orders(versions: &mut [Version], draw: &mut Draw, count: usize) -> Vec<Asked> {
    let strangers = draw.some(versions, 2 * count);
    versions.sort();
    let neighbours = versions.iter().zip(versions.iter().skip(1));
    let pairs = strangers.chunks_exact(2).map(|it| (&it[0], &it[1]));
    let of = |(a, b): (&Version, &Version)| {
        let question = Question::Order(a.text().to_owned(), b.text().to_owned());
        drawn(question, json!(a.cmp(b) as i8))
    };
    neighbours.chain(pairs).map(of).collect()
}

/// Returns the law about one move: what cascade writes or keeps admits the version.
fn law(ecosystem: &Ecosystem, (text, to): (&str, &Version), style: Style) -> Option<Asked> {
    let new = match ecosystem.grammar.rewrite(text, to, style) {
        Rewrite::Updated(new) => new,
        Rewrite::Kept(Keep::Admits | Keep::InStep) => text.to_owned(),
        Rewrite::Kept(Keep::Unbounded) | Rewrite::Refused(_) => return None,
    };
    Some(Asked {
        question: Question::Admits(new, to.text().to_owned()),
        ours: json!(true),
        from: Origin::Rewritten(text.to_owned(), style),
    })
}

/// How the answers compare.
#[derive(Default)]
pub(crate) struct Verdict {
    /// How many are alike, by what was asked.
    pub(crate) alike: BTreeMap<&'static str, usize>,
    /// How many differ as they are meant to, by why.
    pub(crate) meant: BTreeMap<&'static str, (usize, String)>,
    /// What differs and must not.
    pub(crate) different: Vec<String>,
}

/// Returns how cascade's answers compare with the matcher's.
pub(crate) fn compared(matcher: &Matcher, asked: &[Asked], theirs: &[Value]) -> Verdict {
    assert_eq!(asked.len(), theirs.len(), "an answer to each question");
    let mut verdict = Verdict::default();
    for (it, theirs) in asked.iter().zip(theirs) {
        let told = || {
            let from = match &it.from {
                Origin::Drawn => String::new(),
                Origin::Rewritten(old, style) => format!(", made of {old:?} by {style:?}"),
            };
            format!("{:?}{from}: cascade {}, it {theirs}", it.question, it.ours)
        };
        if agree(&it.ours, theirs) {
            *verdict.alike.entry(kind(it)).or_default() += 1;
            continue;
        }
        let applies = |row: &&Deliberate| (row.applies)(&it.question, &it.ours, theirs);
        match matcher.deliberate.iter().find(applies) {
            Some(row) => {
                let (count, _) = verdict.meant.entry(row.why).or_insert_with(|| (0, told()));
                *count += 1;
            }
            None => verdict.different.push(told()),
        }
    }
    verdict
}

/// What a matcher says of a text that its stricter reading refuses.
pub(crate) const LOOSELY: &str = "loosely";

/// Returns whether both answer the same; what is read loosely is read.
fn agree(ours: &Value, theirs: &Value) -> bool {
    ours == theirs || (*ours == json!(true) && theirs == LOOSELY)
}

fn kind(asked: &Asked) -> &'static str {
    match (&asked.question, &asked.from) {
        (_, Origin::Rewritten(..)) => "moves",
        (Question::Version(_), _) => "versions",
        (Question::Order(..), _) => "orders",
        (Question::Requirement(_), _) => "requirements",
        (Question::Admits(..), _) => "admissions",
    }
}
