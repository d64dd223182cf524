//! `cascade policy`: what is allowed, to people and agents, and a person's yes to a plan.

use std::time::Duration;

use cascade_tests::Town;

use crate::CASCADE;
use crate::family::{Said, cascade, cascade_in, crate_toml, family, refs};

/// The address under which everything in a town is committed.
fn me(town: &Town) -> String {
    town.git("core", &["log", "-1", "--format=%ce"])
}

/// A family with this policy in its file, which a repository with a remote tracks.
fn ruled(policy: &str) -> Town {
    let town = family();
    let workspace = std::fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    let text = workspace.replace("[workspace]", "[workspace]\nroot = \"..\"");
    let text = format!("{text}\n{}", policy.replace("ME", &me(&town)));
    town.repo("meta", "", &[("workspace.toml", &text)]);
    std::fs::remove_file(town.work().join("workspace.toml")).unwrap();
    more(&town);
    town
}

/// Gives `core` and `side` something to release.
fn more(town: &Town) {
    for repo in ["core", "side"] {
        town.commit(repo, "feat: more", &[("src/more.rs", "// more\n")]);
        town.git(repo, &["push", "-q"]);
    }
}

fn meta(town: &Town, args: &[&str]) -> Said {
    cascade_in(town, &town.clone_of("meta"), args)
}

/// The same, by an agent.
fn as_agent(town: &Town, args: &[&str]) -> Said {
    let mut command = town.command(CASCADE);
    command.args(args).env("CASCADE_AGENT", "1");
    Said::from(&command.current_dir(town.clone_of("meta")).output().unwrap())
}

const LONG: &str =
    "[[policy.freeze]]\nfrom = '2000-01-01'\nto = '2100-01-01'\nreason = 'holidays'\n";

#[test]
fn a_freeze_refuses_every_way_to_release_and_says_why() {
    let town = ruled(LONG);
    let before = refs(&town, "core");
    let plan = ["plan", "--repo", "core=minor", "--out", "plan.json"];
    meta(&town, &plan).exits(0);
    let words = [
        "frozen until 2100-01-02 00:00",
        "holidays",
        "`freeze`",
        "workspace.toml:",
    ];
    for args in [
        &["release", "--repo", "core=minor", "--yes"][..],
        &["bump", "minor", "--repo", "core", "--yes"],
        &["apply", "plan.json", "--yes"],
    ] {
        meta(&town, args).exits(4).says(&words);
    }
    let text = crate_toml("core", "1.3.0", "");
    town.commit("core", "chore: 1.3.0", &[("Cargo.toml", &text)]);
    meta(&town, &["tag", "--repo", "core"])
        .exits(4)
        .says(&words);
    assert_eq!(town.git("core", &["tag", "--list"]), "v1.2.0");
    assert_eq!(refs(&town, "core"), before);
    meta(&town, &["check", "--select", "frozen", "--fail-on", "info"])
        .exits(1)
        .says(&["holidays"]);
}

#[test]
fn a_freeze_ends_by_itself() {
    let until = jiff::Timestamp::now() + Duration::from_secs(8);
    let town = ruled(&format!(
        "[[policy.freeze]]\nfrom = '2000-01-01T00:00:00Z'\nto = '{until}'\nreason = 'a talk'\n"
    ));
    let release = ["release", "--repo", "side=minor", "--yes"];
    meta(&town, &release).exits(4).says(&["a talk"]);
    while jiff::Timestamp::now() <= until + Duration::from_secs(1) {
        std::thread::sleep(Duration::from_millis(200));
    }
    meta(&town, &release).exits(0);
    assert!(refs(&town, "side").contains("refs/tags/v0.2.0"));
}

