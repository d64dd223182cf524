//! A repository's own `config`, read simply.

/// The settings of one file, in its order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    settings: Vec<Setting>,
}

#[derive(Debug, Clone)]
struct Setting {
    /// Lower case.
    section: String,
    /// As written.
    name: String,
    /// Lower case.
    key: String,
    value: String,
}

impl Config {
    /// Returns what the text sets. A line that is no setting is passed over: libgit2 opens the same
    /// file and refuses what is broken.
    pub(crate) fn parse(text: &str) -> Self {
        let mut settings = Vec::new();
        let (mut section, mut name) = (String::new(), String::new());
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let line = line.trim();
            if let Some(header) = line.strip_prefix('[') {
                (section, name) = read_header(header);
            } else if !line.is_empty() && !line.starts_with(['#', ';']) {
                let (key, value) = line.split_once('=').unwrap_or((line, "true"));
                settings.push(Setting {
                    section: section.clone(),
                    name: name.clone(),
                    key: key.trim().to_ascii_lowercase(),
                    value: read_value(value, &mut lines),
                });
            }
        }
        Self { settings }
    }

    /// Returns the last value of a key, as git takes it.
    pub(crate) fn get(&self, section: &str, name: &str, key: &str) -> Option<&str> {
        let is_it = |it: &&Setting| it.section == section && it.name == name && it.key == key;
        let last = self.settings.iter().rfind(is_it)?;
        Some(&last.value)
    }

    /// Returns every value of a key.
    pub(crate) fn all<'a>(
        &'a self,
        section: &'a str,
        name: &'a str,
        key: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        self.settings
            .iter()
            .filter(move |it| it.section == section && it.name == name && it.key == key)
            .map(|it| it.value.as_str())
    }

    /// Returns the names of the sections of one kind, each once.
    pub(crate) fn names(&self, section: &str) -> Vec<&str> {
        let all = self.settings.iter().filter(|it| it.section == section);
        let mut names: Vec<&str> = all.map(|it| it.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Returns whether a section sets anything.
    pub(crate) fn has_section(&self, section: &str) -> bool {
        self.settings.iter().any(|it| it.section == section)
    }

    /// Returns whether other files have a say in it.
    pub(crate) fn includes(&self) -> bool {
        self.settings
            .iter()
            .any(|it| matches!(it.section.as_str(), "include" | "includeif"))
    }
}

/// Reads `section "name"]` after its opening bracket.
fn read_header(text: &str) -> (String, String) {
    let Some((section, rest)) = text.split_once('"') else {
        let section = text.split(']').next().unwrap_or_default().trim();
        return match section.split_once('.') {
            Some((section, name)) => (section.to_ascii_lowercase(), name.to_ascii_lowercase()),
            None => (section.to_ascii_lowercase(), String::new()),
        };
    };
    let mut name = String::new();
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => name.extend(chars.next()),
            other => name.push(other),
        }
    }
    (section.trim().to_ascii_lowercase(), name)
}

/// Reads a value: quotes, escapes, comments, and lines continued with a backslash.
fn read_value<'a>(first: &'a str, more: &mut impl Iterator<Item = &'a str>) -> String {
    let mut value = String::new();
    let mut quoted = false;
    let mut kept = 0;
    let mut chars = first.trim_start().chars();
    loop {
        match chars.next() {
            None => break,
            Some('"') => quoted = !quoted,
            Some('#' | ';') if !quoted => break,
            Some('\\') => match chars.next() {
                None => {
                    let Some(line) = more.next() else { break };
                    chars = line.chars();
                }
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some(other) => value.push(other),
            },
            Some(other) => value.push(other),
        }
        if quoted || !value.ends_with([' ', '\t']) {
            kept = value.len();
        }
    }
    value.truncate(kept);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_git_writes_and_people_write() {
        let config = Config::parse(
            "[core]\n\tbare = false ; a comment\n\tIgnoreCase\n[remote \"origin\"]\n\turl = \"a # b\"  \
             \n\tfetch = one\n\tfetch = two # three\n[branch \"o\\\"k]\"]\nmerge = a\\\\b\\\n c\n[branch.Old]\nmerge=x\n",
        );
        assert_eq!(config.get("core", "", "bare"), Some("false"));
        assert_eq!(config.get("core", "", "ignorecase"), Some("true"));
        assert_eq!(config.get("remote", "origin", "url"), Some("a # b"));
        let fetch: Vec<_> = config.all("remote", "origin", "fetch").collect();
        assert_eq!(fetch, ["one", "two"]);
        assert_eq!(config.get("branch", "o\"k]", "merge"), Some("a\\b c"));
        assert_eq!(config.get("branch", "old", "merge"), Some("x"));
        assert!(!config.includes());
        assert!(Config::parse("[includeIf \"gitdir:~/x\"]\npath = y").includes());
    }
}
