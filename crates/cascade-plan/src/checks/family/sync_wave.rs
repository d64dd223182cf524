//! Applications of Argo CD are brought out in another order than the family stands in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cascade_manifest::deploy::{Application, Reference, address, applications};

use crate::checks::{Check, Told, View};
use crate::snapshot::folder_of;
use crate::{DeployFile, ObservedRepo, RepoDeclaration, RepoId, Survey};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "sync-wave",
    "an application is brought out no later than one that it stands on",
    check,
);

/// What every object of Argo CD says.
const GROUP: &str = "argoproj.io/";

/// An application of a repository, and whose things it deploys.
struct Brought<'a> {
    file: &'a DeployFile,
    application: Application,
    of: BTreeSet<&'a RepoId>,
}

/// One application that has to be brought out before another, by where both stand in a list.
type Pair = (usize, usize);

/// Finds applications whose waves are not in the order of what they deploy.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, declared, seen) in view.seen() {
        let all = brought(id, declared, seen);
        if all.iter().all(|it| it.application.wave.is_none()) {
            continue;
        }
        let demands = demands(&all, view.survey);
        for (&(early, late), path) in &demands {
            let both = all.get(early).zip(all.get(late));
            let is_circle = demands.contains_key(&(late, early));
            if let Some((early, late)) = both.filter(|(a, b)| !is_circle && !is_kept(a, b)) {
                told.push(tell(id, (early, late), path));
            }
        }
    }
    told
}

/// Returns the applications of a repository that deploy something of other repositories.
fn brought<'a>(
    id: &RepoId,
    declared: &'a RepoDeclaration,
    seen: &'a ObservedRepo,
) -> Vec<Brought<'a>> {
    let is_one = |it: &&DeployFile| it.format.name == "manifest" && it.text.contains(GROUP);
    let mut all = Vec::new();
    for file in seen.deploys.iter().filter(is_one) {
        for application in applications(&file.text).unwrap_or_default() {
            let mut of = owners(declared, seen, &application.references);
            of.remove(id);
            if !of.is_empty() {
                all.push(Brought {
                    file,
                    application,
                    of,
                });
            }
        }
    }
    all
}

/// Returns who delivers what these refer to, and what the folders of this repository refer to that
/// they bring out.
fn owners<'a>(
    declared: &'a RepoDeclaration,
    seen: &ObservedRepo,
    references: &[Reference],
) -> BTreeSet<&'a RepoId> {
    let home = declared.remote.as_deref();
    let own = home.map(address);
    let mut of = BTreeSet::new();
    for it in references {
        of.extend(declared.family.owner(it, home));
        let folder = it.folder.as_deref();
        let Some(folder) = folder.filter(|_| own.as_deref() == Some(it.name.as_str())) else {
            continue;
        };
        let folder = folder.trim_start_matches("./").trim_matches('/');
        let files = seen.deploys.iter().filter(|it| is_below(&it.path, folder));
        let named = files.flat_map(|it| it.read.iter().flatten());
        of.extend(named.filter_map(|it| declared.family.owner(it, home)));
    }
    of
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    !folder.is_empty() && rest.is_some_and(|it| it.starts_with('/'))
}

/// Returns which application has to be brought out before which, each with the way from what the
/// later one deploys up to what the earlier one does. An application that deploys both needs no
/// other before it; of several that deploy the same, those in its own folder are meant.
fn demands<'a>(all: &[Brought<'a>], survey: &'a Survey) -> BTreeMap<Pair, Vec<&'a RepoId>> {
    let mut demands: BTreeMap<Pair, Vec<&RepoId>> = BTreeMap::new();
    let mut ways = BTreeMap::new();
    for (late, it) in all.iter().enumerate() {
        for id in &it.of {
            let above = ways.entry(*id).or_insert_with(|| above(id, survey));
            for way in above.iter() {
                let Some(upstream) = way.last().filter(|up| !it.of.contains(*up)) else {
                    continue;
                };
                for early in nearest(all, late, upstream) {
                    let known = demands.entry((early, late)).or_insert_with(|| way.clone());
                    if way.len() < known.len() {
                        known.clone_from(way);
                    }
                }
            }
        }
    }
    demands
}

