//! Seeds: what a simulation of each comes to, and the smallest that still fails.

use std::ops::Range;

use crate::mutants::Mutant;
use crate::town::{Faults, Report, Setting, simulate};

/// The most repositories of a family.
pub(crate) const LARGEST: usize = 200;

/// Returns what breaks in a simulation, with what it came to; compared with the run of the same seed
/// that nothing happens to.
pub(crate) fn verdict(setting: Setting) -> (Option<String>, Report) {
    let report = simulate(setting);
    if let Some(broken) = report.broken.first() {
        return (Some(broken.clone()), report);
    }
    let quiet = simulate(Setting {
        faults: Faults::None,
        mutant: Mutant::Original,
        ..setting
    });
    if let Some(broken) = quiet.broken.first() {
        return (Some(format!("without any fault: {broken}")), report);
    }
    let differs = quiet
        .state
        .iter()
        .zip(&report.state)
        .position(|(a, b)| a != b);
    let words = differs.map(|at| {
        format!(
            "it ends as if nothing had happened (repository {at}: {} and not {})",
            report.state[at], quiet.state[at]
        )
    });
    (words, report)
}

/// Returns the setting that a seed stands for.
pub(crate) fn setting(seed: u64, mutant: Mutant) -> Setting {
    Setting {
        seed,
        size: LARGEST,
        faults: Faults::All,
        mutant,
    }
}

/// Returns what breaks with a seed, in its smallest form; `None` where nothing does.
pub(crate) fn smallest(seed: u64, mutant: Mutant) -> Option<String> {
    let whole = setting(seed, mutant);
    let (first, _) = verdict(whole);
    let mut words = first?;
    let mut least = whole;
    let faults = [Faults::None, Faults::Lines, Faults::Crashes, Faults::All];
    'found: for size in [1, 2, 3, 4, 6, 8, 12, 40, LARGEST] {
        for faults in faults {
            let tried = Setting {
                size,
                faults,
                ..whole
            };
            if let (Some(why), _) = verdict(tried) {
                (least, words) = (tried, why);
                break 'found;
            }
        }
    }
    Some(format!(
        "seed {seed} breaks: {words}\nsmallest: at most {} repositories, faults: {:?}\nagain: CASCADE_SIMULATION_SEEDS={seed}..{} cargo bench -p cascade-plan --bench simulation",
        least.size,
        least.faults,
        seed + 1,
    ))
}

/// Returns the first seed that notices a mutant, with the promise that it breaks.
pub(crate) fn caught_by(mutant: Mutant, mut seeds: Range<u64>) -> Option<(u64, String)> {
    seeds.find_map(|seed| Some((seed, verdict(setting(seed, mutant)).0?)))
}
