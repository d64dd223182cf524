//! `setup.cfg`, as setuptools reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::pep508;
use super::pins::{Pins, Site};
use super::pyproject::{in_file, is_placeholder, module_files};
use crate::{Format, Kind, Manifest, Package, Publish, ReadError, VersionField};

/// `setup.cfg`.
pub(super) struct SetupCfg;

/// The longest name of an extra: it is told again with every requirement of it.
const LONGEST: usize = crate::limits::TOML_KEY;

/// The lists of requirements in `[options]`.
const LISTS: &[(&str, &str, Kind)] = &[
    (
        "install_requires",
        "options.install_requires",
        Kind::Runtime,
    ),
    ("setup_requires", "options.setup_requires", Kind::Build),
    ("tests_require", "options.tests_require", Kind::Dev),
];

impl Format for SetupCfg {
    fn name(&self) -> &'static str {
        "setup.cfg"
    }

    fn reads(&self, file_name: &str) -> bool {
        file_name == "setup.cfg"
    }

    fn parse(&self, text: &str) -> Result<Manifest, ReadError> {
        let options = options(text)?;
        let at = |section: &str, key: &str| {
            let mut options = options.iter();
            options.find(|it| it.section == section && it.key == key)
        };
        let mut pins = Pins::default();
        for (key, section, kind) in LISTS {
            if let Some(option) = at("options", key) {
                collect(
                    text,
                    option,
                    Site {
                        section,
                        kind: *kind,
                    },
                    &mut pins,
                );
            }
        }
        for option in options
            .iter()
            .filter(|it| it.section == "options.extras_require")
        {
            if option.key.len() > LONGEST {
                return Err(ReadError {
                    message: format!("a key is longer than {LONGEST} bytes"),
                    span: Some(option.value.clone()),
                });
            }
            let section = &format!("options.extras_require.{}", option.key);
            collect(
                text,
                option,
                Site {
                    section,
                    kind: Kind::Optional,
                },
                &mut pins,
            );
        }
        let root = at("options", "package_dir").map(|it| root(text, it));
        let name = at("metadata", "name").and_then(|it| it.line(text));
        let package = name.map(|(name, _)| Package {
            name: name.to_owned(),
            version: at("metadata", "version").map_or(VersionField::Unknown, |it| {
                version(text, it, root.as_deref().unwrap_or("src"))
            }),
            publish: match at("metadata", "classifiers") {
                Some(it) if is_private(text, it) => Publish::Never,
                _ => Publish::Yes,
            },
        });
        Ok(Manifest {
            package,
            pins: pins.in_order(text),
            ..Manifest::default()
        })
    }
}

/// One key of a section, with the bytes of its value and of the lines that continue it.
struct Setting<'t> {
    section: &'t str,
    key: String,
    value: Range<usize>,
}

impl Setting<'_> {
    /// Returns the value of a key that has it on one line, and its bytes.
    fn line<'t>(&self, text: &'t str) -> Option<(&'t str, Range<usize>)> {
        let mut lines = lines(text, &self.value);
        let (line, span) = lines.next()?;
        lines.next().is_none().then_some((line, span))
    }
}

/// Returns the lines of a value that say something, each with its bytes.
fn lines<'t>(text: &'t str, value: &Range<usize>) -> impl Iterator<Item = (&'t str, Range<usize>)> {
    let mut at = value.start;
    let lines = text
        .get(value.clone())
        .unwrap_or_default()
        .split_inclusive('\n');
    let placed = lines.map(move |line| {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        let said = line.trim();
        (said, start..start + said.len())
    });
    placed.filter(|(line, _)| !line.is_empty() && !line.starts_with(['#', ';']))
}

/// Returns the settings of the file, in its order.
fn options(text: &str) -> Result<Vec<Setting<'_>>, ReadError> {
    let mut settings: Vec<Setting<'_>> = Vec::new();
    // A section counts as its number, however long its name is.
    let mut sections = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut section = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches('\u{feff}');
        let start = at + (line.len() - bare.len());
        at += line.len();
        let said = bare.trim();
        if said.is_empty() || said.starts_with(['#', ';']) {
            continue;
        }
        if bare.starts_with([' ', '\t']) {
            if let Some(setting) = settings.last_mut().filter(|_| section.is_some()) {
                setting.value.end = at;
            }
        } else if let Some(header) = said.strip_prefix('[').and_then(|it| it.split_once(']')) {
            let name = header.0.trim();
            let count = sections.len();
            section = Some((name, *sections.entry(name).or_insert(count)));
        } else if let Some(((section, number), split)) = section.zip(said.find(['=', ':'])) {
            let key = said.get(..split).unwrap_or_default().trim();
            let setting = Setting {
                section,
                key: key.to_ascii_lowercase(),
                value: start + split + 1..at,
            };
            if !seen.insert((number, setting.key.clone())) {
                return Err(ReadError {
                    message: format!("`{key}` stands twice in [{section}]"),
                    span: Some(start..at),
                });
            }
            settings.push(setting);
        } else {
            return Err(ReadError {
                message: "a line is neither a section, a key nor a part of a value".to_owned(),
                span: Some(start..at),
            });
        }
    }
    Ok(settings)
}

/// Adds the requirements of a list: one a line, or on one line parted by `;`.
fn collect(text: &str, setting: &Setting<'_>, site: Site<'_>, pins: &mut Pins) {
    let is_list = text
        .get(setting.value.clone())
        .is_some_and(|it| it.trim_end().contains('\n'));
    for (line, span) in lines(text, &setting.value) {
        let mut start = span.start;
        let parts: Vec<&str> = if is_list {
            vec![line]
        } else {
            line.split(';').collect()
        };
        for part in parts {
            let code = part.split(" #").next().unwrap_or_default();
            if let Some(pin) = pep508::pin(code, start, site) {
                pins.push(start, pin);
            }
            start += part.len() + 1;
        }
    }
}

