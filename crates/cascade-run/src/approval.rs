//! Approvals of plans: given under somebody's own name, and read wherever the plan is carried out.
//!
//! One is a commit without files, in the approver's name and signed where their git signs, under a ref
//! of its own on the remote of the repository that tracks the workspace's file. Where it has none, the
//! approvals lie in a file beside the plan.

use std::fs;
use std::path::{Path, PathBuf};

use cascade_plan::policy::Approval;

use crate::checkout::outside;
use crate::exec::shown;
use crate::git::{Git, GitError};
use crate::mirror::{Mirror, MirrorError};
use crate::remote::{Answer, Lease, Unity, Wanted, delete, push};
use crate::state::State;
use crate::write::{Overwrite, save};

/// Where approvals are, below it by plan and address.
pub const APPROVALS: &str = "refs/cascade/approvals";

/// How many approvals of one plan are read.
const MOST: usize = 100;
/// The largest file of approvals that is read.
const LARGEST: u64 = 1 << 20;

/// The place of a workspace's approvals.
#[derive(Debug)]
pub struct Approvals {
    git: Git,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Refs of a remote, seen through a scratch repository; the clone speaks for whoever approves.
    Remote { mirror: Box<Mirror>, clone: PathBuf },
    /// Files: the one beside the plan, and what of it was kept for who takes the run up again.
    Files {
        beside: Option<PathBuf>,
        kept: PathBuf,
    },
}

/// What became of an approval that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Where it is: a ref of a remote, or a file.
    pub place: String,
    /// Whether it was there already.
    pub already: Already,
}

/// Whether something was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Already {
    /// It was.
    There,
    /// It was not.
    New,
}

/// Why approvals can not be given or read.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// git, or the remote behind it, said no.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The scratch repository can not be used.
    #[error("approvals: {0}")]
    Scratch(String),
    /// The remote did not take it.
    #[error("the remote did not take the approval: {0}")]
    Refused(String),
    /// A file can not be read or written.
    #[error("`{}`: {why}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Nobody named a plan that approvals could lie beside.
    #[error("the workspace's repository has no remote, and no plan's file is named")]
    Nowhere,
}

impl From<MirrorError> for ApprovalError {
    fn from(error: MirrorError) -> Self {
        Self::Scratch(error.to_string())
    }
}

/// Returns the address that git commits with in a folder, where it knows one.
pub fn committer(git: &Git, folder: &Path) -> Option<String> {
    let call = git.checkout(folder).args(["var", "GIT_COMMITTER_IDENT"]);
    let said = call.answer().ok()?;
    let (_, rest) = said.split_once('<')?;
    let (email, _) = rest.split_once('>')?;
    Some(email.trim().to_owned()).filter(|it| !it.is_empty())
}

impl Approvals {
    /// Returns the place of a workspace's approvals; `plan` is the file of the plan, where it has one.
    ///
    /// # Errors
    /// When its scratch repository can not be used, or the address of the remote is none.
    pub fn of(git: &Git, state: &State, plan: Option<&Path>) -> Result<Self, ApprovalError> {
        let place = match outside(state.file()) {
            Some(outside) => {
                let path = state.folder().join("approvals.git");
                let mirror = Mirror::at(git, path, &outside.folder, Some(&outside.address))?;
                Place::Remote {
                    mirror: Box::new(mirror),
                    clone: outside.folder,
                }
            }
            None => Place::Files {
                beside: plan.map(beside),
                kept: state.folder().join("approvals"),
            },
        };
        Ok(Self {
            git: git.clone(),
            place,
        })
    }

    /// Returns the approvals of a plan, by its digest.
    ///
    /// # Errors
    /// When the remote does not answer, or a file can not be read.
    pub fn read(&self, plan: &str) -> Result<Vec<Approval>, ApprovalError> {
        match &self.place {
            Place::Remote { mirror, .. } => read_refs(mirror, plan),
            Place::Files { beside, kept } => {
                let kept = kept.join(format!("{plan}.json"));
                let files = beside.iter().chain([&kept]);
                let mut all = Vec::new();
                for file in files {
                    all.extend(read_file(file)?);
                }
                all.retain(|it| it.plan == plan);
                Ok(all)
            }
        }
    }

    /// Gives an approval, in the name of who git commits as.
    ///
    /// # Errors
    /// When the remote does not take it, or a file can not be written.
    pub fn give(&self, approval: &Approval, text: &str) -> Result<Given, ApprovalError> {
        match &self.place {
            Place::Remote { mirror, clone } => self.push(mirror, clone, approval, text),
            Place::Files { beside, .. } => {
                let path = beside.as_ref().ok_or(ApprovalError::Nowhere)?;
                add_to(path, approval)
            }
        }
    }

