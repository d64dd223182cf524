//! Tag templates: `v{version}`, `{name}-v{version}`.

use std::fmt;

use serde::{Deserialize, Serialize};

const VERSION: &str = "{version}";
const NAME: &str = "{name}";

/// How a package's tags are spelled: text with one `{version}` and at most one `{name}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagTemplate(String);

/// A text that is no tag template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It does not contain `{version}` exactly once.
    #[error("a tag template contains `{{version}}` exactly once")]
    NoVersion,
    /// It contains `{name}` more than once.
    #[error("a tag template contains `{{name}}` at most once")]
    SecondName,
    /// It contains a character that cascade does not put into tags.
    #[error("`{0}` can not stand in a tag")]
    Character(char),
    /// git takes no tag of this shape.
    #[error("git takes no tag {0}")]
    Shape(&'static str),
}

impl TagTemplate {
    /// Returns the template that the text spells.
    ///
    /// # Errors
    /// Without exactly one `{version}`, with a second `{name}`, with characters outside
    /// `[A-Za-z0-9._/+@=-]`, or in a shape that git refuses.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let Some((before, after)) = text.split_once(VERSION) else {
            return Err(TemplateError::NoVersion);
        };
        if after.contains(VERSION) {
            return Err(TemplateError::NoVersion);
        }
        let rest = format!("{before}0{after}");
        let plain = rest.replacen(NAME, "n", 1);
        if plain.contains(NAME) {
            return Err(TemplateError::SecondName);
        }
        if let Some(odd) = plain.chars().find(|&c| !tag_character(c)) {
            return Err(TemplateError::Character(odd));
        }
        check_shape(&plain)?;
        Ok(Self(text.to_owned()))
    }

    /// Returns one of cascade's own templates.
    pub(crate) fn known(text: &'static str) -> Self {
        debug_assert!(Self::parse(text).is_ok(), "{text}");
        Self(text.to_owned())
    }

    /// Returns the text, `v{version}`.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Returns whether `{name}` still has to be filled in.
    pub fn names(&self) -> bool {
        self.0.contains(NAME)
    }

    /// Returns the template with `{name}` filled in; what no tag can hold becomes `-`.
    #[must_use]
    pub fn for_package(&self, name: &str) -> Self {
        let fit = |c| if tag_character(c) { c } else { '-' };
        let name: String = name.chars().map(fit).collect();
        Self(self.0.replace(NAME, &name))
    }

    /// Returns the tag of this version.
    pub fn tag(&self, version: &str) -> String {
        self.0.replace(VERSION, version)
    }

    /// Returns the version text in a tag that the template matches in full; it starts with a digit.
    pub fn version<'a>(&self, tag: &'a str) -> Option<&'a str> {
        let (before, after) = self.ends()?;
        let text = tag.strip_prefix(before)?.strip_suffix(after)?;
        (text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(version_character))
            .then_some(text)
    }

    /// Returns whether a tag looks like one of the template to whoever reads it, and to a workflow that starts
    /// on `v*`: it begins as the template does, in upper or lower case, and goes on with a number of any
    /// script.
    pub(crate) fn resembles(&self, tag: &str) -> bool {
        let Some((before, _)) = self.ends() else {
            return false;
        };
        let head = tag.get(..before.len()).unwrap_or_default();
        let rest = tag.get(before.len()..).unwrap_or_default();
        !before.is_empty()
            && head.eq_ignore_ascii_case(before)
            && rest.starts_with(char::is_numeric)
    }

    /// Returns whether some tag could be claimed by both templates although they differ.
    pub fn collides(&self, other: &Self) -> bool {
        let (Some((before, after)), Some((other_before, other_after))) =
            (self.ends(), other.ends())
        else {
            return false;
        };
        self != other
            && overhang(before, other_before, Side::Front)
            && overhang(after, other_after, Side::Back)
    }

    fn ends(&self) -> Option<(&str, &str)> {
        self.0.split_once(VERSION)
    }
}

impl fmt::Display for TagTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for TagTemplate {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        Self::parse(&text)
    }
}

impl From<TagTemplate> for String {
    fn from(template: TagTemplate) -> Self {
        template.0
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Front,
    Back,
}

/// Whether one of the two is the other and something that a version could swallow.
fn overhang(a: &str, b: &str, side: Side) -> bool {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let rest = match side {
        Side::Front => long.strip_prefix(short),
        Side::Back => long.strip_suffix(short),
    };
    rest.is_some_and(|rest| {
        let digit = rest.starts_with(|c: char| c.is_ascii_digit());
        (rest.is_empty() || side == Side::Back || digit) && rest.chars().all(version_character)
    })
}

fn check_shape(plain: &str) -> Result<(), TemplateError> {
    let bad = |why| Err(TemplateError::Shape(why));
    if plain.starts_with('-') {
        return bad("that starts with `-`");
    }
    if plain.contains("..") {
        return bad("with `..` in it");
    }
    for part in plain.split('/') {
        if part.is_empty() {
            return bad("with an empty part between `/`");
        }
        if part.starts_with('.') || part.ends_with('.') {
            return bad("with a part that starts or ends with `.`");
        }
        if part.strip_suffix(".lock").is_some() {
            return bad("with a part that ends with `.lock`");
        }
    }
    Ok(())
}

fn tag_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._/+@=-".contains(c)
}

