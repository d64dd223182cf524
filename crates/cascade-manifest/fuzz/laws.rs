//! What holds for any text: shared by the fuzz targets and by the test that replays their corpus.

use std::collections::BTreeMap;

use cascade_manifest::deploy::{FORMATS, Key, Move, Reference, applications, respelled};
use cascade_manifest::workflow::Workflow;
use cascade_manifest::{
    ALL, About, Kind, Lock, Names, Rewrite, Scheme, Splice, Style, Version, release_changelog,
    verified,
};

use self::beside::BESIDE;
use self::recorded::Recorded;

#[path = "beside.rs"]
mod beside;
#[path = "recorded.rs"]
mod recorded;

/// Every manifest format reads the text or refuses it; what it says stands where it says.
pub(crate) fn manifests(text: &str) {
    for format in ALL.iter().flat_map(|it| it.formats) {
        let Ok(manifest) = format.read(text) else {
            continue;
        };
        for pin in &manifest.pins {
            if let Some(span) = pin.span.clone() {
                assert_eq!(text.get(span), Some(&*pin.requirement), "{}", format.name());
            }
        }
        let same = verified(*format, text, &[]);
        assert_eq!(same.as_deref(), Ok(text), "{}", format.name());
    }
    for name in ["pyproject.toml", "Cargo.toml", "package.json"] {
        if let Some(Ok(about)) = About::read(name, text) {
            let lines = 1..=text.split('\n').count();
            assert!(about.fields.values().all(|it| lines.contains(&it.line)));
        }
    }
    if let Some(edited) = cascade_manifest::without_license_classifiers(text) {
        assert_eq!(cascade_manifest::without_license_classifiers(&edited), None);
    }
}

/// The first line takes the place of every pin: nothing else may say anything else.
pub(crate) fn edits(input: &str) {
    let (to, text) = input.split_once('\n').unwrap_or(("1.2.3", input));
    for format in ALL.iter().flat_map(|it| it.formats) {
        let Ok(manifest) = format.read(text) else {
            continue;
        };
        for pin in manifest.pins.iter().take(20) {
            let Some(span) = pin.span.clone() else {
                continue;
            };
            let splice = Splice {
                span: span.clone(),
                to: to.to_owned(),
            };
            let Ok(new) = verified(*format, text, &[splice]) else {
                continue;
            };
            assert_eq!(new.get(..span.start), text.get(..span.start));
            assert!(new.ends_with(text.get(span.end..).unwrap_or_default()));
            let back = format.read(&new);
            let back = back.unwrap_or_else(|e| panic!("{}: {e}", format.name()));
            let named = |it: &cascade_manifest::Pin| it.name == pin.name && it.requirement == to;
            assert!(back.pins.iter().any(named), "{}: {to:?}", format.name());
        }
    }
}

/// A version on the first line, a requirement on the second: what comes out admits the version.
pub(crate) fn requirements(input: &str) {
    let (version, requirement) = input.split_once('\n').unwrap_or(("1.2.3", input));
    for ecosystem in ALL {
        let Some(to) = Version::parse(ecosystem.scheme, version) else {
            continue;
        };
        let other = if ecosystem.scheme == Scheme::Pep440 {
            Scheme::Semver
        } else {
            Scheme::Pep440
        };
        let _ = Version::parse(other, version);
        let _ = ecosystem.grammar.named(requirement);
        for style in [Style::Auto, Style::Exact, Style::Floor, Style::Widen] {
            if let Rewrite::Updated(new) = ecosystem.grammar.rewrite(requirement, &to, style) {
                let told = || format!("{ecosystem:?} {requirement:?} {to} {style:?} {new:?}");
                assert_eq!(ecosystem.grammar.admits(&new, &to), Ok(true), "{}", told());
                let again = ecosystem.grammar.rewrite(&new, &to, style);
                assert!(matches!(again, Rewrite::Kept(_)), "{} {again:?}", told());
            }
        }
    }
}

/// Every lock format reads the text or refuses it, and both of its readings agree.
pub(crate) fn locks(text: &str) {
    let beside: BTreeMap<String, String> = BESIDE
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    for lock in all_locks() {
        let Ok(entries) = lock.entries(text) else {
            continue;
        };
        let names: Names = entries.iter().map(|it| it.name.clone()).take(50).collect();
        let facts = lock.find(text, &names);
        if let Ok(facts) = facts {
            assert!(facts.entries.iter().all(|it| names.contains(&it.name)));
        }
        let _ = lock.discords(text, &beside);
    }
}

