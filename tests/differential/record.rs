//! Records of bumps, which the laws replay without tools.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use cascade_manifest::{Ask, Bump, Facts, Fallback, Move};
use cascade_plan::{Action, Plan};
use cascade_run::{Environment, Git, facts};

use crate::bump::{Made, Outcome, Project, format_of};
use crate::family::{APP, Mode, asked, identity};
use crate::world::{Case, Origin};

/// Answers as cascade's own registries do, and remembers what they answered.
struct Recorder<'a> {
    facts: &'a dyn Facts,
    answers: RefCell<BTreeMap<String, Arc<[u8]>>>,
}

impl Facts for Recorder<'_> {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let answer = self.facts.ask(question)?;
        let mut answers = self.answers.borrow_mut();
        answers.insert(format!("{question:?}"), Arc::clone(&answer));
        Ok(answer)
    }
}

/// Keeps a bump for the laws: what was given, asked and answered, and what the tool made of it.
pub(crate) fn keep(
    project: &Project<'_>,
    case: &Case,
    (made, outcome): (&Made, &Outcome),
    folder: &Path,
) {
    let Some((moves, own)) = planned(project, case) else {
        return;
    };
    let environment = Environment::new(project.tools.vars(&variables(project)));
    let git = Git::find(environment).expect("git");
    let app = project.family.app();
    let known = facts(&git, &app);
    let recorder = Recorder {
        facts: &known,
        answers: RefCell::default(),
    };
    let bump = Bump {
        moves: &moves,
        own: &own,
        files: &made.files,
        facts: &recorder,
    };
    let native = format_of(project.subject).rewrite(&project.lock, &bump);
    if matches!(outcome, Outcome::Equal | Outcome::Churned(_)) {
        assert_eq!(native.as_ref(), Ok(&made.lock), "{}", case.what);
    }
    let after = Some(&made.lock).filter(|_| !matches!(outcome, Outcome::Refused(_)));
    let mut text = format!("\u{1e}lock {}\n{}", project.subject.lock, project.lock);
    for (word, all) in [("move", &moves), ("own", &own)] {
        for it in all {
            let from = it.from.as_deref().unwrap_or("-");
            text += &format!("\u{1e}{word} {} {from} {}\n", it.name, it.to);
        }
    }
    for (path, file) in &made.files {
        text += &format!("\u{1e}file {path}\n{file}");
    }
    for (question, answer) in recorder.answers.borrow().iter() {
        match std::str::from_utf8(answer) {
            Ok(answer) => text += &format!("\u{1e}fact {question}\n{answer}"),
            Err(_) => text += &format!("\u{1e}fact64 {question}\n{}\n", base64(answer)),
        }
    }
    if let Some(after) = after {
        text += &format!("\u{1e}after\n{after}");
    }
    fs::create_dir_all(folder).expect("a folder");
    let what = case.what.replace(", ", "-").replace(' ', "-");
    let stem = project.subject.lock.replace('.', "-");
    #[expect(clippy::disallowed_methods, reason = "a record")]
    fs::write(
        folder.join(format!("{stem}-{what}.bump")),
        spelled(project, case, text),
    )
    .expect("a file");
}

/// Returns a record with made-up addresses for the registry and the repositories.
fn spelled(project: &Project<'_>, case: &Case, text: String) -> String {
    // Poetry's lock has a digest of what stands in the manifest.
    if project.subject.tool == "poetry" {
        return text;
    }
    let text = text.replace(project.base, "https://registry.example");
    if case.origin == Origin::Registry {
        return text;
    }
    let remotes = project.family.remotes();
    let with_host = remotes.replace("file:///", "file://localhost/");
    let text = text.replace(&with_host, "https://git.registry.example");
    text.replace(&remotes, "https://git.registry.example")
}

/// Returns what cascade plans to move in the lock.
fn planned(project: &Project<'_>, case: &Case) -> Option<(Vec<Move>, Vec<Move>)> {
    let declared = project.family.declare(case, Mode::Auto);
    let mut words = asked(case);
    *words.first_mut()? = "plan";
    let file = declared.join("plan.json");
    words.extend(["--for", "bump", "--out", file.to_str()?]);
    project.cascade(&declared, &words);
    let text = fs::read_to_string(file).ok()?;
    let plan: Plan = serde_json::from_str(&text).ok()?;
    let step = plan.steps.iter().find(|it| it.repo.as_str() == APP)?;
    step.actions.iter().find_map(|it| match it {
        Action::Relock(it) => Some((it.moves.clone(), it.own.clone())),
        _ => None,
    })
}

fn variables(project: &Project<'_>) -> Vec<(&'static str, String)> {
    let mut vars = identity();
    vars.extend((project.subject.vars)(project.base));
    vars
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
