//! The lock as Cargo would write it, where only the records of what moves can change.
//!
//! Nothing is resolved. Each package that moves has one record at its old version and none at the
//! new one; its new release asks for what the old one asked for; and whoever names it in the lock
//! admits the new version.

use self::moving::Moving;
use super::blocks::{Blocks, Record, Requires};
use super::git::{self, GitSource};
use super::index::{Release, admits};
use super::members::{At, Members, Origin};
use crate::{Bump, Facts, Fallback, Splice, splice};

mod moving;

/// Returns the lock with the records of what moves rewritten.
///
/// # Errors
/// With the reason, where anything else could change.
pub(super) fn rewrite(text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
    let blocks = Blocks::read(text)?;
    if !matches!(blocks.format, 3 | 4) {
        return Err(Fallback::because(format!(
            "the lock is of version {}, which is not rewritten natively",
            blocks.format
        )));
    }
    let moving = Moving::of(&blocks, bump)?;
    if moving.is_empty() {
        return Ok(text.to_owned());
    }
    let rewrite = Rewrite {
        blocks: &blocks,
        members: Members::of(bump.files),
        facts: bump.facts,
        moving,
    };
    let mut splices = Vec::new();
    for it in &rewrite.moving {
        splices.extend(rewrite.moved(it)?);
    }
    let put = splice(text, &splices).map_err(|it| Fallback::because(it.to_string()))?;
    let names = rewrite.moving.iter().map(|it| it.record.name);
    let several = names.filter(|it| blocks.named(it).count() > 1);
    several
        .into_iter()
        .try_fold(put, |text, name| sorted(&text, name))
}

/// The lock, what stands around it, and what moves in it.
struct Rewrite<'t, 'b> {
    blocks: &'b Blocks<'t>,
    members: Members,
    facts: &'b dyn Facts,
    moving: Vec<Moving<'t>>,
}

