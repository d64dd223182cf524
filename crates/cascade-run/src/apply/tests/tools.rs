//! Locks by tools that edit manifests as well, or take the newest version of a range. Where real
//! ones are not installed they are not tried.

use std::collections::BTreeMap;

use cascade_manifest::{Kind, LockFacts, Move, Stand};
use cascade_plan::{LockMode, LockMove, PinFate, PinMove, Relock};

use super::*;
use crate::{CommitHow, RegistryServer};

const GO_MOD: &str = "module example.org/leaf\n\ngo 1.21\n\nrequire example.org/root v1.0.0\n\n\
    require example.org/third v1.0.0 // indirect\n";
const GO_SUM: &str = "example.org/root v1.0.0 h1:a=\nexample.org/root v1.0.0/go.mod h1:b=\n\
    example.org/third v1.0.0 h1:c=\nexample.org/third v1.0.0/go.mod h1:d=\n";
/// What the go command would do: the sums of both move, and the row of what `root` requires.
const BOTH: &str =
    "sed -i 's/v1\\.0\\.0/v1.1.0/' go.sum; sed -i '/third/s/v1\\.0\\.0/v1.1.0/' go.mod";

/// Returns a step that moves `root` from 1.0.0 to 1.1.0 in the lock beside a manifest of `leaf`,
/// by the tool alone.
fn step(world: &World, (ecosystem, name): (&str, &str), file: &str) -> Step {
    let format = cascade_manifest::ecosystem(ecosystem).unwrap();
    let moves = vec![Move {
        name: name.to_owned(),
        from: Some("1.0.0".to_owned()),
        to: "1.1.0".to_owned(),
    }];
    let stand = Stand {
        file_name: file,
        facts: &LockFacts::default(),
        files: &BTreeMap::new(),
    };
    let commands = format.lock(file).unwrap().relock(&stand, &moves);
    let lock = LockMove {
        file: file.to_owned(),
        ecosystem: ecosystem.to_owned(),
        mode: LockMode::Tool,
        moves: moves.clone(),
        own: Vec::new(),
        commands: commands.clone(),
        reason: "the pin moves".to_owned(),
        required: true,
        gates: Vec::new(),
    };
    let relock = Relock {
        file: file.to_owned(),
        mode: LockMode::Tool,
        moves,
        own: Vec::new(),
        commands,
    };
    let mut step = world.step("leaf", &[]);
    step.locks = vec![lock];
    step.actions[0] = Action::Relock(relock);
    step
}

fn pin((ecosystem, name): (&str, &str), manifest: &str, version: &str) -> PinMove {
    PinMove {
        manifest: manifest.to_owned(),
        line: 5,
        section: "require".to_owned(),
        kind: Kind::Runtime,
        auxiliary: false,
        upstream: PackageId {
            repo: id("root"),
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
        },
        from: "v1.0.0".to_owned(),
        version: version.to_owned(),
        fate: PinFate::Updated(format!("v{version}")),
    }
}

/// Returns a step that moves the row of `root` in `go.mod` as well.
fn go_step(world: &World, before: &str) -> Step {
    let mut step = step(world, ("go", "example.org/root"), "go.sum");
    let after = before.replace("root v1.0.0", "root v1.1.0");
    step.actions.insert(0, write("go.mod", before, &after));
    step.pins = vec![
        pin(("go", "example.org/root"), "go.mod", "1.1.0"),
        // A folder below has no sums here, and those above are none of its.
        pin(("go", "example.org/root"), "tools/go.mod", "9.9.9"),
    ];
    step
}

fn with_go(script: &str) -> (World, Step) {
    let mut world = World::new();
    let files = [("go.mod", GO_MOD), ("go.sum", GO_SUM)];
    world.town.repo("leaf", "v1.0.0", &files);
    world.tool("go", script);
    let step = go_step(&world, GO_MOD);
    (world, step)
}

