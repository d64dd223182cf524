//! The page of `cascade drift`, in a real Chromium: accessibility by axe, requests, dialogs, sorting,
//! filtering, the keyboard, paper, and what it is without a script.
//!
//! `CASCADE_BROWSER=1` runs it; it needs `chromium`, `node` and `npm` (for axe and a driver, into a
//! scratch folder). Pictures of what was seen go to `target/browser`, or where `CASCADE_PICTURES` says.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "a browser beside the program")]

#[path = "../../crates/cascade/src/report/drift/html/sample.rs"]
mod sample;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cascade_plan::drift::Drift;

#[test]
fn the_page_in_a_browser() {
    let Some(chromium) = chromium() else {
        println!("skipped: CASCADE_BROWSER is not set, or there is no chromium");
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    let scratch = scratch.path();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser");
    fs::copy(here.join("package.json"), scratch.join("package.json")).unwrap();
    let npm = ["install", "--silent", "--no-audit", "--no-fund"];
    if !run(Command::new("npm").args(npm).current_dir(scratch)).0 {
        println!("skipped: npm can not install axe-core and puppeteer-core");
        return;
    }
    let all = [
        ("small", sample::drift()),
        ("hostile", sample::hostile()),
        ("many", sample::many(500)),
    ];
    for (name, drift) in &all {
        page(scratch, name, drift);
    }
    let mut drive = Command::new("node");
    drive.arg(here.join("drive.mjs")).arg(scratch).arg(chromium);
    drive.arg(scratch).arg(pictures());
    let (done, said) = run(&mut drive);
    println!("{said}");
    assert!(done, "{said}");
    assert!(said.lines().filter(|it| it.starts_with("ok ")).count() >= 20);
}

/// Writes a page as people get it: from the report as JSON, by the program.
fn page(folder: &Path, name: &str, drift: &Drift) {
    let json = folder.join(format!("{name}.json"));
    fs::write(&json, serde_json::to_string(drift).unwrap()).unwrap();
    let mut cascade = Command::new(env!("CARGO_BIN_EXE_cascade"));
    cascade.args(["drift", "--format", "html", "--from"]);
    cascade.arg(&json).arg("--out");
    cascade.arg(folder.join(format!("{name}.html")));
    let (_, said) = run(&mut cascade);
    assert!(folder.join(format!("{name}.html")).exists(), "{said}");
}

/// Returns the browser, where one is wanted and there.
fn chromium() -> Option<PathBuf> {
    env::var_os("CASCADE_BROWSER")?;
    let path = env::var_os("PATH")?;
    let folders = env::split_paths(&path);
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut all = folders.flat_map(|it| names.map(|name| it.join(name)));
    all.find(|it| it.is_file())
}

/// Returns the folder for pictures.
fn pictures() -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/browser");
    env::var_os("CASCADE_PICTURES").map_or(target, PathBuf::from)
}

/// Runs a command; returns whether it succeeded, and what it said.
fn run(command: &mut Command) -> (bool, String) {
    let Ok(out) = command.output() else {
        return (false, String::new());
    };
    let said = [out.stdout, out.stderr].concat();
    (
        out.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}
