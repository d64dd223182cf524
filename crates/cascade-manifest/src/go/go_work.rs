//! `go.work`: the modules of a workspace, and what stands for what in all of them.

use super::module::ModFile;
use crate::manifest::Members;
use crate::{Format, Kind, Manifest, ReadError};

/// `go.work`.
pub(super) struct GoWork;

impl Format for GoWork {
    fn name(&self) -> &'static str {
        "go.work"
    }

    fn reads(&self, file_name: &str) -> bool {
        file_name == "go.work"
    }

    /// Returns the folders as members, and what replaces by a version as pins of the workspace.
    fn parse(&self, text: &str) -> Result<Manifest, ReadError> {
        let file = ModFile::read(text)?;
        let mut pins = file.pins();
        for pin in &mut pins {
            pin.kind = Kind::Workspace;
        }
        let include = file.uses.iter().map(|it| folder(it).to_owned());
        Ok(Manifest {
            pins,
            members: Members {
                include: include.collect(),
                exclude: Vec::new(),
            },
            ..Manifest::default()
        })
    }
}

/// Returns a folder without the `./` and the last `/` that it is written with.
fn folder(written: &str) -> &str {
    let bare = written.strip_prefix("./").unwrap_or(written);
    match bare.trim_end_matches('/') {
        "" => ".",
        folder => folder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_the_folders_and_replacements_are_pins() {
        let text = "go 1.22\ntoolchain go1.22.1\nuse .\nuse (\n\t./sub/ // a\n\t../beside\n)\n\
                    replace example.org/a => example.org/a v1.2.0\nreplace example.org/b => ./b\n";
        let read = GoWork.read(text).unwrap();
        assert_eq!(read.members.include, [".", "sub", "../beside"]);
        let [pin] = &read.pins[..] else {
            panic!("{:?}", read.pins);
        };
        let row = (
            pin.name.as_str(),
            pin.requirement.as_str(),
            pin.kind,
            pin.line,
        );
        assert_eq!(row, ("example.org/a", "v1.2.0", Kind::Workspace, 8));
        assert_eq!(read.package, None);
    }
}
