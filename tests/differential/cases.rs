//! The bumps: what a new release may differ in from the old one.

use crate::world::{
    Case, Facets, How, Named, Needs, Origin, Own, Pinned, Published, Range, Release, Require,
};

const OLD: &str = "1.0.0";
const NEW: &str = "1.1.0";
/// What is out as well, and nobody released in this run.
const NEWER: &str = "1.2.0";

/// Returns the first `count` bumps that this ecosystem can have, each of a package of its own.
pub(crate) fn cases(count: usize, (several, git): (Several, Git)) -> Vec<Case> {
    let all = KINDS.iter().enumerate();
    let known = all.filter(|(_, it)| match it.wants {
        Wants::Nothing => true,
        Wants::Copies => several == Several::Copies,
        Wants::Git => git == Git::Taken,
    });
    let kinds = known.take(count);
    kinds.map(|(nth, kind)| kind.case(nth)).collect()
}

/// Returns the names of all kinds of bumps, in order.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|it| it.what)
}

/// Whether an ecosystem holds two versions of one package at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Several {
    /// It may.
    Copies,
    /// It never does.
    Never,
}

/// Whether a lock takes packages from a tag of their repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Git {
    /// It does.
    Taken,
    /// It takes them from a registry alone.
    Never,
}

/// What a kind asks of an ecosystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    Nothing,
    Copies,
    Git,
}

/// One way in which two releases differ.
struct Kind {
    what: &'static str,
    wants: Wants,
    shape: fn(&mut Case),
}

