//! Tables to a declaration: every rule of the file that a type can not say.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;

use super::fault::{DeclareError, did_you_mean};
use super::file::{NeedTable, OneOrMore, RepoTable, Text, WorkspaceTable};
use super::path::{Climb, inside};
use super::policy::Rules;
use super::read::Tables;
use super::word::Word;
use super::{
    Appearance, RegistryDeclaration, gate, package, publishes, quality, registry, remote, site,
};
use crate::{
    Branches, Declaration, Deliverables, EdgePolicy, LockMode, Need, Pace, ReleaseMode,
    RepoDeclaration, RepoId, TagFormat, TagTemplate, name_pattern,
};

const COMPARISONS: usize = 100_000;

/// Where errors are gathered, and every repository that has a table.
pub(super) struct Room<'a> {
    pub(super) errors: &'a mut Vec<DeclareError>,
    pub(super) names: BTreeSet<String>,
}

/// What holds for a repository that says nothing else.
struct Defaults {
    mode: ReleaseMode,
    lock: LockMode,
    exempt_family: bool,
    branch: Branches,
    tag: Option<TagTemplate>,
    tag_format: TagFormat,
    registry: Vec<Appearance>,
    staging: Vec<Appearance>,
    unawaited: bool,
    timeout: Duration,
    registries: BTreeMap<String, RegistryDeclaration>,
    rules: Rules,
}

/// Returns the declaration; what is wrong goes to `errors`.
pub(super) fn resolve(tables: Tables, text: &str, errors: &mut Vec<DeclareError>) -> Declaration {
    let mut room = Room {
        errors,
        names: tables.names,
    };
    let workspace = tables.workspace;
    let registries = registry::registries(&mut room, &tables.registries);
    let run_lock = room.run_lock(&workspace);
    let rules = Rules::of(&mut room, tables.policy.as_ref(), text);
    let defaults = room.defaults(&workspace, (registries, rules));
    let said = workspace.root.as_ref();
    let folder = said.and_then(|it| room.keep(it, |it| inside(it, Climb::AtTheStart)));
    let mut repos = BTreeMap::new();
    let mut paths: BTreeMap<String, (String, Range<usize>)> = BTreeMap::new();
    for (name, at, table) in tables.repos {
        let said = table.path.as_ref().map_or(at.clone(), Text::span);
        if let Some(repo) = room.repo(&name, at, &table, &defaults) {
            room.alone(&name, &repo.path, &said, &mut paths);
            repos.insert(RepoId::new(name), repo);
        }
    }
    publishes::no_two_publish_one(room.errors, &repos);
    let gates = gate::gates(&mut room, &tables.gates, &mut repos);
    let check = room.check(tables.check.as_ref(), None);
    let drift = room.drift(tables.drift.as_ref());
    let family = Arc::new(Deliverables::of(&repos));
    for repo in repos.values_mut() {
        repo.family = Arc::clone(&family);
        repo.check.inherit(&check);
    }
    Declaration {
        check,
        drift,
        gates,
        name: workspace.name.map(Text::into_inner).unwrap_or_default(),
        root: folder.unwrap_or_else(|| ".".to_owned()),
        run_lock,
        repos,
        registries: defaults.registries,
        policy: defaults.rules.workspace,
    }
}

