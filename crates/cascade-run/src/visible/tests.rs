use std::cell::Cell;
use std::collections::VecDeque;
use std::fs;
use std::io::Write as _;

use cascade_plan::{Expected, Outlet};
use cascade_tests::Town;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::{Environment, RegistryServer};

fn git(vars: &[(&str, &str)]) -> Git {
    let path = std::env::var_os("PATH").unwrap();
    let vars = vars.iter().map(|(k, v)| (k.into(), v.into()));
    let vars = vars.chain([("PATH".into(), path)]);
    Git::find(Environment::new(vars)).unwrap()
}

fn awaited(ecosystem: &str, name: &str, version: &str, outlet: Outlet) -> Awaited {
    Awaited {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        outlet,
        expected: Expected::default(),
    }
}

/// A folder that is served, and what looks at it.
struct Shop {
    dir: TempDir,
    lookout: Lookout,
}

impl Shop {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home").display().to_string();
        let lookout = Lookout::new(&git(&[("HOME", &home)]));
        Self { dir, lookout }
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let at = self.dir.path().join("registry").join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::File::create(at).unwrap().write_all(bytes).unwrap();
    }

    fn serve(&self) -> RegistryServer {
        RegistryServer::start(&self.dir.path().join("registry"), 0).unwrap()
    }

    fn look(&self, it: &Awaited) -> Sight {
        self.lookout.look(it, self.dir.path(), self.dir.path())
    }

    /// Looks at the same thing over HTTP and in the folder: both have to say the same of it.
    fn looks(
        &self,
        server: &RegistryServer,
        (kind, at): (&str, &str),
        (name, version): (&str, &str),
    ) -> Sight {
        let address = Outlet::Address(format!("{}/{at}/", server.url()));
        let told = self.look(&awaited(kind, name, version, address));
        let folder = Outlet::Folder("registry".to_owned());
        let lies = self.look(&awaited(kind, name, version, folder));
        assert_eq!(shape(&told), shape(&lies), "{told:?}\n{lies:?}");
        told
    }
}

/// Returns a sight without digests, whose algorithms may differ.
fn shape(sight: &Sight) -> String {
    match sight {
        Sight::Complete { files } => format!("complete {:?}", files.keys()),
        Sight::Incomplete { files, lacking, .. } => {
            format!("{:?} without {lacking:?}", files.keys())
        }
        other => format!("{other:?}"),
    }
}

fn latest(version: &str) -> Sight {
    Sight::Absent {
        latest: Some(version.to_owned()),
    }
}

#[test]
fn a_python_index_and_a_folder_show_the_same() {
    let shop = Shop::new();
    for file in [
        "a_b-1.0.tar.gz",
        "a_b-1.0-py3-none-any.whl",
        "a_b-1.1-py3-none-any.whl",
    ] {
        shop.put(&format!("pypi/{file}"), file.as_bytes());
    }
    let server = shop.serve();
    let look = |name, version| shop.looks(&server, ("python", "pypi/simple"), (name, version));
    let Sight::Complete { files } = look("A.b", "1.0") else {
        panic!("incomplete")
    };
    assert!(files.values().all(|it| it.starts_with("sha256:")));
    let Sight::Incomplete { lacking, .. } = look("a-b", "1.1") else {
        panic!("complete")
    };
    assert_eq!(lacking, ["sdist"]);
    assert_eq!(look("a-b", "2.0"), latest("1.1"));
    assert_eq!(look("a", "1.0"), Sight::NoProject);
    shop.put(
        "yanked.json",
        br#"{"pypi/a_b-1.1-py3-none-any.whl": "broken"}"#,
    );
    let address = Outlet::Address(format!("{}/pypi/simple", server.url()));
    let yanked = shop.look(&awaited("python", "a-b", "1.1", address));
    assert_eq!(
        yanked,
        Sight::Yanked {
            why: "broken".to_owned()
        }
    );
}

