//! The account that a service runs as.

/// How long a name may be: what Linux takes at a login.
const LONGEST: usize = 255;

/// Reads an account as systemd takes it: a portable name of POSIX, or a number.
///
/// # Errors
/// When it is neither, with what it should be.
pub(super) fn account(text: &str) -> Result<String, String> {
    if is_name(text) || is_number(text) {
        return Ok(text.to_owned());
    }
    Err(
        "it is the name of an account (letters, digits, `.`, `_` and `-`, such as `release`) or its \
         number; `getent passwd` lists those of this machine"
            .to_owned(),
    )
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let is_dots = matches!(text, "." | "..");
    let is_number = text.bytes().all(|it| it.is_ascii_digit());
    !is_number
        && !is_dots
        && text.len() <= LONGEST
        && !text.starts_with('-')
        && text.chars().all(plain)
}

/// Returns whether it is the number of an account: two of them mean that there is none.
fn is_number(text: &str) -> bool {
    let number = text.parse::<u32>().ok();
    // A sign or a zero before it is no number to systemd.
    let number = number.filter(|it| it.to_string() == text);
    number.is_some_and(|it| it != u32::MAX && it != u32::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_a_portable_name_or_a_number() {
        for fits in ["release", "_a", "first.last", "a-b_c1", "0", "1000", "1a"] {
            assert_eq!(account(fits).as_deref(), Ok(fits));
        }
        let long = "a".repeat(256);
        for odd in [
            "a b",
            "",
            "-a",
            ".",
            "..",
            "a:b",
            "a/b",
            "a%b",
            "a\nb",
            "\u{fc}",
            " a",
            "007",
            "+1",
            "65535",
            "4294967295",
            "4294967296",
            "a$",
            &long,
        ] {
            let told = account(odd).unwrap_err();
            assert!(told.contains("getent passwd"), "{odd}: {told}");
        }
    }
}
