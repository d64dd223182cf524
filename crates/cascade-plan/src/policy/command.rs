//! What a command line would do, as far as policy cares: every simple command in it, however it is
//! wrapped.
//!
//! It reads text and guesses at nothing: what it can not understand it says so of.

use std::collections::BTreeMap;

mod edit;
mod git;
mod scripts;
mod shell;
mod tools;
mod words;
mod wrap;

use shell::{Script, Simple, Word};
use words::has;

pub(crate) use scripts::in_file;

/// Something that a command would do and that policy has a say in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// It uploads packages, images or charts.
    Upload(Ware),
    /// It makes or changes a release at a forge, or with a tool that tags and publishes.
    Release,
    /// It pushes tags.
    PushTag,
    /// It moves or deletes tags, or may: on a remote, or under a name that stands already.
    MoveTag,
    /// It deletes tags of this clone alone.
    DropTag,
    /// It changes a file of this path, from where it is run.
    Edit(String),
    /// It is a program that names this path, and may change it.
    Code(String),
    /// It changes files that only a patch names.
    Patch,
    /// It starts this workflow.
    Start(String),
    /// It goes past hooks.
    Bypass,
    /// It hides that an agent acts.
    Disguise,
    /// It commits under this address.
    Identity(String),
    /// It approves a plan.
    Approve,
    /// It writes a ref that is cascade's own.
    Forge,
    /// It can not be understood, and names this.
    Unclear(String),
}

/// What is uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ware {
    /// A package, to a registry.
    Package,
    /// A container image.
    Image,
    /// A chart.
    Chart,
    /// No file, but which of a registry's packages are listed, and which of them is the latest.
    Listing,
}

impl Ware {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Package => "a package",
            Self::Image => "an image",
            Self::Chart => "a chart",
            Self::Listing => "a change of what a registry lists",
        }
    }
}

/// A deed, and the simple command that does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What it does.
    pub deed: Deed,
    /// The command, shortened.
    pub command: String,
}

/// What a command line would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deeds {
    /// Its deeds, in its order.
    pub done: Vec<Done>,
    /// Whether some of it happens in another folder than the one it is called in.
    pub wanders: bool,
}

/// The longest command line that is read, in bytes.
const LONGEST: usize = 64 << 10;
/// How deep shells may stand in shells.
const DEEPEST: usize = 12;
/// How many simple commands are looked at.
const MOST: usize = 4_000;

/// Returns what an argument list would do, called in this folder below the repository's root.
pub fn deeds_of_argv(argv: &[String], here: &str) -> Deeds {
    let mut reader = Reader::new(here, &argv.join(" "));
    if reader.fits(argv.iter().map(String::len).sum()) {
        let words = argv.iter().map(|it| Word::plain(it)).collect();
        reader.simple(&Simple::of(words), 0);
    }
    reader.deeds
}

/// Returns what a text of shell commands would do, called in this folder below the repository's root.
pub fn deeds_of_script(text: &str, here: &str) -> Deeds {
    let mut reader = Reader::new(here, text);
    if reader.fits(text.len()) {
        reader.script(text, 0);
    }
    reader.deeds
}

/// Reads commands, and gathers what they would do.
struct Reader {
    deeds: Deeds,
    /// The folder that commands run in, from the repository's root.
    here: String,
    /// What names stand for, as `alias` said.
    aliases: BTreeMap<String, String>,
    /// What of the whole text names a tool that could do something.
    named: Option<String>,
    left: usize,
}

impl Reader {
    fn new(here: &str, whole: &str) -> Self {
        let whole = whole.get(..LONGEST).unwrap_or(whole);
        Self {
            deeds: Deeds::default(),
            here: here.to_owned(),
            aliases: BTreeMap::new(),
            named: tools::named_in(whole),
            left: MOST,
        }
    }

    /// Returns whether a text is short enough to be read; says so where it is not.
    fn fits(&mut self, length: usize) -> bool {
        if length > LONGEST {
            let named = "more than cascade reads of a command line".to_owned();
            self.tell(Deed::Unclear(named), &[]);
        }
        length <= LONGEST
    }

    fn tell(&mut self, deed: Deed, words: &[Word]) {
        let command = words::shown(words);
        let done = Done { deed, command };
        if !self.deeds.done.contains(&done) {
            self.deeds.done.push(done);
        }
    }

