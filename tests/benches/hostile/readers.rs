//! Everything that reads or rewrites a text that somebody else wrote.

use std::collections::BTreeMap;
use std::hint::black_box;

use cascade_manifest::{
    ALL, Ecosystem, Format, Limit, Lock, Move, Names, Scheme, SiteRegex, Splice, Stand, Style,
    Version, VersionField, helm, release_changelog, verified,
};

use beside::BESIDE;

#[path = "../../../crates/cascade-manifest/fuzz/beside.rs"]
mod beside;

/// A reader: what it is called, and what it does with a text.
pub(crate) struct Reader {
    pub(crate) name: String,
    pub(crate) read: Box<dyn Fn(&str) + Send + Sync>,
}

impl Reader {
    pub(crate) fn new(
        name: impl Into<String>,
        read: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            read: Box::new(read),
        }
    }
}

/// Returns every reader.
pub(crate) fn readers() -> Vec<Reader> {
    let mut all = Vec::new();
    for ecosystem in ALL {
        all.extend(ecosystem.formats.iter().flat_map(|it| of_format(*it)));
        all.extend(ecosystem.locks.iter().flat_map(|it| of_lock(*it)));
        all.push(of_grammar(ecosystem));
    }
    all.extend(of_lock(helm::CHART_LOCK));
    all.extend(of_texts());
    all.extend(of_plan());
    all.extend(of_run());
    all
}

fn of_format(format: &'static dyn Format) -> Vec<Reader> {
    let read = move |text: &str| drop(black_box(format.read(text)));
    let edit = move |text: &str| {
        let Ok(manifest) = format.read(text) else {
            return;
        };
        let own = manifest.package.and_then(|it| match it.version {
            VersionField::Static { span, .. } => Some(span),
            _ => None,
        });
        let spans = manifest.pins.into_iter().filter_map(|it| it.span);
        let splices: Vec<_> = spans
            .chain(own)
            .map(|span| Splice {
                span,
                to: "9.9.9".to_owned(),
            })
            .collect();
        drop(black_box(verified(format, text, &splices)));
    };
    vec![
        Reader::new(format!("`{}`", format.name()), read),
        Reader::new(format!("every pin of `{}` edited", format.name()), edit),
    ]
}

/// Returns the commands that move a lock of this text.
pub(crate) fn relock(
    lock: &dyn Lock,
    text: &str,
    files: &BTreeMap<String, String>,
    moves: &[Move],
) -> Vec<Vec<String>> {
    let names = moves.iter().map(|it| it.name.clone()).collect();
    let facts = lock.find(text, &names).unwrap_or_default();
    let stand = Stand {
        file_name: lock.file_name(),
        facts: &facts,
        files,
    };
    lock.relock(&stand, moves)
}

fn of_lock(lock: &'static dyn Lock) -> Vec<Reader> {
    let name = lock.file_name();
    let beside: BTreeMap<_, _> = BESIDE
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let few = Names::from(["a", "own", "registry.example/a"].map(str::to_owned));
    let many: Names = (0..2000).map(|it| format!("p{it}")).collect();
    let moves = vec![Move {
        name: "a".to_owned(),
        from: Some("1.0.0".to_owned()),
        to: "1.1.0".to_owned(),
    }];
    let (files, again) = (beside.clone(), moves.clone());
    let mut all = vec![
        Reader::new(format!("`{name}`, found"), move |text| {
            drop(black_box(lock.find(text, &few)));
        }),
        Reader::new(format!("`{name}`, many found"), move |text| {
            drop(black_box(lock.find(text, &many)));
        }),
        Reader::new(format!("`{name}`, entries"), move |text| {
            drop(black_box(lock.entries(text)));
        }),
        Reader::new(format!("`{name}`, judged"), move |text| {
            drop(black_box(lock.discords(text, &beside)));
        }),
        Reader::new(format!("`{name}`, how it is made"), move |text| {
            drop(black_box((
                lock.is_lock(text),
                lock.environment(text),
                relock(lock, text, &files, &moves),
            )));
        }),
        Reader::new(format!("`{name}`, a tool's edits"), move |text| {
            for (path, _) in BESIDE {
                drop(black_box(lock.own_edits(path, text, text)));
            }
        }),
    ];
    for (path, _) in BESIDE {
        let again = again.clone();
        all.push(Reader::new(
            format!("`{name}`, judged by `{path}`"),
            move |text| {
                let files = BTreeMap::from([((*path).to_owned(), text.to_owned())]);
                drop(black_box(lock.discords("", &files)));
                drop(black_box(relock(lock, "", &files, &again)));
            },
        ));
    }
    for path in lock.settings() {
        all.push(Reader::new(
            format!("`{name}`, gated by `{path}`"),
            move |text| {
                let files = BTreeMap::from([((*path).to_owned(), text.to_owned())]);
                drop(black_box(lock.age_gate("a", &files)));
            },
        ));
    }
    all
}

