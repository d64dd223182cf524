//! What a file declares, and where each line of it comes from.

use super::*;
use crate::RepoId;

const BOTH: &str = "[policy]
modes = ['tag']
approvals = 1
approvers = ['anna@x.example', 'ben@x.example']
agents = 'bot@x.example'
protected = ['ci/**']
freeze = [{ from = '2026-12-20', to = '2027-01-03', reason = 'holidays' }]
[repo.core.policy]
modes = ['pull-request', 'manual']
approvals = 2
protected = ['wire/**']
[[repo.core.policy.freeze]]
from = 'Friday 16:00'
to = 'Monday 08:00'
zone = '+01:00'
reason = 'weekend'
";

#[test]
fn every_line_says_where_it_comes_from() {
    let graph = graph(BOTH);
    let core = &graph.repo(&RepoId::new("core")).unwrap().policy;
    let site = &graph.repo(&RepoId::new("site")).unwrap().policy;
    assert_eq!(site, graph.policy());
    assert_eq!(site.modes.origin, Origin::Workspace(6));
    assert_eq!(core.modes.origin, Origin::Repository(13));
    assert_eq!(
        core.modes.value,
        [ReleaseMode::PullRequest, ReleaseMode::Manual]
    );
    assert_eq!(
        (core.approvals.value, core.approvals.origin),
        (2, Origin::Repository(14))
    );
    assert_eq!(core.approvers.origin, Origin::Workspace(8));
    assert_eq!(core.branches.origin, Origin::Default);
    let of = |policy: &Policy| -> Vec<(String, Origin)> {
        let all = policy.protected.iter();
        all.map(|it| (it.value.clone(), it.origin)).collect()
    };
    let own = ("wire/**".to_owned(), Origin::Repository(15));
    let shared = ("ci/**".to_owned(), Origin::Workspace(10));
    assert_eq!(of(site), std::slice::from_ref(&shared));
    assert_eq!(of(core), [shared, own]);
    let windows: Vec<Origin> = core.freeze.iter().map(|it| it.origin).collect();
    assert_eq!(windows, [Origin::Workspace(11), Origin::Repository(16)]);
    assert_eq!(
        Origin::Workspace(6).place("workspace.toml"),
        "workspace.toml:6"
    );
}

#[test]
fn without_a_policy_nothing_is_forbidden_and_with_one_workflows_are_protected() {
    let none = graph("");
    assert_eq!(*none.policy(), Policy::default());
    let own = graph("[repo.core.policy]\nuploads = 'forbid'\n");
    assert!(!own.policy().declared);
    let core = &own.repo(&RepoId::new("core")).unwrap().policy;
    assert!(core.declared);
    let usual: Vec<&str> = core.protected.iter().map(|it| it.value.as_str()).collect();
    assert_eq!(usual, USUALLY_PROTECTED);
    assert!(
        graph("[policy]\nprotected = []\n")
            .policy()
            .protected
            .is_empty()
    );
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    insta::assert_snapshot!(
        refused(
            "[policy]
modes = ['tags']
branches = ['-x']
upload = 'forbid'
uploads = 'no'
agents = ['not an email', 'a@b@c', 'x..y@z', 'a@b.lock']
protected = ['/etc', '[']
approvals = 2
approvers = ['anna@x.example', 'bot@x.example']
releasers = 3
[[policy.freeze]]
from = 'tomorrow'
to = '2026-01-01'
reason = 'x'
[[policy.freeze]]
from = '2026-02-01'
to = '2026-01-01'
reason = 'x'
[[policy.freeze]]
from = 'Friday 16:00'
to = '2026-01-01'
reason = 'x'
[[policy.freeze]]
from = 'Friday'
to = 'fri 00:00'
reason = 'x'
[[policy.freeze]]
from = 'Monday'
to = 'Sunday'
zone = '+25:00'
reason = 'x'
[[policy.freeze]]
from = 'Monday'
to = 'Sunday'
reason = ' '
[repo.core.policy]
mode = 'tag'
agents = 'bot@x.example'
"
        )
        .join("\n"),
        @r###"
2: `tags` is no release mode (did you mean `tag`?)
3: `-x` can not be a branch (-)
4: unknown key `upload` in `[policy]` (did you mean `uploads`?)
5: `no` is no permission (it is one of `allow`, `forbid`)
6: `not an email` is no email (write it as git has it in `user.email`)
6: `a@b@c` is no email (write it as git has it in `user.email`)
6: `x..y@z` is no email (write it as git has it in `user.email`)
6: `a@b.lock` is no email (write it as git has it in `user.email`)
7: `/etc` is no path from the repository's root (write something like `.github/workflows/**`)
7: `[` can not be read: unclosed character class; missing ']' (-)
10: `releasers` of `[policy]`: invalid type: integer `3`, expected a string or a list of strings (-)
12: `tomorrow` is no date, moment or day of the week (write `"2026-12-20"`, `"2026-12-20T16:00:00+01:00"` or `"Friday 16:00"`, both ends alike)
15: the window ends before it begins (write `"2026-12-20"`, `"2026-12-20T16:00:00+01:00"` or `"Friday 16:00"`, both ends alike)
19: one end is a day of the week and the other one a date (write `"2026-12-20"`, `"2026-12-20T16:00:00+01:00"` or `"Friday 16:00"`, both ends alike)
23: the window ends where it begins (write `"2026-12-20"`, `"2026-12-20T16:00:00+01:00"` or `"Friday 16:00"`, both ends alike)
30: `+25:00` is no offset from UTC (write something like `+01:00`, `-05:30` or `Z`)
35: a freeze without a reason (say why, for who asks)
37: unknown key `mode` in `[repo.core.policy]` (did you mean `modes`?)
38: a plan needs 2 approvals, and 1 may give one (list who may, in `approvers`; an agent can not approve)
"###
    );
}
