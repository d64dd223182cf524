//! `Chart.lock`: its ecosystem is none of the engine's yet, so its bumps are records of what Helm
//! wrote, and the native way is asked directly.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use cascade_manifest::Fallback;

use crate::bump::{Outcome, Tried, first_difference};
use crate::recorded::Recorded;

/// The name of the lock.
pub(crate) const LOCK: &str = "Chart.lock";

/// Makes every recorded bump natively, and holds it against what Helm wrote.
pub(crate) fn tried() -> Vec<Tried> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = folder.join("../cascade-manifest/fuzz/corpus/bumps");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the records")
        .map(|it| it.expect("a record").path())
        .filter(|it| {
            it.file_name()
                .is_some_and(|it| it.to_string_lossy().starts_with("Chart-"))
        })
        .collect();
    paths.sort();
    paths.iter().map(|it| one(it)).collect()
}

fn one(path: &Path) -> Tried {
    let bump = Recorded::read(&fs::read_to_string(path).expect("a record"));
    let format = bump.format().expect("a known lock");
    let start = Instant::now();
    let native = bump.rewritten(format, &bump.lock);
    let time = start.elapsed();
    let tool = bump.after.as_deref().unwrap_or_default();
    let outcome = match native {
        Ok(native) if native == tool => Outcome::Equal,
        Ok(native) => Outcome::Different(first_difference(&native, tool)),
        Err(Fallback(why)) => Outcome::FellBack(why),
    };
    let stem = path.file_stem().expect("a name").to_string_lossy();
    Tried {
        what: stem.trim_start_matches("Chart-lock-").replace('-', " "),
        outcome,
        native: time,
        tool: Duration::ZERO,
    }
}