    /// Takes the approval of a plan back that somebody of this address gave; returns where it was, each
    /// place once, nothing where there was none.
    ///
    /// # Errors
    /// When the remote does not let it go, or a file can not be written.
    pub fn take_back(&self, plan: &str, email: &str) -> Result<Vec<String>, ApprovalError> {
        match &self.place {
            Place::Remote { mirror, clone } => self.unpush(mirror, clone, (plan, email)),
            Place::Files { beside, kept } => {
                let kept = kept.join(format!("{plan}.json"));
                let mut places = Vec::new();
                for file in beside.iter().chain([&kept]) {
                    if take_from(file, (plan, email))? {
                        places.push(file.display().to_string());
                    }
                }
                Ok(places)
            }
        }
    }

    /// Keeps approvals that lie beside a plan, so that its run can be taken up without that file.
    ///
    /// # Errors
    /// When the file can not be written.
    pub fn keep(&self, plan: &str, approvals: &[Approval]) -> Result<(), ApprovalError> {
        let Place::Files { kept, .. } = &self.place else {
            return Ok(());
        };
        if approvals.is_empty() {
            return Ok(());
        }
        let path = kept.join(format!("{plan}.json"));
        fs::create_dir_all(kept).map_err(|it| fault(&path, it.to_string()))?;
        write_file(&path, approvals)
    }

    fn push(
        &self,
        mirror: &Mirror,
        clone: &Path,
        approval: &Approval,
        text: &str,
    ) -> Result<Given, ApprovalError> {
        let name = format!("{APPROVALS}/{}/{}", approval.plan, approval.email);
        let address = mirror.remote().address();
        let place = format!("{name} on {}", shown(address, self.git.environment()));
        let there = mirror.look(std::slice::from_ref(&name))?;
        if there.named(&name).is_some() {
            let already = Already::There;
            return Ok(Given { place, already });
        }
        let text = format!("{text}\n\n{}\n", trailer(&approval.plan));
        let to = self.commit(clone, &text)?;
        let wanted = [Wanted {
            name,
            to,
            lease: Lease::Absent,
        }];
        let call = self
            .git
            .checkout(clone)
            .configured(&["core.hooksPath=/dev/null"]);
        match push(call, &self.git, address, &wanted, Unity::Loose)? {
            Answer::Taken { .. } => Ok(Given {
                place,
                already: Already::New,
            }),
            Answer::Refused { why, .. } | Answer::Silence(why) => Err(ApprovalError::Refused(why)),
            Answer::NotAtomic => Err(ApprovalError::Refused("it takes nothing whole".to_owned())),
        }
    }

    fn unpush(
        &self,
        mirror: &Mirror,
        clone: &Path,
        (plan, email): (&str, &str),
    ) -> Result<Vec<String>, ApprovalError> {
        let folder = format!("{APPROVALS}/{plan}/");
        let refs = mirror.look(&[format!("{folder}*")])?;
        let is_theirs = |name: &str| {
            let address = name.strip_prefix(&folder);
            address.is_some_and(|it| it.eq_ignore_ascii_case(email))
        };
        let theirs = refs.all().filter(|(name, _)| is_theirs(name));
        let mut places = Vec::new();
        for (name, at) in theirs {
            let call = self
                .git
                .checkout(clone)
                .configured(&["core.hooksPath=/dev/null"]);
            delete(call, mirror.remote(), name, at)?;
            let address = shown(mirror.remote().address(), self.git.environment());
            places.push(format!("{name} on {address}"));
        }
        Ok(places)
    }

    /// Makes a commit without files in a clone, under the name that git has there.
    fn commit(&self, clone: &Path, text: &str) -> Result<cascade_plan::Oid, ApprovalError> {
        let call = || {
            self.git
                .checkout(clone)
                .configured(&["core.hooksPath=/dev/null"])
        };
        let tree = call()
            .args(["hash-object", "-t", "tree", "-w", "--stdin"])
            .input("");
        let tree = tree.answer()?;
        let signs = call().args(["config", "--type=bool", "--get", "commit.gpgSign"]);
        let signs = signs.answer().is_ok_and(|it| it.trim() == "true");
        let mut commit = call().arg("commit-tree");
        if signs {
            commit = commit.arg("-S");
        }
        let made = commit.args([tree.trim(), "-F", "-"]).input(text).answer()?;
        let none = || ApprovalError::Scratch("git made no commit".to_owned());
        cascade_plan::Oid::parse(made.trim()).ok_or_else(none)
    }
}

