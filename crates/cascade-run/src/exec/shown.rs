//! Text of children, made safe to show: no control characters, no credentials.

use crate::environment::Environment;

/// Returns the text with control, bidirectional and zero-width characters made visible, and with
/// credentials blotted out.
pub(crate) fn shown(text: &str, environment: &Environment) -> String {
    let mut clean = scrubbed(&visible(text));
    for secret in environment.secrets() {
        if clean.contains(secret) {
            clean = clean.replace(secret, "***");
        }
    }
    clean
}

/// Returns the last lines of a text, as many as a person reads.
pub(crate) fn tail(text: &str) -> String {
    const LINES: usize = 20;
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let skipped = lines.len().saturating_sub(LINES);
    let mut kept: Vec<&str> = lines.into_iter().skip(skipped).collect();
    if skipped > 0 {
        kept.insert(0, "...");
    }
    kept.join("\n")
}

fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => out.push('\n'),
            _ if is_hidden(c) => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    out
}

/// Returns whether a character shows nothing of itself on a terminal, or changes how others show:
/// controls, bidirectional marks, and characters without width.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn scrubbed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end = after
            .find(|c: char| {
                c == '/' || c.is_whitespace() || matches!(c, '\'' | '"' | '`' | '<' | '>')
            })
            .unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        // `ssh://git@host` names a user and no secret; `https://TOKEN@host` is one.
        match authority.rsplit_once('@') {
            Some((user, host)) if user.contains(':') || !before.ends_with("ssh") => {
                out.push_str("***@");
                out.push_str(host);
            }
            _ => out.push_str(authority),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_deceive_becomes_visible() {
        let text = "a\u{1b}[31mb\u{202e}c\u{200b}d\u{9b}e\r\nf\rg";
        let out = shown(text, &Environment::default());
        assert_eq!(out, "a\\u{1b}[31mb\\u{202e}c\\u{200b}d\\u{9b}e\nf\ng");
    }

    #[test]
    fn credentials_are_blotted_out() {
        let cases = [
            (
                "at https://u:tok@h.example/x.git: 403",
                "at https://***@h.example/x.git: 403",
            ),
            ("https://tok@h.example", "https://***@h.example"),
            ("https://u:p@ss@h.example/", "https://***@h.example/"),
            ("ssh://git@h.example/x", "ssh://git@h.example/x"),
            ("file:///x/a@b", "file:///x/a@b"),
        ];
        for (text, want) in cases {
            assert_eq!(shown(text, &Environment::default()), want);
        }
    }

    #[test]
    fn values_of_secret_variables_are_blotted_out() {
        let here = Environment::new([("FORGE_TOKEN".into(), "s3cr3ts3cr3t".into())]);
        assert_eq!(shown("got s3cr3ts3cr3t", &here), "got ***");
    }

    #[test]
    fn a_tail_keeps_the_end() {
        let lines: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        let text = lines.join("\n");
        let out = tail(&text);
        assert!(out.starts_with("...\n30\n") && out.ends_with("49"), "{out}");
    }
}