/// Returns the locks of every ecosystem, and Helm's.
fn all_locks() -> impl Iterator<Item = &'static dyn Lock> {
    let locks = ALL.iter().flat_map(|it| it.locks.iter().copied());
    locks.chain([cascade_manifest::helm::CHART_LOCK])
}

/// The text stands for every manifest and setting beside a lock: a package that was exempted waits at
/// no gate, and a tool that left a manifest alone owns nothing in it.
pub(crate) fn beside(text: &str) {
    for lock in all_locks() {
        let manifests = BESIDE.iter().map(|it| it.0);
        for path in lock.settings().iter().copied().chain(manifests) {
            let mut files = BTreeMap::from([(path.to_owned(), text.to_owned())]);
            let gate = lock.age_gate("a", &files);
            if let Some(exemption) = gate.and_then(|it| it.exemption) {
                files.insert(exemption.path, exemption.text);
                assert_eq!(lock.age_gate("a", &files), None, "{path}");
            }
            let _ = lock.vendored(&files, &|_| false, &[]);
            let own = lock.own_edits(path, text, text);
            assert!(
                own.is_ok_and(|it| it.is_empty()) || is_refused(path, text),
                "{path}"
            );
            if let Some((before, after)) = text.split_once("\n---\n") {
                let _ = lock.own_edits(path, before, after);
            }
        }
        let _ = lock.environment(text);
    }
}

fn is_refused(path: &str, text: &str) -> bool {
    let mut formats = ALL.iter().filter_map(|it| it.format(path));
    formats.any(|it| it.read(text).is_err())
}

/// A recorded bump, whatever became of it: a rewritten lock is settled, and can be read.
pub(crate) fn bumps(text: &str) {
    let bump = Recorded::read(text);
    let Some(format) = bump.format() else {
        return;
    };
    let Ok(new) = bump.rewritten(format, &bump.lock) else {
        return;
    };
    let is_read = |text: &str| format.entries(text).is_ok();
    assert!(is_read(&new) || !is_read(&bump.lock), "{}", bump.name);
    assert_eq!(
        bump.rewritten(format, &new).as_ref(),
        Ok(&new),
        "{}: twice",
        bump.name
    );
}

/// Changelogs and files with a version in them.
pub(crate) fn texts(text: &str) {
    let _ = cascade_manifest::recognized(text);
    if let Ok(expression) = cascade_manifest::LicenseExpression::parse(text) {
        assert!(!expression.names().is_empty());
    }
    if let Some(new) = release_changelog(text, "1.2.3", "2026-11-21") {
        assert_eq!(release_changelog(&new, "1.2.3", "2026-11-21"), None);
    }
    for attribute in [
        "__version__",
        "version",
        text.lines().next().unwrap_or_default(),
    ] {
        if let Some(span) = cascade_manifest::python::version_in(text, attribute) {
            assert!(text.get(span).is_some());
        }
    }
    let (regex, body) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(site) = cascade_manifest::SiteRegex::compile(regex) {
        for span in site.find(body) {
            assert!(body.get(span).is_some());
        }
    }
}

/// A workflow is read or refused; whatever it says, its runs are as many as a matrix may have, and all
/// of them can be judged.
pub(crate) fn workflows(text: &str) {
    let Ok(workflow) = Workflow::read(text) else {
        return;
    };
    for job in &workflow.jobs {
        let entries = job.entries();
        assert!(entries.len() <= 256);
        for entry in entries.iter().take(8) {
            let _ = job.runs(entry);
            for step in &job.steps {
                let _ = (step.runs(entry), step.may_fail(entry));
                for scalar in step.run.iter().chain(step.with.values()) {
                    assert!(text.get(scalar.span.clone()).is_some());
                    let _ = entry.resolve(&scalar.value);
                    assert!(scalar.secrets().all(|it| text.contains(it)));
                }
            }
        }
    }
    for trigger in &workflow.triggers {
        let _ = (
            trigger.starts_on_tag("v1.0.0"),
            trigger.starts_on_branch("main"),
        );
    }
}

