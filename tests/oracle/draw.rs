//! Texts drawn from patterns, the same ones every time a seed is used.

use cascade_manifest::{Ecosystem, Level, Version};
use proptest::prelude::Strategy as _;
use proptest::strategy::ValueTree as _;
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Draws texts.
pub(crate) struct Draw(TestRunner);

impl Draw {
    /// Returns one that draws the same texts every time the seed is the same.
    pub(crate) fn of(seed: u64) -> Self {
        let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        Self(TestRunner::new_with_rng(Config::default(), rng))
    }

    /// Returns so many texts of each pattern.
    pub(crate) fn texts(&mut self, patterns: &[&str], count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        for pattern in patterns {
            let strategy = string_regex(pattern).expect("a pattern");
            for _ in 0..count {
                texts.push(strategy.new_tree(&mut self.0).expect("a text").current());
            }
        }
        texts
    }

    /// Returns so many of these, drawn one by one.
    pub(crate) fn some<T: Clone>(&mut self, from: &[T], count: usize) -> Vec<T> {
        let at = (0..from.len()).prop_map(|it| it);
        let nth = |runner: &mut TestRunner| at.new_tree(runner).expect("a place").current();
        (0..count.min(from.len() * count))
            .map(|_| from[nth(&mut self.0)].clone())
            .collect()
    }
}

/// What stands behind a version that the boundary of a range may fall on.
const TAILS: &[&str] = &[
    "", ".0", "rc1", ".dev0", ".post1", "+local", "a1.dev2", "-0", "-rc.1", "-alpha", "-1",
    "+build",
];

/// Returns versions about the one that a requirement names, where its boundaries are.
pub(crate) fn near(ecosystem: &Ecosystem, requirement: &str) -> Vec<Version> {
    let parse = |text: &str| Version::parse(ecosystem.scheme, text);
    let words = requirement.split(|c: char| !c.is_ascii_alphanumeric() && !"-.+!".contains(c));
    let mut near = Vec::new();
    for word in words {
        let word = word.trim_start_matches(['v', 'V']);
        let word = word.trim_end_matches(".x").trim_end_matches('.');
        let padded = [word.to_owned(), format!("{word}.0"), format!("{word}.0.0")];
        let Some(named) = padded.iter().find_map(|it| parse(it)) else {
            continue;
        };
        let bumped = [Level::None, Level::Patch, Level::Minor, Level::Major];
        for base in bumped.map(|it| named.bumped(it)) {
            near.extend(TAILS.iter().filter_map(|it| parse(&format!("{base}{it}"))));
        }
        near.push(named);
    }
    near
}
