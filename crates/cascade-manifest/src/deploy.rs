//! What deploys: the images, charts, actions, modules and submodules that a text refers to, and in
//! which version.
//!
//! A text is read for *references*. Each stands on bytes of its own: an edit replaces the version in
//! one scalar or one line, the text is read again, and everything else in it has to say the same.
//! Nothing is guessed: what names no version (a branch, `latest`, a template) is shown and stays, and
//! so does what is written in a shape that is not known. What is held by a digest or a commit moves
//! together with it, and never without.
//!
//! ```
//! use cascade_manifest::deploy::{Move, format_at};
//! let format = format_at("deploy/kustomization.yaml", &|_| false).unwrap();
//! let text = "images:\n- name: registry.example/acme/api\n  newTag: v1.4.2 # ours\n";
//! let [image] = &format.read(text)?[..] else { panic!("one image") };
//! assert_eq!((image.name.as_str(), image.version.as_str()), ("registry.example/acme/api", "v1.4.2"));
//! let moved = format.moved(text, &[Move::of(image, "v2.1.0").unwrap()]);
//! assert_eq!(moved.unwrap(), text.replace("v1.4.2", "v2.1.0"));
//! # Ok::<(), cascade_manifest::ReadError>(())
//! ```

mod actions;
mod address;
mod argo;
mod chart;
mod chart_index;
mod compose;
mod dockerfile;
mod edit;
mod expanded;
mod flux;
mod found;
mod gitlab;
mod hcl;
mod image;
mod key;
mod kustomize;
mod objects;
mod packer;
mod piece;
mod pre_commit;
mod range;
mod spelling;
mod stay;
mod submodules;
mod tekton;
mod terraform;
mod values;

#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

use crate::json::Lines;
use crate::yaml::Yaml;
use crate::{ALL, Kind, Limit, ReadError, resolved};

pub use self::address::{address, address_from};
pub use self::argo::{Application, applications};
pub use self::chart_index::chart_listing;
pub use self::edit::{How, Move, MoveError};
pub use self::image::image_name;
pub use self::key::{Key, KeyError};
pub use self::range::{range_admits, range_named, ranged};
pub use self::spelling::{Says, respelled, says, variant};
pub use self::stay::Unmoved;

use self::expanded::Expanded;
use self::found::{Draft, Found, References};
use self::image::Image;
use self::piece::{Host, LONGEST, Piece};

/// One thing that a text refers to, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What is referred to.
    pub kind: Kind,
    /// Its name: an image's repository without tag, a chart's name, `owner/repo` of an action, the
    /// [`address`] of a module or submodule; empty where the text does not say it (a tag alone).
    pub name: String,
    /// Where it is taken from, as written: the repository of a chart.
    pub origin: Option<String>,
    /// The folder of a submodule, in which git's tree says its commit, or the one of a repository that
    /// an application of Argo CD brings out; `None` for anything else, and where the text names none
    /// inside of the repository.
    pub folder: Option<String>,
    /// What kind of version the text names.
    pub says: Says,
    /// The version as written, with its `v`; empty where there is none.
    pub version: String,
    /// The bytes of `version`; `None` where there are none to edit.
    pub span: Option<Range<usize>>,
    /// What holds it, whatever its version says.
    pub held: Option<Held>,
    /// The 1-based line of the version, also of an empty one; without one, that of the name.
    pub line: usize,
    /// The keys or the instruction that it stands under: `spec.template.spec.containers`, `FROM`.
    pub section: String,
    /// How its bytes are written.
    host: Host,
    /// What stands before and behind the version in the tag of an image, written elsewhere: the words
    /// around an argument (`${TAG}-alpine`).
    around: Around,
    /// Who else stands on the same bytes.
    shared: Sharing,
    /// Whether two digests hold it.
    held_twice: bool,
}

/// What stands before and behind a piece of a text.
type Around = [String; 2];

/// Who else stands on the bytes of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sharing {
    /// Nobody.
    Alone,
    /// Others that move with it, for which whoever moves it answers.
    Together,
    /// Other references, each of which was read.
    Read,
    /// Something else.
    Other,
}

/// What holds a reference to the same bytes for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is.
    pub by: Hold,
    /// As written: `sha256:...`, forty hexadecimal digits.
    pub text: String,
    /// Its bytes; `None` where there are none to edit.
    pub span: Option<Range<usize>>,
    /// Whether the version is told in a comment behind it (`# v1.4.2`).
    pub commented: bool,
    /// How its bytes are written.
    host: Host,
}

/// What kind of thing holds a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The digest of an image or chart.
    Digest,
    /// A commit of git.
    Commit,
}

/// A format of files that deploy.
pub struct DeployFormat {
    /// Its name, as people say it: `kustomization.yaml`.
    pub name: &'static str,
    /// Whether a file of this path is of it.
    reads: fn(&str) -> bool,
    parse: Parse,
}

