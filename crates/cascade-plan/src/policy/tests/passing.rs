//! Approvals, and who may release what.

use super::*;

const TWO: &str = "[policy]
approvals = 2
approvers = ['anna@x.example', 'ben@x.example', 'cleo@x.example']
agents = 'bot@x.example'
";

fn approval(plan: &str, email: &str) -> Approval {
    Approval {
        plan: plan.to_owned(),
        email: email.to_owned(),
        when: 0,
        signed: false,
    }
}

#[test]
fn only_listed_people_count_and_each_once_and_for_this_plan() {
    let graph = graph(TWO);
    let policy = graph.policy();
    let given = [
        approval("p", "anna@x.example"),
        approval("p", "ANNA@x.example"),
        approval("p", "mallory@x.example"),
        approval("q", "ben@x.example"),
        approval("p", "cleo@x.example"),
    ];
    let emails = |plan| -> Vec<&str> {
        policy
            .counted(plan, &given)
            .iter()
            .map(|it| it.email.as_str())
            .collect()
    };
    assert_eq!(emails("p"), ["anna@x.example", "cleo@x.example"]);
    assert_eq!(emails("q"), ["ben@x.example"]);
    let mut strict = policy.clone();
    strict.signed_approvals.value = Demand::Required;
    assert!(strict.counted("p", &given).is_empty());
    let mut robbed = policy.clone();
    let anna = Said::new("anna@x.example".to_owned(), Origin::Workspace(1));
    robbed.agents.push(anna);
    assert_eq!(robbed.counted("p", &given).len(), 1);
}

#[test]
fn a_branch_a_mode_and_a_person_may_be_refused() {
    let graph = graph(
        "[policy]\nmodes = 'tag'\nbranches = ['main', 'hotfix/*']\nreleasers = 'anna@x.example'\n",
    );
    let rules = |mode, branch, who: &Actor| -> Vec<Rule> {
        let found = judge_tag(graph.policy(), (mode, Some(branch)), who, 0);
        found.iter().map(|it| it.rule).collect()
    };
    let anna = person("Anna@x.example");
    assert_eq!(rules(ReleaseMode::Tag, "main", &anna), []);
    assert_eq!(rules(ReleaseMode::Tag, "hotfix/2", &anna), []);
    assert_eq!(rules(ReleaseMode::Tag, "feature", &anna), [Rule::Branches]);
    assert_eq!(rules(ReleaseMode::Manual, "main", &anna), [Rule::Modes]);
    assert_eq!(
        rules(ReleaseMode::Tag, "main", &person("b@x.example")),
        [Rule::Releasers]
    );
    assert_eq!(
        rules(ReleaseMode::Tag, "main", &Actor::default()),
        [Rule::Releasers]
    );
}
