//! Several readings of one index, and what they come to.

use std::time::Duration;

use super::{Awaited, Digests, IMAGE, Outlet, Pace, Sight, agree};

/// How often a release that left something behind has to look the same before nothing more is
/// expected of it: the pauses come to more than a minute by then.
const SETTLED: u32 = 48;

/// What was seen of a version so far. It is a fold over the readings, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watch {
    /// Every digest that was ever read, by file.
    seen: Digests,
    /// The latest reading that answered.
    answer: Option<Sight>,
    /// Why the latest reading had no answer, where it had none.
    silence: Option<String>,
    /// How many readings before the latest looked the same as it.
    same: u32,
    /// Whether the project was unknown at first and appeared.
    appeared: bool,
    /// Whether somebody said that it is published.
    accepted: bool,
    /// Whether what is read is a tag, which may be written anew while it is published.
    of_tags: bool,
    /// The tag that the latest reading showed with another digest than one before.
    moved: Option<String>,
}

/// What follows from a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// The version is visible: two readings in a row show all of it.
    Visible {
        /// Its files.
        files: Digests,
    },
    /// It never will be as expected.
    Never {
        /// Why.
        why: String,
    },
    /// It is read again.
    Again {
        /// How long the index asks to be left alone.
        wait: Option<Duration>,
    },
}

impl Watch {
    /// Returns the watch for a version of which nothing was seen yet.
    pub fn of(awaited: &Awaited) -> Self {
        let is_oci = |it: &str| it.starts_with("oci://");
        let is_tag = match &awaited.outlet {
            Outlet::Address(it) => is_oci(it),
            _ => awaited.ecosystem == IMAGE,
        };
        Self {
            of_tags: is_tag,
            ..Self::default()
        }
    }

    /// Takes in one reading.
    pub fn hear(&mut self, sight: Sight) -> Turn {
        if let Sight::Unreached { why, wait } = sight {
            // No answer says nothing: what was read before still stands.
            let same = self.silence.is_some();
            self.same = if same { self.same + 1 } else { 0 };
            self.silence = Some(why);
            return Turn::Again { wait };
        }
        if let Some(why) = self.turned(&sight) {
            return Turn::Never { why };
        }
        let agrees = self.answer.as_ref() == Some(&sight);
        self.appeared |= self.answer == Some(Sight::NoProject) && sight != Sight::NoProject;
        let same = agrees && self.silence.take().is_none();
        self.same = if same { self.same + 1 } else { 0 };
        self.silence = None;
        self.moved = None;
        if let Sight::Complete { files } | Sight::Incomplete { files, .. } = &sight {
            let other = |(tag, now): &(&String, &String)| {
                self.seen.get(*tag).is_some_and(|it| !agree(it, now))
            };
            self.moved = files.iter().find(other).map(|it| it.0.clone());
            self.seen.extend(files.clone());
        }
        let turn = match &sight {
            Sight::Complete { files } if agrees => Turn::Visible {
                files: files.clone(),
            },
            // Nothing came for a minute, so that nothing more will.
            Sight::Incomplete {
                files, left: true, ..
            } if self.same >= SETTLED => Turn::Visible {
                files: files.clone(),
            },
            Sight::Yanked { why } if agrees => Turn::Never {
                why: taken_back(why),
            },
            _ => Turn::Again { wait: None },
        };
        self.answer = Some(sight);
        turn
    }

    /// Takes in that somebody who publishes it says that it is published.
    pub fn accepted(&mut self) {
        self.accepted = true;
    }

    /// Returns whether the latest reading that answered shows all of it, so that one more decides.
    pub fn is_close(&self) -> bool {
        self.silence.is_none() && matches!(self.answer, Some(Sight::Complete { .. }))
    }

    /// Returns how long to leave the index alone before the next reading: the longer nothing new
    /// came the longer, and ever longer where it gives no answer; never shorter than what it asked
    /// for. `chance` is any number.
    pub fn pause(&self, pace: &Pace, chance: u64, asked: Option<Duration>) -> Duration {
        match self.silence {
            Some(_) => pace.pause_in_silence(self.same, chance, asked),
            None => pace.pause(self.same, chance, asked),
        }
    }

    /// Returns why no later reading can be good: a file is another one than expected or before.
    fn turned(&self, sight: &Sight) -> Option<String> {
        match sight {
            Sight::Differs {
                file,
                expected,
                found,
            } => Some(format!(
                "`{file}` is another file than expected: its digest is {found}, and not {expected}"
            )),
            Sight::Nowhere { why } => Some(why.clone()),
            Sight::Complete { files } | Sight::Incomplete { files, .. } if !self.of_tags => {
                files.iter().find_map(|(file, now)| {
                    let before = self.seen.get(file)?;
                    (!agree(before, now)).then(|| {
                        format!("`{file}` changed while it was waited for: its digest was {before}, and is {now}")
                    })
                })
            }
            _ => None,
        }
    }

    /// Returns where it stands, in words: what the next reading is hoped to change.
    pub fn standing(&self) -> String {
        if let Some(why) = &self.silence {
            return format!("no answer: {why}");
        }
        match &self.answer {
            None => "not asked yet".to_owned(),
            Some(Sight::Complete { .. }) => match &self.moved {
                Some(tag) => format!(
                    "listed, and `{tag}` has another digest than in the reading before; read once more"
                ),
                None => "listed; read once more".to_owned(),
            },
            Some(Sight::Incomplete { lacking, .. }) => format!("listed without {}", few(lacking)),
            Some(Sight::Absent { latest: Some(it) }) => format!("not listed yet, {it} is"),
            Some(Sight::Absent { latest: None }) => "not listed yet".to_owned(),
            Some(Sight::NoProject) => "the project is not known yet".to_owned(),
            Some(Sight::Yanked { .. }) => "listed, and taken back".to_owned(),
            Some(Sight::Differs { .. } | Sight::Nowhere { .. } | Sight::Unreached { .. }) => {
                "not as expected".to_owned()
            }
        }
    }

    /// Returns what is said when the time is over: what is on its way is told apart from what was
    /// never published, and both from an index that did not answer.
    pub fn verdict(&self) -> String {
        let standing = self.standing();
        let Some(answer) = &self.answer else {
            return match self.silence {
                Some(_) => format!("nothing is known of it: {standing}"),
                None => standing,
            };
        };
        let traces = !self.seen.is_empty() || self.appeared;
        match answer {
            Sight::Absent { .. } | Sight::NoProject if traces => {
                format!("still propagating: it was there, and the latest reading says: {standing}")
            }
            Sight::Absent { .. } | Sight::NoProject if self.accepted => {
                format!("still propagating: its publisher says that it is out; {standing}")
            }
            Sight::Absent { .. } | Sight::NoProject => {
                format!("never published, as far as the index shows: {standing}")
            }
            _ => format!("still propagating: {standing}"),
        }
    }
}

fn taken_back(why: &str) -> String {
    match why {
        "" | "yanked" => "it was taken back (yanked)".to_owned(),
        why => format!("it was taken back (yanked): {why}"),
    }
}

/// Returns the first few of what is missing, and how many more.
fn few(lacking: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut all: Vec<&str> = lacking.iter().take(SHOWN).map(String::as_str).collect();
    let more = lacking.len().saturating_sub(SHOWN);
    let rest = format!("{more} more");
    if more > 0 {
        all.push(&rest);
    }
    match all.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "anything".to_owned(),
    }
}