#[test]
fn an_approval_lets_exactly_that_plan_pass() {
    let town = ruled("[policy]\napprovals = 1\napprovers = 'ME'\n");
    let plan = |out| ["plan", "--repo", "side=minor", "--out", out];
    meta(&town, &plan("plan.json")).exits(0);
    let words = [
        "0 of the 1 approvals",
        "cascade policy approve plan.json",
        &me(&town),
    ];
    meta(&town, &["apply", "plan.json", "--yes"])
        .exits(4)
        .says(&words);
    meta(&town, &["release", "--repo", "side=minor", "--yes"])
        .exits(4)
        .says(&words);
    meta(&town, &["tag", "--repo", "side"]).exits(4);
    // Not without a yes.
    meta(&town, &["policy", "approve", "plan.json"]).exits(6);
    let said = meta(&town, &["policy", "approve", "plan.json", "--yes"]).exits(0);
    said.says(&["1 of 1 approvals", "refs/cascade/approvals/"]);
    let there = refs(&town, "meta");
    assert!(there.contains(&format!("/{}", me(&town))), "{there}");
    meta(&town, &["policy", "approve", "plan.json", "--yes"])
        .exits(0)
        .says(&["approved already"]);
    // Any change makes it another plan.
    let text = town.read("meta", "plan.json");
    let other = text.replacen("\"pins-only\": false", "\"pins-only\": true", 1);
    assert_ne!(other, text);
    town.write("meta", "other.json", &other);
    meta(&town, &["apply", "other.json", "--yes"])
        .exits(4)
        .says(&["0 of the 1 approvals"]);
    // However it is laid out, it is the same.
    town.write("meta", "plan.json", &text.replace('\n', "\n\n"));
    meta(&town, &["apply", "plan.json", "--yes"]).exits(0);
    assert!(refs(&town, "side").contains("refs/tags/v0.2.0"));
}

#[test]
fn without_a_remote_approvals_lie_beside_the_plan() {
    let town = family();
    more(&town);
    let text = std::fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    town.workspace(&format!(
        "{text}\n[policy]\napprovals = 1\napprovers = '{}'\n",
        me(&town)
    ));
    cascade(
        &town,
        &["plan", "--repo", "side=minor", "--out", "plan.json"],
    )
    .exits(0);
    cascade(&town, &["apply", "plan.json", "--yes"]).exits(4);
    cascade(&town, &["policy", "approve", "plan.json", "--yes"])
        .exits(0)
        .says(&["plan.json.approvals"]);
    cascade(
        &town,
        &["apply", "plan.json", "--until", "committed", "--yes"],
    )
    .exits(7);
    std::fs::remove_file(town.work().join("plan.json.approvals")).unwrap();
    cascade(&town, &["resume", "--yes"]).exits(0);
    assert!(refs(&town, "side").contains("refs/tags/v0.2.0"));
}

#[test]
fn an_approval_is_taken_back_by_who_gave_it() {
    let town = ruled("[policy]\napprovals = 1\napprovers = 'ME'\n");
    let plan = ["plan", "--repo", "side=minor", "--out", "plan.json"];
    meta(&town, &plan).exits(0);
    let approve = ["policy", "approve", "plan.json", "--yes"];
    let revoke = ["policy", "approve", "--revoke", "plan.json", "--yes"];
    meta(&town, &revoke).exits(0).says(&["was not approved"]);
    meta(&town, &approve).exits(0);
    as_agent(&town, &revoke).exits(4).says(&["an agent"]);
    meta(&town, &revoke[..4]).exits(6);
    let of = |email: &str| {
        let mut command = town.command(CASCADE);
        command.args(revoke).env("GIT_COMMITTER_EMAIL", email);
        Said::from(&command.current_dir(town.clone_of("meta")).output().unwrap())
    };
    of("other@shop.example")
        .exits(0)
        .says(&["was not approved"]);
    assert!(refs(&town, "meta").contains("refs/cascade/approvals/"));
    meta(&town, &revoke).exits(0).says(&[
        "is no longer approved",
        "gone: refs/cascade/approvals/",
        "0 of 1 approvals",
    ]);
    assert!(!refs(&town, "meta").contains("refs/cascade/approvals/"));
    let before = refs(&town, "side");
    let words = ["0 of the 1 approvals"];
    meta(&town, &["apply", "plan.json", "--yes"])
        .exits(4)
        .says(&words);
    // One that was begun is not gone on with either, until it is approved anew.
    meta(&town, &approve).exits(0);
    let begin = ["apply", "plan.json", "--until", "committed", "--yes"];
    meta(&town, &begin).exits(7);
    meta(&town, &revoke).exits(0);
    meta(&town, &["resume", "--yes"]).exits(4).says(&words);
    meta(&town, &["retry", "side"]).exits(4).says(&words);
    assert_eq!(refs(&town, "side"), before);
    meta(&town, &approve).exits(0);
    meta(&town, &["resume", "--yes"]).exits(0);
    assert!(refs(&town, "side").contains("refs/tags/v0.2.0"));
}