fn of_grammar(ecosystem: &'static Ecosystem) -> Reader {
    Reader::new(format!("requirements of {}", ecosystem.name), move |text| {
        let to = Version::parse(ecosystem.scheme, "1.2.3").expect("a version");
        let grammar = ecosystem.grammar;
        drop(black_box(grammar.named(text)));
        drop(black_box(grammar.admits(text, &to)));
        for style in [Style::Auto, Style::Exact, Style::Floor, Style::Widen] {
            drop(black_box(grammar.rewrite(text, &to, style)));
        }
        black_box(grammar.same(text, text));
        drop(black_box((ecosystem.canonical)(text)));
    })
}

fn of_texts() -> Vec<Reader> {
    let version_in = |name: &'static str| {
        Reader::new(format!("`{name}` in a text"), move |text| {
            black_box(cascade_manifest::python::version_in(text, name));
        })
    };
    let site = |regex: &'static str| {
        let site = SiteRegex::compile(regex).expect("a regular expression");
        Reader::new(format!("the site `{regex}`"), move |text| {
            // As the run does before it reads such a file.
            if Limit::MANIFEST.check(text).is_ok() {
                black_box(site.find(text));
            }
        })
    };
    vec![
        Reader::new("a changelog", |text| {
            black_box(release_changelog(text, "1.2.3", "2026-11-21"));
        }),
        Reader::new("a version", |text| {
            black_box(Version::parse(Scheme::Pep440, text));
            black_box(Version::parse(Scheme::Semver, text));
        }),
        Reader::new("a site's expression", |text| {
            drop(black_box(SiteRegex::compile(text)));
        }),
        version_in("version"),
        version_in("__version__"),
        site(r#"^  tag: "?(?<version>[0-9.]+)"?"#),
        site(r"a.*b.*c.*(?<version>[0-9.]+)"),
        site(r"(?<version>(a|aa|.)+)$"),
        site(r"(?<version>[0-9]+(\.[0-9]+)*)x"),
    ]
}

fn of_plan() -> Vec<Reader> {
    vec![
        Reader::new("`workspace.toml`", |text| {
            if let Ok(declared) = cascade_plan::declare(text) {
                drop(black_box(cascade_plan::Graph::build(declared)));
            }
        }),
        Reader::new("`plan.json`", |text| {
            drop(black_box(serde_json::from_str::<cascade_plan::Plan>(text)));
        }),
        Reader::new("a tag's template", |text| {
            drop(black_box(cascade_plan::TagTemplate::parse(text)));
        }),
        Reader::new("a commit's message", |text| {
            let commit = cascade_plan::Commit {
                id: cascade_plan::Oid::parse("0123456789abcdef0123456789abcdef01234567")
                    .expect("an id"),
                message: text.to_owned(),
                merge: false,
                time: 0,
            };
            drop(black_box(cascade_plan::read_level([&commit].into_iter())));
        }),
    ]
}

fn of_run() -> Vec<Reader> {
    use cascade_run::untrusted;
    vec![
        Reader::new("settings of tools", untrusted::settings),
        Reader::new("answers of registries", |text| {
            untrusted::answers(text.as_bytes());
        }),
        Reader::new("requests to the registry", |text| {
            untrusted::requests(text.as_bytes());
        }),
        Reader::new("files of git", |text| {
            untrusted::checkouts(text.as_bytes());
        }),
    ]
}
