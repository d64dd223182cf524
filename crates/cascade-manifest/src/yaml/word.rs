//! What YAML takes a scalar without quotes for.

/// The type that a plain scalar has to the readers in use, 1.1 and 1.2 together: what one of them
/// takes for a number is a number here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// Nothing.
    Null,
    /// True or false.
    Bool,
    /// A whole number or one with a fraction.
    Number,
    /// A day or a moment.
    Date,
    /// A string.
    Text,
}

/// Characters that no plain scalar may begin with, whatever follows.
const INDICATORS: &str = ",[]{}#&*!|>'\"%@`";

/// Characters that begin a plain scalar only where no space follows.
const BEFORE_SPACE: &str = "-?:";

impl Word {
    /// Returns what the text is taken for.
    pub(crate) fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "" | "~" | "null" => Self::Null,
            "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" => Self::Bool,
            _ if is_date(text) => Self::Date,
            _ if is_number(&lower) => Self::Number,
            _ => Self::Text,
        }
    }
}

/// Returns whether the text, without quotes, is one scalar in any place.
pub(crate) fn is_plain(text: &str) -> bool {
    let starts = text.starts_with(|c: char| INDICATORS.contains(c) || c.is_whitespace());
    let mut chars = text.chars();
    let alone = chars.next().is_some_and(|it| BEFORE_SPACE.contains(it))
        && chars.next().is_none_or(char::is_whitespace);
    let inside = [": ", " #"].into_iter().any(|it| text.contains(it));
    let odd = |c: char| c.is_control() || ",[]{}".contains(c);
    let ends = text.ends_with(|c: char| c == ':' || c.is_whitespace());
    let marks = text.starts_with("---") || text.starts_with("...");
    !(text.is_empty() || starts || alone || inside || ends || marks || text.contains(odd))
}

/// `12`, `-1.5e3`, `.inf`, `0x1f`, `0o7`, `1_000`, `1:30`.
fn is_number(lower: &str) -> bool {
    let body = lower.strip_prefix(['-', '+']).unwrap_or(lower);
    if matches!(body, ".inf" | ".nan") {
        return true;
    }
    let digits =
        |it: &str, radix: u32| !it.is_empty() && it.chars().all(|c| c == '_' || c.is_digit(radix));
    let radixes = [("0x", 16), ("0o", 8), ("0b", 2)];
    let based = radixes
        .into_iter()
        .find_map(|(prefix, radix)| Some((body.strip_prefix(prefix)?, radix)));
    if let Some((rest, radix)) = based {
        return digits(rest, radix);
    }
    let (mantissa, exponent) = body.split_once('e').unwrap_or((body, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digit = mantissa.contains(|c: char| c.is_ascii_digit());
    let part = |it: &str| it.is_empty() || digits(it, 10);
    let sixty = |it: &str| it.split(':').all(|it| digits(it, 10));
    has_digit && digits(exponent, 10) && (part(whole) || sixty(whole)) && part(fraction)
}

/// `2001-12-14`, alone or before a time.
fn is_date(text: &str) -> bool {
    let (day, rest) = text
        .split_once(['t', 'T', ' '])
        .map_or((text, ""), |(day, rest)| (day, rest));
    let mut parts = day.split('-');
    let digits = |it: Option<&str>, most: usize| {
        it.is_some_and(|it| {
            (1..=most).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_digit())
        })
    };
    let whole = digits(parts.next().filter(|it| it.len() == 4), 4)
        && digits(parts.next(), 2)
        && digits(parts.next(), 2);
    whole && parts.next().is_none() && (rest.is_empty() || rest.contains(':'))
}
