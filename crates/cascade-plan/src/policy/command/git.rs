//! What a git command would do to tags, hooks and files.

use super::shell::Word;
use super::words::{has, is_said, plain};
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
            "commit" if says(rest, &["--no-verify", "-n"]) => self.tell(Deed::Bypass, words),
            "merge" | "am" | "rebase" | "cherry-pick" if says(rest, &["--no-verify"]) => {
                self.tell(Deed::Bypass, words);
            }
            "apply" | "am"
                if !has(
                    rest,
                    &[
                        "--check",
                        "--stat",
                        "--numstat",
                        "--summary",
                        "--abort",
                        "--continue",
                        "--skip",
                        "--quit",
                    ],
                ) =>
            {
                self.tell(Deed::Patch, words);
            }
            "rm" | "mv" | "restore" | "checkout" | "stash" | "clean" | "revert" => {
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
                    let text = value.map_or("", |it| it.text.as_str());
                    let (key, value) = text.split_once('=').unwrap_or((text, "true"));
                    self.set(key, value, words);
                }
                "--config-env" => {
                    let key = value.and_then(|it| it.text.split_once('='));
                    self.set(key.map_or("", |it| it.0), "$", words);
                }
                _ if text.starts_with("--config-env=") => {
                    let key = text.split('=').nth(1).unwrap_or_default();
                    self.set(key, "$", words);
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
    pub(super) fn set(&mut self, key: &str, value: &str, words: &[Word]) {
        let off = matches!(value, "false" | "no" | "off" | "0");
        match key.to_ascii_lowercase().as_str() {
            "push.followtags" if !off => self.tell(Deed::PushTag, words),
            key if of_remote(key, "mirror") && !off => {
                self.tell(Deed::MoveTag, words);
            }
            key if of_remote(key, "push") => {
                let deed = pushed(&Word::plain(value), false, (false, false));
                if let Some(deed) = deed {
                    self.tell(deed, words);
                }
            }
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
        let first = said.first().map_or("", |it| it.text.as_str());
        let reads = matches!(first, "get" | "list" | "edit") || says(rest, &["--get", "--get-all"]);
        let verb = |it: &&&Word| matches!(it.text.as_str(), "set" | "unset");
        let takes = first == "unset" || says(rest, &["--unset", "--unset-all"]);
        let said = said.iter().filter(|it| !verb(it)).collect::<Vec<_>>();
        match said.as_slice() {
            _ if reads => {}
            [key, ..] if takes => self.unset(&key.text, words),
            [key, value, ..] => self.set(&key.text, &value.text, words),
            _ => {}
        }
    }

    /// Judges a setting that is taken away.
    fn unset(&mut self, key: &str, words: &[Word]) {
        if key.eq_ignore_ascii_case("core.hooksPath") {
            self.tell(Deed::Bypass, words);
        }
    }

    fn tag(&mut self, words: &[Word], rest: &[Word]) {
        let named = !plain(rest, OF_TAG).is_empty();
        if says(rest, &["-d", "--delete"]) && named {
            self.tell(Deed::DropTag, words);
        } else if says(rest, &["-f", "--force"]) && named {
            self.tell(Deed::MoveTag, words);
        }
    }

    fn push(&mut self, words: &[Word], rest: &[Word]) {
        if says(rest, &["--no-verify"]) {
            self.tell(Deed::Bypass, words);
        }
        if says(rest, &["--dry-run", "-n"]) && !says(rest, &["--no-dry-run"]) {
            return;
        }
        let forced = says(
            rest,
            &["-f", "--force", "--force-with-lease", "--force-if-includes"],
        );
        let deletes = says(rest, &["-d", "--delete"]);
        if says(rest, &["--mirror", "--prune"]) {
            self.tell(Deed::MoveTag, words);
        }
        if says(rest, &["--tags", "--follow-tags"]) {
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

/// Returns whether a setting is this one of some remote.
fn of_remote(key: &str, name: &str) -> bool {
    let ends = key.rsplit_once('.').is_some_and(|it| it.1 == name);
    ends && key.starts_with("remote.")
}

/// Returns whether one of these options is said, in full or, as git takes it, by the beginning of a
/// long one. A beginning that fits two is refused by git itself.
fn says(words: &[Word], options: &[&str]) -> bool {
    let begins = |word: &Word| {
        let said = word.text.split('=').next().unwrap_or_default();
        let long = said.len() > 2 && said.starts_with("--");
        long && options.iter().any(|it| it.starts_with(said))
    };
    has(words, options) || is_said(words, begins)
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

/// Returns whether a name is that of a branch for one series of versions: `release-1.2`.
fn is_series(name: &str) -> bool {
    let Some((word, numbers)) = name.split_once('-') else {
        return false;
    };
    let digits = |it: &str| it.bytes().all(|b| b.is_ascii_digit() || b == b'x');
    let series = matches!(word, "release" | "hotfix" | "stable" | "maintenance");
    series && numbers.split('.').count() < 3 && numbers.split('.').all(digits)
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
    let is_branch = branch.iter().any(|it| name.starts_with(it)) || is_series(last);
    !is_branch && (version(last) || parts.into_iter().any(version))
}
