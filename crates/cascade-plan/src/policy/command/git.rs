//! What a git command would do to tags, hooks and files.

use super::shell::Word;
use super::words::{has, plain};
use super::{Deed, Reader};

/// Options of git itself that take the next word.
const VALUED: &[&str] = &[
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--exec-path",
    "--super-prefix",
    "--config-env",
    "--attr-source",
];
/// Options of `push` that take the next word.
const OF_PUSH: &[&str] = &["-o", "--push-option", "--receive-pack", "--exec", "--repo"];
/// Options of `tag` that take the next word.
const OF_TAG: &[&str] = &[
    "-m",
    "--message",
    "-F",
    "--file",
    "-u",
    "--local-user",
    "--cleanup",
];

impl Reader {
    /// Judges a git command.
    pub(super) fn git(&mut self, words: &[Word], rest: &[Word]) {
        let rest = self.of_git_itself(words, rest);
        let Some((verb, rest)) = rest.split_first() else {
            return;
        };
        match verb.text.as_str() {
            "push" | "send-pack" => self.push(words, rest),
            "tag" => self.tag(words, rest),
            "config" => self.config(words, rest),
            "commit" if has(rest, &["--no-verify", "-n"]) => self.tell(Deed::Bypass, words),
            "merge" | "am" | "rebase" | "cherry-pick" if has(rest, &["--no-verify"]) => {
                self.tell(Deed::Bypass, words);
            }
            "rm" | "mv" | "apply" | "am" | "restore" | "checkout" | "stash" | "clean"
            | "revert" => {
                for it in plain(rest, &["-s", "--source", "-b", "-B", "-e"]) {
                    self.edits(it, words);
                }
            }
            _ if verb.dynamic => self.unclear(words),
            _ => {}
        }
    }

    /// Judges the options before git's verb; returns what begins with the verb.
    fn of_git_itself<'w>(&mut self, words: &[Word], rest: &'w [Word]) -> &'w [Word] {
        let mut rest = rest;
        while let Some((first, behind)) = rest.split_first() {
            let text = first.text.as_str();
            if !text.starts_with('-') {
                break;
            }
            let value = behind.first();
            match text {
                "-C" | "--git-dir" | "--work-tree" => self.deeds.wanders = true,
                "-c" => {
                    let set = value.and_then(|it| it.text.split_once('='));
                    if let Some((key, value)) = set {
                        self.set(key, value, words);
                    }
                }
                _ if text.starts_with("--git-dir=") => self.deeds.wanders = true,
                _ => {}
            }
            let skip = if VALUED.contains(&text) { 2 } else { 1 };
            rest = rest.get(skip..).unwrap_or_default();
        }
        rest
    }

    /// Judges a setting that is made: for one command or for good.
    fn set(&mut self, key: &str, value: &str, words: &[Word]) {
        match key.to_ascii_lowercase().as_str() {
            "core.hookspath" => self.tell(Deed::Bypass, words),
            "user.email" | "committer.email" | "author.email" => {
                self.tell(Deed::Identity(value.to_owned()), words);
            }
            key if key.starts_with("alias.") => self.unclear(words),
            _ => {}
        }
    }

    fn config(&mut self, words: &[Word], rest: &[Word]) {
        let said = plain(rest, &["--file", "-f", "--blob", "--type"]);
        let verb = |it: &&&Word| matches!(it.text.as_str(), "set" | "unset");
        let said = said.iter().filter(|it| !verb(it)).collect::<Vec<_>>();
        if let [key, value, ..] = said.as_slice() {
            self.set(&key.text, &value.text, words);
        }
    }

    fn tag(&mut self, words: &[Word], rest: &[Word]) {
        let named = !plain(rest, OF_TAG).is_empty();
        if has(rest, &["-d", "--delete"]) && named {
            self.tell(Deed::DropTag, words);
        } else if has(rest, &["-f", "--force"]) && named {
            self.tell(Deed::MoveTag, words);
        }
    }

    fn push(&mut self, words: &[Word], rest: &[Word]) {
        if has(rest, &["--no-verify"]) {
            self.tell(Deed::Bypass, words);
        }
        if has(rest, &["--dry-run", "-n"]) {
            return;
        }
        let forced = has(
            rest,
            &["-f", "--force", "--force-with-lease", "--force-if-includes"],
        );
        let deletes = has(rest, &["-d", "--delete"]);
        if has(rest, &["--mirror", "--prune"]) {
            self.tell(Deed::MoveTag, words);
        }
        if has(rest, &["--tags", "--follow-tags"]) {
            let deed = if forced { Deed::MoveTag } else { Deed::PushTag };
            self.tell(deed, words);
        }
        let said = plain(rest, OF_PUSH);
        let in_option = rest.iter().any(|it| it.text.starts_with("--repo"));
        let mut refs = said.iter().skip(usize::from(!in_option));
        while let Some(it) = refs.next() {
            let tag = it.text == "tag";
            let Some(spec) = (if tag { refs.next() } else { Some(it) }) else {
                break;
            };
            if let Some(deed) = pushed(spec, tag, (forced, deletes)) {
                self.tell(deed, words);
            }
        }
    }
}

/// Returns what a push of one ref does; `tag` says that it is one whatever it is called.
fn pushed(spec: &Word, tag: bool, (forced, deletes): (bool, bool)) -> Option<Deed> {
    let text = spec.text.as_str();
    let (forced, text) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (forced, text),
    };
    let (from, to) = text.split_once(':').unwrap_or((text, text));
    let to = if to.is_empty() { from } else { to };
    if to.starts_with("refs/cascade") {
        return Some(Deed::Forge);
    }
    let is_tag = tag || names_tag(to) || (names_tag(from) && !to.starts_with("refs/heads/"));
    if !is_tag {
        return None;
    }
    if forced || deletes || from.is_empty() {
        return Some(Deed::MoveTag);
    }
    Some(Deed::PushTag)
}

/// Returns whether a ref is a tag, as far as its name says: whole names, and short ones that end in a
/// version.
fn names_tag(name: &str) -> bool {
    if name.starts_with("refs/tags") || name.starts_with("tags/") || name == "refs/*" {
        return true;
    }
    if name.starts_with("refs/") || name.starts_with("heads/") {
        return false;
    }
    if name.contains('$') {
        let name = name.to_ascii_lowercase();
        return name.contains("tag") || name.contains("version");
    }
    let last = name.rsplit(['/', '@', '=']).next().unwrap_or(name);
    let version = |it: &str| {
        let it = it.strip_prefix(['v', 'V']).unwrap_or(it);
        let numbers = it
            .split('.')
            .take_while(|it| it.starts_with(|c: char| c.is_ascii_digit()));
        numbers.count() >= 2
    };
    // `core-v1.2.0`, `core-1.2.0-rc.1`
    let parts = last
        .match_indices('-')
        .filter_map(|it| last.get(it.0 + 1..));
    let branch = ["release/", "hotfix/", "stable/", "maintenance/"];
    let is_branch = branch.iter().any(|it| name.starts_with(it));
    !is_branch && (version(last) || parts.into_iter().any(version))
}