fn bumped(world: &World, step: &Step) -> Outcome {
    let mut step = step.clone();
    step.actions.truncate(3);
    let sites = world.sites(&["leaf"]);
    let how = CommitHow::Here;
    crate::bump(&plan(vec![step]), &sites, &world.git(), how, &mut |_| {})
}

fn is_done(outcome: &Outcome) -> bool {
    matches!(outcome.fates[&id("leaf")], Fate::Done { .. })
}

const MOVED: &str = "module example.org/leaf\n\ngo 1.21\n\nrequire example.org/root v1.1.0\n\n\
    require example.org/third v1.1.0 // indirect\n";

#[test]
fn a_manifests_rows_that_are_the_tools_own_come_back_with_the_lock() {
    let (world, step) = with_go(BOTH);
    let outcome = bumped(&world, &step);
    assert!(is_done(&outcome), "{outcome:?}");
    assert_eq!(world.town.read("leaf", "go.mod"), MOVED);
    assert!(
        world
            .town
            .read("leaf", "go.sum")
            .contains("third v1.1.0 h1")
    );
    assert_eq!(world.town.git("leaf", &["status", "--porcelain"]), "");
    let note = &outcome.notes[0].1;
    assert!(
        note.contains("`go.mod`: example.org/third v1.0.0 -> v1.1.0"),
        "{note}"
    );
    // The same once more has nothing left to do.
    let again = bumped(&world, &step);
    assert_eq!(again.fates[&id("leaf")], Fate::Nothing, "{again:?}");

    let (world, step) = with_go(BOTH);
    let outcome = world.release(&plan(vec![step.clone()]));
    assert!(is_done(&outcome), "{outcome:?}");
    let git = |args: &[&str]| world.town.git_origin("leaf", args);
    assert_eq!(git(&["show", "main:go.mod"]), MOVED.trim());
    let refs = world.refs("leaf");
    let again = world.release(&plan(vec![step]));
    assert!(is_done(&again), "{again:?}");
    assert_eq!(world.refs("leaf"), refs);
}

#[test]
fn a_row_of_a_persons_own_is_refused_and_named() {
    let script = format!("{BOTH}; sed -i 's/root v1\\.1\\.0/root v1.2.0/' go.mod");
    let (world, step) = with_go(&script);
    let before = world.refs("leaf");
    let outcome = world.release(&plan(vec![step]));
    let Fate::Waiting { what, .. } = &outcome.fates[&id("leaf")] else {
        panic!("{outcome:?}")
    };
    assert!(what.contains("`require example.org/root v1.2.0`"), "{what}");
    assert_eq!(world.refs("leaf"), before);
}

#[test]
fn copies_that_would_not_fit_a_lock_hold_it_back_and_say_what_makes_them_anew() {
    let mut world = World::new();
    let files = [
        ("go.mod", GO_MOD),
        ("go.sum", GO_SUM),
        ("vendor/modules.txt", "# example.org/root v1.0.0\n"),
    ];
    world.town.repo("leaf", "v1.0.0", &files);
    world.tool("go", BOTH);
    let step = go_step(&world, GO_MOD);
    let mend = "cd leaf && go get example.org/root@v1.1.0 && go mod tidy && go mod vendor";
    let released = world.release(&plan(vec![step.clone()]));
    let Fate::Waiting { what, help } = &released.fates[&id("leaf")] else {
        panic!("{released:?}")
    };
    assert!(what.contains("`vendor` holds copies"), "{what}");
    assert_eq!(help.as_deref(), Some(mend));
    let outcome = bumped(&world, &step);
    assert!(is_done(&outcome), "{outcome:?}");
    assert_eq!(world.town.read("leaf", "go.sum"), GO_SUM);
    assert!(outcome.notes[0].1.ends_with(mend), "{:?}", outcome.notes);
}

