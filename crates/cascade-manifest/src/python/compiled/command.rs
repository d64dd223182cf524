//! The command in the header of a compiled file. It is text of the repository: only what is known
//! of it is ever passed on.

use crate::Move;
use crate::python::demand::Reach;

/// No tool that compiles runs on an older Python.
const OLDEST: &str = ">=3.8";

/// The tool that a file is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    PipCompile,
    UvPipCompile,
    UvExport,
}

/// What the header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    tool: Tool,
    /// The flags that are known, as written, each with its value.
    flags: Vec<(String, Option<String>)>,
    /// The files that it is made of.
    pub(super) sources: Vec<String>,
    /// All of that in the order and spelling of the header, which the tool repeats: a flag with its
    /// value, a source; the flag of the output has none.
    words: Vec<Vec<String>>,
}

/// Lines at the head of a file in which a command may stand.
const HEAD: usize = 40;

/// Flags without a value.
const ALONE: &[&str] = &[
    "--all-extras",
    "--all-groups",
    "--all-packages",
    "--allow-unsafe",
    "--annotate",
    "--emit-build-options",
    "--emit-find-links",
    "--emit-index-annotation",
    "--emit-index-url",
    "--emit-options",
    "--emit-trusted-host",
    "--generate-hashes",
    "--header",
    "--no-allow-unsafe",
    "--no-annotate",
    "--no-deps",
    "--no-dev",
    "--no-emit-find-links",
    "--no-emit-index-url",
    "--no-emit-local",
    "--no-emit-options",
    "--no-emit-project",
    "--no-emit-trusted-host",
    "--no-emit-workspace",
    "--no-hashes",
    "--no-header",
    "--no-index",
    "--no-sources",
    "--no-strip-extras",
    "--no-strip-markers",
    "--only-dev",
    "--pre",
    "--strip-extras",
    "--universal",
];

/// Flags with a value.
const VALUED: &[&str] = &[
    "--annotation-style",
    "--constraint",
    "--constraints",
    "--default-index",
    "--exclude-newer",
    "--extra",
    "--extra-index-url",
    "--fork-strategy",
    "--format",
    "--group",
    "--index",
    "--index-strategy",
    "--index-url",
    "--no-emit-package",
    "--no-group",
    "--only-group",
    "--override",
    "--overrides",
    "--package",
    "--prerelease",
    "--python-platform",
    "--python-version",
    "--resolution",
    "--resolver",
    "--unsafe-package",
];

/// Short spellings.
const SHORT: &[(&str, &str)] = &[
    ("-c", "--constraint"),
    ("-i", "--index-url"),
    ("-o", "--output-file"),
];

/// Returns the command that the comments at the head of a file name.
pub(super) fn command(text: &str) -> Option<Command> {
    read(line(text)?)
}

/// Returns the line at the head of a file that says the command.
pub(super) fn line(text: &str) -> Option<&str> {
    let text = text.trim_start_matches('\u{feff}');
    let head = text.lines().take(HEAD).take_while(|it| it.starts_with('#'));
    let mut said = head.map(|it| it.trim_start_matches('#').trim());
    said.find(|it| read(it).is_some())
}

/// Returns the Pythons that a file is compiled for, as far as its header tells.
pub(super) fn pythons(text: &str) -> Option<Reach> {
    let command = command(text);
    let said = command
        .as_ref()
        .and_then(|it| it.values(&["--python-version"]).last());
    if let Some(version) = said {
        let is_universal = command.as_ref().is_some_and(|it| it.has("--universal"));
        return Reach::of(&if is_universal {
            format!(">={version}")
        } else {
            format!("=={version}.*")
        });
    }
    let mut head = text.lines().take(HEAD).take_while(|it| it.starts_with('#'));
    let by = head.find_map(|it| it.split_once("pip-compile with Python "));
    Reach::of(&match by {
        Some((_, version)) => format!("=={}.*", version.trim()),
        None => OLDEST.to_owned(),
    })
}

/// Returns the command that such a line says.
pub(super) fn read(line: &str) -> Option<Command> {
    let mut words = line.split_ascii_whitespace();
    let tool = match words.next()? {
        "pip-compile" => Tool::PipCompile,
        "uv" => match words.next()? {
            "pip" if words.next()? == "compile" => Tool::UvPipCompile,
            "export" => Tool::UvExport,
            _ => return None,
        },
        _ => return None,
    };
    let mut command = Command {
        tool,
        flags: Vec::new(),
        sources: Vec::new(),
        words: Vec::new(),
    };
    while let Some(word) = words.next() {
        let word = unquoted(word);
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
            _ => (word, None),
        };
        let flag = SHORT.iter().find(|it| it.0 == flag).map_or(flag, |it| it.1);
        if ALONE.contains(&flag) {
            command.flags.push((flag.to_owned(), None));
            command.words.push(vec![word.to_owned()]);
        } else if flag == "--output-file" {
            value.or_else(|| words.next())?;
            let (spelled, _) = word.split_once('=').unwrap_or((word, ""));
            command.words.push(vec![spelled.to_owned(), String::new()]);
        } else if VALUED.contains(&flag) {
            let behind = value.is_none();
            let value = value.or_else(|| words.next()).map(unquoted)?;
            if !is_harmless(value) {
                continue;
            }
            command
                .flags
                .push((flag.to_owned(), Some(value.to_owned())));
            let mut spelled = vec![word.to_owned()];
            spelled.extend(behind.then(|| value.to_owned()));
            command.words.push(spelled);
        } else if is_source(word) {
            command.sources.push(word.to_owned());
            command.words.push(vec![word.to_owned()]);
        }
    }
    Some(command)
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['\'', '"'])
}

