//! Where everything in the picture stands: waves from left to right, and few lines that cross.
//!
//! A wave that is higher than the picture should be stands in several columns. An edge that passes
//! columns runs in a lane of its own through each; all edges from one repository share theirs.

mod lanes;
mod place;
mod route;

use std::collections::{BTreeMap, BTreeSet};

use super::{Edge, Node, Picture, colour_of};
use crate::shown::Shown;
use lanes::Items;
use route::routes;

pub(super) use route::Route;

/// Sizes, in pixels.
pub(super) const HEIGHT: i64 = 40;
const MARGIN: i64 = 16;
const HEAD: i64 = 26;
const LETTER: i64 = 8;
/// How many letters of a name are shown.
pub(super) const LETTERS: usize = 30;
/// Between columns where words stand on the edges; where none do between waves, and between the columns of
/// one.
const WORDED: i64 = 136;
const ACROSS: i64 = 64;
const BESIDE: i64 = 40;
/// How many repositories stand in a column at least, before there is another.
const ROWS: usize = 14;

/// Where everything stands.
#[derive(Debug)]
pub(super) struct Layout {
    /// How wide and how high it is.
    pub(super) size: (i64, i64),
    /// The waves, each with its number, from 0, where it begins and how wide it is.
    pub(super) waves: Vec<(usize, i64, i64)>,
    /// Where every node stands.
    pub(super) spots: Vec<Spot>,
    /// How every edge runs; `None` where an end of it is not in the picture.
    pub(super) routes: Vec<Option<Route>>,
}

/// Where a node stands: its upper left corner, and its width.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spot {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
}

/// Whether the states of edges stand on them as words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// They do.
    Shown,
    /// There are too many edges for that.
    InTitles,
}

/// The nodes of a wave, or of a part of it, which stand below one another.
#[derive(Debug)]
struct Column {
    wave: usize,
    nodes: Vec<usize>,
}

/// Returns where everything stands.
pub(super) fn layout(picture: &Picture, words: Words) -> Layout {
    let ends = picture.ends();
    let columns = columns(picture, &ends);
    let has_word = |it: &Edge| words == Words::Shown && colour_of(it.state).is_some();
    let worded: Vec<bool> = picture.edges.iter().map(has_word).collect();
    let mut items = Items::of(&columns, &ends, &worded);
    items.settle(columns.len());
    items.close();
    let (stripes, waves) = stripes(picture, &columns, words);
    let lift = MARGIN + HEAD - items.top();
    items.lift(lift);
    let spot = |(at, node): (usize, &Node)| {
        let (x, _) = stripes.get(items.column(at)).copied().unwrap_or_default();
        let y = items.centre(at) - HEIGHT / 2;
        Spot {
            x,
            y,
            width: node_width(node),
        }
    };
    let spots: Vec<Spot> = picture.nodes.iter().enumerate().map(spot).collect();
    let right = stripes.last().map_or(0, |(x, width)| x + width);
    Layout {
        size: (right + MARGIN, items.bottom() + MARGIN),
        waves,
        routes: routes(&items, (&spots, &stripes), &worded),
        spots,
    }
}

/// Returns the columns, by wave; in each wave what nothing stands on comes first.
fn columns(picture: &Picture, ends: &[Option<(usize, usize)>]) -> Vec<Column> {
    let carries: BTreeSet<usize> = ends.iter().flatten().map(|(from, _)| *from).collect();
    let mut waves: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, node) in picture.nodes.iter().enumerate() {
        waves.entry(node.wave).or_default().push(at);
    }
    let most = ROWS.max((2 * picture.nodes.len()).isqrt());
    let columns = waves.into_iter().flat_map(|(wave, mut nodes)| {
        nodes.sort_by_key(|it| carries.contains(it));
        let rows = nodes.len().div_ceil(nodes.len().div_ceil(most).max(1));
        let parts = nodes.chunks(rows.max(1));
        let column = |it: &[usize]| Column {
            wave,
            nodes: it.to_vec(),
        };
        parts.map(column).collect::<Vec<_>>()
    });
    columns.collect()
}

/// Where something begins, and how wide it is.
type Stripe = (i64, i64);

/// Returns where every column begins and how wide it is, and the same of every wave, with its number.
fn stripes(
    picture: &Picture,
    columns: &[Column],
    words: Words,
) -> (Vec<Stripe>, Vec<(usize, i64, i64)>) {
    let (across, beside) = match words {
        Words::Shown => (WORDED, WORDED),
        Words::InTitles => (ACROSS, BESIDE),
    };
    let mut waves: Vec<(usize, i64, i64)> = Vec::new();
    let mut stripes: Vec<Stripe> = Vec::new();
    let mut right = 0;
    for column in columns {
        let nodes = column.nodes.iter().filter_map(|it| picture.nodes.get(*it));
        let width = nodes.map(node_width).max().unwrap_or_default();
        let last = waves.last_mut().filter(|(wave, ..)| *wave == column.wave);
        let x = if let Some((_, from, whole)) = last {
            *whole = right + beside + width - *from;
            right + beside
        } else {
            let x = if right == 0 { MARGIN } else { right + across };
            waves.push((column.wave, x, width));
            x
        };
        stripes.push((x, width));
        right = x + width;
    }
    (stripes, waves)
}

