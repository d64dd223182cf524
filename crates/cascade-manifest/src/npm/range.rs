//! npm's version ranges.

mod shape;

pub(in crate::npm) use self::shape::Shape;

use nodejs_semver as node;

use self::shape::{Alternative, Clause, Operator, Partial, dotted};
use crate::{Grammar, Keep, Refusal, Rewrite, Splice, Style, UnknownShape, Version, splice};

/// npm's version ranges.
pub(super) struct NpmGrammar;

impl Grammar for NpmGrammar {
    fn named(&self, requirement: &str) -> Result<Option<Version>, UnknownShape> {
        Ok(match shape_of(requirement)? {
            Shape::Tag => None,
            Shape::Range(alternatives) => named(&alternatives),
        })
    }

    fn admits(&self, requirement: &str, version: &Version) -> Result<bool, UnknownShape> {
        let unknown = || UnknownShape(requirement.to_owned());
        match shape_of(requirement)? {
            Shape::Tag => Ok(true),
            Shape::Range(alternatives) => {
                let target = Target::of(version).ok_or_else(unknown)?;
                target.admitted(&alternatives).ok_or_else(unknown)
            }
        }
    }

    fn rewrite(&self, requirement: &str, to: &Version, style: Style) -> Rewrite {
        let Some(target) = Target::of(to) else {
            return Rewrite::Refused(Refusal::NotAdmitted);
        };
        match Shape::of(requirement) {
            None => Rewrite::Refused(Refusal::UnknownShape),
            Some(Shape::Tag) => Rewrite::Kept(Keep::Unbounded),
            Some(Shape::Range(alternatives)) => {
                let text = Text {
                    requirement,
                    alternatives,
                };
                match text.moved(&target, style) {
                    Moved::Keep(keep) => Rewrite::Kept(keep),
                    Moved::Refuse(refusal) => Rewrite::Refused(refusal),
                    Moved::Write(written) => target.checked(written, requirement),
                }
            }
        }
    }

    fn same(&self, a: &str, b: &str) -> bool {
        a.trim() == b.trim() || canonical(a).is_some_and(|a| Some(a) == canonical(b))
    }
}

fn shape_of(requirement: &str) -> Result<Shape<'_>, UnknownShape> {
    Shape::of(requirement).ok_or_else(|| UnknownShape(requirement.to_owned()))
}