#[test]
fn what_takes_two_steps_is_mended_by_cascade_and_the_reason_comes_first() {
    let mut world = World::new();
    let manifest = "{ \"dependencies\": { \"root\": \"^1.0.0\" } }\n";
    let lock = "{ \"lockfileVersion\": 3, \"packages\": { \"\": { \"dependencies\": { \"root\": \"^1.0.0\" } }, \
        \"node_modules/root\": { \"version\": \"1.0.0\" } } }\n";
    let files = [("package.json", manifest), ("package-lock.json", lock)];
    world.town.repo("leaf", "v1.0.0", &files);
    world.tool("npm", "echo 'error: of npm' >&2; exit 1");
    let mut step = step(&world, ("npm", "root"), "package-lock.json");
    let Action::Relock(it) = &mut step.actions[0] else {
        panic!("{step:?}")
    };
    it.mode = LockMode::Auto;
    let released = world.release(&plan(vec![step]));
    let Fate::Waiting { what, help } = &released.fates[&id("leaf")] else {
        panic!("{released:?}")
    };
    assert_eq!(help.as_deref(), Some("cascade lock --repo leaf"));
    let reason = what.find("not natively, since ").unwrap();
    assert!(reason < what.find("error: of npm").unwrap(), "{what}");
}

#[test]
fn the_go_command_hears_the_users_settings_and_its_own() {
    let script = format!(
        "{BOTH}; echo \"$GOWORK|$GOTOOLCHAIN|$GOFLAGS|$GOPROXY|$GONOSUMDB\" > \"$HOME/said\""
    );
    for (users, said) in [
        (&[][..], "off|local|-mod=mod||\n"),
        (
            &[
                ("GOWORK", "/w"),
                ("GOTOOLCHAIN", "auto"),
                ("GOFLAGS", "-x -mod=vendor"),
                ("GOPROXY", "direct"),
                ("GONOSUMDB", "y"),
            ],
            "/w|auto|-x -mod=mod|direct|y\n",
        ),
    ] {
        let (mut world, step) = with_go(&script);
        let vars = users.iter().map(|(name, it)| (name.into(), it.into()));
        world.environment.vars.extend(vars);
        let outcome = bumped(&world, &step);
        assert!(is_done(&outcome), "{outcome:?}");
        let heard = fs::read_to_string(world.town.path().join("home/said")).unwrap();
        assert_eq!(heard, said);
    }
}

/// A world with a registry and what a tool has to know of it.
struct Served {
    world: World,
    server: RegistryServer,
}

impl Served {
    /// Returns the world; `None` where the tool is not installed. Of the registry's address the
    /// variables say `{url}`.
    fn of((tool, asks): (&str, &str), vars: &[(&str, &str)]) -> Option<Self> {
        let mut world = World::new();
        let there = world.town.command(tool).arg(asks).output();
        there.ok().filter(|it| it.status.success())?;
        let folder = world.town.path().join("registry");
        let server = RegistryServer::start(&folder, 0).unwrap();
        for (name, value) in vars {
            let value = value.replace("{url}", &server.url());
            world.environment.vars.insert(name.into(), value.into());
        }
        world
            .environment
            .vars
            .insert("NO_PROXY".into(), "127.0.0.1".into());
        Some(Self { world, server })
    }

    fn run(&self, repo: &str, argv: &[&str]) {
        let mut command = self.world.town.command(argv[0]);
        command.args(&argv[1..]).envs(&self.world.environment.vars);
        command.current_dir(self.world.town.clone_of(repo));
        let out = command.output().unwrap();
        let said = [&out.stdout[..], &out.stderr[..]].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(out.status.success(), "{argv:?}: {said}");
    }

    /// Commits what stands in `leaf` and pushes it.
    fn commit(&self) {
        self.world.town.commit("leaf", "chore: lock", &[]);
        self.world.town.git("leaf", &["push", "-q"]);
    }

    fn publish_npm(&self, name: &str, version: &str) {
        let json = format!("{{\"name\":\"{name}\",\"version\":\"{version}\"}}");
        self.world.town.write("package", "package.json", &json);
        let place = self.server.url().replace("http:", "");
        let token = format!("--{place}/npm/:_authToken=x");
        self.run("package", &["npm", "publish", &token]);
    }

