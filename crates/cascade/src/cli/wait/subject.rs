//! What is waited for, as it was typed, and where that appears.

mod beyond;

use std::path::PathBuf;

use cascade_plan::{
    Appearance, Awaited, CHART, Expected, IMAGE, Outlet, Pace, PackageSurvey, RepoDeclaration,
    RepoId,
};
use cascade_run::Depth;

use super::super::Call;
use super::super::workspace::Workspace;
use super::{Target, Wait};
use crate::exit::Exit;
use crate::failure::Failure;
use beyond::Typed;

/// What people call the indexes of an ecosystem.
const CALLED: &[(&str, &str)] = &[("pypi", "python"), ("crates", "cargo"), ("pip", "python")];

/// A package or repository, and a version.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// What.
    pub(super) who: Subject,
    /// The version, without a leading `v`.
    pub(super) version: String,
}

/// What is waited for.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// A package by itself: `python:core`.
    Package {
        /// Its ecosystem.
        ecosystem: String,
        /// Its name.
        name: String,
    },
    /// A repository, `REPO/PACKAGE`, or a package's name.
    Text(String),
}

/// Reads `PACKAGE@VERSION`.
pub(super) fn read(text: &str) -> Result<Named, String> {
    let both = text.rsplit_once('@').filter(|it| !it.0.is_empty());
    let (who, version) = both.ok_or("it is `REPO@VERSION` or `ECOSYSTEM:NAME@VERSION`")?;
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if !version.starts_with(|c: char| c.is_ascii_digit()) || version.contains(odd) {
        return Err(format!("`{version}` is no version; one is like `1.2.3`"));
    }
    if who.contains(odd) {
        return Err("the name holds a space".to_owned());
    }
    let who = match who.split_once(':') {
        Some((kind @ (IMAGE | CHART), name)) if !name.is_empty() => Subject::Package {
            ecosystem: kind.to_owned(),
            name: name.to_owned(),
        },
        // The port of a host: `localhost:5000/acme/core`.
        Some((before, _)) if before.contains(['/', '.']) || before == "localhost" => {
            Subject::Text(who.to_owned())
        }
        Some((kind, name)) if !name.is_empty() => Subject::Package {
            ecosystem: ecosystem(kind)?,
            name: name.to_owned(),
        },
        _ => Subject::Text(who.to_owned()),
    };
    Ok(Named {
        who,
        version: version.to_owned(),
    })
}

/// Returns the ecosystem that a word means.
pub(super) fn ecosystem(word: &str) -> Result<String, String> {
    let called = CALLED.iter().find(|it| it.0 == word).map(|it| it.1);
    let word = called.unwrap_or(word);
    if cascade_manifest::ecosystem(word).is_some() {
        return Ok(word.to_owned());
    }
    let known: Vec<&str> = cascade_manifest::ALL.iter().map(|it| it.name).collect();
    Err(format!("an ecosystem is one of {}", known.join(", ")))
}

/// Returns the packages that are waited for, each with where it appears.
pub(super) fn subjects(
    wait: &Wait,
    call: &Call,
    workspace: Option<&Workspace>,
) -> Result<Vec<Target>, Failure> {
    let found = beyond::named(wait, call, workspace)?;
    if !found.is_empty() {
        return Ok(found);
    }
    let family = workspace.map(|it| Family::of(it, call));
    let (kind, name) = match (&wait.subject.who, &wait.ecosystem) {
        (Subject::Package { ecosystem, name }, _) => (Some(ecosystem.clone()), name),
        (Subject::Text(name), kind) => (kind.clone(), name),
    };
    let found = family.as_ref().map(|it| it.called(kind.as_deref(), name));
    let found = found.unwrap_or_default();
    if !found.is_empty() {
        // A whole repository is waited for as a release of it does, where it publishes more than packages.
        let as_released = wait.place.is_none() && beyond::is_publisher(workspace, name);
        let all = found.into_iter();
        let mut all: Vec<Target> = all
            .filter(|it| !as_released || it.appears().is_some())
            .map(|it| of_family(wait, call, &it))
            .collect::<Result<_, _>>()?;
        all.extend(beyond::of_repository((wait, call), workspace, name));
        if all.is_empty() {
            return Err(unawaited(name));
        }
        return Ok(all);
    }
    let mut found = beyond::declared((wait, call), workspace, (None, name), Typed::Short);
    found.extend(beyond::of_repository((wait, call), workspace, name));
    if !found.is_empty() {
        return Ok(found);
    }
    let place = wait.place.as_deref();
    let place = place
        .map(|it| appearance(call, workspace, it))
        .transpose()?;
    let told = place.as_ref().and_then(|it| it.ecosystem.clone());
    let Some(ecosystem) = kind.or(told) else {
        return Err(unknown(workspace, name));
    };
    let place = place.unwrap_or_else(configured);
    let outlet = with_tags(place.outlet, || {
        let plain = name.rsplit('/').next().unwrap_or(name);
        let version = &wait.subject.version;
        vec![
            format!("v{version}"),
            version.clone(),
            format!("{plain}-v{version}"),
        ]
    });
    Ok(vec![Target {
        awaited: awaited(wait, (&ecosystem, name), outlet, &[]),
        registry: place.registry,
        folder: call.environment.here.clone(),
        timeout: Pace::default().timeout,
    }])
}

