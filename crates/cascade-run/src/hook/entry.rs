//! Entries in the files of tools that manage hooks: added between two marks, taken away byte for byte.

mod yaml;

use std::path::PathBuf;

use super::install::{disk_error, read, write};
use super::{HookError, HookHome, HookType, Installed, Neighbour, Scribe};

/// The line before an entry.
const BEGIN: &str = "# >>> cascade";
/// The line before an entry in front of which a line end was added.
const BEGIN_JOINED: &str = "# >>> cascade (after a line without an end)";
/// The name of the script that lefthook runs for a hook that reads what is pushed.
const LEFTHOOK_SCRIPT: &str = "cascade.sh";
/// The key below which it stands.
const SCRIPT_KEY: &str = "cascade.sh:";
/// The line after an entry.
const END: &str = "# <<< cascade";

/// Adds the entry of a hook to a tool's file, or says which.
pub(super) fn install(
    home: &HookHome,
    neighbour: &Neighbour,
    hook: HookType,
    writing: Scribe,
) -> Result<Installed, HookError> {
    let file = file_of(home, neighbour, hook);
    let bytes = read(&file)?;
    let before = text_of(&file, bytes.clone())?;
    if has_entry(&before, hook) {
        return Ok(Installed::Already(file));
    }
    let after = added(neighbour, hook, &before);
    let (Scribe::Write, Some(after)) = (writing, after.clone()) else {
        if writing == Scribe::Write {
            return Err(HookError::Entry(file.display().to_string()));
        }
        let text = wanted(neighbour, hook);
        return Ok(Installed::Wanted { file, text });
    };
    if let Some(script_file) = script_of(home, neighbour, hook) {
        let folder = script_file.parent().unwrap_or(&home.root);
        std::fs::create_dir_all(folder).map_err(|it| disk_error(folder, it))?;
        write(&script_file, script(hook).as_bytes(), 0o755)?;
    }
    let mode = if matches!(neighbour, Neighbour::Husky(_)) {
        0o755
    } else {
        0o644
    };
    write(&file, after.as_bytes(), mode_of(&file).unwrap_or(mode))?;
    let next = next(neighbour, hook);
    Ok(Installed::Entry { file, next })
}

/// Takes the entry of a hook out of a tool's file; returns the file where it had one.
pub(super) fn uninstall(
    home: &HookHome,
    neighbour: &Neighbour,
    hook: HookType,
) -> Result<Option<PathBuf>, HookError> {
    let file = file_of(home, neighbour, hook);
    let before = text_of(&file, read(&file)?)?;
    let Some(after) = removed(&before, hook) else {
        return Ok(None);
    };
    if let Some(script_file) = script_of(home, neighbour, hook)
        && read(&script_file)?.is_some_and(|it| it == script(hook).as_bytes())
    {
        std::fs::remove_file(&script_file).map_err(|it| disk_error(&script_file, it))?;
        // Folders that were made for it; what holds more stays.
        let mut above = script_file.ancestors().skip(1).take(2);
        let _ = above.try_for_each(std::fs::remove_dir);
    }
    // A script that holds nothing else was made for the entry.
    if after.is_empty() && matches!(neighbour, Neighbour::Husky(_)) {
        std::fs::remove_file(&file).map_err(|it| disk_error(&file, it))?;
    } else {
        write(&file, after.as_bytes(), mode_of(&file).unwrap_or(0o644))?;
    }
    Ok(Some(file))
}

/// Returns whether a tool's file has the entry of a hook.
pub(super) fn stands(home: &HookHome, neighbour: &Neighbour, hook: HookType) -> Option<PathBuf> {
    let file = file_of(home, neighbour, hook);
    let text = text_of(&file, read(&file).ok()?).ok()?;
    has_entry(&text, hook).then_some(file)
}

/// Returns the file that says what the tool runs in a hook.
pub(super) fn file_of(home: &HookHome, neighbour: &Neighbour, hook: HookType) -> PathBuf {
    match neighbour {
        Neighbour::Husky(folder) => home.root.join(folder).join(hook.name()),
        Neighbour::Lefthook(file) | Neighbour::PreCommit(file) => home.root.join(file),
    }
}