    fn publish_wheel(&self, name: &str, version: &str) {
        let town = &self.world.town;
        let info = format!("{name}-{version}.dist-info");
        let head = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        let kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
        let files = [
            (format!("{info}/METADATA"), head.as_str()),
            (format!("{info}/WHEEL"), kind),
            (format!("{info}/RECORD"), ""),
        ];
        let files: Vec<_> = files.iter().map(|(at, it)| (at.as_str(), *it)).collect();
        town.commit("package", "chore: another", &files);
        let at = town.path().join("registry/pypi");
        fs::create_dir_all(&at).unwrap();
        let output = format!(
            "--output={}/{name}-{version}-py3-none-any.whl",
            at.display()
        );
        let only = ["archive", "--format=zip", &output, "HEAD", &info];
        town.git("package", &only);
    }

    /// Puts a commit of `package` into the registry as a version of a Go module.
    fn publish_go(&self, name: &str, version: &str, files: &[(&str, &str)]) {
        let town = &self.world.town;
        town.commit("package", "chore: another", files);
        let at = town
            .path()
            .join(format!("registry/go/example.org/{name}/@v"));
        fs::create_dir_all(&at).unwrap();
        let info = format!("{{\"Version\":\"{version}\",\"Time\":\"2026-01-01T00:00:00Z\"}}");
        save(
            &at.join(format!("{version}.info")),
            &info,
            Overwrite::Replace,
        )
        .unwrap();
        let of = |it: &&(&str, &str)| it.0 == "go.mod";
        let module = files.iter().find(of).unwrap().1;
        save(
            &at.join(format!("{version}.mod")),
            module,
            Overwrite::Replace,
        )
        .unwrap();
        let output = format!("--output={}/{version}.zip", at.display());
        let prefix = format!("--prefix=example.org/{name}@{version}/");
        town.git(
            "package",
            &["archive", "--format=zip", &prefix, &output, "HEAD"],
        );
    }
}