    /// Says that a command can not be understood, where something around it names a tool.
    fn unclear(&mut self, words: &[Word]) {
        if let Some(named) = self.named.clone() {
            self.tell(Deed::Unclear(named), words);
        }
    }

    fn script(&mut self, text: &str, depth: usize) {
        let script = Script::read(text);
        if depth > DEEPEST || !script.whole {
            self.unclear(&[Word::plain(text)]);
        }
        if depth > DEEPEST {
            return;
        }
        for it in &script.commands {
            self.simple(it, depth);
        }
        for inner in &script.inner {
            self.script(inner, depth + 1);
        }
    }

    fn simple(&mut self, simple: &Simple, depth: usize) {
        for target in &simple.writes {
            self.edits(target, &simple.words);
        }
        self.words(&simple.words, simple, depth);
    }

    /// Judges words of which the first is a command, or stands before one.
    fn words(&mut self, words: &[Word], simple: &Simple, depth: usize) {
        let Some(left) = self.left.checked_sub(1) else {
            return self.unclear(words);
        };
        self.left = left;
        let (settings, words) = words::settings(words);
        self.settings(settings, words);
        let Some((first, rest)) = words.split_first() else {
            return;
        };
        if first.dynamic || depth > DEEPEST {
            return self.unclear(words);
        }
        let name = first.command();
        if name == "env" && wrap::hides_the_agent(rest) {
            self.tell(Deed::Disguise, words);
        }
        self.beside((name, rest), words, depth);
        match wrap::inside(name, rest) {
            wrap::Inside::Words(inner) => self.words(inner, simple, depth + 1),
            wrap::Inside::Again(inner) => {
                let again = [std::slice::from_ref(first), inner].concat();
                self.words(&again, simple, depth + 1);
                self.words(inner, simple, depth + 1);
            }
            wrap::Inside::Anywhere(inner) => {
                self.anywhere(inner, simple, depth);
                self.command(name, words, rest);
            }
            wrap::Inside::Text(text) if text.dynamic => self.unclear(words),
            wrap::Inside::Text(text) => self.script(&text.text, depth + 1),
            wrap::Inside::Joined(inner) => self.script(&words::joined(inner), depth + 1),
            wrap::Inside::Fed => match &simple.fed {
                Some(text) => self.script(text, depth + 1),
                None if simple.piped => self.unclear(words),
                None => {}
            },
            wrap::Inside::Code => {
                self.code(simple, words);
                self.command(name, words, rest);
            }
            wrap::Inside::Nothing => self.command(name, words, rest),
        }
    }

    /// Judges every rest of words that begins with a tool, and every word that is a text: nobody
    /// knows where the command begins.
    fn anywhere(&mut self, words: &[Word], simple: &Simple, depth: usize) {
        for (index, word) in words.iter().enumerate() {
            let name = word.command();
            let is_text = word.text.contains(char::is_whitespace);
            if is_text && word.dynamic {
                self.unclear(words);
            } else if is_text && !words::is_setting(&word.text) {
                self.script(&word.text, depth + 1);
            } else if tools::is_known(name) || wrap::is_known(name) {
                let rest = words.get(index..).unwrap_or_default();
                self.words(rest, simple, depth + 1);
            }
        }
    }

    /// Judges variables that are set before a command.
    fn settings(&mut self, settings: &[Word], words: &[Word]) {
        for it in settings {
            let Some((name, value)) = it.text.split_once('=') else {
                continue;
            };
            let shown = [std::slice::from_ref(it), words].concat();
            match name {
                _ if name.starts_with("GIT_CONFIG_KEY_") => {
                    let (key, of) = (value, name.replacen("KEY", "VALUE", 1));
                    let value = settings.iter().find_map(|it| {
                        let (name, value) = it.text.split_once('=')?;
                        (name == of).then_some(value)
                    });
                    self.set(key, value.unwrap_or("$"), &shown);
                }
                "GIT_CONFIG_PARAMETERS" => {
                    for set in value.split_whitespace() {
                        let set = set.replace('\'', "");
                        let (key, value) = set.split_once('=').unwrap_or((&set, "true"));
                        self.set(key, value, &shown);
                    }
                }
                "CASCADE_AGENT" => self.tell(Deed::Disguise, std::slice::from_ref(it)),
                "CASCADE_HOOK" | "HUSKY" | "LEFTHOOK" if matches!(value, "0" | "false") => {
                    self.tell(Deed::Bypass, &shown);
                }
                "GIT_COMMITTER_EMAIL" | "GIT_AUTHOR_EMAIL" | "EMAIL" => {
                    self.tell(Deed::Identity(value.to_owned()), std::slice::from_ref(it));
                }
                _ => {}
            }
        }
    }