/// Returns the applications that deploy something of a repository: those in the folder of the one at
/// `late`, or all where none is.
fn nearest(all: &[Brought<'_>], late: usize, of: &RepoId) -> Vec<usize> {
    let folder = all.get(late).map(|it| folder_of(&it.file.path));
    let deploy = all.iter().enumerate().filter(|(_, it)| it.of.contains(of));
    let beside = deploy.clone();
    let beside = beside.filter(|(_, it)| Some(folder_of(&it.file.path)) == folder);
    let beside: Vec<usize> = beside.map(|it| it.0).collect();
    if beside.is_empty() {
        deploy.map(|it| it.0).collect()
    } else {
        beside
    }
}

/// Returns the shortest way from a repository to everything that it stands on: itself first, what it
/// leads to last.
fn above<'a>(id: &'a RepoId, survey: &'a Survey) -> Vec<Vec<&'a RepoId>> {
    let mut ways: Vec<Vec<&RepoId>> = Vec::new();
    let mut known = BTreeSet::from([id]);
    let mut open = VecDeque::from([vec![id]]);
    while let Some(way) = open.pop_front() {
        let on = way.last().and_then(|it| survey.upstreams.get(*it));
        for next in on.into_iter().flatten() {
            if known.insert(next) {
                let mut way = way.clone();
                way.push(next);
                ways.push(way.clone());
                open.push_back(way);
            }
        }
    }
    ways
}

/// Returns whether the first of two is brought out before the second, or nobody says anything of
/// either.
fn is_kept(early: &Brought<'_>, late: &Brought<'_>) -> bool {
    match (early.application.wave, late.application.wave) {
        (None, None) => true,
        (early, late) => early.unwrap_or_default() < late.unwrap_or_default(),
    }
}

fn tell(id: &RepoId, (early, late): (&Brought<'_>, &Brought<'_>), way: &[&RepoId]) -> Told {
    let wave = early.application.wave.unwrap_or_default();
    let what = format!(
        "{} is not brought out after {}, and {}",
        late.words(),
        early.words(),
        edge(way),
    );
    let told = Told::of(id, what).at(&late.file.path, Some(late.application.line));
    let next = wave.saturating_add(1);
    told.mend(format!(
        "write `argocd.argoproj.io/sync-wave: \"{next}\"` below the annotations of `{}`, or a wave below {} in `{}`",
        late.application.name,
        late.application.wave.unwrap_or_default(),
        early.application.name,
    ))
}

/// Returns the edge in words: `` `app` stands on `core` ``.
fn edge(way: &[&RepoId]) -> String {
    let [late, between @ .., early] = way else {
        return String::new();
    };
    let through: Vec<String> = between.iter().map(|it| format!("`{it}`")).collect();
    if through.is_empty() {
        return format!("`{late}` stands on `{early}`");
    }
    format!(
        "`{late}` stands on `{early}` through {}",
        through.join(", ")
    )
}

impl Brought<'_> {
    /// Returns the application, where it stands, and its wave, in words.
    fn words(&self) -> String {
        let Application { name, line, .. } = &self.application;
        let wave = match self.application.wave {
            Some(wave) => format!("wave {wave}"),
            None => "no wave, which is wave 0".to_owned(),
        };
        format!("`{name}` (`{}` line {line}, {wave})", self.file.path)
    }
}

#[cfg(test)]
mod tests {
    use crate::RepoId;
    use crate::sample::{Sample, cargo};

