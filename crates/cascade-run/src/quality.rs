//! Quality gates: runs their commands, and keeps what they came to for a judge.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cascade_manifest::Limit;
use cascade_plan::{
    CommandEnd, Event, Fate, Measure, Measurement, QualityDeclaration, Queue, RepoId, spelled,
};

use crate::apply::errand::Errand;
use crate::drive::{Teller, drive};
use crate::exec::{End, Heard};
use crate::exhibit::Exhibit;
use crate::export::Export;
use crate::git::{Git, said};

/// What the gates of each repository came to; `None` where a person interrupted.
pub type Measured = Option<BTreeMap<RepoId, Vec<Measurement>>>;

/// Runs the quality gates of these repositories, one after the other: what they measure they should
/// not measure while others work.
pub fn measure(exhibits: &[Exhibit<'_>], git: &Git, on_event: &mut dyn FnMut(Event)) -> Measured {
    let found = Mutex::new(BTreeMap::new());
    let of = |repo: &RepoId| exhibits.iter().find(|it| it.repo == repo);
    let work = |repo: &RepoId, teller: &Teller<'_>| {
        let Some(exhibit) = of(repo) else {
            return Fate::Nothing;
        };
        teller.started();
        let Some(measured) = gates(exhibit, git, teller) else {
            return Fate::Interrupted;
        };
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(repo.clone(), measured);
        Fate::Nothing
    };
    let queue = Queue::new(exhibits.iter().map(|it| (it.repo.clone(), Vec::new())));
    let interrupt = &git.environment().interrupt;
    let told = drive(queue, 1, interrupt, &work, on_event);
    let interrupted = told.fates.values().any(|it| *it == Fate::Interrupted);
    (!interrupted).then(|| found.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Runs the gates of one repository in one export, so that one reads what another wrote.
fn gates(exhibit: &Exhibit<'_>, git: &Git, teller: &Teller<'_>) -> Option<Vec<Measurement>> {
    let all = exhibit.declared.quality.iter();
    if all.len() == 0 {
        return Some(Vec::new());
    }
    match exhibit.export(git) {
        Ok(export) => all
            .map(|it| gate(it, (exhibit, &export), git, teller))
            .collect(),
        Err(why) => Some(
            all.map(|it| unable(it, Duration::ZERO, why.clone()))
                .collect(),
        ),
    }
}

/// Runs one gate; `None` where a person interrupted.
fn gate(
    gate: &QualityDeclaration,
    (exhibit, export): (&Exhibit<'_>, &Export),
    git: &Git,
    teller: &Teller<'_>,
) -> Option<Measurement> {
    teller.progress(format!("measuring `{}`", gate.name));
    let errand = Errand {
        git,
        step: None,
        folder: export.path(),
        scripts: export.path(),
        facts: exhibit.facts(),
        programs: Vec::new(),
        limit: gate.timeout,
    };
    if let Some(file) = &gate.file {
        // What was committed is not what the command says now.
        export.remove(file);
    }
    let begin = Instant::now();
    let heard = errand.hear(&gate.run);
    let took = begin.elapsed();
    match heard {
        Ok(heard) if heard.end == End::Interrupted => None,
        Ok(heard) => Some(Measurement {
            gate: gate.name.clone(),
            took,
            end: ended(&heard),
            answer: answer(gate, &heard, export),
            said: words(&heard, git),
        }),
        Err(Fate::Failed { why, .. }) => Some(unable(gate, took, why)),
        Err(_) => None,
    }
}

/// Returns what a command said; nothing where it said nothing.
fn words(heard: &Heard, git: &Git) -> String {
    if heard.saying.trim().is_empty() && heard.answer.trim_ascii().is_empty() {
        return String::new();
    }
    said(heard, git.environment())
}

fn unable(gate: &QualityDeclaration, took: Duration, why: String) -> Measurement {
    Measurement {
        gate: gate.name.clone(),
        took,
        end: CommandEnd::Unable(why),
        answer: Err("it was not run".to_owned()),
        said: String::new(),
    }
}

fn ended(heard: &Heard) -> CommandEnd {
    match heard.end {
        End::Exit(code) => CommandEnd::Exit(code),
        End::Signal(signal) => CommandEnd::Unable(format!("it was ended by signal {signal}")),
        End::Late(limit) => CommandEnd::Unable(format!(
            "it took longer than {} and was ended",
            spelled(limit)
        )),
        End::Interrupted => CommandEnd::Unable("it was interrupted".to_owned()),
    }
}

/// Returns the answer that is judged; that of a gate of which nothing is read is not kept.
fn answer(gate: &QualityDeclaration, heard: &Heard, export: &Export) -> Result<Arc<str>, String> {
    if matches!(gate.measure, Measure::Exit) {
        return Ok(Arc::from(""));
    }
    let bytes = match &gate.file {
        Some(file) => {
            let read = export.read(file);
            read.ok_or_else(|| format!("it wrote no `{file}`"))?
        }
        None if heard.whole => heard.answer.clone(),
        None => return Err("its answer is larger than what is read".to_owned()),
    };
    if !Limit::LOCK.takes(bytes.len() as u64) {
        return Err(format!(
            "its answer is larger than the {} that are read",
            Limit::LOCK
        ));
    }
    let text = String::from_utf8(bytes).map_err(|_| "its answer is not UTF-8".to_owned())?;
    Ok(text.into())
}

#[cfg(test)]
mod tests;