fn read_refs(mirror: &Mirror, plan: &str) -> Result<Vec<Approval>, ApprovalError> {
    let folder = format!("{APPROVALS}/{plan}/");
    let refs = mirror.look(&[format!("{folder}*")])?;
    let names = refs.all().map(|(name, _)| name);
    let mut all = Vec::new();
    for name in names.filter(|it| it.starts_with(&folder)).take(MOST) {
        let Some(id) = mirror.fetch_notice(name)? else {
            continue;
        };
        let Some(voice) = mirror.voice(&id) else {
            continue;
        };
        // The name of the ref, the commit and what it says have to agree.
        let address = name.strip_prefix(&folder).unwrap_or_default();
        let says = voice.text.lines().any(|it| it == trailer(plan));
        if says && address.eq_ignore_ascii_case(&voice.email) {
            all.push(Approval {
                plan: plan.to_owned(),
                signed: is_signed(mirror, id.as_str(), &voice.email),
                email: voice.email,
                when: voice.when,
            });
        }
    }
    Ok(all)
}

/// Returns whether git takes the signature of a commit for good, and for one of this address.
fn is_signed(mirror: &Mirror, id: &str, email: &str) -> bool {
    let call = mirror.call().signing();
    let call = call.args(["log", "-1", "--no-show-signature", "--format=%G?%n%GS", id]);
    let Ok(said) = call.answer() else {
        return false;
    };
    let (good, signer) = said.split_once('\n').unwrap_or((said.as_str(), ""));
    let signer = signer.trim().to_ascii_lowercase();
    let email = email.to_ascii_lowercase();
    let is_theirs = signer == email || signer.ends_with(&format!("<{email}>"));
    good.trim() == "G" && is_theirs
}

/// Returns the line by which a commit says which plan it approves.
fn trailer(plan: &str) -> String {
    format!("Cascade-Plan: {plan}")
}

/// Returns the file of approvals beside a plan's.
fn beside(plan: &Path) -> PathBuf {
    let mut name = plan.as_os_str().to_owned();
    name.push(".approvals");
    PathBuf::from(name)
}

fn fault(path: &Path, why: String) -> ApprovalError {
    ApprovalError::File {
        path: path.to_path_buf(),
        why,
    }
}

fn read_file(path: &Path) -> Result<Vec<Approval>, ApprovalError> {
    match fs::metadata(path) {
        Err(_) => return Ok(Vec::new()),
        Ok(it) if it.len() > LARGEST => {
            return Err(fault(path, "it is too large".to_owned()));
        }
        Ok(_) => {}
    }
    let text = fs::read_to_string(path).map_err(|it| fault(path, it.to_string()))?;
    let all: Vec<Approval> =
        serde_json::from_str(&text).map_err(|it| fault(path, it.to_string()))?;
    // What a file says of a signature nobody verified.
    let unsigned = |it: Approval| Approval {
        signed: false,
        ..it
    };
    Ok(all.into_iter().take(MOST).map(unsigned).collect())
}

fn write_file(path: &Path, all: &[Approval]) -> Result<(), ApprovalError> {
    let text = serde_json::to_string_pretty(all).map_err(|it| fault(path, it.to_string()))?;
    let written = save(path, &format!("{text}\n"), Overwrite::Replace);
    written.map_err(|it| fault(path, it.to_string()))
}

fn add_to(path: &Path, approval: &Approval) -> Result<Given, ApprovalError> {
    let mut all = read_file(path)?;
    let place = path.display().to_string();
    if all
        .iter()
        .any(|it| it.plan == approval.plan && it.email == approval.email)
    {
        let already = Already::There;
        return Ok(Given { place, already });
    }
    all.push(approval.clone());
    write_file(path, &all)?;
    let already = Already::New;
    Ok(Given { place, already })
}

/// Takes somebody's approval of a plan out of a file; returns whether it was there.
fn take_from(path: &Path, (plan, email): (&str, &str)) -> Result<bool, ApprovalError> {
    let all = read_file(path)?;
    let is_theirs = |it: &Approval| it.plan == plan && it.email.eq_ignore_ascii_case(email);
    let (theirs, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(is_theirs);
    if theirs.is_empty() {
        return Ok(false);
    }
    write_file(path, &rest)?;
    Ok(true)
}
