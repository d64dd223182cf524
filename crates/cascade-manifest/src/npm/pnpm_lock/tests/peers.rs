//! Packages that are peers of others. That pnpm writes them so is among the recorded bumps.

use super::super::peers::Peer;
use super::*;

/// The lock and its manifests, `runtime` asking for `manifest` as its peer.
fn peered(text: &str) -> String {
    let text = text.replace(
        "runtime@1.0.0:\n    dep",
        "runtime@1.0.0(manifest@1.0.0):\n    dep",
    );
    text.replace(
        "        specifier: ^1.0.0\n        version: 1.0.0\n      third:",
        "        specifier: ^1.0.0\n        version: 1.0.0(manifest@1.0.0)\n      third:",
    )
}

#[test]
fn a_peer_moves_wherever_it_is_named() {
    let text = peered(BEFORE);
    assert_eq!(text.matches("(manifest@1.0.0)").count(), 2, "{text}");
    let new = rewritten(&PnpmLock, &text, &moved(&family()), &Registry::default()).unwrap();
    assert_eq!(
        new,
        peered(AFTER).replace("(manifest@1.0.0)", "(manifest@1.1.0)")
    );
}

#[test]
fn where_pnpm_would_have_to_choose_is_a_fallback() {
    let plain = Registry::default();
    for (from, to, reason) in [
        ("(manifest@1.0.0):", "(manifest@0.9.0):", "several versions"),
        (
            "(manifest@1.0.0):",
            "(manifest@1.0.0)(0123456789abcdef):",
            "digest",
        ),
    ] {
        let text = peered(BEFORE).replace(from, to);
        check_fallback(&PnpmLock, &text, &moved(&family()), &plain, reason);
    }
    let exact = Registry {
        range: Some("1.0.0"),
        ..Registry::default()
    };
    let reason = "`runtime` 1.0.0 requires `manifest` 1.0.0";
    check_fallback(
        &PnpmLock,
        &peered(BEFORE),
        &moved(&family()),
        &exact,
        reason,
    );
}

#[test]
fn a_list_of_peers_that_gets_too_long_is_a_fallback() {
    let of = |to: &'static str, rest: usize| {
        let key = format!("x@1.0.0(manifest@1.0.0)({}@1.0.0)", "y".repeat(rest));
        let (name, from) = ("manifest", "1.0.0");
        let splices = Peer { name, from, to }.moved(&key, &(7..7 + key.len()));
        splices.map(|it| it.into_iter().map(|it| it.span.start).collect::<Vec<_>>())
    };
    assert_eq!(of("1.10.0", 900).unwrap(), [24]);
    assert_eq!(of("1.1.0", 990).unwrap(), [24]);
    assert!(of("1.10.0", 990).is_err());
}

#[test]
fn who_uses_both_and_does_not_ask_for_the_peer_is_a_fallback() {
    let row = "      manifest:\n        specifier: ^1.0.0\n        version: 1.0.0\n";
    let text = BEFORE.replace(row, "").replace(
        "specifier: catalog:old\n        version: 1.0.0",
        "specifier: catalog:old\n        version: 1.0.0(manifest@1.0.0)",
    );
    let files = replaced(&moved(&family()), &[("\"manifest\": \"^1.0.0\", ", "")]);
    let reason = "who uses both does not ask for it";
    check_fallback(&PnpmLock, &text, &files, &Registry::default(), reason);
}
