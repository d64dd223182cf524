#!/bin/sh
# Plays a workflow for the demo: a tag that reaches the remote is published, as a crate, to a
# registry that is a folder.
set -eu
registry=@FOLDER@
crate=seed-contract
while read -r _ new ref; do
  case "$ref" in
    refs/tags/v*) version=${ref#refs/tags/v} ;;
    *) continue ;;
  esac
  packed="$registry/cargo/crates/$crate-$version.crate"
  [ ! -e "$packed" ] || continue
  work=$(mktemp -d)
  folder="$work/$crate-$version"
  git archive --format=tar --prefix="$crate-$version/" "$new" Cargo.toml src | tar -xf - -C "$work"
  sed "s/^version = .*/version = \"$version\"/" "$folder/Cargo.toml" > "$work/Cargo.toml"
  mv "$work/Cargo.toml" "$folder/Cargo.toml"
  mkdir -p "$registry/cargo/crates" "$registry/cargo/index/se/ed"
  tar -cf - -C "$work" "$crate-$version" | gzip > "$work/crate"
  sum=$({ sha256sum 2> /dev/null || shasum -a 256; } < "$work/crate" | cut -d ' ' -f 1)
  mv "$work/crate" "$packed"
  printf '{"name":"%s","vers":"%s","deps":[],"cksum":"%s","features":{},"yanked":false}\n' \
    "$crate" "$version" "$sum" >> "$registry/cargo/index/se/ed/$crate"
  rm -rf "$work"
done
