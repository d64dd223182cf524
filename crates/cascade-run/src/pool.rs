//! The threads that many repositories are looked at with, made once.

use std::num::NonZero;
use std::sync::OnceLock;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Maps in parallel, one task an item, and keeps the order.
pub fn in_parallel<T: Send, R: Send>(items: Vec<T>, map: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    match pool() {
        Some(pool) => pool.install(|| {
            let items = items.into_par_iter().with_max_len(1);
            items.map(map).collect()
        }),
        None => items.into_iter().map(map).collect(),
    }
}

/// Returns two threads a core, eight at most: one reads while the other waits for the disk's locks.
/// Without threads the calling one does it all.
fn pool() -> Option<&'static ThreadPool> {
    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let pool = POOL.get_or_init(|| {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let builder = ThreadPoolBuilder::new().num_threads((2 * cores).min(8));
        builder.build().ok()
    });
    pool.as_ref()
}
