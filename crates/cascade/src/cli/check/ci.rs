//! `check --ci`: what a job of continuous integration is about, as its environment says it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use cascade_plan::{Oid, RepoId};
use cascade_run::{Look, Published, Reading, Site, WhichTags, find_commit};

use crate::cli::workspace::Workspace;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::Shown;

/// The largest description of an event that is read, in bytes.
const EVENT: u64 = 16 << 20;

/// What a job is about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Job {
    /// The tag that started it.
    tag: Option<String>,
    /// The commits before it: the base of a request, or what stood there before a push.
    base: Option<String>,
    /// Whether its log understands annotations of GitHub Actions.
    pub(super) annotates: bool,
    /// The file that shows on the job's page, in Markdown.
    pub(super) summary: Option<PathBuf>,
}

impl Job {
    /// Returns the job that this process runs in. Sources: GitHub's "default environment variables"
    /// and GitLab's "predefined CI/CD variables".
    pub(super) fn of(environment: &Environment) -> Self {
        let var = |name: &str| {
            let found = environment.vars.iter().find(|it| it.0 == name);
            let text = found?.1.to_str()?.to_owned();
            (!text.is_empty()).then_some(text)
        };
        if var("GITHUB_ACTIONS").is_some() {
            let is_tag = var("GITHUB_REF_TYPE").as_deref() == Some("tag");
            let request = var("GITHUB_BASE_REF").map(|it| format!("origin/{it}"));
            let event = || before(Path::new(&var("GITHUB_EVENT_PATH")?));
            return Self {
                tag: var("GITHUB_REF_NAME").filter(|_| is_tag),
                base: request.or_else(event).filter(|_| !is_tag),
                annotates: true,
                summary: var("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            };
        }
        let request = var("CI_MERGE_REQUEST_DIFF_BASE_SHA");
        let pushed = var("CI_COMMIT_BEFORE_SHA").filter(|it| !is_nothing(it));
        let tag = var("CI_COMMIT_TAG");
        Self {
            base: request.or(pushed).filter(|_| tag.is_none()),
            tag,
            ..Self::default()
        }
    }

    /// Returns how the clone of the job is looked at, which is the one that it runs in; `None` where it
    /// runs elsewhere, and all clones are judged as they lie there.
    pub(super) fn look_at(
        &self,
        here: &Path,
        workspace: &Workspace,
    ) -> Result<Option<(RepoId, Look)>, Failure> {
        let mut sites = workspace.sites.iter();
        let site = sites.find(|it| here.starts_with(&it.folder));
        let look = |it: &Site| Ok((it.repo.clone(), self.look(&it.folder)?));
        site.map(look).transpose()
    }

    /// Returns how a clone is looked at: at the commit that is checked out, or at the tag.
    fn look(&self, clone: &Path) -> Result<Look, Failure> {
        let find = |name: &str| find_commit(clone, name).ok().flatten();
        let lacks = |name: &str| {
            let what = format!("this clone has no commit `{}`", Shown(name));
            let help = "fetch the whole history: `fetch-depth: 0` of actions/checkout, \
                `GIT_DEPTH: 0` of GitLab";
            Failure::new(Exit::Usage, what, help)
        };
        let head = match &self.tag {
            Some(tag) => format!("refs/tags/{tag}"),
            None => "HEAD".to_owned(),
        };
        let commit = find(&head).ok_or_else(|| lacks(&head))?;
        let base: Option<Oid> = match &self.base {
            Some(base) => Some(find(base).ok_or_else(|| lacks(base))?),
            None => None,
        };
        Ok(Look {
            reading: Reading::Commit(commit),
            base,
            tags: match &self.tag {
                Some(tag) => WhichTags::Named(tag.clone()),
                None => WhichTags::Nothing,
            },
            // What a job was started by is judged as what is being pushed.
            published: match &self.tag {
                Some(_) => Published::JustNow,
                None => Published::Unasked,
            },
        })
    }

    /// Adds Markdown to what the job's page shows, where there is such a page.
    pub(super) fn summarize(&self, text: &str) -> Result<(), Failure> {
        let Some(file) = &self.summary else {
            return Ok(());
        };
        let write = |mut file: File| file.write_all(format!("{text}\n").as_bytes());
        let opened = File::options().append(true).create(true).open(file);
        opened.and_then(write).map_err(|error| {
            let what = format!("the summary of the job can not be written: {error}");
            Failure::new(
                Exit::Failed,
                what,
                "unset `GITHUB_STEP_SUMMARY` to do without",
            )
        })
    }
}

/// Returns what a branch pointed at before a push, by the description of the event.
fn before(event: &Path) -> Option<String> {
    if fs::metadata(event).ok()?.len() > EVENT {
        return None;
    }
    let event: serde_json::Value = serde_json::from_slice(&fs::read(event).ok()?).ok()?;
    let before = event.get("before")?.as_str()?;
    (!is_nothing(before)).then(|| before.to_owned())
}

/// Returns whether an id stands for no commit: a branch that is new.
fn is_nothing(id: &str) -> bool {
    id.bytes().all(|it| it == b'0')
}
