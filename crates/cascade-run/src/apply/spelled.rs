//! Whether images are there now under the tags that files name them by: asked before anything is out,
//! since a spelling that nobody pushes would be found only after the tag.

use std::collections::BTreeMap;

use cascade_manifest::deploy::{Says, says};
use cascade_plan::{PinFate, PinMove, Plan, RepoId, Resolve, Sight, Step, Wanted};

use super::filled::question;
use crate::Git;
use crate::exec::shown;
use crate::pool::in_parallel;
use crate::state::State;
use crate::visible::Lookout;

/// An image that a file names by a tag under which it is not to be had now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misspelt {
    /// The repository of the file.
    pub repo: RepoId,
    /// The file and the line.
    pub place: String,
    /// The image, with the tag.
    pub image: String,
    /// What its registry says.
    pub what: Spelling,
}

/// What a registry says of a tag that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spelling {
    /// The same version is there under this other tag, and not under the one that is named.
    Other(String),
    /// It knows no such image, which is right before the first release only.
    Unknown,
    /// It does not say, for this reason.
    Unsaid(String),
}

/// Returns every image and chart whose tag in a file, as that stands now, its registry does not have
/// where it could; in the order of the plan. Steps that are held are left out.
pub fn misspelt(plan: &Plan, git: &Git, state: &State) -> Vec<Misspelt> {
    let root = state.root();
    let mut asked: BTreeMap<(String, String), Vec<(&Step, &Resolve)>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|it| it.held.is_none()) {
        for (it, image, tag) in named(step) {
            let places = asked.entry((image, tag)).or_default();
            places.push((step, it));
        }
    }
    let lookout = Lookout::new(git);
    let environment = git.environment();
    let look = |((image, tag), places): ((String, String), Vec<(&Step, &Resolve)>)| {
        let (awaited, _) = question(&Wanted::Digest {
            image: image.clone(),
            tags: vec![tag.clone()],
        });
        let what = spelling(&tag, lookout.look(&awaited, root, root));
        let what = what.map(|it| match it {
            Spelling::Unsaid(why) => Spelling::Unsaid(shown(&why, environment)),
            it => it,
        });
        let rows = places.into_iter().filter_map(|(step, it)| {
            Some(Misspelt {
                repo: step.repo.clone(),
                place: format!("{}:{}", it.path, it.line),
                image: format!("{image}:{tag}"),
                what: what.clone()?,
            })
        });
        rows.collect::<Vec<_>>()
    };
    let found = in_parallel(asked.into_iter().collect(), look);
    found.into_iter().flatten().collect()
}

/// Returns what a step asks registries for, each with the image and the tag that its file names now.
fn named(step: &Step) -> impl Iterator<Item = (&Resolve, String, String)> {
    step.resolves().flat_map(move |it| {
        let (image, tags) = match &it.what {
            Wanted::Digest { image, tags } => (image.as_str(), tags.as_slice()),
            Wanted::Commit { .. } => ("", [].as_slice()),
        };
        let at = |pin: &&PinMove| (pin.manifest.as_str(), pin.line) == (it.path.as_str(), it.line);
        let tags = step.pins.iter().filter(at).filter_map(move |pin| {
            let PinFate::Updated(to) = &pin.fate else {
                return None;
            };
            // A `v` may stand before the argument that says the version.
            let before = tags.iter().filter_map(|it| it.strip_suffix(to.as_str()));
            let before = before.into_iter().find(|it| matches!(*it, "" | "v"))?;
            Some(format!("{before}{}", pin.from))
        });
        let versions = tags.filter(|it| says(it) == Says::Version);
        versions.map(move |tag| (it, image.to_owned(), tag))
    })
}

/// Returns what is wrong with a tag, by what its registry shows of its version; `None` where nothing
/// speaks against it.
fn spelling(tag: &str, sight: Sight) -> Option<Spelling> {
    match sight {
        Sight::Complete { files } if !files.contains_key(tag) => {
            files.into_keys().next().map(Spelling::Other)
        }
        Sight::NoProject => Some(Spelling::Unknown),
        Sight::Unreached { why, .. } => Some(Spelling::Unsaid(why)),
        _ => None,
    }
}
