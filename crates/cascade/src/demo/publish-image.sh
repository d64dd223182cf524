#!/bin/sh
# Plays a workflow for the demo: a tag that reaches the remote is published, as an image and as a chart,
# to a registry that is a folder.
set -eu
registry=@FOLDER@

sum() {
  { sha256sum 2> /dev/null || shasum -a 256; } | cut -d ' ' -f 1
}

# blob NAME KIND: takes a blob from stdin, and says how a manifest refers to it.
blob() {
  mkdir -p "$registry/oci/$1/_blobs"
  cat > "$work/blob"
  digits=$(sum < "$work/blob")
  printf '{"mediaType":"%s","digest":"sha256:%s","size":%d}' "$2" "$digits" "$(wc -c < "$work/blob")"
  mv "$work/blob" "$registry/oci/$1/_blobs/$digits"
}

# manifest NAME CONFIG LAYER TAG...: writes a manifest, and has the tags stand for it.
manifest() {
  at="$registry/oci/$1"
  kind=application/vnd.oci.image.manifest.v1+json
  mkdir -p "$at/_manifests" "$at/_kinds" "$at/_tags"
  printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}' "$kind" "$2" "$3" > "$work/manifest"
  digits=$(sum < "$work/manifest")
  shift 3
  mv "$work/manifest" "$at/_manifests/$digits"
  printf %s "$kind" > "$at/_kinds/$digits"
  for tag; do
    printf %s "$digits" > "$work/tag"
    mv "$work/tag" "$at/_tags/$tag"
  done
}

while read -r _ new ref; do
  case "$ref" in
    refs/tags/v*) version=${ref#refs/tags/v} ;;
    *) continue ;;
  esac
  work=$(mktemp -d)
  git archive --format=tar --prefix=runtime/ -o "$work/layer.tar" "$new"
  config=$(printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$(sum < "$work/layer.tar")" | blob seed/runtime application/vnd.oci.image.config.v1+json)
  layer=$(blob seed/runtime application/vnd.oci.image.layer.v1.tar < "$work/layer.tar")
  manifest seed/runtime "$config" "$layer" "v$version" latest

  mkdir "$work/runtime"
  printf 'apiVersion: v2\nname: runtime\nversion: %s\nappVersion: "%s"\n' "$version" "$version" > "$work/runtime/Chart.yaml"
  config=$(printf '{"apiVersion":"v2","name":"runtime","version":"%s","appVersion":"%s"}' "$version" "$version" \
    | blob seed/charts/runtime application/vnd.cncf.helm.config.v1+json)
  layer=$(tar -cf - -C "$work" runtime | gzip \
    | blob seed/charts/runtime application/vnd.cncf.helm.chart.content.v1.tar+gzip)
  manifest seed/charts/runtime "$config" "$layer" "$version"
  rm -rf "$work"
done