/// Returns the folder below which modules lie: `package_dir = = src`.
fn root(text: &str, setting: &Setting<'_>) -> String {
    let mut rows = lines(text, &setting.value).filter_map(|(line, _)| line.split_once('='));
    let root = rows.find(|(package, _)| package.trim().is_empty());
    root.map_or("src", |(_, folder)| folder.trim().trim_matches('/'))
        .to_owned()
}

fn version(text: &str, setting: &Setting<'_>, root: &str) -> VersionField {
    let Some((said, span)) = setting.line(text) else {
        return VersionField::Unknown;
    };
    if let Some(attribute) = said.strip_prefix("attr:") {
        let Some((module, attribute)) = attribute.trim().rsplit_once('.') else {
            return VersionField::Unknown;
        };
        return in_file(module_files(module, root), attribute);
    }
    if let Some(files) = said.strip_prefix("file:") {
        return in_file(files.split(',').map(str::trim), "");
    }
    if is_placeholder(said) {
        return VersionField::Placeholder(said.to_owned());
    }
    match super::demand::version(said) {
        Some(_) => VersionField::Static {
            text: said.to_owned(),
            span,
        },
        None => VersionField::Unknown,
    }
}

fn is_private(text: &str, classifiers: &Setting<'_>) -> bool {
    lines(text, &classifiers.value).any(|(line, _)| line.starts_with("Private ::"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Form;

    const SAMPLE: &str = "\
# click==1
[metadata]
name = Flask-Caching
version = attr: flask_caching.__version__
classifiers =
    Programming Language :: Python

[options]
package_dir =
    = lib
install_requires =
    # click==2
    Jinja2>=3.1,<4
    click==8.1.3 ; python_version >= '3.8'
    flask @ git+https://git.example/flask@3.1.0
setup_requires = setuptools>=61; wheel==0.40

[options.extras_require]
redis =
    redis~=5.0
[tool:pytest]
addopts = -x click==8.1.3
";

    fn rows(text: &str) -> Vec<(String, String, Kind, usize)> {
        let pins = SetupCfg.read(text).unwrap().pins.into_iter();
        pins.map(|it| (it.name, it.requirement, it.kind, it.line))
            .collect()
    }

    #[test]
    fn every_list_of_requirements_is_read_in_place() {
        let crlf = SAMPLE.replace('\n', "\r\n");
        for text in [SAMPLE.to_owned(), crlf.clone(), format!("\u{feff}{crlf}")] {
            let row = |name: &str, requirement: &str, kind, line| {
                (name.to_owned(), requirement.to_owned(), kind, line)
            };
            assert_eq!(
                rows(&text),
                [
                    row("Jinja2", ">=3.1,<4", Kind::Runtime, 13),
                    row("click", "==8.1.3", Kind::Runtime, 14),
                    row("flask", "3.1.0", Kind::Runtime, 15),
                    row("setuptools", ">=61", Kind::Build, 16),
                    row("wheel", "==0.40", Kind::Build, 16),
                    row("redis", "~=5.0", Kind::Optional, 20),
                ]
            );
            let manifest = SetupCfg.read(&text).unwrap();
            assert_eq!(manifest.pins[2].form, Form::GitTag);
            let package = manifest.package.unwrap();
            assert_eq!(package.name, "Flask-Caching");
            let VersionField::File { paths, attribute } = package.version else {
                panic!("{:?}", package.version);
            };
            assert_eq!(attribute, "__version__");
            assert_eq!(paths[0], "lib/flask_caching/__init__.py");
        }
    }

    #[test]
    fn a_version_is_static_in_a_file_or_unknown() {
        let of = |version: &str| {
            let text = format!("[metadata]\nname = a\nversion {version}\n");
            SetupCfg.read(&text).unwrap().package.unwrap().version
        };
        let VersionField::Static { text, span } = of("= 1.2.3") else {
            panic!("it is static");
        };
        assert_eq!((text.as_str(), span), ("1.2.3", 30..35));
        assert!(
            matches!(of(": file: VERSION.txt"), VersionField::File { paths, .. } if paths == ["VERSION.txt"])
        );
        assert_eq!(of("= 0.0.0"), VersionField::Placeholder("0.0.0".to_owned()));
        assert_eq!(of("= attr: version"), VersionField::Unknown);
        assert_eq!(of("= 1.2\n  3"), VersionField::Unknown);
        assert_eq!(of("= $x"), VersionField::Unknown);
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error() {
        let error = SetupCfg.read("[a]\nx = 1\nX = 2\n").unwrap_err();
        assert!(error.message.contains("twice"), "{error}");
        let far = (0..2_000).fold("[a]\nx = 1\n".to_owned(), |it, nth| {
            it + &format!("y{nth} = 1\n")
        });
        assert!(SetupCfg.read(&(far + "[b]\n[a]\nx = 2\n")).is_err());
        assert!(SetupCfg.read("[a]\nx\n").is_err());
        assert!(SetupCfg.read("[a]\nx = 1\n[b]\nx = 1\n").is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_every_span_is_the_requirement(
            text in "(\\[options\\]\n|install_requires=|[a-z;# \\[\\]=0-9<>,:\r\n]){0,60}",
        ) {
            if let Ok(manifest) = SetupCfg.read(&text) {
                for pin in manifest.pins {
                    if let Some(span) = pin.span {
                        prop_assert_eq!(text.get(span), Some(&*pin.requirement));
                    }
                }
            }
        }
    }
}
