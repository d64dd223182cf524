//! The way of a lock whose tool takes the newest version that a range admits: once with the exact
//! version in the range's place, and once more with the range. What nobody named and moved all the
//! same is taken back after that.

use cascade_manifest::{Form, Move, Pin, Rewrite, Splice, Style, Version, verified_from};
use cascade_plan::Relock;

use super::beside::Files;
use super::judge::Judge;
use super::{Fault, tool};
use crate::export::Export;
use crate::path::folder_of;

/// How often what moved without having to is taken back: what comes back may ask for more.
const ROUNDS: usize = 5;

/// Runs the commands in the lock's folder, twice where a range has to be bound first.
pub(super) fn run(
    run: &tool::Run<'_>,
    judge: &Judge<'_>,
    it: &Relock,
    export: &Export,
) -> Result<(), Fault> {
    let folder = export.path().join(folder_of(&it.file));
    let bound = bound(judge, &it.moves);
    if !bound.is_empty() {
        for (name, text) in &bound {
            export.write(&judge.path_of(name), text.as_bytes());
        }
        let first = run.all(&folder);
        judge.put_back(export);
        first?;
    }
    run.all(&folder)?;
    for _ in 0..ROUNDS {
        let now = export.read(&it.file).map(String::from_utf8);
        let Some(Ok(now)) = now else { break };
        let commands = judge.format().keep((judge.before(), &now), &it.moves);
        if commands.is_empty() {
            break;
        }
        run.these(&commands, &folder)?;
    }
    Ok(())
}

/// Returns the manifests with the exact versions of what moves in the place of ranges that admit
/// more than those.
fn bound(judge: &Judge<'_>, moves: &[Move]) -> Files {
    if !judge.format().takes_newest() {
        return Files::new();
    }
    let texts = judge.files().iter().filter_map(|(path, text)| {
        let bound = bound_in(judge, moves, (path, text))?;
        Some((path.clone(), bound))
    });
    texts.collect()
}

/// Returns a manifest with its ranges bound; `None` where it has none to bind.
fn bound_in(judge: &Judge<'_>, moves: &[Move], (path, text): (&str, &str)) -> Option<String> {
    let format = judge.ecosystem().format(path.rsplit('/').next()?)?;
    let manifest = format.read(text).ok()?;
    let pins = manifest.pins.iter();
    let splices: Vec<Splice> = pins.filter_map(|it| exactly(judge, moves, it)).collect();
    if splices.is_empty() {
        return None;
    }
    verified_from(format, (text, manifest), &splices).ok()
}

/// Returns the splice that binds a pin to the version that moves, where it is a range that admits it.
fn exactly(judge: &Judge<'_>, moves: &[Move], pin: &Pin) -> Option<Splice> {
    let ecosystem = judge.ecosystem();
    let name = (ecosystem.canonical)(&pin.name);
    let mut ours = moves.iter();
    let it = ours.find(|it| (ecosystem.canonical)(&it.name) == name)?;
    let to = Version::parse(ecosystem.scheme, &it.to)?;
    let span = pin.span.clone().filter(|_| pin.form == Form::Range)?;
    let (grammar, range) = (ecosystem.grammar, &pin.requirement);
    if grammar.admits(range, &to) != Ok(true) {
        return None;
    }
    match grammar.rewrite(range, &to, Style::Exact) {
        Rewrite::Updated(to) => Some(Splice { span, to }),
        Rewrite::Kept(_) | Rewrite::Refused(_) => None,
    }
}