/// How a text is read.
enum Parse {
    /// As YAML.
    Yaml(fn(&Yaml<'_>, &mut Found<'_>)),
    /// As YAML, where nothing tells it from a template but what stands in it.
    PerhapsTemplate(fn(&Yaml<'_>, &mut Found<'_>)),
    /// Line by line.
    Lines(fn(&str, &mut Found<'_>)),
}

/// Every format: of several that read a path the first is meant.
pub static FORMATS: &[DeployFormat] = &[
    of_yaml("workflow", actions::is_at, actions::read),
    of_yaml(
        ".pre-commit-config.yaml",
        pre_commit::is_at,
        pre_commit::read,
    ),
    of_yaml(".gitlab-ci.yml", gitlab::is_at, gitlab::read),
    of_yaml("Chart.yaml", chart::is_at, chart::read),
    of_yaml("kustomization.yaml", kustomize::is_at, kustomize::read),
    of_yaml("compose.yaml", compose::is_at, compose::read),
    of_yaml("values.yaml", values::is_at, values::read),
    of_lines("Dockerfile", dockerfile::is_at, dockerfile::read),
    of_lines("Terraform", terraform::is_at, terraform::read),
    of_lines("Packer", packer::is_at, packer::read),
    of_yaml("Packer JSON", packer::is_json_at, packer::read_json),
    of_lines(".gitmodules", submodules::is_at, submodules::read),
    DeployFormat {
        name: "manifest",
        reads: objects::is_at,
        parse: Parse::PerhapsTemplate(objects::read),
    },
];

const fn of_yaml(
    name: &'static str,
    reads: fn(&str) -> bool,
    read: fn(&Yaml<'_>, &mut Found<'_>),
) -> DeployFormat {
    DeployFormat {
        name,
        reads,
        parse: Parse::Yaml(read),
    }
}

const fn of_lines(
    name: &'static str,
    reads: fn(&str) -> bool,
    read: fn(&str, &mut Found<'_>),
) -> DeployFormat {
    DeployFormat {
        name,
        reads,
        parse: Parse::Lines(read),
    }
}

/// Returns the format that reads the file of a path in its repository; `None` for what deploys
/// nothing and for the templates of a chart, which are no YAML. `is_file` tells whether a path of
/// the repository is a file.
pub fn format_at(path: &str, is_file: &dyn Fn(&str) -> bool) -> Option<&'static DeployFormat> {
    let format = FORMATS.iter().find(|it| (it.reads)(path))?;
    let name = file_name(path);
    let is_other = |it: &&crate::Ecosystem| it.format(name).is_some() || it.lock(name).is_some();
    (!ALL.iter().any(is_other) && !is_template(path, is_file)).then_some(format)
}

/// Returns whether a file is a template of a chart.
fn is_template(path: &str, is_file: &dyn Fn(&str) -> bool) -> bool {
    const FOLDER: &str = "templates/";
    let folders = path.match_indices(FOLDER).map(|(at, _)| path.get(..at));
    let mut charts = folders
        .flatten()
        .filter(|it| it.is_empty() || it.ends_with('/'));
    charts.any(|it| is_file(&format!("{it}Chart.yaml")))
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Returns the name of a YAML file without its ending.
fn yaml_stem(path: &str) -> Option<&str> {
    let name = file_name(path);
    name.strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))
}

impl DeployFormat {
    /// Returns what the text refers to, in its order. All spans are byte ranges of `text`, a BOM
    /// included. What is a template instead of YAML refers to nothing.
    ///
    /// # Errors
    /// When the text is larger than [`Limit::MANIFEST`], a merge in it is not resolved, or it is not
    /// of this format, has a duplicate key, or is nested too deep.
    pub fn read(&self, text: &str) -> Result<Vec<Reference>, ReadError> {
        Limit::MANIFEST.check(text)?;
        resolved(text)?;
        let mut found = Found::of(text);
        let aliases = match self.parse {
            Parse::Lines(read) => {
                read(text, &mut found);
                References::default()
            }
            Parse::Yaml(read) | Parse::PerhapsTemplate(read) => match Yaml::parse(text) {
                Ok(yaml) => {
                    read(&yaml, &mut found);
                    yaml.aliased()
                }
                Err(_) if self.may_be_template() && text.contains(BRACES) => return Ok(Vec::new()),
                Err(why) => return Err(why),
            },
        };
        Ok(found.finish(&aliases, &Lines::of(text)))
    }

    /// Returns whether only the text can tell that it is a template.
    fn may_be_template(&self) -> bool {
        matches!(self.parse, Parse::PerhapsTemplate(_))
    }

    /// Returns whether texts of this format are YAML.
    fn is_yaml(&self) -> bool {
        !matches!(self.parse, Parse::Lines(_))
    }
}

/// What opens an expression of a template.
const BRACES: &str = "{{";

impl fmt::Debug for DeployFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
