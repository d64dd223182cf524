//! Terraform, OpenTofu and Terragrunt: where modules come from, the charts that are installed, and the
//! images in any of their strings.

use super::hcl::{self, Row, Variables};
use super::{Draft, Found, Piece, address, file_name, values};
use crate::Kind;

pub(super) fn is_at(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|it| it.1);
    matches!(ending, Some("tf" | "tofu" | "tfvars")) || file_name(path) == "terragrunt.hcl"
}

pub(super) fn read(text: &str, found: &mut Found<'_>) {
    let strings = hcl::strings(text);
    let variables = Variables::of(&strings);
    for block in strings.chunk_by(|a, b| a.block == b.block) {
        let word = block.first().map_or("", |it| it.block.word);
        let label = block.first().map_or("", |it| it.block.label);
        match (word, label) {
            ("module" | "terraform", _) => module(block, found),
            ("resource", "helm_release") => release(block, found),
            _ => {}
        }
        for (_, row) in hcl::rows(block) {
            found.below(word, |found| pair(&row, found));
        }
    }
    hcl::images(&strings, &variables, found);
}

fn module(block: &[hcl::Value<'_>], found: &mut Found<'_>) {
    let mut module = Module::default();
    for it in block.iter().filter(|it| it.is_plain()) {
        module.set(it.name, it.text.clone());
    }
    found.below("module", |found| module.add(found));
}

/// Adds the chart of a release, and the images that it is set to.
fn release(block: &[hcl::Value<'_>], found: &mut Found<'_>) {
    let mut set = Row::default();
    let mut own = Row::default();
    for (within, row) in hcl::rows(block) {
        match (within, row.get("name"), row.get("value")) {
            ("set", Some(name), Some(value)) => drop(set.insert(name.text, value.clone())),
            ("resource", ..) => own.extend(row),
            _ => {}
        }
    }
    found.below("helm_release", |found| {
        // Without a repository a path is one of this folder.
        let is_beside = |it: &&Piece<'_>| {
            let is_path = it.text.contains('/') && !it.text.contains("://");
            is_path && !own.contains_key("repository")
        };
        if let Some(chart) = own.get("chart").filter(|it| !is_beside(it)) {
            found.add(Draft {
                version: own.get("version").cloned(),
                by_helm: true,
                ..Draft::chart(chart, own.get("repository").map(|it| it.text))
            });
        }
        found.below("set", |found| values::settings(&set, found));
    });
}

/// Adds the image whose repository and tag stand within the same brackets.
fn pair(row: &Row<'_>, found: &mut Found<'_>) {
    let (Some(repository), Some(tag)) = (row.get("repository"), row.get("tag")) else {
        return;
    };
    found.add(Draft {
        version: Some(tag.clone()),
        digest: row.get("digest").cloned(),
        ..Draft::of(
            Kind::Image,
            values::named(row.get("registry"), Some(repository)),
            repository.at,
        )
    });
}

/// What a module block says, or the block of Terragrunt that names the one module of its folder.
#[derive(Default)]
struct Module<'t> {
    source: Option<Piece<'t>>,
    version: Option<Piece<'t>>,
}

impl<'t> Module<'t> {
    fn set(&mut self, name: &str, text: Piece<'t>) {
        match name {
            "source" => self.source = Some(text),
            "version" => self.version = Some(text),
            _ => {}
        }
    }

    /// Adds the module, if it comes from another repository or a registry.
    fn add(self, found: &mut Found<'_>) {
        let Some(source) = self.source else { return };
        let is_beside = source.text.starts_with("./") || source.text.starts_with("../");
        if is_beside {
            return;
        }
        if address::is_remote(source.text) {
            let wanted = address::wanted(&source);
            return found.add(Draft::git(Kind::Module, &source, wanted));
        }
        let name = source.text.split("//").next().unwrap_or_default();
        let parts = name.split('/').count();
        if matches!(parts, 3 | 4) && !name.contains(':') {
            found.add(Draft {
                version: self.version,
                ..Draft::of(Kind::Module, name.to_owned(), source.at)
            });
        }
    }
}