#[test]
fn real_npm_takes_from_a_range_what_was_released() {
    let vars = [
        ("npm_config_registry", "{url}/npm/"),
        ("npm_config_update_notifier", "false"),
    ];
    let Some(it) = Served::of(("npm", "--version"), &vars) else {
        return;
    };
    let town = &it.world.town;
    town.repo("package", "", &[("index.js", "")]);
    let manifest = "{\n  \"name\": \"leaf\",\n  \"version\": \"1.0.0\",\n  \"dependencies\": {\n    \
        \"root\": \"^1.0.0\",\n    \"third\": \"^1.0.0\"\n  }\n}\n";
    town.repo("leaf", "", &[("package.json", manifest)]);
    it.publish_npm("root", "1.0.0");
    it.publish_npm("third", "1.0.0");
    it.run("leaf", &["npm", "install", "--package-lock-only"]);
    it.commit();
    for (name, version) in [("root", "1.1.0"), ("root", "1.2.0"), ("third", "1.1.0")] {
        it.publish_npm(name, version);
    }
    // What a person likes is not what this lock was made with.
    let home = town.path().join("home/.npmrc");
    save(
        &home,
        "omit-lockfile-registry-resolved=true\n",
        Overwrite::Replace,
    )
    .unwrap();

    let before = town.read("leaf", "package-lock.json");
    let outcome = bumped(
        &it.world,
        &step(&it.world, ("npm", "root"), "package-lock.json"),
    );
    assert!(is_done(&outcome), "{outcome:?}");
    let after = town.read("leaf", "package-lock.json");
    let kept = |text: &str| {
        let lines = text.lines().filter(|it| !it.contains("\"integrity\""));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let expected = before
        .replacen(
            "\"node_modules/root\": {\n      \"version\": \"1.0.0\"",
            "\"node_modules/root\": {\n      \"version\": \"1.1.0\"",
            1,
        )
        .replace("root-1.0.0.tgz", "root-1.1.0.tgz");
    assert_ne!(expected, before);
    assert_eq!(kept(&after), kept(&expected));
    assert_eq!(town.read("leaf", "package.json"), manifest);
}

#[test]
fn real_go_raises_what_the_new_version_requires() {
    let vars = [
        ("GOPROXY", "{url}/go"),
        ("GOSUMDB", "off"),
        ("GOFLAGS", "-modcacherw"),
        ("GOTOOLCHAIN", "local"),
    ];
    let Some(it) = Served::of(("go", "version"), &vars) else {
        return;
    };
    let town = &it.world.town;
    town.repo("package", "", &[]);
    for version in ["v1.0.0", "v1.1.0"] {
        let third = [
            ("go.mod", "module example.org/third\n\ngo 1.21\n"),
            ("it.go", "package third\n"),
        ];
        it.publish_go("third", version, &third);
        let module =
            format!("module example.org/root\n\ngo 1.21\n\nrequire example.org/third {version}\n");
        let code = "package root\n\nimport _ \"example.org/third\"\n";
        it.publish_go("root", version, &[("go.mod", &module), ("it.go", code)]);
    }
    let module = "module example.org/leaf\n\ngo 1.21\n\nrequire example.org/root v1.0.0\n";
    let code = "package leaf\n\nimport _ \"example.org/root\"\n";
    town.repo("leaf", "", &[("go.mod", module), ("it.go", code)]);
    it.run("leaf", &["go", "mod", "tidy"]);
    it.commit();
    let module = town.read("leaf", "go.mod");
    assert_eq!(module, GO_MOD);

    let outcome = bumped(&it.world, &go_step(&it.world, &module));
    assert!(is_done(&outcome), "{outcome:?}");
    assert_eq!(town.read("leaf", "go.mod"), MOVED);
    assert!(
        outcome.notes[0]
            .1
            .contains("example.org/third v1.0.0 -> v1.1.0"),
        "{outcome:?}"
    );
    it.run("leaf", &["go", "build", "-mod=readonly", "./..."]);
}

#[test]
fn real_poetry_takes_from_a_range_what_was_released() {
    let Some(it) = Served::of(("poetry", "--version"), &[("POETRY_NO_INTERACTION", "1")]) else {
        return;
    };
    let town = &it.world.town;
    town.repo("package", "", &[]);
    let manifest = format!(
        "[tool.poetry]\nname = \"leaf\"\nversion = \"1.0.0\"\ndescription = \"\"\nauthors = []\n\
         package-mode = false\n\n[tool.poetry.dependencies]\npython = \">=3.8\"\nroot = \"^1.0.0\"\n\
         third = \">=1.0,<2\"\n\n[[tool.poetry.source]]\nname = \"town\"\n\
         url = \"{}/pypi/simple/\"\npriority = \"primary\"\n",
        it.server.url()
    );
    town.repo("leaf", "", &[("pyproject.toml", &manifest)]);
    it.publish_wheel("root", "1.0.0");
    it.publish_wheel("third", "1.0.0");
    it.run("leaf", &["poetry", "lock", "--no-cache"]);
    it.commit();
    for (name, version) in [("root", "1.1.0"), ("root", "1.2.0"), ("third", "1.1.0")] {
        it.publish_wheel(name, version);
    }
    let before = town.read("leaf", "poetry.lock");
    let outcome = bumped(
        &it.world,
        &step(&it.world, ("python", "root"), "poetry.lock"),
    );
    assert!(is_done(&outcome), "{outcome:?}");
    let after = town.read("leaf", "poetry.lock");
    let kept = |text: &str| {
        let lines = text.lines().filter(|it| !it.contains("sha256:"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let old = "name = \"root\"\nversion = \"1.0.0\"";
    let expected = before.replace(old, "name = \"root\"\nversion = \"1.1.0\"");
    assert_ne!(expected, before);
    assert_eq!(kept(&after), kept(&expected));
    assert!(after.contains("root-1.1.0-py3"), "{after}");
    assert_eq!(town.read("leaf", "pyproject.toml"), manifest);
}
