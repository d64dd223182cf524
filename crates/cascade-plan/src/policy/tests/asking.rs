//! Whether a command may be run, by a person and by an agent.

use super::*;
use crate::RepoId;

const STRICT: &str = "[policy]
uploads = 'forbid'
hand-made-tags = 'forbid'
approvers = 'anna@x.example'
publish-workflow = '.github/workflows/publish.yml'
";

fn answer(rest: &str, actor: &Actor, line: &str) -> Answer {
    let graph = graph(rest);
    let core = graph.repo(&RepoId::new("core")).unwrap();
    let deeds = deeds_of_script(line, "");
    let whom = Whom {
        policy: &core.policy,
        mode: Some(core.mode),
        actor,
    };
    ask(
        Asked {
            deeds: &deeds,
            at: 0,
        },
        &[whom],
    )
}

fn rules(rest: &str, actor: &Actor, line: &str) -> Vec<Rule> {
    let answer = answer(rest, actor, line);
    answer.refusals.iter().map(|it| it.1.rule).collect()
}

#[test]
fn people_and_agents_are_bound_alike_but_for_what_only_people_may_say() {
    let anna = person("anna@x.example");
    for (line, of_people, of_agents) in [
        ("ls", None, None),
        ("git push origin main", None, None),
        (
            "twine upload dist/*",
            Some(Rule::Uploads),
            Some(Rule::Uploads),
        ),
        ("docker push x", Some(Rule::Uploads), Some(Rule::Uploads)),
        ("helm push x y", Some(Rule::Uploads), Some(Rule::Uploads)),
        (
            "gh release create v1",
            Some(Rule::HandMadeTags),
            Some(Rule::HandMadeTags),
        ),
        (
            "git push --tags",
            Some(Rule::HandMadeTags),
            Some(Rule::HandMadeTags),
        ),
        (
            "git push origin :v1.2.3",
            Some(Rule::PublishedTags),
            Some(Rule::PublishedTags),
        ),
        ("git tag -d v1.2.3", None, Some(Rule::PublishedTags)),
        ("rm .github/workflows/ci.yml", None, Some(Rule::Protected)),
        ("rm -rf .github", None, Some(Rule::Protected)),
        (
            "rm -rf /home/x/core/.github/workflows",
            None,
            Some(Rule::Protected),
        ),
        ("rm README.md", None, None),
        ("rm *.tmp", None, None),
        ("cp .github/workflows/ci.yml /tmp/ci.yml", None, None),
        ("sed -i s/a/b/ src/x.rs", None, None),
        ("python3 -c 'open(\"src/x.py\")'", None, None),
        ("find . -name x -delete", None, None),
        ("chmod +x .git/hooks/pre-commit", None, None),
        ("gh workflow run ci.yml", None, None),
        (
            "gh workflow run publish.yml",
            Some(Rule::Uploads),
            Some(Rule::Uploads),
        ),
        ("cp x .github/workflows/ci.yml", None, Some(Rule::Protected)),
        (
            "dd if=x of=.github/workflows/ci.yml",
            None,
            Some(Rule::Protected),
        ),
        ("find .github -name x -delete", None, Some(Rule::Protected)),
        (
            "find .github/workflows -exec sed -i s/a/b/ {} +",
            None,
            Some(Rule::Protected),
        ),
        (
            "sed -i s/a/b/ .github/workf*/publish.yml",
            None,
            Some(Rule::Protected),
        ),
        ("rm .git*/workflows/ci.yml", None, Some(Rule::Protected)),
        (
            "rm $PWD/.github/workflows/x.yml",
            None,
            Some(Rule::Protected),
        ),
        (
            "python3 -c 'open(\".github/workflows/x.yml\", \"w\")'",
            None,
            Some(Rule::Agents),
        ),
        (
            "python3 - <<EOF\nopen('.github/workflows/x.yml', 'w')\nEOF",
            None,
            Some(Rule::Agents),
        ),
        ("git apply x.patch", None, Some(Rule::Agents)),
        ("cascade hook uninstall", None, Some(Rule::Agents)),
        ("rm .git/hooks/pre-push", None, Some(Rule::Agents)),
        ("chmod -x .git/hooks/pre-push", None, Some(Rule::Agents)),
        ("CASCADE_HOOK=0 git push", None, Some(Rule::Agents)),
        ("unset CASCADE_AGENT", None, Some(Rule::Agents)),
        (
            "git config user.email anna@x.example",
            None,
            Some(Rule::Agents),
        ),
        ("git config user.email bot@x.example", None, None),
        ("cascade policy approve plan.json", None, Some(Rule::Agents)),
        ("T=twine; $T upload x", None, Some(Rule::Agents)),
    ] {
        let first = |actor: &Actor| rules(STRICT, actor, line).first().copied();
        assert_eq!(first(&anna), of_people, "{line}, by a person");
        assert_eq!(first(&agent()), of_agents, "{line}, by an agent");
    }
}

