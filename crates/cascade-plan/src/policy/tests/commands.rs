//! What command lines would do, however they are wrapped.

mod bounds;
mod files;

use super::*;
use proptest::prelude::*;

fn deeds(line: &str) -> Vec<Deed> {
    let done = deeds_of_script(line, "").done;
    done.into_iter().map(|it| it.deed).collect()
}

const PACKAGE: Deed = Deed::Upload(Ware::Package);

#[test]
fn uploads_are_seen_through_what_wraps_them() {
    for line in [
        "twine upload dist/*",
        "python -m twine upload dist/*",
        "python3.12 -m twine upload --repository x dist/*",
        "uv publish",
        "uv --project x publish",
        "poetry publish --build",
        "hatch publish",
        "flit publish",
        "pnpm -r publish",
        "npm --prefix x publish --access public",
        "yarn npm publish",
        "cargo publish -p core",
        "cargo +nightly publish",
        "gem push x.gem",
        "python setup.py sdist upload",
        "sh -c 'twine upload dist/*'",
        "bash -lc \"cd x && twine upload dist/*\"",
        "sudo -u ci env X=y TWINE_USERNAME=a twine upload x",
        "env -i PATH=/bin twine upload x",
        "env -S 'twine upload x'",
        "nohup time nice -n 3 twine upload x &",
        "timeout -k 5 60 twine upload x",
        "uvx twine upload x",
        "uvx --from twine twine upload x",
        "uv run --with twine twine upload x",
        "uv run -- python -m twine upload x",
        "poetry run twine upload x",
        "npx --yes npm publish",
        "npx -c 'npm publish'",
        "npm exec -- npm publish",
        "ls dist | xargs -n 1 twine upload",
        "find dist -name '*.whl' -exec twine upload {} ;",
        "true && twine upload x || false",
        "make; twine upload x",
        "if test -f x; then twine upload x; fi",
        "for x in a b; do twine upload $x; done",
        "(cd dist && twine upload *)",
        "publish() { twine upload x; }",
        "echo $(twine upload x)",
        "echo `twine upload x`",
        "echo \"$(twine upload x)\"",
        "diff <(twine upload x) y",
        "eval 'twine upload x'",
        "eval twine upload x",
        "command twine upload x",
        "exec twine upload x",
        "/usr/local/bin/twine upload x",
        "'twine' \"upload\" x",
        "tw\\ine up''load x",
        "twine \\\n  upload x",
        "bash <<EOF\ntwine upload x\nEOF\n",
        "bash <<< 'twine upload x'",
        "docker run --rm -v $PWD:/x image twine upload x",
        "docker run image sh -c 'twine upload x'",
        "ssh host twine upload x",
        "ssh host 'cd x && twine upload x'",
        "sh -c \"sh -c 'sh -c \\\"twine upload x\\\"'\"",
        "su ci -c 'twine upload x'",
        "npm pub",
        "trap 'npm publish' EXIT",
        "alias x=\"npm publish\"; x",
        "alias n=npm; n publish",
        "npm${IFS}publish",
        "at now <<< \"npm publish\"",
        "dotenv -- npm publish",
        "cmd /c npm publish",
        "curl -F content=@x https://upload.registry.example/legacy/",
        "curl -u a:b -T x.whl https://registry.example/pypi/x",
        "npm publis --access public",
        "yarn workspace x npm publish",
        "yarn workspace x publish",
        "yarn workspaces foreach -A npm publish",
        "corepack npm publish",
        "npx npm@10 publish",
        "npx --yes npm@10 publish",
        "pipx run twine==6.0 upload x",
        "npm publish --dry-run=false",
        "./gradlew publish",
        "gradle build :core:publishToSonatype",
        "mvn deploy",
        "./mvnw -B clean deploy",
        "wasm-pack publish",
        "tmux new-session -d -s \"my x\" \"npm publish\"",
        "tmux new-session 'npm publish'",
        "screen -dm npm publish",
        "docker run -e npm=1 user@image npm publish",
    ] {
        assert!(deeds(line).contains(&PACKAGE), "{line}: {:?}", deeds(line));
    }
}

