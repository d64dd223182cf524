//! References while they are gathered.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::spelling::{is_commit, is_short};
use super::stay::{is_digest, is_tag};
use super::{
    Around, Held, Hold, Host, Image, Piece, Reference, Says, Sharing, address, says, variant,
};
use crate::Kind;
use crate::json::Lines;
use crate::yaml::{Literal, Node, Yaml};

/// The longest name that is one.
const NAME: usize = 512;
/// The longest version that is one.
const VERSION: usize = 256;
/// How far behind a commit its comment may begin and end: one line may hold many.
const COMMENT: usize = 512;
/// The most of the keys above a place that is told.
const SECTION: usize = 200;

/// How many aliases stand for a value, by where it begins.
pub(super) type References = BTreeMap<usize, usize>;

/// What was found so far, and where the reading stands.
pub(super) struct Found<'t> {
    text: &'t str,
    section: String,
    rows: Vec<(usize, Reference)>,
    /// The literal blocks that were read, by where they begin; none within one.
    blocks: Option<BTreeSet<usize>>,
    /// How many aliases stand for a value within them, by where it begins.
    aliases: References,
}

/// A reference before it is judged.
pub(super) struct Draft<'a> {
    pub(super) kind: Kind,
    pub(super) name: Cow<'a, str>,
    pub(super) origin: Option<Cow<'a, str>>,
    pub(super) folder: Option<&'a str>,
    pub(super) version: Option<Piece<'a>>,
    pub(super) digest: Option<Piece<'a>>,
    /// Whether another digest says of it what the first says.
    pub(super) is_held_twice: bool,
    /// The commit, where it stands apart from the version.
    pub(super) commit: Option<Piece<'a>>,
    /// Where it stands, if it has no version.
    pub(super) at: usize,
    /// What stands around the version elsewhere.
    pub(super) around: Around,
    /// Whether Helm reads the version: to it the first numbers of one are a range.
    pub(super) by_helm: bool,
}

impl<'a> Draft<'a> {
    /// Returns one of a kind and name that stands at a byte.
    pub(super) fn of(kind: Kind, name: impl Into<Cow<'a, str>>, at: usize) -> Self {
        Self {
            kind,
            name: name.into(),
            origin: None,
            folder: None,
            version: None,
            digest: None,
            is_held_twice: false,
            commit: None,
            at,
            around: Around::default(),
            by_helm: false,
        }
    }

    /// Returns one on the image that a text refers to; `None` where it refers to none.
    pub(super) fn image(piece: &Piece<'a>) -> Option<Self> {
        let image = Image::of(piece)?;
        Some(Self {
            version: image.tag,
            digest: image.digest,
            ..Self::of(Kind::Image, image.name, piece.at)
        })
    }

    /// Holds it by the first of these digests, unless one holds it already.
    pub(super) fn hold(&mut self, digests: impl IntoIterator<Item = Piece<'a>>) {
        for it in digests {
            self.is_held_twice |= self.digest.is_some() && is_digest(it.text);
            self.digest.get_or_insert(it);
        }
    }

    /// Returns one on a chart: of a name with folders before it, they are those of where it is taken
    /// from.
    pub(super) fn chart(name: &Piece<'a>, origin: Option<&'a str>) -> Self {
        let (folder, last) = match name.text.rsplit_once('/') {
            Some((folder, last)) if !last.is_empty() => (Some(folder), last),
            _ => (None, name.text),
        };
        let origin = match (origin, folder) {
            (Some(origin), Some(folder)) => {
                Some(format!("{}/{folder}", origin.trim_end_matches('/')).into())
            }
            (origin, folder) => folder.or(origin).map(Cow::Borrowed),
        };
        Self {
            origin,
            ..Self::of(Kind::Chart, last, name.at)
        }
    }

    /// Returns one on what stands in a repository of git.
    pub(super) fn git(kind: Kind, url: &Piece<'a>, wanted: Option<Piece<'a>>) -> Self {
        Self {
            version: wanted,
            ..Self::of(kind, address(url.text), url.at)
        }
    }
}

