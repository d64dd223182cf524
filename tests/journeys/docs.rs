//! The documentation says what the program does.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use cascade_tests::Town;

use crate::CASCADE;
use crate::family::cascade;
use crate::registry::Served;

const INTRODUCTION: &str = "# Commands

Made from `--help`; a test keeps it so. The options under `Everywhere` hold for every command, and are shown once.
";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn docs() -> PathBuf {
    root().join("docs")
}

/// `docs/commands.md` is made from `--help`; `CASCADE_BLESS=1` writes it anew.
#[test]
fn the_page_of_commands_is_what_help_says() {
    let town = Town::new();
    // Without a terminal help is 100 columns wide, and the town names no other width.
    let help = |args: &[&str]| trimmed(&cascade(&town, args).exits(0).out);
    let root = help(&["--help"]);
    let mut chapters = vec![INTRODUCTION.to_owned(), chapter("cascade", &root)];
    let names: Vec<&str> = root
        .lines()
        .skip_while(|it| *it != "Commands:")
        .skip(1)
        .take_while(|it| !it.is_empty())
        .filter_map(|it| it.strip_prefix("  ")?.split_whitespace().next())
        .filter(|it| *it != "help")
        .collect();
    assert!(names.len() >= 13, "{names:?}");
    for name in names {
        let text = help(&[name, "--help"]);
        assert!(
            text.contains("Examples:"),
            "`{name} --help` has no examples:\n{text}"
        );
        let (before, below) = text.split_once("\nEverywhere:\n").unwrap();
        let (_, examples) = below.split_once("\nExamples:\n").unwrap();
        let text = format!("{before}\nExamples:\n{examples}");
        chapters.push(chapter(&format!("cascade {name}"), &text));
    }
    let page = chapters.join("\n");
    let at = docs().join("commands.md");
    #[expect(
        clippy::disallowed_methods,
        reason = "blessing is asked for by the environment"
    )]
    if std::env::var("CASCADE_BLESS").is_ok() {
        fs::write(&at, &page).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&at).unwrap(),
        page,
        "bless it: CASCADE_BLESS=1 cargo xtest"
    );
}

fn chapter(title: &str, text: &str) -> String {
    format!("## {title}\n\n```text\n{text}\n```\n")
}

/// Every line after a `$` in a `console` block of the page is typed into a shell, in order, as a
/// reader would; none may fail.
#[test]
fn the_commands_of_getting_started_work() {
    let town = Town::new();
    let dir = town.path().join("family");
    let mut folder = town.work();
    let mut ran = 0;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let port = port.unwrap().port().to_string();
    let mut served = Vec::new();
    for line in console_lines(&fs::read_to_string(docs().join("getting-started.md")).unwrap()) {
        let line = line
            .replace("/tmp/family", dir.to_str().unwrap())
            .replace("4873", &port);
        // It stays, in another terminal.
        if let Some(rest) = line.strip_prefix("cascade registry ") {
            served.push(Served::of(&town, &rest.split(' ').collect::<Vec<_>>()));
            ran += 1;
            continue;
        }
        if let Some(next) = line.strip_prefix("cd ") {
            folder = folder.join(next);
            continue;
        }
        let typed = match line.strip_prefix("cascade ") {
            Some(rest) => format!("'{CASCADE}' {rest}"),
            None => line.clone(),
        };
        // The demo's past ends now, and what is committed on top of it should not be older.
        let out = town
            .command("sh")
            .args(["-c", &typed])
            .env_remove("GIT_AUTHOR_DATE")
            .env_remove("GIT_COMMITTER_DATE")
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(
            out.status.success(),
            "{line}\n{}\n{}",
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
        ran += usize::from(line.starts_with("cascade "));
    }
    assert!(ran >= 8 && !served.is_empty(), "{ran} commands");
}

/// Every link from one of the project's own pages to another leads somewhere.
#[test]
fn links_between_the_pages_lead_somewhere() {
    let mut pages = vec![root().join("README.md"), root().join("examples/README.md")];
    for folder in [docs(), docs().join("design")] {
        let listing = fs::read_dir(folder).unwrap();
        let found = listing.map(|it| it.unwrap().path());
        pages.extend(found.filter(|it| it.extension().is_some_and(|it| it == "md")));
    }
    let mut followed = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1).filter_map(|it| it.split_once(')'));
        for (link, _) in links.filter(|(it, _)| !it.contains("://") && !it.starts_with('#')) {
            let path = link.split_once('#').map_or(link, |it| it.0);
            let to = page.parent().unwrap().join(path);
            assert!(to.exists(), "{}: {link}", page.display());
            followed += 1;
        }
    }
    assert!(followed > 8, "{followed} links");
}

/// The text without spaces at the ends of its lines.
fn trimmed(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n")
}

fn console_lines(page: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in page.lines() {
        if let Some(fence) = line.strip_prefix("```") {
            inside = fence == "console";
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            found.push(command.to_owned());
        }
    }
    found
}