const KINDS: &[Kind] = &[
    kind("stays", |it| it.both(&[need("third", How::Plain)])),
    kind("grows", |it| {
        it.earlier(&[need("third", How::Plain)]);
        it.later(&[need("third", How::Plain), need("extra", How::Plain)]);
    }),
    kind("a set with its core", Case::set),
    kind("a newer one is out", |it| {
        it.both(&[need("third", How::Plain)]);
        it.pinned = Pinned::Compatibly;
        let newer = it.release(NEWER, &[need("third", How::Plain)]);
        it.after.push(newer);
    }),
    from_git("from git", |it| it.both(&[need("third", How::Plain)])),
    kind("its own version too", |it| {
        it.both(&[need("third", How::Plain)]);
        it.own = Own::Moves;
    }),
    kind("bare", |_| {}),
    kind("a set, all of it pinned", |it| {
        it.set();
        it.named = Named::Pinned;
    }),
    kind("a set of three", |it| {
        it.set();
        it.third();
    }),
    from_git("from git, grows", |it| {
        it.earlier(&[need("third", How::Plain)]);
        it.later(&[need("third", How::Plain), need("extra", How::Plain)]);
    }),
    from_git("from git, a range below moves and fits", |it| {
        it.earlier(&[need("third", How::Plain)]);
        it.later(&[ranged("third", Range::From("0.9.0"))]);
    }),
    from_git("from git, its own version too", |it| {
        it.both(&[need("third", How::Plain)]);
        it.own = Own::Moves;
    }),
    from_git("from git, optional parts stay", |it| {
        it.both(&[need("third", How::Plain), need("extra", How::Optional)]);
    }),
    kind("a newer one is out, and a dependent", |it| {
        it.both(&[need("third", How::Plain)]);
        it.pinned = Pinned::Compatibly;
        it.user(Range::Caret("1.0.0"));
        let newer = it.release(NEWER, &[need("third", How::Plain)]);
        it.after.push(newer);
    }),
    kind("a dependent admits it", |it| {
        it.both(&[need("third", How::Plain)]);
        it.user(Range::Caret("1.0.0"));
    }),
    kind("optional parts stay", |it| {
        it.both(&[need("third", How::Plain), need("extra", How::Optional)]);
    }),
    kind("shrinks", |it| {
        it.earlier(&[need("third", How::Plain), need("extra", How::Plain)]);
        it.later(&[need("third", How::Plain)]);
    }),
    kind("a range pin", |it| {
        it.both(&[need("third", How::Plain)]);
        it.pinned = Pinned::Compatibly;
    }),
    kind("gains a marker", |it| {
        it.earlier(&[need("third", How::Plain)]);
        it.later(&[need("third", How::Windows)]);
    }),
    kind("a marker stays", |it| {
        it.both(&[need("third", How::Windows)]);
    }),
    kind("gains what is needed nowhere", |it| {
        it.earlier(&[need("third", How::Plain)]);
        it.later(&[need("third", How::Plain), need("extra", How::Never)]);
    }),
    kind("gains an optional part", |it| {
        it.earlier(&[need("third", How::Plain)]);
        it.later(&[need("third", How::Plain), need("extra", How::Optional)]);
    }),
    kind("a peer stays", |it| it.both(&[need("third", How::Peer)])),
    kind("gains a peer", |it| it.later(&[need("third", How::Peer)])),
    kind("a range below moves and fits", |it| {
        it.earlier(&[need("third", How::Plain)]);
        it.later(&[ranged("third", Range::From("0.9.0"))]);
    }),
    kind("a range below moves and does not fit", |it| {
        it.earlier(&[need("third", How::Plain)]);
        it.later(&[ranged("third", Range::Caret("1.1.0"))]);
    }),
    kind("a dependent excludes it", |it| {
        it.both(&[need("third", How::Plain)]);
        it.user(Range::Exact(OLD.to_owned()));
    }),
    kind("for development", |it| {
        it.both(&[need("third", How::Plain)]);
        it.pinned = Pinned::ForDevelopment;
    }),
    Kind {
        what: "several copies",
        wants: Wants::Copies,
        shape: |it| {
            let older = Release {
                version: "0.9.0",
                ..it.release(OLD, &[])
            };
            it.before.push(older);
            it.user(Range::Caret("0.9.0"));
        },
    },
    kind("a pre-release beside it", |it| {
        it.both(&[need("third", How::Plain)]);
        it.after.push(it.release("2.0.0-rc.1", &[]));
    }),
    kind("to a pre-release", |it| {
        it.to = "1.1.0-rc.1";
        it.after = vec![it.release(it.to, &[])];
    }),
    kind("the old one is yanked", |it| {
        let yanked = Facets {
            yanked: true,
            ..Facets::default()
        };
        it.after.push(Release {
            facets: yanked,
            ..it.release(OLD, &[])
        });
    }),
    kind("the new one is yanked", |it| {
        it.say(|facets| facets.yanked = true);
    }),
    kind("a newer one beside it", |it| {
        it.both(&[need("third", How::Plain)]);
        it.after.push(it.release("1.2.0", &[]));
    }),
    kind("another license", |it| {
        it.say(|facets| facets.license = "Apache-2.0");
    }),
    kind("another summary", |it| {
        it.say(|facets| facets.summary = "Says it anew.");
    }),
    kind("a program more", |it| {
        it.say(|facets| facets.program = "tool");
    }),
    kind("asks for a newer language", |it| {
        it.say(|facets| facets.needs = Needs::Middle);
    }),
    kind("asks for too new a language", |it| {
        it.say(|facets| facets.needs = Needs::New);
    }),
    kind("a feature more", |it| {
        it.say(|facets| facets.feature = "fast");
    }),
    kind("a feature less", |it| {
        it.before
            .iter_mut()
            .for_each(|it| it.facets.feature = "fast");
    }),
    kind("platforms stay", |it| {
        let all = it.before.iter_mut().chain(&mut it.after);
        all.for_each(|it| it.facets.files = Published::Platforms);
    }),
    kind("a platform more", |it| {
        it.before
            .iter_mut()
            .for_each(|it| it.facets.files = Published::Platforms);
        it.say(|facets| facets.files = Published::MorePlatforms);
    }),
    kind("the source only", |it| {
        let all = it.before.iter_mut().chain(&mut it.after);
        all.for_each(|it| it.facets.files = Published::Source);
    }),
    kind("the built one only", |it| {
        let all = it.before.iter_mut().chain(&mut it.after);
        all.for_each(|it| it.facets.files = Published::Built);
    }),
    kind("what its tests need moves", |it| {
        it.earlier(&[need("third", How::Dev)]);
        it.later(&[need("extra", How::Dev)]);
    }),
    kind("many below", |it| {
        let below = ["third", "extra", "other"].map(|it| need(it, How::Plain));
        it.both(&below);
    }),
    kind("a peer of another", |it| {
        it.both(&[need("third", How::Plain)]);
        it.used(Range::Caret("1.0.0"), How::Peer);
    }),
    kind("a set, and a peer of another", |it| {
        it.set();
        it.used(Range::Caret("1.0.0"), How::Peer);
    }),
    kind("a peer of peers", |it| {
        it.both(&[need("third", How::Plain)]);
        it.used(Range::Caret("1.0.0"), How::Peer);
        let (own, user) = (it.name.clone(), format!("{}-user", it.name));
        it.beside("top", &[need(&own, How::Peer), need(&user, How::Peer)]);
        it.beside("wrap", &[need(&user, How::Plain)]);
    }),
];