impl<'t> Found<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            text,
            section: String::new(),
            rows: Vec::new(),
            blocks: Some(BTreeSet::new()),
            aliases: References::new(),
        }
    }

    /// Adds what is found in a literal block that holds YAML. What is no YAML holds nothing, and so
    /// does a block within a block.
    pub(super) fn inside(&mut self, node: Node<'_>, read: fn(Node<'_>, &mut Found<'_>)) {
        let node = node.followed();
        let (Some(block), Some(blocks)) = (node.literal(), &mut self.blocks) else {
            return;
        };
        if !blocks.insert(node.span().start) {
            return;
        }
        let Ok(yaml) = Yaml::parse(block.value) else {
            return;
        };
        let mut inner = Found::of(block.value);
        inner.section.clone_from(&self.section);
        inner.blocks = None;
        yaml.documents().for_each(|it| read(it, &mut inner));
        for (at, mut it) in inner.rows {
            it.put(&block);
            if node.is_anchored() {
                it.shared = Sharing::Other;
            }
            self.rows.push((block.place(at), it));
        }
        let aliases = yaml.aliased().into_iter();
        self.aliases
            .extend(aliases.map(|(at, count)| (block.place(at), count)));
    }

    /// Does something at a place below a key, and comes back.
    pub(super) fn below(&mut self, key: &str, read: impl FnOnce(&mut Self)) {
        let length = self.section.len();
        if length + key.len() < SECTION {
            let dot = if length == 0 { "" } else { "." };
            self.section.push_str(dot);
            self.section.push_str(key);
        }
        read(self);
        self.section.truncate(length);
    }

    /// Returns where the versions begin that were found.
    pub(super) fn versions(&self) -> BTreeSet<usize> {
        let spans = self.rows.iter().filter_map(|it| it.1.span.as_ref());
        spans.map(|it| it.start).collect()
    }

    /// Adds the image that a node refers to as a whole.
    pub(super) fn image(&mut self, node: Node<'_>) {
        if let Some(draft) = Piece::of(node).as_ref().and_then(Draft::image) {
            self.add(draft);
        }
    }

    /// Adds a reference; none that is longer than any is.
    pub(super) fn add(&mut self, draft: Draft<'_>) {
        let fits = |it: &Option<Piece<'_>>| it.as_ref().is_none_or(|it| it.text.len() <= VERSION);
        let is_one = draft.name.len() <= NAME
            && fits(&draft.version)
            && fits(&draft.digest)
            && fits(&draft.commit);
        let origin = draft.origin.filter(|it| it.len() <= NAME);
        let folder = draft.folder.filter(|it| it.len() <= NAME);
        if !is_one {
            return;
        }
        let (version, held) = self.held(draft.version, [draft.digest, draft.commit]);
        let text = version.as_ref().map_or("", |it| it.text);
        let is_template = draft.name.contains(['$', '{']);
        let said = match says(text) {
            _ if is_template => Says::Nothing,
            Says::Version | Says::Variant if !is_around(text, &draft.around) => Says::Other,
            Says::Version if draft.by_helm && is_short(text) => Says::Range,
            said => said,
        };
        let reference = Reference {
            kind: draft.kind,
            name: draft.name.into_owned(),
            origin: origin.map(Cow::into_owned),
            folder: folder.map(|it| it.trim_end_matches('/').to_owned()),
            says: said,
            version: text.to_owned(),
            span: version.as_ref().and_then(Piece::span),
            held,
            line: 0,
            section: self.section.clone(),
            around: draft.around,
            shared: Sharing::Alone,
            held_twice: draft.is_held_twice,
            host: version.as_ref().map_or(Host::Bare, |it| it.host.clone()),
        };
        let at = version.map_or(draft.at, |it| it.at);
        self.rows.push((at, reference));
    }

    /// Returns the version and what holds it: of a commit or of a digest alone, the version may be
    /// told behind it.
    fn held<'a>(
        &self,
        version: Option<Piece<'a>>,
        holds: [Option<Piece<'a>>; 2],
    ) -> (Option<Piece<'a>>, Option<Held>)
    where
        't: 'a,
    {
        let hold = |by, it: &Piece<'_>, commented| Held {
            by,
            text: it.text.to_owned(),
            span: it.span(),
            commented,
            host: it.host.clone(),
        };
        let holds = holds.map(|it| it.filter(|it| !it.text.is_empty()));
        let (version, by, holds) = match (version, holds) {
            (version, [Some(digest), _]) => (version, Hold::Digest, digest),
            (version, [None, Some(commit)]) => (version, Hold::Commit, commit),
            (Some(commit), _) if is_commit(commit.text) => (None, Hold::Commit, commit),
            (version, _) => return (version, None),
        };
        if version.as_ref().is_some_and(|it| !it.text.is_empty()) {
            return (version, Some(hold(by, &holds, false)));
        }
        let told = comment(self.text, holds.at + holds.text.len(), by);
        let is_told = told.is_some();
        (told.or(version), Some(hold(by, &holds, is_told)))
    }

    /// Returns what was found, in the order of the text. Where several things stand on the same
    /// bytes, or an alias stands for them elsewhere, they are marked as shared. One thing that several
    /// places take from the same bytes is told once, where they stand.
    pub(super) fn finish(self, aliases: &References, lines: &Lines) -> Vec<Reference> {
        let mut rows = self.rows;
        let mut aliases = aliases.clone();
        aliases.extend(self.aliases);
        rows.sort_by_key(|it| it.0);
        let on = Uses::of(&rows);
        let mut seen = BTreeSet::new();
        let mut is_first = |it: &Reference| {
            let thing = thing(it);
            let has_bytes = thing.2.iter().any(Option::is_some);
            !has_bytes || seen.insert((thing.0, it.name.clone(), thing.2, it.around.clone()))
        };
        rows.retain(|it| is_first(&it.1));
        rows.dedup();
        let finished = rows.into_iter().map(|(at, mut it)| {
            it.line = lines.line(at);
            it.shared = it.shared.max(on.sharing(&it, &aliases));
            it
        });
        finished.collect()
    }
}