    /// Judges one command that wraps no other one.
    fn command(&mut self, name: &str, words: &[Word], rest: &[Word]) {
        match name {
            "git" => return self.git(words, rest),
            "cd" | "pushd" => return self.moves(rest),
            "unset" if rest.iter().any(|it| it.text == "CASCADE_AGENT") => {
                return self.tell(Deed::Disguise, words);
            }
            "export" | "declare" | "typeset" | "set" | "setenv" => {
                return self.settings(rest, words);
            }
            "alias" => {
                let set = rest.iter().filter_map(|it| it.text.split_once('='));
                self.aliases
                    .extend(set.map(|it| (it.0.to_owned(), it.1.to_owned())));
            }
            "patch" | "apply_patch" if !has(rest, &["--dry-run"]) => self.tell(Deed::Patch, words),
            "cascade" | "lefthook" | "pre-commit" | "husky" if tools::unhooks(name, rest) => {
                return self.tell(Deed::Bypass, words);
            }
            "cascade" if tools::says(rest, &["policy", "approve"]) => {
                return self.tell(Deed::Approve, words);
            }
            _ => {}
        }
        match tools::deed(name, rest) {
            Some(deed) => self.tell(deed, words),
            None if tools::is_hidden(name, rest) => self.unclear(words),
            None => {}
        }
        let read_only = name == "chmod" && rest.iter().any(|it| it.text.contains('+'));
        let written = edit::written(name, rest);
        for path in written.into_iter().filter(|_| !read_only) {
            self.edits(path, words);
        }
        if let Some(path) = edit::of_dd(rest).filter(|_| name == "dd") {
            self.edits(&path, words);
        }
        if edit::runs_code(name) && rest.iter().any(|it| it.dynamic) {
            self.unclear(words);
        }
    }

    /// Judges a program in another language: it is not read, but for the paths that it names.
    fn code(&mut self, simple: &Simple, words: &[Word]) {
        self.unclear(words);
        let texts = words.iter().map(|it| it.text.as_str());
        for text in texts.chain(simple.fed.as_deref()) {
            for path in edit::paths(text) {
                let path = edit::joined(&self.here, path);
                self.tell(Deed::Code(path), words);
            }
        }
    }

    /// Judges what a name stands for, and what is done to the files that `find` finds.
    fn beside(&mut self, (name, rest): (&str, &[Word]), words: &[Word], depth: usize) {
        if name == "find" {
            self.found(rest, words);
        }
        if let Some(text) = self.aliases.remove(name) {
            let line = format!("{text} {}", words::joined(rest));
            self.script(&line, depth + 1);
        }
    }

    /// Judges what `find` gives to a command that changes it.
    fn found(&mut self, rest: &[Word], words: &[Word]) {
        let wrap::Inside::Words([first, inner @ ..]) = wrap::inside("find", rest) else {
            return;
        };
        let given = |it: &&Word| it.text == "{}";
        if edit::written(first.command(), inner).iter().any(given) {
            for path in edit::roots(rest) {
                self.edits(path, words);
            }
        }
    }

    /// Follows a change of the folder.
    fn moves(&mut self, rest: &[Word]) {
        self.deeds.wanders = true;
        let to = rest.iter().find(|it| !it.text.starts_with('-'));
        self.here = to.map_or_else(String::new, |it| edit::joined(&self.here, &it.text));
    }

    fn edits(&mut self, path: &Word, words: &[Word]) {
        if path.text.len() < LONGEST {
            let path = edit::joined(&self.here, &path.text);
            let mut parts = path.split('/').skip_while(|it| *it != ".git").skip(1);
            if parts.next() == Some("hooks") {
                self.tell(Deed::Bypass, words);
            }
            self.tell(Deed::Edit(path), words);
        }
    }
}