/// Returns the script beside the entry, where the tool wants one.
fn script_of(home: &HookHome, neighbour: &Neighbour, hook: HookType) -> Option<PathBuf> {
    let wants = hook.reads() && matches!(neighbour, Neighbour::Lefthook(_));
    let folder = home.root.join(".lefthook").join(hook.name());
    wants.then(|| folder.join(LEFTHOOK_SCRIPT))
}

fn mode_of(file: &std::path::Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(std::fs::metadata(file).ok()?.permissions().mode() & 0o7777)
}

fn text_of(file: &std::path::Path, bytes: Option<Vec<u8>>) -> Result<String, HookError> {
    let text = String::from_utf8(bytes.unwrap_or_default());
    text.map_err(|_| HookError::Entry(file.display().to_string()))
}

/// Returns whether a text runs cascade in this hook, by an entry of cascade's or by a person's own.
fn has_entry(text: &str, hook: HookType) -> bool {
    let call = call(hook);
    let mut own = text.lines().filter(|it| !it.trim_start().starts_with('#'));
    own.any(|it| it.contains(&call) || hook.reads() && it.trim() == SCRIPT_KEY)
}

/// Returns how an entry calls cascade.
fn call(hook: HookType) -> String {
    format!("cascade hook run {}", hook.name())
}

/// Returns the text with the entry; `None` where it is written in another way than cascade edits.
fn added(neighbour: &Neighbour, hook: HookType, text: &str) -> Option<String> {
    match neighbour {
        Neighbour::Husky(_) => Some(first(text, &script(hook))),
        Neighbour::Lefthook(file) if is_yaml(file) => yaml::lefthook(text, hook),
        Neighbour::Lefthook(_) => None,
        Neighbour::PreCommit(_) => yaml::framework(text, hook),
    }
}

/// Returns the entry as a person would write it.
fn wanted(neighbour: &Neighbour, hook: HookType) -> String {
    match neighbour {
        Neighbour::Husky(_) => script(hook),
        Neighbour::Lefthook(_) if hook.reads() => {
            let entry = yaml::lefthook_entry(hook);
            let name = hook.name();
            format!(
                "{entry}and as `.lefthook/{name}/{LEFTHOOK_SCRIPT}`:\n{}",
                script(hook)
            )
        }
        Neighbour::Lefthook(_) => yaml::lefthook_entry(hook),
        Neighbour::PreCommit(_) => yaml::framework_entry(hook, "  "),
    }
}

fn is_yaml(file: &str) -> bool {
    [".yml", ".yaml"].iter().any(|it| file.ends_with(it))
}

/// Returns what to run, so that the tool learns of a new hook.
fn next(neighbour: &Neighbour, hook: HookType) -> Option<String> {
    match neighbour {
        Neighbour::Husky(_) => None,
        Neighbour::Lefthook(_) => Some("lefthook install".to_owned()),
        Neighbour::PreCommit(_) => Some(format!("pre-commit install --hook-type {}", hook.name())),
    }
}

/// Returns the lines of a script that everybody who works there has, cascade or not.
fn script(hook: HookType) -> String {
    let (call, name) = (call(hook), hook.name());
    if !hook.reads() {
        return format!(
            "if command -v cascade >/dev/null; then\n  {call} -- \"$@\" || exit $?\nelse\n  \
             echo \"cascade: not found in PATH: {name} was not judged\" >&2\nfi\n"
        );
    }
    format!(
        "cascade_said=$(cat)\nif command -v cascade >/dev/null; then\n  \
         printf '%s\\n' \"$cascade_said\" | {call} -- \"$@\" || exit $?\nelse\n  \
         case $cascade_said in *\" refs/tags/\"*)\n    \
         echo \"cascade: not found in PATH: tags are not pushed unjudged\" >&2\n    exit 1 ;;\n  esac\nfi\n\
         # What follows reads it again.\nexec <<CASCADE\n$cascade_said\nCASCADE\n"
    )
}

/// Returns a script with an entry before everything but its first line, where that says what runs it.
fn first(text: &str, entry: &str) -> String {
    let block = format!("{BEGIN}\n{entry}{END}\n");
    let head = text
        .split_inclusive('\n')
        .next()
        .filter(|it| it.starts_with("#!"));
    let (head, rest) = text.split_at(head.map_or(0, str::len));
    if head.is_empty() || head.ends_with('\n') {
        return format!("{head}{block}{rest}");
    }
    format!("{head}\n{BEGIN_JOINED}\n{entry}{END}\n{rest}")
}

