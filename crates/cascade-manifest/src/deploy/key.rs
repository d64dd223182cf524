//! A version under a declared key: `runtime.image.tag`. A person says which it is; nothing is searched.
//!
//! Of YAML and JSON a key is a path: fields with dots between them, elements of a list by their number
//! (`images[0].newTag`) or by what a field of theirs says (`images[name=api].newTag`), and quotes around
//! a field with a dot in its name (`metadata.labels."app.kubernetes.io/version"`). Of HCL it is the name
//! of a variable or a local value.

mod path;

use super::edit::{edits_by, is_same_yaml};
use super::found::{Draft, References};
use super::{Found, Image, Move, MoveError, Piece, Reference, Sharing, hcl};
use crate::json::Lines;
use crate::yaml::Yaml;
use crate::{Kind, Limit, ReadError, Splice, resolved, splice};

use self::path::Step;

/// The longest key.
const LONGEST: usize = 512;

/// The key of a version in a text.
///
/// ```
/// use cascade_manifest::Kind;
/// use cascade_manifest::deploy::{Key, Move};
/// let text = "runtime:\n  image: {tag: v1.4.2} # ours\n";
/// let key = Key::of("deploy/prod.yaml", "runtime.image.tag", Kind::Image)?;
/// let tag = key.read(text)?;
/// assert_eq!((tag.name.as_str(), tag.version.as_str()), ("", "v1.4.2"));
/// let moved = key.moved(text, &Move::of(&tag, "v2.1.0").unwrap());
/// assert_eq!(moved.unwrap(), text.replace("v1.4.2", "v2.1.0"));
/// # Ok::<(), cascade_manifest::deploy::KeyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Key {
    text: String,
    steps: Vec<Step>,
    syntax: Syntax,
    kind: Kind,
}

/// In what a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    /// YAML, and JSON, which is YAML too.
    Yaml,
    /// The blocks of HCL, written as JSON.
    Blocks,
    /// The language of Terraform and Packer.
    Hcl,
}

/// Why there is nothing under a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key is none.
    #[error("{why} at byte {at} of the key: write `a.b`, `a[0].b`, `a[name=x].b` or `a.\"b.c\"`")]
    Syntax {
        /// What is wrong.
        why: &'static str,
        /// The byte.
        at: usize,
    },
    /// HCL has no paths.
    #[error("in HCL a key is the name of one variable or local value")]
    Nested,
    /// Files like it have no keys that are known.
    #[error(
        "keys are read in YAML, JSON and HCL (`.yaml`, `.yml`, `.json`, `.tf`, `.tofu`, `.tfvars`, `.hcl`)"
    )]
    Unknown,
    /// The text is not what its name says.
    #[error("it can not be read: {0}")]
    Unreadable(#[from] ReadError),
    /// The text has no such key.
    #[error("nothing stands under `{0}`")]
    Missing(String),
    /// The text has no string of that name; a number is none.
    #[error("no text in quotes stands under `{0}`: a version that is a number has to be in quotes")]
    Unquoted(String),
    /// The text has it more than once.
    #[error("more than one thing stands under `{0}`")]
    Twice(String),
    /// What stands there is no text.
    #[error("what stands under `{0}` is no version but a list, or has fields of its own")]
    Nest(String),
}

impl Key {
    /// Returns the key of a version in the file of a path.
    ///
    /// # Errors
    /// When the key is none, or files like it have none.
    pub fn of(path: &str, key: &str, kind: Kind) -> Result<Self, KeyError> {
        let syntax = Syntax::at(path).ok_or(KeyError::Unknown)?;
        if key.len() > LONGEST {
            let (why, at) = ("it is too long", LONGEST);
            return Err(KeyError::Syntax { why, at });
        }
        let steps = path::steps(key)?;
        if syntax == Syntax::Hcl && !matches!(steps.as_slice(), [Step::Field(_)]) {
            return Err(KeyError::Nested);
        }
        Ok(Self {
            text: key.to_owned(),
            steps,
            syntax,
            kind,
        })
    }

    /// Returns what the text says under the key: without a name, unless a whole image stands there.
    ///
    /// # Errors
    /// When the text is not what its name says, or has not one scalar under the key.
    pub fn read(&self, text: &str) -> Result<Reference, KeyError> {
        Limit::MANIFEST.check(text)?;
        resolved(text)?;
        match self.syntax {
            Syntax::Yaml | Syntax::Blocks => self.in_yaml(text),
            Syntax::Hcl => self.in_hcl(text),
        }
    }

    /// Returns the text in which it says another version, read again, as
    /// [`DeployFormat::moved`](super::DeployFormat::moved).
    ///
    /// # Errors
    /// When there is no version under the key, it can not move, or anything else would say something
    /// else afterwards.
    pub fn moved(&self, text: &str, to: &Move) -> Result<String, MoveError> {
        Ok(splice(text, &self.edits(text, to)?)?)
    }

