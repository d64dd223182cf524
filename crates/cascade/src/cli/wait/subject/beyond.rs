//! Images and charts that are waited for: declared ones, or one that is typed with where it is.

use std::time::Duration;

use cascade_plan::{
    Beyond, CHART, ChartDeclaration, IMAGE, ImageName, Outlet, Pace, RepoDeclaration, RepoId,
    beyond,
};

use super::super::super::Call;
use super::super::super::workspace::Workspace;
use super::super::{Target, Wait};
use super::Subject;
use crate::exit::Exit;
use crate::failure::Failure;

/// How much of a name was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// All of it, or its kind is said.
    Whole,
    /// Its last part, behind its repository.
    Short,
}

/// Returns the image or chart that a text means by its kind or its whole name: `image:NAME`,
/// `chart:ADDRESS`, `REPO/HOST/PATH`; none where it means none.
pub(super) fn named(
    wait: &Wait,
    call: &Call,
    workspace: Option<&Workspace>,
) -> Result<Vec<Target>, Failure> {
    let (kind, name) = match &wait.subject.who {
        Subject::Package { ecosystem, name } if is_kind(ecosystem) => {
            (Some(ecosystem.as_str()), name)
        }
        Subject::Package { .. } => return Ok(Vec::new()),
        Subject::Text(name) => (None, name),
    };
    let found = declared((wait, call), workspace, (kind, name), Typed::Whole);
    if !found.is_empty() {
        return Ok(found);
    }
    let typed = match kind {
        Some(IMAGE) => image(name)?,
        Some(_) => chart(name)?,
        None => return Ok(Vec::new()),
    };
    let time = Pace::default().timeout;
    Ok(vec![target((wait, call), &typed, time)])
}

fn is_kind(word: &str) -> bool {
    [IMAGE, CHART].contains(&word)
}

/// Returns the declared images and charts that a text means.
pub(super) fn declared(
    of: (&Wait, &Call),
    workspace: Option<&Workspace>,
    (kind, name): (Option<&str>, &str),
    typed: Typed,
) -> Vec<Target> {
    let repos = workspace.into_iter().flat_map(|it| it.graph.repos());
    let found = repos.flat_map(|(id, repo)| {
        let behind = name.strip_prefix(id.as_str());
        let behind = behind.and_then(|it| it.strip_prefix('/'));
        let means = move |it: &Beyond| {
            let of_kind = kind.is_none_or(|kind| kind == it.kind);
            of_kind
                && match typed {
                    Typed::Whole => [Some(name), behind].contains(&Some(whole(it).as_str())),
                    Typed::Short => behind == it.name.rsplit('/').next(),
                }
        };
        let all = everything(repo).into_iter().filter(means);
        all.map(|it| target(of, &it, repo.timeout))
    });
    found.collect()
}

/// Returns what a repository publishes beyond packages, whether it is waited for in releases or not.
fn everything(repo: &RepoDeclaration) -> Vec<Beyond> {
    let mut repo = repo.clone();
    repo.unawaited = false;
    beyond(&repo)
}

/// Returns whether a name is that of a repository that publishes images or charts, waited for in releases
/// or not.
pub(super) fn is_publisher(workspace: Option<&Workspace>, name: &str) -> bool {
    let repo = workspace.and_then(|it| it.graph.repo(&RepoId::new(name)));
    repo.is_some_and(|it| !everything(it).is_empty())
}

/// Returns the images and charts of a repository, as a release waits for them.
pub(super) fn of_repository(
    of: (&Wait, &Call),
    workspace: Option<&Workspace>,
    name: &str,
) -> Vec<Target> {
    let repos = workspace.into_iter().flat_map(|it| it.graph.repos());
    let own = repos.filter(|(id, _)| id.as_str() == name && of.0.place.is_none());
    let all = own.flat_map(|(_, repo)| {
        let all = beyond(repo).into_iter();
        all.map(|it| target(of, &it, repo.timeout))
    });
    all.collect()
}

/// Returns the whole name: an image with its host, a chart with its address.
fn whole(it: &Beyond) -> String {
    match &it.outlet {
        Outlet::Address(origin) => format!("{origin}/{}", it.name),
        _ => it.name.clone(),
    }
}

fn target((wait, call): (&Wait, &Call), it: &Beyond, timeout: Duration) -> Target {
    let mut awaited = it.awaited(&wait.subject.version);
    awaited.expected.digests = wait.digests.iter().cloned().collect();
    Target {
        awaited,
        registry: it.registry.clone(),
        folder: call.environment.here.clone(),
        timeout,
    }
}

/// Returns an image that is typed.
fn image(name: &str) -> Result<Beyond, Failure> {
    let read = ImageName::parse(name).map_err(|_| {
        let what = format!("`{}` is no image", name.escape_debug());
        let help = "write its repository without a tag, as `image:ghcr.example/acme/core@1.4.0`";
        Failure::new(Exit::Usage, what, help)
    })?;
    Ok(Beyond {
        kind: IMAGE,
        name: name.to_owned(),
        registry: read.host().to_owned(),
        outlet: Outlet::Image { moving: Vec::new() },
    })
}

/// Returns a chart that is typed with its address.
fn chart(address: &str) -> Result<Beyond, Failure> {
    let read = ChartDeclaration::parse(address);
    let found = read.and_then(|it| Beyond::chart(&it));
    found.ok_or_else(|| {
        let what = format!("`{}` is at no address of a chart", address.escape_debug());
        let help = "write it as `chart:oci://HOST/PATH/NAME@1.4.0` or `chart:https://HOST/PATH/NAME@1.4.0`";
        Failure::new(Exit::Usage, what, help)
    })
}