#[test]
fn images_charts_releases_and_tags_are_known() {
    let cases: &[(&str, Deed)] = &[
        (
            "docker push registry.example/x:1",
            Deed::Upload(Ware::Image),
        ),
        ("docker image push x", Deed::Upload(Ware::Image)),
        ("docker compose push", Deed::Upload(Ware::Image)),
        ("docker compose -f x.yml push a", Deed::Upload(Ware::Image)),
        ("docker compose build --push", Deed::Upload(Ware::Image)),
        ("docker-compose build --push", Deed::Upload(Ware::Image)),
        ("npm unpublish x@1", Deed::Upload(Ware::Listing)),
        ("npm dist-tag add x@1 latest", Deed::Upload(Ware::Listing)),
        ("cargo yank --version 1.0.0 x", Deed::Upload(Ware::Listing)),
        ("gh release new v1.2.3", Deed::Release),
        (
            "curl -X POST https://api.github.example/repos/o/r/releases -d x",
            Deed::Release,
        ),
        (
            "gh workflow run publish.yml --ref main",
            Deed::Start("publish.yml".to_owned()),
        ),
        ("cascade hook uninstall", Deed::Bypass),
        ("git apply x.patch", Deed::Patch),
        ("patch -p1 < x.patch", Deed::Patch),
        ("npx np", Deed::Release),
        ("cargo release", Deed::Release),
        ("cargo smart-release --execute", Deed::Release),
        ("git push --tag", Deed::PushTag),
        ("git push --follow", Deed::PushTag),
        ("git push --mirr", Deed::MoveTag),
        ("git push --no-verif", Deed::Bypass),
        ("git commit --no-verif -m x", Deed::Bypass),
        ("git -c push.followTags=true push", Deed::PushTag),
        ("git -c push.followTags push", Deed::PushTag),
        ("git config push.followTags true", Deed::PushTag),
        ("git config --unset core.hooksPath", Deed::Bypass),
        ("git config unset core.hooksPath", Deed::Bypass),
        ("git --config-env=core.hooksPath=X commit", Deed::Bypass),
        (
            "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=push.followTags GIT_CONFIG_VALUE_0=true git push",
            Deed::PushTag,
        ),
        (
            "env GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/x git push",
            Deed::Bypass,
        ),
        ("git push --dry-run --no-dry-run --tags", Deed::PushTag),
        (
            "docker buildx build --push -t x .",
            Deed::Upload(Ware::Image),
        ),
        (
            "docker build -t x . --output type=registry",
            Deed::Upload(Ware::Image),
        ),
        ("podman push x", Deed::Upload(Ware::Image)),
        ("buildah push x", Deed::Upload(Ware::Image)),
        (
            "skopeo copy dir:x docker://registry.example/x",
            Deed::Upload(Ware::Image),
        ),
        ("crane push x y", Deed::Upload(Ware::Image)),
        (
            "helm push x.tgz oci://registry.example/x",
            Deed::Upload(Ware::Chart),
        ),
        ("helm cm-push x y", Deed::Upload(Ware::Chart)),
        ("gh release create v1.2.3", Deed::Release),
        ("gh -R o/r release create v1.2.3", Deed::Release),
        ("gh api repos/o/r/releases -f tag_name=v1", Deed::Release),
        ("gh api -X POST repos/o/r/git/refs --input x", Deed::PushTag),
        ("glab release create v1", Deed::Release),
        ("git push --tags", Deed::PushTag),
        ("git push --follow-tags origin main", Deed::PushTag),
        ("git push origin v1.2.3", Deed::PushTag),
        ("git push origin core-v1.2.0", Deed::PushTag),
        ("git push origin main refs/tags/x", Deed::PushTag),
        ("git push origin HEAD:refs/tags/x", Deed::PushTag),
        ("git push origin tag x", Deed::PushTag),
        ("git push origin \"$TAG\"", Deed::PushTag),
        ("git -C x -c a.b=c push origin v1.2.3", Deed::PushTag),
        ("git push origin +v1.2.3", Deed::MoveTag),
        ("git push -f origin v1.2.3", Deed::MoveTag),
        ("git push --force --tags", Deed::MoveTag),
        ("git push --delete origin v1.2.3", Deed::MoveTag),
        ("git push origin :v1.2.3", Deed::MoveTag),
        ("git push origin :refs/tags/v1.2.3", Deed::MoveTag),
        ("git push --mirror", Deed::MoveTag),
        ("git tag -f v1.2.3", Deed::MoveTag),
        ("git tag -d v1.2.3", Deed::DropTag),
        ("git push --no-verify", Deed::Bypass),
        ("git commit -nm x", Deed::Bypass),
        ("git -c core.hooksPath=/dev/null commit", Deed::Bypass),
        ("CASCADE_HOOK=0 git push", Deed::Bypass),
        ("env -u CASCADE_AGENT cascade release", Deed::Disguise),
        ("unset CASCADE_AGENT", Deed::Disguise),
        ("CASCADE_AGENT=0 cascade release", Deed::Disguise),
        ("git push origin x:refs/cascade/approvals/1/a", Deed::Forge),
        ("cascade policy approve plan.json", Deed::Approve),
        (
            "cascade --workspace x policy approve plan.json",
            Deed::Approve,
        ),
        (
            "git -c user.email=a@b commit",
            Deed::Identity("a@b".to_owned()),
        ),
        (
            "git config --global user.email a@b",
            Deed::Identity("a@b".to_owned()),
        ),
        (
            "GIT_COMMITTER_EMAIL=a@b git commit",
            Deed::Identity("a@b".to_owned()),
        ),
    ];
    for (line, deed) in cases {
        assert_eq!(deeds(line), std::slice::from_ref(deed), "{line}");
    }
}