/// Returns the text without the entry of a hook, byte for byte as it was; `None` where it has none.
fn removed(text: &str, hook: HookType) -> Option<String> {
    let mut from = 0;
    while let Some((begin, end)) = block(text.get(from..)?) {
        let (begin, end) = (from + begin, from + end);
        let inside = text.get(begin..end)?;
        if has_entry(inside, hook) {
            let first = inside.lines().next()?;
            let gap = if first.trim_start().starts_with(BEGIN_JOINED) {
                Gap::Added
            } else {
                Gap::Own
            };
            return Some(parted(text.get(..begin)?, text.get(end..)?, gap));
        }
        from = end;
    }
    None
}

/// Whose the line end before an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// The text's own.
    Own,
    /// It was added for the entry.
    Added,
}

/// Returns what stood before and after an entry, put together again. The line end that was added for it
/// goes too, unless another entry stands on it: that one then says so.
fn parted(before: &str, after: &str, gap: Gap) -> String {
    match (before.strip_suffix('\n'), after.strip_prefix(BEGIN)) {
        (Some(before), _) if gap == Gap::Added && after.is_empty() => before.to_owned(),
        (_, Some(rest)) if gap == Gap::Added => format!("{before}{BEGIN_JOINED}{rest}"),
        _ => format!("{before}{after}"),
    }
}

/// Returns the bytes of the first entry between its marks, whole lines.
fn block(text: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut begin = None;
    for line in text.split_inclusive('\n') {
        let words = line.trim();
        if words.starts_with(BEGIN) {
            begin = begin.or(Some(at));
        }
        at += line.len();
        if let (Some(begin), true) = (begin, words == END) {
            return Some((begin, at));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOOKS: [HookType; 3] = [HookType::PreCommit, HookType::CommitMsg, HookType::PrePush];

    fn neighbours() -> [Neighbour; 3] {
        [
            Neighbour::Husky(".husky".to_owned()),
            Neighbour::Lefthook("lefthook.yml".to_owned()),
            Neighbour::PreCommit(".pre-commit-config.yaml".to_owned()),
        ]
    }

    const FILES: &[&str] = &[
        "",
        "npm test",
        "#!/bin/sh",
        "#!/bin/sh\nnpm test\n",
        "pre-push:\n  commands:\n    test:\n      run: npm test\n",
        "pre-push:\n    jobs:\n        - run: npm test\ncommit-msg:\n  parallel: true",
        "# all\r\npre-commit:\r\n  commands:\r\n    a:\r\n      run: a\r\n",
        "repos:\n- repo: local\n  hooks: []\n",
        "ci:\n  skip: []\nrepos:\n    # ours\n    - repo: https://x.example\n      rev: v1\n      hooks:\n        - id: a\nexclude: x",
        "repos: []\n",
    ];

    #[test]
    fn what_is_added_is_there_once_and_goes_byte_for_byte() {
        for neighbour in neighbours() {
            let files = FILES.iter().chain(&["a: b\n# end", "a: b"]);
            for text in files {
                // Each hook of husky's has a file of its own.
                let hooks = if matches!(neighbour, Neighbour::Husky(_)) {
                    &HOOKS[..1]
                } else {
                    &HOOKS
                };
                let mut now = (*text).to_owned();
                let mut added_hooks = Vec::new();
                for &hook in hooks {
                    if let Some(after) = added(&neighbour, hook, &now) {
                        assert!(has_entry(&after, hook), "{after}");
                        now = after;
                        added_hooks.push(hook);
                    }
                }
                for hook in added_hooks {
                    now = removed(&now, hook).unwrap();
                    assert!(!has_entry(&now, hook));
                    assert_eq!(removed(&now, hook), None);
                }
                assert_eq!(now, *text, "{neighbour:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_file_breaks_it(text in "(pre-push:|repos:|  commands:|    - a|#!|\r|\n| |é|# >>> cascade|# <<< cascade){0,14}") {
            for neighbour in neighbours() {
                for hook in HOOKS {
                    if let Some(after) = added(&neighbour, hook, &text) {
                        prop_assert!(has_entry(&after, hook));
                    }
                    let _ = removed(&text, hook);
                }
            }
        }
    }
}
