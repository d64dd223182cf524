//! Runs: which there were, how they ended, and the story of one.

use cascade_plan::{Event, Fate, Purpose, Said, Word};
use cascade_run::{End, Entry, Reception, Story, Told};
use serde::Serialize;

use super::status_json::moment;
use super::table::{Column, table};
use crate::page::{BAD, DIM, GOOD, Page, STRONG, WARN, count, paint};
use crate::shown::Shown;

/// How many of a run's repositories are named in the list.
const NAMED: usize = 4;

const COLUMNS: [Column; 6] = [
    Column::kept("RUN"),
    Column::leaves("FOR", 1),
    Column::leaves("TAKEN UP", 1),
    Column::kept("STATE"),
    Column::kept("DONE"),
    Column::leaves("REPOSITORIES", 2),
];

/// Returns the list of runs for people.
pub(crate) fn runs_human(stories: &[Story], width: Option<usize>) -> String {
    if stories.is_empty() {
        return "no run was begun here yet; `cascade release` begins one\n".to_owned();
    }
    let mut page = Page::default();
    let rows: Vec<Vec<String>> = stories.iter().map(row).collect();
    page.line(table(&COLUMNS, &rows, width));
    if let Some(command) = stories.first().and_then(next) {
        page.gap();
        page.line(format!("to continue: {}", paint(STRONG, command)));
    }
    page.finish()
}

fn row(story: &Story) -> Vec<String> {
    let (done, all) = progress(story);
    let steps = story.plan.as_ref().map(|it| it.steps.as_slice());
    let steps = steps.unwrap_or_default();
    let names = steps
        .iter()
        .filter(|it| it.changes())
        .map(|it| it.repo.as_str());
    let mut shown: Vec<&str> = names.clone().take(NAMED).collect();
    if names.count() > NAMED {
        shown.push("…");
    }
    vec![
        Shown(&story.run.0).to_string(),
        purpose(story).to_owned(),
        story.begun().map_or_else(|| "?".to_owned(), clock),
        state(story.end()),
        format!("{done} of {all}"),
        shown.join(", "),
    ]
}

/// Returns what a run is for, in a word.
fn purpose(story: &Story) -> &'static str {
    match story.plan.as_ref().map(|it| it.request.purpose) {
        Some(Purpose::Release) => "release",
        Some(Purpose::Bump) => "bump",
        None => "?",
    }
}

/// Returns the command that goes on with a run; `None` where nothing does.
fn next(story: &Story) -> Option<String> {
    let open = matches!(story.end(), End::Unfinished | End::Broken);
    let command = match purpose(story) {
        "bump" => "cascade undo",
        _ => "cascade resume",
    };
    open.then(|| format!("{command} {}", Shown(&story.run.0)))
}

fn state(end: End) -> String {
    match end {
        End::Finished => paint(GOOD, end_word(end)),
        End::Undone => paint(DIM, end_word(end)),
        End::Unfinished => paint(WARN, end_word(end)),
        End::Broken => paint(BAD, end_word(end)),
    }
}

pub(super) fn end_word(end: End) -> &'static str {
    match end {
        End::Finished => "finished",
        End::Undone => "undone",
        End::Unfinished => "unfinished",
        End::Broken => "broken off",
    }
}

/// Returns how many of the repositories that change are done, and how many there are.
fn progress(story: &Story) -> (usize, usize) {
    let fates = story.outcome().fates;
    let steps = story.plan.as_ref().map(|it| it.steps.as_slice());
    let changing = steps.unwrap_or_default().iter().filter(|it| it.changes());
    let is_done = |it: &Fate| matches!(it, Fate::Done { .. } | Fate::Nothing);
    let done = changing
        .clone()
        .filter(|it| fates.get(&it.repo).is_some_and(is_done));
    (done.count(), changing.count())
}

/// Returns the story of a run for people.
pub(crate) fn story_human(story: &Story) -> String {
    let mut page = Page::default();
    let (done, all) = progress(story);
    page.line(format!(
        "run {}  {}, {done} of {} done",
        paint(STRONG, Shown(&story.run.0)),
        state(story.end()),
        count(all, "repository", "repositories")
    ));
    page.gap();
    for entry in &story.entries {
        let words = words(entry);
        let mut lines = words.lines();
        page.line(format!(
            "{}  {}",
            paint(DIM, clock(entry.at)),
            Shown(lines.next().unwrap_or_default())
        ));
        for line in lines {
            page.line(format!("{:24}{}", "", Shown(line)));
        }
    }
    for word in &story.unheard {
        let said = format!("{}, which no process heard yet", said(word));
        page.line(format!("{}  {}", paint(DIM, clock(word.at)), Shown(&said)));
    }
    if story.torn {
        page.line(paint(
            WARN,
            "what stood behind this line can not be read: it was torn off",
        ));
    }
    if let Some(command) = next(story) {
        page.gap();
        page.line(format!("to continue: {}", paint(STRONG, command)));
    }
    page.finish()
}

