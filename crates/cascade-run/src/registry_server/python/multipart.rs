//! Forms with files, as they are uploaded.

use memchr::memmem;

/// A form: its fields, some of which are files.
#[derive(Debug)]
pub(super) struct Form<'b> {
    fields: Vec<Field<'b>>,
}

#[derive(Debug)]
struct Field<'b> {
    name: String,
    file: Option<String>,
    content: &'b [u8],
}

/// How many fields a form may have.
const FIELDS: usize = 1000;

impl<'b> Form<'b> {
    /// Reads a form; `None` where it is none.
    pub(super) fn parse(kind: &str, body: &'b [u8]) -> Option<Self> {
        let fence = format!("--{}", boundary(kind)?);
        let mut rest = after(body, &fence)?;
        let between = format!("\r\n{fence}");
        let finder = memmem::Finder::new(&between);
        let mut fields = Vec::new();
        while let Some(part) = rest.strip_prefix(b"\r\n") {
            let end = finder.find(part)?;
            fields.push(Field::parse(part.get(..end)?)?);
            rest = part.get(end + between.len()..)?;
            if fields.len() > FIELDS {
                return None;
            }
        }
        rest.starts_with(b"--").then_some(Self { fields })
    }

    /// Returns the text of a field; `None` where it has none, or is a file.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|it| it.name == name)?;
        let text = std::str::from_utf8(field.content).ok();
        text.filter(|_| field.file.is_none())
    }

    /// Returns a file's own name and its bytes.
    pub(super) fn file(&self, name: &str) -> Option<(&str, &'b [u8])> {
        let mut ours = self.fields.iter().filter(|it| it.name == name);
        ours.find_map(|it| Some((it.file.as_deref()?, it.content)))
    }
}

impl<'b> Field<'b> {
    fn parse(part: &'b [u8]) -> Option<Self> {
        // A field without headers has no name, so there is a line before the empty one.
        let end = memmem::find(part, b"\r\n\r\n")?;
        let head = std::str::from_utf8(part.get(..end)?).ok()?;
        let disposition = head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let ours = name.eq_ignore_ascii_case("content-disposition");
            ours.then_some(value)
        })?;
        Some(Self {
            name: parameter(disposition, "name")?,
            file: parameter(disposition, "filename"),
            content: part.get(end + 4..)?,
        })
    }
}

fn boundary(kind: &str) -> Option<String> {
    let (media, _) = kind.split_once(';')?;
    let ours = media.trim().eq_ignore_ascii_case("multipart/form-data");
    parameter(kind, "boundary").filter(|it| ours && !it.is_empty() && it.len() <= 200)
}

/// Returns a parameter of a header's value, without its quotes.
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, next)) = rest.split_once(';') {
        rest = next.trim_start();
        let (key, said) = rest.split_once('=')?;
        let (text, left) = match said.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => said.split_at(said.find(';').unwrap_or(said.len())),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(text.trim().to_owned());
        }
        rest = left;
    }
    None
}

fn after<'b>(body: &'b [u8], fence: &str) -> Option<&'b [u8]> {
    let at = memmem::find(body, fence.as_bytes())?;
    let alone = at == 0 || body.get(..at)?.ends_with(b"\r\n");
    alone.then(|| body.get(at + fence.len()..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=\"xyz\"";

    #[test]
    fn a_form_says_its_fields_and_its_file() {
        let body = b"--xyz\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n1.0\r\n\
            --xyz\r\ncontent-disposition: form-data; name=\"content\"; filename=\"a;b.whl\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n\x00\r\n--xy\r\n\r\n--xyz--\r\n";
        let form = Form::parse(KIND, body).unwrap();
        assert_eq!(form.text("version"), Some("1.0"));
        assert_eq!(form.text("content"), None);
        let file: (&str, &[u8]) = ("a;b.whl", b"\x00\r\n--xy\r\n");
        assert_eq!(form.file("content"), Some(file));
        assert_eq!(form.file("version"), None);
    }

    #[test]
    fn what_is_no_form_is_none() {
        let whole: &[u8] = b"--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--xyz--";
        assert!(Form::parse(KIND, whole).is_some());
        for length in 0..whole.len() {
            assert!(Form::parse(KIND, &whole[..length]).is_none(), "{length}");
        }
        assert!(Form::parse("application/json; boundary=xyz", whole).is_none());
        assert!(Form::parse("multipart/form-data", whole).is_none());
    }
}
