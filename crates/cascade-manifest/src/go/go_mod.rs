//! `go.mod`: the module, what it requires, what stands for what.

use super::module::ModFile;
use crate::{Format, Manifest, Package, Publish, ReadError, VersionField};

/// `go.mod`.
pub(super) struct GoMod;

impl Format for GoMod {
    fn name(&self) -> &'static str {
        "go.mod"
    }

    fn reads(&self, file_name: &str) -> bool {
        file_name == "go.mod"
    }

    fn parse(&self, text: &str) -> Result<Manifest, ReadError> {
        let file = ModFile::read(text)?;
        let package = file.module.as_ref().map(|it| Package {
            name: it.value.clone().into_owned(),
            version: VersionField::Vcs("go"),
            publish: Publish::Yes,
        });
        Ok(Manifest {
            package,
            pins: file.pins(),
            ..Manifest::default()
        })
    }
}

#[cfg(test)]
mod tests;
