//! What a repository publishes beyond packages and can be waited for.

use super::{Awaited, CHART, Expected, IMAGE, Outlet};
use crate::{ChartDeclaration, RepoDeclaration};

/// An image or chart that a repository publishes, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// [`IMAGE`] or [`CHART`].
    pub kind: &'static str,
    /// Its name: an image's repository, a chart's own name.
    pub name: String,
    /// Where it appears, as people are told.
    pub registry: String,
    /// Where it appears.
    pub outlet: Outlet,
}

impl Beyond {
    /// Returns a chart; `None` where nothing says where it is.
    pub fn chart(declared: &ChartDeclaration) -> Option<Self> {
        let origin = declared.origin.clone()?;
        let place = origin.split_once("://").map_or("", |it| it.1);
        Some(Self {
            kind: CHART,
            name: declared.name.clone(),
            registry: host(place),
            outlet: Outlet::Address(origin),
        })
    }

    /// Returns one of its versions, to be waited for.
    pub fn awaited(&self, version: &str) -> Awaited {
        Awaited {
            ecosystem: self.kind.to_owned(),
            name: self.name.clone(),
            version: version.to_owned(),
            outlet: self.outlet.clone(),
            expected: Expected::default(),
        }
    }
}

/// Returns the images and charts that are declared with where they appear, unless nothing that the
/// repository publishes is waited for.
pub fn beyond(declared: &RepoDeclaration) -> Vec<Beyond> {
    if declared.unawaited {
        return Vec::new();
    }
    let images = declared.images.iter().map(|it| Beyond {
        kind: IMAGE,
        name: it.name.clone(),
        registry: host(&cascade_manifest::deploy::image_name(&it.name)),
        outlet: Outlet::Image {
            moving: it.moving.clone(),
        },
    });
    let charts = declared.charts.iter().filter_map(Beyond::chart);
    images.chain(charts).collect()
}

fn host(place: &str) -> String {
    place.split('/').next().unwrap_or_default().to_owned()
}
