//! The text of a drafted `workspace.toml`.

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::Spot;

use super::Found;
use super::edges::Edges;
use super::tags::{PackageLine, TagLines, Tagged, lines, several, tagged};
use crate::graph::order_of;
use crate::{
    ObservedPackage, ObservedRepo, RepoId, Snapshot, TagFormat, TagTemplate, Trouble, declare,
};

const WIDTH: usize = 100;
const SHOWN_PACKAGES: usize = 20;

/// What a draft is made from.
pub(super) struct Material<'a> {
    pub(super) workspace: &'a str,
    pub(super) found: &'a [Found],
    pub(super) names: &'a BTreeMap<RepoId, String>,
    pub(super) snapshot: &'a Snapshot,
    pub(super) edges: &'a Edges,
}

/// What a draft says once for all repositories.
#[derive(Default)]
struct Shared {
    branch: Option<String>,
    tag: Option<TagTemplate>,
}

/// One repository, ready to be written.
struct Block {
    /// What was found, as comments.
    comments: Vec<String>,
    /// Its lines without `needs`, as TOML.
    lines: Vec<String>,
    /// Whether it can be declared at all.
    fits: bool,
}

/// Returns the whole text.
pub(super) fn write(material: &Material<'_>) -> String {
    let shared = material.shared();
    let blocks: BTreeMap<&RepoId, Block> = material
        .found
        .iter()
        .map(|it| (&it.repo, material.block(it, &shared)))
        .collect();
    let mut text = material.head(&shared);
    for repo in material.order() {
        let Some(block) = blocks.get(&repo) else {
            continue;
        };
        text.push('\n');
        for comment in &block.comments {
            text.push_str(format!("# {}", plain(comment)).trim_end());
            text.push('\n');
        }
        if block.fits {
            let needs = material.needs(&repo, |up| blocks.get(up).is_some_and(|it| it.fits));
            text.push_str(&material.table(&repo, &block.lines, &needs));
        }
    }
    text
}

