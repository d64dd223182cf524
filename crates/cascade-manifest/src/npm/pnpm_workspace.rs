//! `pnpm-workspace.yaml` and the catalogues of `.yarnrc.yml`.

use super::overrides::{self, Target};
use super::spec::Spec;
use crate::json::Lines;
use crate::yaml::{Node, Scalar, Word, Yaml};
use crate::{Format, Kind, Manifest, Members, Pin, ReadError};

/// `pnpm-workspace.yaml`: the members, the catalogues and the overrides.
pub(super) struct PnpmWorkspace;

impl Format for PnpmWorkspace {
    fn name(&self) -> &'static str {
        "pnpm-workspace.yaml"
    }

    fn reads(&self, file_name: &str) -> bool {
        file_name == "pnpm-workspace.yaml"
    }

    fn parse(&self, text: &str) -> Result<Manifest, ReadError> {
        let yaml = Yaml::parse(text)?;
        let lines = Lines::of(text);
        let mut manifest = rows(&yaml, &lines);
        if let Some(root) = yaml.root() {
            let forced = root.get("overrides").map(Node::followed);
            for (key, value) in forced.into_iter().flat_map(Node::entries) {
                let target = Target::pnpm(key);
                let read = |text: &str| overrides::spec(&target, text);
                let pin = pin("overrides", target.name, (value, &read), &lines);
                manifest.pins.push(pin);
            }
            manifest.members = members(root);
        }
        manifest.pins.sort_by_key(|it| it.line);
        Ok(manifest)
    }
}

/// `.yarnrc.yml`: settings, among which the catalogues.
pub(super) struct YarnSettings;

impl Format for YarnSettings {
    fn name(&self) -> &'static str {
        ".yarnrc.yml"
    }

    fn reads(&self, file_name: &str) -> bool {
        file_name == ".yarnrc.yml"
    }

    fn parse(&self, text: &str) -> Result<Manifest, ReadError> {
        let yaml = Yaml::parse(text)?;
        let mut manifest = rows(&yaml, &Lines::of(text));
        if yaml.root().is_some() {
            manifest.members.include.push(ROOT.to_owned());
        }
        Ok(manifest)
    }
}

/// The folder of the file itself, which is always a member.
const ROOT: &str = ".";

/// Returns the rows of the catalogues.
fn rows(yaml: &Yaml<'_>, lines: &Lines) -> Manifest {
    let mut pins = Vec::new();
    for (section, table) in yaml.root().into_iter().flat_map(catalogues) {
        for (name, value) in table.followed().entries() {
            pins.push(pin(&section, name, (value, &Spec::of), lines));
        }
    }
    Manifest {
        pins,
        ..Manifest::default()
    }
}

/// Returns the catalogues, by the sections that they are.
pub(super) fn catalogues(root: Node<'_>) -> Vec<(String, Node<'_>)> {
    let unnamed = root.get("catalog").map(|it| ("catalog".to_owned(), it));
    let named = root.get("catalogs").map(Node::followed);
    let named = named.into_iter().flat_map(Node::entries);
    let named = named.map(|(name, it)| (format!("catalogs.{name}"), it));
    unnamed.into_iter().chain(named).collect()
}