/// Returns whether a value can be handed on: no flag, no path that leads elsewhere.
fn is_harmless(value: &str) -> bool {
    let leads_away =
        value.starts_with(['-', '/', '~', '@']) || value.split('/').any(|it| it == "..");
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '$' | '`' | '\\' | '%' | '|');
    let scheme = value
        .split_once("://")
        .is_none_or(|it| matches!(it.0, "http" | "https"));
    !value.is_empty() && !leads_away && value.chars().all(is_plain) && scheme
}

/// Returns whether a word is a file that requirements are compiled from.
fn is_source(word: &str) -> bool {
    let ends = [".in", ".txt", "pyproject.toml", "setup.cfg", "setup.py"];
    is_harmless(word) && !word.contains("://") && ends.iter().any(|it| word.ends_with(it))
}

impl Command {
    /// Returns the command that moves these packages and nothing else in the file; `None` where it
    /// can not be told.
    pub(super) fn again(&self, file: &str, moves: &[Move]) -> Option<Vec<String>> {
        let words: &[&str] = match self.tool {
            Tool::PipCompile => &["pip-compile", "-q"],
            Tool::UvPipCompile => &["uv", "pip", "compile", "-q"],
            Tool::UvExport => &["uv", "export", "-q"],
        };
        let mut words: Vec<String> = words.iter().map(|it| (*it).to_owned()).collect();
        if self.tool != Tool::UvExport {
            let of = |it: &Move| ["-P".to_owned(), format!("{}=={}", it.name, it.to)];
            words.extend(moves.iter().flat_map(of));
        }
        let mut is_put = false;
        for word in self.words.iter().flatten() {
            is_put |= word.is_empty();
            words.push(if word.is_empty() { file } else { word }.to_owned());
        }
        if !is_put {
            words.extend(["-o".to_owned(), file.to_owned()]);
        }
        Some(words).filter(|_| self.tool == Tool::UvExport || !self.sources.is_empty())
    }

    /// Returns the values of a flag.
    pub(super) fn values(&self, flags: &[&str]) -> impl Iterator<Item = &str> {
        let named = |it: &&(String, Option<String>)| flags.contains(&it.0.as_str());
        self.flags
            .iter()
            .filter(named)
            .filter_map(|it| it.1.as_deref())
    }

    /// Returns whether the tool is uv.
    pub(super) fn is_uv(&self) -> bool {
        self.tool != Tool::PipCompile
    }

    /// Returns whether a flag is there.
    pub(super) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|it| it.0 == flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(header: &str) -> Option<String> {
        let moves = [Move {
            name: "a".to_owned(),
            from: None,
            to: "2".to_owned(),
        }];
        let text = format!("#\n# This file is autogenerated\n#    {header}\n#\na==1\n");
        Some(command(&text)?.again("requirements.txt", &moves)?.join(" "))
    }

    #[test]
    fn known_flags_are_passed_on_and_nothing_else() {
        for (header, expected) in [
            (
                "uv pip compile --generate-hashes -o x.txt --upgrade requirements.in",
                "uv pip compile -q -P a==2 --generate-hashes -o requirements.txt requirements.in",
            ),
            (
                "pip-compile --index-url=https://registry.example/simple --output-file=r.txt a.in",
                "pip-compile -q -P a==2 --index-url=https://registry.example/simple \
                 --output-file requirements.txt a.in",
            ),
            (
                "pip-compile --config=/etc/x --index-url=file:///x --pip-args '--proxy=x' a.in ../b.in",
                "pip-compile -q -P a==2 a.in -o requirements.txt",
            ),
            (
                "uv export --no-dev --format requirements-txt -o requirements.txt",
                "uv export -q --no-dev --format requirements-txt -o requirements.txt",
            ),
        ] {
            assert_eq!(again(header).as_deref(), Some(expected), "{header}");
        }
        for header in [
            "make lock",
            "uv sync",
            "pip-compile --generate-hashes",
            "uv pip compile",
        ] {
            assert_eq!(again(header), None, "{header}");
        }
        assert_eq!(command("a==1\n# pip-compile a.in\n"), None);
    }
}
