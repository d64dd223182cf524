//! Helm: `Chart.lock`. The pins beside it are those of a file that deploys ([`crate::deploy`]), so that
//! this is no ecosystem of [`crate::ALL`].

use crate::Lock;

mod chart_lock;

pub use chart_lock::{LockedChart, LockedDependency, Seal};

/// The lock of a chart's dependencies.
pub static CHART_LOCK: &dyn Lock = &chart_lock::ChartLock;

/// Returns the path of the lock of the chart, or of the requirements of an older one, at a path; `None`
/// for all other files.
pub fn lock_path(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |it| it);
    let lock = match name {
        "Chart.yaml" => "Chart.lock",
        "requirements.yaml" => "requirements.lock",
        _ => return None,
    };
    let slash = if folder.is_empty() { "" } else { "/" };
    Some(format!("{folder}{slash}{lock}"))
}
