//! The shim: the file that git runs. It finds cascade and hands everything on, first to a hook that was
//! there before.

use std::path::Path;

use cascade_plan::shell::quoted;

use super::HookType;

/// How its second line begins.
const MARK: &str = "# cascade hook: ";
/// What is appended to the name of a hook that was there before.
pub(super) const KEPT: &str = ".before-cascade";

/// Returns whether a file's bytes are a shim of cascade's.
pub(super) fn is_shim(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    let second = lines.nth(1);
    second.is_some_and(|it| it.starts_with(MARK.as_bytes()))
}

/// Returns the text of the shim of a hook; it remembers where cascade is, for when `PATH` does not say.
pub(super) fn shim(hook: HookType, program: Option<&Path>) -> String {
    let name = hook.name();
    let program = program
        .and_then(Path::to_str)
        .filter(|it| !it.contains(['\n', '\r']))
        .map_or_else(|| "''".to_owned(), quoted);
    let head = format!(
        "#!/bin/sh\n{MARK}{name}\n# Made by `cascade hook install`, taken away by `cascade hook uninstall`. What it judges by is read\n\
         # each time it runs: `cascade hook run {name}`.\n"
    );
    let before = if hook.reads() { READING } else { PLAIN };
    let missing = if hook.reads() { REFUSING } else { PASSING };
    format!("{head}hook={name}\nlast={program}\n{FINDING}{before}{missing}")
}

/// Finds cascade: in `PATH`, but for folders that a repository could fill, else where it was.
const FINDING: &str = r#"kept=${0%/*}/$hook.before-cascade
# A self-test runs nothing of what was there before.
[ -x "$kept" ] && [ -z "${CASCADE_HOOK_SELF_TEST-}" ] || kept=
cascade=$(command -v cascade 2>/dev/null)
case $cascade in /*) ;; *) cascade=$last ;; esac
[ -n "$cascade" ] && [ -x "$cascade" ] || cascade=
"#;

/// A hook that reads nothing: the one before, then cascade.
const PLAIN: &str = r#"if [ -n "$kept" ]; then
    "$kept" "$@" || exit $?
fi
[ -n "$cascade" ] && exec "$cascade" hook run "$hook" -- "$@"
"#;

/// A hook that reads what git says: both read the same.
const READING: &str = r#"[ -n "$cascade" ] && [ -z "$kept" ] && exec "$cascade" hook run "$hook" -- "$@"
said=$(cat; printf .)
said=${said%.}
if [ -n "$kept" ]; then
    printf '%s' "$said" 2>/dev/null | "$kept" "$@" || exit $?
fi
if [ -n "$cascade" ]; then
    printf '%s' "$said" 2>/dev/null | "$cascade" hook run "$hook" -- "$@"
    exit $?
fi
"#;

/// Without cascade nothing is judged, and that is said.
const PASSING: &str = r#"echo "cascade: not found in PATH${last:+, nor at $last}: $hook was not judged" >&2
exit 0
"#;

/// Without cascade a version is not pushed; everything else is, and that is said.
const REFUSING: &str = r#"tag=
while read -r line; do
    case $hook in pre-push) line=${line% *} ;; esac
    case ${line##* } in refs/tags/*[0-9]*) tag=1 ;; esac
done <<SAID
$said
SAID
# On a server nobody says for himself that he may pass.
[ "$hook" = pre-receive ] && CASCADE_HOOK=
if [ -n "$tag" ] && [ "${CASCADE_HOOK-}" != 0 ]; then
    echo "cascade: not found in PATH${last:+, nor at $last}: a tag with a version is not pushed unjudged" >&2
    case $hook in
    pre-push) echo "cascade: install it, or \`cascade hook uninstall\`, or for once: CASCADE_HOOK=0 git push ..." >&2 ;;
    *) echo "cascade: who keeps this server installs it, or takes the hook away: \`cascade hook uninstall\`" >&2 ;;
    esac
    exit 1
fi
if [ -n "$tag" ]; then
    log=$(git rev-parse --git-common-dir 2>/dev/null) &&
        echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $hook passed by CASCADE_HOOK=0, without cascade" >>"$log/cascade-hooks.log"
fi
echo "cascade: not found in PATH${last:+, nor at $last}: $hook was not judged" >&2
exit 0
"#;
