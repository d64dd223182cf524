//! The tools that upload, publish and release, and the words that make them do it.

use std::collections::BTreeSet;

use super::shell::Word;
use super::words::{behind_options, has, plain};
use super::{Deed, Ware};

/// What a tool does with some words.
#[derive(Debug, Clone, Copy)]
enum Does {
    Package,
    Image,
    Chart,
    /// It changes what a registry lists: takes back, or says which is the latest.
    Listing,
    Release,
}

/// A tool, and the words behind its options that make it do something.
struct Tool {
    name: &'static str,
    verbs: &'static [&'static str],
    does: Does,
}

const fn tool(name: &'static str, verbs: &'static [&'static str], does: Does) -> Tool {
    Tool { name, verbs, does }
}

use Does::{Chart, Image, Listing, Package, Release};

static TOOLS: &[Tool] = &[
    tool("twine", &["upload"], Package),
    tool("uv", &["publish"], Package),
    tool("poetry", &["publish"], Package),
    tool("hatch", &["publish"], Package),
    tool("flit", &["publish"], Package),
    tool("pdm", &["publish"], Package),
    tool("rye", &["publish"], Package),
    tool("maturin", &["publish"], Package),
    tool("maturin", &["upload"], Package),
    tool("setup.py", &["upload"], Package),
    tool("conda", &["upload"], Package),
    tool("anaconda", &["upload"], Package),
    tool("npm", &["publish"], Package),
    tool("npm", &["unpublish"], Listing),
    tool("npm", &["dist-tag", "add"], Listing),
    tool("npm", &["dist-tag", "rm"], Listing),
    tool("npm", &["dist-tags", "add"], Listing),
    tool("pnpm", &["publish"], Package),
    tool("yarn", &["publish"], Package),
    tool("yarn", &["npm", "publish"], Package),
    tool("bun", &["publish"], Package),
    tool("deno", &["publish"], Package),
    tool("jsr", &["publish"], Package),
    tool("lerna", &["publish"], Package),
    tool("nx", &["release"], Release),
    tool("rush", &["publish"], Package),
    tool("wasm-pack", &["publish"], Package),
    tool("changeset", &["publish"], Package),
    tool("vsce", &["publish"], Package),
    tool("ovsx", &["publish"], Package),
    tool("cargo", &["publish"], Package),
    tool("cargo", &["workspaces", "publish"], Package),
    tool("cargo", &["yank"], Listing),
    tool("gem", &["push"], Package),
    tool("gem", &["yank"], Listing),
    tool("stack", &["upload"], Package),
    tool("sbt", &["publish"], Package),
    tool("sbt", &["publishSigned"], Package),
    tool("lein", &["deploy"], Package),
    tool("mvn", &["deploy"], Package),
    tool("mvn", &["deploy:deploy"], Package),
    tool("mvn", &["deploy:deploy-file"], Package),
    tool("mvn", &["release:perform"], Package),
    tool("nuget", &["push"], Package),
    tool("dotnet", &["nuget", "push"], Package),
    tool("mix", &["hex.publish"], Package),
    tool("dart", &["pub", "publish"], Package),
    tool("flutter", &["pub", "publish"], Package),
    tool("cabal", &["upload"], Package),
    tool("luarocks", &["upload"], Package),
    tool("pod", &["trunk", "push"], Package),
    tool("docker", &["push"], Image),
    tool("docker", &["image", "push"], Image),
    tool("docker", &["manifest", "push"], Image),
    tool("docker", &["compose", "push"], Image),
    tool("docker-compose", &["push"], Image),
    tool("docker", &["buildx", "imagetools", "create"], Image),
    tool("podman", &["push"], Image),
    tool("podman", &["image", "push"], Image),
    tool("podman", &["manifest", "push"], Image),
    tool("nerdctl", &["push"], Image),
    tool("nerdctl", &["image", "push"], Image),
    tool("buildah", &["push"], Image),
    tool("buildah", &["manifest", "push"], Image),
    tool("skopeo", &["copy"], Image),
    tool("skopeo", &["sync"], Image),
    tool("crane", &["push"], Image),
    tool("crane", &["copy"], Image),
    tool("crane", &["cp"], Image),
    tool("crane", &["tag"], Image),
    tool("crane", &["append"], Image),
    tool("oras", &["push"], Image),
    tool("oras", &["copy"], Image),
    tool("regctl", &["image", "copy"], Image),
    tool("ko", &["build"], Image),
    tool("ko", &["publish"], Image),
    tool("helm", &["push"], Chart),
    tool("helm", &["cm-push"], Chart),
    tool("helm", &["s3", "push"], Chart),
    tool("chart", &["push"], Chart),
    tool("cr", &["upload"], Chart),
    tool("gh", &["release", "create"], Release),
    tool("gh", &["release", "new"], Release),
    tool("gh", &["release", "upload"], Release),
    tool("gh", &["release", "edit"], Release),
    tool("gh", &["release", "delete"], Release),
    tool("gh", &["release", "delete-asset"], Release),
    tool("glab", &["release", "create"], Release),
    tool("glab", &["release", "upload"], Release),
    tool("glab", &["release", "delete"], Release),
    tool("hub", &["release", "create"], Release),
    tool("tea", &["releases", "create"], Release),
    tool("goreleaser", &["release"], Release),
    tool("release-plz", &["release"], Release),
    tool("cargo", &["release"], Release),
    tool("semantic-release", &[], Release),
    tool("release-it", &[], Release),
    tool("np", &[], Release),
    tool("release-please", &["github-release"], Release),
    tool("auto", &["shipit"], Release),
    tool("auto", &["release"], Release),
];

/// Options of these tools that take a value and may stand before the words that count.
const VALUED: &[&str] = &[
    "-C",
    "-P",
    "--project",
    "--directory",
    "--config",
    "--config-file",
    "--manifest-path",
    "-R",
    "--repo",
    "--prefix",
    "--cwd",
    "--filter",
    "-F",
    "--context",
    "-H",
    "--host",
    "--log-level",
    "-p",
    "--package",
    "-w",
    "--workspace",
    "--root",
    "-f",
    "--file",
    "--kube-context",
    "-n",
    "--namespace",
    "-Z",
    "-e",
    "--env",
];

/// Returns whether a command of this name may do something that policy has a say in.
pub(super) fn is_known(name: &str) -> bool {
    let name = usual(name);
    matches!(name, "git" | "cascade" | "gradle") || TOOLS.iter().any(|it| it.name == name)
}

/// Returns whether words begin with these, options aside.
pub(super) fn says(words: &[Word], verbs: &[&str]) -> bool {
    says_to("", words, verbs)
}

fn says_to(name: &str, words: &[Word], verbs: &[&str]) -> bool {
    let mut rest = words;
    for verb in verbs {
        rest = behind_options(rest, VALUED);
        // `cargo +nightly publish`
        while rest.first().is_some_and(|it| it.text.starts_with('+')) {
            rest = behind_options(rest.get(1..).unwrap_or_default(), VALUED);
        }
        match rest.split_first() {
            Some((first, behind)) if means(name, &first.text, verb) => rest = behind,
            _ => return false,
        }
    }
    true
}

/// Returns whether a word is this verb; npm takes every beginning of one that fits no other.
fn means(name: &str, said: &str, verb: &str) -> bool {
    let ambiguous = said.len() < 2 || matches!(said, "un" | "di");
    said == verb || (name == "npm" && !ambiguous && verb.starts_with(said))
}

/// Returns the name that a tool is known by: a wrapper of it that lies in the repository is no other.
fn usual(name: &str) -> &str {
    match name {
        "mvnw" | "mvnd" => "mvn",
        "gradlew" => "gradle",
        "cargo-release" | "cargo-smart-release" => "cargo",
        name => name,
    }
}

/// Returns whether a variable stands where a tool is told what to do: `npm $X`.
pub(super) fn is_hidden(name: &str, rest: &[Word]) -> bool {
    let first = behind_options(rest, VALUED).first();
    TOOLS.iter().any(|it| it.name == usual(name)) && first.is_some_and(|it| it.dynamic)
}

/// Returns whether a command takes hooks away.
pub(super) fn unhooks(name: &str, rest: &[Word]) -> bool {
    match name {
        "cascade" => says(rest, &["hook", "uninstall"]),
        _ => says(rest, &["uninstall"]),
    }
}

/// Returns what a command does, where that is something of a tool's.
pub(super) fn deed(name: &str, rest: &[Word]) -> Option<Deed> {
    let name = usual(name);
    if has(rest, &["--dry-run", "--help"]) && !has(rest, &["--dry-run=false", "--no-dry-run"]) {
        return None;
    }
    if super::wrap::is_python(name) {
        let (first, behind) = rest.split_first()?;
        let uploads = first.command() == "setup.py" && behind.iter().any(|it| it.text == "upload");
        return uploads.then_some(Deed::Upload(Ware::Package));
    }
    let deed = built(name, rest).or_else(|| asked(name, rest));
    if let Some(deed) = deed.or_else(|| tasked(name, rest)) {
        return Some(deed);
    }
    let found = TOOLS.iter().filter(|it| it.name == name);
    let mut found = found.filter(|it| anywhere(it, rest) || run(it, rest));
    found.next().map(|it| match it.does {
        Package => Deed::Upload(Ware::Package),
        Image => Deed::Upload(Ware::Image),
        Chart => Deed::Upload(Ware::Chart),
        Listing => Deed::Upload(Ware::Listing),
        Release => Deed::Release,
    })
}

/// Returns whether a tool is told to do it: one without words is, unless it is asked who it is.
fn run(it: &Tool, rest: &[Word]) -> bool {
    let asks = it.verbs.is_empty() && has(rest, &["--version", "-v", "-h"]);
    !asks && says_to(it.name, rest, it.verbs)
}

/// Returns what a task is that tools run by its name: `gradle :core:publish`, `cargo smart-release`.
fn tasked(name: &str, rest: &[Word]) -> Option<Deed> {
    let smart = name == "cargo" && says(rest, &["smart-release"]) && has(rest, &["--execute"]);
    if smart {
        return Some(Deed::Release);
    }
    let publishes = |it: &&Word| {
        let task = it.text.rsplit(':').next().unwrap_or_default();
        (task.starts_with("publish") && !task.ends_with("ToMavenLocal")) || task == "uploadArchives"
    };
    let tasks = || plain(rest, &["-x", "--exclude-task", "-p", "-b", "-I"]);
    (name == "gradle" && tasks().iter().any(publishes)).then_some(Deed::Upload(Ware::Package))
}

/// Returns whether a tool takes its word at any place: `setup.py sdist upload`, `mvn clean deploy`.
fn anywhere(it: &Tool, rest: &[Word]) -> bool {
    let free = matches!(it.name, "setup.py" | "mvn" | "sbt");
    free && it
        .verbs
        .iter()
        .all(|verb| rest.iter().any(|word| word.text == *verb))
}

/// Returns whether an image is pushed once it is built: `docker build --push`.
fn built(name: &str, rest: &[Word]) -> Option<Deed> {
    let builds = matches!(
        name,
        "docker" | "docker-compose" | "podman" | "nerdctl" | "buildx"
    ) && rest
        .iter()
        .any(|it| matches!(it.text.as_str(), "build" | "bake"));
    let off = |it: &Word| it.text == "--push=false";
    let to_registry = |it: &Word| {
        let text = it.text.as_str();
        text.contains("type=registry") || text.contains("push=true")
    };
    let pushes = has(rest, &["--push"]) && !rest.iter().any(off) || rest.iter().any(to_registry);
    (builds && pushes).then_some(Deed::Upload(Ware::Image))
}

/// Options of `gh api` that send something.
const FIELDS: &[&str] = &["-f", "-F", "--field", "--raw-field", "--input"];

/// Options of `curl` and `wget` that send something.
const SENDS: &[&str] = &[
    "-F",
    "--form",
    "-T",
    "--upload-file",
    "-d",
    "--data",
    "--data-binary",
    "--json",
    "--post-file",
    "--post-data",
    "--body-file",
];
/// What addresses of registries hold.
const HOSTS: &[&str] = &[
    "//upload.",
    "//registry.",
    "/legacy",
    "pypi",
    "npmjs",
    "crates.io",
    "rubygems",
    "nuget",
    "/packages/",
    "artifactory",
];

/// Returns what a forge's or a registry's interface is asked to do: `gh api repos/x/y/releases -f
/// tag_name=v1`, `curl -F content=@x https://upload.registry.example/legacy/`.
fn asked(name: &str, rest: &[Word]) -> Option<Deed> {
    if name == "gh" && says(rest, &["workflow", "run"]) {
        let said = plain(rest, &["-R", "--repo", "--ref", "-r", "-f", "-F"]);
        return Some(Deed::Start(
            said.get(2).map_or("", |it| it.text.as_str()).to_owned(),
        ));
    }
    let fetches = matches!(name, "curl" | "wget" | "http" | "https" | "xh");
    let forge = matches!(name, "gh" | "glab") && says(rest, &["api"]);
    if !fetches && !forge {
        return None;
    }
    let sends = fetches && (has(rest, SENDS) || rest.iter().any(|it| it.text.contains("=@")));
    let method = |it: &Word| {
        let said = it.text.rsplit('=').next().unwrap_or_default();
        matches!(said, "POST" | "PATCH" | "PUT" | "DELETE")
    };
    let glued = |it: &Word| it.text.starts_with("-XP") || it.text.starts_with("-XD");
    let fields = forge && has(rest, FIELDS);
    let says = sends || fields || rest.iter().any(|it| method(it) || glued(it));
    let names = |part: &str| rest.iter().any(|it| it.text.contains(part));
    match () {
        () if !says => None,
        () if names("/releases") => Some(Deed::Release),
        () if names("/dispatches") => Some(Deed::Start(String::new())),
        () if fetches && HOSTS.iter().any(|it| names(it)) => Some(Deed::Upload(Ware::Package)),
        () if names("/git/refs") || names("/git/tags") || names("/repository/tags") => {
            Some(Deed::PushTag)
        }
        () => None,
    }
}

/// Returns the tool that a text names together with the word that makes it do something.
pub(super) fn named_in(text: &str) -> Option<String> {
    let part = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let words: BTreeSet<&str> = text.split(part).collect();
    let holds = |it: &&Tool| {
        let verbs = it.verbs.iter().all(|verb| words.contains(verb));
        words.contains(it.name) && verbs
    };
    if let Some(it) = TOOLS.iter().find(holds) {
        return Some([&[it.name], it.verbs].concat().join(" "));
    }
    let all = |names: &[&str]| names.iter().all(|it| words.contains(it));
    let tags = || {
        ["tags", "tag", "--tags", "--follow-tags", "--mirror"]
            .iter()
            .any(|it| words.contains(it))
    };
    if words.contains("twine") {
        return Some("twine".to_owned());
    }
    (all(&["git", "push"]) && tags()).then(|| "git push".to_owned())
}