const fn kind(what: &'static str, shape: fn(&mut Case)) -> Kind {
    Kind {
        what,
        wants: Wants::Nothing,
        shape,
    }
}

const fn from_git(what: &'static str, shape: fn(&mut Case)) -> Kind {
    Kind {
        what,
        wants: Wants::Git,
        shape,
    }
}

fn need(name: &str, how: How) -> Require {
    Require {
        name: name.to_owned(),
        range: Range::Caret("1.0.0"),
        how,
    }
}

fn ranged(name: &str, range: Range) -> Require {
    Require {
        name: name.to_owned(),
        range,
        how: How::Plain,
    }
}

impl Kind {
    fn case(&self, nth: usize) -> Case {
        let mut case = Case {
            what: self.what,
            name: format!("pack-{nth:02}"),
            from: OLD,
            to: NEW,
            siblings: Vec::new(),
            named: Named::Below,
            origin: match self.wants {
                Wants::Git => Origin::Git,
                _ => Origin::Registry,
            },
            own: Own::Stays,
            pinned: Pinned::Exactly,
            before: Vec::new(),
            after: Vec::new(),
            beside: Vec::new(),
        };
        case.before = vec![case.release(OLD, &[])];
        case.after = vec![case.release(NEW, &[])];
        (self.shape)(&mut case);
        case
    }
}

impl Case {
    fn release(&self, version: &'static str, requires: &[Require]) -> Release {
        Release {
            name: self.name.clone(),
            version,
            requires: requires.to_vec(),
            facets: Facets::default(),
        }
    }

    fn earlier(&mut self, requires: &[Require]) {
        self.before = vec![self.release(OLD, requires)];
    }

    fn later(&mut self, requires: &[Require]) {
        self.after = vec![self.release(NEW, requires)];
    }

    fn both(&mut self, requires: &[Require]) {
        self.earlier(requires);
        self.later(requires);
    }

    fn say(&mut self, what: fn(&mut Facets)) {
        self.after.iter_mut().for_each(|it| what(&mut it.facets));
    }

    /// Another package of the project requires it too.
    fn user(&mut self, range: Range) {
        self.used(range, How::Plain);
    }

    /// Another package of the project requires it in this way.
    fn used(&mut self, range: Range, how: How) {
        let on = Require {
            how,
            ..ranged(&self.name, range)
        };
        self.beside("user", &[on]);
    }

    /// Another package stands in the project, which requires this.
    fn beside(&mut self, what: &str, requires: &[Require]) {
        let other = Release {
            name: format!("{}-{what}", self.name),
            version: OLD,
            requires: requires.to_vec(),
            facets: Facets::default(),
        };
        self.beside.push((other.name.clone(), OLD));
        self.before.push(other);
    }

    /// It stands on a core that is released with it, in the same version.
    fn set(&mut self) {
        let core = format!("{}-core", self.name);
        let of = |version: &str| ranged(&core, Range::Exact(version.to_owned()));
        let part = |version| Release {
            name: core.clone(),
            version,
            requires: vec![need("third", How::Plain)],
            facets: Facets::default(),
        };
        self.before = vec![self.release(OLD, &[of(OLD)]), part(OLD)];
        self.after = vec![self.release(NEW, &[of(NEW)]), part(NEW)];
        self.siblings.push(core);
    }

    /// A third part is released with them, on which the core stands.
    fn third(&mut self) {
        let name = format!("{}-macros", self.name);
        for (releases, version) in [(&mut self.before, OLD), (&mut self.after, NEW)] {
            for it in releases.iter_mut() {
                it.requires
                    .push(ranged(&name, Range::Exact(version.to_owned())));
            }
            releases.push(Release {
                name: name.clone(),
                version,
                requires: Vec::new(),
                facets: Facets::default(),
            });
        }
        self.siblings.push(name);
    }
}
