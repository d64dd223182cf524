//! `pyproject.toml`.

use super::pins::Pins;
use crate::toml::{Node, Toml};
use crate::{Format, Manifest, Members, ReadError};

mod dependencies;
mod origin;
mod package;
mod poetry;

pub(super) use package::{in_file, is_placeholder, module_files, package, wiring};

/// `pyproject.toml`.
pub(super) struct Pyproject;

impl Format for Pyproject {
    fn name(&self) -> &'static str {
        "pyproject.toml"
    }

    fn reads(&self, file_name: &str) -> bool {
        file_name == "pyproject.toml"
    }

    fn parse(&self, text: &str) -> Result<Manifest, ReadError> {
        let toml = Toml::parse(text)?;
        let document = Document { text, toml };
        let root = document.toml.root();
        let mut pins = Pins::default();
        dependencies::collect(&document, &mut pins);
        poetry::collect(&document, &mut pins);
        origin::collect(&document, &mut pins);
        Ok(Manifest {
            package: package::package(root),
            pins: pins.in_order(text),
            members: members(root),
            ..Manifest::default()
        })
    }
}

/// A manifest that is being read.
struct Document<'t> {
    text: &'t str,
    toml: Toml<'t>,
}

/// Returns the members of a uv workspace.
fn members(root: Node<'_>) -> Members {
    let globs = |key| {
        let array = root.find(&["tool", "uv", "workspace", key]);
        let items = array.map(Node::items).unwrap_or_default();
        let strings = items.into_iter().filter_map(Node::string);
        strings.map(|it| it.value.to_owned()).collect()
    };
    Members {
        include: globs("members"),
        exclude: globs("exclude"),
    }
}

#[cfg(test)]
mod tests;
