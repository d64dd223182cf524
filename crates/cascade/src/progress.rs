//! What is going on, on stderr: one line per running repository; plain lines without a terminal.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::time::Duration;

use cascade_plan::{Course, Event, Fate, RepoId};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::environment::Environment;
use crate::printer::Printer;
use crate::shown::Shown;

/// How many running repositories have a line of their own: more only flicker.
const LINES: usize = 10;
/// How many links of a chain are named: more do not fit.
const LINKS: usize = 5;

/// A listener to events that shows them as they come.
#[derive(Debug)]
pub(crate) struct Progress {
    printer: Printer,
    stream: Option<File>,
    live: Option<Live>,
    tells: Tells,
}

/// What is told in plain lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tells {
    Everything,
    Troubles,
}

/// The lines on a terminal.
#[derive(Debug)]
struct Live {
    bars: MultiProgress,
    running: BTreeMap<RepoId, Option<ProgressBar>>,
    total: ProgressBar,
    course: Course,
}

impl Progress {
    /// Returns progress over this many repositories.
    pub(crate) fn new(environment: &Environment, printer: Printer, repos: usize) -> Self {
        let live = environment.watched.then(|| Live::new(repos));
        Self {
            printer,
            stream: None,
            live,
            tells: Tells::Everything,
        }
    }

    /// Returns progress that names what the end hangs on.
    pub(crate) fn along(mut self, course: Course) -> Self {
        if let Some(live) = &mut self.live {
            live.course = course;
            live.name_the_end();
        }
        self
    }

    /// Returns progress that writes every event to a file as well.
    pub(crate) fn streamed(self, stream: Option<File>) -> Self {
        Self { stream, ..self }
    }

    /// Returns progress that says nothing of what went well.
    pub(crate) fn quiet(self) -> Self {
        Self {
            tells: Tells::Troubles,
            ..self
        }
    }

    /// Shows an event.
    pub(crate) fn hear(&mut self, event: &Event) {
        if let Some(stream) = &mut self.stream
            && write_line(stream, event).is_err()
        {
            self.printer
                .talk("the file of `--events` can not be written any more; the rest is not in it");
            self.stream = None;
        }
        if let Some(live) = &mut self.live {
            return live.hear(event, self.tells);
        }
        let told = self.tells == Tells::Everything || is_trouble(event);
        if let Some(line) = plain(event).filter(|_| told) {
            self.printer.talk(&line);
        }
    }

    /// Takes every line off the terminal again.
    pub(crate) fn end(self) {
        if let Some(live) = self.live {
            for bar in live.running.into_values().flatten() {
                bar.finish_and_clear();
            }
            live.total.finish_and_clear();
        }
    }
}

/// One line of the stream of events.
#[derive(Serialize)]
struct Line<'a> {
    at: String,
    what: &'a Event,
}

fn write_line(stream: &mut File, event: &Event) -> io::Result<()> {
    let at = jiff::Timestamp::now().to_string();
    let mut line = serde_json::to_vec(&Line { at, what: event })?;
    line.push(b'\n');
    stream.write_all(&line)
}

impl Live {
    fn new(repos: usize) -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let total = bars.add(ProgressBar::new(repos as u64));
        total.set_style(style(
            "{bar:24} {pos} of {len} repositories, {elapsed}{wide_msg}",
        ));
        Self {
            bars,
            running: BTreeMap::new(),
            total,
            course: Course::default(),
        }
    }

    /// Shows the chain of repositories that the end hangs on.
    fn name_the_end(&self) {
        self.total.set_message(hangs_on(&self.course.critical()));
    }

    fn hear(&mut self, event: &Event, tells: Tells) {
        match event {
            Event::Started { repo } => {
                let bar = self.has_room().then(|| self.line(repo));
                self.running.insert(repo.clone(), bar);
            }
            Event::Progress { repo, what } => self.progress(repo, what),
            Event::Relocked { repo, file, way } => {
                self.progress(repo, &format!("relocked `{file}` {way}"));
            }
            Event::Noted { .. } => self.say(event),
            // The end tells it.
            Event::Out { .. } => {}
            Event::Ended { repo, .. } => {
                if let Some(bar) = self.running.remove(repo).flatten() {
                    bar.finish_and_clear();
                }
                self.total.inc(1);
                self.course.end(repo);
                self.name_the_end();
                if tells == Tells::Everything || is_trouble(event) {
                    self.say(event);
                }
            }
        }
    }

    /// Returns whether one more line may be drawn.
    fn has_room(&self) -> bool {
        self.running.values().flatten().count() < LINES
    }

    /// Returns a new line for a repository, above the total.
    fn line(&self, repo: &RepoId) -> ProgressBar {
        let bar = ProgressBar::new_spinner();
        bar.set_style(style("{spinner} {prefix} {wide_msg} {elapsed}"));
        bar.set_prefix(Shown(repo.as_str()).to_string());
        let bar = self.bars.insert_before(&self.total, bar);
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }

    /// Shows where a repository is; one that had no line gets one when there is room.
    fn progress(&mut self, repo: &RepoId, what: &str) {
        let waits = matches!(self.running.get(repo), None | Some(None));
        if waits && self.has_room() {
            let bar = self.line(repo);
            self.running.insert(repo.clone(), Some(bar));
        }
        if let Some(Some(bar)) = self.running.get(repo) {
            // The time is that of the step it is at.
            bar.reset_elapsed();
            bar.set_message(Shown(what).to_string());
        }
    }

    /// Writes a line above the bars.
    fn say(&self, event: &Event) {
        if let Some(line) = plain(event) {
            // What can not be drawn is told again by the report.
            let _ = self.bars.println(line);
        }
    }
}