#[test]
fn without_a_remote_an_approval_is_taken_out_of_its_files() {
    let town = family();
    more(&town);
    let text = std::fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    let policy = format!("[policy]\napprovals = 1\napprovers = '{}'\n", me(&town));
    town.workspace(&format!("{text}\n{policy}"));
    let plan = ["plan", "--repo", "side=minor", "--out", "plan.json"];
    cascade(&town, &plan).exits(0);
    cascade(&town, &["policy", "approve", "plan.json", "--yes"]).exits(0);
    let begin = ["apply", "plan.json", "--until", "committed", "--yes"];
    cascade(&town, &begin).exits(7);
    let revoke = ["policy", "approve", "--revoke", "plan.json", "--yes"];
    cascade(&town, &revoke)
        .exits(0)
        .says(&["gone: ", "plan.json.approvals"]);
    cascade(&town, &["resume", "--yes"]).exits(4);
    cascade(&town, &["apply", "plan.json", "--yes"]).exits(4);
}

#[test]
fn an_agent_can_not_approve_and_needs_a_persons_yes() {
    let town = ruled("[policy]\napprovals = 1\napprovers = 'ME'\n");
    meta(
        &town,
        &["plan", "--repo", "side=minor", "--out", "plan.json"],
    )
    .exits(0);
    as_agent(&town, &["policy", "approve", "plan.json", "--yes"])
        .exits(4)
        .says(&["an agent (`CASCADE_AGENT`) can not approve"]);
    meta(
        &town,
        &["--as-agent", "policy", "approve", "plan.json", "--yes"],
    )
    .exits(4);
    as_agent(&town, &["apply", "plan.json", "--yes"]).exits(4);
    meta(&town, &["policy", "approve", "plan.json", "--yes"]).exits(0);
    as_agent(&town, &["apply", "plan.json", "--yes"]).exits(0);
}

#[test]
fn a_branch_a_mode_and_a_person_are_refused_by_the_rule_that_says_so() {
    let release = ["release", "--repo", "side=minor", "--yes"];
    for (policy, words) in [
        (
            "[policy]\nmodes = 'pull-request'\n",
            ["mode `tag`", "`modes`"],
        ),
        (
            "[policy]\nbranches = 'stable/*'\n",
            ["`main` is not a branch", "`branches`"],
        ),
        (
            "[policy]\nreleasers = 'anna@x.example'\n",
            ["may not release it", "anna@x.example"],
        ),
        (
            "[repo.side.policy]\nreleasers = 'anna@x.example'\n",
            ["may not release it", "workspace.toml:"],
        ),
    ] {
        let town = ruled(policy);
        meta(&town, &release).exits(4).says(&words);
        assert!(!refs(&town, "side").contains("v0.2.0"), "{policy}");
    }
    let town =
        ruled("[repo.core.policy]\nreleasers = 'anna@x.example'\n[policy]\nreleasers = 'ME'\n");
    meta(&town, &release).exits(0);
    meta(
        &town,
        &["release", "--repo", "core=minor", "--only", "core", "--yes"],
    )
    .exits(4);
}

const STRICT: &str = "[policy]
uploads = 'forbid'
hand-made-tags = 'forbid'
agents = 'bot@x.example'
";

#[test]
fn a_command_line_is_allowed_or_refused() {
    let town = ruled(STRICT);
    let ask = |argv: &[&str]| meta(&town, &[&["policy", "ask", "--"], argv].concat());
    let agent = |argv: &[&str]| as_agent(&town, &[&["policy", "ask", "--"], argv].concat());
    for (argv, of_people, of_agents) in [
        (&["ls", "-l"][..], 0, 0),
        (&["git", "push", "origin", "main"], 0, 0),
        (&["twine", "upload", "dist/*"], 4, 4),
        (&["sh", "-c", "make && npm publish"], 4, 4),
        (&["cd lib && cargo publish"], 4, 4),
        (&["docker", "push", "x"], 4, 4),
        (&["gh", "release", "create", "v1.0.0"], 4, 4),
        (&["git", "push", "--follow-tags"], 4, 4),
        (&["git", "push", "origin", ":v1.0.0"], 4, 4),
        (&["sed", "-i", "s/a/b/", ".github/workflows/ci.yml"], 0, 4),
        (&["git", "push", "--no-verify"], 0, 4),
        (&["T=twine; $T upload x"], 0, 4),
        (&["env", "-u", "CASCADE_AGENT", "cascade", "release"], 0, 4),
    ] {
        assert_eq!(ask(argv).code, of_people, "{argv:?}");
        assert_eq!(agent(argv).code, of_agents, "{argv:?}");
    }
    ask(&["twine", "upload", "x"]).says(&["refused", "`uploads`, workspace.toml:", "next:"]);
    let said = meta(
        &town,
        &["policy", "ask", "--format", "json", "--", "twine upload x"],
    )
    .exits(4)
    .json();
    assert_eq!(said["schema"], "cascade.policy-answer/1");
    assert_eq!(said["refusals"][0]["rule"], "uploads");
    assert_eq!(said["refusals"][0]["file"], "workspace.toml");
}

