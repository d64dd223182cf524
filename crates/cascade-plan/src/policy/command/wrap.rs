//! Commands that run another one: what stands inside them.

use super::shell::Word;
use super::words::{behind_options, has};

/// What stands inside a command.
pub(super) enum Inside<'w> {
    /// Nothing: it is the command itself.
    Nothing,
    /// A command and its arguments.
    Words(&'w [Word]),
    /// Words that the same command takes in another place: `yarn workspace x WORDS`.
    Again(&'w [Word]),
    /// A command somewhere among these.
    Anywhere(&'w [Word]),
    /// A text for a shell.
    Text(&'w Word),
    /// Words that a shell joins to a text.
    Joined(&'w [Word]),
    /// What it reads is for a shell.
    Fed,
    /// A program in another language.
    Code,
}

/// A command that runs the rest of its words: its options that take a value, and how many words of
/// its own stand before the command.
struct Wrapper {
    name: &'static str,
    /// The words of its own that make it one: `run` of `uv run`.
    verbs: &'static [&'static str],
    valued: &'static [&'static str],
    own: usize,
}

const fn wrapper(name: &'static str, valued: &'static [&'static str]) -> Wrapper {
    running(name, &[], valued)
}

const fn running(
    name: &'static str,
    verbs: &'static [&'static str],
    valued: &'static [&'static str],
) -> Wrapper {
    Wrapper {
        name,
        verbs,
        valued,
        own: 0,
    }
}

const fn after(name: &'static str, own: usize, valued: &'static [&'static str]) -> Wrapper {
    Wrapper {
        name,
        verbs: &[],
        valued,
        own,
    }
}

const SUDO: &[&str] = &[
    "-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "-r", "-t", "--user", "--group",
    "--chdir",
];
const UV: &[&str] = &[
    "--with",
    "--from",
    "--python",
    "-p",
    "--index",
    "--index-url",
    "--project",
    "--directory",
    "--env-file",
    "--extra",
    "--group",
    "-m",
    "--with-requirements",
    "--package",
];
const NPX: &[&str] = &["-p", "--package", "-w", "--workspace", "--prefix"];

static WRAPPERS: &[Wrapper] = &[
    wrapper("sudo", SUDO),
    wrapper("doas", &["-u", "-C"]),
    wrapper("env", &["-u", "--unset", "-C", "--chdir"]),
    wrapper("nice", &["-n"]),
    wrapper("ionice", &["-c", "-n"]),
    wrapper("nohup", &[]),
    wrapper("setsid", &[]),
    wrapper("time", &["-f", "-o"]),
    wrapper("stdbuf", &["-i", "-o", "-e"]),
    wrapper(
        "xargs",
        &[
            "-I",
            "-n",
            "-P",
            "-L",
            "-d",
            "-E",
            "-s",
            "-a",
            "--max-args",
            "--max-procs",
        ],
    ),
    wrapper("exec", &["-a"]),
    wrapper("builtin", &[]),
    wrapper("unbuffer", &[]),
    wrapper("caffeinate", &["-t", "-w"]),
    wrapper("busybox", &[]),
    wrapper("chronic", &[]),
    wrapper("strace", &["-o", "-e", "-p", "-s"]),
    wrapper("corepack", &[]),
    wrapper("cross-env", &[]),
    running("dotenv", &["run"], &["-e", "-f"]),
    wrapper("dotenv", &["-e", "-f", "-c", "-v", "-p"]),
    wrapper("npx", NPX),
    wrapper("pnpx", NPX),
    wrapper("bunx", NPX),
    wrapper("uvx", UV),
    after("timeout", 1, &["-s", "-k", "--signal", "--kill-after"]),
    after("chroot", 1, &[]),
    after("flock", 1, &["-w", "-E", "--timeout"]),
    running("uv", &["tool", "run"], UV),
    running("uv", &["run"], UV),
    running(
        "poetry",
        &["run"],
        &["-C", "-P", "--directory", "--project"],
    ),
    running("pdm", &["run"], &["-p"]),
    running("pipenv", &["run"], &[]),
    running("rye", &["run"], &[]),
    running("pipx", &["run"], &["--spec", "--python", "--pip-args"]),
    running("hatch", &["run"], &["-e", "--env"]),
    running("npm", &["exec"], NPX),
    running("npm", &["x"], NPX),
    running("pnpm", &["exec"], NPX),
    running("pnpm", &["dlx"], NPX),
    running("yarn", &["exec"], NPX),
    running("yarn", &["dlx"], NPX),
    running("yarn", &["run"], NPX),
    running("bun", &["x"], NPX),
    running("bundle", &["exec"], &[]),
    running("rustup", &["run"], &[]),
    running("conda", &["run"], &["-n", "-p", "--name", "--prefix"]),
    running("mise", &["exec"], &[]),
    running("asdf", &["exec"], &[]),
    running("doppler", &["run"], &[]),
    running("op", &["run"], &["--env-file"]),
    running("git", &["bisect", "run"], &[]),
];

/// Commands of which nobody says where the inner one begins.
const LOOSE: &[&str] = &[
    "docker",
    "podman",
    "nerdctl",
    "nix",
    "nix-shell",
    "ssh",
    "parallel",
    "watch",
    "direnv",
    "aws-vault",
    "systemd-run",
    "kubectl",
    "vagrant",
    "wsl",
    "act",
    "entr",
    "tmux",
    "screen",
    "script",
    "concurrently",
];

/// Words with which a loose command runs another one.
const RUNS: &[&str] = &[
    "run",
    "exec",
    "compose",
    "develop",
    "shell",
    "--run",
    "--command",
    "-c",
];

const SHELLS: &[&str] = &[
    "sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "fish", "rbash",
];

/// Interpreters whose `-c` or `-e` is a program.
const CODE: &[&str] = &[
    "node",
    "perl",
    "ruby",
    "deno",
    "php",
    "lua",
    "awk",
    "gawk",
    "osascript",
    "pwsh",
    "powershell",
];

/// Returns whether a command of this name runs others.
pub(super) fn is_known(name: &str) -> bool {
    let wraps = || WRAPPERS.iter().any(|it| it.name == name);
    is_shell(name) || is_python(name) || LOOSE.contains(&name) || wraps() || name == "eval"
}

fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name)
}

