//! The program that is compared.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns where cascade is, built once in the profile of this program.
pub(crate) fn cascade() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(built)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this program builds the one that it tries"
)]
fn built() -> PathBuf {
    let here = std::env::current_exe().expect("this program is somewhere");
    let folder = here.ancestors().nth(2).expect("the profile's folder");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--locked", "-p", "cascade"]);
    build.args(["--bin", "cascade"]);
    if folder.ends_with("release") {
        build.arg("--release");
    }
    let done = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(done.is_ok_and(|it| it.success()), "cascade can be built");
    folder.join("cascade")
}
