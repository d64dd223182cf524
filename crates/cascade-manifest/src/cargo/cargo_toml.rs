//! `Cargo.toml`: the package, its workspace, and the pins of every dependency table.

use crate::manifest::Members;
use crate::toml::{Node, Text, Toml};
use crate::version::is_placeholder;
use crate::{Format, Manifest, Package, Publish, ReadError, Scheme, Version, VersionField};

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

    fn parse(&self, text: &str) -> Result<Manifest, ReadError> {
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
            shared_publish: root
                .find(&["workspace", "package", "publish"])
                .map(published),
            ..Manifest::default()
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
        publish: match table.get("publish") {
            // Cargo publishes nothing that says no version.
            _ if version.is_none() => Publish::Never,
            Some(publish) => published(publish),
            None => Publish::Yes,
        },
    })
}

/// Returns what the version text of a package says.
fn stated(text: &Text<'_>) -> VersionField {
    if is_placeholder(text.value) {
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

/// Returns what `publish` says: `false` and an empty list name no registry at all.
fn published(publish: Node<'_>) -> Publish {
    let nowhere = publish.is_array() && publish.items().is_empty();
    if publish.bool_at("workspace") == Some(true) {
        Publish::Inherited
    } else if publish.bool() == Some(false) || nowhere {
        Publish::Never
    } else {
        Publish::Yes
    }
}

fn strings(array: Option<Node<'_>>) -> Vec<String> {
    let items = array.map(Node::items).unwrap_or_default();
    let strings = items.into_iter().filter_map(Node::string);
    strings.map(|it| it.value.to_owned()).collect()
}

#[cfg(test)]
mod tests;