#[test]
fn an_npm_registry_and_a_folder_show_the_same() {
    let shop = Shop::new();
    shop.put(
        "npm/@own%2fcore/core-1.0.0.tgz",
        &tarball(r#"{"name":"@own/core","version":"1.0.0"}"#),
    );
    let server = shop.serve();
    let look = |name, version| shop.looks(&server, ("npm", "npm"), (name, version));
    assert!(matches!(look("@own/core", "1.0.0"), Sight::Complete { .. }));
    assert_eq!(look("@own/core", "1.1.0"), latest("1.0.0"));
    assert_eq!(look("core", "1.0.0"), Sight::NoProject);
}

fn tarball(json: &str) -> Vec<u8> {
    let gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gz);
    let mut header = tar::Header::new_gnu();
    header.set_size(json.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "package/package.json", json.as_bytes())
        .unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

#[test]
fn a_cargo_index_and_a_folder_show_the_same() {
    let shop = Shop::new();
    let line = |version: &str, yanked: bool| {
        format!(
            "{{\"name\":\"my_core\",\"vers\":\"{version}\",\"deps\":[],\"features\":{{}},\"cksum\":\"{}\",\"yanked\":{yanked}}}\n",
            "0".repeat(64)
        )
    };
    let lines = format!("{}{}", line("1.0.0", false), line("1.0.1", true));
    shop.put("cargo/index/my/_c/my_core", lines.as_bytes());
    let server = shop.serve();
    let look = |name, version| shop.looks(&server, ("cargo", "cargo"), (name, version));
    assert!(matches!(look("my_core", "1.0.0"), Sight::Complete { .. }));
    assert_eq!(
        look("my_core", "1.0.1"),
        Sight::Yanked { why: String::new() }
    );
    assert_eq!(look("my_core", "1.1.0"), latest("1.0.1"));
    assert_eq!(look("other", "1.0.0"), Sight::NoProject);
}

#[test]
fn a_go_proxy_and_a_folder_show_the_same() {
    let shop = Shop::new();
    shop.put(
        "go/x.example/!own/@v/v1.0.0.info",
        br#"{"Version":"v1.0.0"}"#,
    );
    shop.put("go/x.example/!own/@v/v1.0.0.mod", b"module x.example/Own\n");
    shop.put("go/x.example/!own/@v/list", b"v1.0.0\n");
    let server = shop.serve();
    let look = |name, version| shop.looks(&server, ("go", "go"), (name, version));
    let Sight::Complete { files } = look("x.example/Own", "1.0.0") else {
        panic!("incomplete")
    };
    assert!(files["v1.0.0.mod"].starts_with("sha256:"));
    assert_eq!(look("x.example/Own", "1.1.0"), latest("1.0.0"));
    assert_eq!(look("x.example/other", "1.0.0"), Sight::NoProject);
}

#[test]
fn a_tag_on_a_remote_is_seen() {
    let town = Town::new();
    town.repo("core", "v1.0.0", &[("a", "b")]);
    let lookout = Lookout::new(&git(&[]));
    let look = |remote: &str, tags: &[&str]| {
        let outlet = Outlet::Tags {
            remote: remote.to_owned(),
            tags: tags.iter().map(|it| (*it).to_owned()).collect(),
        };
        lookout.look(
            &awaited("go", "core", "1.0.0", outlet),
            town.path(),
            town.path(),
        )
    };
    let Sight::Complete { files } = look("origins/core.git", &["1.0.0", "v1.0.0"]) else {
        panic!("no tag")
    };
    let head = town.git("core", &["rev-parse", "HEAD"]);
    assert_eq!(files["v1.0.0"], format!("commit:{head}"));
    assert_eq!(
        look("origins/core.git", &["v1.1.0"]),
        Sight::Absent { latest: None }
    );
    assert!(matches!(
        look("origins/none.git", &["v1.0.0"]),
        Sight::Unreached { .. }
    ));
    assert!(matches!(
        look("ext::sh", &["v1.0.0"]),
        Sight::Nowhere { .. }
    ));
}

#[test]
fn the_settings_of_the_tools_say_where_and_silence_is_never_absence() {
    let shop = Shop::new();
    shop.put("pypi/core-1.0.tar.gz", b"x");
    let server = shop.serve();
    let index = format!(
        "[[tool.uv.index]]\nurl = \"{}/pypi/simple\"\ndefault = true\n",
        server.url()
    );
    let at = shop.dir.path().join("pyproject.toml");
    fs::File::create(at)
        .unwrap()
        .write_all(index.as_bytes())
        .unwrap();
    let core = awaited("python", "core", "1.0", Outlet::Configured);
    assert!(matches!(shop.look(&core), Sight::Complete { .. }));
    server.busy_for(1, Duration::from_secs(9));
    let Sight::Unreached { why, wait } = shop.look(&core) else {
        panic!("an answer")
    };
    assert_eq!(wait, Some(Duration::from_secs(9)));
    assert!(why.ends_with("it answers 503"), "{why}");
    assert!(
        matches!(shop.look(&core), Sight::Complete { .. }),
        "it is asked again"
    );
    assert!(
        server
            .requests()
            .iter()
            .all(|it| it == "GET /pypi/simple/core/")
    );
    drop(server);
    assert!(matches!(shop.look(&core), Sight::Unreached { .. }));
    let nowhere = Outlet::Folder("nowhere".to_owned());
    let Sight::Unreached { why, .. } = shop.look(&awaited("npm", "x", "1.0.0", nowhere)) else {
        panic!("an answer")
    };
    assert!(why.ends_with("is not there"), "{why}");
}

/// Waits on a clock of its own for what these readings show, the last one for ever.
fn waited(sights: &[Sight], pace: &Pace, chance: u64) -> (Waited, Vec<Duration>) {
    let spent = Cell::new(Duration::ZERO);
    let mut pauses = Vec::new();
    let mut left: VecDeque<Sight> = sights.iter().cloned().collect();
    let mut read = || match left.len() {
        1 => left[0].clone(),
        _ => left.pop_front().unwrap(),
    };
    let mut clock = Clock {
        spent: &|| spent.get(),
        rest: &mut |pause| {
            pauses.push(pause);
            spent.set(spent.get() + pause);
            Rested::Whole
        },
        chance: &|| chance,
    };
    let company = Company {
        publisher: None,
        tell: &mut |_| {},
    };
    let waited = wait(&mut read, (pace, Watch::default()), &mut clock, company);
    (waited, pauses)
}

fn complete() -> Sight {
    Sight::Complete {
        files: Digests::from([("a".to_owned(), "sha256:1".to_owned())]),
    }
}

#[test]
fn a_wait_ends_with_the_second_reading_that_agrees() {
    let absent = Sight::Absent { latest: None };
    let sights = [absent.clone(), absent, complete()];
    let (end, pauses) = waited(&sights, &Pace::default(), 250);
    let files = Digests::from([("a".to_owned(), "sha256:1".to_owned())]);
    assert_eq!(end, Waited::Visible { files, readings: 4 });
    assert_eq!(
        pauses,
        [10_000, 10_125, 10_000].map(|it| Duration::from_micros(it * 100))
    );
}

#[test]
fn the_time_is_over_in_time_and_says_where_it_stands() {
    let pace = Pace::default();
    let (end, pauses) = waited(&[Sight::NoProject], &pace, 250);
    let Waited::Late { why } = end else {
        panic!("{end:?}")
    };
    assert!(why.starts_with("never published"), "{why}");
    assert_eq!(pauses.iter().sum::<Duration>(), pace.timeout);
    let busy = Sight::Unreached {
        why: "it answers 429".to_owned(),
        wait: Some(Duration::from_hours(24)),
    };
    let (end, pauses) = waited(&[busy], &pace, 250);
    let Waited::Late { why } = end else {
        panic!("{end:?}")
    };
    assert_eq!(why, "nothing is known of it: no answer: it answers 429");
    assert_eq!(pauses, [pace.timeout]);
}

#[test]
fn a_publisher_that_fails_ends_the_wait() {
    let mut says = || Publishing::Failed("the job is red".to_owned());
    let mut told = Vec::new();
    let company = Company {
        publisher: Some(&mut says),
        tell: &mut |it| told.push(it.to_owned()),
    };
    let mut clock = Clock {
        spent: &|| Duration::ZERO,
        rest: &mut |_| Rested::Interrupted,
        chance: &|| 0,
    };
    let mut read = || Sight::NoProject;
    let end = wait(
        &mut read,
        (&Pace::default(), Watch::default()),
        &mut clock,
        company,
    );
    let why = "the job is red".to_owned();
    assert_eq!(end, Waited::Never { why });
}

#[test]
fn an_interrupt_ends_a_pause() {
    let mut told = Vec::new();
    let company = Company {
        publisher: None,
        tell: &mut |it| told.push(it.to_owned()),
    };
    let mut clock = Clock {
        spent: &|| Duration::ZERO,
        rest: &mut |_| Rested::Interrupted,
        chance: &|| 0,
    };
    let mut read = || Sight::NoProject;
    let end = wait(
        &mut read,
        (&Pace::default(), Watch::default()),
        &mut clock,
        company,
    );
    assert_eq!(end, Waited::Interrupted);
    assert_eq!(told, ["the project is not known yet"]);
}

proptest! {
    /// Whatever is read, a wait ends within its time, and it asks no more often than once a second.
    #[test]
    fn a_wait_ends_within_its_time(
        picks in prop::collection::vec(0..4_usize, 1..20),
        minutes in 0..40_u64,
        chance in any::<u64>(),
    ) {
        let all = [
            complete(),
            Sight::NoProject,
            Sight::Absent { latest: None },
            Sight::Unreached { why: String::new(), wait: Some(Duration::from_secs(90)) },
        ];
        let sights: Vec<Sight> = picks.iter().map(|it| all[*it].clone()).collect();
        let pace = Pace::default().within(Duration::from_mins(minutes));
        let (end, pauses) = waited(&sights, &pace, chance);
        let spent: Duration = pauses.iter().sum();
        prop_assert!(spent <= pace.timeout + pace.first);
        prop_assert!(pauses.iter().rev().skip(1).all(|it| *it >= pace.first));
        match end {
            Waited::Late { .. } => prop_assert!(spent >= pace.timeout),
            Waited::Visible { .. } => prop_assert!(sights.contains(&complete())),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}

#[test]
fn what_no_setting_says_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().display().to_string();
    let lookout = Lookout::new(&git(&[("HOME", &home), ("GOPROXY", "direct")]));
    for (kind, name) in [("cargo", "core"), ("go", "x.example/core")] {
        let it = awaited(kind, name, "1.0.0", Outlet::Configured);
        let sight = lookout.look(&it, dir.path(), dir.path());
        assert!(matches!(sight, Sight::Nowhere { .. }), "{sight:?}");
    }
}
