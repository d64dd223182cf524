//! What a pin on a version that moves comes to say: the text of its requirement, tag or commit.

use std::ops::Range;

use cascade_manifest::{Form, Keep, Kind, Refusal, Rewrite, Splice, Style, Version};

use super::deploys;
use super::fates::Turn;
use super::versions::tag_of;
use super::world::{Home, Travelling, World};
use crate::survey::version_of_tag;
use crate::{EdgePolicy, PinSurvey};

/// Settles a pin that may move.
pub(super) fn rewritten(
    world: &World<'_>,
    home: Home<'_>,
    pin: &PinSurvey,
    it: &Travelling,
) -> Turn {
    match (&pin.form, pin.ecosystem) {
        (Form::GitTag, _) => by_tag(world, pin, &it.to),
        (Form::GitRev { comment }, _) => by_commit(world, home, pin, it, comment.as_ref()),
        (_, None) => match home.place(pin) {
            Some(place) => deploys::turn(world, home, (pin, it), place),
            None => by_text(world, pin, &it.to),
        },
        (_, Some(ecosystem)) => {
            let grammar = ecosystem.grammar;
            let named = grammar.named(&pin.requirement).ok().flatten();
            if let Some(turn) = named.and_then(|named| not_down(world, pin, &named, &it.to)) {
                return turn;
            }
            let style = style(home, pin, &it.to);
            match grammar.rewrite(&pin.requirement, &it.to, style) {
                Rewrite::Updated(text) => write(pin, text),
                Rewrite::Kept(keep) => Turn::Keep(keep.to_string()),
                // An upper bound that admits the version is no obstacle.
                Rewrite::Refused(Refusal::UpperBoundOnly)
                    if grammar.admits(&pin.requirement, &it.to) == Ok(true) =>
                {
                    Turn::Keep(Keep::Admits.to_string())
                }
                Rewrite::Refused(refusal) => Turn::Refuse(refusal.to_string()),
            }
        }
    }
}

/// Returns how eagerly a pin moves: pins on a pre-release are exact, peers widen.
fn style(home: Home<'_>, pin: &PinSurvey, to: &Version) -> Style {
    if !to.is_final() {
        return Style::Exact;
    }
    match home.policy(&pin.upstream.repo) {
        _ if pin.kind == Kind::Peer => Style::Widen,
        EdgePolicy::Exact => Style::Exact,
        EdgePolicy::Floor => Style::Floor,
        _ => Style::Auto,
    }
}

/// Settles a pin that would move down: it does so only for a reason that a person gave.
pub(super) fn not_down(
    world: &World<'_>,
    pin: &PinSurvey,
    named: &Version,
    to: &Version,
) -> Option<Turn> {
    if named <= to || world.request.downgrade.is_some() {
        return None;
    }
    let admitted = pin
        .ecosystem
        .is_some_and(|it| it.grammar.admits(&pin.requirement, to) == Ok(true));
    if admitted {
        return Some(Turn::Keep(Keep::Admits.to_string()));
    }
    Some(Turn::Pass(format!(
        "names {named}, above {to}: a pin never moves down without a reason; `cascade fetch` may know of {named}"
    )))
}

fn by_tag(world: &World<'_>, pin: &PinSurvey, to: &Version) -> Turn {
    let Some(upstream) = world.package(&pin.upstream) else {
        return Turn::Refuse("its upstream is not known".to_owned());
    };
    let tag = tag_of(upstream, to);
    if tag == pin.requirement {
        return Turn::Keep(Keep::InStep.to_string());
    }
    let named = version_of_tag(
        &pin.requirement,
        &upstream.template,
        upstream.ecosystem.scheme,
    );
    let Some(named) = named else {
        return Turn::Refuse(format!("`{}` is no version tag", pin.requirement));
    };
    not_down(world, pin, &named, to).unwrap_or_else(|| write(pin, tag))
}

fn by_commit(
    world: &World<'_>,
    home: Home<'_>,
    pin: &PinSurvey,
    it: &Travelling,
    comment: Option<&Range<usize>>,
) -> Turn {
    let Some(upstream) = world.package(&pin.upstream) else {
        return Turn::Refuse("its upstream is not known".to_owned());
    };
    let tag = tag_of(upstream, &it.to);
    let Some(commit) = &it.commit else {
        return Turn::Await(format!(
            "it pins a commit, which is not known before `{tag}` is out"
        ));
    };
    if pin.requirement == commit.as_str() {
        return Turn::Keep(Keep::InStep.to_string());
    }
    let mut turn = write(pin, commit.as_str().to_owned());
    let text = home.text(&pin.manifest);
    if let (Turn::Write(_, splices), Some(span), Some(text)) = (&mut turn, comment, text) {
        // The comment keeps its own spelling: with or without what stands before the version.
        let bare = text
            .get(span.clone())
            .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
        let to = if bare { it.to.text().to_owned() } else { tag };
        splices.push(Splice {
            span: span.clone(),
            to,
        });
    }
    turn
}

/// Settles the bare version text of a declared site; a `v` before it stays.
fn by_text(world: &World<'_>, pin: &PinSurvey, to: &Version) -> Turn {
    let (v, bare) = match pin.requirement.strip_prefix('v') {
        Some(bare) => ("v", bare),
        None => ("", pin.requirement.as_str()),
    };
    match Version::parse(to.scheme(), bare) {
        Some(named) if named == *to => Turn::Keep(Keep::InStep.to_string()),
        Some(named) => {
            not_down(world, pin, &named, to).unwrap_or_else(|| write(pin, format!("{v}{to}")))
        }
        None => Turn::Refuse(format!("`{bare}` is no version")),
    }
}

fn write(pin: &PinSurvey, text: String) -> Turn {
    let Some(span) = pin.span.clone() else {
        let in_lock = pin.lock.as_ref().is_some_and(|it| it.file == pin.manifest);
        if in_lock {
            return Turn::Write(text, Vec::new()); // It moves with the rest of its record.
        }
        return Turn::Refuse("its text can not be edited in place".to_owned());
    };
    let to = text.clone();
    Turn::Write(text, vec![Splice { span, to }])
}
