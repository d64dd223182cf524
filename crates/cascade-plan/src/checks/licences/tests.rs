use std::collections::BTreeSet;

use crate::sample::Sample;
use crate::{LockLicenses, LockedLicense, RepoId, Severity, TrackedFiles, survey};

const LISTS: &str = "\n[check]\nallow-licenses = [\"MIT\", \"Apache-2.0 WITH LLVM-exception\", \
    \"LicenseRef-ours\"]\ndeny-licenses = [\"GPL-3.0-only\"]\n";

/// Returns what is found of a lock that holds something of this licence.
fn found(license: Option<&str>) -> Vec<(&'static str, Severity, String)> {
    let mut sample = Sample::new(&[("a", "")]);
    sample.declared.push_str(LISTS);
    let mut snapshot = sample.snapshot();
    for seen in snapshot.repos.values_mut() {
        let package = |name: &str, license: Option<&str>| LockedLicense {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
        };
        let audit = seen.audit.get_or_insert_default();
        audit.files = TrackedFiles::default();
        audit.licenses = vec![LockLicenses {
            path: "package-lock.json".to_owned(),
            packages: vec![package("fine", Some("MIT")), package("odd", license)],
        }];
    }
    let survey = survey(&sample.graph(), &snapshot);
    let findings = survey.repos[&RepoId::new("a")].findings.clone();
    let codes: BTreeSet<&str> = super::ALL.iter().map(|it| it.code).collect();
    let these = findings.into_iter().filter(|it| codes.contains(it.code.0));
    these.map(|it| (it.code.0, it.severity, it.what)).collect()
}

#[test]
fn a_licence_is_allowed_denied_unlisted_or_unknown() {
    for fine in [
        "MIT",
        "MIT OR GPL-3.0-only",
        "LicenseRef-ours",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert_eq!(found(Some(fine)), [], "{fine}");
    }
    for (license, code, severity) in [
        (Some("GPL-3.0-only"), "license-denied", Severity::Block),
        (
            Some("MIT AND GPL-3.0-or-later"),
            "license-denied",
            Severity::Block,
        ),
        (Some("LGPL-3.0-only"), "license-unlisted", Severity::Warn),
        (Some("MIT-0"), "license-unlisted", Severity::Warn),
        (Some("GPL"), "license-unknown", Severity::Info),
        (Some("SEE LICENSE IN x"), "license-unknown", Severity::Info),
        (None, "license-unknown", Severity::Info),
    ] {
        let found = found(license);
        let [(its, bad, what)] = &found[..] else {
            panic!("{license:?} {found:?}")
        };
        assert_eq!((*its, *bad), (code, severity), "{license:?}");
        assert!(
            what.contains("`odd 1.0.0`") && !what.contains("fine"),
            "{what}"
        );
    }
}

#[test]
fn what_is_no_licence_is_refused_where_it_is_declared() {
    let declared =
        Sample::new(&[("a", "")]).declared + "\n[check]\nallow-licenses = [\"MIT License\"]\n";
    let error = crate::declare(&declared).unwrap_err();
    assert!(
        format!("{error:?}").contains("this is no licence"),
        "{error:?}"
    );
}
