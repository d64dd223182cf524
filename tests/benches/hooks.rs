//! What a push waits for: the hook, in a repository with a long history.
//!
//! `cargo bench -p cascade --bench hooks` makes a repository of 10,000 commits and 1,000 tags and prints
//! a Markdown table; `CASCADE_BENCH_ROUNDS` says how often each is measured, by turns (21). The row of
//! `pre-commit run` needs the framework in `PATH`.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark that can not run should stop, and prints its table"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How many commits the history has.
const COMMITS: usize = 10_000;
/// How many of them carry a tag: one in so many.
const EVERY: usize = 10;
/// What is reached for a normal push, in milliseconds.
const BUDGET: f64 = 50.0;
const ZERO: &str = "0000000000000000000000000000000000000000";

/// What people write by hand: the tag is what the manifest says, and above those it contains.
const SCRIPT: &str = "#!/bin/sh
while read -r _ new name _; do
    case $name in refs/tags/v*) ;; *) continue ;; esac
    tag=${name#refs/tags/}
    said=$(git show \"$new:Cargo.toml\" | sed -n 's/^version = \"\\(.*\\)\"/v\\1/p')
    [ \"$said\" = \"$tag\" ] || { echo \"$tag is not $said\" >&2; exit 1; }
    [ \"$(git cat-file -t \"$new\")\" = tag ] || { echo \"$tag is lightweight\" >&2; exit 1; }
    top=$(git tag --merged \"$new\" --sort=-v:refname | grep -v \"^$tag\\$\" | head -n 1)
    high=$(printf '%s\\n' \"$top\" \"$tag\" | sort -V | tail -n 1)
    [ \"$high\" = \"$tag\" ] || { echo \"$tag is below $top\" >&2; exit 1; }
    git merge-base --is-ancestor \"$new^{commit}\" origin/main || { echo \"$tag is off main\" >&2; exit 1; }
done
";

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let scratch = tempfile::tempdir().expect("scratch folder");
    let bench = Bench::made(scratch.path());
    let rows = bench.rows();
    println!(
        "{COMMITS} commits, {} tags; medians and worst of {} rounds, by turns\n",
        COMMITS / EVERY,
        rounds()
    );
    println!("| what a push waits for | median ms | worst ms | of the hook |");
    println!("|---|---:|---:|---:|");
    let mut times: Vec<Vec<f64>> = rows.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds() {
        for (row, times) in rows.iter().zip(&mut times) {
            bench.run(row);
            times.push(bench.run(row));
        }
    }
    let medians: Vec<f64> = times.iter_mut().map(|it| median(it)).collect();
    for ((row, times), median) in rows.iter().zip(&times).zip(&medians) {
        let worst = times.iter().copied().fold(0.0, f64::max);
        let ratio = median / medians[0];
        println!("| {} | {median:.1} | {worst:.1} | {ratio:.2} |", row.name);
    }
    for (row, median) in rows.iter().zip(&medians).filter(|(row, _)| row.bound) {
        assert!(
            *median < BUDGET,
            "{}: {median:.1} ms are more than {BUDGET}",
            row.name
        );
    }
}

fn rounds() -> usize {
    variable("CASCADE_BENCH_ROUNDS")
        .and_then(|it| it.parse().ok())
        .unwrap_or(21)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is told by its environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// One thing that a push may wait for.
struct Row {
    name: &'static str,
    argv: Vec<String>,
    input: String,
    /// Whether it is held to the budget.
    bound: bool,
}

/// A clone with a long history, and its remote.
struct Bench {
    root: PathBuf,
    clone: PathBuf,
}

impl Bench {
    fn made(root: &Path) -> Self {
        let bench = Self {
            root: root.to_owned(),
            clone: root.join("clone"),
        };
        let origin = root.join("origin.git");
        bench.git(root, &["init", "-q", "--bare", "-b", "main", text(&origin)]);
        bench.import(&origin);
        bench.git(&origin, &["repack", "-adq"]);
        bench.git(&origin, &["pack-refs", "--all"]);
        bench.git(root, &["clone", "-q", text(&origin), text(&bench.clone)]);
        bench.git(&bench.clone, &["config", "user.name", "a"]);
        bench.git(&bench.clone, &["config", "user.email", "a@example.invalid"]);
        let cascade = env!("CARGO_BIN_EXE_cascade");
        assert!(bench.call(&[cascade, "hook", "install"], ""), "installed");
        bench.write("pre-push.sh", SCRIPT);
        let framework = "repos:\n- repo: local\n  hooks:\n  - {id: a, name: a, entry: 'true', language: system, always_run: true}\n";
        bench.write("clone/.pre-commit-config.yaml", framework);
        bench.write("clone/Cargo.toml", &manifest(COMMITS / EVERY + 1));
        bench.git(&bench.clone, &["add", "-A"]);
        bench.git(
            &bench.clone,
            &["commit", "-q", "--no-verify", "-m", "chore: next"],
        );
        bench.git(
            &bench.clone,
            &["push", "-q", "--no-verify", "origin", "main"],
        );
        bench
    }

    /// Makes the history: a manifest that moves with every tag, and files that come and go.
    fn import(&self, origin: &Path) {
        let mut stream = String::new();
        for nth in 1..=COMMITS {
            let who = format!("a <a@example.invalid> {} +0000", 1_500_000_000 + nth * 600);
            let (file, body) = (nth % 200, format!("{nth}\n"));
            write!(
                stream,
                "commit refs/heads/main\nmark :{nth}\ncommitter {who}\ndata 8\nfeat: x\n\n\
                 M 100644 inline src/{file}.rs\ndata {}\n{body}\n",
                body.len()
            )
            .expect("text");
            if nth % EVERY == 0 {
                let manifest = manifest(nth / EVERY);
                let (size, version) = (manifest.len(), nth / EVERY);
                write!(
                    stream,
                    "M 100644 inline Cargo.toml\ndata {size}\n{manifest}\ntag v1.{version}.0\nfrom :{nth}\n\
                     tagger {who}\ndata 2\nx\n\n"
                )
                .expect("text");
            }
        }
        let words = ["git", "fast-import", "--quiet"].map(str::to_owned);
        let done = self.piped(&words, origin, &stream);
        assert!(done, "history");
    }

    fn rows(&self) -> Vec<Row> {
        let head = self.said(&["rev-parse", "HEAD"]);
        let before = self.said(&["rev-parse", "HEAD~1"]);
        let tag = format!("v1.{}.0", COMMITS / EVERY + 1);
        self.git(&self.clone, &["tag", "-a", "-m", "x", &tag]);
        let object = self.said(&["rev-parse", &tag]);
        let branch = format!("refs/heads/main {head} refs/heads/main {before}\n");
        let version = format!("refs/tags/{tag} {object} refs/tags/{tag} {ZERO}\n");
        let url = self.root.join("origin.git").display().to_string();
        let shim = vec![
            ".git/hooks/pre-push".to_owned(),
            "origin".to_owned(),
            url.clone(),
        ];
        let script = vec![
            "sh".to_owned(),
            "../pre-push.sh".to_owned(),
            "origin".to_owned(),
            url,
        ];
        let dry = [
            "git",
            "push",
            "-q",
            "--dry-run",
            "origin",
            "HEAD:refs/heads/x",
        ];
        let plain = [
            "git",
            "push",
            "-q",
            "--dry-run",
            "--no-verify",
            "origin",
            "HEAD:refs/heads/x",
        ];
        let row = |name, argv: Vec<String>, input: &str, bound| Row {
            name,
            argv,
            input: input.to_owned(),
            bound,
        };
        let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect();
        let mut rows = vec![
            row("the hook, a branch", shim.clone(), &branch, true),
            row(
                "the hook, a version",
                shim.clone(),
                &format!("{branch}{version}"),
                true,
            ),
            row("the hook, nothing to push", shim, "", false),
            row(
                "a script, a version",
                script,
                &format!("{branch}{version}"),
                false,
            ),
            row("`git push --dry-run`", words(&dry), "", false),
            row("the same without hooks", words(&plain), "", false),
        ];
        let framework = words(&[
            "pre-commit",
            "run",
            "--all-files",
            "--hook-stage",
            "pre-push",
        ]);
        if self.piped_if(
            &["pre-commit".to_owned(), "--version".to_owned()],
            &self.clone,
            "",
        ) == Some(true)
        {
            rows.push(row("`pre-commit run` of one `true`", framework, "", false));
        } else {
            println!("skipped: `pre-commit` is not in PATH\n");
        }
        rows
    }

    /// Runs a row once; returns how many milliseconds it took.
    fn run(&self, row: &Row) -> f64 {
        let start = Instant::now();
        let done = self.piped(&row.argv, &self.clone, &row.input);
        let time = start.elapsed().as_secs_f64() * 1000.0;
        assert!(done, "{} refuses", row.name);
        time
    }

    fn call(&self, words: &[&str], input: &str) -> bool {
        let words: Vec<String> = words.iter().map(|it| (*it).to_owned()).collect();
        self.piped(&words, &self.clone, input)
    }

    fn piped(&self, words: &[String], folder: &Path, input: &str) -> bool {
        self.piped_if(words, folder, input).expect("it starts")
    }

    /// Runs something that reads this; returns whether it went well, `None` where it does not start.
    fn piped_if(&self, words: &[String], folder: &Path, input: &str) -> Option<bool> {
        let mut command = self.command(words, folder);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let _ = child.stdin.take()?.write_all(input.as_bytes());
        Some(child.wait().ok()?.success())
    }

    fn git(&self, folder: &Path, args: &[&str]) {
        let words: Vec<String> = ["git"]
            .iter()
            .chain(args)
            .map(|it| (*it).to_owned())
            .collect();
        assert!(self.piped(&words, folder, ""), "git {args:?}");
    }

    fn said(&self, args: &[&str]) -> String {
        let words: Vec<String> = ["git"]
            .iter()
            .chain(args)
            .map(|it| (*it).to_owned())
            .collect();
        let output = self.command(&words, &self.clone).output().expect("git");
        String::from_utf8(output.stdout)
            .expect("text")
            .trim()
            .to_owned()
    }

    fn write(&self, name: &str, content: &str) {
        let mut file = fs::File::create(self.root.join(name)).expect("file");
        file.write_all(content.as_bytes()).expect("file");
    }

    #[expect(clippy::disallowed_methods, reason = "a benchmark starts programs")]
    fn command(&self, words: &[String], folder: &Path) -> Command {
        let program = words.first().expect("a program");
        let mut command = Command::new(if program.starts_with('.') {
            folder.join(program)
        } else {
            PathBuf::from(program)
        });
        command
            .args(words.iter().skip(1))
            .current_dir(folder)
            // Cargo's own, in which every process started would look for its libraries first.
            .env_remove("LD_LIBRARY_PATH")
            .env("HOME", &self.root)
            .env("XDG_STATE_HOME", self.root.join("state"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }
}

fn manifest(version: usize) -> String {
    format!("[package]\nname = \"core\"\nversion = \"1.{version}.0\"\nedition = \"2024\"\n")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