    /// Returns the edits of [`Key::moved`], which were tried.
    ///
    /// # Errors
    /// As [`Key::moved`].
    pub fn edits(&self, text: &str, to: &Move) -> Result<Vec<Splice>, MoveError> {
        let read = |text: &str| match self.read(text) {
            Ok(one) => Ok(vec![one]),
            Err(KeyError::Unreadable(why)) => Err(why),
            Err(why) => Err(ReadError {
                message: why.to_string(),
                span: None,
            }),
        };
        let is_same = match self.syntax {
            Syntax::Yaml | Syntax::Blocks => is_same_yaml,
            Syntax::Hcl => is_same_hcl,
        };
        edits_by((&read, is_same), text, std::slice::from_ref(to))
    }

    fn in_yaml(&self, text: &str) -> Result<Reference, KeyError> {
        let yaml = Yaml::parse(text)?;
        let aliases = yaml.aliased();
        let at = |steps: &[Step]| -> Vec<_> {
            let all = yaml.documents();
            all.flat_map(|it| path::places(it, steps, &aliases))
                .collect()
        };
        let mut places = at(&self.steps);
        if let (Syntax::Blocks, [Step::Field(name)]) = (self.syntax, self.steps.as_slice()) {
            places.extend(at(
                &["variable", name, "default"].map(|it| Step::Field(it.to_owned()))
            ));
        }
        let (node, is_shared) = self.one(places)?;
        let piece = Piece::of(node).ok_or_else(|| KeyError::Nest(self.text.clone()))?;
        let mut found = Found::of(text);
        self.add(piece, &mut found);
        let mut reference = self.one(found.finish(&aliases, &Lines::of(text)))?;
        if is_shared {
            reference.shared = Sharing::Other;
        }
        Ok(reference)
    }

    fn in_hcl(&self, text: &str) -> Result<Reference, KeyError> {
        let values = hcl::values(text);
        let is_it = |it: &hcl::Value<'_>| {
            let name = it.variable();
            name.is_some_and(|it| self.steps == [Step::Field(it.to_owned())])
        };
        let all: Vec<_> = values.into_iter().filter(is_it).collect();
        if all.is_empty() {
            return Err(KeyError::Unquoted(self.text.clone()));
        }
        let it = self.one(all)?;
        let mut found = Found::of(text);
        self.add(it.text, &mut found);
        self.one(found.finish(&References::default(), &Lines::of(text)))
    }

    fn add(&self, piece: Piece<'_>, found: &mut Found<'_>) {
        found.below(&self.text, |found| found.add(self.draft(piece)));
    }

    fn draft<'a>(&self, piece: Piece<'a>) -> Draft<'a> {
        let image = Image::of(&piece).filter(|it| it.name.contains('/') && it.tag.is_some());
        if let Some(draft) = image.and_then(|_| Draft::image(&piece))
            && self.kind == Kind::Image
        {
            return draft;
        }
        let (version, digest) = match piece.split_once("@") {
            Some((version, digest)) => (version, Some(digest)),
            None if piece.text.starts_with("sha256:") => {
                return Draft {
                    digest: Some(piece),
                    ..Draft::of(self.kind, "", 0)
                };
            }
            None => (piece, None),
        };
        Draft {
            at: version.at,
            version: Some(version),
            digest,
            ..Draft::of(self.kind, "", 0)
        }
    }

    /// Returns the one thing that was found.
    fn one<T>(&self, mut all: Vec<T>) -> Result<T, KeyError> {
        let one = all
            .pop()
            .ok_or_else(|| KeyError::Missing(self.text.clone()))?;
        if all.is_empty() {
            Ok(one)
        } else {
            Err(KeyError::Twice(self.text.clone()))
        }
    }
}

impl Syntax {
    fn at(path: &str) -> Option<Self> {
        let ends = |all: &[&str]| all.iter().any(|it| path.ends_with(it));
        if ends(&[".pkr.json", ".tf.json", ".tofu.json"]) {
            Some(Self::Blocks)
        } else if ends(&[".yaml", ".yml", ".json"]) {
            Some(Self::Yaml)
        } else {
            ends(&[".hcl", ".tf", ".tofu", ".tfvars"]).then_some(Self::Hcl)
        }
    }
}

/// Returns whether another text of HCL says the same but for the strings that are spliced.
fn is_same_hcl(before: &str, after: &str, splices: &[Splice]) -> bool {
    let is_touched = |it: &hcl::Value<'_>| {
        let end = it.text.at + it.text.text.len();
        let inside = |at: &Splice| it.text.at <= at.span.start && at.span.end <= end;
        splices.iter().any(inside)
    };
    let (before, after) = (hcl::values(before), hcl::values(after));
    let is_same = |(a, b): (&hcl::Value<'_>, &hcl::Value<'_>)| {
        (a.block, a.name) == (b.block, b.name) && (a.text.text == b.text.text || is_touched(a))
    };
    before.len() == after.len() && before.iter().zip(&after).all(is_same)
}

#[cfg(test)]
mod tests;
