//! Entries in YAML, by lines: only shapes that everybody writes are edited.

use super::{BEGIN, BEGIN_JOINED, END, LEFTHOOK_SCRIPT, call};
use crate::hook::HookType;

/// Returns what lefthook is to run in a hook. A command of `pre-push` it passes over for a tag whose
/// commit is on the remote already; a script it runs.
pub(super) fn lefthook_entry(hook: HookType) -> String {
    if hook.reads() {
        let body = lefthook_script("    ", "  ");
        return format!("{}:\n  scripts:\n{body}", hook.name());
    }
    let body = lefthook_command(hook, "    ", "  ");
    format!("{}:\n  commands:\n{body}", hook.name())
}

/// Returns one named command of lefthook, at an indentation.
fn lefthook_command(hook: HookType, at: &str, step: &str) -> String {
    let words = if hook == HookType::CommitMsg {
        " -- {1}"
    } else {
        ""
    };
    format!("{at}cascade:\n{at}{step}run: {}\n", guarded(hook, words))
}

/// Returns the script of lefthook, at an indentation.
fn lefthook_script(at: &str, step: &str) -> String {
    format!("{at}{LEFTHOOK_SCRIPT}:\n{at}{step}runner: sh\n{at}{step}use_stdin: true\n")
}

/// Returns the call of a hook in one line of sh, for those too who have no cascade.
fn guarded(hook: HookType, words: &str) -> String {
    let (call, name) = (call(hook), hook.name());
    let missing = format!("echo \"cascade is not in PATH, so {name} was not judged\" >&2");
    format!("if command -v cascade >/dev/null; then {call}{words}; else {missing}; fi")
}

/// Returns lefthook's file with the entry of a hook.
pub(super) fn lefthook(text: &str, hook: HookType) -> Option<String> {
    let lines = Lines::of(text)?;
    let Some(key) = lines.key(hook.name()) else {
        return Some(lines.appended(&lefthook_entry(hook)));
    };
    if hook.reads() {
        return lefthook_scripts(&lines, key);
    }
    let below = lines.below(key);
    let commands = below.clone().find(|&at| lines.words(at) == "commands:");
    if let Some(commands) = commands {
        let first = lines.filled_after(commands)?;
        let (outer, inner) = (lines.indent(commands), lines.indent(first));
        let step = inner.strip_prefix(outer).filter(|it| !it.is_empty())?;
        return Some(lines.inserted(commands, inner, &lefthook_command(hook, inner, step)));
    }
    let jobs = below.clone().find(|&at| lines.words(at) == "jobs:")?;
    let first = lines.filled_after(jobs)?;
    let at = lines.indent(first);
    lines.words(first).strip_prefix("- ")?;
    let entry = lefthook_command(hook, "", "");
    let fields = entry.lines().skip(1).map(|it| format!("{at}  {it}\n"));
    let fields: Vec<String> = fields.collect();
    let item = format!("{at}- name: cascade\n{}", fields.concat());
    Some(lines.inserted(jobs, at, &item))
}

/// Returns lefthook's file with the script in a hook that is there.
fn lefthook_scripts(lines: &Lines<'_>, key: usize) -> Option<String> {
    let first = lines.filled_after(key)?;
    let at = lines.indent(first);
    let mut below = lines.below(key);
    let Some(scripts) = below.find(|&it| lines.words(it) == "scripts:") else {
        let body = lefthook_script(&format!("{at}{at}"), at);
        return Some(lines.inserted(key, at, &format!("{at}scripts:\n{body}")));
    };
    let inner = lines.indent(lines.filled_after(scripts)?);
    let step = inner.strip_prefix(lines.indent(scripts))?;
    Some(lines.inserted(scripts, inner, &lefthook_script(inner, step)))
}

/// Returns what the pre-commit framework is to run in a hook, at an indentation.
pub(super) fn framework_entry(hook: HookType, at: &str) -> String {
    let name = hook.name();
    let (files, words) = match hook {
        HookType::CommitMsg => ("true", " -- \"$1\""),
        _ => ("false", ""),
    };
    format!(
        "{at}- repo: local\n{at}  hooks:\n{at}    - id: cascade-{name}\n{at}      name: cascade {name}\n\
         {at}      entry: sh -c '{}' --\n{at}      language: system\n{at}      stages: [{name}]\n\
         {at}      always_run: true\n{at}      pass_filenames: {files}\n",
        guarded(hook, words)
    )
}

