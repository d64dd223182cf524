//! What is waited for until it is really there.

use super::moves::{Moved, Moves};
use super::world::{Hold, Home, World};
use crate::visible::beyond;
use crate::{Action, AwaitVisible, Awaited, Expected, Outlet};

/// Returns the waits for what a step releases.
pub(super) fn released(home: Home<'_>, moves: &Moves<'_>) -> Vec<Action> {
    let released = moves.packages.values().filter(|it| !it.out);
    waits(home, &released.collect::<Vec<_>>())
}

/// Returns the waits for what is out already and travels down: a run that was broken off goes on
/// with them.
pub(super) fn travelling(world: &World<'_>, home: Home<'_>, moves: &Moves<'_>) -> Vec<Action> {
    if !world.is_release() {
        return Vec::new();
    }
    let travelling = moves.packages.values();
    let travelling = travelling.filter(|it| it.out && it.hold == Hold::Every);
    waits(home, &travelling.collect::<Vec<_>>())
}

/// Returns the waits for packages, and for the images and charts of their version.
fn waits(home: Home<'_>, moved: &[&Moved<'_>]) -> Vec<Action> {
    let packages = moved.iter().filter_map(|it| wait(home, it));
    let beyond = beyond(home.declared).into_iter().filter_map(|it| {
        let moved = of_version(home, moved, &it.name)?;
        let mut awaited = it.awaited(moved.to.text());
        if let Outlet::Image { moving } = &mut awaited.outlet {
            // They follow final versions alone.
            moving.retain(|_| moved.to.is_final());
        }
        Some(Action::AwaitVisible(AwaitVisible {
            awaited,
            registry: it.registry,
            tag: moved.tag.clone(),
            timeout: home.declared.timeout.as_secs(),
            status: home.declared.publish_status.clone(),
            smoke: Vec::new(),
        }))
    });
    packages.chain(beyond).collect()
}

/// Returns the package whose version an image or chart has, where it is one of these.
fn of_version<'m, 'a>(
    home: Home<'a>,
    moved: &[&'m Moved<'a>],
    name: &str,
) -> Option<&'m Moved<'a>> {
    let first = *moved.first()?;
    let is_one = moved.iter().all(|it| it.to == first.to);
    let package = home.seen.releasing(name, is_one)?;
    let mut moved = moved.iter().copied();
    moved.find(|it| {
        let observed = home.observed(it.package);
        observed.is_some_and(|it| std::ptr::eq(it, package))
    })
}

/// Returns the wait for one package; `None` where nothing says that it appears anywhere.
fn wait(home: Home<'_>, moved: &Moved<'_>) -> Option<Action> {
    let (kind, name) = (moved.package.ecosystem.name, moved.package.id.name.as_str());
    let declared = home.declared;
    let place = if moved.to.is_final() {
        declared.appears(kind, name)
    } else {
        declared.stages(kind, name)
    }?;
    let files = declared.package(kind, name).map(|it| it.files.clone());
    Some(Action::AwaitVisible(AwaitVisible {
        awaited: Awaited {
            ecosystem: kind.to_owned(),
            name: name.to_owned(),
            version: moved.to.text().to_owned(),
            outlet: place.outlet.clone(),
            expected: Expected {
                files: files.unwrap_or_default(),
                ..Expected::default()
            },
        },
        registry: place.registry.clone(),
        tag: moved.tag.clone(),
        timeout: declared.timeout.as_secs(),
        status: declared.publish_status.clone(),
        smoke: declared.smoke.clone(),
    }))
}
