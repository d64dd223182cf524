//! The rules about artefacts: what would be published, as it would be.

mod artifact_build_failed;
mod artifact_contents;
mod artifact_incomplete;
mod artifact_metadata;
mod artifact_unsafe;
mod artifact_untried;
mod artifact_unusable;
mod artifact_version;

use cascade_manifest::Version;

use super::{Check, Told, View};
use crate::snapshot::{Artifact, Artifacts, Contents, Trial, TrialEnd, Tried};
use crate::{Audit, ObservedPackage, ObservedRepo, RepoDeclaration, RepoId};

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &artifact_build_failed::CHECK,
    &artifact_contents::CHECK,
    &artifact_incomplete::CHECK,
    &artifact_metadata::CHECK,
    &artifact_unsafe::CHECK,
    &artifact_untried::CHECK,
    &artifact_unusable::CHECK,
    &artifact_version::CHECK,
];

/// A repository whose artefacts were looked into.
struct Shop<'a> {
    id: &'a RepoId,
    declared: &'a RepoDeclaration,
    seen: &'a ObservedRepo,
    audit: &'a Audit,
    artifacts: &'a Artifacts,
}

/// Returns every repository whose artefacts were looked into.
fn shops<'a>(view: &View<'a>) -> impl Iterator<Item = Shop<'a>> {
    let shop = |(id, declared, seen, audit): (_, _, _, &'a Audit)| {
        let artifacts = audit.artifacts.as_ref()?;
        Some(Shop {
            id,
            declared,
            seen,
            audit,
            artifacts,
        })
    };
    view.audited().filter_map(shop)
}

/// Returns what is told of every artefact that could be read.
fn of_contents(
    view: &View<'_>,
    tell: fn(&Shop<'_>, &Artifact, &Contents) -> Vec<Told>,
) -> Vec<Told> {
    let of_shop = |shop: Shop<'_>| -> Vec<Told> {
        let contents = shop.contents();
        contents
            .flat_map(|(artifact, it)| tell(&shop, artifact, it))
            .collect()
    };
    shops(view).flat_map(of_shop).collect()
}

impl<'a> Shop<'a> {
    /// Returns every artefact that could be read.
    fn contents(&self) -> impl Iterator<Item = (&'a Artifact, &'a Contents)> {
        let files = self.artifacts.files.iter();
        files.filter_map(|it| Some((it, it.read.as_ref().ok()?)))
    }

    /// Returns the package that an artefact is of.
    fn package(&self, artifact: &Artifact, contents: &Contents) -> Option<&'a ObservedPackage> {
        let ours = |it: &&ObservedPackage| {
            let canonical = it.ecosystem.canonical;
            let same = canonical(&it.name) == canonical(&contents.name);
            it.ecosystem.name == artifact.ecosystem && same
        };
        self.seen.packages.iter().find(ours)
    }

    /// Returns the version that an artefact of a package has to have: that of the tag at the commit, else
    /// that of the manifest; `None` where neither says one.
    fn version(&self, package: &ObservedPackage) -> Option<Version> {
        let head = self.seen.head.as_ref();
        let tagged = package.versions(&self.seen.tags);
        let tagged = tagged.filter(|(_, tag)| Some(&tag.commit) == head);
        let highest = tagged.map(|it| it.0).max();
        let said = package.version.as_deref();
        let said = said.filter(|_| package.source == crate::VersionSource::Static);
        highest.or_else(|| Version::parse(package.ecosystem.scheme, said?))
    }

    /// Tells something of an artefact.
    fn tell(&self, what: String) -> Told {
        Told::of(self.id, what).mend(again(self.id))
    }

    /// Tells of trials of these kinds that failed.
    fn failed(&self, kinds: &[Tried], is: &str) -> Vec<Told> {
        let trials = self.artifacts.trials.iter();
        let failed = trials.filter(|it| kinds.contains(&it.what));
        failed.filter_map(|it| self.one(it, is)).collect()
    }

    fn one(&self, it: &Trial, is: &str) -> Option<Told> {
        let TrialEnd::Badly(why) = &it.end else {
            return None;
        };
        let (subject, verb) = (&it.subject, verb(it.what));
        let told = Told::of(self.id, format!("`{subject}` {is} {verb}: {why}"));
        Some(told.mend(format!(
            "mend it in `{}`, then: {}",
            self.declared.path,
            again(self.id)
        )))
    }
}

/// Returns the command that builds and looks again.
fn again(id: &RepoId) -> String {
    format!("cascade check --build --repo {id}")
}

fn verb(what: Tried) -> &'static str {
    match what {
        Tried::Build => "be built",
        Tried::Publish => "be published",
        Tried::Metadata => "be described",
        Tried::Install => "be installed",
        Tried::Import => "be imported",
        Tried::Data => "be loaded",
        Tried::Command => "be asked for its version",
    }
}
