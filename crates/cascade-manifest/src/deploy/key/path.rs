//! The steps of a key, and where they lead.

use std::collections::BTreeMap;

use super::KeyError;
use crate::yaml::Node;

/// A step of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// To a field of a mapping.
    Field(String),
    /// To an element of a list, by its number.
    Nth(usize),
    /// To the elements of a list that say this under this field.
    Saying(String, String),
}

/// Returns the steps of a key.
///
/// # Errors
/// When it is none.
pub(super) fn steps(key: &str) -> Result<Vec<Step>, KeyError> {
    let mut steps = Vec::new();
    let mut rest = key;
    loop {
        let at = key.len() - rest.len();
        let fault = |why| KeyError::Syntax { why, at };
        let (step, behind) = step(rest).map_err(fault)?;
        steps.push(step);
        rest = match behind.strip_prefix('.') {
            Some("") => return Err(fault("a field is missing behind the last dot")),
            Some(behind) if behind.starts_with('[') => {
                return Err(fault("no dot stands before `[`"));
            }
            Some(behind) => behind,
            None if behind.is_empty() => return Ok(steps),
            None if behind.starts_with('[') => behind,
            None => return Err(fault("a dot is missing behind this")),
        };
    }
}

/// Returns the step that a text begins with, and what stands behind it.
fn step(text: &str) -> Result<(Step, &str), &'static str> {
    if let Some(body) = text.strip_prefix('[') {
        let (inside, behind) = body.split_once(']').ok_or("`]` is missing")?;
        return Ok((element(inside)?, behind));
    }
    let (name, behind) = if let Some(body) = text.strip_prefix('"') {
        body.split_once('"').ok_or("a quote is missing")?
    } else {
        let end = text.find(['.', '[']).unwrap_or(text.len());
        text.split_at_checked(end).unwrap_or_default()
    };
    if name.is_empty() || name.contains(['"', ']']) || name.contains(char::is_control) {
        return Err("no field is named");
    }
    Ok((Step::Field(name.to_owned()), behind))
}

/// Returns the step that stands in brackets.
fn element(inside: &str) -> Result<Step, &'static str> {
    if let Some((field, said)) = inside.split_once('=') {
        let is_one = !field.is_empty() && !said.is_empty();
        let step = Step::Saying(field.to_owned(), said.to_owned());
        return is_one.then_some(step).ok_or("`[field=value]` is not whole");
    }
    let number = inside.parse().ok();
    let number = number.filter(|_| inside.bytes().all(|it| it.is_ascii_digit()));
    number
        .map(Step::Nth)
        .ok_or("no number and no `field=value` stands in the brackets")
}

/// Returns where steps lead from a value, and whether other places lead there too.
pub(super) fn places<'y>(
    root: Node<'y>,
    steps: &[Step],
    aliases: &BTreeMap<usize, usize>,
) -> Vec<(Node<'y>, bool)> {
    let mut places = vec![(root, false)];
    for step in steps {
        let next = places.into_iter().flat_map(|(node, is_shared)| {
            let node = node.followed();
            let is_shared = is_shared || aliases.contains_key(&node.span().start);
            taken(node, step).into_iter().map(move |it| (it, is_shared))
        });
        places = next.collect();
    }
    places
}

/// Returns where one step leads.
fn taken<'y>(node: Node<'y>, step: &Step) -> Vec<Node<'y>> {
    match step {
        Step::Field(name) => node.get(name).into_iter().collect(),
        Step::Nth(nth) => node.elements().nth(*nth).into_iter().collect(),
        Step::Saying(field, said) => {
            let says = |it: &Node<'_>| {
                let value = it.followed().get(field).map(Node::followed);
                value.and_then(Node::str) == Some(said)
            };
            node.elements().filter(says).collect()
        }
    }
}
