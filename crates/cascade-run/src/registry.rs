//! Answers what a native rewrite asks of registries and of git, from where the ecosystems' own
//! tools take their addresses; and which digests images have. No registry's name is known here but
//! that which images without a host mean.

mod cargo;
mod docker;
mod git;
mod go;
mod http;
mod login;
mod look;
mod npm;
mod npmrc;
mod oci;
mod page;
mod python;
mod settings;
pub(crate) mod untrusted;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cascade_manifest::{Ask, Facts, Fallback, Limit, Names};
use url::Url;

use crate::Git;
use crate::exec::{Call, End, Leftovers};
use crate::relock::tool_vars;
use http::{Served, Unheard};

pub(crate) use http::send::{Answer, Message, Method, Repeat, Unsent};
pub(crate) use http::{Http, is_loopback, place};
pub(crate) use login::Login;
pub(crate) use look::{listing, look, stands};

/// How many bytes of answers are kept for the run.
const KEPT: usize = 256 << 20;
/// How large a document may be.
const LARGEST: Limit = Limit::ANSWER;

/// The registries of one run: each question is asked once.
pub(crate) struct Registries {
    git: Git,
    http: Http,
    documents: Mutex<Documents>,
    tools: Mutex<BTreeMap<Vec<String>, Option<String>>>,
    /// What opened the registries of images so far, by image.
    opens: Mutex<BTreeMap<String, Login>>,
}

/// The documents that were served so far, by address and what was accepted.
#[derive(Default)]
struct Documents {
    by: HashMap<(String, String), Arc<Served>>,
    size: usize,
}

impl Documents {
    fn keep(&mut self, key: (String, String), document: &Arc<Served>) {
        let size = document.body.len();
        if self.size + size <= KEPT && self.by.insert(key, Arc::clone(document)).is_none() {
            self.size += size;
        }
    }
}

/// How long a document may be taken for the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lasts {
    /// As long as one lock is rewritten: it is the page of something that moves.
    OneLock,
    /// As long as the run.
    TheRun,
}

impl Registries {
    /// Returns registries that nothing was asked of yet.
    pub(crate) fn new(git: &Git) -> Self {
        Self {
            git: git.clone(),
            http: Http::new(git.environment()),
            documents: Mutex::default(),
            tools: Mutex::default(),
            opens: Mutex::default(),
        }
    }

    /// Returns what opened the registries of images so far.
    fn opens(&self) -> MutexGuard<'_, BTreeMap<String, Login>> {
        self.opens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a variable of the environment; an empty one counts as none.
    fn var(&self, name: &str) -> Option<&str> {
        let vars = &self.git.environment().vars;
        let value = vars.get(std::ffi::OsStr::new(name))?.to_str()?;
        (!value.is_empty()).then_some(value)
    }

    /// Returns what a lock may ask: its folder says where the settings are, and the names that move
    /// are asked for anew.
    pub(crate) fn reach<'a>(&'a self, root: &Path, folder: &str, fresh: Names) -> Reach<'a> {
        Reach {
            shared: self,
            folder: root.join(folder),
            root: root.to_path_buf(),
            fresh,
            answers: Mutex::default(),
        }
    }
}

/// Returns what the locks in a folder may ask, answered as in a run: by the registries and
/// repositories that the ecosystems' own tools would ask there.
pub fn facts(git: &Git, folder: &Path) -> impl Facts {
    Folder {
        registries: Registries::new(git),
        folder: folder.to_path_buf(),
    }
}

/// The registries, as seen from a folder.
struct Folder {
    registries: Registries,
    folder: PathBuf,
}

impl Facts for Folder {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let reach = self.registries.reach(&self.folder, "", Names::new());
        reach.ask(question)
    }
}

/// What one lock may ask of the registries.
pub(crate) struct Reach<'a> {
    shared: &'a Registries,
    folder: PathBuf,
    root: PathBuf,
    fresh: Names,
    answers: Mutex<HashMap<Ask, Arc<[u8]>>>,
}

impl Facts for Reach<'_> {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let locked = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = locked().get(question) {
            return Ok(Arc::clone(known));
        }
        let answer: Arc<[u8]> = self.answer(question)?.into();
        locked().insert(question.clone(), Arc::clone(&answer));
        Ok(answer)
    }
}