impl Reference {
    /// Puts what was read of a literal block where it stands in the text.
    fn put(&mut self, block: &Literal<'_>) {
        let put = |it: &mut Range<usize>| {
            let start = block.place(it.start);
            *it = start..start + it.len();
        };
        let hosts = [
            Some(&mut self.host),
            self.held.as_mut().map(|it| &mut it.host),
        ];
        for host in hosts.into_iter().flatten() {
            if let Host::Scalar { content, at, .. } = host {
                put(content);
                *at = block.place(*at);
            }
        }
        let held = self.held.as_mut().and_then(|it| it.span.as_mut());
        self.span.as_mut().into_iter().chain(held).for_each(put);
    }
}

/// Returns the version in a comment on the rest of a line: its first word, or one of the next two that
/// can be nothing else (`issue 12` is none); of a commit, else a tag that ends in one. Where more than an
/// end of something stands before the comment, it may be no comment, and its bytes are not to be edited.
fn comment(text: &str, from: usize, by: Hold) -> Option<Piece<'_>> {
    let end = text.floor_char_boundary(from.saturating_add(COMMENT));
    let line = text.get(from..end)?.lines().next()?;
    let marks = ["#", "//"].map(|it| line.split_once(it));
    let first = marks.into_iter().flatten().min_by_key(|it| it.0.len());
    let (before, told) = first?;
    let before = before.strip_prefix(['\'', '"']).unwrap_or(before);
    let is_sure = !before.contains(|c: char| !c.is_whitespace() && !"]}),".contains(c));
    let at = from + line.len() - told.len();
    let words = told.split([' ', '\t', '=', '@', ':', ',']);
    let mut starts = at;
    let words = words.map(|it| {
        let start = starts;
        starts += it.len() + 1;
        Piece::bare(it, start)
    });
    let is_number = |it: &str| it.bytes().all(|b| b.is_ascii_digit());
    let words = words.filter(|it| !it.text.is_empty() && it.text.len() <= VERSION);
    let words: Vec<Piece<'_>> = words.take(3).collect();
    let is_version = |(nth, it): &(usize, &Piece<'_>)| {
        says(it.text) == Says::Version && (*nth == 0 || !is_number(it.text))
    };
    let found = words.iter().enumerate().find(is_version);
    let tag = || {
        let first = words.first().filter(|_| is_sure && by == Hold::Commit);
        first.filter(|it| ends_in_version(it.text))
    };
    let version = found.map(|it| it.1).or_else(tag)?.clone();
    let host = if is_sure { Host::Bare } else { Host::Spread };
    Some(Piece { host, ..version })
}

