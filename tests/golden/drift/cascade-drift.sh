#!/bin/sh
# Made by `cascade drift schedule cron`: what has drifted, reported by itself.
# Workspace: town
# Variables are read from `drift.env` in the state folder (mode 0600): logins of registries that
# want one, proxies, and the address of the webhook: DRIFT_WEBHOOK=https://...
set -u
umask 077
state=${XDG_STATE_HOME:-$HOME/.local/state}/cascade-drift
mkdir -p "$state" || exit
cd '/srv/our town' || exit
exec 9>"$state/lock"
# Another run is at it.
flock -n 9 || exit 0
if [ -r "$state/drift.env" ]; then set -a; . "$state/drift.env"; set +a; fi
failed=0
{
  /usr/local/bin/cascade fetch --mode report --workspace '/srv/our town/workspace.toml' || failed=1
  /usr/local/bin/cascade drift --fetch --history "$state/history" --fail-on never --out "$state/index.html" --out "$state/drift.json" --workspace '/srv/our town/workspace.toml' || failed=1
  /usr/local/bin/cascade drift notify webhook --url-from DRIFT_WEBHOOK --from "$state/drift.json" --history "$state/history" --workspace '/srv/our town/workspace.toml' || failed=1
} >"$state/log" 2>&1 9>&-
# cron mails what is said: of a good run nothing.
if [ "$failed" != 0 ]; then cat "$state/log"; fi
exit "$failed"