fn awaited(
    wait: &Wait,
    (ecosystem, name): (&str, &str),
    outlet: Outlet,
    files: &[String],
) -> Awaited {
    let asked = if wait.files.is_empty() {
        files
    } else {
        &wait.files
    };
    Awaited {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
        version: wait.subject.version.clone(),
        outlet,
        expected: Expected {
            files: asked.to_vec(),
            digests: wait.digests.iter().cloned().collect(),
        },
    }
}

/// Returns what the settings of the tools say.
fn configured() -> Appearance {
    Appearance {
        registry: "configured".to_owned(),
        ecosystem: None,
        outlet: Outlet::Configured,
    }
}

/// The packages of a workspace, as the checkouts show them.
struct Family<'a> {
    workspace: &'a Workspace,
    packages: Vec<(RepoId, PackageSurvey)>,
}

/// A package of the family.
struct Member<'a> {
    workspace: &'a Workspace,
    repo: &'a RepoId,
    declared: &'a RepoDeclaration,
    package: &'a PackageSurvey,
}

impl<'a> Family<'a> {
    fn of(workspace: &'a Workspace, call: &Call) -> Self {
        let seen = workspace.observe(call, Depth::Survey);
        let repos = seen.survey.repos.into_iter();
        let packages = repos.flat_map(|(repo, it)| {
            let own = it.packages.into_iter();
            own.map(move |package| (repo.clone(), package))
        });
        Self {
            workspace,
            packages: packages.collect(),
        }
    }

    /// Returns the packages that a text means: those of a repository, one of them, or by its name.
    fn called(&self, kind: Option<&str>, text: &str) -> Vec<Member<'_>> {
        let ours =
            |it: &&(RepoId, PackageSurvey)| kind.is_none_or(|kind| kind == it.1.ecosystem.name);
        let same = |it: &PackageSurvey, name: &str| {
            let canonical = it.ecosystem.canonical;
            canonical(&it.id.name) == canonical(name)
        };
        let all = || self.packages.iter().filter(ours);
        let mut found: Vec<_> = all().filter(|(repo, _)| repo.as_str() == text).collect();
        if found.is_empty() {
            found = all().filter(|(_, it)| same(it, text)).collect();
        }
        if found.is_empty()
            && let Some((repo, name)) = text.split_once('/')
        {
            let one = all().filter(|(id, it)| id.as_str() == repo && same(it, name));
            found = one.collect();
        }
        let members = found.into_iter().filter_map(|(repo, package)| {
            Some(Member {
                workspace: self.workspace,
                repo,
                declared: self.workspace.graph.repo(repo)?,
                package,
            })
        });
        members.collect()
    }
}

impl Member<'_> {
    /// Returns where it appears, by what is declared.
    fn appears(&self) -> Option<&Appearance> {
        let (kind, name) = (self.package.ecosystem.name, &self.package.id.name);
        self.declared.appears(kind, name)
    }
}

fn of_family(wait: &Wait, call: &Call, it: &Member<'_>) -> Result<Target, Failure> {
    let (kind, name) = (it.package.ecosystem.name, it.package.id.name.as_str());
    let place = match &wait.place {
        Some(place) => appearance(call, Some(it.workspace), place)?,
        None => it.appears().cloned().unwrap_or_else(configured),
    };
    let files = it.declared.package(kind, name);
    let files = files.map(|it| it.files.clone()).unwrap_or_default();
    let tag = it.package.template.tag(&wait.subject.version);
    let outlet = with_tags(place.outlet, || vec![tag]);
    let folder = it.workspace.folder(it.repo).map(PathBuf::from);
    Ok(Target {
        awaited: awaited(wait, (kind, name), outlet, &files),
        registry: place.registry,
        folder: folder.unwrap_or_else(|| call.environment.here.clone()),
        timeout: it.declared.timeout,
    })
}