impl<'t> Rewrite<'t, '_> {
    /// Returns the edits of one record and of those that name it, all guards held.
    fn moved(&self, it: &Moving<'t>) -> Result<Vec<Splice>, Fallback> {
        self.is_alone(it)?;
        let mut splices = vec![it.record.version.put(&it.to)];
        splices.extend(match &it.record.source {
            None => Vec::new(),
            Some(source) if source.text.starts_with("git+") => self.git_moved(it, source.text)?,
            Some(source) => self.release_moved(it, source.text)?,
        });
        for at in self.blocks.naming(it.record.name) {
            splices.extend(self.dependent(at, it)?);
        }
        Ok(splices)
    }

    /// Checks that neither version of the package is locked from another source as well.
    fn is_alone(&self, it: &Moving<'t>) -> Result<(), Fallback> {
        for at in self.blocks.named(it.record.name).filter(|at| *at != it.at) {
            let other = self.blocks.record(at)?.version.text;
            if other == it.to || other == it.record.version.text {
                return Err(Fallback::because(format!(
                    "`{}` {other} is locked from two sources",
                    it.record.name
                )));
            }
        }
        Ok(())
    }

    /// Returns the edits of a record whose package comes from a registry.
    fn release_moved(&self, it: &Moving<'t>, source: &str) -> Result<Vec<Splice>, Fallback> {
        let (name, from) = (it.record.name, it.record.version.text);
        if self.members.is_patched(name) {
            return Err(Fallback::because(format!("the workspace patches `{name}`")));
        }
        if semver::Version::parse(&it.to).is_ok_and(|it| !it.pre.is_empty()) {
            return Err(Fallback::because(format!("{} is a pre-release", it.to)));
        }
        let old = Release::of(self.facts, source, (name, from))?;
        let new = Release::of(self.facts, source, (name, &it.to))?;
        if new.is_yanked() {
            return Err(Fallback::because(format!("`{name}` {} is yanked", it.to)));
        }
        for (package, requirement) in old.same_as(name, &new)? {
            self.still_admits(name, package, requirement)?;
        }
        let locked = it
            .record
            .checksum
            .as_ref()
            .filter(|at| at.text == old.cksum);
        let checksum = locked.ok_or_else(|| {
            Fallback::because(format!(
                "the checksum of `{name}` {from} is not the one in the index"
            ))
        })?;
        Ok(vec![checksum.put(&new.cksum)])
    }

    /// Checks a requirement that the new release words otherwise against what is locked.
    fn still_admits(&self, name: &str, package: &str, requirement: &str) -> Result<(), Fallback> {
        let mut versions = Vec::new();
        for at in self.blocks.named(package) {
            versions.push(self.version_after(at)?);
        }
        match versions.as_slice() {
            // Nobody asked for it: it is optional, and off.
            [] => Ok(()),
            [one] if admits(requirement, one) => Ok(()),
            _ => Err(Fallback::because(format!(
                "`{name}` now needs `{package}` {requirement}, and {} is locked",
                versions.join(", ")
            ))),
        }
    }

    fn version_after(&self, at: usize) -> Result<String, Fallback> {
        let moving = self.moving.iter().find(|it| it.at == at);
        match moving {
            Some(it) => Ok(it.to.clone()),
            None => Ok(self.blocks.record(at)?.version.text.to_owned()),
        }
    }

    /// Returns the edits of a record whose package comes from a git tag.
    fn git_moved(&self, it: &Moving<'t>, source: &str) -> Result<Vec<Splice>, Fallback> {
        let name = it.record.name;
        let because = |why: &str| Fallback::because(format!("`{name}` {why}"));
        let held = GitSource::of(source).ok_or_else(|| because("has no commit in the lock"))?;
        let format = self.blocks.format;
        let old = held
            .tag(format)
            .ok_or_else(|| because("comes from git, and not from a tag"))?;
        let new = self.tag(name, held.url)?;
        self.moves_together(it, source)?;
        let manifests = (
            git::manifest(self.facts, held.url, &old)?,
            git::manifest(self.facts, held.url, &new)?,
        );
        git::same_package(name, &manifests.0, &manifests.1, &it.to)?;
        let commit = self.facts.commit(held.url, &new)?;
        let id = git::source_id(held.url, &new, &commit, format);
        Ok(it.record.source.iter().map(|at| at.put(&id)).collect())
    }

    /// Returns the one tag that the manifests now ask for.
    fn tag(&self, name: &str, url: &str) -> Result<String, Fallback> {
        let because = |why: &str| Fallback::because(format!("`{name}` {why}"));
        let mut tags = Vec::new();
        for it in self.members.requiring(name) {
            match &it.origin {
                Origin::Git {
                    url: at,
                    at: At::Tag(tag),
                } if git::is_same_address(at, url) => {
                    tags.push(tag);
                }
                _ => return Err(because("is not required by a tag everywhere")),
            }
        }
        tags.sort();
        tags.dedup();
        match tags.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(because(
                "comes from git, and no manifest here names its tag",
            )),
            _ => Err(because("is required by several tags")),
        }
    }

    /// Checks that whatever else comes from the same tag moves as well.
    fn moves_together(&self, it: &Moving<'t>, source: &str) -> Result<(), Fallback> {
        for at in 0..self.blocks.all().len() {
            let record = self.blocks.record(at)?;
            let same = record.source.is_some_and(|it| it.text == source);
            if same && !self.moving.iter().any(|it| it.at == at) {
                return Err(Fallback::because(format!(
                    "`{}` comes from the same tag as `{}` and does not move",
                    record.name, it.record.name
                )));
            }
        }
        Ok(())
    }

    /// Checks that the record at this place, where it names the one that moves, admits its new
    /// version, and returns the edits of its list.
    fn dependent(&self, at: usize, it: &Moving<'t>) -> Result<Vec<Splice>, Fallback> {
        let record = self.blocks.record(at)?;
        let name = it.record.name;
        let named = |line: &&Requires<'_>| line.reference.name == name;
        let lines: Vec<_> = record.requires.iter().filter(named).collect();
        let from = it.record.version.text;
        let is_meant = |line: &&&Requires<'_>| line.reference.version.is_none_or(|at| at == from);
        let Some(line) = lines.iter().find(is_meant) else {
            return Ok(Vec::new());
        };
        if line.reference.source.is_some() {
            return Err(Fallback::because(format!(
                "`{name}` {from} is locked from two sources"
            )));
        }
        match &record.source {
            None => self.local_admits(&record, &lines, it)?,
            Some(source) => self.release_admits((at, &record), source.text, it)?,
        }
        Ok(self.list(&lines))
    }

    /// Returns the edits of the lines that name the several versions of one package: each its
    /// version after the move, in the order of their text.
    fn list(&self, lines: &[&Requires<'_>]) -> Vec<Splice> {
        let mut texts: Vec<String> = lines
            .iter()
            .map(|line| {
                let moved = self.moving.iter().find(|it| {
                    it.record.name == line.reference.name
                        && line.reference.version == Some(it.record.version.text)
                });
                moved.map_or_else(
                    || line.field.text.to_owned(),
                    |it| format!("{} {}", line.reference.name, it.to),
                )
            })
            .collect();
        texts.sort();
        let lines = lines.iter().zip(&texts);
        lines.map(|(line, text)| line.field.put(text)).collect()
    }

    /// Checks the index entry of a locked dependent, at the version it will be at.
    fn release_admits(
        &self,
        (at, record): (usize, &Record<'_>),
        source: &str,
        it: &Moving<'t>,
    ) -> Result<(), Fallback> {
        let version = self.version_after(at)?;
        let (name, from) = (it.record.name, it.record.version.text);
        let requirements: Vec<String> = if source.starts_with("git+") {
            return Err(Fallback::because(format!(
                "`{}` needs `{name}` and comes from git",
                record.name
            )));
        } else {
            let release = Release::of(self.facts, source, (record.name, &version))?;
            release.requiring(name).map(str::to_owned).collect()
        };
        let moves = version != record.version.text;
        let meant: Vec<_> = requirements
            .iter()
            .filter(|req| moves || admits(req, from))
            .collect();
        match meant.iter().find(|req| !admits(req, &it.to)) {
            None if !meant.is_empty() => {}
            refused => {
                return Err(Fallback::because(format!(
                    "`{}` {version} needs `{name}` {}",
                    record.name,
                    refused.map_or("from elsewhere", |it| it.as_str())
                )));
            }
        }
        self.has_no_choice(record.name, meant.into_iter().map(String::as_str), it)
    }

    /// Checks that none of the requirements admits another version that is locked: Cargo might take
    /// that one instead.
    fn has_no_choice<'r>(
        &self,
        owner: &str,
        mut requirements: impl Iterator<Item = &'r str>,
        it: &Moving<'t>,
    ) -> Result<(), Fallback> {
        let name = it.record.name;
        let mut others = Vec::new();
        for at in self.blocks.named(name).filter(|at| *at != it.at) {
            others.push(self.version_after(at)?);
        }
        let chosen = requirements.find_map(|req| {
            let other = others.iter().find(|other| admits(req, other))?;
            admits(req, &it.to).then_some(other)
        });
        match chosen {
            None => Ok(()),
            Some(other) => Err(Fallback::because(format!(
                "`{owner}` could take `{name}` {other} as well"
            ))),
        }
    }

    /// Checks the manifest of one of the repository's own packages.
    fn local_admits(
        &self,
        record: &Record<'_>,
        lines: &[&Requires<'_>],
        it: &Moving<'t>,
    ) -> Result<(), Fallback> {
        let (owner, name) = (record.name, it.record.name);
        let Some(member) = self.members.named(owner) else {
            return Err(Fallback::because(format!(
                "`{owner}` needs `{name}`, and its manifest is not below the lock"
            )));
        };
        let mut versions = Vec::new();
        for line in lines {
            for at in self.blocks.named(name) {
                let held = self.blocks.record(at)?.version.text;
                if line.reference.version.is_none_or(|it| it == held) {
                    versions.push(self.version_after(at)?);
                }
            }
        }
        let all: Vec<_> = member
            .requires
            .iter()
            .filter(|at| at.name == name)
            .collect();
        let admitted = |version: &String| {
            let mut requirements = all.iter().map(|it| it.version.as_deref());
            requirements.any(|it| it.is_none_or(|it| admits(it, version)))
        };
        let unmet = all
            .iter()
            .filter_map(|it| it.version.as_deref())
            .find(|it| {
                let mut versions = versions.iter();
                !versions.any(|version| admits(it, version))
            });
        match unmet {
            None if versions.iter().all(admitted) => {
                let requirements = all.iter().filter_map(|it| it.version.as_deref());
                self.has_no_choice(owner, requirements, it)
            }
            None => Err(Fallback::because(format!(
                "`{owner}` does not ask for the `{name}` that is locked"
            ))),
            Some(requirement) => Err(Fallback::because(format!(
                "`{owner}` needs `{name}` {requirement}"
            ))),
        }
    }
}

/// Returns the text with the records of this name in the order of their versions.
fn sorted(text: &str, name: &str) -> Result<String, Fallback> {
    let blocks = Blocks::read(text)?;
    let places: Vec<usize> = blocks.named(name).collect();
    if places.len() < 2 {
        return Ok(text.to_owned());
    }
    let mut versions = Vec::new();
    for at in &places {
        let version = semver::Version::parse(blocks.record(*at)?.version.text);
        let body = blocks.body(*at);
        let (Ok(version), Some(body)) = (version, body) else {
            return Err(Fallback::because(format!("a version of `{name}` is none")));
        };
        versions.push((version, body));
    }
    let spans: Vec<_> = versions.iter().map(|(_, (span, _))| span.clone()).collect();
    versions.sort_by(|(a, _), (b, _)| a.cmp(b));
    let bodies = versions.into_iter().map(|(_, (_, body))| body);
    let splices: Vec<Splice> = spans
        .into_iter()
        .zip(bodies)
        .map(|(span, body)| Splice {
            span,
            to: body.to_owned(),
        })
        .collect();
    splice(text, &splices).map_err(|it| Fallback::because(it.to_string()))
}

#[cfg(test)]
mod tests;
