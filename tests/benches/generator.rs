//! Makes a workspace of many repositories, quickly and the same every time.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// How many files a repository has beside its manifest and its lock.
const FILES: usize = 98;
/// How many commits.
const COMMITS: usize = 200;
/// How many tags.
const TAGS: usize = 20;

/// Makes `count` repositories below `root`, and its `workspace.toml`.
pub(crate) fn generate(root: &Path, count: usize) {
    fs::create_dir_all(root).expect("folder");
    let mut declaration = String::from("[workspace]\nname = \"bench\"\n");
    for number in 0..count {
        let repo = Repo { number, count };
        repo.make(&root.join(repo.name()));
        let needs: Vec<_> = repo
            .needs()
            .map(|it| format!("\"{}\"", it.name()))
            .collect();
        let (name, needs) = (repo.name(), needs.join(", "));
        writeln!(declaration, "[repo.{name}]\nneeds = [{needs}]").expect("text");
    }
    put(&root.join("workspace.toml"), &declaration);
}

fn put(path: &Path, text: &str) {
    let file = fs::File::create(path).and_then(|mut it| it.write_all(text.as_bytes()));
    file.expect("scratch file");
}

/// One repository, all of it told by its number.
#[derive(Clone, Copy)]
struct Repo {
    number: usize,
    count: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Python,
    Npm,
    Cargo,
}

impl Repo {
    fn name(self) -> String {
        format!("acme-{:04}", self.number)
    }

    fn kind(self) -> Kind {
        match self.number % 20 {
            0..12 => Kind::Python,
            12..17 => Kind::Npm,
            _ => Kind::Cargo,
        }
    }

    /// The version of the tag that many steps before the last.
    fn version(self, before: usize) -> String {
        format!("1.{}.{}", TAGS - 1 - before, self.number % 7)
    }

    /// Up to three repositories of its kind in the layers above.
    fn needs(self) -> impl Iterator<Item = Self> {
        let layer = self.count.div_ceil(8).max(20);
        let steps = [
            20,
            layer.next_multiple_of(20),
            3 * layer.next_multiple_of(20),
        ];
        let above = move |step: usize| {
            let number = self.number.checked_sub(step)?;
            (step >= 20).then_some(Self { number, ..self })
        };
        let mut numbers: Vec<_> = steps.into_iter().filter_map(above).collect();
        numbers.dedup_by_key(|it| it.number);
        numbers.into_iter()
    }

    /// The pins on what it needs: a quarter of them one release behind.
    fn pins(self) -> impl Iterator<Item = (String, String)> {
        let pin = move |(nth, it): (usize, Self)| {
            let behind = usize::from((self.number + nth).is_multiple_of(4));
            (it.name(), it.version(behind))
        };
        self.needs().enumerate().map(pin)
    }

    fn manifest(self) -> (&'static str, String) {
        let (name, version) = (self.name(), self.version(0));
        let pins = |show: fn(&str, &str) -> String, between| {
            let rows: Vec<_> = self.pins().map(|(n, v)| show(&n, &v)).collect();
            rows.join(between)
        };
        match self.kind() {
            Kind::Python => {
                let rows = pins(|n, v| format!("  \"{n}>={v},<2\""), ",\n");
                let head = format!("[project]\nname = \"{name}\"\nversion = \"{version}\"\n");
                (
                    "pyproject.toml",
                    format!("{head}dependencies = [\n{rows}\n]\n"),
                )
            }
            Kind::Npm => {
                let rows = pins(|n, v| format!("    \"{n}\": \"^{v}\""), ",\n");
                let head = format!("{{\n  \"name\": \"{name}\",\n  \"version\": \"{version}\",\n");
                (
                    "package.json",
                    format!("{head}  \"dependencies\": {{\n{rows}\n  }}\n}}\n"),
                )
            }
            Kind::Cargo => {
                let rows = pins(|n, v| format!("{n} = \"{v}\""), "\n");
                let head = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n");
                (
                    "Cargo.toml",
                    format!("{head}edition = \"2024\"\n\n[dependencies]\n{rows}\n"),
                )
            }
        }
    }

