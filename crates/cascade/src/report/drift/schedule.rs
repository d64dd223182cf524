//! Files that make the report by themselves: one format each, every foreign text quoted for it.

pub(crate) mod cron;
pub(crate) mod github;
pub(crate) mod gitlab;
mod quote;
pub(crate) mod systemd;

/// Returns the words that tell a webhook of a report; `name` is the variable that holds its address.
fn to_webhook<'w>(name: &'w str, from: &'w str) -> [&'w str; 7] {
    [
        "drift",
        "notify",
        "webhook",
        "--url-from",
        name,
        "--from",
        from,
    ]
}

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use cascade_plan::drift::When;
use cascade_run::is_hidden;

use self::quote::shell;

/// A report that makes itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job<'a> {
    /// The workspace's name.
    pub(crate) workspace: &'a str,
    /// Where things are in the repository of `workspace.toml`.
    pub(crate) layout: &'a Layout,
    /// When it is made.
    pub(crate) when: &'a When,
    /// The command that installs cascade, for a shell.
    pub(crate) install: &'a str,
    /// Whether the page is published.
    pub(crate) page: PageAt,
    /// Whether one issue says how it stands.
    pub(crate) issue: Issue,
    /// The variable that holds the address of a webhook.
    pub(crate) webhook: Option<&'a str>,
    /// The variable that holds what the other repositories are read with.
    pub(crate) reader: Option<&'a str>,
}

/// Where the page goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageAt {
    /// It is kept beside the run.
    Artifact,
    /// It is published as the repository's pages.
    Pages,
}

/// Whether there is an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Issue {
    /// There is none.
    None,
    /// One is kept up to date, and closed when nothing drifts.
    Kept,
}

/// Where things are, from the root of the repository that tracks `workspace.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The workspace's file.
    pub(crate) file: String,
    /// How many folders above the repository's root some clone lies.
    pub(crate) above: usize,
    /// The clones, or the folders that they lie in: from the repository's root, or where `above` is
    /// not 0, from that many folders above it.
    pub(crate) clones: Vec<String>,
}

/// The folder of the results.
const RESULTS: &str = "drift";

impl Layout {
    /// Returns the layout of a file in a folder of the repository, with clones in these places from
    /// that folder.
    pub(crate) fn of<'p>(
        (folder, name): (&str, &str),
        root: &str,
        paths: impl Iterator<Item = &'p str>,
    ) -> Self {
        let at = |path: &str| walked([folder, root, path]);
        let clones: Vec<Walked> = paths.map(at).collect();
        let above = clones.iter().map(|it| it.above).max().unwrap_or(0);
        let own = own_folder(above);
        let parts = |it: &Walked| -> Vec<String> {
            let own = own.split('/').filter(|it| !it.is_empty());
            let stays = own.take(above - it.above).map(str::to_owned);
            stays.chain(it.below.iter().cloned()).collect()
        };
        let shared = walked([folder, root, ""]);
        let folders: BTreeSet<String> = clones
            .iter()
            .map(|it| match shared.below.as_slice() {
                // All clones of a folder of their own are kept by its name.
                [_, ..] if it.above == shared.above && it.below.starts_with(&shared.below) => {
                    parts(&shared).join("/")
                }
                _ => parts(it).join("/"),
            })
            .filter(|it| !it.is_empty() && *it != own && !it.chars().any(is_hidden))
            .collect();
        let file: Vec<&str> = folder
            .split('/')
            .chain([name])
            .filter(|it| !it.is_empty())
            .collect();
        Self {
            file: file.join("/"),
            above,
            clones: folders.into_iter().collect(),
        }
    }

    /// Returns the folder that the repository has to lie in, so that all clones lie below the top.
    pub(crate) fn own(&self) -> String {
        own_folder(self.above)
    }
}

/// A way from a folder: so many folders up, then down these.
#[derive(Debug, Default)]
struct Walked {
    above: usize,
    below: Vec<String>,
}

fn walked(parts: [&str; 3]) -> Walked {
    let mut way = Walked::default();
    for part in parts.iter().flat_map(|it| it.split('/')) {
        match part {
            "" | "." => {}
            ".." => match way.below.pop() {
                Some(_) => {}
                None => way.above += 1,
            },
            part => way.below.push(part.to_owned()),
        }
    }
    way
}

fn own_folder(above: usize) -> String {
    let parts: Vec<&str> = std::iter::repeat_n("workspace", above).collect();
    parts.join("/")
}

impl Job<'_> {
    /// Returns a command of cascade for a shell.
    fn cascade(&self, words: &[&str]) -> String {
        let mut line = vec!["cascade".to_owned()];
        line.extend(words.iter().map(|it| shell(it)));
        if self.layout.file != "workspace.toml" {
            line.extend(["--workspace".to_owned(), shell(&self.layout.file)]);
        }
        line.join(" ")
    }

    /// Returns what fetches every clone, as far as its remote can be reached.
    fn fetch(&self) -> String {
        self.cascade(&["fetch", "--mode", "report"])
    }

    /// Returns what makes the page and the data, of one look: remotes and registries are asked. What it
    /// finds fails no run: it is what the run is for.
    fn report(&self, folder: &str) -> Vec<String> {
        let (page, data) = (
            format!("{folder}/index.html"),
            format!("{folder}/drift.json"),
        );
        let words = [
            "drift",
            "--fetch",
            "--record",
            "--fail-on",
            "never",
            "--out",
            &page,
            "--out",
            &data,
        ];
        vec![format!("mkdir -p {}", shell(folder)), self.cascade(&words)]
    }
}

/// Lines of YAML at a depth of indentation.
#[derive(Debug, Default)]
struct Yaml(String);

impl Yaml {
    /// Adds a line, this many columns in; an empty one stays empty.
    fn line(&mut self, depth: usize, text: &str) {
        if !text.is_empty() {
            self.0.push_str(&" ".repeat(depth));
            self.0.push_str(text);
        }
        self.0.push('\n');
    }

    /// Adds lines as one text below a key: as they are where YAML takes them so, else between quotes.
    fn script(&mut self, depth: usize, key: &str, lines: &[String]) {
        let hidden = lines
            .iter()
            .any(|it| it.chars().any(is_hidden) || it.starts_with(' '));
        match lines {
            _ if hidden => {
                let text = quote::yaml(&lines.join("\n"));
                self.line(depth, &format!("{key}: {text}"));
            }
            lines => {
                self.line(depth, &format!("{key}: |"));
                for line in lines {
                    self.line(depth + 2, line);
                }
            }
        }
    }
}