    /// An application with this annotation, and what it deploys.
    fn app(name: &str, wave: &str, source: &str) -> String {
        let wave = match wave {
            "" => String::new(),
            wave => format!(", annotations: {{argocd.argoproj.io/sync-wave: '{wave}'}}"),
        };
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}{wave}}}\nspec:\n  source: {source}\n---\n"
        )
    }

    fn chart(name: &str) -> String {
        format!("{{repoURL: charts.example/acme, chart: {name}, targetRevision: 1.0.0}}")
    }

    /// `core`, `lib` that stands on it, `web` that stands on `lib`, and where they are deployed.
    fn found(files: &[(&str, &str)]) -> Vec<(String, Option<usize>)> {
        let mut sample = Sample::new(&[
            ("core", ""),
            ("lib", "core"),
            ("web", "lib"),
            ("env", "core lib web"),
        ]);
        for name in ["core", "lib", "web"] {
            let head = format!("[repo.{name}]\n");
            sample = sample
                .declare(&head, &format!("{head}charts = [\"{name}\"]\n"))
                .file(name, "Cargo.toml", &cargo(name, "1.0.0", ""))
                .tag(name, "v1.0.0");
        }
        for (path, text) in files {
            sample = sample.file("env", path, text);
        }
        let survey = sample.survey();
        let findings = &survey.repos[&RepoId::new("env")].findings;
        let waves = findings.iter().filter(|it| it.code.0 == "sync-wave");
        waves
            .map(|it| {
                let line = it.place.as_ref().and_then(|it| it.line);
                (it.what.clone(), line)
            })
            .collect()
    }

    fn both(core: &str, lib: &str) -> Vec<(String, Option<usize>)> {
        let text = app("core", core, &chart("core")) + &app("lib", lib, &chart("lib"));
        found(&[("apps/all.yaml", &text)])
    }

    #[test]
    fn waves_follow_the_graph() {
        for (core, lib) in [("", ""), ("1", "2"), ("-1", ""), ("", "1"), ("-3", "-2")] {
            assert_eq!(both(core, lib), [], "{core} {lib}");
        }
        for (core, lib) in [("2", "1"), ("1", "1"), ("0", ""), ("", "0"), ("", "-1")] {
            assert_eq!(both(core, lib).len(), 1, "{core} {lib}");
        }
        let told = both("3", "");
        let (what, line) = &told[0];
        assert_eq!(
            what,
            "`lib` (`apps/all.yaml` line 7, no wave, which is wave 0) is not brought out after \
             `core` (`apps/all.yaml` line 1, wave 3), and `lib` stands on `core`"
        );
        assert_eq!(*line, Some(7));
    }

    #[test]
    fn the_way_may_lead_through_others_and_a_stranger_has_none() {
        let text = app("core", "2", &chart("core")) + &app("web", "1", &chart("web"));
        let told = found(&[("all.yaml", &text)]);
        assert!(
            told[0].0.ends_with("`web` stands on `core` through `lib`"),
            "{told:?}"
        );
        let text = app("core", "2", &chart("core")) + &app("other", "1", &chart("other"));
        assert_eq!(found(&[("all.yaml", &text)]), []);
    }

    #[test]
    fn folders_of_the_same_repository_say_what_is_deployed() {
        let folder = |it: &str| {
            format!(
                "{{repoURL: 'git@forge.example:env.git', path: ./envs/{it}, targetRevision: HEAD}}"
            )
        };
        let text = app("core", "2", &folder("core")) + &app("lib", "1", &folder("lib"));
        let deploys =
            |it: &str| format!("dependencies: [{{name: {it}, version: 1.0.0, repository: ''}}]\n");
        let told = found(&[
            ("apps.yaml", &text),
            ("envs/core/Chart.yaml", &deploys("core")),
            ("envs/lib/Chart.yaml", &deploys("lib")),
        ]);
        assert_eq!(told.len(), 1, "{told:?}");
        // A folder whose name only begins the same is another one.
        let told = found(&[
            ("apps.yaml", &text),
            ("envs/core-old/Chart.yaml", &deploys("core")),
            ("envs/lib/Chart.yaml", &deploys("lib")),
        ]);
        assert_eq!(told, []);
    }

    #[test]
    fn only_what_could_be_kept_is_asked_for() {
        let two = |name: &str, wave: &str| {
            let sources = format!("{{}}\n  sources: [{}, {}]", chart("core"), chart("lib"));
            app(name, wave, &sources)
        };
        let text = two("one", "1") + &two("other", "0");
        assert_eq!(found(&[("all.yaml", &text)]), []);
        // Each environment has a folder and counts by itself.
        let of = |core: &str, lib: &str| {
            app("core", core, &chart("core")) + &app("lib", lib, &chart("lib"))
        };
        let (first, then) = (of("0", "1"), of("10", "11"));
        assert_eq!(found(&[("a/x.yaml", &first), ("b/x.yaml", &then)]), []);
        // Each needs the other before it: no wave would do.
        let sources = |a: &str, b: &str| format!("{{}}\n  sources: [{}, {}]", chart(a), chart(b));
        let circle = app("one", "1", &sources("core", "web")) + &app("two", "1", &chart("lib"));
        assert_eq!(found(&[("all.yaml", &circle)]), []);
    }
}
