//! How the edges run: a curve from lane to lane, and a place of its own at the downstream's side.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::lanes::{Items, WORD};
use super::place::stacked;
use super::{HEIGHT, Spot, Stripe};

/// How far edges that end at one node stand apart, at most.
const APART: i64 = 12;
/// How far above the end of its edge the middle of a word stands, if it may, and how far below that the
/// line of the letters.
const RISE: i64 = 7;
const SINK: i64 = 4;

/// How an edge runs.
#[derive(Debug)]
pub(in crate::report::graph) struct Route {
    /// As SVG writes a path.
    pub(in crate::report::graph) path: String,
    /// Where its word ends, if it has one: the right end of the line that it stands on.
    pub(in crate::report::graph) word: Option<(i64, i64)>,
}

/// Returns how every edge runs.
pub(super) fn routes(
    items: &Items,
    (spots, stripes): (&[Spot], &[Stripe]),
    worded: &[bool],
) -> Vec<Option<Route>> {
    let ports = ports(items);
    let words = words(items, &ports, worded);
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
        let middle = to.y + HEIGHT / 2;
        let end = middle + ports.get(&edge).copied().unwrap_or_default();
        let word = words.get(&edge).map(|it| (to.x - 12, middle + it + SINK));
        Some(Route {
            path: path(*from, lanes, (to.x, end)),
            word,
        })
    });
    drawn.collect()
}

/// Returns the path from a node through lanes to a point.
fn path(from: Spot, lanes: impl Iterator<Item = (i64, i64, i64)>, to: (i64, i64)) -> String {
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
    path
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
        let apart = ((HEIGHT - 4) / count).min(APART);
        for (rank, (_, edge)) in (0_i64..).zip(list.iter()) {
            ports.insert(*edge, (2 * rank - (count - 1)) * apart / 2);
        }
    }
    ports
}

/// Returns how far from the middle of its downstream's side the middle of every word stands: each near the
/// end of its edge, none on another, and all in the room of the downstream.
fn words(items: &Items, ports: &BTreeMap<usize, i64>, worded: &[bool]) -> BTreeMap<usize, i64> {
    let mut ends: BTreeMap<usize, Vec<(i64, usize)>> = BTreeMap::new();
    for (edge, (way, _)) in items
        .ways
        .iter()
        .zip(worded)
        .enumerate()
        .filter(|it| *it.1.1)
    {
        if let Some([.., to]) = way.as_deref() {
            let port = ports.get(&edge).copied().unwrap_or_default();
            ends.entry(*to).or_default().push((port, edge));
        }
    }
    let mut words = BTreeMap::new();
    for (to, mut list) in ends {
        list.sort_unstable();
        let (top, bottom) = items.edges_of(to);
        let most = (bottom - top - WORD) / 2;
        let wanted = |(port, _): &(i64, usize)| ((port - RISE).clamp(-most, most), WORD);
        let mut places = stacked(&list.iter().map(wanted).collect::<Vec<_>>());
        if places.iter().any(|it| it.abs() > most) {
            let even = list.iter().map(|_| (0, WORD)).collect::<Vec<_>>();
            places = stacked(&even);
        }
        words.extend(list.iter().map(|it| it.1).zip(places));
    }
    words
}