/// Returns whether a command is Python, of whatever version.
pub(super) fn is_python(name: &str) -> bool {
    let version = name
        .strip_prefix("python")
        .or_else(|| name.strip_prefix("pypy"));
    let digits = |it: &str| it.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    name == "py" || version.is_some_and(digits)
}

/// Returns what stands behind `yarn workspace NAME` and `yarn workspaces foreach`.
fn workspaces(rest: &[Word]) -> Option<Inside<'_>> {
    let (first, behind) = behind_options(rest, NPX).split_first()?;
    let own = matches!(first.text.as_str(), "workspace" | "workspaces");
    let behind = behind_options(behind, NPX).get(1..).unwrap_or_default();
    let valued = ["--from", "--include", "--exclude", "-j", "--jobs"];
    own.then(|| Inside::Again(behind_options(behind, &valued)))
}

/// Returns what stands inside a command of this name and these arguments.
pub(super) fn inside<'w>(name: &str, rest: &'w [Word]) -> Inside<'w> {
    match name {
        _ if is_shell(name) => shell(rest),
        _ if is_python(name) => python(rest),
        "su" | "runuser" => {
            option(rest, &["-c", "--command"]).map_or(Inside::Nothing, Inside::Text)
        }
        "eval" => Inside::Joined(rest),
        "trap" => behind_options(rest, &[])
            .first()
            .map_or(Inside::Nothing, Inside::Text),
        "at" | "batch" => Inside::Fed,
        "cmd" => {
            let at = rest
                .iter()
                .position(|it| matches!(it.text.to_ascii_lowercase().as_str(), "/c" | "/k"));
            let behind = at.and_then(|it| rest.get(it + 1..));
            behind.map_or(Inside::Nothing, Inside::Joined)
        }
        "command" if has(rest, &["-v", "-V"]) => Inside::Nothing,
        "command" => Inside::Words(behind_options(rest, &[])),
        "env" if has(rest, &["-S", "--split-string"]) => Inside::Joined(behind_options(rest, &[])),
        "find" | "fd" => found(rest),
        "npx" | "npm" | "pnpm" if option(rest, &["-c", "--call"]).is_some() => {
            option(rest, &["-c", "--call"]).map_or(Inside::Nothing, Inside::Text)
        }
        "flock" if option(rest, &["-c", "--command"]).is_some() => {
            option(rest, &["-c", "--command"]).map_or(Inside::Nothing, Inside::Text)
        }
        _ if CODE.contains(&name) && has(rest, &["-e", "-c", "-p", "--eval", "-Command"]) => {
            Inside::Code
        }
        "yarn" if workspaces(rest).is_some() => workspaces(rest).unwrap_or(Inside::Nothing),
        _ if LOOSE.contains(&name) => loose(name, rest),
        _ => wrapped(name, rest),
    }
}