/// Returns whether a text can be a tag of git with words before its version: `net-v1.4.2`, `net/v1.4.2`.
fn ends_in_version(text: &str) -> bool {
    let tails = text.rsplit_once(['-', '/']).into_iter();
    let is_whole = |(_, tail): (&str, &str)| tail.contains('.') && says(tail) == Says::Version;
    is_tag(text) && says(text) == Says::Nothing && tails.into_iter().any(is_whole)
}

/// Returns whether a version is one of its tag with what stands around it there: a `v` before it, and the
/// name of a variant behind it.
fn is_around(text: &str, [before, behind]: &Around) -> bool {
    let whole = format!("{before}{text}{behind}");
    let is_before = matches!(before.as_str(), "" | "v" | "V");
    let is_variant =
        || says(text) == Says::Version && variant(&whole).is_some_and(|it| it.1 == behind);
    is_before && (behind.is_empty() && says(&whole) == says(text) || is_variant())
}

/// One thing, and the first bytes that it stands on: of its version, and of what holds it.
type Thing<'r> = (Kind, &'r str, [Option<usize>; 2]);

fn thing(it: &Reference) -> Thing<'_> {
    let starts = spans(it).map(|it| Some(it?.start));
    (it.kind, &it.name, starts)
}

/// How often bytes are referred to, and by how many things.
#[derive(Default)]
struct Uses {
    /// By the first byte of a version or hold: how those that stand there share it.
    spans: BTreeMap<usize, Sharing>,
    /// By where the scalar begins.
    scalars: BTreeMap<usize, usize>,
}

impl Uses {
    fn of(rows: &[(usize, Reference)]) -> Self {
        let mut uses = Self::default();
        let mut first = BTreeMap::new();
        for (_, it) in rows {
            let named = thing(it);
            for span in spans(it).into_iter().flatten() {
                let one = *first.entry(span.start).or_insert((it, named, span.end));
                let sharing = uses.spans.entry(span.start).or_insert(Sharing::Alone);
                *sharing = (*sharing).max(of_two(one, (it, named, span.end)));
            }
            let hosts: BTreeSet<_> = places(it).iter().flatten().filter_map(scalar).collect();
            for at in hosts {
                *uses.scalars.entry(at).or_default() += 1;
            }
        }
        uses
    }

    fn sharing(&self, it: &Reference, aliases: &References) -> Sharing {
        let of = |place: &Place<'_>| {
            let start = place.0.as_ref().map(|it| it.start);
            let read = start.and_then(|it| self.spans.get(&it).copied());
            let at = scalar(place);
            let places = at.and_then(|it| aliases.get(&it)).map_or(0, |it| it + 1);
            let known = at
                .and_then(|it| self.scalars.get(&it).copied())
                .unwrap_or_default();
            if places > 0 && places != known {
                Sharing::Other
            } else {
                read.unwrap_or(Sharing::Alone)
            }
        };
        let all = places(it);
        all.iter().flatten().map(of).max().unwrap_or(Sharing::Alone)
    }
}

/// A reference that stands on some bytes, as a thing, and where they end.
type Use<'r> = (&'r Reference, Thing<'r>, usize);

/// Returns how two references share the bytes that both begin with. A digest is that of one image in one
/// tag, so what it holds shares nothing.
fn of_two((one, a, end): Use<'_>, (two, b, other): Use<'_>) -> Sharing {
    let is_held = one.held.is_some() || two.held.is_some();
    let is_one = a == b && (one.around == two.around || !is_held);
    if is_one && end == other {
        Sharing::Alone
    } else if is_held || end != other {
        Sharing::Other
    } else {
        Sharing::Read
    }
}

/// Returns the bytes of a reference: of its version, and of what holds it.
fn spans(it: &Reference) -> [Option<Range<usize>>; 2] {
    places(it).map(|it| it?.0)
}

/// Where a version or a hold stands, and how it is written.
type Place<'r> = (Option<Range<usize>>, &'r Host);

/// Returns where a reference stands: its version, and what holds it.
fn places(it: &Reference) -> [Option<Place<'_>>; 2] {
    let held = it.held.as_ref();
    [
        Some((it.span.clone(), &it.host)),
        held.map(|it| (it.span.clone(), &it.host)),
    ]
}

/// Returns where the scalar begins that a place is in.
fn scalar(place: &Place<'_>) -> Option<usize> {
    match place.1 {
        Host::Scalar { at, .. } => Some(*at),
        Host::Bare | Host::Spread => None,
    }
}
