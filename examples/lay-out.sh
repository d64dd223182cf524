#!/usr/bin/env bash
# Makes real repositories of an example: bare remotes in DEST/origins, clones and workspace.toml in DEST/work.
#   lay-out.sh EXAMPLE DEST
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: lay-out.sh EXAMPLE DEST" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
example=$here/$1
[ -f "$example/workspace.toml" ] || { echo "no such example: $1" >&2; exit 2; }
mkdir -p "$2/origins" "$2/work"
dest=$(cd "$2" && pwd)
as=(-c user.name='release manager' -c user.email=release@example.invalid -c init.defaultBranch=main)
sed "s|REMOTES|$dest/origins|" "$example/workspace.toml" > "$dest/work/workspace.toml"
for folder in "$example"/*/; do
  repo=$(basename "$folder")
  git "${as[@]}" init -q --bare "$dest/origins/$repo.git"
  cp -R "$folder" "$dest/work/$repo"
  cd "$dest/work/$repo"
  git "${as[@]}" init -q
  git add -A
  git "${as[@]}" commit -q -m "feat: found $repo"
  git remote add origin "$dest/origins/$repo.git"
  git config user.name 'release manager'
  git config user.email release@example.invalid
  while read -r name tag; do
    if [ "$name" = "$repo" ]; then git "${as[@]}" tag -a "$tag" -m "$tag"; fi
  done < "$example/tags.txt"
  git push -q -u --follow-tags origin main
done