/// Returns how wide a node has to be for its text.
fn node_width(node: &Node) -> i64 {
    let wide = |text: &str| -> i64 {
        let shown = Shown(text).to_string();
        let letters = shown.chars().take(LETTERS);
        letters.map(|it| if it.is_ascii() { 1 } else { 2 }).sum()
    };
    let second = node.second().map_or(0, |it| wide(&it));
    wide(&node.repo).max(second).max(6) * LETTER + 20
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use cascade_plan::drift::EdgeState;

    use super::super::sample::picture;
    use super::*;

    /// Returns a picture of so many nodes, each on some before it.
    fn drawn(nodes: usize, edges: &[(usize, usize)]) -> Picture {
        let names: Vec<String> = (0..nodes).map(|it| format!("n{it}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let below = edges.iter().map(|(a, b)| (a % nodes, b % nodes));
        let edges: Vec<String> = below
            .filter(|(a, b)| a < b)
            .map(|(a, b)| format!("n{a}>n{b}"))
            .collect();
        picture(
            &names,
            &edges.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    }

    fn apart(a: &Spot, b: &Spot) -> bool {
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + HEIGHT <= b.y || b.y + HEIGHT <= a.y
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn boxes_never_touch_and_stay_inside(
            nodes in 1_usize..40,
            edges in proptest::collection::vec((0_usize..40, 0_usize..40), 0..60),
        ) {
            let picture = drawn(nodes, &edges);
            let layout = layout(&picture, Words::InTitles);
            for (at, spot) in layout.spots.iter().enumerate() {
                prop_assert!(spot.x >= 0 && spot.y >= HEAD);
                prop_assert!(spot.x + spot.width <= layout.size.0);
                prop_assert!(spot.y + HEIGHT <= layout.size.1);
                prop_assert!(layout.spots[at + 1..].iter().all(|it| apart(spot, it)));
            }
            for (edge, route) in picture.edges.iter().zip(&layout.routes) {
                let at = |name: &str| layout.spots[picture.position(name).unwrap()];
                prop_assert!(at(&edge.upstream).x < at(&edge.downstream).x);
                prop_assert!(route.is_some());
            }
        }
    }

    /// Returns the boxes of the words on the edges: of letters that are as wide as can be.
    fn word_boxes(picture: &Picture, layout: &Layout) -> Vec<(i64, i64, i64, i64)> {
        let edges = picture.edges.iter().zip(&layout.routes);
        let words = edges.filter_map(|(edge, route)| {
            let (x, y) = route.as_ref()?.word?;
            let width = i64::try_from(edge.state.word().len()).unwrap() * 7;
            Some((x - width, y - 10, x, y + 2))
        });
        words.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_word_lies_on_another_or_on_a_box_and_no_band_is_empty(
            nodes in 1_usize..36,
            edges in proptest::collection::vec((0_usize..36, 0_usize..36), 0..40),
            states in proptest::collection::vec(0_usize..EdgeState::ALL.len(), 40),
        ) {
            let mut picture = drawn(nodes, &edges);
            for (edge, state) in picture.edges.iter_mut().zip(states) {
                edge.state = EdgeState::ALL[state];
            }
            let layout = layout(&picture, Words::Shown);
            let words = word_boxes(&picture, &layout);
            let lagging = picture.edges.iter().filter(|it| colour_of(it.state).is_some());
            prop_assert_eq!(words.len(), lagging.count());
            let spots = layout.spots.iter();
            let boxes: Vec<_> = spots.map(|it| (it.x, it.y, it.x + it.width, it.y + HEIGHT)).collect();
            let apart = |a: &(i64, i64, i64, i64), b: &(i64, i64, i64, i64)| {
                a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1
            };
            for (at, word) in words.iter().enumerate() {
                prop_assert!(word.0 >= 0 && word.1 >= 0 && word.3 <= layout.size.1, "{word:?}");
                prop_assert!(boxes.iter().all(|it| apart(it, word)), "{word:?} on {boxes:?}");
                prop_assert!(words[at + 1..].iter().all(|it| apart(it, word)), "{words:?}");
            }
        }
    }

    #[test]
    fn no_band_between_two_parts_is_empty() {
        let two = picture(
            &["a", "b", "c", "d", "e", "f", "g", "h"],
            &["a>b", "a>c", "a>d", "e>f", "f>g", "g>h"],
        );
        let layout = layout(&two, Words::Shown);
        let mut tops: Vec<i64> = layout.spots.iter().map(|it| it.y).collect();
        tops.sort_unstable();
        assert!(
            tops.windows(2).all(|it| it[1] - it[0] <= HEIGHT + 12),
            "{tops:?}"
        );
    }

    #[test]
    fn a_wave_that_is_too_high_stands_in_several_columns() {
        let layout = layout(&drawn(60, &[]), Words::InTitles);
        let columns: BTreeSet<i64> = layout.spots.iter().map(|it| it.x).collect();
        assert_eq!(columns.len(), 5);
        assert_eq!(layout.waves.len(), 1);
        assert!(layout.size.1 < 1_000, "{:?}", layout.size);
    }

    #[test]
    fn a_chain_is_a_straight_line() {
        let chain = layout(&picture(&["a", "b", "c"], &["a>b", "b>c"]), Words::Shown);
        assert!(chain.spots.iter().all(|it| it.y == chain.spots[0].y));
    }
}