/// Returns the framework's file with the entry of a hook.
pub(super) fn framework(text: &str, hook: HookType) -> Option<String> {
    let lines = Lines::of(text)?;
    let key = lines.key("repos")?;
    let first = lines.filled_after(key)?;
    lines.words(first).strip_prefix("- ")?;
    let at = lines.indent(first);
    Some(lines.inserted(key, at, &framework_entry(hook, at)))
}

/// The lines of a file that is read by its indentation.
struct Lines<'a> {
    text: &'a str,
    lines: Vec<&'a str>,
}

impl<'a> Lines<'a> {
    /// Returns the lines of a text; `None` where they end in two ways, or a tab indents one.
    fn of(text: &'a str) -> Option<Self> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let crlf = lines.iter().filter(|it| it.ends_with("\r\n")).count();
        let ended = lines.iter().filter(|it| it.ends_with('\n')).count();
        let plain = crlf == 0 || crlf == ended;
        let tabs = lines
            .iter()
            .any(|it| it.trim_start_matches(' ').starts_with('\t'));
        (plain && !tabs && !text.contains("\n---")).then_some(Self { text, lines })
    }

    /// Returns the line of a key at the left that a block follows.
    fn key(&self, name: &str) -> Option<usize> {
        let wanted = format!("{name}:");
        let line = |it: &&str| without_comment(it) == wanted;
        self.lines.iter().position(|it| line(&it.trim_end()))
    }

    /// Returns the lines below a key.
    fn below(&self, key: usize) -> impl Iterator<Item = usize> + Clone {
        let inside = |at: &usize| {
            let line = self.lines.get(*at).copied().unwrap_or_default();
            line.starts_with([' ', '#', '\n', '\r']) || line.trim().is_empty()
        };
        (key + 1..self.lines.len()).take_while(inside)
    }

    /// Returns the next line after one that says something and stands deeper, or is an item beside it.
    fn filled_after(&self, at: usize) -> Option<usize> {
        let next = (at + 1..self.lines.len()).find(|&it| !self.words(it).is_empty())?;
        let (outer, inner) = (self.indent(at).len(), self.indent(next).len());
        let item = self.words(next).starts_with('-');
        (inner > outer || inner == outer && item).then_some(next)
    }

    /// Returns a line without its indentation and its comment.
    fn words(&self, at: usize) -> &'a str {
        let line = self.lines.get(at).copied().unwrap_or_default();
        without_comment(line.trim())
    }

    fn indent(&self, at: usize) -> &'a str {
        let line = self.lines.get(at).copied().unwrap_or_default();
        let width = line.len() - line.trim_start_matches(' ').len();
        line.get(..width).unwrap_or_default()
    }

    /// Returns the text with an entry below a line, between its marks.
    fn inserted(&self, at: usize, indent: &str, entry: &str) -> String {
        let (before, after) = self.lines.split_at((at + 1).min(self.lines.len()));
        let block = format!("{indent}{BEGIN}\n{entry}{indent}{END}\n");
        format!(
            "{}{}{}",
            before.concat(),
            self.ended(&block),
            after.concat()
        )
    }

    /// Returns the text with an entry at its end, between its marks.
    fn appended(&self, entry: &str) -> String {
        let whole = self.text.is_empty() || self.text.ends_with('\n');
        let (gap, begin) = if whole {
            ("", BEGIN)
        } else {
            ("\n", BEGIN_JOINED)
        };
        let block = format!("{begin}\n{entry}{END}\n");
        format!("{}{gap}{}", self.text, self.ended(&block))
    }

    /// Returns an entry with the line ends of the text.
    fn ended(&self, entry: &str) -> String {
        let crlf = self.lines.first().is_some_and(|it| it.ends_with("\r\n"));
        if crlf {
            entry.replace('\n', "\r\n")
        } else {
            entry.to_owned()
        }
    }
}

/// Returns a line without the comment at its end.
fn without_comment(line: &str) -> &str {
    if line.starts_with('#') {
        return "";
    }
    line.split(" #").next().unwrap_or_default().trim_end()
}