fn with_tags(outlet: Outlet, tags: impl FnOnce() -> Vec<String>) -> Outlet {
    match outlet {
        Outlet::Tags { remote, .. } => Outlet::Tags {
            remote,
            tags: tags(),
        },
        other => other,
    }
}

/// Returns what `--in` means.
fn appearance(
    call: &Call,
    workspace: Option<&Workspace>,
    text: &str,
) -> Result<Appearance, Failure> {
    let registries = workspace.map(|it| it.graph.registries());
    if let Some(it) = registries.and_then(|it| it.get(text)) {
        return Ok(Appearance {
            registry: text.to_owned(),
            ecosystem: it.ecosystem.clone(),
            outlet: it.outlet.clone(),
        });
    }
    if text == "configured" {
        return Ok(configured());
    }
    let outlet = if let Some(remote) = text.strip_prefix("git+") {
        Outlet::Tags {
            remote: remote.to_owned(),
            tags: Vec::new(),
        }
    } else if text.contains("://") {
        Outlet::Address(text.to_owned())
    } else {
        let folder = call.environment.here.join(text);
        if !folder.is_dir() {
            return Err(nowhere(
                registries.into_iter().flatten().map(|it| it.0),
                text,
            ));
        }
        Outlet::Folder(folder.to_string_lossy().into_owned())
    };
    Ok(Appearance {
        registry: shown(text),
        ecosystem: None,
        outlet,
    })
}

/// Returns an address without its login.
fn shown(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |it| it.1);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

fn nowhere<'a>(known: impl Iterator<Item = &'a String>, text: &str) -> Failure {
    let near = known
        .map(|it| (strsim::jaro_winkler(text, it), it))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let help = match near {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None => "name an address, a folder, or a registry of workspace.toml".to_owned(),
    };
    let what = format!("`{text}` is no registry of the workspace, no address, and no folder");
    Failure::new(Exit::Usage, what, help)
}

/// Returns the failure that a release waits for nothing of a repository.
fn unawaited(name: &str) -> Failure {
    Failure::new(
        Exit::Usage,
        format!("a release waits for nothing of `{name}`: it says `registry = \"none\"`"),
        format!(
            "name one image or chart of it, as `{name}/NAME`, or where its packages are, with `--in`"
        ),
    )
}

/// Returns the failure to tell what a name means.
fn unknown(workspace: Option<&Workspace>, name: &str) -> Failure {
    match workspace {
        Some(workspace) if workspace.graph.repo(&RepoId::new(name)).is_some() => Failure::new(
            Exit::Usage,
            format!(
                "`{name}` publishes nothing that could be waited for: no package, image or chart"
            ),
            format!(
                "`cascade status --repo {name}` shows what is in it; `images` and `charts` are declared"
            ),
        ),
        Some(workspace) if !name.contains(['/', '@']) => workspace.unknown(name),
        _ => Failure::new(
            Exit::Usage,
            format!("nothing says which ecosystem `{name}` is of"),
            format!(
                "write it as `python:{name}`, `npm:{name}`, `cargo:{name}`, `go:{name}`, \
                 `image:{name}` or `chart:oci://{name}`"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_and_a_version_are_read_apart() {
        let both = |text: &str| {
            let it = read(text).unwrap();
            let who = match it.who {
                Subject::Package { ecosystem, name } => format!("{ecosystem} {name}"),
                Subject::Text(name) => name,
            };
            (who, it.version)
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            both("image:ghcr.example/acme/core@v1.2.0"),
            pair("image ghcr.example/acme/core", "1.2.0")
        );
        assert_eq!(
            both("core/localhost:5000/acme/core@1.2.0"),
            pair("core/localhost:5000/acme/core", "1.2.0")
        );
        assert_eq!(both("core@v1.2.0"), pair("core", "1.2.0"));
        assert_eq!(both("pypi:core@1.0rc1"), pair("python core", "1.0rc1"));
        assert_eq!(both("npm:@own/core@1.0.0"), pair("npm @own/core", "1.0.0"));
        assert_eq!(
            both("go:x.example/a/v2@v2.0.0"),
            pair("go x.example/a/v2", "2.0.0")
        );
        for wrong in [
            "core",
            "@1.0.0",
            "core@",
            "core@latest",
            "maven:x@1.0.0",
            "a b@1.0",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_is_shown_without_its_login() {
        assert_eq!(
            shown("https://me:x@registry.example/a?t=x"),
            "https://registry.example/a"
        );
        assert_eq!(
            shown("git+https://me@git.example"),
            "git+https://git.example"
        );
        assert_eq!(shown("./wheels"), "./wheels");
    }
}
