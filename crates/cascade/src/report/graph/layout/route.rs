//! How the edges run: a curve from lane to lane, and a place of its own at the downstream's side.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::lanes::Items;
use super::{HEIGHT, Spot, Stripe};

/// How far edges that end at one node stand apart, at most.
const APART: i64 = 12;

/// How an edge runs.
#[derive(Debug)]
pub(in crate::report::graph) struct Route {
    /// As SVG writes a path.
    pub(in crate::report::graph) path: String,
    /// Where its word ends.
    pub(in crate::report::graph) word: (i64, i64),
}

/// Returns how every edge runs.
pub(super) fn routes(items: &Items, spots: &[Spot], stripes: &[Stripe]) -> Vec<Option<Route>> {
    let ports = ports(items);
    let ways = items.ways.iter().enumerate();
    let drawn = ways.map(|(edge, way)| {
        let [from, lanes @ .., to] = way.as_deref()? else {
            return None;
        };
        let (from, to) = (spots.get(*from)?, spots.get(*to)?);
        let lanes = lanes.iter().filter_map(|at| {
            let (x, width) = stripes.get(items.column(*at))?;
            Some((*x, x + width, items.centre(*at)))
        });
        let end = to.y + HEIGHT / 2 + ports.get(&edge).copied().unwrap_or_default();
        Some(route(*from, lanes, (to.x, end)))
    });
    drawn.collect()
}

/// Returns the path from a node through lanes to a point.
fn route(from: Spot, lanes: impl Iterator<Item = (i64, i64, i64)>, to: (i64, i64)) -> Route {
    let (mut x, mut y) = (from.x + from.width, from.y + HEIGHT / 2);
    let mut path = format!("M{x} {y}");
    let bend = |path: &mut String, (x1, y1): (i64, i64), (x2, y2): (i64, i64)| {
        let middle = if x1 < x2 { x1.midpoint(x2) } else { x1 + 60 };
        let back = if x1 < x2 { middle } else { x2 - 60 };
        let _ = write!(path, "C{middle} {y1} {back} {y2} {x2} {y2}");
    };
    for (left, right, lane) in lanes {
        bend(&mut path, (x, y), (left, lane));
        let _ = write!(path, "H{right}");
        (x, y) = (right, lane);
    }
    bend(&mut path, (x, y), to);
    Route {
        path,
        word: (to.0 - 12, to.1 - 3),
    }
}

/// Returns how far from the middle of its downstream's side every edge ends: those that come from
/// above end above.
fn ports(items: &Items) -> BTreeMap<usize, i64> {
    let mut ends: BTreeMap<usize, Vec<(i64, usize)>> = BTreeMap::new();
    for (edge, way) in items.ways.iter().enumerate() {
        if let Some([.., last, to]) = way.as_deref() {
            let list = ends.entry(*to).or_default();
            list.push((items.centre(*last), edge));
        }
    }
    let mut ports = BTreeMap::new();
    for list in ends.values_mut() {
        list.sort_unstable();
        let count = i64::try_from(list.len()).unwrap_or(i64::MAX).max(1);
        let apart = ((HEIGHT - 8) / count).min(APART);
        for (rank, (_, edge)) in (0_i64..).zip(list.iter()) {
            ports.insert(*edge, (2 * rank - (count - 1)) * apart / 2);
        }
    }
    ports
}