impl Room<'_> {
    /// Returns what `read` makes of the text; tells its error at the text's place.
    pub(super) fn keep<T>(
        &mut self,
        text: &Text,
        read: impl FnOnce(&str) -> Result<T, DeclareError>,
    ) -> Option<T> {
        match read(text.get_ref()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(error.at(&text.span(), "here"));
                None
            }
        }
    }

    /// Returns what a word of a closed set stands for.
    pub(super) fn word<T: Word>(&mut self, text: Option<&Text>, what: &str) -> Option<T> {
        self.keep(text?, |word| of_words(word, what))
    }

    pub(super) fn template(&mut self, text: Option<&Text>) -> Option<TagTemplate> {
        self.keep(text?, |it| {
            let read = TagTemplate::parse(it);
            let help = "write something like `v{version}` or `{name}-v{version}`";
            read.map_err(|error| DeclareError::new(error.to_string()).help(help))
        })
    }

    /// Tells of a repository that nobody declared; returns whether it is declared.
    pub(super) fn declared(&mut self, name: &str, at: &Range<usize>) -> bool {
        if self.names.contains(name) {
            return true;
        }
        // Each suggestion looks at every name: a huge broken file must not take minutes.
        let few = self.errors.len() * self.names.len() < COMPARISONS;
        let known = self.names.iter().map(String::as_str);
        let help = few.then(|| did_you_mean(name, known)).flatten();
        let help = help.unwrap_or_else(|| format!("declare `[repo.{}]`", name.escape_debug()));
        let what = format!("`{}` is not declared", name.escape_debug());
        self.errors
            .push(DeclareError::new(what).at(at, "not declared").help(help));
        false
    }

    fn defaults(
        &mut self,
        workspace: &WorkspaceTable,
        (registries, rules): (BTreeMap<String, RegistryDeclaration>, Rules),
    ) -> Defaults {
        if let Some(name) = &workspace.name {
            self.keep(name, |it| match it.trim() {
                "" => Err(DeclareError::new("the workspace's name is empty")),
                _ if it.chars().any(char::is_control) => Err(DeclareError::new(
                    "the workspace's name holds a control character",
                )),
                _ => Ok(()),
            });
        }
        Defaults {
            mode: self.mode(workspace.release.as_ref()).unwrap_or_default(),
            lock: self.lock(workspace.lock.as_ref()).unwrap_or_default(),
            exempt_family: workspace.exempt_family.unwrap_or_default(),
            branch: self.branches(workspace.branch.as_ref()).unwrap_or_default(),
            tag: self.template(workspace.tag.as_ref()),
            tag_format: self
                .format(workspace.tag_format.as_ref())
                .unwrap_or_default(),
            registry: self
                .appearances(workspace.registry.as_ref(), &registries)
                .unwrap_or_default(),
            staging: self
                .appearances(workspace.staging.as_ref(), &registries)
                .unwrap_or_default(),
            unawaited: registry::is_none(workspace.registry.as_ref()).unwrap_or_default(),
            timeout: self
                .span(workspace.timeout.as_ref())
                .unwrap_or(Pace::default().timeout),
            registries,
            rules,
        }
    }

    fn mode(&mut self, text: Option<&Text>) -> Option<ReleaseMode> {
        self.word(text, "release mode")
    }

    fn lock(&mut self, text: Option<&Text>) -> Option<LockMode> {
        self.word(text, "lock mode")
    }

    pub(super) fn format(&mut self, text: Option<&Text>) -> Option<TagFormat> {
        self.word(text, "tag format")
    }

    fn repo(
        &mut self,
        name: &str,
        at: Range<usize>,
        table: &RepoTable,
        defaults: &Defaults,
    ) -> Option<RepoDeclaration> {
        if let Err(error) = repo_name(name) {
            self.errors.push(error.at(&at, "this name"));
            return None;
        }
        let repo = RepoDeclaration {
            path: self.path(name, table, &at),
            remote: self.remote(table),
            branch: self
                .branches(table.branch.as_ref())
                .unwrap_or_else(|| defaults.branch.clone()),
            needs: self.needs(name, table),
            mode: self.mode(table.release.as_ref()).unwrap_or(defaults.mode),
            tag: self
                .template(table.tag.as_ref())
                .or_else(|| defaults.tag.clone()),
            tag_format: self
                .format(table.tag_format.as_ref())
                .unwrap_or(defaults.tag_format),
            packages: package::packages(self, &table.packages, &defaults.registries),
            owners: self.names(&table.owners),
            images: publishes::images(self, &table.images),
            charts: publishes::charts(self, &table.charts),
            modules: publishes::modules(self, &table.modules),
            lock: self.lock(table.lock.as_ref()).unwrap_or(defaults.lock),
            exempt_family: table.exempt_family.unwrap_or(defaults.exempt_family),
            checks: self.commands(&table.checks, "a check"),
            ready: self.commands(&table.ready, "a command of `ready`"),
            publish_status: self.publish_status(table),
            smoke: self.commands(&table.smoke, "a command of `smoke`"),
            after: self.commands(&table.after, "a command of `after`"),
            registry: self
                .appearances(table.registry.as_ref(), &defaults.registries)
                .unwrap_or_else(|| defaults.registry.clone()),
            staging: self
                .appearances(table.staging.as_ref(), &defaults.registries)
                .unwrap_or_else(|| defaults.staging.clone()),
            unawaited: registry::is_none(table.registry.as_ref()).unwrap_or(defaults.unawaited),
            timeout: self
                .span(table.timeout.as_ref())
                .unwrap_or(defaults.timeout),
            dispatch: self.dispatch(table.dispatch.as_ref()),
            sites: site::sites(self, &table.site),
            check: self.check(table.check.as_ref(), Some(name)),
            policy: defaults.rules.repository(self, table.policy.as_ref()),
            quality: quality::gates(self, &table.quality),
            family: Arc::default(),
            at,
        };
        self.appear_somewhere(table, &repo);
        let tag = table.tag.as_ref().map(Text::span);
        package::no_two_claim_one(self, &repo, tag);
        Some(repo)
    }

    /// Returns the folder of a repository: as said, else by its name.
    fn path(&mut self, name: &str, table: &RepoTable, at: &Range<usize>) -> String {
        let named = Text::new(at.clone(), name.to_owned());
        let said = table.path.as_ref().unwrap_or(&named);
        let path = self.keep(said, |it| inside(it, Climb::Never));
        path.unwrap_or_else(|| name.to_owned())
    }

    fn remote(&mut self, table: &RepoTable) -> Option<String> {
        let url = table.remote.as_ref()?;
        self.keep(url, |it| remote::check(it).map(|()| it.to_owned()))
    }

    /// Tells of two repositories at one path.
    fn alone(
        &mut self,
        name: &str,
        path: &str,
        at: &Range<usize>,
        paths: &mut BTreeMap<String, (String, Range<usize>)>,
    ) {
        if let Some((other, there)) = paths.get(path) {
            let what = format!("`{other}` and `{name}` have one path, `{path}`");
            let error = DeclareError::new(what)
                .at(there, "here first")
                .at(at, "and here again")
                .help("give one of them another `path`, or leave it out");
            self.errors.push(error);
            return;
        }
        paths.insert(path.to_owned(), (name.to_owned(), at.clone()));
    }

    fn branches(&mut self, texts: Option<&OneOrMore>) -> Option<Branches> {
        let texts = &texts?.0;
        let keep = |it: &Text| self.keep(it, |it| branch(it).map(|()| it.to_owned()));
        let names: Vec<String> = texts.iter().filter_map(keep).collect();
        (names.len() == texts.len()).then_some(Branches(names))
    }

    fn needs(&mut self, name: &str, table: &RepoTable) -> Vec<Need> {
        let mut seen: BTreeMap<&str, Range<usize>> = BTreeMap::new();
        let mut needs = Vec::new();
        // Whoever is told by a message moves the pins.
        let usual = match table.dispatch {
            Some(_) => EdgePolicy::External,
            None => EdgePolicy::default(),
        };
        for entry in &table.needs {
            let (at, it) = (entry.span(), &entry.get_ref().0);
            let up = it.repo.get_ref().as_str();
            if up == name {
                let what = DeclareError::new(format!("`{name}` needs itself"));
                let what = what.at(&at, "itself").help("leave it out");
                self.errors.push(what);
                continue;
            }
            if let Some(first) = seen.get(up) {
                let what = DeclareError::new(format!("`{name}` needs `{up}` twice"));
                let what = what.at(first, "here first").at(&at, "and here again");
                self.errors.push(what.help("leave one of them out"));
                continue;
            }
            seen.insert(up, at.clone());
            let place = if it.repo.span().is_empty() {
                at.clone()
            } else {
                it.repo.span()
            };
            if self.declared(up, &place) {
                needs.push(self.need(it, at, usual));
            }
        }
        needs
    }

    fn need(&mut self, table: &NeedTable, at: Range<usize>, usual: EdgePolicy) -> Need {
        let kind = table.commit_type.as_ref();
        let kind = kind.and_then(|it| self.keep(it, |it| commit_type(it).map(|()| it.to_owned())));
        Need {
            repo: RepoId::new(table.repo.get_ref().as_str()),
            order_only: table.order_only,
            policy: self.word(table.policy.as_ref(), "policy").unwrap_or(usual),
            level: self.word(table.level.as_ref(), "level").unwrap_or_default(),
            commit_type: kind.unwrap_or_else(|| "fix".to_owned()),
            at,
        }
    }

    fn names(&mut self, texts: &[Text]) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut read = |it: &Text| {
            self.keep(it, |it| {
                let odd = |c: char| c.is_control() || c.is_whitespace();
                if it.is_empty() || it.contains(odd) {
                    return Err(DeclareError::new("a name is empty or holds a space"));
                }
                if !seen.insert(it.to_owned()) {
                    return Err(DeclareError::new(format!("`{it}` stands here twice")));
                }
                Ok(it.to_owned())
            })
        };
        texts.iter().filter_map(&mut read).collect()
    }

    /// Returns commands, each a program and its arguments; `what` is what one is called.
    pub(super) fn commands(
        &mut self,
        lists: &[Spanned<Vec<String>>],
        what: &str,
    ) -> Vec<Vec<String>> {
        let mut commands = Vec::new();
        for list in lists {
            let argv = list.get_ref();
            let empty = argv.first().is_none_or(String::is_empty);
            if empty || argv.iter().any(|it| it.contains('\0')) {
                let what = DeclareError::new(format!("{what} is a program and its arguments"));
                let what = what.at(&list.span(), "no program");
                let help = "write `[\"cargo\", \"test\"]`; no shell reads it";
                self.errors.push(what.help(help));
            } else {
                commands.push(argv.clone());
            }
        }
        commands
    }

    /// Returns the command that is asked for the state of a publisher; empty for none.
    fn publish_status(&mut self, table: &RepoTable) -> Vec<String> {
        let list = table.publish_status.as_slice();
        let mut said = self.commands(list, "`publish-status`");
        said.pop().unwrap_or_default()
    }

    /// Tells of commands about packages that nothing says where they appear.
    fn appear_somewhere(&mut self, table: &RepoTable, repo: &RepoDeclaration) {
        let own = repo.packages.iter().filter_map(|it| it.registry.as_ref());
        if !repo.registry.is_empty() || own.flatten().next().is_some() {
            return;
        }
        let smoke = table.smoke.first().map(|it| ("smoke", it));
        let status = table.publish_status.as_ref();
        let status = status.map(|it| ("publish-status", it));
        for (key, it) in smoke.into_iter().chain(status) {
            let what = format!("`{key}` is about packages, and nothing says where they appear");
            let what = DeclareError::new(what).at(&it.span(), "never run");
            let help = "write `registry = \"configured\"`, or the name of a registry";
            self.errors.push(what.help(help));
        }
    }
}