    fn lock(self) -> (&'static str, String) {
        let strangers = (0..400).map(|it| (format!("stranger-{it:04}"), "1.0.0".to_owned()));
        let mut rows: Vec<_> = self.pins().chain(strangers).collect();
        rows.sort();
        let toml = |(name, version): &(String, String)| {
            let source = "source = { registry = \"https://registry.example/simple\" }";
            let hash = "0123456789abcdef".repeat(18);
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}\nsdist = {{ hash = \"sha256:{hash}\" }}\n\n"
            )
        };
        let cargo = |(name, version): &(String, String)| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry+https://registry.example/index\"\n\n"
            )
        };
        let json = |(name, version): &(String, String)| {
            let hash = "0123456789abcdef".repeat(14);
            format!(
                "    \"node_modules/{name}\": {{\n      \"version\": \"{version}\",\n      \"integrity\": \"sha512-{hash}\"\n    }}"
            )
        };
        match self.kind() {
            Kind::Python => {
                let rows: String = rows.iter().map(toml).collect();
                (
                    "uv.lock",
                    format!("version = 1\nrequires-python = \">=3.12\"\n\n{rows}"),
                )
            }
            Kind::Npm => {
                let rows: Vec<_> = rows.iter().map(json).collect();
                let rows = rows.join(",\n");
                let head = format!(
                    "{{\n  \"name\": \"{}\",\n  \"lockfileVersion\": 3,\n",
                    self.name()
                );
                (
                    "package-lock.json",
                    format!("{head}  \"packages\": {{\n{rows}\n  }}\n}}\n"),
                )
            }
            Kind::Cargo => {
                let rows: String = rows.iter().map(cargo).collect();
                ("Cargo.lock", format!("version = 4\n\n{rows}"))
            }
        }
    }

    fn make(self, folder: &Path) {
        fs::create_dir_all(folder).expect("folder");
        git(folder, &["init", "-q", "-b", "main"], None);
        git(folder, &["fast-import", "--quiet"], Some(&self.history()));
        git(
            folder,
            &["config", "remote.origin.url", "https://git.example/x.git"],
            None,
        );
        let fetch = "+refs/heads/*:refs/remotes/origin/*";
        git(folder, &["config", "remote.origin.fetch", fetch], None);
        git(folder, &["config", "branch.main.remote", "origin"], None);
        git(
            folder,
            &["config", "branch.main.merge", "refs/heads/main"],
            None,
        );
        git(folder, &["pack-refs", "--all"], None);
        git(folder, &["reset", "-q", "--hard"], None);
        if self.number.is_multiple_of(7) {
            put(&folder.join("src0/file0.txt"), "changed\n");
        }
        if self.number % 7 == 1 {
            put(&folder.join("src0/untracked.txt"), "new\n");
        }
    }

    /// The whole history for `git fast-import`: every commit touches one file, a tag every ten.
    fn history(self) -> String {
        let mut stream = String::new();
        let since = self.number % 40;
        for commit in 0..COMMITS {
            let kind = ["fix", "feat", "docs", "chore", "refactor"][commit % 5];
            let message = format!("{kind}(core): change {commit}\n\nSaid at some length.\n");
            let date = 1_600_000_000 + commit * 3_600;
            writeln!(stream, "commit refs/heads/main\nmark :{}", commit + 1).expect("text");
            writeln!(stream, "committer a <a@example.invalid> {date} +0000").expect("text");
            data(&mut stream, &message);
            if commit == 0 {
                self.first_files(&mut stream);
            }
            file(
                &mut stream,
                &path(commit % FILES),
                &format!("change {commit}\n"),
            );
        }
        for tag in 0..TAGS {
            let at = COMMITS - since - (TAGS - 1 - tag) * 8;
            let version = self.version(TAGS - 1 - tag);
            writeln!(stream, "tag v{version}\nfrom :{at}").expect("text");
            writeln!(stream, "tagger a <a@example.invalid> 1700000000 +0000").expect("text");
            data(&mut stream, &version);
        }
        let upstream = COMMITS - self.number % 3;
        writeln!(stream, "reset refs/remotes/origin/main\nfrom :{upstream}\n").expect("text");
        stream
    }

    fn first_files(self, stream: &mut String) {
        for number in 0..FILES {
            file(
                stream,
                &path(number),
                &format!("file {number} of {}\n", self.name()),
            );
        }
        for (path, text) in [self.manifest(), self.lock()] {
            file(stream, path, &text);
        }
    }
}

fn path(number: usize) -> String {
    format!("src{}/file{number}.txt", number % 11)
}

fn file(stream: &mut String, path: &str, text: &str) {
    writeln!(stream, "M 100644 inline {path}").expect("text");
    data(stream, text);
}

fn data(stream: &mut String, text: &str) {
    writeln!(stream, "data {}\n{text}", text.len()).expect("text");
}

#[expect(clippy::disallowed_methods, reason = "a benchmark starts git")]
fn git(folder: &Path, args: &[&str], input: Option<&str>) {
    let mut git = Command::new("git");
    git.args(args).current_dir(folder).stdin(Stdio::piped());
    git.env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    let mut child = git.spawn().expect("git starts");
    let mut pipe = child.stdin.take().expect("pipe");
    pipe.write_all(input.unwrap_or_default().as_bytes())
        .expect("git reads");
    drop(pipe);
    assert!(child.wait().expect("git ends").success(), "git {args:?}");
}
