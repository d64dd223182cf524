//! Where a pin of a file that deploys was read, or one under a declared key.

use cascade_manifest::deploy::Reference;
use cascade_manifest::{Form, Kind};

use super::world::Home;
use crate::survey::SITE;
use crate::{DeployFile, Oid, PinSurvey, SiteDeclaration, SiteMatch};

/// Where something that deploys is named, and how that is edited.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) path: &'a str,
    pub(super) reference: &'a Reference,
    pub(super) by: By<'a>,
}

/// What a reference was found by.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    /// The format of its file.
    File(&'a DeployFile),
    /// A declared key.
    Key(&'a SiteDeclaration, &'a SiteMatch),
}

impl<'a> Home<'a> {
    /// Returns what a pin of a file that deploys was made of, or one under a declared key; `None` for
    /// all other pins.
    pub(super) fn place(&self, pin: &PinSurvey) -> Option<Place<'a>> {
        match pin.section.as_str() {
            SITE => self.keyed(pin).or_else(|| self.referred(pin)),
            _ => self.referred(pin),
        }
    }

    fn referred(&self, pin: &PinSurvey) -> Option<Place<'a>> {
        let file = self.deploy(&pin.manifest)?;
        let is_it = |it: &&Reference| {
            let same = (it.kind, it.line, it.place()) == (pin.kind, pin.line, pin.span.as_ref());
            same && it.section == pin.section
        };
        let mut all = file.read.iter().flatten().filter(is_it);
        let first = all.next()?;
        let stays = |it: &&Reference| pin.form == Form::Opaque && it.stays().is_some();
        let reference = std::iter::once(first)
            .chain(all)
            .find(stays)
            .unwrap_or(first);
        Some(Place {
            path: &file.path,
            reference,
            by: By::File(file),
        })
    }

    fn keyed(&self, pin: &PinSurvey) -> Option<Place<'a>> {
        let mut sites = self.seen.sites.iter();
        let at = |it: &'a SiteMatch| it.reference.as_ref().and_then(Reference::place);
        let found = sites.find(|it| it.path == pin.manifest && at(it) == pin.span.as_ref())?;
        Some(Place {
            path: &found.path,
            reference: found.reference.as_ref()?,
            by: By::Key(self.declared.sites.get(found.site)?, found),
        })
    }

    pub(super) fn deploy(&self, path: &str) -> Option<&'a DeployFile> {
        self.seen.deploys.iter().find(|it| it.path == path)
    }
}

impl<'a> Place<'a> {
    /// Returns the file that deploys in which it was found; `None` where a declared key found it.
    pub(super) fn file(self) -> Option<&'a DeployFile> {
        match self.by {
            By::File(file) => Some(file),
            By::Key(..) => None,
        }
    }

    /// Returns all references that stand on the same bytes, this one first.
    pub(super) fn together(self) -> impl Iterator<Item = &'a Reference> {
        let read = self
            .file()
            .into_iter()
            .flat_map(|it| it.read.iter().flatten());
        let first = self.reference;
        let others = read.filter(move |it| it.is_beside(first) && *it != first);
        std::iter::once(first).chain(others)
    }

    /// Returns a dependency of a chart and the file that it stands in; `None` for all else.
    pub(super) fn chart(self) -> Option<(&'a DeployFile, &'a Reference)> {
        let file = self.file().filter(|_| self.reference.kind == Kind::Chart)?;
        Some((file, self.reference))
    }

    /// Returns the folder of a submodule and the commit that it is at.
    pub(super) fn submodule(&self) -> Option<(&'a str, &'a Oid)> {
        let folder = self.reference.folder.as_deref()?;
        Some((folder, self.file()?.submodules.get(folder)?))
    }
}
