"""Python's own answers: `packaging`, and Poetry's reader for what only Poetry writes."""

import json
import sys

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from poetry.core.constraints.version import Version as PoetryVersion
from poetry.core.constraints.version import parse_constraint

LOOSELY = "loosely"


def version(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def specifiers(text):
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return None


def poetry(text):
    try:
        return parse_constraint(text)
    except Exception:  # It raises whatever comes.
        return None


def canonical(text):
    read = version(text)
    return None if read is None else str(read)


def order(a, b):
    a, b = version(a), version(b)
    return None if a is None or b is None else (a > b) - (a < b)


def requirement(text):
    if specifiers(text) is not None:
        return True
    return LOOSELY if poetry(text) is not None else False


def admits(text, candidate):
    read, wanted = version(candidate), specifiers(text)
    if read is None:
        return None
    if wanted is not None:
        return wanted.contains(read, prereleases=bool(wanted.prereleases))
    constraint = poetry(text)
    if constraint is None:
        return None
    allowed = constraint.allows(PoetryVersion.parse(candidate))
    # Which pre-releases are wanted is a matter of Poetry's solver.
    return LOOSELY if allowed and read.is_prerelease else allowed


ANSWERS = {"version": canonical, "order": order, "requirement": requirement, "admits": admits}

with open(sys.argv[1]) as questions, open(sys.argv[2], "w") as answers:
    for line in questions:
        word, *texts = json.loads(line)
        answers.write(json.dumps(ANSWERS[word](*texts)) + "\n")