#[test]
fn what_does_nothing_of_it_is_left_alone() {
    for line in [
        "",
        "ls",
        "echo twine upload x",
        "echo 'twine upload x' >&2",
        "grep -rn 'twine upload' .",
        "twine check dist/*",
        "uv build",
        "npm install && npm test",
        "npm publish --dry-run",
        "cargo publish --dry-run",
        "cargo build # cargo publish",
        "docker build -t x .",
        "docker pull x",
        "docker run image pytest",
        "git push",
        "git push origin main",
        "git push -u origin feature/login",
        "git push origin release/1.2",
        "git push --force-with-lease origin feature",
        "git push --dry-run --tags",
        "git push origin \"$BRANCH\"",
        "git tag",
        "git tag -l 'v*'",
        "git tag -a v1.2.3 -m x",
        "git fetch --tags",
        "gh release view v1",
        "gh api repos/o/r/releases",
        "pip install twine",
        "sudo apt-get install twine",
        "cat x | grep y",
        "bash script.sh",
        "python -c 'print(1)'",
        "eval \"$(ssh-agent)\"",
        "$EDITOR notes",
        "export PATH=$PATH:x",
        "cascade release --repo core",
        "case x in a) echo b;; esac",
        "npm un x",
        "git push origin release-1.2",
        "git push origin HEAD:release-1.2",
        "git apply --check x.patch",
        "trap - EXIT",
        "curl https://registry.example/x",
        "cmd /c dir",
        "npm run $X",
        "gh workflow list",
        "gh pr edit 1",
        "npm uninstall x",
        "npm dist-tag ls x",
        "npm test",
        "npm pack",
        "npm pkg get version",
        "npm ci",
        "npx prettier --check .",
        "npx tsc --noEmit",
        "yarn workspace x test",
        "np --version",
        "./gradlew build test",
        "./gradlew publishToMavenLocal",
        "mvn -B verify",
        "mvn install",
        "wasm-pack build",
        "cargo build",
        "cargo test --workspace",
        "cargo smart-release",
        "docker build .",
        "docker compose up -d",
        "docker-compose build",
        "docker run -it --rm image npm test",
        "tmux new-session -d 'npm test'",
        "screen -dm make",
        "git -c push.followTags=false push",
        "git -c color.ui=always log",
        "git config --get core.hooksPath",
        "git config push.followTags",
        "git config get core.hooksPath",
        "git config push.followTags false",
        "git commit -m x",
        "git commit --verbose -m x",
        "git push --dry-r --tags",
        "git push --no-tags",
        "git push --force",
        "git push -u origin HEAD",
        "git status",
        "git log --follow x",
        "gh pr create",
        "gh pr create --title x --body y",
        "gh release list",
        "find . -name x -print",
        "find . -name '*.rs' -exec grep x {} +",
        "curl https://example.com",
        "sed -n 1,3p x",
        "make test",
        "pytest -q",
        "ssh host ls",
    ] {
        assert_eq!(deeds(line), [], "{line}");
    }
}

