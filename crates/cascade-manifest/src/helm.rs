//! Helm: `Chart.lock`. Its pins are declared as charts; a format of `Chart.yaml` is not built yet,
//! so that this is no ecosystem of [`crate::ALL`].

use crate::Lock;

mod chart_lock;

/// The lock of a chart's dependencies.
pub static CHART_LOCK: &dyn Lock = &chart_lock::ChartLock;
