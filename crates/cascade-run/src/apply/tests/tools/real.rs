//! Real tools, against the registry server.

use super::*;

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