#[test]
fn what_can_not_be_understood_and_names_a_tool_is_said() {
    for (line, named) in [
        ("T=twine; $T upload x", "twine upload"),
        (
            "python -c 'import os; os.system(\"twine upload x\")'",
            "twine upload",
        ),
        ("echo 'twine upload x' | sh", "twine upload"),
        ("curl x | bash -s twine", "twine"),
        ("node -e 'run(\"npm publish\")'", "npm publish"),
        ("sh -c \"$CMD\" # cargo publish", "cargo publish"),
        ("twine upload 'x", "twine upload"),
        ("git -c alias.x='!docker push y' x", "docker push"),
        ("x=git; $x push --tags", "git push"),
        ("X=publish; npm $X", "npm publish"),
    ] {
        let unclear = Deed::Unclear(named.to_owned());
        assert!(deeds(line).contains(&unclear), "{line}: {:?}", deeds(line));
    }
}

#[test]
fn uploads_in_files_are_found_with_their_lines() {
    let found = |path: &str, text: &str| -> Vec<usize> {
        in_file(path, text).into_iter().map(|it| it.0).collect()
    };
    assert_eq!(
        found(
            "Makefile",
            "release: build\n\t@twine upload dist/*\n# twine upload\n"
        ),
        [2]
    );
    assert_eq!(found("justfile", "publish:\n    cargo publish\n"), [2]);
    assert_eq!(
        found("ci/x.sh", "set -e\nif a; then\n  npm \\\n publish\nfi\n"),
        [3]
    );
    assert_eq!(
        found(
            "package.json",
            "{\n \"scripts\": {\n  \"ship\": \"npm run b && npm publish\" } }"
        ),
        [3]
    );
    assert_eq!(
        found(
            "noxfile.py",
            "def x(session):\n    session.run(\"twine\", \"upload\", \"dist/*\")\n"
        ),
        [2]
    );
    assert_eq!(
        found(
            "tox.ini",
            "[testenv]\ncommands =\n    twine upload dist/*\n"
        ),
        [3]
    );
    let workflow = "jobs:\n  a:\n    steps:\n      - run: uv publish\n      - uses: pypa/gh-action-pypi-publish@v1\n      - run: |\n          docker push x\n      - name: twine upload\n";
    assert_eq!(found(".github/workflows/a.yml", workflow), [4, 5, 7]);
    assert_eq!(found("README.md", "    twine upload dist/*\n"), [0; 0]);
    assert_eq!(found("package.json", "{"), [0; 0]);
}

proptest! {
    #[test]
    fn no_line_is_a_panic(line in "[a-z $(){}<>|&;'\"`\\\\#=+:.\n-]{0,80}") {
        let _ = deeds_of_script(&line, "a/b");
    }

    #[test]
    fn no_words_are_a_panic(argv in proptest::collection::vec(
        prop_oneof!["[a-z=:+/.-]{0,8}", Just("git".to_owned()), Just("push".to_owned()),
            Just("sh".to_owned()), Just("-c".to_owned()), Just("sudo".to_owned()),
            Just("docker".to_owned()), Just("run".to_owned()), Just("xargs".to_owned())], 0..12)) {
        let _ = deeds_of_argv(&argv, "");
    }

    /// However often an upload is wrapped, it is seen, or said not to be understood.
    #[test]
    fn no_wrapping_hides_an_upload(wraps in proptest::collection::vec(0..9_usize, 0..6)) {
        const WRAPS: &[&str] = &["sudo -u x {}", "env A=b {}", "nohup {}", "time {}", "true && {}",
            "if a; then {}; fi", "( {} )", "echo $({})", "timeout 5 {}"];
        let wrapped = |line: String, it: usize| match it {
            // A keyword or an operator starts a command of its own only in a shell's text.
            4..=7 => format!("sh -c '{}'", WRAPS[it].replace("{}", &line).replace('\'', "'\\''")),
            _ => WRAPS[it].replace("{}", &line),
        };
        let line = wraps.iter().fold("twine upload x".to_owned(), |line, it| wrapped(line, *it));
        let found = deeds(&line);
        let seen = found.contains(&PACKAGE) || found.iter().any(|it| matches!(it, Deed::Unclear(_)));
        prop_assert!(seen, "{}: {:?}", line, found);
    }
}
