//! `go.mod`: the module, what it requires, what stands for what.

use super::module::ModFile;
use crate::{Format, Manifest, ReadError};

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
        Ok(ModFile::read(text)?.manifest())
    }
}

#[cfg(test)]
mod tests;
