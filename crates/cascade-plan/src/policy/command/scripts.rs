//! The commands that files hold: scripts, makefiles, task files, manifests with scripts, workflows.

use super::{Deed, Done, Ware, deeds_of_argv, deeds_of_script};

/// The longest line that is read.
const LONGEST_LINE: usize = 8 << 10;

/// A kind of file, by how its commands stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Every line is one, or part of one.
    Shell,
    /// Indented lines are commands.
    Recipes,
    /// Python that gives argument lists to functions.
    Calls,
    /// JSON with `scripts`.
    Package,
    /// YAML with `run`, `script` and `uses`.
    Workflow,
}

/// Returns the uploads that a file holds, each with its 1-based line.
pub(crate) fn in_file(path: &str, text: &str) -> Vec<(usize, Done)> {
    let Some(kind) = kind(path) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (line, command) in commands(kind, text) {
        let done = match command {
            Command::Text(text) => deeds_of_script(&text, "").done,
            Command::Argv(argv) => deeds_of_argv(&argv, "").done,
            Command::Action(name) => action(&name).into_iter().collect(),
        };
        let uploads = |it: &Done| matches!(it.deed, Deed::Upload(ware) if ware != Ware::Listing);
        found.extend(done.into_iter().filter(uploads).map(|it| (line, it)));
    }
    found
}

enum Command {
    Text(String),
    Argv(Vec<String>),
    Action(String),
}

fn kind(path: &str) -> Option<Kind> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let ends = |all: &[&str]| all.iter().any(|it| lower.ends_with(it));
    match lower.as_str() {
        "makefile" | "gnumakefile" | "justfile" | ".justfile" | "tox.ini" | "pyproject.toml"
        | "setup.cfg" => Some(Kind::Recipes),
        "noxfile.py" | "tasks.py" | "dodo.py" => Some(Kind::Calls),
        "package.json" => Some(Kind::Package),
        "jenkinsfile" | "procfile" => Some(Kind::Shell),
        _ if ends(&[".sh", ".bash", ".zsh", ".ps1"]) => Some(Kind::Shell),
        _ if ends(&[".mk"]) => Some(Kind::Recipes),
        _ if ends(&[".yml", ".yaml"]) => Some(Kind::Workflow),
        _ => None,
    }
}

fn commands(kind: Kind, text: &str) -> Vec<(usize, Command)> {
    match kind {
        Kind::Package => package(text),
        Kind::Calls => calls(text),
        Kind::Shell | Kind::Recipes | Kind::Workflow => lines(text)
            .filter_map(|(line, text)| Some((line, stripped(kind, &text)?)))
            .collect(),
    }
}

/// Returns the lines of a text, those joined that a backslash continues, each with its number.
fn lines(text: &str) -> impl Iterator<Item = (usize, String)> + '_ {
    let mut rest = text.lines().enumerate();
    std::iter::from_fn(move || {
        let (index, first) = rest.next()?;
        let mut whole = first.to_owned();
        while whole.ends_with('\\') && whole.len() <= LONGEST_LINE {
            whole.pop();
            let Some((_, more)) = rest.next() else { break };
            whole.push(' ');
            whole.push_str(more.trim_start());
        }
        Some((index + 1, whole))
    })
    .filter(|it| it.1.len() <= LONGEST_LINE)
}

/// Returns the command of a line, without what the kind of file puts before it.
fn stripped(kind: Kind, line: &str) -> Option<Command> {
    let indented = line.starts_with([' ', '\t']);
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', ';']) {
        return None;
    }
    let text = match kind {
        Kind::Recipes => {
            let assigned = line.split_once(['=', ':']).map(|it| it.1);
            let recipe = if indented { Some(line) } else { assigned };
            recipe?
                .trim_start()
                .trim_start_matches(['@', '-', '+', '['])
        }
        Kind::Workflow => {
            let line = line.strip_prefix("- ").unwrap_or(line).trim_start();
            if let Some(name) = line.strip_prefix("uses:") {
                return Some(Command::Action(bare(name).to_owned()));
            }
            line.strip_prefix("run:")
                .or_else(|| line.strip_prefix("script:"))
                .unwrap_or(line)
        }
        _ => line,
    };
    Some(Command::Text(bare(text).to_owned()))
}

/// Returns a text without quotes around all of it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text)
}

/// Returns the scripts of a `package.json`.
fn package(text: &str) -> Vec<(usize, Command)> {
    let Ok(read) = serde_json::from_str::<serde_json::Value>(text) else {
        return Vec::new();
    };
    let Some(scripts) = read.get("scripts").and_then(|it| it.as_object()) else {
        return Vec::new();
    };
    let line_of = |name: &str| {
        let key = format!("\"{name}\"");
        text.lines()
            .position(|it| it.contains(&key))
            .map_or(1, |it| it + 1)
    };
    let all = scripts.iter().take(1_000);
    let texts = all.filter_map(|(name, it)| Some((line_of(name), it.as_str()?)));
    let short = texts.filter(|it| it.1.len() <= LONGEST_LINE);
    short
        .map(|(line, it)| (line, Command::Text(it.to_owned())))
        .collect()
}

/// Returns the argument lists that Python code gives to functions: the strings of each line with
/// `run(`.
fn calls(text: &str) -> Vec<(usize, Command)> {
    let calls = lines(text).filter_map(|(line, text)| {
        let (_, given) = text
            .split_once("run(")
            .or_else(|| text.split_once("system("))?;
        let mut strings = Vec::new();
        let mut rest = given;
        while let Some(start) = rest.find(['"', '\'']) {
            let (quote, behind) = rest.get(start..)?.split_at_checked(1)?;
            let (string, after) = behind.split_once(quote)?;
            strings.push(string.to_owned());
            rest = after;
        }
        let one = matches!(strings.as_slice(), [it] if it.contains(' '));
        let command = if one {
            Command::Text(strings.pop()?)
        } else {
            Command::Argv(strings)
        };
        Some((line, command))
    });
    calls.collect()
}

/// Returns the upload that an action of a workflow is.
fn action(name: &str) -> Option<Done> {
    const UPLOADS: &[(&str, Ware)] = &[
        ("pypa/gh-action-pypi-publish", Ware::Package),
        ("JS-DevTools/npm-publish", Ware::Package),
        ("helm/chart-releaser-action", Ware::Chart),
    ];
    let plain = name.split(['@', ' ']).next().unwrap_or(name);
    let found = UPLOADS.iter().find(|it| it.0.eq_ignore_ascii_case(plain))?;
    Some(Done {
        deed: Deed::Upload(found.1),
        command: format!("uses: {plain}"),
    })
}
