//! `[policy]` and `[repo.NAME.policy]`: what is allowed, read, and what holds for each repository.

mod table;

use toml::Spanned;

use super::branch;
use super::fault::DeclareError;
use super::file::{OneOrMore, Text};
use super::resolve::Room;
use super::word::Word;
use crate::path_pattern;
use crate::policy::{Freeze, Origin, Policy, Said, USUALLY_PROTECTED};
use crate::policy::{WindowFault, offset};

pub(super) use table::{FreezeTable, PolicyTable};

/// What holds in the whole workspace, and how lines are counted.
pub(super) struct Rules {
    /// What holds where a repository says nothing else.
    pub(super) workspace: Policy,
    /// Where each line of the file begins, without the first.
    lines: Vec<usize>,
}

/// Whose a table of rules is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Workspace,
    Repository,
}

/// A table of rules that is being read.
struct Reading<'r, 'e> {
    room: &'r mut Room<'e>,
    lines: &'r [usize],
    level: Level,
}

impl Rules {
    /// Returns the rules of the workspace.
    pub(super) fn of(room: &mut Room<'_>, table: Option<&PolicyTable>, text: &str) -> Self {
        let lines: Vec<usize> = text.match_indices('\n').map(|it| it.0 + 1).collect();
        let mut workspace = Policy::default();
        if let Some(table) = table {
            let mut reading = Reading {
                room,
                lines: &lines,
                level: Level::Workspace,
            };
            reading.write_over(table, &mut workspace);
        }
        Self { workspace, lines }
    }

    /// Returns the rules of a repository: the workspace's, and its own in their place or beside them.
    pub(super) fn repository(&self, room: &mut Room<'_>, table: Option<&PolicyTable>) -> Policy {
        let mut policy = self.workspace.clone();
        if let Some(table) = table {
            let mut reading = Reading {
                room,
                lines: &self.lines,
                level: Level::Repository,
            };
            reading.write_over(table, &mut policy);
        }
        policy
    }
}

impl Reading<'_, '_> {
    fn origin(&self, start: usize) -> Origin {
        let line = self.lines.partition_point(|it| *it <= start) + 1;
        match self.level {
            Level::Workspace => Origin::Workspace(line),
            Level::Repository => Origin::Repository(line),
        }
    }

    /// Writes what a table says over what holds without it; windows, protected paths and agents are
    /// added to it.
    fn write_over(&mut self, table: &PolicyTable, policy: &mut Policy) {
        if !policy.declared {
            let usual = USUALLY_PROTECTED.iter();
            let usual = usual.map(|it| Said::new((*it).to_owned(), Origin::Default));
            policy.protected = usual.collect();
        }
        policy.declared = true;
        self.protected(table, policy);
        self.list(&mut policy.modes, table.modes.as_ref(), mode);
        self.list(&mut policy.branches, table.branches.as_ref(), |it| {
            branch(it).map(|()| it.to_owned())
        });
        let workflow = table.publish_workflow.as_ref();
        self.list(&mut policy.publish_workflow, workflow, glob);
        self.list(&mut policy.approvers, table.approvers.as_ref(), email);
        self.list(&mut policy.releasers, table.releasers.as_ref(), email);
        let demand = "demand";
        self.word(
            &mut policy.conventional_commits,
            table.conventional_commits.as_ref(),
            demand,
        );
        self.word(
            &mut policy.signed_approvals,
            table.signed_approvals.as_ref(),
            demand,
        );
        self.word(&mut policy.uploads, table.uploads.as_ref(), "permission");
        self.word(
            &mut policy.hand_made_tags,
            table.hand_made_tags.as_ref(),
            "permission",
        );
        for it in table.agents.iter().flat_map(|it| &it.0) {
            let origin = self.origin(it.span().start);
            policy
                .agents
                .extend(self.room.keep(it, email).map(|it| Said::new(it, origin)));
        }
        for it in &table.freeze {
            let origin = self.origin(it.span().start);
            policy
                .freeze
                .extend(self.freeze(it).map(|it| Said::new(it, origin)));
        }
        if let Some(it) = &table.approvals {
            policy.approvals = Said::new(*it.get_ref(), self.origin(it.span().start));
        }
        self.enough_approvers(table, policy);
    }

    /// Adds protected paths; an empty list of the workspace's takes the usual ones away.
    fn protected(&mut self, table: &PolicyTable, policy: &mut Policy) {
        let Some(said) = &table.protected else { return };
        policy.protected.retain(|it| it.origin != Origin::Default);
        for it in &said.0 {
            let origin = self.origin(it.span().start);
            policy
                .protected
                .extend(self.room.keep(it, glob).map(|it| Said::new(it, origin)));
        }
    }