impl Material<'_> {
    fn head(&self, shared: &Shared) -> String {
        let clones = counted(self.found.len(), "clone");
        let mut text = format!(
            "# The repositories that are released together, and what each of them stands on.\n\
             #\n\
             # `cascade init` wrote this file from what it found in {clones}; from here on it is\n\
             # yours. `cascade init --check` says where it and the clones differ, and\n\
             # docs/workspace-file.md explains every key.\n\
             \n[workspace]\nname = {}\n",
            quoted(self.workspace)
        );
        if let Some(branch) = &shared.branch {
            text.extend(["branch = ", &quoted(branch), "\n"]);
        }
        if let Some(tag) = &shared.tag {
            text.extend(["tag = ", &quoted(tag.text()), "\n"]);
        }
        text
    }

    /// Returns the commonest branch, and the template that every repository has.
    fn shared(&self) -> Shared {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for branch in self.found.iter().filter_map(|it| self.branch(it)) {
            if crate::declaration::branch(branch).is_ok() {
                *votes.entry(branch).or_default() += 1;
            }
        }
        let branch = votes.into_iter().rev().max_by_key(|it| it.1);
        let tags: Vec<TagLines> = self.found.iter().filter_map(|it| self.tags(it)).collect();
        let first = tags.first().and_then(|it| it.tag.clone());
        let alike = tags.len() > 1 && tags.iter().all(|it| it.tag == first);
        Shared {
            branch: branch.map(|it| it.0.to_owned()),
            tag: first.filter(|_| alike),
        }
    }

    fn observed(&self, found: &Found) -> Option<&ObservedRepo> {
        self.snapshot.repos.get(&found.repo)
    }

    /// Returns the branch it is released from: the remote's default one, else the one it is on.
    fn branch<'a>(&'a self, found: &'a Found) -> Option<&'a str> {
        let default = self
            .observed(found)
            .and_then(|it| it.default_branch.as_deref());
        default.or(found.branch.as_deref())
    }

    /// Returns what is said of the tags of a repository that has packages.
    fn tags(&self, found: &Found) -> Option<TagLines> {
        let repo = self.observed(found)?;
        (!repo.packages.is_empty()).then(|| lines(&tagged(repo), several(repo)))
    }

    fn name<'a>(&'a self, repo: &'a RepoId) -> &'a str {
        self.names.get(repo).map_or(repo.as_str(), String::as_str)
    }

    /// Returns the repositories in release order, ties by name.
    fn order(&self) -> Vec<RepoId> {
        let nodes: BTreeSet<RepoId> = self.found.iter().map(|it| it.repo.clone()).collect();
        let of = |it: &BTreeSet<RepoId>| it.iter().cloned().collect();
        let needs = self.edges.needs.iter();
        let upstreams = needs.map(|(repo, ups)| (repo.clone(), of(ups))).collect();
        match order_of(&nodes, &upstreams) {
            Ok((order, _)) => order,
            Err(_) => nodes.into_iter().collect(),
        }
    }

    fn needs(&self, repo: &RepoId, fits: impl Fn(&RepoId) -> bool) -> Vec<String> {
        let ups = self.edges.needs.get(repo).into_iter().flatten();
        ups.filter(|it| fits(it))
            .map(|it| quoted(self.name(it)))
            .collect()
    }

    fn table(&self, repo: &RepoId, lines: &[String], needs: &[String]) -> String {
        let mut text = format!("[repo.{}]\n", key(self.name(repo)));
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        if !needs.is_empty() {
            text.push_str(&list("needs", needs));
            text.push('\n');
        }
        text
    }

    fn block(&self, found: &Found, shared: &Shared) -> Block {
        let mut comments = self.comments(found);
        let mut lines = self.place(found, shared, &mut comments);
        let tags = self.tags(found).map(|it| tag_lines(&it, shared));
        let tags = tags.unwrap_or_default();
        let tried = self.trial(found, &lines);
        if let Err(why) = &tried {
            comments.push(format!("`{}` is left out: {why}.", found.repo));
        } else {
            let with_tags = [lines.clone(), tags].concat();
            match self.trial(found, &with_tags) {
                Ok(()) => lines = with_tags,
                Err(why) => comments.push(format!("What its tags say is left out: {why}.")),
            }
        }
        Block {
            comments,
            lines,
            fits: tried.is_ok(),
        }
    }

    /// Declares the repository alone.
    fn trial(&self, found: &Found, lines: &[String]) -> Result<(), String> {
        let table = self.table(&found.repo, lines, &[]);
        match declare(&format!("[workspace]\nname = \"trial\"\n{table}")) {
            Ok(_) => Ok(()),
            Err(errors) => Err(errors
                .errors()
                .first()
                .map_or_else(String::new, |it| it.message.clone())),
        }
    }

    /// Returns the lines that say where the repository is and how it is released.
    fn place(&self, found: &Found, shared: &Shared, comments: &mut Vec<String>) -> Vec<String> {
        let mut lines = Vec::new();
        if found.path != self.name(&found.repo) {
            lines.push(format!("path = {}", quoted(&found.path)));
        }
        match found
            .remote
            .as_deref()
            .map(|it| (it, crate::declaration::remote(it)))
        {
            Some((remote, Ok(()))) => lines.push(format!("remote = {}", quoted(remote))),
            Some((_, Err(why))) => {
                comments.push(format!("Its remote is left out: {}.", why.message));
            }
            None => comments.push("It has no remote: `cascade release` needs one.".to_owned()),
        }
        match self.branch(found) {
            Some(it) if Some(it) == shared.branch.as_deref() => {}
            Some(it) if crate::declaration::branch(it).is_ok() => {
                lines.push(format!("branch = {}", quoted(it)));
            }
            Some(_) => comments.push("Its branch's name can not be declared.".to_owned()),
            None => comments.push("Its head is detached: `branch` is for you to say.".to_owned()),
        }
        if self.observed(found).is_some_and(|it| it.release_please) {
            lines.push("release = \"release-please\"".to_owned());
        }
        lines
    }

    /// Returns what was found, for people.
    fn comments(&self, found: &Found) -> Vec<String> {
        let Some(repo) = self.observed(found) else {
            return Vec::new();
        };
        if let Some(trouble) = &repo.trouble {
            return vec![troubled(trouble)];
        }
        let mut comments: Vec<String> = tagged(repo).iter().map(described).collect();
        let more = comments.len().saturating_sub(SHOWN_PACKAGES);
        comments.truncate(SHOWN_PACKAGES);
        if more > 0 {
            comments.push(format!("... and {}.", counted(more, "more package")));
        }
        if repo.packages.is_empty() {
            comments.push("No package was found in it.".to_owned());
        }
        if repo.shallow {
            let what = "The clone is shallow: `git fetch --unshallow --tags` brings its history.";
            comments.push(what.to_owned());
        }
        for file in repo.manifests.iter().filter(|it| !it.auxiliary) {
            if let Err(error) = &file.read {
                let at = error.span.as_ref().map(|it| Spot::of(&file.text, it.start));
                let at = at.map(|it| format!(" at {it}")).unwrap_or_default();
                comments.push(format!("{} could not be read{at}: {error}.", file.path));
            }
        }
        let left_out = self.edges.left_out.get(&found.repo).into_iter().flatten();
        comments.extend(left_out.map(|(up, place)| {
            let up = self.name(up);
            format!("`{up}` ({place}) is left out of its needs: it would close a circle.")
        }));
        comments
    }
}

