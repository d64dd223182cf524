//! `Cargo.toml`: the package, its workspace, and the pins of every dependency table.

use crate::manifest::Members;
use crate::toml::{Node, Text, Toml};
use crate::{Format, Manifest, Package, ReadError, Scheme, Version, VersionField};

use super::dependency::Dependencies;

/// `Cargo.toml`.
pub(super) struct CargoToml;

impl Format for CargoToml {
    fn name(&self) -> &'static str {
        "Cargo.toml"
    }

    fn reads(&self, file_name: &str) -> bool {
        file_name == "Cargo.toml"
    }

    fn read(&self, text: &str) -> Result<Manifest, ReadError> {
        let toml = Toml::parse(text)?;
        let root = toml.root();
        let shared = root.find(&["workspace", "package", "version"]);
        // Cargo called the table `project` once; old tags still do.
        let table = root.get("package").or_else(|| root.get("project"));
        Ok(Manifest {
            package: table.and_then(package),
            pins: Dependencies::read(&toml).into_pins(text),
            members: Members {
                include: strings(root.find(&["workspace", "members"])),
                exclude: strings(root.find(&["workspace", "exclude"])),
            },
            shared_version: shared.and_then(Node::string).map(|it| stated(&it)),
        })
    }
}

fn package(table: Node<'_>) -> Option<Package> {
    let version = table.get("version");
    let inherited = version.and_then(|it| it.bool_at("workspace"));
    Some(Package {
        name: table.string_at("name")?.value.to_owned(),
        version: match version.and_then(Node::string) {
            Some(text) => stated(&text),
            None if inherited == Some(true) => VersionField::Inherited,
            None => VersionField::Unknown,
        },
        private: table.get("publish").is_some_and(never),
    })
}

/// Returns what the version text of a package says.
fn stated(text: &Text<'_>) -> VersionField {
    if text.value == "0.0.0" || text.value.starts_with("0.0.0-dev") {
        return VersionField::Placeholder(text.value.to_owned());
    }
    match (text.editable(), Version::parse(Scheme::Semver, text.value)) {
        (Some(span), Some(_)) => VersionField::Static {
            text: text.value.to_owned(),
            span,
        },
        _ => VersionField::Unknown,
    }
}

/// Returns whether `publish` names no registry at all.
fn never(publish: Node<'_>) -> bool {
    publish.bool() == Some(false) || (publish.is_array() && publish.items().is_empty())
}

fn strings(array: Option<Node<'_>>) -> Vec<String> {
    let items = array.map(Node::items).unwrap_or_default();
    let strings = items.into_iter().filter_map(Node::string);
    strings.map(|it| it.value.to_owned()).collect()
}

#[cfg(test)]
mod tests;
