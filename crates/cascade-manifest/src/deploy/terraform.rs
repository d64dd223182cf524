//! Terraform, OpenTofu and Terragrunt: where modules come from.

use std::collections::BTreeMap;

use super::{Draft, Found, Piece, address, file_name, hcl};
use crate::Kind;

pub(super) fn is_at(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|it| it.1);
    matches!(ending, Some("tf" | "tofu")) || file_name(path) == "terragrunt.hcl"
}

pub(super) fn read(text: &str, found: &mut Found<'_>) {
    let mut modules: BTreeMap<usize, Module<'_>> = BTreeMap::new();
    for it in hcl::values(text) {
        if matches!(it.block.word, "module" | "terraform") {
            let module = modules.entry(it.block.nth).or_default();
            module.set(it.name, it.text);
        }
    }
    for module in modules.into_values() {
        found.below("module", |found| module.add(found));
    }
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