/// Whatever a text refers to stands where it says; what moves, moves alone and once.
pub(crate) fn sites(text: &str) {
    let _ = applications(text);
    for (path, key) in [
        ("x.yaml", "image.tag"),
        ("x.json", "a[0].b"),
        ("x.tf", "version"),
    ] {
        keyed(text, path, key);
    }
    let to = Version::parse(Scheme::Semver, "98.76.54");
    for format in FORMATS {
        let Ok(read) = format.read(text) else {
            continue;
        };
        assert_eq!(format.moved(text, &[]).as_deref(), Ok(text), "{format:?}");
        for it in &read {
            let held = it
                .held
                .iter()
                .filter_map(|it| Some((it.span.clone()?, &it.text)));
            let version = it.span.clone().map(|span| (span, &it.version));
            for (span, said) in held.chain(version) {
                assert_eq!(text.get(span), Some(said.as_str()), "{format:?}");
            }
        }
        for (at, it) in read.iter().enumerate().take(20) {
            let new = to.as_ref().and_then(|to| respelled(&it.version, to));
            if let Some(new) = &new {
                moves_alone((format, text), (&read, at), new);
            }
            moves_held(
                (format, text),
                (&read, at),
                new.unwrap_or_default().as_str(),
            );
        }
    }
}

/// A version under a key moves alone, or stays.
fn keyed(text: &str, path: &str, key: &str) {
    let key = Key::of(path, key, Kind::Image).ok();
    let Some((key, one)) = key.and_then(|it| Some((it.clone(), it.read(text).ok()?))) else {
        return;
    };
    let to = Version::parse(Scheme::Semver, "98.76.54");
    let new = to.and_then(|to| respelled(&one.version, &to));
    let Some(to) = new.and_then(|new| Move::of(&one, &new).ok()) else {
        return;
    };
    if let Ok(edited) = key.moved(text, &to) {
        let said = key.read(&edited).map(|it| it.version);
        assert_eq!(said.as_ref(), Ok(&to.to), "{key:?}");
    }
}

/// Moves one reference of a text: the others say what they said, and a second time changes nothing.
fn moves_alone(
    (format, text): (&cascade_manifest::deploy::DeployFormat, &str),
    (read, at): (&[Reference], usize),
    new: &str,
) {
    let Some(it) = read.get(at) else { return };
    let Ok(to) = Move::of(it, new) else { return };
    let Ok(edited) = format.moved(text, std::slice::from_ref(&to)) else {
        return;
    };
    let before = text.get(..to.span.start).unwrap_or_default();
    let behind = text.get(to.span.end..).unwrap_or_default();
    let bare = format!("{before}{new}{behind}");
    assert!(
        edited == bare || edited.len() == bare.len() + 2,
        "{format:?}"
    );
    assert_eq!(edited.lines().count(), text.lines().count(), "{format:?}");
    let Ok(again) = format.read(&edited) else {
        panic!("{format:?}: {edited}");
    };
    assert_eq!(again.len(), read.len(), "{format:?}");
    for (old, now) in read.iter().zip(&again) {
        let said = if old.span == it.span {
            new
        } else {
            &old.version
        };
        assert_eq!(
            (&now.name, now.version.as_str()),
            (&old.name, said),
            "{format:?}"
        );
    }
    let twice = again.iter().filter_map(|it| Move::of(it, new).ok());
    let twice = twice.filter(|it| edited.get(it.span.clone()) == Some(new));
    let same = format.moved(&edited, &twice.collect::<Vec<_>>());
    assert_eq!(same.as_ref(), Ok(&edited), "{format:?}");
}

/// Moves one reference together with what holds it: the others say what they said.
fn moves_held(
    (format, text): (&cascade_manifest::deploy::DeployFormat, &str),
    (read, at): (&[Reference], usize),
    new: &str,
) {
    let Some(it) = read.get(at) else { return };
    let digits = "ab".repeat(32);
    let holds = [format!("sha256:{digits}"), digits];
    let Some(to) = holds.iter().find_map(|to| Move::held(it, new, to).ok()) else {
        return;
    };
    let Ok(edited) = format.moved(text, std::slice::from_ref(&to)) else {
        return;
    };
    let Ok(again) = format.read(&edited) else {
        panic!("{format:?}: {edited}");
    };
    assert_eq!(again.len(), read.len(), "{format:?}");
    let span = |it: &Reference| it.held.as_ref().and_then(|it| it.span.clone());
    let told = |it: &Reference| it.held.as_ref().map(|it| it.text.clone());
    for (old, now) in read.iter().zip(&again) {
        let said = if span(old) == span(it) {
            (to.to.as_str(), to.held.clone())
        } else {
            (old.version.as_str(), told(old))
        };
        assert_eq!(now.name, old.name, "{format:?}");
        assert_eq!((now.version.as_str(), told(now)), said, "{format:?}");
    }
}
