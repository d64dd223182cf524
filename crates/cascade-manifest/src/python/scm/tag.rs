//! The version in the name of a tag.

use regex::{Regex, RegexBuilder};

use super::Built;
use super::settings::Settings;

/// Returns the version that is built where git names this tag and nothing differs from it.
pub(super) fn version(settings: &Settings, tag: &str) -> Result<String, Built> {
    let regex = compiled(&settings.regex)?;
    let name = tag.strip_prefix(settings.prefix.as_str()).unwrap_or(tag);
    let no_version = |why: String| Built::Otherwise(format!("{why}, and does not build"));
    let Some(captures) = regex.captures(name) else {
        return Err(no_version(format!(
            "finds no version in `{tag}` (`{}`)",
            settings.regex
        )));
    };
    let whole = captures.get(0).map_or("", |it| it.as_str());
    let group = match regex.captures_len() {
        2 => captures.get(1),
        _ => captures.name("version"),
    };
    let Some(group) = group.filter(|it| !it.is_empty()) else {
        return Err(no_version(format!("cuts an empty version out of `{tag}`")));
    };
    let suffix = whole.get(group.end()..).unwrap_or_default();
    let read = |text: &str| Read::of(text, settings.normalize);
    let found = read(&format!("{}{suffix}", group.as_str())).or_else(|| read(group.as_str()));
    let found = found.ok_or_else(|| {
        no_version(format!(
            "reads `{}` in `{tag}`, which is no version of PEP 440",
            group.as_str()
        ))
    })?;
    Ok(found.built())
}

/// Returns the regular expression of a project, which Python would match from the start of a tag.
fn compiled(pattern: &str) -> Result<Regex, Built> {
    let regex = RegexBuilder::new(&format!(r"\A(?:{pattern})"))
        .size_limit(1 << 20)
        .dfa_size_limit(1 << 20)
        .build();
    let Ok(regex) = regex else {
        let why = format!("has the regular expression `{pattern}`, which is not simulated");
        return Err(Built::Unjudged(why));
    };
    let named = regex.capture_names().flatten().any(|it| it == "version");
    match regex.captures_len() {
        2 => Ok(regex),
        count if count > 2 && named => Ok(regex),
        _ => Err(Built::Otherwise(format!(
            "refuses its own regular expression `{pattern}`, which has no group `version`"
        ))),
    }
}

/// A version that was read: the part before `+`, and the parts behind.
struct Read {
    public: String,
    local: Vec<String>,
}

impl Read {
    fn of(text: &str, normalize: bool) -> Option<Self> {
        let version: pep440_rs::Version = text.parse().ok()?;
        let local = version.local().iter().map(ToString::to_string);
        // Without normalising, the text stays as it is; only its build metadata is read.
        let said = if normalize {
            version.to_string()
        } else {
            text.to_owned()
        };
        let public = said.split('+').next().unwrap_or_default().to_owned();
        Some(Self {
            public,
            local: local.collect(),
        })
    }

    /// Puts it together; of equal parts of build metadata only the first stays.
    fn built(self) -> String {
        let mut local: Vec<String> = Vec::new();
        for part in self.local {
            if !local.contains(&part) {
                local.push(part);
            }
        }
        if local.is_empty() {
            return self.public;
        }
        format!("{}+{}", self.public, local.join("."))
    }
}