/// Returns the pin of a row. A value that stands elsewhere (an alias), that others refer to,
/// or that YAML takes for something else than a string is never edited.
fn pin(
    section: &str,
    name: &str,
    (value, read): (Node<'_>, &dyn Fn(&str) -> Spec),
    lines: &Lines,
) -> Pin {
    let scalar = value.scalar().filter(|it| it.word() == Word::Text);
    let content = scalar
        .filter(|_| !value.is_anchored())
        .and_then(Scalar::content);
    let said = value.followed().str().unwrap_or_default();
    let spec = match &content {
        Some(_) => read(said),
        None => Spec::opaque(said),
    };
    let start = content.map_or(value.span().start, |it| it.start);
    Pin {
        name: spec.name.unwrap_or_else(|| name.to_owned()),
        kind: Kind::Workspace,
        section: section.to_owned(),
        requirement: spec.requirement,
        span: spec.within.map(|it| it.start + start..it.end + start),
        line: lines.line(start),
        form: spec.form,
        source: spec.source,
    }
}

fn members(root: Node<'_>) -> Members {
    let mut members = Members {
        include: vec![ROOT.to_owned()],
        exclude: Vec::new(),
    };
    let globs = root.get("packages").map(Node::followed);
    let globs = globs.into_iter().flat_map(Node::elements);
    for glob in globs.filter_map(|it| it.followed().str()) {
        let (side, glob) = match glob.strip_prefix('!') {
            Some(rest) => (&mut members.exclude, rest),
            None => (&mut members.include, glob),
        };
        let glob = glob.strip_prefix("./").unwrap_or(glob);
        let glob = glob.trim_end_matches('/');
        if glob != ROOT && !glob.is_empty() {
            side.push(glob.to_owned());
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Splice, verified};

    const TEXT: &str = "\u{feff}packages: # all\r\n  - 'pkgs/*'\r\n  - ./tools/x/\r\n  - '!**/test'\r\n\
        catalog:\r\n  core: ^1.4.2 # not \"2\"\r\n  '@f/x': \"npm:@f/y@~1.4\"\r\n  n: 1.4\r\n  e: '1.4.2'\r\n  w: workspace:*\r\n\
        catalogs: {old: {core: 1.0.0}, other: {}}\r\noverrides:\r\n  a>core: 1.4.2\r\n  core@1: 1.4.2\r\n  z: $z\r\n";

    fn read(text: &str) -> Manifest {
        PnpmWorkspace.read(text).unwrap()
    }

    #[test]
    fn catalogues_and_overrides_are_rows_of_the_workspace() {
        let manifest = read(TEXT);
        let rows: Vec<_> = manifest
            .pins
            .iter()
            .map(|it| {
                (
                    it.section.as_str(),
                    it.name.as_str(),
                    it.requirement.as_str(),
                    it.span.is_some(),
                    it.line,
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("catalog", "core", "^1.4.2", true, 6),
                ("catalog", "@f/y", "~1.4", true, 7),
                ("catalog", "n", "1.4", false, 8),
                ("catalog", "e", "1.4.2", true, 9),
                ("catalog", "w", "workspace:*", false, 10),
                ("catalogs.old", "core", "1.0.0", true, 11),
                ("overrides", "core", "1.4.2", true, 13),
                ("overrides", "core", "1.4.2", false, 14),
                ("overrides", "z", "$z", false, 15),
            ]
        );
        assert!(manifest.pins.iter().all(|it| !it.kind.orders()));
        assert_eq!(manifest.members.include, [".", "pkgs/*", "tools/x"]);
        assert_eq!(manifest.members.exclude, ["**/test"]);
    }

    #[test]
    fn what_yaml_would_read_as_another_type_is_refused() {
        let span = read(TEXT)
            .pins
            .iter()
            .find(|it| it.requirement == "^1.4.2")
            .and_then(|it| it.span.clone())
            .unwrap();
        for to in ["2", "2.1", ">=2", "2: 1", "*"] {
            let splice = Splice {
                span: span.clone(),
                to: to.to_owned(),
            };
            assert!(verified(&PnpmWorkspace, TEXT, &[splice]).is_err(), "{to}");
        }
        let splice = Splice {
            span,
            to: "^2.1.0".to_owned(),
        };
        let new = verified(&PnpmWorkspace, TEXT, &[splice]).unwrap();
        assert_eq!(new, TEXT.replace("^1.4.2 #", "^2.1.0 #"));
    }

    #[test]
    fn an_alias_is_shown_and_never_edited() {
        let manifest = read("catalog: &c\n  a: &v 1.4.2\n  b: *v\ncatalogs:\n  old: *c\n");
        let spans: Vec<_> = manifest
            .pins
            .iter()
            .map(|it| (it.section.as_str(), it.name.as_str(), it.span.is_some()))
            .collect();
        assert_eq!(
            spans,
            [
                ("catalog", "a", false),
                ("catalogs.old", "a", false),
                ("catalog", "b", false),
                ("catalogs.old", "b", false)
            ]
        );
    }

    #[test]
    fn settings_without_rows_are_fine() {
        assert_eq!(read("").pins, []);
        let yarn = YarnSettings
            .read("nodeLinker: pnp\ncatalog:\n  a: ^1.0.0\n")
            .unwrap();
        assert_eq!((yarn.pins.len(), yarn.members.include.len()), (1, 1));
    }
}