/// Returns whether `env` takes away the variable that an agent is known by.
pub(super) fn hides_the_agent(rest: &[Word]) -> bool {
    let options = rest
        .iter()
        .take_while(|it| it.text.starts_with('-') || !is_known(it.command()));
    let mut options = options.map(|it| it.text.as_str());
    options.any(|it| {
        matches!(
            it,
            "-" | "-i"
                | "--ignore-environment"
                | "CASCADE_AGENT"
                | "-uCASCADE_AGENT"
                | "--unset=CASCADE_AGENT"
        )
    })
}

fn wrapped<'w>(name: &str, rest: &'w [Word]) -> Inside<'w> {
    for it in WRAPPERS.iter().filter(|it| it.name == name) {
        let Some(behind) = behind_verbs(it, rest) else {
            continue;
        };
        let mut inner = behind_options(behind, it.valued);
        inner = inner.get(it.own..).unwrap_or_default();
        if name == "hatch" {
            // `hatch run env:command`
            let bare = inner.first().is_some_and(|it| it.text.contains(':'));
            return if bare {
                Inside::Anywhere(inner)
            } else {
                Inside::Words(inner)
            };
        }
        return Inside::Words(inner);
    }
    Inside::Nothing
}

/// Returns what stands behind a wrapper's own words; `None` where it does not say them.
fn behind_verbs<'w>(it: &Wrapper, rest: &'w [Word]) -> Option<&'w [Word]> {
    if it.verbs.is_empty() {
        return Some(rest);
    }
    let mut rest = behind_options(rest, it.valued);
    for verb in it.verbs {
        let (first, behind) = rest.split_first()?;
        if first.text != *verb {
            return None;
        }
        rest = behind;
    }
    Some(rest)
}

/// Returns the text behind `-c`, what it reads, or nothing where it runs a file.
fn shell(rest: &[Word]) -> Inside<'_> {
    let clusters = |it: &Word| {
        let letters = it.text.strip_prefix('-').filter(|it| !it.starts_with('-'));
        letters.is_some_and(|it| it.contains('c'))
    };
    if let Some(at) = rest.iter().position(clusters) {
        let behind = rest.get(at + 1..).unwrap_or_default();
        let behind = behind_options(behind, &["-o", "-O"]);
        return behind.first().map_or(Inside::Nothing, Inside::Text);
    }
    let file = behind_options(rest, &["-o", "-O", "--rcfile", "--init-file"]);
    let reads = |it: &Word| matches!(it.text.as_str(), "-" | "/dev/stdin");
    if has(rest, &["-s"]) || file.first().is_none_or(reads) {
        return Inside::Fed;
    }
    Inside::Nothing
}

/// Returns the module behind `-m` as a command, or a program behind `-c`.
fn python(rest: &[Word]) -> Inside<'_> {
    for (index, it) in rest.iter().enumerate() {
        match it.text.as_str() {
            "-m" => return Inside::Words(rest.get(index + 1..).unwrap_or_default()),
            "-c" | "-" => return Inside::Code,
            text if !text.starts_with('-') => return Inside::Nothing,
            _ => {}
        }
    }
    if rest.is_empty() {
        Inside::Code
    } else {
        Inside::Nothing
    }
}

fn option<'w>(rest: &'w [Word], names: &[&str]) -> Option<&'w Word> {
    let at = rest
        .iter()
        .position(|it| names.contains(&it.text.as_str()))?;
    rest.get(at + 1)
}

/// Returns the command behind `-exec`.
fn found(rest: &[Word]) -> Inside<'_> {
    const RUN: &[&str] = &["-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec"];
    let at = rest.iter().position(|it| RUN.contains(&it.text.as_str()));
    match at.and_then(|it| rest.get(it + 1..)) {
        Some(inner) => Inside::Words(inner),
        None => Inside::Nothing,
    }
}

/// Returns the words of a loose command that may be another one. `docker push` is none of these.
fn loose<'w>(name: &str, rest: &'w [Word]) -> Inside<'w> {
    let always = matches!(
        name,
        "ssh"
            | "parallel"
            | "watch"
            | "entr"
            | "act"
            | "systemd-run"
            | "script"
            | "tmux"
            | "screen"
            | "concurrently"
    );
    let at = rest.iter().position(|it| RUNS.contains(&it.text.as_str()));
    match at {
        None if !always => Inside::Nothing,
        at => Inside::Anywhere(rest.get(at.map_or(0, |it| it + 1)..).unwrap_or_default()),
    }
}