fn version_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._+-!".contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(text: &str) -> TagTemplate {
        TagTemplate::parse(text).expect(text)
    }

    #[test]
    fn a_prefix_never_takes_the_tags_of_a_longer_one() {
        assert_eq!(
            template("tower-{version}").version("tower-layer-0.1.0"),
            None
        );
        assert_eq!(
            template("tower-{version}").version("tower-0.5.3"),
            Some("0.5.3")
        );
        assert_eq!(template("v{version}").version("node-v0.2"), None);
        assert_eq!(template("{version}").version("v1.2.3"), None);
        assert_eq!(template("{version}").version("1.2.3/old"), None);
        assert_eq!(
            template("core=={version}").version("core==0.3.1"),
            Some("0.3.1")
        );
    }

    #[test]
    fn what_git_or_a_reader_would_stumble_over_is_no_template() {
        use TemplateError::{Character, NoVersion, SecondName, Shape};
        assert_eq!(TagTemplate::parse("v"), Err(NoVersion));
        assert_eq!(TagTemplate::parse("{version}-{version}"), Err(NoVersion));
        assert_eq!(TagTemplate::parse("{name}{name}{version}"), Err(SecondName));
        for (text, c) in [
            ("v {version}", ' '),
            ("{tag}{version}", '{'),
            ("v{version}\n", '\n'),
            ("é{version}", 'é'),
            ("v{version}~", '~'),
        ] {
            assert_eq!(TagTemplate::parse(text), Err(Character(c)), "{text}");
        }
        for text in [
            "-{version}",
            "a//{version}",
            "/{version}",
            "{version}/",
            "v..{version}",
            ".v{version}",
            "{version}.lock",
            "v{version}.",
        ] {
            assert!(matches!(TagTemplate::parse(text), Err(Shape(_))), "{text}");
        }
    }

    #[test]
    fn deserialising_validates_too() {
        assert!(serde_json::from_str::<TagTemplate>("\"v\"").is_err());
        let read: TagTemplate = serde_json::from_str("\"v{version}\"").unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), "\"v{version}\"");
    }

    #[test]
    fn the_name_is_filled_in_and_kept_fit_for_a_tag() {
        let per_package = template("{name}-v{version}");
        assert!(per_package.names());
        assert_eq!(per_package.for_package("axum").text(), "axum-v{version}");
        assert_eq!(
            per_package.for_package("a {version}").text(),
            "a--version--v{version}"
        );
    }

    #[test]
    fn templates_collide_only_where_one_tag_could_be_both() {
        for (a, b, expected) in [
            ("v{version}", "v{version}", false),
            ("tower-{version}", "tower-layer-{version}", false),
            ("v{version}", "http-body-util-v{version}", false),
            ("v{version}", "{version}", false),
            ("v{version}", "v1-{version}", true),
            ("{version}", "2.{version}", true),
            ("v{version}", "v{version}-rc", true),
            ("v{version}", "v{version}+local", true),
            ("v{version}", "v{version}/go", false),
            ("v{version}", "v{version}@x", false),
            ("a-{version}-x", "a-{version}-y", false),
        ] {
            let (one, two) = (template(a), template(b));
            assert_eq!(one.collides(&two), expected, "{a} {b}");
            assert_eq!(two.collides(&one), expected, "{b} {a}");
        }
    }

    proptest! {
        #[test]
        fn a_tag_gives_its_version_back(
            before in "[a-z/@+-]{0,6}",
            after in "(-[a-z]{1,4})?",
            version in "[0-9][0-9a-z.+-]{0,10}",
        ) {
            let Ok(template) = TagTemplate::parse(&format!("{before}{{version}}{after}")) else {
                return Ok(());
            };
            let tag = template.tag(&version);
            prop_assert_eq!(template.version(&tag), Some(version.as_str()));
        }

        #[test]
        fn a_tag_of_both_means_a_collision(
            befores in ("[v1-]{0,3}", "[v1-]{0,3}"),
            afters in ("[a1-]{0,2}", "[a1-]{0,2}"),
            version in "[01][01a-]{0,5}",
        ) {
            let build = |b: &str, a: &str| TagTemplate(format!("{b}{{version}}{a}"));
            let (one, two) = (build(&befores.0, &afters.0), build(&befores.1, &afters.1));
            if one != two && two.version(&one.tag(&version)).is_some() {
                prop_assert!(one.collides(&two));
            }
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,20}", tag in "\\PC{0,20}") {
            if let Ok(template) = TagTemplate::parse(&text) {
                let _ = template.version(&tag);
            }
        }
    }
}
