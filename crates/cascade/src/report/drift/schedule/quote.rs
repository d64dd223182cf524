//! Text that somebody else wrote, quoted for the file that it lands in: it stays text there.

use std::fmt::Write as _;

use cascade_run::is_hidden;

/// Returns a text as a scalar of YAML between double quotes, on one line and with nothing hidden.
pub(super) fn yaml(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if !is_hidden(c) => out.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

/// Returns a text in which GitHub finds no expression to evaluate.
pub(super) fn inert(text: &str) -> String {
    text.replace("${{", "${{ '${{' }}")
}

/// Returns a text as one word of a shell.
pub(super) fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Returns a text as one word of a command line in a unit of systemd: no specifier, no variable.
pub(super) fn unit_word(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '%' => out.push_str("%%"),
            '$' => out.push_str("$$"),
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() || is_hidden(c) => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(out, "\\x{byte:02x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Returns a text as the value of a setting in a unit of systemd, where nothing is between quotes:
/// no specifier, on one line.
pub(super) fn unit_text(text: &str) -> String {
    let one_line: String = text
        .chars()
        .map(|c| if is_hidden(c) { '?' } else { c })
        .collect();
    // A backslash at the end would go on with the next line.
    one_line.replace('%', "%%").replace('\\', "/")
}

/// Returns the command line of these words in a line of a crontab, where `%` ends it.
pub(super) fn crontab(command: &str) -> String {
    command.replace('%', "\\%")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tricks_stay_text() {
        assert_eq!(
            yaml("a\"b\\\n\u{2028}\u{e0001}"),
            "\"a\\\"b\\\\\\n\\u2028\\udb40\\udc01\""
        );
        assert_eq!(inert("x ${{ y }}"), "x ${{ '${{' }} y }}");
        assert_eq!(shell("it's $(x)"), "'it'\\''s $(x)'");
        assert_eq!(shell("drift/a.json"), "drift/a.json");
        assert_eq!(shell(""), "''");
        assert_eq!(unit_word("%h $HOME \"\n"), "\"%%h $$HOME \\\"\\x0a\"");
        assert_eq!(unit_text("a %n\nExecStart=x \\"), "a %%n?ExecStart=x /");
        assert_eq!(crontab("a %"), "a \\%");
    }

    proptest! {
        #[test]
        fn a_scalar_is_the_text_on_one_line(text in any::<String>()) {
            let quoted = yaml(&text);
            prop_assert!(!quoted.chars().any(is_hidden), "{}", quoted);
            // Every one is a string of JSON too.
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
        }

        #[test]
        fn a_word_of_a_unit_holds_no_end_of_line(text in any::<String>()) {
            prop_assert!(!unit_word(&text).chars().any(is_hidden));
            prop_assert!(!unit_text(&text).chars().any(is_hidden));
        }

        #[test]
        fn no_expression_is_left(text in "[${} 'a]{0,30}") {
            let rest = inert(&text).replace("${{ '${{' }}", "");
            prop_assert!(!rest.contains("${{") || rest.len() < text.len());
        }
    }
}