fn described(tagged: &Tagged<'_>) -> String {
    let (package, inferred) = (tagged.package, &tagged.inferred);
    let name = &package.name;
    let head = match package.manifest.as_str() {
        "" => format!("{} {name}, by its tags alone:", package.ecosystem.name),
        manifest => format!("{} {name}, {manifest}:", package.ecosystem.name),
    };
    match &inferred.latest {
        Some(latest) if inferred.count == 1 => {
            format!(
                "{head} {latest}, the only version tagged{}.",
                taken_back(package)
            )
        }
        Some(latest) => format!(
            "{head} {latest}, the latest of {} versions tagged{}.",
            inferred.count,
            taken_back(package)
        ),
        None if inferred.count > 0 => format!("{head} only pre-releases are tagged."),
        None => format!("{head} no version is tagged yet."),
    }
}

/// Returns what is to be said of the highest version where its module took it back.
fn taken_back(package: &ObservedPackage) -> String {
    let retracted = package.retracted.as_ref();
    retracted.map_or_else(String::new, |_| ", which it took back".to_owned())
}

fn troubled(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Missing => "Nothing stands at its path.".to_owned(),
        Trouble::NotARepository => "git does not know it.".to_owned(),
        Trouble::NoCommits => "It has no commit yet.".to_owned(),
        Trouble::Unreadable(why) | Trouble::Unfetched(why) => {
            format!("It could not be read: {why}")
        }
    }
}

/// Returns the lines that say how its tags are spelled, as far as the workspace does not.
fn tag_lines(tags: &TagLines, shared: &Shared) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(tag) = tags.tag.as_ref().filter(|_| shared.tag.is_none()) {
        lines.push(format!("tag = {}", quoted(tag.text())));
    }
    if let Some(format) = tags.format {
        lines.push(format!("tag-format = {}", quoted(word(format))));
    }
    if !tags.packages.is_empty() {
        let entries: Vec<String> = tags.packages.iter().map(package_entry).collect();
        lines.push(list("packages", &entries));
    }
    lines
}

fn package_entry(line: &PackageLine) -> String {
    let mut fields = vec![format!("name = {}", quoted(&line.name))];
    fields.extend(
        line.ecosystem
            .map(|it| format!("ecosystem = {}", quoted(it))),
    );
    let tag = line.tag.as_ref();
    fields.extend(tag.map(|it| format!("tag = {}", quoted(it.text()))));
    fields.extend(
        line.format
            .map(|it| format!("tag-format = {}", quoted(word(it)))),
    );
    format!("{{ {} }}", fields.join(", "))
}

fn word(format: TagFormat) -> &'static str {
    match format {
        TagFormat::Semver => "semver",
        TagFormat::Pep440 => "pep440",
    }
}

/// Returns a list on one line, or on several where it is long.
fn list(key: &str, entries: &[String]) -> String {
    let line = format!("{key} = [{}]", entries.join(", "));
    if line.len() <= WIDTH {
        return line;
    }
    format!("{key} = [\n    {},\n]", entries.join(",\n    "))
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

fn key(name: &str) -> String {
    toml_edit::Key::new(name).to_string()
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// Returns the text on one line, control characters made visible: it comes from repositories.
fn plain(text: &str) -> String {
    let show = |c: char| match c {
        _ if c.is_control() => c.escape_default().to_string(),
        _ => c.to_string(),
    };
    text.chars().map(show).collect()
}
