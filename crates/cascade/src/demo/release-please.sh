#!/bin/sh
# Plays the forge for the demo, and its release-please: what is proposed is merged at once, and a fix
# or a feat that reaches main is released.
while read -r _ new ref; do
  case "$ref" in
    refs/heads/cascade/*) git update-ref refs/heads/main "$new" && git update-ref -d "$ref" ;;
    refs/heads/main) ;;
    *) continue ;;
  esac
  case "$(git log -1 --format=%s "$new")" in
    feat*) level=minor ;;
    fix*) level=patch ;;
    *) continue ;;
  esac
  last=$(git tag --list 'v*' --sort=-version:refname | head -n 1)
  IFS=. read -r major minor patch <<EOF
${last#v}
EOF
  if [ "$level" = minor ]; then
    next="v$major.$((minor + 1)).0"
  else
    next="v$major.$minor.$((patch + 1))"
  fi
  git -c user.name=release-please -c user.email=release-please@example.invalid \
    tag -a "$next" -m "$next" "$new"
done