/// Returns a line of the story, in words.
fn words(entry: &Entry) -> String {
    match &entry.what {
        Told::Began { pid, cascade } => format!("taken up by process {pid}, cascade {cascade}"),
        Told::Pushes { repo, refs } => {
            let names: Vec<&str> = refs.iter().map(|it| short(&it.name)).collect();
            format!("{repo}: about to push {}", names.join(" and "))
        }
        Told::Dispatches { repo, key, .. } => {
            format!("{repo}: about to send the message {key}")
        }
        Told::Dispatched { repo, reception } => format!("{repo}: the message {}", came(reception)),
        Told::Followed { repo, .. } => format!("{repo}: a command of its `after` has run"),
        Told::Writes { repo, what } => {
            let files: Vec<&str> = what.files.keys().map(String::as_str).collect();
            format!("{repo}: about to write {}", files.join(", "))
        }
        Told::Tagged { repo, tags } => {
            let tags: Vec<&str> = tags.keys().map(String::as_str).collect();
            format!("{repo}: tagged {}", tags.join(", "))
        }
        Told::Undone { repo, what } => format!("{repo}: undone: {what}"),
        Told::Steered { word } => said(word),
        Told::Ended => "came to its end".to_owned(),
        Told::Happened { event } => match event {
            Event::Started { repo } => format!("{repo}: began"),
            Event::Progress { repo, what } => format!("{repo}: {what}"),
            Event::Noted { repo, what } => format!("{repo}: note: {what}"),
            Event::Relocked { repo, file, way } => format!("{repo}: relocked {file} {way}"),
            Event::Out { repo, tags } => format!("{repo}: {} on the remote", tags.join(" and ")),
            Event::Ended { repo, fate } => format!("{repo}: {}", fate_words(fate)),
        },
    }
}

/// Returns what a person said, in words.
fn said(word: &Word) -> String {
    let Word { repo, said, by, .. } = word;
    match said {
        Said::Hold { reason } => format!("{repo}: {by} holds it: {reason}"),
        Said::Unhold => format!("{repo}: {by} lets it go on"),
        Said::Skip { reason } => format!("{repo}: {by} leaves it out: {reason}"),
        Said::Retry => format!("{repo}: {by} wants it tried again"),
    }
}

fn fate_words(fate: &Fate) -> String {
    match fate {
        Fate::Done { commit, out } => {
            let commit = commit.as_ref().map_or("", |it| it.short());
            format!("done {commit} {}", out.join(" "))
                .trim_end()
                .to_owned()
        }
        Fate::Nothing => "nothing to do".to_owned(),
        Fate::Failed { why, .. } => format!("failed: {why}"),
        Fate::Waiting { what, .. } => format!("waits for {what}"),
        Fate::Drifted { what } => format!("drifted: {what}"),
        Fate::Skipped { because } => format!("skipped because of {because}"),
        Fate::LeftOut { why } => format!("left out: {why}"),
        Fate::Stopped { after } => format!("stopped, it is {after}"),
        Fate::Interrupted => "interrupted".to_owned(),
    }
}

fn short(name: &str) -> &str {
    let rest = name.strip_prefix("refs/heads/");
    rest.or_else(|| name.strip_prefix("refs/tags/"))
        .unwrap_or(name)
}

/// Returns a moment in milliseconds as people read it.
fn clock(at: i64) -> String {
    let moment = jiff::Timestamp::from_second(at / 1000);
    moment.map_or_else(
        |_| "?".to_owned(),
        |it| it.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// All runs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct RunsJson<'a> {
    schema: &'static str,
    runs: Vec<RunJson<'a>>,
}

/// One run.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct RunJson<'a> {
    run: &'a str,
    r#for: &'static str,
    taken_up: Option<String>,
    state: &'static str,
    done: usize,
    repositories: usize,
}

/// The story of one run.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct StoryJson<'a> {
    schema: &'static str,
    run: &'a str,
    state: &'static str,
    torn: bool,
    entries: &'a [Entry],
    unheard: &'a [Word],
}

/// Returns the list of runs as data that JSON is written from.
pub(crate) fn runs_json(stories: &[Story]) -> impl Serialize {
    let run = |it| {
        let story: &Story = it;
        let (done, repositories) = progress(story);
        RunJson {
            run: &story.run.0,
            r#for: purpose(story),
            taken_up: story.begun().and_then(|it| moment(it / 1000)),
            state: end_word(story.end()),
            done,
            repositories,
        }
    };
    RunsJson {
        schema: "cascade.runs/1",
        runs: stories.iter().map(run).collect(),
    }
}

/// Returns the story of a run as data that JSON is written from.
pub(crate) fn story_json(story: &Story) -> impl Serialize {
    StoryJson {
        schema: "cascade.run/1",
        run: &story.run.0,
        state: end_word(story.end()),
        torn: story.torn,
        entries: &story.entries,
        unheard: &story.unheard,
    }
}
/// Returns what came of a message, in words.
fn came(reception: &Reception) -> String {
    match reception {
        Reception::Taken => "was taken".to_owned(),
        Reception::Refused { why } => format!("was refused: {why}"),
        Reception::Later { why } => format!("was not taken yet: {why}"),
        Reception::Unknown { why } => format!("may have arrived or not: {why}"),
    }
}