    fn list<T>(
        &mut self,
        into: &mut Said<Vec<T>>,
        texts: Option<&OneOrMore>,
        read: impl Fn(&str) -> Result<T, DeclareError>,
    ) {
        let Some(texts) = texts else { return };
        let start = texts.0.first().map(|it| it.span().start);
        let origin = start.map_or(into.origin, |it| self.origin(it));
        let values = texts.0.iter().filter_map(|it| self.room.keep(it, &read));
        *into = Said::new(values.collect(), origin);
    }

    fn word<T: Word>(&mut self, into: &mut Said<T>, text: Option<&Text>, what: &str) {
        let Some(text) = text else { return };
        let origin = self.origin(text.span().start);
        if let Some(value) = self.room.word(Some(text), what) {
            *into = Said::new(value, origin);
        }
    }

    fn freeze(&mut self, entry: &Spanned<FreezeTable>) -> Option<Freeze> {
        let it = entry.get_ref();
        let offset = match &it.zone {
            Some(zone) => self.room.keep(zone, |zone| {
                let what = format!("`{}` is no offset from UTC", zone.escape_debug());
                let help = "write something like `+01:00`, `-05:30` or `Z`";
                offset(zone).ok_or_else(|| DeclareError::new(what).help(help))
            })?,
            None => 0,
        };
        self.room.keep(&it.reason, |it| match it.trim() {
            "" => Err(DeclareError::new("a freeze without a reason").help("say why, for who asks")),
            _ => Ok(()),
        })?;
        let (from, to) = (it.from.get_ref(), it.to.get_ref());
        match Freeze::window(from, to, offset) {
            Ok(window) => Some(Freeze {
                window,
                from: from.clone(),
                to: to.clone(),
                offset,
                reason: it.reason.get_ref().trim().to_owned(),
            }),
            Err((fault, what)) => {
                let at = match fault {
                    WindowFault::From => it.from.span(),
                    WindowFault::To => it.to.span(),
                    WindowFault::Both => entry.span(),
                };
                let help = "write `\"2026-12-20\"`, `\"2026-12-20T16:00:00+01:00\"` or `\"Friday \
                            16:00\"`, both ends alike";
                let error = DeclareError::new(what).at(&at, "here").help(help);
                self.room.errors.push(error);
                None
            }
        }
    }

    /// Tells of more approvals than there are people to give them.
    fn enough_approvers(&mut self, table: &PolicyTable, policy: &Policy) {
        let lists = [&table.approvers, &table.agents].into_iter().flatten();
        let mut lists = lists.filter_map(|it| it.0.first().map(Spanned::span));
        let at = table.approvals.as_ref().map(Spanned::span);
        let Some(at) = at.or_else(|| lists.next()) else {
            return;
        };
        let people = policy.approvers.value.iter();
        let people = people.filter(|it| policy.agent(it).is_none()).count();
        let needed = policy.approvals.value;
        if usize::try_from(needed).unwrap_or(usize::MAX) <= people {
            return;
        }
        let what = format!("a plan needs {needed} approvals, and {people} may give one");
        let help = "list who may, in `approvers`; an agent can not approve";
        self.room
            .errors
            .push(DeclareError::new(what).at(&at, "here").help(help));
    }
}

fn mode(word: &str) -> Result<crate::ReleaseMode, DeclareError> {
    super::resolve::of_words(word, "release mode")
}

fn glob(text: &str) -> Result<String, DeclareError> {
    if text.is_empty() || text.starts_with('/') || text.contains('\\') {
        let what = format!(
            "`{}` is no path from the repository's root",
            text.escape_debug()
        );
        return Err(DeclareError::new(what).help("write something like `.github/workflows/**`"));
    }
    let what = |it| format!("`{}` can not be read: {it}", text.escape_debug());
    path_pattern(text).map_err(|it| DeclareError::new(what(it)))?;
    Ok(text.to_owned())
}

/// Checks an address as far as a ref that is named after it needs.
fn email(text: &str) -> Result<String, DeclareError> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || "<>~^:?*[\\/".contains(c);
    let parts = text.split('@').collect::<Vec<&str>>();
    let two = parts.len() == 2 && parts.iter().all(|it| !it.is_empty());
    let shape = text.starts_with(['-', '.']) || text.ends_with('.') || text.contains("..");
    let git = text.contains("@{") || text.to_ascii_lowercase().ends_with(".lock");
    if !two || shape || git || text.contains(odd) || text.len() > 200 {
        let what = format!("`{}` is no email", text.escape_debug());
        return Err(DeclareError::new(what).help("write it as git has it in `user.email`"));
    }
    Ok(text.to_owned())
}
