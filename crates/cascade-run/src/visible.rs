//! Waits until a version is visible: one probe that only reads, and one loop that only waits.
//!
//! Nothing is remembered but what the loop's own [`Watch`] folds from the readings, so a wait that
//! was broken off is taken up by beginning it again.

use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use cascade_plan::{Awaited, DigestSight, Digests, Pace, Sight, Turn, Watch};

use crate::Git;
use crate::environment::{GLANCE, Rested, rest};
use crate::registry::{Registries, look, stands};

/// Reads indexes, past every cache.
#[derive(Clone)]
pub struct Lookout {
    git: Git,
    registries: Arc<Registries>,
}

/// What a wait came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// The version is visible.
    Visible {
        /// Its files, with their digests.
        files: Digests,
        /// How often the index was asked.
        readings: u32,
    },
    /// It never will be as expected.
    Never {
        /// Why.
        why: String,
    },
    /// The time is over.
    Late {
        /// Where it stands: on its way, or never published.
        why: String,
    },
    /// A person interrupted.
    Interrupted,
}

/// What the publisher of a version says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Publishing {
    /// It is published.
    Done,
    /// It is not, and will not be: the reason.
    Failed(String),
    /// It is on its way, or nobody knows.
    Running,
}

/// What a wait is given beside its index: who else is asked, and who is told.
pub struct Company<'a> {
    /// Asked after each reading; `None` where nobody is.
    pub publisher: Option<&'a mut dyn FnMut() -> Publishing>,
    /// Told after each reading where it stands, in words.
    pub tell: &'a mut dyn FnMut(&str),
}

impl Lookout {
    /// Returns a lookout that nothing was asked of yet.
    pub fn new(git: &Git) -> Self {
        Self {
            git: git.clone(),
            registries: Arc::new(Registries::new(git)),
        }
    }

    /// Returns what the index shows of a version now. The settings of the ecosystem's own tools are
    /// those of `folder`; a folder that packages appear in is one below `root`.
    ///
    /// An interrupt ends it at once; whatever is still on its way is left to itself.
    pub fn look(&self, awaited: &Awaited, folder: &Path, root: &Path) -> Sight {
        let awaited = awaited.clone();
        let (folder, root) = (folder.to_path_buf(), root.to_path_buf());
        let heard = self.apart(move |registries| {
            let reach = registries.reach(&folder, "", cascade_manifest::Names::new());
            look(&reach, &awaited, &root)
        });
        heard.unwrap_or_else(|why| Sight::Unreached {
            why: why.to_owned(),
            wait: None,
        })
    }

    /// Returns whether the registry of an image has a digest under one of these tags now.
    pub(crate) fn stands(&self, image: &str, tags: Vec<String>, digest: &str) -> DigestSight {
        let (name, digest) = (image.to_owned(), digest.to_owned());
        let heard = self.apart(move |registries| stands(registries, &name, (&tags, &digest)));
        heard.unwrap_or_else(|why| DigestSight::Unreached {
            why: why.to_owned(),
        })
    }

    /// Returns what registries answer; why not, where a person interrupted.
    fn apart<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Registries) -> T + Send + 'static,
    ) -> Result<T, &'static str> {
        let (tell, ear) = mpsc::channel();
        let registries = Arc::clone(&self.registries);
        thread::spawn(move || {
            // Nobody listens any more where a person interrupted.
            let _ = tell.send(ask(&registries));
        });
        loop {
            match ear.recv_timeout(GLANCE) {
                Ok(heard) => return Ok(heard),
                Err(mpsc::RecvTimeoutError::Disconnected) => return Err("the reading broke off"),
                Err(mpsc::RecvTimeoutError::Timeout) if self.git.interrupted() => {
                    return Err("interrupted");
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Reads again and again until the version is visible, never will be, or the time is over.
    pub fn wait(
        &self,
        awaited: &Awaited,
        (folder, root): (&Path, &Path),
        pace: &Pace,
        company: Company<'_>,
    ) -> Waited {
        let begin = Instant::now();
        let mut clock = Clock {
            spent: &|| begin.elapsed(),
            rest: &mut |pause| rest(&self.git.environment().interrupt, pause),
            chance: &|| RandomState::new().hash_one(0),
        };
        let mut read = || self.look(awaited, folder, root);
        wait(&mut read, (pace, Watch::of(awaited)), &mut clock, company)
    }
}

/// The time of a wait: the world's, or a test's.
struct Clock<'a> {
    spent: &'a dyn Fn() -> Duration,
    rest: &'a mut dyn FnMut(Duration) -> Rested,
    chance: &'a dyn Fn() -> u64,
}

/// The loop of a wait.
fn wait(
    read: &mut dyn FnMut() -> Sight,
    (pace, watch): (&Pace, Watch),
    clock: &mut Clock<'_>,
    mut company: Company<'_>,
) -> Waited {
    let mut watch = watch;
    let mut readings = 0;
    // One reading more decides where the last one in time shows all of it.
    let mut more = pace.first;
    loop {
        readings += 1;
        let wait = match watch.hear(read()) {
            Turn::Visible { files } => return Waited::Visible { files, readings },
            Turn::Never { why } => return Waited::Never { why },
            Turn::Again { wait } => wait,
        };
        if let Some(publisher) = &mut company.publisher {
            match publisher() {
                Publishing::Done => watch.accepted(),
                Publishing::Running => {}
                Publishing::Failed(why) => return Waited::Never { why },
            }
        }
        (company.tell)(&watch.standing());
        let mut left = pace.timeout.saturating_sub((clock.spent)());
        if left.is_zero() && watch.is_close() {
            left = std::mem::take(&mut more);
        }
        if left.is_zero() {
            let why = watch.verdict();
            return Waited::Late { why };
        }
        let pause = watch.pause(pace, (clock.chance)(), wait);
        if (clock.rest)(pause.min(left)) == Rested::Interrupted {
            return Waited::Interrupted;
        }
    }
}

#[cfg(test)]
mod tests;
