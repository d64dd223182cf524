//! Texts that are put together: what a variable of them says stands elsewhere, or in its default.

use std::ops::Range;

use super::spelling::{Says, says};
use super::{Around, Draft, Image, LONGEST, Piece};

/// The most pieces that a text is put together of.
const PIECES: usize = 32;

/// What joins a version to the words behind it.
const JOINTS: &[char] = &['-', '_', '+', '.'];

/// A text that is put together of pieces, each at its place.
#[derive(Debug, Clone, Default)]
pub(super) struct Expanded<'t> {
    pieces: Vec<Piece<'t>>,
}

impl<'t> Expanded<'t> {
    /// Returns the text of one piece.
    pub(super) fn of(piece: &Piece<'t>) -> Self {
        let mut one = Self::default();
        one.push(Some(piece.clone()));
        one
    }

    /// Adds a piece at its end.
    pub(super) fn push(&mut self, piece: Option<Piece<'t>>) {
        self.pieces.extend(piece.filter(|it| !it.text.is_empty()));
    }

    /// Adds another text at its end.
    pub(super) fn join(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
    }

    /// Returns whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Returns it, unless it is longer than any reference is.
    pub(super) fn bounded(self) -> Option<Self> {
        let length: usize = self.pieces.iter().map(|it| it.text.len()).sum();
        (length <= LONGEST && self.pieces.len() <= PIECES).then_some(self)
    }

    /// Returns the reference on the image that it names; `None` where it names none.
    pub(super) fn image(&self) -> Option<Draft<'t>> {
        let [first, rest @ ..] = self.pieces.as_slice() else {
            return None;
        };
        if rest.is_empty() {
            return Draft::image(first);
        }
        let text: String = self.pieces.iter().map(|it| it.text).collect();
        let image = Image::of(&Piece::bare(&text, 0))?;
        let range = |it: Piece<'_>| it.at..it.at + it.text.len();
        let (version, around) = version(&self.within(image.tag.map(range)?));
        let digest = image.digest.map(|it| self.within(range(it)));
        let is_mark = |it: &&Piece<'_>| it.text == "sha256:";
        let digest = digest.and_then(|it| it.iter().find(|it| !is_mark(it)).cloned());
        Some(Draft {
            version,
            digest,
            around,
            ..Draft::of(crate::Kind::Image, image.name.to_owned(), first.at)
        })
    }

    /// Returns the reference on the image that it names in a version; `None` for any other text.
    pub(super) fn whole_image(&self) -> Option<Draft<'t>> {
        let image = self.image()?;
        let is_one = image.name.contains('/') && !image.name.contains("://");
        let is_held = image.version.is_some() || image.digest.is_some();
        (is_one && is_held).then_some(image)
    }

    /// Returns the pieces that a part of the text stands in.
    fn within(&self, range: Range<usize>) -> Vec<Piece<'t>> {
        let mut at = 0;
        let within = self.pieces.iter().filter_map(|it| {
            let start = at;
            at += it.text.len();
            let from = range.start.clamp(start, at) - start;
            let to = range.end.clamp(start, at) - start;
            it.part(from..to).filter(|it| !it.text.is_empty())
        });
        within.collect()
    }
}

/// Returns the piece of a tag that says its version, else the first that is no `v`, and what stands
/// around it.
fn version<'t>(pieces: &[Piece<'t>]) -> (Option<Piece<'t>>, Around) {
    let trimmed = |it: &Piece<'_>| it.text.trim_end_matches(JOINTS).len();
    let is_version = |it: &Piece<'_>| {
        let text = it.text.get(..trimmed(it));
        pieces.len() > 1 && text.is_some_and(|it| says(it) == Says::Version)
    };
    let found = pieces.iter().position(is_version);
    let is_mark = pieces.len() > 1 && pieces.first().is_some_and(|it| it.text == "v");
    let nth = found.unwrap_or(usize::from(is_mark));
    let joined = |it: &[Piece<'_>]| it.iter().map(|it| it.text).collect::<String>();
    let Some((before, [one, behind @ ..])) = pieces.split_at_checked(nth) else {
        return (None, Around::default());
    };
    let end = if found.is_some() {
        trimmed(one)
    } else {
        one.text.len()
    };
    let rest = one.text.get(end..).unwrap_or_default();
    let around = [joined(before), format!("{rest}{}", joined(behind))];
    (one.part(0..end), around)
}

/// Returns a text with what the variables in it say: `$X`, `${X}`, `${X:-default}`, `${X-default}`. One
/// of which nothing is known stands for itself.
pub(super) fn shell<'t>(
    piece: &Piece<'t>,
    value: &dyn Fn(&str) -> Option<Expanded<'t>>,
) -> Expanded<'t> {
    let whole = || Expanded::of(piece);
    let text = piece.text;
    if text.len() > LONGEST {
        return whole();
    }
    let mut all = Expanded::default();
    let (mut from, mut at) = (0, 0);
    while let Some(start) = text.get(at..).and_then(|it| it.find('$')).map(|it| at + it) {
        let rest = text.get(start + 1..).unwrap_or_default();
        let Some(variable) = Variable::of(rest) else {
            at = start + if rest.starts_with('$') { 2 } else { 1 };
            continue;
        };
        at = start + 1 + variable.length;
        let said = value(variable.name).filter(|it| !it.is_empty());
        let default = || {
            let it = variable.default.clone()?;
            let it = piece.part(start + 1 + it.start..start + 1 + it.end)?;
            (!it.text.contains('$')).then(|| Expanded::of(&it))
        };
        if let Some(said) = said.or_else(default) {
            all.push(piece.part(from..start));
            all.join(said);
            from = at;
        }
    }
    all.push(piece.part(from..text.len()));
    all.bounded().unwrap_or_else(whole)
}

/// A variable as a text refers to it.
struct Variable<'t> {
    name: &'t str,
    /// What it is where nobody says otherwise, in bytes behind the `$`.
    default: Option<Range<usize>>,
    /// How long it is, without the `$`.
    length: usize,
}

impl<'t> Variable<'t> {
    /// Returns the variable that stands behind a `$`; `None` where none does, or what it becomes is
    /// not known.
    fn of(rest: &'t str) -> Option<Self> {
        let is_other = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        let name_of = |it: &'t str| it.get(..it.find(is_other).unwrap_or(it.len()));
        let Some(body) = rest.strip_prefix('{') else {
            let name = name_of(rest).filter(|it| !it.is_empty())?;
            return Some(Self {
                name,
                default: None,
                length: name.len(),
            });
        };
        let end = closing(body)?;
        let name = name_of(body).filter(|it| !it.is_empty())?;
        let said = body.get(name.len()..end)?;
        let default = said.strip_prefix(":-").or_else(|| said.strip_prefix('-'));
        let is_known =
            said.is_empty() || default.is_some() || said.trim_start_matches(':').starts_with('?');
        is_known.then(|| Self {
            name,
            default: default.map(|it| end + 1 - it.len()..end + 1),
            length: end + 2,
        })
    }
}

/// Returns where the brace stands that closes one before this text.
fn closing(body: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}