#[test]
fn the_folder_says_whose_policy_a_command_is_held_to() {
    let town = ruled("[repo.core.policy]\nuploads = 'forbid'\n");
    let ask = |repo: &str| {
        let args = ["policy", "ask", "--", "cargo", "publish"];
        let workspace = town.clone_of("meta");
        let workspace = workspace.to_str().unwrap();
        cascade_in(
            &town,
            &town.clone_of(repo),
            &[&["--workspace", workspace], &args[..]].concat(),
        )
        .code
    };
    assert_eq!((ask("core"), ask("side")), (4, 0));
    // Where nobody knows, every one counts.
    meta(&town, &["policy", "ask", "--", "cargo", "publish"]).exits(4);
    meta(
        &town,
        &["policy", "ask", "--repo", "side", "--", "cargo", "publish"],
    )
    .exits(0);
    meta(
        &town,
        &[
            "policy",
            "ask",
            "--repo",
            "side",
            "--",
            "cd ../core; cargo publish",
        ],
    )
    .exits(4);
}

#[test]
fn every_line_is_shown_with_where_it_comes_from() {
    let town = ruled(&format!("{STRICT}[repo.core.policy]\nuploads = 'allow'\n"));
    let said = meta(&town, &["policy"]).exits(0);
    said.says(&[
        "core (tag)",
        "uploads",
        "forbid",
        "workspace.toml:",
        ".github/workflows/**",
        "cascade's own",
        "a person",
    ]);
    let json = meta(
        &town,
        &["--as-agent", "policy", "--repo", "core", "--format", "json"],
    )
    .exits(0)
    .json();
    assert_eq!(json["schema"], "cascade.policy/1");
    assert_eq!(json["acting"]["agent"], "flag");
    let core = &json["repos"][0];
    assert_eq!(core["repo"], "core");
    assert_eq!(core["uploads"]["value"], "allow");
    assert_eq!(core["uploads"]["from"], "repository");
    assert_eq!(core["hand-made-tags"]["from"], "workspace");
    assert_eq!(json["repos"].as_array().unwrap().len(), 1);
    let none = family();
    cascade(&none, &["policy"])
        .exits(0)
        .says(&["nothing is forbidden"]);
}

#[test]
fn a_signed_approval_counts_where_git_takes_its_signature_for_good() {
    let town = ruled("[policy]\napprovals = 1\napprovers = 'ME'\nsigned-approvals = 'required'\n");
    meta(
        &town,
        &["plan", "--repo", "side=minor", "--out", "plan.json"],
    )
    .exits(0);
    meta(&town, &["policy", "approve", "plan.json", "--yes"])
        .exits(0)
        .says(&["0 of 1 approvals"]);
    meta(&town, &["apply", "plan.json", "--yes"]).exits(4);
    town.git(
        "meta",
        &["push", "-q", "origin", &format!(":{}", approval(&town))],
    );

    let key = town.path().join("key");
    let key = key.to_str().unwrap();
    let made = town.call("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", key]);
    assert!(made.status.success(), "{made:?}");
    let public = std::fs::read_to_string(format!("{key}.pub")).unwrap();
    let signers = format!("{} {public}", me(&town));
    town.write("meta", "../signers", &signers);
    let signers = town.work().join("signers").display().to_string();
    let settings = format!(
        "[gpg]\nformat = ssh\n[user]\nsigningkey = {key}.pub\n[commit]\ngpgSign = true\n\
         [gpg \"ssh\"]\nallowedSignersFile = {signers}\n"
    );
    town.write("meta", "../settings", &settings);
    let settings = town.work().join("settings");
    let signing = |args: &[&str]| {
        let mut command = town.command(CASCADE);
        command.args(args).env("GIT_CONFIG_GLOBAL", &settings);
        Said::from(&command.current_dir(town.clone_of("meta")).output().unwrap())
    };
    signing(&["policy", "approve", "plan.json", "--yes"])
        .exits(0)
        .says(&["1 of 1 approvals"]);
    // Who does not know the key does not take it.
    meta(&town, &["apply", "plan.json", "--yes"]).exits(4);
    signing(&["apply", "plan.json", "--yes"]).exits(0);
}

/// The ref of the one approval that the workspace's remote has.
fn approval(town: &Town) -> String {
    let there = refs(town, "meta");
    let mut names = there.lines().filter_map(|it| it.split('\t').nth(1));
    names
        .find(|it| it.starts_with("refs/cascade/approvals/"))
        .unwrap()
        .to_owned()
}