impl Reach<'_> {
    fn answer(&self, question: &Ask) -> Result<Vec<u8>, Fallback> {
        match question {
            Ask::PythonProject { index, name } => python::project(self, index.as_deref(), name),
            Ask::PythonMetadata { url } => python::metadata(self, url),
            Ask::NpmVersion {
                beside,
                name,
                version,
            } => npm::version(self, beside.as_deref(), (name, version)),
            Ask::Tarball { url } => npm::tarball(self, url),
            Ask::CargoIndex { source, name } => cargo::index(self, source, name),
            Ask::GoMod { module, version } => go::file(self, (module, version), "mod"),
            Ask::GoZip { module, version } => go::file(self, (module, version), "zip"),
            Ask::GitTag { url, tag } => git::tag(&self.shared.git, url, tag),
            Ask::GitFile { url, tag, path } => {
                git::file(&self.shared.git, url, &format!("refs/tags/{tag}"), path)
            }
            Ask::GitFileAt { url, commit, path } => {
                git::file_at(&self.shared.git, url, commit, path)
            }
        }
    }

    /// Returns a variable of the environment; an empty one counts as none.
    fn var(&self, name: &str) -> Option<&str> {
        self.shared.var(name)
    }

    /// Returns every variable that is text.
    fn vars(&self) -> impl Iterator<Item = (&str, &str)> {
        let vars = self.shared.git.environment().vars.iter();
        vars.filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)))
    }

    fn home(&self) -> Option<PathBuf> {
        self.var("HOME").map(PathBuf::from)
    }

    /// Returns the folder of a person's settings (`~/.config`).
    fn config_home(&self) -> Option<PathBuf> {
        let said = self.var("XDG_CONFIG_HOME").map(PathBuf::from);
        said.or_else(|| Some(self.home()?.join(".config")))
    }

    /// Returns the lock's folder and those above it, up to the root of the tree.
    fn folders(&self) -> impl Iterator<Item = &Path> {
        let root = self.root.as_path();
        self.folder
            .ancestors()
            .take_while(move |it| it.starts_with(root))
    }

    /// Returns how long the page of a name may be taken for the truth.
    fn lasts(&self, name: &str) -> Lasts {
        if self.fresh.contains(name) {
            Lasts::OneLock
        } else {
            Lasts::TheRun
        }
    }

    /// Returns a document, from a registry or from this disk.
    fn get(
        &self,
        url: &Url,
        (accept, login): (&str, Option<&Login>),
        lasts: Lasts,
    ) -> Result<Arc<Served>, Unheard> {
        if url.scheme() == "file" {
            let path = url.to_file_path().map_err(|()| Unheard::Absent)?;
            let bytes = settings::bytes(&path, LARGEST).ok_or(Unheard::Absent)?;
            return Ok(Arc::new(Served::of_disk(bytes)));
        }
        let locked = || {
            let documents = self.shared.documents.lock();
            documents.unwrap_or_else(PoisonError::into_inner)
        };
        let key = (url.to_string(), accept.to_owned());
        if let Some(known) = locked().by.get(&key).filter(|_| lasts == Lasts::TheRun) {
            return Ok(Arc::clone(known));
        }
        let served = Arc::new(self.shared.http.get(url, accept, login)?);
        locked().keep(key, &served);
        Ok(served)
    }

    /// Returns what a tool says of its own settings, on one line; asked once a run.
    fn tool_says(&self, argv: &[&str]) -> Option<String> {
        let key: Vec<String> = argv.iter().map(|it| (*it).to_owned()).collect();
        let locked = || {
            let tools = self.shared.tools.lock();
            tools.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = locked().get(&key) {
            return known.clone();
        }
        let said = self.run(argv);
        locked().insert(key, said.clone());
        said
    }

    fn run(&self, argv: &[&str]) -> Option<String> {
        let environment = self.shared.git.environment();
        let (name, rest) = argv.split_first()?;
        let heard = Call {
            program: environment.program(name)?,
            args: rest.iter().map(Into::into).collect(),
            folder: self.folder.clone(),
            vars: tool_vars(&self.shared.git, None),
            input: None,
            limit: environment.patience.local,
            cancel: Some(Arc::clone(&environment.interrupt)),
            leftovers: Leftovers::Swept,
        };
        let heard = heard.run().ok()?;
        let said = String::from_utf8(heard.answer).ok()?;
        let said = said.trim();
        (heard.end == End::Exit(0) && !said.is_empty()).then(|| said.to_owned())
    }
}

/// Returns the reason for not hearing a registry, as it is told.
fn unheard(url: &Url, what: &str, error: &Unheard) -> Fallback {
    let host = http::place(url);
    Fallback::because(match error {
        Unheard::Absent => format!("`{host}` has no {what}"),
        Unheard::Denied => format!("`{host}` asks for a login that is not known for {what}"),
        Unheard::Why(why) => format!("`{host}` does not answer for {what}: {why}"),
    })
}

/// Returns an address, read from settings or a lock.
fn address(text: &str) -> Result<Url, Fallback> {
    Url::parse(text.trim()).map_err(|_| Fallback::because("an address of a registry is not one"))
}

/// Returns an address whose path ends in `/`, so that names can be joined to it.
fn folder_of(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}

#[cfg(test)]
mod tests;