/// Returns the highest version named; `None` where an alternative admits everything.
fn named(alternatives: &[Alternative<'_>]) -> Option<Version> {
    let any = alternatives.iter().any(Alternative::is_any);
    let highest = alternatives.iter().filter_map(Alternative::named).max();
    highest.filter(|_| !any)
}

/// Returns the clauses in one spelling and one order.
fn canonical(requirement: &str) -> Option<Vec<Vec<String>>> {
    let Shape::Range(alternatives) = Shape::of(requirement)? else {
        return None;
    };
    let mut out: Vec<Vec<String>> = alternatives.iter().map(plain).collect();
    out.sort();
    out.dedup();
    Some(out)
}

fn plain(alternative: &Alternative<'_>) -> Vec<String> {
    let mut clauses: Vec<String> = alternative.clauses.iter().map(Clause::plain).collect();
    clauses.sort();
    clauses.dedup();
    if clauses.is_empty() {
        clauses.push("*".to_owned());
    }
    clauses
}

/// The version that a requirement shall admit, as npm writes it: without build metadata.
struct Target {
    text: String,
    numbers: [u64; 3],
    version: Version,
    node: node::Version,
}

impl Target {
    fn of(to: &Version) -> Option<Self> {
        let mut plain = to.semver()?.clone();
        plain.build = semver::BuildMetadata::EMPTY;
        let text = plain.to_string();
        Some(Self {
            numbers: to.numbers(),
            version: Version::parse(to.scheme(), &text)?,
            node: node::Version::parse(&text).ok()?,
            text,
        })
    }

    /// Returns whether npm's own matcher admits it; `None` where that cannot read a clause. Beside
    /// an alternative that admits everything npm forgets the others, and what pre-releases they
    /// name.
    fn admitted(&self, alternatives: &[Alternative<'_>]) -> Option<bool> {
        if alternatives.iter().any(Alternative::is_forgetful) {
            return Some(self.version.is_final());
        }
        let mut any = false;
        for alternative in alternatives {
            any |= self.admitted_by(alternative)?;
        }
        Some(any)
    }

    /// All clauses must hold, and a pre-release must be of the very version that one of them has a
    /// pre-release of. Clause by clause, because the matcher takes disjoint ones for alternatives.
    fn admitted_by(&self, alternative: &Alternative<'_>) -> Option<bool> {
        let clauses = alternative.clauses.iter().filter(|it| !it.is_nothing());
        let parsed: Result<Vec<_>, _> = clauses.map(|it| node::Range::parse(it.plain())).collect();
        let clauses = parsed.ok()?;
        let holds = |it: &node::Range| it.satisfies_with_prerelease(&self.node, true);
        let named = self.version.is_final() || clauses.iter().any(|it| it.satisfies(&self.node));
        Some(named && clauses.iter().all(holds))
    }

    /// Returns the written text, if it admits the version and differs from the old one.
    fn checked(&self, written: String, old: &str) -> Rewrite {
        let admits = match Shape::of(&written) {
            Some(Shape::Range(it)) => self.admitted(&it) == Some(true),
            _ => false,
        };
        if admits && written != old {
            Rewrite::Updated(written)
        } else {
            Rewrite::Refused(Refusal::NotAdmitted)
        }
    }

    /// Returns the version at the precision of the partial.
    fn at_precision(&self, of: &Partial<'_>) -> String {
        let numbers = self.numbers.get(..of.numbers.len()).unwrap_or_default();
        dotted(numbers) + of.wild
    }
}

/// What a move comes to, before its text is checked.
enum Moved {
    Keep(Keep),
    Refuse(Refusal),
    Write(String),
}

impl From<Result<String, Refusal>> for Moved {
    fn from(result: Result<String, Refusal>) -> Self {
        match result {
            Ok(text) => Self::Write(text),
            Err(refusal) => Self::Refuse(refusal),
        }
    }
}

/// A requirement and the range that it spells.
struct Text<'t> {
    requirement: &'t str,
    alternatives: Vec<Alternative<'t>>,
}

impl Text<'_> {
    fn moved(&self, to: &Target, style: Style) -> Moved {
        if let Some(partial) = self.exact() {
            return self.exactly(partial, to);
        }
        if style == Style::Exact {
            return Moved::Write(to.text.clone());
        }
        if self.alternatives.iter().any(Alternative::is_any) {
            return Moved::Keep(Keep::Unbounded);
        }
        match to.admitted(&self.alternatives) {
            None => Moved::Refuse(Refusal::UnknownShape),
            Some(true) => self.kept(to, style),
            Some(false) => self.out_of_range(to, style),
        }
    }

    /// Returns the version, if the requirement is exactly that.
    fn exact(&self) -> Option<&Partial<'_>> {
        match self.alternatives.as_slice() {
            [only] => match only.clauses.as_slice() {
                [Clause::Comparator(Operator::Equal, it)] if it.numbers.len() == 3 => Some(it),
                _ => None,
            },
            _ => None,
        }
    }

    fn exactly(&self, partial: &Partial<'_>, to: &Target) -> Moved {
        if named(&self.alternatives).as_ref() == Some(&to.version) {
            Moved::Keep(Keep::InStep)
        } else {
            self.with(&[(partial, to.text.clone())]).into()
        }
    }

    fn kept(&self, to: &Target, style: Style) -> Moved {
        if style == Style::Floor
            && let Some(raised) = self.raised(to)
        {
            return Moved::Write(raised);
        }
        let in_step = named(&self.alternatives).as_ref() == Some(&to.version);
        Moved::Keep(if in_step { Keep::InStep } else { Keep::Admits })
    }

    /// Returns the text with its floor at the version; `None` where it has none to raise.
    fn raised(&self, to: &Target) -> Option<String> {
        use Operator::{AtLeast, Caret, Tilde};
        let [only] = self.alternatives.as_slice() else {
            return None;
        };
        let mut floors = only.clauses.iter().filter_map(|it| match it {
            Clause::Comparator(Caret | Tilde | AtLeast, partial) => Some(partial),
            _ => None,
        });
        let floor = floors.next().filter(|_| to.version.is_final())?;
        let several = floors.next().is_some();
        let text = self.with(&[(floor, to.at_precision(floor))]).ok()?;
        (!several && text != self.requirement).then_some(text)
    }

    fn out_of_range(&self, to: &Target, style: Style) -> Moved {
        match (self.alternatives.as_slice(), style) {
            ([only], Style::Widen) if is_floor(only) => self.replaced(only, to).into(),
            (several, Style::Widen) => self.widened(several, to).into(),
            ([only], _) => self.replaced(only, to).into(),
            _ => Moved::Refuse(Refusal::NotAdmitted),
        }
    }

    /// Returns the range and, behind it, the alternative that names the highest version, moved.
    fn widened(&self, several: &[Alternative<'_>], to: &Target) -> Result<String, Refusal> {
        let highest = several.iter().max_by_key(|it| it.named());
        let model = highest.ok_or(Refusal::UnknownShape)?.text;
        let Some(Shape::Range(alternatives)) = Shape::of(model) else {
            return Err(Refusal::UnknownShape);
        };
        let alone = Text {
            requirement: model,
            alternatives,
        };
        let added = match (alone.exact(), alone.alternatives.first()) {
            (Some(_), _) => to.text.clone(),
            (None, Some(only)) => alone.replaced(only, to)?,
            (None, None) => return Err(Refusal::UnknownShape),
        };
        let or = if self.requirement.contains("||") && !self.requirement.contains(" ||") {
            "||"
        } else {
            " || "
        };
        Ok(format!("{}{or}{added}", self.requirement.trim_end()))
    }

    /// Returns the text with its only alternative moved, in the same shape and precision.
    fn replaced(&self, only: &Alternative<'_>, to: &Target) -> Result<String, Refusal> {
        use Clause::Comparator;
        use Operator::{Above, AtLeast, AtMost, Below};
        match only.clauses.as_slice() {
            [Comparator(Below | AtMost, _), ..] if only.named().is_none() => {
                Err(Refusal::UpperBoundOnly)
            }
            [Clause::Hyphen(..)] if to.version.is_final() => Err(Refusal::Ceiling),
            // A range does not admit pre-releases but of the version that it names.
            _ if !to.version.is_final() => Ok(to.text.clone()),
            [Comparator(_, partial)] => self.with(&[(partial, to.at_precision(partial))]),
            [
                Comparator(AtLeast | Above, floor),
                Comparator(Below, ceiling),
            ]
            | [
                Comparator(Below, ceiling),
                Comparator(AtLeast | Above, floor),
            ] => {
                let lifted = lifted(floor, ceiling, to)?;
                self.with(&[(floor, to.at_precision(floor)), (ceiling, lifted)])
            }
            [Comparator(AtLeast | Above, _), Comparator(AtMost, _)]
            | [Comparator(AtMost, _), Comparator(AtLeast | Above, _)] => Err(Refusal::Ceiling),
            _ => Err(Refusal::UnknownShape),
        }
    }

    /// Returns the requirement with other texts for some of its versions.
    fn with(&self, changes: &[(&Partial<'_>, String)]) -> Result<String, Refusal> {
        let splices: Vec<Splice> = changes
            .iter()
            .map(|(partial, to)| Splice {
                span: partial.span.clone(),
                to: to.clone(),
            })
            .collect();
        splice(self.requirement, &splices).map_err(|_| Refusal::UnknownShape)
    }
}

fn is_floor(alternative: &Alternative<'_>) -> bool {
    matches!(
        alternative.clauses.as_slice(),
        [Clause::Comparator(Operator::AtLeast, _)]
    )
}

/// Returns the ceiling that stands to the new floor as the old one stood to the old floor: at its
/// next major, minor or patch.
fn lifted(floor: &Partial<'_>, ceiling: &Partial<'_>, to: &Target) -> Result<String, Refusal> {
    let next = |[major, minor, patch]: [u64; 3]| {
        [
            [major + 1, 0, 0],
            [major, minor + 1, 0],
            [major, minor, patch + 1],
        ]
    };
    let excludes_final = ceiling.pre.is_empty() || ceiling.pre == "0";
    let old = ceiling.filled();
    let step = next(floor.filled()).iter().position(|it| *it == old);
    let step = step.filter(|_| excludes_final).ok_or(Refusal::Ceiling)?;
    let kept = to.numbers.iter().take(floor.numbers.len());
    let mut new_floor = [0; 3];
    for (slot, number) in new_floor.iter_mut().zip(kept) {
        *slot = *number;
    }
    let lifted = next(new_floor).into_iter().nth(step).unwrap_or_default();
    let numbers = lifted.get(..ceiling.numbers.len()).unwrap_or_default();
    let hyphen = if ceiling.pre.is_empty() { "" } else { "-" };
    Ok(format!(
        "{}{}{hyphen}{}",
        dotted(numbers),
        ceiling.wild,
        ceiling.pre
    ))
}

#[cfg(test)]
mod tests;