/// Returns what a word of a closed set stands for.
pub(super) fn of_words<T: Word>(word: &str, what: &str) -> Result<T, DeclareError> {
    let found = T::ALL.iter().find(|it| it.0 == word);
    found.map(|it| it.1).ok_or_else(|| {
        let known: Vec<&str> = T::ALL.iter().map(|it| it.0).collect();
        unknown_word(word, what, &known)
    })
}

/// Returns the error for a word that is none of a closed set.
pub(super) fn unknown_word(word: &str, what: &str, known: &[&str]) -> DeclareError {
    let all = format!("it is one of `{}`", known.join("`, `"));
    DeclareError::new(format!("`{}` is no {what}", word.escape_debug()))
        .help(all)
        .maybe_help(did_you_mean(word, known.iter().copied()))
}

/// Checks a repository's name: what a folder, a ref and a command line all take.
fn repo_name(name: &str) -> Result<(), DeclareError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.starts_with(['-', '.']) || !name.chars().all(fits) {
        let what = format!("`{}` can not be a repository's name", name.escape_debug());
        return Err(DeclareError::new(what).help(
            "use letters, digits, `.`, `_` and `-`, no `-` or `.` first; \
             `path` may say another folder",
        ));
    }
    Ok(())
}

/// Checks a branch name or glob as git would, less strictly.
pub(crate) fn branch(name: &str) -> Result<(), DeclareError> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || "~^:\\".contains(c);
    let shape = name.starts_with(['-', '/']) || name.ends_with('/') || name.contains("..");
    if name.is_empty() || shape || name.contains(odd) {
        let what = format!("`{}` can not be a branch", name.escape_debug());
        return Err(DeclareError::new(what));
    }
    name_pattern(name).map(drop).map_err(DeclareError::new)
}

fn commit_type(word: &str) -> Result<(), DeclareError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(fits) {
        return Ok(());
    }
    let what = format!("`{}` can not be a commit's type", word.escape_debug());
    Err(DeclareError::new(what).help("a type is a word like `fix`, `feat` or `build`"))
}