#[test]
fn a_person_is_told_what_is_not_refused() {
    let anna = person("anna@x.example");
    for line in [
        "rm .github/workflows/ci.yml",
        "T=twine; $T upload x",
        "CASCADE_HOOK=0 git push",
    ] {
        let answer = answer(STRICT, &anna, line);
        assert!(
            answer.refusals.is_empty() && answer.remarks.len() == 1,
            "{line}: {answer:?}"
        );
    }
}

#[test]
fn a_tag_by_hand_goes_round_no_rule_of_releases() {
    let anna = person("anna@x.example");
    let line = "git push origin v1.2.3";
    for (policy, rule) in [
        (
            "[policy]\nfreeze = [{ from = '1969-12-31', to = '1970-01-01', reason = 'r' }]",
            Rule::Freeze,
        ),
        ("[policy]\nreleasers = 'ben@x.example'", Rule::Releasers),
        (
            "[policy]\napprovals = 1\napprovers = 'ben@x.example'",
            Rule::Approvals,
        ),
        ("[policy]\nmodes = 'pull-request'", Rule::Modes),
    ] {
        assert_eq!(rules(policy, &anna, line), [rule], "{policy}");
        assert_eq!(rules(policy, &anna, "git push origin main"), [], "{policy}");
    }
    assert_eq!(rules("", &agent(), "twine upload x; git push --tags"), []);
    assert_eq!(
        rules("", &agent(), "git push origin :v1.2.3"),
        [Rule::PublishedTags]
    );
}

#[test]
fn every_refusal_says_where_its_rule_stands_and_what_to_do() {
    let answer = answer(
        STRICT,
        &agent(),
        "twine upload x && rm .github/workflows/ci.yml",
    );
    let origins: Vec<Origin> = answer.refusals.iter().map(|it| it.1.origin).collect();
    assert_eq!(origins, [Origin::Workspace(6), Origin::Default]);
    assert!(answer.refusals.iter().all(|it| !it.1.help.is_empty()));
    assert_eq!(answer.refusals[0].0, "twine upload x");
}

#[test]
fn an_agent_is_known_by_any_of_three_signs() {
    let graph = graph("[policy]\nagents = ['Bot@x.example']\n");
    let who = |flag, variable: Option<&str>, email: &str| {
        let signs = Signs {
            flag,
            variable: variable.map(str::to_owned),
            email: Some(email.to_owned()),
        };
        acting(&signs, graph.policy()).agent
    };
    assert_eq!(who(Some(Spoken), None, "a@x.example"), Some(AgentBy::Flag));
    assert_eq!(who(None, Some("1"), "a@x.example"), Some(AgentBy::Variable));
    for no in ["0", "", "false"] {
        assert_eq!(who(None, Some(no), "a@x.example"), None);
        let listed = AgentBy::Listed(Origin::Workspace(6));
        assert_eq!(who(None, Some(no), "bot@X.example"), Some(listed));
    }
}

#[test]
fn a_protected_file_is_changed_with_a_reason_that_a_person_gives() {
    let graph = graph("[policy]\n");
    let judge = |actor: &Actor, message: &str, path: &str| {
        graph
            .policy()
            .judge_commit(actor, message, [path])
            .map(|it| it.what)
    };
    let (anna, ci) = (person("anna@x.example"), ".github/workflows/ci.yml");
    let reason = "ci: pin it\n\nAllow-Protected: the action moved\n";
    assert_eq!(judge(&anna, "ci: pin it", "src/lib.rs"), None);
    assert_eq!(judge(&anna, reason, ci), None);
    for message in [
        "ci: pin it",
        "ci: x\n\nAllow-Protected:\n",
        "ci: x\n\nsay Allow-Protected: y",
    ] {
        assert!(judge(&anna, message, ci).is_some(), "{message}");
    }
    assert!(
        judge(&agent(), reason, ci)
            .unwrap()
            .contains("an agent (`--as-agent`)")
    );
    assert_eq!(judge(&agent(), reason, "docs/x.md"), None);
}