/// Returns the chain of repositories that the end hangs on, in words; nothing for one alone.
fn hangs_on(chain: &[&RepoId]) -> String {
    let (first, last) = match chain {
        [] | [_] => return String::new(),
        [first, .., last] => (first, last),
    };
    let link = |it: &&RepoId| Shown(it.as_str()).to_string();
    let names: Vec<String> = match chain.len() {
        ..=LINKS => chain.iter().map(link).collect(),
        many => vec![link(first), format!("{} more", many - 2), link(last)],
    };
    format!("; the end hangs on {}", names.join(" > "))
}

/// Does something that says nothing of itself, and shows a person who watches that it goes on.
pub(crate) fn meanwhile<T>(environment: &Environment, what: &str, run: impl FnOnce() -> T) -> T {
    if !environment.watched {
        return run();
    }
    let line = ProgressBar::new_spinner().with_style(style("{spinner} {msg} {elapsed}"));
    line.set_message(what.to_owned());
    line.enable_steady_tick(Duration::from_millis(500));
    let done = run();
    line.finish_and_clear();
    done
}

/// Returns a style; the templates are constants, and one that did not parse is plain.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// Returns whether an event tells of something that did not go well.
fn is_trouble(event: &Event) -> bool {
    match event {
        Event::Started { .. }
        | Event::Progress { .. }
        | Event::Relocked { .. }
        | Event::Out { .. } => false,
        Event::Noted { .. } => true,
        Event::Ended { fate, .. } => !matches!(fate, Fate::Done { .. } | Fate::Nothing),
    }
}

/// Returns an event as a line, where it is worth one.
fn plain(event: &Event) -> Option<String> {
    let (repo, text) = match event {
        Event::Started { .. }
        | Event::Out { .. }
        | Event::Ended {
            fate: Fate::Nothing,
            ..
        } => return None,
        Event::Progress { repo, what } => (repo, what.clone()),
        Event::Relocked { repo, file, way } => (repo, format!("relocked `{file}` {way}")),
        Event::Noted { repo, what } => (repo, format!("note: {what}")),
        Event::Ended { repo, fate } => (repo, ended(fate)),
    };
    Some(format!("{}: {}", Shown(repo.as_str()), Shown(&text)))
}

/// Returns how a repository ended, in few words; the report has the rest.
fn ended(fate: &Fate) -> String {
    match fate {
        Fate::Done { out, .. } if out.is_empty() => "done".to_owned(),
        Fate::Done { out, .. } => format!("{} out", out.join(", ")),
        Fate::Nothing => "nothing to do".to_owned(),
        Fate::Failed { why, .. } => {
            let first = why.lines().next().unwrap_or_default();
            format!("failed: {first}")
        }
        Fate::Waiting { what, .. } => format!("waiting: {what}"),
        Fate::Drifted { what } => format!("drift: {what}"),
        Fate::Skipped { because } => format!("skipped, it stands on {because}"),
        Fate::LeftOut { why } => format!("left out: {why}"),
        Fate::Stopped { after } => format!("stopped, it is {after}"),
        Fate::Interrupted => "interrupted".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_hangs_on_a_chain_that_is_named() {
        let ids: Vec<RepoId> = (0..7).map(|it| RepoId::new(format!("r{it}"))).collect();
        let ids: Vec<&RepoId> = ids.iter().collect();
        assert_eq!(hangs_on(&ids[..1]), "");
        assert_eq!(hangs_on(&ids[..3]), "; the end hangs on r0 > r1 > r2");
        assert_eq!(hangs_on(&ids), "; the end hangs on r0 > 5 more > r6");
    }

    #[test]
    fn a_line_says_who_and_what_and_nothing_hidden() {
        let event = Event::Progress {
            repo: RepoId::new("urn"),
            what: "committed\u{1b}[2J".to_owned(),
        };
        assert_eq!(plain(&event).unwrap(), "urn: committed\\u{1b}[2J");
        let quiet = Event::Started {
            repo: RepoId::new("urn"),
        };
        assert_eq!(plain(&quiet), None);
    }
}
